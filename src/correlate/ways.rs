//! Ways: what lies between an origin and each session, known from what lies between the origin and its parent.

use crate::model::chain::LISTED_ENDS;
use crate::model::chain::LinkKind;
use crate::model::chain::SessionId;
use crate::model::chain::Way;
use crate::model::lineage::Lineage;
use crate::model::lineage::SessionView;
use crate::model::width::id_of;
use crate::model::width::place;
use crate::provider;

/// Gives every session its way.
pub(super) fn walk(lineage: &mut Lineage) {
    let order = lineage.parents_first();
    let mut leaves = 0;
    for id in &order {
        let view = lineage.session(*id);
        let mut way = step(view, view.parent().map(|parent| &parent.session.way));
        way.chains = (leaves, leaves);
        if view.session.children.1 == 0 {
            leaves += 1;
            way.chains.1 = leaves;
        }
        set(lineage, *id, way);
    }
    for id in order.iter().rev() {
        let session = lineage.session(*id);
        let end = session.session.way.chains.1;
        let parent = session.parent().map(|parent| (parent.id, parent.session.way));
        if let Some((parent, mut way)) = parent {
            way.chains.1 = way.chains.1.max(end);
            set(lineage, parent, way);
        }
    }
}

fn set(lineage: &mut Lineage, id: SessionId, way: Way) {
    if let Some(session) = lineage.sessions.get_mut(place(id.0)) {
        session.way = way;
    }
}

fn step(view: SessionView<'_>, above: Option<&Way>) -> Way {
    let link = view.session.link.kind;
    let is_uncertain = matches!(link, LinkKind::Probable | LinkKind::Ambiguous);
    let (crosses, external_id) = (view.crosses_accounts(), view.has_external_id());
    let user_agent = view.issuing_record().and_then(|record| view.lineage().opt(record.user_agent));
    let names_run = user_agent.and_then(provider::run_in_agent).is_some();
    let Some(above) = above else {
        return Way {
            hops: 1,
            first: view.id,
            head: view.id,
            weakest_link: link,
            is_uncertain,
            is_cross_account: crosses,
            has_external_id: external_id,
            names_run,
            gap: (!view.session.gaps.is_empty()).then_some(view.id),
            chains: (0, 0),
        };
    };
    Way {
        hops: above.hops.saturating_add(1),
        first: above.first,
        head: if above.hops < id_of(LISTED_ENDS) { view.id } else { above.head },
        weakest_link: above.weakest_link.max(link),
        is_uncertain: above.is_uncertain || is_uncertain,
        is_cross_account: match (above.is_cross_account, crosses) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        has_external_id: match (above.has_external_id, external_id) {
            (Some(above), Some(own)) => Some(above || own),
            (above, own) => above.or(own),
        },
        names_run: above.names_run || names_run,
        gap: if has_new_gap(view) { Some(view.id) } else { above.gap },
        chains: (0, 0),
    }
}

/// Returns true when a session has a gap that none above it has.
fn has_new_gap(view: SessionView<'_>) -> bool {
    if view.session.gaps.is_empty() {
        return false;
    }
    let known = view.parent().map(|parent| parent.gaps()).unwrap_or_default();
    view.session.gaps.iter().any(|gap| !known.contains(&gap))
}
