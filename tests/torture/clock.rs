//! The PC's clock is wrong and is put right: back an hour, back a day, ten years on and back again, while everybody works
//! and the jobs run. Nothing is lost, nothing is removed that should stay, no number is given twice.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use luckygas::app::{App, Clock};
use luckygas::backups::list::{Backup, list};
use luckygas::backups::prove::prove;
use luckygas::db::Lock;
use luckygas::jobs;
use luckygas::shop::Shop;
use luckygas::values::Stamp;
use rusqlite::Connection;

use crate::scene::Scene;
use crate::told::Told;
use crate::truth;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Where the clock is put next, seen from where it stands; the first of them every day.
const JUMPS: [i64; 8] = [-HOUR, -DAY, DAY, 3652 * DAY, -3652 * DAY, 3 * DAY, -2 * DAY, 40 * MINUTE];
const EVERY_DAY: usize = 5;

pub fn jumps(scene: &mut Scene, told: &mut Told) {
    let folder = scene.shop("shop");
    let kept = scene.shop("kept");
    let lock = Lock::take(&folder).unwrap();
    let clock = Arc::new(AtomicI64::new(Stamp::now().0));
    // The door and the jobs as the program opens them, with a clock we hold.
    let app = App::open(&folder, Clock::Set(clock.clone())).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let shop = Shop::open(app, listener).unwrap();
    let address = shop.address();
    let before = old_records(&folder);
    let mut crowd = scene.crowd();
    // Under a wrong clock people are told that a day is past, or that they were signed out; never that it failed.
    crowd.allowed = |status, _| status < 500 || status == 503;
    let mut copies = BTreeSet::new();
    for _ in 0..scene.times(1, 6) {
        for jump in JUMPS.into_iter().take(scene.times(EVERY_DAY, JUMPS.len())) {
            told.try_once(|told| {
                let ms = scene.dice.below(5 * MINUTE as u64) as i64;
                crowd.work(address, told, || {
                    std::thread::sleep(Duration::from_millis(60));
                    clock.fetch_add(jump + ms, Ordering::SeqCst);
                    std::thread::sleep(Duration::from_millis(60));
                });
                jobs::run_due(&shop.app);
                stay_signed_in(&folder, &kept, shop.app.now());
                crowd.ask_new(&folder, told);
                let conn = Connection::open(folder.join("luckygas.db")).unwrap();
                told.wrong.extend(truth::disagreements(&conn));
                let failed = "SELECT count(*) FROM job_runs WHERE outcome = 'failed'";
                told.hold(truth::count(&conn, failed) == 0, || format!("a job failed after a jump of {} hours", jump / HOUR));
                // There are fewer hours than are kept a copy of, so each keeps one.
                let now = hours_kept(&folder);
                told.lost.extend(copies.difference(&now).map(|hour: &String| format!("the copy of {hour} after {} hours", jump / HOUR)));
                copies = now;
            });
        }
    }
    shop.close().unwrap();
    drop(lock);
    told.wrong.extend(truth::check(&folder));
    crowd.ask_all(&folder, told);
    if old_records(&folder) != before {
        told.lost.push(format!("records of before: {:?} were {before:?}", old_records(&folder)));
    }
    let conn = Connection::open(folder.join("luckygas.db")).unwrap();
    let twice = "SELECT count(*) - count(DISTINCT order_number) FROM orders";
    told.hold(truth::count(&conn, twice) == 0, || "an order number is given twice".to_owned());
    told.acknowledged += crowd.acknowledged();
    for backup in list(&folder) {
        told.hold(prove(&backup.path).is_ok_and(|proof| proof.is_good()), || format!("{} is not good", backup.name));
    }
    told.note(format!("{} jumps from an hour to ten years, a copy kept of {} hours", told.tried, copies.len()));
}

/// Customers, and the deliveries of days nobody works on in this run.
fn old_records(folder: &Path) -> Vec<String> {
    let conn = Connection::open(folder.join("luckygas.db")).unwrap();
    let queries = ["SELECT * FROM customers", "SELECT * FROM all_deliveries WHERE delivered_on < date('now', '-7 days')"];
    queries.iter().map(|sql| format!("{sql}: {}", truth::rows_hash(&conn, sql).unwrap())).collect()
}

/// The hours there is a copy of, by the clock that was then.
fn hours_kept(folder: &Path) -> BTreeSet<String> {
    let hour = |backup: &Backup| backup.name.to_string().chars().take("luckygas-20261122-03".len()).collect();
    list(folder).iter().map(hour).collect()
}

/// Who was signed out by a clock that ran ahead has signed in again; `kept` has the sessions everybody began with.
fn stay_signed_in(folder: &Path, kept: &Path, now: Stamp) {
    let conn = Connection::open(folder.join("luckygas.db")).unwrap();
    conn.busy_timeout(Duration::from_secs(10)).unwrap();
    conn.execute("ATTACH ?1 AS kept", [kept.join("luckygas.db").to_str().unwrap()]).unwrap();
    conn.execute_batch("BEGIN IMMEDIATE; INSERT OR REPLACE INTO main.sessions SELECT * FROM kept.sessions;").unwrap();
    conn.execute("UPDATE main.sessions SET created_at = ?1, expires_at = ?2", [now.0, now.0 + DAY]).unwrap();
    conn.execute_batch("COMMIT").unwrap();
}
