//! Finds what the user means: chains by their properties, and one thing by its id.

use std::collections::BTreeSet;

use super::args::ChainsArgs;
use super::exit::Failure;
use crate::model::arn;
use crate::model::chain::Chain;
use crate::model::chain::OriginKind;
use crate::model::chain::SessionId;
use crate::model::glob;
use crate::model::lineage::Lineage;
use crate::provider::ci_run;

/// Which chains to show.
pub(super) struct ChainFilter {
    subject: Option<String>,
    role: Option<String>,
    account: Option<String>,
    key: Option<String>,
    origin: Option<OriginKind>,
}

impl ChainFilter {
    pub(super) fn new(args: &ChainsArgs) -> Result<Self, Failure> {
        Ok(Self {
            subject: args.subject.clone(),
            role: args.role.clone(),
            account: args.account.clone(),
            key: args.key.clone(),
            origin: args.origin.as_deref().map(origin).transpose()?,
        })
    }

    /// Says whether any filter was given.
    pub(super) fn is_set(&self) -> bool {
        let texts = [&self.subject, &self.role, &self.account, &self.key];
        self.origin.is_some() || texts.into_iter().any(Option::is_some)
    }

    /// Leaves only the chains that fit, and the routes that they take, counted anew.
    pub(super) fn apply(&self, lineage: &mut Lineage) {
        if !self.is_set() {
            return;
        }
        let chains = std::mem::take(&mut lineage.chains);
        let mut kept: Vec<Chain> = chains.into_iter().filter(|chain| self.fits(lineage, chain)).collect();
        for route in &mut lineage.routes {
            route.chains = 0;
            route.activity = crate::model::chain::Activity::default();
            route.is_listed = false;
        }
        for chain in &kept {
            let activity = lineage.leaf(chain).activity();
            if let Some(route) = usize::try_from(chain.route).ok().and_then(|at| lineage.routes.get_mut(at)) {
                route.chains += 1;
                route.activity.merge(&activity);
                route.is_listed |= chain.is_listed;
            }
        }
        // Chains name their route by its place in the list.
        let mut places = Vec::with_capacity(lineage.routes.len());
        let mut next = 0u32;
        for route in &lineage.routes {
            places.push(next);
            next += u32::from(route.chains > 0);
        }
        for chain in &mut kept {
            let place = usize::try_from(chain.route).ok().and_then(|at| places.get(at));
            chain.route = place.copied().unwrap_or(chain.route);
        }
        lineage.routes.retain(|route| route.chains > 0);
        lineage.chains = kept;
    }

    fn fits(&self, lineage: &Lineage, chain: &Chain) -> bool {
        let origin = lineage.origin_of(chain);
        let fits = |pattern: &Option<String>, any: &dyn Fn(&str) -> bool| pattern.as_deref().is_none_or(any);
        let sessions = || chain.path.iter().map(|id| lineage.session(*id));
        self.origin.is_none_or(|kind| kind == origin.kind)
            && fits(&self.subject, &|pattern| {
                origin.subject.as_deref().is_some_and(|subject| glob::matches(pattern, subject))
            })
            && fits(&self.role, &|pattern| {
                sessions().filter_map(|session| session.role_arn()).any(|role| {
                    glob::matches(pattern, role)
                        || glob::matches(pattern, arn::short(role))
                        || arn::role_name(role).is_some_and(|name| glob::matches(pattern, name))
                })
            })
            && fits(&self.account, &|pattern| {
                origin.account_id.as_deref().is_some_and(|account| glob::matches(pattern, account))
                    || sessions().filter_map(|session| session.account()).any(|account| glob::matches(pattern, account))
            })
            && fits(&self.key, &|pattern| {
                origin.access_key_id.as_deref().is_some_and(|key| glob::matches(pattern, key))
                    || sessions().filter_map(|session| session.access_key()).any(|key| glob::matches(pattern, key))
            })
    }
}

/// What else people call a kind of origin. Expectations files know the first three, too.
const ALIASES: [(&str, OriginKind); 5] = [
    ("sso", OriginKind::IdentityCenter),
    ("key", OriginKind::LongTermKey),
    ("iam_key", OriginKind::LongTermKey),
    ("service", OriginKind::AwsService),
    ("account", OriginKind::ExternalAccount),
];

/// A name that is less like what was typed is not suggested.
const LIKENESS: f64 = 0.8;

/// Reads the kind of an origin.
fn origin(name: &str) -> Result<OriginKind, Failure> {
    let typed = name.to_ascii_lowercase().replace('-', "_");
    let names: Vec<(&str, OriginKind)> =
        OriginKind::ALL.into_iter().map(|kind| (kind.name(), kind)).chain(ALIASES).collect();
    if let Some((_, kind)) = names.iter().find(|(known, _)| *known == typed) {
        return Ok(*kind);
    }
    let likeness = |known: &str| strsim::jaro_winkler(known, &typed);
    let nearest = names
        .iter()
        .map(|(known, _)| (likeness(known), *known))
        .filter(|(likeness, _)| *likeness >= LIKENESS)
        .max_by(|a, b| a.0.total_cmp(&b.0));
    let nearest = nearest.map(|(_, known)| format!("did you mean `{known}`? ")).unwrap_or_default();
    let known: Vec<&str> = OriginKind::ALL.into_iter().map(OriginKind::name).collect();
    Err(Failure::new(format!(
        "--origin {name}: no such kind of origin\n  hint: {nearest}one of {}; sso, key, service and account are short for some",
        known.join(", ")
    )))
}

/// Finds the sessions that an id means.
pub(super) fn trace(lineage: &Lineage, id: &str) -> Result<Vec<SessionId>, Failure> {
    let found = [by_chain, by_session, by_event, by_use, by_origin_key, by_ci_run]
        .into_iter()
        .map(|find| find(lineage, id))
        .find(|found| !found.is_empty());
    found.map(|found| found.into_iter().collect()).ok_or_else(|| {
        Failure::new(format!(
            "nothing in these logs is called {id}\n  hint: give a chain id (ch-…), an access key id, an event id, a session ARN or a CI run id; `rolechain chains` lists chains"
        ))
    })
}

fn by_chain(lineage: &Lineage, id: &str) -> BTreeSet<SessionId> {
    let chains = lineage.chains.iter().filter(|chain| chain.id.to_string() == id);
    chains.filter_map(|chain| chain.path.last().copied()).collect()
}

fn by_session(lineage: &Lineage, id: &str) -> BTreeSet<SessionId> {
    let named = lineage.sessions().filter(|session| {
        let record = session.issuing_record();
        session.access_key() == Some(id)
            || lineage.opt(session.session.principal_id) == Some(id)
            || record.and_then(|record| lineage.opt(record.assumed_role_arn)) == Some(id)
    });
    named.map(|session| session.id).collect()
}

fn by_event(lineage: &Lineage, id: &str) -> BTreeSet<SessionId> {
    let is_named = |event: &crate::model::finding::Evidence| event.event_id.as_deref() == Some(id);
    let issued = lineage.sessions().filter(|session| session.issuing_evidence().iter().any(is_named));
    let mut found: BTreeSet<SessionId> = issued.map(|session| session.id).collect();
    if found.is_empty() {
        // The scan watched for the event, and kept who made it.
        let sessions = &lineage.session_of_principal;
        let watched = lineage.observations.watched.iter();
        found.extend(
            watched.filter_map(|id| usize::try_from(id.0).ok().and_then(|at| sessions.get(at).copied()).flatten()),
        );
    }
    found
}

/// Keys and ARNs that only later records carry: the console and services use keys of their own.
fn by_use(lineage: &Lineage, id: &str) -> BTreeSet<SessionId> {
    let named = lineage.sessions().filter(|session| {
        session.principals().iter().any(|principal| {
            let principal = lineage.principal(*principal);
            lineage.opt(principal.access_key) == Some(id) || lineage.opt(principal.arn) == Some(id)
        })
    });
    named.map(|session| session.id).collect()
}

/// A long-term key: the sessions that began with it.
fn by_origin_key(lineage: &Lineage, id: &str) -> BTreeSet<SessionId> {
    let began = |chain: &&Chain| lineage.origin_of(chain).access_key_id.as_deref() == Some(id);
    lineage.chains.iter().filter(began).filter_map(|chain| chain.path.last().copied()).collect()
}

fn by_ci_run(lineage: &Lineage, id: &str) -> BTreeSet<SessionId> {
    let chains =
        lineage.chains.iter().filter(|chain| ci_run::of_chain(lineage, chain).is_some_and(|run| run.run_id == id));
    chains.filter_map(|chain| chain.path.last().copied()).collect()
}
