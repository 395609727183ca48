//! Azure Kubernetes Service: one issuer per cluster, which ends in a slash.

use super::claims::is_uuid;
use super::kubernetes::CLUSTER;
use super::{Provider, Tenancy};

pub(super) const PROVIDER: Provider =
    Provider { id: "aks", name: "Azure Kubernetes Service service accounts", recognizes, ..CLUSTER };

/// Recognizes `REGION.oic.prod-aks.azure.com/TENANT/CLUSTER/`.
fn recognizes(issuer: &str) -> Option<Tenancy> {
    let (host, path) = issuer.split_once('/')?;
    let region = host.strip_suffix(".oic.prod-aks.azure.com")?;
    let is_region = !region.is_empty() && region.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    let (tenant, cluster) = path.split_once('/')?;
    (is_region && is_uuid(tenant) && is_uuid(cluster)).then_some(Tenancy::Tenant)
}
