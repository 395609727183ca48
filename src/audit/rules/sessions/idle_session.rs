//! `idle-session`: a session was issued and never used.

use crate::audit::class;
use crate::audit::occurrences::gather;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::rule::Rule;
use crate::audit::theme::Theme;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::Match;
use crate::model::finding::Persona;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::observations::CellCount;
use crate::model::observations::Map;
use crate::model::symbols::Sym;
use crate::model::time::Timestamp;

/// The rule.
pub(in crate::audit) static RULE: Rule = Rule {
    id: "idle-session",
    title: "A session was issued and never used",
    theme: Theme::Sessions,
    severity: Severity::Info,
    confidence: Confidence::High,
    basis: Basis::Match,
    persona: Persona::Auditor,
    needs: "logs of the role's account from before the session to after its end",
    remediation: "Remove the step that assumes the role, or shorten the session. If nobody knows the step, find out who \
                  tries which roles are open.",
    techniques: &["T1087.004"],
    reading: &[("AWS: using roles", "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use.html")],
    page: include_str!("../../../../docs/rules/idle-session.md"),
    check,
};

fn check(context: &Context<'_>, matches: &mut Vec<Match>) {
    // What was left out on purpose is not missing.
    if context.lineage.is_filtered {
        return;
    }
    let covered = covered(context);
    let by_origin = gather(context.lineage.sessions().filter_map(|session| {
        let role = session.session.role_arn?;
        is_idle(session, &covered).then_some(((role, session.origin().kind, session.origin().label()), session))
    }));
    for ((role, kind, origin), sessions) in by_origin {
        let role_arn = context.lineage.str(role);
        let (short, named) = (phrase::short(role_arn), phrase::count(sessions.count(), "session"));
        matches.push(Match {
            key: vec![("role_arn", role_arn.to_owned()), ("origin_kind", kind.name().to_owned()), ("origin", origin)],
            severity: RULE.severity,
            confidence: RULE.confidence,
            basis: RULE.basis,
            title: format!("{named} of {short} ended without being used"),
            message: format!(
                "{}, a session of {} was issued that began with {}, and no record shows a use of it before its end, \
                 although the account has records from then and from later. Calls that only touch data are not always \
                 logged.",
                sessions.when(),
                phrase::role(context, role_arn),
                phrase::origin(context, sessions.first().origin()),
            ),
            remediation: None,
            count: sessions.count(),
            evidence: sessions.evidence(),
            chain_ids: sessions.chain_ids(context),
        });
    }
}

/// Adds up the records of each account.
fn covered(context: &Context<'_>) -> Map<Sym, CellCount> {
    let mut covered: Map<Sym, CellCount> = Map::default();
    for (cell, count) in &context.lineage.observations.cells {
        if let Some(account) = cell.account {
            covered.entry(account).or_default().merge(count);
        }
    }
    covered
}

/// True when the session did nothing and its end lies before the last record of its account, whose trail has records
/// from before it and records calls that only read.
fn is_idle(session: SessionView<'_>, covered: &Map<Sym, CellCount>) -> bool {
    let spans = |issued: Timestamp, expires: Timestamp| {
        let account = session.session.account.and_then(|account| covered.get(&account));
        let span = account.filter(|count| count.read_only > 0).and_then(|count| count.first.zip(count.last));
        span.is_some_and(|(first, last)| first <= issued && expires < last)
    };
    session.issuing_record().is_some()
        && session.principals().is_empty()
        && session.children().next().is_none()
        && !class::is_noise(session)
        && session.issued().zip(session.session.expires).is_some_and(|(issued, expires)| spans(issued, expires))
}
