//! What the fuzz targets share: worlds made of bytes, ways to read them, and what must come out the same.

pub mod report;
pub mod world;
