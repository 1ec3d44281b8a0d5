use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use crate::customers;
use crate::deliveries::{Cursor, Delivery, Drop, Load, Page, Place, Source, Span, Stop};
use crate::error::{Doing, Error, Result};
use crate::values::{CustomerId, Day, DeliveryId};

/// Who a list of deliveries is of, for its heading.
pub struct Of {
    pub code: String,
    pub name: String,
}

/// The code and name of a customer; `NotFound` when there is none.
pub fn whose(conn: &Connection, customer: CustomerId) -> Result<Of> {
    const SQL: &str = "SELECT customer_code, short_name FROM customers WHERE id = :id";
    let of = |row: &Row| Ok(Of { code: row.get("customer_code")?, name: row.get("short_name")? });
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":id": customer}, of).optional())
        .doing(format_args!("find customer {customer}"))?
        .ok_or_else(|| Error::not_found(customers::NOUN, customer))
}

/// A page of at most `most` (1 or more) of a customer's deliveries, newest first. One index search in each
/// table, merged as they come: the cost is the page's, however deep it lies and however long the history is.
pub fn of_customer(conn: &Connection, customer: CustomerId, place: Place, most: usize) -> Result<Page> {
    let mut found = match place {
        Place::Newest => older(conn, customer, None, most + 1)?,
        Place::Before(cursor) => older(conn, customer, Some(cursor), most + 1)?,
        Place::After(cursor) => {
            let mut found = newer(conn, customer, cursor, most)?;
            if found.len() < most {
                // Less than a page lies there: the newest page, whole, is what was meant.
                return of_customer(conn, customer, Place::Newest, most);
            }
            found.reverse();
            if let Some(last) = found.last() {
                found.extend(older(conn, customer, Some(Cursor::at(last)), 1)?);
            }
            found
        }
    };
    let gap = |pair: &[Delivery]| Some(pair[0].delivered_on.days_since(pair[1].delivered_on));
    let mut intervals: Vec<_> = found.windows(2).map(gap).collect();
    let has_older = most < found.len();
    found.truncate(most);
    let newer = match (place, found.first()) {
        (Place::Newest, _) | (_, None) => None,
        (_, Some(first)) => (!newer(conn, customer, Cursor::at(first), 1)?.is_empty()).then(|| Cursor::at(first)),
    };
    let older = found.last().filter(|_| has_older).map(Cursor::at);
    intervals.resize(found.len(), None);
    add_drops(conn, found.iter_mut())?;
    Ok(Page { deliveries: found, intervals, older, newer })
}

pub(super) const OLDER: &str = "
    /* deliveries: older */
    SELECT id, customer_id, delivered_on, source, at_time, qty_50, qty_20, qty_16, qty_10, qty_4, driver_name, note,
           (SELECT short_name FROM recorded_names WHERE recorded_names.id = recorded_id) AS recorded_name
    FROM all_deliveries
    WHERE customer_id = :customer AND (delivered_on, id) < (:on, :id)
    ORDER BY delivered_on DESC, id DESC
    LIMIT :most";

pub(super) const NEWER: &str = "
    /* deliveries: newer */
    SELECT id, customer_id, delivered_on, source, at_time, qty_50, qty_20, qty_16, qty_10, qty_4, driver_name, note,
           (SELECT short_name FROM recorded_names WHERE recorded_names.id = recorded_id) AS recorded_name
    FROM all_deliveries
    WHERE customer_id = :customer AND (delivered_on, id) > (:on, :id)
    ORDER BY delivered_on, id
    LIMIT :most";

fn older(conn: &Connection, customer: CustomerId, before: Option<Cursor>, most: usize) -> Result<Vec<Delivery>> {
    // Days begin with 1 or 2, so "9" stands after every one of them.
    let (on, id) = before.map_or(("9".to_owned(), 0), |cursor| (cursor.on.to_string(), cursor.id));
    conn.prepare_cached(OLDER)
        .and_then(|mut query| {
            query.query_map(named_params! {":customer": customer, ":on": on, ":id": id, ":most": most as i64}, delivery)?.collect()
        })
        .doing(format_args!("list the deliveries of customer {customer}"))
}

fn newer(conn: &Connection, customer: CustomerId, after: Cursor, most: usize) -> Result<Vec<Delivery>> {
    conn.prepare_cached(NEWER)
        .and_then(|mut query| {
            query
                .query_map(named_params! {":customer": customer, ":on": after.on, ":id": after.id, ":most": most as i64}, delivery)?
                .collect()
        })
        .doing(format_args!("list the newer deliveries of customer {customer}"))
}

/// How many deliveries a customer had, from when to when and in which years; `None` when there was none.
/// Each year is two counts on an index, so a history of thousands costs a fraction of a millisecond.
pub fn span_of(conn: &Connection, customer: CustomerId) -> Result<Option<Span>> {
    const ENDS: &str = "
        SELECT (SELECT delivered_on FROM all_deliveries WHERE customer_id = :customer ORDER BY delivered_on LIMIT 1) AS first_on,
               (SELECT delivered_on FROM all_deliveries WHERE customer_id = :customer ORDER BY delivered_on DESC LIMIT 1) AS last_on";
    let doing = format!("sum up the deliveries of customer {customer}");
    let (first_on, last_on): (Option<Day>, Option<Day>) = conn
        .prepare_cached(ENDS)
        .and_then(|mut query| query.query_row(named_params! {":customer": customer}, |row| Ok((row.get("first_on")?, row.get("last_on")?))))
        .doing(&doing)?;
    let Some((first_on, last_on)) = first_on.zip(last_on) else { return Ok(None) };
    let years: Vec<(i32, i64)> = conn
        .prepare_cached(YEARS)
        .and_then(|mut query| {
            query
                .query_map(named_params! {":customer": customer, ":first": first_on.year(), ":last": last_on.year()}, |row| {
                    Ok((row.get("year")?, row.get("deliveries")?))
                })?
                .collect()
        })
        .doing(&doing)?;
    let years: Vec<_> = years.into_iter().filter(|(_, count)| 0 < *count).collect();
    Ok(Some(Span { count: years.iter().map(|(_, count)| count).sum(), first_on, last_on, years }))
}

pub(super) const YEARS: &str = "
    /* deliveries: years */
    WITH RECURSIVE years (year) AS (SELECT :last UNION ALL SELECT year - 1 FROM years WHERE :first < year)
    SELECT year,
           (SELECT count(*) FROM deliveries
            WHERE customer_id = :customer AND delivered_on BETWEEN year || '-01-01' AND year || '-12-31')
         + (SELECT count(*) FROM delivery_history
            WHERE customer_id = :customer AND delivered_on BETWEEN year || '-01-01' AND year || '-12-31') AS deliveries
    FROM years";

/// How many of a customer's deliveries are newer than the one at `cursor`.
pub fn count_newer(conn: &Connection, customer: CustomerId, cursor: Cursor) -> Result<i64> {
    const SQL: &str = "
        SELECT (SELECT count(*) FROM deliveries WHERE customer_id = :customer AND (delivered_on, id) > (:on, :id))
             + (SELECT count(*) FROM delivery_history WHERE customer_id = :customer AND (delivered_on, id) > (:on, :id))";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":customer": customer, ":on": cursor.on, ":id": cursor.id}, |row| row.get(0)))
        .doing(format_args!("count the newer deliveries of customer {customer}"))
}

/// Everything delivered on `day`, by area and customer code; 未分區 last.
pub fn on_day(conn: &Connection, day: Day) -> Result<Vec<Stop>> {
    let stop = |row: &Row| {
        Ok(Stop {
            delivery: delivery(row)?,
            customer_code: row.get(13)?,
            customer_name: row.get(14)?,
            address: row.get(15)?,
            area: row.get(16)?,
        })
    };
    let mut stops: Vec<Stop> = conn
        .prepare_cached(ON_DAY)
        .and_then(|mut query| query.query_map(named_params! {":day": day}, stop)?.collect())
        .doing(format_args!("list the deliveries of {day}"))?;
    add_drops(conn, stops.iter_mut().map(|stop| &mut stop.delivery))?;
    Ok(stops)
}

pub(super) const ON_DAY: &str = "
    /* deliveries: day */
    WITH delivered AS (
        SELECT * FROM deliveries WHERE delivered_on = :day
        UNION ALL
        SELECT * FROM delivery_history WHERE delivered_on = :day
    )
    SELECT d.id, d.customer_id, d.delivered_on, d.source, d.at_time,
           d.qty_50, d.qty_20, d.qty_16, d.qty_10, d.qty_4, d.driver_name, d.note,
           (SELECT short_name FROM recorded_names WHERE recorded_names.id = d.recorded_id) AS recorded_name,
           c.customer_code,
           c.short_name AS customer_name,
           c.address,
           a.name AS area
    FROM delivered AS d
    JOIN customers AS c ON c.id = d.customer_id
    LEFT JOIN areas AS a ON a.id = c.area_id
    ORDER BY a.name IS NULL, a.name, length(c.customer_code), c.customer_code, d.at_time, d.id";

/// The nearest days before and after `day` with a delivery.
pub fn days_beside(conn: &Connection, day: Day) -> Result<(Option<Day>, Option<Day>)> {
    const SQL: &str = "
        SELECT (SELECT max(delivered_on) FROM delivery_days WHERE delivered_on < :day AND 0 < deliveries) AS before,
               (SELECT min(delivered_on) FROM delivery_days WHERE :day < delivered_on AND 0 < deliveries) AS after";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":day": day}, |row| Ok((row.get("before")?, row.get("after")?))))
        .doing("find the days beside")
}

/// `day` itself when something was delivered on it, else the last day before it, else the first after.
pub fn day_with_any(conn: &Connection, day: Day) -> Result<Option<Day>> {
    let (before, after) = days_beside(conn, day.plus(1))?;
    Ok(before.or(after))
}

/// A free id for a delivery: one past the highest of both tables, for a closed row keeps its number.
pub fn next_id(conn: &Connection) -> Result<i64> {
    const SQL: &str = "
        SELECT 1 + max((SELECT ifnull(max(id), 0) FROM deliveries), (SELECT ifnull(max(id), 0) FROM delivery_history))";
    conn.query_row(SQL, [], |row| row.get(0)).doing("find a free delivery id")
}

/// Moves at most `most` of the rows older than `before` to `delivery_history`, the oldest first, and says how
/// many. Their ids and everything in them stay as they are.
pub fn close(tx: &Transaction, before: Day, most: i64) -> Result<usize> {
    const COPY: &str = "
        /* deliveries: close */
        INSERT INTO delivery_history (id, customer_id, delivered_on, source, at_time, qty_50, qty_20, qty_16, qty_10, qty_4,
                                      driver_name, note, recorded_id, import_id)
        SELECT id, customer_id, delivered_on, source, at_time, qty_50, qty_20, qty_16, qty_10, qty_4,
               driver_name, note, recorded_id, import_id
        FROM deliveries
        WHERE delivered_on < :before
        ORDER BY delivered_on, id
        LIMIT :most";
    const REMOVE: &str = "
        /* deliveries: remove closed */
        DELETE FROM deliveries
        WHERE id IN (SELECT id FROM deliveries WHERE delivered_on < :before ORDER BY delivered_on, id LIMIT :most)";
    let copied = tx.execute(COPY, named_params! {":before": before, ":most": most}).doing("close old deliveries")?;
    let removed = tx.execute(REMOVE, named_params! {":before": before, ":most": most}).doing("remove closed deliveries")?;
    if copied == removed { Ok(copied) } else { Err(Error::impossible("close as many deliveries as were copied")) }
}

/// Gives `each` every delivery with its customer's code, by code as a number, then day. One customer's rows
/// are read at a time, so memory does not grow with the history. Drops and recorded names are left out.
pub fn export(conn: &Connection, mut each: impl FnMut(&str, Delivery) -> Result<()>) -> Result<()> {
    const CUSTOMERS: &str = "SELECT id, customer_code FROM customers ORDER BY CAST(customer_code AS INTEGER), customer_code";
    const ROWS: &str = "
        /* deliveries: export */
        SELECT id, customer_id, delivered_on, source, at_time, qty_50, qty_20, qty_16, qty_10, qty_4, driver_name, note,
               NULL AS recorded_name
        FROM all_deliveries
        WHERE customer_id = :customer
        ORDER BY delivered_on, id";
    let customers: Vec<(CustomerId, String)> = conn
        .prepare(CUSTOMERS)
        .and_then(|mut query| query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .doing("list the customers to export")?;
    let mut query = conn.prepare(ROWS).doing("export the deliveries")?;
    for (customer, code) in customers {
        let rows = query.query_map(named_params! {":customer": customer}, delivery).doing("export the deliveries")?;
        for row in rows {
            each(&code, row.doing("export a delivery")?)?;
        }
    }
    Ok(())
}

/// The thirteen columns every list of deliveries begins with, in their order. By place and not by name: a page
/// has two hundred rows, and finding each name again was half of its time.
fn delivery(row: &Row) -> rusqlite::Result<Delivery> {
    Ok(Delivery {
        id: row.get(0)?,
        customer_id: row.get(1)?,
        delivered_on: row.get(2)?,
        // The column's CHECK names the same four words.
        source: row.get_ref(3)?.as_str().ok().and_then(Source::from_word).unwrap_or(Source::History),
        at_time: row.get(4)?,
        load: load(row, 5)?,
        driver_name: row.get(10)?,
        note: row.get(11)?,
        recorded_name: row.get(12)?,
        drops: Vec::new(),
    })
}

/// The five counts from column `first` on.
fn load(row: &Row, first: usize) -> rusqlite::Result<Load> {
    Ok(Load([row.get(first)?, row.get(first + 1)?, row.get(first + 2)?, row.get(first + 3)?, row.get(first + 4)?]))
}

/// Fills in the visits of those that were more than one.
fn add_drops<'a>(conn: &Connection, deliveries: impl Iterator<Item = &'a mut Delivery>) -> Result<()> {
    const SQL: &str = "
        /* deliveries: drops */
        SELECT delivery_id, at_time, qty_50, qty_20, qty_16, qty_10, qty_4, note
        FROM delivery_drops
        WHERE delivery_id IN (SELECT value FROM json_each(:ids))
        ORDER BY delivery_id, at_time, id";
    let mut deliveries: Vec<_> = deliveries.collect();
    let ids = deliveries.iter().map(|delivery| delivery.id.0).collect::<serde_json::Value>().to_string();
    let drops: Vec<(DeliveryId, Drop)> = conn
        .prepare_cached(SQL)
        .and_then(|mut query| {
            query
                .query_map(named_params! {":ids": ids}, |row| {
                    Ok((row.get("delivery_id")?, Drop { at_time: row.get("at_time")?, load: load(row, 2)?, note: row.get("note")? }))
                })?
                .collect()
        })
        .doing("list the visits of deliveries")?;
    for (id, drop) in drops {
        if let Some(delivery) = deliveries.iter_mut().find(|delivery| delivery.id == id) {
            delivery.drops.push(drop);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::SCHEMA;

    /// A shop with 30 customers and deliveries in both tables, and what ANALYZE knows of it.
    fn shop() -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(SCHEMA).unwrap();
        conn.execute_batch(
            "WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 30)
             INSERT INTO customers (id, customer_code, short_name, first_source, created_at, updated_at)
             SELECT v, 1000 + v, 'x', 'office', 0, 0 FROM n;",
        )
        .unwrap();
        for (table, from, days) in [("delivery_history", 0, 900), ("deliveries", 10_000, 180)] {
            conn.execute_batch(&format!(
                "WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 5000)
                 INSERT INTO {table} (id, customer_id, delivered_on, source)
                 SELECT {from} + v, 1 + v % 30, date('2022-01-01', (v % {days}) || ' days'), 'history' FROM n;"
            ))
            .unwrap();
        }
        conn
    }

    fn plan(conn: &Connection, sql: &str) -> Vec<String> {
        let mut query = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        query.raw_query().mapped(|row| row.get("detail")).collect::<rusqlite::Result<_>>().unwrap()
    }

    #[test]
    fn every_page_is_two_index_searches_and_no_sort() {
        let conn = shop();
        for analyzed in [false, true] {
            if analyzed {
                conn.execute_batch("ANALYZE").unwrap();
            }
            for sql in [OLDER, NEWER, YEARS] {
                let plan = plan(&conn, sql);
                for index in ["deliveries_customer", "delivery_history_customer"] {
                    assert!(plan.iter().any(|step| step.contains(index)), "{index} is not used: {plan:#?}");
                }
                for step in &plan {
                    assert!(!step.starts_with("SCAN deliver") && !step.contains("TEMP B-TREE"), "{sql}\n{plan:#?}");
                }
            }
            let plan = plan(&conn, ON_DAY);
            for index in ["deliveries_day", "delivery_history_day"] {
                assert!(plan.iter().any(|step| step.contains(index)), "{index} is not used: {plan:#?}");
            }
            assert!(!plan.iter().any(|step| step.starts_with("SCAN deliver") || step.starts_with("SCAN c")), "{plan:#?}");
        }
    }

    #[test]
    fn a_number_is_not_given_twice() {
        let conn = shop();
        conn.execute_batch("DELETE FROM deliveries").unwrap();
        assert_eq!(next_id(&conn).unwrap(), 5001);
    }
}
