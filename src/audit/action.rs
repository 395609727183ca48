//! Actions: what IAM calls an event.

/// Services whose events name another host than their actions.
const SERVICES: [(&str, &str); 3] =
    [("email.amazonaws.com", "ses"), ("monitoring.amazonaws.com", "cloudwatch"), ("tagging.amazonaws.com", "tag")];

/// Events of S3, whose API and actions do not have the same names, by the action that allows each.
const S3: [(&str, &[&str]); 8] = [
    ("ListAllMyBuckets", &["ListBuckets"]),
    ("ListBucket", &["HeadBucket", "ListObjects", "ListObjectsV2"]),
    ("ListBucketVersions", &["ListObjectVersions"]),
    ("ListBucketMultipartUploads", &["ListMultipartUploads"]),
    ("ListMultipartUploadParts", &["ListParts"]),
    ("GetObject", &["HeadObject", "SelectObjectContent"]),
    (
        "PutObject",
        &[
            "CompleteMultipartUpload",
            "CopyObject",
            "CreateMultipartUpload",
            "PostObject",
            "UploadPart",
            "UploadPartCopy",
        ],
    ),
    ("DeleteObject", &["DeleteObjects"]),
];

/// Returns the names that IAM may know an event by, as `service:Action`: its own, and that of the action that allows
/// it where the two differ.
pub(super) fn names(source: &str, event: &str) -> Vec<String> {
    let host = source.split('.').next().unwrap_or_default();
    let service = SERVICES.iter().find(|(of, _)| *of == source).map_or(host, |(_, service)| *service);
    let plain = without_version(event);
    let by_action = S3.iter().find(|(_, events)| service == "s3" && events.contains(&event)).map(|(action, _)| *action);
    let mut names: Vec<String> =
        [Some(event), Some(plain), by_action].into_iter().flatten().map(|name| format!("{service}:{name}")).collect();
    names.dedup();
    names
}

/// Some services write the version of their API behind the name: `UpdateFunctionCode20150331v2`,
/// `CreateInvalidation2020_05_31`.
fn without_version(event: &str) -> &str {
    let is_of_version = |c: char| c.is_ascii_digit() || matches!(c, 'v' | '_');
    let name = event.trim_end_matches(is_of_version);
    let digits = event.bytes().skip(name.len()).filter(u8::is_ascii_digit).count();
    if digits >= 8 { name } else { event }
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn an_event_is_known_by_the_action_that_allows_it() {
        for (source, event, expected) in [
            ("sts.amazonaws.com", "GetCallerIdentity", &["sts:GetCallerIdentity"][..]),
            ("s3.amazonaws.com", "ListBuckets", &["s3:ListBuckets", "s3:ListAllMyBuckets"]),
            ("s3.amazonaws.com", "GetObject", &["s3:GetObject"]),
            (
                "lambda.amazonaws.com",
                "UpdateFunctionCode20150331v2",
                &["lambda:UpdateFunctionCode20150331v2", "lambda:UpdateFunctionCode"],
            ),
            (
                "lambda.amazonaws.com",
                "ListFunctions20150331",
                &["lambda:ListFunctions20150331", "lambda:ListFunctions"],
            ),
            (
                "cloudfront.amazonaws.com",
                "CreateInvalidation2020_05_31",
                &["cloudfront:CreateInvalidation2020_05_31", "cloudfront:CreateInvalidation"],
            ),
            ("monitoring.amazonaws.com", "PutMetricData", &["cloudwatch:PutMetricData"]),
            ("ec2.amazonaws.com", "DescribeVpcs", &["ec2:DescribeVpcs"]),
        ] {
            assert_eq!(names(source, event), expected, "{source} {event}");
        }
    }
}
