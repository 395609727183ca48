//! The draft: every stanza, in the order of the file, and what was left out.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Options;
use super::Sources;
use super::class;
use super::evidence;
use super::ground;
use super::issuer;
use super::material;
use super::material::Material;
use super::parts::LeftOut;
use super::parts::Parts;
use super::parts::Stanza;
use super::role;
use super::stranger;
use super::write;
use crate::expect::RoleClass;

/// Drafted expectations.
#[derive(Clone, Debug)]
pub struct Draft {
    text: String,
    roles: usize,
    left_out: usize,
}

impl Draft {
    /// Returns the file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns how many roles it speaks of.
    pub fn roles(&self) -> usize {
        self.roles
    }

    /// Returns how much was left out, and is told at the end of the file.
    pub fn left_out(&self) -> usize {
        self.left_out
    }
}

pub(super) fn draft(sources: &Sources<'_>, options: Options) -> Draft {
    let material = Material::gather(sources);
    let classes = class::classify(&material);
    let mut left_out = Vec::new();
    let mut roles: Vec<Stanza> = material
        .roles
        .keys()
        .filter_map(|name| role::draft(&material, &classes, name, options, &mut left_out))
        .collect();
    settle(&mut roles);
    let mut accounts = ground::accounts(&material);
    ground::settle_environments(&mut accounts, &mut roles);
    let issuers = issuer::draft(&material, &mut left_out);
    let org = ground::org(&material, &roles, &mut left_out);
    for name in &material.without_account {
        left_out.push(LeftOut {
            role: None,
            what: format!("role {name}"),
            why:
                "nothing says in which account it will be made: give the provider an assume_role or allowed_account_ids"
                    .to_owned(),
        });
    }
    left_out.sort();
    left_out.dedup();
    let people = material
        .identity_center
        .iter()
        .map(|(partition, account)| format!("arn:{partition}:iam::{account}:role/aws-reserved/sso.amazonaws.com/*"));
    let parts = Parts {
        head: ground::head(&material),
        org,
        accounts,
        strangers: stranger::all(&material),
        issuers,
        people: people.collect(),
        roles,
        left_out,
    };
    Draft { text: write::file(&parts), roles: parts.roles.len() + parts.people.len(), left_out: parts.left_out.len() }
}

/// Fills in what follows from other roles: a deploy role has the environment and the repositories of those who lead to
/// it. Chains of roles take a few rounds.
fn settle(roles: &mut [Stanza]) {
    const ROUNDS: usize = 4;
    for stanza in roles.iter_mut().filter(|stanza| stanza.env.is_none()) {
        stanza.env = stanza.environment();
    }
    for _ in 0..ROUNDS {
        let known: BTreeMap<material::Name, (Option<String>, BTreeSet<String>)> = roles
            .iter()
            .filter_map(|stanza| {
                let own = stanza.repositories().unwrap_or_default();
                let repos = own.into_iter().chain(stanza.repos.iter().cloned()).collect();
                Some((material::name(&stanza.arn)?, (stanza.env.clone(), repos)))
            })
            .collect();
        for stanza in roles.iter_mut().filter(|stanza| stanza.class == Some(RoleClass::Deploy)) {
            let callers: Option<Vec<_>> = stanza
                .from
                .iter()
                .map(|line| known.get(&material::name(line.expectation.principal.as_ref()?.as_str())?))
                .collect();
            let Some(callers) = callers.filter(|callers| !callers.is_empty()) else { continue };
            if stanza.env.is_none() {
                stanza.env = evidence::only(callers.iter().map(|(env, _)| env.as_ref())).flatten().cloned();
            }
            let all_name_some = callers.iter().all(|(_, repos)| !repos.is_empty());
            if stanza.repos.is_empty() && all_name_some && !stanza.learned {
                let repos: BTreeSet<String> = callers.iter().flat_map(|(_, repos)| repos.iter().cloned()).collect();
                stanza.repos = repos.into_iter().collect();
            }
        }
    }
}
