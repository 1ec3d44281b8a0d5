//! Where a restore comes from: a copy among ours, or a file somewhere on this PC, on a stick, say.

use std::path::{Path, PathBuf};

use crate::backups::lock_up;
use crate::backups::manifest::Manifest;
use crate::backups::prove::{self, Map};
use crate::backups::{self, Name};
use crate::error::{Error, Result};
use crate::values::{Stamp, text};

/// So many files of a folder are shown, the newest.
const MOST_SHOWN: usize = 60;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Among the copies of the shop.
    Kept(Name),
    /// In a folder somebody has typed.
    At { folder: PathBuf, file: String },
}

impl Source {
    /// The `file` of a typed `folder`; `None` when it could be in another.
    pub fn at(folder: &str, file: &str) -> Option<Source> {
        let is_plain = !file.is_empty() && Path::new(file).file_name().is_some_and(|name| name == file);
        is_plain.then(|| Source::At { folder: typed_folder(folder), file: file.to_owned() })
    }

    pub fn path(&self, shop: &Path) -> PathBuf {
        match self {
            Source::Kept(name) => backups::folder(shop).join(name.to_string()),
            Source::At { folder, file } => folder.join(file),
        }
    }

    pub fn file_name(&self) -> String {
        match self {
            Source::Kept(name) => name.to_string(),
            Source::At { file, .. } => file.clone(),
        }
    }

    /// What a form or an address names it by.
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        match self {
            Source::Kept(name) => vec![("name", name.to_string())],
            Source::At { folder, file } => vec![("folder", folder.display().to_string()), ("file", file.clone())],
        }
    }
}

/// A file of a folder that could be restored, as far as can be told without reading it all.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub file: String,
    pub bytes: u64,
    /// The moment it is of: what it says itself, its name, or when it was written.
    pub at: Option<Stamp>,
    pub manifest: Option<Manifest>,
    pub is_locked: bool,
}

/// A folder as people type it: with blanks around, or between the quotes Windows copies it with.
pub fn typed_folder(typed: &str) -> PathBuf {
    PathBuf::from(text::trim(typed).trim_matches('"'))
}

/// What can be restored from `folder`, the newest first. `Invalid` in `folder` when there is none of that name or it cannot
/// be read.
pub fn candidates(folder: &Path) -> Result<Vec<Candidate>> {
    if !folder.is_absolute() {
        return Err(Error::invalid("folder", "請打完整的資料夾，例如 E:\\備份。"));
    }
    let entries = std::fs::read_dir(folder)
        .map_err(|_| Error::invalid("folder", "找不到這個資料夾，或不能讀。USB 碟請先插好，再照檔案總管上面那一行打。"))?;
    let mut candidates: Vec<Candidate> = entries.flatten().filter_map(|entry| candidate(&entry.path())).collect();
    candidates.sort_by(|a, b| (b.at, &b.file).cmp(&(a.at, &a.file)));
    candidates.truncate(MOST_SHOWN);
    Ok(candidates)
}

fn candidate(path: &Path) -> Option<Candidate> {
    let meta = std::fs::metadata(path).ok().filter(|meta| meta.is_file())?;
    let file = path.file_name()?.to_str()?.to_owned();
    let name = Name::parse(&file);
    let is_locked = lock_up::is_locked(path);
    let is_ours = is_locked || prove::problem_at_first_sight(path).is_ok_and(|problem| problem.is_none());
    if name.is_none() && !is_ours {
        return None;
    }
    let manifest = if is_locked { None } else { prove::open(path, Map::Nothing).ok().and_then(|conn| Manifest::read(&conn)) };
    let written = || {
        let since = meta.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
        Some(Stamp(i64::try_from(since.as_millis()).ok()?))
    };
    let at = manifest.as_ref().map(|manifest| manifest.made_at).or(name.map(|name| name.at())).or_else(written);
    Some(Candidate { file, bytes: meta.len(), at, manifest, is_locked })
}
