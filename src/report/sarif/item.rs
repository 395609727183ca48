//! One finding as a result: what, where, since when, and the chain it is about, hop by hop.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::level;
use super::message;
use super::model::ArtifactLocation;
use super::model::CodeFlow;
use super::model::Evidence;
use super::model::Item;
use super::model::ItemProperties;
use super::model::Location;
use super::model::LogicalLocation;
use super::model::PhysicalLocation;
use super::model::Region;
use super::model::Suppression;
use super::model::ThreadFlow;
use super::model::ThreadFlowLocation;
use super::plain;
use crate::report::Report;
use crate::report::names;
use crate::report::place;
use crate::report::wire::Rows;
use crate::report::wire::chain::Chain;
use crate::report::wire::finding::Finding;

/// How many chains and events of a finding are named; the JSON report names all.
const MAX_NAMED: usize = 20;

/// The parts of a finding's key that are places of their own, the most telling first.
const LOGICAL: [(&str, &str); 5] = [
    ("role_arn", "role"),
    ("principal_arn", "principal"),
    ("access_key_id", "access key"),
    ("subject", "subject"),
    ("account_id", "account"),
];

/// Returns the chains of these ids: each finding shows its first.
pub(super) fn chains<'a>(rows: &Rows<'a>, wanted: &BTreeSet<&str>) -> BTreeMap<String, Chain<'a>> {
    let all = rows.lineage().chains.iter();
    let named = all.map(|chain| (chain.id.to_string(), chain)).filter(|(id, _)| wanted.contains(id.as_str()));
    named.map(|(id, chain)| (id, rows.chain(chain))).collect()
}

/// Returns a finding as a result.
pub(super) fn of<'f>(
    report: &Report<'_>,
    finding: &'f Finding<'_>,
    rule_index: usize,
    chain: Option<&Chain<'_>>,
) -> Item<'f> {
    let (level, security_severity) = level(finding.severity);
    let place = place::of(report, &finding.fingerprint);
    let physical = PhysicalLocation {
        artifact_location: ArtifactLocation { uri: place::uri(&place.file) },
        region: Region { start_line: place.line },
    };
    let logical = LOGICAL.iter().filter_map(|(part, kind)| Some((finding.key.get(*part)?, *kind)));
    let logical = logical.map(|(name, kind)| LogicalLocation { fully_qualified_name: plain(name).into_owned(), kind });
    Item {
        rule_id: finding.rule,
        rule_index,
        level,
        message: message(&format!("{}. {} Fix: {}", finding.title, finding.message, finding.remediation)),
        locations: [Location {
            physical_location: Some(physical.clone()),
            logical_locations: logical.collect(),
            message: None,
        }],
        // GitHub follows an alert by the first of these; uploaded without it, it would hash the line of the file.
        partial_fingerprints: BTreeMap::from([
            ("primaryLocationLineHash", finding.fingerprint.to_string()),
            ("rolechain/v1", finding.fingerprint.to_string()),
        ]),
        code_flows: chain.map(|chain| flow(chain, &physical)).into_iter().collect(),
        baseline_state: match finding.status {
            "ongoing" | "dormant" | "excepted" => "unchanged",
            _ => "new",
        },
        suppressions: match &finding.exception {
            Some(reason) if finding.status == "excepted" => {
                vec![Suppression { kind: "external", justification: plain(reason).into_owned() }]
            }
            _ => Vec::new(),
        },
        occurrence_count: finding.count.max(1),
        properties: ItemProperties {
            security_severity,
            severity: finding.severity,
            regraded_from: finding.regraded_from,
            confidence: finding.confidence,
            basis: finding.basis,
            status: finding.status,
            first_seen: finding.first_seen.map(|time| time.to_string()),
            last_seen: finding.last_seen.map(|time| time.to_string()),
            chain_ids: finding.chain_ids.iter().take(MAX_NAMED).map(String::as_str).collect(),
            evidence: finding.evidence.iter().take(MAX_NAMED).map(evidence).collect(),
        },
    }
}

fn evidence(event: &crate::report::wire::finding::Evidence<'_>) -> Evidence {
    Evidence {
        event: event.event_id.as_deref().map(|id| plain(id).into_owned()),
        object: event.object.as_deref().map(|object| plain(object).into_owned()),
        time: event.event_time.map(|time| time.to_string()),
    }
}

/// Tells a chain from its origin to its last call. Each step stands at the finding's own file: steps without one are
/// refused.
fn flow(chain: &Chain<'_>, place: &PhysicalLocation) -> CodeFlow {
    let step = |text: &str, role: Option<&str>, time: Option<String>| ThreadFlowLocation {
        location: Location {
            physical_location: Some(place.clone()),
            logical_locations: role
                .map(|role| LogicalLocation { fully_qualified_name: plain(role).into_owned(), kind: "role" })
                .into_iter()
                .collect(),
            message: Some(message(text)),
        },
        execution_time_utc: time,
    };
    let origin = &chain.origin;
    let who = [&origin.subject, &origin.access_key_id, &origin.principal_arn, &origin.service, &origin.account_id];
    let who = who.into_iter().flatten().next().map_or("not known", |who| who.as_ref());
    let mut locations = vec![step(&format!("origin ({}): {who}", names::via(origin)), None, None)];
    for hop in &chain.hops {
        let role = hop.role_arn.as_deref();
        let session = hop.role_session_name.as_deref().map(|name| format!(" as {name}")).unwrap_or_default();
        let call = hop.event_name.unwrap_or("issued");
        let event = hop.event_id.as_deref().map(|id| format!(", event {id}")).unwrap_or_default();
        let text = format!("{call}: {}{session} ({} link{event})", role.unwrap_or("a session"), hop.link.kind);
        locations.push(step(&text, role, hop.event_time.map(|time| time.to_string())));
    }
    let did = &chain.activity.total;
    let text = format!("did: {}, {}", names::count(did.calls, "call"), names::count(did.writes, "write"));
    locations.push(step(&text, None, did.last_event.map(|time| time.to_string())));
    CodeFlow { message: message(&format!("chain {}", chain.id)), thread_flows: [ThreadFlow { locations }] }
}
