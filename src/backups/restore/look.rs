//! What is in a file, before anything is done with it.

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::loss::Moment;
use super::{Counts, store};
use crate::backups::manifest::Manifest;
use crate::backups::still::Still;
use crate::backups::tally::Tally;
use crate::backups::{self, Name, prove};
use crate::db::{self, Lock};
use crate::error::{Doing, Error, Result};
use crate::settings;
use crate::users;
use crate::values::Stamp;

const SPOILED: &str = "檔案有地方損壞，讀不下去。";

/// A file that can be restored, and what is in it.
#[derive(Clone, Debug)]
pub struct Found {
    pub path: PathBuf,
    pub bytes: u64,
    pub schema: i32,
    pub shop_name: String,
    pub is_practice: bool,
    pub counts: Counts,
    /// Every row and every dollar in it; what its manifest says, if it has one.
    pub tally: Tally,
    /// What it says of itself, if it is a copy of ours.
    pub manifest: Option<Manifest>,
    /// The last thing that was done in it.
    pub last: Option<Moment>,
    /// Nobody could sign in: the first run would make the owner's account.
    pub has_nobody: bool,
}

impl Found {
    /// The moment it is of.
    pub fn at(&self) -> Option<Stamp> {
        let made_at = self.manifest.as_ref().map(|manifest| manifest.made_at);
        made_at.or_else(|| Some(Name::parse(&self.file_name())?.at())).or_else(|| self.last.as_ref().map(|last| last.at))
    }

    pub fn file_name(&self) -> String {
        self.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }
}

/// Reads the file `path` from the first page to the last; it is not changed and nothing is made beside it. `Refused` in one
/// sentence when it is not ours, damaged, not what its manifest says, newer than this program, or worked in at this moment.
pub fn look(path: &Path) -> Result<Found> {
    open(path).map(|(found, _)| found)
}

/// The same of a file people know as `called`.
pub fn look_as(path: &Path, called: &str) -> Result<Found> {
    open_as(path, called).map(|(found, _)| found)
}

/// The same as [`look`], and the file opened.
pub(super) fn open(path: &Path) -> Result<(Found, Still)> {
    open_as(path, &path.file_name().unwrap_or_default().to_string_lossy())
}

fn open_as(path: &Path, called: &str) -> Result<(Found, Still)> {
    if path.file_name().is_some_and(|name| name == "luckygas.db") && path.parent().is_some_and(Lock::is_taken) {
        let say = format!("「{}」是開著的店的資料檔，不能拿來還原。請先關掉那邊的程式，或用它的備份。", path.display());
        return Err(Error::refused("the file is worked in", say));
    }
    if path.is_file()
        && let Some(problem) = prove::problem_at_first_sight(path)?
    {
        return Err(unfit(called, &problem));
    }
    // Its head was read, so it is no matter of permissions.
    let still = Still::open(path).map_err(|error| if path.is_file() { unfit(called, SPOILED) } else { error })?;
    let schema = backups::store::schema_version(&still).map_err(|_| unfit(called, SPOILED))?;
    if db::VERSION < schema {
        return Err(unfit(called, &format!("它是較新的程式做的（資料版本 {schema}，這裡是 {}），請先更新程式。", db::VERSION)));
    }
    let proof = prove::prove_open(&still, path)?;
    if !proof.is_good() {
        return Err(unfit(called, &proof.problems.concat()));
    }
    let settings = settings::load(&still)?;
    let found = Found {
        path: path.to_owned(),
        bytes: std::fs::metadata(path).doing("read how large a file is")?.len(),
        schema,
        shop_name: settings.shop_name,
        is_practice: settings.is_practice,
        counts: counts(&still, &proof.tally)?,
        tally: proof.tally,
        manifest: proof.manifest,
        last: store::moment(&still, i64::MAX)?,
        has_nobody: !users::store::is_anybody(&still)?,
    };
    Ok((found, still))
}

/// What people know the shop of `conn` by, of which everything has been counted.
pub(super) fn counts(conn: &Connection, tally: &Tally) -> Result<Counts> {
    Ok(Counts {
        customers: tally.customers(),
        deliveries: tally.deliveries(),
        orders: tally.orders(),
        days: backups::store::delivery_days(conn)?,
    })
}

/// `why` is a whole sentence.
pub(super) fn unfit(called: &str, why: &str) -> Error {
    Error::refused("the file cannot be restored", format!("「{called}」不能用來還原：{why}"))
}
