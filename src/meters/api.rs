use serde_json::{Value, json};

use crate::app::App;
use crate::customers;
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::meters::{Meter, NOUN, NewReading, Reading, read, store};
use crate::orders::Actor;
use crate::ui::FormReader;
use crate::values::{CustomerId, MeterId};

/// Readings an answer holds.
const MOST: usize = 100;

/// `GET /api/v1/customers/{id}/meters` is each meter of a customer with its last reading.
pub fn of_customer(app: &App, req: &Request) -> Result<Response> {
    let id: CustomerId = req.id(customers::NOUN)?;

    let meters = app.db.read(|conn| {
        customers::store::get(conn, id)?;
        let meters = store::of_customer(conn, id)?;
        meters.into_iter().map(|meter| Ok((store::last_reading(conn, meter.id)?, meter))).collect::<Result<Vec<_>>>()
    })?;

    let meters: Vec<Value> = meters.iter().map(|(last, meter)| to_json(meter, last.as_ref())).collect();
    Ok(Response::json(&json!({"meters": meters})))
}

/// `GET /api/v1/meters/{id}/readings` is its newest hundred readings, voided ones too.
pub fn readings(app: &App, req: &Request) -> Result<Response> {
    let id: MeterId = req.id(NOUN)?;

    let readings = app.db.read(|conn| {
        store::get(conn, id)?;
        store::readings(conn, id, MOST)
    })?;

    Ok(Response::json(&json!({"readings": readings.iter().map(reading_json).collect::<Vec<_>>()})))
}

/// `POST /api/v1/meters/{id}/readings` writes one down: `value_milli`, `read_on` (today unless said), a manager's
/// `old_end_milli` when the meter was replaced, and `confirm` for a figure that was asked about. 201 with what it bills.
pub fn record(app: &App, req: &Request) -> Result<Response> {
    let id: MeterId = req.id(NOUN)?;
    let mut form = FormReader::json(req.json_object()?.into());
    let mut milli = |name: &'static str| form.parsed(name, "讀數是千分之一單位的整數。", |text| text.parse().ok());
    let (value, replaced) = (milli("value_milli"), milli("old_end_milli"));
    if value.is_none() {
        form.problem("value_milli", "請填讀數。");
    }
    let read_on = form.parsed("read_on", "日期要像 2025-05-28。", |text| text.parse().ok()).unwrap_or(req.at.day());
    let confirmed_jump = form.checked("confirm");
    let Some(value_milli) = value else { return Err(form.check().err().unwrap_or(Error::BadRequest("the reading has no figure"))) };
    form.check()?;

    let new = NewReading { meter: id, value_milli, read_on, order: None, stop: None, replaced, confirmed_jump };
    let reading = app.db.write(|tx| read(tx, new, Actor::of(req)))?;

    Ok(Response::json(&reading_json(&reading)).status(201))
}

fn to_json(meter: &Meter, last: Option<&Reading>) -> Value {
    json!({
        "id": meter.id.0,
        "customer_id": meter.customer.0,
        "serial": meter.serial,
        "unit": meter.unit,
        "g_per_unit": meter.g_per_unit,
        "installed_on": meter.installed_on.to_string(),
        "is_active": meter.is_active,
        "last_reading": last.map(reading_json),
    })
}

/// A reading in the database's names.
pub(super) fn reading_json(reading: &Reading) -> Value {
    json!({
        "id": reading.id.0,
        "meter_id": reading.meter.0,
        "read_on": reading.read_on.to_string(),
        "value_milli": reading.value_milli,
        "from_milli": reading.from_milli,
        "old_end_milli": reading.old_end_milli,
        "billed_g": reading.billed.0,
        "unit_price_ntd": reading.unit_price.map(|unit| unit.0),
        "amount_ntd": reading.amount.0,
        "order_id": reading.order.map(|id| id.0),
        "stop_id": reading.stop.map(|id| id.0),
        "user_id": reading.user.map(|id| id.0),
        "at": reading.at.to_string(),
        "voided_at": reading.voided_at.map(|at| at.to_string()),
    })
}
