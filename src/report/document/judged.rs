//! What findings speak of: which chains and routes, which step of a route, and how bad it is.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::model::arn;
use crate::model::chain::Chain;
use crate::model::chain::ChainId;
use crate::model::finding::Finding;
use crate::model::finding::Severity;
use crate::model::width::place;
use crate::report::judged_rank::is_of_door;
use crate::report::wire::Rows;

/// The parts of a key that name whoever came. A finding without any of them and without a chain speaks of a role, and
/// accuses nobody.
const WHO: [&str; 10] = [
    "access_key_id",
    "caller",
    "caller_account_id",
    "change",
    "origin",
    "origin_kind",
    "owner",
    "principal_arn",
    "repository",
    "subject",
];

/// The parts of a key that name a role.
const ROLES: [&str; 3] = ["role_arn", "entry_role_arn", "target"];

/// The judgment of every route, and the way from a chain's id to the chain.
pub(in crate::report) struct Judged<'a> {
    /// The worst open finding about who came a route, by the number of the route in the lineage.
    pub(in crate::report) routes: Vec<Option<Severity>>,
    /// The worst of them about one step of a route: into the role of this number, or past the last role for what was done.
    pub(in crate::report) steps: BTreeMap<(usize, usize), Severity>,
    /// The worst open finding about a role itself, by its ARN.
    pub(in crate::report) roles: BTreeMap<String, Severity>,
    /// The routes that each finding names, in the order of the report.
    touched: Vec<BTreeSet<usize>>,
    /// The chains that findings name.
    chains: BTreeMap<String, &'a Chain>,
}

impl<'a> Judged<'a> {
    /// Looks once at every chain, and once at what every finding names.
    pub(super) fn of(rows: &Rows<'a>) -> Self {
        let lineage = rows.lineage();
        let findings = rows.report.findings;
        let mut judged = Self {
            routes: vec![None; lineage.routes.len()],
            steps: BTreeMap::new(),
            roles: BTreeMap::new(),
            touched: vec![BTreeSet::new(); findings.len()],
            chains: BTreeMap::new(),
        };
        let by_id: BTreeMap<ChainId, &'a Chain> = lineage.chains.iter().map(|chain| (chain.id, chain)).collect();
        let at: Vec<Option<&'a Chain>> = lineage.by_descent.iter().map(|id| by_id.get(id).copied()).collect();
        let mut is_named = vec![false; at.len()];
        for (finding, touched) in findings.iter().zip(&mut judged.touched) {
            for (start, end) in finding.chain_ids.clone() {
                let run = place(start)..place(end);
                touched.extend(at.get(run.clone()).into_iter().flatten().flatten().map(|chain| place(chain.route)));
                is_named.get_mut(run).into_iter().flatten().for_each(|named| *named = true);
            }
        }
        judged.touch_keys(rows);
        for (chain, _) in at.iter().zip(is_named).filter(|(_, is_named)| *is_named) {
            judged.chains.extend(chain.map(|chain| (chain.id.to_string(), chain)));
        }
        for (finding, routes) in findings.iter().zip(judged.touched.clone()).filter(|(finding, _)| finding.is_open()) {
            judged.judge(finding, &routes, rows);
        }
        judged
    }

    /// What a key does directly makes no chain: its route is named by the key.
    fn touch_keys(&mut self, rows: &Rows<'_>) {
        let lineage = rows.lineage();
        let mut by_key: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, route) in lineage.routes.iter().enumerate().filter(|(_, route)| route.role_arns.is_empty()) {
            if let Some(key) = lineage.origin(route.origin).access_key_id.as_deref() {
                by_key.entry(key).or_default().push(at);
            }
        }
        for (finding, touched) in rows.report.findings.iter().zip(&mut self.touched) {
            let key = finding.key.get("access_key_id").filter(|_| finding.chain_ids.is_empty());
            touched.extend(key.and_then(|key| by_key.get(key.as_str())).into_iter().flatten());
        }
    }

    fn judge(&mut self, finding: &Finding, routes: &BTreeSet<usize>, rows: &Rows<'_>) {
        let lineage = rows.lineage();
        let severity = finding.severity;
        let roles: Vec<&str> = ROLES.iter().filter_map(|part| finding.key.get(*part)).map(String::as_str).collect();
        if !names_somebody(finding) {
            for role in roles {
                worsen(self.roles.entry(role.to_owned()).or_insert(severity), severity);
            }
            return;
        }
        // Without a role, it is about how somebody came in, or about what was done in the end.
        let is_entry =
            roles.is_empty() && ["issuer", "caller_account_id"].iter().any(|part| finding.key.contains_key(*part));
        for at in routes {
            // Whoever came in later did not change the door: that is about the role.
            if is_of_door(finding) && !is_by(finding, *at, rows) {
                for role in &roles {
                    worsen(self.roles.entry((*role).to_owned()).or_insert(severity), severity);
                }
                continue;
            }
            if let Some(route) = self.routes.get_mut(*at) {
                *route = (*route).max(Some(severity));
            }
            let Some(route) = lineage.routes.get(*at) else { continue };
            let is_meant = |role: &&str| roles.contains(role);
            let step = route.role_arns.iter().map(|role| lineage.str(*role)).position(|role| is_meant(&role));
            let step = step.unwrap_or(if is_entry { 0 } else { route.role_arns.len() });
            worsen(self.steps.entry((*at, step)).or_insert(severity), severity);
        }
    }

    /// Returns the routes that a finding names, by its number in the report.
    pub(in crate::report) fn routes_of(&self, finding: usize) -> impl Iterator<Item = usize> + '_ {
        self.touched.get(finding).into_iter().flatten().copied()
    }

    /// Returns a chain that a finding names.
    pub(in crate::report) fn chain(&self, id: &str) -> Option<&'a Chain> {
        self.chains.get(id).copied()
    }
}

/// Says whether a finding is about whoever came, and not about a role alone.
pub(super) fn names_somebody(finding: &Finding) -> bool {
    let has = |part: &str| finding.key.contains_key(part);
    // Beside a role, an issuer says whom the role trusts.
    !finding.chain_ids.is_empty() || WHO.iter().any(|part| has(part)) || (has("issuer") && !has("role_arn"))
}

/// Says whether the principal that a finding names is one of those on a route.
pub(super) fn is_by(finding: &Finding, route: usize, rows: &Rows<'_>) -> bool {
    let lineage = rows.lineage();
    let Some((named, route)) = finding.key.get("principal_arn").zip(lineage.routes.get(route)) else { return true };
    let roles = route.role_arns.iter().map(|role| lineage.str(*role));
    let mut all = roles.chain(lineage.origin(route.origin).principal_arn.as_deref());
    all.any(|arn| arn == named || arn::is_same_role(arn, named))
}

fn worsen(known: &mut Severity, severity: Severity) {
    *known = (*known).max(severity);
}
