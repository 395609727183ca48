//! `subject-fanout`: one repository came into many roles within a day.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::class;
use crate::audit::occurrences::Occurrences;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::repositories::Repositories;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::standing;
use crate::audit::subjects;
use crate::audit::theme::Theme;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::time::Timestamp;
use crate::model::width::wide;
use crate::provider::Subject;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "subject-fanout",
    title: "One repository came into many roles within a day",
    theme: Theme::Deploy,
    severity: Severity::Medium,
    confidence: Confidence::Medium,
    basis: Basis::Heuristic,
    persona: Persona::Regular,
    needs: "logs; `subject_fanout` for another limit than 5, a store for history",
    remediation: "Give the repository one entry role for each environment, and take its subject out of the trust policies \
                  of the others. Where one repository deploys everything by design, raise subject_fanout in \
                  rolechain.toml.",
    techniques: &["T1078.004", "T1087.004"],
    reading: &[("GitHub: OpenID Connect reference", "https://docs.github.com/en/actions/reference/security/oidc")],
    page: include_str!("../../../../docs/rules/subject-fanout.md"),
    check,
};

/// A day is unusual when it has more than so many times the roles of the middle one of the other days.
const TIMES_USUAL: u64 = 3;

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    let sessions = context
        .lineage
        .sessions()
        .filter(|session| session.origin().is_pipeline && !class::is_noise(*session) && session.issued().is_some());
    let repositories = Repositories::of(context.lineage);
    let by_repository = gather(sessions.filter_map(|session| {
        let subject = session.origin().token.as_ref().filter(|subject| subject.repository.is_some())?;
        session.session.role_arn?;
        Some((repositories.key_of(subject), session))
    }));
    for (key, sessions) in by_repository {
        if let Some(subject) = sessions.first().origin().token.as_ref() {
            matches.extend(matched(context, key, subject, &sessions));
        }
    }
}

fn matched(
    context: &Context<'_>,
    key: Vec<(&'static str, String)>,
    subject: &Subject,
    sessions: &Occurrences<'_>,
) -> Option<Match> {
    let mut days: BTreeMap<i64, BTreeSet<&str>> = BTreeMap::new();
    for session in sessions.sessions() {
        let day = session.issued()?.day();
        days.entry(day).or_default().extend(session.role_arn());
    }
    let limit = context.expectations.limits.subject_fanout;
    // Of days with as many roles the latest tells.
    let (day, roles) = days.iter().max_by_key(|(day, roles)| (roles.len(), **day))?;
    let count = wide(roles.len());
    let mut others: Vec<u64> =
        days.iter().filter(|(other, _)| *other != day).map(|(_, roles)| wide(roles.len())).collect();
    others.sort_unstable();
    // Without another day nobody knows what is usual.
    let usual = *others.get(others.len() / 2)?;
    if count <= limit || count <= usual.saturating_mul(TIMES_USUAL) {
        return None;
    }
    let of_day = sessions.sessions().iter().filter(|session| session.issued().is_some_and(|at| at.day() == *day));
    let ((), of_day) = gather(of_day.map(|session| ((), *session))).into_iter().next()?;
    let who = subject.repository.as_deref().unwrap_or(&subject.raw);
    let named = phrase::all_of(roles.iter().map(|role| phrase::short(role)));
    let other_days = phrase::count(wide(others.len()), "day");
    let door = subjects::entry_of(of_day.first()).role_arn();
    let standing = standing::of(context, door, subject);
    Some(Match {
        key,
        severity: RULE.severity,
        confidence: RULE.confidence,
        basis: RULE.basis,
        title: format!("{who} came into {count} roles within a day"),
        message: format!(
            "On {}, tokens of {who} led to {count} roles ({named}); the limit is {limit}. On the middle one of its other {other_days} it came into {usual}. Somebody who looks how far a token reaches does the same.",
            Timestamp::of_day(*day).date(),
        ),
        remediation: door.map(|door| standing::advice(standing, subject, door, RULE.remediation.to_owned())),
        count: of_day.count(),
        evidence: of_day.evidence(),
        chain_ids: of_day.chain_ids(context),
    })
}
