use serde_json::{Value, json};

use crate::app::App;
use crate::customers::api::{cursor, skip_of};
use crate::customers::{self, Customer};
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::jobs::{self, Outcome};
use crate::orders::desk::Desk;
use crate::orders::read::{form_key, in_json_names};
use crate::orders::take::Taken;
use crate::orders::{self, Actor, NewLine, slot};
use crate::templates::by_hand::{self, Wish};
use crate::templates::edit::{ground, stop_by_hand};
use crate::templates::store::{self, Shown};
use crate::templates::{NOUN, fields, form, pages};
use crate::ui::FormReader;
use crate::values::{CustomerId, Day};

/// How many templates an answer may hold, and how many it holds unasked.
const LIMIT: (usize, usize) = (200, 50);

/// `GET /api/v1/templates?customer_id=&active=&limit=&cursor=` lists templates, a page at a time, by their next day.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let asked = |name: &str| req.query(name).filter(|text| !text.is_empty());
    let limit = match asked("limit").map(|text| text.parse().ok().filter(|limit| (1..=LIMIT.0).contains(limit))) {
        None => LIMIT.1,
        Some(limit) => limit.ok_or_else(|| Error::invalid("limit", "limit 要是 1 到 200。"))?,
    };
    let skip = asked("cursor").map_or(Ok(0), skip_of)?;
    let shown = match asked("active") {
        None => Shown::All,
        Some("true" | "1") => Shown::InUse,
        Some("false" | "0") => Shown::Stopped,
        Some(_) => return Err(Error::invalid("active", "active 要是 true 或 false。")),
    };
    let customer: Option<CustomerId> = match asked("customer_id") {
        None => None,
        Some(id) => Some(id.parse().map_err(|()| Error::invalid("customer_id", "沒有這位客戶。"))?),
    };

    let (rows, total) = app.db.read(|conn| Ok((store::list(conn, shown, customer, skip, limit)?, store::count(conn, shown, customer)?)))?;

    let next = skip + rows.len();
    Ok(Response::json(&json!({
        "templates": rows.iter().map(|row| fields::json(&row.template)).collect::<Vec<_>>(),
        "total": total,
        "next_cursor": (next < total && !rows.is_empty()).then(|| cursor(next)),
    })))
}

/// `GET /api/v1/templates/{id}` is one template.
pub fn one(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let template = app.db.read(|conn| store::get(conn, id))?;
    Ok(Response::json(&fields::json(&template)))
}

/// `POST /api/v1/templates` writes a new template of `customer_id`. `next_on` is the day from which it is said: the
/// first day of the rhythm from there on is what it becomes.
pub fn create(app: &App, req: &Request) -> Result<Response> {
    let body = req.json_object()?;
    let customer = body.get("customer_id").and_then(Value::as_i64).map(CustomerId);
    let customer = customer.ok_or_else(|| Error::invalid("customer_id", "請寫是哪一位客戶。"))?;

    let template = app.db.write(|tx| {
        let desk = Desk::load(tx, whose(tx, customer)?.id, &app.settings(), req.at)?;
        let details = form::read(FormReader::json(Value::Object(body)), None, &ground(&desk))?;
        let id = store::create(tx, &desk.customer, &details, req.by())?;
        store::get(tx, id)
    })?;

    let location = format!("/api/v1/templates/{}", template.id);
    Ok(Response::json(&fields::json(&template)).status(201).with("Location", &location))
}

/// A customer that is named in a body and not in the address: there its absence is a field that is wrong.
fn whose(conn: &rusqlite::Connection, id: CustomerId) -> Result<Customer> {
    match customers::store::get(conn, id) {
        Err(Error::NotFound { .. }) => Err(Error::invalid("customer_id", "沒有這位客戶。")),
        customer => customer,
    }
}

/// `PATCH /api/v1/templates/{id}` changes the fields that are named. `version` is the one that was read; 409 with
/// `current` and `sent` when it has moved on.
pub fn update(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let body = req.json_object()?;
    let version = body.get("version").and_then(Value::as_i64).ok_or_else(|| Error::invalid("version", "請附上讀到的 version。"))?;

    let (template, is_stale) = app.db.write(|tx| {
        let template = store::get(tx, id)?;
        let desk = Desk::load(tx, template.customer_id, &app.settings(), req.at)?;
        let typed = form::read(FormReader::json(Value::Object(body.clone())), Some(&template.details), &ground(&desk))?;
        if template.version != version {
            return Ok((template, true));
        }
        store::update(tx, &template, &typed, req.by())?;
        Ok((store::get(tx, id)?, false))
    })?;

    if !is_stale {
        return Ok(Response::json(&fields::json(&template)));
    }
    let error = Error::conflict("template is not at that version", "這個範本已被別人改過，你的還沒存。");
    let mut answer = json!({"error": {"code": error.code(), "message": error.user_message()}});
    answer["current"] = fields::json(&template);
    answer["sent"] = Value::Object(body);
    Ok(Response::json(&answer).status(409))
}

/// `POST /api/v1/templates/{id}/use` makes a confirmed order of it on `scheduled_on` (the office's usual day), with
/// `lines` in the place of its own when they are named. 200 with the same order when its `form_key` has made one.
pub fn use_now(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let body = req.json_object()?;
    let key = form_key(body.get("form_key").and_then(Value::as_str).or(req.header("idempotency-key")))?;
    let settings = app.settings();
    let mut form = FormReader::json(Value::Object(body));
    let day = form.parsed("scheduled_on", "日期要寫成 2025-05-28。", |text| text.parse::<Day>().ok());
    let has_lines = form.value("lines").is_some();

    let (taken, template) = app.db.write(|tx| {
        let template = store::get(tx, id)?;
        let mut lines: Vec<NewLine> = template.details.lines.iter().map(|line| NewLine::of(line.product_id, line.qty)).collect();
        if has_lines {
            let catalogue = crate::products::store::catalogue(tx)?;
            lines = form::lines(&mut form, &catalogue).iter().map(|line| NewLine::of(line.product_id, line.qty)).collect();
        }
        form.check()?;
        let wish = Wish { day: day.unwrap_or_else(|| slot::default_day(req.at, &settings)), lines, form_key: key };
        let (taken, _) = by_hand::make(tx, id, &wish, Actor::of(req), &settings).map_err(in_json_names)?;
        Ok((taken, store::get(tx, id)?))
    })?;

    let status = if matches!(taken, Taken::New(_)) { 201 } else { 200 };
    let order = taken.order();
    let answer = json!({"order": orders::fields::json(order), "template": fields::json(&template)});
    Ok(Response::json(&answer).status(status).with("Location", &format!("/api/v1/orders/{}", order.id)))
}

/// `POST /api/v1/templates/{id}/stop` makes no more orders of it.
pub fn stop(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;

    let template = app.db.write(|tx| {
        stop_by_hand(tx, id, req)?;
        store::get(tx, id)
    })?;

    Ok(Response::json(&fields::json(&template)))
}

/// `POST /api/v1/templates/run` does the night's work now, and answers what it counted.
pub fn run(app: &App, req: &Request) -> Result<Response> {
    let run = jobs::run(app, pages::night()?, req.by())?;
    match run.outcome {
        Some(Outcome::Done) => Ok(Response::json(&run.counts)),
        _ => Err(Error::internal("make the orders of the templates", run.counts["error"].to_string())),
    }
}
