//! `entry-role-overreach`: a role did what its expectation does not let it do.

use std::collections::BTreeSet;

use crate::audit::action;
use crate::audit::class;
use crate::audit::grade;
use crate::audit::memo::Memo;
use crate::audit::occurrences;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::expect::RoleClass;
use crate::expect::RoleExpectation;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Evidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::observations::Map;
use crate::model::symbols::Sym;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "entry-role-overreach",
    title: "A role did what its expectation does not let it do",
    theme: Theme::Deploy,
    severity: Severity::Medium,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs, and `may` or the class `entry` of the role in `rolechain.toml`",
    remediation: "Cut the role's policies down to what it is for: an entry role needs sts:AssumeRole on the roles behind it \
                  and nothing else. If the action is wanted, add it to the role's may in rolechain.toml.",
    techniques: &["T1078.004"],
    reading: &[(
        "AWS: grant least privilege",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege",
    )],
    page: include_str!("../../../../docs/rules/entry-role-overreach.md"),
    check,
};

/// Services that hold the keys to everything else.
const SENSITIVE: [&str; 4] =
    ["cloudtrail.amazonaws.com", "iam.amazonaws.com", "organizations.amazonaws.com", "secretsmanager.amazonaws.com"];

const STS: &str = "sts.amazonaws.com";

/// Needs no permission, and cannot be refused.
const HARMLESS: &str = "GetCallerIdentity";

/// One kind of call outside what the role may do.
struct Call<'a> {
    source: &'a str,
    /// `service:Action`.
    action: String,
    is_write: bool,
    count: u64,
    span: [Evidence; 2],
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let is_judged = |role: &RoleExpectation| !role.may.is_empty() || role.class == Some(RoleClass::Entry);
    if !context.expectations.roles.iter().any(is_judged) {
        return;
    }
    let judged = context.lineage.sessions().filter_map(|session| {
        let expected = context.expectations.role(session.role_arn()?).filter(|role| is_judged(role))?;
        (!class::is_noise(session)).then_some((session, expected))
    });
    let mut calls: Map<(Sym, &str), Vec<Call<'_>>> = Map::default();
    let mut by_service = Vec::new();
    for (session, expected) in judged {
        let Some(role) = session.session.role_arn else { continue };
        let mut sources = BTreeSet::new();
        for call in outside(expected, session) {
            sources.insert(call.source);
            calls.entry((role, call.source)).or_default().push(call);
        }
        by_service.extend(sources.into_iter().map(|source| ((role, source), session)));
    }
    let memo = Memo::default();
    for ((role, source), sessions) in gather(by_service.into_iter()) {
        let role_arn = context.lineage.str(role);
        let Some(expected) = context.expectations.role(role_arn) else { continue };
        let Some(calls) = calls.get(&(role, source)) else { continue };
        let listed = || phrase::all_of(expected.may.iter().map(ToString::to_string));
        let may = Some(&expected.may).filter(|may| !may.is_empty()).map(|_| memo.get(expected.arn.as_str(), listed));
        let found = matched(context, role_arn, may.as_deref(), source, calls, &sessions);
        matches.push(grade::learned(found, Some(expected)));
    }
}

/// Returns what a session did that its role is not for. What was refused was not done, and what a service did in the
/// session's name nobody asked for.
fn outside<'a>(expected: &RoleExpectation, session: SessionView<'a>) -> Vec<Call<'a>> {
    let lineage = session.lineage();
    let own = session.principals().iter().filter(|id| lineage.principal(**id).invoked_by.is_none());
    let actions = own.flat_map(|id| lineage.actions.of(*id)).map(|(action, tally)| (lineage.action(*action), tally));
    actions
        .filter_map(|(action, tally)| {
            let (source, event) = lineage.opt(action.source).zip(lineage.opt(action.name))?;
            let is_outside = action.error_code.is_none() && !may(expected, source, event);
            is_outside.then(|| Call {
                source,
                action: action::names(source, event).swap_remove(0),
                is_write: action.read_only == Some(false),
                count: tally.count(),
                span: [lineage.evidence(&tally.first), lineage.evidence(&tally.last)],
            })
        })
        .collect()
}

/// True when the role may do it: by its list, or, of an entry role without one, by what such a role is for.
fn may(expected: &RoleExpectation, source: &str, event: &str) -> bool {
    if source == STS && (event == HARMLESS || expected.may.is_empty()) {
        return true;
    }
    action::names(source, event).iter().any(|name| expected.may_call(name))
}

fn matched(
    context: &Context<'_>,
    role_arn: &str,
    may: Option<&str>,
    source: &str,
    calls: &[Call<'_>],
    sessions: &Occurrences<'_>,
) -> Match {
    let actions = phrase::all_of(calls.iter().map(|call| call.action.as_str()));
    let count = calls.iter().map(|call| call.count).sum();
    let times = || calls.iter().flat_map(|call| &call.span).filter_map(|event| event.event_time);
    let is_listed = may.is_some();
    let is_sensitive = SENSITIVE.contains(&source);
    let severity = match (is_listed, is_sensitive) {
        (true, true) => Severity::High,
        (true, false) | (false, true) => Severity::Medium,
        (false, false) if calls.iter().any(|call| call.is_write) => Severity::Medium,
        (false, false) => Severity::Low,
    };
    let allowed = if let Some(may) = may {
        format!("The expectations let it do {may} and nothing else")
    } else {
        "The expectations say that it is an entry role: a hallway, in which nothing is done".to_owned()
    };
    let origins = phrase::all_of(sessions.sessions().iter().map(|session| phrase::origin(context, session.origin())));
    let began = if sessions.count() == 1 { "The session began" } else { "The sessions began" };
    let short = phrase::short(role_arn);
    Match {
        key: vec![("role_arn", role_arn.to_owned()), ("event_source", source.to_owned())],
        severity,
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: if is_listed {
            format!("{short} called {actions}, which it is not expected to")
        } else {
            format!("{short}, which is an entry role, called {actions}")
        },
        message: format!(
            "{}, {} of {} called {actions}. {allowed}. {began} with {origins}. The role's policies allow more than it \
             is for, and everybody who may enter it has that, too.",
            occurrences::when(count, times().min(), times().max()),
            phrase::count(sessions.count(), "session"),
            phrase::role(context, role_arn),
        ),
        remediation: Some(format!(
            "Take {actions} out of the policies of {role_arn}, and do this work in the role behind it. If it belongs here, \
             add it to the role's may in rolechain.toml, beside all else that the role may do."
        )),
        count,
        evidence: evidence(calls, sessions),
        chain_ids: sessions.chain_ids(context),
    }
}

/// Returns the calls, and how the first session came to be.
fn evidence(calls: &[Call<'_>], sessions: &Occurrences<'_>) -> Vec<Evidence> {
    let issuing = sessions.first().issuing_evidence().into_iter().take(1);
    let mut events: Vec<Evidence> = calls.iter().flat_map(|call| call.span.iter().cloned()).chain(issuing).collect();
    events.sort();
    events.dedup();
    events
}
