//! Progress on standard error: counts, bytes, rate and time left. Only on a terminal.

use std::io::IsTerminal as _;
use std::io::Write as _;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use indicatif::ProgressBar;
use indicatif::ProgressStyle;

use crate::pipeline::Progress;

/// A progress bar, or nothing.
pub(super) struct Progressing {
    bar: Option<ProgressBar>,
    listed: AtomicU64,
    done: AtomicU64,
    /// More objects may be found.
    is_listing: AtomicBool,
    is_quiet: bool,
}

impl Progressing {
    /// Makes a bar when `wanted` and standard error is a terminal. Notes are written unless `is_quiet`.
    pub(super) fn new(wanted: bool, is_quiet: bool) -> Self {
        if !wanted || is_quiet || !std::io::stderr().is_terminal() {
            return Self::of(None, is_quiet);
        }
        let bar = ProgressBar::new(0);
        let template =
            "{spinner} {msg} {bar:24} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self::of(Some(bar), is_quiet)
    }

    fn of(bar: Option<ProgressBar>, is_quiet: bool) -> Self {
        Self { bar, listed: AtomicU64::new(0), done: AtomicU64::new(0), is_listing: AtomicBool::new(false), is_quiet }
    }

    fn say(&self, bar: &ProgressBar, done: u64) {
        let more = if self.is_listing.load(Ordering::Relaxed) { " listed so far" } else { "" };
        bar.set_message(format!("{done} of {} objects{more}", self.listed.load(Ordering::Relaxed)));
    }

    /// Takes the bar away, so that it does not stand in the report.
    pub(super) fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Progressing {
    fn begin(&self, objects: u64, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(bytes);
            self.listed.store(objects, Ordering::Relaxed);
            bar.set_message(format!("0 of {objects} objects"));
        }
    }

    fn found(&self, objects: u64, bytes: u64, done: bool) {
        if let Some(bar) = &self.bar {
            bar.inc_length(bytes);
            let listed = self.listed.fetch_add(objects, Ordering::Relaxed) + objects;
            self.is_listing.store(!done, Ordering::Relaxed);
            if done || listed.is_multiple_of(64) {
                self.say(bar, self.done.load(Ordering::Relaxed));
            }
        }
    }

    fn object(&self, bytes: u64) {
        if let Some(bar) = &self.bar {
            let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
            // A message is text that is made anew: not for each of many thousand small objects.
            if done.is_multiple_of(64) || bytes > 1 << 20 {
                self.say(bar, done);
            }
            bar.inc(bytes);
        }
    }

    fn phase(&self, name: &'static str) {
        if let Some(bar) = &self.bar {
            bar.set_message(name);
        }
    }

    fn note(&self, text: &str) {
        if !self.is_quiet {
            let line = format!("note: {}", crate::text::lines(text));
            match &self.bar {
                Some(bar) => bar.println(line),
                // Nothing can be done when standard error is closed.
                None => drop(writeln!(std::io::stderr(), "{line}")),
            }
        }
    }
}
