//! Findings in groups: what one chain or one cause brought about belongs together, the worst and the newest first.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::View;
use super::actor;
use super::count;
use super::judged;
use super::moment;
use crate::model::chain::Chain;
use crate::model::finding;
use crate::model::finding::Severity;
use crate::model::width::place;
use crate::model::width::wide;
use crate::report::again;
use crate::report::judged_rank::is_of_door;
use crate::report::names;
use crate::report::names::number;
use crate::report::wire::Time;
use crate::report::wire::finding::Finding;

/// A finding that names more routes than this speaks of a role or a habit, and joins nothing by its chains.
const MAX_ROUTES: usize = 4;

/// So many findings of one rule that nobody is behind are one group.
const MIN_ALIKE: usize = 4;

/// So many actors have groups of their own for one rule.
const MAX_ACTORS: usize = 20;

/// Findings that belong together.
pub(in crate::report) struct Group<'a> {
    /// The worst and newest first.
    pub(in crate::report) findings: Vec<Finding<'a>>,
    pub(in crate::report) severity: &'static str,
    /// The chain that most of them name, in words: who came through which roles.
    pub(in crate::report) path: Option<String>,
    /// The command that shows more.
    pub(in crate::report) command: Option<String>,
    pub(in crate::report) first: Option<Time>,
    pub(in crate::report) last: Option<Time>,
}

impl Group<'_> {
    /// Returns what the group is called: its worst and newest finding.
    pub(in crate::report) fn title(&self) -> &str {
        self.findings.first().map_or("", |finding| finding.title.as_ref())
    }

    /// Says when it happened.
    pub(in crate::report) fn when(&self) -> String {
        span(self.first, self.last)
    }
}

/// Says from when to when, without the end when it is the beginning.
fn span(first: Option<Time>, last: Option<Time>) -> String {
    match (moment(first), moment(last)) {
        (first, last) if first == last => first,
        (first, last) => format!("{first} to {last}"),
    }
}

/// Returns the open findings in groups.
pub(in crate::report) fn groups<'a>(view: &View<'a>) -> Vec<Group<'a>> {
    let all = view.rows.report.findings;
    let open: Vec<usize> = (0..all.len()).filter(|at| all.get(*at).is_some_and(finding::Finding::is_open)).collect();
    let mut joined: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, root) in open.iter().zip(join(view, &open)) {
        joined.entry(root).or_default().push(*at);
    }
    let mut groups: Vec<Group<'a>> =
        alike(view, joined.into_values()).iter().map(|members| group(view, members)).collect();
    let rank = |name: &str| Severity::WORST_FIRST.iter().position(|severity| severity.name() == name);
    groups.sort_by_cached_key(|group| (rank(group.severity), Reverse(group.last), group.title().to_owned()));
    groups
}

/// Says for each of the open findings which one it belongs to. What several did joins nothing: neither would be one group
/// with the other.
fn join(view: &View<'_>, open: &[usize]) -> Vec<usize> {
    let all = view.rows.report.findings;
    let mut parents: Vec<usize> = (0..open.len()).collect();
    let mut runs: Vec<(u32, u32, usize)> = Vec::new();
    let mut causes: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for (nth, at) in open.iter().enumerate() {
        let Some(finding) = all.get(*at) else { continue };
        let (is_narrow, is_door) = (is_narrow(view, *at), is_of_door(finding));
        if is_narrow && !is_door {
            runs.extend(finding.chain_ids.clone().into_iter().map(|(start, end)| (start, end, nth)));
        }
        let part = |name: &'static str| finding.key.get(name).map(|value| (name, value.clone()));
        let role = part("role_arn").filter(|_| !is_narrow);
        let changed = actor::actors(view, *at).pop_first().filter(|_| is_narrow && is_door).map(|who| ("door", who));
        let events = finding.evidence.iter().filter(|_| is_narrow).filter_map(|event| event.event_id.clone());
        let named = part("access_key_id").into_iter().chain(role).chain(changed);
        for cause in named.chain(events.map(|event| ("event", event))) {
            let first = *causes.entry(cause).or_insert(nth);
            unite(&mut parents, first, nth);
        }
    }
    runs.sort_unstable();
    let mut reach: Option<(u32, usize)> = None;
    for (start, end, nth) in runs {
        match reach {
            Some((until, before)) if start < until => {
                unite(&mut parents, before, nth);
                reach = Some((until.max(end), before));
            }
            _ => reach = Some((end, nth)),
        }
    }
    (0..open.len()).map(|nth| root(&parents, nth)).collect()
}

/// Says whether a finding is about one actor, and about some chains in particular.
fn is_narrow(view: &View<'_>, at: usize) -> bool {
    let Some(finding) = view.rows.report.findings.get(at) else { return false };
    let is_one = actor::actors(view, at).len() < 2;
    is_one
        && judged::names_somebody(finding)
        && (is_of_door(finding) || view.judged.routes_of(at).count() <= MAX_ROUTES)
}

fn root(parents: &[usize], of: usize) -> usize {
    let mut at = of;
    while let Some(parent) = parents.get(at).filter(|parent| **parent != at) {
        at = *parent;
    }
    at
}

fn unite(parents: &mut [usize], one: usize, other: usize) {
    let (one, other) = (root(parents, one), root(parents, other));
    if let Some(parent) = parents.get_mut(one.max(other)) {
        *parent = one.min(other);
    }
}

/// Findings by who is behind them.
type ByActors = BTreeMap<BTreeSet<String>, Vec<usize>>;

/// Puts findings of one rule, severity and actor that belong to nothing else into one group; those of no actor when they
/// are many, and those of the actors past the first twenty, the newest first.
fn alike(view: &View<'_>, joined: impl Iterator<Item = Vec<usize>>) -> Vec<Vec<usize>> {
    let all = view.rows.report.findings;
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut alone: BTreeMap<(&str, Severity), ByActors> = BTreeMap::new();
    for members in joined {
        let only = if let [only] = members.as_slice() { all.get(*only).map(|finding| (*only, finding)) } else { None };
        match only {
            Some((at, finding)) => {
                let of_rule = alone.entry((finding.rule, finding.severity)).or_default();
                of_rule.entry(actor::actors(view, at)).or_default().push(at);
            }
            None => groups.push(members),
        }
    }
    for mut of_rule in alone.into_values() {
        let nobody = of_rule.remove(&BTreeSet::new()).unwrap_or_default();
        let is_few = nobody.len() < MIN_ALIKE;
        groups.extend(nobody.chunks(if is_few { 1 } else { nobody.len() }).map(<[usize]>::to_vec));
        let mut of_rule: Vec<Vec<usize>> = of_rule.into_values().collect();
        let last = |at: &usize| all.get(*at).and_then(|finding| finding.last_seen);
        of_rule.sort_by_key(|members| (Reverse(members.iter().filter_map(last).max()), members.first().copied()));
        let rest: Vec<usize> = of_rule.drain(of_rule.len().min(MAX_ACTORS)..).flatten().collect();
        groups.extend(of_rule.into_iter().chain((!rest.is_empty()).then_some(rest)));
    }
    groups
}

fn group<'a>(view: &View<'a>, members: &[usize]) -> Group<'a> {
    let all = view.rows.report.findings;
    let is_narrow = members.iter().any(|at| is_narrow(view, *at));
    let mut members: Vec<&'a finding::Finding> = members.iter().filter_map(|at| all.get(*at)).collect();
    members.sort_by_key(|finding| (Reverse(finding.severity), Reverse(finding.last_seen)));
    let findings: Vec<Finding<'a>> = members.iter().map(|finding| view.rows.finding(finding)).collect();
    // Of what many chains share, none is the one to look at: the event is.
    let chain = members.first().and_then(|first| main_chain(view, first, &findings)).filter(|_| is_narrow);
    let event =
        || findings.iter().flat_map(|finding| finding.evidence.iter().rev()).find_map(|event| event.event_id.clone());
    let id = chain.map(|chain| chain.id.to_string()).or_else(|| event().map(String::from));
    Group {
        severity: findings.first().map_or("info", |finding| finding.severity),
        path: chain.map(|chain| path(view, chain)),
        command: id.map(|id| again::command(&["trace", &id], view.rows.report.run)),
        first: findings.iter().filter_map(|finding| finding.first_seen).min(),
        last: findings.iter().filter_map(|finding| finding.last_seen).max(),
        findings,
    }
}

/// Returns the chain of the first finding that most of the others name, too; of several, the newest. Of a changed door it
/// is one of whoever changed it.
fn main_chain<'a>(view: &View<'a>, first: &finding::Finding, findings: &[Finding<'a>]) -> Option<&'a Chain> {
    let mut named: BTreeMap<&str, usize> = BTreeMap::new();
    for id in findings.iter().flat_map(|finding| &finding.chain_ids) {
        *named.entry(id).or_default() += 1;
    }
    let ids = findings.first().map(|finding| finding.chain_ids.as_slice()).unwrap_or_default();
    let chains = ids.iter().filter_map(|id| Some((view.judged.chain(id)?, named.get(id.as_str()).copied())));
    let is_own = |chain: &Chain| !is_of_door(first) || judged::is_by(first, place(chain.route), &view.rows);
    let began = |chain: &Chain| view.rows.lineage().leaf(chain).issued();
    let chains = chains.filter(|(chain, _)| is_own(chain));
    chains.max_by_key(|(chain, findings)| (*findings, began(chain), Reverse(chain.id))).map(|(chain, _)| chain)
}

/// Says who came through which roles.
pub(in crate::report) fn path(view: &View<'_>, chain: &Chain) -> String {
    let origin = view.rows.origin(view.rows.lineage().origin_of(chain));
    let roles = view.rows.roles_of(chain);
    let who = view.names.origin(&origin, usize::MAX);
    match view.names.path(&roles, usize::MAX) {
        _ if roles.is_empty() => format!("{} {who}, no role", names::via(&origin)),
        path => format!("{who} → {path}"),
    }
}

/// Says how many findings there are, and in how many groups.
pub(in crate::report) fn note(groups: &[Group<'_>]) -> String {
    let findings = groups.iter().map(|group| group.findings.len()).sum();
    let all = super::count_of(findings, "finding");
    if findings == groups.len() {
        return format!("{all}, the worst and newest first");
    }
    let each = super::count_of(groups.len(), "group");
    format!("{all} in {each}, the worst and newest first; a group holds what one actor did or one cause brought about")
}

/// Says which rule it was, how sure it is, how often and when.
pub(in crate::report) fn facts(finding: &Finding<'_>) -> Vec<String> {
    let mut facts = vec![finding.rule.to_owned(), format!("{}, {} confidence", finding.basis, finding.confidence)];
    if let Some(usual) = finding.regraded_from {
        facts.push(format!("graded by the owners, {usual} by the rule"));
    }
    if finding.count > 1 {
        facts.push(count(finding.count, "time"));
    }
    if finding.last_seen.is_some() {
        facts.push(span(finding.first_seen, finding.last_seen));
    }
    if matches!(finding.status, "ongoing" | "reopened" | "dormant") {
        facts.push(finding.status.to_owned());
    }
    facts
}

/// Returns a message with its moments as the rest of the report writes them: `2026-11-21 23:01`.
pub(in crate::report) fn told(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    let mut rest = message;
    while let Some(at) = rest.find('T') {
        let moment = at.checked_sub(10).and_then(|start| Some((start, rest.get(start..at + 10)?)));
        if let Some((start, text)) = moment.filter(|(_, text)| is_moment(text)) {
            out.push_str(rest.get(..start).unwrap_or_default());
            out.push_str(&text.get(..16).unwrap_or_default().replace('T', " "));
            rest = rest.get(at + 10..).unwrap_or_default();
        } else {
            out.push_str(rest.get(..=at).unwrap_or_default());
            rest = rest.get(at + 1..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

fn is_moment(text: &str) -> bool {
    let shape = "0000-00-00T00:00:00Z";
    text.len() == shape.len()
        && text
            .bytes()
            .zip(shape.bytes())
            .all(|(byte, want)| if want == b'0' { byte.is_ascii_digit() } else { byte == want })
}

/// Says how many more findings a group has.
pub(in crate::report) fn more(group: &Group<'_>) -> Option<String> {
    let more = group.findings.len().saturating_sub(1);
    (more > 0).then(|| format!("and {} more", number(wide(more))))
}

/// Returns the event that proves a finding: the latest that has an id.
pub(in crate::report) fn event<'f>(finding: &'f Finding<'_>) -> Option<&'f str> {
    finding.evidence.iter().rev().find_map(|event| event.event_id.as_deref())
}

#[cfg(test)]
mod tests {
    use super::told;

    #[test]
    fn moments_have_one_form() {
        for (message, shown) in [
            ("At 2026-11-08T21:20:03Z, Tom", "At 2026-11-08 21:20, Tom"),
            (
                "first at 2026-11-02T09:30:15Z and last at 2026-11-06T09:30:15Z.",
                "first at 2026-11-02 09:30 and last at 2026-11-06 09:30.",
            ),
            ("T 2026-11-08T21:20:03 äT", "T 2026-11-08T21:20:03 äT"),
        ] {
            assert_eq!(told(message), shown);
        }
    }
}
