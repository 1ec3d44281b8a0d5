//! What lies in the folder of a shop, as far as that can be known before it is opened: in a few milliseconds, and with
//! nothing changed.

use std::io;
use std::path::Path;

use super::{mark, network};
use crate::backups::list::{self, Backup};
use crate::db::leftover::{self, Leftover};
use crate::db::{self, damage, sound};
use crate::error::{Doing, Error, Result};
use crate::values::Stamp;

/// Ground a shop can stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Nobody has worked here.
    New,
    /// A sound file this program understands.
    Sound,
    /// A sound file of an earlier version of the schema.
    Older { schema: i32 },
}

/// What is wrong, as [`Error::Refused`] names it; the page that helps goes by these.
pub mod rule {
    pub const MISSING: &str = "database is missing";
    pub const NEWER: &str = "database is newer than the program";
    pub const FOREIGN_WAL: &str = "a WAL of another file";
    pub const SPOILED_WAL: &str = "a spoiled WAL";
    pub const FOREIGN_JOURNAL: &str = "a journal of another file";
    pub const WAL_ALONE: &str = "a WAL without its database";
    pub const UPGRADE: &str = "the upgrade failed";
    pub const DAMAGED: &str = "database is damaged";
    pub const OURS: &str = "database is not ours";
    pub const NETWORK: &str = "data folder is on a network";
}

/// Looks at `folder`. `Refused` in one sentence when no shop can be opened there.
pub fn look(folder: &Path) -> Result<Ground> {
    network::check(folder)?;
    let path = folder.join("luckygas.db");
    match std::fs::metadata(&path) {
        Ok(meta) if 0 < meta.len() => {}
        Ok(_) => return look_for_what_is_gone(folder, &path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return look_for_what_is_gone(folder, &path),
        Err(_) => return Err(db::unreadable(&path)),
    }
    if db::is_ours(&path)? {
        look_beside(&path)?;
    }
    check_writable(&path)?;
    if db::is_blank(&path) {
        return Ok(Ground::New);
    }
    let schema = sound::look(&path)?;
    if damage::is_noted(&path) {
        look_deeply(&path)?;
    }
    match schema {
        None => Err(db::not_ours(&path)),
        Some(db::VERSION) => Ok(Ground::Sound),
        Some(schema) => Ok(Ground::Older { schema }),
    }
}

/// There is no file: for a new shop, or because it is lost.
fn look_for_what_is_gone(folder: &Path, path: &Path) -> Result<Ground> {
    let name = path.display();
    if db::disk::has_content(&db::beside(path, "-wal")) {
        let say = format!("「{name}」不見了，但它的 -wal 檔還在。請把兩個檔案放回同一個資料夾，或用最近的備份還原。");
        return Err(Error::refused(rule::WAL_ALONE, say));
    }
    let copies = copies(folder);
    match copies.first() {
        Some(newest) => {
            let say = format!(
                "「{name}」不見了，這裡開過店，沒有開成空的新店。有 {} 份備份，最新的是 {}。請把檔案放回來，或用備份還原。",
                copies.len(),
                said(newest.name.at())
            );
            Err(Error::refused(rule::MISSING, say))
        }
        None if mark::is_marked(folder) => {
            let say = format!("「{name}」不見了，這裡開過店，沒有開成空的新店。請把檔案放回來，或找最近的備份。");
            Err(Error::refused(rule::MISSING, say))
        }
        None => Ok(Ground::New),
    }
}

/// The copies of a shop people work in, the newest first; one that was only practised in is nobody's loss.
fn copies(folder: &Path) -> Vec<Backup> {
    let is_real = |copy: &Backup| copy.manifest.as_ref().is_none_or(|manifest| !manifest.is_practice);
    list::list(folder).into_iter().filter(is_real).collect()
}

/// `2026/11/22 03:12`.
pub(super) fn said(at: Stamp) -> String {
    format!("{} {:02}:{:02}", at.day().slashed(), at.hour(), at.minute())
}

/// Whether what lies beside the file belongs to it. Nothing is written by finding out, but for a step of opening or closing
/// that was cut off, which SQLite takes back.
fn look_beside(path: &Path) -> Result<()> {
    let name = path.display();
    match leftover::journal(path).doing("read the journal beside the file")? {
        Leftover::Foreign(why) => {
            log::error!("the journal beside the file is foreign why=\"{why}\"");
            let say = format!("「{name}」旁邊有別的資料檔留下的 -journal 檔，打開會弄壞資料，所以沒有打開。");
            return Err(Error::refused(rule::FOREIGN_JOURNAL, say));
        }
        Leftover::Fits => db::take_back_step(path)?,
        Leftover::Nothing | Leftover::Spoiled { .. } => {}
    }
    match leftover::wal(path).doing("read the WAL beside the file")? {
        Leftover::Foreign(why) => {
            log::error!("the WAL beside the file is foreign why=\"{why}\"");
            let say = format!("「{name}」旁邊有別的資料檔留下的 -wal 檔，打開會弄壞資料，所以沒有打開。");
            Err(Error::refused(rule::FOREIGN_WAL, say))
        }
        Leftover::Spoiled { writes } => {
            let say = format!("「{name}」旁邊的 -wal 檔壞了，最後至少 {writes} 筆存檔讀不出來，所以沒有打開，也沒有動它。");
            Err(Error::refused(rule::SPOILED_WAL, say))
        }
        Leftover::Nothing | Leftover::Fits => Ok(()),
    }
}

/// The file was found damaged at work: it is read from the first page to the last before anybody works in it again.
fn look_deeply(path: &Path) -> Result<()> {
    match db::open_beside(path).and_then(|conn| sound::look_deeply(&conn))? {
        None => {
            log::info!("the file was found damaged and is whole now");
            damage::forget(path);
            Ok(())
        }
        Some(fault) => {
            log::error!("the file is damaged fault=\"{fault}\"");
            Err(db::damaged(path))
        }
    }
}

/// A file one may only read is found out here, and not by the first order of the day.
fn check_writable(path: &Path) -> Result<()> {
    let Err(error) = std::fs::OpenOptions::new().write(true).open(path) else { return Ok(()) };
    log::error!("cannot write the file: {error}");
    let say = format!("「{}」不能寫入{}，請檢查檔案權限。", path.display(), whose(path));
    Err(Error::refused("database is not writable", say))
}

/// Where another user has it, whose it is.
#[cfg(unix)]
fn whose(path: &Path) -> String {
    use std::os::unix::fs::MetadataExt;
    // A process's own files say who it is.
    let me = std::fs::metadata("/proc/self").map(|meta| meta.uid());
    match (me, std::fs::metadata(path).map(|meta| meta.uid())) {
        (Ok(me), Ok(owner)) if me != owner => format!("（是另一位使用者的，編號 {owner}，現在是 {me}）"),
        _ => String::new(),
    }
}

#[cfg(not(unix))]
fn whose(_path: &Path) -> String {
    String::new()
}
