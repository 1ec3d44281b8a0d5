//! A shop that is open: the app, the door to it and its jobs, opened together and closed in the one order that loses nothing.
//! Once closed no handle of its files is left, on Windows too, so that they may be exchanged before it opens again.

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::app::App;
use crate::error::Result;
use crate::http::Front;
use crate::http::door::Limits;
use crate::{jobs, urls};

/// How long running requests have when the shop closes.
const FINISH: Duration = Duration::from_secs(10);

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
    jobs: jobs::Scheduler,
}

impl Shop {
    /// Opens `app` to browsers on `listener` and starts its jobs.
    pub fn open(app: App, listener: TcpListener) -> Result<Shop> {
        let app = Arc::new(app);
        let front = Front::open(app.clone(), listener, Limits::default(), urls::answer, urls::room)?;
        let jobs = jobs::start(app.clone())?;
        Ok(Shop { app, front, jobs })
    }

    pub fn address(&self) -> SocketAddr {
        self.front.address()
    }

    /// Finishes what is running, folds the WAL into the file and lets go of it.
    pub fn close(self) -> Result<()> {
        let Shop { app, front, jobs } = self;
        app.stop();
        front.close(FINISH);
        jobs.stop();
        app.db.checkpoint()
    }
}
