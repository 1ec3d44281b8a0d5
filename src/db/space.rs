//! How much room the disk has left, and what that means for the shop: under 2 GB people are warned, under 500 MB no more
//! photos are taken, and when next to nothing is left the shop can only be looked at, until somebody has made room.
//!
//! Invariants
//! - What was answered as stored is stored: writing stops before the disk is so full that SQLite fails in the middle.
//! - Nobody has to do anything here for it to come back: the program looks every quarter of a minute, and believes a real
//!   write and not a figure.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::app::App;
use crate::error::Held;

const MB: u64 = 1 << 20;

/// Under it, people are warned.
const LOW: u64 = 2048 * MB;
/// Under it, no more photos are taken: a hundred a day are 5 MB, the records of a day less than one.
const NO_PHOTOS: u64 = 500 * MB;
/// Under it, nothing is written. A WAL grows to some 4 MB before it is folded into the file, which then grows by as much;
/// an answer of a few MB waits on the disk for its reader; and a system without any room at all behaves worse than we do.
const FLOOR: u64 = 20 * MB;
/// From here on it is written again. Far less than the 2 GB people are asked for, for an hour of work is better than none;
/// five times the floor, so that it does not come and go.
const BACK: u64 = 100 * MB;

/// A file that is written and removed to see whether the disk takes it.
const TRIAL: &str = ".luckygas-space-test";
const TRIAL_BYTES: usize = 1 << 20;

/// What a disk has, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// For this program; a reserve of the system is not in it.
    pub free: u64,
    pub total: u64,
}

/// What the room left means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Full,
    NoPhotos,
    Low,
    Plenty,
}

impl Room {
    pub fn level(self) -> Level {
        match self.free {
            _ if self.is_full() => Level::Full,
            free if free < NO_PHOTOS => Level::NoPhotos,
            free if free < LOW => Level::Low,
            _ => Level::Plenty,
        }
    }

    /// Of a small disk, a fiftieth is the floor and a tenth enough to go on.
    pub fn is_full(self) -> bool {
        self.free < FLOOR.min(self.total / 50)
    }

    fn is_enough_again(self) -> bool {
        BACK.min(self.total / 10) <= self.free
    }

    /// Whether `bytes` more may be written without coming near the floor.
    pub fn takes(self, bytes: u64) -> bool {
        FLOOR.min(self.total / 50).saturating_add(bytes) <= self.free
    }
}

/// The room of the disk `path` lies on; `None` when the system does not say.
pub fn room(path: &Path) -> Option<Room> {
    let stats = fs4::statvfs(path).ok()?;
    Some(Room { free: stats.available_space(), total: stats.total_space() })
}

/// The bytes free for this program on the disk `path` lies on; `None` when the system does not say.
pub fn free_bytes(path: &Path) -> Option<u64> {
    room(path).map(|room| room.free)
}

/// `182 GB`, `512 MB`: so much as people say it.
pub fn said(bytes: u64) -> String {
    if bytes < 1024 * MB { format!("{} MB", bytes / MB) } else { format!("{} GB", bytes / (1024 * MB)) }
}

/// What was seen when it was last looked.
#[derive(Debug, Default)]
pub struct Space(Mutex<Option<Room>>);

impl Space {
    pub fn note(&self, room: Room) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(room);
    }

    /// `None` before the first look, and where the system does not say.
    pub fn last(&self) -> Option<Room> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A disk nobody knows anything of is taken for a large one.
    pub fn level(&self) -> Level {
        self.last().map_or(Level::Plenty, Room::level)
    }
}

/// Looks at the disk of the data folder: stops the writing when it is full, lets it go on when a write succeeds again.
pub fn look(app: &App) {
    look_at(app, room(&app.folder));
}

/// The same with `seen` for what the disk has.
pub fn look_at(app: &App, seen: Option<Room>) {
    if let Some(room) = seen {
        let before = app.space.level();
        app.space.note(room);
        if room.level() < before {
            log::warn!("the disk fills up free_mb={} level={:?}", room.free / MB, room.level());
        }
    }
    match app.db.held() {
        None if seen.is_some_and(Room::is_full) => app.db.hold(Held::Full),
        None => {}
        Some(why) => {
            let is_roomy = why != Held::Full || seen.is_none_or(Room::is_enough_again);
            if is_roomy && takes_a_file(&app.folder) && app.db.try_again() {
                log::info!("writing again");
            }
        }
    }
}

/// Whether a file of a megabyte can be written and is on the disk.
fn takes_a_file(folder: &Path) -> bool {
    let path = folder.join(TRIAL);
    let written = File::create(&path).and_then(|mut file| {
        file.write_all(&vec![b'x'; TRIAL_BYTES])?;
        file.sync_all()
    });
    let _ = std::fs::remove_file(&path);
    written.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_left_says_what_may_be_done() {
        let big = 500 * 1024 * MB;
        let small = 64 * MB;
        let cases = [
            (3000 * MB, big, Level::Plenty),
            (2047 * MB, big, Level::Low),
            (499 * MB, big, Level::NoPhotos),
            (20 * MB, big, Level::NoPhotos),
            (20 * MB - 1, big, Level::Full),
            (0, big, Level::Full),
            // Of a small disk a fiftieth.
            (2 * MB, small, Level::NoPhotos),
            (MB, small, Level::Full),
        ];
        for (free, total, level) in cases {
            assert_eq!(Room { free, total }.level(), level, "{free} of {total}");
        }
        for (free, total, is_enough) in
            [(99 * MB, big, false), (100 * MB, big, true), (2048 * MB, big, true), (7 * MB, small, true), (6 * MB, small, false)]
        {
            assert_eq!(Room { free, total }.is_enough_again(), is_enough, "{free} of {total}");
        }
    }

    #[test]
    fn the_disk_of_a_folder_has_room() {
        let room = room(&std::env::temp_dir()).unwrap();
        assert!(room.free <= room.total && 0 < room.total);
        assert_eq!(room_of_nothing(), None);
    }

    fn room_of_nothing() -> Option<Room> {
        room(Path::new("/no/such/folder/anywhere"))
    }
}
