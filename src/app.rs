//! What a handler may reach.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use crate::customers::search::Finder;
use crate::db::Db;
use crate::error::Result;
use crate::settings::{self, Settings};
use crate::values::Stamp;

/// Where *now* comes from: the PC's clock, or a moment a test has chosen.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    System,
    Fixed(Stamp),
}

/// The running shop.
pub struct App {
    pub db: Db,
    pub clock: Clock,
    /// The data folder: `luckygas.db`, `backups/`, `uploads/`.
    pub folder: PathBuf,
    /// The lines customers are found by, held in memory.
    pub finder: Finder,
    settings: RwLock<Arc<Settings>>,
    stopping: AtomicBool,
}

impl App {
    /// Opens the shop in `folder`; the caller holds the folder's [`crate::db::Lock`].
    pub fn open(folder: &Path, clock: Clock) -> Result<App> {
        let db = Db::open(folder)?;
        let settings = RwLock::new(Arc::new(db.read(settings::load)?));
        Ok(App { db, clock, folder: folder.to_owned(), finder: Finder::default(), settings, stopping: AtomicBool::new(false) })
    }

    /// Asked once a request, so that everything in it happens at one moment.
    pub fn now(&self) -> Stamp {
        match self.clock {
            Clock::System => Stamp::now(),
            Clock::Fixed(stamp) => stamp,
        }
    }

    /// The shop's choices, as of the last [`App::reload_settings`].
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// After a committed change of settings.
    pub fn reload_settings(&self) -> Result<()> {
        let fresh = Arc::new(self.db.read(settings::load)?);
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(())
    }

    /// True once Ctrl-C or SIGTERM has come: long work looks here and leaves.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }
}
