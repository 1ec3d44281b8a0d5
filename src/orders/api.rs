use serde_json::{Map, Value};

use crate::app::App;
use crate::customers;
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::orders::read::{form_key, in_json_names};
use crate::orders::take::{Taken, take};
use crate::orders::{Actor, NewOrder, Origin, Status, fields};
use crate::ui::FormReader;
use crate::values::CustomerId;

/// `POST /api/v1/orders` takes an order; 201, or 200 with the same order when its `form_key` (or `Idempotency-Key`)
/// has made one already. What is not named is as the office's form begins: the default day and window, paid as usual.
pub fn create(app: &App, req: &Request) -> Result<Response> {
    let body = object(req)?;
    let key = form_key(body.get("form_key").and_then(Value::as_str).or(req.header("idempotency-key")))?;
    let status = status_of(&body)?;
    let customer = body.get("customer_id").and_then(Value::as_i64).map(CustomerId);
    let customer = customer.ok_or_else(|| Error::invalid("customer_id", "請寫是哪一位客戶。"))?;
    let settings = app.settings();

    let taken = app.db.write(|tx| {
        let customer = match customers::store::get(tx, customer) {
            Err(Error::NotFound { .. }) => return Err(Error::invalid("customer_id", "沒有這位客戶。")),
            customer => customer?,
        };
        let mut new = NewOrder { form_key: key, ..NewOrder::blank(&customer, req.at, &settings) };
        if let Some(origin) = body.get("origin") {
            new.origin = origin_of(origin)?;
        }
        new.overlay(FormReader::json(Value::Object(body.clone())))?;
        if new.is_urgent && body.get("surcharge_ntd").is_none() {
            new.surcharge = settings.urgent_surcharge;
        }
        take(tx, &new, status, Actor::of(req), &settings).map_err(in_json_names)
    })?;

    let order = taken.order();
    let code = if matches!(taken, Taken::New(_)) { 201 } else { 200 };
    Ok(Response::json(&fields::json(order)).status(code).with("Location", &format!("/api/v1/orders/{}", order.id)))
}

/// A caller takes orders as people do; those of templates and lists are made by the program itself.
fn origin_of(value: &Value) -> Result<Origin> {
    match value.as_str().and_then(Origin::from_word) {
        Some(origin @ (Origin::Phone | Origin::Planned | Origin::WalkIn | Origin::Emergency | Origin::Web)) => Ok(origin),
        Some(Origin::Template | Origin::Import) | None => Err(Error::invalid("origin", "沒有這種來源。")),
    }
}

fn status_of(body: &Map<String, Value>) -> Result<Status> {
    match body.get("status").map(|value| value.as_str().and_then(Status::from_word)) {
        None | Some(Some(Status::Confirmed)) => Ok(Status::Confirmed),
        Some(Some(Status::Pending)) => Ok(Status::Pending),
        Some(_) => Err(Error::invalid("status", "新訂單只能是 pending 或 confirmed。")),
    }
}

fn object(req: &Request) -> Result<Map<String, Value>> {
    match req.json()? {
        Value::Object(object) => Ok(object),
        _ => Err(Error::BadRequest("the body is no JSON object")),
    }
}
