//! What is kept of the day's figures: reckoned once for everybody, and never told after a write that changes it.

mod support;

use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};

use luckygas::cache::Cache;
use luckygas::db;
use luckygas::jobs::{self, Outcome};
use luckygas::journal::By;
use luckygas::orders::steps::{Handed, Move, act};
use luckygas::orders::take::take;
use luckygas::orders::{CancelReason, FailReason, Status};
use luckygas::users::Role;
use luckygas::values::{CustomerId, OrderId, Stamp};
use support::due::{burning, rhythmic};
use support::form::{form_on, type_over};
use support::routes::MING;
use support::{Browser, Site, day};

/// Numbers that need not be random, only many.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len() as u64) as usize]
    }
}

/// Every page whose numbers are kept.
const PAGES: [&str; 4] = ["/", "/due/count?date=2025-05-28", "/due/count?date=2025-05-29", "/reports/month"];

/// As `token` sees them.
fn pages(site: &Site, token: &str) -> Vec<String> {
    let browser = Browser { site, token: Some(token.to_owned()) };
    PAGES.iter().map(|page| browser.get(page).check(200, "").text()).collect()
}

/// One thing somebody does, or the program; not all of it succeeds.
fn something_happens(site: &Site, dice: &mut Dice, customers: &[CustomerId], token: &str) -> &'static str {
    let hui = Browser { site, token: Some(token.to_owned()) };
    let customer = dice.one_of(customers);
    let orders: i64 = site.app.db.read(|conn| Ok(conn.query_row("SELECT count(*) FROM orders", [], |row| row.get(0)).unwrap())).unwrap();
    let order = OrderId(1 + dice.roll(orders.max(1) as u64) as i64);
    let step = |step: Move, role| {
        let _ = site.app.db.write(|tx| act(tx, order, None, &step, site.actor(role)));
    };
    let send = |form: Vec<(String, String)>, to: &str| {
        let pairs: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        Browser { site, token: Some(token.to_owned()) }.post(to, &pairs)
    };
    match dice.roll(16) {
        0..=3 => {
            let status = dice.one_of(&[Status::Pending, Status::Confirmed, Status::Confirmed]);
            let mut new = site.new_order(customer, &[("C20", 1 + dice.roll(3) as i64)]);
            new.scheduled_on = new.scheduled_on.plus(dice.roll(3) as i64);
            let _ = site.app.db.write(|tx| take(tx, &new, status, site.actor(Role::OfficeStaff), &site.app.settings()));
            "an order is taken"
        }
        4 => {
            step(Move::Confirm, Role::OfficeStaff);
            "one is confirmed"
        }
        5 => {
            step(Move::Assign(MING), Role::OfficeStaff);
            "one is given to the driver"
        }
        6 => {
            step(Move::Start { note: None }, Role::Driver);
            "one is on its way"
        }
        7 => {
            step(Move::Fail { reason: FailReason::ALL[0], note: None }, Role::Driver);
            "one failed"
        }
        8 => {
            step(Move::Cancel { reason: CancelReason::Duplicate, note: None }, Role::OfficeStaff);
            "one is cancelled"
        }
        9 => {
            if orders != 0 {
                let handed = Handed::as_ordered(&site.order(order));
                step(Move::Deliver(Handed { recipient: Some("王小姐".to_owned()), ..handed }), Role::Driver);
            }
            "one is delivered"
        }
        10 => {
            hui.post(&format!("/due/{customer}/skip"), &[("date", dice.one_of(&["2025-05-28", "2025-05-29"]))]);
            "somebody is passed over"
        }
        11 => {
            hui.post(
                &format!("/due/{customer}/order"),
                &[("date", "2025-05-28"), ("press", &format!("press{:08}", dice.roll(99_999_999)))],
            );
            "an order from the list"
        }
        12 => {
            let mut form = form_on(&hui.get("/settings").text(), "/settings");
            type_over(&mut form, "look_ahead_days", &dice.roll(5).to_string());
            send(form, "/settings").check(303, "");
            "the shop looks further ahead"
        }
        13 => {
            let on = format!("2025-{:02}-{:02}", 2 + dice.roll(11), 1 + dice.roll(28));
            let sql = "INSERT OR REPLACE INTO product_prices (product_id, valid_from, unit_price_ntd) VALUES (?2, ?1, 800)";
            site.app.db.write(|tx| Ok(tx.execute(sql, rusqlite::params![on, 1 + dice.roll(5) as i64]).unwrap())).unwrap();
            "a price"
        }
        14 => {
            hui.post(&format!("/customers/{customer}/{}", dice.one_of(&["deactivate", "reactivate"])), &[]);
            "a customer comes or goes"
        }
        _ => {
            let job = dice.one_of(&["archive", "templates", "sessions"]);
            jobs::run(&site.app, jobs::find(job).unwrap(), By::program(site.app.now())).unwrap();
            "a job"
        }
    }
}

#[test]
fn after_any_write_the_kept_answer_is_the_fresh_one() {
    for seed in 0..12 {
        let mut site = Site::open();
        let mut dice = Dice(seed);
        site.add_prices();
        let customers = [
            burning(&site, "1900001", "霜降火鍋", (3_300, 50, 6), "2025-05-10"),
            burning(&site, "1900002", "範例小吃店", (2_133, 60, 20), "2025-05-05"),
            burning(&site, "1900003", "明天小館", (2_133, 60, 20), "2025-05-06"),
            rhythmic(&site, "1900005", "六和素菜", &["2025-05-08", "2025-04-18", "2025-03-29"]),
        ];
        let token = site.lin().token.unwrap();
        for at in 0..40 {
            let what = something_happens(&site, &mut dice, &customers, &token);
            let slow = db::slow_queries().len();
            let kept = pages(&site, &token);
            let (hits, misses) = (site.app.cache.hits(), site.app.cache.misses());
            assert_eq!(pages(&site, &token), kept, "seed {seed}, {at}: asked twice");
            assert_eq!(site.app.cache.misses(), misses, "seed {seed}, {at}: nothing was written, and something was reckoned anew");
            assert_eq!(site.app.cache.hits() - hits, PAGES.len() as u64, "seed {seed}, {at}");

            site.app.cache = Cache::default();
            let fresh = pages(&site, &token);
            if db::slow_queries().len() != slow {
                // The page tells of queries that took long, which happen on a busy machine and are written nowhere.
                continue;
            }
            for ((page, kept), fresh) in PAGES.iter().zip(kept).zip(fresh) {
                let differ = kept.bytes().zip(fresh.bytes()).position(|(one, other)| one != other).unwrap_or(0);
                let from =
                    (0..=differ.saturating_sub(60)).rev().find(|at| kept.is_char_boundary(*at) && fresh.is_char_boundary(*at)).unwrap_or(0);
                assert!(kept == fresh, "seed {seed}, {at}: {page} after: {what}: {}\n{}", &kept[from..], &fresh[from..]);
            }
        }
    }
}

#[test]
fn what_depends_on_the_time_moves_with_it() {
    let site = Site::open();
    let token = site.lin().token.unwrap();
    let misses = || {
        pages(&site, &token);
        site.app.cache.misses()
    };
    let first = misses();
    assert_eq!(misses(), first);
    site.wait_minutes(1);
    assert_eq!(misses(), 2 * first, "a quarter of a minute is the most");
    site.wait_minutes(-10);
    assert_eq!(misses(), 3 * first, "the clock was set back");
    let reckoned = |at: Stamp| *site.app.cached(("test", String::new()), at, |_, _| Ok(at)).unwrap();
    let midnight = Stamp::taipei(day("2025-05-29"), 0, 0);
    assert_eq!(reckoned(midnight.plus_ms(-1)), midnight.plus_ms(-1));
    assert_eq!(reckoned(midnight), midnight, "a new day");
    assert_eq!(reckoned(midnight.plus_ms(14_999)), midnight);
    assert_eq!(reckoned(midnight.plus_ms(15_000)), midnight.plus_ms(15_000));
}

#[test]
fn a_write_that_was_undone_and_a_reader_who_fails_leave_nothing_wrong_behind() {
    let site = Site::open();
    let key = || ("test", String::new());
    let now = site.app.now();
    let failed: luckygas::Result<std::sync::Arc<i64>> = site.app.cached(key(), now, |_, _| Err(luckygas::Error::impossible("count")));
    assert!(failed.is_err());
    let panicked =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| site.app.cached::<i64>(key(), now, |_, _| panic!("in the middle"))));
    assert!(panicked.is_err());
    assert_eq!(*site.app.cached(key(), now, |_, _| Ok(1)).unwrap(), 1);
    let undone: luckygas::Result<()> = site.app.db.write(|_| Err(luckygas::Error::impossible("write")));
    assert!(undone.is_err());
    assert_eq!(*site.app.cached(key(), now, |_, _| Ok(2)).unwrap(), 1, "nothing was written");
    assert_eq!(*site.app.cached(("other", String::new()), now, |_, _| Ok(3)).unwrap(), 3);
    assert_eq!(*site.app.cached(key(), now, |_, _| Ok("of another kind")).unwrap(), "of another kind");
}

/// Whoever's write was answered sees it, though others read all the time and reckonings overlap with commits.
#[test]
fn a_writer_never_reads_less_than_it_wrote() {
    let site = Site::open();
    let is_over = AtomicBool::new(false);
    let now = site.app.now();
    let runs = || {
        let count =
            |conn: &rusqlite::Connection| Ok(conn.query_row("SELECT count(*) FROM job_runs", [], |row| row.get::<_, i64>(0)).unwrap());
        *site.app.cached(("test", String::new()), now, |conn, _| count(conn)).unwrap()
    };
    let together = Barrier::new(4);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                together.wait();
                let mut seen = 0;
                while !is_over.load(Ordering::Relaxed) {
                    let now = runs();
                    assert!(seen <= now, "a number went back from {seen} to {now}");
                    seen = now;
                }
            });
        }
        together.wait();
        for at in 1..=400 {
            site.app
                .db
                .write(|tx| {
                    let id = jobs::store::begin(tx, "archive", now, By::program(now))?;
                    jobs::store::finish(tx, id, "archive", now, Outcome::Done, &serde_json::json!({}))
                })
                .unwrap();
            let seen = runs();
            if seen != at {
                is_over.store(true, Ordering::Relaxed);
            }
            assert_eq!(seen, at);
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(site.app.cache.hits() > 0);
}

#[test]
fn more_numbers_than_there_is_room_for_are_reckoned_again() {
    let site = Site::open();
    let now = site.app.now();
    for round in 0..3 {
        for at in 0..200 {
            let number = site.app.cached(("test", at.to_string()), now, |_, _| Ok(at)).unwrap();
            assert_eq!(*number, at, "round {round}");
        }
    }
}
