//! Chains: the way from an origin to each leaf session.

use crate::model::chain::Chain;
use crate::model::chain::ChainId;
use crate::model::chain::LISTED_ENDS;
use crate::model::chain::Omitted;
use crate::model::chain::SessionId;
use crate::model::lineage::Lineage;
use crate::model::observations::Map;
use crate::model::origin::OriginKind;
use crate::model::width::place;

use super::Options;
use super::by_id::ById;
use super::routes;
use super::ways;

/// Makes one chain for each leaf session, and folds them into routes.
pub(super) fn build(lineage: &mut Lineage, options: &Options) {
    ways::walk(lineage);
    let mut chains = Vec::new();
    for leaf in lineage.sessions().filter(|session| session.session.children.1 == 0) {
        let is_single_service = leaf.session.way.hops == 1 && leaf.origin().kind == OriginKind::AwsService;
        chains.push(Chain {
            id: ChainId(leaf.stable_hash()),
            path: vec![leaf.id],
            omitted: None,
            route: 0,
            is_listed: options.include_services || !is_single_service,
        });
    }
    distinguish(&mut chains);
    list_hops(lineage, &mut chains);
    let mut names = ById::new(None, lineage.sessions.len());
    for chain in &chains {
        names[lineage.leaf(chain).id] = Some(chain.id);
    }
    lineage.by_descent = lineage.parents_first().into_iter().filter_map(|id| names[id]).collect();
    let routes = routes::fold(lineage, &mut chains);
    lineage.chains = chains;
    lineage.routes = routes;
}

/// Gives each chain its hops: all of a short one; of a long one the first, the last, and those that no earlier chain has.
fn list_hops(lineage: &Lineage, chains: &mut [Chain]) {
    let mut listed_in: ById<SessionId, Option<ChainId>> = ById::new(None, lineage.sessions.len());
    for chain in chains {
        let leaf = lineage.leaf(chain);
        let hops = place(leaf.session.way.hops);
        let ancestors = leaf.ancestry().map(|session| session.id);
        let new: Vec<SessionId> = ancestors.take_while(|id| listed_in[*id].is_none()).collect();
        for id in &new {
            listed_in[*id] = Some(chain.id);
        }
        let tail = new.len().max(LISTED_ENDS);
        let mut path: Vec<SessionId> = Vec::new();
        if hops <= LISTED_ENDS + tail {
            path.extend(leaf.ancestry().map(|session| session.id));
        } else {
            path.extend(leaf.ancestry().take(tail).map(|session| session.id));
            let last_omitted = path.last().and_then(|id| lineage.session(*id).parent());
            chain.omitted = last_omitted.and_then(|last| listed_in[last.id]).map(|listed_in| Omitted {
                after: LISTED_ENDS,
                count: hops - LISTED_ENDS - tail,
                listed_in,
            });
            path.extend(lineage.session(leaf.session.way.head).ancestry().map(|session| session.id));
        }
        path.reverse();
        chain.path = path;
    }
}

/// Gives later chains of the same name (two sessions that nothing tells apart) names of their own.
fn distinguish(chains: &mut [Chain]) {
    let mut seen: Map<ChainId, u64> = Map::default();
    for chain in chains {
        let count = seen.entry(chain.id).or_insert(0);
        if *count > 0 {
            chain.id = ChainId(chain.id.0.wrapping_add(*count));
        }
        *count += 1;
    }
}
