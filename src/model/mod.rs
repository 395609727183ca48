//! The nouns that every room speaks of. No I/O, no clock, no wire format.

pub mod coverage;
pub mod record;
pub mod time;
