//! Pulumi Cloud: recognised; its subjects are shown raw.

use super::{Provider, Tenancy};

pub(super) const PROVIDER: Provider = Provider {
    id: "pulumi",
    name: "Pulumi Cloud",
    audiences: &[],
    recognises: |issuer| (issuer == "api.pulumi.com/oidc").then_some(Tenancy::Shared),
    parse: None,
};
