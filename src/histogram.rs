//! How long something took, counted by steps: atomics only, so that whoever counts waits for nobody.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Counts of durations by the step they fall under.
#[derive(Debug)]
pub struct Histogram {
    /// Microseconds, rising.
    bounds: &'static [u64],
    /// One for each bound, and one for what took longer than the last.
    counts: Box<[AtomicU64]>,
    sum_us: AtomicU64,
}

/// What a [`Histogram`] had counted at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    pub bounds: &'static [u64],
    /// One more than there are bounds; each duration is in one of them.
    pub counts: Vec<u64>,
    pub sum_us: u64,
}

impl Histogram {
    pub fn new(bounds: &'static [u64]) -> Histogram {
        Histogram { bounds, counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(), sum_us: AtomicU64::new(0) }
    }

    pub fn note(&self, took: Duration) {
        let us = took.as_micros().min(u128::from(u64::MAX)) as u64;
        let step = self.bounds.partition_point(|bound| *bound < us);
        if let Some(count) = self.counts.get(step) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    /// Notes how long it takes until what is given back is dropped.
    pub fn time(&self) -> Timed<'_> {
        Timed { histogram: self, since: Instant::now() }
    }

    pub fn counted(&self) -> Counted {
        Counted {
            bounds: self.bounds,
            counts: self.counts.iter().map(|count| count.load(Ordering::Relaxed)).collect(),
            sum_us: self.sum_us.load(Ordering::Relaxed),
        }
    }
}

pub struct Timed<'a> {
    histogram: &'a Histogram,
    since: Instant,
}

impl Drop for Timed<'_> {
    fn drop(&mut self) {
        self.histogram.note(self.since.elapsed());
    }
}

impl Counted {
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// What was counted since `before`, an earlier answer of the same histogram.
    pub fn since(&self, before: &Counted) -> Counted {
        let counts = self.counts.iter().zip(&before.counts).map(|(now, before)| now.saturating_sub(*before)).collect();
        Counted { bounds: self.bounds, counts, sum_us: self.sum_us.saturating_sub(before.sum_us) }
    }

    /// How many microseconds the given share of them took at most: in the step it falls into as far up as its place among
    /// those that are there. What took longer than the last bound is told as that bound; `None` of nothing.
    pub fn within_us(&self, share: f64) -> Option<u64> {
        let total = self.total();
        if total == 0 {
            return None;
        }
        let rank = ((total as f64 * share).ceil() as u64).clamp(1, total);
        let mut below = 0;
        for (step, count) in self.counts.iter().enumerate() {
            if rank <= below + count {
                let from = step.checked_sub(1).and_then(|before| self.bounds.get(before)).copied().unwrap_or(0);
                let to = self.bounds.get(step).copied().unwrap_or(from);
                return Some(from + ((to - from) as f64 * ((rank - below) as f64 / *count as f64)).round() as u64);
            }
            below += count;
        }
        self.bounds.last().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: &[u64] = &[1_000, 10_000, 100_000];

    fn counted(times_us: &[u64]) -> Counted {
        let histogram = Histogram::new(BOUNDS);
        times_us.iter().for_each(|us| histogram.note(Duration::from_micros(*us)));
        histogram.counted()
    }

    #[test]
    fn each_duration_is_counted_once_where_it_belongs() {
        let all = counted(&[0, 1_000, 1_001, 10_000, 99_999, 100_001, 5_000_000]);
        assert_eq!(all.counts, [2, 2, 1, 2]);
        assert_eq!((all.total(), all.sum_us), (7, 5_212_001));
        assert_eq!(all.since(&counted(&[500, 2_000])).counts, [1, 1, 1, 2]);
    }

    #[test]
    fn a_share_lies_in_the_step_of_the_one_it_ends_at() {
        assert_eq!(counted(&[]).within_us(0.5), None);
        assert_eq!(counted(&[5_000_000]).within_us(0.5), Some(100_000));
        let hundred: Vec<u64> = (0..100).map(|at| if at < 90 { 500 } else { 50_000 }).collect();
        let hundred = counted(&hundred);
        assert_eq!(hundred.within_us(0.5), Some(556));
        assert_eq!(hundred.within_us(0.9), Some(1_000));
        assert_eq!(hundred.within_us(0.91), Some(19_000));
        assert_eq!(hundred.within_us(1.0), Some(100_000));
    }
}
