"""Joins chains with the runs of GitHub a second time, and compares: `join.py PROGRAM SOURCE EVIDENCE`.

Shares no code with the program. From the program it takes the chains alone, as it reports them without `--ci`: the token's
subject, when the first session was issued, what clients wrote into user agents, tags and session names. The evidence it
reads itself, and says for each chain which run, attempt and job it was, and how sure that is. Then it asks the program
with `--ci`. At last it shows the program evidence in which one job ran on another day, and must disagree.
"""

import datetime
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SKEW = 60
TOKEN_LIFE = 300
LONGEST_RUN = 35 * 86_400
PROGRAM = sys.argv[1]
ISSUER = "token.actions.githubusercontent.com"


def report(source, *more):
    command = [PROGRAM, "audit", source, "--format", "json", "--no-progress", "--include-services", *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if not done.stdout:
        sys.exit(f"{' '.join(command)}: {done.stderr}")
    return json.loads(done.stdout)


def seconds(text):
    """Seconds since 1970; None stays None."""
    return None if text is None else int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp())


def values(text):
    """All values that stand one after another in a text, lists and pages unpacked."""
    decoder, at = json.JSONDecoder(), 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        value, at = decoder.raw_decode(text, at)
        yield from unpacked(value)


def unpacked(value, total=None):
    if isinstance(value, list):
        for one in value:
            yield from unpacked(one)
        return
    for name in ("workflow_runs", "jobs"):
        if name in value and "id" not in value:
            for one in value[name]:
                yield one, value.get("total_count")
            return
    yield value, total


class Run:
    def __init__(self):
        self.repository_id = None
        self.names = set()
        self.number = self.workflow = self.event = self.branch = self.created = None
        self.shown = False
        self.attempts = set()
        self.jobs = {}


class Evidence:
    def __init__(self, folder):
        self.runs, self.deleted, self.begun, self.environments = {}, set(), [], {}
        self.totals = {}
        for file in sorted(pathlib.Path(folder).iterdir()):
            if file.suffix in (".json", ".ndjson"):
                for value, total in values(file.read_text(encoding="utf-8")):
                    self.take(value, total)
        for run, job in ((run, job) for run in self.runs.values() for job in run.jobs.values()):
            job["environment"] = self.environments.get(job["id"]) or self.prepared(run, job)

    def run(self, number):
        return self.runs.setdefault(str(number), Run())

    def take(self, value, total):
        if "action" in value:
            self.entry(value)
        elif "run_number" in value and "head_sha" in value:
            self.take_run(value, total)
        elif "run_id" in value and "started_at" in value and "labels" in value:
            self.take_job(value)
        elif "deployment_url" in value:
            found = re.search(r"/job/(\d+)", value.get("log_url") or "")
            if found and value.get("environment"):
                self.environments[found.group(1)] = value["environment"]

    def entry(self, value):
        if value["action"] == "workflows.delete_workflow_run":
            self.deleted.add(str(value["workflow_run_id"]))
        if value["action"] == "workflows.prepared_workflow_job" and value.get("environment_name"):
            self.begun.append((str(value["workflow_run_id"]), value["job_name"], value["created_at"] // 1000, value["environment_name"]))

    def take_run(self, value, total):
        run = self.run(value["id"])
        run.shown = True
        run.repository_id = value["repository"]["id"]
        run.names.add(value["repository"]["full_name"].lower())
        run.number, run.workflow = value["run_number"], value["workflow_id"]
        run.event, run.branch = value["event"], value["head_branch"]
        run.created = seconds(value["created_at"])
        run.attempts.add(value["run_attempt"])
        if total is not None:
            listed, _ = self.totals.setdefault(value["repository"]["full_name"].lower(), (set(), total))
            listed.add(value["id"])

    def take_job(self, value):
        ran = value.get("runner_name") is not None and value.get("conclusion") != "skipped"
        self.run(value["run_id"]).jobs[str(value["id"])] = {
            "id": str(value["id"]),
            "name": value["name"],
            "attempt": value["run_attempt"],
            "start": seconds(value["started_at"]) if ran else None,
            "end": seconds(value["completed_at"]) if ran else None,
        }

    def prepared(self, run, job):
        """The environment of the only entry of the audit log about a job of this name that began then."""
        number = next(number for number, one in self.runs.items() if one is run)
        if job["start"] is None:
            return None
        fitting = {env for of, name, at, env in self.begun if of == number and name == job["name"] and abs(at - job["start"]) <= 30}
        return fitting.pop() if len(fitting) == 1 else None

    def covers(self, name, at):
        """None when nothing is known of a repository at a time; else whether every run is here, and since when."""
        made = [run for run in self.runs.values() if run.shown and name in run.names]
        first, last = min((run.created for run in made), default=None), max((run.created for run in made), default=None)
        if first is None or at is None or not first - SKEW <= at <= last + SKEW:
            return None
        listed, total = self.totals.get(name, (set(), None))
        counted = total is not None and len(listed) == total and total < 1000
        numbers = {}
        for run in made:
            numbers.setdefault(run.workflow, set()).add(run.number)
        whole = all(max(some) - min(some) + 1 == len(some) for some in numbers.values())
        return (counted or whole) and at <= last, first


def claimed(chain):
    """What the records call the run, and which attempt: user agents first, then tags, then names of sessions."""
    hops = chain["hops"]
    for hop in hops:
        agent = hop["user_agent"] or ""
        found = re.search(r"md/run_id#(\d+)", agent)
        if found and "configure-aws-credentials" in agent:
            attempt = re.search(r"md/attempt#(\d+)", agent)
            return found.group(1), int(attempt.group(1)) if attempt else None
    for hop in hops:
        for tags in (hop["session_tags"], hop["incoming_session_tags"]):
            if (tags or {}).get("GitHub") == "Actions" and "RunId" in tags:
                return tags["RunId"], None
    for hop in hops:
        found = re.fullmatch(r"gha-(\d{6,20})", hop["role_session_name"] or "")
        if found:
            return found.group(1), None
    return None


def ran(job, at):
    return job["start"] is not None and job["start"] - SKEW <= at and (job["end"] is None or at <= job["end"] + SKEW)


def fits(job, subject):
    said = subject and subject["environment"]
    return not said or not job["environment"] or job["environment"].lower() == said.lower()


def agrees(run, subject):
    """False when the run cannot be the one that the signed subject is for."""
    if subject is None:
        return True
    if subject["repository_id"] and run.repository_id:
        if int(subject["repository_id"]) != run.repository_id:
            return False
    elif subject["repository"] and run.names and subject["repository"].lower() not in run.names:
        return False
    if run.event in ("push", "workflow_dispatch", "schedule", "merge_group"):
        if subject["context_kind"] == "pull_request":
            return False
        if subject["ref"] and run.branch is not None:
            return subject["ref"].removeprefix("refs/heads/").removeprefix("refs/tags/") == run.branch
    return True


def renamed(run, subject, evidence):
    """True when a run of the same owner has another name, nothing has an id, and the evidence does not know the token's name."""
    if subject is None or (subject["repository_id"] and run.repository_id):
        return False
    name = subject["repository"].lower()
    known = {one for other in evidence.runs.values() for one in other.names}
    return name not in known and any(one.split("/")[0] == name.split("/")[0] for one in run.names)


def joined(chain, evidence):
    """(grade, run, attempt, job) of a chain, or None when no job of GitHub began it and nobody says so."""
    origin = chain["origin"]
    subject = origin["subject_parts"] if origin["kind"] == "oidc" else None
    if subject is not None and subject["provider"] != "github":
        return None
    claim = claimed(chain)
    if subject is None and (claim is None or origin["kind"] == "oidc"):
        return None
    at = seconds(chain["hops"][0]["event_time"])
    name = (subject or {}).get("repository")
    name = name.lower() if name else next(iter(chain_repository(chain)), None)
    if claim is None:
        return unnamed(evidence, subject, name, at)
    number, attempt = claim
    run = evidence.runs.get(number)
    if number in evidence.deleted:
        return "contradicted", None, None, None
    if run is None or not run.shown:
        cover = evidence.covers(name, at) if name else None
        lowest = min((int(one) for one, other in evidence.runs.items() if other.shown), default=0)
        older = int(number) <= lowest and cover is not None and cover[1] > at - LONGEST_RUN
        grade = "not_covered" if cover is None else "contradicted" if cover[0] and not older else "unknown"
        return grade, None, None, None
    if renamed(run, subject, evidence):
        return "unknown", None, None, None
    if not agrees(run, subject):
        return "contradicted", None, None, None
    jobs = [job for job in run.jobs.values() if job["start"] is not None and attempt in (None, job["attempt"])]
    in_time = [job for job in jobs if ran(job, at)]
    in_place = [job for job in in_time if fits(job, subject)]
    if len(in_place) == 1:
        return "exact", number, in_place[0]["attempt"], in_place[0]["id"]
    if in_place:
        attempts = {job["attempt"] for job in in_place}
        return "strong", number, attempts.pop() if len(attempts) == 1 else None, None
    if in_time:
        return "contradicted", None, None, None
    late = [job for job in jobs if fits(job, subject) and job["end"] is not None and job["end"] <= at <= job["end"] + TOKEN_LIFE + SKEW]
    if len(late) == 1:
        return "strong", number, late[0]["attempt"], late[0]["id"]
    with_jobs = {job["attempt"] for job in run.jobs.values()}
    wanted = {attempt} if attempt else set(range(1, max(run.attempts | with_jobs, default=0) + 1))
    if (wanted and wanted <= with_jobs) or (run.created is not None and at < run.created - SKEW):
        return "contradicted", None, None, None
    return "strong", number, attempt, None


def chain_repository(chain):
    for hop in chain["hops"]:
        for tags in (hop["session_tags"], hop["incoming_session_tags"]):
            if (tags or {}).get("Repository"):
                yield tags["Repository"].lower()


def unnamed(evidence, subject, name, at):
    fitting = [
        (number, job)
        for number, run in evidence.runs.items()
        if name in run.names and agrees(run, subject)
        for job in run.jobs.values()
        if ran(job, at) and fits(job, subject)
    ]
    cover = evidence.covers(name, at)
    complete = cover is not None and cover[0] and cover[1] <= at - LONGEST_RUN
    if not fitting:
        return ("missing" if complete else "unknown" if cover else "not_covered"), None, None, None
    if len(fitting) == 1 and complete:
        number, job = fitting[0]
        return "probable", number, job["attempt"], job["id"]
    return "ambiguous", None, None, None


def told(chain):
    """The same of the program's own answer."""
    ci = chain["ci"]
    if ci is None:
        return None
    if ci["link"] not in ("exact", "strong", "probable"):
        return ci["link"], None, None, None
    run, job = ci["run"], ci["job"]
    return ci["link"], run["id"], run["attempt"], job["id"] if job else None


def differences(plain, evidence, with_evidence):
    answers = {chain["id"]: told(chain) for chain in with_evidence["chains"]}
    assert len(answers) == len(plain["chains"]), "the same chains"
    assert with_evidence["ci_evidence"]["clock_skew_seconds"] == SKEW, "both allow the clocks the same"
    found, grades = [], {}
    for chain in plain["chains"]:
        assert not chain.get("ci"), "the first report has no evidence"
        own = joined(chain, evidence)
        if own is not None:
            grades[own[0]] = grades.get(own[0], 0) + 1
        if own != answers[chain["id"]]:
            found.append(f"{chain['id']}: {own} here, {answers[chain['id']]} by the program")
    return found, grades


def main():
    source, folder = sys.argv[2:]
    plain, evidence = report(source), Evidence(folder)
    found, grades = differences(plain, evidence, report(source, "--ci", folder))
    if found:
        sys.exit("\n".join(["the two joins differ:", *found]))
    assert grades.get("exact", 0) > 20, grades
    print(f"both joins agree: {', '.join(f'{count} {grade}' for grade, count in sorted(grades.items()))}")
    with tempfile.TemporaryDirectory() as other:
        shutil.copytree(folder, other, dirs_exist_ok=True)
        jobs = pathlib.Path(other, "jobs.ndjson")
        first, *rest = jobs.read_text(encoding="utf-8").splitlines()
        changed = re.sub(r'("(?:started|completed)_at":"\d{4})-\d\d-\d\d', r"\1-12-24", first)
        assert changed != first
        jobs.write_text("\n".join([changed, *rest]) + "\n", encoding="utf-8")
        found, _ = differences(plain, evidence, report(source, "--ci", other))
        assert len(found) == 1, f"one job on another day is one difference: {found}"
        print(f"they differ where the evidence does: {found[0]}")


main()
