//! How to reach a bucket: what the flags say.

/// How to reach buckets. Everything that is `None` is found as the AWS tools find it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The profile of the shared configuration files to take credentials and region from.
    pub profile: Option<String>,
    /// The region of the bucket.
    pub region: Option<String>,
    /// The address of a server that is not AWS's; it is spoken to in path style.
    pub endpoint_url: Option<String>,
    /// Whoever asks pays: said with every request.
    pub request_payer: bool,
    /// Sign nothing: for public buckets.
    pub no_sign_request: bool,
    /// How many objects are fetched at the same time, at most.
    pub concurrency: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            profile: None,
            region: None,
            endpoint_url: None,
            request_payer: false,
            no_sign_request: false,
            concurrency: 64,
        }
    }
}
