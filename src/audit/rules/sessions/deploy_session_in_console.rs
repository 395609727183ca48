//! `deploy-session-in-console`: the session of a pipeline was used in the AWS console.

use crate::audit::class;
use crate::audit::class::Classes;
use crate::audit::grade;
use crate::audit::occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
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
use crate::model::origin::OriginKind;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "deploy-session-in-console",
    title: "The session of a pipeline was used in the AWS console",
    theme: Theme::Sessions,
    severity: Severity::High,
    confidence: Confidence::High,
    basis: Basis::Heuristic,
    persona: Persona::Regular,
    needs: "logs; better with a `class` for roles",
    remediation: "Treat the session as stolen: deny sessions of the role that were issued before now (aws:TokenIssueTime), \
                  go through what was done from the console, and look in the log of the run for how the credentials left \
                  it.",
    techniques: &["T1550.001", "T1538"],
    reading: &[
        (
            "AWS: console access for custom identity brokers",
            "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html",
        ),
        ("AWS: revoke sessions", "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html"),
    ],
    page: include_str!("../../../../docs/rules/deploy-session-in-console.md"),
    check,
};

/// Where the console's doors are, and the calls with which a session goes through them.
const DOOR: &str = "signin.amazonaws.com";
const CALLS: [&str; 3] = ["ConsoleLogin", "GetSigninToken", "SwitchRole"];

/// How many events of one session are handed over.
const MAX_EVENTS: usize = 3;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let classes = Classes::observe(context);
    let suspects = context
        .lineage
        .sessions()
        .filter(|session| !class::is_noise(*session) && is_of_pipelines(&classes, *session) && !is_of_person(*session));
    let by_role = gather(suspects.filter(|session| !visits(*session).is_empty()).filter_map(|session| {
        let subject = session.origin().token.as_ref().filter(|_| session.origin().is_pipeline);
        Some(((session.session.role_arn?, subject.map(subjects::key_of).unwrap_or_default()), session))
    }));
    for ((role, mut key), sessions) in by_role {
        let role_arn = context.lineage.str(role);
        let first = sessions.first();
        let visited: Vec<(String, Evidence)> =
            sessions.sessions().iter().flat_map(|session| visits(*session)).collect();
        let times: Vec<_> = visited.iter().filter_map(|(_, event)| event.event_time).collect();
        let when = occurrences::when(sessions.count(), times.iter().min().copied(), times.iter().max().copied());
        let what = phrase::all_of(visited.iter().map(|(what, _)| what.as_str()));
        let confidence = match first.origin().kind {
            OriginKind::Unknown => Confidence::Medium,
            _ => grade::of_links(RULE.confidence, first),
        };
        key.push(("role_arn", role_arn.to_owned()));
        matches.push(Match {
            key,
            severity: RULE.severity,
            confidence,
            basis: RULE.basis,
            title: format!("A session of {}, which is for pipelines, was used in the console", phrase::short(role_arn)),
            message: format!(
                "{when}, a session of {} that began with {} was used in the AWS console, by {what}. \
                 Pipelines have no use for the console: a person, or whoever took the credentials, was there.",
                phrase::role(context, role_arn),
                phrase::origin(context, first.origin()),
            ),
            remediation: Some(format!(
                "Treat the session as stolen: deny sessions of {role_arn} that were issued before now \
                 (aws:TokenIssueTime), go through what was done from the console, and look in the log of the run for how \
                 the credentials left it. If somebody of your own did it, give people a role of their own."
            )),
            count: sessions.count(),
            evidence: evidence(first, &visited),
            chain_ids: sessions.chain_ids(context),
        });
    }
}

/// True when a CI system's token began the chain, or when the role is for pipelines.
fn is_of_pipelines(classes: &Classes<'_, '_>, session: SessionView<'_>) -> bool {
    match session.role_arn().and_then(|role| classes.declared(role)) {
        Some(class) if class != RoleClass::Entry && class != RoleClass::Deploy => session.origin().is_pipeline,
        Some(_) => !classes.is_through_break_glass(session),
        None => session.origin().is_pipeline || classes.belongs_to_pipelines(session),
    }
}

/// True when a person signed in at the beginning: of them in a deploy role speaks `human-in-deploy-chain`.
fn is_of_person(session: SessionView<'_>) -> bool {
    session.origin().kind.is_person()
}

/// Returns what shows that the session was in the console.
fn visits(session: SessionView<'_>) -> Vec<(String, Evidence)> {
    let lineage = session.lineage();
    let doors = session.actions().filter_map(|(action, tally)| {
        let name = lineage.opt(action.name).filter(|name| CALLS.contains(name))?;
        let is_door = lineage.opt(action.source) == Some(DOOR) && action.error_code.is_none();
        is_door.then(|| (format!("the call {name}"), lineage.evidence(&tally.first)))
    });
    let from_console = session.contacts().filter(|(principal, _, _)| principal.from_console);
    let calls = from_console
        .map(|(_, _, tally)| ("calls with credentials of the console".to_owned(), lineage.evidence(&tally.first)));
    let mut visits: Vec<(String, Evidence)> = doors.chain(calls).collect();
    visits.sort_by(|(_, a), (_, b)| (a.event_time.is_none(), a).cmp(&(b.event_time.is_none(), b)));
    visits.truncate(MAX_EVENTS);
    visits
}

/// Returns how the first session came to be, and what shows that sessions were in the console.
fn evidence(first: SessionView<'_>, visited: &[(String, Evidence)]) -> Vec<Evidence> {
    let issuing = first.ancestry().flat_map(|session| session.issuing_evidence()).take(2);
    issuing.chain(visited.iter().map(|(_, event)| event.clone())).collect()
}
