"""Writes the seed corpora to `fuzz/seeds/<target>`: made from sample-logs, the documentation and the lists below.

The result is the same on every machine: `python3 fuzz/seeds.py` from the root of the repository.
"""

import gzip
import json
import pathlib
import random
import re
import shutil

ROOT = pathlib.Path(__file__).resolve().parent.parent
SEEDS = ROOT / "fuzz" / "seeds"
# As in `fuzz_targets/subject.rs`: the number is the issuer's place in its list.
SUBJECTS = {
    0: [
        "repo:acme/orders:environment:prod",
        "repo:acme@4242/orders@9001:ref:refs/heads/main",
        "repo:acme/orders:pull_request",
        "repo:acme/orders:ref:refs/tags/v1.2",
        "repository_owner:acme:job_workflow_ref:acme/ci/.github/workflows/d.yml@refs/heads/main",
        "repo:acme/orders:environment:prod%3Aeu:ref:refs/heads/main",
        "repository_id:9001:repository_owner_id:4242:context:pull_request",
    ],
    5: ["project_path:acme/team/orders:ref_type:branch:ref:main", "project_path:acme/orders:ref_type:tag:ref:v1"],
    7: ["organization:acme:project:shop:workspace:prod:run_phase:apply", "organization:acme:workspace:w:run_phase:plan"],
    8: ["org/6d8b1c64-2b1f-4c3a-9a55-111111111111/project/6d8b1c64-2b1f-4c3a-9a55-222222222222/user/6d8b1c64-2b1f-4c3a-9a55-333333333333"],
    9: ["organization:acme:pipeline:orders:ref:refs/heads/main:commit:9f3182061f1e2cca4702c368cbc039b7dc9d4485:step:build"],
    10: ["{6d8b1c64-2b1f-4c3a-9a55-111111111111}:{6d8b1c64-2b1f-4c3a-9a55-222222222222}"],
    11: ["system:serviceaccount:shop:api"],
    12: ["104029292853099978293"],
    13: ["eu-central-1:6d8b1c64-2b1f-4c3a-9a55-111111111111"],
    14: ["pulumi:deploy:org:acme:project:orders:stack:prod:operation:update:scope:write"],
    15: ["owner:acme:project:orders:environment:production"],
}
GLOBS = ["repo:acme/*:ref:refs/heads/*\nrepo:acme/orders:ref:refs/heads/main", "?*?\nabc", "*a*b\nxaxbxb", "ÄB?\näbc"]


def main():
    shutil.rmtree(SEEDS, ignore_errors=True)
    objects = [gzip_text(path) for path in sorted(ROOT.glob("sample-logs/**/*.json.gz"))]
    stories = [[json.loads(text).get("Records", []) for text in story] for story in by_story()]
    records = [record for story in stories for part in story for record in part]
    write("read", read_seeds(objects, records))
    write("parse", [bytes([at % 256]) + text for at, text in enumerate(distinct(records))])
    write("subject", [bytes([at]) + text.encode() for at, texts in SUBJECTS.items() for text in texts])
    write("expectations", [b"\0" + text.encode() for text in tables()] + [b"\1" + text.encode() for text in GLOBS])
    write("pipeline", pipeline_seeds(stories))


def gzip_text(path):
    try:
        return gzip.decompress(path.read_bytes())
    except (EOFError, OSError):
        return path.read_bytes()


def by_story():
    """The good objects of each story that is not about broken files."""
    for folder in sorted((ROOT / "sample-logs").iterdir()):
        paths = sorted(folder.glob("**/*.json.gz")) if folder.is_dir() else []
        texts = []
        for path in paths:
            text = gzip_text(path)
            try:
                if isinstance(json.loads(text), dict):
                    texts.append(text)
            except (UnicodeDecodeError, json.JSONDecodeError):
                pass
        yield texts


def compact(value):
    return json.dumps(value, separators=(",", ":")).encode()


def distinct(records):
    """One record of each caller, event name and outcome."""
    kinds = {}
    for record in records:
        kind = (record.get("userIdentity", {}).get("type"), record.get("eventName"), record.get("errorCode"))
        kinds.setdefault(kind, compact(record))
    return list(kinds.values())


def read_seeds(objects, records):
    one, two = records[0], records[1]
    small = {"eventVersion": "1.08", "eventSource": "s3.amazonaws.com", "eventName": "A"}
    shapes = [
        compact({"Records": [one, two]}),
        compact([one, two]),
        compact(one),
        compact(one) + b"\n" + compact(two) + b"\n",
        compact({"Events": [{"EventId": "1", "CloudTrailEvent": json.dumps(one)}]}),
        compact({"logEvents": [{"id": "1", "message": json.dumps(one)}]}),
        compact({"version": "0", "detail-type": "AWS API Call via CloudTrail", "detail": one}),
        compact({"digestS3Bucket": "b", "digestS3Object": "o", "logFiles": []}),
        compact({"Records": [{"eventVersion": "1.11", "eventCategory": "Insight", "eventType": "AwsCloudTrailInsight"}]}),
        compact({"Records": [small, {"eventVersion": "1.11", "eventCategory": "Aggregated"}, 7, None, small]}),
        compact({"Records": [small, small]})[:-9],
        compact({"Records": [small, {"a": [[[[[[[[[0]]]]]]]]]}, small]}),
        b'\xef\xbb\xbf{"Records":[' + compact(small) + b"," + compact(small)[:-1] + b',"x":"\xff"}]}',
        b"[INFO] started\n" + compact(small) + b"\n{\"eventName\":\"cut\n" + compact(small),
    ]
    for at, shape in enumerate(shapes):
        for way in (0, 1, 2, 3, 4, 11):
            yield bytes([way | (at % 8) << 4]) + shape
    for at, text in enumerate(objects):
        yield bytes([at % 256]) + text[:2048]


def tables():
    texts = [(ROOT / "sample-logs" / "rolechain.toml").read_text(), (ROOT / "fuzz" / "src" / "expectations.toml").read_text()]
    for page in sorted((ROOT / "docs").glob("**/*.md")):
        texts += re.findall(r"```toml\n(.*?)```", page.read_text(), re.S)
    return [part for text in texts for part in [text, *re.split(r"\n(?=\[)", text)]]


def pipeline_seeds(stories):
    chance = random.Random(1)
    for length in (1, 2, 4, 8, 16, 24):
        for selector in (0, 1, 20, 33, 53, 65, 112):
            yield bytes([selector]) + chance.randbytes(16 * length)
    for story in stories:
        lines = [compact(record) for part in story for record in part][:12]
        if lines:
            yield b"\2" + b"\n".join(lines)
            yield b"\3" + b"\n".join(lines[:3])


def write(target, seeds):
    folder = SEEDS / target
    folder.mkdir(parents=True)
    for at, seed in enumerate(seeds):
        (folder / f"{at:04}").write_bytes(seed)


main()
