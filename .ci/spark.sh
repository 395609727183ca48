#!/usr/bin/env bash
# The proof that a distributed engine gives the same report: real Spark on the sample logs and on a large corpus.
#
#   .ci/spark.sh PROGRAM CORPUS
#
# PROGRAM is rolechain; CORPUS a folder of logs, as `cargo bench --bench scan -- --records 100000` leaves one.
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "$1")
corpus=$(realpath "$2")
venv=target/spark-venv

if ! command -v java >/dev/null; then
  echo "installing Java 17"
  apt-get update -qq
  apt-get install -y --no-install-recommends openjdk-17-jre-headless >/dev/null
fi
if [ ! -e "$venv/ready" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check \
    'pyspark>=4.0,<5' 'pyarrow>=15' 'sqlglot==30.*' 'sqlfluff==4.*'
  touch "$venv/ready"
fi
# The address of the machine may be one that Spark cannot bind to.
export SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON="$PWD/$venv/bin/python"
"$venv/bin/python" .ci/queries.py
"$venv/bin/python" .ci/spark.py "$program" "$corpus" target/spark
