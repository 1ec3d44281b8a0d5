use serde_json::{Value, json};

use crate::app::App;
use crate::customers::NOUN as CUSTOMER;
use crate::customers::refill::Basis;
use crate::due::alarms::{self, NewAlarm, Outcome, Recorded};
use crate::due::list::Part;
use crate::due::order::{self, Ordered};
use crate::due::{Group, Line, List, list, skip, store, why};
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::orders::{self, Actor};
use crate::settings::Settings;
use crate::ui::FormReader;
use crate::values::{AreaId, CustomerId, Day};

/// Alarms an answer holds unless `limit` says otherwise, and the most it may say.
const LIMIT: (usize, usize) = (50, 200);

/// `GET /api/v1/due?date=2025-05-28&area=3` is whom the shop visits on a day; `area=none` is 未分區.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let on: Day = match req.query("date") {
        None => req.at.day(),
        Some(text) => text.parse().map_err(|()| Error::invalid("date", "date 要像 2025-05-28。"))?,
    };
    let area: Option<Option<AreaId>> = match req.query("area") {
        None => None,
        Some("none") => Some(None),
        Some(text) => Some(Some(text.parse().map_err(|()| Error::invalid("area", "area 要是區域的 id，或 none。"))?)),
    };
    let settings = app.settings();

    let list = app.db.read(|conn| list::of_day(conn, on, Part { area, page: None }, req.at, &settings))?;

    Ok(Response::json(&json!({
        "date": list.on.to_string(),
        "until": list.until.to_string(),
        "lines": list.lines.iter().map(|line| line_json(line, &list, &settings)).collect::<Value>(),
        "with_open_order": list.with_order,
        "skipped": list.skipped.iter().map(|(id, name)| json!({"customer_id": id.0, "customer_name": name})).collect::<Value>(),
    })))
}

fn line_json(line: &Line, list: &List, settings: &Settings) -> Value {
    let name = |id| list.catalogue.iter().find(|product| product.id == id).map(|product| product.name.clone());
    let usual = line.usual.iter().flat_map(|usual| &usual.items);
    json!({
        "customer_id": line.customer.0,
        "customer_code": line.details.customer_code.to_string(),
        "customer_name": line.details.short_name,
        "area": line.details.area,
        "phone": line.details.phones.first().map(|number| number.phone.to_string()),
        "is_overdue": line.group(list.now.day()) == Group::Overdue,
        "last_on": line.due.last.to_string(),
        "daily_kg": line.figures.daily_kg,
        "cycle_days": line.due.every,
        "basis": match line.due.basis { Basis::Consumption => "consumption", Basis::History { .. } => "history" },
        "due_on": line.visit.on.to_string(),
        "moved_from": line.visit.moved.as_ref().map(|(from, _)| from.to_string()),
        "latest_on": line.due.latest.map(|latest| latest.to_string()),
        "margin_kg": line.figures.margin_kg,
        "usual": usual.map(|(id, qty)| json!({"product_id": id.0, "product_name": name(*id), "qty": qty})).collect::<Value>(),
        "alarmed_at": line.alarm.as_ref().map(|(at, _)| at.to_string()),
        "why": why::sentences(line, &list.catalogue, list.now, settings).concat(),
    })
}

/// `POST /api/v1/due/{customer_id}/order` orders the usual of somebody on the list of `date`. 201 with the new order, 200
/// with the one that was there already; 422 when somebody must say more, and nothing was ordered.
pub fn order(app: &App, req: &Request) -> Result<Response> {
    let customer = customer_of(req)?;
    let mut form = FormReader::json(req.json_object()?.into());
    let on = day_of(&mut form, req.at.day());
    let form_key = form.optional("form_key", 64);
    if form_key.as_ref().is_some_and(|key| key.len() < 8) {
        form.problem("form_key", "form_key 要 8 到 64 個字。");
    }
    form.check()?;

    let ordered = app.db.write(|tx| order::order(tx, customer, on, form_key, Actor::of(req), &app.settings()))?;

    let (order, status) = match ordered {
        Ordered::New(order) => (order, 201),
        Ordered::Again(order) | Ordered::Open(order) => (order, 200),
        Ordered::Ask(why) => return Err(Error::invalid("lines", why)),
    };
    Ok(Response::json(&json!({"order": orders::fields::json(&order), "is_new": status == 201})).status(status))
}

/// `POST /api/v1/due/{customer_id}/skip` takes somebody off the list of `date` only; `undo` puts him back.
pub fn skip(app: &App, req: &Request) -> Result<Response> {
    let customer = customer_of(req)?;
    let mut form = FormReader::json(req.json_object()?.into());
    let on = day_of(&mut form, req.at.day());
    let is_undo = form.checked("undo");
    form.check()?;

    app.db.write(|tx| {
        crate::customers::store::get(tx, customer)?;
        let change = if is_undo { skip::undo_skip } else { skip::skip };
        change(tx, customer, on, req.by())
    })?;

    Ok(Response::json(&json!({"customer_id": customer.0, "date": on.to_string(), "is_skipped": !is_undo})))
}

/// `GET /api/v1/alarms?limit=` lists the alarms written down last, the newest first.
pub fn alarms(app: &App, req: &Request) -> Result<Response> {
    let limit = match req.query("limit") {
        None => LIMIT.0,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=LIMIT.1).contains(limit))
            .ok_or_else(|| Error::invalid("limit", "limit 要是 1 到 200。"))?,
    };

    let alarms = app.db.read(|conn| store::last_alarms(conn, limit))?;

    Ok(Response::json(&json!({"alarms": alarms.iter().map(alarms::to_json).collect::<Value>()})))
}

/// `POST /api/v1/alarms` writes an alarm down, which orders the usual of `customer_id` unless gas is on its way already.
/// `alarmed_at` is now unless said. 201, or 200 when this very alarm was known.
pub fn record_alarm(app: &App, req: &Request) -> Result<Response> {
    let mut form = FormReader::json(req.json_object()?.into());
    let customer: Option<CustomerId> = form.text("customer_id").parse().ok();
    if customer.is_none() {
        form.problem("customer_id", "請填 customer_id。");
    }
    let at = form.parsed("alarmed_at", "alarmed_at 要像 2025-05-28T07:50:00+08:00。", |text| text.parse().ok()).unwrap_or(req.at);
    let note = form.optional("note", 500);
    let Some(customer) = customer else { return Err(form.check().err().unwrap_or(Error::BadRequest("the alarm names no customer"))) };
    form.check()?;

    let (recorded, alarm) = app.db.write(|tx| {
        let recorded = alarms::record(tx, &NewAlarm { customer, at, note }, Actor::of(req), &app.settings())?;
        let alarm = store::alarm_by_id(tx, recorded.alarm)?;
        Ok((recorded, alarm))
    })?;

    let Recorded { margin_kg, outcome, .. } = recorded;
    let answer = json!({
        "alarm": alarms::to_json(&alarm),
        "margin_kg": margin_kg,
        "is_new_order": matches!(outcome, Outcome::Ordered(_)),
    });
    Ok(Response::json(&answer).status(if outcome == Outcome::Again { 200 } else { 201 }))
}

fn day_of(form: &mut FormReader, today: Day) -> Day {
    form.parsed("date", "date 要像 2025-05-28。", |text| text.parse().ok()).unwrap_or(today)
}

fn customer_of(req: &Request) -> Result<CustomerId> {
    let id: String = req.param("customer_id")?;
    id.parse().map_err(|()| Error::not_found(CUSTOMER, id))
}
