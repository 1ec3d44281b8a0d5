//! How long people wait for the file and work on it, counted without a lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::histogram::Histogram;

/// Microseconds. A read of a page is below 5 ms, a saved order below 50 ms (architecture.md §5); 100 ms is slow.
const BOUNDS: &[u64] = &[100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000];

/// Counted since the file was opened.
#[derive(Debug)]
pub struct Timing {
    /// From asking for a reader to giving it back.
    pub reads: Histogram,
    /// The queue before the writer.
    pub waits: Histogram,
    /// From having the writer to giving it back, the commit included.
    pub writes: Histogram,
    opened: Instant,
    /// Milliseconds after `opened` at which somebody took the writer, and one more; 0 while nobody has it.
    held_from: AtomicU64,
}

/// The writer is somebody's until this is dropped.
pub(super) struct Held<'a> {
    timing: &'a Timing,
    since: Instant,
}

impl Timing {
    pub(super) fn new() -> Timing {
        let [reads, waits, writes] = [BOUNDS; 3].map(Histogram::new);
        Timing { reads, waits, writes, opened: Instant::now(), held_from: AtomicU64::new(0) }
    }

    /// Somebody who asked at `asked` has the writer now.
    pub(super) fn hold(&self, asked: Instant) -> Held<'_> {
        let since = Instant::now();
        self.waits.note(since - asked);
        self.held_from.store((since - self.opened).as_millis() as u64 + 1, Ordering::Relaxed);
        Held { timing: self, since }
    }

    /// For how long the writer has been somebody's; `None` while it is free.
    pub fn held_for(&self) -> Option<Duration> {
        let from = self.held_from.load(Ordering::Relaxed).checked_sub(1)?;
        Some(self.opened.elapsed().saturating_sub(Duration::from_millis(from)))
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.timing.held_from.store(0, Ordering::Relaxed);
        self.timing.writes.note(self.since.elapsed());
    }
}
