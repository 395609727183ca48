//! One finding in full: what happened, what to do, and what proves it.

use std::io;

use super::View;
use super::page::Page;
use super::page::text;
use crate::model::chain::Chain;
use crate::provider::ci_run;
use crate::provider::ci_run::Basis;
use crate::report::document::groups;
use crate::report::names::minute;
use crate::report::names::second;
use crate::report::wire::Time;
use crate::report::wire::finding::Finding;

/// How many of its chains a finding shows.
const MAX_CHAINS: usize = 3;

/// The names of a finding's place on the page: the fingerprint without what an address may not hold.
pub(super) fn anchor(fingerprint: &str) -> String {
    let plain: String = fingerprint.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("f-{plain}")
}

/// Writes a finding.
pub(super) fn write(view: &View<'_>, finding: &Finding<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.put(
        "<article class=\"finding {}\" id=\"{}\" aria-labelledby=\"{}-t\">\n",
        [&finding.severity, &anchor(&finding.fingerprint), &anchor(&finding.fingerprint)],
    )?;
    page.put(
        "<h5 id=\"{}-t\"><span class=\"chip {}\">{}</span> {}</h5>\n",
        [&anchor(&finding.fingerprint), &finding.severity, &finding.severity, &finding.title],
    )?;
    page.put(
        "<p>{}</p>\n<p class=\"fix\"><strong>What to do:</strong> {}</p>\n",
        [&groups::told(&finding.message), &groups::told(&finding.remediation)],
    )?;
    page.note(&groups::facts(finding).join(" · "))?;
    page.raw("<details><summary>Evidence, chains and references</summary>\n")?;
    key(finding, page)?;
    evidence(finding, page)?;
    chains(view, finding, page)?;
    references(finding, page)?;
    page.raw("</details>\n</article>\n")
}

fn key(finding: &Finding<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.raw("<dl class=\"facts key\">\n")?;
    for (name, value) in &finding.key {
        page.put("<dt>{}</dt><dd><code>{}</code></dd>\n", [&name.replace('_', " "), value])?;
    }
    page.put("<dt>fingerprint</dt><dd><code>{}</code></dd>\n</dl>\n", [&finding.fingerprint])
}

fn evidence(finding: &Finding<'_>, page: &mut Page<'_>) -> io::Result<()> {
    if finding.evidence.is_empty() {
        return page.note("No single event proves this: it is about what is not in the logs.");
    }
    let caption = match usize::try_from(finding.count) {
        Ok(count) if count > finding.evidence.len() => "Evidence: the first, the last and events between",
        _ => "Evidence",
    };
    page.table(caption, &[text("time"), text("event"), text("object")])?;
    for event in &finding.evidence {
        page.row(&second(event.event_time))?;
        page.code(&event.event_id.as_deref().unwrap_or("no event id"))?;
        page.code(&event.object.as_deref().unwrap_or("not known"))?;
        page.end_row()?;
    }
    page.end_table()
}

fn chains(view: &View<'_>, finding: &Finding<'_>, page: &mut Page<'_>) -> io::Result<()> {
    if finding.chain_ids.is_empty() {
        return Ok(());
    }
    page.put("<p class=\"label\">{}</p>\n<ul>\n", [&super::count(finding.count_chains(), "chain")])?;
    for id in finding.chain_ids.iter().take(MAX_CHAINS) {
        page.put("<li><code>{}</code>", [id])?;
        if let Some(chain) = view.judged.chain(id) {
            one_chain(view, chain, page)?;
        }
        page.raw("</li>\n")?;
    }
    page.raw("</ul>\n")?;
    page.rest(MAX_CHAINS, usize::try_from(finding.count_chains()).unwrap_or(usize::MAX), "chains of this finding")
}

/// Writes a chain in one line: who, through which roles, when, and the CI run if the logs name it.
fn one_chain(view: &View<'_>, chain: &Chain, page: &mut Page<'_>) -> io::Result<()> {
    let lineage = view.rows.lineage();
    page.put(" {}, {}", [&groups::path(view, chain), &minute(lineage.leaf(chain).issued().map(Time))])?;
    let Some(run) = ci_run::of_chain(lineage, chain) else { return Ok(()) };
    if run.basis == Basis::Claimed {
        // A link would look like a proof.
        return page.put(" · {} {} of {}", [&run.basis.told(), &run.run_id, &run.repository]);
    }
    let address = run.url();
    let url = view.rows.shade.text(&address);
    if !url.starts_with("https://") {
        return Ok(());
    }
    page.put(" · <a href=\"{}\" rel=\"noopener noreferrer\">run {}</a>", [&url, &run.run_id])
}

fn references(finding: &Finding<'_>, page: &mut Page<'_>) -> io::Result<()> {
    page.put("<p class=\"label\">References</p>\n<ul>\n<li><code>rolechain explain {}</code></li>\n", [&finding.rule])?;
    for reference in &finding.references {
        page.raw("<li>")?;
        match address(reference) {
            Some(address) => {
                page.put("<a href=\"{}\" rel=\"noopener noreferrer\">{}</a>", [&address, reference])?;
            }
            None => page.put("{}", [reference])?,
        }
        page.raw("</li>\n")?;
    }
    page.raw("</ul>\n")
}

/// Returns where a reference leads: a page over HTTPS, or an ATT&CK technique such as `T1078.004`.
fn address(reference: &str) -> Option<String> {
    if reference.starts_with("https://") {
        return Some(reference.to_owned());
    }
    let number = reference.strip_prefix('T')?;
    let is_technique = number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_technique.then(|| format!("https://attack.mitre.org/techniques/T{}/", number.replace('.', "/")))
}

#[cfg(test)]
mod tests {
    #[test]
    fn only_pages_and_techniques_are_links() {
        for (reference, address) in [
            ("https://docs.aws.amazon.com/x", Some("https://docs.aws.amazon.com/x")),
            ("T1078.004", Some("https://attack.mitre.org/techniques/T1078/004/")),
            ("T1528", Some("https://attack.mitre.org/techniques/T1528/")),
            ("javascript:alert(1)", None),
            ("http://example.com", None),
            ("The book", None),
        ] {
            assert_eq!(super::address(reference).as_deref(), address);
        }
        assert_eq!(super::anchor("rc1:00aa\" onclick"), "f-rc100aaonclick");
    }
}
