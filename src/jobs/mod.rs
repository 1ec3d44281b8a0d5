//! A job is work the program does by itself, at night or when it was missed, each run a row of `job_runs`.
//!
//! Invariants
//! - A job that was due while the PC was off runs after the next start.
//! - A failing or panicking job is a failed row; it stops neither the server nor the other jobs.
//! - A run that was cut off is made up for at the next start; a job that takes the program down with it twice waits for
//!   its hour.
//! - One job never runs twice at the same time.
//! - Alarms wait for no job: the watch has a thread of its own.

mod care;
mod desk;
pub mod run_pages;
mod scheduler;
pub mod store;
pub mod words;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction};
use serde_json::{Value, json};

use crate::app::App;
use crate::backups;
use crate::deliveries::archive;
use crate::error::{Doing, Error, Noun, Result};
use crate::health::hours;
use crate::journal::By;
use crate::settings::Settings;
use crate::templates::generate;
use crate::users::{self, sign_in};
use crate::values::{Day, Stamp};

pub use desk::{Answer, Desk};
pub use scheduler::{Scheduler, start};

pub const NOUN: Noun = Noun { word: "job", label: "工作" };

/// One kind of work.
pub struct Job {
    /// Its word in the table, the address and on the command line.
    pub name: &'static str,
    pub label: &'static str,
    /// What it is for and when it runs, in a sentence for people.
    pub about: &'static str,
    /// Whether it is to run now, by the shop's choices and from when it last began.
    pub is_due: fn(settings: &Settings, last: Option<Stamp>, now: Stamp) -> bool,
    /// Does the work and gives counts for the row; [`words::counts_line`] tells people of them.
    pub run: fn(&App) -> Result<Value>,
}

pub const JOBS: &[Job] = &[
    Job {
        name: "archive",
        label: "舊配送歸檔",
        about: "每天 02:00，把滿六個月的配送收進歷史表。查得到的東西不會變。",
        is_due: |_, last, now| is_due_daily(2, last, now),
        run: |app| Ok(json!({"moved": archive::run(app)?})),
    },
    Job {
        name: "templates",
        label: "範本開單",
        about: "每天 01:00，把明天以前該送的範本開成待確認的單。關機錯過的，開機後補最近的一次。",
        is_due: |_, last, now| is_due_daily(1, last, now),
        run: generate::run,
    },
    Job {
        name: "sessions",
        label: "清掉過期的登入",
        about: "每小時，刪掉過期的登入，記下誰最後什麼時候在。",
        is_due: |_, last, now| is_due_every(60, last, now),
        run: sessions,
    },
    Job {
        name: "figures",
        label: "記下程式的狀況",
        about: "每小時，記下這一小時的快慢、檔案大小和硬碟空間，留一個月。",
        is_due: |_, last, now| last.is_none_or(|last| hours::hour_of(last) != hours::hour_of(now)),
        run: |app| hours::keep(app).map(|()| json!({})),
    },
    Job {
        name: "optimize",
        label: "整理資料檔",
        about: "每天 03:00，讓查詢保持快，把暫存的變更併回資料檔。",
        is_due: |_, last, now| is_due_daily(3, last, now),
        run: optimize,
    },
    Job {
        name: "totals",
        label: "核對總數",
        about: "每天 02:30，把每日統計、金額、鋼瓶數、單號重算一遍，和記著的比。只看，不改。",
        is_due: |_, last, now| is_due_daily_at(150, last, now),
        run: care::totals,
    },
    Job {
        name: "purge",
        label: "清掉用不到的舊東西",
        about: "每天 04:00，刪掉大家都看過的三個月前的通知，和半年前手機送來、早就記好的原始回報。客戶、訂單、紀錄一筆都不動。",
        is_due: |_, last, now| is_due_daily(4, last, now),
        run: care::purge,
    },
    Job {
        name: "compact",
        label: "把資料檔變小",
        about: "夜裡看一次，檔案裡空著的超過四分之一才重排一次，大約一秒，那一秒存檔要等。",
        is_due: care::is_compact_due,
        run: care::compact,
    },
    Job {
        name: "backup-night",
        label: "夜裡備份",
        about: "每天夜裡一次，從頭到尾檢查過才算。關機錯過的，開機後補。幾點可以在備份頁改。",
        is_due: backups::jobs::is_night_due,
        run: backups::jobs::nightly,
    },
    Job {
        name: "backup",
        label: "每小時備份",
        about: "開店的時間裡每小時一次，有新的資料才做。幾點到幾點可以在備份頁改。",
        is_due: backups::jobs::is_hour_due,
        run: backups::jobs::hourly,
    },
    Job {
        name: "drill",
        label: "還原演練",
        about: "夜裡備份之後，把最新的備份真的還原到旁邊，查客戶、查配送，看和備份時一樣不一樣。",
        is_due: backups::jobs::is_drill_due,
        run: backups::drill::run,
    },
];

/// What stands in the row of a run that did not come to its end because the program did, for the log and for people.
pub const CUT_OFF: &str = "the program ended";
pub const CUT_OFF_SAID: &str = "程式中途關掉了。";

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Done,
    Failed,
}

impl Outcome {
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Failed => "failed",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Outcome::Done => "完成",
            Outcome::Failed => "沒做成",
        }
    }
}

/// One run of a job, as its row says.
#[derive(Clone, Debug)]
pub struct Run {
    pub id: i64,
    pub job: String,
    pub started_at: Stamp,
    pub finished_at: Option<Stamp>,
    /// `None` while it runs.
    pub outcome: Option<Outcome>,
    /// What the job counted, or `error` in English as it stands in the log and `say` for people.
    pub counts: Value,
}

/// What the rows do not say yet, because nothing could be written.
#[derive(Debug, Default)]
pub struct Unrecorded(Mutex<Left>);

#[derive(Debug, Default)]
struct Left {
    ended: Vec<Ended>,
    /// The rows of runs the program was cut off in, before it was started, still say that they run.
    cut_off_before: Option<Stamp>,
}

/// A run that is over.
#[derive(Clone, Debug)]
struct Ended {
    id: i64,
    job: &'static str,
    finished_at: Stamp,
    outcome: Outcome,
    counts: Value,
}

impl Ended {
    fn record(&self, tx: &Transaction) -> Result<()> {
        store::finish(tx, self.id, self.job, self.finished_at, self.outcome, &self.counts)
    }
}

impl Unrecorded {
    fn left(&self) -> MutexGuard<'_, Left> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes down what ended while nothing could be written.
pub fn record_late(app: &App) -> Result<()> {
    let mut left = app.unrecorded.left();
    if left.ended.is_empty() && left.cut_off_before.is_none() {
        return Ok(());
    }
    app.db.write(|tx| {
        left.ended.iter().try_for_each(|ended| ended.record(tx))?;
        left.cut_off_before.map_or(Ok(()), |before| store::mark_cut_off(tx, before))
    })?;
    *left = Left::default();
    Ok(())
}

/// How many rows stand in the file, for the data page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowCounts {
    pub customers: i64,
    pub deliveries_recent: i64,
    pub deliveries_closed: i64,
    pub imports: i64,
    pub journal: i64,
}

/// Somebody asks for what is being done.
fn running_already() -> Error {
    Error::conflict("job is running", "這項工作正在執行，請等它做完。")
}

/// The job called `name`.
pub fn find(name: &str) -> Option<&'static Job> {
    JOBS.iter().find(|job| job.name == name)
}

/// Runs `job` now and gives its finished row; a failure is in the row, not an error. `Conflict` when it is
/// already running, an error only when the row itself cannot be written.
pub fn run(app: &App, job: &Job, by: By) -> Result<Run> {
    let started_at = app.now();
    let id = app.db.write(|tx| store::begin(tx, job.name, started_at, by))?;
    log::info!("job begins job={}", job.name);

    let result = catch_unwind(AssertUnwindSafe(|| (job.run)(app)))
        .unwrap_or_else(|_| Err("it panicked").doing(format_args!("run job {}", job.name)));

    let (outcome, counts) = match result {
        Ok(counts) => (Outcome::Done, counts),
        Err(error) => (Outcome::Failed, json!({"error": error.to_string(), "say": error.user_message()})),
    };
    match outcome {
        Outcome::Done => log::info!("job done job={} counts={counts}", job.name),
        Outcome::Failed => log::error!("job failed job={} counts={counts}", job.name),
    }
    app.counters.count_job(job.name, outcome);
    let finished_at = app.now();
    let ended = Ended { id, job: job.name, finished_at, outcome, counts: counts.clone() };
    match app.db.write(|tx| ended.record(tx)) {
        // The work is over all the same; its row ends when the disk takes it.
        Err(Error::ReadOnly(_)) => app.unrecorded.left().ended.push(ended),
        recorded => recorded?,
    }
    Ok(Run { id, job: job.name.to_owned(), started_at, finished_at: Some(finished_at), outcome: Some(outcome), counts })
}

/// Runs what is due, one after the other. What cannot even be recorded is logged.
pub fn run_due(app: &App) {
    // A shop beside the shop makes no backups and clears nothing away: it is cleared away itself.
    if app.visit.is_some() {
        return;
    }
    run_due_of(app, JOBS);
}

/// The same of `jobs`, for tests.
pub fn run_due_of(app: &App, jobs: &[Job]) {
    for job in jobs {
        if app.is_stopping() || app.db.is_held() {
            return;
        }
        let now = app.now();
        let is_due = app.db.read(|conn| last_that_counts(conn, job)).map(|last| (job.is_due)(&app.settings(), last, now));
        match is_due {
            Ok(false) => {}
            Ok(true) => match run(app, job, By::program(now)) {
                Ok(_) => {}
                // Somebody has just pressed its button.
                Err(Error::Conflict { .. }) => log::info!("job is running already job={}", job.name),
                Err(error) => log::error!("{error}"),
            },
            Err(error) => log::error!("{error}"),
        }
    }
}

/// The minute from `now` on in which `job` is next to run, were the program to stay open; `None` when that is not within
/// the next eight days. `last` is as [`last_that_counts`] gives it.
pub fn next_due(job: &Job, settings: &Settings, last: Option<Stamp>, now: Stamp) -> Option<Stamp> {
    (0..8 * 24 * 60).map(|minutes| now.plus_minutes(minutes)).find(|at| (job.is_due)(settings, last, *at))
}

/// When `job` last began, leaving out a run that was cut off; cut off twice within an hour it is perhaps its own doing,
/// and then it counts.
pub fn last_that_counts(conn: &Connection, job: &Job) -> Result<Option<Stamp>> {
    let runs = store::runs_of(conn, job.name, 2)?;
    let is_cut_off = |run: &Run| run.counts.get("error").and_then(Value::as_str) == Some(CUT_OFF);
    let first = match runs.as_slice() {
        [last, before] if is_cut_off(last) && !(is_cut_off(before) && last.started_at < before.started_at.plus_minutes(60)) => Some(before),
        [last] if is_cut_off(last) => None,
        runs => runs.first(),
    };
    Ok(first.map(|run| run.started_at))
}

/// Rows that say a job is running when the program has only just started are of a run that was cut off. On a full disk they
/// say so until there is room.
pub fn mark_cut_off(app: &App) -> Result<()> {
    let now = app.now();
    match app.db.write(|tx| store::mark_cut_off(tx, now)) {
        Err(Error::ReadOnly(_)) => {
            app.unrecorded.left().cut_off_before = Some(now);
            Ok(())
        }
        marked => marked,
    }
}

/// Once a day from `hour` o'clock in Taiwan; missed is due at once.
pub fn is_due_daily(hour: u32, last: Option<Stamp>, now: Stamp) -> bool {
    is_due_daily_at((hour * 60) as u16, last, now)
}

/// The same, from the `minute` of the day on.
pub fn is_due_daily_at(minute: u16, last: Option<Stamp>, now: Stamp) -> bool {
    let on = |day: Day| Stamp::taipei(day, u32::from(minute) / 60, u32::from(minute) % 60);
    let today = on(now.day());
    let latest = if today <= now { today } else { on(now.day().plus(-1)) };
    // A clock set back must not keep a job from running for good.
    last.is_none_or(|last| last < latest || now < last)
}

/// Every `minutes`; missed is due at once.
pub fn is_due_every(minutes: i64, last: Option<Stamp>, now: Stamp) -> bool {
    last.is_none_or(|last| last.plus_minutes(minutes) <= now || now < last)
}

fn sessions(app: &App) -> Result<Value> {
    users::flush_seen(app)?;
    let removed = app.db.write(|tx| sign_in::forget_old(tx, app.now()))?;
    Ok(json!({"removed": removed}))
}

fn optimize(app: &App) -> Result<Value> {
    app.db.optimize()?;
    app.db.shorten_wal()?;
    Ok(json!({"file_bytes": app.db.file_bytes()}))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: &str, hour: u32, minute: u32) -> Stamp {
        Stamp::taipei(day.parse().unwrap(), hour, minute)
    }

    #[test]
    fn a_nightly_job_runs_once_a_night_and_is_made_up_for() {
        let cases = [
            (None, at("2025-05-28", 0, 5), true),
            (Some(at("2025-05-27", 2, 0)), at("2025-05-28", 1, 59), false),
            (Some(at("2025-05-27", 2, 0)), at("2025-05-28", 2, 0), true),
            (Some(at("2025-05-28", 2, 0)), at("2025-05-28", 23, 59), false),
            // Off over the night, switched on at eight; and away for a week.
            (Some(at("2025-05-27", 9, 0)), at("2025-05-28", 8, 0), true),
            (Some(at("2025-05-20", 2, 0)), at("2025-05-28", 1, 0), true),
            // The clock was wrong by a year; it jumped on by ten, and back; it was set to the beginning of time.
            (Some(at("2026-05-28", 2, 0)), at("2025-05-28", 1, 0), true),
            (Some(at("2025-05-28", 2, 0)), at("2035-05-28", 2, 0), true),
            (Some(at("2035-05-28", 2, 0)), at("2025-05-28", 2, 0), true),
            (Some(at("2025-05-28", 2, 0)), Stamp(0), true),
            (Some(Stamp(i64::MAX)), at("2025-05-28", 2, 0), true),
            // Set back by a minute just after a run: once more, and then no more.
            (Some(at("2025-05-28", 2, 1)), at("2025-05-28", 2, 0), true),
            (Some(at("2025-05-28", 2, 0)), at("2025-05-28", 2, 0), false),
        ];
        for (last, now, due) in cases {
            assert_eq!(is_due_daily(2, last, now), due, "{last:?} {now}");
        }
    }

    #[test]
    fn an_hourly_job_runs_every_hour() {
        let now = at("2025-05-28", 10, 0);
        let cases = [
            (None, true),
            (Some(at("2025-05-28", 9, 0)), true),
            (Some(at("2025-05-28", 9, 1)), false),
            (Some(now), false),
            (Some(at("2035-05-28", 9, 1)), true),
            (Some(Stamp(i64::MAX)), true),
            (Some(Stamp(0)), true),
        ];
        for (last, due) in cases {
            assert_eq!(is_due_every(60, last, now), due, "{last:?}");
        }
    }

    #[test]
    fn after_a_jump_of_the_clock_each_job_runs_once_and_goes_on_by_its_hours() {
        let settings = Settings::default();
        for job in JOBS {
            for (before, after) in [(2025, 2035), (2035, 2025), (2025, 2024), (2025, 1970)] {
                let (before, after) = (at(&format!("{before}-05-28"), 12, 0), at(&format!("{after}-05-28"), 12, 0));
                if !(job.is_due)(&settings, Some(before), after) {
                    continue;
                }
                let after_run = after.plus_minutes(1);
                assert!(!(job.is_due)(&settings, Some(after), after_run), "{} runs again and again", job.name);
                assert!(next_due(job, &settings, Some(after), after_run).is_some(), "{} never runs again", job.name);
            }
        }
    }
}
