#!/usr/bin/env bash
# Opens the HTML report in a real browser: nothing may be loaded, blocked, too wide or hard to read.
# Usage: .ci/html.sh [path of rolechain]
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/release/rolechain}")
tools=target/html-check
skip() { echo "SKIPPED: the HTML report was not looked at in a browser: $*"; exit 0; }

if ! command -v chromium >/dev/null; then
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || skip "chromium is not installed, and cannot be without root and apt-get"
  { apt-get update && apt-get install -y --no-install-recommends chromium fonts-dejavu-core; } >/dev/null 2>&1 \
    || skip "chromium cannot be installed"
fi
command -v npm >/dev/null || skip "npm is not installed"
mkdir -p "$tools"
cp .ci/html.mjs "$tools/"
# In a folder of its own below target/: nothing of it belongs to the repository.
[ -f "$tools/package.json" ] || echo '{"private":true,"type":"module"}' > "$tools/package.json"
npm install --prefix "$tools" --no-audit --no-fund --ignore-scripts playwright-core@1.65.1 axe-core@4.14.1 >/dev/null 2>&1 \
  || skip "playwright-core and axe-core cannot be installed"
node "$tools/html.mjs" "$program"
