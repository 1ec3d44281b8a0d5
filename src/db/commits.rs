//! A bell that rings after each commit, for whoever wants to look what was written. Ringing waits for nobody.

use std::sync::{Condvar, Mutex, PoisonError};

#[derive(Debug, Default)]
pub struct Commits {
    count: Mutex<u64>,
    rung: Condvar,
}

impl Commits {
    /// Wakes everybody who waits.
    pub fn ring(&self) {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.rung.notify_all();
    }

    /// How often it has rung: the same number twice, and nothing was written in between.
    pub fn count(&self) -> u64 {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it has rung since `seen`, the answer of the last time; 0 at first.
    pub fn wait(&self, seen: u64) -> u64 {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        *self.rung.wait_while(count, |count| *count == seen).unwrap_or_else(PoisonError::into_inner)
    }
}
