//! Who was here when, kept in memory so that reading a page writes nothing.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::app::App;
use crate::error::Result;
use crate::users::store;
use crate::values::{Stamp, UserId};

/// The last request of each user since the start, newer than what `users.last_seen_at` says.
#[derive(Debug, Default)]
pub struct Seen {
    last: Mutex<HashMap<UserId, (Stamp, IsKept)>>,
}

/// Whether the database has it already.
type IsKept = bool;

impl Seen {
    pub fn note(&self, user: UserId, at: Stamp) {
        self.last().insert(user, (at, false));
    }

    /// When `user` was last here: in memory, or else `kept` of the database.
    pub fn last_of(&self, user: UserId, kept: Option<Stamp>) -> Option<Stamp> {
        self.last().get(&user).map(|(at, _)| *at).max(kept)
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
    if fresh.is_empty() {
        return Ok(());
    }
    app.db.write(|tx| fresh.iter().try_for_each(|(user, at)| store::set_seen(tx, *user, *at)))?;
    let mut last = app.seen.last();
    for (user, at) in fresh {
        if let Some(entry) = last.get_mut(&user).filter(|entry| entry.0 == at) {
            entry.1 = true;
        }
    }
    Ok(())
}
