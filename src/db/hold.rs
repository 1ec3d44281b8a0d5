//! Read-only for a while: a write that cannot reach the disk is not tried again and again, and nobody is told that it was
//! done. Looking goes on.

use std::path::Path;
use std::sync::atomic::{AtomicU8, Ordering};

use rusqlite::{Connection, ErrorCode};

use crate::db::{migrate, space};
use crate::error::{Doing, Error, Held, Result};

/// Why nothing is written, if so.
#[derive(Debug, Default)]
pub(super) struct Hold(AtomicU8);

impl Hold {
    pub fn set(&self, why: Option<Held>) {
        let word = match why {
            None => 0,
            Some(Held::Full) => 1,
            Some(Held::Unwritable) => 2,
            Some(Held::Damaged) => 3,
        };
        self.0.store(word, Ordering::SeqCst);
    }

    pub fn why(&self) -> Option<Held> {
        match self.0.load(Ordering::SeqCst) {
            1 => Some(Held::Full),
            2 => Some(Held::Unwritable),
            3 => Some(Held::Damaged),
            _ => None,
        }
    }
}

/// Whether `error` says that the disk below `path` takes nothing more.
pub(super) fn reason(error: &Error, path: &Path) -> Option<Held> {
    let Error::Internal { source, .. } = error else { return None };
    let error = source.downcast_ref::<rusqlite::Error>()?;
    match error.sqlite_error_code()? {
        ErrorCode::ReadOnly => Some(Held::Unwritable),
        _ if is_full(error, path) => Some(Held::Full),
        // A disk the system has turned read-only says no more either; a small file says it again.
        ErrorCode::SystemIoFailure if super::usable_folder(path.parent()?).is_err() => Some(Held::Unwritable),
        _ => None,
    }
}

/// Whether `error` came because the disk below `path` is full.
pub(super) fn is_full(error: &rusqlite::Error, path: &Path) -> bool {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => true,
        // The shared memory beside the WAL and a sync say only that it failed.
        Some(ErrorCode::SystemIoFailure) => path.parent().and_then(space::room).is_some_and(|room| room.is_full()),
        _ => false,
    }
}

/// A write that takes new pages, undone, and one that comes to the disk and changes nothing: an error when either fails.
pub(super) fn try_write(conn: &Connection) -> Result<()> {
    const GROW: &str = "
        CREATE TABLE trial (filler BLOB) STRICT;
        INSERT INTO trial (filler) VALUES (zeroblob(262144));";
    migrate::begin_wal(conn).doing("begin the WAL before a trial")?;
    // The WAL a failed write has left behind may be what fills the disk.
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).doing("fold the WAL before a trial")?;
    let trial = conn.unchecked_transaction().doing("begin a trial")?;
    trial.execute_batch(GROW).doing("try to write")?;
    trial.rollback().doing("undo the trial")?;
    let version: i32 = conn.query_row("PRAGMA user_version", [], |row| row.get(0)).doing("read the version")?;
    conn.execute_batch(&format!("PRAGMA user_version = {version}")).doing("try to store")
}
