//! The pictures that lie beside a copy, open in one file or locked in packs: what the shop does not have yet comes along. A
//! picture never changes, so they are only ever added, before or after the records that name them.

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
        let home = photos::path(folder);
        let mut count = 0;
        let open = photos::path(&self.folder);
        if open.is_file() && open != home {
            count += photos::copy_new(&open, &home, &|| true)?;
        }
        for pack in self.passphrase.iter().flat_map(|_| packs(&self.folder)) {
            match self.open_pack(&pack, folder, &home) {
                Ok(added) => count += added,
                Err(error) => log::error!("{error}"),
            }
        }
        if 0 < count {
            log::info!("pictures came with a copy count={count}");
        }
        Ok(count)
    }

    fn open_pack(&self, pack: &Path, folder: &Path, home: &Path) -> Result<usize> {
        let Some(passphrase) = &self.passphrase else { return Ok(0) };
        let plain = lock_up::unlocked(pack, &folder.join("uploads"), passphrase)?;
        photos::copy_new(plain.path(), home, &|| true)
    }
}

/// The locked packs of `folder`, in their order.
fn packs(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_pack = |name: &str| name.starts_with("luckygas-photos-") && name.ends_with(".db.age");
    let mut packs: Vec<PathBuf> =
        entries.filter(|entry| entry.file_name().to_str().is_some_and(is_pack)).map(|entry| entry.path()).collect();
    packs.sort();
    packs
}
