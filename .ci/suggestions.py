"""Writes what `rolechain trust suggest` suggests for every role that somebody assumed in the sample logs, as Terraform.

usage: suggestions.py PROGRAM FOLDER
"""

import json
import pathlib
import shutil
import subprocess
import sys

PROGRAM, FOLDER = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])


def told(*arguments):
    return subprocess.run([PROGRAM, "trust", *arguments], capture_output=True, text=True, check=True).stdout


shutil.rmtree(FOLDER, ignore_errors=True)
FOLDER.mkdir(parents=True)
written = 0
for story in sorted(pathlib.Path("sample-logs").iterdir()):
    if not (story / "AWSLogs").is_dir():
        continue
    listed = json.loads(told("list", str(story), "--format", "json"))
    for at, role in enumerate(role for role in listed["roles"] if role["used"]["runs"]):
        text = told("suggest", "--role", role["role_arn"], str(story), "--as", "terraform")
        (FOLDER / f"{story.name}-{at}.tf").write_text(text, encoding="utf-8")
        written += 1
assert written > 20, f"only {written} suggestions"
print(f"{written} suggestions")
