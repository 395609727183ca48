//! Routes, keys, denied attempts and coverage, each as one table.

use super::Page;
use super::ROOM;
use super::spaced;
use crate::report::names;
use crate::report::names::Names;
use crate::report::names::UNKNOWN;
use crate::report::wire::Rows;
use crate::report::wire::coverage::Coverage;
use crate::text::fit;
use crate::text::markdown;

pub(super) fn write(rows: &Rows<'_>, names: Names<'_>, page: &mut Page) {
    routes(rows, names, page);
    keys(rows, names, page);
    denied(rows, names, page);
}

fn routes(rows: &Rows<'_>, names: Names<'_>, page: &mut Page) {
    page.line("\n## Routes\n");
    let summary = rows.summary();
    if summary.routes == 0 {
        return page.line("No role was assumed.");
    }
    let lines = rows.routes().map(|route| {
        vec![
            names::via(&route.origin).to_owned(),
            markdown::code_cell(&names.origin(&route.origin, ROOM)),
            markdown::code_cell(&names.path(&route.roles(), ROOM)),
            names::number(route.chains),
            names::number(route.activity.writes),
            names::minute(route.activity.last_event),
        ]
    });
    let all = usize::try_from(summary.routes).unwrap_or(usize::MAX);
    page.table(&["from", "origin", "roles", "runs", "writes", "last call"], lines, all);
    if summary.service_chains_not_listed > 0 {
        let hidden = spaced(&names::count(summary.service_chains_not_listed, "chain"));
        page.line(&format!("\n{hidden} of AWS services not listed."));
    }
}

fn keys(rows: &Rows<'_>, names: Names<'_>, page: &mut Page) {
    page.line("\n## Long-lived keys\n");
    let keys: Vec<_> = rows.long_term_keys().collect();
    if keys.is_empty() {
        return page.line("None was used.");
    }
    let lines = keys.iter().map(|key| {
        let user = key.principal_arn.as_deref().map_or_else(|| UNKNOWN.to_owned(), |arn| names.principal(arn, ROOM));
        vec![
            markdown::code_cell(&fit::cut_middle(&key.access_key_id, ROOM)),
            markdown::code_cell(&user),
            names::number(key.calls),
            names::number(key.writes),
            names::number(key.assumptions),
            key.ci_sign.map(|sign| format!("yes ({sign})")).unwrap_or_default(),
            names::day(key.last_event),
        ]
    });
    page.table(&["key", "user", "calls", "writes", "assumed", "CI", "last use"], lines, keys.len());
}

fn denied(rows: &Rows<'_>, names: Names<'_>, page: &mut Page) {
    page.line("\n## Denied\n");
    let denied = rows.denied();
    if denied.is_empty() {
        return page.line("No assumption was denied.");
    }
    let lines = denied.iter().map(|row| {
        let principal = || row.principal.as_deref().map(|principal| names.principal(principal, ROOM));
        let who = names::denied_subject(row).or_else(principal).unwrap_or_else(|| UNKNOWN.to_owned());
        let role = row.role_arn.as_ref().map(|arn| names.path(std::slice::from_ref(arn), ROOM));
        vec![
            markdown::code_cell(&fit::cut_middle(&who, ROOM)),
            role.map_or_else(|| "not logged".to_owned(), |role| markdown::code_cell(&role)),
            row.error_code
                .as_deref()
                .map_or_else(|| UNKNOWN.to_owned(), |error| markdown::code_cell(&fit::cut(error, ROOM))),
            names::number(row.runs),
            names::number(row.events),
            names::minute(row.last_event),
        ]
    });
    page.table(&["who", "role", "error", "attempts", "events", "last"], lines, denied.len());
}

pub(super) fn write_coverage(coverage: &Coverage<'_>, names: Names<'_>, page: &mut Page) {
    page.line("\n## Coverage\n");
    let (objects, records) = (&coverage.objects, &coverage.records);
    page.line(&format!(
        "{} objects listed: {} read, {} set apart, {} failed. {} records = {} unique + {} duplicate + {} malformed + {} unsupported.\n",
        names::number(objects.listed),
        names::number(objects.read),
        names::number(objects.skipped),
        names::number(objects.failed),
        names::number(records.read),
        names::number(records.unique),
        names::number(records.duplicate),
        names::number(records.malformed),
        names::number(records.unsupported),
    ));
    if !coverage.accounts.is_empty() {
        let lines = coverage.accounts.iter().map(|account| {
            let id = account.account_id.as_deref().unwrap_or(UNKNOWN);
            let name =
                names.account_name(id).map(|name| format!(" {}", markdown::code_cell(&name))).unwrap_or_default();
            let regions: Vec<_> = account.regions.iter().map(std::convert::AsRef::as_ref).collect();
            let (first, last) = (names::day(account.first_event), names::day(account.last_event));
            vec![
                markdown::code_cell(id) + &name,
                markdown::code_cell(&fit::cut(&regions.join(" "), ROOM * 2)),
                names::number(account.records),
                names::number(account.read_only_records),
                first,
                last,
            ]
        });
        let heads = ["account", "regions", "records", "read-only", "first", "last"];
        page.table(&heads, lines, coverage.accounts.len());
    }
    if coverage.defects_total > 0 {
        page.line(&format!("\n### {} not understood\n", spaced(&names::count(coverage.defects_total, "part"))));
        let lines = coverage.defects.iter().map(|defect| {
            vec![
                markdown::code_cell(&fit::cut_start(&defect.object, ROOM * 2)),
                defect.index.map(|index| index.to_string()).unwrap_or_default(),
                defect.kind.to_owned(),
                markdown::cell(&fit::cut(&defect.message, ROOM * 2)),
            ]
        });
        let all = usize::try_from(coverage.defects_total).unwrap_or(usize::MAX);
        page.table(&["object", "record", "defect", "what is wrong"], lines, all);
    }
}
