//! Assurance: which questions could be answered, why others not, and what to do about it.

use super::Cell;
use super::Column;
use super::Kind;
use super::Mark;
use super::Section;
use super::Table;
use super::View;
use crate::join::Joined;
use crate::model::assurance::Question;
use crate::model::width::wide;
use crate::report::names::number;
use crate::report::wire::assurance::Answer;

const COLUMNS: [Column; 4] = [
    Column::new("question", Kind::Words),
    Column::new("answered", Kind::Words),
    Column::new("what is not known", Kind::Words).flowing(""),
    Column::new("what to do", Kind::Words).flowing("→ "),
];

pub(in crate::report) fn section(view: &View<'_>) -> Section {
    let answers = view.rows.assurance();
    let full = answers.iter().filter(|answer| answer.state == "answered").count();
    if full == answers.len() && full > 0 {
        let questions: Vec<String> = answers.iter().map(|answer| answer.question.replace('_', " ")).collect();
        let note = format!(
            "every question that was asked is answered in full: {}{}",
            questions.join(", "),
            not_asked(&answers, view.rows.report.ci)
        );
        return Section { id: "assurance", title: "Assurance", note, blocks: Vec::new() };
    }
    let of = number(wide(answers.len()));
    let note = format!(
        "{} of {of} questions answered in full{}",
        number(wide(full)),
        not_asked(&answers, view.rows.report.ci)
    );
    let mut table = Table::new("Questions, and whether these logs answer them", &COLUMNS);
    table.short = usize::MAX;
    for answer in &answers {
        let (word, mark) = match answer.state {
            "answered" => ("yes", Mark::Good),
            "partly" => ("in part", Mark::Notice),
            _ => ("no", Mark::Alarm),
        };
        let question = answer.question.replace('_', " ");
        let row = |why: &str, remedy: &str| -> Vec<Cell> {
            vec![question.as_str().into(), Cell::marked(word, mark), why.into(), remedy.into()]
        };
        if answer.reasons.is_empty() {
            table.row(row("", ""));
        }
        for reason in &answer.reasons {
            table.row(row(&view.rows.shade.text(reason.message), reason.remedy));
        }
    }
    Section { id: "assurance", title: "Assurance", note, blocks: vec![table.block()] }
}

/// Names the questions that an option asks, and nobody did.
fn not_asked(answers: &[Answer<'_>], ci: Option<&Joined>) -> String {
    let options = [
        (Question::TrustPolicies, "trust policies (--iam)"),
        (Question::CiRuns, "CI runs (--ci)"),
        (Question::Integrity, "integrity (--verify)"),
    ];
    let is_missing = |question: &Question| !answers.iter().any(|answer| answer.question == question.name());
    let mut missing: Vec<&str> =
        options.iter().filter(|(question, _)| is_missing(question)).map(|(_, name)| *name).collect();
    if ci.is_some_and(|joined| joined.facts.commits.is_empty()) {
        missing.push("reviews of commits (--ci with pull requests)");
    }
    if missing.is_empty() { String::new() } else { format!("; not asked: {}", missing.join(", ")) }
}
