//! The part of the script that fetches who reviewed the commits of runs that reached production.

/// Three requests for a commit that came with one pull request. Of the answers, texts and addresses of people are left out.
pub(super) const SCRIPT: &str = r#"refused=
answered=
person='{login, id, type}'

# reviewed HOST REPOSITORY RUN: asks for the commit of a run that is there, for its pull requests, and for their reviews.
# Whoever approves does so before the next deployment: an answer that is older than the run is asked again, and for a month
# one that shows no pull request, or one that is not merged.
reviewed() {
    case $refused in *" $1/$2 "*) return 0 ;; esac
    run=$(cat "$folder/$1/$2/$3"/run-*.json 2>/dev/null)
    # These build commits that are none of a branch.
    printf '%s' "$run" | grep -qE '"event": ?"(pull_request[a-z_]*|merge_group)"' && return 0
    sha=$(printf '%s' "$run" | grep -oE '"head_sha": ?"[0-9a-f]{40,64}"' | grep -oE '[0-9a-f]{40,64}' | head -n 1)
    [ -n "$sha" ] || return 0
    to=$folder/$1/$2/commits/$sha
    case $answered in *" $to "*) return 0 ;; esac
    answered="$answered $to "
    if [ -n "$(find "$folder/$1/$2/$3" -name 'run-*.json' -newer "$to/pulls.json" 2>/dev/null)" ]; then
        again=1
    elif [ -z "$(find "$to/commit.json" -mtime +30 2>/dev/null)" ]; then
        grep -qE '"merged_at": ?"' "$to/pulls.json" 2>/dev/null || again=1
        ! grep -qE '"merged_at": ?null' "$to/pulls.json" 2>/dev/null || again=1
    fi
    pull="{number, url, merged_at, merge_commit_sha, user: (.user | $person), head: {sha: .head.sha}, base: {ref: .base.ref}}"
    ask "$to/pulls.json" gh api --hostname "$1" --paginate \
        --jq "{repo: \"$2\", commit: \"$sha\", pulls: [.[] | $pull]}" "repos/$2/commits/$sha/pulls?per_page=100"
    result=$?
    again=
    case $result in
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
        reviews=$folder/$1/$2/pulls/$number/reviews.json
        [ -z "$(find "$to/pulls.json" -newer "$reviews" 2>/dev/null)" ] || again=1
        review="{id, user: (.user | $person), state, commit_id, submitted_at}"
        ask "$reviews" gh api --hostname "$1" --paginate \
            --jq "{repo: \"$2\", pull: $number, reviews: [.[] | $review]}" "repos/$2/pulls/$number/reviews?per_page=100" ||
            fail "reviews of pull request $number of $2"
        again=
    done
}

"#;
