//! Addresses: `s3://bucket/prefix`, and why one is none.

use crate::source::SourceError;

/// Where a source in S3 is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Address {
    /// The bucket's name, or the alias of an access point.
    pub bucket: String,
    /// What the keys begin with, as it was typed; empty for the whole bucket.
    pub prefix: String,
}

impl Address {
    /// Says whether a source claims to be in S3.
    pub fn is_meant_by(source: &str) -> bool {
        source.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("s3://"))
    }

    /// Spells the scheme of a source in S3 in one way: everything else compares names.
    pub fn spelled(source: String) -> String {
        if Self::is_meant_by(&source) { format!("s3://{}", source.get(5..).unwrap_or_default()) } else { source }
    }

    /// Reads an address.
    pub fn parse(source: &str) -> Result<Self, SourceError> {
        let rest = source.get(5..).unwrap_or_default();
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let wrong = |reason: &str, hint: &str| SourceError::Bucket {
            name: source.to_owned(),
            reason: reason.to_owned(),
            hint: hint.to_owned(),
        };
        if bucket.is_empty() {
            return Err(wrong("it names no bucket", "write s3://bucket or s3://bucket/prefix"));
        }
        if bucket.starts_with("arn:") {
            return Err(wrong("an ARN is no bucket name", "name an access point by its alias: s3://ALIAS/prefix"));
        }
        let fits = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_');
        if !(3..=255).contains(&bucket.len()) || !bucket.bytes().all(fits) {
            return Err(wrong(
                "this is no name of a bucket",
                "bucket names have 3 to 63 characters: small letters, digits, hyphens and dots",
            ));
        }
        Ok(Self { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }

    /// Returns how reports call a key of this bucket.
    pub fn name_of(&self, key: &str) -> String {
        format!("s3://{}/{key}", self.bucket)
    }
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn an_address_has_a_bucket_and_perhaps_a_prefix() {
        let read = |text: &str| Address::parse(text).ok().map(|address| (address.bucket, address.prefix));
        let some = |bucket: &str, prefix: &str| Some((bucket.to_owned(), prefix.to_owned()));
        assert_eq!(read("s3://logs"), some("logs", ""));
        assert_eq!(read("s3://logs/"), some("logs", ""));
        assert_eq!(read("S3://logs/AWSLogs/111111111111"), some("logs", "AWSLogs/111111111111"));
        let spelled = |text: &str| Address::spelled(text.to_owned());
        assert_eq!(["S3://logs/A", "s3://logs", "logs/S3"].map(spelled), ["s3://logs/A", "s3://logs", "logs/S3"]);
        assert_eq!(read("s3://my.logs-1/a//b/"), some("my.logs-1", "a//b/"));
        for wrong in ["s3://", "s3:///prefix", "s3://ab", "s3://my logs/x", "s3://arn:aws:s3:eu-west-1:1:accesspoint/x"]
        {
            let error = Address::parse(wrong).unwrap_err().to_string();
            assert!(error.contains("hint:") && error.contains(wrong), "{error}");
        }
    }
}
