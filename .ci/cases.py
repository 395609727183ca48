"""Runs the cases of `check.py`, and fails when an answer that was right is wrong, or one that was wrong is right.

usage: cases.py CHECK PROGRAM [--write]

`.ci/cases-known-wrong.txt` holds what is known to be wrong: the part of each message before its colon, which names the case,
once for each message. `--write` makes the list anew; it may only get shorter.
"""

import collections
import pathlib
import re
import subprocess
import sys

LIST = pathlib.Path(__file__).with_name("cases-known-wrong.txt")
CHECK, PROGRAM = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])

# A window of the checkout's own sample logs is among the cases: the working folder matters.
done = subprocess.run([sys.executable, CHECK, PROGRAM], capture_output=True, text=True, check=False)
assert re.search(r"^\d+ of \d+ right$", done.stdout, re.M), done.stdout + done.stderr
messages = [line.removeprefix("wrong: ") for line in done.stdout.splitlines() if line.startswith("wrong: ")]
found = collections.Counter(message.split(": ")[0] for message in messages)
if "--write" in sys.argv:
    LIST.write_text("".join(f"{name}\n" for name in sorted(found.elements())))
known = collections.Counter(LIST.read_text().splitlines())

fallen, mended = found - known, known - found
for message in messages:
    if message.split(": ")[0] in fallen:
        print(f"wrong, and was right: {message}")
for name in sorted(mended):
    print(f"right now: take {name!r} off {LIST.name}")
print(done.stdout.splitlines()[-1] + f"; {known.total()} known to be wrong")
sys.exit(bool(fallen or mended))
