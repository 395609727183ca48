//! `rolechain trust`: what was replayed, suggested and listed, for people and for programs.

mod check;
mod list;
mod rows;
mod suggest;

use std::io;
use std::io::Write as _;

use serde::Serialize;

use super::Options;
use super::names;
use super::names::count as counted;
use super::screen::Screen;
use super::screen::Style;
use super::screen::paint;
use super::screen::safe;
use super::wire::Time;
use crate::model::width::wide;
use crate::text::exit;
use crate::text::exit::Medium;
use crate::text::redact::Shade;
use crate::trust::snapshot::Snapshot;
use crate::trust::usage::Count;
use crate::trust::usage::Seen;
use crate::trust::usage::User;

pub use check::Check;
pub use list::List;
pub use suggest::Suggest;

/// The width of labels.
const LABEL: usize = 12;

/// The width of a number of runs.
const RUNS: usize = 7;

/// Writes a document for programs.
fn json(document: &impl Serialize, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    exit::through(Medium::Json, Shade::new(options.redact), out, |out| {
        serde_json::to_writer_pretty(&mut *out, document)?;
        out.write_all(b"\n")
    })
}

/// Writes a policy, as JSON or as HCL.
pub fn document(text: &str, options: &Options, out: &mut dyn io::Write) -> io::Result<()> {
    exit::through(Medium::Json, Shade::new(options.redact), out, |out| out.write_all(text.as_bytes()))
}

/// Writes a fact under the verdict.
fn fact(screen: &mut Screen<'_>, label: &str, text: &str) -> io::Result<()> {
    screen.paragraph(&paint(Style::Quiet, &format!("  {label:LABEL$}")), text, None)
}

/// Says what a reader must know of the snapshots.
fn snapshots(screen: &mut Screen<'_>, snapshots: &[Snapshot]) -> io::Result<()> {
    for snapshot in snapshots {
        let roles = counted(wide(snapshot.roles.len()), "role");
        let taken =
            snapshot.taken.map(|taken| format!(", of {}", names::minute(Some(Time(taken))))).unwrap_or_default();
        let what = format!("{}, {} with {roles}{taken}", safe(&snapshot.name), snapshot.kind.said());
        let notes = snapshot.notes.iter().map(|note| safe(note).into_owned());
        fact(screen, "snapshot", &std::iter::once(what).chain(notes).collect::<Vec<_>>().join("; "))?;
    }
    Ok(())
}

/// Writes one user of a role: how often, when, who.
fn user(screen: &mut Screen<'_>, user: &User, audience: Option<&str>, count: &Count) -> io::Result<()> {
    let issuer = user.issuer.as_deref().map(|issuer| format!(" of {}", safe(issuer))).unwrap_or_default();
    let audience = audience.map(|audience| format!(" for {}", safe(audience))).unwrap_or_default();
    let who = format!("{}{}", paint(Style::Strong, &safe(&user.name)), paint(Style::Quiet, &(issuer + &audience)));
    let runs = names::number(count.seen.runs);
    screen.hanging(&format!("  {runs:>RUNS$} × "), &indent(), &who, None)?;
    screen.paragraph(&indent(), &span(&count.seen), Some(Style::Quiet))
}

/// The spaces before what belongs to a user.
fn indent() -> String {
    " ".repeat(RUNS + 5)
}

/// Says when something happened.
fn span(used: &Seen) -> String {
    let days = counted(wide(used.days.len()), "day");
    format!("{}, on {days}", names::span(used.first.map(Time), used.last.map(Time)))
}

/// Writes what is to be copied, as it is.
fn verbatim(screen: &mut Screen<'_>, text: &str) -> io::Result<()> {
    for line in text.lines() {
        screen.verbatim(&format!("  {}", safe(line)))?;
    }
    Ok(())
}
