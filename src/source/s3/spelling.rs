//! Sources that mean S3 and say it in another way: what they should say.

use super::address::Address;
use crate::source::SourceError;

/// What the addresses of all services of AWS end with.
const HOSTS: [&str; 2] = [".amazonaws.com", ".amazonaws.com.cn"];

/// Returns an error for a source that is the address of something in S3, in a spelling that is not read here.
pub(in crate::source) fn refuse(source: &str) -> Option<SourceError> {
    let lower = source.to_ascii_lowercase();
    let rest = |scheme: &str| source.get(scheme.len()..).filter(|_| lower.starts_with(scheme));
    let place = if let Some(path) = rest("s3a://").or_else(|| rest("s3n://")).or_else(|| rest("s3:/")) {
        Some(path.to_owned())
    } else if lower.starts_with("arn:") {
        of_arn(source)
    } else if let Some(url) = rest("https://").or_else(|| rest("http://")) {
        of_url(url)
    } else {
        return None;
    };
    let place = place.map(|place| format!("s3://{}", place.trim_start_matches('/')));
    let hint = match place.filter(|place| Address::parse(place).is_ok()) {
        Some(place) => format!("write {place}"),
        None if lower.contains(":accesspoint/") => "name an access point by its alias: s3://ALIAS/prefix".to_owned(),
        None if lower.starts_with("arn:") && lower.contains(":cloudtrail:") => {
            format!("name its bucket, s3://bucket/prefix: aws cloudtrail describe-trails --trail-name-list {source}")
        }
        None => "name a bucket as s3://bucket/prefix, or copy the logs first and name the copy".to_owned(),
    };
    let reason = "a source is a file, a directory, or s3://bucket/prefix".to_owned();
    Some(SourceError::Bucket { name: source.to_owned(), reason, hint })
}

/// Returns the bucket and prefix of `arn:aws:s3:::bucket/prefix`. `*` at its end says what a prefix says anyway.
fn of_arn(arn: &str) -> Option<String> {
    let mut parts = arn.splitn(6, ':');
    let is_bucket = parts.nth(2) == Some("s3") && parts.next() == Some("") && parts.next() == Some("");
    parts.next().filter(|_| is_bucket).map(|place| place.trim_end_matches('*').to_owned())
}

/// Returns the bucket and prefix of an address of S3 or of its console.
fn of_url(url: &str) -> Option<String> {
    let (url, _) = url.split_once('#').unwrap_or((url, ""));
    let (url, query) = url.split_once('?').unwrap_or((url, ""));
    let (host, path) = url.split_once('/').unwrap_or((url, ""));
    let host = host.split_once(':').map_or(host, |(host, _)| host).to_ascii_lowercase();
    let path = decoded(path);
    if host.contains("console.") {
        let (_, bucket) = path.split_once("buckets/").or_else(|| path.split_once("object/"))?;
        let prefix = query.split('&').find_map(|pair| pair.strip_prefix("prefix=")).map(decoded).unwrap_or_default();
        return Some(format!("{}/{prefix}", bucket.split('/').next().unwrap_or_default()));
    }
    let name = HOSTS.into_iter().find_map(|ending| host.strip_suffix(ending))?;
    // `s3.eu-west-1` and `s3-eu-west-1`, after the bucket and a dot when it is in the host.
    if name == "s3" || name.starts_with("s3.") || name.starts_with("s3-") {
        return Some(path);
    }
    let at = name.rfind(".s3.").or_else(|| name.rfind(".s3-")).and_then(|at| name.get(..at));
    let bucket = at.or_else(|| name.strip_suffix(".s3"))?;
    Some(format!("{bucket}/{path}"))
}

/// Replaces what addresses write as `%2F`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| *first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            bytes.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::refuse;

    #[test]
    fn another_spelling_is_answered_with_the_right_one() {
        for (source, right) in [
            ("arn:aws:s3:::acme-logs/AWSLogs/", "write s3://acme-logs/AWSLogs/"),
            ("arn:aws:s3:::acme-logs", "write s3://acme-logs"),
            ("arn:aws-cn:s3:::acme-logs/*", "write s3://acme-logs/"),
            ("s3a://acme-logs/AWSLogs", "write s3://acme-logs/AWSLogs"),
            ("S3N://acme-logs", "write s3://acme-logs"),
            ("s3:/acme-logs/x", "write s3://acme-logs/x"),
            ("https://acme-logs.s3.eu-central-1.amazonaws.com/AWSLogs/1/", "write s3://acme-logs/AWSLogs/1/"),
            ("https://acme.logs.s3.amazonaws.com", "write s3://acme.logs/"),
            ("https://acme-logs.s3-eu-west-1.amazonaws.com/a%20b", "write s3://acme-logs/a b"),
            ("https://acme-logs.s3.dualstack.eu-west-1.amazonaws.com/x", "write s3://acme-logs/x"),
            ("https://s3.cn-north-1.amazonaws.com.cn/acme-logs/x", "write s3://acme-logs/x"),
            ("https://s3-eu-west-1.amazonaws.com/acme-logs/x", "write s3://acme-logs/x"),
            ("http://s3.amazonaws.com/acme-logs", "write s3://acme-logs"),
            (
                "https://s3.console.aws.amazon.com/s3/buckets/acme-logs?region=eu-west-1&prefix=AWSLogs%2F1/&tab=objects",
                "write s3://acme-logs/AWSLogs/1/",
            ),
            ("https://eu-west-1.console.aws.amazon.com/s3/buckets/acme-logs?tab=x", "write s3://acme-logs/"),
            (
                "https://eu-west-1.console.aws.amazon.com/s3/object/acme-logs?prefix=a/b.json.gz",
                "write s3://acme-logs/a/b.json.gz",
            ),
            ("arn:aws:s3:eu-west-1:111111111111:accesspoint/x", "by its alias"),
            ("arn:aws:cloudtrail:eu-west-1:111111111111:trail/all", "describe-trails"),
            ("https://example.com/logs", "copy the logs first"),
        ] {
            let error = refuse(source).unwrap().to_string();
            assert!(error.contains(source) && error.contains(right), "{error}");
        }
        for source in ["logs", "s3", "arn", "a/https://x", "C:/logs", "-"] {
            assert!(refuse(source).is_none(), "{source}");
        }
    }
}
