//! Chains and routes: the way from an origin to each leaf session, and the ways that are taken again and again.

use std::cmp::Reverse;

use crate::model::chain::Activity;
use crate::model::chain::Chain;
use crate::model::chain::ChainId;
use crate::model::chain::Origin;
use crate::model::chain::OriginKind;
use crate::model::chain::Route;
use crate::model::chain::RouteId;
use crate::model::chain::SessionId;
use crate::model::lineage::Lineage;
use crate::model::observations::Map;
use crate::model::symbols::Sym;
use crate::model::width::id_of;
use crate::model::width::place;

use super::Options;
use super::order::Order;

/// Makes one chain for each leaf session, and folds them into routes.
pub(super) fn build(lineage: &mut Lineage, options: &Options) {
    let mut chains = Vec::new();
    for leaf in lineage.sessions().filter(|session| session.session.children.1 == 0) {
        let mut path: Vec<SessionId> = leaf.ancestry().map(|session| session.id).collect();
        path.reverse();
        let is_single_service = path.len() == 1 && leaf.origin().kind == OriginKind::AwsService;
        chains.push(Chain {
            id: ChainId(leaf.stable_hash()),
            path,
            route: 0,
            is_listed: options.include_services || !is_single_service,
        });
    }
    distinguish(&mut chains);
    let routes = routes(lineage, &mut chains);
    lineage.chains = chains;
    lineage.routes = routes;
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

fn routes(lineage: &Lineage, chains: &mut [Chain]) -> Vec<Route> {
    let mut routes: Vec<Route> = Vec::new();
    let mut known: Map<(u32, Vec<Sym>), u32> = Map::default();
    let mut role_arns = Vec::new();
    for chain in chains.iter_mut() {
        let leaf = lineage.leaf(chain);
        role_arns.clear();
        role_arns.extend(chain.path.iter().filter_map(|id| lineage.session(*id).session.role_arn));
        let key = (leaf.session.origin, std::mem::take(&mut role_arns));
        let route = if let Some(route) = known.get(&key) {
            role_arns = key.1;
            *route
        } else {
            routes.push(Route {
                id: route_id(lineage, leaf.origin(), &key.1),
                origin: key.0,
                role_arns: key.1.clone(),
                chains: 0,
                activity: Activity::default(),
                is_listed: false,
            });
            known.insert(key, id_of(routes.len() - 1));
            id_of(routes.len() - 1)
        };
        chain.route = route;
        if let Some(totals) = routes.get_mut(place(route)) {
            totals.chains += 1;
            totals.activity.merge(&leaf.activity());
            totals.is_listed |= chain.is_listed;
        }
    }
    sort_routes(lineage, routes, chains)
}

fn route_id(lineage: &Lineage, origin: &Origin, role_arns: &[Sym]) -> RouteId {
    let mut name = String::new();
    let parts = [
        Some(origin.kind.name()),
        origin.provider.as_deref(),
        origin.subject.as_deref(),
        origin.audience.as_deref(),
        origin.principal_arn.as_deref(),
        origin.access_key_id.as_deref(),
        origin.account_id.as_deref(),
        origin.service.as_deref(),
    ];
    for part in parts.into_iter().chain(role_arns.iter().map(|role| Some(lineage.str(*role)))) {
        name.push_str(part.unwrap_or("\u{0}"));
        name.push('\n');
    }
    RouteId(rapidhash::v3::rapidhash_v3(name.as_bytes()))
}

/// Puts the busiest routes first; ties are broken by what the routes say.
fn sort_routes(lineage: &Lineage, routes: Vec<Route>, chains: &mut [Chain]) -> Vec<Route> {
    let text =
        |route: &Route| -> Vec<String> { route.role_arns.iter().map(|role| lineage.str(*role).to_owned()).collect() };
    let order = Order::of(&routes, |a, b| {
        let rank =
            |route: &Route| (Reverse(route.chains), Reverse(route.activity.writes), Reverse(route.activity.calls));
        rank(a)
            .cmp(&rank(b))
            .then_with(|| lineage.origin(a.origin).cmp(lineage.origin(b.origin)))
            .then_with(|| text(a).cmp(&text(b)))
    });
    for chain in chains {
        chain.route = order.new.get(place(chain.route)).copied().unwrap_or_default();
    }
    order.sorted(routes)
}
