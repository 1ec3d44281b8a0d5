//! The live day of the invented shop: routes under way, stops in every state, and all that a stop means in step with it.

use luckygas::db;
use luckygas::demo::{self, Size};
use luckygas::values::Stamp;
use rusqlite::Connection;

fn filled(size: Size, hour: u32, minute: u32) -> Connection {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(db::SCHEMA).unwrap();
    let tx = conn.transaction().unwrap();
    demo::fill(&tx, Stamp::taipei("2025-05-28".parse().unwrap(), hour, minute), size).unwrap();
    tx.commit().unwrap();
    conn
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
fn in_the_middle_of_the_morning_routes_run_and_stops_stand_in_every_state() {
    let conn = filled(Size::Full, 10, 22);
    for state in ["pending", "arrived", "completed", "failed", "skipped"] {
        let count: i64 = one(&conn, &format!("SELECT count(*) FROM stops WHERE status = '{state}'"));
        assert!(0 < count, "no stop is {state}");
    }
    let running: i64 = one(&conn, "SELECT count(*) FROM routes WHERE status = 'in_progress'");
    assert!((5..=8).contains(&running), "{running} routes are under way");
    assert!(0 < one::<i64>(&conn, "SELECT count(*) FROM routes WHERE status = 'draft'"), "nothing is planned for later");
    let waiting: i64 = one(&conn, "SELECT count(*) FROM orders WHERE status = 'confirmed' AND scheduled_on = '2025-05-28'");
    assert!(3 < waiting, "nothing is left to be planned");
    assert!(0 < one::<i64>(&conn, "SELECT count(*) FROM notices WHERE event = 'stop_failed'"));
}

#[test]
fn what_a_stop_means_agrees_with_it_at_any_hour() {
    for (hour, minute) in [(7, 20), (9, 31), (12, 5), (17, 45), (22, 0)] {
        let conn = filled(Size::Small, hour, minute);
        none(
            &conn,
            "SELECT 1 FROM orders AS o LEFT JOIN stops AS s ON s.order_id = o.id AND s.status IN ('pending', 'arrived')
             LEFT JOIN routes AS r ON r.id = s.route_id
             WHERE o.status IN ('assigned', 'in_delivery')
               AND (r.driver_id IS NOT o.driver_id OR r.status NOT IN ('published', 'in_progress') OR r.id IS NULL)",
        );
        none(
            &conn,
            "SELECT 1 FROM stops AS s JOIN orders AS o ON o.id = s.order_id
             WHERE s.status = 'completed'
               AND (o.status <> 'delivered'
                    OR coalesce(s.cash_ntd, 0) <> (SELECT coalesce(sum(amount_ntd), 0) FROM payments WHERE stop_id = s.id AND status <> 'voided'))",
        );
        none(&conn, "SELECT product_id FROM cylinder_balances GROUP BY product_id, state HAVING sum(qty) <> 0");
        none(
            &conn,
            "SELECT 1 FROM cylinder_balances WHERE place = 'shop' AND qty < 0 OR place = 'customer' AND qty < -99 AND state = 'full'",
        );
        for finding in db::check(&conn).unwrap().into_iter().filter(|finding| finding.what != "資料版本") {
            assert!(finding.is_good, "{hour}:{minute}: {finding:?}");
        }
    }
}
