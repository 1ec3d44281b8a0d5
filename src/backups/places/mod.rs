//! Second places: a stick, a share of the network, a folder that is synced somewhere else. Each gets the newest good copy as
//! soon as it is there, and what pictures it has not yet.
//!
//! Invariants
//! - A place is known by a mark that lies in it, so that the empty folder a stick is plugged in under is not taken for the
//!   stick; one marked by another shop is left alone.
//! - A place that is absent, full or dead is a sentence on a page, never a stop: whoever waits for it is a thread of its own,
//!   one a place, which holds nothing of the shop's file.
//! - A copy has its name there only once it was read back and found to be the same.
//! - A practice shop brings nothing anywhere.

pub mod pages;
mod pictures;
pub mod store;
mod trip;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::app::App;
use crate::backups::keep::Keep;
use crate::backups::list::Backup;
use crate::backups::{Name, lock_up};
use crate::error::{Doing, Error, Noun, Result};
use crate::values::Stamp;
use trip::{Locking, Report, Trip};

pub const NOUN: Noun = Noun { word: "backup_place", label: "放第二份的地方" };

/// More than a shop has sticks and shares.
pub const MOST: usize = 4;

/// Lies in a place and says whose it is.
pub const MARK: &str = "luckygas-place.txt";

/// How often it is looked whether a place is there.
const EVERY: Duration = Duration::from_secs(5 * 60);
/// After it, a place that does not answer is said to be so.
const PATIENCE: Duration = Duration::from_secs(2 * 60);
/// How long the closing shop waits for those who are at a place.
const LEAVE: Duration = Duration::from_secs(5);

/// One second place, as it was when it was last looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub id: i64,
    pub label: String,
    pub folder: PathBuf,
    pub is_present: bool,
    /// Since when it is there, or away.
    pub since: Stamp,
    /// The newest copy there.
    pub copy: Option<Name>,
    /// When that was seen to be there.
    pub brought_at: Option<Stamp>,
    /// What was wrong the last time, in a sentence.
    pub problem: Option<String>,
    /// Somebody is there just now.
    pub is_busy: bool,
    /// The room there, if it was looked at since the start.
    pub free_bytes: Option<u64>,
}

impl Place {
    /// Whether somebody should do something about it.
    pub fn is_good(&self) -> bool {
        self.is_present && self.problem.is_none() && self.copy.is_some()
    }

    /// How it fares, in one sentence.
    pub fn sentence(&self, now: Stamp) -> String {
        match (&self.problem, &self.copy) {
            (Some(problem), _) => problem.clone(),
            (None, _) if !self.is_present => format!("「{}」從 {} 起不在，插上就會自己放一份。", self.label, self.since.beside(now)),
            (None, Some(copy)) => format!("「{}」有 {} 的備份。", self.label, copy.at().beside(now)),
            (None, None) => format!("「{}」在，還沒有備份可以放。", self.label),
        }
    }
}

/// Those who are on their way to a place, and what those who came back have seen.
#[derive(Debug, Default)]
pub struct Carriers {
    state: Mutex<State>,
    /// Rung when one has come back.
    back: Condvar,
    is_stopping: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct State {
    away: HashMap<i64, Instant>,
    reports: Vec<Report>,
    free_bytes: HashMap<i64, u64>,
    sent_at: Option<Instant>,
}

impl Carriers {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets one go, unless one is at that place already.
    fn send(self: &Arc<Carriers>, trip: Trip) -> Result<()> {
        if self.state().away.insert(trip.id, Instant::now()).is_some() {
            return Ok(());
        }
        let (carriers, id) = (self.clone(), trip.id);
        let started = std::thread::Builder::new().name("place".to_owned()).spawn(move || {
            // However it ends, the place is free again.
            let back = Back { carriers: &carriers, id };
            let report = trip.run();
            let mut state = carriers.state();
            match report.free_bytes {
                Some(free) => state.free_bytes.insert(id, free),
                None => state.free_bytes.remove(&id),
            };
            state.reports.push(report);
            std::mem::drop(state);
            drop(back);
        });
        if started.is_err() {
            self.state().away.remove(&id);
        }
        started.map(|_| ()).doing("send a copy to a second place")
    }

    /// Waits until nobody is away, at most `patience`; whether that is so.
    pub fn wait(&self, patience: Duration) -> bool {
        let state = self.state();
        let (state, _) =
            self.back.wait_timeout_while(state, patience, |state| !state.away.is_empty()).unwrap_or_else(PoisonError::into_inner);
        state.away.is_empty()
    }

    /// The shop closes: whoever is away comes back after the piece in hand. One who hangs at a dead share is left there; he
    /// holds nothing of the shop.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::SeqCst);
        if !self.wait(LEAVE) {
            log::warn!("closing while somebody is still at a second place");
        }
    }
}

struct Back<'a> {
    carriers: &'a Carriers,
    id: i64,
}

impl Drop for Back<'_> {
    fn drop(&mut self) {
        self.carriers.state().away.remove(&self.id);
        self.carriers.back.notify_all();
    }
}

/// Sends `backup`, just made, to each place. Nobody waits for it.
pub fn bring(app: &App, backup: &Backup) -> Result<()> {
    send(app, Some(backup.clone()))
}

/// Writes down what was seen, and every few minutes looks who is there.
pub fn look(app: &App) -> Result<()> {
    collect(app)?;
    let is_due = app.carriers.state().sent_at.is_none_or(|at| EVERY <= at.elapsed());
    if is_due { send(app, None) } else { Ok(()) }
}

/// Looks at each place now, and brings what it has not.
pub fn send_now(app: &App) -> Result<()> {
    send(app, None)
}

fn send(app: &App, backup: Option<Backup>) -> Result<()> {
    app.carriers.state().sent_at = Some(Instant::now());
    let settings = app.settings();
    let places = app.db.read(store::list)?;
    if settings.is_practice || places.is_empty() || app.is_stopping() {
        return Ok(());
    }
    let backup = backup.filter(Backup::is_good).or_else(|| app.backups.newest_good(&app.folder));
    let copy = backup.map(|backup| (backup.name, backup.path, backup.bytes));
    let locking = match (settings.copies_locked, lock_up::load(&app.folder)) {
        (false, _) => Locking::Open,
        (true, Some(passphrase)) => Locking::With(passphrase),
        (true, None) => Locking::Lost,
    };
    places.into_iter().try_for_each(|place| {
        app.carriers.send(Trip {
            id: place.id,
            label: place.label,
            folder: place.folder,
            shop_id: settings.shop_id.clone(),
            copy: copy.clone(),
            locking: locking.clone(),
            photos: crate::stops::photos::path(&app.folder),
            scratch: app.folder.join("uploads"),
            keep: Keep::from(&*settings),
            now: app.now(),
            is_stopping: app.carriers.is_stopping.clone(),
        })
    })
}

/// Writes down what those who came back have seen. While nothing can be stored it waits.
pub fn collect(app: &App) -> Result<()> {
    if app.db.is_held() {
        return Ok(());
    }
    let reports = std::mem::take(&mut app.carriers.state().reports);
    let now = app.now();
    for report in reports {
        let Some(before) = app.db.read(|conn| store::find(conn, report.id))? else { continue };
        let since = if before.is_present == report.is_present { before.since } else { now };
        // Who is away tells nothing of what lies there.
        let copy = if report.is_present { report.copy } else { before.copy.clone() };
        let brought_at = if copy == before.copy { before.brought_at } else { Some(now) };
        let after = Place { is_present: report.is_present, since, copy, brought_at, problem: report.problem, ..before.clone() };
        if after != before {
            app.db.write(|tx| store::set_seen(tx, &after))?;
        }
    }
    Ok(())
}

/// The second places, as they were when they were last looked at.
pub fn state(app: &App) -> Result<Vec<Place>> {
    collect(app)?;
    let mut places = app.db.read(store::list)?;
    let state = app.carriers.state();
    for place in &mut places {
        place.free_bytes = state.free_bytes.get(&place.id).copied();
        let Some(since) = state.away.get(&place.id) else { continue };
        place.is_busy = true;
        if PATIENCE <= since.elapsed() && place.copy.is_none() {
            place.problem = Some(format!("「{}」很久沒有回應，請看線路或換一個資料夾。", place.label));
        }
    }
    Ok(places)
}

/// What lies in a place to say whose it is.
fn mark_of(shop_id: &str, shop_name: &str) -> String {
    format!("這裡放幸福氣的備份，請不要改名，也不要刪掉這個檔案。\r\n店：{shop_name}\r\n標記：{shop_id}\r\n")
}

/// Whose place `folder` is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Marked {
    Ours,
    Others,
    Not,
}

fn marked(folder: &Path, shop_id: &str) -> Marked {
    match std::fs::read_to_string(folder.join(MARK)) {
        Ok(text) => match text.lines().find_map(|line| line.trim().strip_prefix("標記：")) {
            Some(id) if id == shop_id => Marked::Ours,
            _ => Marked::Others,
        },
        Err(error) if error.kind() == std::io::ErrorKind::InvalidData => Marked::Others,
        Err(_) => Marked::Not,
    }
}

/// What `work` answers, from a thread of its own; `None` when it takes longer than anybody waits: a folder of the network
/// may hang.
fn in_time<T: Send + 'static>(patience: Duration, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::Builder::new()
        .name("place".to_owned())
        .spawn(move || {
            let _ = tell.send(work());
        })
        .ok()?;
    told.recv_timeout(patience).ok()
}

/// Marks `folder` as a place of the shop. `Invalid` in `folder` with what is wrong with it.
fn mark(folder: &Path, data: &Path, shop_id: &str, shop_name: &str) -> Result<()> {
    const WAIT: Duration = Duration::from_secs(10);
    let refused = |say: &'static str| Err(Error::invalid("folder", say));
    if !folder.is_absolute() {
        return refused("請填完整的路徑，例如 E:\\備份 或 /media/usb。");
    }
    let (folder, data, id, name) = (folder.to_owned(), data.to_owned(), shop_id.to_owned(), shop_name.to_owned());
    let marked = in_time(WAIT, move || -> Result<()> {
        if !folder.is_dir() {
            return Err(Error::invalid("folder", "沒有這個資料夾，請先插上或建好它。"));
        }
        let (real, data) = (std::fs::canonicalize(&folder).unwrap_or(folder.clone()), std::fs::canonicalize(&data).unwrap_or(data));
        if real.starts_with(&data) {
            return Err(Error::invalid("folder", "這是店的資料夾。第二份要放在別的地方才有用。"));
        }
        match marked(&folder, &id) {
            Marked::Ours => return Ok(()),
            Marked::Others => {
                return Err(Error::invalid("folder", "這裡放的是另一家店的備份，請換一個資料夾。"));
            }
            Marked::Not => {}
        }
        let part = folder.join(format!("{MARK}.part"));
        let written = std::fs::write(&part, mark_of(&id, &name))
            .and_then(|()| std::fs::File::open(&part)?.sync_all())
            .and_then(|()| std::fs::rename(&part, folder.join(MARK)));
        written.map_err(|error| {
            log::warn!("a place cannot be marked: {error}");
            let _ = std::fs::remove_file(&part);
            Error::invalid("folder", "這個資料夾不能寫，請看是不是唯讀或已經滿了。")
        })
    });
    marked.unwrap_or_else(|| refused("這個資料夾沒有回應，請看線路。"))
}

/// Folders that look like something plugged in, to be offered.
fn candidates() -> Vec<PathBuf> {
    const WAIT: Duration = Duration::from_millis(500);
    let look = || -> Vec<PathBuf> {
        if cfg!(windows) {
            return ('D'..='Z').map(|letter| PathBuf::from(format!("{letter}:\\"))).filter(|drive| drive.is_dir()).collect();
        }
        let inside = |folder: PathBuf| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
        let users = ["/media", "/run/media"].into_iter().flat_map(|folder| inside(PathBuf::from(folder)));
        let mut found: Vec<PathBuf> = users.flat_map(inside).collect();
        found.extend(inside(PathBuf::from("/Volumes")));
        found.retain(|folder| folder.is_dir());
        found.sort_unstable();
        found.truncate(8);
        found
    };
    in_time(WAIT, look).unwrap_or_default()
}
