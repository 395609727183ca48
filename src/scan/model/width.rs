//! Between the widths of numbers: lengths and places are `usize`, counts are `u64`, and ids are `u32`.

/// Returns a length as a count. It always fits: no machine has wider places than 64 bits.
#[inline]
#[expect(clippy::as_conversions, reason = "`From` does not know that `usize` has at most 64 bits")]
pub const fn wide(length: usize) -> u64 {
    length as u64
}

/// Returns the place that an id means. It always fits: no machine that this is for has narrower places than 32 bits.
#[inline]
#[expect(clippy::as_conversions, reason = "`From` does not know that `usize` has at least 32 bits")]
pub const fn place(id: u32) -> usize {
    id as usize
}

/// Returns the id for a place. More than four billion of anything fit no memory.
#[inline]
pub fn id_of(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
