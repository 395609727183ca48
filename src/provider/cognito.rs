//! Amazon Cognito identity pools: the subject is an identity id, the audience names the pool.

use super::{Provider, Tenancy};

pub(super) const PROVIDER: Provider = Provider {
    id: "cognito",
    name: "Amazon Cognito identity pools",
    audiences: &[],
    recognises: |issuer| (issuer == "cognito-identity.amazonaws.com").then_some(Tenancy::Shared),
    parse: None,
};
