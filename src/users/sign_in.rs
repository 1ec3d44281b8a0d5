//! Coming in: a name and a password become a session, or one of two sentences that tell nothing more.

use rusqlite::Transaction;
use serde_json::json;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::journal::{self, By, Entry};
use crate::users::{NOUN, Role, User, session, store};
use crate::values::{Stamp, text};

/// So many wrong passwords in a row for one name close it for [`LOCK_MINUTES`] (business §20).
const MOST_TRIES: i64 = 5;
const LOCK_MINUTES: i64 = 15;

/// Throws away what keeps nobody out any more: expired sessions, and names mistyped longer ago than a lock
/// lasts. Says how many sessions those were.
pub fn forget_old(tx: &Transaction, now: Stamp) -> Result<usize> {
    store::forget_old_failures(tx, now.plus_minutes(-LOCK_MINUTES))?;
    session::forget_expired(tx, now)
}

/// Somebody who has just come in.
pub struct Entered {
    pub user: User,
    /// Stored nowhere but with the browser or program that gets it now.
    pub token: String,
}

/// A name as it is typed anywhere: full width and blanks around it make no difference.
pub fn username(typed: &str) -> String {
    text::narrow(text::trim(typed))
}

/// Lets in who knows the password. `WrongPassword` and `TooMany` are the same for a name that exists,
/// one that does not and one that is switched off, in words and in time.
pub fn enter(app: &App, req: &Request, typed_name: &str, password: &str) -> Result<Entered> {
    // The table takes 40 characters, and no user has a longer name.
    let name: String = username(typed_name).chars().take(40).collect();
    let now = req.at;
    let (locked, found) = app.db.read(|conn| Ok((store::locked_until(conn, &name, now)?, store::find(conn, &name)?)))?;
    let since = now.plus_minutes(-LOCK_MINUTES);
    if locked.is_some() || MOST_TRIES <= app.unstored.wrong(&name, since) {
        return Err(too_many());
    }
    app.limits.try_password(req.peer)?;
    let found = found.filter(|(user, _)| user.is_active);
    let is_right = app.hasher.verify(password, found.as_ref().map(|(_, hash)| hash.as_str()))?;
    if is_right {
        app.limits.was_right(req.peer);
    }

    let answer = app.db.write(|tx| {
        // A moment has passed: somebody may have locked, switched off or changed this user meanwhile.
        if store::locked_until(tx, &name, now)?.is_some() {
            return Ok(Err(too_many()));
        }
        let still = |(user, hash): &(User, String)| user.is_active && found.as_ref().is_some_and(|(_, before)| before == hash);
        match store::find(tx, &name)? {
            Some(known) if is_right && still(&known) => {
                let user = known.0;
                store::forget_failures(tx, &name)?;
                session::forget_expired(tx, now)?;
                let token = session::start(tx, user.id, user.role, device(req), now)?;
                Ok(Ok(Entered { user, token }))
            }
            user => {
                let failed = store::count_failure(tx, &name, now, since)?;
                let is_locked = MOST_TRIES <= failed;
                if is_locked {
                    store::lock(tx, &name, now.plus_minutes(LOCK_MINUTES))?;
                }
                note_failure(tx, user.map(|(user, _)| user), failed, is_locked, now)?;
                Ok(Err(if is_locked { too_many() } else { Error::WrongPassword }))
            }
        }
    });
    let answer = match answer {
        Err(Error::ReadOnly(_)) => enter_unstored(app, req, &name, found.filter(|_| is_right).map(|(user, _)| user)),
        answer => answer?,
    };
    if let Ok(entered) = &answer {
        app.seen.note(entered.user.id, now);
    }
    answer
}

/// Lets in whose password was right, while nothing can be written; memory counts the wrong ones.
fn enter_unstored(app: &App, req: &Request, name: &str, right: Option<User>) -> Result<Entered> {
    let now = req.at;
    match right {
        Some(user) => {
            app.unstored.forget_wrong(name);
            let token = app.unstored.begin(user.id, user.role, device(req), now)?;
            log::warn!("signed in without a row user={}", user.id);
            Ok(Entered { user, token })
        }
        None => {
            let failed = app.unstored.count_wrong(name, now, now.plus_minutes(-LOCK_MINUTES));
            Err(if MOST_TRIES <= failed { too_many() } else { Error::WrongPassword })
        }
    }
}

/// Ends the session `req` came with.
pub fn leave(app: &App, req: &Request) -> Result<()> {
    let Some(token) = session::token_of(req) else { return Ok(()) };
    match app.db.write(|tx| session::end(tx, token)) {
        Err(Error::ReadOnly(_)) => {
            app.unstored.end(token);
            Ok(())
        }
        ended => ended,
    }
}

/// Wrong passwords of people who exist are journalled each; of names that do not, only the lock, for
/// otherwise a program that guesses would fill the journal, which is never shortened. No typed name is
/// kept: people type their password there.
fn note_failure(tx: &Transaction, user: Option<User>, failed: i64, is_locked: bool, now: Stamp) -> Result<()> {
    if user.is_none() && !is_locked {
        return Ok(());
    }
    let entry = Entry {
        by: By::program(now),
        verb: if is_locked { "lock" } else { "sign_in_failure" },
        noun: NOUN,
        noun_id: user.map(|user| user.id.0),
        change: json!({"failed": failed}),
    };
    journal::record(tx, &entry)
}

fn too_many() -> Error {
    Error::TooMany { say: "試太多次了，15 分鐘後再試。".into(), wait_s: LOCK_MINUTES as u32 * 60 }
}

/// What the users page calls the device, from its browser's own description.
pub fn device(req: &Request) -> &'static str {
    let agent = req.header("user-agent").unwrap_or_default();
    if ["Mobile", "Android", "iPhone"].iter().any(|word| agent.contains(word)) { "手機" } else { "電腦" }
}

/// Gives the browser its token: not for scripts, not to other sites, encrypted only where it came encrypted.
pub fn with_cookie(answer: Response, req: &Request, token: &str, role: Role) -> Response {
    let seconds = session::lifetime_ms(role) / 1000;
    answer.with("Set-Cookie", &format!("{}={token}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{}", session::COOKIE, secure(req)))
}

/// Takes the token back.
pub fn without_cookie(answer: Response, req: &Request) -> Response {
    answer.with("Set-Cookie", &format!("{}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{}", session::COOKIE, secure(req)))
}

/// The door says whether the request came over TLS.
fn secure(req: &Request) -> &'static str {
    if req.header("x-guard-proto") == Some("https") { "; Secure" } else { "" }
}

/// Where to go after signing in: `next` when it is a path of ours, else today.
pub fn local_path(next: &str) -> &str {
    let is_ours = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains(|c: char| c.is_control() || c == '\\')
        && !next.starts_with("/sign-")
        && next.len() <= 1000;
    if is_ours { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_signing_in_nobody_is_sent_away() {
        let cases = [
            ("/customers?q=a", "/customers?q=a"),
            ("/", "/"),
            ("", "/"),
            ("//evil.example/", "/"),
            ("/\\evil.example/", "/"),
            ("https://evil.example/", "/"),
            ("/a\r\nSet-Cookie: x=1", "/"),
            ("/sign-in?next=/sign-in", "/"),
            ("javascript:alert(1)", "/"),
        ];
        for (next, to) in cases {
            assert_eq!(local_path(next), to, "{next}");
        }
    }

    #[test]
    fn names_typed_in_full_width_are_the_same_names() {
        assert_eq!(username("　ｘｉａｏｈｕｉ "), "xiaohui");
    }
}
