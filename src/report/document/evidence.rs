//! CI evidence: what the files of CI systems cover, and to how many chains they belong.

use super::Cell;
use super::Column;
use super::Kind;
use super::Mark;
use super::Section;
use super::Table;
use super::View;
use super::count_of;
use super::moment;
use crate::report::names::number;

const COLUMNS: [Column; 9] = [
    Column::new("repository", Kind::Name),
    Column::new("runs", Kind::Number),
    Column::new("first run", Kind::Time).detail(),
    Column::new("last run", Kind::Time),
    Column::new("complete until", Kind::Time),
    Column::new("missing", Kind::Words),
    Column::new("attempts", Kind::Number).detail(),
    Column::new("with jobs", Kind::Number),
    Column::new("approvals", Kind::Number),
];

const FILES: [Column; 4] = [
    Column::new("file", Kind::Name).flowing(""),
    Column::new("holds", Kind::Words),
    Column::new("not understood", Kind::Words).flowing("not understood: "),
    Column::new("SHA-256", Kind::Name).detail(),
];

/// Returns the section; `None` when no file of a CI system was given.
pub(in crate::report) fn section(view: &View<'_>) -> Option<Section> {
    let evidence = view.rows.ci_evidence()?;
    let links: Vec<String> = evidence
        .links
        .iter()
        .map(|(grade, chains)| format!("{} {}", number(*chains), grade.replace('_', " ")))
        .collect();
    let links = if links.is_empty() { "no chain that a CI job began".to_owned() } else { links.join(", ") };
    let mut table = Table::new("What the evidence covers, by repository", &COLUMNS);
    for one in &evidence.repositories {
        let missing: Vec<String> = one.missing_numbers.iter().map(u64::to_string).collect();
        let complete = match one.complete_until {
            Some(until) => Cell::from(moment(Some(until))),
            None => Cell::marked("no", Mark::Notice),
        };
        let numbers = Cell::marked(missing.join(", "), if missing.is_empty() { Mark::Plain } else { Mark::Notice });
        table.row(vec![
            format!("{}/{}", one.host, one.repository).into(),
            one.runs.into(),
            one.first_run.map(|at| moment(Some(at))).unwrap_or_default().into(),
            one.last_run.map(|at| moment(Some(at))).unwrap_or_default().into(),
            complete,
            numbers,
            one.attempts.into(),
            one.attempts_with_jobs.into(),
            one.approvals_asked.into(),
        ]);
    }
    let mut files = Table::new("Files", &FILES);
    for file in &evidence.files {
        let holds: Vec<String> = file.holds.iter().map(|(what, many)| format!("{what}: {}", number(*many))).collect();
        let defects = match file.defects_total {
            0 => Cell::default(),
            all => Cell::marked(format!("{}: {}", number(all), file.defects.join(", ")), Mark::Notice),
        };
        files.row(vec![file.name.clone().into(), holds.join(", ").into(), defects, file.sha256.clone().into()]);
    }
    let skew = evidence.clock_skew_seconds;
    Some(Section {
        id: "evidence",
        title: "CI evidence",
        note: format!("{links}; {}; clocks may differ by {skew} s", count_of(evidence.files.len(), "file")),
        blocks: vec![table.block(), files.block()],
    })
}
