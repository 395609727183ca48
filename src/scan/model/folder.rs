//! The account of a folder: CloudTrail lays the log files of each account under `AWSLogs/<account>/`, and those of an
//! organization under `AWSLogs/<organization>/<account>/`.

/// Returns the account in whose folder an object lies, when its name says so.
pub fn account_of(object: &str) -> Option<&str> {
    let (_, below) = object.rsplit_once("AWSLogs/").or_else(|| object.rsplit_once("AWSLogs\\"))?;
    let mut parts = below.split(['/', '\\']);
    let first = parts.next()?;
    let account = if first.starts_with("o-") { parts.next()? } else { first };
    // What follows must be a folder's name and not the file's.
    parts.next()?;
    (account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit())).then_some(account)
}

/// Says whether a record of `account` lies in the folder of another account.
pub fn is_misplaced(object: &str, account: Option<&str>) -> bool {
    account.zip(account_of(object)).is_some_and(|(account, folder)| account != folder)
}

#[cfg(test)]
mod tests {
    use super::account_of;

    #[test]
    fn the_account_stands_below_awslogs() {
        for (object, account) in [
            ("s3://b/AWSLogs/111111111111/CloudTrail/eu-central-1/x.json.gz", Some("111111111111")),
            ("p/AWSLogs/o-abc123def4/222222222222/CloudTrail/x.json.gz", Some("222222222222")),
            ("C:\\logs\\AWSLogs\\222222222222\\CloudTrail\\x.json", Some("222222222222")),
            ("AWSLogs/111111111111/copies/AWSLogs/222222222222/x/y.json", Some("222222222222")),
            ("AWSLogs/111111111111", None),
            ("AWSLogs/o-abc123def4/x.json", None),
            ("AWSLogs/x/CloudTrail/y.json", None),
            ("logs/111111111111/CloudTrail/x.json", None),
            ("-", None),
        ] {
            assert_eq!(account_of(object), account, "{object}");
        }
    }
}
