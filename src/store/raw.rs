//! The tables as SQL engines make them: where the columns of a table are made by parsing JSON, they hold that JSON.
//!
//! The queries in `queries/` cut records into columns and count; what needs understanding is read here, by the code that
//! reads records. So a scan and an engine cannot come to different answers.

use std::borrow::Cow;

use super::error::StoreError;
use super::load::Loader;
use super::load::Row;
use super::tables;
use super::view::TableFile;
use super::view::View;
use crate::frame;
use crate::frame::Kind;
use crate::frame::Table;
use crate::frame::column;
use crate::model::assumption::IssuingCall;
use crate::model::record::Record;
use crate::model::record::RecordIndex;
use crate::observe;
use crate::parse;

/// The column that tells this form of [`tables::PRINCIPALS`].
const IDENTITY: &str = "user_identity";

/// The column that tells this form of the others.
const PARAMETERS: &str = "request_parameters";

/// [`tables::PRINCIPALS`].
static PRINCIPALS: Table = Table {
    name: "principals",
    doc: "One identity that called on this day.",
    columns: &[
        column("principal", Kind::Text, "Key of the row: the same for the same identity."),
        column(IDENTITY, Kind::Text, "`userIdentity`, as JSON text."),
        column("from_console", Kind::Boolean, "`sessionCredentialFromConsole` is true."),
    ],
};

/// [`tables::ASSUMPTIONS`].
static ASSUMPTIONS: Table = Table {
    name: "assumptions",
    doc: "One record of an attempt to issue a session.",
    columns: &[
        column("event_id", Kind::Text, "`eventID`."),
        column("shared_event_id", Kind::Text, "`sharedEventID`."),
        column("request_id", Kind::Text, "`requestID`."),
        column("event_name", Kind::Text, "`eventName`."),
        column("event_time", Kind::Moment, "`eventTime`."),
        column("region", Kind::Text, "`awsRegion`."),
        column("account_id", Kind::Text, "`recipientAccountId`."),
        column("principal", Kind::Text, "Who asked: key of `principals`."),
        column("source_ip", Kind::Text, "`sourceIPAddress`."),
        column("user_agent", Kind::Text, "`userAgent`."),
        column("error_code", Kind::Text, "`errorCode`."),
        column("error_message", Kind::Text, "`errorMessage`."),
        column("object", Kind::Text, "The log file that holds the record."),
        column("record_index", Kind::Integer, "Where in the file the record stands, from 0."),
        column(PARAMETERS, Kind::Text, "`requestParameters`, as JSON text."),
        column("response_elements", Kind::Text, "`responseElements`, as JSON text without the session token."),
        column("additional_event_data", Kind::Text, "`additionalEventData`, as JSON text."),
        column("resources", Kind::Text, "`resources`, as JSON text."),
    ],
};

/// [`tables::CHANGES`].
static CHANGES: Table = Table {
    name: "changes",
    doc: "One attempt to change trust, keys or logging.",
    columns: &[
        column("event_id", Kind::Text, "`eventID`."),
        column("event_time", Kind::Moment, "`eventTime`."),
        column("event_source", Kind::Text, "`eventSource`."),
        column("event_name", Kind::Text, "`eventName`."),
        column("region", Kind::Text, "`awsRegion`."),
        column("account_id", Kind::Text, "`recipientAccountId`."),
        column("principal", Kind::Text, "Who asked: key of `principals`."),
        column("error_code", Kind::Text, "`errorCode`."),
        column("user_agent", Kind::Text, "`userAgent`."),
        column("object", Kind::Text, "The log file that holds the record."),
        column(PARAMETERS, Kind::Text, "`requestParameters`, as JSON text."),
    ],
};

/// Says whether a table is declared in this form.
pub(super) fn is_raw_form(table: &Table) -> bool {
    [&PRINCIPALS, &ASSUMPTIONS, &CHANGES].into_iter().any(|raw| std::ptr::eq(raw, table))
}

/// Says whether a file of a table is in this form. What the store wrote never is.
pub(super) fn is_raw(view: &View, file: &TableFile, table: &Table) -> Result<bool, StoreError> {
    let mark = match table.name {
        name if name == tables::PRINCIPALS.name => IDENTITY,
        name if name == tables::ASSUMPTIONS.name || name == tables::CHANGES.name => PARAMETERS,
        _ => return Ok(false),
    };
    if view.has_events() {
        return Ok(false);
    }
    frame::has_column(&file.path, mark).map_err(|error| StoreError::read(&error))
}

/// Returns text that is not empty: in records, the empty text says nothing.
fn said<'r>(row: &Row<'r>, column: usize) -> Option<Cow<'r, str>> {
    row.text(column).filter(|text| !text.is_empty()).map(Cow::Borrowed)
}

impl Loader<'_> {
    pub(super) fn raw_principals(&mut self) -> Result<(), StoreError> {
        self.each(&PRINCIPALS, |loader, _, row, path| {
            let key = row.text(0).ok_or_else(|| StoreError::damaged(path, "a principal has no key"))?;
            let raw = row.text(1).unwrap_or_default();
            let principal = observe::principal(raw, row.truth(2), &mut loader.observations.symbols);
            loader.identities.entry(key.to_owned()).or_insert(principal);
            loader.raw_identities.entry(key.to_owned()).or_insert_with(|| raw.to_owned());
            Ok(())
        })
    }

    pub(super) fn raw_assumptions(&mut self) -> Result<(), StoreError> {
        self.each(&ASSUMPTIONS, |loader, _, row, path| {
            let symbols = &mut loader.observations.symbols;
            let (region, account) = (row.sym(5, symbols), row.sym(6, symbols));
            let slot = loader.slot(account, region);
            let caller = loader.principal(row.text(7), slot, path)?;
            let name = row.text(3).unwrap_or_default();
            let call = IssuingCall::ALL.into_iter().find(|call| call.event_name() == name);
            let call = call.ok_or_else(|| StoreError::damaged(path, format!("`{name}` issues no sessions")))?;
            let record = Record {
                event_id: said(row, 0),
                shared_event_id: said(row, 1),
                request_id: said(row, 2),
                event_source: Some(call.event().0.into()),
                event_name: said(row, 3),
                event_time: row.rows.moment(row.row, 4),
                region: said(row, 5),
                recipient_account: said(row, 6),
                user_identity: row.text(7).and_then(|key| loader.raw_identities.get(key)).map(String::as_str),
                source_ip: said(row, 8),
                user_agent: said(row, 9),
                error_code: said(row, 10),
                error_message: said(row, 11),
                request_parameters: row.text(14),
                response_elements: row.text(15),
                additional_event_data: row.text(16),
                resources: row.text(17),
                ..Record::default()
            };
            let symbols = &mut loader.observations.symbols;
            let object = symbols.intern(row.text(12).unwrap_or_default());
            let index = RecordIndex(u32::try_from(row.count(13)).unwrap_or(u32::MAX));
            let assumption = observe::assumption(&record, call, caller, (object, index), symbols);
            loader.observations.assumptions.push(assumption);
            Ok(())
        })
    }

    pub(super) fn raw_changes(&mut self) -> Result<(), StoreError> {
        self.each(&CHANGES, |loader, _, row, path| {
            let record = Record {
                event_id: said(row, 0),
                event_time: row.rows.moment(row.row, 1),
                event_source: said(row, 2),
                event_name: said(row, 3),
                region: said(row, 4),
                recipient_account: said(row, 5),
                error_code: said(row, 7),
                user_agent: said(row, 8),
                request_parameters: row.text(10),
                ..Record::default()
            };
            if !parse::is_change(&record) {
                let name = record.event_name.as_deref().unwrap_or_default();
                return Err(StoreError::damaged(path, format!("`{name}` changes neither trust nor keys nor trails")));
            }
            let symbols = &mut loader.observations.symbols;
            let (region, account) = (row.sym(4, symbols), row.sym(5, symbols));
            let slot = loader.slot(account, region);
            let caller = loader.principal(row.text(6), slot, path)?;
            let symbols = &mut loader.observations.symbols;
            let object = symbols.intern(row.text(9).unwrap_or_default());
            loader.observations.changes.push(observe::change(&record, caller, object, symbols));
            Ok(())
        })
    }
}
