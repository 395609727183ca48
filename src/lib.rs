//! Reads CloudTrail logs, links role sessions into chains, and says what was not expected.

pub mod model;
pub mod parse;
pub mod read;
