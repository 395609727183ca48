//! Azure DevOps: `sc://ORGANISATION/PROJECT/SERVICE CONNECTION`.

use super::claims::is_uuid;
use super::pattern::{Admitted, Claim, Pins};
use super::{Admits, Context, Provider, Subject, SubjectForm, Tenancy};

pub(super) const PROVIDER: Provider = Provider {
    id: "azure-devops",
    name: "Azure DevOps",
    project: "project",
    recognizes: |issuer| {
        issuer.strip_prefix("vstoken.dev.azure.com/").filter(|id| is_uuid(id)).map(|_| Tenancy::Tenant)
    },
    parse: Some(parse),
    reads,
    ..Provider::USUAL
};

fn parse(_issuer: &str, text: &str) -> Option<Subject> {
    let parts: Vec<&str> = text.strip_prefix("sc://")?.splitn(3, '/').collect();
    let [owner, project, connection] = parts.as_slice() else { return None };
    if [owner, project, connection].iter().any(|part| part.is_empty()) {
        return None;
    }
    let mut subject = Subject { form: SubjectForm::Mutable, ..Subject::default() };
    subject.set_repository(owner, project);
    subject.context = Context::Other(format!("service connection {connection}"));
    Some(subject)
}

/// The issuer is one organization's: the organization owns whatever a pattern names.
fn reads(pattern: &str) -> Admitted {
    let Some(rest) = pattern.strip_prefix("sc://") else {
        return if pattern.contains(['*', '?']) {
            Admitted::Known(Admits::Anybody)
        } else {
            Admitted::Known(Admits::OneWorkload)
        };
    };
    let mut pins = Pins::of_owner();
    let mut parts = rest.splitn(3, '/').skip(1);
    match (parts.next(), parts.next()) {
        (Some(project), connection) => {
            pins.take(Claim::Project, project);
            pins.take(Claim::Context, connection.unwrap_or("*"));
            pins.into()
        }
        (None, _) => Admitted::Known(Admits::Anybody),
    }
}
