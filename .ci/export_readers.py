"""Reads exports of the sample logs as other people's tools do: DuckDB, pandas, pyarrow.

Checks types, row counts, joins and numbers against the JSON report, in Parquet, partitioned Parquet and CSV; and runs
every shipped query in DuckDB, unchanged, against what `rolechain query` answers.
"""

import datetime
import json
import pathlib
import re
import subprocess
import sys
import tempfile

import duckdb
import pandas
import pyarrow
import pyarrow.dataset
import pyarrow.parquet

BINARY = pathlib.Path(sys.argv[1]).resolve()
ROOT = pathlib.Path(__file__).resolve().parent.parent
LOGS = "sample-logs"
ARROW = {
    "text": {pyarrow.string(), pyarrow.large_string()},
    "integer": {pyarrow.int64()},
    "timestamp": {pyarrow.timestamp("us", tz="UTC")},
    "boolean": {pyarrow.bool_()},
}
DUCKDB = {"text": "VARCHAR", "integer": "BIGINT", "timestamp": "TIMESTAMP WITH TIME ZONE", "boolean": "BOOLEAN"}
failures = []


def check(is_right, what):
    if not is_right:
        failures.append(what)
        print(f"WRONG: {what}")


def rolechain(*args):
    done = subprocess.run([BINARY, *args], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"rolechain {' '.join(map(str, args))}: {done.stderr}")
    return done.stdout


def declared():
    """The tables and their types, as docs/schema.md says them."""
    tables = {}
    for section in (ROOT / "docs/schema.md").read_text().split("\n## ")[1:]:
        name = section.split("\n")[0]
        tables[name] = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", section, re.M))
    return tables


def connect():
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


def plain(value):
    """A value as the program writes it in JSON; numbers of all kinds are alike."""
    if isinstance(value, datetime.datetime):
        return value.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    return round(float(value), 6)


def rows_of(cursor):
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, map(plain, row))) for row in cursor.fetchall()]


def in_order(rows):
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def check_parquet(folder, tables, expected):
    connection = connect()
    for name, columns in tables.items():
        path = folder / f"{name}.parquet"
        arrow = pyarrow.parquet.read_table(path)
        check(arrow.num_rows == expected[name], f"{name}: pyarrow reads {arrow.num_rows} rows, {expected[name]} written")
        for field in arrow.schema:
            check(field.type in ARROW[columns.get(field.name, "text")], f"{name}.{field.name} is {field.type}")
        check(arrow.schema.names == list(columns), f"{name}: columns are not those of docs/schema.md")
        metadata = pyarrow.parquet.ParquetFile(path).metadata
        for group in range(metadata.num_row_groups):
            for at in range(metadata.num_columns):
                column = metadata.row_group(group).column(at)
                check(column.compression == "ZSTD", f"{name}: {column.path_in_schema} is {column.compression}")
                statistics = column.statistics
                is_full = statistics is not None and statistics.has_null_count
                is_full = is_full and (statistics.has_min_max or statistics.null_count == column.num_values)
                check(is_full, f"{name}: {column.path_in_schema} has no full statistics")
        frame = pandas.read_parquet(path)
        check(len(frame) == expected[name], f"{name}: pandas reads {len(frame)} rows")
        for column, kind in columns.items():
            if kind == "timestamp":
                check(str(frame[column].dtype).startswith("datetime64[us, UTC"), f"{name}.{column} is {frame[column].dtype}")
        connection.execute(f"create view {name} as select * from read_parquet('{path}')")
        described = {row[0]: row[1] for row in connection.execute(f"describe {name}").fetchall()}
        for column, kind in columns.items():
            check(described.get(column) == DUCKDB[kind], f"{name}.{column} is {described.get(column)} in DuckDB")
        count = connection.execute(f"select count(*) from {name}").fetchone()[0]
        check(count == expected[name], f"{name}: DuckDB counts {count} rows")
    return connection


def check_joins(connection, report):
    """What the report says in nested form, the tables say by joins."""

    def one(sql):
        return connection.execute(sql).fetchone()

    for chain in report["chains"]:
        found = one(f"""
            select count(*), sum(case when s.session_id is null then 1 else 0 end), max(c.calls), max(c.writes),
                   string_agg(h.role_arn, '>' order by h.hop_number)
            from chains c join hops h on c.chain_id = h.chain_id left join sessions s on h.session_id = s.session_id
            where c.chain_id = '{chain["id"]}'""")
        roles = ">".join(hop["role_arn"] for hop in chain["hops"] if hop["role_arn"]) or None
        wanted = (len(chain["hops"]), 0, chain["activity"]["calls"], chain["activity"]["writes"], roles)
        check(found == wanted, f"chain {chain['id']}: {found} instead of {wanted}")
        calls = one(f"""
            select coalesce(sum(a.calls), 0), coalesce(sum(case when a.is_write then a.calls else 0 end), 0)
            from chains c join activity a on c.last_session_id = a.session_id where c.chain_id = '{chain["id"]}'""")
        check(calls == (wanted[2], wanted[3]), f"chain {chain['id']}: its activity adds up to {calls}")
    for finding in report["findings"]:
        name = finding["fingerprint"]
        found = one(f"""
            select f.rule, f.severity, f.occurrences,
                   (select count(*) from evidence e where e.fingerprint = f.fingerprint),
                   (select count(*) from finding_chains x where x.fingerprint = f.fingerprint)
            from findings f where f.fingerprint = '{name}'""")
        wanted = (finding["rule"], finding["severity"], finding["count"], len(finding["evidence"]), len(finding["chain_ids"]))
        check(found == wanted, f"finding {name}: {found} instead of {wanted}")
    for route in report["routes"]:
        found = one(f"""
            select r.chains, r.writes, count(*), sum(c.writes)
            from routes r join chains c on r.route_id = c.route_id where r.route_id = '{route["id"]}' group by all""")
        if route["chains"] == 0:
            # A key that was used directly: no chain takes its route, and its row is all there is.
            check(found is None, f"route {route['id']}: {found} instead of no chain")
            key = one(f"select r.chains, r.writes, k.writes from routes r join long_term_keys k on r.origin_access_key_id = "
                      f"k.access_key_id where r.route_id = '{route['id']}'")
            check(key is not None and key[0] == 0 and key[1] == route["writes"] <= key[2], f"route {route['id']}: {key}")
            continue
        wanted = (route["chains"], route["writes"], route["chains"], route["writes"])
        check(found == wanted, f"route {route['id']}: {found} instead of {wanted}")
    for key in report["long_term_keys"]:
        found = one(f"""
            select k.writes, coalesce(sum(a.calls), 0) from long_term_keys k
            left join activity a on k.access_key_id = a.access_key_id and a.session_id is null and a.is_write
            where k.access_key_id = '{key["access_key_id"]}' group by all""")
        check(found == (key["writes"], key["writes"]), f"key {key['access_key_id']}: {found}")
    for account in report["coverage"]["accounts"]:
        found = one(f"select sum(records), count(distinct region) from coverage where account_id = '{account['account_id']}'")
        if account["account_id"]:
            check(found == (account["records"], len(account["regions"])), f"account {account['account_id']}: {found}")


def check_queries(connection, export):
    for path in sorted((ROOT / "queries").glob("*.sql")):
        ours = json.loads(rolechain("query", path.stem, export, "--format", "json"))
        ours = [{name: plain(value) for name, value in row.items()} for row in ours]
        theirs = rows_of(connection.execute(path.read_text()))
        check(in_order(ours) == in_order(theirs), f"{path.name}: DuckDB answers otherwise\n  {ours[:2]}\n  {theirs[:2]}")
        check(list(ours[0]) == list(theirs[0]) if ours and theirs else True, f"{path.name}: other columns")


def check_partitioned(folder, tables, expected, connection):
    for name, columns in tables.items():
        listed = ", ".join(f'"{column}"' for column in columns)
        hive = f"read_parquet('{folder}/{name}/*/*.parquet', hive_partitioning = true)"
        count = connection.execute(f"select count(*) from {hive}").fetchone()[0]
        check(count == expected[name], f"{name}: {count} rows in partitions, {expected[name]} written")
        differing = connection.execute(
            f"select count(*) from ((select {listed} from {hive}) except all (select {listed} from {name}))").fetchone()[0]
        check(differing == 0, f"{name}: {differing} rows differ in partitions")
        accounts = [column for column in columns if column.endswith("account_id")]
        for column in accounts:
            kind = connection.execute(f"select typeof(max({column})) from {hive}").fetchone()[0]
            check(kind == "VARCHAR", f"{name}.{column} is {kind} in partitions")
        # By its own guess pyarrow makes `dt` a dictionary, and dictionaries with a null in one file only cannot be joined.
        hive = pyarrow.dataset.partitioning(pyarrow.schema([("dt", pyarrow.string())]), flavor="hive")
        frame = pandas.read_parquet(folder / name, partitioning=hive)
        check(len(frame) == expected[name] and "dt" in frame.columns, f"{name}: pandas reads {len(frame)} rows of partitions")


def check_csv(folder, tables, expected, connection):
    for name, columns in tables.items():
        path = folder / f"{name}.csv"
        check(not path.read_bytes().startswith(b"\xef\xbb\xbf"), f"{name}: a byte order mark")
        kinds = {"text": "string", "integer": "Int64", "timestamp": "string", "boolean": "boolean"}
        frame = pandas.read_csv(path, dtype={column: kinds[kind] for column, kind in columns.items()}, keep_default_na=False, na_values=[""])
        check(len(frame) == expected[name], f"{name}: pandas reads {len(frame)} rows of CSV")
        check(list(frame.columns) == list(columns), f"{name}: other columns in CSV")
        for column, kind in columns.items():
            if kind == "timestamp":
                pandas.to_datetime(frame[column], utc=True, format="%Y-%m-%dT%H:%M:%SZ")
        types = ", ".join(f"'{column}': '{DUCKDB[kind]}'" for column, kind in columns.items())
        listed = ", ".join(f'"{column}"' for column in columns)
        read = f"read_csv('{path}', header = true, all_varchar = false, types = {{{types}}}, quote = '\"', escape = '\"', delim = ',')"
        differing = connection.execute(
            f"select count(*) from ((select {listed} from {name}) except all (select {listed} from {read}))").fetchone()[0]
        check(differing == 0, f"{name}: {differing} rows of the CSV differ from the Parquet")


def main():
    tables = declared()
    report = json.loads(rolechain("audit", LOGS, "--format", "json", "--no-progress", "--persona", "auditor"))
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for place, options in [("p", ["parquet"]), ("d", ["parquet", "--partition-by-day"]), ("c", ["csv"])]:
            rolechain("export", LOGS, "--to", folder / place, "--no-progress", "--format", *options)
        manifest = json.loads((folder / "p/_rolechain_export.json").read_text())
        expected = {table["name"]: table["rows"] for table in manifest["tables"]}
        check(set(expected) == set(tables), "the manifest and docs/schema.md name other tables")
        for name in ["chains", "routes", "denied", "long_term_keys", "findings"]:
            check(expected[name] == len(report[name]), f"{name}: {expected[name]} rows, {len(report[name])} in the report")
        connection = check_parquet(folder / "p", tables, expected)
        check_joins(connection, report)
        check_queries(connection, folder / "p")
        check_partitioned(folder / "d", tables, expected, connection)
        check_csv(folder / "c", tables, expected, connection)
        count = len(list((ROOT / "queries").glob("*.sql")))
    if failures:
        raise SystemExit(f"{len(failures)} checks failed")
    print(f"DuckDB {duckdb.__version__}, pandas {pandas.__version__}, pyarrow {pyarrow.__version__}: "
          f"{len(tables)} tables in three layouts, {sum(expected.values())} rows, {count} queries: as the report says")


main()
