//! How trails lay out their keys: what the names of folders mean, and where a window begins and ends among the keys.

use crate::model::arn;
use crate::model::owed::Owed;
use crate::model::time::DAY;
use crate::model::time::Timestamp;

/// Which logs are wanted: what others need not even be listed.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// The earliest event of interest, lead-in included.
    pub since: Option<Timestamp>,
    /// The first moment after the last event of interest.
    pub until: Option<Timestamp>,
    /// The accounts of interest; empty for all.
    pub accounts: Vec<String>,
    /// The regions of interest; empty for all.
    pub regions: Vec<String>,
    /// List the folders of digest files, too.
    pub wants_digests: bool,
    /// What is listed from an earlier moment on.
    pub owed: Owed,
}

/// A stretch of keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bounds {
    /// Keys up to and including this one are of no interest.
    pub(super) after: Option<String>,
    /// Keys from this one on are of no interest.
    pub(super) end: Option<String>,
}

impl Bounds {
    /// Says whether a key lies inside.
    pub(super) fn holds(&self, key: &str) -> bool {
        self.after.as_deref().is_none_or(|after| after < key) && !self.is_past(key)
    }

    /// Says whether a key, and with it all later ones, lies behind.
    pub(super) fn is_past(&self, key: &str) -> bool {
        self.end.as_deref().is_some_and(|end| end <= key)
    }

    /// Says whether a folder may hold keys that lie inside.
    pub(super) fn touches(&self, folder: &str) -> bool {
        let is_before = self.after.as_deref().is_some_and(|after| folder < after && !after.starts_with(folder));
        !is_before && !self.is_past(folder)
    }
}

/// The folders of an account that may be of interest. Digest files come first, because not every run wants them.
const KINDS: [&str; 4] = ["CloudTrail-Digest", "CloudTrail", "CloudTrail-NetworkActivity", "CloudTrail-Aggregated"];

impl Scope {
    /// Says whether an account's folder is of interest.
    pub(super) fn wants_account(&self, account: &str) -> bool {
        self.accounts.is_empty() || self.accounts.iter().any(|wanted| wanted == account)
    }

    /// Returns the folders of an account that are of interest.
    pub(super) fn kinds(&self) -> &'static [&'static str] {
        KINDS.get(usize::from(!self.wants_digests)..).unwrap_or_default()
    }

    /// Returns the stretch of keys of interest below `base`, the folder of one account and region. `name` is what it is
    /// called with its bucket.
    ///
    /// Folders carry the day of delivery: no event is in a folder before its own day, and one that was delivered late is
    /// in the folder of the next day. Digest files begin a day later: the first ones of a day name log files of the day
    /// before, which would otherwise seem to be lost.
    pub(super) fn bounds(&self, base: &str, name: &str) -> Bounds {
        let later = if base.split('/').any(|name| name == "CloudTrail-Digest") { DAY } else { 0 };
        let day = |time: Timestamp| format!("{base}{}", time.date().replace('-', "/"));
        Bounds {
            // Of all keys of a day's folder, this one would be the one before the first.
            after: self.owed.since(name, self.since).map(|since| day(since.plus(later))),
            end: self.until.map(|until| day(until.plus(2 * DAY - 1))),
        }
    }
}

/// What a folder is, told from its name alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stand {
    /// It holds accounts, and perhaps organizations.
    Accounts,
    /// It is an account's.
    Account,
    /// It holds the regions of one kind of log.
    Regions,
    /// It is a region's, or lies in one. The region's folder is `base`.
    Region {
        /// The folder of the region.
        base: String,
    },
    /// The name does not say.
    Unknown,
}

impl Stand {
    /// Says what a folder is. The name ends with a slash, or is empty.
    pub(super) fn of(folder: &str) -> Self {
        let names: Vec<&str> = folder.trim_end_matches('/').split('/').collect();
        let name = |at: usize| names.get(at).copied().unwrap_or_default();
        let kind = (1..names.len()).rev().find(|at| is_kind(name(*at)) && arn::is_account_id(name(*at - 1)));
        if let Some(kind) = kind {
            let Some(below) = names.get(..kind + 2) else { return Self::Regions };
            return Self::Region { base: format!("{}/", below.join("/")) };
        }
        let last = names.len() - 1;
        let before = if last == 0 { "" } else { name(last - 1) };
        match name(last) {
            "AWSLogs" => Self::Accounts,
            organization if is_organization(organization) && before == "AWSLogs" => Self::Accounts,
            account if arn::is_account_id(account) && (before == "AWSLogs" || is_organization(before)) => Self::Account,
            _ => Self::Unknown,
        }
    }
}

/// Says whether a name is one of the folders that CloudTrail itself writes to.
fn is_kind(name: &str) -> bool {
    KINDS.contains(&name) || name == "CloudTrail-Insight"
}

/// Says whether a name is an organization's: `o-` and letters and digits.
pub(super) fn is_organization(name: &str) -> bool {
    let fits = |id: &str| id.len() >= 4 && id.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    name.strip_prefix("o-").is_some_and(fits)
}

/// Says whether a name has digits only, as those of years, months and days have.
pub(super) fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|digit| digit.is_ascii_digit())
}

/// Says whether a folder's name promises a trail more than others do: those of dates and partitions are many, and
/// seldom hold one.
pub(super) fn may_hold_trails(name: &str) -> bool {
    !(name.contains('=') || is_number(name) && !arn::is_account_id(name))
}

/// Returns the last name of a folder; it is empty where two slashes follow each other, or a key begins with one.
pub(super) fn last_name(folder: &str) -> &str {
    folder.strip_suffix('/').unwrap_or(folder).rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Bounds;
    use super::Scope;
    use super::Stand;
    use crate::model::time::Timestamp;

    #[test]
    fn a_folder_says_where_it_stands() {
        let region = |base: &str| Stand::Region { base: base.to_owned() };
        for (folder, stand) in [
            ("", Stand::Unknown),
            ("logs/", Stand::Unknown),
            ("logs/AWSLogs/", Stand::Accounts),
            ("AWSLogs/o-exampleorgid/", Stand::Accounts),
            ("o-exampleorgid/", Stand::Unknown),
            ("o-exampleorgid/AWSLogs/", Stand::Accounts),
            ("AWSLogs/111111111111/", Stand::Account),
            ("AWSLogs/o-exampleorgid/111111111111/", Stand::Account),
            ("111111111111/", Stand::Unknown),
            ("AWSLogs/111111111111/CloudTrail/", Stand::Regions),
            ("AWSLogs/111111111111/Config/", Stand::Unknown),
            ("AWSLogs/111111111111/CloudTrail-Digest/", Stand::Regions),
            ("AWSLogs/111111111111/CloudTrail-NetworkActivity/", Stand::Regions),
            ("1/111111111111/CloudTrail-Aggregated/r/2026/", region("1/111111111111/CloudTrail-Aggregated/r/")),
            ("x/111111111111/CloudTrail/eu-west-1/", region("x/111111111111/CloudTrail/eu-west-1/")),
            ("111111111111/CloudTrail/eu-west-1/2026/11/03/", region("111111111111/CloudTrail/eu-west-1/")),
        ] {
            assert_eq!(Stand::of(folder), stand, "{folder}");
        }
    }

    #[test]
    fn a_window_is_a_stretch_of_days_and_one_more() {
        let at = |text: &str| Timestamp::parse_iso(text).unwrap();
        let scope = Scope {
            since: Some(at("2026-11-02T12:00:00Z")),
            until: Some(at("2026-11-09T00:00:00Z")),
            ..Scope::default()
        };
        let bounds = scope.bounds("r/", "s3://b/r/");
        let expected = Bounds { after: Some("r/2026/11/02".to_owned()), end: Some("r/2026/11/10".to_owned()) };
        assert_eq!(bounds, expected);
        for (key, is_inside) in [
            ("r/2026/11/01/x", false),
            ("r/2026/11/02/a", true),
            ("r/2026/11/09/z", true),
            ("r/2026/11/10/a", false),
            ("r/2027/01/01/a", false),
        ] {
            assert_eq!(bounds.holds(key), is_inside, "{key}");
        }
        for (folder, is_touched) in
            [("r/2025/", false), ("r/2026/", true), ("r/2026/10/", false), ("r/2026/11/", true), ("r/2026/12/", false)]
        {
            assert_eq!(bounds.touches(folder), is_touched, "{folder}");
        }
        let digests = "AWSLogs/111111111111/CloudTrail-Digest/eu-central-1/";
        let digests = scope.bounds(digests, digests);
        assert_eq!(digests.after.as_deref(), Some("AWSLogs/111111111111/CloudTrail-Digest/eu-central-1/2026/11/03"));
        // An event in the last second of a day may be delivered on the next one.
        let until = Some(at("2026-11-09T00:00:01Z"));
        assert_eq!(Scope { until, ..Scope::default() }.bounds("", "").end.as_deref(), Some("2026/11/11"));
    }
}
