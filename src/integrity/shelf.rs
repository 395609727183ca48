//! Objects by where they stand, so that many of one name are not compared with every place of that name.

use std::collections::BTreeMap;

use super::place;
use crate::model::delivery;

/// Where a copy stands: the name of its file, and the folders that it shares with the layout of CloudTrail, if any.
type Copy<'o> = (&'o str, Option<(&'static str, &'o str)>);

/// Objects, by their places in a list.
#[derive(Debug, Default)]
pub(super) struct Shelf<'o> {
    by_address: BTreeMap<&'o str, Vec<usize>>,
    copies: BTreeMap<Copy<'o>, Vec<usize>>,
}

impl<'o> Shelf<'o> {
    /// Takes objects in.
    pub(super) fn new(objects: impl IntoIterator<Item = (usize, &'o str)>) -> Self {
        let mut shelf = Self::default();
        for (at, object) in objects {
            let places = match object.strip_prefix("s3://") {
                Some(address) => shelf.by_address.entry(address).or_default(),
                None => shelf.copies.entry((delivery::file_name(object), place::folders(object))).or_default(),
            };
            places.push(at);
        }
        shelf
    }

    /// Returns the objects that are the one of this bucket and key, as [`place::is_at`] says it.
    pub(super) fn at(&self, bucket: &str, key: &str) -> Vec<usize> {
        let name = delivery::file_name(key);
        let mut found: Vec<usize> = self.by_address.get(&*format!("{bucket}/{key}")).cloned().unwrap_or_default();
        found.extend(self.copies.get(&(name, None)).into_iter().flatten());
        for anchor in place::ANCHORS {
            let own = place::tail(key, anchor);
            let range = self.copies.range((name, Some((anchor, own.unwrap_or_default())))..);
            let copies = range.take_while(|((other, folders), _)| {
                // A key of an odd layout has other folders than a copy that happens to have one of these.
                *other == name && folders.is_some_and(|it| it.0 == anchor && own.is_none_or(|own| own == it.1))
            });
            found.extend(copies.flat_map(|(_, places)| places));
        }
        found
    }
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
        let shelf = Shelf::new(objects.iter().map(String::as_str).enumerate());
        for key in paths() {
            let mut found = shelf.at("b", &key);
            found.sort_unstable();
            let each = (0..objects.len()).filter(|at| place::is_at(&objects[*at], "b", &key));
            assert_eq!(found, each.collect::<Vec<_>>(), "{key}");
        }
    }
}
