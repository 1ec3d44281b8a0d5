//! Files as a whole: on disk before they are relied upon, renamed for good.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a file may be in somebody else's hands: on Windows a virus scanner opens what was just written.
const PATIENCE: Duration = Duration::from_secs(10);

/// What belongs to a database file beside it, behind its name.
pub const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// `luckygas.db-wal` of `luckygas.db`.
pub fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// What stands in `path` is on disk when this is over.
pub fn sync(path: &Path) -> io::Result<()> {
    File::options().read(true).write(true).open(path)?.sync_all()
}

/// The names in `folder` are on disk when this is over. Windows keeps them by itself, and opens no folder.
pub fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Whether a file lies at `path` with something in it.
pub fn has_content(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| 0 < meta.len())
}

/// Renames `from` to `to`, in one step and for good. What stood at `to` is gone.
pub fn rename(from: &Path, to: &Path) -> io::Result<()> {
    rename_patiently(from, to)?;
    for path in [to, from] {
        if let Some(folder) = path.parent() {
            sync_folder(folder)?;
        }
    }
    Ok(())
}

/// The same where the folder may be a stick or a share: the system there may not know how to bring a folder to the disk, and
/// the name is given all the same.
pub fn rename_anywhere(from: &Path, to: &Path) -> io::Result<()> {
    rename_patiently(from, to)?;
    let _ = to.parent().map(sync_folder);
    Ok(())
}

fn rename_patiently(from: &Path, to: &Path) -> io::Result<()> {
    let until = Instant::now() + PATIENCE;
    loop {
        match std::fs::rename(from, to) {
            Err(error) if cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied && Instant::now() < until => {
                std::thread::sleep(Duration::from_millis(100));
            }
            renamed => return renamed,
        }
    }
}

/// Puts `bytes` into a file called `path`, whole or not at all, and for good.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = beside(path, ".part");
    std::fs::write(&part, bytes)?;
    sync(&part)?;
    rename(&part, path)
}

/// Removes `path` for good; what is not there needs no removing.
pub fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        removed => removed?,
    }
    path.parent().map_or(Ok(()), sync_folder)
}
