//! The PC's clock can be wrong: a flat battery begins anew in 2009, somebody sets it back. Work goes on, for what follows what
//! is known by the numbers of the journal and not by its hours; but people are told, because days and hours stand on papers.

use std::time::Instant;

use rusqlite::Connection;

use super::store;
use crate::app::{App, Clock};
use crate::error::Result;
use crate::values::{Day, Stamp};

/// Less is what clocks do.
const SLACK_MINUTES: i64 = 10;

/// Longer than any shop is closed.
const LONGEST_REST_MINUTES: i64 = 366 * 24 * 60;

/// Whether the clock can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Good,
    /// Before anybody had this program.
    TooEarly,
    /// Earlier than something that has been written down, or than it was at work.
    Back {
        last: Stamp,
    },
    /// More than a year after everything that has been written down.
    Ahead {
        last: Stamp,
    },
}

impl State {
    /// What is so and what to do at `now`; `None` when all is well.
    pub fn sentence(self, now: Stamp) -> Option<String> {
        let say = |stamp: Stamp| super::ground::said(stamp);
        match self {
            State::Good => None,
            State::TooEarly => Some(format!("這台電腦的時間是 {}，不對。請到系統設定校正時間。", say(now))),
            State::Back { last } => {
                Some(format!("這台電腦的時間是 {}，可是 {} 已經有紀錄，時間往回走了。請到系統設定校正時間。", say(now), say(last)))
            }
            State::Ahead { last } => {
                Some(format!("這台電腦的時間是 {}，上一筆紀錄是 {}，隔了一年以上。時間不對的話請校正。", say(now), say(last)))
            }
        }
    }
}

/// What the clock showed when the shop was opened, and what it is measured with since.
#[derive(Debug, Default)]
pub struct Watch(Option<Seen>);

#[derive(Debug)]
struct Seen {
    /// The latest that had been written down then.
    latest: Option<Stamp>,
    now: Stamp,
    since: Instant,
}

impl Watch {
    /// Begins with the file of `conn` at `now`.
    pub fn begin(conn: &Connection, now: Stamp) -> Result<Watch> {
        Ok(Watch(Some(Seen { latest: store::latest(conn)?, now, since: Instant::now() })))
    }
}

/// Whether the clock of `app` can be believed now.
pub fn state(app: &App) -> State {
    let Some(seen) = &app.clock_watch.0 else { return State::Good };
    let went_on = match app.clock {
        Clock::System => i64::try_from(seen.since.elapsed().as_millis()).unwrap_or(i64::MAX),
        // A clock that stands, or that a test moves.
        Clock::Fixed(_) | Clock::Shifted(_) | Clock::Set(_) => 0,
    };
    judge(app.now(), seen.latest, seen.now.plus_ms(went_on))
}

/// `expected` is what the clock should have come to since the shop was opened.
fn judge(now: Stamp, latest: Option<Stamp>, expected: Stamp) -> State {
    let first = Day::new(2025, 1, 1).map_or(Stamp(0), |day| Stamp::taipei(day, 0, 0));
    let last = latest.map_or(expected, |latest| latest.max(expected));
    if now < first {
        State::TooEarly
    } else if now.plus_minutes(SLACK_MINUTES) < last {
        State::Back { last }
    } else {
        match latest {
            Some(last) if last.plus_minutes(LONGEST_REST_MINUTES) < now => State::Ahead { last },
            _ => State::Good,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_believed_as_far_as_the_records_go() {
        let at = |day: &str, hour, minute| Stamp::taipei(day.parse().unwrap(), hour, minute);
        let now = at("2026-11-22", 10, 22);
        let last = at("2026-11-22", 10, 40);
        let cases = [
            (now, None, now, State::Good),
            (now, Some(at("2026-11-22", 10, 32)), now, State::Good),
            (now, Some(last), now, State::Back { last }),
            // It went on by an hour at work, and then it was set back.
            (now, Some(at("2026-11-21", 9, 0)), at("2026-11-22", 11, 22), State::Back { last: at("2026-11-22", 11, 22) }),
            (at("2009-01-01", 8, 0), Some(last), at("2009-01-01", 8, 0), State::TooEarly),
            (at("2027-11-22", 10, 0), Some(last), at("2027-11-22", 10, 0), State::Good),
            (at("2031-11-22", 10, 0), Some(last), at("2031-11-22", 10, 0), State::Ahead { last }),
        ];
        for (now, latest, expected, state) in cases {
            assert_eq!(judge(now, latest, expected), state, "{now} {latest:?}");
            assert_eq!(state.sentence(now).is_none(), state == State::Good);
        }
    }
}
