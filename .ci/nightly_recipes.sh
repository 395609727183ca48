#!/usr/bin/env bash
# Checks the recipes of docs/nightly by the tools of their trades. A tool that cannot be had is named as SKIPPED.
# Usage: .ci/nightly_recipes.sh FOLDER-OF-TOOLS
set -euo pipefail
cd "$(dirname "$0")/.."
folder=docs/nightly
tools=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checked=0
passed() { checked=$((checked + 1)); echo "ok: $*"; }

if "$tools/python" -c 'import yaml' 2>/dev/null; then
  "$tools/python" - "$folder/github-actions.yml" "$work" <<'PYTHON'
import sys
import yaml

workflow = yaml.safe_load(open(sys.argv[1], encoding="utf-8"))
job = workflow["jobs"]["audit"]
assert workflow["permissions"] == {}, "nothing is granted to every job"
assert job["permissions"] == {"id-token": "write", "contents": "read", "security-events": "write"}, job["permissions"]
steps = job["steps"]
logins = [step["with"] for step in steps if "configure-aws-credentials" in step.get("uses", "")]
assert len(logins) == 2 and logins[1]["role-chaining"] is True and "role-external-id" in logins[1], logins
assert not any("aws-access-key-id" in login for login in logins), "no long-lived key"
for number, step in enumerate(steps):
    if "run" in step:
        assert "${{" not in step["run"], "foreign text comes in by the environment"
        with open(f"{sys.argv[2]}/step-{number}.sh", "w", encoding="utf-8") as out:
            out.write("#!/usr/bin/env bash\nset -eo pipefail\n" + step["run"] + "\n")
PYTHON
  passed "the workflow is YAML, asks for what it needs and chains roles without a key"
else
  echo "SKIPPED: no YAML parser: the workflow was not read"
fi

if [ -x "$tools/shellcheck" ]; then
  for script in .ci/run .ci/*.sh "$work"/step-*.sh; do
    [ ! -e "$script" ] || "$tools/shellcheck" --external-sources "$script"
  done
  passed "shellcheck finds nothing in the steps and in our own scripts"
else
  echo "SKIPPED: no shellcheck"
fi

if [ -x "$tools/hadolint" ]; then
  "$tools/hadolint" "$folder/Dockerfile"
  passed "hadolint finds nothing in the Dockerfile"
else
  echo "SKIPPED: no hadolint"
fi
echo "SKIPPED: no container engine here: the image is linted and not built"

if command -v systemd-analyze >/dev/null; then
  # The program need not be installed to read the unit.
  sed 's#^ExecStart=/usr/local/bin/rolechain #ExecStart=/bin/true #' "$folder/rolechain.service" >"$work/rolechain.service"
  cp "$folder/rolechain.timer" "$work/rolechain.timer"
  complaints=$(systemd-analyze verify --man=no "$work/rolechain.service" "$work/rolechain.timer" 2>&1 | grep -F "rolechain." || true)
  if [ -n "$complaints" ]; then
    echo "$complaints"
    exit 1
  fi
  passed "systemd-analyze finds nothing in the units"
else
  echo "SKIPPED: no systemd-analyze"
fi

echo "$checked checks of the nightly recipes passed"
