//! The pictures drivers take: photos and signatures, in one SQLite file beside the shop's, `luckygas-photos.db`.
//!
//! Why not in the shop's own file: a hundred pictures of 45 KB a day are 1.6 GB a year, twenty times all else the shop
//! writes. Beside it the records stay small and are copied in a moment in the fifth year too; of the pictures, which are
//! only ever added, a backup copies what is new. And it is one file, not a folder of forty thousand, so that a backup stays
//! two things to copy.
//!
//! Invariants
//! - A picture is known by the sha256 of its bytes; sent twice it is there once, and what is there never changes.
//! - It is on disk before the act that names it, so a stop never names a picture that is lost with the power.
//! - A picture no act ever names is no record of anything and in nobody's way; hence no journal.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, named_params};
use sha2::{Digest, Sha256};

use crate::error::{Doing, Error, Noun, Result};
use crate::stops::Act;
use crate::stops::picture::{self, Format};
use crate::values::choice::choice;
use crate::values::{Stamp, UserId};

pub const NOUN: Noun = Noun { word: "photo", label: "照片" };

/// The most bytes of a picture: what a phone's camera makes where no script shrinks it.
pub const MOST_BYTES: u64 = 5 << 20;

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

choice! {
    /// What it shows.
    Kind {
        Photo = "photo", "照片";
        Signature = "signature", "簽名";
    }
}

/// A picture as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub kind: Kind,
    /// `image/jpeg` or `image/png`.
    pub mime: &'static str,
    pub bytes: Vec<u8>,
}

/// The file of pictures: one connection that adds, one that reads, so that looking at a stop never waits for a disk.
pub struct Photos {
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
}

/// Where the pictures of the shop in `folder` are.
pub fn path(folder: &Path) -> PathBuf {
    folder.join("luckygas-photos.db")
}

impl Photos {
    /// Opens the file in `folder`, making it when there is none. `Refused` when it is not ours or cannot be opened.
    pub fn open(folder: &Path) -> Result<Photos> {
        let path = path(folder);
        let say = || Error::refused("pictures cannot be opened", format!("「{}」打不開，或不是照片檔。", path.display()));
        let writer = Connection::open(&path).map_err(|_| say())?;
        let header = |name: &str| writer.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i32>(0));
        let (mark, tables) = (header("application_id").map_err(|_| say())?, header("schema_version").map_err(|_| say())?);
        if mark != APPLICATION_ID && (mark, tables) != (0, 0) {
            return Err(say());
        }
        writer
            .execute_batch("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -500;")
            .map_err(|_| say())?;
        if mark == 0 {
            let make = format!("BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; {SCHEMA} COMMIT");
            writer.execute_batch(&make).doing("make the file of pictures")?;
        }
        let reader = Connection::open(&path).map_err(|_| say())?;
        reader
            .execute_batch("PRAGMA busy_timeout = 5000; PRAGMA query_only = ON; PRAGMA cache_size = -500;")
            .doing("open the reader of pictures")?;
        Ok(Photos { writer: Mutex::new(writer), reader: Mutex::new(reader) })
    }

    /// Keeps a picture and gives the sha256 it is known by from now on; it is on disk. `Invalid` in `file` with the reason
    /// for what is no JPEG or PNG, or too large.
    pub fn put(&self, kind: Kind, bytes: &[u8], user: UserId, at: Stamp) -> Result<String> {
        const SQL: &str = "
            INSERT INTO photos (sha256, kind, mime, bytes, user_id, at)
            VALUES (:sha, :kind, :mime, :bytes, :user, :at)
            ON CONFLICT (sha256) DO NOTHING";
        let format = check(kind, bytes)?;
        let sha: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer
            .prepare_cached(SQL)
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
        Ok(sha)
    }

    /// The picture known by `sha`.
    pub fn get(&self, sha: &str) -> Result<Option<Picture>> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let picture = |row: &rusqlite::Row| {
            let mime: String = row.get("mime")?;
            let mime = if mime == Format::Png.mime() { Format::Png.mime() } else { Format::Jpeg.mime() };
            Ok(Picture { kind: row.get("kind")?, mime, bytes: row.get("bytes")? })
        };
        reader
            .prepare_cached("SELECT kind, mime, bytes FROM photos WHERE sha256 = :sha")
            .and_then(|mut query| query.query_row(named_params! {":sha": sha}, picture).optional())
            .doing("read a picture")
    }

    pub fn has(&self, sha: &str) -> Result<bool> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        reader
            .prepare_cached("SELECT 1 FROM photos WHERE sha256 = :sha")
            .and_then(|mut query| query.exists(named_params! {":sha": sha}))
            .doing("look for a picture")
    }

    /// `Invalid` in `photo` when `act` names a picture that has not come in: it is to be sent first.
    pub fn check(&self, act: &Act) -> Result<()> {
        for sha in act.pictures() {
            if !self.has(sha)? {
                return Err(Error::invalid("photo", "照片還沒傳到，請再傳一次。"));
            }
        }
        Ok(())
    }
}

/// Whoever closes the shop leaves one file of each sort, to be copied as they lie there.
impl Drop for Photos {
    fn drop(&mut self) {
        let reader = self.reader.get_mut().unwrap_or_else(PoisonError::into_inner);
        // A connection is closed when it goes; this one must be gone before the other leaves WAL mode.
        if let Ok(empty) = Connection::open_in_memory() {
            drop(std::mem::replace(reader, empty));
        }
        let writer = self.writer.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = writer.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0)) {
            log::debug!("the WAL stays beside the pictures: {error}");
        }
    }
}

/// What a picture may be: a photo as the camera makes it, a signature as our page draws it.
fn check(kind: Kind, bytes: &[u8]) -> Result<Format> {
    let refused = |say: &'static str| Err(Error::invalid("file", say));
    if bytes.is_empty() {
        return refused("檔案是空的，請再拍一次。");
    }
    if MOST_BYTES < bytes.len() as u64 {
        return refused("照片太大，最多 5 MB。");
    }
    let Some((format, size)) = picture::recognise(bytes) else {
        return refused("這不是照片，請用 JPEG 或 PNG。");
    };
    match kind {
        Kind::Signature if !size.fits(800, 600) => refused("簽名太大，請重新簽。"),
        Kind::Photo if !size.fits(12_000, 12_000) => refused("照片的尺寸太大。"),
        Kind::Photo | Kind::Signature => Ok(format),
    }
}

/// How many pictures the stops of `conn` name, and how many of them are not among `photos`.
pub fn missing(conn: &Connection, photos: &Photos) -> Result<(usize, usize)> {
    const SQL: &str = "
        SELECT photo AS sha FROM stops WHERE photo IS NOT NULL
        UNION
        SELECT signature FROM stops WHERE signature IS NOT NULL";
    let named: Vec<String> = conn
        .prepare(SQL)
        .and_then(|mut query| query.query_map([], |row| row.get("sha"))?.collect())
        .doing("list the pictures of the stops")?;
    let mut lost = 0;
    for sha in &named {
        lost += usize::from(!photos.has(sha)?);
    }
    Ok((named.len(), lost))
}
