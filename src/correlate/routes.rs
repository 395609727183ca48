//! Routes: the ways that are taken again and again.

use std::cmp::Reverse;
use std::fmt::Write as _;

use crate::model::chain::Activity;
use crate::model::chain::Chain;
use crate::model::chain::LISTED_ENDS;
use crate::model::chain::SessionId;
use crate::model::lineage::Lineage;
use crate::model::observations::Map;
use crate::model::origin::Origin;
use crate::model::origin::OriginKind;
use crate::model::principal::PrincipalKind;
use crate::model::route::Route;
use crate::model::route::RouteId;
use crate::model::symbols::Sym;
use crate::model::width::id_of;
use crate::model::width::place;

use super::by_id::ById;
use super::order::Order;

/// A way over roles: another way, and one more role. So a long way is not written down again for each step.
struct Node {
    before: Option<u32>,
    role: Sym,
    roles: usize,
    /// The node that ends the part which is listed at the beginning of long ways.
    head: u32,
    hash: u64,
}

/// The ways over roles. A way without roles is `None`.
#[derive(Default)]
struct Nodes {
    nodes: Vec<Node>,
    known: Map<(Option<u32>, Sym), u32>,
}

impl Nodes {
    fn get(&self, node: Option<u32>) -> Option<&Node> {
        self.nodes.get(place(node?))
    }

    fn after(&mut self, before: Option<u32>, role: Sym, lineage: &Lineage) -> u32 {
        if let Some(known) = self.known.get(&(before, role)) {
            return *known;
        }
        let number = id_of(self.nodes.len());
        let (roles, head, hash) = self.get(before).map_or((0, number, 0), |node| (node.roles, node.head, node.hash));
        let name = format!("{hash:016x}{}", lineage.str(role));
        self.nodes.push(Node {
            before,
            role,
            roles: roles + 1,
            head: if roles < LISTED_ENDS { number } else { head },
            hash: rapidhash::v3::rapidhash_v3(name.as_bytes()),
        });
        self.known.insert((before, role), number);
        number
    }

    /// Returns the last roles of a way, at most so many, the last one first.
    fn last(&self, node: Option<u32>, most: usize) -> impl Iterator<Item = Sym> {
        let nodes = std::iter::successors(self.get(node), |node| self.get(node.before));
        nodes.map(|node| node.role).take(most)
    }

    /// Returns the roles that are listed, in order, and how many are not.
    fn listed(&self, node: Option<u32>) -> (Vec<Sym>, usize) {
        let roles = self.get(node).map_or(0, |node| node.roles);
        let mut listed: Vec<Sym> = self.last(node, if roles > 2 * LISTED_ENDS { LISTED_ENDS } else { roles }).collect();
        let omitted = roles.saturating_sub(2 * LISTED_ENDS);
        if omitted > 0 {
            listed.extend(self.last(self.get(node).map(|node| node.head), LISTED_ENDS));
        }
        listed.reverse();
        (listed, omitted)
    }
}

/// Folds chains of the same origin and the same roles.
pub(super) fn fold(lineage: &Lineage, chains: &mut [Chain]) -> Vec<Route> {
    let mut nodes = Nodes::default();
    let mut node_of: ById<SessionId, Option<u32>> = ById::new(None, lineage.sessions.len());
    for id in lineage.parents_first() {
        let session = lineage.session(id).session;
        let before = session.parent.and_then(|parent| node_of[parent]);
        node_of[id] = session.role_arn.map(|role| nodes.after(before, role, lineage)).or(before);
    }
    let mut routes: Vec<Route> = Vec::new();
    let mut known: Map<(u32, Option<u32>), u32> = Map::default();
    for chain in chains.iter_mut() {
        let leaf = lineage.leaf(chain);
        let (origin, node) = (leaf.session.origin, node_of[leaf.id]);
        chain.route = *known.entry((origin, node)).or_insert_with(|| {
            let (role_arns, roles_omitted) = nodes.listed(node);
            let middle = if roles_omitted > 0 { nodes.get(node).map(|node| node.hash) } else { None };
            routes.push(Route {
                id: route_id(lineage, leaf.origin(), &role_arns, middle),
                origin,
                role_arns,
                roles_omitted,
                chains: 0,
                activity: Activity::default(),
                is_listed: false,
            });
            id_of(routes.len() - 1)
        });
        if let Some(totals) = routes.get_mut(place(chain.route)) {
            totals.chains += 1;
            totals.activity.merge(&leaf.activity());
            totals.is_listed |= chain.is_listed;
        }
    }
    sort(lineage, routes, chains)
}

/// Adds what long-lived keys changed directly: a way without a role, and as much a way to production as any.
///
/// No chain takes such a route.
pub(super) fn add_direct(lineage: &mut Lineage) {
    let mut numbers: Map<Origin, u32> = (0..).zip(&lineage.origins).map(|(at, origin)| (origin.clone(), at)).collect();
    let mut routes = std::mem::take(&mut lineage.routes);
    for key in &lineage.long_term_keys {
        let own = key.principals.iter().filter(|id| lineage.principal(**id).access_key == Some(key.access_key));
        let mut activity = Activity::default();
        for id in own.clone() {
            activity.merge(&lineage.activity_of_principal(*id));
        }
        let Some(user) = own.clone().next().filter(|_| activity.writes > 0) else { continue };
        let user = lineage.principal(*user);
        let is_root = user.kind == PrincipalKind::Root;
        let origin = Origin {
            principal_arn: lineage.opt(user.arn).map(str::to_owned),
            access_key_id: Some(lineage.str(key.access_key).to_owned()),
            account_id: lineage.opt(user.account).map(str::to_owned),
            ..Origin::of_kind(if is_root { OriginKind::Root } else { OriginKind::LongTermKey })
        };
        let id = route_id(lineage, &origin, &[], None);
        let number = *numbers.entry(origin).or_insert_with_key(|origin| {
            lineage.origins.push(origin.clone());
            id_of(lineage.origins.len() - 1)
        });
        let route =
            Route { id, origin: number, role_arns: Vec::new(), roles_omitted: 0, chains: 0, activity, is_listed: true };
        routes.push(route);
    }
    let mut chains = std::mem::take(&mut lineage.chains);
    lineage.routes = sort(lineage, routes, &mut chains);
    lineage.chains = chains;
}

/// Names a route by its origin and its roles; of a long one, `middle` stands for those that are not listed.
fn route_id(lineage: &Lineage, origin: &Origin, role_arns: &[Sym], middle: Option<u64>) -> RouteId {
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
    if let Some(middle) = middle {
        // Writing to text cannot fail.
        let _ = write!(name, "{middle:016x}");
    }
    RouteId(rapidhash::v3::rapidhash_v3(name.as_bytes()))
}

/// Puts the busiest routes first; ties are broken by what the routes say.
fn sort(lineage: &Lineage, routes: Vec<Route>, chains: &mut [Chain]) -> Vec<Route> {
    let text = |route: &Route| -> Vec<&str> { route.role_arns.iter().map(|role| lineage.str(*role)).collect() };
    let order = Order::of(&routes, |a, b| {
        let rank =
            |route: &Route| (Reverse(route.chains), Reverse(route.activity.writes), Reverse(route.activity.calls));
        rank(a)
            .cmp(&rank(b))
            .then_with(|| lineage.origin(a.origin).cmp(lineage.origin(b.origin)))
            .then_with(|| text(a).cmp(&text(b)))
            .then_with(|| (a.roles_omitted, a.id).cmp(&(b.roles_omitted, b.id)))
    });
    for chain in chains {
        chain.route = order.new.get(place(chain.route)).copied().unwrap_or_default();
    }
    order.sorted(routes)
}
