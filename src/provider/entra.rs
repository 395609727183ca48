//! Microsoft Entra ID: workloads and people of one tenant. The subject is an object id or a pairwise id without parts.

use super::claims::is_uuid;
use super::{Holder, Provider, Tenancy};

pub(super) const PROVIDER: Provider = Provider {
    id: "entra",
    name: "Microsoft Entra ID",
    holder: Holder::Workload,
    project: "application",
    recognizes,
    ..Provider::USUAL
};

/// Recognizes `sts.windows.net/TENANT/` (version 1 tokens, which end in a slash) and
/// `login.microsoftonline.com/TENANT/v2.0`.
fn recognizes(issuer: &str) -> Option<Tenancy> {
    let first = issuer.strip_prefix("sts.windows.net/");
    let second = || issuer.strip_prefix("login.microsoftonline.com/")?.strip_suffix("/v2.0");
    first.or_else(second).filter(|tenant| is_uuid(tenant)).map(|_| Tenancy::Tenant)
}
