//! Google accounts and service accounts: the subject is a numeric id without parts.

use super::{Provider, Tenancy};

pub(super) const PROVIDER: Provider = Provider {
    id: "google",
    name: "Google",
    audiences: &[],
    recognises: |issuer| (issuer == "accounts.google.com").then_some(Tenancy::Shared),
    parse: None,
};
