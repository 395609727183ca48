//! What people call things: origins, roles, accounts, numbers and times, made safe for a terminal.

use std::collections::BTreeMap;

use super::screen::safe;
use super::wire::Text;
use super::wire::Time;
use super::wire::origin::Origin;
use crate::model::arn;
use crate::text::fit;

/// What stands where nothing is known.
pub(super) const UNKNOWN: &str = "?";

/// Knows what people call accounts.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    accounts: &'a BTreeMap<String, String>,
}

impl<'a> Names<'a> {
    pub(super) fn new(accounts: &'a BTreeMap<String, String>) -> Self {
        Self { accounts }
    }

    /// Returns the account's name, else its id.
    pub(super) fn account(self, id: &str) -> String {
        safe(self.accounts.get(id).map_or(id, String::as_str)).into_owned()
    }

    /// Returns the name that somebody gave to the account.
    pub(super) fn account_name(self, id: &str) -> Option<String> {
        self.accounts.get(id).map(|name| safe(name).into_owned())
    }

    /// Returns `ci-deploy-role (prod)`: the role's name and whose account it is in.
    pub(super) fn role(self, role_arn: &str) -> String {
        match arn::account(role_arn) {
            Some(account) => format!("{} ({})", short_role(role_arn), self.account(account)),
            None => short_role(role_arn),
        }
    }

    /// Returns `gha-orders (tooling) → ci-deploy-role (prod)` in at most `room` columns: first the accounts go, the
    /// last one last, then the middle of the path.
    pub(super) fn path(self, roles: &[Text<'_>], room: usize) -> String {
        let Some((last, before)) = roles.split_last() else { return "(no role)".to_owned() };
        let full: Vec<String> = roles.iter().map(|role| self.role(role)).collect();
        let mut partly: Vec<String> = before.iter().map(|role| short_role(role)).collect();
        partly.push(self.role(last));
        let bare: Vec<String> = roles.iter().map(|role| short_role(role)).collect();
        let fitting = [full, partly, bare.clone()].into_iter().map(|names| names.join(ARROW));
        let fitting = fitting.into_iter().find(|path| fit::width(path) <= room);
        fitting.unwrap_or_else(|| squeezed(&bare, room))
    }

    /// Returns a principal in few words: the role and session, or the user, of an ARN.
    pub(super) fn principal(self, principal: &str) -> String {
        let Some(resource) = arn::resource(principal) else { return safe(principal).into_owned() };
        let resource = resource.strip_prefix("assumed-role/").or_else(|| resource.strip_prefix("user/"));
        let account = arn::account(principal).map(|account| format!(" ({})", self.account(account)));
        let name = resource.unwrap_or_else(|| arn::short(principal));
        format!("{}{}", safe(name), account.unwrap_or_default())
    }
}

/// What stands between a role and the one it became.
pub(super) const ARROW: &str = " → ";

/// Cuts the names of a path, each to its share.
fn squeezed(names: &[String], room: usize) -> String {
    let arrows = fit::width(ARROW) * names.len().saturating_sub(1);
    let share = room.saturating_sub(arrows) / names.len().max(1);
    if share < 6 {
        return fit::cut_middle(&names.join(ARROW), room).into_owned();
    }
    let cut: Vec<_> = names.iter().map(|name| fit::cut_middle(name, share)).collect();
    cut.join(ARROW)
}

fn short_role(role_arn: &str) -> String {
    safe(arn::role_name(role_arn).unwrap_or_else(|| arn::short(role_arn))).into_owned()
}

/// Returns what kind of origin it is, in one short word.
pub(super) fn via(origin: &Origin<'_>) -> &'static str {
    match origin.kind {
        "oidc" => origin.subject_parts.as_ref().map_or("oidc", |parts| parts.provider),
        "identity_center" => "sso",
        "long_term_key" => "key",
        "aws_service" => "service",
        "roles_anywhere" => "x509",
        "pod_identity" => "pod",
        "external_account" => "account",
        kind => kind,
    }
}

/// Returns who stood at the origin. `via` stands beside it and is not repeated.
pub(super) fn origin(origin: &Origin<'_>, names: Names<'_>) -> String {
    let principal = origin.principal_arn.as_deref().map(|arn| names.principal(arn));
    let account = origin.account_id.as_deref().map(|id| names.account(id));
    let subject = origin.subject.as_deref().map(|subject| {
        let is_github = via(origin) == "github";
        safe(subject.strip_prefix("repo:").filter(|_| is_github).unwrap_or(subject)).into_owned()
    });
    let key = origin.access_key_id.as_deref().map(|key| safe(key).into_owned());
    let service = origin.service.as_deref().map(|service| safe(service).into_owned());
    let provider = origin.provider.as_deref().map(|provider| safe(provider).into_owned());
    let best = match origin.kind {
        "long_term_key" => match (&key, &principal) {
            (Some(key), Some(user)) => Some(format!("{key} of {user}")),
            _ => key.clone(),
        },
        "external_account" => principal.clone().or_else(|| account.clone()),
        "root" => account.clone(),
        _ => None,
    };
    best.or(subject).or(principal).or(service).or(provider).or(account).unwrap_or_else(|| UNKNOWN.to_owned())
}

/// Writes a number so that it can be read: `3,021`.
pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Writes a number with its noun: `1 chain`, `3,021 writes`.
pub(super) fn count(count: u64, noun: &str) -> String {
    let plural = match noun.strip_suffix('y') {
        _ if count == 1 => noun.to_owned(),
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{noun}s"),
    };
    format!("{} {plural}", number(count))
}

/// Writes `2026-11-21 23:01`.
pub(super) fn minute(time: Option<Time>) -> String {
    let text = |time: Time| time.to_string().get(..16).map(|text| text.replace('T', " "));
    time.and_then(text).unwrap_or_else(|| UNKNOWN.to_owned())
}

/// Writes `2026-11-21`.
pub(super) fn day(time: Option<Time>) -> String {
    time.and_then(|time| time.to_string().get(..10).map(str::to_owned)).unwrap_or_else(|| UNKNOWN.to_owned())
}

/// Writes `2026-11-21 23:01:17`.
pub(super) fn second(time: Option<Time>) -> String {
    let text = |time: Time| time.to_string().get(..19).map(|text| text.replace('T', " "));
    time.and_then(text).unwrap_or_else(|| UNKNOWN.to_owned())
}

/// Writes from when to when, without saying the day twice.
pub(super) fn span(first: Option<Time>, last: Option<Time>) -> String {
    let (first, last) = (second(first), second(last));
    match (first.split_once(' '), last.split_once(' ')) {
        _ if first == last => first,
        (Some((day, _)), Some((other, clock))) if day == other => format!("{first} – {clock}"),
        _ => format!("{first} – {last}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{Names, count, number};
    use crate::report::wire::Text;

    #[test]
    fn numbers_are_grouped_and_nouns_bend() {
        assert_eq!([0, 999, 1000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(count(1, "key"), "1 key");
        assert_eq!(count(2, "key"), "2 keys");
        assert_eq!(count(1204, "try"), "1,204 tries");
    }

    #[test]
    fn a_path_gives_up_accounts_before_names() {
        let accounts = BTreeMap::from([("444455556666".to_owned(), "prod".to_owned())]);
        let roles = ["arn:aws:iam::111122223333:role/gha-orders", "arn:aws:iam::444455556666:role/ci/ci-deploy-role"];
        let roles = roles.map(Text::Borrowed);
        let names = Names::new(&accounts);
        assert_eq!(names.path(&roles, 80), "gha-orders (111122223333) → ci-deploy-role (prod)");
        assert_eq!(names.path(&roles, 40), "gha-orders → ci-deploy-role (prod)");
        assert_eq!(names.path(&roles, 30), "gha-orders → ci-deploy-role");
        assert_eq!(names.path(&roles, 20), "gha-o… → ci-…-role");
    }
}
