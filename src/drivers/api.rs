use serde_json::{Value, json};

use crate::app::App;
use crate::drivers::{NOUN, fields, store};
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::ui::FormReader;

/// `GET /api/v1/drivers` is everybody who drives, in the order of the board's lanes.
pub fn list(app: &App, _: &Request) -> Result<Response> {
    let drivers = app.db.read(store::all)?;
    let drivers: Vec<Value> = drivers.iter().map(|driver| Value::Object(fields::json(driver))).collect();
    Ok(Response::json(&json!({"drivers": drivers})))
}

/// `GET /api/v1/drivers/{id}`; the id is the user's.
pub fn one(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let driver = app.db.read(|conn| store::get(conn, id))?;
    Ok(Response::json(&Value::Object(fields::json(&driver))))
}

/// `PATCH /api/v1/drivers/{id}` changes the fields that are named. `version` is the one that was read, 0 of a driver
/// nobody has described; 409 with `current` and `sent` when it has moved on.
pub fn update(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let body = req.json_object()?;
    let version = body.get("version").and_then(Value::as_i64).ok_or_else(|| Error::invalid("version", "請附上讀到的 version。"))?;

    let (driver, is_stale) = app.db.write(|tx| {
        let driver = store::get(tx, id)?;
        let form = FormReader::json(Value::Object(body.clone()));
        let details = fields::read(form, &driver.details(), &app.settings().area_code)?;
        let is_stale = driver.version != version;
        if !is_stale {
            store::set(tx, &driver, &details, req.by())?;
        }
        Ok((store::get(tx, id)?, is_stale))
    })?;

    let current = Value::Object(fields::json(&driver));
    if !is_stale {
        return Ok(Response::json(&current));
    }
    let clash = Error::conflict("driver is not at that version", "有人先改了這位司機，你的還沒存。");
    Ok(Response::json_stale(&clash, current, Value::Object(body)))
}
