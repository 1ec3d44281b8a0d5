//! A disk small enough to be filled: a tmpfs of its own, where the test may mount one.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use super::Folder;

/// Mounted until it is dropped.
pub struct SmallDisk {
    pub folder: Folder,
}

impl SmallDisk {
    /// `None`, with the reason on the console, where nothing may be mounted.
    pub fn mount(megabytes: u32) -> Option<SmallDisk> {
        let folder = Folder::new();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &format!("size={megabytes}m"), "tmpfs"]).arg(&folder.0).stderr(Stdio::null());
        if mount.status().is_ok_and(|status| status.success()) {
            return Some(SmallDisk { folder });
        }
        eprintln!("skipped: only root on Linux may mount a small disk");
        None
    }

    fn ballast(&self) -> PathBuf {
        self.folder.0.join("ballast")
    }

    /// Writes until nothing more goes, but for `left` bytes.
    pub fn fill(&self, left: u64) {
        let mut ballast = File::options().create(true).append(true).open(self.ballast()).unwrap();
        let chunk = vec![7_u8; 4096];
        while ballast.write_all(&chunk).is_ok() {}
        let length = ballast.metadata().unwrap().len();
        ballast.set_len(length.saturating_sub(left)).unwrap();
    }

    /// Somebody clears up.
    pub fn clear(&self) {
        let _ = std::fs::remove_file(self.ballast());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a program under test may be just ending.
        let _ = Command::new("umount").arg("-l").arg(&self.folder.0).status();
    }
}
