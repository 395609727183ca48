//! Symbols: each distinct string of the logs once, named by four bytes.

use std::num::NonZeroU32;

use super::index::Index;
use super::width::place;

/// The name of a string in a [`Symbols`] table.
///
/// There is no order on purpose: the numbers depend on who came first. Compare the strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sym(NonZeroU32);

impl Sym {
    /// Returns the symbol as a number, for a place that can hold only that.
    pub(super) fn number(self) -> NonZeroU32 {
        self.0
    }

    /// Returns the symbol that was such a number.
    pub(super) fn from_number(number: NonZeroU32) -> Self {
        Self(number)
    }

    fn index(self) -> usize {
        place(self.0.get() - 1)
    }
}

/// A table of distinct strings: all their text in one allocation, found again by hash.
///
/// Role sessions repeat the same few strings millions of times; four bytes instead of a `String` is what keeps
/// memory proportional to sessions.
#[derive(Clone, Debug, Default)]
pub struct Symbols {
    text: String,
    ends: Vec<usize>,
    index: Index,
}

impl Symbols {
    /// Returns the symbol of `text`, adding it when it is new.
    pub fn intern(&mut self, text: &str) -> Sym {
        let tag = self.index.tag(text.as_bytes());
        if let Some(found) = self.find_tagged(tag, text) {
            return found;
        }
        self.text.push_str(text);
        self.ends.push(self.text.len());
        let number = u32::try_from(self.ends.len()).ok().and_then(NonZeroU32::new);
        // Four billion distinct strings would need more memory than any machine that runs this has.
        let sym = Sym(number.unwrap_or(NonZeroU32::MAX));
        self.index.insert(tag, sym.0.get());
        sym
    }

    /// Returns the symbol of `text` when the table has it.
    pub fn find(&self, text: &str) -> Option<Sym> {
        self.find_tagged(self.index.tag(text.as_bytes()), text)
    }

    fn find_tagged(&self, tag: u32, text: &str) -> Option<Sym> {
        let sym = |row| NonZeroU32::new(row).map(Sym);
        let is_meant = |row| sym(row).is_some_and(|sym| resolve(&self.text, &self.ends, sym) == text);
        self.index.find(tag, is_meant).and_then(sym)
    }

    /// Returns the string of a symbol of this table.
    pub fn get(&self, sym: Sym) -> &str {
        resolve(&self.text, &self.ends, sym)
    }

    /// Returns the string of a symbol of this table, if there is a symbol.
    pub fn opt(&self, sym: Option<Sym>) -> Option<&str> {
        sym.map(|sym| self.get(sym))
    }

    /// Returns how many distinct strings there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns true when there is no string yet.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds every string of `other`, and returns how `other`'s symbols are called here.
    pub fn absorb(&mut self, other: Self) -> Renaming {
        drop(other.index);
        let mut names = Vec::with_capacity(other.ends.len());
        let mut start = 0;
        for end in &other.ends {
            names.push(self.intern(other.text.get(start..*end).unwrap_or_default()));
            start = *end;
        }
        Renaming(names)
    }
}

fn resolve<'t>(text: &'t str, ends: &[usize], sym: Sym) -> &'t str {
    let index = sym.index();
    let start = if index == 0 { 0 } else { ends.get(index - 1).copied().unwrap_or_default() };
    let end = ends.get(index).copied().unwrap_or(start);
    text.get(start..end).unwrap_or_default()
}

/// How the symbols of one table are called in another.
#[derive(Debug)]
pub struct Renaming(Vec<Sym>);

impl Renaming {
    /// Returns the new name of `sym`.
    pub fn of(&self, sym: Sym) -> Sym {
        self.0.get(sym.index()).copied().unwrap_or(sym)
    }

    /// Returns the new name of `sym`, if there is one.
    pub fn opt(&self, sym: Option<Sym>) -> Option<Sym> {
        sym.map(|sym| self.of(sym))
    }
}

#[cfg(test)]
mod tests {
    use super::Symbols;

    #[test]
    fn equal_strings_share_a_symbol_and_absorbing_keeps_the_strings() {
        let mut a = Symbols::default();
        let mut b = Symbols::default();
        let one = a.intern("one");
        assert_eq!(a.intern("one"), one);
        let two = b.intern("two");
        let one_in_b = b.intern("one");
        let empty = b.intern("");
        let names = a.absorb(b);
        assert_eq!(names.of(one_in_b), one);
        assert_eq!(a.get(names.of(two)), "two");
        assert_eq!(a.get(names.of(empty)), "");
        assert_eq!(a.len(), 3);
    }
}
