//! Control mapping: what this report gives evidence for, on what population, and with what result.

use std::collections::BTreeMap;

use super::Block;
use super::Cell;
use super::Column;
use super::Kind;
use super::Mark;
use super::Section;
use super::Table;
use super::View;
use super::count;
use super::themes::CONTROLS;
use super::themes::Controls;
use super::themes::Population;
use crate::audit::RULES;
use crate::audit::Rule;
use crate::audit::Theme;
use crate::model::finding::Severity;
use crate::model::finding::Status;
use crate::model::lineage::SessionView;
use crate::model::width::wide;

/// How many findings there are of one rule.
#[derive(Clone, Copy, Default)]
struct Found {
    /// Open, and more than worth knowing.
    deviations: u64,
    /// Open, and only worth knowing.
    notes: u64,
    excepted: u64,
}

impl Found {
    fn add(&mut self, other: Self) {
        self.deviations += other.deviations;
        self.notes += other.notes;
        self.excepted += other.excepted;
    }
}

/// What came of testing a theme.
enum Result {
    Deviation,
    Effective,
    NotTestable(&'static str),
}

const RESULTS: [Column; 7] = [
    Column::new("theme", Kind::Words),
    Column::new("rules", Kind::Number),
    Column::new("population tested", Kind::Words),
    Column::new("deviations", Kind::Number),
    Column::new("accepted", Kind::Number),
    Column::new("notes", Kind::Number),
    Column::new("result", Kind::Words).flowing(""),
];

const FRAMEWORKS: [Column; 6] = [
    Column::new("theme", Kind::Words),
    Column::new("SOC 2", Kind::Words).flowing(""),
    Column::new("ISO 27001:2022", Kind::Words).flowing("ISO 27001:2022 "),
    Column::new("NIST 800-53 r5", Kind::Words).flowing("NIST 800-53 r5 "),
    Column::new("PCI DSS 4.0.1", Kind::Words).flowing("PCI DSS 4.0.1 "),
    Column::new("CIS AWS Foundations", Kind::Words).flowing("CIS AWS Foundations "),
];

/// What the section can prove, and what not.
const MEANING: &str = "This report can serve as evidence for the controls below. It does not prove that one is met. A theme is \
    effective when no rule found a deviation in the population that was tested, the input was whole and the owners had said \
    what should happen; nothing tested is not testable. Numbers of controls follow the editions named in the documentation: \
    check them against yours.";

pub(in crate::report) fn section(view: &View<'_>) -> Section {
    let blocks = vec![Block::Text(MEANING.to_owned()), results(view).block(), frameworks().block()];
    Section { id: "controls", title: "Control mapping", note: String::new(), blocks }
}

/// Counts the findings of each rule, in one pass.
fn found(view: &View<'_>) -> BTreeMap<&'static str, Found> {
    let mut found: BTreeMap<&'static str, Found> = BTreeMap::new();
    for finding in view.rows.report.findings {
        let of_rule = found.entry(finding.rule).or_default();
        match (finding.status, finding.severity) {
            (Status::Excepted, _) => of_rule.excepted += 1,
            (_, Severity::Info) => of_rule.notes += 1,
            _ => of_rule.deviations += 1,
        }
    }
    found
}

fn results(view: &View<'_>) -> Table {
    let found = found(view);
    let mut table = Table::new("Result of each theme", &RESULTS);
    for controls in &CONTROLS {
        let mut total = Found::default();
        for rule in rules(controls.theme) {
            total.add(found.get(rule.id).copied().unwrap_or_default());
        }
        let (population, noun) = population(view, controls.population);
        table.row(vec![
            controls.theme.title().into(),
            wide(rules(controls.theme).count()).into(),
            count(population, noun).into(),
            total.deviations.into(),
            total.excepted.into(),
            total.notes.into(),
            match result(view, controls, population, total) {
                Result::Deviation => Cell::marked("deviation", Mark::Alarm),
                Result::Effective => Cell::marked("✓ effective", Mark::Good),
                Result::NotTestable(why) => format!("– not testable: {why}").into(),
            },
        ]);
    }
    table
}

fn rules(theme: Theme) -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().filter(move |rule| rule.theme == theme)
}

fn result(view: &View<'_>, controls: &Controls, population: u64, found: Found) -> Result {
    let report = &view.rows.report;
    if found.deviations > 0 {
        Result::Deviation
    } else if controls.population == Population::Report {
        Result::NotTestable("one report does not show how regularly reports are made and read")
    } else if controls.theme == Theme::Ci && report.ci.is_none() {
        Result::NotTestable("there is no CI evidence: --ci names it")
    } else if population == 0 {
        Result::NotTestable("nothing of the kind was in these logs")
    } else if report.is_incomplete() {
        Result::NotTestable("a question could not be answered in full: see the verdict")
    } else if report.is_narrowed() {
        Result::NotTestable("only some accounts or regions were asked for")
    } else if report.run.since.is_some() || report.run.until.is_some() {
        Result::NotTestable("only a window was asked for")
    } else if controls.theme == Theme::Integrity && report.integrity.is_none() {
        Result::NotTestable("the digest files were not checked: --verify does")
    } else if rules(controls.theme).any(|rule| report.run.hidden.by_rule.contains_key(rule.id)) {
        Result::NotTestable("some of its findings are not shown")
    } else if controls.needs_expectations && report.run.expectations.is_none() {
        Result::NotTestable("no expectations file says what should happen")
    } else {
        Result::Effective
    }
}

fn population(view: &View<'_>, population: Population) -> (u64, &'static str) {
    let lineage = view.rows.lineage();
    let summary = &view.summary;
    match population {
        Population::Chains => (summary.chains, "chain"),
        Population::Runs => (wide(view.rows.report.ci.map_or(0, |joined| joined.links.len())), "CI chain"),
        Population::CrossAccount => {
            (wide(lineage.sessions().filter(SessionView::is_cross_account).count()), "cross-account assumption")
        }
        Population::Keys => (wide(lineage.long_term_keys.len()), "long-lived key"),
        Population::Records => (view.coverage.records.unique, "unique record"),
        Population::Sessions => (summary.sessions, "session"),
        Population::Attempts => (summary.assumptions + summary.denied_assumptions, "assumption record"),
        Population::Objects => (view.coverage.objects.read, "object"),
        Population::Report => (1, "report"),
    }
}

fn frameworks() -> Table {
    let mut table = Table::new("Controls that each theme supports evidence for", &FRAMEWORKS);
    for controls in &CONTROLS {
        table.row([controls.theme.title()].into_iter().chain(controls.numbers.split(" | ")).map(Cell::from).collect());
    }
    table
}
