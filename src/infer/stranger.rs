//! Strangers: accounts that the logs and the policies name and that the draft does not declare, with what they did. Only a
//! person knows which of them are one's own: a management account often has neither logs nor a snapshot here.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::caller;
use super::evidence::Seen;
use super::material::Material;
use super::parts::Stranger;
use crate::model::arn;
use crate::trust::Principal;

/// So many things that an account did are told.
const MOST_DEEDS: usize = 3;

/// Returns every such account.
pub(super) fn all(material: &Material<'_>) -> Vec<Stranger> {
    let mut seen: BTreeMap<(String, String), Seen> = BTreeMap::new();
    let mut admitted: BTreeSet<(String, String)> = BTreeSet::new();
    let is_stranger = |id: &String| arn::is_account_id(id) && !material.own_accounts.contains(id);
    for ((home, _), role) in &material.roles {
        if is_stranger(home) {
            let deed = format!("{} is a role of it, and was assumed: {}", role.arn, Seen::of(&role.observed).said());
            if !role.observed.is_empty() {
                admitted.insert((home.clone(), deed));
            }
        }
        for one in &role.observed {
            if let Some(id) = caller::who(one).and_then(|who| who.account()).filter(is_stranger) {
                seen.entry((id, role.arn.clone())).or_default().add(one.time);
            }
        }
        for grant in &role.grants {
            let id = match &grant.principal {
                Principal::Account(id) => Some(id.clone()),
                Principal::Aws(principal) => arn::account(principal).map(str::to_owned),
                _ => None,
            };
            if let Some(id) = id.filter(is_stranger) {
                admitted.insert((id, format!("the policy of {} admits it", role.arn)));
            }
        }
    }
    let mut deeds: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for ((id, role_arn), seen) in seen {
        deeds.entry(id).or_default().push(format!("came into {role_arn}: {}", seen.said()));
    }
    for (id, deed) in admitted {
        deeds.entry(id).or_default().push(deed);
    }
    deeds.into_iter().map(|(id, deeds)| Stranger { id, deeds: shortened(deeds) }).collect()
}

fn shortened(mut deeds: Vec<String>) -> Vec<String> {
    let more = deeds.len().saturating_sub(MOST_DEEDS);
    deeds.truncate(MOST_DEEDS);
    if more > 0 {
        deeds.push(format!("and {more} more"));
    }
    deeds
}
