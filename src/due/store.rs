use std::collections::HashMap;

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, Transaction, named_params};
use serde_json::Value;

use crate::customers::{Details, Number, Pricing};
use crate::deliveries::Load;
use crate::due::{ALARM, Alarm, AlarmOrder};
use crate::error::{Doing, Error, Result};
use crate::journal::By;
use crate::values::phone::Phone;
use crate::values::product::Product;
use crate::values::weekdays::ClosedDays;
use crate::values::{AlarmId, AreaId, CustomerId, Day, OrderId, Stamp};

/// Deliveries a rhythm is read from, as on the customer's card.
const LAST: i64 = 10;

/// Somebody who is visited without calling, due or not.
pub struct Candidate {
    pub customer: CustomerId,
    /// Code, name, area, closed days and use; the rest is for [`about`] to tell.
    pub details: Details,
    pub area_id: Option<AreaId>,
    /// The days of the last deliveries, the latest first.
    pub days: Vec<Day>,
    pub has_order: bool,
    /// Passed over on the day that was asked for.
    pub is_skipped: bool,
}

/// Active, not terminated, no passers-by, and in the plan: on the round, a member, or with a device (business §7).
pub(super) const CANDIDATES: &str = "
    /* due: candidates */
    SELECT c.id, c.customer_code, c.short_name, c.area_id, a.name AS area,
           c.monthly_delivered_g, c.monthly_residual_g, c.avg_daily_g, c.series_g, c.reserve_g,
           c.closed_weekdays, c.closed_on_holidays, c.closed_text, c.same_day_required,
           (SELECT group_concat(delivered_on, ' ')
            FROM (SELECT delivered_on FROM all_deliveries AS d WHERE d.customer_id = c.id ORDER BY delivered_on DESC LIMIT :last)) AS days,
           c.id IN (SELECT customer_id FROM orders
                    WHERE status IN ('pending', 'confirmed', 'assigned', 'in_delivery')) AS has_order,
           EXISTS (SELECT 1 FROM due_skips AS s WHERE s.customer_id = c.id AND s.skipped_on = :on) AS is_skipped
    FROM customers AS c
    LEFT JOIN areas AS a ON a.id = c.area_id
    WHERE c.is_active = 1 AND c.is_terminated = 0 AND c.is_walk_in = 0
      AND (c.on_patrol = 1 OR c.is_subscription = 1 OR c.has_telemetry = 1)";

/// Tells `each` of everybody who may be due on `on`, one after the other, for they are many and few of them are; with `only`,
/// of that one customer.
pub fn candidates(conn: &Connection, on: Day, only: Option<CustomerId>, mut each: impl FnMut(Candidate)) -> Result<()> {
    let mut tell = |sql: &str, named: &[(&str, &dyn ToSql)]| {
        let mut query = conn.prepare_cached(sql)?;
        for one in query.query_map(named, candidate)? {
            each(one?);
        }
        Ok::<_, rusqlite::Error>(())
    };
    match only {
        None => tell(CANDIDATES, named_params! {":last": LAST, ":on": on}),
        Some(customer) => {
            tell(&format!("{CANDIDATES} AND c.id = :customer"), named_params! {":last": LAST, ":on": on, ":customer": customer})
        }
    }
    .doing("list whom the shop visits")
}

/// By place and not by name: finding each of the names again for twelve hundred rows was a seventh of the page.
fn candidate(row: &Row) -> rusqlite::Result<Candidate> {
    let mut details = Details::new(row.get(1)?, row.get(2)?);
    details.area = row.get(4)?;
    details.monthly_delivered_g = row.get(5)?;
    details.monthly_residual_g = row.get(6)?;
    details.avg_daily_g = row.get(7)?;
    details.series_g = row.get(8)?;
    details.reserve_g = row.get(9)?;
    details.closed = ClosedDays { weekdays: row.get(10)?, on_holidays: row.get(11)?, text: row.get(12)? };
    details.same_day_required = row.get(13)?;
    let days = match row.get_ref(14)?.as_str_or_null()? {
        Some(days) => days.split(' ').filter_map(|day| day.parse().ok()).collect(),
        None => Vec::new(),
    };
    Ok(Candidate { customer: row.get(0)?, details, area_id: row.get(3)?, days, has_order: row.get(15)?, is_skipped: row.get(16)? })
}

/// What a line of the list tells besides the arithmetic.
#[derive(Clone, Debug, Default)]
pub struct About {
    pub phone: Option<Number>,
    pub pricing: Option<Pricing>,
    pub cylinders: Vec<(&'static str, i64)>,
    /// What the last delivery left.
    pub last_load: Load,
    /// When the last alarm came, and what was noted.
    pub alarm: Option<(Stamp, Option<String>)>,
}

pub(super) const ABOUT: &str = "
    /* due: about */
    SELECT c.id,
           c.pricing_method,
           (SELECT json_array(e164, extension, label, raw) FROM customer_phones WHERE customer_id = c.id ORDER BY position LIMIT 1) AS phone,
           (SELECT json_group_object(product, qty) FROM customer_cylinders WHERE customer_id = c.id) AS cylinders,
           (SELECT json_array(qty_50, qty_20, qty_16, qty_10, qty_4)
            FROM (SELECT id, delivered_on, qty_50, qty_20, qty_16, qty_10, qty_4 FROM all_deliveries AS d
                  WHERE d.customer_id = c.id ORDER BY delivered_on DESC, id DESC LIMIT 1)) AS last_load,
           (SELECT json_array(alarmed_at, note) FROM telemetry_alarms
            WHERE customer_id = c.id ORDER BY alarmed_at DESC LIMIT 1) AS alarm
    FROM json_each(:customers) AS who
    JOIN customers AS c ON c.id = who.value";

/// The same of many at once.
pub fn about(conn: &Connection, customers: &[CustomerId]) -> Result<HashMap<CustomerId, About>> {
    let ids = customers.iter().map(|id| id.0).collect::<Value>().to_string();
    conn.prepare_cached(ABOUT)
        .and_then(|mut query| query.query_map(named_params! {":customers": ids}, |row| Ok((row.get("id")?, about_row(row)?)))?.collect())
        .doing("read about whom the shop visits")
}

fn about_row(row: &Row) -> rusqlite::Result<About> {
    let (phone, stock, load, alarm) = (json(row, "phone")?, json(row, "cylinders")?, json(row, "last_load")?, json(row, "alarm")?);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let number = |phone: &Value| {
        let e164 = text(&phone[0])?;
        Some(Number { phone: Phone { e164, extension: text(&phone[1]) }, label: text(&phone[2]), raw: text(&phone[3])? })
    };
    Ok(About {
        phone: number(&phone),
        pricing: row.get("pricing_method")?,
        cylinders: Product::ALL.iter().filter_map(|product| Some((product.code, stock[product.code].as_i64()?))).collect(),
        last_load: Load(std::array::from_fn(|at| load[at].as_i64())),
        alarm: alarm[0].as_i64().map(|at| (Stamp(at), text(&alarm[1]))),
    })
}

/// A column SQLite put together as JSON; NULL is `Value::Null`.
fn json(row: &Row, column: &str) -> rusqlite::Result<Value> {
    let Some(text) = row.get_ref(column)?.as_str_or_null()? else { return Ok(Value::Null) };
    serde_json::from_str(text).map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into()))
}

/// Passes `customer` over on `day`; false when that had been said before.
pub(super) fn add_skip(tx: &Transaction, customer: CustomerId, day: Day, by: By) -> Result<bool> {
    const SQL: &str = "
        INSERT INTO due_skips (customer_id, skipped_on, user_id, skipped_at)
        VALUES (:customer, :day, :by, :at)
        ON CONFLICT DO NOTHING";
    tx.prepare_cached(SQL)
        .and_then(|mut insert| insert.execute(named_params! {":customer": customer, ":day": day, ":by": by.user, ":at": by.at}))
        .map(|changed| changed == 1)
        .doing(format_args!("pass customer {customer} over"))
}

/// Puts `customer` back on the list of `day`; false when nobody had passed it over.
pub(super) fn remove_skip(tx: &Transaction, customer: CustomerId, day: Day) -> Result<bool> {
    tx.prepare_cached("DELETE FROM due_skips WHERE customer_id = :customer AND skipped_on = :day")
        .and_then(|mut delete| delete.execute(named_params! {":customer": customer, ":day": day}))
        .map(|changed| changed == 1)
        .doing(format_args!("put customer {customer} back"))
}

const ALARMS: &str = "
    /* due: alarms */
    SELECT t.id, t.customer_id, t.alarmed_at, t.note, t.created_at,
           c.customer_code, c.short_name,
           u.name AS user_name,
           o.id AS order_id, o.order_number, o.status, o.is_urgent
    FROM telemetry_alarms AS t
    JOIN customers AS c ON c.id = t.customer_id
    LEFT JOIN users AS u ON u.id = t.user_id
    LEFT JOIN orders AS o ON o.id = t.order_id";

/// The alarms written down last, the newest first.
pub fn last_alarms(conn: &Connection, most: usize) -> Result<Vec<Alarm>> {
    conn.prepare_cached(&format!("{ALARMS} ORDER BY t.id DESC LIMIT :most"))
        .and_then(|mut query| query.query_map(named_params! {":most": most as i64}, alarm)?.collect())
        .doing("list the last alarms")
}

/// The alarms of `customer` since `since`, the newest first.
pub fn alarms_of(conn: &Connection, customer: CustomerId, since: Stamp) -> Result<Vec<Alarm>> {
    conn.prepare_cached(&format!("{ALARMS} WHERE t.customer_id = :customer AND :since <= t.alarmed_at ORDER BY t.alarmed_at DESC"))
        .and_then(|mut query| query.query_map(named_params! {":customer": customer, ":since": since}, alarm)?.collect())
        .doing(format_args!("list the alarms of customer {customer}"))
}

/// The alarm of `customer` at that very moment.
pub fn find_alarm(conn: &Connection, customer: CustomerId, at: Stamp) -> Result<Option<AlarmId>> {
    conn.prepare_cached("SELECT id FROM telemetry_alarms WHERE customer_id = :customer AND alarmed_at = :at")
        .and_then(|mut query| query.query_row(named_params! {":customer": customer, ":at": at}, |row| row.get("id")).optional())
        .doing(format_args!("find an alarm of customer {customer}"))
}

/// One alarm; `NotFound` when there is none.
pub fn alarm_by_id(conn: &Connection, id: AlarmId) -> Result<Alarm> {
    conn.prepare_cached(&format!("{ALARMS} WHERE t.id = :id"))
        .and_then(|mut query| query.query_row(named_params! {":id": id}, alarm).optional())
        .doing(format_args!("get alarm {id}"))?
        .ok_or_else(|| Error::not_found(ALARM, id))
}

fn alarm(row: &Row) -> rusqlite::Result<Alarm> {
    let order: Option<OrderId> = row.get("order_id")?;
    let order = match order {
        None => None,
        Some(id) => Some(AlarmOrder { id, number: row.get("order_number")?, status: row.get("status")?, is_urgent: row.get("is_urgent")? }),
    };
    Ok(Alarm {
        id: row.get("id")?,
        customer: row.get("customer_id")?,
        customer_code: row.get("customer_code")?,
        customer_name: row.get("short_name")?,
        alarmed_at: row.get("alarmed_at")?,
        note: row.get("note")?,
        order,
        by: row.get("user_name")?,
        created_at: row.get("created_at")?,
    })
}

/// Writes an alarm down.
pub(super) fn add_alarm(
    tx: &Transaction,
    customer: CustomerId,
    at: Stamp,
    note: Option<&str>,
    order: Option<OrderId>,
    by: By,
) -> Result<AlarmId> {
    const SQL: &str = "
        INSERT INTO telemetry_alarms (customer_id, alarmed_at, note, order_id, user_id, created_at)
        VALUES (:customer, :at, :note, :order, :by, :created_at)";
    tx.prepare_cached(SQL)
        .and_then(|mut insert| {
            insert.execute(
                named_params! {":customer": customer, ":at": at, ":note": note, ":order": order, ":by": by.user, ":created_at": by.at},
            )
        })
        .doing(format_args!("write an alarm of customer {customer}"))?;
    Ok(AlarmId(tx.last_insert_rowid()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::SCHEMA;

    #[test]
    fn the_whole_shop_is_a_few_index_searches() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(SCHEMA).unwrap();
        conn.execute_batch(
            "WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 300)
             INSERT INTO customers (id, customer_code, short_name, on_patrol, first_source, created_at, updated_at)
             SELECT v, 1000 + v, 'x', v % 2, 'office', 0, 0 FROM n;
             WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 5000)
             INSERT INTO deliveries (id, customer_id, delivered_on, source)
             SELECT v, 1 + v % 300, date('2025-01-01', (v % 180) || ' days'), 'history' FROM n;
             INSERT INTO delivery_history (id, customer_id, delivered_on, source)
             SELECT 5000 + id, customer_id, date(delivered_on, '-1 year'), source FROM deliveries;",
        )
        .unwrap();
        let plan = |sql: &str| -> Vec<String> {
            let mut query = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            query.raw_query().mapped(|row| row.get("detail")).collect::<rusqlite::Result<_>>().unwrap()
        };
        for analyzed in [false, true] {
            if analyzed {
                conn.execute_batch("ANALYZE").unwrap();
            }
            for sql in [CANDIDATES, ABOUT] {
                let plan = plan(sql);
                for index in ["deliveries_customer", "delivery_history_customer"] {
                    assert!(plan.iter().any(|step| step.contains(index)), "{index} is not used: {plan:#?}");
                }
                let is_slow = |step: &String| {
                    ["SCAN deliver", "SCAN d ", "SCAN s", "SCAN t", "SCAN a", "SCAN customer"].iter().any(|scan| step.starts_with(scan))
                        || step.contains("TEMP B-TREE")
                        || step.contains("AUTOMATIC")
                };
                assert!(!plan.iter().any(is_slow), "{plan:#?}");
            }
            for index in ["customers_planned", "orders_open"] {
                assert!(plan(CANDIDATES).iter().any(|step| step.contains(index)), "{index}: {:#?}", plan(CANDIDATES));
            }
        }
    }
}
