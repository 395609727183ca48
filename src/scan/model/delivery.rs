//! What the name of a log file tells: CloudTrail writes account, region and time of delivery into it.

use super::arn;
use super::time::Timestamp;

/// How long a time of delivery is spelled: `20261110T0005Z`.
const STAMP: usize = 14;

/// Returns the last part of a path, without the ending of its packing: copies may be unpacked or packed otherwise.
pub fn file_name(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name)
}

/// Kinds of log files besides the ordinary one, as their names and folders spell them.
const KINDS: [&str; 3] = ["_CloudTrail_", "_CloudTrail-NetworkActivity_", "_CloudTrail-Aggregated_"];

/// Returns when a log file of any kind was delivered, to the minute.
pub fn delivered(path: &str) -> Option<Timestamp> {
    KINDS.iter().find_map(|kind| name_of_kind(path, kind)).map(|(_, _, delivered)| delivered)
}

/// Returns the region that the name of a log file of any kind tells.
pub fn region(path: &str) -> Option<&str> {
    KINDS.iter().find_map(|kind| name_of_kind(path, kind)).map(|(_, region, _)| region)
}

/// Reads the name of a log file, `<account>_CloudTrail_<region>_<time>_<random>.json.gz`: account, region, and when it
/// was delivered, to the minute. Older files have nothing between time and random part.
pub fn log_name(path: &str) -> Option<(&str, &str, Timestamp)> {
    name_of_kind(path, "_CloudTrail_")
}

fn name_of_kind<'p>(path: &'p str, kind: &str) -> Option<(&'p str, &'p str, Timestamp)> {
    let name = file_name(path).strip_suffix(".json")?;
    let (account, rest) = name.split_once(kind)?;
    let (region, rest) = rest.split_once('_')?;
    let minutes = rest.get(..STAMP)?.strip_suffix('Z')?;
    let delivered = Timestamp::parse_iso(&format!("{minutes}00Z"))?;
    arn::is_account_id(account).then_some((account, region, delivered))
}

#[cfg(test)]
mod tests {
    use super::delivered;
    use super::log_name;

    #[test]
    fn the_name_of_a_log_file_tells_account_region_and_time() {
        for (name, expected) in [
            ("AWSLogs/1/111111111111_CloudTrail_eu-west-1_20261110T0005Z_Ab3.json.gz", Some("2026-11-10T00:05:00Z")),
            ("111111111111_CloudTrail_us-east-1_20140620T1255ZHdkvFTXOA3Vnhbc.json.gz", Some("2014-06-20T12:55:00Z")),
            ("111111111111_CloudTrail_us-east-1_20140620T1255Z_x.json", Some("2014-06-20T12:55:00Z")),
            ("111111111111_CloudTrail_us-east-1_20140631T1255Z_x.json", None),
            ("111111111111_CloudTrail-Digest_us-east-1_t_us-east-1_20261110T000500Z.json.gz", None),
            ("11111_CloudTrail_us-east-1_20140620T1255Z_x.json.gz", None),
            ("111111111111_CloudTrail_us-east-1_2014\u{e9}620T1255Z_x.json.gz", None),
            ("merged.json.gz", None),
        ] {
            let read = log_name(name).map(|(_, _, delivered)| delivered.to_string());
            assert_eq!(read.as_deref(), expected, "{name}");
            assert_eq!(delivered(name).map(|time| time.to_string()).as_deref(), expected, "{name}");
        }
        for kind in ["CloudTrail-NetworkActivity", "CloudTrail-Aggregated"] {
            let name = format!("111111111111_{kind}_eu-west-1_20261110T0005Z_Ab3.json.gz");
            assert_eq!(log_name(&name), None, "a digest file names the ordinary kind");
            assert_eq!(delivered(&name).map(|time| time.to_string()).as_deref(), Some("2026-11-10T00:05:00Z"));
        }
    }
}
