//! How the drawings color what was judged. Never by color alone: what is flagged carries a mark, too.

use crate::model::finding::Severity;

/// How bad something is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Grade {
    /// No open finding speaks of it.
    #[default]
    Plain,
    /// Findings of low or medium severity.
    Notice,
    /// Findings of high or critical severity.
    Alarm,
}

impl From<Option<Severity>> for Grade {
    fn from(severity: Option<Severity>) -> Self {
        match severity {
            Some(Severity::Critical | Severity::High) => Self::Alarm,
            Some(Severity::Medium | Severity::Low) => Self::Notice,
            Some(Severity::Info) | None => Self::Plain,
        }
    }
}

impl Grade {
    /// Returns the class of the style sheet.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Notice => "notice",
            Self::Alarm => "alarm",
        }
    }

    /// Returns the judgment in words.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Plain => "not flagged",
            Self::Notice => "flagged (medium or low)",
            Self::Alarm => "flagged (critical or high)",
        }
    }

    /// Returns what stands before the name of what is flagged.
    pub(super) fn mark(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Notice => "△ ",
            Self::Alarm => "▲ ",
        }
    }
}
