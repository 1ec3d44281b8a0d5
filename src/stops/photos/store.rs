use std::path::Path;

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::error::{Doing, Error, Result};
use crate::stops::photos::picture::Format;
use crate::stops::photos::{Kind, Picture};
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
    let refused = || Error::refused("pictures cannot be opened", format!("「{}」打不開，或不是照片檔。", path.display()));
    let conn = Connection::open(path).map_err(|_| refused())?;
    let header = |name: &str| conn.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i32>(0)).map_err(|_| refused());
    let (mark, schema) = (header("application_id")?, header("schema_version")?);
    if mark != APPLICATION_ID && (mark, schema) != (0, 0) {
        return Err(refused());
    }
    conn.execute_batch("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -500;")
        .map_err(|_| refused())?;
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
