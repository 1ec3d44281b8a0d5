//! The copies there are, and what they say of themselves.

use std::path::{Path, PathBuf};

use super::Name;
use super::manifest::Manifest;
use super::prove::{self, Map};
use crate::values::Stamp;

/// One copy in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    pub name: Name,
    pub path: PathBuf,
    pub bytes: u64,
    /// `None` of one that is locked, or that this program did not make.
    pub manifest: Option<Manifest>,
}

impl Backup {
    /// The copy `name` at `path`; `None` when there is no such file.
    pub fn at(name: Name, path: PathBuf) -> Option<Backup> {
        let bytes = std::fs::metadata(&path).ok().filter(|meta| meta.is_file())?.len();
        let manifest = if name.is_locked { None } else { prove::open(&path, Map::Nothing).ok().and_then(|conn| Manifest::read(&conn)) };
        Some(Backup { name, path, bytes, manifest })
    }

    /// Whether it was proved when it was made, or since.
    pub fn is_good(&self) -> bool {
        self.manifest.as_ref().is_some_and(|manifest| manifest.proved_at.is_some())
    }
}

/// The copies of the shop in `folder`, the newest first. A file that is called otherwise is not ours and not told of.
pub fn list(folder: &Path) -> Vec<Backup> {
    let mut backups: Vec<Backup> = names(&super::folder(folder)).into_iter().filter_map(|(name, path)| Backup::at(name, path)).collect();
    backups.sort_by(|a, b| b.name.cmp(&a.name));
    backups
}

/// The newest copy that was proved.
pub fn newest_good(folder: &Path) -> Option<Backup> {
    newest(list(folder), Backup::is_good)
}

/// The first of `backups`, which stand the newest first, that is as asked. One from the future was made while the clock was
/// wrong, and is newest only when there is no other.
pub fn newest(backups: Vec<Backup>, is_asked: impl Fn(&Backup) -> bool) -> Option<Backup> {
    let soon = Stamp::now().plus_minutes(AHEAD_MINUTES);
    let (ahead, past): (Vec<_>, Vec<_>) = backups.into_iter().filter(is_asked).partition(|backup| soon < backup.name.at());
    past.into_iter().chain(ahead).next()
}

/// A copy this much later than now is from the future; a practice shop's clock may be some hours ahead.
pub const AHEAD_MINUTES: i64 = 26 * 60;

/// What is called like a copy in `folder`, in no order. A folder that is not there has none.
pub(super) fn names(folder: &Path) -> Vec<(Name, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().filter_map(|entry| Some((Name::parse(entry.file_name().to_str()?)?, entry.path()))).collect()
}
