//! The nouns that every room speaks of. No I/O, no clock, no wire format.

pub mod acceptance;
pub mod arn;
pub mod assumption;
pub mod assurance;
pub mod baseline;
pub mod chain;
pub mod change;
pub mod coverage;
pub mod event_id;
pub mod finding;
pub mod folder;
pub mod glob;
pub mod index;
pub mod integrity;
pub mod lineage;
pub mod observations;
pub mod principal;
pub mod principal_key;
pub mod receipt;
pub mod record;
pub mod symbols;
pub mod tallies;
pub mod time;
pub mod verdict;
pub mod width;
