//! One process has the data folder at a time. The operating system holds the lock, so a crash frees it.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::error::{Doing, Error, Result};

/// The data folder, ours until dropped.
pub struct Lock {
    _file: File,
    note: PathBuf,
}

impl Lock {
    /// `Refused` with a sentence that says which process has the folder.
    pub fn take(folder: &Path) -> Result<Lock> {
        super::usable_folder(folder)?;
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("luckygas.lock")).doing("open the lock file")?;
        // The note is a file of its own because Windows lets nobody read a locked one.
        let note = folder.join("luckygas.pid");
        if !is_ours_soon(&file) {
            let who = std::fs::read_to_string(&note).unwrap_or_default();
            let say = format!("幸福氣已經在這個資料夾執行中（{}），不能再開一次。資料夾：{}", who.trim(), folder.display());
            return Err(Error::refused("data folder is in use", say));
        }
        let lock = Lock { _file: file, note };
        lock.say("準備中");
        Ok(lock)
    }

    /// Whether a program works in `folder` now.
    pub fn is_taken(folder: &Path) -> bool {
        File::open(folder.join("luckygas.lock")).is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Tells a second start what this one is doing.
    pub fn say(&self, doing: &str) {
        // Only for that sentence: a start does not fail because the note could not be written.
        let _ = std::fs::write(&self.note, format!("程序 {}，{doing}", std::process::id()));
    }
}

/// Whoever is just closing, or has just begun another program that inherited the handle, lets go in a moment.
fn is_ours_soon(file: &File) -> bool {
    const PATIENCE: Duration = Duration::from_millis(500);
    let until = Instant::now() + PATIENCE;
    loop {
        if file.try_lock().is_ok() {
            return true;
        }
        if until <= Instant::now() {
            return false;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.note);
    }
}
