//! Where the copies stand, as the open shop knows them without looking at the disk each time; and where somebody asks for one
//! more. It is made in a thread of its own, so that neither whoever asks nor a long job is in its way.

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::SystemTime;

use crate::app::App;
use crate::backups::list::{self, Backup};
use crate::backups::make::{self, Progress};
use crate::backups::{self, Kind, Name};
use crate::error::{Doing, Error, Result};
use crate::journal::By;
use crate::values::Stamp;

/// What the open shop knows of its copies.
#[derive(Default)]
pub struct Shelf {
    /// How far the copy has come that is being made.
    pub progress: Progress,
    /// One copy at a time.
    one: Mutex<()>,
    state: Mutex<State>,
    rung: Condvar,
    known: Mutex<Option<Arc<Vec<Known>>>>,
}

#[derive(Default)]
struct State {
    wish: Option<By>,
    is_making: bool,
    is_closed: bool,
    last: Option<Ended>,
}

/// What came of the copy somebody asked for.
#[derive(Clone, Debug)]
pub struct Ended {
    pub at: Stamp,
    /// The copy, or why there is none, in a sentence.
    pub result: Result<Name, String>,
}

/// A copy, and by what it is seen that it is still the same file.
#[derive(Clone)]
struct Known {
    backup: Backup,
    changed_at: Option<SystemTime>,
}

impl Shelf {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until nobody else makes a copy, and keeps others from it.
    pub(super) fn alone(&self) -> MutexGuard<'_, ()> {
        self.one.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The copies of the shop in `folder`, the newest first, as of the last [`Shelf::look`].
    pub fn list(&self, folder: &Path) -> Vec<Backup> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        known.unwrap_or_else(|| self.look_now(folder)).iter().map(|known| known.backup.clone()).collect()
    }

    /// The newest copy that was proved, as of the last look.
    pub fn newest_good(&self, folder: &Path) -> Option<Backup> {
        list::newest(self.list(folder), Backup::is_good)
    }

    /// Looks into the folder: to be called after each change there.
    pub fn look(&self, folder: &Path) {
        self.look_now(folder);
    }

    /// Only what is new or changed is opened.
    fn look_now(&self, folder: &Path) -> Arc<Vec<Known>> {
        let before = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut now: Vec<Known> = list::names(&backups::folder(folder))
            .into_iter()
            .filter_map(|(name, path)| {
                let meta = std::fs::metadata(&path).ok()?;
                let changed_at = meta.modified().ok();
                let is_same =
                    |known: &&Known| known.backup.path == path && known.backup.bytes == meta.len() && known.changed_at == changed_at;
                let known = before.iter().flat_map(|known| known.iter()).find(is_same);
                known.cloned().or_else(|| Some(Known { backup: Backup::at(name, path)?, changed_at }))
            })
            .collect();
        now.sort_by(|a, b| b.backup.name.cmp(&a.backup.name));
        let now = Arc::new(now);
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(now.clone());
        now
    }

    /// Asks for a copy; `Conflict` while one is being made.
    pub fn ask(&self, by: By) -> Result<()> {
        let mut state = self.state();
        if state.wish.is_some() || state.is_making || self.progress.now().is_some() {
            return Err(Error::conflict("a copy is being made", "正在備份，等這一份好了再按。"));
        }
        state.wish = Some(by);
        state.last = None;
        self.rung.notify_all();
        Ok(())
    }

    /// Whether somebody's copy is not finished.
    pub fn is_busy(&self) -> bool {
        let state = self.state();
        state.wish.is_some() || state.is_making
    }

    /// What came of the last copy somebody asked for.
    pub fn ended(&self) -> Option<Ended> {
        self.state().last.clone()
    }

    /// Sleeps until somebody asks; false when the shop closes.
    fn is_asked(&self) -> bool {
        let waits = |state: &mut State| state.wish.is_none() && !state.is_closed;
        let state = self.rung.wait_while(self.state(), waits).unwrap_or_else(PoisonError::into_inner);
        !state.is_closed
    }

    fn close(&self) {
        self.state().is_closed = true;
        self.rung.notify_all();
    }
}

/// Makes the copy somebody asked for; nothing when nobody did.
pub fn make_asked(app: &App) {
    let by = {
        let mut state = app.backups.state();
        let Some(by) = state.wish.take() else { return };
        state.is_making = true;
        by
    };
    make_for(app, by);
}

fn make_for(app: &App, by: By) {
    struct Made<'a>(&'a App, Option<Ended>);
    // A panic, too, ends the wait.
    impl Drop for Made<'_> {
        fn drop(&mut self) {
            let mut state = self.0.backups.state();
            state.is_making = false;
            let failed = || Ended { at: self.0.now(), result: Err("這次沒有備份成。請再試一次。".to_owned()) };
            state.last = Some(self.1.take().unwrap_or_else(failed));
        }
    }
    let mut made = Made(app, None);
    let result = make::make(app, Kind::Manual, by, &app.backups.progress);
    match &result {
        Ok(backup) => drop(backups::jobs::after(app, backup)),
        Err(error) => log::error!("{error}"),
    }
    let result = result.map(|backup| backup.name).map_err(|error| error.user_message().into_owned());
    made.1 = Some(Ended { at: app.now(), result });
}

/// The thread that makes what people ask for; stopped and waited for when dropped.
pub struct Maker {
    app: Arc<App>,
    thread: Option<JoinHandle<()>>,
}

/// Starts it.
pub fn start(app: Arc<App>) -> Result<Maker> {
    let works = app.clone();
    let work = move || {
        while works.backups.is_asked() {
            let make = std::panic::AssertUnwindSafe(|| make_asked(&works));
            if std::panic::catch_unwind(make).is_err() {
                log::error!("the thread that makes copies panicked and goes on");
            }
        }
    };
    let thread = std::thread::Builder::new().name("backup".to_owned()).spawn(work).doing("start the thread that makes copies")?;
    Ok(Maker { app, thread: Some(thread) })
}

impl Maker {
    /// Waits for a copy that is being made; call `App::stop` first, so that it leaves at its next step.
    pub fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.app.backups.close();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            log::error!("the thread that makes copies panicked");
        }
    }
}

impl Drop for Maker {
    fn drop(&mut self) {
        self.end();
    }
}
