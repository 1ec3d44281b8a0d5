//! The pictures drivers take: photos and signatures, in one SQLite file beside the shop's, `luckygas-photos.db`.
//!
//! Why not in the shop's own file: a hundred pictures of 45 KB a day are 1.6 GB a year, twenty times all else the shop
//! writes. Beside it the records stay small and are copied in a moment in the fifth year too; of the pictures, which are
//! only ever added, a backup copies what is new. And it is one file, not a folder of forty thousand, so that a backup stays
//! two things to copy.
//!
//! Invariants
//! - A picture is known by the sha256 of its bytes; sent twice it is there once, and what is there never changes.
//! - It is on disk before the act that names it, so a stop never names a picture that is lost with the power.
//! - A picture no act ever names is no record of anything and in nobody's way; hence no journal.

pub mod picture;
mod store;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard};

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use crate::error::{Error, Noun, Result};
use crate::stops::Act;
use crate::values::choice::choice;
use crate::values::{Stamp, UserId};
use picture::Format;

pub const NOUN: Noun = Noun { word: "photo", label: "照片" };

/// The most bytes of a picture: what a phone's camera makes where no script shrinks it.
pub const MOST_BYTES: u64 = 5 << 20;

choice! {
    /// What it shows.
    Kind {
        Photo = "photo", "照片";
        Signature = "signature", "簽名";
    }
}

/// A picture as it was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pub kind: Kind,
    /// `image/jpeg` or `image/png`.
    pub mime: &'static str,
    pub bytes: Vec<u8>,
}

/// The file of pictures; there is none until the first one comes, so that a shop whose drivers take no pictures stays one
/// file.
pub struct Photos {
    path: PathBuf,
    file: RwLock<Option<File>>,
    /// Of another shop: seen here too, and never added to.
    behind: Option<Arc<Photos>>,
}

/// One connection that adds, one that reads, so that looking at a stop never waits for a disk.
struct File {
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
}

impl File {
    /// Opens `path`, making it when it is not there.
    fn open(path: &Path) -> Result<File> {
        let writer = store::open_writer(path)?;
        let reader = store::open_reader(path)?;
        Ok(File { writer: Mutex::new(writer), reader: Mutex::new(reader) })
    }
}

/// Where the pictures of the shop in `folder` are.
pub fn path(folder: &Path) -> PathBuf {
    folder.join("luckygas-photos.db")
}

impl Photos {
    /// Opens the file in `folder` when there is one. `Refused` when it is not ours or cannot be opened.
    pub fn open(folder: &Path) -> Result<Photos> {
        let path = path(folder);
        let file = if path.exists() { Some(File::open(&path)?) } else { None };
        Ok(Photos { path, file: RwLock::new(file), behind: None })
    }

    /// The same, and whatever is not there is looked for among `behind`: a picture never changes, so that one of another shop
    /// over the same records is the same.
    pub fn open_before(folder: &Path, behind: Arc<Photos>) -> Result<Photos> {
        let mut photos = Photos::open(folder)?;
        photos.behind = Some(behind);
        Ok(photos)
    }

    /// Keeps a picture and gives the sha256 it is known by from now on; it is on disk. `Invalid` in `file` with the reason
    /// for what is no JPEG or PNG, or too large.
    pub fn put(&self, kind: Kind, bytes: &[u8], user: UserId, at: Stamp) -> Result<String> {
        let format = check(kind, bytes)?;
        let sha = sha_of(bytes);
        if self.file().is_none() {
            self.make()?;
        }
        let file = self.file();
        let file = file.as_ref().ok_or_else(|| Error::impossible("keep a picture without a file"))?;
        store::add(&held(&file.writer), &sha, (kind, format, bytes), user, at)?;
        Ok(sha)
    }

    /// Makes the file for the first picture; whoever comes second finds it there.
    fn make(&self) -> Result<()> {
        let mut file = self.file.write().unwrap_or_else(PoisonError::into_inner);
        if file.is_none() {
            *file = Some(File::open(&self.path)?);
        }
        Ok(())
    }

    fn file(&self) -> RwLockReadGuard<'_, Option<File>> {
        self.file.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The picture known by `sha`.
    pub fn get(&self, sha: &str) -> Result<Option<Picture>> {
        let own = self.file().as_ref().map_or(Ok(None), |file| store::find(&held(&file.reader), sha))?;
        match (&self.behind, own) {
            (Some(behind), None) => behind.get(sha),
            (_, own) => Ok(own),
        }
    }

    pub fn has(&self, sha: &str) -> Result<bool> {
        let is_own = self.file().as_ref().map_or(Ok(false), |file| store::has(&held(&file.reader), sha))?;
        match &self.behind {
            Some(behind) if !is_own => behind.has(sha),
            _ => Ok(is_own),
        }
    }

    /// `Invalid` in `photo` when `act` names a picture that has not come in: it is to be sent first.
    pub fn check(&self, act: &Act) -> Result<()> {
        for sha in act.pictures() {
            if !self.has(sha)? {
                return Err(Error::invalid("photo", "照片還沒傳到，請再傳一次。"));
            }
        }
        Ok(())
    }
}

/// What a picture is known by.
fn sha_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A fault while it was held left the file as it was: every statement is a transaction of its own.
fn held(conn: &Mutex<Connection>) -> MutexGuard<'_, Connection> {
    conn.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whoever closes the shop leaves one file of each sort, to be copied as they lie there.
impl Drop for Photos {
    fn drop(&mut self) {
        let file = self.file.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(File { writer, reader }) = file {
            // The reader must be gone before the writer leaves WAL mode.
            drop(reader);
            if let Err(error) = store::close(&held(&writer)) {
                log::debug!("{error}");
            }
        }
    }
}

/// What a picture may be: a photo as the camera makes it, a signature as our page draws it.
fn check(kind: Kind, bytes: &[u8]) -> Result<Format> {
    let refused = |say: &'static str| Err(Error::invalid("file", say));
    if bytes.is_empty() {
        return refused("檔案是空的，請再拍一次。");
    }
    if MOST_BYTES < bytes.len() as u64 {
        return refused("照片太大，最多 5 MB。");
    }
    let Some((format, size)) = picture::recognise(bytes) else {
        return refused("這不是照片，請用 JPEG 或 PNG。");
    };
    match kind {
        Kind::Signature if !size.fits(800, 600) => refused("簽名太大，請重新簽。"),
        Kind::Photo if !size.fits(12_000, 12_000) => refused("照片的尺寸太大。"),
        Kind::Photo | Kind::Signature => Ok(format),
    }
}

/// Adds to the file at `to`, made when it is missing, the pictures the file at `from` has and it has not; gives how many.
/// What is copied is counted by its sha256 again; `go_on` is asked between handfuls.
pub fn copy_new(from: &Path, to: &Path, go_on: &dyn Fn() -> bool) -> Result<usize> {
    store::copy_new(from, to, go_on)
}

/// Puts the next `most` pictures after number `after` of the file at `from` into a new file at `to`; the numbers of the first
/// and the last of them, and the sha256 of the last. `None` when there are no more.
pub fn copy_some(from: &Path, to: &Path, after: i64, most: usize) -> Result<Option<(i64, i64, String)>> {
    store::copy_some(from, to, after, most)
}

/// How many pictures of the file at `from` come after number `after`.
pub fn count_after(from: &Path, after: i64) -> Result<i64> {
    store::count_after(&store::open_reader(from)?, after)
}

/// Whether picture `number` of the file at `from` is one whose sha256 begins with `sha`.
pub fn is_numbered(from: &Path, number: i64, sha: &str) -> Result<bool> {
    store::is_numbered(&store::open_reader(from)?, number, sha)
}

/// How many pictures the stops of `conn` name, and how many of them are not among `photos`.
pub fn missing(conn: &Connection, photos: &Photos) -> Result<(usize, usize)> {
    let named = store::named(conn)?;
    let mut lost = 0;
    for sha in &named {
        lost += usize::from(!photos.has(sha)?);
    }
    Ok((named.len(), lost))
}
