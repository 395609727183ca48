#!/usr/bin/env bash
# A second opinion on S3: an independent implementation of it, in Python, serves the sample logs to the program.
# Usage: .ci/second_s3.sh PROGRAM
set -euo pipefail
cd "$(dirname "$0")/.."
program="${1:?name the program: .ci/second_s3.sh target/release/rolechain}"
venv=target/second-s3
if ! [ -x "$venv/bin/moto_server" ]; then
  if ! python3 -m venv "$venv" || ! "$venv/bin/pip" install --quiet 'moto[server]==5.2.5' boto3; then
    rm -rf "$venv"
    echo "SKIPPED: the second S3 server could not be installed (python3 with venv and a package index are needed)"
    exit 0
  fi
fi
"$venv/bin/python" .ci/second_s3.py "$program" "$venv/bin/moto_server"
