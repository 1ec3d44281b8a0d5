//! Who came and went while nothing could be written. On a full disk people must be able to look, in the morning too, when
//! yesterday's sessions are over: what `sessions` cannot take is held in memory, and goes there once there is room.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::app::App;
use crate::error::Result;
use crate::users::{Role, Session, session};
use crate::values::{Stamp, UserId};

/// Wrong passwords are counted for so many names at most; who mistypes any other waits.
const MOST_NAMES: usize = 1_000;

/// What stands in no table yet.
#[derive(Debug, Default)]
pub struct Unstored(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    begun: HashMap<[u8; 32], Begun>,
    ended: HashSet<[u8; 32]>,
    wrong: HashMap<String, Wrong>,
}

/// A session, as its row will be.
#[derive(Clone, Debug)]
pub(super) struct Begun {
    pub user: UserId,
    pub device: &'static str,
    pub created_at: Stamp,
    pub expires_at: Stamp,
}

#[derive(Clone, Copy, Debug)]
struct Wrong {
    count: i64,
    last_at: Stamp,
}

impl Unstored {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a session of `user` and gives its token.
    pub(super) fn begin(&self, user: UserId, role: Role, device: &'static str, now: Stamp) -> Result<String> {
        let token = session::new_token()?;
        let begun = Begun { user, device, created_at: now, expires_at: now.plus_ms(session::lifetime_ms(role)) };
        self.state().begun.insert(session::hash(&token), begun);
        Ok(token)
    }

    /// Ends the session of `token`, wherever it stands.
    pub(super) fn end(&self, token: &str) {
        let mut state = self.state();
        let hash = session::hash(token);
        if state.begun.remove(&hash).is_none() {
            state.ended.insert(hash);
        }
    }

    /// How often `name` was mistyped after `since`.
    pub(super) fn wrong(&self, name: &str, since: Stamp) -> i64 {
        let state = self.state();
        match state.wrong.get(name) {
            Some(wrong) if since < wrong.last_at => wrong.count,
            Some(_) => 0,
            None if MOST_NAMES <= state.wrong.len() => i64::MAX,
            None => 0,
        }
    }

    /// Counts a wrong password for `name`; those up to `since` count no more. How many there are now.
    pub(super) fn count_wrong(&self, name: &str, now: Stamp, since: Stamp) -> i64 {
        let mut state = self.state();
        state.wrong.retain(|_, wrong| since < wrong.last_at);
        if MOST_NAMES <= state.wrong.len() && !state.wrong.contains_key(name) {
            return i64::MAX;
        }
        let wrong = state.wrong.entry(name.to_owned()).or_insert(Wrong { count: 0, last_at: now });
        *wrong = Wrong { count: wrong.count + 1, last_at: now };
        wrong.count
    }

    pub(super) fn forget_wrong(&self, name: &str) {
        self.state().wrong.remove(name);
    }
}

/// Who `token` belongs to, whether its session stands in the table or only here.
pub fn find(app: &App, token: &str, now: Stamp) -> Result<Option<Session>> {
    let begun = {
        let state = app.unstored.state();
        let hash = session::hash(token);
        if state.ended.contains(&hash) {
            return Ok(None);
        }
        state.begun.get(&hash).cloned()
    };
    app.db.read(|conn| match begun {
        Some(begun) => session::find_unstored(conn, token, &begun, now),
        None => session::find(conn, token, now),
    })
}

/// Brings the table up to what memory knows, once there is room.
pub fn store(app: &App) -> Result<()> {
    let mut state = app.unstored.state();
    if state.begun.is_empty() && state.ended.is_empty() {
        return Ok(());
    }
    app.db.write(|tx| {
        state.begun.iter().try_for_each(|(hash, begun)| session::add(tx, hash, begun))?;
        state.ended.iter().try_for_each(|hash| session::remove(tx, hash))
    })?;
    *state = State::default();
    Ok(())
}
