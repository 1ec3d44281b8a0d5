use serde_json::{Value, json};

use crate::app::App;
use crate::deliveries::{Cursor, Delivery, Load, Place, store};
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
        Some(text) => text.parse().ok().filter(|limit| (1..=MOST).contains(limit)).ok_or(Error::BadRequest("limit is not 1 to 500"))?,
    };
    let place = match req.query("cursor") {
        None => Place::Newest,
        Some(text) => Place::Before(text.parse::<Cursor>().map_err(|()| Error::BadRequest("cursor is none of ours"))?),
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
        Some(text) => text.parse().map_err(|()| Error::BadRequest("date is not a day as 2025-05-28"))?,
    };

    let stops = app.db.read(|conn| store::on_day(conn, day))?;

    let stops: Value = stops
        .iter()
        .map(|stop| {
            let mut row = to_json(&stop.delivery);
            row["customer_code"] = json!(stop.customer_code);
            row["customer_name"] = json!(stop.customer_name);
            row["area"] = json!(stop.area);
            row
        })
        .collect();
    Ok(Response::json(&json!({"date": day.to_string(), "deliveries": stops})))
}

pub fn to_json(delivery: &Delivery) -> Value {
    let mut row = json!({
        "id": delivery.id.0,
        "customer_id": delivery.customer_id.0,
        "delivered_on": delivery.delivered_on.to_string(),
        "source": delivery.source.word(),
        "at_time": delivery.at_time,
    });
    add_load(&mut row, delivery.load);
    row["driver_name"] = json!(delivery.driver_name);
    row["note"] = json!(delivery.note);
    row["recorded_name"] = json!(delivery.recorded_name);
    row["drops"] = delivery
        .drops
        .iter()
        .map(|drop| {
            let mut row = json!({"at_time": drop.at_time, "note": drop.note});
            add_load(&mut row, drop.load);
            row
        })
        .collect();
    row
}

/// What is not known is null, never 0.
fn add_load(row: &mut Value, load: Load) {
    for (name, qty) in ["qty_50", "qty_20", "qty_16", "qty_10", "qty_4"].into_iter().zip(load.0) {
        row[name] = json!(qty);
    }
    row["gas_g"] = json!(load.weight().map(|weight| weight.0));
}
