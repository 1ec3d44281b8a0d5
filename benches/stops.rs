//! Budget, with the full shop, over HTTP on loopback, through the door: a completed stop, durable, p99 < 50 ms while 15 people
//! work: eight drivers complete stops, seven in the office search, read cards and lists and save orders.
//!
//! The floor is one commit that waits for the disk (`synchronous = FULL`) of as many bytes as a completion adds, on the same
//! disk in the same run. At the end the whole file is asked whether its sums agree.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use luckygas::db;
use luckygas::demo::Size;
use rusqlite::Connection;
use support::desk::{save, tell};
use support::driven::{Round, send_out};
use support::page::{keystrokes, open, texts, times};
use support::shop::{Browser, Served, Shop};

/// A completion that came back within this.
const COMPLETED: Duration = Duration::from_millis(50);
/// Between two acts of one driver, and how long somebody in the office looks at an answer: people take a hundred times as long.
const BETWEEN: Duration = Duration::from_millis(150);
const GLANCE: Duration = Duration::from_millis(50);
const DRIVERS: usize = 8;
const STOPS: usize = 150;

fn main() {
    let shop = Shop::make(Size::Full);
    let rounds = send_out(&shop.folder, DRIVERS, STOPS);
    let served = Served::open(&shop.folder);
    let conn = open(&shop.folder);
    commits(&shop.folder);
    alone(&served.address, &rounds[0]);
    together(&served.address, &rounds, &conn);
    drop(conn);
    drop(served);
    agree(&shop.folder);
}

/// What a completion cannot be quicker than: a commit of its rows' bytes.
fn commits(folder: &Path) {
    let conn = Connection::open(folder.join("floor.db")).expect("a scratch file");
    conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE rows (id INTEGER PRIMARY KEY, row TEXT)")
        .expect("pragmas");
    let row = "x".repeat(400);
    let took = times(500, |_| {
        conn.execute_batch("BEGIN IMMEDIATE").expect("a transaction");
        for _ in 0..12 {
            conn.prepare_cached("INSERT INTO rows (row) VALUES (?1)").and_then(|mut insert| insert.execute([&row])).expect("a row");
        }
        conn.execute_batch("COMMIT").expect("a commit");
    });
    tell("twelve bare rows, committed", &took, None);
}

/// One driver, nobody else: the first third of his stops.
fn alone(address: &str, round: &Round) {
    let mut driver = Browser::sign_in(address, &round.username);
    let mut took: Vec<Duration> = round.stops[..STOPS / 3].iter().map(|stop| complete(&mut driver, stop.0)).collect();
    took.sort_unstable();
    tell("completed, one driver alone", &took, Some(COMPLETED));
}

/// Sends what a phone sends for a stop where all went as ordered, and gives how long the answer took.
fn complete(driver: &mut Browser, stop: i64) -> Duration {
    let body =
        serde_json::json!({"action_id": format!("bench-complete-{stop}"), "cash_handed_ntd": 1_000, "recipient": "本人"}).to_string();
    let start = Instant::now();
    let (status, answer) = driver.send("POST", &format!("/api/v1/stops/{stop}/complete"), "application/json", body.as_bytes());
    let took = start.elapsed();
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
    took
}

fn together(address: &str, rounds: &[Round], conn: &Connection) {
    let typed = keystrokes(conn);
    let callers =
        texts(conn, "SELECT CAST(id AS TEXT) FROM customers WHERE is_terminated = 0 AND is_walk_in = 0 ORDER BY id * 7919 % 100003 DESC");
    let is_over = AtomicBool::new(false);
    let mut took: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let drivers: Vec<_> = rounds
            .iter()
            .map(|round| {
                scope.spawn(move || {
                    let mut driver = Browser::sign_in(address, &round.username);
                    let left = round.stops.iter().skip(STOPS / 3 + 1);
                    left.map(|stop| {
                        std::thread::sleep(BETWEEN);
                        ("  a completed stop", complete(&mut driver, stop.0))
                    })
                    .collect::<Vec<_>>()
                })
            })
            .collect();
        let office: Vec<_> = (0..15 - DRIVERS)
            .map(|person| {
                let (typed, callers, is_over) = (&typed, &callers, &is_over);
                scope.spawn(move || {
                    let mut desk = Browser::sign_in(address, ["xiaohui", "azhen"][person % 2]);
                    let mut took = Vec::new();
                    for call in (0..).map(|call| call * 7 + person) {
                        if is_over.load(Ordering::Relaxed) {
                            break;
                        }
                        let mut look = |what, target: String| {
                            let start = Instant::now();
                            let (status, _) = desk.get(&target);
                            took.push((what, start.elapsed()));
                            assert_eq!(status, 200, "{target}");
                            std::thread::sleep(GLANCE);
                        };
                        let query: String = form_urlencoded::byte_serialize(typed[call % typed.len()].as_bytes()).collect();
                        let customer = &callers[call % callers.len()];
                        look("  a keystroke", format!("/customers/find?q={query}"));
                        look("  a card", format!("/customers/{customer}"));
                        match call % 3 {
                            0 => look("  the board", "/board".to_owned()),
                            1 => look("  the day's orders", "/orders".to_owned()),
                            _ => look("  today", "/".to_owned()),
                        }
                        took.extend(save(&mut desk, customer).map(|saved| ("  a saved order", saved)));
                    }
                    took
                })
            })
            .collect();
        let done: Vec<_> = drivers.into_iter().flat_map(|driver| driver.join().expect("a driver")).collect();
        is_over.store(true, Ordering::Relaxed);
        let office = office.into_iter().flat_map(|desk| desk.join().expect("somebody in the office"));
        for (what, time) in done.into_iter().chain(office) {
            took.entry(what).or_default().push(time);
        }
    });
    println!("  15 people at work for {:.0?}:", begun.elapsed());
    for (what, mut times) in took {
        times.sort_unstable();
        tell(what, &times, matches!(what, "  a completed stop" | "  a saved order").then_some(COMPLETED));
    }
}

/// `luckygas check` finds nothing to say of the file.
fn agree(folder: &Path) {
    let findings = db::check(&open(folder)).expect("the file is checked");
    let bad: Vec<_> = findings.iter().filter(|finding| !finding.is_good).collect();
    assert!(bad.is_empty(), "{bad:?}");
    println!("  and all {} questions of `luckygas check` are answered well", findings.len());
}
