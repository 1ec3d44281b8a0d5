//! The copies there are, and what they say of themselves.

use std::path::{Path, PathBuf};

use super::manifest::Manifest;
use super::{Name, prove};

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
        let manifest = if name.is_locked { None } else { prove::open(&path).ok().and_then(|conn| Manifest::read(&conn)) };
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
    let mut names = names(&super::folder(folder));
    names.sort_by(|a, b| b.0.cmp(&a.0));
    names.into_iter().filter_map(|(name, path)| Backup::at(name, path)).find(Backup::is_good)
}

/// What is called like a copy in `folder`, in no order. A folder that is not there has none.
pub(super) fn names(folder: &Path) -> Vec<(Name, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    entries.flatten().filter_map(|entry| Some((Name::parse(entry.file_name().to_str()?)?, entry.path()))).collect()
}
