//! Objects by where they stand: those that are the one of every key or of none are one cell, and are asked for at once.

use std::collections::BTreeMap;

use super::place;
use crate::model::delivery;

/// Where a copy stands: the name of its file, and the folders that it shares with the layout of CloudTrail, if any.
type Copy<'o> = (&'o str, Option<(&'static str, &'o str)>);

/// Objects, by their places in a list.
#[derive(Debug, Default)]
pub(super) struct Shelf<'o> {
    by_address: BTreeMap<&'o str, usize>,
    copies: BTreeMap<Copy<'o>, usize>,
    /// All copies of a name with folders of one kind, for keys that have none of that kind. Put together when the first
    /// such key comes, which is seldom.
    mixed: BTreeMap<(String, &'static str), usize>,
    /// The objects of each cell.
    cells: Vec<Vec<usize>>,
}

impl<'o> Shelf<'o> {
    /// Takes objects in.
    pub(super) fn new(objects: impl IntoIterator<Item = (usize, &'o str)>) -> Self {
        let mut shelf = Self::default();
        for (at, object) in objects {
            let new = shelf.cells.len();
            let cell = *match object.strip_prefix("s3://") {
                Some(address) => shelf.by_address.entry(address).or_insert(new),
                None => shelf.copies.entry((delivery::file_name(object), place::folders(object))).or_insert(new),
            };
            match shelf.cells.get_mut(cell) {
                Some(cell) => cell.push(at),
                None => shelf.cells.push(vec![at]),
            }
        }
        shelf
    }

    /// Returns the objects of a cell.
    pub(super) fn objects(&self, cell: usize) -> &[usize] {
        self.cells.get(cell).map(Vec::as_slice).unwrap_or_default()
    }

    /// Says whether an object is the one of this bucket and key.
    pub(super) fn has(&self, bucket: &str, key: &str) -> bool {
        let name = delivery::file_name(key);
        self.exact(bucket, key).next().is_some()
            || kinds_missing(key).any(|anchor| self.of_kind(name, anchor).next().is_some())
    }

    /// Returns the cells of the objects that are the one of this bucket and key, as [`place::is_at`] says it.
    pub(super) fn at(&mut self, bucket: &str, key: &str) -> Vec<usize> {
        let mut found: Vec<usize> = self.exact(bucket, key).collect();
        found.extend(kinds_missing(key).filter_map(|anchor| self.mixed(delivery::file_name(key), anchor)));
        found
    }

    /// Returns the cells of what stands just there, and of copies that lost all their folders.
    fn exact<'s>(&'s self, bucket: &str, key: &'s str) -> impl Iterator<Item = usize> + use<'s, 'o> {
        let name = delivery::file_name(key);
        let of_kinds = place::ANCHORS.into_iter().filter_map(move |anchor| Some((anchor, place::tail(key, anchor)?)));
        let folders = std::iter::once(None).chain(of_kinds.map(Some));
        let copies = folders.filter_map(move |folders| self.copies.get(&(name, folders)));
        self.by_address.get(&*format!("{bucket}/{key}")).into_iter().chain(copies).copied()
    }

    /// Returns the cells of all copies of a name whose folders are of one kind.
    fn of_kind<'s>(&'s self, name: &'s str, anchor: &'static str) -> impl Iterator<Item = usize> {
        let from = self.copies.range((name, Some((anchor, "")))..);
        let is_of = move |(other, folders): &Copy<'_>| *other == name && folders.is_some_and(|it| it.0 == anchor);
        from.take_while(move |(copy, _)| is_of(copy)).map(|(_, cell)| *cell)
    }

    fn mixed(&mut self, name: &str, anchor: &'static str) -> Option<usize> {
        self.of_kind(name, anchor).next()?;
        let kind = (name.to_owned(), anchor);
        if let Some(known) = self.mixed.get(&kind) {
            return Some(*known);
        }
        let objects = self.of_kind(name, anchor).flat_map(|cell| self.objects(cell)).copied().collect();
        self.cells.push(objects);
        let new = self.cells.len() - 1;
        self.mixed.insert(kind, new);
        Some(new)
    }
}

/// Returns the kinds of folders that a key has none of. A key of an odd layout has other folders than a copy that happens
/// to have one of these.
fn kinds_missing(key: &str) -> impl Iterator<Item = &'static str> {
    place::ANCHORS.into_iter().filter(move |anchor| place::tail(key, anchor).is_none())
}

#[cfg(test)]
mod tests {
    use super::Shelf;
    use crate::integrity::place;

    #[test]
    fn a_shelf_says_what_each_place_says() {
        let folders =
            ["", "a/", "AWSLogs/1/", "x/AWSLogs/1/", "AWSLogs/2/", "CloudTrail/r/", "AWSLogs/1/CloudTrail/r/"];
        let files = ["f.json.gz", "f.json", "g.json.gz"];
        let paths = || folders.iter().flat_map(|folder| files.iter().map(move |file| format!("{folder}{file}")));
        let objects: Vec<String> = paths().chain(paths().map(|path| format!("s3://b/{path}"))).collect();
        let mut shelf = Shelf::new(objects.iter().map(String::as_str).enumerate());
        for key in paths().chain(["h.json.gz".to_owned()]) {
            let cells = shelf.at("b", &key);
            let mut found: Vec<usize> = cells.iter().flat_map(|cell| shelf.objects(*cell)).copied().collect();
            found.sort_unstable();
            let each = (0..objects.len()).filter(|at| place::is_at(&objects[*at], "b", &key));
            assert_eq!(found, each.collect::<Vec<_>>(), "{key}");
            assert_eq!(shelf.has("b", &key), !found.is_empty(), "{key}");
        }
    }
}
