//! The pictures' way to a second place: never changed once they are there, so only what is new is brought. Open they stand in
//! one file as at home; locked they come in packs, each a file of pictures locked as a copy is.

use std::fs::{self, File};
use std::path::Path;

use crate::backups::lock_up::{self, Passphrase, Scratch};
use crate::backups::part::Part;
use crate::error::{Doing, Error, Result};
use crate::stops::photos;

/// The name of the one file, there as at home.
const FILE: &str = "luckygas-photos.db";
/// A pack is sent once so many wait, or those of a day do.
const PACK: usize = 200;
const PACK_AFTER: std::time::Duration = std::time::Duration::from_secs(20 * 60 * 60);
const PREFIX: &str = "luckygas-photos-";
const SUFFIX: &str = ".db.age";

/// Adds to the file in `folder` what `home` has and it has not.
pub(super) fn bring(home: &Path, folder: &Path, go_on: &dyn Fn() -> bool) -> Result<()> {
    if !home.exists() {
        return Ok(());
    }
    let added = photos::copy_new(home, &folder.join(FILE), go_on)?;
    if 0 < added {
        log::info!("pictures were brought to a second place count={added}");
    }
    Ok(())
}

/// A pack that stands in a place: the pictures of these numbers at home, and how the last one is known.
struct Pack {
    last: i64,
    sha: String,
    made: Option<std::time::SystemTime>,
}

/// `luckygas-photos-00000001-00000200-3fa9c1d2.db.age`.
fn name(first: i64, last: i64, sha: &str) -> String {
    format!("{PREFIX}{first:08}-{last:08}-{}{SUFFIX}", &sha[..sha.len().min(8)])
}

fn pack(entry: &fs::DirEntry) -> Option<Pack> {
    let name = entry.file_name();
    let mut parts = name.to_str()?.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.splitn(3, '-');
    let (_, last, sha) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Pack { last: last.parse().ok()?, sha: sha.to_owned(), made: entry.metadata().ok().and_then(|meta| meta.modified().ok()) })
}

/// Brings packs of what `home` has and no pack in `folder` holds. An open file of pictures there goes, once its pictures
/// stand there locked.
pub(super) fn bring_locked(home: &Path, folder: &Path, scratch: &Path, passphrase: &Passphrase, go_on: &dyn Fn() -> bool) -> Result<()> {
    if !home.exists() {
        return Ok(());
    }
    let open = folder.join(FILE);
    loop {
        let packs: Vec<Pack> = fs::read_dir(folder).doing("look into a second place")?.flatten().filter_map(|entry| pack(&entry)).collect();
        // Another file of pictures than the packs were made of begins anew.
        let last =
            packs.iter().filter(|pack| photos::is_numbered(home, pack.last, &pack.sha).unwrap_or(false)).max_by_key(|pack| pack.last);
        let after = last.map_or(0, |pack| pack.last);
        let waits = photos::count_after(home, after)?;
        let is_fresh = last.and_then(|pack| pack.made?.elapsed().ok()).is_some_and(|age| age < PACK_AFTER);
        if waits == 0 || (waits < PACK as i64 && is_fresh && !open.exists()) || !go_on() {
            if waits == 0 && open.exists() {
                fs::remove_file(&open).doing("remove open pictures from a second place")?;
            }
            return Ok(());
        }
        bring_pack(home, after, folder, scratch, passphrase)?;
    }
}

fn bring_pack(home: &Path, after: i64, folder: &Path, scratch: &Path, passphrase: &Passphrase) -> Result<()> {
    let (plain, file) = Scratch::new(scratch)?;
    // SQLite makes its own.
    drop(file);
    fs::remove_file(plain.path()).doing("make room for a pack of pictures")?;
    let Some((first, last, sha)) = photos::copy_some(home, plain.path(), after, PACK)? else { return Ok(()) };
    let path = folder.join(name(first, last, &sha));
    let part = Part::new(path.with_extension("part"));
    let carried = File::open(plain.path()).and_then(|from| {
        let target = File::create(part.path())?;
        let written = lock_up::lock(from, &target, passphrase)?;
        target.sync_all()?;
        Ok(written)
    });
    let written = carried.doing("bring a pack of pictures")?;
    let read = lock_up::unlock(File::open(part.path()).doing("read a pack back")?, std::io::sink(), passphrase)?;
    if read != written {
        return Err(Error::internal("bring a pack of pictures", "it was read back otherwise"));
    }
    part.keep(&path).doing("give a pack its name")
}
