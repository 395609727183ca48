//! `unreviewed-commit-deployed`: a run changed production with a commit that nobody but its author looked at.

use crate::audit::reviewed;
use crate::audit::reviewed::Lack;
use crate::audit::reviewed::Reviewed;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::runs;
use crate::audit::runs::Said;
use crate::audit::runs::Sure;
use crate::audit::theme::Theme;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "unreviewed-commit-deployed",
    title: "A commit that nobody else reviewed was deployed to production",
    theme: Theme::Ci,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "`--ci` with runs, commits, pull requests and reviews",
    remediation: "Review the commit now. Require a pull request with an approval for the branch, dismiss approvals \
                  when new commits come, and let nobody bypass that.",
    techniques: &["T1195.002"],
    reading: &[(
        "GitHub: protected branches",
        "https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches",
    )],
    page: include_str!("../../../../docs/rules/unreviewed-commit-deployed.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    for sure in runs::signed(context) {
        let Some(role) = sure.changed_production(context) else { continue };
        if let (Reviewed::No(lack), Some(sha)) = (reviewed::of(sure), sure.run.head_sha.as_deref()) {
            matches.push(matched(context, sure, sha, &role, lack));
        }
    }
}

fn matched(context: &Context<'_>, sure: Sure<'_>, sha: &str, role: &str, lack: Lack<'_>) -> Match {
    let of_commit = sure.commit().and_then(|commit| commit.author.as_ref());
    let by = of_commit.map(|person| format!(" by {}", person.login)).unwrap_or_default();
    let (severity, confidence, how, why) = match lack {
        Lack::Stale(number, person) => (
            Severity::Low,
            Confidence::Medium,
            "that changed after its approval",
            format!(
                "{} approved an earlier commit of pull request {number}, and nobody else approved its last one. What came \
                 after may be no more than a merge of the branch that it is for; the evidence does not say.",
                person.login
            ),
        ),
        Lack::Unapproved(number, author) => (
            Severity::Medium,
            Confidence::High,
            "that nobody else reviewed",
            format!("It came with pull request {number} by {}, which no other person had approved.", author.login),
        ),
        Lack::Open(number, author) => (
            Severity::Medium,
            Confidence::High,
            "that nobody else reviewed",
            format!(
                "It is of pull request {number} by {}, which was not merged then and which no other person had approved at \
                 this commit.",
                author.login
            ),
        ),
        Lack::NoPull => (
            Severity::Medium,
            Confidence::High,
            "that nobody else reviewed",
            "By the CI system, it came with no pull request. A review that was done elsewhere does not show here."
                .to_owned(),
        ),
    };
    let (short, run) = (reviewed::short(sha), sure.linked.run_title());
    let event = sure.run.event.as_deref().filter(|event| !reviewed::shows_commit(event));
    let said = match event {
        None => Said {
            severity,
            confidence,
            basis: Basis::Match,
            title: format!("{run} changed production with commit {short}, {how}"),
            message: format!("{run} built commit {sha}{by} and changed production through {role}. {why}"),
        },
        Some(event) => Said {
            severity,
            confidence: Confidence::Low,
            basis: Basis::Heuristic,
            title: format!("{run} changed production and names commit {short}, {how}"),
            message: format!(
                "{run} changed production through {role}. The CI system names commit {sha}{by} for it. {why} The event \
                 {event} started the run: what it names may be no more than the tip of the default branch, and the run may \
                 have deployed another commit."
            ),
        },
    };
    sure.linked.matched(context, said)
}
