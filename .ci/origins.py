#!/usr/bin/env python3
"""Reads CloudTrail logs a second time, by itself, and says where it and rolechain differ about who stood at an origin.

usage: origins.py PROGRAM SOURCE...

For every chain of the report it looks up the records of its first session and decides the kind of origin by its own
rules, which know nothing of rolechain's. What it cannot decide by looking at single records (a caller named only from
afar, several candidates) it leaves out, and counts.
"""
import collections
import gzip
import json
import os
import re
import subprocess
import sys

CONSOLE = ("Mozilla/", "console.amazonaws.com", "signin.amazonaws.com", "AWS Internal", "aws-internal/", "S3Console",
           "AWS-Console", "exec-env/CloudShell")
SIGN_INS = ("ConsoleLogin", "CreateOAuth2Token", "AuthorizeOAuth2Access")
SERVICES = {"pods.eks.amazonaws.com": "pod_identity", "rolesanywhere.amazonaws.com": "roles_anywhere"}


def objects(text):
    """Every JSON value in a text: one, one a line, or several without anything between them."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        while at < len(text) and text[at] in " \t\r\n":
            at += 1
        if at == len(text):
            return
        try:
            value, at = decoder.raw_decode(text, at)
            yield value
        except ValueError:
            at = text.find("\n", at) + 1
            if at == 0:
                return


def records(value):
    if isinstance(value, list):
        for part in value:
            yield from records(part)
    elif isinstance(value, dict):
        if isinstance(value.get("Records"), list):
            yield from records(value["Records"])
        elif isinstance(value.get("Events"), list):
            for event in value["Events"]:
                yield from records(json.loads(event.get("CloudTrailEvent", "{}")))
        elif "eventName" in value and "eventSource" in value:
            yield value


def read(sources):
    for source in sources:
        files = [source] if os.path.isfile(source) else sorted(
            os.path.join(folder, name) for folder, _, names in os.walk(source) for name in names)
        for path in files:
            try:
                with open(path, "rb") as file:
                    raw = file.read()
                text = (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8", "replace")
            except (OSError, EOFError):
                continue
            for value in objects(text):
                yield from records(value)


def of(record, *names):
    for name in names:
        record = record.get(name) if isinstance(record, dict) else None
    return record


def created(record):
    return of(record, "userIdentity", "sessionContext", "attributes", "creationDate")


class Logs:
    def __init__(self, sources):
        self.by_id = collections.defaultdict(list)
        self.by_user = collections.defaultdict(list)
        self.by_session = collections.defaultdict(list)
        self.by_birth = collections.defaultdict(list)
        self.sign_ins = collections.defaultdict(list)
        self.issued = set()
        for record in read(sources):
            who = of(record, "userIdentity") or {}
            self.by_id[record.get("eventID")].append(record)
            key = of(record, "responseElements", "credentials", "accessKeyId")
            if key and not record.get("errorCode"):
                self.issued.add(key)
            if who.get("type") == "IAMUser":
                self.by_user[(who.get("arn"), created(record))].append(record)
                if record["eventName"] in SIGN_INS and not record.get("errorCode"):
                    self.sign_ins[who.get("principalId")].append(record.get("eventTime"))
            if who.get("type") == "AssumedRole":
                self.by_session[who.get("accessKeyId")].append(record)
                self.by_birth[((who.get("arn") or "").rpartition("/")[2], created(record))].append(record)

    def of_user(self, arn, moment):
        """A user's session: everything that he, or a service for him, did in it."""
        group = self.by_user.get((arn, moment), [])
        if not group:
            return None
        agents = [text for record in group for text in (record.get("userAgent"), record.get("sourceIPAddress"),
                                                        of(record, "userIdentity", "invokedBy")) if text]
        flags = [str(record.get("sessionCredentialFromConsole")).lower() == "true" for record in group]
        signed_in = self.sign_ins[of(group[0], "userIdentity", "principalId")]
        if any(flags) or any(part in text for text in agents for part in CONSOLE) or moment in signed_in:
            return "console"
        direct = [record for record in group if not of(record, "userIdentity", "invokedBy")]
        keys = [of(record, "userIdentity", "accessKeyId") or "" for record in direct]
        # A session token has a time of creation; some services leave out that and their name.
        if not direct or (not moment and any(key.startswith("ASIA") for key in keys)):
            return "forward_access"
        if signed_in:
            return None
        return "session_token" if any(key.startswith("ASIA") for key in keys) else "unknown"

    def of_issuance(self, record):
        who, name = of(record, "userIdentity") or {}, record["eventName"]
        role = of(record, "requestParameters", "roleArn") or ""
        if name == "AssumeRoleWithWebIdentity":
            return None if of(record, "requestParameters", "webIdentityTokenId") else "oidc"
        if name == "AssumeRoleWithSAML":
            return "identity_center" if "AWSReservedSSO_" in role else "saml"
        if name == "CreateSession":
            return "roles_anywhere"
        key, service = who.get("accessKeyId") or "", who.get("invokedBy")
        if who.get("type") == "Root":
            return "root"
        if who.get("type") == "IAMUser" and key.startswith("AKIA"):
            return "long_term_key"
        if who.get("type") == "AWSService" or (not who.get("type") and not who.get("arn") and service):
            return SERVICES.get(service, "aws_service")
        return None

    def of_chain(self, chain):
        first = chain["hops"][0] if chain["hops"] else {}
        if first.get("link", {}).get("kind") in ("ambiguous", "probable"):
            return None
        for record in self.by_id.get(first.get("event_id"), []) if first.get("event_id") else []:
            if not record.get("errorCode"):
                return self.of_issuance(record)
        arn = chain["origin"].get("principal_arn") or ""
        if ":user/" in arn and first.get("event_time"):
            return self.of_user(arn, first["event_time"])
        return self.of_role(first)

    def of_role(self, hop):
        """A role's session whose issuance is not here: what its own records say."""
        names = (hop.get("role_session_name"), hop.get("event_time"))
        group = [record for record in self.by_session.get(hop.get("issued_access_key_id"), [])
                 if created(record) == names[1]] or self.by_birth.get(names, [])
        # Redacted logs give one key to many sessions.
        named = {of(record, "userIdentity", "principalId") for record in group}
        if len(named) != 1 or not names[1] or hop.get("issued_access_key_id") in self.issued:
            return None
        who = [of(record, "userIdentity") for record in group]
        roles = {of(one, "sessionContext", "sessionIssuer", "arn") or one.get("arn") or "" for one in who}
        if any(of(one, "sessionContext", "webIdFederationData", "federatedProvider") for one in who):
            return "oidc"
        if any("AWSReservedSSO_" in role for role in roles):
            return "identity_center"
        if any(of(one, "invokedByDelegate", "accountId") for one in who):
            return "external_account"
        if any(of(one, "onBehalfOf", "userId") for one in who):
            return "identity_center"
        of_service = any("/aws-service-role/" in role for role in roles) or any(
            ":lambda:" in (of(one, "inScopeOf", "credentialsIssuedTo") or "") for one in who)
        return "aws_service" if of_service or re.fullmatch("i-([0-9a-f]{8}|[0-9a-f]{17})", names[0] or "", re.I) else "unknown"


def main():
    program, sources = os.path.abspath(sys.argv[1]), sys.argv[2:]
    done = subprocess.run([program, "audit", *sources, "--no-expectations", "--include-services", "--format", "json"],
                          capture_output=True, text=True, check=False)
    chains = json.loads(done.stdout)["chains"]
    logs, wrong, judged = Logs(sources), [], collections.Counter()
    for chain in chains:
        expected, told = logs.of_chain(chain), chain["origin"]["kind"]
        judged[expected or "left out"] += 1
        if expected and expected != told:
            wrong.append(f"{chain['id']}: {told} in the report, {expected} by the records")
    print(f"{' '.join(sources)}: {len(chains)} chains,",
          ", ".join(f"{count} {kind}" for kind, count in sorted(judged.items())) or "none")
    for line in wrong[:20]:
        print(" ", line)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
