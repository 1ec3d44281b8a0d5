//! 1: is the data whole? 2: can a copy of it really be restored? Both are known from the drill: the newest copy is restored
//! beside the shop every night, read from its first page to its last, and asked what people ask.

use rusqlite::Connection;

use super::Sentence;
use crate::app::App;
use crate::backups::list::Backup;
use crate::backups::{drill, make};
use crate::error::Result;
use crate::jobs::{self, Outcome, Run};
use crate::ui;
use crate::values::Stamp;

/// A weekend and a holiday without it are nobody's fault; then somebody should look.
const OLD_MINUTES: i64 = 4 * 24 * 60;
/// What was missed while the PC was off is made up for within this time after the start.
const SOON_MINUTES: u64 = 60;
/// Runs looked at: those that were cut off say nothing.
const RUNS: i64 = 8;

const DRILL: (&str, &str) = ("現在檢查", "/data/jobs/drill");
const WHY: (&str, &str) = ("看原因", "/data/jobs/drill");
const NIGHT: (&str, &str) = ("看原因", "/data/jobs/backup-night");
const BACK_UP: (&str, &str) = ("去備份", "/backups");
const RESTORE: (&str, &str) = ("去還原", "/backups");

/// What is known of copies, from the rows of their jobs.
pub(super) struct Known {
    /// When the last drill began that asked a copy and had the right answers.
    whole_at: Option<Stamp>,
    /// The last drill and the last night's copy, when they came to nothing: when, and the rule of the log.
    drill_failed: Option<(Stamp, String)>,
    night_failed: Option<(Stamp, String)>,
}

impl Known {
    pub(super) fn load(conn: &Connection) -> Result<Known> {
        let drills = jobs::store::runs_of(conn, "drill", RUNS)?;
        let nights = jobs::store::runs_of(conn, "backup-night", RUNS)?;
        let is_whole = |run: &&Run| run.outcome == Some(Outcome::Done) && !run.counts["asked"].is_null();
        Ok(Known {
            whole_at: drills.iter().find(is_whole).map(|run| run.started_at),
            drill_failed: failed(&drills),
            night_failed: failed(&nights),
        })
    }
}

/// The last run that says anything, when it failed. One that ended with the program says nothing.
fn failed(runs: &[Run]) -> Option<(Stamp, String)> {
    let rule = |run: &Run| run.counts["error"].as_str().unwrap_or_default().to_owned();
    let mut telling = runs.iter().filter(|run| run.outcome.is_some() && ![jobs::CUT_OFF, make::STOPPING].contains(&rule(run).as_str()));
    telling.next().filter(|run| run.outcome == Some(Outcome::Failed)).map(|run| (run.started_at, rule(run)))
}

/// 資料沒有壞.
pub(super) fn whole(app: &App, known: &Known, now: Stamp) -> Sentence {
    if let Some(at) = app.counters.damaged_at() {
        let detail = format!("{} 讀到壞掉的地方。請先停下來，用最近的備份還原。", at.beside(now));
        return Sentence::bad("資料檔有地方壞了", detail, RESTORE);
    }
    let broken = |failed: &Option<(Stamp, String)>, rule| failed.clone().filter(|(_, said)| said == rule).map(|(at, _)| at);
    if let Some(at) = broken(&known.drill_failed, drill::DIFFERENCE) {
        return Sentence::bad("檢查發現資料不對", format!("{} 從頭檢查，有對不起來的地方。以前的備份都還在。", at.beside(now)), WHY);
    }
    if let Some(at) = broken(&known.night_failed, make::UNPROVED) {
        return Sentence::bad("檢查發現資料不對", format!("{} 備份時驗不過。以前的備份都還在。", at.beside(now)), NIGHT);
    }
    match known.whole_at {
        _ if app.settings().is_practice => practice("練習店不檢查資料"),
        None => Sentence::mind("資料還沒檢查過", "夜裡備份以後會從頭檢查一次。", DRILL),
        Some(at) if at.minutes_since(now).abs() < OLD_MINUTES => Sentence::good("資料沒有壞", format!("{} 從頭檢查過。", at.beside(now))),
        Some(at) => old(app, "資料很久沒檢查了", format!("最近一次是 {}。", at.beside(now)), DRILL),
    }
}

/// 備份真的能還原.
pub(super) fn restorable(app: &App, known: &Known, now: Stamp) -> Sentence {
    if let Some((at, rule)) = &known.drill_failed {
        let detail = match rule == drill::DIFFERENCE {
            true => format!("{} 試著還原，數字和店裡的不一樣。", at.beside(now)),
            false => format!("{} 試著還原，沒做成。", at.beside(now)),
        };
        return Sentence::bad("備份沒通過還原", detail, WHY);
    }
    let copies = app.backups.list(&app.folder);
    let drilled = |backup: &&Backup| backup.manifest.as_ref().and_then(|manifest| manifest.drilled_at);
    let newest = copies.iter().filter(|backup| drilled(backup).is_some()).max_by_key(drilled);
    let tried = newest.and_then(|backup| backup.manifest.as_ref()).and_then(|manifest| Some((manifest, manifest.drilled_at?)));
    match tried {
        _ if app.settings().is_practice => practice("練習店不自己備份"),
        None if copies.iter().any(Backup::is_good) => Sentence::mind("備份還沒試過還原", "夜裡備份以後會真的還原一次。", DRILL),
        None => old(app, "還沒有備份", "一份驗過的都沒有。".to_owned(), BACK_UP),
        Some((_, at)) if OLD_MINUTES <= at.minutes_since(now).abs() => {
            old(app, "備份很久沒試過還原", format!("最近一次是 {}。", at.beside(now)), DRILL)
        }
        Some((manifest, at)) => {
            let (deliveries, customers) = (ui::count(manifest.tally.deliveries()), ui::count(manifest.tally.customers()));
            let detail = format!("{} 還原驗過：{deliveries} 筆配送、{customers} 位客戶，金額相符。", at.beside(now));
            Sentence::good("備份真的能還原", detail)
        }
    }
}

/// Red once the program has had time to make up for it.
fn old(app: &App, title: &'static str, detail: String, remedy: (&'static str, &'static str)) -> Sentence {
    match app.counters.uptime().as_secs() / 60 < SOON_MINUTES {
        true => Sentence::mind(title, format!("{detail}剛開機，等一下會自己補。"), remedy),
        false => Sentence::bad(title, detail, remedy),
    }
}

fn practice(title: &'static str) -> Sentence {
    Sentence::good(title, "這裡的人和資料都是虛構的。")
}
