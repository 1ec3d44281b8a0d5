//! What a handler may reach.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use crate::backups::places::Carriers;
use crate::backups::restore::Restoring;
use crate::backups::shelf::Shelf;
use crate::backups::{drill, make};
use crate::cache::Cache;
use crate::customers::search::Finder;
use crate::db::space::{self, Space};
use crate::db::{self, Db};
use crate::error::Result;
use crate::health::{self, Counters};
use crate::imports::pending::{self, Pending};
use crate::jobs::{self, Desk};
use crate::live::Hub;
use crate::orders;
use crate::settings::{self, Settings};
use crate::shop::Ending;
use crate::start;
use crate::stops::photos::Photos;
use crate::urls::URLS;
use crate::users::password::Hasher;
use crate::users::{self, Seen};
use crate::values::Stamp;
use crate::visits::{self, Visit, Visits};

/// Where *now* comes from: the PC's clock, or a moment a test has chosen.
#[derive(Clone, Debug)]
pub enum Clock {
    System,
    Fixed(Stamp),
    /// The PC's, so many milliseconds later or earlier: a practice shop is as busy at night as in the morning.
    Shifted(i64),
    /// Milliseconds as in [`Stamp`], moved by whoever holds the other end.
    Set(Arc<AtomicI64>),
}

impl Clock {
    pub fn now(&self) -> Stamp {
        match self {
            Clock::System => Stamp::now(),
            Clock::Fixed(stamp) => *stamp,
            Clock::Shifted(ms) => Stamp::now().plus_ms(*ms),
            Clock::Set(ms) => Stamp(ms.load(Ordering::Relaxed)),
        }
    }
}

/// The running shop.
pub struct App {
    pub db: Arc<Db>,
    pub clock: Clock,
    /// The data folder: `luckygas.db`, `luckygas-photos.db`, `backups/`, `uploads/`.
    pub folder: PathBuf,
    /// The lines customers are found by, held in memory.
    pub finder: Finder,
    pub hasher: Hasher,
    pub seen: Seen,
    /// How often somebody may try.
    pub limits: users::Limits,
    /// Opens the first run; for the console and the link of `--open`.
    pub setup_code: users::setup::Code,
    /// The import somebody is looking at.
    pub pending: Pending,
    /// The lists of orders people are looking at.
    pub lists: orders::lists::pending::Pending,
    /// The pictures drivers take, in a file of their own.
    pub photos: Arc<Photos>,
    /// What the day's figures and long lists came to, until something is written.
    pub cache: Cache,
    /// Those who hear at once of what is written.
    pub live: Arc<Hub>,
    /// Where one asks for a job to run now.
    pub desk: Desk,
    /// The copies of the file, and where one asks for one more.
    pub backups: Shelf,
    /// What is counted while the shop is open.
    pub counters: Counters,
    /// Up to where that stands in the hours' figures.
    pub hours: health::hours::Mark,
    /// The restore somebody has asked for, or the one the shop was opened after.
    pub restoring: Restoring,
    /// Asked to close the shop, or to close it and open it again.
    pub ending: Arc<Ending>,
    /// The room on the disk when it was last looked.
    pub space: Space,
    /// Those who bring copies to second places.
    pub carriers: Arc<Carriers>,
    /// Whether the PC's clock can be believed.
    pub clock_watch: start::clock::Watch,
    /// Set once what a damaged file was like has been kept.
    pub evidence: OnceLock<()>,
    /// Who came and went while nothing could be written.
    pub unstored: users::unstored::Unstored,
    /// Runs of jobs whose rows wait for a disk with room.
    pub unrecorded: jobs::Unrecorded,
    /// The other shops that are open beside this one.
    pub visits: Visits,
    /// What this one is when it is such a shop itself; `None` is the shop.
    pub visit: Option<Visit>,
    has_users: AtomicBool,
    settings: RwLock<Arc<Settings>>,
    stopping: AtomicBool,
}

impl App {
    /// Opens the shop in `folder`; the caller holds the folder's [`crate::db::Lock`].
    pub fn open(folder: &Path, clock: Clock) -> Result<App> {
        visits::clean(folder);
        App::furnish(folder, clock, Db::open(folder)?, Photos::open(folder)?)
    }

    /// Opens the scratch copy in `folder` as a shop beside another one, whose pictures it sees.
    pub fn open_beside(folder: &Path, clock: Clock, visit: Visit, pictures: Arc<Photos>) -> Result<App> {
        // The copy may be older than the program, and here it is nobody's only one.
        drop(db::open_alone(&folder.join("luckygas.db"))?);
        let db = Db::open_for(folder, visits::READERS)?;
        let app = App::furnish(folder, clock, db, Photos::open_before(folder, pictures)?)?;
        Ok(App { visit: Some(visit), ..app })
    }

    fn furnish(folder: &Path, clock: Clock, db: Db, photos: Photos) -> Result<App> {
        let db = Arc::new(db);
        pending::clean(folder);
        make::clear(folder);
        drill::clear(folder);
        let settings = RwLock::new(Arc::new(db.read(settings::load)?));
        let clock_watch = db.read(|conn| start::clock::Watch::begin(conn, clock.now()))?;
        let app = App {
            clock_watch,
            evidence: OnceLock::new(),
            db,
            clock,
            folder: folder.to_owned(),
            finder: Finder::default(),
            hasher: Hasher::default(),
            seen: Seen::default(),
            limits: users::Limits::default(),
            setup_code: users::setup::Code::new()?,
            pending: Pending::default(),
            lists: orders::lists::pending::Pending::default(),
            cache: Cache::default(),
            photos: Arc::new(photos),
            live: Arc::default(),
            desk: Desk::default(),
            hours: health::hours::Mark::default(),
            backups: Shelf::default(),
            counters: Counters::of(URLS.iter().map(|url| (url.method, url.pattern))),
            restoring: Restoring::default(),
            ending: Arc::default(),
            space: Space::default(),
            carriers: Arc::default(),
            unstored: users::unstored::Unstored::default(),
            unrecorded: jobs::Unrecorded::default(),
            visits: Visits::default(),
            visit: None,
            has_users: AtomicBool::new(false),
            settings,
            stopping: AtomicBool::new(false),
        };
        space::look(&app);
        Ok(app)
    }

    /// Asked once a request, so that everything in it happens at one moment.
    pub fn now(&self) -> Stamp {
        self.clock.now()
    }

    /// Whether the first run is over. Users are never removed, so once true it is not asked again.
    pub fn has_users(&self) -> Result<bool> {
        if !self.has_users.load(Ordering::Relaxed) && self.db.read(users::store::is_anybody)? {
            self.has_users.store(true, Ordering::Relaxed);
        }
        Ok(self.has_users.load(Ordering::Relaxed))
    }

    /// The shop's choices, as of the last [`App::reload_settings`].
    pub fn settings(&self) -> Arc<Settings> {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// After a committed change of settings.
    pub fn reload_settings(&self) -> Result<()> {
        let fresh = Arc::new(self.db.read(settings::load)?);
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        // Between the commit and here somebody may have reckoned with the old ones.
        self.db.commits().ring();
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
