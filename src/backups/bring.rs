//! A file from outside becomes a copy among ours: an upload, a locked one from a stick. It is read to its last page first.

use std::fs::{self, File};
use std::path::Path;

use super::list::Backup;
use super::lock_up::{self, Passphrase, Scratch};
use super::restore::look_as;
use super::{Kind, Name};
use crate::db::{disk, space};
use crate::error::{Doing, Error, Result};
use crate::values::Stamp;

/// Puts a copy of the file at `path`, which people know as `called`, among the copies of the shop in `folder`, unlocked.
/// `Invalid` in `passphrase` when it is locked with another one or none was given; `Refused` in one sentence when it cannot
/// be restored, or there is no room. `path` stays as it is.
pub fn bring(folder: &Path, path: &Path, called: &str, passphrase: Option<&Passphrase>, now: Stamp) -> Result<Backup> {
    let bytes = fs::metadata(path).doing("read how large a file is")?.len();
    if space::room(folder).is_some_and(|room| !room.takes(bytes)) {
        return Err(Error::refused("no room for a copy", "硬碟空間不夠，放不下這個檔案。請先清出空間。"));
    }
    let uploads = folder.join("uploads");
    let scratch = match (lock_up::is_locked(path), passphrase) {
        (true, Some(passphrase)) => lock_up::unlocked(path, &uploads, passphrase)?,
        (true, None) => return Err(Error::invalid("passphrase", "這個檔案上了鎖，請輸入密語。")),
        (false, _) => {
            let (scratch, mut to) = Scratch::new(&uploads)?;
            File::open(path).and_then(|mut from| std::io::copy(&mut from, &mut to)).doing("take a file in")?;
            scratch
        }
    };
    let found = look_as(scratch.path(), called)?;
    let at = Name::parse(called).map(|name| name.at()).or(found.at());
    let backups = super::folder(folder);
    fs::create_dir_all(&backups).doing("make the folder of copies")?;
    let name = super::free_name(folder, at.unwrap_or(now), Kind::Uploaded);
    let to = backups.join(name.to_string());
    disk::sync(scratch.path()).doing("put a copy on disk")?;
    scratch.keep(&to)?;
    disk::sync_folder(&backups).doing("put a copy on disk")?;
    Backup::at(name, to).ok_or_else(|| Error::impossible("find the copy just brought in"))
}
