//! The ground: the organization, its accounts, their environments, and what the draft was made from.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::evidence;
use super::evidence::Seen;
use super::guard;
use super::material::Material;
use super::parts::Account;
use super::parts::LeftOut;
use super::parts::Org;
use super::parts::Stanza;
use super::role;
use crate::expect::RoleClass;
use crate::model::arn;
use crate::model::lineage::Lineage;
use crate::model::observations::Counts;
use crate::model::time::Timestamp;
use crate::model::width::place;

/// Says what the draft was made from.
pub(super) fn head(material: &Material<'_>) -> Vec<String> {
    let sources = material.sources;
    let mut lines = Vec::new();
    for snapshot in sources.snapshots {
        let roles = snapshot.roles.len();
        let plural = if roles == 1 { "role" } else { "roles" };
        lines.push(format!("{}, {} with {roles} {plural}", snapshot.name, snapshot.kind.said()));
        lines.extend(snapshot.notes.iter().map(|note| format!("  {note}")));
    }
    if material.has_logs() {
        let observations = &sources.lineage.observations;
        let days: BTreeSet<i32> = observations.cells.keys().filter_map(|cell| cell.day).collect();
        let day = |day: Option<&i32>| {
            day.map_or_else(|| "an unknown day".to_owned(), |day| Timestamp::of_day(i64::from(*day)).date())
        };
        let accounts = sources.lineage.covered_accounts().join(", ");
        lines.push(format!("logs of {} to {}, of the accounts {accounts}", day(days.first()), day(days.last())));
        if let Some(what) = unread(&observations.counts) {
            lines.push(format!("INCOMPLETE logs: {what}; what is missing may be left out or too narrow below"));
        }
    } else {
        lines.push("no logs: nothing says what of it is used".to_owned());
    }
    lines
}

/// Says what of the logs could not be read, if anything.
pub(super) fn unread(counts: &Counts) -> Option<String> {
    let parts = [
        (counts.objects_failed, "object", "could not be read to the end"),
        (counts.malformed, "record", "could not be parsed"),
    ];
    let said = parts.into_iter().filter(|(count, ..)| *count > 0);
    let said = said.map(|(count, what, why)| format!("{count} {what}{} {why}", if count == 1 { "" } else { "s" }));
    let said = said.collect::<Vec<_>>().join(", ");
    match counts.defects {
        _ if !said.is_empty() => Some(said),
        _ if counts.records() == 0 => Some("they hold no record".to_owned()),
        0 => None,
        defects => Some(format!("{defects} defects were found in what was read")),
    }
}

/// Drafts the organization.
pub(super) fn org(material: &Material<'_>, roles: &[Stanza], left_out: &mut Vec<LeftOut>) -> Org {
    let mut owners: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
    for (stanza, line) in roles.iter().flat_map(|stanza| stanza.subjects.iter().map(move |line| (stanza, line))) {
        let is_github = line.subject.as_ref().is_none_or(|subject| subject.is_from("github"))
            && line.matcher.issuer.as_ref().is_none_or(|issuer| material.issuer(issuer.as_str()).is_of("github"));
        let of_repo = line.matcher.repo.as_ref().and_then(|repo| repo.as_str().split_once('/')).map(|(owner, _)| owner);
        let of_raw = line.subject.as_ref().and_then(|subject| subject.owner.as_deref());
        let owner = line.matcher.owner.as_ref().map(crate::model::glob::Glob::as_str).or(of_repo).or(of_raw);
        let Some(owner) = owner.filter(|owner| is_github && !owner.is_empty() && !owner.contains(['*', '?'])) else {
            continue;
        };
        let folded = owner.to_ascii_lowercase();
        if stanza.learned && material.disputes.is_about_owner(&folded) {
            continue;
        }
        let (_, ids) = owners.entry(owner.to_ascii_lowercase()).or_insert_with(|| (owner.to_owned(), BTreeSet::new()));
        ids.extend(line.matcher.owner_id.clone());
    }
    let mut org = Org::default();
    for (name, ids) in owners.into_values() {
        if ids.len() > 1 {
            org.owners_comments.push(format!("{name} came with several ids: say which is yours"));
        }
        let only = ids.first().filter(|_| ids.len() == 1).cloned();
        org.owners.push((name, only));
    }
    if !org.owners.is_empty() {
        let text = "the owners in the subjects below; a token of any other owner is foreign, so add what is missing";
        org.owners_comments.insert(0, text.to_owned());
    }
    org.iac_roles = iac_roles(material, left_out);
    org
}

/// Returns the roles that changed trust often enough to do it by trade.
fn iac_roles(material: &Material<'_>, left_out: &mut Vec<LeftOut>) -> Vec<(String, String)> {
    const TRADE: [&str; 3] = ["CreateRole", "UpdateAssumeRolePolicy", "DeleteRole"];
    let lineage: &Lineage = material.sources.lineage;
    let mut by_role: BTreeMap<String, (Seen, BTreeSet<String>)> = BTreeMap::new();
    let mut counted = BTreeSet::new();
    for change in &lineage.observations.changes {
        let is_trust = lineage.str(change.source) == "iam.amazonaws.com" && TRADE.contains(&lineage.str(change.name));
        let principal = lineage.principal(change.caller);
        let role = lineage.opt(principal.issuer_arn).filter(|arn| arn.contains(":role/"));
        let Some(role) = role.filter(|role| is_trust && change.error_code.is_none() && !is_made_by_aws(role)) else {
            continue;
        };
        let session = lineage.session_of_principal.get(place(change.caller.0)).copied();
        let sources = material.sources;
        let is_inside = sources.since.is_none_or(|since| change.time.is_some_and(|time| since <= time))
            && sources.until.is_none_or(|until| change.time.is_some_and(|time| time < until));
        if !is_inside {
            continue;
        }
        let session = session.flatten().map(|id| lineage.session(id));
        let by_finding = || material.guard.against(session?);
        let by_origin = || guard::against_origin(session?.origin().kind).map(str::to_owned);
        let (seen, reasons) = by_role.entry(role.to_owned()).or_default();
        match by_finding().or_else(by_origin) {
            Some(reason) => {
                reasons.insert(reason);
            }
            // One run makes many changes: it is one habit's one time.
            None if counted.insert(change.caller.0) => seen.add(change.time),
            None => {}
        }
    }
    let mut roles = Vec::new();
    for (role, (seen, reasons)) in by_role {
        let why = match reasons.first() {
            Some(reason) => format!("of a session that changed trust: {reason}"),
            None if !seen.is_enough() => seen.too_little(),
            None => {
                roles.push((role, format!("sessions that changed trust policies: {}", seen.said())));
                continue;
            }
        };
        left_out.push(LeftOut { role: Some(role), what: "iac_roles".to_owned(), why });
    }
    roles.retain(|(role, _)| role::is_writable(role));
    roles
}

fn is_made_by_aws(role: &str) -> bool {
    arn::is_service_linked_role(role) || arn::is_identity_center_role(role)
}

/// Drafts the accounts.
pub(super) fn accounts(material: &Material<'_>) -> Vec<Account> {
    let covered = material.sources.lineage.covered_accounts();
    let account = |id: &String| {
        let snapshots = material.sources.snapshots.iter();
        let name = snapshots.clone().find_map(|snapshot| snapshot.accounts.get(id)).filter(|name| !name.is_empty());
        let mut rests_on: Vec<String> = snapshots
            .filter(|snapshot| {
                let of_roles = snapshot.roles.iter().filter_map(|role| arn::account(role.arn.as_deref()?));
                of_roles.chain(snapshot.accounts.keys().map(String::as_str)).any(|account| account == id)
            })
            .map(|snapshot| snapshot.name.clone())
            .collect();
        if covered.contains(&id.as_str()) {
            rests_on.push("its log is among the logs".to_owned());
        }
        let mut comments = vec![rests_on.join("; ")];
        if let Some(name) = name {
            comments.push(format!("name: the Terraform provider aws.{name} works in it"));
        }
        Account { id: id.clone(), name: name.cloned(), env: None, comments }
    };
    material.own_accounts.iter().map(account).collect()
}

/// Gives an account the environment that all pipelines that end there agree on, and takes it off its roles.
pub(super) fn settle_environments(accounts: &mut [Account], roles: &mut [Stanza]) {
    let mut by_account: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, stanza) in roles.iter().enumerate() {
        by_account.entry(stanza.account().to_owned()).or_default().push(at);
    }
    for account in accounts {
        let places = by_account.get(&account.id).map(Vec::as_slice).unwrap_or_default();
        let ends =
            places.iter().filter_map(|at| roles.get(*at)).filter(|stanza| stanza.class == Some(RoleClass::Deploy));
        account.env = evidence::only(ends.map(|stanza| stanza.env.clone())).flatten();
        if let Some(env) = &account.env {
            account.comments.push(format!("env: every pipeline that ends there comes from the environment {env}"));
            for at in places {
                if let Some(stanza) = roles.get_mut(*at).filter(|stanza| stanza.env.as_ref() == Some(env)) {
                    stanza.env = None;
                }
            }
        }
        let asks = match (&account.name, &account.env) {
            (None, None) => "name, kind and env: nothing here says them",
            (None, Some(_)) => "name and kind: nothing here says them",
            (Some(_), None) => "kind and env: nothing here says them",
            (Some(_), Some(_)) => "kind: nothing here says it",
        };
        account.comments.push(asks.to_owned());
    }
}
