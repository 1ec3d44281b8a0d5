//! The copies there are, and what they say of themselves.

use std::path::{Path, PathBuf};
use std::sync::Arc;

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
    pub manifest: Option<Arc<Manifest>>,
}

impl Backup {
    /// The copy `name` at `path`; `None` when there is no such file.
    pub fn at(name: Name, path: PathBuf) -> Option<Backup> {
        let bytes = std::fs::metadata(&path).ok().filter(|meta| meta.is_file())?.len();
        let manifest =
            if name.is_locked { None } else { prove::open(&path, Map::Nothing).ok().and_then(|conn| Manifest::read(&conn)).map(Arc::new) };
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

/// The newest copy that was proved. None is opened that is older.
pub fn newest_good(folder: &Path) -> Option<Backup> {
    let mut names = names(&super::folder(folder));
    names.sort_by(|(a, _), (b, _)| b.cmp(a));
    past_first(names, |(name, _)| name).filter_map(|(name, path)| Backup::at(name, path)).find(Backup::is_good)
}

/// The first of `backups`, which stand the newest first, that is as asked.
pub fn newest(backups: Vec<Backup>, is_asked: impl Fn(&Backup) -> bool) -> Option<Backup> {
    past_first(backups, |backup| &backup.name).find(is_asked)
}

/// `copies`, which stand the newest first, with those from the future at the end: they were made while the clock was wrong,
/// and are newest only when there is no other.
fn past_first<T>(copies: Vec<T>, name: impl Fn(&T) -> &Name) -> impl Iterator<Item = T> {
    let soon = Stamp::now().plus_minutes(AHEAD_MINUTES);
    let (ahead, past): (Vec<_>, Vec<_>) = copies.into_iter().partition(|copy| soon < name(copy).at());
    past.into_iter().chain(ahead)
}

/// A copy this much later than now is from the future; a practice shop's clock may be some hours ahead.
pub const AHEAD_MINUTES: i64 = 26 * 60;

/// What is called like a copy in `folder`, in no order. A folder that is not there has none.
pub(super) fn names(folder: &Path) -> Vec<(Name, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().filter_map(|entry| Some((Name::parse(entry.file_name().to_str()?)?, entry.path()))).collect()
}
