//! Assurance: which questions a run could answer, and why others not. A verdict is drawn from findings and this together.

use super::finding::Finding;

/// What a reader of a report wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Question {
    /// Was everything read and understood that was found?
    Coverage,
    /// Who stood at the origin of what was written?
    Origin,
    /// Whose tokens were they? Asked where a token began something.
    Subjects,
    /// Did each other account that came in send an external id? Asked where one came in.
    ExternalId,
    /// Were long-lived keys used?
    LongLivedKeys,
    /// Do the trust policies let in what came in? Asked with snapshots of them alone.
    TrustPolicies,
    /// Which CI run stands behind what a CI job began? Asked with files of a CI system alone.
    CiRuns,
    /// Are the logs what CloudTrail delivered? Asked with `--verify` alone.
    Integrity,
    /// Does every account and region still speak that used to?
    Freshness,
}

impl Question {
    /// Every question, in the order of reports.
    pub const ALL: [Self; 9] = [
        Self::Coverage,
        Self::Origin,
        Self::Subjects,
        Self::ExternalId,
        Self::LongLivedKeys,
        Self::TrustPolicies,
        Self::CiRuns,
        Self::Integrity,
        Self::Freshness,
    ];

    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Coverage => "coverage",
            Self::Origin => "origin",
            Self::Subjects => "subjects",
            Self::ExternalId => "external_id",
            Self::LongLivedKeys => "long_lived_keys",
            Self::TrustPolicies => "trust_policies",
            Self::CiRuns => "ci_runs",
            Self::Integrity => "integrity",
            Self::Freshness => "freshness",
        }
    }
}

/// Whether a question could be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// In full.
    Answered,
    /// For some of what it is about.
    Partly,
    /// Not at all.
    NotAnswered,
}

impl State {
    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Partly => "partly",
            Self::NotAnswered => "not_answered",
        }
    }
}

/// Why a question could not be answered in full.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    /// What kind of reason it is, in snake case.
    pub kind: &'static str,
    /// What is not known, as a clause without a full stop. Holds no foreign text but account ids, regions and names of objects.
    pub message: String,
    /// What to do about it, as a sentence.
    pub remedy: &'static str,
}

/// One question, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The question.
    pub question: Question,
    /// Whether it could be answered.
    pub state: State,
    /// Why not in full; empty when it was.
    pub reasons: Vec<Reason>,
}

impl Answer {
    /// Makes the answer from what keeps it from being one: no reason, and it is full.
    pub fn of(question: Question, reasons: Vec<Reason>, is_unanswered: bool) -> Self {
        let state = match () {
            () if reasons.is_empty() => State::Answered,
            () if is_unanswered => State::NotAnswered,
            () => State::Partly,
        };
        Self { question, state, reasons }
    }
}

/// Says how many of something there are.
pub fn several(count: u64, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// What a run can be relied on for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assurance {
    /// The questions that were asked, each once, in the order of [`Question::ALL`].
    pub answers: Vec<Answer>,
    /// Why nothing came into the judgment, when nothing did.
    pub nothing_judged: Option<Reason>,
}

/// The verdict on a run, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// At least one finding is open.
    Findings,
    /// There is none, and every question that was asked could be answered.
    Clean,
    /// At least one question could not be answered in full, whether or not there are findings.
    Partial,
    /// No record came into the judgment.
    NothingJudged,
}

impl Outcome {
    /// Returns the name used in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Findings => "findings",
            Self::Clean => "clean",
            Self::Partial => "partial",
            Self::NothingJudged => "nothing_judged",
        }
    }
}

impl Assurance {
    /// Says whether every question that was asked could be answered in full. Where none was asked, nothing is assured.
    pub fn is_full(&self) -> bool {
        self.nothing_judged.is_none()
            && !self.answers.is_empty()
            && self.answers.iter().all(|answer| answer.state == State::Answered)
    }

    /// Returns why not, in the order of questions.
    pub fn reasons(&self) -> impl Iterator<Item = &Reason> {
        self.nothing_judged.iter().chain(self.answers.iter().flat_map(|answer| &answer.reasons))
    }

    /// Draws the verdict.
    pub fn outcome(&self, findings: &[Finding]) -> Outcome {
        if self.nothing_judged.is_some() {
            Outcome::NothingJudged
        } else if !self.is_full() {
            Outcome::Partial
        } else if findings.iter().any(Finding::is_open) {
            Outcome::Findings
        } else {
            Outcome::Clean
        }
    }
}
