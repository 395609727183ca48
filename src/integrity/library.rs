//! The objects that were read, and which of them digest files name.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::digest::LogFile;
use super::shelf::Shelf;
use super::unlisted::Unlisted;
use crate::model::receipt::Receipt;
use crate::model::record::ObjectKind;
use crate::model::verdict::Reason;
use crate::model::verdict::Verdict;

/// What is known of one log file that digest files name.
pub(super) struct Named {
    pub(super) trail: usize,
    pub(super) reason: Option<Reason>,
    pub(super) is_matched: bool,
    /// Where it was read, by position among the receipts.
    pub(super) at: Option<usize>,
}

/// The objects that were read, by where they stand.
pub(super) struct Library<'r> {
    receipts: &'r [Receipt],
    shelf: Shelf<'r>,
    /// Of objects that stand where several do.
    copies: BTreeMap<usize, Copies>,
    /// Of each cell of the shelf: all its objects are named, or none is.
    is_cell_named: Vec<bool>,
    is_named: Vec<bool>,
}

/// Several objects of one place, of which the worst counts.
struct Copies {
    /// The first by name for each content, in the order of contents.
    by_content: Vec<usize>,
    /// Those that may be the worst whatever hash is expected: the first by name of each kind, and the first two of
    /// different hashes.
    first: Vec<usize>,
}

/// What a copy holds. What is no hash has the same verdict under every hash.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    Nothing,
    Trailing,
    Other,
    Hash([u8; 32]),
}

impl Holds {
    fn of(receipt: Option<&Receipt>) -> Self {
        match receipt.and_then(|receipt| receipt.content.as_ref()) {
            None => Self::Nothing,
            Some(content) if content.has_trailing_bytes => Self::Trailing,
            Some(content) => content.sha256.map_or(Self::Other, Self::Hash),
        }
    }
}

impl Copies {
    fn new(objects: &[usize], receipts: &[Receipt]) -> Self {
        let holds = |at: usize| Holds::of(receipts.get(at));
        let name = |at: usize| receipts.get(at).map(|receipt| receipt.object.as_str());
        let mut by_content = objects.to_vec();
        by_content.sort_by_cached_key(|at| (holds(*at), name(*at)));
        by_content.dedup_by_key(|at| holds(*at));
        let hashes = by_content.partition_point(|at| holds(*at) <= Holds::Other);
        let (others, hashes) = by_content.split_at_checked(hashes).unwrap_or_default();
        let mut hashes = hashes.to_vec();
        hashes.sort_by_key(|at| name(*at));
        let first = others.iter().chain(hashes.iter().take(2)).copied().collect();
        Self { by_content, first }
    }

    /// Returns those of which one is the worst when this hash is expected.
    fn worst(&self, hash: &[u8], receipts: &[Receipt]) -> Vec<usize> {
        let expected = hash.try_into().ok().map(Holds::Hash);
        let holds = |at: &usize| Holds::of(receipts.get(*at));
        let fitting = expected.and_then(|own| self.by_content.binary_search_by(|at| holds(at).cmp(&own)).ok());
        self.first.iter().chain(fitting.and_then(|at| self.by_content.get(at))).copied().collect()
    }
}

impl<'r> Library<'r> {
    pub(super) fn new(receipts: &'r [Receipt]) -> Self {
        let logs = receipts.iter().enumerate().filter(|(_, receipt)| receipt.kind != Some(ObjectKind::Digest));
        let shelf = Shelf::new(logs.map(|(at, receipt)| (at, receipt.object.as_str())));
        let is_named = vec![false; receipts.len()];
        Self { receipts, shelf, copies: BTreeMap::new(), is_cell_named: Vec::new(), is_named }
    }

    /// Returns every object that was read, and whether a digest file names it.
    pub(super) fn receipts(&self) -> impl Iterator<Item = (&'r Receipt, bool)> {
        self.receipts.iter().zip(self.is_named.iter().copied())
    }

    /// Notes that a digest file names a log file.
    pub(super) fn mark(&mut self, log: &LogFile) {
        for cell in self.shelf.at(&log.bucket, &log.key) {
            if self.is_cell_named.len() <= cell {
                self.is_cell_named.resize(cell + 1, false);
            }
            let Some(is_cell_named) = self.is_cell_named.get_mut(cell) else { continue };
            if std::mem::replace(is_cell_named, true) {
                continue;
            }
            for at in self.shelf.objects(cell) {
                if let Some(is_named) = self.is_named.get_mut(*at) {
                    *is_named = true;
                }
            }
        }
    }

    /// Checks a log file against what a digest file says of it. Of several copies the worst counts.
    pub(super) fn check(&mut self, log: &LogFile, digest: Verdict, unlisted: &Unlisted) -> Named {
        self.mark(log);
        let copies = self.worst(log).into_iter().filter_map(|at| Some((at, self.receipts.get(at)?)));
        let checked = copies.map(|(at, receipt)| {
            let (reason, is_matched) = compare(receipt, log, digest);
            (&receipt.object, Named { trail: 0, reason, is_matched, at: Some(at) })
        });
        // Of equals, the first by name.
        let worst =
            checked.max_by_key(|(object, named)| (named.reason.as_ref().map(Reason::verdict), Reverse(*object)));
        if let Some((_, worst)) = worst {
            return worst;
        }
        let reason = match () {
            () if unlisted.would_hide(&log.bucket, &log.key) => Reason::Unreadable,
            () if digest == Verdict::Failed => Reason::DigestFailed,
            () => Reason::NotFound,
        };
        Named { trail: 0, reason: Some(reason), is_matched: false, at: None }
    }

    /// Returns copies of a log file, the worst among them.
    fn worst(&mut self, log: &LogFile) -> Vec<usize> {
        let mut found = Vec::new();
        for cell in self.shelf.at(&log.bucket, &log.key) {
            match self.shelf.objects(cell) {
                [only] => found.push(*only),
                several => {
                    let copies = self.copies.entry(cell).or_insert_with(|| Copies::new(several, self.receipts));
                    found.extend(copies.worst(&log.hash, self.receipts));
                }
            }
        }
        found
    }
}

fn compare(receipt: &Receipt, log: &LogFile, digest: Verdict) -> (Option<Reason>, bool) {
    let Some(content) = &receipt.content else { return (Some(Reason::Unreadable), false) };
    let is_matched = content.sha256.is_some_and(|sha256| log.hash == sha256);
    let reason = match digest {
        _ if content.has_trailing_bytes => Some(Reason::TrailingBytes),
        // A digest file that is not CloudTrail's says nothing about log files.
        Verdict::Failed => Some(Reason::DigestFailed),
        _ if content.sha256.is_none() => Some(Reason::InvalidFormat),
        _ if !is_matched => Some(Reason::HashMismatch),
        Verdict::NotVerifiable => Some(Reason::DigestNotVerifiable),
        Verdict::Verified => None,
    };
    (reason, is_matched)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::Library;
    use super::compare;
    use crate::integrity::digest::LogFile;
    use crate::integrity::unlisted::Unlisted;
    use crate::model::receipt::Content;
    use crate::model::receipt::Receipt;
    use crate::model::record::ObjectKind;
    use crate::model::verdict::Reason;
    use crate::model::verdict::Verdict;

    fn receipt(object: String, content: Option<Content>) -> Receipt {
        Receipt {
            object,
            version: None,
            size: 0,
            stored_bytes: 0,
            inflated_bytes: 0,
            kind: Some(ObjectKind::Records),
            unique: 0,
            duplicate: 0,
            malformed: 0,
            unsupported: 0,
            defects: 0,
            set_aside: BTreeMap::new(),
            content,
        }
    }

    fn content(hash: Option<u8>, has_trailing_bytes: bool) -> Content {
        Content { sha256: hash.map(|byte| [byte; 32]), has_trailing_bytes, digest: None, signature: None }
    }

    fn log(key: &str, hash: u8) -> LogFile {
        LogFile { bucket: "b".to_owned(), key: key.to_owned(), hash: vec![hash; 32] }
    }

    /// Asks for so many names of log files where as many copies of that name stand, each in a folder of its own.
    fn ask(number: usize, folder: fn(usize) -> String) -> usize {
        let receipts: Vec<Receipt> =
            (0..number).map(|at| receipt(format!("{}f.json.gz", folder(at)), Some(content(Some(1), false)))).collect();
        let (mut library, unlisted) = (Library::new(&receipts), Unlisted::default());
        let checked =
            (0..number).map(|at| library.check(&log(&format!("{at}/f.json.gz"), 1), Verdict::Verified, &unlisted));
        let matched = checked.filter(|named| named.is_matched).count();
        assert!(library.receipts().all(|(_, is_named)| is_named));
        matched
    }

    /// Comparing each with each would take minutes.
    #[test]
    fn many_copies_of_one_name_are_not_each_compared_with_each_place_of_that_name() {
        assert_eq!(ask(40_000, |at| format!("flat/{at}/")), 40_000);
        assert_eq!(ask(40_000, |at| format!("AWSLogs/{at}/")), 40_000);
    }

    #[test]
    fn the_worst_of_several_copies_is_that_of_all() {
        let contents = [
            None,
            Some(content(None, false)),
            Some(content(Some(1), false)),
            Some(content(Some(2), false)),
            Some(content(Some(3), false)),
            Some(content(Some(1), true)),
            Some(content(Some(2), true)),
        ];
        // Every choice of four of them, in every order.
        for choice in 0..contents.len().pow(4) {
            let of = |turn: u32| contents[choice / contents.len().pow(turn) % contents.len()].clone();
            let receipts: Vec<Receipt> = (0..4).map(|turn| receipt(format!("{turn}/f.json.gz"), of(turn))).collect();
            for (hash, verdict) in (1..5)
                .flat_map(|hash| [Verdict::Verified, Verdict::NotVerifiable, Verdict::Failed].map(|it| (hash, it)))
            {
                let log = log("f.json.gz", hash);
                let named = Library::new(&receipts).check(&log, verdict, &Unlisted::default());
                let each = receipts.iter().enumerate().map(|(at, receipt)| (at, compare(receipt, &log, verdict)));
                let rank = |(at, (reason, _)): &(usize, (Option<Reason>, bool))| {
                    (reason.as_ref().map(Reason::verdict), std::cmp::Reverse(*at))
                };
                let (at, (reason, is_matched)) = each.max_by_key(rank).unwrap();
                assert_eq!((named.at, named.reason, named.is_matched), (Some(at), reason, is_matched));
            }
        }
    }
}
