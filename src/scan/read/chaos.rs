//! Damaged objects of every shape: whatever happens, each record counts once, and all ways of reading agree.

use proptest::prelude::*;

use super::Limits;
use super::tests::{A, B, C, gzip, quoted, read_with};

/// Sound text in one of the shapes, with a record or two more than fit a small window.
fn shape(number: usize, count: usize) -> String {
    let records = [A, B, C, "42", r#"{"x":[{"y":"z"}]}"#].repeat(count);
    let quotes = |key: &str| {
        let items: Vec<String> = records.iter().map(|record| format!("{{\"{key}\":{}}}", quoted(record))).collect();
        items
    };
    match number {
        0 => format!("{{\"Records\":[{}]}}", records.join(",")),
        1 => records.join("\n"),
        2 => format!("[{}]", records.join(" ,\n")),
        3 => format!("{{\"Events\":[{}],\"NextToken\":\"x\"}}", quotes("CloudTrailEvent").join(",")),
        4 => quotes("message").join("\n"),
        5 => format!("[{{\"detail-type\":1,\"detail\":{}}}]", records.join("},{\"detail\":")),
        6 => format!("2026-11-18T09:00:00.000Z {}\n", records.join("\n2026-11-18T09:00:00.000Z ")),
        7 => format!("{{\"detail\":{},\"detail-type\":\"x\"}}", records.join(",\"detail-type\":\"x\"}\n{\"detail\":")),
        _ => format!("{{\"Records\":[{A}]}}\n{{\"a\":{{}},\"Records\":[{}]}}\n{B}", records.join(",")),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn damage_never_breaks_the_count(
        number in 0..9_usize,
        count in prop_oneof![4 => 1..5_usize, 1 => 100..200_usize],
        damage in prop::collection::vec((any::<prop::sample::Index>(), prop::sample::select(&b"\"\\{}[],:\n \x00\xffe"[..]), 0..3_u8), 0..4),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
        record_bytes in prop_oneof![3 => Just(16 << 20), 1 => 50..400_usize],
        packed in any::<bool>(),
    ) {
        let mut bytes = shape(number, count).into_bytes();
        for (at, byte, how) in damage {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => { bytes.remove(at); }
                _ => bytes.insert(at, byte),
            }
        }
        if packed {
            bytes = gzip(bytes);
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let limits = Limits { record_bytes, nesting: 16, ..Limits::default() };
        // It asserts that every index comes once, and that the three ways agree.
        read_with(&bytes, &limits);
    }

    #[test]
    fn any_bytes_at_all_are_read_without_a_panic(
        bytes in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..300),
            "[\\[\\]{}\",:\\\\ \n0-9a-z]{0,300}".prop_map(String::into_bytes),
        ],
        magic in prop::sample::select(vec![&b""[..], b"{\"Records\":[", b"[{", b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"]),
    ) {
        read_with(&[magic, &bytes].concat(), &Limits { record_bytes: 100, nesting: 4, ..Limits::default() });
    }
}
