//! One line an event on standard error, in English and without personal data:
//! `2025-05-28T10:22:00.123+08:00 INFO request method=GET path=/customers/17 status=200 user=3 ms=1.2`

use std::io::Write;

use log::{LevelFilter, Log, Metadata, Record};

const TAIWAN: chrono::TimeDelta = chrono::TimeDelta::hours(8);

struct Lines;

impl Log for Lines {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &Record<'_>) {
        // Other crates speak of sockets and parsers; only what goes wrong there concerns the shop.
        let is_ours = record.target().starts_with("luckygas");
        if !is_ours && log::Level::Warn < record.level() {
            return;
        }
        let now = chrono::Utc::now() + TAIWAN;
        // With standard error gone there is nobody to tell.
        let _ = writeln!(std::io::stderr(), "{} {} {}", now.format("%Y-%m-%dT%H:%M:%S%.3f+08:00"), record.level(), record.args());
    }

    fn flush(&self) {}
}

/// Says lines of `level` and graver. The first call decides.
pub fn start(level: LevelFilter) {
    if log::set_logger(&Lines).is_ok() {
        log::set_max_level(level);
    }
}
