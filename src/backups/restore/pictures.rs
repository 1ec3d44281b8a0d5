//! The pictures that lie beside a copy, open in one file or locked in packs: what the shop does not have yet comes along. A
//! picture never changes, so they are only ever added, before or after the records that name them.

use std::io;
use std::path::{Path, PathBuf};

use crate::backups::lock_up::{self, Passphrase};
use crate::error::Result;
use crate::stops::photos;

/// Where pictures may lie.
#[derive(Clone)]
pub struct Beside {
    pub folder: PathBuf,
    /// Opens the packs.
    pub passphrase: Option<Passphrase>,
}

impl Beside {
    /// Adds what lies there to the pictures of the shop in `folder`; gives how many were new. One pack that cannot be opened
    /// keeps nobody from the others.
    pub fn bring(&self, folder: &Path) -> Result<usize> {
        let mut count = 0;
        for file in files(&self.folder).unwrap_or_default() {
            match (lock_up::is_locked(&file), &self.passphrase) {
                (true, None) => {}
                (true, Some(passphrase)) => match add(&file, folder, Some(passphrase)) {
                    Ok(added) => count += added,
                    Err(error) => log::error!("{error}"),
                },
                (false, _) if file == photos::path(folder) => {}
                (false, _) => count += add(&file, folder, None)?,
            }
        }
        if 0 < count {
            log::info!("pictures came with a copy count={count}");
        }
        Ok(count)
    }
}

/// Adds what `file` holds, unlocked with `passphrase` if it is locked, to the pictures of the shop in `folder`; gives how
/// many were new.
pub fn add(file: &Path, folder: &Path, passphrase: Option<&Passphrase>) -> Result<usize> {
    let home = photos::path(folder);
    match passphrase {
        None => photos::copy_new(file, &home, &|| true),
        Some(passphrase) => {
            let plain = lock_up::unlocked(file, &folder.join("uploads"), passphrase)?;
            photos::copy_new(plain.path(), &home, &|| true)
        }
    }
}

/// The files of pictures in `folder`: the open one, then packs in the order they were made.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let is_ours = |name: &str| name == "luckygas-photos.db" || (name.starts_with("luckygas-photos-") && name.ends_with(".db.age"));
    let entries = std::fs::read_dir(folder)?.flatten();
    let mut files: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_str().is_some_and(is_ours))
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect();
    files.sort_unstable();
    files.sort_by_key(|path| path.extension().is_some_and(|ending| ending == "age"));
    Ok(files)
}
