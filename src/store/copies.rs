//! The tables about records that are not the only one of their event: those that correct another, and those that the owner of
//! a VPC endpoint has beside the caller's.

use super::rows::Tallied;
use super::rows::UNKNOWN;
use super::rows::Who;
use crate::frame::columns;
use crate::model::addendum::Addendum;
use crate::model::observations::Action;
use crate::model::observations::Contact;
use crate::model::symbols::Symbols;
use crate::model::tallies::Tally;
use crate::model::time::Timestamp;

columns! {
    /// Records that stand in for others.
    pub(super) struct Addenda = "addenda",
        "One record that corrects another (`addendum` with `UPDATED_DATA`). Both are counted in the other tables; a report \
        takes the original out.";
    write (who, row): (Who<'v>, &'v Addendum), with symbols: Symbols;
    read (&'r str, Addendum) = (principal, Addendum {
        event_id, original: original_event_id, updated: updated_fields, time: event_time, region, account: account_id,
        caller: UNKNOWN, action: Action { source: event_source, name: event_name, read_only, error_code },
        contact: Contact { source_ip, user_agent, via_vpc_endpoint }, object,
    });
    event_id: str = row.event_id, "`eventID`.";
    original_event_id: str = row.original, "`addendum.originalEventID`.";
    updated_fields: str = row.updated, "`addendum.updatedFields`.";
    event_time: Timestamp = row.time, "`eventTime`.";
    account_id: str = who.0, "`recipientAccountId`.";
    region: str = who.1, "`awsRegion`.";
    principal: str = who.2, "Who called: key of `principals`.";
    event_source: str = row.action.source, "`eventSource`.";
    event_name: str = row.action.name, "`eventName`.";
    read_only: bool = row.action.read_only, "`readOnly`.";
    error_code: str = row.action.error_code, "`errorCode`.";
    source_ip: str = row.contact.source_ip, "`sourceIPAddress`.";
    user_agent: str = row.contact.user_agent, "`userAgent`.";
    via_vpc_endpoint: bool = row.contact.via_vpc_endpoint, "The call came through a VPC endpoint; null is false.";
    object: str = row.object, "The log file that holds the record.";
}

columns! {
    /// What network activity events say that each principal did.
    pub(super) struct Network = "network",
        "What network activity events say that one principal did, in the form of `activity`: second records of calls. What \
        has no record of its own is counted by them.";
    write (who, what, tally): (Who<'v>, Action, &'v Tally), with symbols: Symbols;
    read (Who<'r>, Action, Tally) = (
        (account_id, region, principal), Action { source: event_source, name: event_name, read_only, error_code }, tally
    );
    account_id: str = who.0, "`recipientAccountId`.";
    region: str = who.1, "`awsRegion`.";
    principal: str = who.2, "Who called: key of `principals`.";
    event_source: str = what.source, "`eventSource`.";
    event_name: str = what.name, "`eventName`.";
    read_only: bool = what.read_only, "`readOnly`.";
    error_code: str = what.error_code, "`errorCode`.";
    ..tally: Tallied = tally;
}
