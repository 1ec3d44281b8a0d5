//! The orders of the invented shop agree with everything else in it: deliveries, prices, numbers, templates, the clock.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use luckygas::db;
use luckygas::demo::{self, Size, Summary};
use luckygas::orders::steps::{Action, target};
use luckygas::orders::{self, CancelReason, Status, undo};
use luckygas::settings::Settings;
use luckygas::templates::{self, Stopped};
use luckygas::users;
use luckygas::values::{OrderId, Stamp};
use rusqlite::Connection;

fn now() -> Stamp {
    at("2025-05-28", 10, 22)
}

fn at(day: &str, hour: u32, minute: u32) -> Stamp {
    Stamp::taipei(day.parse().unwrap(), hour, minute)
}

/// The shop at [`now`], filled once for all tests of a run.
fn filled(size: Size) -> MutexGuard<'static, (Connection, Summary)> {
    static SHOPS: [OnceLock<Mutex<(Connection, Summary)>>; 2] = [OnceLock::new(), OnceLock::new()];
    let shop = SHOPS[usize::from(size == Size::Full)].get_or_init(|| Mutex::new(filled_at(size, now())));
    shop.lock().unwrap_or_else(PoisonError::into_inner)
}

fn filled_at(size: Size, now: Stamp) -> (Connection, Summary) {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(db::SCHEMA).unwrap();
    let tx = conn.transaction().unwrap();
    let summary = demo::fill(&tx, now, size).unwrap();
    tx.commit().unwrap();
    (conn, summary)
}

fn one<T: rusqlite::types::FromSql>(conn: &Connection, sql: &str) -> T {
    conn.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// How many rows `sql` gives: each is one thing that should not be.
fn none(conn: &Connection, sql: &str) {
    let wrong: i64 = one(conn, &format!("SELECT count(*) FROM ({sql})"));
    assert_eq!(wrong, 0, "{sql}");
}

#[test]
fn what_was_brought_in_the_last_month_was_ordered() {
    let shop = filled(Size::Small);
    let (conn, summary) = &*shop;
    assert_eq!(one::<i64>(conn, "SELECT count(*) FROM orders"), summary.orders as i64);
    none(
        conn,
        "SELECT 1 FROM deliveries WHERE '2025-04-28' <= delivered_on AND id NOT IN (SELECT delivery_id FROM orders WHERE delivery_id IS NOT NULL)",
    );
    none(conn, "SELECT 1 FROM orders WHERE delivery_id IS NOT NULL AND status <> 'delivered'");
    none(
        conn,
        "SELECT 1 FROM orders AS o
         LEFT JOIN deliveries AS d ON d.id = o.delivery_id AND d.customer_id = o.customer_id AND d.delivered_on = o.scheduled_on
         WHERE o.status = 'delivered' AND d.id IS NULL
           AND EXISTS (SELECT 1 FROM order_lines AS l JOIN products AS p ON p.id = l.product_id
                       WHERE l.order_id = o.id AND p.method <> 'accessory')",
    );
    none(
        conn,
        "SELECT d.id FROM deliveries AS d
         WHERE d.id IN (SELECT delivery_id FROM orders)
           AND 50 * ifnull(qty_50, 0) + 20 * ifnull(qty_20, 0) + 16 * ifnull(qty_16, 0) + 10 * ifnull(qty_10, 0) + 4 * ifnull(qty_4, 0)
               <> (SELECT sum(l.qty_delivered * ifnull(p.size_kg, 0)) FROM orders AS o JOIN order_lines AS l ON l.order_id = o.id
                   JOIN products AS p ON p.id = l.product_id WHERE o.delivery_id = d.id)",
    );
}

#[test]
fn an_order_costs_what_its_lines_come_to() {
    let shop = filled(Size::Small);
    let (conn, _) = &*shop;
    none(
        conn,
        "SELECT 1 FROM orders AS o
         JOIN (SELECT order_id, sum(line_ntd) AS lines, sum((line_ntd * discount_percent + 50) / 100) AS discount
               FROM order_lines GROUP BY order_id) AS l ON l.order_id = o.id
         WHERE o.subtotal_ntd <> l.lines OR o.discount_ntd <> l.discount
            OR o.final_ntd <> l.lines - l.discount + o.surcharge_ntd - o.residual_credit_ntd",
    );
    none(
        conn,
        "SELECT 1 FROM order_lines AS l JOIN products AS p ON p.id = l.product_id
         WHERE l.unit_price_ntd IS NULL OR l.product_name <> p.name
            OR l.line_ntd <> CASE p.method WHEN 'flow' THEN 0 ELSE l.qty * l.unit_price_ntd END",
    );
    none(conn, "SELECT 1 FROM orders WHERE origin <> 'emergency' AND id NOT IN (SELECT order_id FROM order_lines)");
    assert!(0 < one::<i64>(conn, "SELECT count(*) FROM customer_prices"));
    assert!(0 < one::<i64>(conn, "SELECT count(*) FROM order_lines WHERE unit_price_ntd <> list_price_ntd OR 0 < discount_percent"));
}

#[test]
fn numbers_follow_the_clock_without_a_gap() {
    let shop = filled(Size::Small);
    let (conn, _) = &*shop;
    none(conn, "SELECT 1 FROM orders GROUP BY ordered_on HAVING max(day_no) <> count(*) OR min(day_no) <> 1");
    none(
        conn,
        "SELECT 1 FROM orders AS o JOIN orders AS n ON n.ordered_on = o.ordered_on AND n.day_no = o.day_no + 1 WHERE n.created_at < o.created_at",
    );
    none(conn, "SELECT 1 FROM orders WHERE ordered_on <> date(created_at / 1000, 'unixepoch', '+8 hours')");
}

#[test]
fn every_step_follows_from_the_one_before() {
    let shop = filled(Size::Small);
    let (conn, _) = &*shop;
    let ids: Vec<i64> =
        conn.prepare("SELECT id FROM orders").unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    for id in ids.into_iter().map(OrderId) {
        let order = orders::store::get(conn, id).unwrap();
        let steps = orders::store::history(conn, id).unwrap();
        assert_eq!(steps[0].from, None, "{order:?}");
        assert_eq!((steps[0].at, steps[steps.len() - 1].to), (order.created_at, order.status), "{order:?}");
        assert_eq!(steps[steps.len() - 1].at, order.updated_at);
        for pair in steps.windows(2) {
            let (from, to) = (pair[0].to, pair[1].to);
            assert_eq!(pair[1].from, Some(from));
            assert!(Action::ALL.iter().any(|action| target(from, *action) == Some(to)), "{from:?} to {to:?}: {order:?}");
            assert!(pair[0].at <= pair[1].at && pair[1].at <= now(), "{order:?}: {steps:?}");
        }
        let has_driver = matches!(order.status, Status::Assigned | Status::InDelivery | Status::Delivered);
        assert!(!has_driver || order.driver_id.is_some(), "{order:?}");
        assert!(order.scheduled_on.days_since(order.created_at.day()) >= 0, "{order:?}");
    }
}

#[test]
fn the_day_shows_every_state_origin_and_reason() {
    for size in [Size::Small, Size::Full] {
        let shop = filled(size);
        let (conn, _) = &*shop;
        let count = |what: &str| one::<i64>(conn, &format!("SELECT count(*) FROM orders WHERE scheduled_on = '2025-05-28' AND {what}"));
        for status in Status::ALL {
            assert!(2 <= count(&format!("status = '{}'", status.word())), "{size:?}: {status:?}");
        }
        for reason in CancelReason::ALL {
            assert!(1 <= count(&format!("cancel_reason = '{}'", reason.word())), "{size:?}: {reason:?}");
        }
        for origin in ["phone", "planned", "template", "walk_in", "emergency"] {
            assert!(1 <= count(&format!("origin = '{origin}'")), "{size:?}: {origin}");
        }
        let lists = "SELECT count(DISTINCT order_import_id) FROM orders WHERE origin = 'import' AND status = 'pending'";
        assert_eq!(one::<i64>(conn, lists), 1, "{size:?}");
        assert!(1 <= count("0 < attempt_count AND status = 'confirmed'"), "{size:?}: nothing waits to be tried again");
        assert!(1 <= count("is_urgent = 1 AND 0 < surcharge_ntd"), "{size:?}: nothing is urgent");
        let tomorrow: i64 = one(conn, "SELECT count(*) FROM orders WHERE scheduled_on = '2025-05-29'");
        match size {
            Size::Full => assert!((180..195).contains(&count("1")) && (35..50).contains(&tomorrow), "{} and {tomorrow}", count("1")),
            _ => assert!((30..50).contains(&count("1")) && (6..16).contains(&tomorrow), "{} and {tomorrow}", count("1")),
        }
    }
}

#[test]
fn at_any_hour_the_day_is_as_far_as_the_clock() {
    let delivered = |hour, minute| {
        let (conn, _) = filled_at(Size::Small, at("2025-06-01", hour, minute));
        none(&conn, "SELECT 1 FROM order_history WHERE at > (SELECT max(at) FROM journal)");
        none(&conn, "SELECT 1 FROM orders GROUP BY ordered_on HAVING max(day_no) <> count(*)");
        // In memory the file has no version.
        for finding in db::check(&conn).unwrap().into_iter().filter(|finding| finding.what != "資料版本") {
            assert!(finding.is_good, "{hour}:{minute}: {finding:?}");
        }
        one::<i64>(&conn, "SELECT count(*) FROM orders WHERE scheduled_on = '2025-06-01' AND status = 'delivered'")
    };
    let delivered = [(0, 0), (7, 55), (10, 22), (14, 0), (23, 59)].map(|(hour, minute)| delivered(hour, minute));
    assert!(delivered[0] == 0 && delivered.is_sorted() && delivered[1] < delivered[2] && 15 < delivered[4], "{delivered:?}");
}

#[test]
fn templates_are_as_far_as_the_last_night() {
    use templates::store;
    for size in [Size::Small, Size::Full] {
        let shop = filled(size);
        let (conn, _) = &*shop;
        let all = store::list(conn, store::Shown::All, None, 0, 100).unwrap();
        let rhythms: HashSet<_> = all.iter().map(|row| row.template.details.rhythm.recurrence()).collect();
        assert_eq!(rhythms.len(), 4, "{size:?}: {rhythms:?}");
        let stopped: Vec<_> = all.iter().filter_map(|row| row.template.stopped.map(|why| (why, row.template.is_stop_seen))).collect();
        assert_eq!(stopped, [(Stopped::CustomerStopped, false)], "{size:?}");
        for row in all.iter().filter(|row| row.template.stopped.is_none()) {
            let (template, details) = (&row.template, &row.template.details);
            assert!(details.next_on.is_none_or(|next| "2025-05-29" < next.to_string().as_str()), "{template:?}");
            let made = store::made(conn, template.id, 100).unwrap();
            assert_eq!(made.len() as i64, template.times_used, "{template:?}");
            for pair in made.windows(2) {
                assert_eq!(details.rhythm.after(pair[1].due_on), Some(pair[0].due_on), "{template:?}");
            }
            if let Some(last) = made.first() {
                assert_eq!(details.rhythm.after(last.due_on), details.next_on, "{template:?}");
            }
        }
        none(
            conn,
            "SELECT 1 FROM orders AS o LEFT JOIN order_template_days AS t ON t.order_id = o.id AND t.template_id = o.template_id
             WHERE (o.origin = 'template') <> (t.due_on IS NOT NULL AND t.due_on = o.scheduled_on)",
        );
        let of = |day: &str, status: &str| {
            one::<i64>(
                conn,
                &format!("SELECT count(*) FROM orders WHERE origin = 'template' AND scheduled_on = '{day}' AND status = '{status}'"),
            )
        };
        assert!(0 < of("2025-05-29", "pending") && 0 == of("2025-05-28", "pending"), "{size:?}");
    }
}

#[test]
fn the_due_list_has_something_of_everything() {
    for size in [Size::Small, Size::Full] {
        let shop = filled(size);
        let (conn, _) = &*shop;
        let settings = Settings::default();
        let list = luckygas::due::list::of_day(conn, now().day(), Default::default(), now(), &settings).unwrap();
        let late = list.lines.iter().filter(|line| line.visit.on < now().day()).count();
        assert!(0 < late && (late < list.lines.len() || size == Size::Small), "{size:?}: {late} of {}", list.lines.len());
        assert!(0 < list.with_order && list.skipped.len() == 1, "{size:?}: {} and {:?}", list.with_order, list.skipped);
        let thin = list.lines.iter().any(|line| line.figures.margin_kg.is_some_and(|margin| margin < 0.0));
        assert!(thin || size == Size::Small, "nobody has to be visited at once");
        let alarms = luckygas::due::store::last_alarms(conn, 10).unwrap();
        assert!(alarms.iter().any(|alarm| alarm.order.as_ref().is_some_and(|order| !order.is_urgent)), "{size:?}: {alarms:?}");
        assert!(alarms.iter().any(|alarm| alarm.order.as_ref().is_some_and(|order| order.is_urgent)), "{size:?}: {alarms:?}");
    }
}

#[test]
fn what_people_did_today_stands_under_their_names() {
    let shop = filled(Size::Small);
    let (conn, _) = &*shop;
    none(
        conn,
        "SELECT 1 FROM order_history AS h JOIN orders AS o ON o.id = h.order_id
         WHERE date(h.at / 1000, 'unixepoch', '+8 hours') = '2025-05-28'
           AND NOT EXISTS (SELECT 1 FROM journal AS j
                           WHERE j.noun = 'order' AND j.noun_id = h.order_id AND j.at = h.at AND j.user_id IS h.user_id)",
    );
    for username in ["xiaohui", "azhen"] {
        let (user, _) = users::store::find(conn, username).unwrap().unwrap();
        let acts = orders::store::acts_of(conn, user.id, Stamp::taipei(now().day(), 0, 0), 50).unwrap();
        assert!(6 < acts.len() && acts.is_sorted_by_key(|act| std::cmp::Reverse(act.at)), "{username}: {acts:?}");
        undo::offered(conn, user.id, now()).unwrap();
    }
}
