//! Lays the file ready that takes the shop's place.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use rusqlite::{Connection, Transaction};
use serde_json::{Value, json};

use super::{Counts, Files, Found, Marker, look, store};
use crate::backups::still::copy_beside;
use crate::backups::{self, Kind, NOUN, tally};
use crate::db;
use crate::error::{Doing, Error, Result};
use crate::jobs;
use crate::journal::{self, By, Entry};
use crate::ui;
use crate::users::{self, NewUser, Role, TextSize, session};
use crate::values::{Stamp, UserId};

const CHUNK_BYTES: usize = 1 << 20;

/// Who asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asker {
    /// The name they sign in with, or what else the journal is to call them.
    pub name: String,
    /// What they are called, and what the present file keeps of their password: an admin, who comes in with the same word
    /// afterwards, however old the copy is.
    pub account: Option<(String, String)>,
}

impl Asker {
    pub fn named(name: &str) -> Asker {
        Asker { name: name.to_owned(), account: None }
    }
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Pictures that lie beside it come along.
    Pictures,
    /// The file is read and checked.
    Looking,
    Copying {
        bytes: u64,
        of: u64,
    },
    /// The copy is brought up to date.
    Migrating,
    /// What is in it now is counted.
    Counting,
}

impl Step {
    /// What is being done, for whoever waits.
    pub fn said(self) -> String {
        match self {
            Step::Pictures => "把照片帶過來…".to_owned(),
            Step::Looking => "把備份從頭讀一遍…".to_owned(),
            Step::Copying { bytes, of } => format!("複製過來：{}，共 {}…", ui::megabytes(bytes), ui::megabytes(of)),
            Step::Migrating => "換成這一版的樣子…".to_owned(),
            Step::Counting => "重數一遍，看數字一不一樣…".to_owned(),
        }
    }
}

/// Lays a copy of `path` ready in `folder` and notes that it takes the shop's place at the next [`super::settle`].
pub fn prepare(folder: &Path, path: &Path, by_name: &str, now: Stamp) -> Result<()> {
    prepare_for(folder, path, &Asker::named(by_name), &session::new_token()?, now, &mut |_| {})
}

/// The same for somebody of the shop, under a `key` nobody else knows, saying how far it is. Nothing is left in `folder`
/// when it is refused: `path` cannot be restored, there is no room, or what is in the copy is not what was in the file.
/// `Conflict` when another waits.
pub fn prepare_for(folder: &Path, path: &Path, asker: &Asker, key: &str, now: Stamp, tell: &mut dyn FnMut(Step)) -> Result<()> {
    let files = Files::of(folder);
    if files.marker.exists() {
        return Err(Error::conflict("a restore waits", "另一次還原正在進行，請等它做完。"));
    }
    if same_file(path, &files.live) {
        return Err(Error::refused("the file is the shop's own", "這就是現在用的資料檔，不用還原。"));
    }
    tell(Step::Looking);
    let found = look::look(path)?;
    check_room(folder, &found)?;
    files.clear()?;
    let laid = lay(&files, &found, asker, key, now, tell);
    let counted = laid.inspect_err(|_| drop(files.clear()))?;
    let marker = Marker {
        key: key.to_owned(),
        at: now,
        source: found.file_name(),
        by: asker.name.clone(),
        found: found.counts.clone(),
        counted,
        bytes: std::fs::metadata(&files.ready).doing("read how large a file is")?.len(),
        aside: backups::free_name(folder, now, Kind::Replaced),
        had_nothing: db::peek(folder, store::is_blank).unwrap_or(false),
    };
    marker.write(&files).inspect_err(|_| drop(files.clear()))?;
    log::info!("a restore is laid ready schema={} deliveries={}", found.schema, marker.counted.deliveries);
    Ok(())
}

/// Whether the two are one file, however they are spelled.
fn same_file(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

/// Twice the file, for its migration may touch every page.
fn check_room(folder: &Path, found: &Found) -> Result<()> {
    let needed = 2 * found.bytes;
    match db::space::room(folder) {
        Some(room) if !room.takes(needed) => {
            let say = format!("硬碟空間不夠：還原要 {} MB，只剩 {} MB。請先清出空間。", needed / 1_000_000, room.free / 1_000_000);
            Err(Error::refused("no room to restore", say))
        }
        // Where the system does not say, the copying finds out.
        _ => Ok(()),
    }
}

/// Makes `files.ready` and counts what is in it.
fn lay(files: &Files, found: &Found, asker: &Asker, key: &str, now: Stamp, tell: &mut dyn FnMut(Step)) -> Result<Counts> {
    copy(&found.path, &files.ready, tell)?;
    copy_beside(&found.path, &files.ready).doing("copy what lies beside a file")?;
    tell(Step::Migrating);
    let mut conn = db::open_alone(&files.ready)?;
    tell(Step::Counting);
    let counted = recount(&conn, found)?;
    let tx = conn.transaction().doing("begin a restore")?;
    hand_over(&tx, found, &counted, asker, key, now)?;
    tx.commit().doing("commit a restore")?;
    leave(conn)?;
    for ending in db::BESIDE {
        if db::beside(&files.ready, ending).exists() {
            return Err(Error::impossible("leave a restored file alone"));
        }
    }
    db::disk::sync(&files.ready).doing("put a restored file on disk")?;
    db::disk::sync_folder(&files.folder).doing("put a restored file on disk")?;
    Ok(counted)
}

/// Counts what is in the file laid ready; `Refused` when it is not what was found. A table or a column an older file does
/// not have is nothing to compare.
fn recount(conn: &Connection, found: &Found) -> Result<Counts> {
    let broken = backups::store::integrity(conn).unwrap_or_else(|error| vec![error.to_string()]);
    if !broken.is_empty() {
        log::error!("a restored file is damaged: {}", broken.join("; "));
        return Err(look::unfit(&found.file_name(), "複製過來以後有地方損壞，請換一個插槽或另一份備份。"));
    }
    let tally = tally::tally(conn)?;
    let counted = look::counts(conn, &tally)?;
    let differing: Vec<_> = found.tally.differences(&tally).into_iter().filter(|(_, had, _)| had.is_some()).collect();
    for (what, had, has) in &differing {
        log::error!("a restored file differs what={what} had={had:?} has={has:?}");
    }
    if !differing.is_empty() {
        let say = format!("還原後的數字不符：備份裡 {}，還原後 {}，有 {} 處不同。", found.counts.said(), counted.said(), differing.len());
        return Err(Error::refused("the counts differ", format!("{say}沒有還原，現在的資料照舊。")));
    }
    Ok(counted)
}

/// Copies `from` to `to`, piece by piece, which a stick of memory may take a while for.
fn copy(from: &Path, to: &Path, tell: &mut dyn FnMut(Step)) -> Result<()> {
    const DOING: &str = "copy a file to be restored";
    let mut input = File::open(from).doing(DOING)?;
    let of = input.metadata().doing(DOING)?.len();
    let mut output = File::create(to).doing(DOING)?;
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut bytes = 0;
    loop {
        tell(Step::Copying { bytes, of });
        match input.read(&mut chunk).doing(DOING)? {
            0 => return Ok(()),
            count => {
                output.write_all(&chunk[..count]).doing(DOING)?;
                bytes += count as u64;
            }
        }
    }
}

/// What was of the copy or of its moment leaves it; who asked comes in.
fn hand_over(tx: &Transaction, found: &Found, counted: &Counts, asker: &Asker, key: &str, now: Stamp) -> Result<()> {
    tx.execute_batch("DROP TABLE IF EXISTS backup_manifest; DELETE FROM sessions;").doing("clear a restored file")?;
    jobs::store::mark_cut_off(tx, now)?;
    let (user, account) = let_in(tx, asker, now)?;
    let change = json!({
        "key": key,
        "file": found.file_name(),
        "username": asker.name,
        "account": account,
        "schema": found.schema,
        "of": found.at().map(|at| at.0),
        "found": found.counts.json(),
        "counted": counted.json(),
    });
    journal::record(tx, &Entry { by: By { user, at: now }, verb: "restore", noun: NOUN, noun_id: None, change })
}

/// Who `asker` is in the restored file, and what was done there for that: nothing, `kept` or `added`.
fn let_in(tx: &Transaction, asker: &Asker, now: Stamp) -> Result<(Option<UserId>, Value)> {
    let known = users::store::find(tx, &asker.name)?;
    let Some((name, hash)) = &asker.account else { return Ok((known.map(|(user, _)| user.id), Value::Null)) };
    users::store::forget_failures(tx, &asker.name)?;
    let Some((mut user, had)) = known else {
        let new = NewUser {
            username: asker.name.clone(),
            name: name.clone(),
            role: Role::Admin,
            text_size: TextSize::Medium,
            must_change_password: false,
        };
        return Ok((Some(users::store::add(tx, &new, hash, now)?), "added".into()));
    };
    if had == *hash && user.role == Role::Admin && user.is_active && !user.must_change_password {
        return Ok((Some(user.id), Value::Null));
    }
    if user.role != Role::Admin {
        user.role = Role::Admin;
        users::store::edit(tx, &user, now)?;
    }
    users::store::set_password(tx, user.id, hash, false, now)?;
    users::store::set_active(tx, user.id, true, now)?;
    Ok((Some(user.id), "kept".into()))
}

/// Closes the file as one, with nothing beside it.
fn leave(conn: Connection) -> Result<()> {
    let mode: String = conn.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).doing("leave a restored file")?;
    match mode.as_str() {
        "delete" => conn.close().map_err(|(_, error)| error).doing("close a restored file"),
        _ => Err(Error::impossible("leave a restored file as one")),
    }
}
