//! The script that fetches what is missing: three requests for each run that a log names.
//!
//! Names come from logs, where anybody may have written them: what could be more than a name is not put into a script.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::facts::RunKey;
use super::facts::System;
use super::fetchers;
use super::wanted_reviews;

/// A run of which evidence is wanted, or what leads to it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// The run; of other systems than GitHub what the records hold in its place: a job or a pipeline of GitLab, a step of
    /// Bitbucket, a commit of Buildkite.
    pub run: RunKey,
    /// Its repository, `owner/name`, or its project; of Bitbucket the workspace and the repository's id.
    pub repository: Box<str>,
    /// The attempt; the latest when it is not known.
    pub attempt: Option<u32>,
}

const SCRIPT: &str = r#"#!/bin/sh
# Fetches what CI systems say of the runs below, read-only. usage: sh wanted.sh [FOLDER]
# Start it again after a failure: what is there and cannot change is not fetched again. Then: rolechain audit ... --ci FOLDER
set -u
folder=${1:-ci-evidence}
pause=${CI_WANTED_PAUSE:-60}
failed=0
again=
shared=
mkdir -p "$folder" || exit 1

# ask FILE COMMAND...: 0 when it is there, 4 when the system does not have it, 1 when it cannot be fetched.
# What is there is fetched again where $again says so, and stays when that fails.
ask() {
    file=$1
    shift
    [ -s "$file" ] && [ -z "$again" ] && return 0
    mkdir -p "$(dirname "$file")"
    tries=0
    while ! "$@" >"$file.part" 2>"$file.error"; do
        if grep -qiE 'HTTP 429|error: 429|rate limit' "$file.error" "$file.part" && [ "$tries" -lt 70 ]; then
            tries=$((tries + 1))
            echo "rate limit: waiting $pause s" >&2
            sleep "$pause"
            continue
        fi
        result=1
        grep -qE 'HTTP 404|404 Not Found|error: 404' "$file.error" && result=4
        [ "$result" -eq 1 ] && cat "$file.error" >&2
        if grep -qE 'HTTP 401|error: 401' "$file.error"; then
            rm -f "$file.part" "$file.error"
            echo "the login or token is not valid: nothing more is asked" >&2
            exit 1
        fi
        rm -f "$file.part" "$file.error"
        return "$result"
    done
    mv "$file.part" "$file"
    rm -f "$file.error"
}

# share FILE COMMAND...: as ask, but once for all runs, and again after a day.
share() {
    case $shared in
    *" $1=0 "*) return 0 ;;
    *" $1="*) return 1 ;;
    esac
    [ -n "$(find "$1" -mtime -1 2>/dev/null)" ] || again=1
    ask "$@"
    result=$?
    again=
    shared="$shared $1=$result "
    return "$result"
}

# over FILE: asks again for a run that was not over when it was fetched, and says too little now.
over() {
    [ ! -s "$1" ] || grep -qE '"status": ?"completed"' "$1" || again=1
}

fail() {
    echo "not fetched: $*" >&2
    failed=$((failed + 1))
}

# missing SYSTEM HOST REPOSITORY RUN FILE: says that the system does not have a run.
missing() {
    printf '{"system":"%s","host":"%s","repo":"%s","run_id":%s,"missing":true,"asked_at":"%s"}\n' \
        "$1" "$2" "$3" "$4" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" >"$5"
}

# github HOST REPOSITORY RUN [ATTEMPT]
github() {
    to=$folder/$1/$2/$3
    run=repos/$2/actions/runs/$3
    [ -s "$to/missing.json" ] && return 0
    if [ -n "${4:-}" ]; then
        part=$run/attempts/$4 jobs="$run/attempts/$4/jobs?per_page=100" name=$4
    else
        part=$run jobs="$run/jobs?filter=all&per_page=100" name=latest
    fi
    over "$to/run-$name.json"
    ask "$to/run-$name.json" gh api --hostname "$1" "$part"
    case $? in
    0) ;;
    4)
        # The answer is the same for a run that is gone, for an attempt that never was, and for a repository out of sight.
        over "$to/run-latest.json"
        if ask "$to/run-latest.json" gh api --hostname "$1" "$run"; then
            jobs="$run/jobs?filter=all&per_page=100" name=latest
        elif share "$folder/$1/$2/repository.txt" gh api --hostname "$1" "repos/$2"; then
            missing github "$1" "$2" "$3" "$to/missing.json"
            again=
            return 0
        else
            fail "$2: no such repository, or no access to it"
            again=
            return 0
        fi
        ;;
    *)
        fail "run $3 of $2"
        again=
        return 0
        ;;
    esac
    # Should these fail now, they are asked again although the run is over.
    [ -z "$again" ] || rm -f "$to/jobs-$name.json" "$to/approvals.$name.json"
    again=
    ask "$to/jobs-$name.json" gh api --hostname "$1" --paginate --slurp "$jobs" || fail "jobs of run $3 of $2"
    ask "$to/approvals.$name.json" gh api --hostname "$1" "$run/approvals" || fail "approvals of run $3 of $2"
    # What protects each environment now, and where the vendor's runners stand: once for a repository, once for a host.
    share "$folder/$1/$2/environments.json" gh api --hostname "$1" "repos/$2/environments?per_page=100" ||
        fail "environments of $2"
    [ "$1" != github.com ] || share "$folder/$1/meta.json" gh api --hostname "$1" meta || fail "addresses of runners"
}

"#;

/// Writes a script for a POSIX shell that fetches evidence into a folder with `gh`, `glab` and `curl`, and can be started again. Of the
/// runs of GitHub among `reviewed`, it also fetches who reviewed their commits.
pub fn script(wanted: &[Wanted], reviewed: &BTreeSet<RunKey>) -> String {
    let mut text = SCRIPT.to_owned();
    if !reviewed.is_empty() {
        text.push_str(wanted_reviews::SCRIPT);
    }
    let (safe, others): (BTreeSet<&Wanted>, BTreeSet<&Wanted>) = wanted.iter().partition(|one| one.is_fetchable());
    let systems: BTreeSet<System> = safe.iter().map(|one| one.run.system).collect();
    for fetcher in systems.into_iter().filter_map(fetchers::of) {
        text.push_str(fetcher.needs);
        text.push_str(fetcher.script);
    }
    for one in &safe {
        let attempt = one.attempt.map(|number| format!(" {number}")).unwrap_or_default();
        let system = one.run.system.provider();
        // Writing to text cannot fail.
        let _ = writeln!(text, "{system} {} {} {}{attempt}", one.run.host, one.repository, one.run.id);
    }
    // After all runs: what is asked of a commit is then newer than each run that built it.
    for run in safe.iter().filter(|one| reviewed.contains(&one.run)) {
        let _ = writeln!(text, "reviewed {} {} {}", run.run.host, run.repository, run.run.id);
    }
    if !others.is_empty() {
        let _ = writeln!(
            text,
            "echo '{} more cannot be fetched by this script: another system, or no plain name' >&2",
            others.len()
        );
    }
    text.push_str("[ \"$failed\" -eq 0 ]\n");
    text
}

impl Wanted {
    /// True when the script can ask for it: its system is known, and its names can be no more than names.
    pub fn is_fetchable(&self) -> bool {
        is_safe(self)
    }

    /// Returns the word for what the id is.
    pub fn named(&self) -> &'static str {
        match self.run.system {
            System::GitLab => "job_or_pipeline",
            System::Bitbucket => "step",
            System::Buildkite => "commit",
            System::GitHub | System::CircleCi | System::HcpTerraform => "run",
        }
    }
}

/// True when all names are made of letters, digits and what stands between them, and no part of a path leads elsewhere.
fn is_safe(one: &Wanted) -> bool {
    let is_word = |text: &str| {
        let first = text.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        first && text.bytes().all(is_plain)
    };
    let id = &*one.run.id;
    let is_id = match one.run.system {
        System::GitHub => !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()),
        system => fetchers::of(system).is_some_and(|fetcher| (fetcher.is_id)(id)),
    };
    // A repository may begin with a dot (`.github`), and be no more than dots nowhere.
    let is_part = |part: &str| is_word(part.strip_prefix('.').unwrap_or(part));
    let has_owner = one.repository.contains('/');
    is_id && is_word(&one.run.host) && has_owner && one.repository.split('/').all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_come_into_a_script() {
        let one = |host: &str, repository: &str, id: &str| Wanted {
            run: RunKey { system: System::GitHub, host: host.into(), id: id.into() },
            repository: repository.into(),
            attempt: Some(1),
        };
        assert!(is_safe(&one("github.com", "acme/.github", "7")));
        for (host, repository, id) in [
            ("github.com", "acme/orders;rm -rf ~", "7"),
            ("github.com", "acme/$(id)", "7"),
            ("github.com", "acme/..", "7"),
            ("github.com", "../orders", "7"),
            ("github.com", "acme//orders", "7"),
            ("github.com", "acme/orders\n", "7"),
            ("github.com", "-acme/orders", "7"),
            ("github.com", "orders", "7"),
            ("github.com", "acme/orders", "7 8"),
            ("github.com", "acme/orders", ""),
            ("--help", "acme/orders", "7"),
            ("", "acme/orders", "7"),
        ] {
            let one = one(host, repository, id);
            assert!(!is_safe(&one), "{one:?}");
            assert!(script(&[one], &BTreeSet::new()).contains("echo '1 more cannot be fetched"));
        }
    }
}
