//! Kubernetes service accounts, which every cluster's issuer names alike: `system:serviceaccount:NAMESPACE:NAME`.

use super::pattern::{Admitted, Claim, Part, Pins};
use super::{Admits, Context, Holder, Provider, Subject, SubjectForm};

/// What holds for the issuers of all clusters.
pub(super) const CLUSTER: Provider = Provider {
    holder: Holder::Workload,
    is_class: true,
    project: "namespace",
    parse: Some(parse),
    reads,
    ..Provider::USUAL
};

const BEFORE_NAMESPACE: &str = "system:serviceaccount:";

fn parse(_issuer: &str, text: &str) -> Option<Subject> {
    let (namespace, name) = text.strip_prefix(BEFORE_NAMESPACE)?.split_once(':')?;
    if namespace.is_empty() || name.is_empty() || name.contains(':') {
        return None;
    }
    let context = Context::ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() };
    Some(Subject { form: SubjectForm::Mutable, context, ..Subject::default() })
}

/// The cluster owns whatever a pattern names.
fn reads(pattern: &str) -> Admitted {
    let Some(rest) = pattern.strip_prefix(BEFORE_NAMESPACE) else {
        return if Part::of(pattern) == Part::Whole {
            Admitted::Known(Admits::OneWorkload)
        } else {
            Admitted::Known(Admits::Anybody)
        };
    };
    let (namespace, name) = rest.split_once(':').unwrap_or((rest, "*"));
    if Part::of(namespace) == Part::Open {
        return Admitted::Known(Admits::Anybody);
    }
    let mut pins = Pins::of_owner();
    pins.take(Claim::Project, namespace);
    pins.take(Claim::Context, name);
    pins.into()
}
