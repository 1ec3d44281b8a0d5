use rusqlite::{Transaction, named_params};
use serde_json::{Value, json};

use crate::db;
use crate::error::{Doing, Error, Result};
use crate::journal::{self, By, Entry};
use crate::products::fields::{self, Accessory, Details};
use crate::products::store::{dated, own_dated};
use crate::products::{Dated, NOUN, PRICE, Product};
use crate::values::{CustomerId, Day, Ntd, ProductId};

/// Puts an accessory at the end of the catalogue. `Invalid` when its code or name is another's.
pub fn add_accessory(tx: &Transaction, new: &Accessory, by: By) -> Result<ProductId> {
    const SQL: &str = "
        INSERT INTO products (code, name, method, deposit_ntd, tare_g, track_stock, low_stock_threshold, is_active, sort_order)
        VALUES (:code, :name, 'accessory', :deposit, :tare, :track_stock, :threshold, :is_active,
                coalesce(:sort_order, (SELECT coalesce(max(sort_order), 0) + 10 FROM products)))";
    check_free(tx, None, Some(&new.code), &new.details.name)?;
    tx.execute(
        SQL,
        named_params! {
            ":code": new.code,
            ":name": new.details.name,
            ":deposit": new.details.deposit,
            ":tare": new.details.tare,
            ":track_stock": new.details.track_stock,
            ":threshold": new.details.low_stock_threshold,
            ":is_active": new.details.is_active,
            ":sort_order": new.details.sort_order,
        },
    )
    .map_err(|error| taken(error, "add a product"))?;
    let id = ProductId(tx.last_insert_rowid());
    let after = fields::json(&super::get(tx, id)?);
    record(tx, by, "create", id, json!({"after": after}))?;
    Ok(id)
}

/// Writes what differs from `before`, if anything does. `Conflict` when `before` is not how the product stands,
/// `Invalid` when the name is another's.
pub fn edit(tx: &Transaction, before: &Product, details: &Details, by: By) -> Result<()> {
    const SQL: &str = "
        UPDATE products
        SET name = :name,
            deposit_ntd = :deposit,
            tare_g = :tare,
            track_stock = :track_stock,
            low_stock_threshold = :threshold,
            is_active = :is_active,
            sort_order = coalesce(:sort_order, sort_order),
            version = version + 1
        WHERE id = :id AND version = :version";
    let (was, is) = fields::changes(before, details);
    if is.is_empty() {
        return Ok(());
    }
    check_free(tx, Some(before.id), None, &details.name)?;
    let changed = tx
        .execute(
            SQL,
            named_params! {
                ":name": details.name,
                ":deposit": details.deposit,
                ":tare": details.tare,
                ":track_stock": details.track_stock,
                ":threshold": details.low_stock_threshold,
                ":is_active": details.is_active,
                ":sort_order": details.sort_order,
                ":id": before.id,
                ":version": before.version,
            },
        )
        .map_err(|error| taken(error, "save a product"))?;
    if changed != 1 {
        return Err(Error::conflict("product is not at that version", "這個產品剛剛被別人改過，你的還沒存。"));
    }
    record(tx, by, "edit", before.id, json!({"version": before.version, "before": was, "after": is}))
}

/// Sets what a product costs from a day on, for everybody or for one customer, in the place of a price that begins on
/// the same day. `None` ends a customer's own; everybody's has no end.
pub fn set_price(tx: &Transaction, customer: Option<CustomerId>, product: ProductId, price: Dated, by: By) -> Result<()> {
    const STANDARD: &str = "
        INSERT INTO product_prices (product_id, valid_from, unit_price_ntd)
        VALUES (:product, :from, :unit)
        ON CONFLICT (product_id, valid_from) DO UPDATE SET unit_price_ntd = excluded.unit_price_ntd";
    const OWN: &str = "
        INSERT INTO customer_prices (customer_id, product_id, valid_from, unit_price_ntd)
        VALUES (:customer, :product, :from, :unit)
        ON CONFLICT (customer_id, product_id, valid_from) DO UPDATE SET unit_price_ntd = excluded.unit_price_ntd";
    let before = begun_on(tx, customer, product, price.from)?;
    let Dated { from, unit } = price;
    match customer {
        None => tx.execute(STANDARD, named_params! {":product": product, ":from": from, ":unit": unit}),
        Some(customer) => tx.execute(OWN, named_params! {":customer": customer, ":product": product, ":from": from, ":unit": unit}),
    }
    .doing(format_args!("set a price of product {product}"))?;
    let mut change = about(customer, from, before);
    change["after"] = unit_json(unit);
    record(tx, by, "set_price", product, change)
}

/// Takes back the price that begins on `from`; `NotFound` when none does. Whether it may is the caller's to say.
pub fn withdraw_price(tx: &Transaction, customer: Option<CustomerId>, product: ProductId, from: Day, by: By) -> Result<()> {
    const STANDARD: &str = "DELETE FROM product_prices WHERE product_id = :product AND valid_from = :from";
    const OWN: &str = "
        DELETE FROM customer_prices
        WHERE customer_id = :customer AND product_id = :product AND valid_from = :from";
    let before = begun_on(tx, customer, product, from)?;
    if before.is_none() {
        return Err(Error::not_found(PRICE, from));
    }
    match customer {
        None => tx.execute(STANDARD, named_params! {":product": product, ":from": from}),
        Some(customer) => tx.execute(OWN, named_params! {":customer": customer, ":product": product, ":from": from}),
    }
    .doing(format_args!("withdraw a price of product {product}"))?;
    record(tx, by, "withdraw_price", product, about(customer, from, before))
}

fn begun_on(tx: &Transaction, customer: Option<CustomerId>, product: ProductId, from: Day) -> Result<Option<Dated>> {
    match customer {
        None => dated(tx, product, from),
        Some(customer) => own_dated(tx, customer, product, from),
    }
}

/// Whose price and from when, and what began on that day before; null where nothing did.
fn about(customer: Option<CustomerId>, from: Day, before: Option<Dated>) -> Value {
    json!({
        "customer_id": customer.map(|id| id.0),
        "valid_from": from.to_string(),
        "before": before.map(|price| unit_json(price.unit)),
    })
}

fn unit_json(unit: Option<Ntd>) -> Value {
    json!({"unit_price_ntd": unit.map(|unit| unit.0)})
}

/// `Invalid` at the field whose text another product has.
fn check_free(tx: &Transaction, but: Option<ProductId>, code: Option<&str>, name: &str) -> Result<()> {
    const SQL: &str = "
        SELECT EXISTS (SELECT 1 FROM products WHERE id IS NOT :but AND code = :code) AS has_code,
               EXISTS (SELECT 1 FROM products WHERE id IS NOT :but AND name = :name) AS has_name";
    let (has_code, has_name): (bool, bool) = tx
        .prepare_cached(SQL)
        .and_then(|mut query| {
            query.query_row(named_params! {":but": but, ":code": code, ":name": name}, |row| Ok((row.get(0)?, row.get(1)?)))
        })
        .doing("look for a product of that name")?;
    if has_code {
        return Err(Error::invalid("code", format!("代號 {} 已經有產品用了。", code.unwrap_or_default())));
    }
    if has_name { Err(Error::invalid("name", format!("已經有「{name}」了，請換一個名字。"))) } else { Ok(()) }
}

/// The table holds code, name and method × family × size apart, whoever writes.
fn taken(error: rusqlite::Error, doing: &str) -> Error {
    if db::is_unique_violation(&error) {
        return Error::invalid("name", "這種產品已經有了，同一種只能有一個。");
    }
    Error::internal(doing, error)
}

fn record(tx: &Transaction, by: By, verb: &str, id: ProductId, change: Value) -> Result<()> {
    journal::record(tx, &Entry { by, verb, noun: NOUN, noun_id: Some(id.0), change })
}
