//! A file nobody works in, opened to be looked at: a copy, a file on a stick, the file of a stopped shop. Nothing in it or
//! beside it is changed or made, so it may lie where nothing can be written.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use rusqlite::{Connection, OpenFlags};

use super::prove::{self, Map};
use crate::db::{self, disk};
use crate::error::{Doing, Error, Result};

/// An open file that stands still.
pub struct Still {
    conn: Connection,
    /// Where the file was laid to be put together with its WAL.
    _scratch: Option<Scratch>,
}

impl Deref for Still {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        &self.conn
    }
}

impl Still {
    /// Opens `path`. `Refused` in a sentence when there is none or it cannot be read; what is in it is for others to judge.
    pub fn open(path: &Path) -> Result<Still> {
        if !path.is_file() {
            return Err(Error::refused("no such file", format!("找不到「{}」。", path.display())));
        }
        // The work a crash left beside a file belongs to it; the two are put together elsewhere.
        if !disk::has_content(&db::beside(path, "-wal")) && !disk::has_content(&db::beside(path, "-journal")) {
            return Ok(Still { conn: prove::open(path, Map::Nothing)?, _scratch: None });
        }
        let scratch = Scratch::of(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let conn = Connection::open_with_flags(&scratch.file, flags).map_err(|_| unreadable(path))?;
        conn.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;")
            .map_err(|_| unreadable(path))?;
        Ok(Still { conn, _scratch: Some(scratch) })
    }
}

fn unreadable(path: &Path) -> Error {
    Error::refused("a file cannot be read", format!("「{}」打不開，請檢查檔案權限，或先複製到這台電腦。", path.display()))
}

/// A folder of its own with a copy of a file and what lies beside it, removed when dropped.
struct Scratch {
    folder: PathBuf,
    file: PathBuf,
}

impl Scratch {
    fn of(path: &Path) -> Result<Scratch> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("luckygas-look-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        make_private(&folder).doing("make a folder to look at a file in")?;
        let scratch = Scratch { file: folder.join("luckygas.db"), folder };
        copy_whole(path, &scratch.file).map_err(|_| unreadable(path))?;
        Ok(scratch)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Copies `from` to `to` with the work that lies beside it, ready to be put together.
fn copy_whole(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::copy(from, to)?;
    copy_beside(from, to)
}

/// Copies what lies beside `from` and belongs to it, and makes the file at `to` one that can be written.
pub fn copy_beside(from: &Path, to: &Path) -> std::io::Result<()> {
    for ending in ["-wal", "-journal"] {
        let beside = db::beside(from, ending);
        if disk::has_content(&beside) {
            std::fs::copy(&beside, db::beside(to, ending))?;
            make_writable(&db::beside(to, ending))?;
        }
    }
    make_writable(to)
}

/// A copy has its original's permissions, and those may have been to read only.
fn make_writable(path: &Path) -> std::io::Result<()> {
    let mut permissions = std::fs::metadata(path)?.permissions();
    if permissions.readonly() {
        #[cfg(unix)]
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o600);
        #[cfg(not(unix))]
        permissions.set_readonly(false);
        std::fs::set_permissions(path, permissions)?;
    }
    Ok(())
}

/// The folder holds customers for a moment, where everybody on the PC may look.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}
