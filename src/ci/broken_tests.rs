//! Files in every order, broken in every place, read in pieces of any size.

use std::io;
use std::io::Read;

use proptest::prelude::*;

use super::Facts;
use super::tests::facts;
use super::tests::files;

/// Gives one byte after another.
struct Drops<'b>(&'b [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(1);
        self.0.read(&mut buffer[..most])
    }
}

/// Reads a file whole and byte by byte: both say the same.
fn in_pieces(name: &str, bytes: &[u8]) -> Facts {
    let whole = facts(&[(name, bytes.to_vec())]);
    let mut drops = Facts::default();
    drops.read(name, Drops(bytes)).unwrap();
    drops.settle();
    assert_eq!(drops, whole);
    whole
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn neither_order_nor_repetition_matters(order in prop::collection::vec(0..files().len(), 0..40), seed in Just(files()).prop_shuffle()) {
        let expected = facts(&files());
        let all = files();
        let more = order.into_iter().filter_map(|at| all.get(at).cloned());
        prop_assert_eq!(&facts(&seed.into_iter().chain(more).collect::<Vec<_>>()), &expected);
    }

    #[test]
    fn no_cut_and_no_change_of_a_byte_is_too_much(file in 0..files().len(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let (name, mut bytes) = files().swap_remove(file);
        let at = at.index(bytes.len());
        prop_assert_eq!(in_pieces(name, &bytes[..at]).files.len(), 1);
        bytes[at] = byte;
        prop_assert_eq!(in_pieces(name, &bytes).files.len(), 1);
    }

    #[test]
    fn nothing_is_too_much(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "[\\[\\]{}\",:\\n 0-9a-z]{0,200}") {
        prop_assert_eq!(in_pieces("a", &bytes).files.len(), 1);
        prop_assert_eq!(in_pieces("b", text.as_bytes()).files.len(), 1);
    }
}
