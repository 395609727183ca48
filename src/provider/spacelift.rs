//! Spacelift: `space:SPACE:stack:STACK:run_type:TYPE:scope:read`.

use super::claims::pairs;
use super::pattern::{self, Admitted, Claim};
use super::{Admits, Context, Provider, Subject, SubjectForm, Tenancy};

pub(super) const PROVIDER: Provider = Provider {
    id: "spacelift",
    name: "Spacelift",
    project: "stack",
    recognizes: |issuer| account(issuer).map(|_| Tenancy::Tenant),
    parse: Some(parse),
    reads,
    ..Provider::USUAL
};

/// Reads the account off `ACCOUNT.app.spacelift.io`, which has a region's name between them outside of Europe.
fn account(issuer: &str) -> Option<&str> {
    let host = issuer.strip_suffix(".spacelift.io")?;
    let account = host.strip_suffix(".app").or_else(|| host.strip_suffix(".app.us"))?;
    (!account.is_empty() && account.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')).then_some(account)
}

fn parse(issuer: &str, text: &str) -> Option<Subject> {
    let claims = pairs(text)?;
    let [("space", space), ("stack" | "module", stack), ("run_type", run_type), rest @ ..] = claims.as_slice() else {
        return None;
    };
    let owner = account(issuer).unwrap_or(space);
    let mut subject = Subject { form: SubjectForm::Mutable, ..Subject::default() };
    subject.set_repository(owner, stack);
    subject.context = Context::Other(format!("run type {run_type}"));
    subject.extra = vec![("space".to_owned(), space.clone())];
    subject.extra.extend(rest.iter().map(|(claim, value)| ((*claim).to_owned(), value.clone())));
    Some(subject)
}

/// The issuer is one account's: a pattern that names no stack admits all of the account or of a space.
fn reads(pattern: &str) -> Admitted {
    let tells = |claim: &str| match claim {
        "stack" | "module" => Claim::Project,
        _ => Claim::Context,
    };
    if pattern.starts_with(['*', '?']) {
        return Admitted::Known(Admits::Anybody);
    }
    pattern::of_claims(pattern, tells).of_one_owner().into()
}
