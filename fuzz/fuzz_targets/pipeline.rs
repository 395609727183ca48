//! The same records give the same report: whatever the order, the split over objects and workers, and the duplicates.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rolechain::parse;
use rolechain::pipeline;
use rolechain_fuzz::report::{
    Case, Object, assert_same, expectations, merged, observe, regardless_of_objects, told, told_as_value,
};
use rolechain_fuzz::world;

/// Lines of arbitrary text beyond this many add nothing.
const MOST_LINES: usize = 48;

fuzz_target!(|bytes: &[u8]| {
    let Some((selector, rest)) = bytes.split_first() else { return };
    let case = Case::new(selector & 1 != 0, selector & 64 != 0);
    let records = if selector & 2 == 0 { world::records(rest) } else { lines(rest) };
    if records.is_empty() {
        // Text of any kind must at least not stop it.
        let text = String::from_utf8_lossy(rest);
        let _ = pipeline::audit_text(&text, expectations(selector & 1 != 0));
        return;
    }
    in_any_order_of_objects(&records, *selector, &case);
    in_any_objects(&records, *selector, &case);
});

/// Takes the lines of a text that are records each for itself: what is broken depends on its neighbors.
fn lines(bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let is_record = |line: &&str| {
        line.starts_with('{')
            // A digest's keys say what the whole object is.
            && !line.contains("digest")
            && parse::parse_careful(line).is_some_and(|parsed| parsed.recognized)
    };
    text.lines().map(str::trim).filter(is_record).take(MOST_LINES).map(str::to_owned).collect()
}

/// The same objects under the same names: the report is the same to the byte.
fn in_any_order_of_objects(records: &[String], selector: u8, case: &Case) {
    let size = usize::from(selector >> 2 & 3) + 1;
    let objects: Vec<Object> =
        records.chunks(size).enumerate().map(|(at, chunk)| (format!("object-{at:02}"), chunk.join("\n"))).collect();
    let all: Vec<usize> = (0..objects.len()).collect();
    let reversed: Vec<usize> = all.iter().rev().copied().collect();
    let plain = told(merged(observe(&objects, &[all], case)), case);
    let (way, parts) = if selector & 16 == 0 {
        ("objects in reverse", observe(&objects, &[reversed], case))
    } else {
        let (even, odd) = reversed.into_iter().partition(|at| at % 2 == 0);
        ("two workers", observe(&objects, &[odd, even], case))
    };
    let other = told(merged(parts), case);
    if plain != other {
        let value = |text: &str| serde_json::from_str(text).expect("the report is JSON");
        assert_same(&value(&plain), &value(&other), way);
        panic!("{way}: the same values in other bytes");
    }
}

/// The same records in other objects: all that the report says of them is the same.
fn in_any_objects(records: &[String], selector: u8, case: &Case) {
    let tell = |objects: &[Vec<String>]| {
        let objects = objects.iter().enumerate().filter(|(_, lines)| !lines.is_empty());
        let objects: Vec<Object> = objects.map(|(at, lines)| (format!("text-{at}"), lines.join("\n"))).collect();
        told_as_value(merged(observe(&objects, &[(0..objects.len()).collect()], case)), case)
    };
    let all = records.to_vec();
    let reversed: Vec<String> = records.iter().rev().cloned().collect();
    let (head, tail) = records.split_at(records.len() / 2);
    let plain = tell(std::slice::from_ref(&all));
    let (way, other) = if selector & 32 == 0 {
        ("records in reverse", tell(std::slice::from_ref(&reversed)))
    } else {
        ("the second half first", tell(&[tail.to_vec(), head.to_vec()]))
    };
    let plain = regardless_of_objects(plain, true);
    assert_same(&plain, &regardless_of_objects(other, true), way);
    let twice = regardless_of_objects(tell(&[all, reversed]), false);
    assert_same(&regardless_of_objects(plain, false), &twice, "every record twice");
}
