//! The file is looked after at night: its totals are added up anew, what nobody needs any more goes, and it is written anew
//! when a good part of it is empty.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::app::App;
use crate::db::{self, Compacted, Finding, TOTALS};
use crate::error::{Error, Result};
use crate::jobs::{is_due_daily, store};
use crate::settings::Settings;
use crate::values::{Day, Stamp};
use crate::{notices, stops, ui};

const DAY_MS: i64 = 24 * 3_600_000;
/// How long a notice is kept that all have read, and any.
const READ_NOTICES_MS: i64 = 90 * DAY_MS;
const NOTICES_MS: i64 = 365 * DAY_MS;
/// How long a phone may send the same act again. A driver who was away half a year has another phone.
const ACTS_MS: i64 = 180 * DAY_MS;
/// A clock that was just put years ahead makes everything old. So what is old goes only once the program has been here on so
/// many days of the last month, by the same clock.
const LIVED_DAYS: usize = 7;
const LIVED_IN_MS: i64 = 30 * DAY_MS;
/// A PC that is off every night writes its file anew by day, once a month.
const COMPACT_ANYWAY_MS: i64 = 30 * DAY_MS;

/// Asks whether all that is kept in step is what its rows add up to. Each question is a read of its own, so that nobody
/// stands in the WAL's way for long. What differs is told and never mended: somebody must see why.
pub(super) fn totals(app: &App) -> Result<Value> {
    let mut wrong: Vec<Finding> = Vec::new();
    for question in TOTALS {
        if app.is_stopping() {
            return Err(Error::refused(super::CUT_OFF, super::CUT_OFF_SAID));
        }
        // At night nobody waits for them, and they are to stand among no slow ones.
        let finding = app.db.read(|conn| db::unwatched(conn, || question.ask(conn)))?;
        wrong.extend(Some(finding).filter(|finding| !finding.is_good));
    }
    if wrong.is_empty() {
        return Ok(json!({"asked": TOTALS.len()}));
    }
    let said: Vec<String> = wrong.iter().map(|finding| format!("{}：{}", finding.what, finding.detail)).collect();
    log::error!("totals differ count={}", wrong.len());
    Err(Error::refused("totals differ", format!("{}。資料沒有動，請把這一行念給維護的人聽。", said.join("，"))))
}

/// Forgets what no one can ask for any more. Customers, orders, the journal and imports are never shortened.
pub(super) fn purge(app: &App) -> Result<Value> {
    let now = app.now();
    let runs = app.db.read(|conn| store::runs_of(conn, "purge", 100))?;
    let of_late = runs.iter().map(|run| run.started_at).filter(|at| now.plus_ms(-LIVED_IN_MS) < *at && *at <= now);
    let days: BTreeSet<Day> = of_late.map(Stamp::day).collect();
    if days.len() < LIVED_DAYS {
        return Ok(json!({"say": "程式還沒用滿七天，或時鐘剛改過，先不清。"}));
    }
    let notices = app.db.write(|tx| notices::store::forget_old(tx, now.plus_ms(-READ_NOTICES_MS), now.plus_ms(-NOTICES_MS)))?;
    let acts = app.db.write(|tx| stops::store::forget_old_acts(tx, now.plus_ms(-ACTS_MS)))?;
    Ok(json!({"notices": notices, "acts": acts}))
}

/// At night, when nobody waits for the second it may take; by day only when there was no night for a month.
pub(super) fn is_compact_due(_: &Settings, last: Option<Stamp>, now: Stamp) -> bool {
    let is_night = (3..6).contains(&now.hour());
    let is_long_ago = last.is_none_or(|last| last.plus_ms(COMPACT_ANYWAY_MS) < now || now < last);
    (is_night && is_due_daily(3, last, now)) || is_long_ago
}

pub(super) fn compact(app: &App) -> Result<Value> {
    Ok(match app.db.compact()? {
        Compacted::NotWorthIt(percent) => json!({"free_percent": percent, "say": format!("空著的只有 {percent}%，不用重排")}),
        Compacted::Done { before, after } => {
            let say = format!("{} 變成 {}", ui::megabytes(before), ui::megabytes(after));
            json!({"before_bytes": before, "after_bytes": after, "say": say})
        }
    })
}
