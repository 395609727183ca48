//! Values one after another, however a shell has strung them together: one object, a list, pages with the list inside, lists
//! of pages, objects with nothing between them, one on each line. The elements of a list are handed over one by one.

use std::fmt;
use std::io;
use std::io::Read;

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
use super::window::Ahead;
use super::window::Window;
use crate::model::width::wide;

/// Takes what a file holds.
pub(super) trait Sink {
    /// Takes an object.
    fn item(&mut self, item: Item<'_>);
    /// Notes a value that is no object.
    fn plain(&mut self) {}
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
pub(super) fn read(source: &mut dyn Read, sink: &mut dyn Sink) -> io::Result<()> {
    let mut window = Window::new(source);
    // A list around everything is taken element by element: of all pages, one list may be too large to be held.
    let mut list = List::None;
    loop {
        window.skip_noise();
        match list {
            List::None if window.take_if(b'[') => {
                list = List::Whole;
                sink.begin();
                continue;
            }
            List::Whole | List::Broken if window.take_if(b',') => continue,
            List::Whole | List::Broken if window.take_if(b']') => {
                if list == List::Whole {
                    sink.page(None);
                }
                list = List::None;
                continue;
            }
            _ => {}
        }
        let Some(ahead) = window.ahead(list != List::None) else { break };
        match value(&ahead, sink) {
            Ok(length) => window.take(length),
            Err(from) => {
                list = if list == List::None { list } else { List::Broken };
                window.skip_to_value(from);
            }
        }
    }
    if list == List::Whole {
        sink.defect(Defect { at: window.at(), message: ENDS_INSIDE.to_owned() });
    }
    window.failure().map_or(Ok(()), Err)
}

/// The list around everything.
#[derive(PartialEq)]
enum List {
    None,
    Whole,
    /// Some of it was not understood: nobody knows how much.
    Broken,
}

const ENDS_INSIDE: &str = "the file ends inside of a value";

/// Reads the value ahead. Returns how long it is; when it is broken, where the next value may begin.
fn value(ahead: &Ahead<'_>, sink: &mut dyn Sink) -> Result<usize, usize> {
    let mut json = serde_json::Deserializer::from_slice(ahead.bytes);
    let mut seed = Each { sink, handed_over: 0 };
    let Err(error) = (&mut seed).deserialize(&mut json) else {
        return Ok(json.into_iter::<IgnoredAny>().byte_offset());
    };
    let has_handed_over = seed.handed_over > 0;
    let broken = offset(ahead.bytes, error.line(), error.column());
    let first = ahead.bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let is_table = ahead.at == 0 && first.contains(&b',') && !first.starts_with(b"{");
    let message = if is_table {
        "this is not JSON: of an audit log the export as JSON is read, and not the one as CSV"
    } else if error.is_eof() {
        ahead.fault.unwrap_or(ENDS_INSIDE)
    } else {
        "this is not JSON"
    };
    sink.defect(Defect { at: ahead.at + wide(broken), message: message.to_owned() });
    // What was handed over is not read again; what was swallowed by a broken line before it is.
    Err(if has_handed_over { line_of(ahead.bytes, broken).max(1) } else { 1 })
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
        self.sink.plain();
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.sink.plain();
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.sink.plain();
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.sink.plain();
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.sink.plain();
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.sink.plain();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was taken: `(`, an object's id, `)` for the end of a list, `!` for a defect.
    #[derive(Default)]
    struct Taken(String);

    impl Sink for Taken {
        fn item(&mut self, item: Item<'_>) {
            self.0.push_str(item.id.as_deref().unwrap_or("?"));
        }
        fn begin(&mut self) {
            self.0.push('(');
        }
        fn page(&mut self, _: Option<Total>) {
            self.0.push(')');
        }
        fn defect(&mut self, _: Defect) {
            self.0.push('!');
        }
    }

    fn taken(text: &str) -> String {
        let mut taken = Taken::default();
        read(&mut text.as_bytes(), &mut taken).unwrap();
        taken.0
    }

    #[test]
    fn values_come_however_they_are_strung_together() {
        for (text, expected) in [
            (r#"{"id":1}{"id":2}"#, "12"),
            ("{\"id\":1}\n\u{1e}{\"id\":2}\n", "12"),
            (r#"[{"id":1}, {"id":2}] {"id":3}"#, "(12)3"),
            (r#"[[{"id":1}],[{"id":2}]]"#, "((1)(2))"),
            (r#"[{"total_count":1,"workflow_runs":[{"id":1}]},{"workflow_runs":[]}]"#, "((1))()))"),
            (r#"[1,"a,]",null,{"id":1},true]"#, "(1)"),
            ("[]", "()"),
            // Of a list that is broken or cut off, nobody knows the end.
            (r#"[{"id":1},{"id":2}"#, "(12!"),
            (r#"[{"id":1},{"id":"#, "(1!"),
            ("[{\"id\":1},\n{\"id\":x},\n{\"id\":3}]{\"id\":4}", "(1!34"),
            ("{\"id\":\"a\n{\"id\":2}\n", "!2"),
            ("no\n{\"id\":2}", "!2"),
        ] {
            assert_eq!(taken(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_nested_without_end_is_one_defect_a_line() {
        assert_eq!(taken(&"[".repeat(2_000)).matches('!').count(), 1);
        let deep = format!("{{\"x\":{}1{},\"id\":7}}", "[".repeat(300), "]".repeat(300));
        assert_eq!(taken(&deep), "7");
        assert_eq!(taken(&deep.replace(&"[".repeat(300), &"[".repeat(600))), "!");
        let lines = "{\"values\":[\n".repeat(50);
        assert!(taken(&lines).ends_with('!'));
    }
}
