//! Issuers: whose tokens the policies trust, or were seen, for which audiences and in which accounts.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::evidence::Seen;
use super::material::Material;
use super::parts::Issuer;
use super::parts::LeftOut;
use crate::model::arn;
use crate::provider;
use crate::trust::Principal;
use crate::trust::observed::Observed;

#[derive(Default)]
struct Known<'m, 'a> {
    /// As it was first met: the case of its letters is for people.
    url: String,
    audiences: BTreeSet<String>,
    client_ids: BTreeSet<String>,
    accounts: BTreeSet<String>,
    is_in_policy: bool,
    observed: Vec<&'m Observed<'a>>,
    seen_in: BTreeSet<String>,
}

/// Drafts the issuers.
pub(super) fn draft(material: &Material<'_>, left_out: &mut Vec<LeftOut>) -> Vec<Issuer> {
    let mut known: ByIssuer<'_, '_> = BTreeMap::new();
    for ((account, _), role) in &material.roles {
        for grant in &role.grants {
            let Principal::Federated(provider) = &grant.principal else { continue };
            if provider.contains(":saml-provider/") {
                continue;
            }
            let issuer = entry(&mut known, provider);
            issuer.is_in_policy = true;
            issuer.audiences.extend(grant.audiences.iter().filter(|it| !it.contains(['*', '?', '$'])).cloned());
            issuer.accounts.insert(arn::account(provider).unwrap_or(account).to_owned());
        }
        for one in &role.observed {
            let Some(url) = one.issuer() else { continue };
            let issuer = entry(&mut known, url);
            if material.guard.against(one.session).is_none() {
                issuer.observed.push(one);
                issuer.seen_in.insert(account.clone());
            }
        }
    }
    for provider in material.sources.snapshots.iter().flat_map(|snapshot| &snapshot.issuers) {
        let issuer = entry(&mut known, &provider.issuer);
        issuer.is_in_policy = true;
        issuer.client_ids.extend(provider.audiences.iter().cloned());
        issuer.accounts.extend(provider.arn.as_deref().and_then(arn::account).map(str::to_owned));
    }
    known.into_values().filter_map(|known| issuer(material, known, left_out)).collect()
}

type ByIssuer<'m, 'a> = BTreeMap<String, Known<'m, 'a>>;

/// Returns what is known of an issuer, in whatever spelling.
fn entry<'k, 'm, 'a>(known: &'k mut ByIssuer<'m, 'a>, identity_provider: &str) -> &'k mut Known<'m, 'a> {
    let lower = identity_provider.to_ascii_lowercase();
    let issuer = known.entry(provider::issuer_of(&lower).to_owned()).or_default();
    if issuer.url.is_empty() {
        provider::issuer_of(identity_provider).clone_into(&mut issuer.url);
    }
    issuer
}

fn issuer(material: &Material<'_>, known: Known<'_, '_>, left_out: &mut Vec<LeftOut>) -> Option<Issuer> {
    let url = known.url;
    let seen = Seen::of(known.observed.iter().copied());
    let mut leave_out = |why: String| {
        left_out.push(LeftOut { role: None, what: format!("issuer {url}"), why });
    };
    if url.is_empty() || url.contains(['*', '?']) {
        leave_out("its address would be read as a pattern".to_owned());
        return None;
    }
    if !known.is_in_policy && !seen.is_enough() {
        leave_out(if seen.is_none() {
            "every session that began with its tokens carries a finding".to_owned()
        } else {
            seen.too_little()
        });
        return None;
    }
    let mut comments = Vec::new();
    if known.is_in_policy {
        comments.push("trust policies name it".to_owned());
    }
    if !seen.is_none() {
        comments.push(seen.said());
    }
    let observed = known.observed.iter().filter_map(|one| one.audience).map(str::to_owned);
    // A role's own condition is narrower than what the provider accepts, and both bind; what was seen is only a habit.
    let mut audiences = if known.audiences.is_empty() { known.client_ids } else { known.audiences };
    if audiences.is_empty() {
        audiences = observed.collect();
        if !audiences.is_empty() {
            comments.push("audiences as seen: no policy tests them".to_owned());
        }
    }
    audiences.remove("");
    let accounts = if known.is_in_policy && !known.accounts.is_empty() { known.accounts } else { known.seen_in };
    let accounts = accounts.into_iter().filter(|id| arn::is_account_id(id)).collect();
    let kind = material.issuer(&url).provider.map(|provider| provider.id);
    if kind.is_none() {
        comments
            .push("kind: this host is none that is known; say whose grammar its subjects follow, if any".to_owned());
    }
    Some(Issuer { url, kind, audiences, accounts, comments })
}
