//! The WAL beside the file is kept short. SQLite folds it in by itself every thousand pages and begins it anew when nobody
//! reads an older moment; two things keep it from that, and without somebody who looks it grows until the disk is full:
//! a reader who stays (a long export), and readers who follow so closely upon each other that somebody is always there.
//!
//! What is left to do is done in two steps. Folding in needs nobody's leave and is the work; it runs on a connection of its
//! own, beside the writer. Beginning anew needs the writer and a moment without old readers; that waits a few milliseconds
//! and otherwise comes back at the next look. So nobody who saves waits longer than [`PATIENCE`] and a sync for it.

use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::db::{Db, LongRead};
use crate::error::{Doing, Result};

/// A WAL that is longer is folded in and cut off at the next look; four times what SQLite folds in by itself.
pub const WAL_BYTES: u64 = 16 * 1024 * 1024;
/// A read that lasts longer is named in the log.
pub const LONG_READ: Duration = Duration::from_secs(10);
/// A read that lasts longer is ended.
pub const LONGEST_READ: Duration = Duration::from_secs(60);
/// How long the writer stands still for readers to leave.
const PATIENCE: Duration = Duration::from_millis(25);
/// So many pages may be left to be folded in while the writer stands still: a few milliseconds' work.
const REST_PAGES: i64 = 500;
/// Passes over a WAL that goes on growing, or that a page is still being read from.
const PASSES: u32 = 3;

/// What a look came to.
#[derive(Clone, Debug)]
pub struct Tended {
    pub wal_before: u64,
    pub wal_after: u64,
    pub long_reads: Vec<LongRead>,
}

impl Db {
    /// Looks after readers and WAL, every quarter of a minute.
    pub fn tend(&self) -> Result<Tended> {
        self.tend_to(LONG_READ, LONGEST_READ, WAL_BYTES)
    }

    /// The same with bounds of the test's choice.
    pub fn tend_to(&self, long_read: Duration, longest_read: Duration, wal_bytes: u64) -> Result<Tended> {
        let long_reads = self.readers_now.look(long_read, longest_read);
        let wal_before = self.wal_bytes();
        // On a full disk folding in may need the room there is not.
        if wal_before <= wal_bytes || self.is_held() {
            return Ok(Tended { wal_before, wal_after: wal_before, long_reads });
        }
        self.shorten_wal()?;
        let wal_after = self.wal_bytes();
        if wal_after <= wal_bytes {
            log::info!("the WAL was folded in bytes={wal_before}");
        } else {
            log::warn!("somebody reads an older moment, so the WAL stays long bytes={wal_after} long_reads={}", long_reads.len());
        }
        Ok(Tended { wal_before, wal_after, long_reads })
    }

    /// Folds the WAL into the file and cuts it off, as far as readers let it; who saves hardly waits.
    pub fn shorten_wal(&self) -> Result<()> {
        let beside = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .doing("open the file to fold in the WAL")?;
        for pass in 1..=PASSES {
            let folded = fold(&beside, "PASSIVE")?;
            if folded.left <= REST_PAGES && self.cut_wal()? {
                return Ok(());
            }
            if pass < PASSES {
                std::thread::sleep(PATIENCE);
            }
        }
        Ok(())
    }

    /// Whether the WAL begins anew now.
    fn cut_wal(&self) -> Result<bool> {
        self.maintain(|conn| {
            conn.busy_timeout(PATIENCE).doing("wait less")?;
            let cut = fold(conn, "TRUNCATE");
            conn.busy_timeout(super::BUSY_TIMEOUT).doing("wait as before")?;
            Ok(!cut?.is_busy)
        })
    }
}

/// What folding came to.
struct Folded {
    /// Somebody stood in the way.
    is_busy: bool,
    /// Pages still only in the WAL.
    left: i64,
}

fn fold(conn: &Connection, mode: &str) -> Result<Folded> {
    conn.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| {
        let (in_wal, folded): (i64, i64) = (row.get(1)?, row.get(2)?);
        Ok(Folded { is_busy: row.get(0)?, left: in_wal - folded })
    })
    .doing("fold the WAL into the file")
}
