//! Progress on standard error: counts, bytes, rate and time left. Only on a terminal.

use std::io::IsTerminal as _;
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
}

impl Progressing {
    /// Makes a bar when `wanted` and standard error is a terminal.
    pub(super) fn new(wanted: bool) -> Self {
        if !wanted || !std::io::stderr().is_terminal() {
            return Self::of(None);
        }
        let bar = ProgressBar::new(0);
        let template =
            "{spinner} {msg} {bar:24} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self::of(Some(bar))
    }

    fn of(bar: Option<ProgressBar>) -> Self {
        Self { bar, listed: AtomicU64::new(0), done: AtomicU64::new(0) }
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

    fn object(&self, bytes: u64) {
        if let Some(bar) = &self.bar {
            let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
            // A message is text that is made anew: not for each of many thousand small objects.
            if done.is_multiple_of(64) || bytes > 1 << 20 {
                bar.set_message(format!("{done} of {} objects", self.listed.load(Ordering::Relaxed)));
            }
            bar.inc(bytes);
        }
    }

    fn phase(&self, name: &'static str) {
        if let Some(bar) = &self.bar {
            bar.set_message(name);
        }
    }
}
