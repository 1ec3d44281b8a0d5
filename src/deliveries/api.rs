use serde_json::{Value, json};

use crate::app::App;
use crate::deliveries::{Cursor, Delivery, Drop, Place, store};
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::values::{CustomerId, Day};

/// Rows a page has unless `limit` says otherwise, and the most it may say.
const LIMIT: usize = 50;
const MOST: usize = 500;

/// `GET /api/v1/customers/{id}/deliveries?limit=&cursor=` lists one customer's deliveries, newest first.
pub fn of_customer(app: &App, req: &Request) -> Result<Response> {
    let id: CustomerId = req.param("id")?;
    let limit = match req.query("limit") {
        None => LIMIT,
        Some(text) => {
            text.parse().ok().filter(|limit| (1..=MOST).contains(limit)).ok_or_else(|| Error::invalid("limit", "limit 要是 1 到 500。"))?
        }
    };
    let place = match req.query("cursor") {
        None => Place::Newest,
        Some(text) => Place::Before(text.parse::<Cursor>().map_err(|()| Error::invalid("cursor", "看不懂這個 cursor，請從頭再列一次。"))?),
    };

    let page = app.db.read(|conn| {
        store::whose(conn, id)?;
        store::of_customer(conn, id, place, limit)
    })?;

    Ok(Response::json(&json!({
        "deliveries": page.deliveries.iter().map(to_json).collect::<Value>(),
        "next_cursor": page.older.map(|cursor| cursor.to_string()),
    })))
}

/// `GET /api/v1/deliveries?date=2025-05-28` lists a day's deliveries by area and customer code.
pub fn on_day(app: &App, req: &Request) -> Result<Response> {
    let day: Day = match req.query("date") {
        None => req.at.day(),
        Some(text) => text.parse().map_err(|()| Error::invalid("date", "date 要像 2025-05-28。"))?,
    };

    let stops = app.db.read(|conn| store::on_day(conn, day))?;

    let stops: Value = stops
        .iter()
        .map(|stop| {
            let whose =
                [("customer_code", json!(stop.customer_code)), ("customer_name", json!(stop.customer_name)), ("area", json!(stop.area))];
            object(fields(&stop.delivery).into_iter().chain(whose))
        })
        .collect();
    Ok(Response::json(&json!({"date": day.to_string(), "deliveries": stops})))
}

pub fn to_json(delivery: &Delivery) -> Value {
    object(fields(delivery).into_iter())
}

/// What is not known is null, never 0. As pairs, so that a day's two hundred objects are each made in one go.
fn fields(delivery: &Delivery) -> [(&'static str, Value); 15] {
    let [qty_50, qty_20, qty_16, qty_10, qty_4] = delivery.load.0;
    [
        ("id", json!(delivery.id.0)),
        ("customer_id", json!(delivery.customer_id.0)),
        ("delivered_on", json!(delivery.delivered_on.to_string())),
        ("source", json!(delivery.source.word())),
        ("at_time", json!(delivery.at_time)),
        ("qty_50", json!(qty_50)),
        ("qty_20", json!(qty_20)),
        ("qty_16", json!(qty_16)),
        ("qty_10", json!(qty_10)),
        ("qty_4", json!(qty_4)),
        ("gas_g", json!(delivery.load.weight().map(|weight| weight.0))),
        ("driver_name", json!(delivery.driver_name)),
        ("note", json!(delivery.note)),
        ("recorded_name", json!(delivery.recorded_name)),
        ("drops", delivery.drops.iter().map(drop_json).collect()),
    ]
}

fn object(fields: impl Iterator<Item = (&'static str, Value)>) -> Value {
    Value::Object(fields.map(|(name, value)| (name.to_owned(), value)).collect())
}

fn drop_json(drop: &Drop) -> Value {
    let [qty_50, qty_20, qty_16, qty_10, qty_4] = drop.load.0;
    json!({
        "at_time": drop.at_time,
        "qty_50": qty_50,
        "qty_20": qty_20,
        "qty_16": qty_16,
        "qty_10": qty_10,
        "qty_4": qty_4,
        "gas_g": drop.load.weight().map(|weight| weight.0),
        "note": drop.note,
    })
}
