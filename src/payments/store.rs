use rusqlite::{Connection, OptionalExtension, Row, ToSql, Transaction, named_params};

use crate::error::{Doing, Error, Result};
use crate::journal::By;
use crate::payments::{Method, NOUN, NewPayment, Payment, Status};
use crate::values::{Day, OrderId, PaymentId, StopId, UserId};

pub(super) fn insert(tx: &Transaction, new: &NewPayment, by: By) -> Result<PaymentId> {
    const SQL: &str = "
        /* payments: insert */
        INSERT INTO payments (paid_on, day_no, customer_id, method, amount_ntd, order_id, stop_id, received_by, status, created_at)
        VALUES (:on, (SELECT coalesce(max(day_no), 0) + 1 FROM payments WHERE paid_on = :on), :customer, :method, :amount,
                :order, :stop, :received_by, 'recorded', :at)";
    tx.prepare_cached(SQL)
        .and_then(|mut insert| {
            insert.execute(named_params! {
                ":on": new.on.unwrap_or(by.at.day()),
                ":customer": new.customer,
                ":method": new.method.word(),
                ":amount": new.amount,
                ":order": new.order,
                ":stop": new.stop,
                ":received_by": new.received_by,
                ":at": by.at,
            })
        })
        .doing("write a payment")?;
    Ok(PaymentId(tx.last_insert_rowid()))
}

pub(super) fn void(tx: &Transaction, id: PaymentId, reason: &str, by: By) -> Result<()> {
    const SQL: &str = "
        UPDATE payments
        SET status = 'voided',
            void_reason = :reason,
            voided_at = :at,
            voided_by = :user,
            version = version + 1
        WHERE id = :id";
    tx.prepare_cached(SQL)
        .and_then(|mut update| update.execute(named_params! {":id": id, ":reason": reason, ":at": by.at, ":user": by.user}))
        .doing(format_args!("void payment {id}"))?;
    Ok(())
}

/// One payment; `NotFound` when there is none.
pub fn get(conn: &Connection, id: PaymentId) -> Result<Payment> {
    conn.prepare_cached("SELECT * FROM payments WHERE id = :id")
        .and_then(|mut query| query.query_row(named_params! {":id": id}, payment).optional())
        .doing(format_args!("get payment {id}"))?
        .ok_or_else(|| Error::not_found(NOUN, id))
}

/// All that was paid for an order, voided ones too, the first first.
pub fn of_order(conn: &Connection, order: OrderId) -> Result<Vec<Payment>> {
    const SQL: &str = "
        SELECT *
        FROM payments
        WHERE order_id = :order
        ORDER BY id";
    list(conn, SQL, named_params! {":order": order}).doing(format_args!("list the payments of order {order}"))
}

/// All that was paid at a stop, voided ones too, the first first.
pub fn of_stop(conn: &Connection, stop: StopId) -> Result<Vec<Payment>> {
    const SQL: &str = "
        SELECT *
        FROM payments
        WHERE stop_id = :stop
        ORDER BY id";
    list(conn, SQL, named_params! {":stop": stop}).doing(format_args!("list the payments of stop {stop}"))
}

/// What `driver` took on `day`, voided ones too, the first first.
pub fn of_driver_day(conn: &Connection, driver: UserId, day: Day) -> Result<Vec<Payment>> {
    const SQL: &str = "
        /* payments: of driver and day */
        SELECT *
        FROM payments
        WHERE received_by = :driver AND paid_on = :day
        ORDER BY id";
    list(conn, SQL, named_params! {":driver": driver, ":day": day}).doing(format_args!("list what driver {driver} took"))
}

/// All of a day, voided ones too, in the order of their numbers.
pub fn of_day(conn: &Connection, day: Day) -> Result<Vec<Payment>> {
    const SQL: &str = "
        /* payments: of day */
        SELECT *
        FROM payments
        WHERE paid_on = :day
        ORDER BY day_no";
    list(conn, SQL, named_params! {":day": day}).doing("list the payments of a day")
}

fn list(conn: &Connection, sql: &str, params: &[(&str, &dyn ToSql)]) -> rusqlite::Result<Vec<Payment>> {
    conn.prepare_cached(sql)?.query_map(params, payment)?.collect()
}

fn payment(row: &Row) -> rusqlite::Result<Payment> {
    Ok(Payment {
        id: row.get("id")?,
        number: row.get("payment_number")?,
        paid_on: row.get("paid_on")?,
        customer: row.get("customer_id")?,
        method: row.get::<_, Method>("method")?,
        amount: row.get("amount_ntd")?,
        order: row.get("order_id")?,
        stop: row.get("stop_id")?,
        received_by: row.get("received_by")?,
        status: row.get::<_, Status>("status")?,
        void_reason: row.get("void_reason")?,
        created_at: row.get("created_at")?,
        version: row.get("version")?,
    })
}
