//! Digest files of days that are no longer kept: which of them nothing needs any more.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;

use super::proof::Digest;
use crate::model::time::Timestamp;

/// What a digest file says of itself.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "digestS3Object")]
    key: String,
    #[serde(rename = "digestEndTime")]
    end: String,
}

/// Returns the digest files that can go once days before `kept` are no longer kept: those whose hours lie before it, but
/// for the last one of each chain. The first one that is kept follows on it: without it, nobody could tell whether hours
/// between them are missing.
///
/// Those that are not where they say, or do not say, stay: something is wrong with them.
pub(super) fn needless(digests: &BTreeMap<String, Digest>, kept: Timestamp) -> BTreeSet<String> {
    let mut chains: BTreeMap<String, Vec<(Timestamp, &str)>> = BTreeMap::new();
    for (object, (text, _)) in digests {
        let Some(head) = text.as_deref().and_then(|text| serde_json::from_str::<Head>(text).ok()) else { continue };
        let Some((chain, stamp)) = name(&head.key).filter(|own| name(object).as_ref() == Some(own)) else { continue };
        let end = Timestamp::parse_iso(&head.end).map(|end| end.max(stamp));
        if let Some(end) = end.filter(|end| *end <= kept) {
            chains.entry(chain).or_default().push((end, object));
        }
    }
    let mut needless = BTreeSet::new();
    for of_chain in chains.into_values() {
        let last = of_chain.iter().map(|(end, _)| *end).max();
        let others = of_chain.into_iter().filter(|(end, _)| Some(*end) != last);
        needless.extend(others.map(|(_, object)| object.to_owned()));
    }
    needless
}

/// Reads the name of a digest file: what all of its chain have in common, and the time in it.
fn name(path: &str) -> Option<(String, Timestamp)> {
    let name = path.rsplit('/').next()?;
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name);
    let name = name.strip_suffix(".json").unwrap_or(name);
    let (name, backfill) = name.strip_suffix("_backfill").map_or((name, ""), |name| (name, " backfill"));
    let (chain, stamp) = name.rsplit_once('_')?;
    Some((format!("{chain}{backfill}"), Timestamp::parse_iso(stamp)?))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::needless;
    use crate::model::time::Timestamp;

    fn digest(trail: &str, hour: u32, ending: &str) -> (String, String) {
        let stamp = format!("202611{:02}T{:02}0131Z", 2 + hour / 24, hour % 24);
        let end = format!("2026-11-{:02}T{:02}:01:31Z", 2 + hour / 24, hour % 24);
        let key = format!("d/111111111111_CloudTrail-Digest_eu-west-1_{trail}_eu-west-1_{stamp}{ending}.json.gz");
        let text = serde_json::json!({ "digestS3Object": key, "digestEndTime": end }).to_string();
        (format!("s3://bucket/{key}"), text)
    }

    #[test]
    fn the_last_one_of_each_chain_before_the_kept_days_stays() {
        let trails = (20..28).flat_map(|hour| [digest("all", hour, ""), digest("my_own", hour, "")]);
        let backfills = [digest("all", 3, "_backfill"), digest("all", 5, "_backfill")];
        let mut digests: BTreeMap<String, _> =
            trails.chain(backfills).map(|(object, text)| (object, (Some(text), None))).collect();
        // Read elsewhere than it says, damaged, and of an older store: nobody knows what they are good for.
        let (_, text) = digest("all", 1, "");
        digests.insert("copy/moved.json.gz".to_owned(), (Some(text), None));
        digests.insert(digest("all", 2, "").0, (Some("{}".to_owned()), None));
        digests.insert(digest("all", 4, "").0, (None, None));
        let kept = Timestamp::parse_iso("2026-11-03T00:00:00Z").unwrap();
        let gone = needless(&digests, kept);
        let expected: Vec<String> = [20, 21, 22]
            .iter()
            .flat_map(|hour| [digest("all", *hour, "").0, digest("my_own", *hour, "").0])
            .chain([digest("all", 3, "_backfill").0])
            .collect();
        assert_eq!(gone.iter().collect::<Vec<_>>(), {
            let mut expected: Vec<_> = expected.iter().collect();
            expected.sort();
            expected
        });
        // What is let go is let go once.
        digests.retain(|object, _| !gone.contains(object));
        assert!(needless(&digests, kept).is_empty());
    }
}
