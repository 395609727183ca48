//! The part of the script that fetches who reviewed the commits of runs that reached production.

/// Three requests for a commit that came with one pull request. Of the answers, texts and addresses of people are left out.
pub(super) const SCRIPT: &str = r#"refused=
person='{login, id, type}'

# reviewed HOST REPOSITORY RUN: asks for the commit of a run that is there, for its pull requests, and for their reviews.
reviewed() {
    case $refused in *" $1/$2 "*) return 0 ;; esac
    run=$(cat "$folder/$1/$2/$3"/run-*.json 2>/dev/null)
    # These build commits that are none of a branch.
    printf '%s' "$run" | grep -qE '"event": ?"(pull_request[a-z_]*|merge_group)"' && return 0
    sha=$(printf '%s' "$run" | grep -oE '"head_sha": ?"[0-9a-f]{40,64}"' | grep -oE '[0-9a-f]{40,64}' | head -n 1)
    [ -n "$sha" ] || return 0
    to=$folder/$1/$2/commits/$sha
    pull="{number, url, merged_at, merge_commit_sha, user: (.user | $person), head: {sha: .head.sha}, base: {ref: .base.ref}}"
    ask "$to/pulls.json" gh api --hostname "$1" --paginate \
        --jq "{repo: \"$2\", commit: \"$sha\", pulls: [.[] | $pull]}" "repos/$2/commits/$sha/pulls?per_page=100"
    case $? in
    0) ;;
    4) return 0 ;;
    *)
        fail "pull requests and reviews of $2: may you read its contents and pull requests?"
        refused="$refused $1/$2 "
        return 0
        ;;
    esac
    ask "$to/commit.json" gh api --hostname "$1" \
        --jq "{sha, html_url, parents: [.parents[]? | {sha}], author: (.author | $person), files: [.files[]? | {filename}]}" "repos/$2/commits/$sha" ||
        fail "commit $sha of $2"
    for number in $(grep -oE '"number": ?[0-9]+' "$to/pulls.json" | grep -oE '[0-9]+' | sort -u); do
        review="{id, user: (.user | $person), state, commit_id, submitted_at}"
        ask "$folder/$1/$2/pulls/$number/reviews.json" gh api --hostname "$1" --paginate \
            --jq "{repo: \"$2\", pull: $number, reviews: [.[] | $review]}" "repos/$2/pulls/$number/reviews?per_page=100" ||
            fail "reviews of pull request $number of $2"
    done
}

"#;
