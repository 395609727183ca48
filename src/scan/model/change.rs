//! Changes: control-plane calls that alter trust, keys or trails. Rules read what they did.

use super::event_id::EventId;
use super::principal::PrincipalId;
use super::symbols::Renaming;
use super::symbols::Sym;
use super::time::Timestamp;
use super::width::place;

/// One attempt to change trust, keys or logging.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `eventID`.
    pub event_id: Option<EventId>,
    /// `eventTime`.
    pub time: Option<Timestamp>,
    /// `eventSource`, such as `iam.amazonaws.com`.
    pub source: Sym,
    /// `eventName`, such as `UpdateAssumeRolePolicy`.
    pub name: Sym,
    /// Who asked.
    pub caller: PrincipalId,
    /// `recipientAccountId`.
    pub account: Option<Sym>,
    /// What was changed: a role name, a trail, a bucket, a provider's address, a user.
    pub target: Option<Sym>,
    /// The policy document, or the request parameters, as JSON text.
    pub document: Option<Sym>,
    /// True when the record does not hold the parameters: they were too large, or a filter took them out.
    pub omitted: bool,
    /// `errorCode`; `None` when the change was made.
    pub error_code: Option<Sym>,
    /// `userAgent`.
    pub user_agent: Option<Sym>,
    /// The event that the record stands in for: `addendum.originalEventID`, where data was corrected.
    pub amends: Option<EventId>,
    /// The object that holds the record.
    pub object: Sym,
}

impl Change {
    /// Renames every symbol, and the caller by `callers`.
    pub fn rename(&mut self, names: &Renaming, callers: &[PrincipalId]) {
        for id in [&mut self.event_id, &mut self.amends] {
            *id = id.map(|id| id.renamed(names));
        }
        for sym in [&mut self.account, &mut self.target, &mut self.document, &mut self.error_code, &mut self.user_agent]
        {
            *sym = names.opt(*sym);
        }
        for sym in [&mut self.source, &mut self.name, &mut self.object] {
            *sym = names.of(*sym);
        }
        if let Some(caller) = callers.get(place(self.caller.0)) {
            self.caller = *caller;
        }
    }
}
