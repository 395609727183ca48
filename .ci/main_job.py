"""Runs the main job on the sample logs as a user would, and checks what must hold of its output."""

import json
import os
import subprocess
import sys

PROGRAM = sys.argv[1]
TOKEN = "IQoJ"  # how every session token of the samples begins

# The day after the last event: on a later one, the sample logs have fallen silent.
ENVIRONMENT = os.environ | {"ROLECHAIN_NOW": "2026-11-15T00:00:00Z"}


def run(*arguments, code=0):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False, env=ENVIRONMENT)
    assert done.returncode == code, f"{arguments}: exit code {done.returncode}, not {code}\n{done.stderr}"
    for stream in (done.stdout, done.stderr):
        assert TOKEN not in stream, f"{arguments}: a session token reached the output"
        assert "panicked" not in stream, f"{arguments}: {stream}"
    return done.stdout


def report(*arguments):
    document = json.loads(run("audit", "sample-logs", "--format", "json", *arguments))
    del document["run"]
    return document


one = report("--threads", "1")
for threads in ("2", "7"):
    assert report("--threads", threads) == one, f"{threads} threads give another report"
records = one["coverage"]["records"]
parts = sum(records[name] for name in ("unique", "duplicate", "malformed", "unsupported"))
assert records["read"] == parts > 0, records
assert one["chains"] and one["findings"] and one["coverage"]["defects"], "the samples hold all of them"
run("audit", "sample-logs")
run("audit", "sample-logs", "--format", "ndjson")
run("audit", "sample-logs", "--fail-on", "high", code=1)
run("audit", "sample-logs", "--strict", code=3)
run("audit", "sample-logs/01-healthy", "--strict", "--fail-on", "medium")
run("audit", "sample-logs/01-healthy", "--strict", "--fail-on", "medium", "--no-expectations")
run("audit", "no-such-folder", code=2)
run("chains", "sample-logs", "--tree")
run("rules")
run("man")
run("completions", "bash")
for chain in one["chains"]:
    run("trace", chain["id"], "sample-logs")
print(f"{len(one['chains'])} chains, {len(one['findings'])} findings, {records['read']} records: all as it must be")
