//! Google accounts and service accounts: the subject is a numeric id without parts.

use super::pattern::Admitted;
use super::{Admits, Holder, Provider, Tenancy};

pub(super) const PROVIDER: Provider = Provider {
    id: "google",
    name: "Google",
    recognizes: |issuer| (issuer == "accounts.google.com").then_some(Tenancy::Shared),
    holder: Holder::Workload,
    project: "account",
    // The key `aud` holds the application that asked for the token (azp); anybody may ask for any audience (oaud).
    customer_claim: Some("aud"),
    reads: |pattern| {
        if pattern.contains(['*', '?']) {
            Admitted::Known(Admits::Anybody)
        } else {
            Admitted::Known(Admits::OneWorkload)
        }
    },
    ..Provider::USUAL
};
