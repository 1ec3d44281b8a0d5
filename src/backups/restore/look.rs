//! What is in a file, before anything is done with it.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::loss::Moment;
use super::{Counts, store};
use crate::backups::Name;
use crate::db::{Lock, Still};
use crate::error::{Doing, Error, Result};
use crate::settings;
use crate::users;
use crate::values::Stamp;

/// A file that can be restored, and what is in it.
#[derive(Clone, Debug)]
pub struct Found {
    pub path: PathBuf,
    pub bytes: u64,
    pub schema: i32,
    pub shop_name: String,
    pub is_practice: bool,
    pub counts: Counts,
    /// The last thing that was done in it.
    pub last: Option<Moment>,
    /// The moment in its name.
    pub named_at: Option<Stamp>,
    /// Nobody could sign in: the first run would make the owner's account.
    pub has_nobody: bool,
}

impl Found {
    /// The moment it is of.
    pub fn at(&self) -> Option<Stamp> {
        self.named_at.or(self.last.as_ref().map(|last| last.at))
    }

    pub fn file_name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

/// Reads the file `path` from the first page to the last; it is not changed and nothing is made beside it. `Refused` in one
/// sentence when it is not ours, damaged, newer than this program, or worked in at this moment.
pub fn look(path: &Path) -> Result<Found> {
    open(path).map(|(found, _)| found)
}

/// The same, and the file opened.
pub(super) fn open(path: &Path) -> Result<(Found, Still)> {
    if let Some(folder) = path.parent()
        && Lock::is_taken(folder)
        && path.file_name().is_some_and(|name| name == "luckygas.db")
    {
        let say = format!("「{}」是開著的店的資料檔，不能拿來還原。請先關掉那邊的程式，或用它的備份。", path.display());
        return Err(Error::refused("the file is worked in", say));
    }
    let still = Still::open(path)?;
    if let Some(fault) = store::faults(&still)? {
        log::warn!("a file to be restored is damaged fault=\"{fault}\"");
        return Err(damaged(path));
    }
    let found = found(path, &still)?;
    Ok((found, still))
}

fn found(path: &Path, conn: &Connection) -> Result<Found> {
    let settings = settings::load(conn)?;
    let name = path.file_name().and_then(|name| Name::parse(&name.to_string_lossy()));
    Ok(Found {
        path: path.to_owned(),
        bytes: std::fs::metadata(path).doing("read how large a file is")?.len(),
        schema: conn.query_row("PRAGMA user_version", [], |row| row.get(0)).doing("read the schema of a file")?,
        shop_name: settings.shop_name,
        is_practice: settings.is_practice,
        counts: store::counts(conn)?,
        last: store::moment(conn, i64::MAX)?,
        named_at: name.map(|name| name.at()),
        has_nobody: !users::store::is_anybody(conn)?,
    })
}

pub(super) fn damaged(path: &Path) -> Error {
    Error::refused("the file is damaged", format!("「{}」已經損壞，不能用它還原。請換另一份備份。", path.display()))
}
