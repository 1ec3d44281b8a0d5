mod history;
mod touched;
mod write;

use rusqlite::{Connection, Row, named_params};

use crate::error::{Doing, Error, Result};
use crate::products::{Kind, NOUN, Price, PriceList, Product};
use crate::values::product::{Family, Method};
use crate::values::{CustomerId, Day, ProductId};

pub use history::{dated, history, next_prices, own_dated, own_history, own_prices_of};
pub use touched::{open_lines, payers};
pub use write::{add_accessory, edit, set_price, withdraw_price};

/// Every product, switched off or not, in the order of the price list.
pub fn catalogue(conn: &Connection) -> Result<Vec<Product>> {
    const SQL: &str = "
        SELECT *
        FROM products
        ORDER BY sort_order, id";
    conn.prepare_cached(SQL).and_then(|mut query| query.query_map([], product)?.collect()).doing("list the products")
}

/// One product; `NotFound` when there is none.
pub fn get(conn: &Connection, id: ProductId) -> Result<Product> {
    use rusqlite::OptionalExtension;
    conn.prepare_cached("SELECT * FROM products WHERE id = :id")
        .and_then(|mut query| query.query_row(named_params! {":id": id}, product).optional())
        .doing(format_args!("get product {id}"))?
        .ok_or_else(|| Error::not_found(NOUN, id))
}

/// What everything costs on `day`, for `customer` or, without one, for anybody (business §9).
pub fn prices(conn: &Connection, customer: Option<CustomerId>, day: Day) -> Result<PriceList> {
    const STANDARD: &str = "
        /* products: prices */
        SELECT p.product_id,
               p.unit_price_ntd
        FROM product_prices AS p
        WHERE p.valid_from = (SELECT max(q.valid_from) FROM product_prices AS q
                              WHERE q.product_id = p.product_id AND q.valid_from <= :day)";
    const OWN: &str = "
        /* products: customer prices */
        SELECT p.product_id,
               p.unit_price_ntd
        FROM customer_prices AS p
        WHERE p.customer_id = :customer
          AND p.unit_price_ntd IS NOT NULL
          AND p.valid_from = (SELECT max(q.valid_from) FROM customer_prices AS q
                              WHERE q.customer_id = :customer AND q.product_id = p.product_id AND q.valid_from <= :day)";
    let mut list = PriceList::default();
    let mut take = |sql: &str, params: &[(&str, &dyn rusqlite::ToSql)], is_own: bool| -> rusqlite::Result<()> {
        let mut query = conn.prepare_cached(sql)?;
        let mut rows = query.query(params)?;
        while let Some(row) = rows.next()? {
            list.0.insert(row.get("product_id")?, Price { unit: row.get("unit_price_ntd")?, is_own });
        }
        Ok(())
    };
    take(STANDARD, named_params! {":day": day}, false).doing("look up the prices")?;
    if let Some(customer) = customer {
        take(OWN, named_params! {":customer": customer, ":day": day}, true)
            .doing(format_args!("look up the prices of customer {customer}"))?;
    }
    Ok(list)
}

/// What is sold and has no price on `day`: somebody is to say one.
pub fn unpriced(conn: &Connection, day: Day) -> Result<Vec<Product>> {
    const SQL: &str = "
        SELECT *
        FROM products AS p
        WHERE p.is_active AND NOT EXISTS (SELECT 1 FROM product_prices AS q WHERE q.product_id = p.id AND q.valid_from <= :day)
        ORDER BY p.sort_order, p.id";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":day": day}, product)?.collect())
        .doing("list the products without a price")
}

fn product(row: &Row) -> rusqlite::Result<Product> {
    let method: String = row.get("method")?;
    let family: Option<String> = row.get("family")?;
    let size_kg: Option<i64> = row.get("size_kg")?;
    // The table's CHECKs leave no other words.
    let method = Method::from_word(&method);
    let family = family.as_deref().and_then(Family::from_word);
    let kind = match (method, family, size_kg) {
        (Some(method), Some(family), Some(size_kg)) => Kind::Gas { method, family, size_kg },
        _ => Kind::Accessory,
    };
    Ok(Product {
        id: row.get("id")?,
        code: row.get("code")?,
        name: row.get("name")?,
        kind,
        deposit: row.get("deposit_ntd")?,
        tare: row.get("tare_g")?,
        track_stock: row.get("track_stock")?,
        low_stock_threshold: row.get("low_stock_threshold")?,
        is_active: row.get("is_active")?,
        sort_order: row.get("sort_order")?,
        version: row.get("version")?,
    })
}
