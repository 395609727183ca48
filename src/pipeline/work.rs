//! Which worker reads which object next, when all of them are known.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use crate::source::Object;

/// Objects from this size on are taken first, so that none is left for one worker at the end.
const LARGE: u64 = 1 << 20;

/// How many small objects a worker takes at once: neighbors by name share accounts, regions and callers.
const BATCH: usize = 16;

/// The objects, and which are taken next.
pub(super) struct Work {
    objects: Vec<Object>,
    /// How many large objects stand at the front.
    large: usize,
    next_large: AtomicUsize,
    /// The small objects, in as many stretches as there are workers. Neighbors by name share accounts and callers, so
    /// a worker that stays in its stretch holds few sessions that another holds, too.
    stretches: Vec<Stretch>,
    /// True when there are fewer objects than threads: one may then inflate while another parses.
    pub(super) has_idle_threads: bool,
}

/// A run of small objects.
struct Stretch {
    next: AtomicUsize,
    end: usize,
}

impl Work {
    pub(super) fn new(mut objects: Vec<Object>, threads: usize) -> Self {
        let has_idle_threads = objects.len() < threads;
        objects.sort_by(|a, b| {
            let size = |object: &Object| std::cmp::Reverse(if object.size < LARGE { 0 } else { object.size });
            (size(a), &a.name).cmp(&(size(b), &b.name))
        });
        let large = objects.iter().take_while(|object| LARGE <= object.size).count();
        let small = objects.len() - large;
        let bound = |worker: usize| large + small * worker / threads;
        let stretches = (0..threads)
            .map(|worker| Stretch { next: AtomicUsize::new(bound(worker)), end: bound(worker + 1) })
            .collect();
        Self { objects, large, next_large: AtomicUsize::new(0), stretches, has_idle_threads }
    }

    /// Returns the next objects for a worker: a large one, or some small ones of its stretch, or of the next stretch
    /// that has any left.
    pub(super) fn take(&self, worker: usize) -> &[Object] {
        let at = self.next_large.fetch_add(1, Ordering::Relaxed);
        if at < self.large {
            return self.objects.get(at..=at).unwrap_or_default();
        }
        let (after, own) = self.stretches.split_at(worker.min(self.stretches.len()));
        for stretch in own.iter().chain(after) {
            let start = stretch.next.fetch_add(BATCH, Ordering::Relaxed);
            if start < stretch.end {
                return self.objects.get(start..stretch.end.min(start + BATCH)).unwrap_or_default();
            }
        }
        &[]
    }
}
