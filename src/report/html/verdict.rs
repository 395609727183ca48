//! The verdict: one sentence, the numbers behind it, and whether the input was whole.

use std::io;

use super::View;
use super::count;
use super::page::Page;
use crate::model::width::wide;
use crate::report::names::minute;
use crate::report::names::number;
use crate::report::table::verdict::incomplete;

pub(super) fn write(view: &View<'_>, page: &mut Page<'_>) -> io::Result<()> {
    let coverage = &view.coverage;
    let total: u64 = view.summary.findings.worst_first().iter().map(|(_, number)| number).sum();
    let grade = grade(view, total);
    page.put("<section id=\"verdict\" class=\"verdict {}\" aria-labelledby=\"verdict-title\">\n", [&grade])?;
    page.raw("<h2 id=\"verdict-title\">Verdict</h2>\n")?;
    page.put("<p class=\"sentence\">{}</p>\n", [&sentence(view, total)])?;
    if coverage.records.read > 0 && view.rows.report.is_incomplete() {
        let words = incomplete(coverage).replace('\u{a0}', " ");
        page.put("<p class=\"warning\"><strong>Incomplete input:</strong> {}</p>\n", [&words])?;
    }
    if view.rows.lineage().is_filtered {
        page.raw(
            "<p class=\"warning\"><strong>Narrowed on purpose:</strong> only some accounts or regions were asked \
            for. What happened elsewhere is not judged.</p>\n",
        )?;
    }
    let run = view.rows.report.run;
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
    if view.coverage.records.read == 0 || findings.critical + findings.high > 0 {
        "alarm"
    } else if total > 0 || view.rows.report.is_incomplete() {
        "notice"
    } else {
        "good"
    }
}

fn sentence(view: &View<'_>, total: u64) -> String {
    if view.coverage.records.read == 0 {
        return "Nothing was read: there is no CloudTrail record in these sources, so this report says nothing about \
            them."
            .to_owned();
    }
    let excepted = match view.summary.findings_excepted {
        0 => String::new(),
        excepted => format!(" {} accepted.", was(excepted, "more finding")),
    };
    let chains = count(view.summary.chains, "chain");
    if total == 0 && view.summary.findings_not_shown.filtered() > 0 {
        return format!("No finding is shown for {chains}.{excepted}");
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
