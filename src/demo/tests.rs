use rusqlite::Connection;

use super::*;
use crate::db;
use crate::values::{Grams, cylinders};

fn now() -> Stamp {
    Stamp::taipei("2025-05-28".parse().unwrap(), 10, 22)
}

fn filled(size: Size) -> (Connection, Summary) {
    let mut conn = Connection::open_in_memory().unwrap();
    conn.execute_batch(db::SCHEMA).unwrap();
    let tx = conn.transaction().unwrap();
    let summary = fill(&tx, now(), size).unwrap();
    tx.commit().unwrap();
    (conn, summary)
}

fn one<T: rusqlite::types::FromSql>(conn: &Connection, sql: &str) -> T {
    conn.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

#[test]
fn the_practice_password_opens_every_account() {
    assert!(bcrypt::verify(PASSWORD, PASSWORD_HASH).unwrap());
    let (conn, _) = filled(Size::Small);
    for (username, _, role) in CAST {
        let (user, hash) = users::store::find(&conn, username).unwrap().unwrap();
        assert_eq!((user.role, hash.as_str(), user.must_change_password), (role, PASSWORD_HASH, false));
        assert_eq!(users::password::problem(PASSWORD, username), None);
    }
}

#[test]
fn the_shop_is_whole() {
    let (conn, summary) = filled(Size::Small);
    assert_eq!(summary.customers, 665);
    assert!((3_100..=3_900).contains(&summary.deliveries), "{summary:?}");
    assert_eq!((summary.first_on.to_string().as_str(), summary.last_on.to_string().as_str()), ("2024-04-23", "2025-05-27"));
    assert_eq!(one::<i64>(&conn, "SELECT count(*) FROM all_deliveries"), summary.deliveries as i64);
    assert_eq!(one::<i64>(&conn, "SELECT count(*) FROM customer_search"), 665);
    assert_eq!(one::<i64>(&conn, "SELECT sum(deliveries) FROM delivery_days"), summary.deliveries as i64);
    assert_eq!(one::<i64>(&conn, "SELECT count(*) FROM deliveries WHERE delivered_on < '2024-11-28'"), 0, "closed rows stand apart");
    assert_eq!(one::<i64>(&conn, "SELECT count(*) FROM delivery_history WHERE delivered_on >= '2024-11-28'"), 0);
    assert_eq!(
        one::<i64>(&conn, "SELECT count(*) FROM (SELECT 1 FROM all_deliveries GROUP BY customer_id, delivered_on HAVING 1 < count(*))"),
        0
    );
    assert_eq!(one::<String>(&conn, "SELECT short_name FROM customers WHERE is_walk_in = 1 AND customer_code = '6000001'"), "現金零售");
    assert_eq!(one::<i64>(&conn, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_eq!(one::<String>(&conn, "PRAGMA integrity_check"), "ok");
    assert!(0 < one::<i64>(&conn, "SELECT count(*) FROM customers WHERE is_terminated = 1"));
    assert!(0 < one::<i64>(&conn, "SELECT count(*) FROM sqlite_schema WHERE name = 'deliveries_day'"));
}

#[test]
fn the_same_day_makes_the_same_shop() {
    const ALL: &str = "
        SELECT group_concat(line) FROM (
            SELECT customer_code || short_name || address || ifnull(monthly_delivered_g, '') AS line FROM customers
            UNION ALL
            SELECT customer_id || delivered_on || ifnull(at_time, '') || ifnull(qty_20, '') || ifnull(driver_name, '') FROM all_deliveries
        )";
    let (first, second) = (filled(Size::Small), filled(Size::Small));
    assert_eq!(first.1, second.1);
    assert_eq!(one::<String>(&first.0, ALL), one::<String>(&second.0, ALL));
}

#[test]
fn a_business_burns_what_it_is_brought() {
    let (conn, _) = filled(Size::Small);
    let mut query = conn
        .prepare(
            "SELECT c.customer_code, c.monthly_delivered_g, c.monthly_residual_g, c.series_g, u.raw_text,
                    (SELECT sum(50 * ifnull(qty_50, 0) + 20 * ifnull(qty_20, 0) + 16 * ifnull(qty_16, 0) + 10 * ifnull(qty_10, 0) + 4 * ifnull(qty_4, 0))
                     FROM all_deliveries WHERE customer_id = c.id AND '2025-02-27' <= delivered_on) AS brought_kg
             FROM customers AS c JOIN usage_areas AS u ON u.customer_id = c.id AND u.seq = 1",
        )
        .unwrap();
    let mut rows = query.query([]).unwrap();
    let mut seen = 0;
    while let Some(row) = rows.next().unwrap() {
        let code: String = row.get("customer_code").unwrap();
        let bank: String = row.get("raw_text").unwrap();
        let series: i64 = row.get("series_g").unwrap();
        assert_eq!(cylinders::parse(&bank).grams(), Grams(series), "{code}: {bank}");
        let Some(delivered) = row.get::<_, Option<i64>>("monthly_delivered_g").unwrap() else { continue };
        let brought: i64 = row.get("brought_kg").unwrap();
        assert!((delivered - brought * 1_000 / 3).abs() <= 1_000, "{code}: {delivered} g of {brought} kg");
        let residual: i64 = row.get("monthly_residual_g").unwrap();
        let cycle = series as f64 * 0.85 / ((delivered - residual) as f64 / 30.0);
        assert!((0.5..200.0).contains(&cycle), "{code}: every {cycle} days");
        seen += 1;
    }
    assert!(40 < seen, "{seen}");
}
