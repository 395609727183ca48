//! Dead ends: entries of a pipeline that used to go on to another role at once, and do no longer. When the second
//! account has no identity provider, AWS may log no refusal, and this silence is all that there is.

use std::collections::BTreeSet;

use crate::audit::occurrences;
use crate::audit::occurrences::Occurrences;
use crate::audit::phrase;
use crate::audit::rule::Context;
use crate::audit::standing;
use crate::audit::subjects;
use crate::model::chain::SessionId;
use crate::model::finding::Basis;
use crate::model::finding::Confidence;
use crate::model::finding::LEARNING_DAYS;
use crate::model::finding::Match;
use crate::model::finding::Severity;
use crate::model::lineage::SessionView;
use crate::model::observations::Map;
use crate::model::symbols::Sym;
use crate::model::time::Timestamp;

/// A pipeline that chains does so within so many seconds.
const SOON: i64 = 5 * 60;

/// So long after the entry the account's log must go on, for silence to mean something.
const QUIET: i64 = 15 * 60;

/// So many entries in a row are no build that failed by chance.
const FEWEST_DEAD: usize = 3;

/// So many entries make a habit, when nine of ten of them went on.
const FEWEST_BEFORE: usize = 10;

/// After so many covered days the last dead end is a pipeline that nobody runs any more.
const FRESH_DAYS: usize = 7;

/// A session that stops at the door makes at most so many calls: the action asks who it is.
const MOST_CALLS: u64 = 3;

/// Speaks of the pipelines that stop at the door. `told` are sessions of which a refusal says it better, `remedy`
/// is what is advised about one's own.
pub(super) fn matches(context: &Context<'_>, told: &BTreeSet<SessionId>, remedy: &str) -> Vec<Match> {
    if context.history.is_none() {
        return Vec::new();
    }
    let lineage = context.lineage;
    let refused: BTreeSet<SessionId> = lineage.denied.iter().filter_map(|run| run.session).collect();
    let ends = ends(context);
    let is_seen = |session: &SessionView<'_>| {
        let end = session.issuing_record().and_then(|record| ends.get(&record.recipient_account?));
        end.zip(session.issued()).is_some_and(|(end, issued)| issued.plus(QUIET) <= *end)
    };
    let entries = lineage
        .sessions()
        .filter(|session| subjects::is_entry(*session) && session.origin().is_pipeline && is_seen(session));
    let by_pipeline = occurrences::gather(entries.filter_map(|session| {
        let subject = session.origin().token.as_ref()?;
        Some(((session.session.role_arn?, subjects::key_of(subject), subjects::context_class(subject)), session))
    }));
    let is_dead = |session: &&SessionView<'_>| {
        !told.contains(&session.id) && !refused.contains(&session.id) && stops_at_the_door(**session)
    };
    let mut matches = Vec::new();
    for ((role, key, _), entries) in by_pipeline {
        let dead = entries.sessions().iter().rev().take_while(is_dead).count();
        let Some((before, dead)) = entries.sessions().split_at_checked(entries.sessions().len() - dead) else {
            continue;
        };
        if FEWEST_DEAD <= dead.len() && is_habit(before) && is_learned(context, before, dead) {
            let dead = occurrences::gather(dead.iter().map(|session| ((), *session)));
            let of_role = |dead| matched(context, (role, key.clone()), (before, dead), remedy);
            matches.extend(dead.iter().map(|((), dead)| of_role(dead)));
        }
    }
    matches
}

/// Returns when the log of each account ends.
fn ends(context: &Context<'_>) -> Map<Sym, Timestamp> {
    let mut ends: Map<Sym, Timestamp> = Map::default();
    for (cell, count) in &context.lineage.observations.cells {
        if let Some((account, last)) = cell.account.zip(count.last) {
            let end = ends.entry(account).or_insert(last);
            *end = last.max(*end);
        }
    }
    ends
}

fn stops_at_the_door(session: SessionView<'_>) -> bool {
    let lineage = session.lineage();
    let mut calls = 0;
    let only_asks = session.actions().all(|(action, tally)| {
        calls += tally.count();
        lineage.opt(action.name) == Some("GetCallerIdentity")
    });
    only_asks && calls <= MOST_CALLS && session.children().next().is_none()
}

fn is_habit(before: &[SessionView<'_>]) -> bool {
    let goes_on = |session: &&SessionView<'_>| {
        let end = session.issued().map(|issued| issued.plus(SOON));
        session.children().any(|child| child.issued() <= end)
    };
    FEWEST_BEFORE <= before.len() && before.len() * 9 <= before.iter().filter(goes_on).count() * 10
}

/// True when the habit has been known for long enough, and it is not long ago that it broke.
fn is_learned(context: &Context<'_>, before: &[SessionView<'_>], dead: &[SessionView<'_>]) -> bool {
    let day = |session: Option<&SessionView<'_>>| session.and_then(SessionView::issued).map(Timestamp::day);
    let days = (context.history, day(before.first()), day(dead.first()), day(dead.last()));
    let (Some(history), Some(known), Some(broke), Some(last)) = days else { return false };
    LEARNING_DAYS <= history.days_between(known - 1, broke - 1) && history.days_between(last, i64::MAX) < FRESH_DAYS
}

fn matched(
    context: &Context<'_>,
    (role, mut key): (Sym, Vec<(&'static str, String)>),
    (before, dead): (&[SessionView<'_>], &Occurrences<'_>),
    remedy: &str,
) -> Match {
    let role_arn = context.lineage.str(role);
    let subject = dead.first().origin().token.as_ref();
    let name = subject.map_or_else(
        || "a pipeline".to_owned(),
        |subject| subject.repository.clone().unwrap_or_else(|| subject.raw.clone()),
    );
    let next: BTreeSet<&str> =
        before.iter().flat_map(SessionView::children).filter_map(|child| child.role_arn()).collect();
    let next_named = phrase::any_of(next.iter().map(|role| phrase::role(context, role)));
    key.push(("role_arn", role_arn.to_owned()));
    let went_on = before.iter().filter(|session| session.children().next().is_some()).count();
    Match {
        key,
        severity: Severity::Medium,
        confidence: Confidence::Medium,
        basis: Basis::Novelty,
        title: format!("{name} enters {} and no longer goes on from there", phrase::short(role_arn)),
        message: format!(
            "{}, {name} entered {} and did nothing with it. Until then it went on to {next_named} within minutes \
             ({went_on} of {} entries). The second step most likely lacks role-chaining: true and asks an account that \
             has no identity provider, which AWS does not log; or the pipeline fails between its steps. This is a \
             broken pipeline, not an attack.",
            dead.when(),
            phrase::role(context, role_arn),
            before.len(),
        ),
        remediation: subject.map(|subject| {
            standing::advice(standing::of(context, Some(role_arn), subject), subject, role_arn, remedy.to_owned())
        }),
        count: dead.count(),
        evidence: dead.evidence(),
        chain_ids: dead.chain_ids(context),
    }
}
