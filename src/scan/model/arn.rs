//! ARNs and ids: the parts of an ARN, and the account that an access key id or a unique id carries.

/// Returns the account of an ARN (its fifth part), when it is an ARN and has one.
pub fn account(arn: &str) -> Option<&str> {
    part(arn, 4)
}

/// Returns the partition of an ARN: `aws`, `aws-cn`, `aws-us-gov`, …
pub fn partition(arn: &str) -> Option<&str> {
    part(arn, 1)
}

fn part(arn: &str, index: usize) -> Option<&str> {
    if !arn.starts_with("arn:") {
        return None;
    }
    arn.splitn(6, ':').nth(index).filter(|part| !part.is_empty())
}

/// Returns the resource part of an ARN: all that follows the account.
pub fn resource(arn: &str) -> Option<&str> {
    if !arn.starts_with("arn:") {
        return None;
    }
    arn.splitn(6, ':').nth(5)
}

/// Returns the role name of a role ARN or an assumed-role ARN, without the path.
///
/// `arn:…:role/ci/deploy` and `arn:…:assumed-role/deploy/session` both give `deploy`: the assumed-role ARN drops the
/// path, so only the name can be compared.
pub fn role_name(arn: &str) -> Option<&str> {
    let resource = resource(arn)?;
    if let Some(rest) = resource.strip_prefix("role/") {
        return rest.rsplit('/').next();
    }
    // A role name may hold a colon (`aws:ec2-instance`), so only slashes separate.
    resource.strip_prefix("assumed-role/")?.split('/').next()
}

/// Returns the role of a role ARN with its path, such as `ci/deploy`, or the last part of any other ARN.
pub fn short(arn: &str) -> &str {
    let Some(resource) = resource(arn) else { return arn };
    resource.strip_prefix("role/").unwrap_or(resource)
}

/// Returns the session name of an assumed-role ARN.
pub fn session_name(arn: &str) -> Option<&str> {
    resource(arn)?.strip_prefix("assumed-role/")?.split_once('/').map(|(_, session)| session)
}

/// Returns true for an account id: twelve digits.
pub fn is_account_id(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|digit| digit.is_ascii_digit())
}

/// Returns true when both ARNs name the same role: same account, same name, whatever the path.
pub fn is_same_role(a: &str, b: &str) -> bool {
    a == b || (account(a) == account(b) && role_name(a).is_some() && role_name(a) == role_name(b))
}

/// Returns true for the roles that IAM Identity Center makes in member accounts.
pub fn is_identity_center_role(arn: &str) -> bool {
    role_name(arn).is_some_and(|name| name.starts_with("AWSReservedSSO_"))
}

/// Returns the pattern of the roles that Identity Center makes for the permission set of a role: the name ends in sixteen
/// hexadecimal digits, others whenever the set is assigned anew.
pub fn permission_set_pattern(arn: &str) -> Option<String> {
    let (before, suffix) = arn.rsplit_once('_').filter(|_| is_identity_center_role(arn))?;
    let is_suffix = suffix.len() == 16 && suffix.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_suffix.then(|| format!("{before}_*"))
}

/// Returns true for the address under which a service calls, such as `cloudformation.amazonaws.com`: what `sourceIPAddress`
/// says in place of an IP address. Machines of customers have names below `amazonaws.com`, too.
pub fn is_service(address: &str) -> bool {
    let name = address.strip_suffix(".amazonaws.com").or_else(|| address.strip_suffix(".amazonaws.com.cn"));
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-')
    };
    name.is_some_and(|name| name.split('.').all(|label| is_label(label) && !label.starts_with("compute")))
        && !address.starts_with("ec2-")
}

/// Returns true for service-linked roles.
pub fn is_service_linked_role(arn: &str) -> bool {
    resource(arn).is_some_and(|resource| {
        resource.starts_with("role/aws-service-role/")
            || resource.strip_prefix("assumed-role/").is_some_and(|name| name.starts_with("AWSServiceRoleFor"))
    })
}

/// What the first four letters of an access key id say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// `AKIA…`: a long-term key of a user or of the root user.
    LongTerm,
    /// `ASIA…`: a temporary key, issued by STS or the console.
    Temporary,
    /// Anything else.
    Other,
}

/// Returns what kind of key an access key id names.
pub fn key_kind(access_key_id: &str) -> KeyKind {
    match access_key_id.get(..4) {
        Some("AKIA") => KeyKind::LongTerm,
        Some("ASIA") => KeyKind::Temporary,
        _ => KeyKind::Other,
    }
}

/// Returns the account that an access key id or a unique id (`AKIA ASIA AROA AIDA …`) encodes.
///
/// Not documented by AWS; published by Tal Be'ery (2023) and checked on real logs: the sixteen characters after the
/// prefix are base32, their first six bytes hold one generation bit, forty bits of account and seven more bits. Ids of
/// the old generation, and ids that are not base32, give `None`. An inference: reports must say so.
pub fn account_in_id(id: &str) -> Option<String> {
    let body = id.as_bytes().get(4..20)?;
    if id.len() > 21 {
        return None;
    }
    let mut bits: u128 = 0;
    for character in body {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'2'..=b'7' => character - b'2' + 26,
            _ => return None,
        };
        bits = bits << 5 | u128::from(value);
    }
    let high = bits >> 32;
    let is_new = high >> 47 & 1 == 1;
    is_new.then(|| format!("{:012}", (high & 0x7fff_ffff_ff80) >> 7)).filter(|account| account.len() == 12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_call_under_names_of_their_own() {
        for (address, expected) in [
            ("cloudformation.amazonaws.com", true),
            ("s3.eu-central-1.amazonaws.com", true),
            ("states.amazonaws.com.cn", true),
            ("ec2-192-0-2-1.eu-west-1.compute.amazonaws.com", false),
            ("ec2-192-0-2-1.compute-1.amazonaws.com", false),
            (".amazonaws.com", false),
            ("amazonaws.com", false),
            ("AWS Internal", false),
            ("192.0.2.1", false),
            ("evil.example", false),
        ] {
            assert_eq!(super::is_service(address), expected, "{address}");
        }
    }

    #[test]
    fn an_id_names_its_account() {
        for (id, account) in [
            ("ASIAY34FZKBOKMUTVV7A", Some("609629065308")),
            ("ASIAQNZGKIQY56JQ7WML", Some("029608264753")),
            ("AROA3ISBVQKHLCPMWHJG5", Some("774305579662")),
            ("AROAJBP4A5WSXVNY72RLE", None),
            ("ASIAIOSFODNN7EXAMPLE", None),
            ("AKIATFQR7NSC8Q4X20BJ", None),
            ("AKIA", None),
            ("", None),
        ] {
            assert_eq!(account_in_id(id).as_deref(), account, "{id}");
        }
    }

    #[test]
    fn a_role_is_compared_by_account_and_name() {
        assert!(is_same_role(
            "arn:aws:iam::111111111111:role/ci/deploy",
            "arn:aws:sts::111111111111:assumed-role/deploy/x"
        ));
        assert!(!is_same_role("arn:aws:iam::111111111111:role/deploy", "arn:aws:iam::222222222222:role/deploy"));
        assert!(!is_same_role("", "arn:aws:iam::222222222222:user/deploy"));
        assert_eq!(session_name("arn:aws-cn:sts::1:assumed-role/r/s@x"), Some("s@x"));
    }
}
