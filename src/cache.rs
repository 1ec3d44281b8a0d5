//! Numbers that cost milliseconds and that everybody asks for at once, kept until something is written: after each save
//! every open page of the office asks for the day's figures anew, and they are reckoned once.
//!
//! Invariants
//! - Whoever's write was answered is never told a number from before it. Any commit makes all that is kept stale, whatever
//!   it wrote: so no list of what depends on what can be wrong.
//! - What is kept is of the same day and at most [`TTL`] old by the shop's clock, forwards or back: windows and delays
//!   move with the time though nobody writes.
//! - Nothing of one user's own is kept.
//! - Whoever asks for what is being reckoned waits for that one.

use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;

use crate::app::App;
use crate::error::Result;
use crate::settings::Settings;
use crate::values::Stamp;

/// How long a number may stand while nobody writes.
pub const TTL: Duration = Duration::from_secs(15);
/// So many numbers are kept at most: the pages of a day, with room. One too many, and all are forgotten.
const MOST: usize = 64;

/// Which number it is: whose (`home`), and of what (a day, a month).
pub type Key = (&'static str, String);

#[derive(Default)]
pub struct Cache {
    slots: Mutex<HashMap<Key, Arc<Slot>>>,
    hits: AtomicU64,
    misses: AtomicU64,
}

/// Locked while its number is being reckoned.
type Slot = Mutex<Option<Kept>>;

struct Kept {
    number: Arc<dyn Any + Send + Sync>,
    /// How many commits there had been before it was read.
    commits: u64,
    at: Stamp,
}

impl Kept {
    fn holds(&self, commits: u64, now: Stamp) -> bool {
        let age = now.0.saturating_sub(self.at.0);
        self.commits == commits && (0..TTL.as_millis() as i64).contains(&age) && self.at.day() == now.day()
    }
}

impl Cache {
    /// How many were answered from what was kept since the start.
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// How many had to be reckoned.
    pub fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }

    fn slot(&self, key: Key) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if MOST <= slots.len() && !slots.contains_key(&key) {
            slots.clear();
        }
        slots.entry(key).or_default().clone()
    }
}

impl App {
    /// The number `key`, as `work` reckons it from the file and the shop's choices or as it was kept; `now` is the moment
    /// of the request. All that `work` looks at must be in the file, in the settings, in `key` or in `now`.
    pub fn cached<T: Any + Send + Sync>(
        &self,
        key: Key,
        now: Stamp,
        work: impl FnOnce(&Connection, &Settings) -> Result<T>,
    ) -> Result<Arc<T>> {
        let slot = self.cache.slot(key);
        let mut kept = slot.lock().unwrap_or_else(PoisonError::into_inner);
        // Counted before anything is read: what is written from here on makes the answer stale, not the reader wrong.
        let commits = self.db.commits().count();
        let held = kept.as_ref().filter(|kept| kept.holds(commits, now)).and_then(|kept| kept.number.clone().downcast().ok());
        if let Some(number) = held {
            self.cache.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(number);
        }
        self.cache.misses.fetch_add(1, Ordering::Relaxed);
        *kept = None;
        let settings = self.settings();
        let number = Arc::new(self.db.read(|conn| work(conn, &settings))?);
        *kept = Some(Kept { number: number.clone(), commits, at: now });
        Ok(number)
    }
}
