//! Knowing a file as ours, making a new one, bringing an older one up to date.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use super::leftover::{self, Leftover};
use super::{disk, hold};
use crate::error::{Doing, Error, Result};

/// Stands in the header of every file of ours: "LkGs".
pub const APPLICATION_ID: i32 = 0x4C6B_4773;

/// The database on one page; a new shop runs only this.
pub const SCHEMA: &str = include_str!("../../schema.sql");

/// Step `n` brings version `n - 1` to `n`. A shipped file is never edited.
const MIGRATIONS: &[&str] = &[
    include_str!("migrations/0001_first.sql"),
    include_str!("migrations/0002_orders.sql"),
    include_str!("migrations/0003_routes.sql"),
    include_str!("migrations/0004_safe.sql"),
];

/// The schema this program speaks.
pub const VERSION: i32 = MIGRATIONS.len() as i32;

/// Opens `path` for writing and makes sure that it is ours and sound, before anything in it is changed.
pub fn open_writer(path: &Path) -> Result<Connection> {
    let name = path.display();
    let is_empty = std::fs::metadata(path).map_or(true, |meta| meta.len() == 0);
    // A WAL with no database beside it holds the shop's last work; a new file would throw it away.
    if is_empty && disk::has_content(&disk::beside(path, "-wal")) {
        return Err(Error::refused(
            "a WAL without its database",
            format!("「{name}」不見了，但它的 -wal 檔還在。請把兩個檔案放回同一個資料夾。"),
        ));
    }
    let is_new = is_empty || is_blank(path);
    // Another program's file is not even opened for writing: closing it would fold its WAL in.
    if !is_new && !carries_our_mark(path).map_err(|_| unreadable(path))? && open_to_look(path)?.is_none() {
        return Err(not_ours(path));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(|_| unreadable(path))?;
    if !is_new {
        recognise(&conn, path)?;
    }
    super::common_pragmas(&conn).doing("set up the writer")?;
    // A WAL that grew under a long read is cut to the usual length when it begins anew.
    conn.execute_batch("PRAGMA synchronous = FULL; PRAGMA cache_size = -8000; PRAGMA journal_size_limit = 4194304;")
        .map_err(|error| not_sound(&error, path))?;
    match begin_wal(&conn) {
        // A shop that was closed on a full disk is one file, and beginning a WAL takes a page: it is opened to be looked at.
        Err(error) if hold::is_full(&error, path) => log::warn!("the disk is full, and the file is opened as it is"),
        begun => begun.map_err(|error| not_sound(&error, path))?,
    }
    Ok(conn)
}

/// The mode in which readers and the writer do not wait for each other; the file keeps it until it is closed.
pub(super) fn begin_wal(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch("PRAGMA journal_mode = WAL")
}

/// `path`, read and not written, when it is ours and this program understands it; `None` when it is missing or
/// shows no mark of ours. `Refused` as [`recognise`] says.
pub(super) fn open_to_look(path: &Path) -> Result<Option<Connection>> {
    // A shop in its first minute carries its mark only in the WAL.
    let wal = std::fs::metadata(path.with_extension("db-wal")).map_or(0, |meta| meta.len());
    if wal == 0 && !carries_our_mark(path).unwrap_or(false) {
        return Ok(None);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(|_| unreadable(path))?;
    recognise(&conn, path)?;
    Ok(Some(conn))
}

/// Ours, not newer than this program, and readable; otherwise `Refused`, with nothing changed.
fn recognise(conn: &Connection, path: &Path) -> Result<()> {
    let header = |name: &str| conn.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i32>(0));
    let application_id = header("application_id").map_err(|error| not_sound(&error, path))?;
    let version = header("user_version").map_err(|error| not_sound(&error, path))?;
    let name = path.display();
    if application_id != APPLICATION_ID {
        return Err(not_ours(path));
    }
    if VERSION < version {
        return Err(Error::refused(
            "database is newer than the program",
            format!("「{name}」是較新的版本（{version}）建立的，這個程式只懂到 {VERSION}。請更新程式。"),
        ));
    }
    // Reads every page's head: a file cut short or overwritten shows here and not under a clerk's hands.
    let verdict: String = conn
        .query_row("PRAGMA schema_version", [], |_| Ok(()))
        .and_then(|()| conn.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'customers'", [], |row| row.get::<_, i64>(0)))
        .and_then(|_| pages_are_there(conn, path))
        .map_err(|error| not_sound(&error, path))?;
    match verdict.as_str() {
        "ok" => Ok(()),
        _ => Err(damaged(path)),
    }
}

/// The header says how many pages there are; a file with fewer was cut off.
fn pages_are_there(conn: &Connection, path: &Path) -> rusqlite::Result<String> {
    let size: i64 = conn.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    let mut head = [0u8; 100];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    let pages = i64::from(u32::from_be_bytes([head[28], head[29], head[30], head[31]]));
    let length = std::fs::metadata(path).map_or(0, |meta| meta.len() as i64);
    let wal = std::fs::metadata(path.with_extension("db-wal")).map_or(0, |meta| meta.len());
    let whole = read.is_ok() && (0 < wal || pages * size <= length);
    Ok(if whole { "ok" } else { "short" }.to_owned())
}

fn not_sound(error: &rusqlite::Error, path: &Path) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) if !carries_our_mark(path).unwrap_or(false) => not_ours(path),
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            Error::refused("database is not writable", format!("「{}」不能寫入，請檢查檔案權限。", path.display()))
        }
        _ => damaged(path),
    }
}

/// Whether the file's head says that it is ours, whatever has become of the rest.
pub(super) fn carries_our_mark(path: &Path) -> io::Result<bool> {
    let mut head = [0u8; 72];
    match File::open(path).and_then(|mut file| file.read_exact(&mut head)) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
        Ok(()) => Ok(head.starts_with(b"SQLite format 3\0") && head[68..] == APPLICATION_ID.to_be_bytes()),
    }
}

/// Whether `path` says of itself that it is ours, whatever has become of the rest.
pub fn is_ours(path: &Path) -> Result<bool> {
    carries_our_mark(path).map_err(|_| unreadable(path))
}

/// Whether `path` was made and nothing has been put into it: the program was cut off in the first moment of a new shop.
pub fn is_blank(path: &Path) -> bool {
    const COOKIE: std::ops::Range<usize> = 40..44;
    const MARK: std::ops::Range<usize> = 68..72;
    let mut head = [0u8; 100];
    let is_read = File::open(path).and_then(|mut file| file.read_exact(&mut head)).is_ok();
    let is_short = std::fs::metadata(path).is_ok_and(|meta| meta.len() <= 4096);
    let has_nothing = head[COOKIE] == [0; 4] && head[MARK] == [0; 4];
    is_read && is_short && has_nothing && head.starts_with(b"SQLite format 3\0") && matches!(leftover::wal(path), Ok(Leftover::Nothing))
}

/// Lets SQLite take back a step of opening or closing `path` that was cut off.
pub fn take_back_step(path: &Path) -> Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags).map_err(|_| unreadable(path))?;
    conn.query_row("PRAGMA schema_version", [], |_| Ok(())).map_err(|error| not_sound(&error, path))
}

pub fn unreadable(path: &Path) -> Error {
    Error::refused("database cannot be opened", format!("「{}」打不開，請檢查檔案權限。", path.display()))
}

pub fn not_ours(path: &Path) -> Error {
    Error::refused("database is not ours", format!("「{}」不是幸福氣的資料檔，沒有動它。", path.display()))
}

pub fn damaged(path: &Path) -> Error {
    Error::refused("database is damaged", format!("「{}」已經損壞，沒有動它。請用最近的備份。", path.display()))
}

/// The version of the schema in `conn`'s file; 0 of one that was just made.
pub fn version(conn: &Connection) -> Result<i32> {
    conn.query_row("PRAGMA user_version", [], |row| row.get(0)).doing("read the schema version")
}

/// Builds a file that was just made; `Refused` when it is one of an earlier version.
pub fn build(conn: &mut Connection, path: &Path) -> Result<()> {
    match version(conn)? {
        0 => run(conn, &[SCHEMA], VERSION, &|_| (), |_| Ok(())),
        VERSION => Ok(()),
        older => {
            let say = format!("「{}」還是舊版的資料（{older}），要先備份、更新才能打開。", path.display());
            Err(Error::refused("database is older than the program", say))
        }
    }
}

/// Builds a new file, or runs the steps an older one lacks.
pub fn bring_up_to_date(conn: &mut Connection) -> Result<()> {
    bring_up(conn, &|_| (), |_| Ok(()))
}

/// The same, telling `done` the number of each step when it is done, and keeping it only when `check` is content. All of it
/// is one transaction: whenever it is cut off, the file is the old one whole.
pub fn bring_up(conn: &mut Connection, done: &dyn Fn(i32), check: impl FnOnce(&Transaction) -> Result<()>) -> Result<()> {
    match version(conn)? {
        0 => run(conn, &[SCHEMA], VERSION, done, check),
        VERSION => Ok(()),
        older => run(conn, MIGRATIONS.get(older as usize..).unwrap_or_default(), older + 1, done, check),
    }
}

/// Runs `steps`, of which the first brings the file to version `first`.
fn run(
    conn: &mut Connection,
    steps: &[&str],
    first: i32,
    done: &dyn Fn(i32),
    check: impl FnOnce(&Transaction) -> Result<()>,
) -> Result<()> {
    let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).doing("begin a migration")?;
    for (version, step) in (first..).zip(steps) {
        tx.execute_batch(step)
            .and_then(|()| tx.execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {version};")))
            .doing(format_args!("migrate to schema {version}"))?;
        done(version);
    }
    check(&tx)?;
    tx.commit().doing("commit a migration")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The schema as SQLite keeps it, without comments and spacing.
    fn shape(steps: &[&str]) -> Vec<String> {
        let conn = Connection::open_in_memory().unwrap();
        for step in steps {
            conn.execute_batch(step).unwrap();
        }
        let mut query = conn.prepare("SELECT type || ' ' || name || ': ' || coalesce(sql, '') FROM sqlite_schema ORDER BY 1").unwrap();
        let rows = query.query_map([], |row| row.get::<_, String>(0)).unwrap();
        rows.map(|sql| {
            let sql = sql.unwrap();
            let bare: Vec<_> = sql.lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
            bare.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
        })
        .collect()
    }

    #[test]
    fn a_new_file_and_a_migrated_one_are_alike() {
        assert_eq!(shape(&[SCHEMA]), shape(MIGRATIONS));
    }
}
