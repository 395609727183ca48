"""Serves the sample logs by an independent S3 server, and compares what the program says with what it says of files."""

import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

import boto3

PROGRAM, SERVER = sys.argv[1], sys.argv[2]
BUCKET = "second-opinion"
STORIES = ("01-healthy", "06-unfinished-migration", "12-denied")

with socket.socket() as probe:
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
url = f"http://127.0.0.1:{port}"
environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
environment |= {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_ENDPOINT_URL": url,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": "/nonexistent",
    "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
}


def run(*arguments, code=0):
    command = [PROGRAM, *arguments, "--no-expectations"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == code, f"{arguments}: exit code {done.returncode}, not {code}\n{done.stderr}"
    assert "panicked" not in done.stderr, done.stderr
    return done.stdout, done.stderr


def report(source, *more):
    document = json.loads(run("audit", source, "--format", "json", *more)[0])
    del document["run"]
    # Of a bucket it is asked sooner than of a copy whether it has fallen silent.
    document["assurance"] = [answer for answer in document["assurance"] if answer["question"] != "freshness"]
    del document["verdict"]
    return document


def check(folder):
    client = boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    client.create_bucket(Bucket=BUCKET)
    count = 0
    for story in STORIES:
        for path in pathlib.Path("sample-logs", story).rglob("*.gz"):
            if "CloudTrail-Digest" in path.parts:
                continue
            key = f"{story}/{path.relative_to(pathlib.Path('sample-logs', story))}"
            copy = folder / key
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
            client.upload_file(str(path), BUCKET, key)
            count += 1
    for at in range(1_200):  # more than a page, of what is not to be read
        client.put_object(Bucket=BUCKET, Key=f"{STORIES[0]}/AWSLogs/222222222222/Config/{at}.json", Body=b"{}")
    plain = {"s3": "s3://" + BUCKET, "files": str(folder)}
    for prefix, more in (("", ()), (f"/{STORIES[1]}", ()), (f"/{STORIES[2]}/AWSLogs", ("--threads", "3"))):
        source = plain["s3"] + prefix
        over_bucket = json.dumps(report(source, *more), sort_keys=True).replace(plain["s3"], plain["files"])
        over_files = json.dumps(report(plain["files"] + prefix, *more), sort_keys=True)
        assert over_bucket == over_files, f"{source}: not the report over the files"
    window = ("--since", "2026-11-09", "--until", "2026-11-11", "--account", "222222222222")
    over_bucket, over_files = report(plain["s3"], *window), report(plain["files"], *window)
    chains = json.dumps(over_bucket["chains"]).replace(plain["s3"], plain["files"])
    assert over_bucket["chains"] and chains == json.dumps(over_files["chains"]), "a window gives other chains"
    assert over_bucket["coverage"]["objects"]["listed"] < over_files["coverage"]["objects"]["listed"]
    for source, word in ((f"s3://{BUCKET}/nothing/", "nothing is there"), ("s3://no-such-bucket", "no such bucket")):
        said = run("audit", source, code=2)[1]
        assert word in said and "hint:" in said, said
    print(f"{count} objects, {len(report(plain['s3'])['chains'])} chains: the same over the second S3 server as over files")


log = tempfile.TemporaryFile()
server = subprocess.Popen([SERVER, "-H", "127.0.0.1", "-p", str(port)], stdout=log, stderr=log)
try:
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        assert server.poll() is None, "the server did not start"
        time.sleep(0.1)
    with tempfile.TemporaryDirectory() as folder:
        check(pathlib.Path(folder))
finally:
    server.terminate()
    server.wait()
