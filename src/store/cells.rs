//! What stands in the cells of a store: symbols as their texts, kinds and states as their names.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::Serialize;

use super::entry::State;
use crate::frame::FromCell;
use crate::frame::ToCell;
use crate::frame::Value;
use crate::model::assumption::IssuingCall;
use crate::model::coverage::AsideKind;
use crate::model::coverage::DefectKind;
use crate::model::event_id::EventId;
use crate::model::finding::Status;
use crate::model::principal::PrincipalKind;
use crate::model::record::ObjectKind;
use crate::model::symbols::Sym;
use crate::model::symbols::Symbols;

impl<'v> ToCell<'v, str, Symbols> for Sym {
    fn cell(self, symbols: &'v Symbols) -> Value<'v> {
        symbols.get(self).into()
    }
}

impl<'r> FromCell<'r, str, Symbols> for Sym {
    fn of(cell: Value<'r>, symbols: &mut Symbols) -> Option<Self> {
        if let Value::Text(text) = cell { Some(symbols.intern(&text)) } else { None }
    }
}

impl<'v> ToCell<'v, str, Symbols> for EventId {
    fn cell(self, symbols: &'v Symbols) -> Value<'v> {
        self.text(symbols).cell(symbols)
    }
}

impl<'r> FromCell<'r, str, Symbols> for EventId {
    fn of(cell: Value<'r>, symbols: &mut Symbols) -> Option<Self> {
        if let Value::Text(text) = cell { Some(Self::new(&text, symbols)) } else { None }
    }
}

/// Declares how words stand in cells: which word each of them is, and which of them a word is.
macro_rules! words {
    ($($type:ty: $name:ident, $find:expr;)*) => { $(
        impl<'v, W: ?Sized> ToCell<'v, str, W> for $type {
            fn cell(self, _: &'v W) -> Value<'v> {
                self.$name().into()
            }
        }

        impl<'r, W: ?Sized> FromCell<'r, str, W> for $type {
            fn of(cell: Value<'r>, _: &mut W) -> Option<Self> {
                let find: fn(&str) -> Option<Self> = $find;
                if let Value::Text(text) = cell { find(&text) } else { None }
            }
        }
    )* };
}

words! {
    PrincipalKind: name, |word| Some(Self::parse(word));
    IssuingCall: event_name, |word| Self::ALL.into_iter().find(|call| call.event_name() == word);
    State: name, |word| Self::ALL.into_iter().find(|state| state.name() == word);
    ObjectKind: name, |word| Self::ALL.into_iter().find(|kind| kind.name() == word);
    DefectKind: name, Self::parse;
    Status: name, Self::parse;
}

impl<'v, W: ?Sized> ToCell<'v, str, W> for &'v BTreeMap<AsideKind, u64> {
    fn cell(self, with: &'v W) -> Value<'v> {
        let named: BTreeMap<&str, u64> = self.iter().map(|(kind, records)| (kind.name(), *records)).collect();
        let text = if named.is_empty() { None } else { serde_json::to_string(&named).ok() };
        text.cell(with)
    }
}

impl<'r, W: ?Sized> FromCell<'r, str, W> for BTreeMap<AsideKind, u64> {
    fn of(cell: Value<'r>, _: &mut W) -> Option<Self> {
        let text = match cell {
            Value::Text(text) => text,
            Value::Null => return Some(Self::new()),
            _ => return None,
        };
        let named: BTreeMap<String, u64> = serde_json::from_str(&text).ok()?;
        let kind = |name: &str| AsideKind::ALL.into_iter().find(|kind| kind.name() == name);
        named.into_iter().map(|(name, records)| Some((kind(&name)?, records))).collect()
    }
}

/// A session tag as CloudTrail writes it, so that SQL engines can hand tags through.
#[derive(Serialize, Deserialize)]
struct Tag<'t> {
    key: std::borrow::Cow<'t, str>,
    value: std::borrow::Cow<'t, str>,
}

impl<'v> ToCell<'v, str, Symbols> for &'v Vec<(Sym, Sym)> {
    fn cell(self, symbols: &'v Symbols) -> Value<'v> {
        let tag = |(key, value): &(Sym, Sym)| Tag { key: symbols.get(*key).into(), value: symbols.get(*value).into() };
        let tags: Vec<Tag<'_>> = self.iter().map(tag).collect();
        let text = if tags.is_empty() { None } else { serde_json::to_string(&tags).ok() };
        text.cell(symbols)
    }
}

/// Sorted by key.
impl<'r> FromCell<'r, str, Symbols> for Vec<(Sym, Sym)> {
    fn of(cell: Value<'r>, symbols: &mut Symbols) -> Option<Self> {
        let text = match cell {
            Value::Text(text) => text,
            Value::Null => return Some(Self::new()),
            _ => return None,
        };
        let mut tags: Vec<Tag<'_>> = serde_json::from_str(&text).ok()?;
        tags.sort_by(|a, b| (&a.key, &a.value).cmp(&(&b.key, &b.value)));
        Some(tags.iter().map(|tag| (symbols.intern(&tag.key), symbols.intern(&tag.value))).collect())
    }
}
