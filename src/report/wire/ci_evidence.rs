//! What the files of CI systems hold, and what they cover.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Rows;
use super::Time;
use crate::join::CLOCK_SKEW;
use crate::model::width::wide;

/// How many numbers of missing runs are named.
const MAX_HOLES: usize = 20;

/// How many parts of a file that are not understood are named.
const MAX_DEFECTS: usize = 20;

/// What the files of CI systems (`--ci`) hold, and what they cover: silence about the rest means nothing.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CiEvidence {
    /// By how many seconds the clocks of AWS and of the CI system may differ before a difference counts.
    pub clock_skew_seconds: i64,
    /// The files, in order of their names.
    pub files: Vec<CiFile>,
    /// What they cover, by repository.
    pub repositories: Vec<CiRepository>,
    /// How many chains have a link of each grade.
    pub links: BTreeMap<&'static str, u64>,
}

/// A file of a CI system.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CiFile {
    /// Its name.
    pub name: String,
    /// SHA-256 of its bytes, as hexadecimal digits.
    pub sha256: String,
    /// What it holds, and how many.
    pub holds: BTreeMap<&'static str, u64>,
    /// The first twenty parts that are not understood, with the byte at which they stand.
    pub defects: Vec<String>,
    /// How many parts are not understood.
    pub defects_total: u64,
}

/// What the files cover of a repository.
#[derive(Debug, Serialize, JsonSchema)]
pub struct CiRepository {
    /// The host.
    pub host: String,
    /// `owner/name`.
    pub repository: String,
    /// How many runs.
    pub runs: u64,
    /// When the first of them was made.
    pub first_run: Option<Time>,
    /// When the last of them was made.
    pub last_run: Option<Time>,
    /// Up to when the files hold every run since the first one that the CI system still has; null when they do not.
    pub complete_until: Option<Time>,
    /// Numbers of runs that are missing: a deleted run leaves such a hole. At most twenty.
    pub missing_numbers: Vec<u64>,
    /// How many attempts at runs.
    pub attempts: u64,
    /// How many of them have jobs.
    pub attempts_with_jobs: u64,
    /// How many runs were asked for their approvals.
    pub approvals_asked: u64,
}

impl Rows<'_> {
    /// Returns what the files of CI systems hold and cover; `None` when none were given.
    pub fn ci_evidence(&self) -> Option<CiEvidence> {
        let joined = self.report.ci?;
        let text = |text: &str| self.shade.text(text).into_owned();
        let files = joined.facts.files.iter().map(|file| CiFile {
            name: text(&file.name),
            sha256: file.sha256.clone(),
            holds: file.holds.clone(),
            defects: file
                .defects
                .iter()
                .take(MAX_DEFECTS)
                .map(|defect| format!("byte {}: {}", defect.at, text(&defect.message)))
                .collect(),
            defects_total: file.defects_total(),
        });
        let repositories = joined.facts.covered.iter().map(|(place, covered)| CiRepository {
            host: text(&place.host),
            repository: text(&place.name),
            runs: wide(covered.runs),
            first_run: covered.span.map(|(first, _)| Time(first)),
            last_run: covered.span.map(|(_, last)| Time(last)),
            complete_until: covered.complete_until.map(Time),
            missing_numbers: covered.holes.iter().take(MAX_HOLES).map(|(_, number)| *number).collect(),
            attempts: wide(covered.attempts),
            attempts_with_jobs: wide(covered.attempts_with_jobs),
            approvals_asked: wide(covered.approvals_asked),
        });
        let links = joined.by_grade();
        Some(CiEvidence {
            clock_skew_seconds: CLOCK_SKEW,
            files: files.collect(),
            repositories: repositories.collect(),
            links: links.into_iter().map(|(grade, chains)| (grade.name(), wide(chains))).collect(),
        })
    }
}
