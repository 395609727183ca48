// Formats and parses Terraform files with HashiCorp's own code: fails on what is not formatted, or cannot be parsed.
import { readFileSync } from "node:fs";
import { format } from "@cdktf/hcl-tools";
import { parse } from "@cdktf/hcl2json";

let failed = false;
for (const file of process.argv.slice(2)) {
  const text = readFileSync(file, "utf8");
  if ((await format(text)) !== text) {
    console.error(`${file}: not formatted as \`terraform fmt\` does it`);
    failed = true;
  }
  const blocks = await parse(file, text);
  if (Object.keys(blocks).length === 0) {
    console.error(`${file}: holds no block`);
    failed = true;
  }
}
process.exit(failed ? 1 : 0);
