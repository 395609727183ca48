//! Changes to production: one row for each chain that wrote there, with the run, the person, the commit and the approval behind
//! it, and what of these is missing. It is the list that auditors draw their samples from.

use std::collections::BTreeMap;

use super::judged::Judged;
use super::judged::Judgment;
use super::wire::Rows;
use super::wire::Text;
use super::wire::Time;
use super::wire::ci::CiRun;
use super::wire::run_link::Ci;
use crate::model::chain::Chain;
use crate::model::long_term_key::LongTermKey;
use crate::model::observations::Action;
use crate::model::tallies::Tally;

/// A chain that changed something in production.
pub(crate) struct Change<'a> {
    /// The chain; `None` for a long-term key that was used directly.
    pub(crate) chain_id: Option<String>,
    /// The long-term key that was used directly.
    pub(crate) access_key_id: Option<Text<'a>>,
    /// The first and the last call of the session that wrote.
    pub(crate) first_event: Option<Time>,
    pub(crate) last_event: Option<Time>,
    pub(crate) account_id: Option<Text<'a>>,
    pub(crate) role_arn: Option<Text<'a>>,
    /// True when a person signed in: the origin is them.
    is_person: bool,
    /// Where the chain began: the subject, the key, the person.
    pub(crate) origin: String,
    pub(crate) writes: u64,
    /// The writes by name, the most frequent first.
    pub(crate) actions: Vec<String>,
    /// The run that the records name.
    pub(crate) named_run: Option<CiRun>,
    /// What the CI system says.
    pub(crate) ci: Option<Ci>,
    judgment: Judgment<'a>,
}

/// Returns every change, in order of time.
pub(crate) fn changes<'a>(rows: &Rows<'a>) -> Vec<Change<'a>> {
    let judged = Judged::of(rows);
    let production = &rows.report.run.production;
    let chains = rows.lineage().chains.iter().filter(|chain| production.contains(&chain.id));
    let lineage = rows.lineage();
    let keys = &rows.report.run.production_keys;
    let keys = lineage.long_term_keys.iter().filter(|key| keys.contains(lineage.str(key.access_key)));
    let chains = chains.filter(|chain| rows.is_shown(chain.is_listed)).map(|chain| change(rows, &judged, chain));
    let mut changes: Vec<Change<'a>> = chains.chain(keys.map(|key| of_key(rows, &judged, key))).collect();
    changes.sort_by(|a, b| {
        (a.first_event, &a.chain_id, &a.access_key_id).cmp(&(b.first_event, &b.chain_id, &b.access_key_id))
    });
    changes
}

fn of_key<'a>(rows: &Rows<'a>, judged: &Judged<'a>, key: &'a LongTermKey) -> Change<'a> {
    let lineage = rows.lineage();
    let row = rows.long_term_key(key);
    let actions = key.principals.iter().flat_map(|id| lineage.actions.of(*id));
    Change {
        chain_id: None,
        first_event: key.activity.first_event.map(Time),
        last_event: key.activity.last_event.map(Time),
        account_id: row.account_id,
        role_arn: None,
        origin: row.principal_arn.as_deref().unwrap_or_default().to_owned(),
        is_person: false,
        writes: key.activity.writes,
        actions: writes(rows, actions.map(|(action, tally)| (lineage.action(*action), tally))),
        named_run: None,
        ci: None,
        judgment: judged.key(key),
        access_key_id: Some(row.access_key_id),
    }
}

/// Names the successful writes, the most frequent first.
fn writes<'l>(rows: &Rows<'_>, actions: impl Iterator<Item = (&'l Action, &'l Tally)>) -> Vec<String> {
    let lineage = rows.lineage();
    let mut writes: BTreeMap<String, u64> = BTreeMap::new();
    for (action, tally) in actions {
        if action.read_only == Some(false) && action.error_code.is_none() {
            let source = lineage.opt(action.source).unwrap_or_default();
            let service = source.strip_suffix(".amazonaws.com").unwrap_or(source);
            let name = format!("{service}:{}", lineage.opt(action.name).unwrap_or_default());
            *writes.entry(rows.shade.text(&name).into_owned()).or_default() += tally.count();
        }
    }
    let mut actions: Vec<(String, u64)> = writes.into_iter().collect();
    actions.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    actions.into_iter().map(|(name, _)| name).collect()
}

fn change<'a>(rows: &Rows<'a>, judged: &Judged<'a>, chain: &'a Chain) -> Change<'a> {
    let lineage = rows.lineage();
    let leaf = lineage.leaf(chain);
    let activity = leaf.activity();
    Change {
        chain_id: Some(chain.id.to_string()),
        access_key_id: None,
        first_event: activity.first_event.map(Time),
        last_event: activity.last_event.map(Time),
        account_id: rows.text(leaf.session.account),
        role_arn: rows.text(leaf.session.role_arn),
        origin: rows.shade.text(&leaf.origin().label()).into_owned(),
        is_person: leaf.origin().kind.is_person(),
        writes: activity.writes,
        actions: writes(rows, leaf.actions()),
        named_run: rows.ci_run(chain),
        ci: rows.ci(chain),
        judgment: judged.chain(chain),
    }
}

impl Change<'_> {
    /// Returns the id of the run: by the CI system where the link is certain, else as the records name it.
    pub(crate) fn run_id(&self) -> Option<&str> {
        let sure = self.sure().and_then(|ci| ci.run.as_ref()).map(|run| run.id.as_str());
        sure.or(self.named_run.as_ref().map(|run| run.run_id.as_str()))
    }

    /// Returns where to look at the run.
    pub(crate) fn run_url(&self) -> Option<&str> {
        let sure = self.sure().and_then(|ci| ci.run.as_ref()?.url.as_deref());
        sure.or(self.named_run.as_ref().map(|run| run.url.as_str()))
    }

    /// Returns what the CI system says, where it is certain of which run.
    pub(crate) fn sure(&self) -> Option<&Ci> {
        self.ci.as_ref().filter(|ci| matches!(ci.link, "exact" | "strong"))
    }

    /// Returns who started the run.
    pub(crate) fn person(&self) -> Option<&str> {
        let signed_in = || self.is_person.then_some(self.origin.as_str());
        let by_ci = self.sure().and_then(|ci| ci.started_by.as_ref()).map(|by| by.login.as_str());
        by_ci.or_else(signed_in)
    }

    /// Returns who approved it.
    pub(crate) fn approvers(&self) -> Vec<&str> {
        self.sure().map(|ci| ci.approved_by.iter().map(|by| by.login.as_str()).collect()).unwrap_or_default()
    }

    /// Returns whether it was expected, and the rule of the worst finding.
    pub(crate) fn judged(&self) -> (&'static str, Option<&'static str>) {
        (self.judgment.expected, self.judgment.rule)
    }

    /// Says what is missing for an answer to who changed production, why, and with whose approval; `None` when nothing is.
    pub(crate) fn gap(&self) -> Option<&'static str> {
        if self.access_key_id.is_some() {
            return Some("long-lived key");
        }
        if self.is_person {
            return Some("no CI run: a person signed in");
        }
        gap(self.ci.as_ref(), self.named_run.is_some())
    }
}

/// Says what is missing for an answer to who changed something, why, and with whose approval, by what the CI system says and by
/// whether the records name a run; `None` when nothing is.
pub(super) fn gap(ci: Option<&Ci>, names_run: bool) -> Option<&'static str> {
    let Some(ci) = ci else {
        return Some(if names_run { "no CI evidence" } else { "no CI run" });
    };
    match ci.link {
        "contradicted" => return Some("the CI system contradicts the run"),
        "unknown" | "not_covered" => return Some("run not in the CI evidence"),
        "missing" => return Some("no CI run fits"),
        "ambiguous" | "probable" => return Some("CI run not certain"),
        _ => {}
    }
    if ci.contradictions.iter().any(|contradiction| contradiction.kind == "deleted") {
        return Some("the run was deleted");
    }
    // Nobody starts what a schedule starts.
    let starter = ci.started_by.as_ref().filter(|by| by.how != "scheduled");
    let person = starter.map(|by| by.login.as_str());
    match () {
        () if ci.seconds_after_job.is_some() && ci.signed => Some("used after the job had ended"),
        () if !ci.signed => Some("no token proves the run"),
        () if ci.started_by.is_none() => Some("person not known"),
        () if ci.approved_by.is_empty() && !ci.approvals_known => Some("approvals not known"),
        () if ci.approved_by.is_empty() => Some("nobody approved it"),
        () if ci.approved_by.iter().all(|by| Some(by.login.as_str()) == person) => {
            Some("approved by whoever started it")
        }
        () => None,
    }
}
