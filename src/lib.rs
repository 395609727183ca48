//! Reads CloudTrail logs, links role sessions into chains, and says what was not expected.

pub mod audit;
pub mod cli;
pub mod correlate;
pub mod expect;
pub mod export;
pub mod frame;
pub mod infer;
pub mod integrity;
pub mod job;
pub mod model;
pub mod observe;
pub mod parse;
pub mod pipeline;
pub mod provider;
pub mod query;
pub mod read;
pub mod report;
pub mod source;
pub mod store;
pub mod text;
pub mod trust;
