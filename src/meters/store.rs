use rusqlite::{Connection, OptionalExtension, Row, ToSql, Transaction, named_params};
use serde_json::json;

use crate::db;
use crate::error::{Doing, Error, Result};
use crate::journal::{self, By, Entry};
use crate::meters::{Meter, NOUN, NewMeter, NewReading, READING, Reading};
use crate::values::{CustomerId, Grams, MeterId, Ntd, ReadingId, StopId};

/// One meter; `NotFound` when there is none.
pub fn get(conn: &Connection, id: MeterId) -> Result<Meter> {
    conn.prepare_cached("SELECT * FROM meters WHERE id = :id")
        .and_then(|mut query| query.query_row(named_params! {":id": id}, meter).optional())
        .doing(format_args!("get meter {id}"))?
        .ok_or_else(|| Error::not_found(NOUN, id))
}

/// Those of a customer, the ones in use first, the oldest first.
pub fn of_customer(conn: &Connection, customer: CustomerId) -> Result<Vec<Meter>> {
    const SQL: &str = "
        /* meters: of customer */
        SELECT *
        FROM meters
        WHERE customer_id = :customer
        ORDER BY is_active DESC, id";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":customer": customer}, meter)?.collect())
        .doing(format_args!("list the meters of customer {customer}"))
}

/// Puts a meter down. `Invalid` in `serial` when the customer has one with that number.
pub fn add(tx: &Transaction, new: &NewMeter, by: By) -> Result<MeterId> {
    const SQL: &str = "
        INSERT INTO meters (customer_id, serial, unit, g_per_unit, installed_on)
        VALUES (:customer, :serial, :unit, :g_per_unit, :installed_on)";
    let params = named_params! {
        ":customer": new.customer,
        ":serial": new.serial,
        ":unit": new.unit,
        ":g_per_unit": new.g_per_unit,
        ":installed_on": new.installed_on,
    };
    match tx.execute(SQL, params) {
        Err(error) if db::is_unique_violation(&error) => return Err(Error::invalid("serial", "這位客戶已經有這個錶號。")),
        other => other.doing("add a meter")?,
    };
    let id = MeterId(tx.last_insert_rowid());
    let after = json!({
        "customer_id": new.customer.0,
        "serial": new.serial,
        "unit": new.unit,
        "g_per_unit": new.g_per_unit,
        "installed_on": new.installed_on.to_string(),
    });
    journal::record(tx, &Entry { by, verb: "create", noun: NOUN, noun_id: Some(id.0), change: json!({"after": after}) })?;
    Ok(id)
}

/// Takes a meter out of use, or into it again.
pub fn set_active(tx: &Transaction, meter: &Meter, is_active: bool, by: By) -> Result<()> {
    const SQL: &str = "
        UPDATE meters
        SET is_active = :is_active,
            version = version + 1
        WHERE id = :id";
    if meter.is_active == is_active {
        return Ok(());
    }
    tx.execute(SQL, named_params! {":id": meter.id, ":is_active": is_active}).doing(format_args!("switch meter {}", meter.id))?;
    let change = json!({"version": meter.version, "before": {"is_active": meter.is_active}, "after": {"is_active": is_active}});
    let verb = if is_active { "reactivate" } else { "deactivate" };
    journal::record(tx, &Entry { by, verb, noun: NOUN, noun_id: Some(meter.id.0), change })
}

pub(super) fn insert(
    tx: &Transaction,
    new: &NewReading,
    from_milli: Option<i64>,
    billed: Grams,
    unit_price: Option<Ntd>,
    amount: Ntd,
    by: By,
) -> Result<ReadingId> {
    const SQL: &str = "
        INSERT INTO meter_readings (meter_id, read_on, value_milli, from_milli, old_end_milli, billed_g, unit_price_ntd, amount_ntd,
                                    order_id, stop_id, user_id, at)
        VALUES (:meter, :read_on, :value, :from, :old_end, :billed, :unit_price, :amount, :order, :stop, :user, :at)";
    tx.prepare_cached(SQL)
        .and_then(|mut insert| {
            insert.execute(named_params! {
                ":meter": new.meter,
                ":read_on": new.read_on,
                ":value": new.value_milli,
                ":from": from_milli,
                ":old_end": new.replaced,
                ":billed": billed,
                ":unit_price": unit_price,
                ":amount": amount,
                ":order": new.order,
                ":stop": new.stop,
                ":user": by.user,
                ":at": by.at,
            })
        })
        .doing(format_args!("write a reading of meter {}", new.meter))?;
    Ok(ReadingId(tx.last_insert_rowid()))
}

pub(super) fn void(tx: &Transaction, id: ReadingId, by: By) -> Result<()> {
    const SQL: &str = "
        UPDATE meter_readings
        SET voided_at = :at
        WHERE id = :id";
    tx.prepare_cached(SQL)
        .and_then(|mut update| update.execute(named_params! {":id": id, ":at": by.at}))
        .doing(format_args!("void reading {id}"))?;
    Ok(())
}

/// One reading; `NotFound` when there is none.
pub fn get_reading(conn: &Connection, id: ReadingId) -> Result<Reading> {
    conn.prepare_cached("SELECT * FROM meter_readings WHERE id = :id")
        .and_then(|mut query| query.query_row(named_params! {":id": id}, reading).optional())
        .doing(format_args!("get reading {id}"))?
        .ok_or_else(|| Error::not_found(READING, id))
}

/// The newest reading of a meter that stands.
pub fn last_reading(conn: &Connection, meter: MeterId) -> Result<Option<Reading>> {
    const SQL: &str = "
        /* meters: last reading */
        SELECT *
        FROM meter_readings
        WHERE meter_id = :meter AND voided_at IS NULL
        ORDER BY read_on DESC, id DESC
        LIMIT 1";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":meter": meter}, reading).optional())
        .doing(format_args!("find the last reading of meter {meter}"))
}

/// The newest `most` readings of a meter, voided ones too, the newest first.
pub fn readings(conn: &Connection, meter: MeterId, most: usize) -> Result<Vec<Reading>> {
    const SQL: &str = "
        SELECT *
        FROM meter_readings
        WHERE meter_id = :meter
        ORDER BY read_on DESC, id DESC
        LIMIT :most";
    list(conn, SQL, named_params! {":meter": meter, ":most": most as i64}).doing(format_args!("list the readings of meter {meter}"))
}

/// What was read at a stop and stands, the first first.
pub fn of_stop(conn: &Connection, stop: StopId) -> Result<Vec<Reading>> {
    const SQL: &str = "
        SELECT *
        FROM meter_readings
        WHERE stop_id = :stop AND voided_at IS NULL
        ORDER BY id";
    list(conn, SQL, named_params! {":stop": stop}).doing(format_args!("list the readings of stop {stop}"))
}

/// What went through a meter between its first reading and its last, and in how many days; `None` before two of them
/// lie a day apart.
pub(super) fn usual(conn: &Connection, meter: MeterId) -> Result<Option<(Grams, i64)>> {
    const SQL: &str = "
        SELECT coalesce(sum(billed_g), 0) AS billed_g,
               coalesce(julianday(max(read_on)) - julianday(min(read_on)), 0) AS days
        FROM meter_readings
        WHERE meter_id = :meter AND voided_at IS NULL";
    let (billed, days): (Grams, f64) = conn
        .prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":meter": meter}, |row| Ok((row.get("billed_g")?, row.get("days")?))))
        .doing(format_args!("find the usual of meter {meter}"))?;
    Ok((1.0 <= days).then_some((billed, days as i64)))
}

fn list(conn: &Connection, sql: &str, params: &[(&str, &dyn ToSql)]) -> rusqlite::Result<Vec<Reading>> {
    conn.prepare_cached(sql)?.query_map(params, reading)?.collect()
}

fn meter(row: &Row) -> rusqlite::Result<Meter> {
    Ok(Meter {
        id: row.get("id")?,
        customer: row.get("customer_id")?,
        serial: row.get("serial")?,
        unit: row.get("unit")?,
        g_per_unit: row.get("g_per_unit")?,
        installed_on: row.get("installed_on")?,
        is_active: row.get("is_active")?,
        version: row.get("version")?,
    })
}

fn reading(row: &Row) -> rusqlite::Result<Reading> {
    Ok(Reading {
        id: row.get("id")?,
        meter: row.get("meter_id")?,
        read_on: row.get("read_on")?,
        value_milli: row.get("value_milli")?,
        from_milli: row.get("from_milli")?,
        old_end_milli: row.get("old_end_milli")?,
        billed: row.get("billed_g")?,
        unit_price: row.get("unit_price_ntd")?,
        amount: row.get("amount_ntd")?,
        order: row.get("order_id")?,
        stop: row.get("stop_id")?,
        user: row.get("user_id")?,
        at: row.get("at")?,
        voided_at: row.get("voided_at")?,
    })
}
