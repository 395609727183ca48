//! The parts of the script that fetch from other systems than GitHub. Each asks with a login of yours, or with a token from the
//! environment, which is neither in the script nor among the arguments of a program that runs.

use super::facts::System;

/// How evidence of a system is fetched.
pub(super) struct Fetcher {
    /// What has to be there first: a program, and a token in the environment.
    pub(super) needs: &'static str,
    /// A function of the shell: it takes a host, a repository and an id.
    pub(super) script: &'static str,
    /// True for what may be asked for.
    pub(super) is_id: fn(&str) -> bool,
}

/// Returns how evidence of a system is fetched. The ids are what its tokens and session names hold: a job or a pipeline of GitLab,
/// a step of Bitbucket, a commit of Buildkite.
pub(super) fn of(system: System) -> Option<Fetcher> {
    let is_uuid = |id: &str| id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    Some(match system {
        System::GitLab => Fetcher {
            needs: "command -v glab >/dev/null || { echo 'glab is not here: it asks GitLab' >&2; exit 1; }\n",
            script: GITLAB,
            is_id: |id| !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()),
        },
        System::Bitbucket => Fetcher {
            needs: ": \"${BITBUCKET_TOKEN:?must hold a token that may read repositories and pipelines of Bitbucket}\"\n",
            script: BITBUCKET,
            is_id: is_uuid,
        },
        System::Buildkite => Fetcher {
            needs: ": \"${BUILDKITE_API_TOKEN:?must hold a token with read_builds of Buildkite}\"\n",
            script: BUILDKITE,
            is_id: |id| id.len() >= 7 && id.bytes().all(|byte| byte.is_ascii_hexdigit()),
        },
        System::GitHub | System::CircleCi | System::HcpTerraform => return None,
    })
}

/// The id comes from the name of a session, where it may be any number: a job or a pipeline that is not there proves nothing, and
/// is not recorded as missing.
const GITLAB: &str = r#"# gitlab HOST PROJECT JOB-OR-PIPELINE
gitlab() {
    to=$folder/$1/$2/$3
    project=projects/$(printf '%s' "$2" | sed 's,/,%2F,g')
    [ -s "$to/not-there.txt" ] && return 0
    [ ! -s "$to/pipeline.json" ] || grep -qE '"status": ?"(success|failed|canceled|skipped)"' "$to/pipeline.json" || again=1
    pipeline=$3
    ask "$to/job.json" glab api --hostname "$1" "$project/jobs/$3"
    case $? in
    0) pipeline=$(tr -d ' \n' <"$to/job.json" | sed -n 's/.*"pipeline":{[^}]*"id":\([0-9]*\).*/\1/p') ;;
    4) ;;
    *)
        fail "job $3 of $2"
        again=
        return 0
        ;;
    esac
    ask "$to/pipeline.json" glab api --hostname "$1" "$project/pipelines/${pipeline:-$3}"
    case $? in
    0) ;;
    4)
        again=
        if share "$folder/$1/$2/project.txt" glab api --hostname "$1" "$project"; then
            echo "no job or pipeline $3 in $2: the number in the session's name is another" | tee "$to/not-there.txt" >&2
        else
            fail "$2: no such project, or no access to it"
        fi
        return 0
        ;;
    *)
        fail "pipeline ${pipeline:-$3} of $2"
        again=
        return 0
        ;;
    esac
    [ -z "$again" ] || rm -f "$to/jobs.json"
    again=
    ask "$to/jobs.json" glab api --hostname "$1" --paginate \
        "$project/pipelines/${pipeline:-$3}/jobs?include_retried=true&per_page=100" || fail "jobs of pipeline $pipeline of $2"
    # Approvals are in deployments, which cannot be asked for by job: the latest hundred of the project.
    share "$folder/$1/$2/deployments.json" glab api --hostname "$1" \
        "$project/deployments?order_by=updated_at&sort=desc&per_page=100" || fail "deployments of $2"
}

"#;

/// A step cannot be asked for by its id alone: the pipelines are looked through, the latest first.
const BITBUCKET: &str = r#"bitbucket_get() {
    printf 'header = "Authorization: Bearer %s"\n' "$BITBUCKET_TOKEN" | curl -fsS --config - "$1"
}

# bitbucket_look PIPELINE STEP: fetches the pipeline and returns 0 when it has the step. What can still change is asked again.
bitbucket_look() {
    again=
    steps=$to/steps-$1.json
    [ ! -s "$steps" ] || { grep -q '"COMPLETED"' "$steps" && ! grep -qE '"(PENDING|READY|IN_PROGRESS)"' "$steps"; } || again=1
    [ ! -s "$to/$1.json" ] || grep -q '"completed_on": *"' "$to/$1.json" || again=1
    ask "$steps" bitbucket_get "$all/%7B$1%7D/steps/?pagelen=100" || unread=$((unread + 1))
    if grep -q "$2" "$steps" 2>/dev/null; then
        ask "$to/$1.json" bitbucket_get "$all/%7B$1%7D" || fail "pipeline $1 with step $2"
        again=
        return 0
    fi
    again=
    return 1
}

# bitbucket HOST WORKSPACE/REPOSITORY-ID STEP
bitbucket() {
    to=$folder/$1/$2
    all=https://api.bitbucket.org/2.0/repositories/${2%/*}/%7B${2##*/}%7D/pipelines
    unread=0
    for pipeline in $(cd "$to" 2>/dev/null && grep -l "$3" steps-*.json 2>/dev/null | sed 's/^steps-//; s/[.]json$//'); do
        bitbucket_look "$pipeline" "$3" && return 0
    done
    page=1
    while [ "$page" -le "${CI_WANTED_PAGES:-5}" ]; do
        list=$to/pipelines-$page.txt
        # A pipeline may have begun since: the list is asked once each time.
        again=1
        share "$list" bitbucket_get "$all/?sort=-created_on&pagelen=100&page=$page&fields=values.uuid"
        result=$?
        again=
        if [ "$result" -ne 0 ]; then
            fail "step $3 of $2: page $page of the list of pipelines cannot be read"
            return 0
        fi
        uuids=$(grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' "$list") || break
        for pipeline in $uuids; do
            bitbucket_look "$pipeline" "$3" && return 0
        done
        page=$((page + 1))
    done
    if [ "$unread" -gt 0 ]; then
        fail "step $3 of $2: the steps of $unread pipelines cannot be read, and no other of the latest has it"
    else
        fail "step $3 of $2: in none of the pipelines that were looked through"
    fi
}

"#;

/// A token names the commit: its builds hold their jobs, and who unblocked them.
const BUILDKITE: &str = r#"buildkite_get() {
    printf 'header = "Authorization: Bearer %s"\n' "$BUILDKITE_API_TOKEN" | curl -fsS --config - "$1"
}

# buildkite HOST ORGANIZATION/PIPELINE COMMIT
buildkite() {
    builds=$folder/$1/$2/builds-$3.json
    # A build that was not over may have gone on, and one that was not there may be by now.
    { grep -q '"finished_at"' "$builds" 2>/dev/null && ! grep -qE '"finished_at": ?null' "$builds"; } || again=1
    ask "$builds" buildkite_get "https://api.buildkite.com/v2/organizations/${2%/*}/pipelines/${2#*/}/builds?commit=$3&include_retried_jobs=true&per_page=100"
    case $? in
    0) grep -q '"finished_at"' "$builds" || fail "builds of commit $3 of $2: Buildkite lists none" ;;
    *) fail "builds of commit $3 of $2" ;;
    esac
    again=
}

"#;
