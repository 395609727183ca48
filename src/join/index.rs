//! Where to find jobs and runs: by id, and by repository and time.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::ci::ActKind;
use crate::ci::Covered;
use crate::ci::Facts;
use crate::ci::Job;
use crate::ci::Place;
use crate::ci::Run;
use crate::ci::RunKey;
use crate::ci::System;
use crate::join::CLOCK_SKEW;
use crate::model::time::DAY;
use crate::model::time::Timestamp;

/// How long before its job a run may have been made: it may wait for an approval, and a whole run may take 35 days.
const LONGEST_RUN: i64 = 35 * DAY;

/// A job in its run.
#[derive(Clone, Copy)]
pub(super) struct Placed<'f> {
    pub(super) key: &'f RunKey,
    pub(super) run: &'f Run,
    pub(super) attempt: u32,
    pub(super) id: &'f str,
    pub(super) job: &'f Job,
}

impl Placed<'_> {
    /// True when the job ran at a time, as far as the clocks agree. A job without an end goes on.
    pub(super) fn ran_at(&self, at: Timestamp) -> bool {
        ran_at(self.job.started, self.job.ended, at) && self.job.has_run
    }
}

/// True when something lasted at a time, as far as the clocks agree.
pub(super) fn ran_at(started: Option<Timestamp>, ended: Option<Timestamp>, at: Timestamp) -> bool {
    started.is_some_and(|started| started.plus(-CLOCK_SKEW) <= at)
        && ended.is_none_or(|ended| at <= ended.plus(CLOCK_SKEW))
}

/// The jobs of one repository, by when they began.
#[derive(Default)]
struct Line<'f> {
    jobs: Vec<Placed<'f>>,
    /// The longest of them, in seconds; jobs that have no end count as longer than all.
    longest: i64,
}

/// The facts, ready to be asked.
pub(super) struct Index<'f> {
    pub(super) facts: &'f Facts,
    by_job: BTreeMap<(System, &'f str, &'f str), Placed<'f>>,
    by_place: BTreeMap<Place, Line<'f>>,
    /// The runs that an audit log says were deleted, by system, host and id.
    deleted: BTreeSet<(System, &'f str, &'f str)>,
    /// The lowest id of the runs of each repository: ids are given in order of time.
    lowest: BTreeMap<Place, u64>,
    /// Of each repository, when the first run was made of which not all jobs are here.
    without_jobs: BTreeMap<Place, Timestamp>,
    /// How many runs an audit log says were deleted, by repository.
    deletions: BTreeMap<&'f Place, BTreeSet<Option<&'f str>>>,
}

impl<'f> Index<'f> {
    pub(super) fn of(facts: &'f Facts) -> Self {
        let mut by_job = BTreeMap::new();
        let mut by_place: BTreeMap<Place, Line<'f>> = BTreeMap::new();
        for (key, run) in &facts.runs {
            let places: Vec<Place> = run.repositories.iter().map(|name| place_of(key, name)).collect();
            for placed in jobs_of(key, run) {
                by_job.insert((key.system, &*key.host, placed.id), placed);
                for place in &places {
                    by_place.entry(place.clone()).or_default().jobs.push(placed);
                }
            }
        }
        for line in by_place.values_mut() {
            line.jobs.retain(|placed| placed.job.has_run && placed.job.started.is_some());
            line.jobs.sort_by_key(|placed| (placed.job.started, placed.id));
            let length = |placed: &Placed<'_>| {
                let ended = placed.job.ended.map(|ended| ended.0);
                placed.job.started.zip(ended).map_or(LONGEST_RUN, |(started, ended)| ended - started.0)
            };
            line.longest = line.jobs.iter().map(length).max().unwrap_or_default();
        }
        let mut lowest: BTreeMap<Place, u64> = BTreeMap::new();
        let mut without_jobs: BTreeMap<Place, Timestamp> = BTreeMap::new();
        for (key, run) in facts.runs.iter().filter(|(_, run)| !run.is_missing) {
            let created = run.created.filter(|_| !are_all_here(run));
            for place in run.repositories.iter().map(|name| place_of(key, name)) {
                if let Some(created) = created {
                    without_jobs.entry(place.clone()).and_modify(|at| *at = created.min(*at)).or_insert(created);
                }
                if let Ok(id) = key.id.parse::<u64>() {
                    lowest.entry(place).and_modify(|lowest| *lowest = id.min(*lowest)).or_insert(id);
                }
            }
        }
        let mut deleted = BTreeSet::new();
        let mut deletions: BTreeMap<&Place, BTreeSet<Option<&str>>> = BTreeMap::new();
        for act in facts.acts.iter().filter(|act| act.kind == ActKind::RunDeleted) {
            let Some(place) = &act.place else { continue };
            deletions.entry(place).or_default().insert(act.run_id.as_deref());
            deleted.extend(act.run_id.as_deref().map(|id| (place.system, &*place.host, id)));
        }
        Self { facts, by_job, by_place, deleted, lowest, without_jobs, deletions }
    }

    /// True when an audit log says that the run was deleted.
    pub(super) fn is_deleted(&self, key: &RunKey) -> bool {
        self.deleted.contains(&(key.system, &key.host, &key.id))
    }

    /// True when a file speaks of a repository by this name.
    pub(super) fn knows(&self, place: &Place) -> bool {
        self.facts.covered.contains_key(place) || self.facts.ids.contains_key(place)
    }

    /// True when more runs are missing among the numbers of a repository than the audit log says were deleted.
    pub(super) fn has_hole(&self, covered: &Covered, place: &Place) -> bool {
        covered.holes.len() > self.deletions.get(place).map_or(0, BTreeSet::len)
    }

    /// True when all jobs are here of every run of a repository that may have gone on at a time.
    pub(super) fn has_all_jobs(&self, place: &Place, at: Timestamp) -> bool {
        self.without_jobs.get(place).is_none_or(|first| at.plus(CLOCK_SKEW) < *first)
    }

    /// True when a run that is not in the evidence may have been made before all that is, and have waited until a time.
    pub(super) fn may_be_older(&self, (covered, place): (&Covered, &Place), key: &RunKey, at: Timestamp) -> bool {
        let lowest = self.lowest.get(place);
        let is_younger = lowest.zip(key.id.parse::<u64>().ok()).is_some_and(|(lowest, id)| *lowest < id);
        !is_younger && !reaches_back(covered, at)
    }

    /// Returns the job of this id.
    pub(super) fn job(&self, system: System, host: &str, id: &str) -> Option<Placed<'f>> {
        self.by_job.get(&(system, host, id)).copied()
    }

    /// Returns the jobs of a repository that ran at a time.
    pub(super) fn at(&self, place: &Place, at: Timestamp) -> Vec<Placed<'f>> {
        let Some(line) = self.by_place.get(place) else { return Vec::new() };
        let end = line.jobs.partition_point(|placed| placed.job.started <= Some(at.plus(CLOCK_SKEW)));
        let earliest = at.plus(-line.longest - CLOCK_SKEW);
        let before = line.jobs.get(..end).unwrap_or_default().iter().rev();
        let near = before.take_while(|placed| placed.job.started >= Some(earliest));
        let mut found: Vec<Placed<'f>> = near.filter(|placed| placed.ran_at(at)).copied().collect();
        found.reverse();
        found
    }

    /// Returns what the evidence covers of a repository at a time.
    pub(super) fn covered(&self, place: &Place, at: Timestamp) -> Option<&'f Covered> {
        let covered = self.facts.covered.get(place)?;
        let (first, last) = covered.span?;
        // A run that was made after the last one that is here may be younger than the file.
        (first.plus(-CLOCK_SKEW) <= at && at <= last.plus(CLOCK_SKEW)).then_some(covered)
    }
}

/// True when all jobs of all attempts at a run are here, up to the last one that the evidence knows, which is over.
pub(super) fn are_all_here(run: &Run) -> bool {
    let last = run.attempts.keys().next_back().copied().unwrap_or_default();
    let is_here =
        |number: u32| run.attempts.get(&number).is_some_and(|attempt| attempt.is_over() && attempt.has_all_jobs());
    last > 0 && (1..=last).all(is_here)
}

/// True when what is covered reaches so far back that no run at the time can be older than all of it.
pub(super) fn reaches_back(covered: &Covered, at: Timestamp) -> bool {
    covered.span.is_some_and(|(first, _)| first <= at.plus(-LONGEST_RUN))
}

/// Returns the place of a run's repository.
pub(super) fn place_of(key: &RunKey, name: &str) -> Place {
    Place { system: key.system, host: key.host.clone(), name: name.to_ascii_lowercase().into() }
}

/// Returns every job of a run.
pub(super) fn jobs_of<'f>(key: &'f RunKey, run: &'f Run) -> impl Iterator<Item = Placed<'f>> {
    run.attempts.iter().flat_map(move |(number, attempt)| {
        attempt.jobs.iter().map(move |(id, job)| Placed { key, run, attempt: *number, id, job })
    })
}
