//! Other shops beside the shop, each over a scratch copy of one of its backups, in the same process on a port of its own: one
//! to practise in, thrown away at night, and one that shows how it was and can only be looked at.
//!
//! Invariants
//! - What happens in such a shop never reaches the shop, its backups or anything outside; its copy is removed with it.
//! - There is at most one of each kind, and none outlives the shop it stands beside.
//! - Nobody is in it whom the shop does not let in at this moment.
//! - Every page and every paper of it says what it is.

mod keys;
mod open;
pub mod pages;
mod rules;
pub mod views;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::app::App;
use crate::error::Error;
use crate::http::door::Limits;
use crate::http::{Request, Response};
use crate::users::{self, Session, User};
use crate::values::choice::choice;
use crate::values::{Day, Stamp};
use keys::Keys;

pub use open::{Open, Visits};
pub use rules::check;

/// Read-only connections of such a shop: a few people look at it, and the shop itself must not feel it.
pub const READERS: u32 = 3;

choice! {
    /// What one does there.
    Kind {
        Practice = "practice", "練習店";
        Past = "past", "以前的店";
    }
}

impl Kind {
    /// What stands before the names of its cookies, for a cookie does not know ports.
    pub fn cookie_mark(self) -> &'static str {
        match self {
            Kind::Practice => "practice-",
            Kind::Past => "past-",
        }
    }
}

/// What such a shop knows of itself.
pub struct Visit {
    pub kind: Kind,
    /// The moment of the copy.
    pub at: Stamp,
    /// That moment in people's words: 11/20, or 11/18 03:12.
    pub said: String,
    home: Weak<App>,
    home_port: u16,
    keys: Keys,
    /// When somebody last asked for a page.
    asked_at: Mutex<Option<Instant>>,
}

impl Visit {
    fn new(kind: Kind, at: Stamp, now: Stamp, home: &Arc<App>, home_port: u16) -> Visit {
        let day = short(at.day(), now.day());
        let said = match kind {
            Kind::Practice => day,
            Kind::Past => format!("{day} {}", at.clock()),
        };
        Visit { kind, at, said, home: Arc::downgrade(home), home_port, keys: Keys::default(), asked_at: Mutex::default() }
    }

    /// Whether the shop lets in, at this moment, whoever is signed in here, and as what they are here.
    pub fn knows(&self, session: &Session) -> bool {
        let Some(home) = self.home.upgrade() else { return false };
        match home.db.read(|conn| users::store::find(conn, &session.username)) {
            Ok(found) => found.is_some_and(|(user, _)| user.is_active && user.role == session.role),
            Err(error) => {
                log::error!("{error}");
                false
            }
        }
    }

    /// Somebody asks for a page.
    pub fn note(&self) {
        *self.asked_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether somebody did within the last `span`.
    fn was_asked(&self, span: Duration) -> bool {
        self.asked_at.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|at| at.elapsed() < span)
    }

    /// Whose `key` to this shop is, once.
    fn take(&self, key: &str) -> Option<User> {
        self.keys.take(key)
    }

    /// Asks for the end of this shop, and does not wait.
    fn ask_to_close(&self) {
        if let Some(home) = self.home.upgrade() {
            home.visits.ask_to_close(self.kind);
        }
    }

    /// Page `path` of the shop, for the browser that asks.
    pub fn home_url(&self, req: &Request, path: &str) -> String {
        url_at(req, self.home_port, path)
    }

    /// What a paper printed here says of itself.
    pub fn void_mark(&self) -> String {
        match self.kind {
            Kind::Practice => "練習店，不算數".to_owned(),
            Kind::Past => format!("{} 的舊資料，不算數", self.said),
        }
    }

    fn refusal(&self) -> Error {
        let say = match self.kind {
            Kind::Practice => "這件事只在真的店裡做，請按「回真的店」。".to_owned(),
            Kind::Past => format!("這是 {} 的店，只能看，不能改。要改請按「回到現在」。", self.said),
        };
        Error::conflict("not in a shop beside the shop", say)
    }
}

/// Leaves `req` the cookies of this shop, by their usual names.
pub fn own_cookies(app: &App, req: &mut Request) {
    if let Some(visit) = &app.visit {
        req.keep_cookies_of(visit.kind.cookie_mark());
    }
}

/// Gives the cookies of `answer` the names they have in this shop.
pub fn mark_cookies(app: &App, answer: Response) -> Response {
    match &app.visit {
        Some(visit) => answer.mark_cookies(visit.kind.cookie_mark()),
        None => answer,
    }
}

/// Whether whoever is signed in here may be: in the shop itself everybody who is, beside it those the shop lets in.
pub fn still_knows(app: &App, session: &Session) -> bool {
    app.visit.as_ref().is_none_or(|visit| {
        visit.note();
        visit.knows(session)
    })
}

/// What the door of such a shop allows.
pub fn limits() -> Limits {
    Limits { connections: 64, per_address: 32, inside: 8, ..Limits::default() }
}

/// Where the copies of the shops beside the one in `folder` are.
fn scratch(folder: &Path) -> PathBuf {
    folder.join("visits")
}

/// Removes what a program that was killed left of them. The caller holds the folder's lock.
pub fn clean(folder: &Path) {
    remove(&scratch(folder));
}

fn remove(folder: &Path) {
    match std::fs::remove_dir_all(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        // The next start tries again.
        Err(error) => log::warn!("a scratch copy stays: {error}"),
    }
}

/// `path` on this PC as the browser calls it, at another port.
fn url_at(req: &Request, port: u16, path: &str) -> String {
    format!("http://{}:{port}{path}", host_name(req.header("host").unwrap_or("127.0.0.1")))
}

/// A `Host` without its port.
fn host_name(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) && (!name.contains(':') || name.ends_with(']')) => name,
        _ => host,
    }
}

/// `11/20`, with its year when that is another than today's.
fn short(day: Day, today: Day) -> String {
    let slashed = day.slashed();
    if day.year() == today.year() { slashed.chars().skip(5).collect() } else { slashed }
}

/// How long running requests have when such a shop closes.
const FINISH: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_loses_its_port_and_nothing_else() {
        let cases = [
            ("127.0.0.1:8080", "127.0.0.1"),
            ("127.0.0.1", "127.0.0.1"),
            ("[::1]:8080", "[::1]"),
            ("[::1]", "[::1]"),
            ("office-pc:80", "office-pc"),
        ];
        for (host, name) in cases {
            assert_eq!(host_name(host), name, "{host}");
        }
    }

    #[test]
    fn a_day_is_said_as_short_as_it_can_be() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        assert_eq!(short(day("2026-11-20"), day("2026-11-22")), "11/20");
        assert_eq!(short(day("2025-12-31"), day("2026-01-02")), "2025/12/31");
    }
}
