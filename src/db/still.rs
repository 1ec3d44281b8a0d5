//! A file nobody works in, opened to be looked at: a copy, a file on a stick, the file of a stopped shop. Nothing in it or
//! beside it is changed or made, so it may lie where nothing can be written.

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use percent_encoding::{AsciiSet, CONTROLS, percent_encode};
use rusqlite::{Connection, OpenFlags};

use super::{common_pragmas, migrate};
use crate::error::{Doing, Error, Result};

/// What SQLite's `file:` addresses take for more than a letter.
const IN_A_NAME: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#').add(b' ');

/// What belongs to a database file beside it, behind its name.
pub const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// An open file of ours that stands still.
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
    /// Opens `path`. `Refused` in a sentence when there is none, when it is damaged, not ours or newer than this program.
    pub fn open(path: &Path) -> Result<Still> {
        if !path.is_file() {
            return Err(Error::refused("no such file", format!("找不到「{}」。", path.display())));
        }
        // The work a crash left beside the file belongs to it; putting the two together is done elsewhere.
        let is_alone = !has_content(&beside(path, "-wal")) && !has_content(&beside(path, "-journal"));
        let scratch = if is_alone { None } else { Some(Scratch::of(path)?) };
        let at = scratch.as_ref().map_or(path, |scratch| scratch.file.as_path());
        let is_ours = migrate::carries_our_mark(path).map_err(|_| migrate::unreadable(path))?;
        if is_alone && !is_ours {
            return Err(migrate::not_ours(path));
        }
        let conn = match &scratch {
            None => {
                let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
                Connection::open_with_flags(address(path)?, flags)
            }
            Some(_) => {
                let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                Connection::open_with_flags(at, flags)
            }
        };
        let conn = conn.map_err(|_| migrate::unreadable(path))?;
        migrate::recognise(&conn, path)?;
        common_pragmas(&conn).doing("set up a look at a file")?;
        conn.execute_batch("PRAGMA query_only = ON").doing("set up a look at a file")?;
        Ok(Still { conn, _scratch: scratch })
    }
}

/// `luckygas.db-wal` of `luckygas.db`.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn has_content(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| 0 < meta.len())
}

/// The address under which SQLite reads `path` and touches nothing: no lock, no file beside it.
fn address(path: &Path) -> Result<String> {
    let path = std::path::absolute(path).doing("name a file in full")?;
    let bytes = path.as_os_str().as_encoded_bytes();
    let bytes: Vec<u8> =
        if cfg!(windows) { bytes.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect() } else { bytes.to_vec() };
    let drive = if bytes.starts_with(b"/") { "" } else { "/" };
    Ok(format!("file://{drive}{}?mode=ro&immutable=1", percent_encode(&bytes, IN_A_NAME)))
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
        let copy = |from: &Path, to: &Path| std::fs::copy(from, to).map_err(|_| migrate::unreadable(path));
        copy(path, &scratch.file)?;
        for ending in ["-wal", "-journal"] {
            let from = beside(path, ending);
            if has_content(&from) {
                copy(&from, &beside(&scratch.file, ending))?;
            }
        }
        writable(&scratch.file).doing("open a copy for putting it together")?;
        Ok(scratch)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A copy has its original's permissions, and that may have been read-only.
pub fn writable(path: &Path) -> std::io::Result<()> {
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
