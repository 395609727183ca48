//! Amazon Cognito identity pools: the subject is an identity id, the audience names the pool.

use super::pattern::Admitted;
use super::{Admits, Holder, Provider, Tenancy};

pub(super) const PROVIDER: Provider = Provider {
    id: "cognito",
    name: "Amazon Cognito identity pools",
    recognizes: |issuer| (issuer == "cognito-identity.amazonaws.com").then_some(Tenancy::Shared),
    holder: Holder::Person,
    is_class: true,
    project: "identity",
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
