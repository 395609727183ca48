//! Names of sessions that stay the same from run to run, and which record issued which session.

use crate::model::chain::SessionId;
use crate::model::lineage::Lineage;

/// No session.
const NONE: u32 = u32::MAX;

/// The bit that marks the record of the other account.
const COUNTERPART: u32 = 1 << 31;

/// Eight bytes for each session and four for each assumption: the only things that an export keeps.
pub(super) struct Ids {
    hashes: Vec<u64>,
    issued: Vec<u32>,
}

impl Ids {
    pub(super) fn of(lineage: &Lineage) -> Self {
        let mut hashes: Vec<u64> = lineage.sessions().map(|view| view.stable_hash()).collect();
        distinguish(&mut hashes);
        let mut issued = vec![NONE; lineage.observations.assumptions.len()];
        for view in lineage.sessions() {
            let Some(issuance) = view.session.issuance else { continue };
            for (record, mark) in [(Some(issuance.record), 0), (issuance.counterpart, COUNTERPART)] {
                let slot = record.and_then(|record| usize::try_from(record).ok()).and_then(|at| issued.get_mut(at));
                if let Some(slot) = slot {
                    *slot = view.id.0 | mark;
                }
            }
        }
        Self { hashes, issued }
    }

    pub(super) fn name(&self, session: SessionId) -> String {
        let hash = usize::try_from(session.0).ok().and_then(|at| self.hashes.get(at)).copied().unwrap_or_default();
        format!("se-{hash:016x}")
    }

    /// Returns the session that a record issued, and whether another record of the same call says more.
    pub(super) fn issued_by(&self, record: u32) -> Option<(SessionId, bool)> {
        let slot = usize::try_from(record).ok().and_then(|at| self.issued.get(at)).copied();
        slot.filter(|slot| *slot != NONE).map(|slot| (SessionId(slot & !COUNTERPART), slot & COUNTERPART != 0))
    }
}

/// Gives later sessions of the same name (those that nothing tells apart) names of their own.
fn distinguish(hashes: &mut [u64]) {
    let mut order: Vec<(u64, usize)> = hashes.iter().copied().zip(0..).collect();
    order.sort_unstable();
    let mut before = None;
    let mut repeats = 0u64;
    for (hash, at) in order {
        repeats = if before == Some(hash) { repeats + 1 } else { 0 };
        before = Some(hash);
        if let Some(slot) = hashes.get_mut(at) {
            *slot = hash.wrapping_add(repeats);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::distinguish;

    #[test]
    fn equal_names_are_told_apart_in_order() {
        let mut hashes = [7, 3, 7, 7];
        distinguish(&mut hashes);
        assert_eq!(hashes, [7, 3, 8, 9]);
    }
}
