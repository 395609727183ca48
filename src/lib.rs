//! Reads CloudTrail logs, links role sessions into chains, and says what was not expected.

pub mod audit;
pub mod ci;
pub mod cli;
pub mod correlate;
pub mod expect;
pub mod export;
pub mod frame;
pub mod infer;
pub mod integrity;
pub mod job;
pub mod join;
pub mod pipeline;
pub mod provider;
pub mod query;
pub mod report;
pub mod source;
pub mod store;
pub mod text;
pub mod trust;

pub use rolechain_scan::model;
pub use rolechain_scan::observe;
pub use rolechain_scan::parse;
pub use rolechain_scan::read;
