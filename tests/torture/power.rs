//! The power goes: the files are taken as they lie on the disk while everybody works, and what was not yet synced is torn.
//! Everything that was answered before is there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;

use crate::dice::Dice;
use crate::people::{Crowd, Files};
use crate::scene::{Scene, kill, signal};
use crate::told::Told;
use crate::truth;

/// What a disk writes whole or not at all.
const SECTOR: usize = 512;

/// The shop's files at one moment, and how much of each book was answered by then.
struct Cut {
    folder: PathBuf,
    books: Vec<usize>,
}

pub fn cut(scene: &mut Scene, told: &mut Told) {
    let shop = scene.shop("shop");
    let mut crowd = scene.crowd();
    let cuts = match take_cuts(scene, &shop, &mut crowd, told) {
        Ok(cuts) => cuts,
        Err(why) => return told.wrong.push(why),
    };
    let (mut last_torn, mut half_folded) = (0, 0);
    let mut shm = vec![0x5A; 32_768];
    for cut in &cuts {
        let wal = std::fs::read(cut.folder.join("luckygas.db-wal")).unwrap_or_default();
        for state in states(scene, &wal) {
            let folder = scene.folder.join("opened");
            told.try_once(|told| {
                copy(&cut.folder, &folder);
                match &state {
                    State::AsItLies => {}
                    State::StaleIndex => std::fs::write(folder.join("luckygas.db-shm"), &shm).unwrap(),
                    State::Torn { .. } | State::HalfFolded { .. } => {}
                }
                match &state {
                    State::Torn { seed } => {
                        let synced = synced(scene, cut, &crowd, &wal);
                        last_torn += usize::from(synced < wal.len());
                        std::fs::write(folder.join("luckygas.db-wal"), torn(&wal, synced, &mut Dice::new(*seed, "torn"))).unwrap();
                    }
                    State::HalfFolded { seed } => half_folded += usize::from(fold_half(&folder, scene, &mut Dice::new(*seed, "fold"))),
                    State::AsItLies | State::StaleIndex => {}
                }
                told.wrong.extend(truth::check(&folder).into_iter().map(|line| format!("{state:?}: {line}")));
                let before = told.lost.len();
                crowd.ask_first(&folder, &cut.books, told);
                for lost in &mut told.lost[before..] {
                    lost.push_str(&format!(" ({state:?})"));
                }
                let conn = Connection::open(folder.join("luckygas.db")).unwrap();
                told.wrong.extend(truth::disagreements(&conn).into_iter().map(|line| format!("{state:?}: {line}")));
            });
            if !told.is_good() {
                return;
            }
        }
        // The index beside the next cut is that of this one.
        shm = std::fs::read(cut.folder.join("luckygas.db-shm")).unwrap_or(shm);
    }
    told.acknowledged = crowd.acknowledged();
    told.note(format!("{} cuts, {last_torn} with an unsynced end torn, {half_folded} in the middle of a checkpoint", cuts.len()));
}

/// Everybody works; every so often the program is held still and its files are copied.
fn take_cuts(scene: &mut Scene, shop: &Path, crowd: &mut Crowd, told: &mut Told) -> Result<Vec<Cut>, String> {
    let mut cuts = Vec::new();
    let wanted = scene.times(3, 25);
    // A few shifts, so that the WAL of one is new, of another half full and of a third used again.
    while cuts.len() < wanted {
        let mut serving = scene.open(shop)?;
        let address = serving.address;
        let moments: Vec<u64> = (0..3).map(|_| scene.dice.between(30, 500)).collect();
        let counts = crowd.counts();
        crowd.work(address, told, || {
            for moment in moments {
                std::thread::sleep(Duration::from_millis(moment));
                signal(&serving.child, "STOP");
                // It is held still a moment after it was told; what it answered until then is read before the books are.
                std::thread::sleep(Duration::from_millis(60));
                let folder = scene.folder.join(format!("cut-{}", cuts.len()));
                copy(shop, &folder);
                cuts.push(Cut { folder, books: counts.now() });
                signal(&serving.child, "CONT");
            }
            kill(&mut serving.child);
        });
        let mut serving = scene.open(shop)?;
        crowd.send_again(serving.address, told);
        if scene.dice.once_in(2) {
            signal(&serving.child, "TERM");
            let _ = serving.child.wait();
        }
        kill(&mut serving.child);
    }
    Ok(cuts)
}

/// What the power may have left.
#[derive(Debug)]
enum State {
    /// Everything that was written, without the index, which no disk is asked to keep.
    AsItLies,
    /// With an index beside it that belongs to another moment.
    StaleIndex,
    /// What was written after the last sync is there in part.
    Torn { seed: u64 },
    /// The WAL was being folded into the file: some pages have come, some have not.
    HalfFolded { seed: u64 },
}

fn states(scene: &mut Scene, wal: &[u8]) -> Vec<State> {
    let mut states = vec![State::AsItLies, State::StaleIndex];
    if !wal.is_empty() {
        states.extend((0..scene.times(2, 6)).map(|_| State::Torn { seed: scene.dice.roll() }));
        states.extend((0..scene.times(1, 3)).map(|_| State::HalfFolded { seed: scene.dice.roll() }));
    }
    states
}

/// Up to where the WAL is on the disk whatever happens. Each commit waits for the disk before the next one begins, so all
/// but the last are; and the last is too when something in it was answered.
fn synced(scene: &Scene, cut: &Cut, crowd: &Crowd, wal: &[u8]) -> usize {
    let commits = commits(wal);
    let [.., before, last] = commits.as_slice() else { return wal.len() };
    let folder = scene.folder.join("without-the-last");
    copy(&cut.folder, &folder);
    std::fs::write(folder.join("luckygas.db-wal"), &wal[..*before]).unwrap();
    let mut missing = Told::default();
    let files = Files::open(&folder);
    for (person, count) in crowd.people.iter().zip(&cut.books) {
        person.ask(&files, 0..*count, &mut missing);
    }
    if missing.lost.is_empty() { *before } else { *last }
}

/// Where each commit of the WAL ends, as the salts and page counts of its frames say.
pub fn commits(wal: &[u8]) -> Vec<usize> {
    let number = |at: usize| wal.get(at..at + 4).map_or(0, |four| u32::from_be_bytes(four.try_into().unwrap()));
    let page = number(8) as usize;
    if page == 0 {
        return Vec::new();
    }
    let salts = [number(16), number(20)];
    let mut ends = Vec::new();
    let mut at = 32;
    while at + 24 + page <= wal.len() && [number(at + 8), number(at + 12)] == salts {
        let is_commit = number(at + 4) != 0;
        at += 24 + page;
        if is_commit {
            ends.push(at);
        }
    }
    ends
}

/// `wal` whose bytes from `synced` on have come to the disk in part: cut off, zeroed, or sector by sector.
fn torn(wal: &[u8], synced: usize, dice: &mut Dice) -> Vec<u8> {
    let mut torn = wal.to_vec();
    let rest = wal.len() - synced;
    match dice.below(3) {
        0 => torn.truncate(synced + dice.below(rest as u64 + 1) as usize),
        1 => torn[synced + dice.below(rest as u64 + 1) as usize..].fill(0),
        _ => {
            for sector in torn[synced..].chunks_mut(SECTOR) {
                match dice.below(3) {
                    0 => sector.fill(0),
                    1 => sector.fill(dice.roll() as u8),
                    _ => {}
                }
            }
        }
    }
    torn
}

/// Writes a part of the WAL's pages into the file, as a checkpoint does that comes to no end; false when there are none.
fn fold_half(folder: &Path, scene: &Scene, dice: &mut Dice) -> bool {
    let file = folder.join("luckygas.db");
    let before = std::fs::read(&file).unwrap();
    let whole = scene.folder.join("folded");
    copy(folder, &whole);
    let conn = Connection::open(whole.join("luckygas.db")).unwrap();
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    drop(conn);
    let after = std::fs::read(whole.join("luckygas.db")).unwrap();
    let mut half = after.clone();
    for (at, sector) in half.chunks_mut(SECTOR).enumerate() {
        let old = before.get(at * SECTOR..(at + 1) * SECTOR);
        match (dice.once_in(2), old) {
            (true, Some(old)) => sector.copy_from_slice(old),
            // The file had not grown so far yet.
            (true, None) => sector.fill(0),
            (false, _) => {}
        }
    }
    std::fs::write(&file, &half).unwrap();
    before != after
}

/// The shop's files in `from`, without the index beside the WAL unless a cut keeps it for another.
pub fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file()) {
        let name = entry.file_name();
        let is_index =
            name.to_string_lossy().ends_with("-shm") && to.file_name().is_none_or(|name| !name.to_string_lossy().starts_with("cut-"));
        let ours = name.to_string_lossy().starts_with("luckygas") && !name.to_string_lossy().ends_with(".lock");
        if ours && !is_index {
            std::fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}
