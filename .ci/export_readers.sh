#!/usr/bin/env bash
# Opens an export of the sample logs with DuckDB, pandas and pyarrow. Needs python3, and PyPI to install them once.
# Usage: .ci/export_readers.sh path/to/rolechain
set -euo pipefail
cd "$(dirname "$0")/.."
venv=target/readers
packages="duckdb>=1.3,<3 pandas>=2.2,<3 pyarrow>=18"
if [ ! -e "$venv/ready" ]; then
  rm -rf "$venv"
  # shellcheck disable=SC2086
  if ! { python3 -m venv "$venv" && "$venv/bin/pip" install --quiet --disable-pip-version-check $packages; } 2>&1; then
    echo "SKIPPED: DuckDB, pandas and pyarrow cannot be installed here: nobody but the tests has read the export"
    exit 0
  fi
  touch "$venv/ready"
fi
exec "$venv/bin/python" .ci/export_readers.py "$1"
