use rusqlite::Connection;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::customers;
use crate::db::space::Level;
use crate::error::{Error, Result};
use crate::http::request::Upload;
use crate::http::{Request, Response};
use crate::meters;
use crate::orders::{self, Actor, Order, steps};
use crate::products;
use crate::routes::{self, Route, STOP, Status, Stop, StopStatus};
use crate::stops::photos::{Kind, MOST_BYTES};
use crate::stops::read::{self, Sent};
use crate::stops::{Answer, Outcome, Target, Verb, perform, photos, store};
use crate::users::Role;

/// The most acts a phone sends at once (business §13).
const MOST_ACTS: usize = 10;

/// Why a photo is not taken when the disk fills up, and how to go on without one.
const NO_PHOTOS: &str = "硬碟快滿了，先不收照片。改用簽名，或寫下誰收的，一樣可以完成。";

/// `POST /api/v1/driver/acts` applies up to ten acts, one after the other, each by itself: `{"acts": [{"action_id": …,
/// "act": "complete", "stop_id": 7, …}]}`. The answers stand in the same order. What is refused is not kept and may be
/// mended and sent again; where the program itself fails nothing more is answered, and all may be sent again.
pub fn acts(app: &App, req: &Request) -> Result<Response> {
    let body = req.json_object()?;
    let acts = body.get("acts").and_then(Value::as_array);
    let acts = acts.filter(|acts| (1..=MOST_ACTS).contains(&acts.len()));
    let acts = acts.ok_or_else(|| Error::invalid("acts", "一次傳 1 到 10 個動作。"))?;
    let actor = Actor::of(req);
    let mut answers = Vec::with_capacity(acts.len());
    for sent in acts {
        let action_id = sent["action_id"].as_str().unwrap_or_default();
        let done =
            sent.as_object().ok_or(Error::BadRequest("an act is no object")).and_then(read::sent).and_then(|sent| apply(app, &sent, actor));
        answers.push(match done {
            Ok(answer) => json!({"action_id": action_id, "outcome": answer.outcome.word(), "answer": answer.json()}),
            Err(error) if 500 <= error.status() => return Err(error),
            Err(error) => json!({"action_id": action_id, "outcome": "refused", "error": error_json(&error)}),
        });
    }
    Ok(Response::json(&json!({"answers": answers})))
}

fn apply(app: &App, sent: &Sent, actor: Actor) -> Result<Answer> {
    perform(app, sent.target, &sent.act, &sent.action_id, sent.device_at, actor)
}

fn error_json(error: &Error) -> Value {
    let mut body = json!({"status": error.status(), "code": error.code(), "message": error.user_message()});
    if let Error::Invalid(problems) = error {
        body["fields"] = problems.iter().map(|problem| json!({"field": problem.field, "message": problem.say})).collect();
    }
    body
}

/// `POST /api/v1/stops/{id}/arrive`, `/complete`, `/fail`, `/undo`: one act, with its `action_id` in the body or the
/// `Idempotency-Key`. 409 with what stands now where somebody was faster; what was sent is kept for the office.
pub fn act(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(STOP)?;
    let verb = req.segments.last().and_then(|word| Verb::from_word(word)).ok_or(Error::NoPage)?;
    let mut body = if req.body.is_empty() { Map::new() } else { req.json_object()? };
    if let (None, Some(key)) = (body.get("action_id"), req.header("idempotency-key")) {
        body.insert("action_id".to_owned(), key.into());
    }
    let actor = Actor::of(req);
    // Whose it is not hears that first, whatever he sent.
    app.db.read(|conn| visible(conn, id, actor))?;

    let answer = apply(app, &read::sent_to(&body, verb, Target::Stop(id))?, actor)?;

    let mut object = answer.json();
    if answer.outcome == Outcome::Applied {
        return Ok(Response::json(&object));
    }
    object["error"] = json!({"code": "conflict", "message": answer.say});
    Ok(Response::json(&object).status(409))
}

fn visible(conn: &Connection, id: crate::values::StopId, actor: Actor) -> Result<()> {
    let stop = routes::store::stop(conn, id)?;
    if actor.role != Some(Role::Driver) {
        return Ok(());
    }
    let route = routes::store::get(conn, stop.route_id)?;
    let user = actor.by.user.ok_or(Error::Forbidden)?;
    let is_told = route.crew().any(|one| one == user) || store::was_his(conn, Some(id), route.id, user)?;
    if is_told { Ok(()) } else { Err(Error::not_found(STOP, id)) }
}

/// `GET /api/v1/driver/routes` is all a driver's phone needs of his day, and nothing besides (business §13): no balances,
/// no tax ids, no other customers. Routes of days before that nobody closed are among them.
pub fn routes(app: &App, req: &Request) -> Result<Response> {
    let user = req.session()?.user_id;
    let today = req.at.day();

    let routes = app.db.read(|conn| {
        let left = routes::store::left_open(conn, today)?.into_iter().filter(|route| route.crew().any(|one| one == user));
        let mut routes: Vec<Route> = left.collect();
        routes.extend(routes::store::of_driver(conn, user, today)?.into_iter().filter(|route| route.status != Status::Draft));
        let metered: Vec<_> =
            products::store::catalogue(conn)?.iter().filter(|product| product.is_metered()).map(|product| product.id).collect();
        routes.iter().map(|route| route_json(conn, route, &metered)).collect::<Result<Vec<_>>>()
    })?;

    Ok(Response::json(&json!({"date": today.to_string(), "routes": routes})))
}

fn route_json(conn: &Connection, route: &Route, metered: &[crate::values::ProductId]) -> Result<Value> {
    let stops = routes::store::stops_of(conn, route.id)?.into_iter().filter(|stop| stop.status != StopStatus::Skipped);
    let stops = stops.map(|stop| stop_json(conn, &stop, metered)).collect::<Result<Vec<_>>>()?;
    Ok(json!({
        "id": route.id.0,
        "route_number": route.number,
        "route_on": route.route_on.to_string(),
        "shift": route.shift.word(),
        "status": route.status.word(),
        "notes": route.notes,
        "started_at": route.started_at.map(|at| at.to_string()),
        "stops": stops,
    }))
}

fn stop_json(conn: &Connection, stop: &Stop, metered: &[crate::values::ProductId]) -> Result<Value> {
    let order = orders::store::get(conn, stop.order_id)?;
    let customer = customers::store::get(conn, order.customer_id)?.details;
    let mut meters = Vec::new();
    for meter in meters::store::of_customer(conn, order.customer_id)?.into_iter().filter(|meter| meter.is_active) {
        let last = meters::store::last_reading(conn, meter.id)?;
        meters.push(json!({
            "meter_id": meter.id.0,
            "serial": meter.serial,
            "unit": meter.unit,
            "last_value_milli": last.map(|reading| reading.value_milli),
        }));
    }
    let line = |line: &orders::Line| {
        json!({
            "product_id": line.product_id.0,
            "product_name": line.product_name,
            "qty": line.qty,
            "empties_expected": line.empties_expected,
            "is_metered": metered.contains(&line.product_id),
            "qty_delivered": line.delivered.map(|left| left.qty),
            "empties_returned": line.delivered.map(|left| left.empties),
        })
    };
    Ok(json!({
        "id": stop.id.0,
        "seq": stop.seq,
        "status": stop.status.word(),
        "order_id": order.id.0,
        "order_number": order.number,
        "is_urgent": order.is_urgent,
        "window_start": order.window.start(),
        "window_end": order.window.end(),
        "customer_name": customer.short_name,
        "address": order.delivery_address,
        "contact_name": order.contact_name,
        "phone": order.contact_phone,
        "access_note": customer.access_note,
        "notes": order.notes,
        "lines": order.lines.iter().map(line).collect::<Vec<_>>(),
        "meters": meters,
        "payment_method": order.payment.word(),
        "collect_ntd": to_collect(&order, stop),
        "arrived_at": stop.arrived_at.map(|at| at.to_string()),
        "finished_at": stop.finished_at.map(|at| at.to_string()),
        "failure_reason": stop.failure_reason.map(|reason| reason.word()),
        "cash_ntd": stop.cash.map(|amount| amount.0),
    }))
}

/// `null` when it is not paid at the door.
fn to_collect(order: &Order, stop: &Stop) -> Option<i64> {
    let due = if stop.status == StopStatus::Completed { stop.cash_due } else { steps::due_in_cash(order) };
    due.map(|amount| amount.0)
}

/// `POST /driver/photos` and `POST /api/v1/photos` keep a picture, the one file of a multipart form; `kind` is `photo`
/// unless it is `signature`. 201 and the sha256 it is known by.
pub fn keep_photo(app: &App, req: &Request) -> Result<Response> {
    let kind = match req.form("kind").or_else(|| req.query("kind")) {
        None | Some("") => Kind::Photo,
        Some(word) => Kind::from_word(word).ok_or_else(|| Error::invalid("kind", "kind 要是 photo 或 signature。"))?,
    };
    let [upload] = req.uploads.as_slice() else { return Err(Error::invalid("file", "請附一張照片。")) };

    let sha = keep_upload(app, req, kind, upload)?;

    Ok(Response::json(&json!({"sha": sha})).status(201))
}

/// Keeps a picture that came with a form and gives its sha256; `Invalid` in `file` with what is wrong with it.
pub fn keep_upload(app: &App, req: &Request, kind: Kind, upload: &Upload) -> Result<String> {
    if MOST_BYTES < upload.bytes {
        return Err(Error::invalid("file", "照片太大，最多 5 MB。"));
    }
    // A signature is small, and what a customer has signed for.
    if kind == Kind::Photo && app.space.level() <= Level::NoPhotos {
        return Err(Error::invalid("file", NO_PHOTOS));
    }
    let bytes = std::fs::read(&upload.path).map_err(|error| Error::internal("read a picture that came in", error))?;
    app.photos.put(kind, &bytes, req.session()?.user_id, req.at).map_err(|error| app.db.judged(error))
}

/// `GET /photos/{sha}` is a picture, for the office and for the driver one of whose stops names it.
pub fn photo(app: &App, req: &Request) -> Result<Response> {
    let sha: String = req.param("sha")?;
    let (session, no_such) = (req.session()?, || Error::no_such(photos::NOUN, &sha));
    if session.role == Role::Driver && !app.db.read(|conn| store::names_picture(conn, &sha, session.user_id))? {
        return Err(no_such());
    }
    let picture = app.photos.get(&sha)?.ok_or_else(no_such)?;
    Ok(Response::new(200, picture.mime, picture.bytes).with("Cache-Control", "private, max-age=31536000, immutable"))
}
