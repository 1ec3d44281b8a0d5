//! The file. Reads run on a small pool of read-only connections and never wait for the writer;
//! writes queue for the one writer and run in `BEGIN IMMEDIATE`, so nobody ever sees "locked".
//! No network, no file work and no password hashing inside a transaction.

mod check;
mod commits;
mod compact;
pub mod damage;
pub mod disk;
mod hold;
pub mod leftover;
mod lock;
mod migrate;
mod readers;
mod slow;
pub mod sound;
pub mod space;
pub mod tend;
mod timing;

use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::error::{Doing, Error, Held, Result};

pub use check::{Finding, Question, TOTALS, check};
pub use commits::Commits;
pub use compact::Compacted;
pub use disk::{BESIDE, beside};
pub use lock::Lock;
pub use migrate::{APPLICATION_ID, SCHEMA, VERSION, damaged, is_blank, is_ours, not_ours, take_back_step, unreadable};
pub use readers::LongRead;
pub use slow::{SlowQuery, slow_count, slow_queries, unwatched};
pub use timing::Timing;

/// How many read-only connections there are, fewer than workers: each keeps the statements it has understood, some 2 MB.
/// Whoever comes when all are busy waits for the first of them to be free.
const READERS: u32 = 6;

/// How long SQLite waits for a lock. Of our own connections only one writes; a virus scanner may hold the file for a moment.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The shop's one file and the ways into it.
pub struct Db {
    path: PathBuf,
    /// `None` only while the file is being closed.
    readers: Option<r2d2::Pool<SqliteConnectionManager>>,
    writer: Mutex<Connection>,
    commits: Arc<Commits>,
    hold: hold::Hold,
    damage: damage::Damage,
    readers_now: readers::Readers,
    timing: Timing,
}

impl Db {
    /// Opens `luckygas.db` in `folder`, making it when there is none. `Refused` in a sentence for the person at the PC when
    /// the file is damaged, not ours, newer than the program or older: that one is brought up to date by
    /// [`crate::start::upgrade()`] alone, which makes a copy of it first.
    pub fn open(folder: &Path) -> Result<Db> {
        Db::open_for(folder, READERS)
    }

    /// The same with so many `readers`.
    pub fn open_for(folder: &Path, readers: u32) -> Result<Db> {
        let path = folder.join("luckygas.db");
        let mut writer = migrate::open_writer(&path)?;
        migrate::build(&mut writer, &path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let manager = SqliteConnectionManager::file(&path).with_flags(flags).with_init(reader_pragmas);
        let readers = r2d2::Pool::builder()
            .max_size(readers)
            // The first reader is opened now, the others when people come: a start is quick and idle memory small.
            .min_idle(Some(1))
            .test_on_check_out(false)
            .build(manager)
            .doing("open the readers")?;
        Ok(Db {
            path,
            readers: Some(readers),
            writer: Mutex::new(writer),
            commits: Arc::default(),
            hold: hold::Hold::default(),
            damage: damage::Damage::default(),
            readers_now: readers::Readers::default(),
            timing: Timing::new(),
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `work` on a read-only connection, inside one snapshot: all it sees is of one moment. Nobody may stay in it for
    /// long ([`tend`]).
    #[track_caller]
    pub fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let _timed = self.timing.reads.time();
        let mut conn = self.readers.as_ref().ok_or_else(|| Error::impossible("read a closed file"))?.get().doing("get a reader")?;
        let snapshot = conn.transaction().doing("begin a read")?;
        // Off the list before the snapshot ends: nothing ends that half way.
        let _listed = self.readers_now.list(&snapshot, Location::caller());
        work(&snapshot).map_err(|error| self.suspect(error))
    }

    /// Runs `work` in one transaction on the writer; what it answers is on disk. An error undoes all of it. `ReadOnly`
    /// while the disk takes nothing more: the first write that finds it so holds the others.
    pub fn write<T>(&self, work: impl FnOnce(&Transaction) -> Result<T>) -> Result<T> {
        self.check_held()?;
        self.transact(work).map_err(|error| self.judged(self.suspect(error)))
    }

    fn transact<T>(&self, work: impl FnOnce(&Transaction) -> Result<T>) -> Result<T> {
        let asked = Instant::now();
        // A panic in an earlier write rolled its transaction back, so the connection behind is sound.
        let mut conn = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let held = self.timing.hold(asked);
        // Whoever waited in the queue may have waited for the one that found the disk full.
        self.check_held()?;
        // IMMEDIATE takes the write lock before the first read, so nothing fails half-way as "locked".
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).doing("begin a write")?;
        let answer = work(&tx)?;
        tx.commit().doing("commit")?;
        drop(held);
        drop(conn);
        self.commits.ring();
        Ok(answer)
    }

    /// Lets nothing be written from now on; [`Db::try_again`] ends it.
    pub fn hold(&self, why: Held) {
        if self.hold.why() != Some(why) {
            log::error!("nothing is written from now on why={why:?}");
        }
        self.hold.set(Some(why));
    }

    /// Why nothing is written, if so.
    pub fn held(&self) -> Option<Held> {
        self.hold.why()
    }

    pub fn is_held(&self) -> bool {
        self.held().is_some()
    }

    /// `ReadOnly` while nothing is written.
    pub fn check_held(&self) -> Result<()> {
        self.held().map_or(Ok(()), |why| Err(Error::ReadOnly(why)))
    }

    /// What the failure of a write on this disk means: one that was for want of room holds the others, and is `ReadOnly`.
    pub fn judged(&self, error: Error) -> Error {
        match hold::reason(&error, &self.path) {
            Some(why) => {
                log::error!("{error}");
                self.hold(why);
                Error::ReadOnly(why)
            }
            None => error,
        }
    }

    /// Tries a write and lets the others in again when it succeeds; whether they are let in.
    pub fn try_again(&self) -> bool {
        if self.held() == Some(Held::Damaged) {
            return false;
        }
        let conn = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        match hold::try_write(&conn) {
            Ok(()) => self.hold.set(None),
            Err(error) => log::debug!("the trial write failed: {error}"),
        }
        !self.is_held()
    }

    /// Rings after each [`Db::write`] that was committed.
    pub fn commits(&self) -> Arc<Commits> {
        self.commits.clone()
    }

    /// Runs `work` on the writer outside a transaction, for what SQLite does only there (VACUUM, PRAGMA optimize).
    pub fn maintain<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let asked = Instant::now();
        let conn = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let _held = self.timing.hold(asked);
        work(&conn)
    }

    /// How long reads and writes take, and the queue before the writer.
    pub fn timing(&self) -> &Timing {
        &self.timing
    }

    /// Whether the file would take a write now, found out without writing and without waiting; `None` while somebody
    /// writes.
    pub fn takes_writes(&self) -> Option<bool> {
        let conn = match self.writer.try_lock() {
            Ok(conn) => conn,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        Some(conn.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_ok())
    }

    /// Lets SQLite refresh what it knows of its indexes, where that pays.
    pub fn optimize(&self) -> Result<()> {
        self.maintain(|conn| conn.execute_batch("PRAGMA optimize").doing("optimize the file"))
    }

    /// How large the file is on disk, its WAL included.
    pub fn file_bytes(&self) -> u64 {
        file_bytes(&self.path)
    }

    /// How large the WAL beside the file is.
    pub fn wal_bytes(&self) -> u64 {
        size_of(&self.path.with_extension("db-wal"))
    }

    /// Folds the WAL into the file, so that a stopped program leaves one file behind.
    pub fn checkpoint(&self) -> Result<()> {
        self.maintain(|conn| conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).doing("checkpoint the WAL"))
    }
}

/// The file `path`, opened for writing and brought up to date. Nobody else has it.
pub fn open_alone(path: &Path) -> Result<Connection> {
    let mut conn = migrate::open_writer(path)?;
    migrate::bring_up_to_date(&mut conn)?;
    Ok(conn)
}

/// Folds what can be read of the WAL into the file `path`, which nobody else has, and leaves none beside it.
pub fn fold(path: &Path) -> Result<()> {
    let conn = migrate::open_writer(path)?;
    conn.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).doing("fold the WAL into the file")
}

/// Brings the file `path` up to date, which nobody else has, and lets go of it. `done` hears the number of each step, and
/// `check` has the last word: unless it is content, the file stays as it was.
pub fn update(path: &Path, done: &dyn Fn(i32), check: impl FnOnce(&Transaction) -> Result<()>) -> Result<()> {
    let mut conn = migrate::open_writer(path)?;
    migrate::bring_up(&mut conn, done, check)
}

/// What `look` finds in the file of `folder`, which is neither made nor changed; `None` when there is
/// none or it cannot be read. For the little that must be known before the file is opened.
pub fn peek<T>(folder: &Path, look: impl FnOnce(&Connection) -> Result<T>) -> Option<T> {
    let path = folder.join("luckygas.db");
    let conn = migrate::open_to_look(&path).ok()??;
    look(&conn).ok()
}

/// A connection of its own that reads the file at `path`, which may be open elsewhere: for what stands long in one
/// snapshot. `Refused` when it is missing, not ours or cannot be read.
pub fn open_beside(path: &Path) -> Result<Connection> {
    let conn = migrate::open_to_look(path)?
        .ok_or_else(|| Error::refused("no database", format!("「{}」不在，或不是幸福氣的資料檔。", path.display())))?;
    let map = if cfg!(windows) { 0 } else { 256 * 1024 * 1024 };
    conn.execute_batch(&format!(
        "PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA mmap_size = {map}; PRAGMA temp_store = MEMORY;"
    ))
    .doing("open the file beside")?;
    Ok(conn)
}

/// Whoever closes the shop leaves one file: it can be copied as it lies there. A crash leaves the WAL beside it,
/// and the next start reads both.
impl Drop for Db {
    fn drop(&mut self) {
        self.fold();
    }
}

/// How long whoever closes the file waits for the last reader.
const LAST_READER: Duration = Duration::from_secs(10);

impl Db {
    /// Lets go of the file as dropping does, and says whether it stands alone now and in nobody's hands.
    pub fn close(mut self) -> bool {
        self.fold()
    }

    fn fold(&mut self) -> bool {
        self.readers = None;
        let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner);
        // The pool may let go of its last reader a moment later, and SQLite itself does not wait for that here.
        let until = Instant::now() + LAST_READER;
        let left = loop {
            let left = writer.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0));
            if left.as_deref() == Ok("delete") || until <= Instant::now() {
                break left;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        match left {
            Ok(mode) if mode == "delete" => return true,
            Ok(mode) => log::debug!("the file was closed in journal mode {mode}"),
            Err(error) => log::debug!("the WAL stays beside the file: {error}"),
        }
        false
    }
}

/// How large the database file at `path` is with its WAL.
pub(crate) fn file_bytes(path: &Path) -> u64 {
    size_of(path) + size_of(&path.with_extension("db-wal"))
}

/// Nothing of a file that is not there.
fn size_of(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |meta| meta.len())
}

/// What every connection has; the writer adds its own on top.
fn common_pragmas(conn: &Connection) -> rusqlite::Result<()> {
    conn.set_prepared_statement_cache_capacity(128);
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.execute_batch(
        "PRAGMA foreign_keys = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;",
    )?;
    slow::watch(conn);
    Ok(())
}

fn reader_pragmas(conn: &mut Connection) -> rusqlite::Result<()> {
    common_pragmas(conn)?;
    // The pages of the file are read through one shared map where that is safe; on Windows a map would
    // block truncation. What a reader caches for itself is kept small, for there are several of them.
    let map = if cfg!(windows) { 0 } else { 256 * 1024 * 1024 };
    conn.execute_batch(&format!(
        "PRAGMA query_only = ON;
         PRAGMA mmap_size = {map};
         PRAGMA cache_size = -1500;"
    ))
}

/// True when `error` is a broken UNIQUE, known by SQLite's code and not by its text.
pub fn is_unique_violation(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::SqliteFailure(failure, _)
        if failure.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_UNIQUE
            || failure.extended_code == rusqlite::ffi::SQLITE_CONSTRAINT_PRIMARYKEY)
}

/// A folder the program may write to, made when it is missing; `Refused` with its name when it may not.
pub fn usable_folder(folder: &Path) -> Result<()> {
    let say =
        |_| Error::refused("data folder is not writable", format!("資料夾「{}」不能寫入，請換一個資料夾或檢查權限。", folder.display()));
    std::fs::create_dir_all(folder).map_err(say)?;
    let probe = folder.join(".luckygas-write-test");
    std::fs::write(&probe, b"").map_err(say)?;
    std::fs::remove_file(&probe).map_err(say)
}
