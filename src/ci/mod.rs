//! What does the CI system say? Reads what people export of it (runs, jobs, approvals, deployments, audit logs) and brings it
//! together as facts.
//!
//! Everything here is foreign input: whoever starts a run names branches, workflows and jobs, and whoever exports a file can
//! edit it.

mod address;
mod answer;
mod bitbucket;
#[cfg(test)]
mod broken_tests;
mod buildkite;
mod circleci;
mod collector;
mod commits;
mod cover;
mod facts;
mod fetchers;
mod few;
mod field;
mod github_audit;
mod github_commits;
#[cfg(test)]
mod github_commits_tests;
mod github_data_stream;
mod github_rest;
mod gitlab;
mod hcp_terraform;
mod intake;
mod item;
mod merge;
mod names;
mod people;
mod settle;
mod share;
mod stream;
mod take;
#[cfg(test)]
mod tests;
mod wanted;
mod wanted_reviews;
mod window;
mod words;

use std::io;
use std::io::Read;

pub use facts::*;
pub use few::FewMap;
pub use few::FewSet;
pub use people::People;
pub use wanted::Wanted;
pub use wanted::script;

/// Who may read a value: each knows its own by the fields that it has. The first that does takes it.
const SOURCES: &[intake::Source] = &[
    collector::take,
    github_audit::take,
    github_data_stream::take,
    github_rest::take,
    github_commits::take,
    gitlab::take,
    bitbucket::take,
    buildkite::take,
    hcp_terraform::take,
    circleci::take,
];

impl Facts {
    /// Adds what a file says, in whatever form, from whatever system. What is not understood becomes a defect of the file.
    ///
    /// # Errors
    ///
    /// When the source cannot be read; what was read before stays.
    pub fn read(&mut self, name: &str, mut source: impl Read) -> io::Result<()> {
        intake::read(self, SOURCES, name, &mut source)
    }

    /// Names a file that is not read, and why.
    ///
    /// # Errors
    ///
    /// When the source cannot be read.
    pub fn leave(&mut self, name: &str, mut source: impl Read, message: &str) -> io::Result<()> {
        intake::leave(self, name, &mut source, message)
    }

    /// Brings together what the files say of each other, and what they cover. Comes after the last file.
    pub fn settle(&mut self) {
        settle::settle(self);
        cover::cover(self);
    }
}
