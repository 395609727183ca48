//! The tables as SQL engines make them: where the columns of a table are made by parsing JSON, they hold that JSON.
//!
//! The queries in `queries/` cut records into columns and count; what needs understanding is read by the code that reads
//! records. So a scan and an engine cannot come to different answers.

use std::borrow::Cow;

use super::error::StoreError;
use super::tables::Assumptions;
use super::tables::Changes;
use super::tables::Principals;
use super::view::TableFile;
use super::view::View;
use crate::frame;
use crate::frame::Table;
use crate::frame::Tabled as _;
use crate::frame::columns;
use crate::model::record::Record;
use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;
use crate::model::time::Timestamp;

columns! {
    /// What stands in this form of [`Principals`]: key, `userIdentity`, and whether the console asked.
    pub(super) struct RawPrincipals;
    read (&'r str, Option<&'r str>, bool) = (principal, user_identity, from_console), into Symbols;
    principal: str;
    user_identity: str;
    from_console: bool;
}

/// A record, the key of who asked, and where it stands.
pub(super) type RawRecord<'r> = (Record<'r>, Option<&'r str>, Sym, Option<u32>);

columns! {
    /// What stands in this form of [`Assumptions`] and of [`Changes`], which has fewer columns.
    pub(super) struct RawRecords;
    read RawRecord<'r> = (
        Record {
            event_id: said(event_id), shared_event_id: said(shared_event_id), request_id: said(request_id),
            event_source: said(event_source), event_name: said(event_name), event_time, region: said(region),
            recipient_account: said(account_id), source_ip: said(source_ip), user_agent: said(user_agent),
            error_code: said(error_code), error_message: said(error_message), request_parameters, response_elements,
            additional_event_data, resources, ..Record::default()
        },
        principal, object, record_index,
    ), into Symbols;
    event_id: str; shared_event_id: str; request_id: str; event_source: str; event_name: str; event_time: Timestamp;
    region: str; account_id: str; principal: str; source_ip: str; user_agent: str; error_code: str; error_message: str;
    object: str; record_index: i64;
    request_parameters: str; response_elements: str; additional_event_data: str; resources: str;
}

/// Returns text that is not empty: in records, the empty text says nothing.
fn said(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.filter(|text| !text.is_empty()).map(Cow::Borrowed)
}

/// Says whether a file of a table is in this form. What the store wrote never is.
pub(super) fn is_raw(view: &View, file: &TableFile, table: &Table) -> Result<bool, StoreError> {
    let mark = match table.name {
        _ if view.has_events() => return Ok(false),
        name if name == Principals::TABLE.name => "user_identity",
        name if name == Assumptions::TABLE.name || name == Changes::TABLE.name => "request_parameters",
        _ => return Ok(false),
    };
    frame::has_column(&file.path, mark).map_err(|error| StoreError::read(&error))
}
