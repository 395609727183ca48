//! Google Kubernetes Engine: one issuer per cluster.

use super::kubernetes::CLUSTER;
use super::{Provider, Tenancy};

pub(super) const PROVIDER: Provider =
    Provider { id: "gke", name: "Google Kubernetes Engine service accounts", recognizes, ..CLUSTER };

/// Recognizes `container.googleapis.com/v1/projects/PROJECT/locations/PLACE/clusters/NAME`.
fn recognizes(issuer: &str) -> Option<Tenancy> {
    let parts: Vec<&str> = issuer.strip_prefix("container.googleapis.com/v1/")?.split('/').collect();
    let ["projects", project, "locations" | "zones", place, "clusters", cluster] = parts.as_slice() else {
        return None;
    };
    [project, place, cluster].iter().all(|part| !part.is_empty()).then_some(Tenancy::Tenant)
}
