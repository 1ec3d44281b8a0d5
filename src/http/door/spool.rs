//! What is too large for memory waits on disk, in a file that goes away with its request.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The beginning of the names, by which leftovers are known at the next start.
pub const FILE_PREFIX: &str = "body-";

pub struct Spool {
    pub file: File,
    path: PathBuf,
}

impl Spool {
    /// An empty file in `folder`, which is made when it is missing.
    pub fn new(folder: &Path) -> io::Result<Spool> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        std::fs::create_dir_all(folder)?;
        let path = folder.join(format!("{FILE_PREFIX}{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
        let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&path)?;
        Ok(Spool { file, path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}
