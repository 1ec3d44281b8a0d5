//! A shop that is open: the app, the door to it and its jobs, opened together and closed in the one order that loses nothing.
//! Once closed no handle of its files is left, on Windows too, so that they may be exchanged before it opens again.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::app::App;
use crate::backups::shelf;
use crate::db::Db;
use crate::error::Result;
use crate::http::Front;
use crate::http::door::Limits;
use crate::{health, jobs, urls, visits};

/// How long running requests have when the shop closes.
const FINISH: Duration = Duration::from_secs(10);

/// How long whoever still holds the app or the file has to let go of it: an import that is being written, say.
pub const LET_GO: Duration = Duration::from_secs(15);

/// What whoever keeps the shop open is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The day is over.
    Stop,
    /// Close, and open again what lies in the folder then: after a restore.
    Reopen,
}

/// Where one asks for the end, and waits for it.
#[derive(Debug, Default)]
pub struct Ending {
    asked: Mutex<Option<Asked>>,
    rung: Condvar,
}

impl Ending {
    /// Whoever asks to stop is heard before whoever asks to open again.
    pub fn ask(&self, what: Asked) {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        if *asked != Some(Asked::Stop) {
            *asked = Some(what);
        }
        self.rung.notify_all();
    }

    /// What has been asked for so far.
    pub fn asked(&self) -> Option<Asked> {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits at most `wait` until somebody asks.
    pub fn wait_for(&self, wait: Duration) -> Option<Asked> {
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        *self.rung.wait_timeout_while(asked, wait, |asked| asked.is_none()).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Waits until somebody asks. A wish to open again is used up by this; the wish to stop stays.
    pub fn wait(&self) -> Asked {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match *asked {
                Some(Asked::Stop) => return Asked::Stop,
                Some(Asked::Reopen) => {
                    *asked = None;
                    return Asked::Reopen;
                }
                None => asked = self.rung.wait(asked).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }
}

/// An open shop.
pub struct Shop {
    pub app: Arc<App>,
    front: Front,
    /// What works by itself, and whoever makes copies; a shop that is only looked at has neither.
    jobs: Option<(jobs::Scheduler, shelf::Maker)>,
}

impl Shop {
    /// Opens `app` to browsers on `listener` and starts its jobs.
    pub fn open(app: App, listener: TcpListener) -> Result<Shop> {
        app.hours.begin(app.now());
        let app = Arc::new(app);
        let limits = if app.visit.is_some() { visits::limits() } else { Limits::default() };
        let front = Front::open(app.clone(), listener, limits, urls::answer, urls::room)?;
        let is_past = app.visit.as_ref().is_some_and(|visit| visit.kind == visits::Kind::Past);
        let jobs = if is_past { None } else { Some((jobs::start(app.clone())?, shelf::start(app.clone())?)) };
        app.visits.begin(&app, front.address());
        Ok(Shop { app, front, jobs })
    }

    pub fn address(&self) -> SocketAddr {
        self.front.address()
    }

    /// Closes the shops beside it, finishes what is running, folds the WAL into the file and lets go of it. False when
    /// somebody holds on to it after [`LET_GO`]: then its files must not be exchanged.
    pub fn close(self) -> Result<bool> {
        self.close_within(FINISH)
    }

    /// The same, with so long for what is running.
    pub fn close_within(self, wait: Duration) -> Result<bool> {
        let Shop { app, front, jobs } = self;
        app.stop();
        app.visits.end();
        front.close(wait);
        if let Some((jobs, copies)) = jobs {
            jobs.stop();
            copies.stop();
        }
        app.carriers.stop();
        // A full disk keeps nobody from closing.
        if let Err(error) = health::hours::keep(&app) {
            log::warn!("{error}");
        }
        match app.db.checkpoint() {
            // There is no room to fold it: the WAL stays beside the file, and the next start reads both.
            Err(error) if app.db.is_held() => log::warn!("{error}"),
            folded => folded?,
        }
        let until = Instant::now() + LET_GO;
        let Some(app) = last_of(app, until) else {
            log::error!("the shop is closed and somebody still works in it");
            return Ok(false);
        };
        let db = app.db.clone();
        drop(app);
        let is_free = last_of(db, until).is_some_and(Db::close);
        if !is_free {
            log::error!("the shop is closed and its file still in use");
        }
        Ok(is_free)
    }
}

/// What `shared` holds, once nobody else does; `None` when that is not so in time.
fn last_of<T>(mut shared: Arc<T>, until: Instant) -> Option<T> {
    loop {
        match Arc::try_unwrap(shared) {
            Ok(alone) => return Some(alone),
            Err(_) if until <= Instant::now() => return None,
            Err(again) => shared = again,
        }
        // Threads that have said goodbye are a moment from their end.
        std::thread::sleep(Duration::from_millis(10));
    }
}
