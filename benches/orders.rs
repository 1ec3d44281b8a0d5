//! Budget, with the full shop and its day of orders, over HTTP on loopback, through the door: saving an order, durable,
//! p99 < 50 ms while 15 people search, read cards and lists and save; an order list of a day p99 < 5 ms, the due list of
//! the whole shop p99 < 50 ms, a customer's card p99 < 5 ms. 200 orders from 10 clients without a pause: 200 numbers in
//! sequence and no error.
//!
//! The floor of a page is its bare queries and `/health`, as in `pages`; that of saving is one commit of the same rows
//! that waits for the disk (`synchronous = FULL`), on the same disk in the same run.

mod support;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use luckygas::demo::Size;
use rusqlite::Connection;
use support::desk::{save, tell};
use support::page::{self, Page, keystrokes, measure, open, texts, times};
use support::shop::{Browser, Served, Shop};

/// A save that came back within this.
const SAVED: Duration = Duration::from_millis(50);
/// How long the 15 are at work, and how long each looks at an answer before the next request. People take ten times
/// as long; a shop with 150 at the counter would be this busy.
const SHIFT: Duration = Duration::from_secs(30);
const GLANCE: Duration = Duration::from_millis(50);

fn main() {
    let shop = Shop::make(Size::Full);
    let served = Served::open(&shop.folder);
    let mut browser = Browser::sign_in(&served.address, "xiaohui");
    let conn = open(&shop.folder);
    for page in pages(&conn) {
        measure(&page, &mut browser, &conn, Size::Full);
    }
    commits(&shop.folder);
    alone(&browser, &conn);
    shift(&browser, &conn);
    drop(conn);
    at_once(&browser, &shop.folder);
}

const OF_DAY: &str = "
    SELECT o.*, c.short_name, a.name, u.name,
           (SELECT group_concat(l.product_name || ' × ' || l.qty, '、') FROM order_lines AS l WHERE l.order_id = o.id)
    FROM orders AS o
    JOIN customers AS c ON c.id = o.customer_id
    LEFT JOIN areas AS a ON a.id = c.area_id
    LEFT JOIN users AS u ON u.id = o.driver_id
    WHERE o.scheduled_on = ?1
    ORDER BY o.is_urgent DESC, o.window_start, o.id
    LIMIT 51";

const DAY_COUNTS: &str = "
    SELECT status, payment_method, is_urgent, 0 < attempt_count, created_by, count(*), sum(final_ntd)
    FROM orders
    WHERE scheduled_on = ?1
    GROUP BY status, payment_method, is_urgent, 0 < attempt_count, created_by";

/// Everybody who is visited without calling, with the days of the last deliveries.
const VISITED: &str = "
    SELECT c.id, c.customer_code, c.short_name, a.name, c.monthly_delivered_g, c.monthly_residual_g, c.avg_daily_g, c.series_g,
           c.reserve_g, c.closed_weekdays,
           (SELECT group_concat(delivered_on)
            FROM (SELECT delivered_on FROM all_deliveries AS d WHERE d.customer_id = c.id ORDER BY delivered_on DESC LIMIT 10)) AS days
    FROM customers AS c
    LEFT JOIN areas AS a ON a.id = c.area_id
    WHERE c.is_active = 1 AND c.is_terminated = 0 AND c.is_walk_in = 0 AND (c.on_patrol = 1 OR c.is_subscription = 1 OR c.has_telemetry = 1)
      AND c.id NOT IN (SELECT customer_id FROM orders WHERE status IN ('pending', 'confirmed', 'assigned', 'in_delivery'))";

/// What waits for somebody.
const OPEN: &str = "
    SELECT o.*, c.short_name
    FROM orders AS o
    JOIN customers AS c ON c.id = o.customer_id
    WHERE o.status IN ('pending', 'confirmed', 'assigned', 'in_delivery') AND (o.status = 'pending' OR 0 < o.attempt_count)";

const TAKEN: &str = "SELECT count(*) FROM orders WHERE ordered_on = ?1";
const SERVED: &str = "SELECT count(*) FROM customers WHERE is_active = 1 AND is_terminated = 0";
const MONTH: &str =
    "SELECT sum(deliveries), sum(known), sum(gas_g) FROM delivery_days WHERE delivered_on BETWEEN substr(?1, 1, 8) || '01' AND ?1";

fn pages(conn: &Connection) -> Vec<Page> {
    let ms = Duration::from_millis;
    let days = texts(conn, "SELECT DISTINCT scheduled_on FROM orders ORDER BY 1 DESC LIMIT 30");
    let today = days[1].clone();
    let callers = texts(conn, "SELECT CAST(id AS TEXT) FROM customers WHERE id % 37 = 5 AND is_terminated = 0");
    let ordering =
        texts(conn, "SELECT DISTINCT CAST(customer_id AS TEXT) FROM orders WHERE status IN ('confirmed', 'assigned', 'in_delivery')");
    let list = |name, days: &[String]| Page {
        name,
        budget: ms(5),
        targets: days.iter().map(|day| format!("/orders?date={day}")).collect(),
        raw: days.iter().map(|day| vec![(OF_DAY, vec![day.clone()]), (DAY_COUNTS, vec![day.clone()])]).collect(),
    };
    vec![
        list("orders, today", std::slice::from_ref(&today)),
        list("orders, any day", &days),
        Page {
            name: "due list, whole shop",
            budget: ms(50),
            targets: ["/due".to_owned(), format!("/due?date={}", days[0])].to_vec(),
            raw: vec![vec![(VISITED, vec![])], vec![(VISITED, vec![])]],
        },
        Page {
            name: "card, open order",
            budget: ms(5),
            targets: ordering.iter().map(|id| format!("/customers/{id}")).collect(),
            raw: ordering.iter().map(|id| page::card(id)).collect(),
        },
        Page {
            name: "card, any",
            budget: ms(5),
            targets: callers.iter().map(|id| format!("/customers/{id}")).collect(),
            raw: callers.iter().map(|id| page::card(id)).collect(),
        },
        Page {
            name: "order form",
            budget: ms(10),
            targets: callers.iter().map(|id| format!("/orders/new?customer={id}")).collect(),
            raw: callers.iter().map(|id| page::order_form(id)).collect(),
        },
        Page {
            name: "today",
            budget: ms(10),
            targets: vec!["/".to_owned()],
            raw: vec![vec![
                (DAY_COUNTS, vec![today.clone()]),
                (OPEN, vec![]),
                (TAKEN, vec![today.clone()]),
                (SERVED, vec![]),
                (MONTH, vec![today]),
            ]],
        },
    ]
}

/// Customers anybody may order for, in no order a cache would like.
fn callers(conn: &Connection) -> Vec<String> {
    texts(conn, "SELECT CAST(id AS TEXT) FROM customers WHERE is_terminated = 0 AND is_walk_in = 0 ORDER BY id * 7919 % 100003")
}

/// What saving cannot be quicker than: the rows of one order written to a copy of the file, a commit each.
fn commits(folder: &Path) {
    let copy = folder.join("copy.db");
    std::fs::copy(folder.join("luckygas.db"), &copy).expect("a copy");
    let mut conn = Connection::open(&copy).expect("the copy opens");
    conn.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON").expect("pragmas");
    let columns =
        "customer_id, origin, status, scheduled_on, window_start, window_end, delivery_address, contact_name, contact_phone, is_urgent,
                   notes, subtotal_ntd, discount_ntd, surcharge_ntd, final_ntd, payment_method, created_by, created_at, updated_at";
    let order = format!(
        "INSERT INTO orders (ordered_on, day_no, {columns})
         SELECT '2200-01-01', (SELECT coalesce(max(day_no), 0) + 1 FROM orders WHERE ordered_on = '2200-01-01'),
                {}
         FROM orders WHERE id = ?1",
        columns.replace("status", "'confirmed'")
    );
    let row = "x".repeat(1_300);
    let took = times(500, |round| {
        let tx = conn.transaction().expect("a transaction");
        let of = 1 + round as i64;
        tx.prepare_cached(&order).and_then(|mut insert| insert.execute([of])).expect("an order");
        let id = tx.last_insert_rowid();
        for sql in [
            "INSERT INTO order_lines (order_id, line_no, product_id, product_name, qty, unit_price_ntd, list_price_ntd, discount_percent, line_ntd,
                                      is_exchange, empties_expected)
             VALUES (?1, 1, 2, '20KG', 2, 850, 850, 0, 1700, 1, 2)",
            "INSERT INTO order_history (order_id, to_status, at, user_id) VALUES (?1, 'confirmed', 0, 1)",
            "INSERT INTO order_search (order_id, key) VALUES (?1, char(10) || '台東市日昇路12號' || char(9) || '0890000213')",
        ] {
            tx.prepare_cached(sql).and_then(|mut insert| insert.execute([id])).expect("its rows");
        }
        let journal = "INSERT INTO journal (at, user_id, verb, noun, noun_id, change) VALUES (0, 1, 'take', 'order', ?1, json_quote(?2))";
        tx.prepare_cached(journal).and_then(|mut insert| insert.execute(rusqlite::params![id, row])).expect("its journal");
        tx.commit().expect("a commit");
    });
    tell("its rows, bare, committed", &took, None);
}

/// One clerk at a time: the form as it opens, saved with Enter.
fn alone(browser: &Browser, conn: &Connection) {
    let callers = callers(conn);
    let mut clerk = browser.again();
    let mut took: Vec<Duration> = callers.iter().take(300).filter_map(|id| save(&mut clerk, id)).collect();
    took.sort_unstable();
    tell("saved, one clerk alone", &took, Some(SAVED));
}

/// Fifteen people: each takes call after call, and looks at a list between.
fn shift(browser: &Browser, conn: &Connection) {
    let (callers, typed) = (callers(conn), keystrokes(conn));
    let until = Instant::now() + SHIFT;
    let mut took: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    std::thread::scope(|scope| {
        let people: Vec<_> = (0..15)
            .map(|person| {
                let (mut desk, callers, typed) = (browser.again(), &callers, &typed);
                scope.spawn(move || {
                    let mut took: Vec<(&str, Duration)> = Vec::new();
                    for call in (0..).map(|call| call * 15 + person) {
                        let customer = &callers[(call + 300) % callers.len()];
                        let mut look = |what, target: String| {
                            let start = Instant::now();
                            let (status, _) = desk.get(&target);
                            took.push((what, start.elapsed()));
                            assert_eq!(status, 200, "{target}");
                            std::thread::sleep(GLANCE);
                        };
                        for key in 0..4 {
                            let typed = &typed[(call * 4 + key) % typed.len()];
                            let query: String = form_urlencoded::byte_serialize(typed.as_bytes()).collect();
                            look("  a keystroke", format!("/customers/find?q={query}"));
                        }
                        look("  a card", format!("/customers/{customer}"));
                        match call % 4 {
                            0 => look("  the day's orders", "/orders".to_owned()),
                            1 => look("  today", "/".to_owned()),
                            2 => look("  the due list", "/due".to_owned()),
                            _ => look("  an order form", format!("/orders/new?customer={customer}")),
                        }
                        took.extend(save(&mut desk, customer).map(|saved| ("  a save", saved)));
                        std::thread::sleep(GLANCE);
                        if until < Instant::now() {
                            break;
                        }
                    }
                    took
                })
            })
            .collect();
        for person in people {
            for (what, time) in person.join().expect("somebody at work") {
                took.entry(what).or_default().push(time);
            }
        }
    });
    println!("  15 people at work for {SHIFT:.0?}:");
    for (what, mut times) in took {
        times.sort_unstable();
        tell(what, &times, (what == "  a save").then_some(SAVED));
    }
}

/// Ten programs, each with twenty orders, without a pause.
fn at_once(browser: &Browser, folder: &Path) {
    let customers = callers(&open(folder));
    let last = |conn: &Connection| -> i64 {
        const SQL: &str = "SELECT max(day_no) FROM orders WHERE ordered_on = (SELECT max(ordered_on) FROM orders)";
        conn.query_row(SQL, [], |row| row.get(0)).expect("the numbers")
    };
    let (before, start) = (last(&open(folder)), Barrier::new(11));
    let (mut took, whole) = std::thread::scope(|scope| {
        let programs: Vec<_> = (0..10)
            .map(|program| {
                let (mut desk, customers, start) = (browser.again(), &customers, &start);
                scope.spawn(move || {
                    start.wait();
                    times(20, |round| {
                        let customer = &customers[5_000 + round * 10 + program];
                        let body = format!(r#"{{"customer_id": {customer}, "lines": [{{"product_id": 2, "qty": 1}}]}}"#);
                        let (status, answer) = desk.send("POST", "/api/v1/orders", "application/json", body.as_bytes());
                        assert_eq!(status, 201, "{}", String::from_utf8_lossy(&answer));
                    })
                })
            })
            .collect();
        start.wait();
        let begun = Instant::now();
        let took: Vec<Duration> = programs.into_iter().flat_map(|program| program.join().expect("a program")).collect();
        (took, begun.elapsed())
    });
    took.sort_unstable();
    let made = last(&open(folder)) - before;
    assert_eq!(made, 200, "numbers in sequence");
    tell("200 orders from 10 programs", &took, Some(SAVED));
    println!("  all 200 in {whole:.0?}, their numbers {} to {}", before + 1, before + made);
}
