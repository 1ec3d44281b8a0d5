//! A file does not shrink by itself when much was deleted, as after an import that was taken back: what is free is used again
//! for what comes. Only where a good part of it is free is the whole written anew.
//!
//! Not `auto_vacuum`: it must be set by writing the whole file anew too, costs every write a page of its map from then on, and
//! leaves the file in pieces. Writing the full file (46 MB) anew takes 0.6 s, once after something out of the ordinary.

use rusqlite::Connection;

use crate::db::{Db, space};
use crate::error::{Doing, Error, Result};

/// A file with less to spare is let be.
const LEAST_FREE_BYTES: i64 = 4 * 1024 * 1024;

/// What writing the file anew came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compacted {
    /// Too little of it is free: so many percent.
    NotWorthIt(i64),
    Done {
        before: u64,
        after: u64,
    },
}

impl Db {
    /// Writes the file anew without its free pages when they are more than a quarter of it. Whoever saves meanwhile waits;
    /// who reads does not. `Refused` when the disk has not three times the room.
    pub fn compact(&self) -> Result<Compacted> {
        let (pages, free, page_bytes) =
            self.read(|conn| Ok((pragma(conn, "page_count")?, pragma(conn, "freelist_count")?, pragma(conn, "page_size")?)))?;
        if free * 4 <= pages || free * page_bytes < LEAST_FREE_BYTES {
            return Ok(Compacted::NotWorthIt(free * 100 / pages.max(1)));
        }
        let before = self.file_bytes();
        // Its copy, the WAL the copy goes through, and what others need.
        if space::free_bytes(&self.path).is_some_and(|free| free < 3 * before) {
            return Err(Error::refused("too little room to write the file anew", "硬碟空間不夠重排資料檔，先不做；檔案還是好的。"));
        }
        self.maintain(|conn| {
            // The copy would be held in memory, all of it.
            conn.execute_batch("PRAGMA temp_store = FILE").doing("write to the disk")?;
            let written = conn.execute_batch("/* db: compact */ VACUUM").doing("write the file anew");
            conn.execute_batch("PRAGMA temp_store = MEMORY").doing("sort in memory again")?;
            written
        })?;
        self.shorten_wal()?;
        Ok(Compacted::Done { before, after: self.file_bytes() })
    }
}

fn pragma(conn: &Connection, name: &str) -> Result<i64> {
    conn.query_row(&format!("PRAGMA {name}"), [], |row| row.get(0)).doing(format_args!("read {name}"))
}
