//! Amazon EKS clusters (IAM roles for service accounts): `system:serviceaccount:NAMESPACE:NAME`.

use super::{Context, Provider, Subject, SubjectForm, Tenancy};

pub(super) const PROVIDER: Provider = Provider {
    id: "eks",
    name: "Amazon EKS service accounts",
    audiences: &["sts.amazonaws.com", "sts.amazonaws.com.cn"],
    recognises,
    parse: Some(parse),
};

/// Recognises `oidc.eks.REGION.amazonaws.com/id/HEX`, with `.cn` in the China partition. One issuer per cluster.
fn recognises(issuer: &str) -> Option<Tenancy> {
    let (host, id) = issuer.split_once("/id/")?;
    let host = host.strip_suffix(".cn").unwrap_or(host);
    let region = host.strip_prefix("oidc.eks.")?.strip_suffix(".amazonaws.com")?;
    let is_region = !region.is_empty() && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let is_cluster = id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
    (is_region && is_cluster).then_some(Tenancy::Tenant)
}

fn parse(_issuer: &str, text: &str) -> Option<Subject> {
    let (namespace, name) = text.strip_prefix("system:serviceaccount:")?.split_once(':')?;
    if namespace.is_empty() || name.is_empty() || name.contains(':') {
        return None;
    }
    let context = Context::ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() };
    Some(Subject { form: SubjectForm::Mutable, context, ..Subject::default() })
}
