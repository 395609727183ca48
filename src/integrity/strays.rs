//! Objects in the place of digest files that are none: whether one stands where a digest file is missing.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::place;
use super::place::DigestName;
use super::shelf::Shelf;
use crate::model::integrity::DigestGap;
use crate::model::time::Timestamp;
use crate::model::verdict::Reason;
use crate::model::width::wide;

/// Such objects, by where they stand and by the trails that their names tell.
#[derive(Debug, Default)]
pub(super) struct Strays<'c> {
    shelf: Shelf<'c>,
    /// When the hours end that they would cover. Backfill digest files cover none of their own.
    ends: BTreeMap<DigestName, Vec<Timestamp>>,
}

impl<'c> Strays<'c> {
    pub(super) fn new(strays: &'c [(String, Reason)]) -> Self {
        let mut ends: BTreeMap<DigestName, BTreeSet<Timestamp>> = BTreeMap::new();
        for (object, _) in strays {
            let name = place::digest_name(object).filter(|_| !place::is_backfill(object));
            if let Some((name, end)) = name.zip(place::digest_end(object)) {
                ends.entry(name).or_default().insert(end);
            }
        }
        let ends = ends.into_iter().map(|(name, ends)| (name, ends.into_iter().collect())).collect();
        Self { shelf: Shelf::new(strays.iter().map(|(object, _)| (0, object.as_str()))), ends }
    }

    /// Says whether one stands at this place.
    pub(super) fn is_at(&self, bucket: &str, key: &str) -> bool {
        self.shelf.has(bucket, key)
    }

    /// Returns how many stand in the place of the trail's digest files of a gap: those are not gone.
    pub(super) fn within(&self, trail: &DigestName, gap: &DigestGap) -> u64 {
        let Some(ends) = self.ends.get(trail) else { return 0 };
        let up_to = |time: Timestamp| ends.partition_point(|end| *end <= time);
        wide(up_to(gap.to).saturating_sub(up_to(gap.from)))
    }
}
