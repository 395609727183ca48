//! Exit codes, and errors that the operator can act on.

use std::fmt;
use std::io;
use std::io::Write as _;
use std::process::ExitCode;

use crate::job::Audited;
use crate::pipeline::RunError;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Done.
    Done,
    /// Findings at or above `--fail-on`, or something that `verify` found to have failed.
    Findings,
    /// Nothing was judged. With `--strict` also: some input was incomplete, unreadable or failed an integrity check.
    Incomplete,
}

impl End {
    /// Ends a command that shows what a run found: where nothing came into the judgment, that is said in words, and is
    /// no success, whatever else came of it.
    pub(super) fn of(self, audited: &Audited, is_quiet: bool) -> Self {
        let Some(reason) = &audited.run.assurance.nothing_judged else { return self };
        if !is_quiet {
            let told = format!("{}\n  hint: {}", reason.message, reason.remedy);
            // Nothing can be done when standard error is closed: the answer is written.
            let _ = writeln!(io::stderr(), "rolechain: NOTHING JUDGED: {}", crate::text::lines(&told));
        }
        Self::Incomplete
    }
}

impl From<End> for ExitCode {
    fn from(end: End) -> Self {
        match end {
            End::Done => Self::SUCCESS,
            End::Findings => Self::from(1),
            End::Incomplete => Self::from(3),
        }
    }
}

/// An error of use or of the system: exit code 2.
#[derive(Debug)]
pub(super) enum Failure {
    /// Whoever read our output has gone. That is success.
    BrokenPipe,
    /// What to print after `error: `.
    Message(String),
    /// The same, where the sources hold nothing to answer from: exit code 3.
    Nothing(String),
}

impl Failure {
    pub(super) fn new(message: impl fmt::Display) -> Self {
        Self::Message(message.to_string())
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Nothing(message) => Self::Nothing(message),
            error => Self::new(error),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::BrokenPipe } else { Self::new(error) }
    }
}
