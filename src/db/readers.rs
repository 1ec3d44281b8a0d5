//! Who reads at the moment, and for how long: as long as one reads, the WAL cannot begin anew.

use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, InterruptHandle};

#[derive(Default)]
pub(super) struct Readers {
    next: AtomicU64,
    reading: Mutex<Vec<Reading>>,
}

struct Reading {
    number: u64,
    since: Instant,
    at: &'static Location<'static>,
    end: InterruptHandle,
    is_named: bool,
}

/// On the list until dropped.
pub(super) struct Listed<'a> {
    readers: &'a Readers,
    number: u64,
}

/// A read that lasts longer than a page may.
#[derive(Clone, Debug)]
pub struct LongRead {
    /// The line of the program that reads.
    pub at: String,
    pub lasts: Duration,
    /// It was ended: whoever asked is told to ask for less.
    pub is_ended: bool,
}

impl Readers {
    fn reading(&self) -> MutexGuard<'_, Vec<Reading>> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// `at` begins to read on `conn`.
    pub fn list(&self, conn: &Connection, at: &'static Location<'static>) -> Listed<'_> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        self.reading().push(Reading { number, since: Instant::now(), at, end: conn.get_interrupt_handle(), is_named: false });
        Listed { readers: self, number }
    }

    /// Names in the log, once each, whoever reads longer than `named`, and ends whoever reads longer than `ended`. Gives
    /// all of them.
    pub fn look(&self, named: Duration, ended: Duration) -> Vec<LongRead> {
        // Nobody leaves the list meanwhile, so that nobody is ended who only has the same connection next.
        let mut reading = self.reading();
        let long = reading.iter_mut().filter(|one| named <= one.since.elapsed()).map(|one| {
            let lasts = one.since.elapsed();
            let long = LongRead { at: one.at.to_string(), lasts, is_ended: ended <= lasts };
            if long.is_ended {
                one.end.interrupt();
                log::warn!("a read was ended at={} seconds={}", long.at, lasts.as_secs());
            } else if !one.is_named {
                one.is_named = true;
                log::warn!("a long read at={} seconds={}", long.at, lasts.as_secs());
            }
            long
        });
        long.collect()
    }
}

impl Drop for Listed<'_> {
    fn drop(&mut self) {
        self.readers.reading().retain(|one| one.number != self.number);
    }
}
