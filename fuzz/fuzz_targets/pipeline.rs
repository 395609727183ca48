//! The same records give the same report: whatever the order, the split over objects and workers, and the duplicates.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolechain::expect::Expectations;
use rolechain::parse;
use rolechain::pipeline;
use rolechain_fuzz::report::{Object, assert_same, expectations, merged, observe, regardless_of_objects, told};
use rolechain_fuzz::world;

/// Lines of arbitrary text beyond this many add nothing.
const MOST_LINES: usize = 48;

fuzz_target!(|bytes: &[u8]| {
    let Some((selector, rest)) = bytes.split_first() else { return };
    let expectations = expectations(selector & 1 == 1);
    let records = if selector & 2 == 0 { world::records(rest) } else { lines(rest) };
    if records.is_empty() {
        // Text of any kind must at least not stop it.
        let text = String::from_utf8_lossy(rest);
        let _ = pipeline::audit_text(&text, expectations);
        return;
    }
    in_any_order_of_objects(&records, usize::from(selector >> 2 & 3) + 1, expectations);
    in_any_objects(&records, expectations);
});

/// Takes the lines of a text that are records each for itself: what is broken depends on its neighbours.
fn lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let is_record = |line: &&str| {
        line.starts_with('{')
            // A digest's keys say what the whole object is.
            && !line.contains("digest")
            && parse::parse_careful(line).is_some_and(|parsed| parsed.recognised)
    };
    text.lines().map(str::trim).filter(is_record).take(MOST_LINES).map(str::to_owned).collect()
}

/// The same objects under the same names: the report is the same to the byte.
fn in_any_order_of_objects(records: &[String], size: usize, expectations: &Expectations) {
    let objects: Vec<Object> =
        records.chunks(size).enumerate().map(|(at, chunk)| (format!("object-{at:02}"), chunk.join("\n"))).collect();
    let all: Vec<usize> = (0..objects.len()).collect();
    let reversed: Vec<usize> = all.iter().rev().copied().collect();
    let (even, odd): (Vec<usize>, Vec<usize>) = all.iter().partition(|at| *at % 2 == 0);
    let plain = told(merged(observe(&objects, &[all])), expectations);
    let same = |other: String, way: &str| {
        if plain != other {
            let value = |text: &str| serde_json::from_str(text).expect("the report is JSON");
            assert_same(&value(&plain), &value(&other), way);
            panic!("{way}: the same values in other bytes");
        }
    };
    same(told(merged(observe(&objects, &[reversed])), expectations), "objects in reverse");
    let mut parts = observe(&objects, &[odd, even]);
    same(told(merged(parts.clone()), expectations), "two workers");
    parts.reverse();
    same(told(merged(parts), expectations), "two workers, merged the other way round");
}

/// The same records in other objects: all that the report says of them is the same.
fn in_any_objects(records: &[String], expectations: &Expectations) {
    let tell = |objects: &[Vec<String>], keep_counts| {
        let objects: Vec<Object> =
            objects.iter().enumerate().map(|(at, lines)| (format!("text-{at}"), lines.join("\n"))).collect();
        let order: Vec<usize> = (0..objects.len()).collect();
        regardless_of_objects(&told(merged(observe(&objects, &[order])), expectations), keep_counts)
    };
    let all = records.to_vec();
    let reversed: Vec<String> = records.iter().rev().cloned().collect();
    let (head, tail) = records.split_at(records.len() / 2);
    let plain = tell(std::slice::from_ref(&all), true);
    assert_same(&plain, &tell(std::slice::from_ref(&reversed), true), "records in reverse");
    assert_same(&plain, &tell(&[tail.to_vec(), head.to_vec()], true), "the second half first");
    let once = tell(std::slice::from_ref(&all), false);
    assert_same(&once, &tell(&[all, reversed], false), "every record twice");
}
