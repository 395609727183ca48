//! Bit masks over JSON text: where the quotes and the backslashes stand.

use crate::model::width::place;
use wide::u8x16;

/// Bytes that one block of masks describes.
const BLOCK: usize = 64;
/// The bits at odd distance from a run of backslashes' start, see [`escaped`].
const EVEN: u64 = 0x5555_5555_5555_5555;

/// The masks of 64 bytes: bit `i` speaks of byte `i`.
#[derive(Clone, Copy, Debug, Default)]
struct Block {
    /// Quotes that are not escaped.
    quote: u64,
    /// Backslashes.
    backslash: u64,
}

/// The masks of one window of JSON text that starts outside any string. Reusable.
#[derive(Debug, Default)]
pub struct Masks {
    blocks: Vec<Block>,
    bad_from: usize,
}

impl Masks {
    /// Computes the masks of `text`, which must start outside any string.
    pub fn build(&mut self, text: &[u8]) {
        let mut carry = Carry { in_string: 0, escape: 0, bad_from: usize::MAX };
        let (whole, rest) = text.as_chunks::<BLOCK>();
        // Two empty blocks at the end let every look-ahead read the next block without asking.
        self.blocks.clear();
        self.blocks.reserve(whole.len() + 3);
        self.blocks.extend(whole.iter().enumerate().map(|(number, bytes)| block(bytes, &mut carry, number)));
        if !rest.is_empty() {
            let mut padded = [b' '; BLOCK];
            if let Some(head) = padded.get_mut(..rest.len()) {
                head.copy_from_slice(rest);
            }
            self.blocks.push(block(&padded, &mut carry, whole.len()));
        }
        self.blocks.push(Block::default());
        self.blocks.push(Block::default());
        self.bad_from = carry.bad_from;
    }

    /// Returns where the first control character inside a string stands, or backslash outside one. Neither is JSON, and
    /// what reaches beyond it is not to be trusted.
    pub(crate) fn bad_from(&self) -> usize {
        self.bad_from
    }

    /// Returns where the string ends that has its first letter at `from`, and whether there is a backslash in it.
    #[inline]
    pub(crate) fn string(&self, from: usize) -> Option<(usize, bool)> {
        let (at, shift) = (from / BLOCK, from % BLOCK);
        let [first, second] = self.blocks.get(at..at + 2)? else { return None };
        // The next 64 bits as one word: most strings are shorter, so that the branch is nearly always taken.
        let quote = (first.quote >> shift) | ((second.quote << 1) << (BLOCK - 1 - shift));
        if quote == 0 {
            return self.long_string(from);
        }
        let backslash = (first.backslash >> shift) | ((second.backslash << 1) << (BLOCK - 1 - shift));
        // All bits below the lowest quote.
        let before = quote ^ (quote - 1);
        Some((from + place(quote.trailing_zeros()), backslash & before != 0))
    }

    #[inline(never)]
    fn long_string(&self, from: usize) -> Option<(usize, bool)> {
        let (at, shift) = (from / BLOCK, from % BLOCK);
        let mut escapes = self.blocks.get(at)?.backslash >> shift;
        for (number, block) in self.blocks.iter().enumerate().skip(at + 1) {
            if block.quote != 0 {
                escapes |= block.backslash & (block.quote ^ (block.quote - 1));
                return Some((number * BLOCK + place(block.quote.trailing_zeros()), escapes != 0));
            }
            escapes |= block.backslash;
        }
        None
    }
}

/// What one block hands on to the next.
struct Carry {
    /// All ones inside a string.
    in_string: u64,
    /// 1 when the first byte is escaped by the last of the block before.
    escape: u64,
    /// The first byte that makes the masks doubtful.
    bad_from: usize,
}

impl Carry {
    #[cold]
    fn found_bad(&mut self, bits: u64, number: usize) {
        if bits != 0 {
            self.bad_from = self.bad_from.min(number * BLOCK + place(bits.trailing_zeros()));
        }
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "the carry must stay in registers")]
#[expect(clippy::many_single_char_names, reason = "four lanes, and four results")]
fn block(bytes: &[u8; BLOCK], carry: &mut Carry, number: usize) -> Block {
    let (lanes, _) = bytes.as_chunks::<16>();
    let [a, b, c, d] = lanes else { return Block::default() };
    let (a, b, c, d) = (u8x16::new(*a), u8x16::new(*b), u8x16::new(*c), u8x16::new(*d));

    let mark = u8x16::splat(b'"');
    let mut quote = gather(a.simd_eq(mark), b.simd_eq(mark), c.simd_eq(mark), d.simd_eq(mark));
    let mark = u8x16::splat(b'\\');
    let (e, f, g, h) = (a.simd_eq(mark), b.simd_eq(mark), c.simd_eq(mark), d.simd_eq(mark));
    let mut backslash = 0;
    if ((e | f) | (g | h)).any() || carry.escape != 0 {
        backslash = gather(e, f, g, h);
        quote &= !escaped(backslash, &mut carry.escape);
    }
    let in_string = prefix_xor(quote) ^ carry.in_string;
    carry.in_string = 0_u64.wrapping_sub(in_string >> 63);

    let ceiling = u8x16::splat(0x1f);
    let least = a.min(b).min(c.min(d));
    if least.min(ceiling).simd_eq(least).any() {
        let control = gather(
            a.min(ceiling).simd_eq(a),
            b.min(ceiling).simd_eq(b),
            c.min(ceiling).simd_eq(c),
            d.min(ceiling).simd_eq(d),
        ) & in_string;
        carry.found_bad(control, number);
    }
    if backslash & !in_string != 0 {
        carry.found_bad(backslash & !in_string, number);
    }
    Block { quote, backslash }
}

#[inline]
fn gather(a: u8x16, b: u8x16, c: u8x16, d: u8x16) -> u64 {
    let low = u64::from(a.to_bitmask()) | (u64::from(b.to_bitmask()) << 16);
    let high = u64::from(c.to_bitmask()) | (u64::from(d.to_bitmask()) << 16);
    low | (high << 32)
}

/// Turns quotes into "inside a string": bit `i` is the parity of the quotes up to and including `i`.
#[inline]
fn prefix_xor(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ (bits << 32)
}

/// Finds the bytes that an odd run of backslashes escapes (the method of simdjson).
#[inline]
fn escaped(backslash: u64, carry: &mut u64) -> u64 {
    let backslash = backslash & !*carry;
    let follows = (backslash << 1) | *carry;
    let odd_starts = backslash & !EVEN & !follows;
    let (even_runs, overflow) = odd_starts.overflowing_add(backslash);
    *carry = u64::from(overflow);
    (EVEN ^ (even_runs << 1)) & follows
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Masks;

    /// The same masks, one byte at a time.
    fn plain(text: &[u8]) -> (Vec<usize>, usize) {
        let (mut quotes, mut bad, mut inside, mut escape) = (vec![], usize::MAX, false, false);
        for (at, &byte) in text.iter().enumerate() {
            let escaped = std::mem::take(&mut escape);
            match byte {
                b'\\' => {
                    escape = !escaped;
                    if !inside {
                        bad = bad.min(at);
                    }
                }
                b'"' if !escaped => {
                    inside = !inside;
                    quotes.push(at);
                }
                0..0x20 if inside => bad = bad.min(at),
                _ => {}
            }
        }
        (quotes, bad)
    }

    proptest! {
        #[test]
        fn masks_agree_with_a_loop_over_bytes(text in r#"[\\"\[\]{}a \n]{0,400}"#) {
            let mut masks = Masks::default();
            masks.build(text.as_bytes());
            let (quotes, bad) = plain(text.as_bytes());
            for from in 0..text.len() {
                let end = quotes.iter().copied().find(|quote| *quote >= from);
                let has_backslash = end.map(|end| text.as_bytes()[from..end].contains(&b'\\'));
                prop_assert_eq!(masks.string(from), end.zip(has_backslash));
            }
            prop_assert_eq!(masks.bad_from(), bad);
        }
    }
}
