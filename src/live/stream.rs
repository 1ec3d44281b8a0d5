//! What one listener is told, as Server-Sent Events (WHATWG HTML §9.2).

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::app::App;
use crate::error::Result;
use crate::http::door::{self, Next};
use crate::live::hub::{Message, Place};
use crate::live::{Event, MOST, store};
use crate::users::{Role, Session, unstored};
use crate::values::{Stamp, UserId};

/// One listener's stream.
pub struct Stream {
    place: Place,
    user: UserId,
    role: Role,
    token: String,
    manner: super::Manner,
    /// What is said first.
    first: Option<String>,
    /// Everything up to here has been told, or was never to be.
    told: i64,
    said_at: Instant,
    checked_at: Instant,
    is_over: bool,
}

/// What somebody missed who has heard of everything up to a row of the journal.
pub struct Missed {
    /// The last row of the journal.
    pub now: i64,
    /// What of it is theirs; `None` when it was more than [`MOST`] rows, or their row is not of this journal.
    pub events: Option<Vec<Event>>,
}

/// What `session` missed after row `after`; nothing when that is not given.
pub fn missed(app: &App, session: &Session, after: Option<i64>) -> Result<Missed> {
    app.db.read(|conn| {
        let now = store::last(conn)?;
        let Some(after) = after else { return Ok(Missed { now, events: Some(Vec::new()) }) };
        if !(0..=now).contains(&after) || MOST < now - after {
            return Ok(Missed { now, events: None });
        }
        let mut events = store::events(conn, after, MOST)?;
        events.retain(|event| event.is_for(session.user_id, session.role));
        Ok(Missed { now, events: Some(events) })
    })
}

/// Lets `session` listen from row `after` on, or from now; gives what the door asks for the stream with. `Busy` when
/// too many listen.
pub fn open(app: &App, session: &Session, token: &str, after: Option<i64>, at: Stamp) -> Result<u64> {
    // First the place, then what was missed: what is written between stands in both and is told once.
    let from = app.db.read(store::last)?;
    let place = app.live.enter(session.user_id, session.role, from)?;
    let Missed { now, events } = missed(app, session, after)?;

    let mut first = String::new();
    let hello = |kind: &str| json!({"type": kind, "id": now, "timestamp": at.to_string()});
    match (&events, after) {
        // The id of what they have last is moved on only when they have it.
        (Some(_), Some(_)) => say(&mut first, Some("connected"), None, &hello("connected")),
        (Some(_), None) => say(&mut first, Some("connected"), Some(now), &hello("connected")),
        (None, _) => {
            say(&mut first, Some("connected"), None, &hello("connected"));
            say(&mut first, Some("resync"), Some(now), &hello("resync"));
        }
    }
    for event in events.iter().flatten() {
        say(&mut first, None, Some(event.id), &event.json());
    }
    let number = place.number;
    let stream = Stream {
        place,
        user: session.user_id,
        role: session.role,
        token: token.to_owned(),
        manner: app.live.manner(),
        first: Some(first),
        told: now,
        said_at: Instant::now(),
        checked_at: Instant::now(),
        is_over: false,
    };
    app.live.keep(number, Box::new(stream));
    Ok(number)
}

/// One message of a stream.
fn say(text: &mut String, event: Option<&str>, id: Option<i64>, data: &serde_json::Value) {
    // Writing to a String cannot fail.
    if let Some(event) = event {
        let _ = writeln!(text, "event: {event}");
    }
    if let Some(id) = id {
        let _ = writeln!(text, "id: {id}");
    }
    let _ = write!(text, "data: {data}\n\n");
}

impl Stream {
    /// Waits at most `wait` for what is to be said next.
    fn listen(&mut self, app: &App, wait: Duration) -> Next {
        if let Some(first) = self.first.take() {
            return Next::Text(first);
        }
        if self.is_over {
            return Next::End;
        }
        if self.manner.recheck <= self.checked_at.elapsed() && !self.is_welcome(app) {
            return Next::End;
        }
        let quiet = self.manner.heartbeat.saturating_sub(self.said_at.elapsed());
        let text = match self.place.receiver.recv_timeout(wait.min(quiet)) {
            Ok(Message::Events(events)) => {
                if events.iter().any(|event| event.is_about_user(self.user)) && !self.is_welcome(app) {
                    return Next::End;
                }
                self.text_of(&events)
            }
            Ok(Message::Replaced) => {
                self.is_over = true;
                "event: replaced\ndata: {}\n\n".to_owned()
            }
            Err(RecvTimeoutError::Timeout) if self.manner.heartbeat <= self.said_at.elapsed() => ": hb\nevent: hb\ndata: {}\n\n".to_owned(),
            Err(RecvTimeoutError::Timeout) => return Next::Quiet,
            Err(RecvTimeoutError::Disconnected) => return Next::End,
        };
        if text.is_empty() {
            return Next::Quiet;
        }
        self.said_at = Instant::now();
        Next::Text(text)
    }

    /// What of `events` is for this listener and new.
    fn text_of(&mut self, events: &[Event]) -> String {
        let mut text = String::new();
        for event in events.iter().filter(|event| self.told < event.id) {
            if event.is_for(self.user, self.role) {
                say(&mut text, None, Some(event.id), &event.json());
            }
        }
        self.told = events.last().map_or(self.told, |event| self.told.max(event.id));
        text
    }

    /// Whether the session still lives and its user is who they were.
    fn is_welcome(&mut self, app: &App) -> bool {
        self.checked_at = Instant::now();
        match unstored::find(app, &self.token, app.now()) {
            Ok(session) => session.is_some_and(|session| session.role == self.role && !session.must_change_password),
            Err(error) => {
                log::error!("{error}");
                true
            }
        }
    }
}

/// A stream and the shop it is told of.
pub struct InShop {
    pub app: Arc<App>,
    pub stream: Box<Stream>,
}

impl door::Stream for InShop {
    fn next(&mut self, wait: Duration) -> Next {
        self.stream.listen(&self.app, wait)
    }
}
