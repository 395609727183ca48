//! Judges a case: the chains of digest files, what is missing between them, and the log files that they name.

use super::Scope;
use super::case::Case;
use super::case::Signed;
use super::chain::Chains;
use super::keys::Keys;
use super::logs;
use super::place;
use super::sequence;
use super::unlisted::Unlisted;
use crate::model::integrity::FileCheck;
use crate::model::integrity::FileKind;
use crate::model::integrity::Integrity;
use crate::model::receipt::Receipt;
use crate::model::time::Timestamp;

impl Case {
    /// Judges the case. `signed` holds what [`Case::signed`] says of each digest file, in order; `receipts` are of all
    /// objects that were read.
    pub fn judge(&self, receipts: &[Receipt], signed: &[Signed], keys: &Keys, scope: &Scope) -> Integrity {
        let unlisted = Unlisted::new(&scope.unreadable);
        let mut chains = Chains::new(self, signed, scope, &unlisted);
        chains.judge();
        let mut integrity = Integrity { keys: keys.len(), ..Integrity::default() };
        for trail in 0..chains.trails.len() {
            // A trail of which nothing is asked has no row, but keeps its number.
            let mut check = chains.count(trail, &mut integrity);
            sequence::find(&chains, trail, &mut check, &mut integrity);
            integrity.trails.push(check);
        }
        self.tell_strays(scope, &mut integrity);
        logs::judge(&chains, receipts, scope, &mut integrity);
        integrity.files.sort();
        integrity
    }

    fn tell_strays(&self, scope: &Scope, integrity: &mut Integrity) {
        for (object, reason) in &self.strays {
            let name = place::digest_name(object).unwrap_or_default();
            if !name.account.is_empty() && !scope.has_trail(&name.account, &name.region) {
                continue;
            }
            let is_before = |kept: Timestamp| place::digest_end(object).is_some_and(|end| end <= kept);
            if scope.kept_since.is_some_and(is_before) {
                continue;
            }
            integrity.strays.add(reason.verdict());
            let file = FileCheck {
                place: object.clone(),
                kind: if place::is_backfill(object) { FileKind::Backfill } else { FileKind::Digest },
                reason: Some(reason.clone()),
                object: Some(object.clone()),
                trail: None,
                time: place::digest_end(object),
            };
            integrity.note(file, scope.lists_all);
        }
    }
}
