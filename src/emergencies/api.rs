use rusqlite::Transaction;
use serde_json::{Value, json};

use crate::app::App;
use crate::customers;
use crate::emergencies::create::{self, Made};
use crate::emergencies::pages::{DESCRIPTION, NOTE};
use crate::emergencies::{Emergency, Kind, NOUN, NewEmergency, acts, fields, store};
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::orders::read::{ADDRESS, CONTACT_NAME, form_key};
use crate::orders::{Actor, NewLine};
use crate::ui::FormReader;
use crate::users::Role;
use crate::values::phone::Phone;
use crate::values::{EmergencyId, ProductId};

/// Closed ones an answer holds unless `limit` says otherwise, and the most it may say.
const LIMIT: (usize, usize) = (50, 200);

/// `GET /api/v1/emergencies?limit=` is what is open, then what was closed last, and the figures. A driver hears of what he is
/// sent to and of his own.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let limit = match req.query("limit") {
        None => LIMIT.0,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=LIMIT.1).contains(limit))
            .ok_or_else(|| Error::invalid("limit", "limit 要是 1 到 200。"))?,
    };
    let session = req.session()?;
    if session.role == Role::Driver {
        let his = app.db.read(|conn| store::of_driver(conn, session.user_id))?;
        return Ok(Response::json(&json!({"emergencies": his.iter().map(fields::json).collect::<Value>()})));
    }

    let (open, closed, figures) =
        app.db.read(|conn| Ok((store::listed_open(conn)?, store::listed_closed(conn, limit)?, store::figures(conn, req.at)?)))?;

    Ok(Response::json(&json!({
        "emergencies": open.iter().chain(&closed).map(fields::json).collect::<Value>(),
        "figures": {
            "open": figures.open,
            "closed_today": figures.closed_today,
            "minutes_to_assigned": figures.to_assigned,
            "minutes_to_arrived": figures.to_arrived,
        },
    })))
}

/// `GET /api/v1/emergencies/{id}` is one of them; another driver's is not there.
pub fn one(app: &App, req: &Request) -> Result<Response> {
    let id: EmergencyId = req.id(NOUN)?;

    let listed = app.db.read(|conn| {
        acts::seen(conn, id, Actor::of(req))?;
        store::listed(conn, id)
    })?;

    Ok(Response::json(&fields::json(&listed)))
}

/// `POST /api/v1/emergencies` takes one down. 201, or 200 when its `form_key` has made it already. A driver tells of himself:
/// `in_need_id` is he, whatever is sent.
pub fn create(app: &App, req: &Request) -> Result<Response> {
    let settings = app.settings();
    let actor = Actor::of(req);
    let mut form = FormReader::json(req.json_object()?.into());
    let kind = form.parsed("kind", "kind 要是 gas_leak、customer_emergency、urgent_delivery 或 driver_emergency。", Kind::from_word);
    if kind.is_none() && form.text("kind").is_empty() {
        form.problem("kind", "請填 kind。");
    }
    let phone = form.parsed("phone", "電話號碼不對。", |text| Phone::parse(text, &settings.area_code).ok());
    let in_need = if actor.role == Some(Role::Driver) { actor.by.user } else { form.text("in_need_id").parse().ok() };
    let key = form_key(Some(&form.text("form_key"))).unwrap_or_else(|_| {
        form.problem("form_key", "form_key 要 8 到 64 個字。");
        None
    });
    let mut new = NewEmergency {
        kind: kind.unwrap_or(Kind::DriverEmergency),
        customer: form.text("customer_id").parse().ok(),
        in_need,
        description: form.need("description", DESCRIPTION, "請寫一句發生了什麼事。"),
        phone: phone.map(|phone| phone.to_string()),
        address: form.optional("address", ADDRESS),
        contact_name: form.optional("contact_name", CONTACT_NAME),
        lines: lines(&mut form),
        driver: form.text("driver_id").parse().ok(),
        form_key: key,
    };
    let is_walk_in = form.checked("walk_in");
    form.check()?;

    let (made, listed) = app.db.write(|tx| {
        if is_walk_in {
            new.customer = customers::store::walk_in_account(tx, &settings.walk_in_code)?;
        }
        let made = create::create(tx, &new, actor, &settings)?;
        let listed = store::listed(tx, made.emergency().id)?;
        Ok((made, listed))
    })?;

    let status = if matches!(made, Made::New(_)) { 201 } else { 200 };
    Ok(Response::json(&fields::json(&listed)).status(status))
}

/// `[{"product_id": 2, "qty": 1}]`.
fn lines(form: &mut FormReader) -> Vec<NewLine> {
    let sent = form.value("lines").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut lines = Vec::new();
    for (no, line) in (1..).zip(&sent) {
        match (line["product_id"].as_i64(), line["qty"].as_i64()) {
            (Some(product), Some(qty)) => lines.push(NewLine::of(ProductId(product), qty)),
            _ => form.problem(format!("lines.{no}"), "每一行要有 product_id 和 qty。"),
        }
    }
    lines
}

/// `POST /api/v1/emergencies/{id}/assign` sends `driver_id`.
pub fn assign(app: &App, req: &Request) -> Result<Response> {
    let form = FormReader::json(req.json_object()?.into());
    let driver = form.text("driver_id").parse().map_err(|()| Error::invalid("driver_id", "請填 driver_id。"))?;
    act(app, req, |tx, id, actor| acts::assign(tx, id, driver, actor))
}

/// `POST /api/v1/emergencies/{id}/answer`: he goes, or with `goes` false he cannot. The driver says so, or the office for him.
pub fn answer(app: &App, req: &Request) -> Result<Response> {
    let form = FormReader::json(req.json_object()?.into());
    let goes = !form.has("goes") || form.checked("goes");
    act(app, req, if goes { acts::answer } else { acts::decline })
}

/// `POST /api/v1/emergencies/{id}/seen`: the shop knows.
pub fn seen(app: &App, req: &Request) -> Result<Response> {
    act(app, req, acts::see)
}

/// `POST /api/v1/emergencies/{id}/close` says how it ended, in `note`.
pub fn close(app: &App, req: &Request) -> Result<Response> {
    let mut form = FormReader::json(req.json_object()?.into());
    let note = form.need("note", NOTE, "請寫一句怎麼解除的。");
    form.check()?;
    act(app, req, |tx, id, actor| acts::close(tx, id, &note, actor))
}

fn act(app: &App, req: &Request, work: impl FnOnce(&Transaction, EmergencyId, Actor) -> Result<Emergency>) -> Result<Response> {
    let id: EmergencyId = req.id(NOUN)?;

    let listed = app.db.write(|tx| {
        work(tx, id, Actor::of(req))?;
        store::listed(tx, id)
    })?;

    Ok(Response::json(&fields::json(&listed)))
}
