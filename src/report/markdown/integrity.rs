//! What digest files prove, when they were checked: what failed comes first.

use super::Page;
use super::ROOM;
use super::spaced;
use crate::model::width::wide;
use crate::report::names;
use crate::report::names::UNKNOWN;
use crate::report::proof;
use crate::report::wire::Text;
use crate::report::wire::integrity::Integrity;
use crate::text::fit;
use crate::text::markdown;

pub(super) fn write(integrity: Option<&Integrity<'_>>, page: &mut Page) {
    let Some(integrity) = integrity else { return };
    page.line("\n## Integrity\n");
    page.line(&format!("**{}:** {}", proof::word(integrity), spaced(&proof::sentence(integrity))));
    let empty: u64 = integrity.trails.iter().map(|trail| trail.hours_proven_empty).sum();
    if empty > 0 {
        page.line(&format!("\n{} proven empty.", spaced(&names::count(empty, "hour"))));
    }
    failures(integrity, page);
    gaps(integrity, page);
    bare(integrity, page);
    unproved(integrity, page);
}

fn failures(integrity: &Integrity<'_>, page: &mut Page) {
    if integrity.failures_total == 0 {
        return;
    }
    page.line(&format!("\n### {} failed\n", spaced(&names::count(integrity.failures_total, "file"))));
    let lines = integrity.failures.iter().map(|file| {
        // Whole, however long: it is what somebody has to find.
        vec![proof::noun(file.kind).to_owned(), markdown::code_cell(&file.place), markdown::cell(&file.why)]
    });
    let all = usize::try_from(integrity.failures_total).unwrap_or(usize::MAX);
    page.table(&["what", "file", "why"], lines, all);
}

fn gaps(integrity: &Integrity<'_>, page: &mut Page) {
    let all: usize = integrity.trails.iter().map(|trail| trail.gaps.len()).sum();
    if all == 0 {
        return;
    }
    page.line(&format!("\n### {} between digest files\n", spaced(&names::count(wide(all), "gap"))));
    let gaps = integrity.trails.iter().flat_map(|trail| trail.gaps.iter().map(move |gap| (trail, gap)));
    let lines = gaps.map(|(trail, gap)| {
        vec![
            name(&trail.account_id),
            name(&trail.region),
            names::minute(Some(gap.from)),
            names::minute(Some(gap.to)),
            names::number(gap.hours),
            proof::gap(gap).to_owned(),
        ]
    });
    page.table(&["account", "region", "from", "to", "hours", "why"], lines, all);
}

fn bare(integrity: &Integrity<'_>, page: &mut Page) {
    let all = integrity.without_digests.len();
    if all == 0 {
        return;
    }
    page.line(&format!("\n### {} without digest files\n", proof::places(all)));
    let bare = proof::worst_first(integrity).into_iter();
    let lines = bare.map(|bare| {
        let known = proof::bare(bare, markdown::code_cell);
        vec![name(&bare.account_id), name(&bare.region), spaced(&known)]
    });
    page.table(&["account", "region", "what is known"], lines, all);
}

fn unproved(integrity: &Integrity<'_>, page: &mut Page) {
    let without = integrity.logs_without_digests;
    let all = integrity.not_verifiable.len() + usize::from(without > 0);
    if all == 0 {
        return;
    }
    page.line("\n### Not verifiable\n");
    let reasons = integrity.not_verifiable.iter();
    let lines = reasons
        .map(|unproved| (proof::noun(unproved.kind), unproved.files, unproved.message.as_str()))
        .chain((without > 0).then_some(("log file", without, proof::WITHOUT)))
        .map(|(noun, files, why)| vec![noun.to_owned(), names::number(files), markdown::cell(why)]);
    page.table(&["what", "files", "why"], lines, all);
}

fn name(text: &Text<'_>) -> String {
    if text.is_empty() { UNKNOWN.to_owned() } else { markdown::code_cell(&fit::cut(text, ROOM)) }
}
