//! `unprotected-ref-on-deploy-role`: a branch that is not for releases reached production.

use crate::audit::environment;
use crate::audit::environment::Stage;
use crate::audit::environment::production;
use crate::audit::grade;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::standing;
use crate::audit::subjects;
use crate::audit::subjects::stanza;
use crate::audit::theme::Theme;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::observations::Map;
use crate::provider::Context as SubjectContext;
use crate::provider::Subject;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "unprotected-ref-on-deploy-role",
    title: "A branch that is not for releases reached production",
    theme: Theme::Deploy,
    severity: Severity::High,
    confidence: Confidence::Medium,
    basis: Basis::Heuristic,
    persona: Persona::Regular,
    needs: "logs, and an `env` (or an account name) that says which roles are in production",
    remediation: "Pin the ref in the trust policy of the entry role (repo:OWNER/NAME:ref:refs/heads/main), or deploy from \
                  an environment with branch rules and pin that. If the branch is one of those that deploy, list the \
                  role's subjects in rolechain.toml.",
    techniques: &["T1677"],
    reading: &[
        ("GitHub: OpenID Connect reference", "https://docs.github.com/en/actions/reference/security/oidc"),
        (
            "GitHub: protected branches",
            "https://docs.github.com/en/repositories/configuring-branches-and-merges-in-your-repository/managing-protected-branches/about-protected-branches",
        ),
    ],
    page: include_str!("../../../../docs/rules/unprotected-ref-on-deploy-role.md"),
    check,
};

/// Branches that people protect by habit.
const RELEASE_BRANCHES: [&str; 5] = ["main", "master", "release", "stable", "trunk"];

/// How the names of release branches begin.
const RELEASE_PREFIXES: [&str; 4] = ["release/", "release-", "releases/", "hotfix/"];

/// Branches that GitHub makes itself, of changes that are approved and wait to be merged.
const MERGE_QUEUE: &str = "gh-readonly-queue/";

/// So many entries are needed before a repository's habit is known.
const FEWEST_ENTRIES: u64 = 5;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let firsts: Vec<SessionView<'_>> = context
        .lineage
        .sessions()
        .filter(|session| session.parent().is_none() && session.origin().is_pipeline)
        .collect();
    let habits = Habits::learn(&firsts);
    let by_key = gather(firsts.iter().filter_map(|session| {
        let subject = session.origin().token.as_ref()?;
        let SubjectContext::Branch(branch) = &subject.context else { return None };
        let role_arn = subjects::entry_of(*session).role_arn()?;
        // Listed subjects are the owners' own word on branches, and `unexpected-subject` holds them to it.
        let is_listed = context.expectations.role(role_arn).is_some_and(|role| !role.subjects.is_empty());
        let is_right = is_listed
            || is_for_releases(branch)
            || is_told_elsewhere(branch)
            || habits.has(role_arn, subject, branch)
            || production(context, *session).is_none();
        (!is_right).then(|| ((role_arn, subjects::key_of(subject)), *session))
    }));
    for ((role_arn, key), sessions) in by_key {
        matches.extend(matched(context, role_arn, &sessions, key));
    }
}

fn is_for_releases(branch: &str) -> bool {
    RELEASE_BRANCHES.contains(&branch)
        || RELEASE_PREFIXES.iter().any(|prefix| branch.starts_with(prefix))
        || branch.starts_with(MERGE_QUEUE)
        // A branch that bears the name of production is where it is deployed from.
        || (!branch.contains('/') && environment::stage(branch) == Some(Stage::Prod))
}

/// Branches called `dev` or `staging` are the business of `environment-mismatch`.
fn is_told_elsewhere(branch: &str) -> bool {
    !branch.contains('/') && environment::stage(branch) == Some(Stage::BeforeProd)
}

/// From which branches repositories enter roles, as these logs show. Tags and environments are no branches.
struct Habits {
    entries: Map<(String, String), u64>,
    by_branch: Map<(String, String, String), u64>,
}

impl Habits {
    fn learn(entries: &[SessionView<'_>]) -> Self {
        let mut habits = Self { entries: Map::default(), by_branch: Map::default() };
        for session in entries.iter().filter(|session| subjects::is_entry(**session)) {
            let (Some(role), Some(subject)) = (session.role_arn(), session.origin().token.as_ref()) else { continue };
            let (role, repository) = (role.to_owned(), repository(subject));
            if let SubjectContext::Branch(branch) = &subject.context {
                *habits.entries.entry((role.clone(), repository.clone())).or_default() += 1;
                *habits.by_branch.entry((role, repository, branch.clone())).or_default() += 1;
            }
        }
        habits
    }

    /// True when more than four of five entries of the repository came from this branch.
    fn has(&self, role_arn: &str, subject: &Subject, branch: &str) -> bool {
        let (role, repository) = (role_arn.to_owned(), repository(subject));
        let all = self.entries.get(&(role.clone(), repository.clone())).copied().unwrap_or_default();
        let of_branch = self.by_branch.get(&(role, repository, branch.to_owned())).copied().unwrap_or_default();
        all >= FEWEST_ENTRIES && 5 * of_branch > 4 * all
    }
}

fn repository(subject: &Subject) -> String {
    let name = subject.repository.as_deref().unwrap_or(&subject.raw);
    format!("{}/{}", subject.issuer, name).to_ascii_lowercase()
}

fn matched(
    context: &Context<'_>,
    role_arn: &str,
    sessions: &Occurrences<'_>,
    mut key: Vec<(&'static str, String)>,
) -> Option<Match> {
    let subject = sessions.first().origin().token.as_ref()?;
    let (end, hops) = production(context, sessions.first())?;
    let who = subject.repository.as_deref().unwrap_or(&subject.raw);
    let of_branches = sessions.sessions().iter().filter_map(|session| session.origin().token.as_ref()?.ref_name());
    let branches = phrase::all_of(of_branches);
    let (word, none) =
        if branches.contains(" and ") { ("branches", "these are not") } else { ("branch", "this one is not") };
    let far = if role_arn == end {
        format!("let into {}, which is in production", phrase::role(context, role_arn))
    } else {
        format!(
            "let into role {} and came to {}, which is in production",
            phrase::short(role_arn),
            phrase::role(context, end)
        )
    };
    let confidence = sessions.sessions().iter().map(|session| grade::of_links(RULE.confidence, *session)).max();
    key.push(("role_arn", role_arn.to_owned()));
    let matched = Match {
        key,
        severity: RULE.severity,
        confidence: confidence.unwrap_or(RULE.confidence),
        basis: RULE.basis,
        title: format!("{who} came to {}, which is in production, from the {word} {branches}", phrase::short(end)),
        message: format!(
            "{}, a token of {who} for the {word} {branches} was {far}. \
             Only main, master, release/…, hotfix/… and a branch that makes up more than four of five entries are taken \
             to be for releases, and {none}. That is a guess: no expectations list the subjects of {}. \
             Whoever can push to the repository can usually make such a branch, without a review.",
            sessions.when(),
            phrase::short(role_arn),
        ),
        remediation: Some(standing::advice(
            standing::of(context, Some(role_arn), subject),
            subject,
            role_arn,
            format!(
                "Pin the ref that deploys in the sub condition of the trust policy of {role_arn}, or deploy from an \
                 environment with branch rules and pin that. If the {word} may deploy, list it with the others in \
                 rolechain.toml: subjects = [{}] for the role.",
                stanza(subject),
            ),
        )),
        count: sessions.count(),
        evidence: sessions.evidence().into_iter().chain(hops).collect(),
        chain_ids: sessions.chain_ids(context),
    };
    Some(grade::learned_env(matched, context, end))
}
