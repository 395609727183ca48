//! Three-valued truth: yes, no, or not known, and then what would decide it.

use std::collections::BTreeSet;
use std::fmt;

/// What a question needs and nobody recorded.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lack {
    /// A condition key, as the policy spells it, whose value CloudTrail does not record for this call.
    Key(String),
    /// Something else that the record does not say, in words.
    Fact(String),
    /// A part of the policy language that is not modeled, in words.
    Unmodelled(String),
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => f.write_str(key),
            Self::Fact(words) => f.write_str(words),
            Self::Unmodelled(what) => write!(f, "{what} (not modeled)"),
        }
    }
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// It cannot be said without these.
    Unknown(BTreeSet<Lack>),
}

impl Truth {
    /// Makes an answer that is sure.
    pub fn of(is_so: bool) -> Self {
        if is_so { Self::Yes } else { Self::No }
    }

    /// Makes an answer that lacks one thing.
    pub fn lacks(lack: Lack) -> Self {
        Self::Unknown(BTreeSet::from([lack]))
    }

    /// True when it is so, whatever is not known.
    pub fn is_yes(&self) -> bool {
        *self == Self::Yes
    }

    /// True when it is not so, whatever is not known.
    pub fn is_no(&self) -> bool {
        *self == Self::No
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            unknown @ Self::Unknown(_) => unknown,
        }
    }

    /// Both: one `No` decides.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, other) => other,
            (unknown, Self::Yes) => unknown,
            (Self::Unknown(mut lacks), Self::Unknown(more)) => {
                lacks.extend(more);
                Self::Unknown(lacks)
            }
        }
    }

    /// Either: one `Yes` decides.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.negated().and(other.negated()).negated()
    }

    /// All of them; `Yes` of none.
    pub fn all(answers: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::Yes;
        for answer in answers {
            all = all.and(answer);
            if all.is_no() {
                break;
            }
        }
        all
    }

    /// Any of them; `No` of none.
    pub fn any(answers: impl IntoIterator<Item = Self>) -> Self {
        Self::all(answers.into_iter().map(Self::negated)).negated()
    }
}
