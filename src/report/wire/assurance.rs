//! Which questions a run could answer.

use schemars::JsonSchema;
use serde::Serialize;

use super::Rows;
use crate::model::assurance;

/// One question, and what came of it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Answer<'a> {
    /// `run`, when nothing was judged at all; else what was asked.
    #[schemars(extend("enum" = [
        "run", "coverage", "origin", "subjects", "external_id", "long_lived_keys", "trust_policies", "ci_runs", "integrity",
        "freshness",
    ]))]
    pub question: &'static str,
    /// Whether it could be answered.
    #[schemars(extend("enum" = ["answered", "partly", "not_answered"]))]
    pub state: &'static str,
    /// Why not in full; empty when it was.
    pub reasons: Vec<Reason<'a>>,
}

/// Why a question could not be answered in full.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Reason<'a> {
    /// What kind of reason it is, such as `objects_failed`, `parameters_withheld` or `silent`.
    pub kind: &'static str,
    /// What is not known.
    pub message: &'a str,
    /// What to do about it.
    pub remedy: &'static str,
}

impl<'a> Rows<'a> {
    /// Returns the questions that were asked.
    pub fn assurance(&self) -> Vec<Answer<'a>> {
        let assurance = &self.report.run.assurance;
        let nothing = assurance.nothing_judged.iter().map(|reason| Answer {
            question: "run",
            state: assurance::State::NotAnswered.name(),
            reasons: vec![Reason::from(reason)],
        });
        let answers = assurance.answers.iter().map(|answer| Answer {
            question: answer.question.name(),
            state: answer.state.name(),
            reasons: answer.reasons.iter().map(Reason::from).collect(),
        });
        nothing.chain(answers).collect()
    }
}

impl<'a> From<&'a assurance::Reason> for Reason<'a> {
    fn from(reason: &'a assurance::Reason) -> Self {
        Self { kind: reason.kind, message: &reason.message, remedy: reason.remedy }
    }
}
