use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::error::{Doing, Result};
use crate::products::{Dated, Own};
use crate::values::{CustomerId, Day, ProductId};

/// Every price everybody has paid for a product, pays or will pay, the latest first.
pub fn history(conn: &Connection, product: ProductId) -> Result<Vec<Dated>> {
    const SQL: &str = "
        SELECT valid_from,
               unit_price_ntd
        FROM product_prices
        WHERE product_id = :product
        ORDER BY valid_from DESC";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":product": product}, one)?.collect())
        .doing(format_args!("list the prices of product {product}"))
}

/// Every price of a customer's own, in the order of the price list, the latest first.
pub fn own_history(conn: &Connection, customer: CustomerId) -> Result<Vec<(ProductId, Dated)>> {
    const SQL: &str = "
        SELECT c.product_id,
               c.valid_from,
               c.unit_price_ntd
        FROM customer_prices AS c
        JOIN products AS p ON p.id = c.product_id
        WHERE c.customer_id = :customer
        ORDER BY p.sort_order, p.id, c.valid_from DESC";
    conn.prepare_cached(SQL)
        .and_then(|mut query| {
            query.query_map(named_params! {":customer": customer}, |row| Ok((row.get("product_id")?, one(row)?)))?.collect()
        })
        .doing(format_args!("list the prices of customer {customer}"))
}

/// Who pays a price of their own for `product` on `day`, by customer code.
pub fn own_prices_of(conn: &Connection, product: ProductId, day: Day) -> Result<Vec<Own>> {
    const SQL: &str = "
        /* products: own prices of a product */
        SELECT p.customer_id,
               p.valid_from,
               p.unit_price_ntd,
               c.short_name
        FROM customer_prices AS p
        JOIN customers AS c ON c.id = p.customer_id
        WHERE p.product_id = :product
          AND p.unit_price_ntd IS NOT NULL
          AND p.valid_from = (SELECT max(q.valid_from) FROM customer_prices AS q
                              WHERE q.customer_id = p.customer_id AND q.product_id = p.product_id AND q.valid_from <= :day)
        ORDER BY c.customer_code";
    let own = |row: &Row| {
        Ok(Own {
            customer: row.get("customer_id")?,
            short_name: row.get("short_name")?,
            unit: row.get("unit_price_ntd")?,
            from: row.get("valid_from")?,
        })
    };
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":product": product, ":day": day}, own)?.collect())
        .doing(format_args!("list who has a price of their own for product {product}"))
}

/// The first price after `day` of each product that has one; with a customer, of those of their own.
pub fn next_prices(conn: &Connection, customer: Option<CustomerId>, day: Day) -> Result<HashMap<ProductId, Dated>> {
    const STANDARD: &str = "
        SELECT p.product_id,
               p.valid_from,
               p.unit_price_ntd
        FROM product_prices AS p
        WHERE p.valid_from = (SELECT min(q.valid_from) FROM product_prices AS q
                              WHERE q.product_id = p.product_id AND :day < q.valid_from)";
    const OWN: &str = "
        SELECT p.product_id,
               p.valid_from,
               p.unit_price_ntd
        FROM customer_prices AS p
        WHERE p.customer_id = :customer
          AND p.valid_from = (SELECT min(q.valid_from) FROM customer_prices AS q
                              WHERE q.customer_id = :customer AND q.product_id = p.product_id AND :day < q.valid_from)";
    let dated = |row: &Row| Ok((row.get("product_id")?, one(row)?));
    let list = |sql: &str, params: &[(&str, &dyn rusqlite::ToSql)]| -> rusqlite::Result<_> {
        conn.prepare_cached(sql)?.query_map(params, dated)?.collect()
    };
    match customer {
        None => list(STANDARD, named_params! {":day": day}),
        Some(customer) => list(OWN, named_params! {":day": day, ":customer": customer}),
    }
    .doing("list the prices to come")
}

/// The price that begins exactly on `from`.
pub fn dated(conn: &Connection, product: ProductId, from: Day) -> Result<Option<Dated>> {
    const SQL: &str = "
        SELECT valid_from,
               unit_price_ntd
        FROM product_prices
        WHERE product_id = :product AND valid_from = :from";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":product": product, ":from": from}, one).optional())
        .doing(format_args!("look for a price of product {product}"))
}

/// The same of a customer's own.
pub fn own_dated(conn: &Connection, customer: CustomerId, product: ProductId, from: Day) -> Result<Option<Dated>> {
    const SQL: &str = "
        SELECT valid_from,
               unit_price_ntd
        FROM customer_prices
        WHERE customer_id = :customer AND product_id = :product AND valid_from = :from";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":customer": customer, ":product": product, ":from": from}, one).optional())
        .doing(format_args!("look for a price of customer {customer}"))
}

fn one(row: &Row) -> rusqlite::Result<Dated> {
    Ok(Dated { from: row.get("valid_from")?, unit: row.get("unit_price_ntd")? })
}
