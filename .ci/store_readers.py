#!/usr/bin/env python3
"""Opens every table of a store with DuckDB and pyarrow, and compares what they find with what rolechain says.

usage: store_readers.py STORE ROLECHAIN        (needs: pip install duckdb pyarrow)
"""
import hashlib
import json
import pathlib
import subprocess
import sys

import duckdb
import pyarrow
import pyarrow.dataset

DAILY = {"principals", "assumptions", "changes", "activity", "contacts", "coverage", "events"}
TYPES = {"string", "large_string", "string_view", "int64", "bool", "timestamp[us, tz=UTC]"}


def main(store, rolechain):
    status = json.loads(subprocess.check_output([rolechain, "store", "status", store, "--format", "json"]))
    root = pathlib.Path(store)
    listed = json.loads((root / "manifest.json").read_text())["tables"]
    faults = []

    def check(what, found, expected):
        if found != expected:
            faults.append(f"{what}: {found}, and not {expected}")

    for table, told in status["tables"].items():
        files = [
            (root / table / (f"dt={day}" if day else "") / f"{part['commit']:09}.parquet", part)
            for day, parts in listed.get(table, {}).items()
            for part in parts
        ]
        for path, part in files:
            check(f"{path}: checksum", hashlib.sha256(path.read_bytes()).hexdigest(), part["sha256"])
        files = [str(path) for path, _ in files]
        check(f"{table}: files", len(files), told["files"])
        # Between runs, what lies there is what counts: plain globs find the same files.
        check(f"{table}: files found", sorted(map(str, (root / table).rglob("[0-9]*.parquet"))), sorted(files))
        if not files:
            check(f"{table}: rows", 0, told["rows"])
            continue
        glob = f"{root}/{table}/*/*.parquet" if table in DAILY else f"{root}/{table}/*.parquet"
        rows = duckdb.sql(f"select count(*) from read_parquet('{glob}', hive_partitioning = true)").fetchall()[0][0]
        check(f"{table}: rows of duckdb", rows, told["rows"])
        partitioning = "hive" if table in DAILY else None
        data = pyarrow.dataset.dataset(f"{root}/{table}", format="parquet", partitioning=partitioning).to_table()
        check(f"{table}: rows of pyarrow", data.num_rows, told["rows"])
        for field in data.schema:
            if field.name != "dt" and str(field.type) not in TYPES:
                faults.append(f"{table}.{field.name} is {field.type}")
        print(f"{table}: {rows} rows, {len(data.schema)} columns")

    def one(query):
        return duckdb.sql(query).fetchall()[0][0]

    def table(name):
        glob = f"{root}/{name}/*/*.parquet" if name in DAILY else f"{root}/{name}/*.parquet"
        return f"read_parquet('{glob}', hive_partitioning = true, hive_types_autocast = false)"

    check("records by coverage", one(f"select sum(records) from {table('coverage')}"), status["records"])
    check("records by contacts", one(f"select sum(event_count) from {table('contacts')}"), status["records"])
    check("records by fingerprints", one(f"select count(distinct fingerprint) from {table('events')}"), status["records"])
    check("days", one(f"select count(distinct dt) from {table('coverage')} where dt is not null"), status["covered_days"])
    check("accounts", one(f"select count(distinct account_id) from {table('coverage')}"), len(status["accounts"]))
    for name in ["activity", "contacts", "assumptions"]:
        lost = f"""select count(*) from {table(name)} t where not exists
            (select 1 from {table('principals')} p where p.principal = t.principal and p.dt is not distinct from t.dt)"""
        check(f"{name} without a principal", one(lost), 0)
    if faults:
        sys.exit("\n".join(faults))
    print("all tables agree")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
