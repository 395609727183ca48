//! The verdict: one sentence, the numbers behind it, and whether the input was whole.

use std::io;

use super::View;
use super::count;
use super::page::Page;
use crate::model::width::wide;
use crate::report::names::minute;
use crate::report::names::number;

pub(super) fn write(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let coverage = &view.coverage;
    let total: u64 = view.summary.findings.worst_first().iter().map(|(_, number)| number).sum();
    let grade = grade(view, total);
    page.put("<section id=\"verdict\" class=\"verdict {}\" aria-labelledby=\"verdict-title\">\n", [&grade])?;
    page.raw("<h2 id=\"verdict-title\">Verdict</h2>\n")?;
    page.put("<p class=\"sentence\">{}</p>\n", [&sentence(view, total)])?;
    let run = view.rows.report.run;
    if view.rows.report.nothing_judged().is_none() && view.rows.report.is_incomplete() {
        page.put("<p class=\"warning\"><strong>Partial verdict:</strong> {}</p>\n", [&view.rows.report.unanswered()])?;
    }
    if view.rows.report.is_narrowed() {
        let asked: Vec<&str> = run.accounts.iter().chain(&run.regions).map(String::as_str).collect();
        page.put(
            "<p class=\"warning\"><strong>Narrowed on purpose:</strong> only what touches {} is shown.</p>\n",
            [&asked.join(", ")],
        )?;
    }
    if let Some(hidden) = run.hidden.told(&run.choice) {
        page.put("<p class=\"warning\">{}</p>\n", [&hidden])?;
    }
    if run.no_exceptions {
        page.raw("<p class=\"warning\">No exception holds in this report: it was made with --no-exceptions.</p>\n")?;
    }
    if coverage.records.read > 0 {
        tiles(view, page)?;
        page.paragraph(&basis(view))?;
    }
    page.end_section()
}

fn grade(view: &View<'_>, total: u64) -> &'static str {
    let findings = &view.summary.findings;
    if view.rows.report.nothing_judged().is_some() || findings.critical + findings.high > 0 {
        "alarm"
    } else if total > 0 || view.rows.report.is_incomplete() {
        "notice"
    } else {
        "good"
    }
}

fn sentence(view: &View<'_>, total: u64) -> String {
    if let Some(reason) = view.rows.report.nothing_judged() {
        return format!("Nothing was judged: {reason}.");
    }
    let excepted = match view.summary.findings_excepted {
        0 => String::new(),
        excepted => format!(" {} accepted.", was(excepted, "more finding")),
    };
    let chains = count(view.summary.chains, "chain");
    if total == 0 && view.summary.findings_not_shown.filtered() > 0 {
        return format!("No finding is shown for {chains}.{excepted}");
    }
    if total == 0 && view.rows.report.is_incomplete() {
        return format!("No finding in what could be judged of {chains}.{excepted}");
    }
    if total == 0 {
        return format!("Nothing unexpected in {chains}.{excepted}");
    }
    let parts = view.summary.findings.worst_first().into_iter().filter(|(_, count)| *count > 0);
    let parts: Vec<String> = parts.map(|(severity, count)| format!("{} {severity}", number(count))).collect();
    format!("{chains} judged, {}: {}.{excepted}", count(total, "finding"), parts.join(", "))
}

fn was(number: u64, noun: &str) -> String {
    format!("{} {}", count(number, noun), if number == 1 { "is" } else { "are" })
}

fn tiles(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.raw("<ul class=\"tiles\" aria-label=\"Open findings by severity\">\n")?;
    for (severity, count) in view.summary.findings.worst_first() {
        let class = if count == 0 { "none" } else { severity };
        page.put(
            "<li class=\"{}\"><span class=\"figure\">{}</span> <span>{}</span></li>\n",
            [&class, &number(count), &severity],
        )?;
    }
    page.raw("</ul>\n")
}

/// Says what the verdict rests on.
fn basis(view: &View<'_>) -> String {
    let (summary, coverage) = (&view.summary, &view.coverage);
    let accounts = wide(coverage.accounts.iter().filter(|account| account.account_id.is_some()).count());
    let span = match coverage.first_event {
        None => String::new(),
        Some(_) => format!(", {} to {} UTC", minute(coverage.first_event), minute(coverage.last_event)),
    };
    let expectations = match view.rows.run().expectations {
        Some(_) => "They were compared with what the owners say should happen.",
        None => "There was no expectations file: only what needs none was judged.",
    };
    format!(
        "Judged: {} on {} ({}) and {}, read from {} of {}{span}. {expectations}",
        count(summary.chains, "chain"),
        count(summary.routes, "route"),
        count(summary.sessions, "session"),
        count(summary.denied_assumptions, "denied assumption"),
        count(coverage.records.unique, "unique record"),
        count(accounts, "account"),
    )
}
