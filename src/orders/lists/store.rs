use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use serde_json::Value;

use crate::error::{Doing, Error, Result};
use crate::journal::By;
use crate::orders::lists::NOUN;
use crate::orders::{self, Order};
use crate::values::phone::Phone;
use crate::values::{CustomerCode, CustomerId, Day, OrderId, OrderImportId, Stamp};

/// A list that was brought in.
#[derive(Clone, Debug)]
pub struct List {
    pub id: OrderImportId,
    pub applied_at: Stamp,
    pub user_name: Option<String>,
    /// As the person's computer called it.
    pub file: String,
    /// What [`super::bring_in::report`] said.
    pub report: Value,
    /// How many orders were made of it.
    pub orders: i64,
    pub taken_back_at: Option<Stamp>,
}

const COLUMNS: &str = "
    SELECT i.id, i.applied_at, u.name AS user_name, i.file, i.report, i.taken_back_at,
           (SELECT count(*) FROM orders WHERE order_import_id = i.id) AS orders
    FROM order_imports AS i
    LEFT JOIN users AS u ON u.id = i.user_id";

fn list(row: &Row) -> rusqlite::Result<List> {
    let report: String = row.get("report")?;
    Ok(List {
        id: row.get("id")?,
        applied_at: row.get("applied_at")?,
        user_name: row.get("user_name")?,
        file: row.get("file")?,
        report: serde_json::from_str(&report).unwrap_or_default(),
        orders: row.get("orders")?,
        taken_back_at: row.get("taken_back_at")?,
    })
}

/// The newest fifty, the newest first.
pub fn newest(conn: &Connection) -> Result<Vec<List>> {
    conn.prepare_cached(&format!("{COLUMNS} ORDER BY i.id DESC LIMIT 50"))
        .and_then(|mut query| query.query_map([], list)?.collect())
        .doing("list the lists of orders")
}

/// One list; `NotFound` when there is none.
pub fn get(conn: &Connection, id: OrderImportId) -> Result<List> {
    conn.prepare_cached(&format!("{COLUMNS} WHERE i.id = :id"))
        .and_then(|mut query| query.query_row(named_params! {":id": id}, list).optional())
        .doing(format_args!("get list of orders {id}"))?
        .ok_or_else(|| Error::not_found(NOUN, id))
}

/// Writes a new list; its orders are made in the same transaction.
pub fn insert(tx: &Transaction, by: By, file: &str, report: &Value) -> Result<OrderImportId> {
    const SQL: &str = "
        INSERT INTO order_imports (applied_at, user_id, file, report)
        VALUES (:at, :user, :file, :report)";
    tx.execute(SQL, named_params! {":at": by.at, ":user": by.user, ":file": file, ":report": report.to_string()})
        .doing("write a list of orders")?;
    Ok(OrderImportId(tx.last_insert_rowid()))
}

/// Marks a list taken back.
pub(super) fn mark_taken_back(tx: &Transaction, id: OrderImportId, at: Stamp) -> Result<()> {
    const SQL: &str = "
        UPDATE order_imports
        SET taken_back_at = :at
        WHERE id = :id";
    tx.execute(SQL, named_params! {":at": at, ":id": id}).doing(format_args!("mark list of orders {id} taken back")).map(drop)
}

/// An order that was made of a list.
#[derive(Clone, Debug)]
pub struct Made {
    pub order: Order,
    pub customer_name: String,
    /// Some of it a meter counts.
    pub is_metered: bool,
    /// Of some of it nobody has said the price.
    pub is_unpriced: bool,
}

/// The orders made of a list, in the order they were made.
pub fn made(conn: &Connection, id: OrderImportId) -> Result<Vec<Made>> {
    const SQL: &str = "
        /* lists: orders */
        SELECT o.id,
               c.short_name,
               EXISTS (SELECT 1 FROM order_lines AS l JOIN products AS p ON p.id = l.product_id
                       WHERE l.order_id = o.id AND p.method = 'flow') AS is_metered,
               EXISTS (SELECT 1 FROM order_lines AS l JOIN products AS p ON p.id = l.product_id
                       WHERE l.order_id = o.id AND l.unit_price_ntd IS NULL AND p.method <> 'flow') AS is_unpriced
        FROM orders AS o
        JOIN customers AS c ON c.id = o.customer_id
        WHERE o.order_import_id = :id
        ORDER BY o.id";
    let read = || -> rusqlite::Result<Vec<(OrderId, String, bool, bool)>> {
        let row = |row: &Row| Ok((row.get("id")?, row.get("short_name")?, row.get("is_metered")?, row.get("is_unpriced")?));
        conn.prepare_cached(SQL)?.query_map(named_params! {":id": id}, row)?.collect()
    };
    let made = |(id, customer_name, is_metered, is_unpriced)| {
        Ok(Made { order: orders::store::get(conn, id)?, customer_name, is_metered, is_unpriced })
    };
    read().doing(format_args!("list the orders of list {id}"))?.into_iter().map(made).collect()
}

/// Who has this code.
pub fn customer_of_code(conn: &Connection, code: &CustomerCode) -> Result<Option<CustomerId>> {
    conn.prepare_cached("SELECT id FROM customers WHERE customer_code = :code")
        .and_then(|mut query| query.query_row(named_params! {":code": code}, |row| row.get("id")).optional())
        .doing("find a customer by code")
}

/// Everybody this number reaches, with their codes; an extension is not asked.
pub fn customers_of_phone(conn: &Connection, phone: &Phone) -> Result<Vec<(CustomerId, String)>> {
    const SQL: &str = "
        SELECT DISTINCT c.id,
               c.customer_code
        FROM customer_phones AS p
        JOIN customers AS c ON c.id = p.customer_id
        WHERE p.e164 = :e164
        ORDER BY c.customer_code";
    conn.prepare_cached(SQL)
        .and_then(|mut query| {
            query.query_map(named_params! {":e164": phone.e164}, |row| Ok((row.get("id")?, row.get("customer_code")?)))?.collect()
        })
        .doing("find customers by phone")
}

/// What a customer has for a day: every order that is not cancelled.
pub fn standing_on(conn: &Connection, customer: CustomerId, day: Day) -> Result<Vec<Order>> {
    const SQL: &str = "
        /* lists: orders of a customer and day */
        SELECT id
        FROM orders
        WHERE customer_id = :customer AND scheduled_on = :day AND status <> 'cancelled'
        ORDER BY id";
    each(conn, SQL, named_params! {":customer": customer, ":day": day})
}

/// Orders that an earlier list made of the same words, whatever became of them since but cancelled.
pub fn standing_of_words(conn: &Connection, form_keys: &str) -> Result<Vec<Order>> {
    const SQL: &str = "
        /* lists: orders of the same words */
        SELECT id
        FROM orders
        WHERE :from < form_key AND form_key < :to AND status <> 'cancelled'
        ORDER BY id";
    each(conn, SQL, named_params! {":from": form_keys, ":to": format!("{form_keys}~")})
}

/// How many orders were ever made of these words.
pub(super) fn made_of_words(tx: &Transaction, form_keys: &str) -> Result<i64> {
    const SQL: &str = "
        SELECT count(*)
        FROM orders
        WHERE :from < form_key AND form_key < :to";
    tx.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":from": form_keys, ":to": format!("{form_keys}~")}, |row| row.get(0)))
        .doing("count orders of the same words")
}

fn each(conn: &Connection, sql: &str, params: &[(&str, &dyn rusqlite::ToSql)]) -> Result<Vec<Order>> {
    let ids: Vec<OrderId> = conn
        .prepare_cached(sql)
        .and_then(|mut query| query.query_map(params, |row| row.get("id"))?.collect())
        .doing("find orders of a list")?;
    ids.into_iter().map(|id| orders::store::get(conn, id)).collect()
}
