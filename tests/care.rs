//! The file is looked after while people work: the WAL stays short whoever reads, and nobody who saves waits for that.

mod support;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::thread;
use std::time::{Duration, Instant};

use luckygas::Error;
use luckygas::db::Db;
use luckygas::error::{Doing, Result};
use luckygas::jobs::{self, Outcome};
use luckygas::journal::By;
use luckygas::settings::Settings;
use luckygas::values::Stamp;
use rusqlite::Connection;
use serde_json::json;
use support::deliveries::Table::{Closed, Recent};
use support::{Folder, Site, day};

const MB: u64 = 1024 * 1024;
const NEVER: Duration = Duration::from_secs(3600);

/// A save of some pages; gives how long it took.
fn save(db: &Db, at: u64) -> Duration {
    let asked = Instant::now();
    let sql = "INSERT OR REPLACE INTO settings (name, value) VALUES ('filler ' || ?1, hex(randomblob(8000)))";
    db.write(|tx| tx.execute(sql, [(at % 500) as i64]).doing("fill")).unwrap();
    asked.elapsed()
}

fn count(conn: &Connection) -> Result<i64> {
    conn.query_row("SELECT count(*) FROM settings", [], |row| row.get(0)).doing("count")
}

/// Says that it is over, however its thread ends.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Reads on and on, until it is stopped from outside or `is_over`.
fn read_for_long(db: &Db, is_over: &AtomicBool) -> Result<()> {
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n";
    db.read(|conn| {
        count(conn)?;
        let mut query = conn.prepare(endless).doing("read")?;
        let mut rows = query.query([]).doing("read")?;
        while !is_over.load(Ordering::Relaxed) && rows.next().doing("read for long")?.is_some() {}
        Ok(())
    })
}

#[test]
fn a_reader_who_stays_is_ended_and_the_wal_is_short_again() {
    let folder = Folder::new();
    let db = Db::open(&folder.0).unwrap();
    let is_over = AtomicBool::new(false);
    let (longest, most, answer) = thread::scope(|scope| {
        let _over = Over(&is_over);
        let reader = scope.spawn(|| read_for_long(&db, &is_over));
        thread::sleep(Duration::from_millis(50));
        let (mut longest, mut most) = (Duration::ZERO, 0);
        for at in 0..1_000 {
            longest = longest.max(save(&db, at));
            most = most.max(db.wal_bytes());
        }
        assert!(8 * MB < most, "the reader kept the WAL from beginning anew: {most}");

        let named = db.tend_to(Duration::ZERO, NEVER, MB).unwrap();
        assert_eq!(named.long_reads.len(), 1);
        assert!(named.long_reads[0].at.starts_with("tests/care.rs:"), "{named:?}");
        assert!(!named.long_reads[0].is_ended && MB < named.wal_after, "who reads for long is named before anything happens to it");

        let ended = db.tend_to(Duration::ZERO, Duration::ZERO, MB).unwrap();
        assert!(ended.long_reads[0].is_ended);
        (longest, most, reader.join().unwrap())
    });
    let refused = answer.unwrap_err();
    assert_eq!(refused.user_message(), "這一頁查太久，先停了，免得擋到別人。請把日子或條件縮小再查。");
    let tended = db.tend_to(Duration::ZERO, NEVER, MB).unwrap();
    assert_eq!((tended.wal_after, tended.long_reads.len()), (0, 0), "{tended:?}");
    println!("1,000 saves of 16 KB under a reader: WAL at most {:.1} MB, then 0; slowest save {longest:.1?}", most as f64 / MB as f64);
    db.read(|conn| conn.query_row("SELECT 1", [], |_| Ok(())).doing("read again")).unwrap();
}

/// Fifteen people look at pages all the time, so that somebody is always reading.
#[test]
fn readers_close_upon_each_other_do_not_let_the_wal_grow_and_nobody_who_saves_waits() {
    let folder = Folder::new();
    let db = Db::open(&folder.0).unwrap();
    let (is_over, slowest) = (AtomicBool::new(false), AtomicU64::new(0));
    let bound = 2 * MB;
    let some =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3000) SELECT sum(i), (SELECT count(*) FROM settings) FROM n";
    thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    db.read(|conn| conn.query_row(some, [], |_| Ok(())).doing("read")).unwrap();
                }
            });
        }
        scope.spawn(|| {
            let _over = Over(&is_over);
            for at in 0..600 {
                slowest.fetch_max(save(&db, at).as_micros() as u64, Ordering::Relaxed);
            }
        });
        let mut most = 0;
        while !is_over.load(Ordering::Relaxed) {
            let tended = db.tend_to(NEVER, NEVER, bound).unwrap();
            most = most.max(tended.wal_after);
            thread::sleep(Duration::from_millis(20));
        }
        println!(
            "600 saves of 16 KB under six readers: WAL after a look at most {:.1} MB, slowest save {:.1} ms",
            most as f64 / MB as f64,
            slowest.load(Ordering::Relaxed) as f64 / 1e3
        );
    });
    let last = db.tend_to(NEVER, NEVER, bound).unwrap();
    assert!(last.wal_after <= bound, "{last:?}");
    assert!(slowest.load(Ordering::Relaxed) < 5_000_000, "SQLite's own wait for a lock ended somebody's save");
}

#[test]
fn whoever_has_the_connection_next_is_not_ended_in_its_place() {
    let folder = Folder::new();
    let db = Db::open(&folder.0).unwrap();
    let ((is_in_it, in_it), (go_on, wait)) = (channel(), channel::<()>());
    let db = &db;
    thread::scope(|scope| {
        let idle = scope.spawn(move || {
            db.read(|conn| {
                is_in_it.send(()).unwrap();
                wait.recv().unwrap();
                count(conn)
            })
        });
        in_it.recv().unwrap();
        // It reads nothing at this moment, so there is nothing to end; it is named, and what it asks for next is answered.
        assert_eq!(db.tend_to(Duration::ZERO, Duration::ZERO, MB).unwrap().long_reads.len(), 1);
        go_on.send(()).unwrap();
        idle.join().unwrap().unwrap();
    });
    let is_over = AtomicBool::new(false);
    for _ in 0..20 {
        thread::scope(|scope| {
            let reader = scope.spawn(|| read_for_long(db, &is_over));
            while db.tend_to(Duration::ZERO, Duration::ZERO, MB).unwrap().long_reads.is_empty() {
                thread::yield_now();
            }
            // Ended while it ran, or before it had begun: then once more.
            while !reader.is_finished() {
                let _ = db.tend_to(Duration::ZERO, Duration::ZERO, MB).unwrap();
            }
            assert!(matches!(reader.join().unwrap(), Err(Error::Internal { .. })));
        });
        assert_eq!(db.read(count).unwrap(), 0);
    }
}

#[test]
fn a_short_wal_is_let_be_and_a_full_disk_too() {
    let site = Site::open();
    let db = &site.app.db;
    let tended = db.tend().unwrap();
    assert_eq!(tended.wal_before, tended.wal_after, "SQLite folds it in by itself");
    db.hold(luckygas::error::Held::Full);
    let tended = db.tend_to(NEVER, NEVER, 0).unwrap();
    assert!(0 < tended.wal_after && tended.wal_before == tended.wal_after);
    assert!(db.try_again());
    save(db, 1);
    assert_eq!(db.tend_to(NEVER, NEVER, 0).unwrap().wal_after, 0);
}

fn run(site: &Site, job: &str) -> (Option<Outcome>, serde_json::Value) {
    let run = jobs::run(&site.app, jobs::find(job).unwrap(), By::program(site.app.now())).unwrap();
    (run.outcome, run.counts)
}

fn execute(site: &Site, sql: &str) {
    site.app.db.write(|tx| tx.execute_batch(sql).doing("set the scene")).unwrap();
}

#[test]
fn the_totals_are_recounted_and_a_difference_is_told_and_never_mended() {
    let site = Site::open();
    let customer = site.customer("1000017", "好味小吃", |_| {});
    site.add_deliveries(&[(1, customer, day("2024-01-05"), Closed, None), (2, customer, day("2025-05-05"), Recent, None)]);
    let (outcome, counts) = run(&site, "totals");
    assert_eq!(outcome, Some(Outcome::Done), "{counts}");
    site.lin().get("/data/jobs").check(200, "核對了").check(200, "項，都相符");

    execute(&site, "UPDATE delivery_days SET deliveries = deliveries + 1 WHERE delivered_on = '2025-05-05'");
    let (outcome, counts) = run(&site, "totals");
    assert_eq!((outcome, counts["error"].as_str()), (Some(Outcome::Failed), Some("totals differ")));
    assert_eq!(counts["say"], "每日統計相符：1 天不符。資料沒有動，請把這一行念給維護的人聽。");
    site.lin().get("/data/jobs").check(200, "badge failed").check(200, "每日統計相符：1 天不符");
    site.lin().get("/").check(200, "核對總數");
    assert_eq!(run(&site, "totals").0, Some(Outcome::Failed), "it stands until somebody has seen why");
}

#[test]
fn what_nobody_needs_any_more_goes_and_the_rest_stays() {
    let site = Site::open();
    let days_ago = |days: i64| site.app.now().plus_minutes(-days * 24 * 60).0;
    execute(
        &site,
        &format!(
            "INSERT INTO notices (id, at, event, user_id, text) VALUES
                 (1, {year}, 'conflict', NULL, 'of last year, unread'), (2, {old}, 'conflict', NULL, 'read by all'),
                 (3, {old}, 'route_published', 5, 'read by its driver'), (4, {old}, 'conflict', NULL, 'not read by everybody'),
                 (5, {old}, 'route_published', 5, 'not read'), (6, {new}, 'conflict', NULL, 'new'), (1003, {old}, 'conflict', NULL, 'one of the last thousand');
             INSERT INTO notices_seen (user_id, notice_id) VALUES (1, 1003), (2, 1003), (3, 2), (4, 1003), (5, 3);
             INSERT INTO driver_acts (id, action_id, user_id, act, received_at, payload, outcome, answer, settled_at) VALUES
                 (1, 'act-00001', 5, 'arrive', {year}, '{{}}', 'applied', '{{}}', NULL), (2, 'act-00002', 5, 'arrive', {year}, '{{}}', 'conflict', '{{}}', {year}),
                 (3, 'act-00003', 5, 'arrive', {old}, '{{}}', 'applied', '{{}}', NULL), (20003, 'act-20003', 5, 'arrive', {year}, '{{}}', 'applied', '{{}}', NULL);",
            year = days_ago(400),
            old = days_ago(100),
            new = days_ago(1)
        ),
    );
    assert!(run(&site, "purge").1["say"].as_str().unwrap().contains("先不清"), "the program is here for the first day");
    for days in 1..7 {
        let at = days_ago(days);
        execute(&site, &format!("INSERT INTO job_runs (job, started_at, finished_at, outcome) VALUES ('purge', {at}, {at}, 'done')"));
    }
    assert_eq!(run(&site, "purge"), (Some(Outcome::Done), json!({"notices": 3, "acts": 1})));
    let left = |sql: &str| -> Vec<i64> {
        let read =
            |conn: &Connection| Ok(conn.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect());
        site.app.db.read(read).unwrap()
    };
    assert_eq!(left("SELECT id FROM notices ORDER BY id"), [4, 5, 6, 1003]);
    assert_eq!(left("SELECT id FROM driver_acts ORDER BY id"), [2, 3, 20003], "the latest stay, whatever the clock says");
    assert_eq!(run(&site, "purge").1, json!({"notices": 0, "acts": 0}));

    // Ten years on by a wrong clock everything is old, and nothing goes.
    site.wait_minutes(10 * 365 * 24 * 60);
    for _ in 0..10 {
        run(&site, "purge");
    }
    assert_eq!(left("SELECT id FROM driver_acts ORDER BY id"), [2, 3, 20003]);
    assert_eq!(left("SELECT id FROM notices ORDER BY id"), [4, 5, 6, 1003]);
}

#[test]
fn a_file_a_quarter_of_which_is_empty_is_written_anew_once() {
    let site = Site::open();
    let (outcome, counts) = run(&site, "compact");
    assert_eq!(outcome, Some(Outcome::Done));
    assert!(counts["say"].as_str().unwrap().starts_with("空著的只有 "), "{counts}");
    for at in 0..500 {
        save(&site.app.db, at);
    }
    execute(&site, "DELETE FROM settings WHERE name LIKE 'filler%'");
    let before = site.content();
    let (_, counts) = run(&site, "compact");
    assert!(counts["after_bytes"].as_u64().unwrap() * 2 < counts["before_bytes"].as_u64().unwrap(), "{counts}");
    assert!(counts["say"].as_str().unwrap().contains(" MB 變成 "), "{counts}");
    let mut after = site.content();
    after.insert("job_runs".to_owned(), before["job_runs"].clone());
    assert!(before == after, "nothing but the room is different");
    assert!(run(&site, "compact").1["say"].as_str().unwrap().starts_with("空著的只有 "));
    assert!(site.app.db.read(luckygas::db::check).unwrap().iter().all(|finding| finding.is_good));
}

#[test]
fn the_file_is_written_anew_at_night_and_by_day_only_once_a_month() {
    let compact = jobs::find("compact").unwrap();
    let at = |text: &str, hour| Stamp::taipei(day(text), hour, 10);
    let cases = [
        (None, at("2025-05-28", 10), true),
        (Some(at("2025-05-28", 10)), at("2025-05-29", 2), false),
        (Some(at("2025-05-28", 10)), at("2025-05-29", 3), true),
        (Some(at("2025-05-29", 3)), at("2025-05-29", 5), false),
        (Some(at("2025-05-28", 10)), at("2025-06-27", 9), false),
        (Some(at("2025-05-28", 10)), at("2025-06-27", 11), true),
        (Some(at("2035-05-28", 10)), at("2025-06-27", 11), true),
    ];
    for (last, now, due) in cases {
        assert_eq!((compact.is_due)(&Settings::default(), last, now), due, "{last:?} {now}");
    }
}
