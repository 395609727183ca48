//! Kinds: of which provider the owners say that issuers are, such as those on hosts of their own.

use super::glob::Glob;
use super::globs::Globs;

/// Issuers and the ids of their providers. Of several that speak of one issuer, the narrowest counts, and the last of equals.
#[derive(Clone, Debug, Default)]
pub struct Kinds {
    urls: Globs,
    said: Vec<(Glob, Option<&'static str>)>,
}

impl Kinds {
    /// Takes what the owners say, in their order.
    pub fn new(said: Vec<(Glob, Option<&'static str>)>) -> Self {
        Self { urls: Globs::ignoring_case(said.iter().map(|(url, _)| url.as_str())), said }
    }

    /// Returns the place of what is said of a bare host.
    pub fn place(&self, host: &str) -> Option<usize> {
        let fitting = self.urls.fitting(host.trim_end_matches('/')).filter_map(|at| Some((at, &self.said.get(at)?.0)));
        fitting.max_by_key(|(at, url)| (url.is_literal(), url.literal_chars(), *at)).map(|(at, _)| at)
    }

    /// Returns the id of the provider that a bare host is said to be of.
    pub fn of(&self, host: &str) -> Option<&'static str> {
        self.said.get(self.place(host)?)?.1
    }
}
