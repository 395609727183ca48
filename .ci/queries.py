"""Checks the shipped SQL: Athena's dialect by two parsers, and Spark's as its translation.

`queries.py --write` makes queries/spark/ anew from queries/athena/.
"""

import subprocess
import sys
from pathlib import Path

import sqlglot
from sqlglot import exp

ATHENA = Path("queries/athena")
SPARK = Path("queries/spark")
# What each engine reads its logs with is its own affair.
OWN = {"cloudtrail.sql", "tables.sql", "logs.sql", "listing.sql", "check.sql"}


def parse(text, dialect):
    """Parses SQL, and refuses what sqlglot passes over unread."""
    statements = sqlglot.parse(text, read=dialect, error_level=sqlglot.ErrorLevel.RAISE)
    for statement in statements:
        assert statement is not None and not isinstance(statement, exp.Command), f"not understood: {text[:80]}"
    return statements


def heading(text):
    return [line for line in text.splitlines() if line.startswith("--")]


def plain_md5(node):
    """Spark's md5 takes text and gives lower-case digits; the literal translation goes to bytes and back twice."""
    if isinstance(node, (exp.Lower, exp.LowerHex)) and (digest := node.find(exp.MD5, exp.MD5Digest)):
        return exp.MD5(this=digest.this.this)
    return node


def to_spark(text):
    (statement,) = parse(text, "athena")
    query = statement.expression if isinstance(statement, (exp.Insert, exp.Create)) else statement
    query = query.copy()
    for table in query.find_all(exp.Table):
        table.set("db", None)
    for node in query.walk():
        node.comments = None
    query = query.transform(plain_md5)
    sql = query.sql(dialect="spark", pretty=True, max_text_width=100, unsupported_level=sqlglot.ErrorLevel.RAISE)
    lines = [*heading(text), "-- Translated from queries/athena by .ci/queries.py: change it there.", sql.replace("CHR(  1)", "CHR(1)")]
    return "\n".join(lines) + "\n"


def columns_agree():
    """INSERT goes by position: what a query gives must be what its table declares, in order."""
    for table in parse((ATHENA / "tables.sql").read_text(), "athena"):
        name = table.find(exp.Table).name
        declared = [column.name for column in table.this.find_all(exp.ColumnDef)]
        partitions = table.find(exp.PartitionedByProperty)
        declared += [column.name for column in partitions.find_all(exp.ColumnDef) if column.name not in declared] if partitions else []
        (insert,) = parse((ATHENA / f"{name}.sql").read_text(), "athena")
        given = insert.expression.named_selects
        assert given == declared, f"{name}: the query gives {given}, the table has {declared}"


def main():
    names = sorted(path.name for path in ATHENA.glob("*.sql"))
    for name in names:
        text = (ATHENA / name).read_text()
        assert heading(text), f"{name}: no heading"
        parse(text, "athena")
        if name in OWN:
            continue
        made, target = to_spark(text), SPARK / name
        parse(made, "spark")
        if "--write" in sys.argv:
            target.write_text(made)
        assert target.read_text() == made, f"queries/spark/{name} is not what queries/athena/{name} translates to: run .ci/queries.py --write"
    parse((SPARK / "logs.sql").read_text(), "spark")
    extra = {path.name for path in SPARK.glob("*.sql")} - set(names)
    assert extra <= {"logs.sql"}, f"no source: {extra}"
    # A second parser, written apart from the first.
    subprocess.run(
        [sys.executable, "-m", "sqlfluff", "parse", "--dialect", "athena", "--templater", "raw", "--format", "none", str(ATHENA)],
        check=True,
    )
    columns_agree()
    print(f"{len(names)} files in Athena's dialect are understood by two parsers, and Spark's are their translation")


main()
