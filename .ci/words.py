"""Finds words that readers had to read twice: in what the documentation says, and in the texts of the program.

Each stands with what a reader expects. `python3 .ci/words.py` from the root of the repository.
"""

import re
import subprocess
import sys

AVOID = {
    r"\btold apart\b|\btells? \w+ apart\b": "distinguish",
    r"\b(?:is|are|was|were|be) told\b(?! (?:to|which)\b)": "report",
    r"\bset apart\b": "skip",
    r"\bhears?\b": "gets",
    r"\bbelongs? into\b": "belongs in",
    r"\blooks? after\b": "manage",
    r"\bthe business of\b": "is covered by",
    r"\bregular readers\b": "name the reader",
    r"\bhow to say it\b": "say what is meant",
}

# A text of the program: between quotation marks, on one line or more. Attributes and tests have none for readers.
TEXT = re.compile(r'"(?:[^"\\]|\\.)*"', re.S)
COMMENT = re.compile(r"^[ \t]*//.*$", re.M)


def texts(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if not path.endswith(".rs"):
        yield from ((number, line) for number, line in enumerate(text.split("\n"), 1))
        return
    text = text.split("#[cfg(test)]\nmod tests {")[0]
    text = COMMENT.sub("", text)
    for found in TEXT.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, re.sub(r"\\\n\s*", "", found.group())


def main():
    listed = subprocess.run(["git", "ls-files", "*.md", "queries", "src"], check=True, capture_output=True, text=True)
    paths = [path for path in listed.stdout.split("\n") if path.endswith((".md", ".sql", ".rs"))]
    faults = 0
    for path in paths:
        for line, text in texts(path):
            for pattern, better in AVOID.items():
                for found in re.finditer(pattern, text, re.I):
                    print(f"{path}:{line}: \"{found.group()}\": say \"{better}\"")
                    faults += 1
    return 1 if faults else 0


sys.exit(main())
