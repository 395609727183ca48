//! GitHub's streaming of audit logs: GitHub itself writes an enterprise's audit log to its bucket. No workflow stands behind it.

use super::pattern::{self, Admitted, Part};
use super::{Admits, Holder, Provider, Subject, SubjectForm, Tenancy};

pub(super) const PROVIDER: Provider = Provider {
    id: "github-audit-log",
    name: "GitHub audit log streaming",
    recognizes: |issuer| (issuer == "oidc-configuration.audit-log.githubusercontent.com").then_some(Tenancy::Shared),
    parse: Some(parse),
    holder: Holder::Platform,
    is_class: true,
    project: "enterprise",
    reads,
    ..Provider::USUAL
};

/// Reads `https://github.com/ENTERPRISE`. An enterprise is no owner of repositories, so that it is a claim of its own.
fn parse(_issuer: &str, text: &str) -> Option<Subject> {
    let enterprise = text.strip_prefix("https://github.com/")?;
    let is_name =
        !enterprise.is_empty() && enterprise.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    is_name.then(|| Subject {
        form: SubjectForm::Mutable,
        extra: vec![("enterprise".to_owned(), enterprise.to_owned())],
        ..Subject::default()
    })
}

fn reads(pattern: &str) -> Admitted {
    match pattern.strip_prefix("https://github.com/").map(Part::of) {
        Some(Part::Whole) => Admitted::Known(Admits::OneWorkload),
        Some(Part::Beginning) => Admitted::Known(Admits::Owners),
        Some(Part::Open | Part::Unsaid) => Admitted::Known(Admits::Anybody),
        None => Admitted::Known(pattern::not_read(pattern)),
    }
}
