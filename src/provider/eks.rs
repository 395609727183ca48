//! Amazon EKS clusters (IAM roles for service accounts).

use super::kubernetes::CLUSTER;
use super::{Provider, Tenancy};

pub(super) const PROVIDER: Provider =
    Provider { id: "eks", name: "Amazon EKS service accounts", recognizes, ..CLUSTER };

/// How the hosts begin and end that sign for clusters; dual-stack ones have names of their own.
const HOSTS: [(&str, &str); 4] = [
    ("oidc.eks.", ".amazonaws.com"),
    ("oidc.eks.", ".amazonaws.com.cn"),
    ("oidc-eks.", ".api.aws"),
    ("oidc-eks.", ".api.amazonwebservices.com.cn"),
];

/// Recognizes `oidc.eks.REGION.amazonaws.com/id/HEX` and the like. One issuer per cluster.
fn recognizes(issuer: &str) -> Option<Tenancy> {
    let (host, id) = issuer.split_once("/id/")?;
    let region = HOSTS.iter().find_map(|(before, after)| host.strip_prefix(before)?.strip_suffix(after))?;
    let is_region = !region.is_empty() && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let is_cluster = id.len() == 32 && id.bytes().all(|b| b.is_ascii_hexdigit());
    (is_region && is_cluster).then_some(Tenancy::Tenant)
}
