//! Logs in S3: finds trails below a prefix by looking, lists what a window needs, and streams the objects.
//!
//! The only library that speaks to the network, and its runtime, live here; the rest of the program is synchronous. Two
//! requests are made, `ListObjectsV2` and `GetObject`: nothing here can change anything.

mod address;
mod bucket;
pub(super) mod client;
mod discover;
pub(super) mod explain;
mod layout;
mod list;
mod open;
mod options;
pub(super) mod spelling;
mod stream;
mod tasks;
mod trust;

pub use address::Address;
pub use bucket::Fetched;
pub use layout::Scope;
pub use options::Options;
pub use stream::Arrival;
pub use stream::Listener;
pub use stream::Permit;
pub use stream::Stream;
