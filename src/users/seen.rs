//! Who was here when, kept in memory so that reading a page writes nothing.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::app::App;
use crate::error::Result;
use crate::users::session::{self, Device};
use crate::users::store;
use crate::values::{Stamp, UserId};

/// The last request of each user since the start, newer than what `users.last_seen_at` says.
#[derive(Debug, Default)]
pub struct Seen {
    last: Mutex<HashMap<UserId, (Stamp, IsKept)>>,
    /// The same of each session, by what stands in its row, and from where.
    used: Mutex<HashMap<[u8; 32], Used>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Used {
    at: Stamp,
    from: IpAddr,
    is_kept: IsKept,
}

/// A session nobody has used for so long is looked up in the database.
const REMEMBERED_MINUTES: i64 = 24 * 60;

/// Whether the database has it already.
type IsKept = bool;

impl Seen {
    pub fn note(&self, user: UserId, at: Stamp) {
        self.last().insert(user, (at, false));
    }

    /// The session of `token` is used from `from`.
    pub fn note_session(&self, token: &str, from: IpAddr, at: Stamp) {
        self.used().insert(session::hash(token), Used { at, from, is_kept: false });
    }

    /// Gives `device` what memory knows better.
    pub fn freshen(&self, device: &mut Device) {
        if let Some(used) = self.used().get(&device.hash) {
            device.seen_at = Some(used.at);
            device.address = Some(used.from.to_string());
        }
    }

    /// When `user` was last here: in memory, or else `kept` of the database.
    pub fn last_of(&self, user: UserId, kept: Option<Stamp>) -> Option<Stamp> {
        self.last().get(&user).map(|(at, _)| *at).max(kept)
    }

    fn used(&self) -> MutexGuard<'_, HashMap<[u8; 32], Used>> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn last(&self) -> MutexGuard<'_, HashMap<UserId, (Stamp, IsKept)>> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Brings the database up to what memory knows: every few minutes and when the program stops.
/// One write, none when nobody was here.
pub fn flush_seen(app: &App) -> Result<()> {
    let fresh: Vec<(UserId, Stamp)> =
        app.seen.last().iter().filter(|(_, (_, is_kept))| !is_kept).map(|(user, (at, _))| (*user, *at)).collect();
    let used: Vec<([u8; 32], Used)> = app.seen.used().iter().filter(|(_, used)| !used.is_kept).map(|(hash, used)| (*hash, *used)).collect();
    if fresh.is_empty() && used.is_empty() {
        return Ok(());
    }
    app.db.write(|tx| {
        fresh.iter().try_for_each(|(user, at)| store::set_seen(tx, *user, *at))?;
        used.iter().try_for_each(|(hash, used)| session::set_seen(tx, hash, used.at, &used.from.to_string()))
    })?;
    let mut known = app.seen.used();
    for (hash, used) in used {
        if let Some(entry) = known.get_mut(&hash).filter(|entry| **entry == used) {
            entry.is_kept = true;
        }
    }
    let long_ago = app.now().plus_minutes(-REMEMBERED_MINUTES);
    known.retain(|_, used| !used.is_kept || long_ago < used.at);
    drop(known);
    let mut last = app.seen.last();
    for (user, at) in fresh {
        if let Some(entry) = last.get_mut(&user).filter(|entry| entry.0 == at) {
            entry.1 = true;
        }
    }
    Ok(())
}
