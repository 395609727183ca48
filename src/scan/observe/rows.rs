//! Rows: assumptions and changes, from what parsing says to what is remembered.

use std::borrow::Cow;

use crate::model::addendum::Addendum;
use crate::model::assumption::Assumption;
use crate::model::assumption::AssumptionExtra;
use crate::model::assumption::IssuingCall;
use crate::model::change::Change;
use crate::model::event_id::EventId;
use crate::model::observations::Action;
use crate::model::observations::Contact;
use crate::model::principal::PrincipalId;
use crate::model::record::Record;
use crate::model::record::RecordIndex;
use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;
use crate::parse;

use super::Observer;

pub(super) fn event_id(text: Option<&str>, symbols: &mut Symbols) -> Option<EventId> {
    text.map(|text| EventId::new(text, symbols))
}

fn intern(text: Option<&Cow<'_, str>>, symbols: &mut Symbols) -> Option<Sym> {
    text.map(|text| symbols.intern(text))
}

/// Returns the event that a record stands in for.
fn amends(record: &Record<'_>, symbols: &mut Symbols) -> Option<EventId> {
    parse::addendum(record).map(|addendum| EventId::new(&addendum.original, symbols))
}

fn tags(pairs: &[(Cow<'_, str>, Cow<'_, str>)], symbols: &mut Symbols) -> Vec<(Sym, Sym)> {
    let mut sorted: Vec<_> = pairs.iter().collect();
    sorted.sort();
    sorted.into_iter().map(|(key, value)| (symbols.intern(key), symbols.intern(value))).collect()
}

impl Observer<'_> {
    pub(super) fn push_assumption(
        &mut self,
        index: RecordIndex,
        record: &Record<'_>,
        call: IssuingCall,
        caller: PrincipalId,
        object: Sym,
    ) {
        let row = assumption(record, call, caller, (object, index), &mut self.observations.symbols);
        self.observations.assumptions.push(row);
    }

    pub(super) fn push_change(&mut self, record: &Record<'_>, caller: PrincipalId, object: Sym) {
        let row = change(record, caller, object, &mut self.observations.symbols);
        self.observations.changes.push(row);
    }

    /// Notes for which record this one stands in, if it does. Which of them is counted is settled when all are known.
    pub(super) fn push_addendum(&mut self, record: &Record<'_>, caller: PrincipalId, object: Sym) {
        let Some(addendum) = parse::addendum(record) else { return };
        let symbols = &mut self.observations.symbols;
        let row = Addendum {
            event_id: event_id(record.event_id.as_deref(), symbols),
            original: EventId::new(&addendum.original, symbols),
            updated: intern(addendum.updated.as_ref(), symbols),
            time: record.event_time,
            region: intern(record.region.as_ref(), symbols),
            account: intern(record.recipient_account.as_ref(), symbols),
            caller,
            action: Action {
                source: intern(record.event_source.as_ref(), symbols),
                name: intern(record.event_name.as_ref(), symbols),
                read_only: record.read_only,
                error_code: intern(record.error_code.as_ref(), symbols),
            },
            contact: Contact {
                source_ip: intern(record.source_ip.as_ref(), symbols),
                user_agent: intern(record.user_agent.as_ref(), symbols),
                via_vpc_endpoint: record.via_vpc_endpoint,
            },
            object,
        };
        self.observations.addenda.push(row);
    }
}

/// Makes the row of an assumption from its record. `place` is the object that holds it, and where in it.
pub fn assumption(
    record: &Record<'_>,
    call: IssuingCall,
    caller: PrincipalId,
    place: (Sym, RecordIndex),
    symbols: &mut Symbols,
) -> Assumption {
    let (object, index) = place;
    let parsed = parse::assumption(record, call);
    let extra = extra(&parsed, amends(record, symbols), symbols);
    Assumption {
        event_id: event_id(record.event_id.as_deref(), symbols),
        shared_event_id: event_id(record.shared_event_id.as_deref(), symbols),
        request_id: event_id(record.request_id.as_deref(), symbols),
        call,
        time: record.event_time,
        expires: parsed.expires,
        duration_seconds: parsed.duration_seconds,
        region: intern(record.region.as_ref(), symbols),
        recipient_account: intern(record.recipient_account.as_ref(), symbols),
        caller,
        role_arn: intern(parsed.role_arn.as_ref(), symbols),
        session_name: intern(parsed.role_session_name.as_ref(), symbols),
        external_id: intern(parsed.external_id.as_ref(), symbols),
        source_identity: intern(parsed.source_identity.as_ref(), symbols),
        issued_key: intern(parsed.issued_access_key_id.as_ref(), symbols),
        assumed_role_id: intern(parsed.assumed_role_id.as_ref(), symbols),
        assumed_role_arn: intern(parsed.assumed_role_arn.as_ref(), symbols),
        subject: intern(parsed.subject.as_ref(), symbols),
        audience: intern(parsed.audience.as_ref(), symbols),
        provider: intern(parsed.provider.as_ref(), symbols),
        source_ip: intern(record.source_ip.as_ref(), symbols),
        user_agent: intern(record.user_agent.as_ref(), symbols),
        error_code: intern(record.error_code.as_ref(), symbols),
        error_message: intern(record.error_message.as_ref(), symbols),
        withholds_request: parsed.withholds_request,
        object,
        index: index.0,
        extra,
    }
}

/// Makes the row of a change from its record.
pub fn change(record: &Record<'_>, caller: PrincipalId, object: Sym, symbols: &mut Symbols) -> Change {
    let parsed = parse::change(record);
    Change {
        event_id: event_id(record.event_id.as_deref(), symbols),
        time: record.event_time,
        source: symbols.intern(record.event_source.as_deref().unwrap_or_default()),
        name: symbols.intern(record.event_name.as_deref().unwrap_or_default()),
        caller,
        account: intern(record.recipient_account.as_ref(), symbols),
        target: parsed.target.as_deref().map(|text| symbols.intern(text)),
        document: parsed.document.as_deref().map(|text| symbols.intern(text)),
        omitted: parsed.omitted,
        error_code: intern(record.error_code.as_ref(), symbols),
        user_agent: intern(record.user_agent.as_ref(), symbols),
        amends: amends(record, symbols),
        object,
    }
}

/// Keeps the rarer fields only where there are any: most assumptions are made by services and carry none.
fn extra(
    parsed: &parse::Assumption<'_>,
    amends: Option<EventId>,
    symbols: &mut Symbols,
) -> Option<Box<AssumptionExtra>> {
    let session_tags = if parsed.tags.is_empty() { &parsed.principal_tags } else { &parsed.tags };
    let extra = AssumptionExtra {
        tags: tags(session_tags, symbols),
        incoming_tags: tags(&parsed.incoming_transitive_tags, symbols),
        has_session_policy: parsed.has_session_policy,
        target_principal: intern(parsed.target_principal.as_ref(), symbols),
        token_id: intern(parsed.token_id.as_ref(), symbols),
        task_policy: intern(parsed.task_policy_arn.as_ref(), symbols),
        // A regional endpoint serves where it is logged; only the global one tells something new.
        serving_region: intern(parsed.serving_region.as_ref().filter(|_| is_global(parsed)), symbols),
        endpoint_type: intern(parsed.endpoint_type.as_ref().filter(|_| is_global(parsed)), symbols),
        explicit_trust_grant: parsed.explicit_trust_grant,
        denied_action: intern(parsed.denied_action.as_ref(), symbols),
        amends,
    };
    (extra != AssumptionExtra::default()).then(|| Box::new(extra))
}

fn is_global(parsed: &parse::Assumption<'_>) -> bool {
    parsed.endpoint_type.as_deref() != Some("regional")
}
