//! Progress on standard error: counts, bytes, rate and time left. Only on a terminal.

use std::io::Write as _;
use std::mem::ManuallyDrop;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use indicatif::ProgressBar;
use indicatif::ProgressStyle;

use super::args_shared::NoiseArgs;
use super::exit::Failure;
use crate::pipeline::Progress;
use crate::pipeline::RunError;
use crate::text::redact::Shade;

/// While objects are read.
const READING: &str =
    "{spinner} {msg} {bar:24} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left";

/// While something else is done.
const PHASE: &str = "{spinner} {msg}, {elapsed} since the start";

/// Does the long work under a progress bar.
///
/// What comes of it is never taken apart: the program ends with its report, and freeing millions of rows one by one is
/// work for nobody.
pub(super) fn watched<T>(
    noise: NoiseArgs,
    shade: Shade,
    work: impl FnOnce(&dyn Progress) -> Result<T, RunError>,
) -> Result<ManuallyDrop<T>, Failure> {
    let bar = Progressing::new(noise, shade);
    let done = work(&bar);
    // It must not stand in the report.
    bar.bar.finish_and_clear();
    Ok(ManuallyDrop::new(done?))
}

/// A progress bar; a hidden one, which does nothing, when it is not wanted or standard error is no terminal.
struct Progressing {
    bar: ProgressBar,
    listed: AtomicU64,
    done: AtomicU64,
    /// More objects may be found.
    is_listing: AtomicBool,
    is_quiet: bool,
    shade: Shade,
}

impl Progressing {
    fn new(noise: NoiseArgs, shade: Shade) -> Self {
        let is_wanted = !noise.no_progress && !noise.quiet;
        let bar = if is_wanted { ProgressBar::new(0) } else { ProgressBar::hidden() };
        if !bar.is_hidden() {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        let (listed, done, is_listing) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
        Self { bar, listed, done, is_listing, is_quiet: noise.quiet, shade }
    }

    fn style(&self, template: &str) {
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.bar.set_style(style);
        }
    }

    fn say(&self, done: u64) {
        let more = if self.is_listing.load(Ordering::Relaxed) { " listed so far" } else { "" };
        self.bar.set_message(format!("reading: {done} of {} objects{more}", self.listed.load(Ordering::Relaxed)));
    }
}

impl Progress for Progressing {
    fn begin(&self, objects: u64, bytes: u64) {
        self.style(READING);
        self.bar.set_length(bytes);
        self.listed.store(objects, Ordering::Relaxed);
        self.say(0);
    }

    fn found(&self, objects: u64, bytes: u64, done: bool) {
        self.bar.inc_length(bytes);
        let listed = self.listed.fetch_add(objects, Ordering::Relaxed) + objects;
        self.is_listing.store(!done, Ordering::Relaxed);
        if done || listed.is_multiple_of(64) {
            self.say(self.done.load(Ordering::Relaxed));
        }
    }

    fn object(&self, bytes: u64) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        // A message is text that is made anew: not for each of many thousand small objects.
        if done.is_multiple_of(64) || bytes > 1 << 20 {
            self.say(done);
        }
        self.bar.inc(bytes);
    }

    fn phase(&self, name: &'static str) {
        // What has no bytes has no bar either.
        self.style(PHASE);
        self.bar.set_message(name);
    }

    fn note(&self, text: &str) {
        let line = format!("note: {}", crate::text::lines(&self.shade.text(text)));
        match () {
            () if self.is_quiet => {}
            () if !self.bar.is_hidden() => self.bar.println(line),
            // Nothing can be done when standard error is closed.
            () => drop(writeln!(std::io::stderr(), "{line}")),
        }
    }
}
