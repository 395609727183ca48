//! What people call things: origins, roles, accounts, numbers and times, made safe for a terminal.

use std::collections::BTreeMap;

use super::Options;
use super::Report;
use super::RunInfo;
use super::screen::safe;
use super::wire::Text;
use super::wire::Time;
use super::wire::denied::Denied;
use super::wire::origin::Origin;
use crate::model::arn;
use crate::model::time::HOUR;
use crate::text::fit;
use crate::text::redact::Shade;

/// What stands where nothing is known.
pub(super) const UNKNOWN: &str = "?";

/// Knows what people call accounts.
#[derive(Clone, Copy)]
pub(super) struct Names<'a> {
    accounts: &'a BTreeMap<String, String>,
    shade: Shade,
}

impl<'a> Names<'a> {
    pub(super) fn new(report: &Report<'a>, options: &Options) -> Self {
        Self { accounts: report.account_names, shade: Shade::new(options.redact) }
    }

    /// Returns the account's name, else its id.
    pub(super) fn account(self, id: &str) -> String {
        safe(&self.shade.text(self.accounts.get(id).map_or(id, String::as_str))).into_owned()
    }

    /// Returns the name that somebody gave to the account.
    pub(super) fn account_name(self, id: &str) -> Option<String> {
        self.accounts.get(id).map(|name| safe(&self.shade.text(name)).into_owned())
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
        let Some((last, before)) = roles.split_last() else { return NO_ROLE.to_owned() };
        let full: Vec<String> = roles.iter().map(|role| self.role(role)).collect();
        let mut partly: Vec<String> = before.iter().map(|role| short_role(role)).collect();
        partly.push(self.role(last));
        let bare: Vec<String> = roles.iter().map(|role| short_role(role)).collect();
        let fitting = [full, partly, bare.clone()].into_iter().map(|names| names.join(ARROW));
        let fitting = fitting.into_iter().find(|path| fit::width(path) <= room);
        fitting.unwrap_or_else(|| squeezed(&bare, room))
    }

    /// Returns a principal in few words: the role and session, or the user, of an ARN, and its account if that fits.
    pub(super) fn principal(self, principal: &str, room: usize) -> String {
        let Some(resource) = arn::resource(principal) else {
            return fit::cut_middle(&safe(principal), room).into_owned();
        };
        let resource = resource.strip_prefix("assumed-role/").or_else(|| resource.strip_prefix("user/"));
        let name = resource.unwrap_or_else(|| arn::short(principal));
        let name = match name.split_once('/') {
            Some((role, session)) if role.starts_with(SSO_PREFIX) => format!("{}/{}", role_name(role), safe(session)),
            _ => safe(name).into_owned(),
        };
        let account = arn::account(principal).map(|account| format!("{name} ({})", self.account(account)));
        pick(account.into_iter().chain([name]), room)
    }

    /// Returns who stood at the origin, in at most `room` columns. What [`via`] says is not repeated.
    pub(super) fn origin(self, origin: &Origin<'_>, room: usize) -> String {
        let shown = |part: &Option<Text<'_>>| part.as_deref().map(|text| safe(text).into_owned());
        let principal = || origin.principal_arn.as_deref().map(|arn| self.principal(arn, room));
        let account = || origin.account_id.as_deref().map(|id| self.account(id));
        let first = match origin.kind {
            "long_term_key" => return pick(self.key_origin(origin), room),
            "oidc" => return pick(token_origin(origin), room),
            "external_account" => principal().or_else(account),
            "root" => account(),
            _ => None,
        };
        let named = first.or_else(|| shown(&origin.subject)).or_else(principal).or_else(|| shown(&origin.service));
        let named = named.or_else(|| shown(&origin.provider)).or_else(account);
        pick(named, room)
    }

    fn key_origin(self, origin: &Origin<'_>) -> Vec<String> {
        let key = safe(origin.access_key_id.as_deref().unwrap_or(UNKNOWN));
        let Some(user) = origin.principal_arn.as_deref() else { return vec![key.into_owned()] };
        let user_alone = arn::resource(user).and_then(|resource| resource.strip_prefix("user/")).unwrap_or(user);
        vec![format!("{key} of {}", self.principal(user, usize::MAX)), format!("{key} of {}", safe(user_alone))]
    }
}

/// Returns a token's subject as people say it, and its issuer when that is nobody's known provider.
fn token_origin(origin: &Origin<'_>) -> Vec<String> {
    let subject = origin.spoken.as_deref().or(origin.subject.as_deref()).unwrap_or(UNKNOWN);
    let unknown = origin.subject_parts.is_none().then(|| origin.provider.as_deref().unwrap_or("unknown issuer"));
    vec![unknown.into_iter().chain([subject]).map(safe).collect::<Vec<_>>().join(" ")]
}

/// Returns a subject that was denied as people say it.
pub(super) fn denied_subject(row: &Denied<'_>) -> Option<String> {
    row.spoken.as_deref().or(row.subject.as_deref()).map(|subject| safe(subject).into_owned())
}

/// Returns the first text that fits, else the last with its middle cut out.
fn pick(texts: impl IntoIterator<Item = String>, room: usize) -> String {
    let mut last = None;
    for text in texts {
        if fit::width(&text) <= room {
            return text;
        }
        last = Some(text);
    }
    last.map_or_else(|| UNKNOWN.to_owned(), |text| fit::cut_middle(&text, room).into_owned())
}

/// How the roles begin that IAM Identity Center makes; a hash of sixteen digits ends them.
const SSO_PREFIX: &str = "AWSReservedSSO_";

/// What stands for a path that no role is on.
const NO_ROLE: &str = "without a role";

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

pub(super) fn short_role(role_arn: &str) -> String {
    role_name(arn::role_name(role_arn).unwrap_or_else(|| arn::short(role_arn)))
}

/// Returns a role's name; that of a permission set as `sso/Name`, which no other role can be called.
fn role_name(name: &str) -> String {
    let permission_set = name.strip_prefix(SSO_PREFIX).and_then(|rest| rest.rsplit_once('_')).map(|(name, _)| name);
    permission_set.map_or_else(|| safe(name).into_owned(), |set| format!("sso/{}", safe(set)))
}

/// Returns what kind of origin it is, in one short word.
pub(super) fn via(origin: &Origin<'_>) -> &'static str {
    match origin.kind {
        "oidc" => origin.subject_parts.as_ref().map_or("oidc", |parts| parts.provider),
        "identity_center" => "sso",
        "long_term_key" => "key",
        "session_token" => "token",
        "aws_service" | "forward_access" => "service",
        "roles_anywhere" => "x509",
        "pod_identity" => "pod",
        "external_account" => "account",
        kind => kind,
    }
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

/// Keeps words on one line: the spaces between them are no place to break.
pub(super) fn unbroken(text: &str) -> String {
    text.replace(' ', "\u{a0}")
}

/// Says how old the newest record was when the run began: `4 h`, `20 days`. `None` without a clock or a record.
pub(super) fn age(newest: Option<Time>, run: &RunInfo) -> Option<String> {
    let seconds = run.started_at?.0.saturating_sub(newest?.0.0).max(0).unsigned_abs();
    let hours = seconds / HOUR.unsigned_abs();
    Some(match hours {
        0 => format!("{} min", seconds / 60),
        1..48 => format!("{hours} h"),
        _ => count(hours / 24, "day"),
    })
}

/// Writes a number with its noun: `1 chain`, `3,021 writes`.
pub(super) fn count(count: u64, noun: &str) -> String {
    let plural = match noun.strip_suffix('y') {
        _ if count == 1 => noun.to_owned(),
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
        _ => format!("{noun}s"),
    };
    unbroken(&format!("{} {plural}", number(count)))
}

/// Writes `2026-11-21 23:01`.
pub(super) fn minute(time: Option<Time>) -> String {
    begin(time, 16)
}

/// Writes `2026-11-21`.
pub(super) fn day(time: Option<Time>) -> String {
    time.map_or_else(|| UNKNOWN.to_owned(), |time| time.0.date())
}

/// Writes `2026-11-21 23:01:17`.
pub(super) fn second(time: Option<Time>) -> String {
    begin(time, 19)
}

fn begin(time: Option<Time>, length: usize) -> String {
    time.map_or_else(|| UNKNOWN.to_owned(), |time| time.to_string().chars().take(length).collect()).replace('T', " ")
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

    use super::{Names, Shade, count, number};
    use crate::report::wire::Text;

    #[test]
    fn numbers_are_grouped_and_nouns_bend() {
        assert_eq!([0, 999, 1000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(count(1, "key"), "1\u{a0}key");
        assert_eq!(count(2, "key"), "2\u{a0}keys");
        assert_eq!(count(1204, "try"), "1,204\u{a0}tries");
    }

    #[test]
    fn a_path_gives_up_accounts_before_names() {
        let accounts = BTreeMap::from([("444455556666".to_owned(), "prod".to_owned())]);
        let roles = ["arn:aws:iam::111122223333:role/gha-orders", "arn:aws:iam::444455556666:role/ci/ci-deploy-role"];
        let roles = roles.map(Text::Borrowed);
        let names = Names { accounts: &accounts, shade: Shade::new(false) };
        assert_eq!(names.path(&roles, 80), "gha-orders (111122223333) → ci-deploy-role (prod)");
        assert_eq!(names.path(&roles, 40), "gha-orders → ci-deploy-role (prod)");
        assert_eq!(names.path(&roles, 30), "gha-orders → ci-deploy-role");
        assert_eq!(names.path(&roles, 20), "gh…rders → ci…-role");
    }
}
