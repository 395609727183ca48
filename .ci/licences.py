"""Reads `cargo metadata` and fails when a dependency's licence may not be shipped."""

import json
import re
import sys

ALLOWED = {
    "MIT", "MIT-0", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib",
    "0BSD", "Unicode-3.0", "BSL-1.0", "CC0-1.0", "Unlicense",
}


def is_allowed(expression):
    """An expression of `OR` and `AND`: one side of each OR must do, and both of each AND."""
    expression = expression.replace("/", " OR ")
    parts = re.sub(r"[()]", "", expression)
    return any(all(name.strip() in ALLOWED for name in choice.split(" AND ")) for choice in parts.split(" OR "))


packages = json.load(sys.stdin)["packages"]
bad = [f"{p['name']} {p['version']}: {p['license']}" for p in packages if not p["license"] or not is_allowed(p["license"])]
foreign = [p["name"] for p in packages if p["source"] and "crates" not in p["source"] and "registry" not in p["source"]]
print(f"{len(packages)} packages, {len(bad)} with a licence that may not be shipped, {len(foreign)} from elsewhere than the registry")
for line in bad + foreign:
    print("  " + line)
sys.exit(1 if bad or foreign else 0)
