#!/usr/bin/env bash
# Makes a store of the sample logs in two nights, and opens every table of it with DuckDB and pyarrow.
# Usage: .ci/store_readers.sh path/to/rolechain
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "$1")
venv=target/store-readers
if [ ! -e "$venv/ready" ]; then
  rm -rf "$venv"
  if ! { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check 'duckdb>=1.3,<3' 'pyarrow>=18'; } 2>&1; then
    echo "SKIPPED: DuckDB and pyarrow cannot be installed here: nobody but the tests has read the store"
    exit 0
  fi
  touch "$venv/ready"
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for night in sample-logs/0* sample-logs; do
  "$program" audit "$night" --store "$folder/store" --quiet --format json > "$folder/report.json"
done
"$venv/bin/python" .ci/store_readers.py "$folder/store" "$program"
