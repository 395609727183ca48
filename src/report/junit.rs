//! `JUnit` XML: each rule is a test case that fails when it found something that nobody accepts.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::io::Write as _;

use super::Options;
use super::Report;
use super::names::count;
use super::wire::Rows;
use super::wire::finding::Finding;
use crate::audit;
use crate::audit::Rule;
use crate::model::finding::Basis;
use crate::model::finding::LEARNING_DAYS;
use crate::model::width::wide;
use crate::text::exit::Exit;
use crate::text::html;

/// How many findings one test case tells in full.
const MAX_TOLD: usize = 50;

/// Writes the document.
pub(super) fn write(report: &Report<'_>, options: &Options, out: &mut Exit<'_>) -> io::Result<()> {
    let rows = Rows::new(report, options);
    let mut by_rule: BTreeMap<&str, Vec<Finding<'_>>> =
        audit::rule_ids().into_iter().map(|id| (id, Vec::new())).collect();
    for finding in rows.findings() {
        by_rule.entry(finding.rule).or_default().push(finding);
    }
    let is_failing = |found: &&Vec<Finding<'_>>| found.iter().any(|finding| finding.status != "excepted");
    let failures = by_rule.values().filter(is_failing).count();
    let is_skipped = |(rule, found): &(&&str, &Vec<Finding<'_>>)| {
        if found.is_empty() { not_asked(rule, report).is_some() } else { !is_failing(found) }
    };
    let skipped = by_rule.iter().filter(is_skipped).count();
    let errors = usize::from(report.is_incomplete());
    let counts =
        format!("tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\"", by_rule.len() + 1);
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"rolechain\" {counts}>")?;
    writeln!(out, "  <testsuite name=\"rolechain audit\" {counts}>")?;
    write!(out, "    <testcase classname=\"rolechain.coverage\" name=\"input-is-complete\"")?;
    if let Some(reason) = report.nothing_judged() {
        writeln!(out, ">\n      <error message=\"nothing was judged: {}\"/>\n    </testcase>", escape(reason))?;
    } else if report.is_incomplete() {
        writeln!(out, ">\n      <error message=\"{}\"/>\n    </testcase>", escape(&report.unanswered()))?;
    } else {
        writeln!(out, "/>")?;
    }
    for (rule, found) in &by_rule {
        write_case(rule, found, not_asked(rule, report).as_deref(), out)?;
    }
    writeln!(out, "  </testsuite>\n</testsuites>")
}

/// Says why a rule could not find anything: a test that was not made must not pass.
fn not_asked(id: &str, report: &Report<'_>) -> Option<Cow<'static, str>> {
    let rule = audit::rule(id)?;
    if let Some(hidden) = report.run.hidden.by_rule.get(id) {
        let words = format!("{} not shown: less was asked for", count(*hidden, "finding"));
        return Some(Cow::Owned(words.replace('\u{a0}', " ")));
    }
    if report.run.choice.persona < rule.persona {
        return Some(Cow::Owned(format!("it was not asked: --persona {} asks it", rule.persona.name())));
    }
    if report.run.no_exceptions && rule.is_about_acceptance() {
        return Some(Cow::Borrowed("nothing is accepted in this run: --no-exceptions"));
    }
    if rule.needs_option("--baseline") && report.run.baseline.is_none() {
        return Some(Cow::Borrowed("there is no baseline: --baseline names one"));
    }
    not_possible(rule, report).map(Cow::Borrowed)
}

fn not_possible(rule: &Rule, report: &Report<'_>) -> Option<&'static str> {
    if rule.needs_option("--verify") {
        return match report.integrity {
            None => Some("digest files were not checked: --verify does"),
            Some(integrity) if integrity.is_without_digests() => {
                Some("there are no digest files: integrity is not verifiable")
            }
            Some(_) => None,
        };
    }
    if rule.needs_option("--ci") && report.ci.is_none() {
        return Some("there is no CI evidence: --ci names it");
    }
    if rule.basis != Basis::Novelty {
        return None;
    }
    match report.run.history.as_ref().map(|history| history.covered_days.len()) {
        None => Some("what is new is known only with a store of 14 covered days: --store begins one"),
        Some(days) if days < LEARNING_DAYS => Some("the store is still learning: it has fewer than 14 covered days"),
        Some(_) => None,
    }
}

fn write_case(rule: &str, found: &[Finding<'_>], not_asked: Option<&str>, out: &mut Exit<'_>) -> io::Result<()> {
    write!(out, "    <testcase classname=\"rolechain.rules\" name=\"{}\"", escape(rule))?;
    let (excepted, open): (Vec<_>, Vec<_>) = found.iter().partition(|finding| finding.status == "excepted");
    if found.is_empty() {
        return match not_asked {
            Some(why) => writeln!(out, ">\n      <skipped message=\"{}\"/>\n    </testcase>", escape(why)),
            None => writeln!(out, "/>"),
        };
    }
    writeln!(out, ">")?;
    let accepted = count(wide(excepted.len()), "finding");
    let Some(worst) = open.first() else {
        writeln!(out, "      <skipped message=\"{}\"/>", escape(&format!("{accepted} accepted")))?;
        write_output(&excepted, out)?;
        return writeln!(out, "    </testcase>");
    };
    let message = match open.len() {
        1 => worst.title.to_string(),
        more => format!("{}, the worst: {}", count(wide(more), "finding"), worst.title),
    };
    write!(out, "      <failure type=\"{}\" message=\"{}\">", worst.severity, escape(&message))?;
    for finding in open.iter().take(MAX_TOLD) {
        write!(out, "{}", text(finding))?;
    }
    if open.len() > MAX_TOLD {
        let more = count(wide(open.len() - MAX_TOLD), "more finding");
        writeln!(out, "{} of this rule; the JSON report lists all", escape(&more))?;
    }
    writeln!(out, "</failure>")?;
    if !excepted.is_empty() {
        write_output(&excepted, out)?;
    }
    writeln!(out, "    </testcase>")
}

/// Says what is accepted, and why.
fn write_output(excepted: &[&Finding<'_>], out: &mut Exit<'_>) -> io::Result<()> {
    writeln!(out, "      <system-out>")?;
    for finding in excepted.iter().take(MAX_TOLD) {
        let reason = finding.exception.as_deref().unwrap_or("no reason given");
        writeln!(out, "{}: accepted: {}", escape(&finding.title), escape(reason))?;
    }
    writeln!(out, "      </system-out>")
}

/// Tells a finding in lines of its own.
fn text(finding: &Finding<'_>) -> String {
    let event = finding.evidence.iter().rev().find_map(|event| event.event_id.as_deref());
    let event = event.map(|event| format!(", event {event}")).unwrap_or_default();
    let facts = format!(
        "{}, {} confidence, {}, {}{event}",
        finding.severity,
        finding.confidence,
        finding.basis,
        count(finding.count, "occurrence")
    );
    [&finding.title, &finding.message, &finding.remediation, facts.as_str()]
        .map(|line: &str| escape(line) + "\n")
        .concat()
        + "\n"
}

/// Makes text safe for an element or an attribute. XML forbids control characters in any form: they are written out.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 16);
    html::escape(&text.replace('\u{a0}', " "), &mut safe);
    safe
}
