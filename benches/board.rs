//! Budget, with the full shop, over HTTP on loopback, through the door: the dispatch board of a day of 300 stops on eight
//! routes, and 40 orders nobody has, p99 < 20 ms. It is drawn anew by every browser that shows it, whenever
//! somebody in the shop or on the way does something; the wall beside it, and today's board as the demonstration has it.
//!
//! The floor is the two queries it stands on and `/health`, as in `pages`. One act on it, the order put on a route and
//! durable, is told beside them with the board that follows.

mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use luckygas::db::Db;
use luckygas::demo::Size;
use luckygas::drivers;
use luckygas::journal::By;
use luckygas::orders::take::{Taken, take};
use luckygas::orders::{Actor, NewLine, NewOrder, Origin, Payment, Status};
use luckygas::routes::plan::{self, Target};
use luckygas::settings;
use luckygas::users::Role;
use luckygas::values::{CustomerId, Day, Ntd, OrderId, ProductId, Stamp, UserId, Window};
use support::page::{Page, measure, open, texts};
use support::percentile;
use support::shop::{Browser, Served, Shop};

const STOPS: usize = 300;
const WAITING: usize = 40;

const ON_ROUTES: &str = "
    SELECT s.*, o.*, c.short_name, a.name,
           (SELECT group_concat(p.size_kg || '×' || l.qty, ' ' ORDER BY l.line_no)
            FROM order_lines AS l JOIN products AS p ON p.id = l.product_id WHERE l.order_id = o.id)
    FROM routes AS r
    JOIN stops AS s ON s.route_id = r.id
    JOIN orders AS o ON o.id = s.order_id
    JOIN customers AS c ON c.id = o.customer_id
    LEFT JOIN areas AS a ON a.id = c.area_id
    WHERE r.route_on = ?1
    ORDER BY r.id, s.seq";

const FREE: &str = "
    SELECT o.*, c.short_name, a.name,
           (SELECT group_concat(p.size_kg || '×' || l.qty, ' ' ORDER BY l.line_no)
            FROM order_lines AS l JOIN products AS p ON p.id = l.product_id WHERE l.order_id = o.id)
    FROM orders AS o
    JOIN customers AS c ON c.id = o.customer_id
    LEFT JOIN areas AS a ON a.id = c.area_id
    WHERE o.scheduled_on = ?1 AND o.status = 'confirmed'
      AND NOT EXISTS (SELECT 1 FROM stops AS s WHERE s.order_id = o.id AND s.status IN ('pending', 'arrived', 'completed'))
    ORDER BY a.name, o.window_start, o.id";

fn main() {
    let shop = Shop::make(Size::Full);
    let now = Stamp::now();
    let (today, day) = (now.day(), now.day().plus(3));
    let waiting = plan_day(&shop.folder, day, now);
    let served = Served::open(&shop.folder);
    let mut browser = Browser::sign_in(&served.address, "xiaohui");
    let conn = open(&shop.folder);
    let board = |name, target: String, day: Day| Page {
        name,
        budget: Duration::from_millis(20),
        targets: vec![target],
        raw: vec![vec![(ON_ROUTES, vec![day.to_string()]), (FREE, vec![day.to_string()])]],
    };
    let pages = [
        board("board, 300 stops", format!("/board?date={day}"), day),
        board("the same on the wall", format!("/board/wall?date={day}"), day),
        board("board, today", "/board".to_owned(), today),
    ];
    for page in &pages {
        measure(page, &mut browser, &conn, Size::Full);
    }
    let driver = texts(&conn, "SELECT CAST(min(id) AS TEXT) FROM users WHERE role = 'driver' AND is_active = 1").remove(0);
    acts(&mut browser, day, &waiting, &driver);
}

/// 300 orders of `day` on routes of eight drivers; gives those nobody has.
fn plan_day(folder: &Path, day: Day, now: Stamp) -> Vec<OrderId> {
    let db = Db::open(folder).expect("the file opens");
    let waiting = db.write(|tx| {
        let settings = settings::load(tx)?;
        let actor = Actor { by: By { user: Some(UserId(1)), at: now }, role: Some(Role::OfficeStaff) };
        let number = |sql: &str| -> Vec<i64> { texts(tx, sql).iter().map(|id| id.parse().expect("an id")).collect() };
        let product = ProductId(number("SELECT CAST(id AS TEXT) FROM products WHERE code = 'C20'")[0]);
        let customers = number(
            "SELECT CAST(id AS TEXT) FROM customers
             WHERE is_active = 1 AND is_terminated = 0 AND is_walk_in = 0 AND address IS NOT NULL AND vehicle_type <> 2
             ORDER BY id % 97, id",
        );
        let mut orders = Vec::new();
        for (at, customer) in customers.into_iter().take(STOPS + WAITING).enumerate() {
            let start = 8 + at as u32 % 10;
            let new = order(CustomerId(customer), product, day, Window::hours(start, start + 2).expect("hours"));
            match take(tx, &new, Status::Confirmed, actor, &settings)? {
                Taken::New(order) | Taken::Again(order) => orders.push(order.id),
            }
        }
        let drivers = drivers::store::all(tx)?;
        for (driver, part) in drivers.iter().take(8).zip(orders[..STOPS].chunks(STOPS.div_ceil(8))) {
            plan::put(tx, part, Target::Driver(driver.user, day), actor)?;
        }
        Ok(orders.split_off(STOPS))
    });
    db.optimize().expect("statistics");
    waiting.expect("the day is planned")
}

fn order(customer_id: CustomerId, product: ProductId, day: Day, window: Window) -> NewOrder {
    NewOrder {
        customer_id,
        origin: Origin::Phone,
        scheduled_on: day,
        window,
        delivery_address: None,
        contact_name: None,
        contact_phone: None,
        is_urgent: false,
        notes: None,
        lines: vec![NewLine::of(product, 2)],
        surcharge: Ntd(0),
        surcharge_label: None,
        payment: Payment::Cash,
        form_key: None,
        copied_from: None,
        template_id: None,
        order_import_id: None,
    }
}

/// A digit on the board: the act, durable, and the board after it.
fn acts(browser: &mut Browser, day: Day, waiting: &[OrderId], driver: &str) {
    let csrf = luckygas::users::session::csrf(&browser.token);
    let (mut sent, mut whole) = (Vec::new(), Vec::new());
    for order in waiting {
        let form = [("csrf", csrf.clone()), ("date", day.to_string()), ("card", format!("o{order}.1")), ("driver", driver.to_owned())];
        let form: Vec<_> = form.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        let start = Instant::now();
        let (status, body) = browser.post("/board/assign", &form);
        assert_eq!(status, 303, "{}", String::from_utf8_lossy(&body));
        sent.push(start.elapsed());
        assert_eq!(browser.get(&format!("/board?date={day}")).0, 200);
        whole.push(start.elapsed());
    }
    sent.sort_unstable();
    whole.sort_unstable();
    let of = |times: &[Duration]| (percentile(times, 0.5), percentile(times, 0.95));
    let ((sent, slow), (whole, slow_whole)) = (of(&sent), of(&whole));
    println!("  a digit: the act p50 {sent:.2?} p95 {slow:.2?}, with the board after it p50 {whole:.2?} p95 {slow_whole:.2?}");
}
