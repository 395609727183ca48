//! One finding in full: what happened, what to do, and what proves it.

use maud::Markup;
use maud::html;

use super::View;
use super::blocks;
use super::count;
use super::page;
use super::page::prose;
use crate::model::chain::Chain;
use crate::model::delivery;
use crate::provider;
use crate::provider::ci_run;
use crate::provider::ci_run::Basis;
use crate::report::document::Cell;
use crate::report::document::Column;
use crate::report::document::Kind;
use crate::report::document::Table;
use crate::report::document::anchor;
use crate::report::document::groups;
use crate::report::links;
use crate::report::names::minute;
use crate::report::names::second;
use crate::report::wire::Time;
use crate::report::wire::finding::Finding;

/// How many of its chains a finding shows.
const MAX_CHAINS: usize = 3;

/// The columns of its evidence.
const EVIDENCE: [Column; 3] =
    [Column::new("time", Kind::Time), Column::new("event", Kind::Name).flowing(""), Column::new("object", Kind::Name)];

/// A finding; the first of a group is open.
pub(super) fn in_full(view: &View<'_>, finding: &Finding<'_>, is_open: bool) -> Markup {
    html! {
        details class={ "finding " (finding.severity) } id=(anchor(&finding.fingerprint)) open[is_open] {
            summary { h5 { (page::chip(finding.severity)) " " (finding.title) } }
            p { (prose(&groups::told(&finding.message))) }
            p.fix { strong { "What to do:" } " " (prose(&groups::told(&finding.remediation))) }
            (page::note(&groups::facts(finding).join(" · ")))
            details {
                summary { "Evidence, chains and references" }
                (key(finding))
                (evidence(finding))
                (chains(view, finding))
                p.label.more { "References" }
                ul.more {
                    li { code { "rolechain explain " (finding.rule) } }
                    @for text in &finding.references {
                        li { (page::link(links::reference(text).as_deref(), &html! { (text) })) }
                    }
                }
            }
        }
    }
}

fn key(finding: &Finding<'_>) -> Markup {
    let issuer = finding.key.get("issuer").map_or("", AsRef::as_ref);
    let address = |name: &str, value: &str| match name {
        "subject" => ci_run::repository_url(&provider::parse(issuer, value)),
        _ => links::identity(value),
    };
    html! {
        dl.facts.key {
            @for (name, value) in &finding.key {
                dt { (name.replace('_', " ")) }
                dd { code { (page::link(address(name, value).as_deref(), &html! { (value) })) } }
            }
            dt { "fingerprint" }
            dd { code { (finding.fingerprint) } }
        }
    }
}

fn evidence(finding: &Finding<'_>) -> Markup {
    if finding.evidence.is_empty() {
        return page::note("No single event proves this: it is about what is not in the logs.");
    }
    let caption = match usize::try_from(finding.count) {
        Ok(count) if count > finding.evidence.len() => "Evidence: the first, the last and events between",
        _ => "Evidence",
    };
    let mut table = Table::new(caption, &EVIDENCE);
    for event in &finding.evidence {
        let region = event.object.as_deref().and_then(delivery::region);
        let address = event.event_id.as_deref().zip(region).and_then(|(id, region)| links::event(id, region));
        table.row(vec![
            event.event_time.map_or_else(String::new, |time| second(Some(time))).into(),
            Cell::from(event.event_id.as_deref().unwrap_or("no event id")).linked(address),
            event.object.as_deref().unwrap_or("not known").into(),
        ]);
    }
    blocks::table(&table, "plain")
}

fn chains(view: &View<'_>, finding: &Finding<'_>) -> Markup {
    let all = finding.count_chains();
    html! {
        @if !finding.chain_ids.is_empty() {
            p.label { (count(all, "chain")) }
            ul {
                @for id in finding.chain_ids.iter().take(MAX_CHAINS) {
                    li { code { (id) } @if let Some(chain) = view.judged.chain(id) { (one_chain(view, chain)) } }
                }
            }
            (page::rest(MAX_CHAINS, usize::try_from(all).unwrap_or(usize::MAX), "chains of this finding"))
        }
    }
}

/// A chain in one line: who, through which roles, when, and the CI run if the logs name it.
fn one_chain(view: &View<'_>, chain: &Chain) -> Markup {
    let lineage = view.rows.lineage();
    html! {
        " " (groups::path(view, chain)) ", " (minute(lineage.leaf(chain).issued().map(Time)))
        @if let Some(run) = ci_run::of_chain(lineage, chain) {
            // A link would look like a proof.
            @if run.basis == Basis::Claimed {
                " · " (run.basis.told()) " " (run.run_id) " of " (run.repository)
            } @else {
                " · " (page::link(Some(&view.rows.shade.text(&run.url())), &html! { "run " (run.run_id) }))
            }
        }
    }
}
