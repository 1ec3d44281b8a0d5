//! A page measured beside the queries it stands on and `/health`, in the same run.

use std::path::Path;
use std::time::{Duration, Instant};

use luckygas::demo::Size;
use rusqlite::{Connection, OpenFlags, params_from_iter};

use super::percentile;
use super::shop::Browser;

/// So many rounds, or as many as a quarter of a minute lets, though never fewer than make a p99.
const ROUNDS: usize = 3_000;
const LEAST: usize = 300;
const LONG: Duration = Duration::from_secs(15);

/// A page, the queries it stands on, and the most its p99 may be.
pub struct Page {
    pub name: &'static str,
    pub budget: Duration,
    pub targets: Vec<String>,
    /// For each target: SQL and its parameters, as texts.
    pub raw: Vec<Vec<(&'static str, Vec<String>)>>,
}

/// The shop's file, as the program's own readers have it.
pub fn open(folder: &Path) -> Connection {
    let conn = Connection::open_with_flags(folder.join("luckygas.db"), OpenFlags::SQLITE_OPEN_READ_ONLY).expect("the file opens");
    conn.execute_batch("PRAGMA mmap_size = 268435456; PRAGMA cache_size = -1500").expect("pragmas");
    conn
}

pub fn measure(page: &Page, browser: &mut Browser, conn: &Connection, size: Size) {
    let of = |round: usize| round % page.targets.len();
    let ask = |browser: &mut Browser, round: usize| {
        let target = &page.targets[of(round)];
        let (status, body) = browser.get(target);
        assert!(status == 200 && !body.is_empty(), "{target}: {status}");
    };
    // Statements are prepared and pages read on the first visits; that is not what is measured.
    let begun = Instant::now();
    (0..200).take_while(|round| *round < 20 || begun.elapsed() < LONG / 5).for_each(|round| ask(browser, round));
    // In turns, so that whatever else the machine does falls on all three alike, and each begins as cold.
    let mut took: [Vec<Duration>; 3] = Default::default();
    let mut time = |which: usize, work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        took[which].push(start.elapsed());
    };
    let begun = Instant::now();
    for round in (0..ROUNDS).take_while(|round| *round < LEAST || begun.elapsed() < LONG) {
        time(0, &mut || ask(browser, round));
        time(1, &mut || assert_eq!(browser.get("/health").0, 200));
        time(2, &mut || page.raw[of(round)].iter().for_each(|(sql, values)| walk(conn, sql, values)));
    }
    took.iter_mut().for_each(|times| times.sort_unstable());
    let [whole, health, bare] = took;
    let (p50, p99) = (percentile(&whole, 0.5), percentile(&whole, 0.99));
    let (health, raw) = (percentile(&health, 0.5), percentile(&bare, 0.5));
    let ratio = p50.as_secs_f64() / (raw + health).as_secs_f64();
    let verdict = match (size, p99 < page.budget, ratio <= 1.5) {
        (Size::Full, false, _) => "  OVER ITS p99 BUDGET",
        (Size::Full, true, false) => "  over 1.5",
        _ => "",
    };
    println!(
        "  {:<22} p50 {p50:>8.2?}  p99 {p99:>8.2?} (budget {:?})  queries {raw:>8.2?} + health {health:>8.2?}  ratio {ratio:.2}{verdict}",
        page.name, page.budget
    );
}

/// Runs a prepared query and looks at every column of every row.
fn walk(conn: &Connection, sql: &str, values: &[String]) {
    let mut query = conn.prepare_cached(sql).expect("a query");
    let columns = query.column_count();
    let mut rows = query.query(params_from_iter(values)).expect("rows");
    while let Some(row) = rows.next().expect("a row") {
        for at in 0..columns {
            std::hint::black_box(row.get_ref(at).expect("a column"));
        }
    }
}

pub fn times(rounds: usize, mut work: impl FnMut(usize)) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..rounds)
        .map(|round| {
            let start = Instant::now();
            work(round);
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    times
}

pub fn texts(conn: &Connection, sql: &str) -> Vec<String> {
    let mut query = conn.prepare(sql).expect("a query");
    let rows = query.query_map([], |row| row.get::<_, String>(0)).expect("rows");
    rows.map(|row| row.expect("a text")).collect()
}

/// What is known of a customer without any order.
const CUSTOMER: &[&str] = &[
    "SELECT * FROM customers AS c LEFT JOIN areas AS a ON a.id = c.area_id WHERE c.id = ?1",
    "SELECT * FROM customer_phones WHERE customer_id = ?1 ORDER BY position",
    "SELECT * FROM customer_cylinders WHERE customer_id = ?1",
    "SELECT * FROM usage_areas WHERE customer_id = ?1",
    "SELECT * FROM customer_equipment WHERE customer_id = ?1",
    "SELECT * FROM all_deliveries WHERE customer_id = ?1 ORDER BY delivered_on DESC, id DESC LIMIT 11",
    COUNTS,
    "SELECT max(id) FROM journal WHERE noun = 'customer' AND noun_id = ?1",
];

/// How many deliveries in which year: what a card and a history tell above their rows.
pub const COUNTS: &str = "
    SELECT substr(delivered_on, 1, 4) AS year, count(*)
    FROM (SELECT delivered_on FROM deliveries WHERE customer_id = ?1 UNION ALL SELECT delivered_on FROM delivery_history WHERE customer_id = ?1)
    GROUP BY year";

/// What a card tells of orders besides, and what an order form begins with: SQL and whether it asks for the customer.
const ORDERS_OF: &[(&str, bool)] = &[
    ("SELECT * FROM orders WHERE customer_id = ?1 AND status IN ('pending', 'confirmed', 'assigned', 'in_delivery') ORDER BY scheduled_on", true),
    (
        "SELECT l.* FROM orders AS o JOIN order_lines AS l ON l.order_id = o.id
         WHERE o.customer_id = ?1 AND o.status IN ('pending', 'confirmed', 'assigned', 'in_delivery') ORDER BY o.id, l.line_no",
        true,
    ),
    (
        "SELECT o.scheduled_on, l.product_id, l.qty
         FROM (SELECT id, scheduled_on FROM orders WHERE customer_id = ?1 AND status <> 'cancelled' ORDER BY scheduled_on DESC, id DESC LIMIT 5) AS o
         JOIN order_lines AS l ON l.order_id = o.id",
        true,
    ),
    (
        "SELECT * FROM all_deliveries AS d
         WHERE customer_id = ?1 AND coalesce(qty_50, qty_20, qty_16, qty_10, qty_4) IS NOT NULL
           AND NOT EXISTS (SELECT 1 FROM orders AS o WHERE o.delivery_id = d.id)
         ORDER BY delivered_on DESC, id DESC LIMIT 5",
        true,
    ),
    ("SELECT * FROM products ORDER BY sort_order, id", false),
    (
        "SELECT p.product_id, p.unit_price_ntd FROM product_prices AS p
         WHERE p.valid_from = (SELECT max(q.valid_from) FROM product_prices AS q WHERE q.product_id = p.product_id AND q.valid_from <= date())",
        false,
    ),
    ("SELECT product_id, valid_from, unit_price_ntd FROM customer_prices WHERE customer_id = ?1", true),
    ("SELECT holiday_on, name FROM holidays", false),
];

/// What only a card tells.
const CARD_ALONE: &[(&str, bool)] = &[
    (
        "SELECT o.id, o.order_number, o.delivery_id FROM orders AS o WHERE o.customer_id = ?1 AND o.delivery_id IS NOT NULL ORDER BY scheduled_on DESC LIMIT 20",
        true,
    ),
    ("SELECT * FROM order_templates WHERE customer_id = ?1", true),
    ("SELECT l.* FROM order_templates AS t JOIN order_template_lines AS l ON l.template_id = t.id WHERE t.customer_id = ?1", true),
    (
        "SELECT t.*, u.name, o.order_number, o.status FROM telemetry_alarms AS t LEFT JOIN users AS u ON u.id = t.user_id
      LEFT JOIN orders AS o ON o.id = t.order_id WHERE t.customer_id = ?1 ORDER BY t.alarmed_at DESC",
        true,
    ),
];

/// The queries a card stands on.
pub fn card(id: &str) -> Vec<(&'static str, Vec<String>)> {
    CUSTOMER
        .iter()
        .map(|sql| (*sql, true))
        .chain(ORDERS_OF.iter().copied())
        .chain(CARD_ALONE.iter().copied())
        .map(|one| asked(id, one))
        .collect()
}

/// The same of an order form.
pub fn order_form(id: &str) -> Vec<(&'static str, Vec<String>)> {
    let customer = CUSTOMER.iter().take(6).map(|sql| (*sql, true));
    customer.chain(ORDERS_OF.iter().copied()).map(|one| asked(id, one)).collect()
}

fn asked(id: &str, (sql, of_customer): (&'static str, bool)) -> (&'static str, Vec<String>) {
    (sql, if of_customer { vec![id.to_owned()] } else { Vec::new() })
}

/// What the search would be without what the program keeps in memory for it.
pub const SEARCH: &str = "
    SELECT c.id, c.customer_code, c.short_name, c.address, a.name
    FROM customer_search AS s
    JOIN customers AS c ON c.id = s.customer_id
    LEFT JOIN areas AS a ON a.id = c.area_id
    WHERE instr(s.key, ?1)
    LIMIT 9";

/// What people type, letter by letter: names, one and two characters, phone tails, codes, roads, and what is not there.
pub fn keystrokes(conn: &Connection) -> Vec<String> {
    let mut typed = Vec::new();
    for name in texts(conn, "SELECT short_name FROM customers WHERE id % 331 = 7") {
        let letters: Vec<char> = name.chars().collect();
        typed.extend((1..=letters.len().min(4)).map(|length| letters[..length].iter().collect::<String>()));
    }
    for phone in texts(conn, "SELECT '0' || substr(e164, 5) FROM customer_phones WHERE customer_id % 331 = 11") {
        typed.extend([3, 4, 6].into_iter().filter_map(|length| phone.get(phone.len() - length..)).map(str::to_owned));
    }
    for code in texts(conn, "SELECT customer_code FROM customers WHERE id % 997 = 3") {
        typed.extend((1..=code.len()).map(|length| code[..length].to_owned()));
    }
    typed.extend(
        ["台東", "臺東市", "路", "日昇路", "三段 12", "龜", "查無此人", "zzz", "0900000", "陳 日昇", "小", "店", "9"].map(str::to_owned),
    );
    typed
}
