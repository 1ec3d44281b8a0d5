//! Exchanges the present file and the one laid ready. Each step is one change on disk, and what comes next is read from what
//! lies there: whenever it is cut off, the next call goes on from where things are.

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

use super::{Counts, Files, Marker, look, store};
use crate::backups::still::Still;
use crate::backups::{self, Kind, Name, tally};
use crate::db::{self, disk};
use crate::error::{Doing, Error, Result};

/// What came of a restore.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    pub key: String,
    /// The file it came from.
    pub source: String,
    /// What was in it.
    pub found: Counts,
    pub end: End,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It stands. `now` was counted in its place, and the file that stood there is called `aside` among the copies; `None`
    /// when nobody had worked in that.
    Restored { now: Counts, aside: Option<Name> },
    /// The old shop stands, and why.
    Kept { say: &'static str },
}

impl Settled {
    /// What came of it, both numbers side by side.
    pub fn said(&self) -> String {
        match &self.end {
            End::Kept { say } => (*say).to_owned(),
            End::Restored { now, aside } => {
                let alike = if *now == self.found { "相符" } else { "不符" };
                let kept = aside.as_ref().map(|name| format!("原來的資料留著，叫 {name}。")).unwrap_or_default();
                format!("還原好了：備份裡 {}；現在 {}，{alike}。{kept}", self.found.said(), now.said())
            }
        }
    }
}

const SPOILED: &str = "準備好的檔案壞了，沒有還原，現在的資料照舊。請再試一次。";
const HELD: &str = "還有工作沒做完，沒有還原，現在的資料照舊。請過幾分鐘再試一次。";

/// Whether a restore is noted in `folder` that has not been done yet.
pub fn is_waiting(folder: &Path) -> bool {
    Files::of(folder).marker.exists()
}

/// Does what was noted, before the shop in `folder` is opened; `None` when nothing was. The caller holds the folder's lock
/// and nobody has a file in hand. What was laid ready and never confirmed is removed.
pub fn settle(folder: &Path) -> Result<Option<Settled>> {
    settle_for(folder, usize::MAX)
}

/// The same, for at most so many steps: as if the power went then.
pub fn settle_for(folder: &Path, steps: usize) -> Result<Option<Settled>> {
    let files = Files::of(folder);
    let Some(mut marker) = read(&files)? else {
        // Unconfirmed, or confirmed and long done.
        files.clear()?;
        return Ok(None);
    };
    let mut is_whole = None;
    for _ in 0..steps {
        if let Some(end) = step(&files, &mut marker, &mut is_whole)? {
            match &end {
                End::Restored { now, .. } => log::info!("restored deliveries={} customers={}", now.deliveries, now.customers),
                End::Kept { say } => log::error!("not restored: {say}"),
            }
            return Ok(Some(Settled { key: marker.key, source: marker.source, found: marker.found, end }));
        }
    }
    Err(Error::impossible("come to the end of a restore"))
}

/// The marker. One that cannot be understood tells nothing, and is none once a shop stands in the folder.
fn read(files: &Files) -> Result<Option<Marker>> {
    match Marker::read(files) {
        Err(error) if files.live.exists() => {
            log::error!("{error}");
            disk::remove(&files.marker).doing("remove a note nobody understands")?;
            Ok(None)
        }
        Err(error) => {
            log::error!("{error}");
            let say = format!(
                "還原做到一半停了，資料檔還沒放回來。請到「{}」，把名字有 replaced、最新的那個檔案複製成「{}」。",
                backups::folder(&files.folder).display(),
                files.live.display()
            );
            Err(Error::refused("the note of a restore is unreadable", say))
        }
        marker => marker,
    }
}

/// Does the next step; gives the end when that was the last. `is_whole` remembers what was read of the file laid ready.
fn step(files: &Files, marker: &mut Marker, is_whole: &mut Option<bool>) -> Result<Option<End>> {
    let aside = backups::folder(&files.folder).join(marker.aside.to_string());
    if files.live.exists() && is_of(&files.live, &marker.key) {
        return finish(files, marker, &aside);
    }
    if files.ready.exists() && *is_whole.get_or_insert_with(|| is_laid_whole(files, marker)) {
        return forward(files, marker, &aside);
    }
    back(files, &aside)
}

/// One step towards the new shop. The file laid ready is whole and not yet in its place.
fn forward(files: &Files, marker: &mut Marker, aside: &Path) -> Result<Option<End>> {
    if files.live.exists() && aside.exists() {
        // Not ours: a copy of this name came from elsewhere.
        marker.aside = backups::free_name(&files.folder, marker.at, Kind::Replaced);
        marker.write(files)?;
        return Ok(None);
    }
    if files.live.exists() {
        fold(&files.live);
        std::fs::create_dir_all(backups::folder(&files.folder)).doing("make the folder of copies")?;
        disk::rename(&files.live, aside).doing("lay the present file aside")?;
        return Ok(None);
    }
    // What could not be folded in stays beside its file, and away from the new one.
    for ending in db::BESIDE {
        let beside = db::beside(&files.live, ending);
        if beside.exists() {
            std::fs::create_dir_all(backups::folder(&files.folder)).doing("make the folder of copies")?;
            disk::rename(&beside, &db::beside(aside, ending)).doing("lay the present file aside")?;
            return Ok(None);
        }
    }
    disk::rename(&files.ready, &files.live).doing("put the restored file in its place")?;
    Ok(None)
}

/// One step back to the old shop. The file laid ready is missing or spoiled.
fn back(files: &Files, aside: &Path) -> Result<Option<End>> {
    if files.live.exists() {
        files.clear()?;
        disk::remove(&files.marker).doing("end a restore")?;
        return Ok(Some(End::Kept { say: SPOILED }));
    }
    if !aside.exists() {
        let say = format!("「{}」不見了，準備還原的檔案也不在。請把最近的備份複製回來，改成這個名字。", files.live.display());
        return Err(Error::refused("no file is left to open", say));
    }
    // First what belongs to it, so that it is whole the moment it has its name.
    for ending in db::BESIDE {
        let beside = db::beside(aside, ending);
        if beside.exists() {
            disk::rename(&beside, &db::beside(&files.live, ending)).doing("put the present file back")?;
            return Ok(None);
        }
    }
    disk::rename(aside, &files.live).doing("put the present file back")?;
    Ok(None)
}

/// The new shop stands.
fn finish(files: &Files, marker: &Marker, aside: &Path) -> Result<Option<End>> {
    if marker.had_nothing && aside.exists() {
        for ending in db::BESIDE {
            disk::remove(&db::beside(aside, ending)).doing("remove an empty shop")?;
        }
        disk::remove(aside).doing("remove an empty shop")?;
        return Ok(None);
    }
    let now = {
        let still = Still::open(&files.live)?;
        look::counts(&still, &tally::tally(&still)?)?
    };
    files.clear()?;
    let aside = aside.exists().then(|| marker.aside.clone());
    disk::remove(&files.marker).doing("end a restore")?;
    Ok(Some(End::Restored { now, aside }))
}

/// Whether the file at `path` is the one that was laid ready under `key`.
fn is_of(path: &Path, key: &str) -> bool {
    Still::open(path).and_then(|still| store::key(&still)).is_ok_and(|have| have.as_deref() == Some(key))
}

fn is_laid_whole(files: &Files, marker: &Marker) -> bool {
    let is_sound = |conn: &Connection| backups::store::integrity(conn).is_ok_and(|broken| broken.is_empty());
    let is_whole = || -> Result<bool> {
        let bytes = std::fs::metadata(&files.ready).doing("read how large a file is")?.len();
        let still = Still::open(&files.ready)?;
        Ok(bytes == marker.bytes && store::key(&still)?.as_deref() == Some(&marker.key) && is_sound(&still))
    };
    is_whole().unwrap_or_else(|error| {
        log::error!("{error}");
        false
    })
}

/// Puts the last work of a shop that was cut off into its file. Where that cannot be done the parts stay as they are.
fn fold(path: &Path) {
    if !db::beside(path, "-wal").exists() {
        return;
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let folded = Connection::open_with_flags(path, flags)
        .and_then(|conn| conn.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get::<_, String>(0)));
    if let Err(error) = folded {
        log::warn!("the present file is laid aside as it is: {error}");
    }
}

/// Takes back what was noted: somebody still has the present file in hand.
pub fn give_up(folder: &Path) -> Result<Option<Settled>> {
    let files = Files::of(folder);
    let Some(marker) = read(&files)? else { return Ok(None) };
    disk::remove(&files.marker).doing("take a restore back")?;
    files.clear()?;
    log::error!("not restored: a file of the shop is still in use");
    Ok(Some(Settled { key: marker.key, source: marker.source, found: marker.found, end: End::Kept { say: HELD } }))
}
