//! What may take the place of a record: another record of the same call, in the log of the same account.

use super::assumption::Assumption;
use super::assumption::AssumptionExtra;
use super::change::Change;
use super::folder;
use super::observations::Observations;
use super::symbols::Sym;

/// Says whether an addendum may take the place of a record. It tells of the same call by the same caller, and takes nothing
/// back that the record holds against anybody: whoever can write one record could hide any other by it.
pub fn may_correct(addendum: &Assumption, original: &Assumption, observations: &Observations) -> bool {
    let (ours, theirs) = (asked(original), asked(addendum));
    let is_kept = |original: Option<Sym>, now: Option<Sym>| original.is_none() || original == now;
    let asks_the_same = ours == theirs || (original.withholds_request && ours.is_part_of(&theirs));
    asks_the_same
        && (addendum.is_granted() || !original.is_granted())
        && is_kept(original.role_arn, addendum.role_arn)
        && is_kept(original.subject, addendum.subject)
        && is_kept(original.audience, addendum.audience)
        && is_kept(original.provider, addendum.provider)
        && is_kept(original.issued_key, addendum.issued_key)
        && is_kept(original.assumed_role_id, addendum.assumed_role_id)
        && (addendum.call, addendum.caller, addendum.time) == (original.call, original.caller, original.time)
        && may_stand_for(
            (original.object, original.recipient_account),
            (addendum.object, addendum.recipient_account),
            observations,
        )
}

/// The same for a change of trust, keys or trails.
pub fn may_correct_change(addendum: &Change, original: &Change, observations: &Observations) -> bool {
    let is_withheld = original.omitted || (original.target.is_none() && original.document.is_none());
    (is_withheld || (addendum.target, addendum.document) == (original.target, original.document))
        && (addendum.error_code.is_none() || original.error_code.is_some())
        && (addendum.source, addendum.name, addendum.caller, addendum.time)
            == (original.source, original.name, original.caller, original.time)
        && may_stand_for((original.object, original.account), (addendum.object, addendum.account), observations)
}

/// What was asked.
#[derive(PartialEq, Eq)]
pub struct Asked<'a> {
    texts: [Option<Sym>; 6],
    duration: Option<u32>,
    tags: [&'a [(Sym, Sym)]; 2],
    has_session_policy: bool,
}

impl Asked<'_> {
    /// Says whether the other one says all of this, too.
    pub fn is_part_of(&self, other: &Self) -> bool {
        let mut texts = self.texts.iter().zip(&other.texts);
        let mut tags = self.tags.iter().zip(&other.tags);
        texts.all(|(ours, theirs)| ours.is_none() || ours == theirs)
            && tags.all(|(ours, theirs)| ours.is_empty() || ours == theirs)
            && (self.duration.is_none() || self.duration == other.duration)
            && (!self.has_session_policy || other.has_session_policy)
    }
}

/// Returns what a record says was asked.
pub fn asked(record: &Assumption) -> Asked<'_> {
    let extra = record.extra.as_deref();
    let of = |part: fn(&AssumptionExtra) -> Option<Sym>| extra.and_then(part);
    Asked {
        texts: [
            record.session_name,
            record.external_id,
            record.source_identity,
            of(|extra| extra.target_principal),
            of(|extra| extra.task_policy),
            of(|extra| extra.token_id),
        ],
        duration: record.duration_seconds,
        tags: extra.map_or([&[], &[]], |extra| [&extra.tags, &extra.incoming_tags]),
        has_session_policy: extra.is_some_and(|extra| extra.has_session_policy),
    }
}

/// A record that lies in another account's folder stands for none that lies in its own.
pub fn may_stand_for(less: (Sym, Option<Sym>), more: (Sym, Option<Sym>), observations: &Observations) -> bool {
    let symbols = &observations.symbols;
    let is_misplaced = |(object, account)| folder::is_misplaced(symbols.get(object), symbols.opt(account));
    is_misplaced(less) || !is_misplaced(more)
}
