//! Forgotten: refusals that a missing `role-chaining: true` explains.

use crate::audit::denial;
use crate::audit::network;
use crate::audit::rule::Context;
use crate::audit::subjects;
use crate::model::assumption::Assumption;
use crate::model::assumption::IssuingCall;
use crate::model::denial::DenialRun;
use crate::model::lineage::SessionView;
use crate::model::observations::Map;
use crate::model::symbols::Sym;
use crate::provider;

/// The second step follows the first within this many seconds.
const LONGEST_PAUSE: i64 = 15 * 60;

/// A run of refusals, and the session from which the pipeline should have gone on.
pub(super) struct Forgotten<'a> {
    /// Index of the run among the lineage's denied.
    pub(super) run: usize,
    /// Where it should have gone on from.
    pub(super) entry: SessionView<'a>,
}

/// Finds the refusals that a forgotten `role-chaining: true` explains.
pub(super) fn find<'a>(context: &Context<'a>) -> Vec<Forgotten<'a>> {
    let lineage = context.lineage;
    let mut entries: Map<Sym, Vec<SessionView<'a>>> = Map::default();
    for run in &lineage.denied {
        if let Some(subject) = run.subject {
            entries.entry(subject).or_default();
        }
    }
    if entries.is_empty() {
        return Vec::new();
    }
    for session in lineage.sessions().filter(|session| subjects::is_entry(*session)) {
        if let Some(found) = subject(session).and_then(|subject| entries.get_mut(&subject)) {
            found.push(session);
        }
    }
    let runs = lineage.denied.iter().enumerate().filter(|(_, run)| !run.is_settling);
    runs.filter_map(|(at, run)| {
        let entries = entries.get(&run.subject?)?;
        // Sessions are in order of issue: only those of the last quarter of an hour matter, the latest first.
        let end = entries.partition_point(|entry| entry.issued() <= run.first_event);
        let recent = entries.get(..end)?.iter().rev();
        let recent = recent.take_while(|entry| entry.issued().map(|time| time.plus(LONGEST_PAUSE)) >= run.first_event);
        let entry = *recent.into_iter().find(|entry| is_forgotten(context, **entry, run))?;
        Some(Forgotten { run: at, entry })
    })
    .collect()
}

fn subject(session: SessionView<'_>) -> Option<Sym> {
    session.issuing_record()?.subject.or(session.caller()?.user_name)
}

fn is_forgotten(context: &Context<'_>, entry: SessionView<'_>, run: &DenialRun) -> bool {
    let lineage = context.lineage;
    let Some(refused) = run.records.first().map(|record| lineage.assumption(*record)) else { return false };
    let Some(granted) = entry.issuing_record() else { return false };
    let issuer = |sym: Option<Sym>| lineage.opt(sym).map(provider::issuer_of);
    let granted_by = granted.provider.or(lineage.principal(granted.caller).identity_provider);
    let went_on = entry.children().any(|child| child.issued() <= run.last_event);
    refused.call == IssuingCall::WebIdentity
        && denial::is_refusal(lineage.opt(run.error_code).unwrap_or_default())
        && run.account.is_some()
        && run.account != granted.recipient_account
        && issuer(run.provider) == issuer(granted_by)
        && is_same_run(context, granted, refused)
        && !went_on
}

/// True when both calls come from one run of the pipeline: the user agent numbers it, else the address is the same.
fn is_same_run(context: &Context<'_>, granted: &Assumption, refused: &Assumption) -> bool {
    let lineage = context.lineage;
    let run = |record: &Assumption| lineage.opt(record.user_agent).and_then(provider::run_in_agent);
    if let (Some(granted), Some(refused)) = (run(granted), run(refused)) {
        return granted == refused;
    }
    let is_real = lineage.opt(granted.source_ip).and_then(network::real).is_some();
    is_real && granted.source_ip == refused.source_ip
}
