//! The declaration of columns: one line for each gives schema, documentation, typed writing and typed reading.

use super::Column;
use super::Cursor;
use super::FrameError;
use super::Kind;
use super::Put;
use super::Rows;
use super::Table;
use super::Typed;

/// Columns that are declared together.
pub trait Columns {
    /// The columns, in order.
    const COLUMNS: &'static [Column];
}

/// All columns of a table.
pub trait Tabled: Columns {
    /// The table.
    const TABLE: Table;
}

/// Columns that can be written.
pub trait Writable: Columns {
    /// What a row is written from.
    type Row<'v>;
    /// What else that takes, such as the texts of symbols.
    type With<'v>;

    /// Writes a row: a cell for each column, in order.
    fn write<'v>(row: Self::Row<'v>, with: &'v Self::With<'v>, out: &mut impl Put<'v>);
}

/// Columns that can be read.
pub trait Readable: Columns {
    /// What a row is read as.
    type Read<'r>;
    /// What else that takes, such as a place for the texts of symbols.
    type Into;

    /// Reads a row.
    fn read<'r>(row: &mut Cursor<'r>, into: &mut Self::Into) -> Result<Self::Read<'r>, FrameError>;
}

impl Rows {
    /// Reads a row as what it was declared to be. These must be the columns that the file was read for.
    pub fn row<T: Readable>(&self, row: usize, into: &mut T::Into) -> Result<T::Read<'_>, FrameError> {
        T::read(&mut self.cursor(row), into)
    }
}

impl Column {
    /// Declares a column.
    pub const fn of<K: Typed + ?Sized>(name: &'static str, doc: &'static str) -> Self {
        Self { name, kind: K::KIND, doc }
    }
}

/// Puts groups of columns one after the other.
#[expect(clippy::indexing_slicing, reason = "constants have no iterators, and a wrong width does not compile")]
pub const fn together<const WIDTH: usize>(groups: &[&[Column]]) -> [Column; WIDTH] {
    let mut all = [Column { name: "", kind: Kind::Text, doc: "" }; WIDTH];
    let (mut group, mut filled) = (0, 0);
    while group < groups.len() {
        let mut at = 0;
        while at < groups[group].len() {
            all[filled] = groups[group][at];
            filled += 1;
            at += 1;
        }
        group += 1;
    }
    all
}

/// Declares columns, as a type that stands for them.
///
/// ```text
/// columns! {
///     /// What it is for.
///     pub(super) struct Things = "things", "One thing.";      // name and row, when it is a whole table
///     write thing: &'v Thing, with symbols: Symbols;          // what rows are written from, and with which help
///     read Thing = Thing { name, size, parts };               // what rows are read as, made of the columns
///     name: str = thing.name, "Its name.";                    // name, kind, what is written, meaning
///     size: i64 = thing.size, "Its size, in bytes.";
///     ..parts: Parts = &thing.parts;                          // columns that are declared elsewhere
/// }
/// ```
///
/// Without `read`, columns are only written. With `read … , into Symbols` alone they are only read, and are names and
/// kinds: `name: str; size: i64;`. A block behind `with symbols: Symbols`
/// comes before the cells. The types of what is written and read must have [`super::ToCell`] and [`super::FromCell`]
/// for the kind of their column: another kind does not compile.
macro_rules! columns {
    (
        $(#[$meta:meta])* $vis:vis struct $table:ident $(= $title:literal, $about:literal)?;
        write $row:tt: $written:ty, with $with:ident: $texts:ty $({ $($before:tt)* })?;
        read $read:ty = $made:expr;
        $($column:ident: $kind:ty = $cell:expr, $doc:expr; $(..$group:ident: $of:ty = $lent:expr;)?)+
    ) => {
        columns! {
            $(#[$meta])* $vis struct $table $(= $title, $about)?;
            write $row: $written, with $with: $texts $({ $($before)* })?;
            $($column: $kind = $cell, $doc; $(..$group: $of = $lent;)?)+
        }
        columns! { @read $table, $read, $texts, $made; $($column: $kind; $(..$group: $of;)?)+ }
    };
    (
        $(#[$meta:meta])* $vis:vis struct $table:ident $(= $title:literal, $about:literal)?;
        write $row:tt: $written:ty, with $with:ident: $texts:ty $({ $($before:tt)* })?;
        $($column:ident: $kind:ty = $cell:expr, $doc:expr; $(..$group:ident: $of:ty = $lent:expr;)?)+
    ) => {
        columns! { @declare $(#[$meta])* $vis $table; $($column: $kind, $doc; $(..$of;)?)+ }
        $(impl $crate::frame::Tabled for $table {
            const TABLE: $crate::frame::Table =
                $crate::frame::Table { name: $title, doc: $about, columns: <Self as $crate::frame::Columns>::COLUMNS };
        })?
        impl $crate::frame::Writable for $table {
            type Row<'v> = $written;
            type With<'v> = $texts;

            fn write<'v>($row: Self::Row<'v>, $with: &'v Self::With<'v>, out: &mut impl $crate::frame::Put<'v>) {
                $($($before)*)?
                $(
                    out.put($crate::frame::ToCell::<'v, $kind, Self::With<'v>>::cell($cell, $with));
                    $(<$of as $crate::frame::Writable>::write($lent, $with, out);)?
                )+
            }
        }
    };
    (
        $(#[$meta:meta])* $vis:vis struct $table:ident;
        read $read:ty = $made:expr, into $texts:ty;
        $($column:ident: $kind:ty;)+
    ) => {
        columns! { @declare $(#[$meta])* $vis $table; $($column: $kind, "";)+ }
        columns! { @read $table, $read, $texts, $made; $($column: $kind;)+ }
    };
    (@declare $(#[$meta:meta])* $vis:vis $table:ident; $($column:ident: $kind:ty, $doc:expr; $(..$of:ty;)?)+) => {
        $(#[$meta])*
        $vis struct $table;

        impl $crate::frame::Columns for $table {
            const COLUMNS: &'static [$crate::frame::Column] = {
                const WIDTH: usize =
                    0 $(+ [stringify!($column)].len() $(+ <$of as $crate::frame::Columns>::COLUMNS.len())?)+;
                &$crate::frame::together::<WIDTH>(&[$(
                    &[$crate::frame::Column::of::<$kind>(stringify!($column), $doc)],
                    $(<$of as $crate::frame::Columns>::COLUMNS,)?
                )+])
            };
        }
    };
    (
        @read $table:ident, $read:ty, $texts:ty, $made:expr;
        $($column:ident: $kind:ty; $(..$group:ident: $of:ty;)?)+
    ) => {
        impl $crate::frame::Readable for $table {
            type Read<'r> = $read;
            type Into = $texts;

            fn read<'r>(
                row: &mut $crate::frame::Cursor<'r>,
                into: &mut Self::Into,
            ) -> Result<Self::Read<'r>, $crate::frame::FrameError> {
                $(
                    let $column = row.take::<$kind, _, _>(into)?;
                    $(let $group = <$of as $crate::frame::Readable>::read(row, into)?;)?
                )+
                Ok($made)
            }
        }
    };
}

pub(crate) use columns;
