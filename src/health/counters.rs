//! What is counted while the program runs: requests by address, jobs by how they ended, connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::histogram::{Counted, Histogram};
use crate::http::Method;
use crate::jobs::{JOBS, Outcome};
use crate::values::Stamp;

/// Microseconds: around the budgets of architecture.md §5, for each address.
const BOUNDS: &[u64] = &[1_000, 2_500, 5_000, 10_000, 20_000, 50_000, 100_000, 250_000, 1_000_000, 5_000_000];

/// The same for all of them together, finer, so that the hour's shares can be told from it.
pub const FINE: &[u64] = &[
    100, 200, 300, 500, 750, 1_000, 1_500, 2_000, 3_000, 5_000, 7_500, 10_000, 15_000, 20_000, 30_000, 50_000, 75_000, 100_000, 150_000,
    250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
];

/// The hundreds of a status: 2xx to 5xx. Nothing we answer is another.
pub const CLASSES: [&str; 4] = ["2xx", "3xx", "4xx", "5xx"];

/// Counted since the shop was opened.
#[derive(Debug)]
pub struct Counters {
    opened: Instant,
    addresses: Box<[Address]>,
    /// Of every address, and of none we know.
    pub all: Histogram,
    /// Requests that are being answered.
    in_flight: AtomicI64,
    jobs: Box<[Job]>,
    /// When SQLite last found the file damaged, in milliseconds as in [`Stamp`]; 0 never.
    damaged_at: AtomicI64,
    /// Open connections, streams among them. The door counts them.
    pub connections: Arc<AtomicUsize>,
}

/// Requests of one address.
#[derive(Debug)]
pub struct Address {
    /// `None` for requests of no address of ours.
    pub named: Option<(Method, &'static str)>,
    classes: [AtomicU64; CLASSES.len()],
    pub took: Histogram,
}

#[derive(Debug)]
pub struct Job {
    pub name: &'static str,
    done: AtomicU64,
    failed: AtomicU64,
}

/// A request that is being answered, until this is dropped.
pub struct InFlight<'a>(&'a AtomicI64);

impl Counters {
    /// Counters for `addresses`, which are known by their place.
    pub fn of(addresses: impl Iterator<Item = (Method, &'static str)>) -> Counters {
        let address = |named| Address { named, classes: Default::default(), took: Histogram::new(BOUNDS) };
        Counters {
            opened: Instant::now(),
            addresses: addresses.map(Some).chain([None]).map(address).collect(),
            all: Histogram::new(FINE),
            in_flight: AtomicI64::new(0),
            jobs: JOBS.iter().map(|job| Job { name: job.name, done: AtomicU64::new(0), failed: AtomicU64::new(0) }).collect(),
            damaged_at: AtomicI64::new(0),
            connections: Arc::default(),
        }
    }

    /// For how long the shop has been open.
    pub fn uptime(&self) -> Duration {
        self.opened.elapsed()
    }

    pub fn begin(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(&self.in_flight)
    }

    /// Counts a request of the address at `place`; `None` is one of no address of ours.
    pub fn count_request(&self, place: Option<usize>, status: u16, took: Duration) {
        let none = self.addresses.len() - 1;
        let Some(address) = self.addresses.get(place.unwrap_or(none)) else { return };
        if let Some(class) = usize::from(status / 100).checked_sub(2).and_then(|class| address.classes.get(class)) {
            class.fetch_add(1, Ordering::Relaxed);
        }
        address.took.note(took);
        self.all.note(took);
    }

    /// Counts a run of `job`; one of a test is nobody's.
    pub fn count_job(&self, job: &str, outcome: Outcome) {
        if let Some(job) = self.jobs.iter().find(|known| known.name == job) {
            let count = match outcome {
                Outcome::Done => &job.done,
                Outcome::Failed => &job.failed,
            };
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// SQLite found the file damaged.
    pub fn note_damage(&self, at: Stamp) {
        self.damaged_at.store(at.0, Ordering::Relaxed);
    }

    /// When that was last; `None` since the shop was opened.
    pub fn damaged_at(&self) -> Option<Stamp> {
        Some(self.damaged_at.load(Ordering::Relaxed)).filter(|at| *at != 0).map(Stamp)
    }

    pub fn in_flight(&self) -> i64 {
        self.in_flight.load(Ordering::Relaxed)
    }

    pub fn addresses(&self) -> &[Address] {
        &self.addresses
    }

    pub fn jobs(&self) -> &[Job] {
        &self.jobs
    }

    /// Answers that say we have failed.
    pub fn failures(&self) -> u64 {
        self.addresses.iter().map(|address| address.of_class(CLASSES.len() - 1)).sum()
    }
}

impl Address {
    /// How many were answered with a status of [`CLASSES`]' `class`.
    pub fn of_class(&self, class: usize) -> u64 {
        self.classes.get(class).map_or(0, |count| count.load(Ordering::Relaxed))
    }

    pub fn counted(&self) -> Counted {
        self.took.counted()
    }
}

impl Job {
    pub fn runs(&self, outcome: Outcome) -> u64 {
        match outcome {
            Outcome::Done => self.done.load(Ordering::Relaxed),
            Outcome::Failed => self.failed.load(Ordering::Relaxed),
        }
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
