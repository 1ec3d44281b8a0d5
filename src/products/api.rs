use serde_json::{Map, Value, json};

use crate::app::App;
use crate::customers;
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::products::prices::{self, Change, Item, Preview};
use crate::products::{Dated, NOUN, Product, fields, store};
use crate::ui::FormReader;
use crate::values::{CustomerId, Day, Ntd, ProductId};

/// `GET /api/v1/products` is the catalogue with what everybody pays today and next.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let today = req.at.day();

    let (catalogue, prices, next) =
        app.db.read(|conn| Ok((store::catalogue(conn)?, store::prices(conn, None, today)?, store::next_prices(conn, None, today)?)))?;

    let products: Vec<Value> = catalogue
        .iter()
        .map(|product| with_price(product, prices.of(product.id).map(|price| price.unit), next.get(&product.id).copied()))
        .collect();
    Ok(Response::json(&json!({"products": products})))
}

/// `GET /api/v1/products/{id}` is one, with all its prices, the latest first.
pub fn one(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let (product, history) = app.db.read(|conn| Ok((store::get(conn, id)?, store::history(conn, id)?)))?;
    Ok(Response::json(&whole(&product, &history, req.at.day())))
}

/// `POST /api/v1/products` adds an accessory.
pub fn create(app: &App, req: &Request) -> Result<Response> {
    let new = fields::read_accessory(FormReader::json(Value::Object(req.json_object()?)))?;

    let product = app.db.write(|tx| {
        let id = store::add_accessory(tx, &new, req.by())?;
        store::get(tx, id)
    })?;

    let location = format!("/api/v1/products/{}", product.id);
    Ok(Response::json(&whole(&product, &[], req.at.day())).status(201).with("Location", &location))
}

/// `PATCH /api/v1/products/{id}` changes the fields that are named. `version` is the one that was read; 409 with
/// `current` and `sent` when it has moved on.
pub fn update(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let body = req.json_object()?;
    let version = body.get("version").and_then(Value::as_i64).ok_or_else(|| Error::invalid("version", "請附上讀到的 version。"))?;

    let (product, history, clash) = app.db.write(|tx| {
        let product = store::get(tx, id)?;
        let details = fields::read(FormReader::json(Value::Object(body.clone())), &product)?;
        let clash = if product.version == version {
            store::edit(tx, &product, &details, req.by())?;
            None
        } else {
            Some(fields::stale(&product, &details))
        };
        Ok((store::get(tx, id)?, store::history(tx, id)?, clash))
    })?;

    let current = whole(&product, &history, req.at.day());
    let Some(clash) = clash else { return Ok(Response::json(&current)) };
    let mut answer = json!({"error": {"code": clash.code(), "message": clash.user_message()}});
    answer["current"] = current;
    answer["sent"] = Value::Object(body);
    Ok(Response::json(&answer).status(clash.status()))
}

/// `GET /api/v1/prices?customer_id=&date=` is what one customer, or anybody, pays on a day; today when none is named.
pub fn prices_on(app: &App, req: &Request) -> Result<Response> {
    let customer: Option<CustomerId> = match req.query("customer_id").filter(|id| !id.is_empty()) {
        None => None,
        Some(id) => Some(id.parse().map_err(|()| Error::no_such(customers::NOUN, id))?),
    };
    let day = match req.query("date").filter(|date| !date.is_empty()) {
        None => req.at.day(),
        Some(date) => date.parse::<Day>().map_err(|()| Error::invalid("date", "日期要寫成 2025-05-28。"))?,
    };

    let (catalogue, list) = app.db.read(|conn| {
        if let Some(customer) = customer {
            customers::store::get(conn, customer)?;
        }
        Ok((store::catalogue(conn)?, store::prices(conn, customer, day)?))
    })?;

    let prices: Vec<Value> = catalogue
        .iter()
        .map(|product| {
            let price = list.of(product.id);
            json!({
                "product_id": product.id.0,
                "code": product.code,
                "name": product.name,
                "is_active": product.is_active,
                "is_metered": product.is_metered(),
                "unit_price_ntd": price.map(|price| price.unit.0),
                "is_own": price.is_some_and(|price| price.is_own),
            })
        })
        .collect();
    Ok(Response::json(&json!({"date": day.to_string(), "customer_id": customer.map(|id| id.0), "prices": prices})))
}

/// `POST /api/v1/prices` sets one price from a day on, for everybody or, with `customer_id`, for one customer, whose own
/// ends with null. The answer tells whom it touches; with `dry_run=1` that is all.
pub fn set_price(app: &App, req: &Request) -> Result<Response> {
    let change = read_change(&req.json_object()?, req.at.day())?;
    let is_dry = matches!(req.query("dry_run"), Some("1" | "true"));
    let today = req.at.day();

    let (preview, saved) = if is_dry {
        app.db.read(|conn| Ok((prices::preview(conn, &change, &store::catalogue(conn)?, today)?, 0)))?
    } else {
        app.db.write(|tx| {
            let preview = prices::preview(tx, &change, &store::catalogue(tx)?, today)?;
            Ok((preview, prices::apply(tx, &change, req.by())?))
        })?
    };

    Ok(Response::json(&touched(&change, &preview, 0 < saved)).status(if 0 < saved { 201 } else { 200 }))
}

fn read_change(body: &Map<String, Value>, today: Day) -> Result<Change> {
    let id = |name: &str| body.get(name).and_then(Value::as_i64).filter(|id| 0 < *id);
    let amount = |value: &Value| match value {
        Value::Null => Some(None),
        value => value.as_i64().filter(|amount| (0..=Ntd::LIMIT).contains(amount)).map(|amount| Some(Ntd(amount))),
    };
    let bad_price = || Error::invalid("unit_price_ntd", "價格是 0 到 9,999,999 的整數。");
    let product = id("product_id").map(ProductId).ok_or_else(|| Error::invalid("product_id", "請附上 product_id。"))?;
    let customer = match body.get("customer_id").filter(|id| !id.is_null()) {
        None => None,
        Some(sent) => Some(id("customer_id").map(CustomerId).ok_or_else(|| Error::no_such(customers::NOUN, &sent.to_string()))?),
    };
    let from = match body.get("valid_from").filter(|from| !from.is_null()) {
        None => today,
        Some(from) => {
            let written = from.as_str().filter(|from| from.parse::<Day>().is_ok());
            let written = written.ok_or_else(|| Error::invalid("valid_from", "日期要寫成 2025-05-28。"))?;
            prices::read_from(written, today).map_err(|say| Error::invalid("valid_from", say))?
        }
    };
    let unit = amount(body.get("unit_price_ntd").ok_or_else(bad_price)?).ok_or_else(bad_price)?;
    let seen = body.get("before_ntd").map(|before| amount(before).ok_or_else(bad_price)).transpose()?;
    Ok(Change { customer, from, items: vec![Item { product, unit, seen }] })
}

fn touched(change: &Change, preview: &Preview, is_saved: bool) -> Value {
    let row = preview.rows.first();
    let item = change.items.first();
    let orders: Vec<Value> = preview
        .open_lines
        .iter()
        .filter(|line| line.unit.is_some())
        .map(|line| {
            json!({
                "order_id": line.order.0,
                "order_number": line.number,
                "scheduled_on": line.scheduled_on.to_string(),
                "customer_id": line.customer.0,
                "qty": line.qty,
                "unit_price_ntd": line.unit.map(|unit| unit.0),
            })
        })
        .collect();
    json!({
        "product_id": item.map(|item| item.product.0),
        "customer_id": change.customer.map(|id| id.0),
        "valid_from": change.from.to_string(),
        "unit_price_ntd": item.and_then(|item| item.unit).map(|unit| unit.0),
        "is_saved": is_saved,
        "before_ntd": match row { Some(row) => row.before.map(|unit| unit.0), None => item.and_then(|item| item.unit).map(|unit| unit.0) },
        "payers": row.map_or(0, |row| row.payers.len()),
        "own_prices": row.map_or(0, |row| row.own.len()),
        "orders_that_keep_theirs": orders,
    })
}

fn with_price(product: &Product, unit: Option<Ntd>, next: Option<Dated>) -> Value {
    let mut map = fields::json(product);
    map.insert("unit_price_ntd".to_owned(), json!(unit.map(|unit| unit.0)));
    map.insert("next_price".to_owned(), next.map_or(Value::Null, dated));
    Value::Object(map)
}

fn whole(product: &Product, history: &[Dated], today: Day) -> Value {
    let now = history.iter().find(|price| price.from <= today).and_then(|price| price.unit);
    let next = history.iter().rev().find(|price| today < price.from).copied();
    let mut answer = with_price(product, now, next);
    answer["prices"] = history.iter().copied().map(dated).collect();
    answer
}

fn dated(price: Dated) -> Value {
    json!({"valid_from": price.from.to_string(), "unit_price_ntd": price.unit.map(|unit| unit.0)})
}
