"""Reads `cargo metadata` and fails when a dependency's licence may not be shipped."""

import json
import re
import sys

ALLOWED = {
    "MIT", "MIT-0", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib",
    "0BSD", "Unicode-3.0", "BSL-1.0", "CC0-1.0", "Unlicense",
}


def is_allowed(expression):
    """Evaluates an SPDX expression: every name in it is true when its licence may be shipped."""
    words = re.findall(r"\(|\)|[^\s()/]+(?: WITH [^\s()]+)?|/", expression)
    keywords = {"OR": "or", "AND": "and", "/": "or", "(": "(", ")": ")"}
    return eval(" ".join(keywords.get(word, str(word in ALLOWED)) for word in words))  # booleans and brackets only


assert is_allowed("(MIT OR GPL-3.0) AND Unicode-3.0") and is_allowed("MIT/Apache-2.0")
assert not is_allowed("(MIT OR Apache-2.0) AND AGPL-3.0-only") and not is_allowed("GPL-2.0-only")
packages = json.load(sys.stdin)["packages"]
bad = [f"{p['name']} {p['version']}: {p['license']}" for p in packages if not p["license"] or not is_allowed(p["license"])]
foreign = [p["name"] for p in packages if p["source"] and "crates" not in p["source"] and "registry" not in p["source"]]
print(f"{len(packages)} packages, {len(bad)} with a licence that may not be shipped, {len(foreign)} from elsewhere than the registry")
for line in bad + foreign:
    print("  " + line)
sys.exit(1 if bad or foreign else 0)
