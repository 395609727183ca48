//! The program, started as a user would.

use std::process::Command;

/// What time it is for the sample logs: the day after the last event.
pub(crate) const NOW: &str = "2026-11-15T00:00:00Z";

/// Returns the program, with a clock that stands still: logs do not grow old under a test.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rolechain"));
    command.env("ROLECHAIN_NOW", NOW);
    command
}
