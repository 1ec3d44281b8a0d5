use std::path::Path;
use std::sync::atomic::Ordering;

use rusqlite::Connection;

use crate::app::App;
use crate::db::slow_queries;
use crate::db::space::{self, Room};
use crate::error::{Error, Result};
use crate::health::hours::{self, Hour};
use crate::health::six::{self, Sentence};
use crate::health::{NOUN, bytes_of, store, support, views};
use crate::http::{Request, Response};
use crate::journal;
use crate::logs;
use crate::ui::{Page, Room as HouseRoom};
use crate::values::Stamp;

/// Hours the page draws: a week.
const HOURS_SHOWN: i64 = 7 * 24;

/// What the page is drawn from.
pub struct Fares {
    pub now: Stamp,
    pub sentences: [Sentence; 6],
    pub hours: Vec<Hour>,
    /// Rows of each table, the most first.
    pub rows: Vec<(String, i64)>,
    /// Whose phone is signed in, and when it was last here.
    pub phones: Vec<(String, Option<Stamp>)>,
    /// Sessions of PCs and of phones.
    pub sessions: (i64, i64),
    pub sizes: Sizes,
    pub disk: Option<Room>,
    /// People and pages that listen now; open connections.
    pub people: usize,
    pub streams: usize,
    pub connections: usize,
    pub uptime_s: u64,
    /// When the newest proved copy is from.
    pub backup_at: Option<Stamp>,
    /// Answered from memory, and reckoned.
    pub cache: (u64, u64),
}

/// Bytes of the data folder.
pub struct Sizes {
    pub db: u64,
    pub wal: u64,
    pub photos: u64,
    pub backups: u64,
    pub logs: u64,
}

impl Fares {
    pub fn load(app: &App, conn: &Connection, now: Stamp) -> Result<Fares> {
        let (sessions, phone_sessions) = store::count_sessions(conn, now)?;
        let phones = store::phones(conn, now)?;
        let phones = phones.into_iter().map(|(user, name, kept)| (name, last_here(app, user, kept, now))).collect();
        let hour = hours::hour_of(now);
        Ok(Fares {
            now,
            sentences: six::sentences_of(app, conn, now)?,
            hours: store::hours(conn, hour - HOURS_SHOWN, hour)?,
            rows: store::row_counts(conn)?,
            phones,
            sessions: (sessions - phone_sessions, phone_sessions),
            sizes: Sizes::of(app),
            disk: space::room(&app.folder),
            people: app.live.people(),
            streams: app.live.count(),
            connections: app.counters.connections.load(Ordering::Relaxed),
            uptime_s: app.counters.uptime().as_secs(),
            backup_at: app.backups.newest_good(&app.folder).map(|backup| backup.name.at()),
            cache: (app.cache.hits(), app.cache.misses()),
        })
    }
}

impl Sizes {
    pub fn of(app: &App) -> Sizes {
        Sizes {
            db: bytes_of(app.db.path()),
            wal: app.db.wal_bytes(),
            photos: bytes_of(&app.folder.join("luckygas-photos.db")),
            backups: folder_bytes(&crate::backups::folder(&app.folder)),
            logs: folder_bytes(&logs::folder(&app.folder)),
        }
    }
}

/// Now for one who listens.
fn last_here(app: &App, user: crate::values::UserId, kept: Option<Stamp>, now: Stamp) -> Option<Stamp> {
    if app.live.hears(user) { Some(now) } else { app.seen.last_of(user, kept) }
}

/// What lies in `folder` itself.
fn folder_bytes(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.metadata().ok()).filter(|meta| meta.is_file()).map(|meta| meta.len()).sum()
}

/// `GET /data/health` is what the owner reads out, and what helps whoever listens.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let fares = app.db.read(|conn| Fares::load(app, conn, req.at))?;

    Ok(Page::new(app, req, "健康").room(HouseRoom::Data).show(views::page(&fares, &slow_queries(), &logs::troubles())))
}

/// `GET /data/support` is one text file for whoever helps, without a word about people.
pub fn support(app: &App, req: &Request) -> Result<Response> {
    let text = support::text(app, req.at)?;

    // A disk that takes nothing is when the file is wanted most.
    match app.db.write(|tx| journal::record_export(tx, req.by(), NOUN, text.lines().count() as u64)) {
        Ok(()) => {}
        Err(Error::ReadOnly(_)) => log::warn!("a support file left the shop and the journal takes nothing"),
        Err(error) => return Err(error),
    }
    let at = format!("{}-{}", req.at.day().to_string().replace('-', ""), req.at.clock().replace(':', ""));
    Ok(Response::download("text/plain; charset=utf-8", &format!("luckygas-support-{at}.txt"), text))
}
