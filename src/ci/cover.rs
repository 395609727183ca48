//! What the files cover of each repository. Nobody is said to be missing from a list that may have left them out.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::facts::ActKind;
use super::facts::Covered;
use super::facts::Facts;
use super::facts::Place;
use super::facts::Run;
use super::facts::System;
use super::few::FewSet;
use super::intake::place;
use super::words::Words;
use crate::model::time::Timestamp;
use crate::model::width::wide;

/// GitHub gives no more runs than this for a question with a condition, and counts no more.
const MOST: u64 = 1_000;

/// So many numbers in a row are no deleted runs: they were not asked for. What was fetched run by run has many such stretches.
const WIDE: u64 = 20;

/// Returns when the first stretch of numbers begins that nobody asked for.
fn cut(listed: &[&Run]) -> Option<Timestamp> {
    let mut workflows: BTreeMap<u64, BTreeMap<u64, &Run>> = BTreeMap::new();
    for run in listed {
        if let Some(number) = run.number {
            workflows.entry(run.workflow_id.unwrap_or(0)).or_default().insert(number, run);
        }
    }
    let stretches = workflows.values().flat_map(|runs| runs.iter().zip(runs.iter().skip(1)));
    let wide = stretches.filter(|((low, _), (high, _))| *high - *low > WIDE);
    wide.flat_map(|((_, before), (_, after))| [before.created, after.created]).flatten().min()
}

/// Says what the files cover.
pub(super) fn cover(facts: &mut Facts) {
    let mut runs: BTreeMap<Place, Vec<&Run>> = BTreeMap::new();
    for (key, run) in &facts.runs {
        // A run that is known only because it is missing is not covered.
        if run.is_missing && run.created.is_none() && run.attempts.is_empty() {
            continue;
        }
        for name in run.repositories.iter() {
            runs.entry(place(key.system, &key.host, name)).or_default().push(run);
        }
    }
    let mut deleted: BTreeMap<&Place, BTreeSet<&Option<Box<str>>>> = BTreeMap::new();
    for act in facts.acts.iter().filter(|act| act.kind == ActKind::RunDeleted) {
        if let Some(place) = &act.place {
            deleted.entry(place).or_default().insert(&act.run_id);
        }
    }
    let mut covered: BTreeMap<Place, Covered> = BTreeMap::new();
    for (place, runs) in runs {
        let listed: Vec<&Run> = runs.iter().copied().filter(|run| !run.lists.is_empty()).collect();
        let cut = cut(&listed);
        let before: Vec<&Run> =
            listed.iter().copied().filter(|run| cut.is_none_or(|cut| run.created.is_some_and(|at| at < cut))).collect();
        let complete = complete(facts, &listed);
        let numbers = Numbers::of(&before, &complete);
        let is_complete = if place.system == System::GitHub {
            // What the audit log says was deleted is no sign of a question with a condition.
            let has_holes = numbers.holes.len() > deleted.get(&place).map_or(0, BTreeSet::len);
            numbers.are_counted(before.len()) && !are_chosen(&listed, &complete, has_holes)
        } else {
            numbers.are_there && numbers.holes.is_empty()
        };
        let spanned = if listed.is_empty() { &runs } else { &listed };
        let made = || spanned.iter().filter_map(|run| run.created);
        let attempts = || runs.iter().flat_map(|run| run.attempts.values());
        let one = Covered {
            runs: runs.len(),
            span: made().min().zip(made().max()),
            complete_until: cut.or_else(|| made().max()).filter(|_| !before.is_empty() && is_complete),
            attempts_with_jobs: attempts().filter(|attempt| !attempt.jobs.is_empty()).count(),
            attempts: attempts().count(),
            approvals_asked: runs.iter().filter(|run| run.approvals_asked).count(),
            holes: numbers.holes,
        };
        covered.insert(place, one);
    }
    // Of a repository that only its deployments name, something is known.
    for place in facts.deployments.values().filter_map(|one| one.place.as_ref()) {
        covered.entry(place.clone()).or_default();
    }
    facts.covered = covered;
    // What stood in which list is of no use any more, and depends on the order of the files.
    facts.lists = Vec::new();
    facts.words = Words::default();
    facts.runs.values_mut().for_each(|run| run.lists = FewSet::default());
}

/// Returns the lists that hold as many runs as the system counts for them, each with what it is part of: pages of one list may
/// lie in several files, and then they count the same.
fn complete(facts: &Facts, listed: &[&Run]) -> BTreeMap<usize, (bool, u64)> {
    let mut held: BTreeMap<usize, u64> = BTreeMap::new();
    for list in listed.iter().flat_map(|run| run.lists.iter()) {
        *held.entry(*list).or_default() += 1;
    }
    let total = |list: &usize| facts.lists.get(*list).copied().flatten().filter(|total| *total < MOST);
    let mut found: BTreeMap<usize, (bool, u64)> = BTreeMap::new();
    let mut parts: BTreeMap<u64, BTreeSet<usize>> = BTreeMap::new();
    for (list, count) in &held {
        match total(list) {
            Some(total) if total == *count => drop(found.insert(*list, (false, wide(*list)))),
            Some(total) => drop(parts.entry(total).or_default().insert(*list)),
            None => {}
        }
    }
    let mut together: BTreeMap<u64, u64> = BTreeMap::new();
    for run in listed {
        let totals: BTreeSet<u64> =
            run.lists.iter().filter_map(total).filter(|total| parts.contains_key(total)).collect();
        for total in totals {
            *together.entry(total).or_default() += 1;
        }
    }
    for (total, lists) in parts.into_iter().filter(|(total, _)| together.get(total) == Some(total)) {
        found.extend(lists.iter().map(|list| (*list, (true, total))));
    }
    found
}

/// So many runs of one list that are all alike are no chance.
const ALIKE: usize = 10;

/// True when all runs share what GitHub can be asked for: a workflow, a branch or an event; where numbers are missing between
/// them also how they ended, or who started them, which is common. Then the rest may be missing because nobody asked for it.
fn are_alike(runs: &[&Run], has_holes: bool) -> bool {
    let ended = |run: &Run| run.attempts.values().next_back().and_then(|last| last.conclusion.clone());
    let actor = |run: &Run| run.actor.as_ref().map(|actor| actor.login.clone());
    let texts = |of: &dyn Fn(&Run) -> Option<Arc<str>>| runs.iter().map(|run| of(run)).collect::<BTreeSet<_>>().len();
    let workflows = runs.iter().map(|run| run.workflow_id).collect::<BTreeSet<_>>().len();
    let kinds = [workflows, texts(&|run| run.head_branch.clone()), texts(&|run| run.event.clone())];
    kinds.contains(&1) || (has_holes && [texts(&ended), texts(&actor)].contains(&1))
}

/// True when the lists may have been asked for with a condition: when all they hold is alike, or all of one long list.
fn are_chosen(runs: &[&Run], complete: &BTreeMap<usize, (bool, u64)>, has_holes: bool) -> bool {
    let mut lists: BTreeMap<(bool, u64), Vec<&Run>> = BTreeMap::new();
    for run in runs {
        for list in run.lists.iter().filter_map(|list| complete.get(list)).collect::<BTreeSet<_>>() {
            lists.entry(*list).or_default().push(run);
        }
    }
    // Each list of one workflow counts its own runs, and together they do not count those of a third.
    lists.values().all(|runs| are_alike(runs, has_holes))
        || lists.values().any(|runs| runs.len() >= ALIKE && are_alike(runs, has_holes))
}

/// What the numbers of runs say, which count up in each workflow and stay when a run is started again.
#[derive(Default)]
struct Numbers {
    holes: BTreeSet<(u64, u64)>,
    /// True when every run stands in a list that is complete.
    are_counted: bool,
    /// True when each hole lies between two runs of one complete list: whoever left it out was asked for it.
    are_inside: bool,
    /// True when every run has a number.
    are_there: bool,
}

impl Numbers {
    fn of(listed: &[&Run], complete: &BTreeMap<usize, (bool, u64)>) -> Self {
        let lists = |run: &Run| -> BTreeSet<(bool, u64)> {
            run.lists.iter().filter_map(|list| complete.get(list)).copied().collect()
        };
        let mut found = Self { are_counted: true, are_inside: true, are_there: true, ..Self::default() };
        let mut workflows: BTreeMap<u64, BTreeMap<u64, &Run>> = BTreeMap::new();
        for run in listed {
            found.are_counted &= run.lists.iter().any(|list| complete.contains_key(list));
            match run.number {
                Some(number) => drop(workflows.entry(run.workflow_id.unwrap_or(0)).or_default().insert(number, run)),
                None => found.are_there = false,
            }
        }
        for (workflow, runs) in &workflows {
            for ((low, before), (high, after)) in runs.iter().zip(runs.iter().skip(1)) {
                let missing = (high - low - 1).min(WIDE);
                if missing > 0 {
                    found.are_inside &= !lists(before).is_disjoint(&lists(after));
                    found.holes.extend((low + 1..=low + missing).map(|number| (*workflow, number)));
                }
            }
        }
        found
    }

    /// True when the runs are as many as GitHub counts. Many holes are what was not asked for.
    fn are_counted(&self, runs: usize) -> bool {
        self.are_counted && self.are_inside && self.holes.len().saturating_mul(4) <= runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::Timestamp;

    /// A run of GitHub: its number, its workflow, and what else a list can be asked for.
    fn run(number: u64, workflow: u64, rest: &str) -> String {
        let id = workflow * 1_000 + number;
        format!(
            r#"{{"id":{id},"run_number":{number},"workflow_id":{workflow},"head_sha":"abc","status":"completed",{rest},
"created_at":"2026-11-{:02}T{:02}:00:00Z","html_url":"https://github.com/acme/orders/actions/runs/{id}"}}"#,
            1 + number % 28,
            workflow % 24
        )
    }

    fn pushed(number: u64) -> String {
        run(
            number,
            5,
            r#""event":"push","head_branch":"main","conclusion":"success","actor":{"login":"octavia","id":1}"#,
        )
    }

    fn tested(number: u64) -> String {
        run(
            number,
            6,
            r#""event":"pull_request","head_branch":"dev","conclusion":"failure","actor":{"login":"sam","id":2}"#,
        )
    }

    fn page(total: u64, runs: &[String]) -> String {
        format!(r#"{{"total_count":{total},"workflow_runs":[{}]}}"#, runs.join(","))
    }

    /// Returns up to when each file alone covers everything.
    fn complete(text: &str) -> Option<Timestamp> {
        let mut facts = Facts::default();
        facts.read("a", text.as_bytes()).unwrap();
        facts.settle();
        assert_eq!(facts.covered.len(), 1, "{text}");
        facts.covered.into_values().next()?.complete_until
    }

    #[test]
    fn a_page_that_holds_what_it_counts_is_a_list() {
        let all = [pushed(1), pushed(2), tested(1), tested(2)];
        assert!(complete(&page(4, &all)).is_some());
        assert!(complete(&format!("[{},{}]", page(4, &all[..2]), page(4, &all[2..]))).is_some());
        for total in [5, 1_000, u64::MAX - 1, u64::MAX] {
            assert_eq!(complete(&page(total, &all)), None, "{total}");
        }
    }

    #[test]
    fn objects_that_nobody_counted_are_no_list() {
        let jobs = r#"{"total_count":2,"jobs":[{"id":1,"run_id":5001,"started_at":"2026-11-02T00:00:00Z"}]}"#;
        let all = [pushed(1), pushed(2), tested(1), tested(2)];
        let lines = all.join("\n");
        for text in [
            lines.clone(),
            all.concat(),
            format!("[{}]", all.join(",")),
            format!("{lines}{jobs}"),
            format!("{}{jobs}", all[..2].concat()),
            format!("{lines}{}", page(1, &[pushed(3)])),
        ] {
            assert_eq!(complete(&text), None, "{text}");
        }
    }

    #[test]
    fn lists_that_may_have_been_asked_for_with_a_condition_are_not_complete() {
        // One workflow, branch and event; then two lists of a workflow each, which do not count a third.
        assert_eq!(complete(&page(2, &[pushed(1), pushed(2)])), None);
        let two = format!("{}{}", page(2, &[pushed(1), pushed(2)]), page(3, &[tested(1), tested(2), tested(3)]));
        assert_eq!(complete(&two), None);
        // A missing number says that a run was deleted, but not where all runs ended alike or are one person's.
        let with_hole = |change: &dyn Fn(String) -> String| {
            let pushed = [1, 2, 3, 4, 5, 7].map(pushed);
            page(8, &pushed.into_iter().chain([1, 2].map(tested)).map(change).collect::<Vec<_>>())
        };
        assert!(complete(&with_hole(&|run| run)).is_some());
        assert_eq!(complete(&with_hole(&|run| run.replace("failure", "success"))), None);
        assert_eq!(complete(&with_hole(&|run| run.replace("sam", "octavia"))), None);
        let deleted = r#"{"action":"workflows.delete_workflow_run","created_at":1794387700000,"workflow_run_id":5006,
"repo":"acme/orders"}"#;
        assert!(complete(&(with_hole(&|run| run.replace("sam", "octavia")) + deleted)).is_some());
    }

    #[test]
    fn numbers_of_a_project_leave_nothing_out() {
        let pipeline = |iid: u64| {
            format!(
                r#"{{"id":{iid}0,"iid":{iid},"status":"success","created_at":"2026-11-{iid:02}T00:00:00Z",
"web_url":"https://gitlab.com/acme/orders/-/pipelines/{iid}0"}}"#
            )
        };
        let list = |iids: &[u64]| format!("[{}]", iids.iter().map(|iid| pipeline(*iid)).collect::<Vec<_>>().join(","));
        assert!(complete(&list(&[1, 2, 3])).is_some());
        assert!(complete(&format!("{}{}", list(&[1, 2]), list(&[3, 4]))).is_some());
        assert_eq!(complete(&list(&[1, 3])), None);
        assert_eq!(complete(&list(&[1])), None);
        assert_eq!(complete(&(pipeline(1) + &pipeline(2))), None);
    }
}
