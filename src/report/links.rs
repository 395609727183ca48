//! Where things can be looked at: consoles of AWS and hosts of repositories. There is an address only where everything that it
//! needs is known and looks as it should: names in logs are foreign.

use crate::model::arn;

/// The consoles, by partition, and how the regions begin that are not of the first.
const CONSOLES: [(&str, &str, &str); 3] = [
    ("aws-cn", "cn-", "console.amazonaws.cn"),
    ("aws-us-gov", "us-gov-", "console.amazonaws-us-gov.com"),
    ("aws", "", "console.aws.amazon.com"),
];

/// How the regions begin that no console on the internet shows.
const ISOLATED: [&str; 3] = ["us-iso", "eu-iso", "eusc-"];

/// Returns an event in the event history of CloudTrail, which holds 90 days.
pub(super) fn event(id: &str, region: &str) -> Option<String> {
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let is_region = is_plain(region) && region.matches('-').count() >= 2;
    if !is_plain(id) || id.len() != 36 || !is_region || ISOLATED.iter().any(|isolated| region.starts_with(isolated)) {
        return None;
    }
    let (.., host) = CONSOLES.iter().find(|(_, prefix, _)| region.starts_with(prefix))?;
    Some(format!("https://{region}.{host}/cloudtrailv2/home?region={region}#/events/{id}"))
}

/// Returns a role or a user in the console of IAM.
pub(super) fn identity(arn: &str) -> Option<String> {
    let (.., host) = CONSOLES.iter().find(|(partition, ..)| arn::partition(arn) == Some(partition))?;
    let (kind, path) = arn::resource(arn)?.split_once('/')?;
    let kind = ["role", "user"].into_iter().find(|known| *known == kind)?;
    let name = path.rsplit('/').next()?;
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    let is_name = !name.is_empty() && name.bytes().all(is_plain) && arn.contains(":iam::");
    is_name.then(|| format!("https://{host}/iam/home#/{kind}s/details/{name}"))
}

/// Returns a commit of a repository.
pub(super) fn commit(repository: &str, hash: &str) -> Option<String> {
    let is_hash = hash.len() >= 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| format!("{repository}/commit/{hash}"))
}

/// Returns where a reference leads: a page over HTTPS, or an ATT&CK technique such as `T1078.004`.
pub(super) fn reference(reference: &str) -> Option<String> {
    if reference.starts_with("https://") {
        return Some(reference.to_owned());
    }
    let number = reference.strip_prefix('T')?;
    let is_technique = number.len() >= 4 && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    is_technique.then(|| format!("https://attack.mitre.org/techniques/T{}/", number.replace('.', "/")))
}

#[cfg(test)]
mod tests {
    use super::{event, identity, reference};
    use crate::provider::{self, ci_run::repository_url};

    const ID: &str = "4bd2a6f6-dddc-49e6-ba7d-000000000001";

    #[test]
    fn an_event_is_linked_where_its_region_has_a_console() {
        for (region, host) in [
            ("eu-central-1", Some("eu-central-1.console.aws.amazon.com")),
            ("cn-north-1", Some("cn-north-1.console.amazonaws.cn")),
            ("us-gov-west-1", Some("us-gov-west-1.console.amazonaws-us-gov.com")),
            ("us-iso-east-1", None),
            ("us-isob-east-1", None),
            ("evil.example/x-y-z", None),
            ("global", None),
            ("", None),
        ] {
            let address = host.map(|host| format!("https://{host}/cloudtrailv2/home?region={region}#/events/{ID}"));
            assert_eq!(event(ID, region), address, "{region}");
        }
        for id in ["", "e1", "4bd2a6f6-dddc-49e6-ba7d-00000000000\"", "javascript:alert(1)-----------------"] {
            assert_eq!(event(id, "eu-central-1"), None, "{id}");
        }
    }

    #[test]
    fn a_role_is_linked_in_the_console_of_its_partition() {
        for (arn, address) in [
            (
                "arn:aws:iam::111122223333:role/ci/gha-orders",
                Some("https://console.aws.amazon.com/iam/home#/roles/details/gha-orders"),
            ),
            ("arn:aws-cn:iam::111122223333:role/x", Some("https://console.amazonaws.cn/iam/home#/roles/details/x")),
            (
                "arn:aws-us-gov:iam::111122223333:user/a@b",
                Some("https://console.amazonaws-us-gov.com/iam/home#/users/details/a@b"),
            ),
            ("arn:aws-iso:iam::111122223333:role/x", None),
            ("arn:aws:iam::111122223333:role/<script>", None),
            ("arn:aws:iam::111122223333:group/x", None),
            ("arn:aws:sts::111122223333:assumed-role/x/y", None),
            ("x", None),
        ] {
            assert_eq!(identity(arn).as_deref(), address, "{arn}");
        }
    }

    #[test]
    fn a_repository_is_linked_where_its_host_is_known() {
        let subject = "repo:acme/orders:environment:prod";
        for (issuer, subject, address) in [
            ("token.actions.githubusercontent.com", subject, Some("https://github.com/acme/orders")),
            ("idp.example.com", subject, None),
            ("token.actions.githubusercontent.com", "repo:acme/\"><b>:environment:prod", None),
        ] {
            assert_eq!(repository_url(&provider::parse(issuer, subject)).as_deref(), address, "{issuer} {subject}");
        }
    }

    #[test]
    fn only_pages_and_techniques_are_links() {
        for (text, address) in [
            ("https://docs.aws.amazon.com/x", Some("https://docs.aws.amazon.com/x")),
            ("T1078.004", Some("https://attack.mitre.org/techniques/T1078/004/")),
            ("T1528", Some("https://attack.mitre.org/techniques/T1528/")),
            ("javascript:alert(1)", None),
            ("http://example.com", None),
            ("The book", None),
        ] {
            assert_eq!(reference(text).as_deref(), address);
        }
    }
}
