//! Sums: what the records of each session's use come to, once for all the chains through it.

use crate::model::chain::Activity;
use crate::model::chain::Sums;
use crate::model::lineage::Lineage;
use crate::model::lineage::SessionView;
use crate::provider;

/// Gives every session its sums.
pub(super) fn add(lineage: &mut Lineage) {
    let sums: Vec<Sums> = lineage.sessions().map(of).collect();
    for (session, sums) in lineage.sessions.iter_mut().zip(sums) {
        session.sums = sums;
    }
}

fn of(session: SessionView<'_>) -> Sums {
    let lineage = session.lineage();
    let mut activity = Activity::default();
    let mut sums = Sums::default();
    for id in session.principals() {
        let principal = lineage.principal(*id);
        activity.merge(&lineage.activity_of_principal(*id));
        sums.source_identity = sums.source_identity.or(principal.source_identity);
        sums.delegate = sums.delegate.or(principal.delegate);
    }
    let issuing = session.issuing_record().and_then(|record| record.user_agent);
    let later = session.contacts().filter_map(|(_, contact, _)| contact.user_agent);
    let names_run = |agent: &_| provider::run_in_agent(lineage.str(*agent)).is_some();
    // One that was set stays with every session that follows.
    let handed_down = || session.caller()?.source_identity;
    Sums {
        activity,
        source_identity: sums.source_identity.or_else(handed_down),
        delegate: sums.delegate.or_else(|| session.caller()?.delegate),
        run_agent: issuing.into_iter().chain(later).find(names_run),
    }
}
