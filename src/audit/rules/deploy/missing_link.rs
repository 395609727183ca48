//! `missing-link`: a session was used here that was issued where these logs cannot see.

use std::collections::BTreeMap;

use crate::audit::class::Classes;
use crate::audit::environment;
use crate::audit::occurrences;
use crate::audit::phrase;
use crate::audit::relation::Relation;
use crate::audit::relation::Relations;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::arn;
use crate::model::chain::GapKind;
use crate::model::chain::LinkKind;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::principal::Principal;
use crate::model::principal::PrincipalKind;
use crate::model::width::wide;

pub(in crate::audit) static RULE: Rule = Rule {
    id: "missing-link",
    title: "A session was used whose issuance is not in these logs",
    theme: Theme::Deploy,
    severity: Severity::Low,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Regular,
    needs: "logs; expectations for production",
    remediation: "Add the account or region where the session was issued to the input, read twelve hours before the \
                  window, and look at the coverage lines of the report.",
    techniques: &["T1562.008", "T1685.002"],
    reading: &[(
        "IAM User Guide: logging IAM and STS calls",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html",
    )],
    page: include_str!("../../../../docs/rules/missing-link.md"),
    check,
};

/// What one finding is about: sessions from before the window are one per account, the others one per role.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum About<'a> {
    Before(&'a str),
    Uncovered(&'a str),
    Lost(&'a str),
}

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let mut groups: BTreeMap<About<'_>, Vec<SessionView<'_>>> = BTreeMap::new();
    for session in context.lineage.sessions() {
        if let Some(about) = about(session) {
            groups.entry(about).or_default().push(session);
        }
    }
    if groups.is_empty() {
        return;
    }
    let classes = Classes::observe(context);
    let relations = Relations::new(context);
    for (about, sessions) in groups {
        matches.push(matched(context, &classes, &relations, about, &sessions));
    }
}

/// Says what is missing above a session that was used and not issued here, unless that is only natural.
fn about(session: SessionView<'_>) -> Option<About<'_>> {
    let role = session.role_arn()?;
    if session.session.issuance.is_some() || session.session.link.kind != LinkKind::Missing || session.is_machinery() {
        return None;
    }
    let lineage = session.lineage();
    let mut principals = session.principals().iter().map(|id| lineage.principal(*id));
    // The console and Identity Center use other keys than STS issued, and their beginnings are logged elsewhere.
    let is_natural = role.contains(":role/aws-reserved/")
        || arn::is_identity_center_role(role)
        || arn::role_name(role).is_some_and(|name| name.contains(':'));
    if is_natural || !principals.any(|principal| is_direct(session, principal)) {
        return None;
    }
    match session.session.gaps.first()?.kind {
        GapKind::IssuedBeforeWindow => Some(About::Before(session.account()?)),
        GapKind::AccountNotCovered => Some(About::Uncovered(role)),
        GapKind::IssuanceMissing => Some(About::Lost(role)),
        _ => None,
    }
}

/// True when the role's session itself called, not the console or a service in its name, and not a user of a Cognito
/// pool, whose sessions are issued inside Cognito.
fn is_direct(session: SessionView<'_>, principal: &Principal) -> bool {
    let federated = session.lineage().opt(principal.federated_provider).unwrap_or_default();
    principal.kind == PrincipalKind::AssumedRole
        && principal.invoked_by.is_none()
        && !principal.from_console
        && !federated.starts_with("cognito-identity.")
}

fn matched(
    context: &Context<'_>,
    classes: &Classes<'_, '_>,
    relations: &Relations<'_, '_>,
    about: About<'_>,
    sessions: &[SessionView<'_>],
) -> Match {
    let count = wide(sessions.len());
    let first = sessions.first().and_then(SessionView::issued);
    let last = sessions.last().and_then(SessionView::issued);
    let many = phrase::count(count, "session");
    let (key, severity, title, message) = match about {
        About::Before(account) => {
            let roles = phrase::all_of(sessions.iter().filter_map(SessionView::role_arn).map(arn::short));
            let place = phrase::account(context, account);
            (
                vec![("account_id", account.to_owned()), ("gap", GapKind::IssuedBeforeWindow.name().to_owned())],
                Severity::Info,
                format!("{many} of {place} began before these logs"),
                format!(
                    "Who asked for {many} of {roles} is not here, because that was before the first record of {place}. \
                     Such is the edge of a window."
                ),
            )
        }
        About::Uncovered(role) | About::Lost(role) => {
            let is_lost = matches!(about, About::Lost(_));
            let gap = if is_lost { GapKind::IssuanceMissing } else { GapKind::AccountNotCovered };
            let named = phrase::role(context, role);
            let account = arn::account(role).unwrap_or("unknown");
            let where_to_look = if is_lost {
                format!(
                    "There are records of {}, but none that issued them: a region of it may be missing (us-east-1 also \
                     holds the calls to the global STS endpoint), or its trail does not record read-only events",
                    phrase::account(context, account)
                )
            } else {
                format!("No record of {}, where they were issued, is here", phrase::account(context, account))
            };
            (
                vec![("role_arn", role.to_owned()), ("gap", gap.name().to_owned())],
                severity(context, classes, relations, role, is_lost, sessions),
                format!("{} was used in {many} whose issuance is not in these logs", arn::short(role)),
                format!(
                    "{}, {named} was used and nothing here says who asked for it. {where_to_look}.{}",
                    occurrences::when(count, first, last),
                    decoded(account, sessions)
                ),
            )
        }
    };
    Match {
        key,
        severity,
        confidence: Confidence::High,
        basis: Basis::Match,
        title,
        message,
        remediation: None,
        count,
        evidence: sessions
            .iter()
            .take(2)
            .chain(sessions.last())
            .flat_map(|session| occurrences::proof(*session))
            .collect(),
        chain_ids: sessions.iter().flat_map(|session| context.chain_ids(session.id)).collect(),
    }
}

fn severity(
    context: &Context<'_>,
    classes: &Classes<'_, '_>,
    relations: &Relations<'_, '_>,
    role: &str,
    is_lost: bool,
    sessions: &[SessionView<'_>],
) -> Severity {
    // What strangers do in accounts of their own is none of our links.
    let is_own = is_lost || arn::account(role).is_some_and(|account| relations.of(account) == Relation::Own);
    let matters =
        environment::is_prod_role(context, role) || sessions.iter().any(|session| classes.is_deploy(*session));
    match (is_own, matters) {
        (false, _) => Severity::Info,
        (true, false) => Severity::Low,
        (true, true) => Severity::Medium,
    }
}

/// Says which account the keys encode, when that is another one.
fn decoded(account: &str, sessions: &[SessionView<'_>]) -> String {
    let other = sessions.iter().filter_map(SessionView::access_key).filter_map(arn::account_in_id);
    let other: Vec<String> = other.filter(|by_key| by_key != account).collect();
    if other.is_empty() {
        return String::new();
    }
    format!(" By their key ids they were issued in account {} (inferred).", phrase::all_of(other))
}
