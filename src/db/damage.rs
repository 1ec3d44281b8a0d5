//! Damage met at work. One statement that fails may speak of another file, one that is brought in say; so the shop's own is
//! read from the first page to the last before anything is believed, and then nothing more is written into it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::{Db, sound};
use crate::error::{Error, Held};

/// A file that was found whole is not read again at once: somebody may try the same a hundred times.
const BELIEVED: Duration = Duration::from_secs(60);

/// What is known of the file's health.
#[derive(Debug, Default)]
pub(super) struct Damage(Mutex<Known>);

#[derive(Debug, Default)]
struct Known {
    read_at: Option<Instant>,
    fault: Option<String>,
}

impl Damage {
    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Db {
    /// What is wrong with the file, in SQLite's words; `None` while nothing is known to be.
    pub fn fault(&self) -> Option<String> {
        self.damage.known().fault.clone()
    }

    /// Reads the whole file when `error` says that a file is damaged. If it is this one, nothing is written any more, and the
    /// next start hears of it.
    pub(super) fn suspect(&self, error: Error) -> Error {
        if sound::is_damage(&error) {
            self.examine(&error);
        }
        error
    }

    /// The same where `why` is another reason to think so.
    pub fn examine(&self, why: &Error) {
        let mut known = self.damage.known();
        if known.fault.is_some() || known.read_at.is_some_and(|at| at.elapsed() < BELIEVED) {
            return;
        }
        log::error!("the file may be damaged: {why}");
        let found = super::open_beside(&self.path).and_then(|conn| sound::look_deeply(&conn));
        known.read_at = Some(Instant::now());
        let fault = match found {
            Ok(None) => {
                log::warn!("the file was read to its end and is whole");
                return;
            }
            Ok(Some(fault)) => fault,
            Err(error) => error.to_string(),
        };
        log::error!("the file is damaged fault=\"{fault}\"");
        note(&self.path, &fault);
        known.fault = Some(fault);
        drop(known);
        self.hold(Held::Damaged);
    }
}

/// Says on disk that the file `path` was found damaged.
fn note(path: &Path, fault: &str) {
    let say = format!("luckygas.db 有地方損壞，下次打開會先從頭檢查。\n{fault}\n");
    if let Err(error) = std::fs::write(note_of(path), say) {
        log::warn!("cannot note the damage: {error}");
    }
}

fn note_of(path: &Path) -> PathBuf {
    path.with_file_name("luckygas-damaged.txt")
}

/// Whether the file `path` was found damaged when it was last worked in.
pub fn is_noted(path: &Path) -> bool {
    note_of(path).exists()
}

/// The file `path` is whole after all, or another now.
pub fn forget(path: &Path) {
    let _ = std::fs::remove_file(note_of(path));
}
