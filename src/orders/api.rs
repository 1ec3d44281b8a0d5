use serde_json::{Map, Value, json};

use crate::app::App;
use crate::customers;
use crate::deliveries::Cursor;
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::orders::change::change;
use crate::orders::read::{self, form_key, in_json_names};
use crate::orders::steps::{self, Action, Handed, Move};
use crate::orders::store::{self, Asked};
use crate::orders::take::{Taken, copy as take_copy, take};
use crate::orders::{Actor, CancelReason, FailReason, NOUN, NewOrder, Order, Origin, PaymentStatus, Status, Step, fields, slot};
use crate::routes::by_order;
use crate::ui::FormReader;
use crate::users::Role;
use crate::values::{CustomerId, Day, UserId};

/// How many orders an answer may hold, and how many it holds unasked.
const LIMIT: (usize, usize) = (200, 50);

/// `GET /api/v1/orders` lists orders a page at a time, the latest day first. A driver sees those he has.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let asked = asked(req)?;
    let limit = match req.query("limit") {
        None => LIMIT.1,
        Some(text) => {
            let limit = text.parse().ok().filter(|limit| (1..=LIMIT.0).contains(limit));
            limit.ok_or_else(|| Error::invalid("limit", "limit 要是 1 到 200。"))?
        }
    };

    let (orders, next) = app.db.read(|conn| store::page(conn, &asked, limit))?;

    Ok(Response::json(&json!({
        "orders": orders.iter().map(fields::json).collect::<Vec<_>>(),
        "next_cursor": next.map(|next| next.to_string()),
    })))
}

fn asked(req: &Request) -> Result<Asked> {
    let actor = Actor::of(req);
    let day = |name: &'static str| asked_for(req, name, "日期要寫成 2025-05-28。", |text| text.parse::<Day>().ok());
    let (date, from, to) = (day("date")?, day("from")?, day("to")?);
    let driver = asked_for(req, "driver_id", "driver_id 要是號碼。", |text| text.parse().ok())?;
    Ok(Asked {
        from: date.or(from),
        to: date.or(to),
        status: asked_for(req, "status", "沒有這種狀態。", Status::from_word)?,
        customer: asked_for(req, "customer_id", "customer_id 要是號碼。", |text| text.parse().ok())?,
        driver: if actor.role == Some(Role::Driver) { actor.by.user } else { driver },
        is_urgent: asked_for(req, "urgent", "urgent 要是 true 或 false。", |text| match text {
            "true" | "1" => Some(true),
            "false" | "0" => Some(false),
            _ => None,
        })?,
        payment_status: asked_for(req, "payment_status", "沒有這種付款狀態。", PaymentStatus::from_word)?,
        origin: asked_for(req, "origin", "沒有這種來源。", Origin::from_word)?,
        after: asked_for(req, "cursor", "看不懂這個 cursor，請從頭再列一次。", |text| text.parse::<Cursor>().ok())?,
    })
}

/// A condition of the query; `None` when it is not named or empty.
fn asked_for<T>(req: &Request, name: &'static str, say: &'static str, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>> {
    match req.query(name).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => read(text).map(Some).ok_or_else(|| Error::invalid(name, say)),
    }
}

/// `GET /api/v1/orders/{id}` is one order.
pub fn one(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let (order, place) = app.db.read(|conn| Ok((steps::seen(conn, id, Actor::of(req))?, by_order::place(conn, id)?)))?;
    Ok(Response::json(&on_its_route(&order, place.as_ref())))
}

/// The order with where it stands on a route, in `stop`.
fn on_its_route(order: &Order, place: Option<&by_order::Place>) -> Value {
    let mut object = fields::json(order);
    object["stop"] = place.map_or(Value::Null, |place| {
        json!({
            "id": place.stop.id.0,
            "version": place.stop.version,
            "number": place.number,
            "status": place.stop.status.word(),
            "route_id": place.route.id.0,
            "route_number": place.route.number,
            "route_status": place.route.status.word(),
        })
    });
    object
}

/// `GET /api/v1/orders/{id}/history` is the way it went, from when it was taken.
pub fn history(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;

    let way = app.db.read(|conn| {
        steps::seen(conn, id, Actor::of(req))?;
        store::history(conn, id)
    })?;

    let step = |step: &Step| {
        json!({
            "from": step.from.map(Status::word),
            "to": step.to.word(),
            "at": step.at.to_string(),
            "by": step.by,
            "reason": step.reason,
        })
    };
    Ok(Response::json(&json!({"steps": way.iter().map(step).collect::<Vec<_>>()})))
}

/// `POST /api/v1/orders` takes an order; 201, or 200 with the same order when its `form_key` (or `Idempotency-Key`)
/// has made one already. What is not named is as the office's form begins: the default day and window, paid as usual.
pub fn create(app: &App, req: &Request) -> Result<Response> {
    let body = req.json_object()?;
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

    Ok(taken_answer(&taken))
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

/// `PATCH /api/v1/orders/{id}` changes the fields that are named, as far as the order still may be changed. `version`
/// is the one that was read; 409 with `current` and `sent` when it has moved on.
pub fn update(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let body = req.json_object()?;
    let version = body.get("version").and_then(Value::as_i64).ok_or_else(|| Error::invalid("version", "請附上讀到的 version。"))?;

    let outcome = app.db.write(|tx| {
        let order = store::get(tx, id)?;
        if order.version != version && steps::settled(&order).is_none() {
            return Ok(Err(order));
        }
        let mut wanted = NewOrder::of(&order);
        if let Some(customer) = body.get("customer_id") {
            wanted.customer_id = CustomerId(customer.as_i64().unwrap_or_default());
        }
        wanted.overlay(FormReader::json(Value::Object(body.clone())))?;
        change(tx, &order, &wanted, Actor::of(req), &app.settings()).map(Ok).map_err(in_json_names)
    })?;

    match outcome {
        Ok(order) => Ok(Response::json(&fields::json(&order))),
        Err(current) => {
            let error = Error::conflict("order is not at that version", "這張單已被別人改過，你的還沒存。");
            let mut answer = json!({"error": {"code": error.code(), "message": error.user_message()}});
            answer["current"] = fields::json(&current);
            answer["sent"] = Value::Object(body);
            Ok(Response::json(&answer).status(409))
        }
    }
}

// Each step: the body says what it needs, and may name the `version` that was read; sent twice with it, a step is taken
// once and answered alike.

/// `POST /api/v1/orders/{id}/confirm`.
pub fn confirm(app: &App, req: &Request) -> Result<Response> {
    step(app, req, |_, _| Ok(Move::Confirm))
}

/// `POST /api/v1/orders/{id}/assign` puts it on the route of the driver `driver_id`: it is his at once when he was told of
/// that route, and stays confirmed on a draft. `seen` says where the caller saw it stand, as `12-3` of its stop.
pub fn assign(app: &App, req: &Request) -> Result<Response> {
    step(app, req, |body, _| Ok(Move::Assign(UserId(body.value("driver_id").and_then(Value::as_i64).unwrap_or_default()))))
}

/// `POST /api/v1/orders/{id}/unassign` takes it off its route.
pub fn unassign(app: &App, req: &Request) -> Result<Response> {
    step(app, req, |_, _| Ok(Move::Unassign))
}

/// `POST /api/v1/orders/{id}/start`; who is not its driver says why in `note`.
pub fn start(app: &App, req: &Request) -> Result<Response> {
    step(app, req, |body, _| Ok(Move::Start { note: body.optional("note", read::NOTES) }))
}

/// `POST /api/v1/orders/{id}/deliver` says what was left of each line in `lines`, and who took it.
pub fn deliver(app: &App, req: &Request) -> Result<Response> {
    step(app, req, |body, _| {
        Ok(Move::Deliver(Handed {
            lines: read::delivered_lines(body),
            recipient: body.optional("recipient", read::CONTACT_NAME),
            no_proof: body.optional("no_proof", read::NOTES),
            note: body.optional("note", read::NOTES),
            ..Handed::default()
        }))
    })
}

/// `POST /api/v1/orders/{id}/fail` says why the driver comes back with it, in `reason` and `note`.
pub fn fail(app: &App, req: &Request) -> Result<Response> {
    step(app, req, |body, _| {
        let reason = body.parsed("reason", "沒有這個原因。", FailReason::from_word);
        Ok(Move::Fail { reason: named(body, reason)?, note: body.optional("note", read::NOTES) })
    })
}

/// `POST /api/v1/orders/{id}/cancel` takes it off the day's work, with `reason` and `note`.
pub fn cancel(app: &App, req: &Request) -> Result<Response> {
    step(app, req, |body, _| {
        let reason = body.parsed("reason", "沒有這個原因。", CancelReason::from_word);
        Ok(Move::Cancel { reason: named(body, reason)?, note: body.optional("note", read::NOTES) })
    })
}

fn named<T>(body: &FormReader, reason: Option<T>) -> Result<T> {
    let say = if body.has("reason") { "沒有這個原因。" } else { "請寫原因 reason。" };
    reason.ok_or_else(|| Error::invalid("reason", say))
}

/// Takes the order of the address the step that `wanted` reads from the body; what the body lacks is told only where
/// the step could be taken at all.
fn step(app: &App, req: &Request, wanted: impl FnOnce(&mut FormReader, &Order) -> Result<Move>) -> Result<Response> {
    let id = req.id(NOUN)?;
    let body = if req.body.is_empty() { Map::new() } else { req.json_object()? };
    let version = body.get("version").and_then(Value::as_i64);
    let actor = Actor::of(req);
    let action = req.segments.last().and_then(|word| Action::from_word(word)).ok_or(Error::NoPage)?;

    let (order, place) = app.db.write(|tx| {
        let order = steps::seen(tx, id, actor)?;
        if steps::is_done(tx, &order, action, version, actor)? {
            return Ok((order, by_order::place(tx, id)?));
        }
        by_order::check(tx, &order, action, actor)?;
        let mut body = FormReader::json(Value::Object(body));
        let step = wanted(&mut body, &order)?;
        let seen = body.value("seen").and_then(Value::as_str).and_then(by_order::seen);
        body.check()?;
        let order = by_order::act(tx, &order, version, seen, &step, actor).map_err(in_json_names)?;
        Ok((order, by_order::place(tx, id)?))
    })?;

    Ok(Response::json(&on_its_route(&order, place.as_ref())))
}

/// `POST /api/v1/orders/{id}/copy` takes what a cancelled order promised once more, for `scheduled_on` or the next
/// default day; 201, or 200 with the same order when its `form_key` has made one already.
pub fn copy(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let body = if req.body.is_empty() { Map::new() } else { req.json_object()? };
    let key = form_key(body.get("form_key").and_then(Value::as_str).or(req.header("idempotency-key")))?;
    let settings = app.settings();
    let day = match body.get("scheduled_on").filter(|day| !day.is_null()) {
        None => slot::default_day(req.at, &settings),
        Some(day) => {
            let day = day.as_str().and_then(|day| day.parse().ok());
            day.ok_or_else(|| Error::invalid("scheduled_on", "日期要寫成 2025-05-28。"))?
        }
    };

    let taken = app.db.write(|tx| take_copy(tx, id, day, key, Actor::of(req), &settings).map_err(in_json_names))?;

    Ok(taken_answer(&taken))
}

/// 201 and where it is, or 200 when it was there before.
fn taken_answer(taken: &Taken) -> Response {
    let order = taken.order();
    let code = if matches!(taken, Taken::New(_)) { 201 } else { 200 };
    Response::json(&fields::json(order)).status(code).with("Location", &format!("/api/v1/orders/{}", order.id))
}
