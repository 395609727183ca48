//! Sums: what the records of each session's use come to, once for all the chains through it.

use rayon::prelude::*;

use crate::model::arn;
use crate::model::assumption::Assumption;
use crate::model::chain::Activity;
use crate::model::chain::Sums;
use crate::model::lineage::Lineage;
use crate::model::lineage::SessionView;
use crate::model::principal::PrincipalKind;
use crate::provider;

/// Gives every session its sums.
pub(super) fn add(lineage: &mut Lineage) {
    let sessions: Vec<SessionView<'_>> = lineage.sessions().collect();
    let sums: Vec<Sums> = sessions.into_par_iter().with_min_len(256).map(of).collect();
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
        is_noise: is_noise(session),
    }
}

fn is_noise(session: SessionView<'_>) -> bool {
    if session.role_arn().is_some_and(arn::is_service_linked_role) {
        return true;
    }
    match session.issuing_record() {
        Some(record) => is_called_by_service(session.lineage(), record),
        None => session.is_machinery(),
    }
}

/// Returns true when an AWS service made the call, for itself or in the name of another principal.
///
/// `AWS Internal` is not one of them: the console writes it when a person switches roles.
fn is_called_by_service(lineage: &Lineage, record: &Assumption) -> bool {
    let caller = lineage.principal(record.caller);
    let invoked_by = lineage.opt(caller.invoked_by);
    caller.kind == PrincipalKind::AwsService || invoked_by.is_some_and(|service| service.ends_with(".amazonaws.com"))
}
