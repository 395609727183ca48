//! Cells: which Rust types stand in columns of which kind, and how they get in and out.

use std::borrow::Cow;

use super::Kind;
use crate::model::time::Timestamp;

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// Unknown.
    Null,
    /// Text.
    Text(Cow<'a, str>),
    /// A number.
    Integer(i64),
    /// A moment.
    Moment(Timestamp),
    /// True or false.
    Boolean(bool),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

/// A type that names a kind of column in a declaration: `str`, `i64`, `Timestamp` or `bool`.
pub trait Typed {
    /// The kind.
    const KIND: Kind;
}

impl Typed for str {
    const KIND: Kind = Kind::Text;
}

impl Typed for i64 {
    const KIND: Kind = Kind::Integer;
}

impl Typed for Timestamp {
    const KIND: Kind = Kind::Moment;
}

impl Typed for bool {
    const KIND: Kind = Kind::Boolean;
}

/// What takes the cells of a row, one after the other.
pub trait Put<'v> {
    /// Takes the next cell.
    fn put(&mut self, value: Value<'v>);
}

impl<'v> Put<'v> for Vec<Value<'v>> {
    fn put(&mut self, value: Value<'v>) {
        self.push(value);
    }
}

/// What can be written into columns of kind `K`. `W` is what that takes, such as the texts of symbols.
pub trait ToCell<'v, K: ?Sized, W: ?Sized> {
    /// Makes a cell.
    fn cell(self, with: &'v W) -> Value<'v>;
}

/// What can be read from columns of kind `K`. `W` is what that takes, such as a place for the texts of symbols.
pub trait FromCell<'r, K: ?Sized, W: ?Sized>: Sized {
    /// Reads a cell; `None` when it cannot be one of these.
    fn of(cell: Value<'r>, with: &mut W) -> Option<Self>;
}

impl<'v, K: ?Sized, W: ?Sized, T: ToCell<'v, K, W>> ToCell<'v, K, W> for Option<T> {
    fn cell(self, with: &'v W) -> Value<'v> {
        self.map_or(Value::Null, |value| value.cell(with))
    }
}

impl<'v, K: ?Sized, W: ?Sized, T> ToCell<'v, K, W> for &'v Option<T>
where
    &'v T: ToCell<'v, K, W>,
{
    fn cell(self, with: &'v W) -> Value<'v> {
        self.as_ref().cell(with)
    }
}

impl<'r, K: ?Sized, W: ?Sized, T: FromCell<'r, K, W>> FromCell<'r, K, W> for Option<T> {
    fn of(cell: Value<'r>, with: &mut W) -> Option<Self> {
        if matches!(cell, Value::Null) { Some(None) } else { T::of(cell, with).map(Some) }
    }
}

/// Declares how types stand in columns, without any help: what a value is as a cell, and what a cell is as a value.
macro_rules! cells {
    ($($kind:ty: $type:ty, $value:ident => $cell:expr $(, $found:pat => $read:expr)?;)*) => { $(
        impl<'v, W: ?Sized> ToCell<'v, $kind, W> for $type {
            fn cell(self, _: &'v W) -> Value<'v> {
                let $value = self;
                $cell
            }
        }

        $(impl<'v, W: ?Sized> FromCell<'v, $kind, W> for $type {
            fn of(cell: Value<'v>, _: &mut W) -> Option<Self> {
                if let $found = cell { $read } else { None }
            }
        })?
    )* };
}

cells! {
    str: &'v str, text => text.into(), Value::Text(Cow::Borrowed(text)) => Some(text);
    str: &'v String, text => text.as_str().into();
    str: &'v Cow<'_, str>, text => text.as_ref().into();
    str: Cow<'v, str>, text => Value::Text(text);
    str: String, text => Value::Text(Cow::Owned(text)), Value::Text(text) => Some(text.into_owned());
    i64: i64, number => Value::Integer(number), Value::Integer(number) => Some(number);
    i64: u32, number => Value::Integer(number.into()), Value::Integer(number) => Self::try_from(number).ok();
    i64: u64, number => count(number), Value::Integer(number) => Self::try_from(number).ok();
    i64: usize, number => count(number), Value::Integer(number) => Self::try_from(number).ok();
    Timestamp: Timestamp, time => Value::Moment(time), Value::Moment(time) => Some(time);
    bool: bool, truth => Value::Boolean(truth);
}

/// Makes a cell of a count or a length: nothing has more of them than an `i64` can count.
fn count(number: impl TryInto<i64>) -> Value<'static> {
    Value::Integer(number.try_into().unwrap_or(i64::MAX))
}

/// Null is false: who writes tables by hand may leave such columns out.
impl<'r, W: ?Sized> FromCell<'r, Self, W> for bool {
    fn of(cell: Value<'r>, _: &mut W) -> Option<Self> {
        match cell {
            Value::Boolean(truth) => Some(truth),
            Value::Null => Some(false),
            _ => None,
        }
    }
}
