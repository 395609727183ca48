//! Attempts to assume a role that were denied.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Rows;
use super::Text;
use super::Time;
use crate::model::assumption::Assumption;
use crate::model::denial::DenialRun;
use crate::model::subject::Subject;
use crate::model::width::wide;

/// How many event ids prove one row.
const MAX_EVENT_IDS: usize = 5;

/// Denied attempts of one principal at one role, with one error.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Denied<'a> {
    /// The call, such as `AssumeRole`.
    pub event_name: &'static str,
    /// Who asked: an ARN, else a principal id.
    pub principal: Option<Text<'a>>,
    /// The token's subject, for web identities.
    pub subject: Option<Text<'a>>,
    /// The token's subject as people say it.
    #[serde(skip)]
    pub spoken: Option<String>,
    /// The identity provider, for web identities: an ARN, or the host of a built-in one.
    pub provider: Option<Text<'a>>,
    /// The role asked for; CloudTrail does not always record it.
    pub role_arn: Option<Text<'a>>,
    /// The error.
    pub error_code: Option<Text<'a>>,
    /// Attempts: retries within 120 seconds are one.
    pub runs: u64,
    /// Events.
    pub events: u64,
    /// Attempts that failed only because a change of IAM had not spread yet.
    pub settling_runs: u64,
    /// The earliest event.
    pub first_event: Option<Time>,
    /// The latest event.
    pub last_event: Option<Time>,
    /// At most five events that prove it, the first and the last included.
    pub event_ids: Vec<String>,
    /// The token's subject in parts, for other formats.
    #[serde(skip)]
    pub token: Option<&'a Subject>,
    /// All of them, for other formats: records of the lineage.
    #[serde(skip)]
    pub records: Vec<u32>,
}

impl<'a> Rows<'a> {
    /// Returns denied attempts, the most events first.
    pub fn denied(&self) -> Vec<Denied<'a>> {
        if self.options.only_chains {
            // What was denied is on no chain.
            return Vec::new();
        }
        let mut folded: BTreeMap<_, Vec<&'a DenialRun>> = BTreeMap::new();
        for run in &self.lineage().denied {
            let name = self.records(run).next().map_or("AssumeRole", |record| record.call.event_name());
            let syms = [run.principal, run.subject, run.provider, run.role_arn, run.error_code];
            folded.entry((name, syms.map(|sym| self.lineage().opt(sym)))).or_default().push(run);
        }
        let mut rows: Vec<Denied<'a>> =
            folded.into_iter().map(|((name, key), runs)| self.row(name, key, &runs)).collect();
        rows.sort_by_key(|row| Reverse(row.events));
        rows
    }

    /// Returns the row that an attempt is folded into.
    pub fn denied_of(&self, run: &DenialRun) -> Option<Denied<'a>> {
        self.denied().into_iter().find(|row| run.records.iter().all(|record| row.records.contains(record)))
    }

    fn records(&self, run: &'a DenialRun) -> impl Iterator<Item = &'a Assumption> {
        let lineage = self.lineage();
        run.records.iter().map(|record| lineage.assumption(*record))
    }

    fn row(&self, event_name: &'static str, key: [Option<&'a str>; 5], runs: &[&'a DenialRun]) -> Denied<'a> {
        let [principal, subject, provider, role_arn, error_code] =
            key.map(|part| part.map(|part| self.shade.text(part)));
        let mut records: Vec<&Assumption> = runs.iter().flat_map(|run| self.records(run)).collect();
        records.sort_by_key(|record| record.time);
        let events = records.len();
        let mut event_ids: Vec<String> = Vec::new();
        let last = events.saturating_sub(1);
        // Evenly spread from the first to the last.
        for at in (0..MAX_EVENT_IDS).map(|nth| nth * last / (MAX_EVENT_IDS - 1)) {
            let id = records.get(at).and_then(|record| self.event_id(record.event_id));
            event_ids.extend(id.filter(|id| !event_ids.contains(id)));
        }
        Denied {
            event_name,
            principal,
            subject,
            spoken: runs.first().and_then(|run| self.spoken(run.token.as_ref())),
            provider,
            role_arn,
            error_code,
            runs: wide(runs.len()),
            events: wide(events),
            settling_runs: wide(runs.iter().filter(|run| run.is_settling).count()),
            first_event: runs.iter().filter_map(|run| run.first_event).min().map(Time),
            last_event: runs.iter().filter_map(|run| run.last_event).max().map(Time),
            event_ids,
            token: runs.first().and_then(|run| run.token.as_ref()),
            records: runs.iter().flat_map(|run| run.records.iter().copied()).collect(),
        }
    }
}
