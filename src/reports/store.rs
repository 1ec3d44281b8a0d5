use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::error::{Doing, Result};
use crate::reports::{DayTotal, Totals};
use crate::values::{Day, Grams, Month, Stamp};

/// The days of the summary from `from` to `to`, oldest first; a day without a row had no delivery.
pub fn days(conn: &Connection, from: Day, to: Day) -> Result<Vec<DayTotal>> {
    const SQL: &str = "
        /* reports: days */
        SELECT delivered_on, deliveries, known, gas_g
        FROM delivery_days
        WHERE delivered_on BETWEEN :from AND :to
        ORDER BY delivered_on";
    let total = |row: &Row| {
        let totals = Totals { deliveries: row.get("deliveries")?, known: row.get("known")?, gas: Grams(row.get("gas_g")?) };
        Ok(DayTotal { on: row.get("delivered_on")?, totals })
    };
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":from": from, ":to": to}, total)?.collect())
        .doing("sum up the days")
}

/// How many deliveries each month had, oldest first; a month without any is left out.
pub fn months(conn: &Connection) -> Result<Vec<(Month, i64)>> {
    const SQL: &str = "
        /* reports: months */
        SELECT substr(delivered_on, 1, 7) AS month, sum(deliveries) AS deliveries
        FROM delivery_days
        WHERE 0 < deliveries
        GROUP BY month
        ORDER BY month";
    let rows: Vec<(String, i64)> = conn
        .prepare_cached(SQL)
        .and_then(|mut query| query.query_map([], |row| Ok((row.get("month")?, row.get("deliveries")?)))?.collect())
        .doing("sum up the months")?;
    Ok(rows.into_iter().filter_map(|(month, count)| Some((month.parse().ok()?, count))).collect())
}

/// The last day there are records of.
pub fn last_day(conn: &Connection) -> Result<Option<Day>> {
    const SQL: &str = "SELECT max(delivered_on) FROM delivery_days WHERE 0 < deliveries";
    conn.query_row(SQL, [], |row| row.get(0)).doing("find the last day")
}

/// How many customers the shop serves: switched on and not terminated.
pub fn active_customers(conn: &Connection) -> Result<i64> {
    const SQL: &str = "
        /* reports: active customers */
        SELECT count(*) FROM customers WHERE is_active = 1 AND is_terminated = 0";
    conn.prepare_cached(SQL).and_then(|mut query| query.query_row([], |row| row.get(0))).doing("count the active customers")
}

/// The last import that stands: when, and who brought it in.
pub fn last_import(conn: &Connection) -> Result<Option<(Stamp, Option<String>)>> {
    const SQL: &str = "
        SELECT i.applied_at, u.name
        FROM imports AS i
        LEFT JOIN users AS u ON u.id = i.user_id
        WHERE i.taken_back_at IS NULL
        ORDER BY i.id DESC
        LIMIT 1";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row([], |row| Ok((row.get("applied_at")?, row.get("name")?))).optional())
        .doing("find the last import")
}
