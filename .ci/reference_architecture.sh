#!/usr/bin/env bash
# Checks docs/reference-architecture by the tools of its trade, offline. A tool that cannot be had is named as SKIPPED.
# So are the policies that `rolechain trust suggest` writes. Usage: reference_architecture.sh TOOLS NODE SUGGESTIONS
set -euo pipefail
cd "$(dirname "$0")/.."
folder=docs/reference-architecture
bin=$1
node=$2
suggestions=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed() { echo "ok: $*"; }
skipped() { echo "SKIPPED: $*"; }

if [ -d "$node/node_modules/@cdktf/hcl-tools" ]; then
  node "$node/hcl.mjs" "$folder"/*.tf "$suggestions"/*.tf
  passed "the Terraform files are formatted, and HashiCorp's parser reads them"
else
  skipped "@cdktf/hcl-tools cannot be installed: the Terraform files were neither formatted nor parsed"
fi

# Without the AWS provider Terraform can still work out names.tf by the example values.
if command -v terraform >/dev/null; then
  unset TF_CLI_CONFIG_FILE
  terraform fmt -check -diff "$folder"
  terraform fmt -check -diff "$suggestions"
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

if [ -x "$bin/checkov" ]; then
  "$bin/checkov" -d "$folder" --framework terraform --skip-download --compact --quiet
  passed "checkov finds nothing in the Terraform files"
else
  skipped "checkov cannot be installed: the Terraform files were not audited"
fi
