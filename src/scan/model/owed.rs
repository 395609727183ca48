//! What earlier runs owe: folders that could not be listed, and those of objects that could not be read. A run that lists
//! only the last days lists these from further back, or they would be missed for ever.

use std::collections::BTreeMap;

use super::time::Timestamp;

/// Folders, each with a slash at its end, and the first moment that matters there; `None` when everything does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owed(BTreeMap<String, Option<Timestamp>>);

impl Owed {
    /// Notes a folder. Of two moments the earlier one counts.
    pub fn add(&mut self, folder: String, since: Option<Timestamp>) {
        let known = self.0.entry(folder).or_insert(since);
        *known = since.min(*known);
    }

    /// Takes in what others owe.
    pub fn merge(&mut self, other: Self) {
        other.0.into_iter().for_each(|(folder, since)| self.add(folder, since));
    }

    /// Returns from when on a path is looked at, in a run that looks at everything from `since` on: earlier, when
    /// something is owed there, above it or, where it is a folder, below it.
    pub fn since(&self, path: &str, since: Option<Timestamp>) -> Option<Timestamp> {
        let steps = path.match_indices('/').filter_map(|(at, _)| path.get(..=at));
        let above = steps.filter_map(|step| self.0.get(step));
        let is_below = |entry: &(&String, _)| path.ends_with('/') && entry.0.starts_with(path);
        let below = self.0.range(path.to_owned()..).take_while(is_below).map(|(_, since)| since);
        above.chain(below).copied().chain([since]).min().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Owed;
    use crate::model::time::Timestamp;

    #[test]
    fn what_is_owed_counts_in_its_folder_and_in_those_above_and_below() {
        let day = |day: i64| Some(Timestamp::of_day(day));
        let mut owed = Owed::default();
        owed.add("b/1/eu/2026/11/02/".to_owned(), day(5));
        owed.add("b/1/eu/2026/11/02/".to_owned(), day(7));
        owed.add("b/2/".to_owned(), day(3));
        owed.add("b/3/eu/".to_owned(), None);
        for (path, since) in [
            ("b/1/eu/", day(5)),
            ("b/1/eu/2026/11/02/x.json.gz", day(5)),
            ("b/1/eu/2026/11/03/x.json.gz", day(9)),
            ("b/1/us/", day(9)),
            ("b/1/eu", day(9)),
            ("b/2/us/x", day(3)),
            ("b/22/us/x", day(9)),
            ("b/3/eu/", None),
            ("b/3/us/", day(9)),
            ("", day(9)),
        ] {
            assert_eq!(owed.since(path, day(9)), since, "{path}");
            assert_eq!(owed.since(path, None), None, "{path}");
        }
    }
}
