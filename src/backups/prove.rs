//! Proving a copy: it is opened as it lies there, read to its last page, and counted again. Nothing in it is changed, and
//! nothing is written beside it: it may lie on a stick that cannot be written to.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::manifest::Manifest;
use super::tally::{Tally, tally};
use super::{Kind, Name, seal, store};
use crate::db::{self, disk};
use crate::error::{Doing, Error, Result};

/// What was found in a file.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    pub tally: Tally,
    /// The version of the schema in it; 0 when it cannot be told.
    pub schema: i32,
    /// What it says of itself, if it is a copy.
    pub manifest: Option<Manifest>,
    /// What is wrong, in sentences for people; nothing when it is good.
    pub problems: Vec<String>,
    /// What was looked at in turn, and whether it was right; nothing is looked at after the file cannot be read on.
    pub checks: Vec<(&'static str, bool)>,
}

impl Proof {
    pub fn is_good(&self) -> bool {
        self.problems.is_empty()
    }

    fn note(&mut self, what: &'static str, problems: Vec<String>) {
        self.checks.push((what, problems.is_empty()));
        self.problems.extend(problems);
    }

    /// The log hears of what is wrong.
    fn told(self, path: &Path) -> Proof {
        for problem in &self.problems {
            log::error!("a copy is not good file={} problem={problem}", path.file_name().unwrap_or_default().display());
        }
        self
    }
}

/// Reads all of the file at `path`: is it ours and whole, do its rows belong together, are they and its money what its
/// manifest says, and is each byte as it was sealed? What is wrong stands in the answer; `Refused` only when there is no
/// file to be opened.
pub fn prove(path: &Path) -> Result<Proof> {
    let mut proof = Proof::default();
    proof.note("是幸福氣的資料檔，沒有少一段", problem_at_first_sight(path)?.into_iter().collect());
    if !proof.is_good() {
        return Ok(proof.told(path));
    }
    let Ok(conn) = open(path, Map::Nothing) else {
        // It could be read a moment ago.
        proof.note(READ, vec![DAMAGED.to_owned()]);
        return Ok(proof.told(path));
    };
    let opened = prove_open(&conn, path)?;
    let checks = [proof.checks, opened.checks].concat();
    Ok(Proof { checks, ..opened })
}

/// What the head of the file at `path` says against it: that it is not ours, or cut short.
pub(super) fn problem_at_first_sight(path: &Path) -> Result<Option<String>> {
    let head = head(path).map_err(|_| cannot_open(path))?;
    Ok(problem_of_head(&head, path))
}

/// The same as [`prove`] of the file at `path`, which is open.
pub(super) fn prove_open(conn: &Connection, path: &Path) -> Result<Proof> {
    let mut proof = prove_unsealed(conn, says_of_itself(path))?;
    let crc = proof.manifest.as_ref().and_then(|manifest| manifest.crc.clone());
    if let Some(crc) = crc {
        let is_whole = seal::is_whole(path, &crc).unwrap_or(false);
        let problem = "檔案裡有地方和做好的時候不一樣。";
        proof.note("每個位元組都和做好時一樣", if is_whole { Vec::new() } else { vec![problem.to_owned()] });
    }
    Ok(proof.told(path))
}

/// The same without the seal, for a copy that has none yet.
pub(super) fn prove_unsealed(conn: &Connection, has_manifest: bool) -> Result<Proof> {
    let mut proof = Proof::default();
    match look(conn, has_manifest, &mut proof) {
        Ok(()) => {}
        Err(Error::Internal { source, .. }) if is_damage(source.as_ref()) => proof.note(READ, vec![DAMAGED.to_owned()]),
        Err(error) => return Err(error),
    }
    Ok(proof)
}

/// Whether the file is called like a copy this program made and wrote a manifest for.
fn says_of_itself(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| Name::parse(name.to_str()?.trim_end_matches(".part")));
    name.is_some_and(|name| !matches!(name.kind, Kind::Replaced | Kind::Uploaded))
}

const READ: &str = "從頭讀到尾";
const DAMAGED: &str = "檔案有地方損壞，讀不下去。";

fn look(conn: &Connection, has_manifest: bool, proof: &mut Proof) -> Result<()> {
    proof.schema = store::schema_version(conn)?;
    let mut problems = Vec::new();
    integrity(store::integrity(conn).doing("check a copy's integrity")?, &mut problems);
    proof.note(READ, problems);
    if !proof.is_good() {
        return Ok(());
    }
    let mut problems = Vec::new();
    foreign_keys(conn, &mut problems)?;
    proof.note("每一筆都找得到它所屬的", problems);
    proof.manifest = Manifest::read(conn);
    proof.tally = tally(conn)?;
    if proof.manifest.is_none() && has_manifest {
        proof.note("備份的記錄", vec!["備份的記錄讀不出來。".to_owned()]);
    }
    if let Some(manifest) = &proof.manifest {
        let mut problems = Vec::new();
        compare(manifest, &proof.tally, &mut problems);
        proof.note("筆數和金額和備份時一樣", problems);
    }
    Ok(())
}

/// What SQLite found `broken`, for the log and for people.
pub(super) fn integrity(broken: Vec<String>, problems: &mut Vec<String>) {
    if !broken.is_empty() {
        log::error!("integrity: {}", broken.join("; "));
        problems.push(format!("檔案有 {} 處損壞。", broken.len()));
    }
}

pub(super) fn foreign_keys(conn: &Connection, problems: &mut Vec<String>) -> Result<()> {
    let orphans = store::broken_keys(conn).doing("check a copy's foreign keys")?;
    if 0 < orphans {
        problems.push(format!("有 {orphans} 筆資料找不到它所屬的那一筆。"));
    }
    Ok(())
}

/// Rows and money as they were in the snapshot against those in the copy.
pub(super) fn compare(manifest: &Manifest, counted: &Tally, problems: &mut Vec<String>) {
    let differences = manifest.tally.differences(counted);
    if !differences.is_empty() {
        for (what, then, now) in &differences {
            log::error!("recount differs what={what} then={then:?} now={now:?}");
        }
        problems.push(format!("筆數或金額和備份那一刻不同，有 {} 處。", differences.len()));
    }
}

/// The first hundred bytes: the mark, the size of a page, how many there are.
fn head(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut head = Vec::with_capacity(100);
    File::open(path)?.take(100).read_to_end(&mut head)?;
    Ok(head)
}

fn problem_of_head(head: &[u8], path: &Path) -> Option<String> {
    if head.len() < 100 || !head.starts_with(b"SQLite format 3\0") || head[68..72] != db::APPLICATION_ID.to_be_bytes() {
        return Some("這不是幸福氣的資料檔。".to_owned());
    }
    let page = match u16::from_be_bytes([head[16], head[17]]) {
        1 => 65_536,
        size => u64::from(size),
    };
    let pages = u64::from(u32::from_be_bytes([head[28], head[29], head[30], head[31]]));
    let length = std::fs::metadata(path).map_or(0, |meta| meta.len());
    // With a WAL beside it the last pages may stand there.
    (length < pages * page && !disk::has_content(&db::beside(path, "-wal"))).then(|| "檔案少了後面一段，可能沒有複製完。".to_owned())
}

fn cannot_open(path: &Path) -> Error {
    Error::refused("a copy cannot be opened", format!("「{}」打不開，請看檔案在不在、能不能讀。", path.display()))
}

/// True when `error` is SQLite stumbling over what it reads: there is no other reason in a file nobody writes to.
pub(super) fn is_damage(error: &(dyn std::error::Error + 'static)) -> bool {
    let code = error.downcast_ref::<rusqlite::Error>().map(rusqlite::Error::sqlite_error_code);
    code.is_some_and(|code| !matches!(code, Some(ErrorCode::OutOfMemory | ErrorCode::OperationInterrupted)))
}

/// How a copy is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Map {
    /// Page by page: it may lie on a stick somebody pulls out, and a map would take the program down with it.
    Nothing,
    /// As one map, which is faster: it lies on the disk the program works on anyway.
    Whole,
}

/// Opens the file at `path` to be read and never changed. `immutable` asks for no lock and makes no file beside it, which
/// is right for a copy nobody writes to; only where a WAL lies beside it that must be read with it, SQLite does as usual.
pub fn open(path: &Path, map: Map) -> Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = if disk::has_content(&db::beside(path, "-wal")) {
        Connection::open_with_flags(path, flags)
    } else {
        flags |= OpenFlags::SQLITE_OPEN_URI;
        Connection::open_with_flags(immutable(path), flags)
    };
    let conn = opened.map_err(|_| cannot_open(path))?;
    // On Windows a map would keep the file from being moved.
    let map = if cfg!(windows) || map == Map::Nothing { 0 } else { 1_i64 << 30 };
    conn.execute_batch(&format!(
        "PRAGMA mmap_size = {map}; PRAGMA cache_size = -8000; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA query_only = ON;"
    ))
    .map_err(|_| cannot_open(path))?;
    Ok(conn)
}

/// `file:/…/x.db?immutable=1` of a path, whatever stands in it.
fn immutable(path: &Path) -> String {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'.').remove(b'-').remove(b'_').remove(b':');
    let bytes = path.as_os_str().as_encoded_bytes();
    let path = if cfg!(windows) { bytes.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect() } else { bytes.to_vec() };
    // C:/x becomes /C:/x, as SQLite asks.
    let slash = if cfg!(windows) && path.get(1) == Some(&b':') { "/" } else { "" };
    format!("file:{slash}{}?immutable=1", percent_encode(&path, KEPT))
}
