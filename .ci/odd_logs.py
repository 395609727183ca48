"""Logs with everything odd that an engine must see as rolechain does."""

import copy
import gzip
import json
from pathlib import Path

ROLE = "arn:aws:iam::222222222222:role/ci/deploy"
USER = {
    "type": "IAMUser", "principalId": "AIDAEXAMPLE", "arn": "arn:aws:iam::111111111111:user/ci",
    "accountId": "111111111111", "accessKeyId": "AKIAEXAMPLE", "userName": "ci",
}
SESSION = {
    "type": "AssumedRole", "principalId": "AROAEXAMPLE:s\u00e9ance", "accountId": "222222222222",
    "arn": "arn:aws:sts::222222222222:assumed-role/deploy/s\u00e9ance", "accessKeyId": "ASIAEXAMPLE1",
    "sessionContext": {
        "sessionIssuer": {"type": "Role", "principalId": "AROAEXAMPLE", "arn": ROLE},
        "attributes": {"creationDate": "2026-11-02T08:00:00Z", "mfaAuthenticated": "false"},
    },
}


def record(number, name="DescribeInstances", source="ec2.amazonaws.com", **fields):
    made = {
        "eventVersion": "1.11", "userIdentity": SESSION, "eventTime": f"2026-11-02T08:{number % 60:02}:00Z",
        "eventSource": source, "eventName": name, "awsRegion": "us-east-1", "sourceIPAddress": "192.0.2.7",
        "userAgent": "aws-cli/2 \"quoted\" \\ \u00fc \U0001f600", "requestParameters": None, "responseElements": None,
        "requestID": f"request-{number}", "eventID": f"{number:08x}-dddc-49e6-ba7d-08f73e809e64", "readOnly": True,
        "eventType": "AwsApiCall", "recipientAccountId": "222222222222", "eventCategory": "Management",
    }
    made.update(fields)
    return {key: value for key, value in made.items() if value != "absent"}


def assumption(number, **fields):
    response = {
        "credentials": {
            "accessKeyId": "ASIAEXAMPLE1", "sessionToken": "IQoJb3JpZ2luX2VjEXAMPLE", "expiration": "Nov 2, 2026, 9:00:00 AM"
        },
        "assumedRoleUser": {"assumedRoleId": SESSION["principalId"], "arn": SESSION["arn"]},
    }
    request = {"roleArn": ROLE, "roleSessionName": "s\u00e9ance", "externalId": "a\"b", "durationSeconds": 3600,
               "tags": [{"key": "Job", "value": "deploy \u202e"}]}
    return record(
        number, "AssumeRole", "sts.amazonaws.com", userIdentity=USER, eventTime="2026-11-02T08:00:00Z",
        **{"requestParameters": request, "responseElements": response, **fields},
    )


def records():
    later = copy.deepcopy(SESSION)
    later["sessionContext"]["sourceIdentity"] = "alice"
    yield assumption(1)
    yield assumption(1)
    yield assumption(2, errorCode="AccessDenied", requestParameters=None, responseElements=None,
                     errorMessage=f"User: {USER['arn']} is not authorized to perform: sts:AssumeRole on resource: {ROLE}")
    yield record(3, "CreateAccessKey", "iam.amazonaws.com", readOnly=False, requestParameters={"userName": "x"})
    yield record(4, "UpdateAssumeRolePolicy", "iam.amazonaws.com", readOnly="false",
                 requestParameters={"roleName": "r", "policyDocument": "%7B%22Version%22%3A%222012-10-17%22%7D"})
    yield record(5, "PutBucketPolicy", "s3.amazonaws.com", readOnly=True)
    # Times: basic, with a fraction, with a zone in digits and without one, none, empty, impossible, before all computers.
    for number, time in enumerate(
        ["20261103T010203Z", "2026-11-03T01:02:03.456Z", "2026-11-03T01:02:03.Z", "2026-11-03T01:02:03+00:00",
         "2026-11-03 01:02:03", "2026-11-03T01:02:03", "2026-11-03 01:02:03.000", "absent", "",
         "2026-13-03T01:02:03Z", "2026-11-32T01:02:03Z", "2026-11-03T24:02:03Z", "0000-11-03T01:02:03Z", "2026-02-31T00:00:00Z",
         "2026-11-03T01:02:60Z", "2026-11-03T01:02:03.4x6Z", "yesterday"], 10,
    ):
        yield record(number, eventTime=time)
        yield record(number, "TerminateInstances", eventTime=time, readOnly=False)
    # Ids: none at all (twice the same, once not), empty, upper case, no UUID, of version 15, beginning with zeros.
    yield record(30, eventID="absent", requestParameters={"a": 1})
    yield record(30, eventID="absent", requestParameters={"a": 1})
    yield record(30, eventID="absent", requestParameters={"a": 2})
    yield record(31, eventID="")
    for eventID in ("4BD2A6F6-DDDC-49E6-BA7D-08F73E809E64", "EXAMPLE", "4bd2a6f6-dddc-f9e6-ba7d-08f73e809e64",
                    "00000000-dddc-49e6-ba7d-08f73e809e64", "zz", "4bd2a6f6-dddc-49e6-ba7d-08f73e809e64"):
        yield record(32, "GetObject", "s3.amazonaws.com", eventID=eventID)
    # One id that stands for different events.
    yield record(33, "GetObject", "s3.amazonaws.com")
    yield record(33, "PutObject", "s3.amazonaws.com", readOnly=False)
    yield record(33, "PutObject", "s3.amazonaws.com", readOnly=False, sourceIPAddress="192.0.2.8")
    # Who: nobody, nothing, not an object, a service, the console, a network of its own.
    yield record(40, userIdentity="absent")
    yield record(41, userIdentity={})
    yield record(42, userIdentity=None)
    yield record(43, userIdentity={"type": "AWSService", "invokedBy": "config.amazonaws.com"})
    yield record(44, sessionCredentialFromConsole="true")
    yield record(45, sessionCredentialFromConsole=True)
    yield record(46, vpcEndpointId="vpce-1")
    yield record(47, userIdentity=later)
    yield record(48, recipientAccountId="absent", awsRegion="")
    yield record(49, sourceIPAddress="", userAgent="absent", readOnly="absent")
    # What is none, or not ours.
    yield from (42, None, "text", {}, {"a": 1}, {"eventVersion": "1.11"})
    yield {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "eventVersion": "2.1"}
    yield {"eventVersion": "1.0", "eventCategory": "Aggregated", "eventType": "AwsAggregatedEvent"}
    yield {"eventVersion": "1.09", "eventCategory": "Insight", "eventType": "AwsCloudTrailInsight"}


def write(root: Path):
    """Writes the logs under names that are odd, too: one file whole, one in pieces, and files that are no logs."""
    every = list(records())

    def put(name, document, indent=None):
        path = root / "AWSLogs/222222222222/CloudTrail" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = document if isinstance(document, str) else json.dumps(document, indent=indent, ensure_ascii=indent is None)
        path.write_bytes(gzip.compress(text.encode(), mtime=0))

    put("all.json.gz", {"Records": every})
    # Laid out in another way. Not those without an id: they are what they say, which the scan takes to the letter, and
    # Spark without the spaces.
    named = [one for one in every if not isinstance(one, dict) or one.get("eventID") or "eventTime" not in one]
    for at in range(0, len(named), 7):
        put(f"with a space/piece+{at:02}%41 \u00e9.json.gz", {"Records": named[at:at + 7]}, indent=1)
    put("none.json.gz", {"Records": []})
    insight = {"eventVersion": "1.09", "eventCategory": "Insight", "eventType": "AwsCloudTrailInsight"}
    put("insight.json.gz", {"Records": [insight, insight]})
    put("digest.json.gz", {"digestS3Object": "x", "digestEndTime": "2026-11-02T09:00:00Z", "logFiles": []})
