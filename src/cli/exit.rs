//! Exit codes, and errors that the operator can act on.

use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::pipeline::RunError;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// Done.
    Done,
    /// Findings at or above `--fail-on`, or something that `verify` found to have failed.
    Findings,
    /// With `--strict`: some input was incomplete, unreadable or failed an integrity check.
    Incomplete,
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
}

impl Failure {
    pub(super) fn new(message: impl fmt::Display) -> Self {
        Self::Message(message.to_string())
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Self::new(error)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe { Self::BrokenPipe } else { Self::new(error) }
    }
}
