//! Copies of one event that hold less: a subscription filter or a limit of size withheld what was asked or answered. The
//! fuller copy counts. What merely lacks one parameter is no copy: it is another record.

use crate::model::assumption::Assumption;
use crate::model::chain::Issuance;
use crate::model::change::Change;
use crate::model::correction::asked;
use crate::model::correction::may_stand_for;
use crate::model::observations::Observations;
use crate::model::symbols::Sym;
use crate::model::width::place;

/// How many records of one event are compared with each other. Deliveries are a few; what has more is made up.
const COMPARED: usize = 64;

/// Takes out of records of one event those that a fuller copy stands for.
pub(super) fn keep_fuller<T>(
    records: &mut Vec<T>,
    is_same_event: impl Fn(&T, &T) -> bool,
    is_less: impl Fn(&T, &T) -> bool,
) {
    let mut kept: Vec<bool> = Vec::with_capacity(records.len());
    for event in records.chunk_by(is_same_event) {
        let has_fuller =
            |record: &T| event.len() > 1 && event.iter().take(COMPARED).any(|other| is_less(record, other));
        kept.extend(event.iter().map(|record| !has_fuller(record)));
    }
    let mut kept = kept.into_iter();
    records.retain(|_| kept.next().unwrap_or(true));
}

/// Says whether `less` is a copy of `more` from which something was withheld.
pub(super) fn is_less(less: &Assumption, more: &Assumption, observations: &Observations) -> bool {
    let (ours, theirs) = (asked(less), asked(more));
    let (issued, theirs_issued) = (answered(less), answered(more));
    let withheld = (less.withholds_request, more.withholds_request);
    let (asks_alike, answers_alike) = (ours == theirs && withheld.0 == withheld.1, issued == theirs_issued);
    let asks_less = withheld.0 && !asks_alike && ours.is_part_of(&theirs);
    let answers_less = !answers_alike && issued == Answered::default();
    let is_fuller = match (asks_less, answers_less) {
        (true, true) => true,
        (true, false) => answers_alike,
        (false, true) => asks_alike,
        (false, false) => false,
    };
    let is_prefix = |ours: Option<Sym>, theirs: Option<Sym>| ours.is_none() || ours == theirs;
    is_fuller
        // The event names these elsewhere, too.
        && is_prefix(less.role_arn, more.role_arn)
        && is_prefix(less.subject, more.subject)
        && is_prefix(less.audience, more.audience)
        && is_prefix(less.provider, more.provider)
        && (less.call, less.caller, less.region, less.error_code) == (more.call, more.caller, more.region, more.error_code)
        && (less.source_ip, less.user_agent, less.error_message) == (more.source_ip, more.user_agent, more.error_message)
        && (less.shared_event_id, less.request_id) == (more.shared_event_id, more.request_id)
        && may_stand_for((less.object, less.recipient_account), (more.object, more.recipient_account), observations)
}

/// What was answered.
type Answered = ([Option<Sym>; 3], Option<crate::model::time::Timestamp>);

fn answered(record: &Assumption) -> Answered {
    ([record.issued_key, record.assumed_role_id, record.assumed_role_arn], record.expires)
}

/// Completes what the caller's copy of each call withholds from the copy of the role's account: both hold the same request
/// and the same answer.
pub(super) fn complete(observations: &mut Observations, issuances: &[Issuance]) {
    for issuance in issuances {
        let Some(other) = issuance.counterpart.and_then(|at| observations.assumptions.get(place(at)).cloned()) else {
            continue;
        };
        let Some(lead) = observations.assumptions.get_mut(place(issuance.record)) else { continue };
        if lead.withholds_request && !other.withholds_request {
            take_request(lead, &other);
        }
        if lead.issued_key.is_none() {
            (lead.issued_key, lead.expires) = (other.issued_key, other.expires);
            lead.assumed_role_id = lead.assumed_role_id.or(other.assumed_role_id);
            lead.assumed_role_arn = lead.assumed_role_arn.or(other.assumed_role_arn);
        }
    }
}

fn take_request(lead: &mut Assumption, other: &Assumption) {
    lead.withholds_request = false;
    lead.role_arn = lead.role_arn.or(other.role_arn);
    lead.session_name = other.session_name;
    lead.external_id = other.external_id;
    lead.source_identity = other.source_identity;
    lead.duration_seconds = other.duration_seconds;
    if let Some(other) = other.extra.as_deref() {
        let extra = lead.extra.get_or_insert_default();
        extra.tags.clone_from(&other.tags);
        extra.incoming_tags.clone_from(&other.incoming_tags);
        extra.has_session_policy = other.has_session_policy;
        extra.target_principal = other.target_principal;
        extra.task_policy = other.task_policy;
        extra.token_id = other.token_id;
    }
}

/// Says whether `less` is a copy of `more` whose parameters were withheld.
pub(super) fn is_less_change(less: &Change, more: &Change, observations: &Observations) -> bool {
    let is_withheld = |change: &Change| change.omitted || (change.target.is_none() && change.document.is_none());
    is_withheld(less)
        && !is_withheld(more)
        && (less.source, less.name, less.account, less.caller) == (more.source, more.name, more.account, more.caller)
        && (less.error_code, less.user_agent) == (more.error_code, more.user_agent)
        && may_stand_for((less.object, less.account), (more.object, more.account), observations)
}
