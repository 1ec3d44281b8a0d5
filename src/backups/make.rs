//! Making a copy. The numbers are taken in a read transaction, and the copy is made in one step inside the same one, so both
//! are of one snapshot; whoever writes meanwhile waits for nobody. What cannot be proved is no copy.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rusqlite::backup::{Backup as Copying, StepResult};
use rusqlite::{Connection, OpenFlags};
use serde_json::json;

use super::list::{self, Backup};
use super::manifest::Manifest;
use super::part::Part;
use super::prove::{self, Map, Proof};
use super::{Kind, NOUN, Name, seal, since};
use crate::app::App;
use crate::db::{self, disk, space};
use crate::error::{Doing, Error, Result};
use crate::journal::{self, By, Entry};
use crate::values::Stamp;

/// The rules of a copy that was not made: it did not hold what was counted, or the program was ending.
pub const UNPROVED: &str = "the copy cannot be proved";
pub const STOPPING: &str = "the program is stopping";

const TO_DISK: &str = "bring the copy to the disk";
const NAMED: &str = "give the copy its name";

/// How far a copy has come; whoever waits for it reads it.
#[derive(Debug, Default)]
pub struct Progress(Mutex<Option<Step>>);

/// One step of the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// From 1.
    pub number: u32,
    pub of: u32,
    pub say: &'static str,
}

impl Progress {
    /// `None` before and after.
    pub fn now(&self) -> Option<Step> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, step: Option<Step>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = step;
    }
}

/// Makes a copy of the open shop, proves it and notes it in the journal. `Refused` in one sentence when there is no room,
/// when it cannot be proved or the program is stopping; then nothing called a copy was made.
pub fn make(app: &App, kind: Kind, by: By, progress: &Progress) -> Result<Backup> {
    let backup = {
        let _alone = app.backups.alone();
        copy(&app.folder, kind, by.at, progress, &|| app.is_stopping()).inspect_err(|error| {
            // What cannot be copied or proved may be damaged itself.
            if db::sound::is_damage(error) || matches!(error, Error::Refused { rule: UNPROVED, .. }) {
                app.db.examine(error);
            }
        })?
    };
    app.backups.look(&app.folder);
    let change = json!({"name": backup.name.to_string(), "bytes": backup.bytes});
    match app.db.write(|tx| journal::record(tx, &Entry { by, verb: "backup", noun: NOUN, noun_id: None, change })) {
        // There is a copy all the same, and it is worth the more.
        Err(error @ Error::ReadOnly(_)) => log::warn!("{error}"),
        written => written?,
    }
    Ok(backup)
}

/// The same of a shop that is not open here, for the upgrade and the command line; another process may have it open.
pub fn make_offline(folder: &Path, kind: Kind, now: Stamp) -> Result<Backup> {
    copy(folder, kind, now, &Progress::default(), &|| false)
}

fn copy(folder: &Path, kind: Kind, now: Stamp, progress: &Progress, is_stopping: &dyn Fn() -> bool) -> Result<Backup> {
    struct Over<'a>(&'a Progress);
    impl Drop for Over<'_> {
        fn drop(&mut self) {
            self.0.set(None);
        }
    }
    let _over = Over(progress);
    let step = |number, say| {
        progress.set(Some(Step { number, of: 4, say }));
        if is_stopping() {
            return Err(Error::refused(STOPPING, "程式正在停止，這次沒有備份。"));
        }
        Ok(())
    };

    step(1, "數一數有多少筆")?;
    let source = folder.join("luckygas.db");
    let backups = super::folder(folder);
    fs::create_dir_all(&backups).map_err(|_| cannot_write(&backups))?;
    check_space(&source, &backups)?;
    let (name, part) = new_name(&backups, Name::new(now, kind))?;
    let manifest = snapshot(&source, &part, kind, now, &step)?;
    step(3, "打開備份，檢查、重數")?;
    // To the disk while it is read: both take their time, and neither needs the other.
    let made = std::thread::scope(|scope| {
        let to_disk = scope.spawn(|| seal::seal(part.path()).and_then(|()| disk::sync(part.path()).doing(TO_DISK)));
        let proof = prove_new(folder, part.path(), &manifest);
        to_disk.join().unwrap_or_else(|_| Err(Error::impossible("bring the copy to the disk")))?;
        proof
    })?;
    if !made.is_good() {
        let kept = backups.join(format!("{name}.bad"));
        fs::rename(part.path(), &kept).doing("keep a copy that is not good")?;
        let say = format!("這次的備份驗不過，沒有採用：{}以前的備份還在。", made.problems.concat());
        return Err(Error::refused(UNPROVED, say));
    }
    step(4, "放好")?;
    let path = backups.join(name.to_string());
    part.keep(&path).doing(NAMED)?;
    Backup::at(name, path).ok_or_else(|| Error::impossible("find the copy just made"))
}

/// The full check at night and before an upgrade; between, against the newest copy known to be good where that can say all.
fn prove_new(folder: &Path, part: &Path, manifest: &Manifest) -> Result<Proof> {
    if matches!(manifest.kind, Kind::Hourly | Kind::Manual)
        && let Some(base) = list::newest_good(folder)
        && let Some(proof) = since::prove(part, manifest, &base)?
    {
        return Ok(proof);
    }
    prove::prove_unsealed(&prove::open(part, Map::Whole)?, true)
}

/// Puts `backup` at `path` too, which nobody has yet: on disk, read back and proved. Gives where it lies.
pub fn copy_to(backup: &Backup, path: &Path) -> Result<PathBuf> {
    let cannot = |_| Error::refused("cannot write the copy", format!("「{}」不能寫，請換一個地方。", path.display()));
    let part = Part::new(db::beside(path, ".part"));
    fs::copy(&backup.path, part.path()).map_err(cannot)?;
    disk::sync(part.path()).doing(TO_DISK)?;
    let proof = prove::prove(part.path())?;
    if !proof.is_good() {
        let say = format!("放到「{}」的讀回來不對：{}請換一個地方。", path.display(), proof.problems.concat());
        return Err(Error::refused("the copy elsewhere is not good", say));
    }
    part.keep(path).doing(NAMED)?;
    Ok(path.to_owned())
}

/// Notes in `backup` what is said of it now. The copy is exchanged for one with the note in it, whole at every moment.
pub fn note(app: &App, backup: &Backup, manifest: Manifest) -> Result<()> {
    let _alone = app.backups.alone();
    let part = Part::new(super::folder(&app.folder).join(format!("{}.part", backup.name)));
    fs::copy(&backup.path, part.path()).doing("copy a copy")?;
    let conn = open_part(part.path())?;
    manifest.write(&conn)?;
    conn.close().map_err(|(_, error)| error).doing("close the copy")?;
    seal::seal(part.path())?;
    disk::sync(part.path()).doing(TO_DISK)?;
    part.keep(&backup.path).doing(NAMED)?;
    app.backups.look(&app.folder);
    Ok(())
}

/// Nobody reads it before it has its name, and a crash leaves a `.part`: no journal and no waiting for the disk yet.
fn open_part(path: &Path) -> Result<Connection> {
    Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .and_then(|copy| {
            copy.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;")?;
            Ok(copy)
        })
        .doing("open the copy")
}

/// Removes what a program that is gone left half made. Call it where no other process makes copies.
pub fn clear(folder: &Path) {
    clear_in(&super::folder(folder));
}

/// The same where the copies lie in `copies` itself.
pub(super) fn clear_in(copies: &Path) {
    let Ok(entries) = fs::read_dir(copies) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        // SQLite may have been at work on it.
        let whole = name.trim_end_matches("-journal").trim_end_matches("-wal").trim_end_matches("-shm");
        if whole.strip_suffix(".part").and_then(Name::parse).is_some() && fs::remove_file(&path).is_ok() {
            log::info!("removed a copy that was not finished");
        }
    }
}

/// The first free name from `name` on, a second later each, and its `.part`, made now so that nobody else takes it.
fn new_name(backups: &Path, name: Name) -> Result<(Name, Part)> {
    let mut at = name.at();
    loop {
        let name = Name::new(at, name.kind);
        let path = backups.join(format!("{name}.part"));
        if !backups.join(name.to_string()).exists() {
            match File::create_new(&path) {
                Ok(_) => return Ok((name, Part::new(path))),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(_) => return Err(cannot_write(backups)),
            }
        }
        at = at.plus_ms(1000);
    }
}

/// Counts `source` and copies it into `part`, both in one snapshot; what was counted goes with the copy.
fn snapshot(source: &Path, part: &Part, kind: Kind, now: Stamp, step: &dyn Fn(u32, &'static str) -> Result<()>) -> Result<Manifest> {
    let source = db::open_beside(source)?;
    source.execute_batch("BEGIN").doing("begin the snapshot")?;
    let mut manifest = Manifest::of(&source, kind, now)?;
    step(2, "抄一份")?;
    let mut copy = open_part(part.path())?;
    let end = Copying::new(&source, &mut copy).and_then(|copying| copying.step(-1)).doing("copy the file")?;
    if end != StepResult::Done {
        return Err(Error::internal("copy the file", format!("it ended {end:?}")));
    }
    drop(source);
    let mode: String = copy.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).doing("make the copy one file")?;
    if mode != "delete" {
        return Err(Error::internal("make the copy one file", format!("its journal mode is {mode}")));
    }
    manifest.proved_at = Some(now);
    manifest.write(&copy)?;
    copy.close().map_err(|(_, error)| error).doing("close the copy")?;
    Ok(manifest)
}

fn check_space(source: &Path, backups: &Path) -> Result<()> {
    let need = db::file_bytes(source);
    // Where the system does not say, the writing will.
    match space::room(backups) {
        Some(room) if !room.takes(need) => {
            let say = format!("硬碟只剩 {} MB，放不下一份備份（{} MB）。請先清出空間。", room.free >> 20, need.div_ceil(1 << 20));
            Err(Error::refused("no room for a copy", say))
        }
        _ => Ok(()),
    }
}

fn cannot_write(backups: &Path) -> Error {
    Error::refused("the backups folder is not writable", format!("備份資料夾「{}」不能寫，請檢查權限。", backups.display()))
}
