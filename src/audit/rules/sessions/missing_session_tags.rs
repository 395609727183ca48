//! `missing-session-tags`: a session lacks the tags that say which run it belongs to.

use crate::audit::caller;
use crate::audit::class;
use crate::audit::class::Classes;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::tags;
use crate::audit::theme::Theme;
use crate::expect::RoleClass;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::provider;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "missing-session-tags",
    title: "A session lacks the tags that say which run it belongs to",
    theme: Theme::Sessions,
    severity: Severity::Low,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; better with `session_tags` of the role",
    remediation: "Allow sts:TagSession in the role's trust policy, and take role-skip-session-tagging out of the workflow.",
    techniques: &[],
    reading: &[
        ("AWS: session tags", "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html"),
        (
            "The action's session tags",
            "https://github.com/aws-actions/configure-aws-credentials#session-tagging-and-name",
        ),
    ],
    page: include_str!("../../../../docs/rules/missing-session-tags.md"),
    check,
};

/// What a session lacks.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Lack {
    /// Tags that the role's sessions must carry.
    Required(Vec<String>),
    /// Every tag, and whatever else could name the run.
    Everything,
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let classes = Classes::observe(context);
    let assumed =
        context.lineage.sessions().filter(|session| caller::is_assumed(*session) && !class::is_noise(*session));
    let by_lack = gather(assumed.filter_map(|session| {
        let lack = lack(context, &classes, session)?;
        let caller = caller::caller_role(session).or_else(|| session.caller_account());
        Some(((session.session.role_arn?, caller, lack), session))
    }));
    for ((role, caller, lack), sessions) in by_lack {
        matches.push(matched(context, context.lineage.str(role), caller, &lack, &sessions));
    }
}

fn lack(context: &Context<'_>, classes: &Classes<'_, '_>, session: SessionView<'_>) -> Option<Lack> {
    if session.issuing_record()?.withholds_request {
        return None;
    }
    let required = context.expectations.role(session.role_arn()?).map(|role| role.session_tags.as_slice());
    if let Some(required) = required.filter(|required| !required.is_empty()) {
        if is_told_elsewhere(classes, session) {
            return None;
        }
        let missing: Vec<String> = required.iter().filter(|key| !tags::carries(session, key)).cloned().collect();
        return (!missing.is_empty()).then_some(Lack::Required(missing));
    }
    let subject = session.origin().token.as_ref().filter(|subject| subject.is_from("github"));
    let user_agent = session.lineage().opt(session.issuing_record()?.user_agent)?;
    // Only the action sets tags of itself; whoever assumes the role with another program never promised any.
    let is_bare = user_agent.contains(provider::ACTION)
        && tags::tag_keys(session).next().is_none()
        && !session.session.way.names_run;
    (subject.is_some() && is_bare).then_some(Lack::Everything)
}

/// Returns true for people and keys: that they are in a role for deployments at all is told by other rules, and in an
/// emergency nobody sets tags.
fn is_told_elsewhere(classes: &Classes<'_, '_>, session: SessionView<'_>) -> bool {
    let is_deploy = session.role_arn().and_then(|role| classes.declared(role)) == Some(RoleClass::Deploy);
    let kind = session.origin().kind;
    let is_other = kind.is_person() || kind.rests_on_key();
    (is_deploy && is_other) || classes.is_through_break_glass(session)
}

fn matched(
    context: &Context<'_>,
    role_arn: &str,
    caller: Option<&str>,
    lack: &Lack,
    sessions: &Occurrences<'_>,
) -> Match {
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
    Match {
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
