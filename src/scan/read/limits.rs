//! Limits against hostile input.

/// What one object may cost. The defaults are far above what CloudTrail writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes that one object may inflate to; what lies beyond is not read. Default: 4 GiB.
    ///
    /// CloudTrail's own objects have at most 50 MB compressed, which is about 0.5 GB of JSON.
    pub inflated_bytes: u64,
    /// The largest record, in bytes of JSON. Default: 16 MiB. CloudTrail's own limit is 1 MB.
    pub record_bytes: usize,
    /// The deepest nesting of one record; its own braces count as 1. Default: 128.
    pub nesting: usize,
    /// An object with more compressed bytes than this should go through [`read_stream`](super::read_stream), so that
    /// memory stays flat. Default: 4 MiB.
    pub whole_compressed_bytes: usize,
    /// An object that inflates to more bytes than this is read as a stream even when its compressed form is in memory.
    /// Default: 8 MiB.
    pub whole_inflated_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            inflated_bytes: 4 << 30,
            record_bytes: 16 << 20,
            nesting: 128,
            whole_compressed_bytes: 4 << 20,
            whole_inflated_bytes: 8 << 20,
        }
    }
}
