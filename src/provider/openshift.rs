//! Clusters of Red Hat whose issuer Red Hat publishes, such as those of ROSA on AWS.

use super::kubernetes::CLUSTER;
use super::{Provider, Tenancy};

pub(super) const PROVIDER: Provider =
    Provider { id: "openshift", name: "Red Hat OpenShift service accounts", recognizes, ..CLUSTER };

/// The hosts on which Red Hat publishes the keys of clusters: a bucket of its own in early regions, and a host.
const HOSTS: [&str; 3] =
    ["rh-oidc.s3.us-east-1.amazonaws.com", "rh-oidc.s3.amazonaws.com", "oidc.op1.openshiftapps.com"];

fn recognizes(issuer: &str) -> Option<Tenancy> {
    let (host, cluster) = issuer.split_once('/')?;
    let is_cluster = !cluster.is_empty() && cluster.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (HOSTS.contains(&host) && is_cluster).then_some(Tenancy::Tenant)
}
