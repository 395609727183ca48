//! The rooms that every record goes through, in a package of their own: built for speed where the rest is built small,
//! and not built again when the rest is edited.

pub mod model;
pub mod observe;
pub mod parse;
pub mod read;
