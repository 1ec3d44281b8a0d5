use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::error::{Doing, Error, Result};
use crate::stops::photos::picture::Format;
use crate::stops::photos::{Kind, Picture, sha_of};
use crate::values::{Stamp, UserId};

/// Stands in the header of the file: "LkPh".
const APPLICATION_ID: i32 = 0x4C6B_5068;

const SCHEMA: &str = "
    CREATE TABLE photos (
        sha256  TEXT    PRIMARY KEY CHECK (length(sha256) = 64),
        kind    TEXT    NOT NULL CHECK (kind IN ('photo', 'signature')),
        mime    TEXT    NOT NULL CHECK (mime IN ('image/jpeg', 'image/png')),
        bytes   BLOB    NOT NULL,
        user_id INTEGER NOT NULL,
        at      INTEGER NOT NULL
    ) STRICT;
    CREATE TRIGGER photos_stand BEFORE UPDATE ON photos BEGIN SELECT raise(ABORT, 'a picture never changes'); END;
    CREATE TRIGGER photos_stay BEFORE DELETE ON photos BEGIN SELECT raise(ABORT, 'a picture is never removed'); END;";

/// Opens `path` for adding pictures, making it when it is not there; `Refused` when it is not ours.
pub fn open_writer(path: &Path) -> Result<Connection> {
    open(path, "WAL")
}

/// The same in journal mode `mode`.
fn open(path: &Path, mode: &str) -> Result<Connection> {
    let refused = || Error::refused("pictures cannot be opened", format!("「{}」打不開，或不是照片檔。", path.display()));
    let conn = Connection::open(path).map_err(|_| refused())?;
    let header = |name: &str| conn.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i32>(0)).map_err(|_| refused());
    let (mark, schema) = (header("application_id")?, header("schema_version")?);
    if mark != APPLICATION_ID && (mark, schema) != (0, 0) {
        return Err(refused());
    }
    let pragmas = format!("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = {mode}; PRAGMA synchronous = FULL; PRAGMA cache_size = -500;");
    conn.execute_batch(&pragmas).map_err(|_| refused())?;
    if mark == 0 {
        let make = format!("BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; {SCHEMA} COMMIT");
        conn.execute_batch(&make).doing("make the file of pictures")?;
    }
    Ok(conn)
}

/// Opens `path`, which is there, for looking at pictures.
pub fn open_reader(path: &Path) -> Result<Connection> {
    let conn = Connection::open(path).doing("open the pictures")?;
    conn.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA cache_size = -500;").doing("look at the pictures")?;
    Ok(conn)
}

/// Folds the WAL into the file.
pub fn close(conn: &Connection) -> Result<()> {
    conn.query_row("PRAGMA journal_mode = DELETE", [], |_| Ok(())).doing("fold the pictures into one file")
}

/// Adds a picture; one that is there stays as it is.
pub fn add(conn: &Connection, sha: &str, (kind, format, bytes): (Kind, Format, &[u8]), user: UserId, at: Stamp) -> Result<()> {
    const SQL: &str = "
        INSERT INTO photos (sha256, kind, mime, bytes, user_id, at)
        VALUES (:sha, :kind, :mime, :bytes, :user, :at)
        ON CONFLICT (sha256) DO NOTHING";
    conn.prepare_cached(SQL)
        .and_then(|mut insert| {
            insert.execute(named_params! {
                ":sha": sha,
                ":kind": kind.word(),
                ":mime": format.mime(),
                ":bytes": bytes,
                ":user": user,
                ":at": at,
            })
        })
        .doing("keep a picture")?;
    Ok(())
}

/// The picture known by `sha`.
pub fn find(conn: &Connection, sha: &str) -> Result<Option<Picture>> {
    let picture = |row: &Row| {
        let mime: String = row.get("mime")?;
        let format = if mime == Format::Png.mime() { Format::Png } else { Format::Jpeg };
        Ok(Picture { kind: row.get("kind")?, mime: format.mime(), bytes: row.get("bytes")? })
    };
    conn.prepare_cached("SELECT kind, mime, bytes FROM photos WHERE sha256 = :sha")
        .and_then(|mut query| query.query_row(named_params! {":sha": sha}, picture).optional())
        .doing("read a picture")
}

pub fn has(conn: &Connection, sha: &str) -> Result<bool> {
    conn.prepare_cached("SELECT 1 FROM photos WHERE sha256 = :sha")
        .and_then(|mut query| query.exists(named_params! {":sha": sha}))
        .doing("look for a picture")
}

/// Every picture a stop of the shop's file `conn` names, once.
pub fn named(conn: &Connection) -> Result<Vec<String>> {
    const SQL: &str = "
        SELECT photo AS sha FROM stops WHERE photo IS NOT NULL
        UNION
        SELECT signature FROM stops WHERE signature IS NOT NULL";
    conn.prepare(SQL).and_then(|mut query| query.query_map([], |row| row.get("sha"))?.collect()).doing("list the pictures of the stops")
}

/// A file of pictures that is nobody's to work in: one file, on whatever disk it lies.
fn open_beside(path: &Path) -> Result<Connection> {
    let conn = open(path, "DELETE")?;
    conn.execute_batch("PRAGMA mmap_size = 0;").doing("open a copy of the pictures")?;
    Ok(conn)
}

/// A picture as it stands in its row.
struct Stored {
    number: i64,
    sha: String,
    kind: String,
    mime: String,
    bytes: Vec<u8>,
    user: UserId,
    at: Stamp,
}

impl Stored {
    fn is_whole(&self) -> bool {
        sha_of(&self.bytes) == self.sha
    }
}

/// The next `most` after number `after`.
fn next(conn: &Connection, after: i64, most: usize) -> Result<Vec<Stored>> {
    const SQL: &str = "
        SELECT rowid AS number, sha256, kind, mime, bytes, user_id, at
        FROM photos
        WHERE :after < rowid
        ORDER BY rowid
        LIMIT :most";
    let stored = |row: &Row| {
        Ok(Stored {
            number: row.get("number")?,
            sha: row.get("sha256")?,
            kind: row.get("kind")?,
            mime: row.get("mime")?,
            bytes: row.get("bytes")?,
            user: row.get("user_id")?,
            at: row.get("at")?,
        })
    };
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":after": after, ":most": most as i64}, stored)?.collect())
        .doing("read pictures to copy")
}

fn add_stored(conn: &Connection, picture: &Stored) -> Result<usize> {
    const SQL: &str = "
        INSERT INTO photos (sha256, kind, mime, bytes, user_id, at)
        VALUES (:sha, :kind, :mime, :bytes, :user, :at)
        ON CONFLICT (sha256) DO NOTHING";
    conn.prepare_cached(SQL)
        .and_then(|mut insert| {
            insert.execute(named_params! {
                ":sha": picture.sha,
                ":kind": picture.kind,
                ":mime": picture.mime,
                ":bytes": picture.bytes,
                ":user": picture.user,
                ":at": picture.at,
            })
        })
        .doing("copy a picture")
}

/// Adds all of `pictures` that are whole, at once.
fn add_all(conn: &mut Connection, pictures: &[Stored]) -> Result<usize> {
    let tx = conn.transaction().doing("begin to copy pictures")?;
    let mut added = 0;
    for picture in pictures {
        match picture.is_whole() {
            true => added += add_stored(&tx, picture)?,
            false => log::error!("a picture is damaged and was not copied sha256={}", picture.sha),
        }
    }
    tx.commit().doing("copy pictures")?;
    Ok(added)
}

/// See [`super::copy_new`].
pub fn copy_new(from: &Path, to: &Path, go_on: &dyn Fn() -> bool) -> Result<usize> {
    const HANDFUL: usize = 50;
    let source = open_reader(from)?;
    let mut target = open_beside(to)?;
    // They come in the order of their numbers, so whatever stands before one that is there is there too.
    let mut after = last_there(&source, &target)?;
    let mut added = 0;
    while go_on() {
        let pictures = next(&source, after, HANDFUL)?;
        let Some(last) = pictures.last() else { break };
        after = last.number;
        added += add_all(&mut target, &pictures)?;
    }
    Ok(added)
}

/// The number in `source` of the last picture that is in `target`; 0 of none.
fn last_there(source: &Connection, target: &Connection) -> Result<i64> {
    let mut query = source.prepare("SELECT rowid, sha256 FROM photos ORDER BY rowid DESC").doing("look where the pictures end")?;
    let mut rows = query.query([]).doing("look where the pictures end")?;
    while let Some(row) = rows.next().doing("look where the pictures end")? {
        let (number, sha): (i64, String) = row.get(0).and_then(|number| Ok((number, row.get(1)?))).doing("read a picture's number")?;
        if has(target, &sha)? {
            return Ok(number);
        }
    }
    Ok(0)
}

/// See [`super::copy_some`].
pub fn copy_some(from: &Path, to: &Path, after: i64, most: usize) -> Result<Option<(i64, i64, String)>> {
    let pictures = next(&open_reader(from)?, after, most)?;
    let (Some(first), Some(last)) = (pictures.first(), pictures.last()) else { return Ok(None) };
    add_all(&mut open_beside(to)?, &pictures)?;
    Ok(Some((first.number, last.number, last.sha.clone())))
}

pub fn count_after(conn: &Connection, after: i64) -> Result<i64> {
    conn.query_row("SELECT count(*) FROM photos WHERE :after < rowid", named_params! {":after": after}, |row| row.get(0))
        .doing("count the pictures to copy")
}

pub fn is_numbered(conn: &Connection, number: i64, sha: &str) -> Result<bool> {
    const SQL: &str = "SELECT 1 FROM photos WHERE rowid = :number AND substr(sha256, 1, length(:sha)) = :sha";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.exists(named_params! {":number": number, ":sha": sha}))
        .doing("look for a picture by its number")
}
