//! Values one after another, however a shell has strung them together: one object, a list, pages with the list inside, lists
//! of pages, objects with nothing between them, one on each line. The elements of a list are handed over one by one.

use std::fmt;

use serde::de::DeserializeSeed;
use serde::de::Deserializer;
use serde::de::Error;
use serde::de::IgnoredAny;
use serde::de::MapAccess;
use serde::de::SeqAccess;
use serde::de::Visitor;

use super::facts::Defect;
use super::item::Item;
use super::item::Key;
use super::item::Word;
use crate::model::width::wide;

/// Takes what a file holds.
pub(super) trait Sink {
    /// Takes an object.
    fn item(&mut self, item: Item<'_>);
    /// Takes the beginning of a list.
    fn begin(&mut self);
    /// Takes the end of a list: how many objects of its kind the system counts, where it says so.
    fn page(&mut self, total: Option<Total>);
    /// Takes what is not understood.
    fn defect(&mut self, defect: Defect);
}

/// How many objects a system counts for a list that it gives in pages.
#[derive(Clone, Copy)]
pub(super) enum Total {
    Runs(u64),
    Jobs(u64),
}

/// Reads every value. What is broken becomes a defect, and reading goes on with the next line that begins a value.
pub(super) fn read(bytes: &[u8], sink: &mut dyn Sink) {
    let mut at = 0;
    loop {
        at = skip_noise(bytes, at);
        let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) else { return };
        let mut json = serde_json::Deserializer::from_slice(rest);
        let mut seed = Each { sink, handed_over: 0 };
        match (&mut seed).deserialize(&mut json) {
            Ok(()) => at += json.into_iter::<IgnoredAny>().byte_offset(),
            Err(error) => {
                let has_handed_over = seed.handed_over > 0;
                let broken = offset(rest, error.line(), error.column());
                let first = rest.get(..end_of_line(rest, 0).unwrap_or(rest.len())).unwrap_or_default();
                let is_table = at == 0 && first.contains(&b',') && !matches!(first, [b'{' | b'[', ..]);
                let message = if is_table {
                    "this is not JSON: of an audit log the export as JSON is read, and not the one as CSV"
                } else if error.is_eof() {
                    "the file ends inside of a value"
                } else {
                    "this is not JSON"
                };
                sink.defect(Defect { at: wide(at + broken), message: message.to_owned() });
                // What was handed over is not read again; what was swallowed by a broken line before it is.
                let from = if has_handed_over { line_of(bytes, at + broken).max(at + 1) } else { at + 1 };
                match next_line(bytes, from) {
                    Some(next) => at = next,
                    None => return,
                }
            }
        }
    }
}

/// Skips what may stand between values: white space, marks of byte order, the separator of JSON text sequences.
fn skip_noise(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at..) {
            Some([b' ' | b'\t' | b'\r' | b'\n' | 0x1e, ..]) => at += 1,
            Some([0xef, 0xbb, 0xbf, ..]) => at += 3,
            _ => return at,
        }
    }
}

/// Returns the byte at a line and a column, both counted from one.
fn offset(bytes: &[u8], line: usize, column: usize) -> usize {
    let mut begin = 0;
    for _ in 1..line {
        let rest = bytes.get(begin..).unwrap_or_default();
        begin += memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
    }
    (begin + column.saturating_sub(1)).min(bytes.len())
}

/// Returns where the line begins in which a byte stands.
fn line_of(bytes: &[u8], at: usize) -> usize {
    memchr::memrchr(b'\n', bytes.get(..at).unwrap_or_default()).map_or(0, |end| end + 1)
}

/// Returns where the next line begins, at `from` or later, that begins with a value.
fn next_line(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = if from == line_of(bytes, from) { from } else { end_of_line(bytes, from)? };
    while !matches!(bytes.get(at), Some(b'{' | b'[')) {
        at = end_of_line(bytes, at)?;
    }
    Some(at)
}

fn end_of_line(bytes: &[u8], at: usize) -> Option<usize> {
    memchr::memchr(b'\n', bytes.get(at..)?).map(|end| at + end + 1)
}

/// Reads a value of any shape, and hands over the objects in it.
struct Each<'s> {
    sink: &'s mut dyn Sink,
    handed_over: usize,
}

impl<'de> DeserializeSeed<'de> for &mut Each<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Each<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        self.sink.begin();
        while list.next_element_seed(&mut *self)?.is_some() {}
        self.sink.page(None);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let mut item = Item::default();
        let mut is_page = false;
        let mut counts: Option<fn(u64) -> Total> = None;
        while let Some(key) = object.next_key_seed(Word(Key::of))? {
            let is_list = match key {
                Key::workflow_runs | Key::values | Key::items | Key::data => true,
                // Builds hold their jobs, pages of jobs count them first.
                Key::jobs => item.total_count.is_some(),
                _ => false,
            };
            if is_list {
                is_page = true;
                counts = match key {
                    Key::workflow_runs => Some(Total::Runs),
                    Key::jobs => Some(Total::Jobs),
                    _ => counts,
                };
                object.next_value_seed(&mut *self)?;
            } else {
                item.field(key, &mut object)?;
            }
        }
        self.handed_over += 1;
        let is_item = !is_page || item.action.is_some() || item.id.is_some();
        if is_page {
            self.sink.page(counts.and_then(|counted| item.total_count.map(counted)));
        }
        if is_item {
            self.sink.item(item);
        }
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }
}
