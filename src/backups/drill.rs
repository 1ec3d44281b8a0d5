//! A restore that is only tried: the newest copy takes the place of a shop in a scratch folder, as it would here, is opened by
//! the same code and asked what people would ask it.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::app::App;
use crate::backups::list::Backup;
use crate::backups::manifest::Manifest;
use crate::backups::restore::{self, End};
use crate::backups::tally::tally;
use crate::backups::{jobs, make};
use crate::customers::card::Card;
use crate::customers::search::Query;
use crate::db::{self, Lock};
use crate::deliveries;
use crate::error::{Error, Result};
use crate::reports;
use crate::ui;
use crate::values::Day;

/// What a restore itself writes.
const CHANGED: &[&str] = &["sessions", "sessions_seen", "journal", "job_runs"];

/// The rule of a drill whose copy did not answer as the shop had.
pub const DIFFERENCE: &str = "the drill found a difference";

/// Tries the newest good copy and notes in it that it was tried.
pub fn run(app: &App) -> Result<Value> {
    if !app.has_users()? {
        return Ok(json!({"say": jobs::NOBODY_YET}));
    }
    let newest = app.backups.newest_good(&app.folder);
    let Some((backup, manifest)) = newest.and_then(|backup| backup.manifest.clone().map(|manifest| (backup, manifest))) else {
        return Err(Error::refused("no good copy to try", "還沒有驗過的備份可以試。"));
    };
    let scratch = Scratch::new(&app.folder)?;
    let asked = drill(app, &backup, &manifest, &scratch.0)?;
    drop(scratch);
    make::note(app, &backup, Manifest { drilled_at: Some(app.now()), ..(*manifest).clone() })?;
    let say = format!("{} 筆配送、{} 位客戶，還原驗過。", ui::count(manifest.tally.deliveries()), ui::count(manifest.tally.customers()));
    Ok(json!({"say": say, "name": backup.name.to_string(), "asked": asked}))
}

/// Removes what a drill that was cut off left behind.
pub fn clear(folder: &Path) {
    let _ = fs::remove_dir_all(scratch(folder));
}

fn scratch(folder: &Path) -> PathBuf {
    folder.join("drill")
}

/// The folder of a drill, gone afterwards.
struct Scratch(PathBuf);

impl Scratch {
    fn new(folder: &Path) -> Result<Scratch> {
        clear(folder);
        let path = scratch(folder);
        db::usable_folder(&path)?;
        Ok(Scratch(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Restores `backup` into `folder` and asks it; gives how many questions it answered as the shop would.
fn drill(app: &App, backup: &Backup, manifest: &Manifest, folder: &Path) -> Result<usize> {
    let go_on = || {
        if app.is_stopping() { Err(Error::refused(make::STOPPING, "程式正在停止，下次再試還原。")) } else { Ok(()) }
    };
    go_on()?;
    let _lock = Lock::take(folder)?;
    restore::prepare(folder, &backup.path, "夜裡演練", app.now())?;
    go_on()?;
    match restore::settle(folder)?.map(|settled| settled.end) {
        Some(End::Restored { .. }) => {}
        Some(End::Kept { say }) => return Err(Error::refused("the drill did not restore", say)),
        None => return Err(Error::impossible("find the restore of a drill")),
    }
    let shop = App::open(folder, app.clock.clone())?;
    go_on()?;
    let findings = shop.db.read(db::check)?;
    go_on()?;
    let mut wrong: Vec<String> =
        findings.iter().filter(|finding| !finding.is_good).map(|finding| format!("{}：{}", finding.what, finding.detail)).collect();
    let answered = shop.db.read(|conn| ask(&shop, conn, manifest))?;
    let asked = findings.len() + answered.len();
    wrong.extend(answered.into_iter().filter(|(_, is_right)| !is_right).map(|(what, _)| what.to_owned()));
    if wrong.is_empty() {
        return Ok(asked);
    }
    log::error!("the drill found: {}", wrong.join("; "));
    Err(Error::refused(DIFFERENCE, format!("還原演練有 {} 項不對：{}。備份都還留著。", wrong.len(), wrong.join("、"))))
}

/// What people ask a shop, and whether the answers are those of the moment the copy was made.
fn ask(shop: &App, conn: &Connection, manifest: &Manifest) -> Result<Vec<(&'static str, bool)>> {
    let counted = tally(conn)?;
    let mut answers = vec![
        ("配送筆數", counted.deliveries() == manifest.tally.deliveries()),
        ("客戶數", counted.customers() == manifest.tally.customers()),
        ("訂單數", counted.orders() == manifest.tally.orders()),
        ("金額", manifest.tally.money.iter().all(|(column, sum)| counted.money.get(column) == Some(sum))),
    ];
    if manifest.schema == db::VERSION {
        let is_same = |(table, rows): (&String, &i64)| CHANGED.contains(&table.as_str()) || counted.rows.get(table) == Some(rows);
        answers.push(("每張表的筆數", manifest.tally.rows.iter().all(is_same)));
    }
    if let Some((first, last)) = manifest.days {
        answers.extend(ask_about_days(shop, conn, first, last, manifest)?);
    }
    Ok(answers)
}

fn ask_about_days(shop: &App, conn: &Connection, first: Day, last: Day, manifest: &Manifest) -> Result<Vec<(&'static str, bool)>> {
    let mut answers = Vec::new();
    let months: i64 = reports::store::months(conn)?.iter().map(|(_, deliveries)| deliveries).sum();
    answers.push(("每月的配送", months == manifest.tally.deliveries()));
    let month = reports::pages::report_of(conn, last.month(), last)?;
    let days: i64 = reports::store::days(conn, last.month().first(), last.month().last())?.iter().map(|day| day.totals.deliveries).sum();
    answers.push(("最後一個月的月報", month.totals.deliveries == days));
    for (what, day) in [("第一天的配送", first), ("最後一天的配送", last)] {
        let stops = deliveries::store::on_day(conn, day)?;
        let summary: i64 = reports::store::days(conn, day, day)?.iter().map(|day| day.totals.deliveries).sum();
        answers.push((what, !stops.is_empty() && stops.len() as i64 == summary));
        let Some(stop) = stops.first() else { continue };
        let found = shop.finder.find(conn, &Query::new(&stop.customer_code), 0, 9)?;
        answers.push(("找得到那天的客戶", found.ids.contains(&stop.delivery.customer_id)));
        let card = Card::load(conn, stop.delivery.customer_id, shop.now(), &shop.settings())?;
        let newest = card.deliveries.deliveries.first().map(|delivery| delivery.delivered_on);
        answers.push(("那位客戶的卡片", newest.is_some_and(|newest| day <= newest)));
    }
    Ok(answers)
}
