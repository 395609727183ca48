//! Which records count: the window and the accounts and regions that were asked for.

use crate::model::record::Record;
use crate::model::time::LONGEST_SESSION;
use crate::model::time::Timestamp;

/// Which records count.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// The first moment of the window.
    pub since: Option<Timestamp>,
    /// The first moment after the window.
    pub until: Option<Timestamp>,
    /// The accounts in whose logs records must stand; empty for all.
    pub accounts: Vec<String>,
    /// The regions of the records; empty for all.
    pub regions: Vec<String>,
    /// The id of an event whose caller is wanted, or its beginning: tallies remember only the first and the last of their
    /// events.
    pub watched_event: Option<String>,
    /// What time it is: no event is later.
    pub now: Option<Timestamp>,
}

/// Where a record lies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the window.
    Inside,
    /// Just before the window: only issued sessions matter.
    LeadIn,
    /// Where it matters to nobody.
    Outside,
}

/// As much of an id must be given for others that begin with it to be watched for.
const FEWEST: usize = 8;

impl Filter {
    /// Says whether the caller of this event is wanted.
    #[inline]
    pub(super) fn watches(&self, record: &Record<'_>) -> bool {
        let Some((wanted, id)) = self.watched_event.as_deref().zip(record.event_id.as_deref()) else { return false };
        id == wanted || wanted.len() >= FEWEST && id.starts_with(wanted)
    }

    #[inline]
    pub(super) fn place(&self, record: &Record<'_>) -> Place {
        let named = |wanted: &[String], value: Option<&str>| {
            wanted.is_empty() || value.is_some_and(|value| wanted.iter().any(|name| name == value))
        };
        if !named(&self.accounts, record.recipient_account.as_deref())
            || !named(&self.regions, record.region.as_deref())
        {
            return Place::Outside;
        }
        let Some(time) = record.event_time else { return Place::Inside };
        match (self.since, self.until) {
            (_, Some(until)) if until <= time => Place::Outside,
            (Some(since), _) if time < since.plus(-LONGEST_SESSION) => Place::Outside,
            (Some(since), _) if time < since => Place::LeadIn,
            _ => Place::Inside,
        }
    }
}
