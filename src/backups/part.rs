//! A file on its way to its name.

use std::io;
use std::path::{Path, PathBuf};

use crate::db::disk;

/// A file that is not whole yet; gone again unless it is kept.
pub(super) struct Part {
    path: PathBuf,
}

impl Part {
    pub fn new(path: PathBuf) -> Part {
        Part { path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Under its name, now that it is on disk: whoever sees the name sees all of it.
    pub fn keep(self, path: &Path) -> io::Result<()> {
        disk::rename_anywhere(&self.path, path)
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // Once it has its name nothing is left here.
        let _ = std::fs::remove_file(&self.path);
    }
}
