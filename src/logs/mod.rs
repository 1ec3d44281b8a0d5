//! One line an event, in English and without personal data, on standard error and, while a shop is open, in its folder:
//! `2025-05-28T10:22:00.123+08:00 INFO request method=GET path=/customers/17 status=200 user=3 ms=1.2`

mod files;

use std::collections::VecDeque;
use std::io::Write;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use log::{Level, LevelFilter, Log, Metadata, Record};

use crate::values::Stamp;
use files::Files;

const TAIWAN: chrono::TimeDelta = chrono::TimeDelta::hours(8);

/// How many warnings and errors are kept in memory.
const KEPT: usize = 100;

/// A warning or an error, as it stands in the log.
#[derive(Clone, Debug)]
pub struct Trouble {
    pub at: Stamp,
    pub level: Level,
    pub text: String,
}

// A logger is the whole process's, and so is what it keeps.
static TROUBLES: Mutex<VecDeque<Trouble>> = Mutex::new(VecDeque::new());
static FILES: Mutex<Option<Files>> = Mutex::new(None);

struct Lines;

impl Log for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        // Other crates speak of sockets and parsers; only what goes wrong there concerns the shop.
        let is_ours = record.target().starts_with("luckygas");
        if !is_ours && Level::Warn < record.level() {
            return;
        }
        let now = chrono::Utc::now() + TAIWAN;
        let line = format!("{} {} {}\n", now.format("%Y-%m-%dT%H:%M:%S%.3f+08:00"), record.level(), record.args());
        // With standard error gone there is nobody to tell.
        let _ = std::io::stderr().write_all(line.as_bytes());
        if let Some(files) = FILES.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            files.write(&line);
        }
        if record.level() <= Level::Warn {
            keep(Trouble { at: Stamp::now(), level: record.level(), text: record.args().to_string() });
        }
    }

    fn flush(&self) {}
}

fn keep(trouble: Trouble) {
    let mut troubles = TROUBLES.lock().unwrap_or_else(PoisonError::into_inner);
    if troubles.len() == KEPT {
        troubles.pop_front();
    }
    troubles.push_back(trouble);
}

/// Says lines of `level` and graver. The first call decides.
pub fn start(level: LevelFilter) {
    if log::set_logger(&Lines).is_ok() {
        log::set_max_level(level);
    }
}

/// From now on every line also goes into `folder/logs`, and a panic is a line too. Whatever goes wrong with the files, the
/// program goes on. The first folder stays.
pub fn write_into(folder: &Path) {
    {
        let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
        if files.is_some() {
            return;
        }
        *files = Some(Files::new(self::folder(folder)));
    }
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        // What it says may quote anything; where it was is enough to find it.
        let place = info.location().map(|at| format!("{}:{}", at.file(), at.line())).unwrap_or_default();
        log::error!("panic at={place} thread=\"{}\"", std::thread::current().name().unwrap_or("-"));
        before(info);
    }));
}

/// Where the files of the shop in `folder` are.
pub fn folder(folder: &Path) -> PathBuf {
    folder.join("logs")
}

/// The latest warnings and errors since the program began, the latest first.
pub fn troubles() -> Vec<Trouble> {
    TROUBLES.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
}

/// The last whole lines of the shop in `folder`, at most `bytes`; nothing where there is no file.
pub fn tail(folder: &Path, bytes: u64) -> String {
    files::tail(&self::folder(folder), bytes)
}
