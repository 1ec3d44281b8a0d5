//! A file of an earlier version is brought up to date: first a proved copy of it as it was, then all steps at once, then it
//! is counted again. Whatever goes wrong, the file is as it was and the sentence names the way back.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use rusqlite::Transaction;
use serde_json::{Value, json};

use crate::backups::tally::{self, Tally};
use crate::backups::{self, Kind, make};
use crate::db;
use crate::db::space;
use crate::error::{Doing, Error, Reference, Result};
use crate::journal::{self, By, Entry};
use crate::settings;
use crate::values::Stamp;

/// The file, its copy, and the WAL all changes go through.
const TIMES_THE_FILE: u64 = 3;

/// The program that works with each version of the schema, from 1 on.
const PROGRAMS: [&str; db::VERSION as usize] = ["0.1", "0.2", "0.3", "0.4"];

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// A copy of the file is made and proved.
    Copying,
    /// Step `done` of the schema is in, and `of` is the last.
    Changing {
        done: i32,
        of: i32,
    },
    Done,
}

impl Progress {
    pub fn label(self) -> String {
        match self {
            Progress::Copying => "先備份一份，從頭檢查".to_owned(),
            Progress::Changing { done, of } if done < of => format!("更新資料（到第 {done} 版，共 {of} 版）"),
            Progress::Changing { .. } => "重數一遍".to_owned(),
            Progress::Done => "好了".to_owned(),
        }
    }
}

/// How long it takes, in seconds and generously: copying, proving and changing a file of `bytes` on an office PC.
pub fn expected_s(bytes: u64) -> u64 {
    const BYTES_A_SECOND: u64 = 5_000_000;
    (bytes / BYTES_A_SECOND).next_multiple_of(5).max(5)
}

/// Brings the file in `folder` up to date. `Refused` in one sentence when there is no room for a copy, when the copy cannot be
/// proved or a step fails; and at once, with the same sentence, when this program has failed at this file before. The
/// caller holds the folder's lock, and nobody has the file.
pub fn upgrade(folder: &Path, now: Stamp, say: &dyn Fn(Progress)) -> Result<()> {
    let path = folder.join("luckygas.db");
    if let Some(failure) = Failure::read(folder) {
        return Err(failure.error());
    }
    let from = db::sound::look(&path)?.unwrap_or_default();
    // What was only practised on can be made anew.
    let is_practice = db::peek(folder, settings::load).is_some_and(|settings| settings.is_practice);
    let copy = if is_practice {
        None
    } else {
        check_room(folder, &path)?;
        say(Progress::Copying);
        Some(make::make_offline(folder, Kind::Upgrade, now)?)
    };
    let copy = copy.map(|copy| copy.name.to_string());
    let before = db::open_beside(&path).and_then(|conn| tally::tally(&conn))?;
    log::info!("upgrading from={from} to={} copy={}", db::VERSION, copy.as_deref().unwrap_or("none"));

    say(Progress::Changing { done: from, of: db::VERSION });
    let done = |done| say(Progress::Changing { done, of: db::VERSION });
    let updated = db::update(&path, &done, |tx| {
        count_again(tx, &before)?;
        let change = json!({"from": from, "to": db::VERSION, "program": env!("CARGO_PKG_VERSION"), "copy": copy});
        journal::record(tx, &Entry { by: By::program(now), verb: "upgrade", noun: backups::NOUN, noun_id: None, change })
    });
    match updated {
        Ok(()) => {
            log::info!("upgraded from={from} to={}", db::VERSION);
            say(Progress::Done);
            Ok(())
        }
        Err(error) => {
            log::error!("{error}");
            let failure = Failure::new(&path, from, copy.as_deref(), &error);
            failure.write(folder);
            Err(failure.error())
        }
    }
}

/// Lets it be tried again after a failure.
pub fn forget_failure(folder: &Path) {
    let _ = std::fs::remove_file(Failure::path(folder));
}

fn check_room(folder: &Path, path: &Path) -> Result<()> {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |meta| meta.len());
    let need = TIMES_THE_FILE * (size(path) + size(&path.with_extension("db-wal")));
    match space::room(folder) {
        Some(room) if !room.takes(need) => {
            let say = format!(
                "更新資料前要先備份，硬碟要有 {} MB 空著，現在只有 {} MB。請先清出空間再打開；資料沒有變。",
                (need >> 20) + 21,
                room.free >> 20
            );
            Err(Error::refused("no room to upgrade", say))
        }
        // Where the system does not say, the writing finds out.
        _ => Ok(()),
    }
}

/// What people know their shop by is still there, and everything still belongs to something.
fn count_again(tx: &Transaction, before: &Tally) -> Result<()> {
    let now = tally::tally(tx)?;
    let was = (before.deliveries(), before.customers(), before.orders());
    let is = (now.deliveries(), now.customers(), now.orders());
    if was != is {
        return Err(Error::internal("keep every row", format!("deliveries, customers and orders were {was:?} and are {is:?}")));
    }
    let broken: i64 =
        tx.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).doing("check what belongs to what")?;
    if broken == 0 { Ok(()) } else { Err(Error::internal("keep what belongs together", format!("{broken} rows belong to nothing"))) }
}

/// That this program could not bring this file up to date, on disk: to try the same again at each start would only fill the
/// disk with copies.
struct Failure {
    program: String,
    file: Value,
    say: String,
}

impl Failure {
    fn path(folder: &Path) -> PathBuf {
        folder.join("luckygas-upgrade-failed.json")
    }

    fn new(path: &Path, from: i32, copy: Option<&str>, error: &Error) -> Failure {
        let reference = match error {
            Error::Internal { reference, .. } => *reference,
            _ => Reference::new(),
        };
        let program = usize::try_from(from - 1).ok().and_then(|at| PROGRAMS.get(at)).copied().unwrap_or("原來那一");
        let copy = copy.map(|copy| format!("；更新前的備份是 {copy}")).unwrap_or_default();
        let say = format!("資料沒有更新成，照舊沒有變。用舊的程式（{program} 版）可以照常打開{copy}。請念代碼 {reference}。");
        Failure { program: env!("CARGO_PKG_VERSION").to_owned(), file: fingerprint(path), say }
    }

    /// The failure of this very program with the file as it is now.
    fn read(folder: &Path) -> Option<Failure> {
        let value: Value = serde_json::from_str(&std::fs::read_to_string(Failure::path(folder)).ok()?).ok()?;
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let failure = Failure { program: text("program")?, file: value["file"].clone(), say: text("say")? };
        let is_same = failure.program == env!("CARGO_PKG_VERSION") && failure.file == fingerprint(&folder.join("luckygas.db"));
        is_same.then_some(failure)
    }

    fn write(&self, folder: &Path) {
        let text = json!({"program": self.program, "file": self.file, "say": self.say}).to_string();
        if let Err(error) = std::fs::write(Failure::path(folder), text) {
            log::warn!("cannot note the failure: {error}");
        }
    }

    fn error(&self) -> Error {
        Error::refused(super::rule::UPGRADE, self.say.clone())
    }
}

/// Its size and how often it was changed.
fn fingerprint(path: &Path) -> Value {
    let mut head = [0u8; 28];
    let _ = File::open(path).and_then(|mut file| file.read_exact(&mut head));
    let changes = u32::from_be_bytes([head[24], head[25], head[26], head[27]]);
    json!({"bytes": std::fs::metadata(path).map_or(0, |meta| meta.len()), "changes": changes})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_told_in_fives_of_seconds() {
        for (megabytes, seconds) in [(0, 5), (1, 5), (30, 10), (60, 15), (400, 80)] {
            assert_eq!(expected_s(megabytes * 1_000_000), seconds, "{megabytes} MB");
        }
    }
}
