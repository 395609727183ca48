//! `session-duration-over-limit`: a session was granted for longer than its role's sessions may last.

use crate::audit::class;
use crate::audit::grade;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::expect::RoleClass;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "session-duration-over-limit",
    title: "A session was granted for longer than its role's sessions may last",
    theme: Theme::Sessions,
    severity: Severity::Low,
    confidence: Confidence::High,
    basis: Basis::Proof,
    persona: Persona::Regular,
    needs: "logs, and the role in `rolechain.toml`",
    remediation: "Lower the duration that the pipeline asks for (role-duration-seconds), or the role's MaxSessionDuration. \
                  If the work takes longer, raise the role's max_session_seconds in rolechain.toml.",
    techniques: &["T1550.001"],
    reading: &[(
        "AWS: the maximum session duration of a role",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-settings.html",
    )],
    page: include_str!("../../../../docs/rules/session-duration-over-limit.md"),
    check,
};

/// The clocks that write the two times differ by a second or two.
const SLACK: u64 = 5;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    if context.expectations.roles.is_empty() {
        return;
    }
    let sessions = context.lineage.sessions().filter(|session| !class::is_noise(*session));
    let over = gather(sessions.filter_map(|session| {
        let limit = limit(context, session)?;
        let is_over = granted(session)? > limit.saturating_add(SLACK);
        is_over.then_some(((session.session.role_arn?, limit), session))
    }));
    for ((role, limit), sessions) in over {
        let role_arn = context.lineage.str(role);
        let longest = sessions.sessions().iter().filter_map(|session| granted(*session)).max().unwrap_or_default();
        let origins =
            phrase::all_of(sessions.sessions().iter().map(|session| phrase::origin(context, session.origin())));
        let own = context.expectations.role(role_arn).and_then(|role| role.max_session_seconds);
        let is_written = own.or(context.expectations.limits.session_seconds).is_some();
        let says = match own {
            Some(_) => "its max_session_seconds in the expectations allows",
            None if is_written => "the session_seconds of [limits] in the expectations allows",
            None => "the usual hour, and the expectations say nothing else",
        };
        matches.push(Match {
            key: vec![("role_arn", role_arn.to_owned())],
            // An hour is a custom, and no limit that anybody set.
            severity: if is_written { grade::in_prod(RULE.severity, context, role_arn) } else { RULE.severity },
            confidence: RULE.confidence,
            basis: RULE.basis,
            title: format!(
                "A session of {} was granted for {longest} seconds, and {limit} are allowed",
                phrase::short(role_arn)
            ),
            message: format!(
                "{}, a session of {} was granted for longer than {says}: {limit} seconds are \
                 allowed, and the longest was for {longest}. It began with {origins}. Whoever takes the credentials can \
                 use them for as long.",
                sessions.when(),
                phrase::role(context, role_arn),
            ),
            remediation: Some(format!(
                "Lower the duration that is asked for (role-duration-seconds in the action), and the MaxSessionDuration of \
                 {role_arn} to {limit}. If the work takes longer, set max_session_seconds = {longest} for the role in \
                 rolechain.toml."
            )),
            count: sessions.count(),
            evidence: sessions.evidence(),
            chain_ids: sessions.chain_ids(context),
        });
    }
}

/// Returns for how long sessions of the role may last; `None` when nobody says so of this one.
///
/// The limit for all roles is about machines: people work for a day, and each of their roles may say for how long.
fn limit(context: &Context<'_>, session: SessionView<'_>) -> Option<u64> {
    let role = context.expectations.role(session.role_arn()?)?;
    if role.max_session_seconds.is_some() {
        return role.max_session_seconds;
    }
    let is_of_people = matches!(role.class, Some(RoleClass::Human | RoleClass::BreakGlass | RoleClass::Service))
        || session.origin().kind.is_person();
    (!is_of_people).then_some(context.expectations.limits.session_seconds())
}

/// Returns for how long the session was granted: to its end, which is more truthful than what was asked for.
fn granted(session: SessionView<'_>) -> Option<u64> {
    let record = session.issuing_record()?;
    let ends = record.expires.zip(record.time).and_then(|(ends, begins)| u64::try_from(ends.0 - begins.0).ok());
    ends.or(record.duration_seconds.map(u64::from))
}
