use std::collections::HashMap;

use rusqlite::{Connection, Row, named_params};

use crate::error::{Doing, Result};
use crate::products::OpenLine;
use crate::values::{CustomerId, Day, ProductId};

/// Who takes each of `products`, by customer code: customers one may order for, at whom it stands or who had an order
/// of it for `since` or later.
pub fn payers(conn: &Connection, products: &[ProductId], since: Day) -> Result<HashMap<ProductId, Vec<(CustomerId, String)>>> {
    const SQL: &str = "
        /* products: payers */
        WITH wanted AS (
            SELECT p.id, p.code
            FROM products AS p
            WHERE p.id IN (SELECT value FROM json_each(:products))
        ), takers AS (
            SELECT w.id AS product_id, k.customer_id
            FROM wanted AS w
            JOIN customer_cylinders AS k ON k.product = w.code
            WHERE 0 < k.qty
            UNION
            SELECT l.product_id, o.customer_id
            FROM orders AS o
            JOIN order_lines AS l ON l.order_id = o.id
            WHERE :since <= o.scheduled_on AND o.status <> 'cancelled' AND l.product_id IN (SELECT id FROM wanted)
        )
        SELECT t.product_id,
               c.id,
               c.short_name
        FROM takers AS t
        JOIN customers AS c ON c.id = t.customer_id
        WHERE c.is_active AND NOT c.is_terminated
        ORDER BY c.customer_code";
    let mut takers: HashMap<ProductId, Vec<(CustomerId, String)>> = HashMap::new();
    let mut list = || -> rusqlite::Result<()> {
        let mut query = conn.prepare_cached(SQL)?;
        let mut rows = query.query(named_params! {":products": ids(products), ":since": since})?;
        while let Some(row) = rows.next()? {
            takers.entry(row.get("product_id")?).or_default().push((row.get("id")?, row.get("short_name")?));
        }
        Ok(())
    };
    list().doing("list who takes a product")?;
    Ok(takers)
}

/// The lines of open orders that carry one of `products`, by the day they go out; with a customer, only theirs.
pub fn open_lines(conn: &Connection, products: &[ProductId], customer: Option<CustomerId>) -> Result<Vec<OpenLine>> {
    const SQL: &str = "
        /* products: open lines */
        SELECT o.id,
               o.order_number,
               o.scheduled_on,
               o.customer_id,
               c.short_name,
               l.product_id,
               l.product_name,
               l.qty,
               l.unit_price_ntd
        FROM orders AS o
        JOIN order_lines AS l ON l.order_id = o.id
        JOIN customers AS c ON c.id = o.customer_id
        WHERE o.status IN ('pending', 'confirmed', 'assigned', 'in_delivery')
          AND (:customer IS NULL OR o.customer_id = :customer)
          AND l.product_id IN (SELECT value FROM json_each(:products))
        ORDER BY o.scheduled_on, o.id, l.line_no";
    let line = |row: &Row| {
        Ok(OpenLine {
            order: row.get("id")?,
            number: row.get("order_number")?,
            scheduled_on: row.get("scheduled_on")?,
            customer: row.get("customer_id")?,
            short_name: row.get("short_name")?,
            product: row.get("product_id")?,
            product_name: row.get("product_name")?,
            qty: row.get("qty")?,
            unit: row.get("unit_price_ntd")?,
        })
    };
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":products": ids(products), ":customer": customer}, line)?.collect())
        .doing("list the open orders of a product")
}

/// `[1,4]`, as `json_each` reads it.
fn ids(products: &[ProductId]) -> String {
    let ids: Vec<String> = products.iter().map(ProductId::to_string).collect();
    format!("[{}]", ids.join(","))
}
