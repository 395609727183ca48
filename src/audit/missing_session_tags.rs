//! `missing-session-tags`: a session lacks the tags that say which run it belongs to.

use crate::audit::Context;
use crate::audit::Rule;
use crate::audit::class;
use crate::audit::class::Classes;
use crate::audit::client;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::subjects::Subjects;
use crate::audit::unexpected_edge;
use crate::expect::RoleClass;
use crate::model::chain::OriginKind;
use crate::model::finding::Basis;
use crate::model::finding::Claim;
use crate::model::finding::Confidence;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;

/// The rule.
pub(super) static RULE: Rule = Rule {
    id: "missing-session-tags",
    title: "A session lacks the tags that say which run it belongs to",
    severity: Severity::Low,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    remediation: "Allow sts:TagSession in the role's trust policy, and take role-skip-session-tagging out of the workflow.",
    references: &[
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html",
        "https://github.com/aws-actions/configure-aws-credentials#session-tagging-and-name",
    ],
    page: include_str!("../../docs/rules/missing-session-tags.md"),
    check,
};

/// What the official action writes into its user agent.
const ACTION: &str = "configure-aws-credentials-for-github-actions";

/// The tag that a run id in the user agent stands for: the action drops it when its tags are too long.
const RUN: &str = "RunId";

/// What a session lacks.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Lack {
    /// Tags that the role's sessions must carry.
    Required(Vec<String>),
    /// Every tag, and whatever else could name the run.
    Everything,
}

fn check(context: &Context<'_>, claims: &mut Vec<Claim>) {
    let subjects = Subjects::read(context);
    let classes = Classes::observe(context, &subjects);
    let assumed = context
        .lineage
        .sessions()
        .filter(|session| unexpected_edge::is_assumed(*session) && !class::is_noise(*session));
    let by_lack = gather(assumed.filter_map(|session| {
        let lack = lack(context, &subjects, &classes, session)?;
        let caller = unexpected_edge::caller_role(session).or_else(|| session.caller_account());
        Some(((session.session.role_arn?, caller, lack), session))
    }));
    for ((role, caller, lack), sessions) in by_lack {
        claims.push(claim(context, context.lineage.str(role), caller, &lack, &sessions));
    }
}

fn lack(
    context: &Context<'_>,
    subjects: &Subjects,
    classes: &Classes<'_, '_>,
    session: SessionView<'_>,
) -> Option<Lack> {
    let required = context.expectations.role(session.role_arn()?).map(|role| role.session_tags.as_slice());
    if let Some(required) = required.filter(|required| !required.is_empty()) {
        if is_told_elsewhere(classes, session) {
            return None;
        }
        let missing: Vec<String> = required.iter().filter(|key| !carries(session, key)).cloned().collect();
        return (!missing.is_empty()).then_some(Lack::Required(missing));
    }
    let subject = subjects.of(session).filter(|subject| subject.is_from("github"));
    let user_agent = session.lineage().opt(session.issuing_record()?.user_agent)?;
    // Only the action sets tags of itself; whoever assumes the role with another program never promised any.
    let is_bare = user_agent.contains(ACTION) && tag_keys(session).next().is_none() && !has_run(session);
    (subject.is_some() && is_bare).then_some(Lack::Everything)
}

/// Returns true for people and keys: that they are in a role for deployments at all is told by other rules, and in an
/// emergency nobody sets tags.
fn is_told_elsewhere(classes: &Classes<'_, '_>, session: SessionView<'_>) -> bool {
    let is_deploy = session.role_arn().and_then(|role| classes.declared(role)) == Some(RoleClass::Deploy);
    let kind = session.origin().kind;
    let is_other =
        matches!(kind, OriginKind::IdentityCenter | OriginKind::Saml | OriginKind::Console | OriginKind::LongTermKey);
    (is_deploy && is_other) || classes.is_through_break_glass(session)
}

/// True when the session was given the tag, or inherited it, or names its run otherwise.
fn carries(session: SessionView<'_>, key: &str) -> bool {
    tag_keys(session).any(|carried| carried.eq_ignore_ascii_case(key)) || (key == RUN && has_run(session))
}

/// True when a tag or a user agent names the run that the session belongs to.
pub(super) fn names_run(session: SessionView<'_>) -> bool {
    carries(session, RUN)
}

/// Returns the keys of the tags that the session was given and of those that it inherited.
fn tag_keys(session: SessionView<'_>) -> impl Iterator<Item = &str> {
    let lineage = session.lineage();
    let extra = session.issuing_record().and_then(|record| record.extra.as_deref());
    let tags = extra.into_iter().flat_map(|extra| extra.tags.iter().chain(&extra.incoming_tags));
    tags.map(|(key, _)| lineage.str(*key))
}

/// True when the program that asked for the session, or for one above it, wrote the run into its user agent.
fn has_run(session: SessionView<'_>) -> bool {
    let user_agents = session.ancestry().filter_map(|above| {
        let record = above.issuing_record()?;
        above.lineage().opt(record.user_agent)
    });
    user_agents.into_iter().any(|user_agent| client::github_run(user_agent).is_some())
}

fn claim(
    context: &Context<'_>,
    role_arn: &str,
    caller: Option<&str>,
    lack: &Lack,
    sessions: &Occurrences<'_>,
) -> Claim {
    let short = phrase::short(role_arn);
    let by = match caller {
        Some(arn) if arn.starts_with("arn:") => phrase::role(context, arn),
        Some(id) => format!("a principal of {}", phrase::account(context, id)),
        None => "a caller that the record does not name".to_owned(),
    };
    let (severity, basis, what, why) = match lack {
        Lack::Required(keys) => (
            Severity::Medium,
            RULE.basis,
            if let [key] = keys.as_slice() {
                format!("the tag {key}")
            } else {
                format!("the tags {}", phrase::all_of(keys))
            },
            "The expectations say that sessions of this role must carry them, so that each can be traced to its run.",
        ),
        Lack::Everything => (
            RULE.severity,
            Basis::Heuristic,
            "any tag".to_owned(),
            "The action for GitHub sets tags of itself, unless the workflow tells it not to; without them no record says \
             which run the session belongs to.",
        ),
    };
    let mut key = vec![("role_arn", role_arn.to_owned())];
    key.extend(caller.map(|caller| {
        (if caller.starts_with("arn:") { "principal_arn" } else { "caller_account_id" }, caller.to_owned())
    }));
    Claim {
        key,
        severity,
        confidence: RULE.confidence,
        basis,
        title: format!("Sessions of {short} were issued without {what}"),
        message: format!("{}, {by} assumed {} without {what}. {why}", sessions.when(), phrase::role(context, role_arn)),
        remediation: Some(format!(
            "Allow sts:TagSession beside sts:AssumeRole in the trust policy of {role_arn}, and take \
             role-skip-session-tagging out of the step that assumes it. A program other than the action has to pass the \
             tags itself; tags of an earlier session are inherited when it marks them as transitive."
        )),
        count: sessions.count(),
        evidence: sessions.evidence(),
        chain_ids: sessions.chain_ids(context),
    }
}
