use serde_json::{Value, json};

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::ui::FormReader;
use crate::vehicles::{NOUN, fields, store};

/// `GET /api/v1/vehicles` is every vehicle, those in use first.
pub fn list(app: &App, _: &Request) -> Result<Response> {
    let vehicles = app.db.read(store::list)?;
    let vehicles: Vec<Value> = vehicles.iter().map(|vehicle| Value::Object(fields::json(vehicle))).collect();
    Ok(Response::json(&json!({"vehicles": vehicles})))
}

/// `GET /api/v1/vehicles/{id}`.
pub fn one(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let vehicle = app.db.read(|conn| store::get(conn, id))?;
    Ok(Response::json(&Value::Object(fields::json(&vehicle))))
}

/// `POST /api/v1/vehicles` adds one, in use unless it says otherwise.
pub fn create(app: &App, req: &Request) -> Result<Response> {
    let details = fields::read(FormReader::json(Value::Object(req.json_object()?)), None)?;

    let vehicle = app.db.write(|tx| {
        let id = store::insert(tx, &details, req.by())?;
        store::get(tx, id)
    })?;

    let location = format!("/api/v1/vehicles/{}", vehicle.id);
    Ok(Response::json(&Value::Object(fields::json(&vehicle))).status(201).with("Location", &location))
}

/// `PATCH /api/v1/vehicles/{id}` changes the fields that are named. `version` is the one that was read; 409 with
/// `current` and `sent` when it has moved on.
pub fn update(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let body = req.json_object()?;
    let version = body.get("version").and_then(Value::as_i64).ok_or_else(|| Error::invalid("version", "請附上讀到的 version。"))?;

    let (vehicle, is_stale) = app.db.write(|tx| {
        let vehicle = store::get(tx, id)?;
        let details = fields::read(FormReader::json(Value::Object(body.clone())), Some(&vehicle.details()))?;
        let is_stale = vehicle.version != version;
        if !is_stale {
            store::update(tx, &vehicle, &details, req.by())?;
        }
        Ok((store::get(tx, id)?, is_stale))
    })?;

    let current = Value::Object(fields::json(&vehicle));
    if !is_stale {
        return Ok(Response::json(&current));
    }
    let clash = Error::conflict("vehicle is not at that version", "有人先改了這輛車，你的還沒存。");
    Ok(Response::json_stale(&clash, current, Value::Object(body)))
}
