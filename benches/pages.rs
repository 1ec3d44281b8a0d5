//! Budget, with the full file, over HTTP on loopback with keep-alive, signed in, through the door: a search
//! p99 < 10 ms, a customer and a page of a history at any depth p99 < 5 ms, a day p99 < 5 ms, a month report
//! p99 < 20 ms; each p50 at most 1.5 × what its bare queries and `/health` through the same door take together.
//! 15 clients leave the program under 32 MB of private memory; it answers within 50 ms of its start.
//!
//! The floor is the queries themselves, for nothing that asks SQLite can be faster, and `/health`, for nothing
//! that comes through the door can be. Ten times the history stands beside it: the budgets are not for that
//! size, but the ratios show what grows.

mod support;

use std::time::{Duration, Instant};

use luckygas::demo::Size;
use rusqlite::Connection;
use support::page::{self, COUNTS, Page, SEARCH, keystrokes, measure, open, texts, times};
use support::percentile;
use support::shop::{Browser, Served, Shop};

fn main() {
    // `cargo bench --bench pages -- full` leaves the tenfold shop out.
    let is_short = std::env::args().any(|word| word == "full");
    for size in [Size::Full, Size::Tenfold].into_iter().take(if is_short { 1 } else { 2 }) {
        let shop = Shop::make(size);
        starts(&shop);
        let served = Served::open(&shop.folder);
        let mut browser = Browser::sign_in(&served.address, "boss");
        let conn = open(&shop.folder);

        for page in pages(&conn) {
            measure(&page, &mut browser, &conn, size);
        }
        crowd(&served, &browser, &conn);
    }
}

const HISTORY: &str = "
    SELECT * FROM all_deliveries
    WHERE customer_id = ?1 AND (delivered_on, id) < (?2, 0 + ?3)
    ORDER BY delivered_on DESC, id DESC
    LIMIT 51";

const DAY: &str = "
    SELECT d.*, c.customer_code, c.short_name, c.address, a.name
    FROM (SELECT * FROM deliveries WHERE delivered_on = ?1 UNION ALL SELECT * FROM delivery_history WHERE delivered_on = ?1) AS d
    JOIN customers AS c ON c.id = d.customer_id
    LEFT JOIN areas AS a ON a.id = c.area_id
    ORDER BY a.name, c.customer_code";

const MONTHS: &str =
    "SELECT substr(delivered_on, 1, 7) AS month, sum(deliveries), sum(known), sum(gas_g) FROM delivery_days GROUP BY month";

fn pages(conn: &Connection) -> Vec<Page> {
    let ms = Duration::from_millis;
    let typed = keystrokes(conn);
    let walk_in = texts(conn, "SELECT CAST(id AS TEXT) FROM customers WHERE is_walk_in = 1").remove(0);
    let ids = texts(conn, "SELECT CAST(id AS TEXT) FROM customers WHERE id % 37 = 5");
    let businesses = texts(conn, "SELECT CAST(id AS TEXT) FROM customers WHERE series_g IS NOT NULL AND id % 5 = 2");
    let days = texts(conn, "SELECT delivered_on FROM delivery_days WHERE 0 < deliveries ORDER BY deliveries DESC LIMIT 300");
    let recent = texts(conn, "SELECT delivered_on FROM delivery_days ORDER BY delivered_on DESC LIMIT 300");
    let months = texts(conn, "SELECT DISTINCT substr(delivered_on, 1, 7) FROM delivery_days ORDER BY 1 DESC LIMIT 48");
    let depths: Vec<(String, String)> = conn
        .prepare("SELECT delivered_on, CAST(id AS TEXT) FROM all_deliveries WHERE customer_id = ?1 ORDER BY delivered_on, id")
        .and_then(|mut query| query.query_map([&walk_in], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .expect("depths");
    // A page in the past, the very oldest among them.
    let deep: Vec<(String, String)> = depths.iter().skip(55).step_by(101).cloned().collect();

    let history = |id: &str, on: &str, before: &str| {
        vec![(COUNTS, vec![id.to_owned()]), (HISTORY, vec![id.to_owned(), on.to_owned(), before.to_owned()])]
    };
    let card = |name, ids: &[String]| Page {
        name,
        budget: ms(5),
        targets: ids.iter().map(|id| format!("/customers/{id}")).collect(),
        raw: ids.iter().map(|id| page::card(id)).collect(),
    };
    let day = |name, days: &[String]| Page {
        name,
        budget: ms(5),
        targets: days.iter().map(|day| format!("/deliveries?date={day}")).collect(),
        raw: days.iter().map(|day| vec![(DAY, vec![day.clone()])]).collect(),
    };
    let search = |name, path: &str, typed: &[String]| Page {
        name,
        budget: ms(10),
        targets: typed
            .iter()
            .map(|typed| format!("{path}?q={}", form_urlencoded::byte_serialize(typed.as_bytes()).collect::<String>()))
            .collect(),
        raw: typed.iter().map(|typed| vec![(SEARCH, vec![luckygas::values::text::fold(typed)])]).collect(),
    };
    vec![
        search("search, a keystroke", "/customers/find", &typed),
        search("search, its page", "/customers", &typed),
        card("customer, any", &ids),
        card("customer, business", &businesses),
        card("customer, walk-in", std::slice::from_ref(&walk_in)),
        Page {
            name: "history, newest",
            budget: ms(5),
            targets: businesses.iter().map(|id| format!("/customers/{id}/deliveries")).collect(),
            raw: businesses.iter().map(|id| history(id, "9", "0")).collect(),
        },
        Page {
            name: "history, deep",
            budget: ms(5),
            targets: deep.iter().map(|(on, id)| format!("/customers/{walk_in}/deliveries?before={on}.{id}")).collect(),
            raw: deep.iter().map(|(on, id)| history(&walk_in, on, id)).collect(),
        },
        day("day, the busiest", &days),
        day("day, the latest", &recent),
        Page {
            name: "month report",
            budget: ms(20),
            targets: months.iter().map(|month| format!("/reports/month?month={month}")).collect(),
            raw: months.iter().map(|_| vec![(MONTHS, vec![])]).collect(),
        },
    ]
}

/// Fifteen people at once: how long they wait, and what the program then holds.
fn crowd(served: &Served, browser: &Browser, conn: &Connection) {
    let pages = pages(conn);
    let idle = served.private_bytes();
    let mut waited: Vec<Duration> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..15)
            .map(|client| {
                let (mut browser, pages) = (browser.again(), &pages);
                scope.spawn(move || {
                    times(400, |round| {
                        let page = &pages[(round + client) % pages.len()];
                        let target = &page.targets[(round * 15 + client) % page.targets.len()];
                        assert_eq!(browser.get(target).0, 200, "{target}");
                    })
                })
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().expect("a client")).collect()
    });
    waited.sort_unstable();
    println!(
        "  15 clients without a pause: p50 {:.2?}, p99 {:.2?}; private memory {:.1} MB before, {:.1} MB after (budget 32)",
        percentile(&waited, 0.5),
        percentile(&waited, 0.99),
        idle as f64 / (1 << 20) as f64,
        served.private_bytes() as f64 / (1 << 20) as f64,
    );
}

/// From the start of the program to its first answer.
fn starts(shop: &Shop) {
    let mut took: Vec<Duration> = (0..20)
        .map(|_| {
            let start = Instant::now();
            let served = Served::open(&shop.folder);
            let (status, _) = Browser::connect(&served.address).get("/sign-in");
            assert_eq!(status, 200);
            start.elapsed()
        })
        .collect();
    took.sort_unstable();
    println!("  start to first answer: p50 {:.1?}, slowest {:.1?} (budget 50 ms)", percentile(&took, 0.5), took[took.len() - 1]);
}
