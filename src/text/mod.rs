//! Makes foreign text safe for a medium, at the last moment: whoever writes the logs may be an attacker.

pub mod fit;
pub mod markdown;
pub mod terminal;
