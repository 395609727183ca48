//! `pull-request-subject-on-deploy-role`: a pull request reached a role that deploys, production, or wrote something.

use crate::audit::class::Classes;
use crate::audit::environment;
use crate::audit::grade;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::standing;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::expect::RoleClass;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Evidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::width::wide;
use crate::provider::Context as SubjectContext;
use crate::provider::Subject;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "pull-request-subject-on-deploy-role",
    title: "A pull request reached a role that deploys, production, or wrote something",
    theme: Theme::Deploy,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; better with `class` and `env` of roles",
    remediation: "Give pull requests a role of their own that can only read (plan), and deploy from an environment \
                  with protected branches only. Take the pull_request subject out of the trust policy of every role \
                  that deploys.",
    techniques: &["T1677", "T1078.004"],
    reading: &[
        ("GitHub: OpenID Connect reference", "https://docs.github.com/en/actions/reference/security/oidc"),
        ("GitHub: secure use reference", "https://docs.github.com/en/actions/reference/security/secure-use"),
    ],
    page: include_str!("../../../../docs/rules/pull-request-subject-on-deploy-role.md"),
    check,
};

/// Writes that a plan makes, too: state locks, and the log of the run.
const PLAN_WRITES: [(&str, &[&str]); 3] = [
    ("dynamodb.amazonaws.com", &["PutItem", "UpdateItem", "DeleteItem"]),
    ("s3.amazonaws.com", &["PutObject", "DeleteObject"]),
    ("logs.amazonaws.com", &["CreateLogGroup", "CreateLogStream", "PutLogEvents"]),
];

/// How far a pull request came.
#[derive(Default)]
struct Reach<'a> {
    /// The deploy role or the role in production.
    role: Option<&'a str>,
    writes: u64,
    first_write: Option<Evidence>,
    hops: Vec<Evidence>,
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_pull_request = |session: SessionView<'_>| {
        session.origin().token.as_ref().is_some_and(|of| of.context == SubjectContext::PullRequest)
    };
    if !context.lineage.sessions().any(is_pull_request) {
        return;
    }
    let classes = Classes::observe(context);
    let first_hops =
        context.lineage.sessions().filter(|session| session.parent().is_none() && is_pull_request(*session));
    let by_role = gather(first_hops.filter_map(|session| {
        let entry = subjects::entry_of(session);
        Some(((entry.session.role_arn?, session.origin().token.as_ref()?), session))
    }));
    for ((role, subject), sessions) in by_role {
        let role_arn = context.lineage.str(role);
        let mut reached = Vec::new();
        for session in sessions.sessions() {
            let reach = reach(context, &classes, *session);
            if reach.role.is_some() || reach.writes > 0 {
                reached.push((*session, reach));
            }
        }
        if !reached.is_empty() && !is_admitted(context, role_arn, subject, &reached) {
            matches.push(matched(context, role_arn, subject, &reached));
        }
    }
}

/// Follows a pull request to all that it opened.
fn reach<'a>(context: &'a Context<'_>, classes: &Classes<'_, '_>, session: SessionView<'a>) -> Reach<'a> {
    let mut reach = Reach::default();
    for session in session.descendants() {
        let Some(role) = session.role_arn() else { continue };
        let is_target = match classes.declared(role) {
            Some(RoleClass::Entry) => environment::is_prod_role(context, role),
            _ => classes.is_deploy(session) || environment::is_prod_role(context, role),
        };
        if is_target {
            // The last one is the furthest from the token.
            reach.role = Some(role);
            reach.hops.extend(session.issuing_evidence());
        }
        for (action, tally) in session.actions() {
            let source = context.lineage.opt(action.source).unwrap_or_default();
            let name = context.lineage.opt(action.name).unwrap_or_default();
            let by_plan = PLAN_WRITES.iter().any(|(of, names)| *of == source && names.contains(&name));
            if action.read_only == Some(false) && action.error_code.is_none() && !by_plan {
                reach.writes += tally.count();
                let first = context.lineage.evidence(&tally.first);
                reach.first_write = Some(reach.first_write.take().map_or(first.clone(), |known| known.min(first)));
            }
        }
    }
    reach
}

/// Returns true when the owners admit pull requests to the role by name, and none went on to production or to a role
/// that deploys.
fn is_admitted(
    context: &Context<'_>,
    role_arn: &str,
    subject: &Subject,
    reached: &[(SessionView<'_>, Reach<'_>)],
) -> bool {
    let admits = context.expectations.role(role_arn).is_some_and(|role| role.subjects.admit_pull_request(subject));
    admits && reached.iter().all(|(_, reach)| reach.role.is_none())
}

fn matched(
    context: &Context<'_>,
    role_arn: &str,
    subject: &Subject,
    reached: &[(SessionView<'_>, Reach<'_>)],
) -> Match {
    let roles: Vec<&str> = reached.iter().filter_map(|(_, reach)| reach.role).collect();
    let writes: u64 = reached.iter().map(|(_, reach)| reach.writes).sum();
    let further = roles.iter().copied().find(|role| *role != role_arn);
    // Production and deploy roles are the worst; a write into an account that nothing is known of may be a preview.
    let is_worst = further.is_some()
        || roles
            .iter()
            .any(|role| class_is_deploy(context, role) || writes > 0 && environment::is_prod_role(context, role));
    let severity = if is_worst { Severity::Critical } else { Severity::High };
    let who = subject.repository.as_deref().unwrap_or(&subject.raw);
    let short = phrase::short(role_arn);
    let wrote = phrase::count(writes, "write");
    let title = match (further, writes) {
        (Some(end), 0) => format!("A pull request of {who} entered {short} and reached {}", phrase::short(end)),
        (Some(end), _) => {
            format!("A pull request of {who} entered {short}, reached {} and made {wrote}", phrase::short(end))
        }
        (None, 0) => format!("A pull request of {who} entered {short}"),
        (None, _) => format!("A pull request of {who} entered {short} and made {wrote}"),
    };
    let sessions = gather(reached.iter().map(|(session, _)| ((), *session)));
    let when = sessions.first().map(|((), all)| all.when()).unwrap_or_default();
    let ends = phrase::all_of(roles.iter().map(|role| phrase::role(context, role)));
    let far = match (further, writes) {
        (None, 0) => "It is the way to production, and nothing was written yet.".to_owned(),
        (None, _) => format!("What it opened made {wrote}."),
        (Some(_), 0) => format!("What it opened reached {ends}."),
        (Some(_), _) => format!("What it opened reached {ends} and made {wrote}."),
    };
    let confidence = reached.iter().map(|(session, _)| grade::of_links(RULE.confidence, *session)).max();
    let mut key = vec![("role_arn", role_arn.to_owned())];
    key.extend(subjects::key_of(subject));
    Match {
        key,
        severity,
        confidence: confidence.unwrap_or(RULE.confidence),
        basis: if further.or(roles.first().copied()).is_some() { RULE.basis } else { Basis::Heuristic },
        title,
        message: format!(
            "{when}, the token of a pull request of {who} was let into {}. \
             {far} \
             Whoever can open a pull request in the repository runs code with these credentials before a \
             review; the logs do not show which pull request it was.",
            phrase::role(context, role_arn)
        ),
        remediation: Some(standing::advice(
            standing::of(context, Some(role_arn), subject),
            subject,
            role_arn,
            format!(
                "Take {} out of the trust policy of {role_arn}. Give pull requests a role of their own that can only \
                 read, and let the deployment run from an environment with protected branches \
                 (repo:OWNER/NAME:environment:NAME).",
                subject.raw
            ),
        )),
        count: wide(reached.len()),
        evidence: evidence(&sessions, reached),
        chain_ids: sessions.iter().flat_map(|((), all)| all.chain_ids(context)).collect(),
    }
}

fn class_is_deploy(context: &Context<'_>, role_arn: &str) -> bool {
    context.expectations.role(role_arn).and_then(|role| role.class) == Some(RoleClass::Deploy)
}

/// Returns how the first one came in, how it went on, and what it wrote; and the last ones that came in.
fn evidence(sessions: &[((), Occurrences<'_>)], reached: &[(SessionView<'_>, Reach<'_>)]) -> Vec<Evidence> {
    let entered = sessions.iter().flat_map(|((), all)| all.chain_evidence());
    let first = reached.first();
    let went_on = first.into_iter().flat_map(|(_, reach)| reach.hops.iter().take(4).chain(&reach.first_write)).cloned();
    entered.chain(went_on).collect()
}
