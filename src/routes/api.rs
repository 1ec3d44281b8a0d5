use serde_json::{Map, Value, json};

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::orders::{self, Actor};
use crate::routes::plan::{self, Details, Seen, Target};
use crate::routes::read::{self, in_json_names};
use crate::routes::steps::{self, Action, Move};
use crate::routes::store::{self, Asked};
use crate::routes::{NOUN, Route, STOP, Status, by_order, sheet};
use crate::ui::FormReader;
use crate::users::Role;
use crate::values::{Day, OrderId, ProductId, RouteId, StopId, UserId};

/// How many orders are put at once, more than a route has.
const MOST_ORDERS: usize = 100;

/// `GET /api/v1/routes` lists the routes of `date`, today's unasked. A driver sees his own, once he was told of them.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let actor = Actor::of(req);
    let is_driver = actor.role == Some(Role::Driver);
    let day: Option<Day> = asked_for(req, "date", "日期要寫成 2025-05-28。", |text| text.parse().ok())?;
    let driver: Option<UserId> = asked_for(req, "driver_id", "driver_id 要是號碼。", |text| text.parse().ok())?;
    let asked = Asked {
        day: Some(day.unwrap_or(req.at.day())),
        status: asked_for(req, "status", "沒有這種狀態。", Status::from_word)?,
        driver: if is_driver { actor.by.user } else { driver },
        is_told: is_driver,
        id: None,
    };
    let routes = app.db.read(|conn| store::list(conn, &asked))?;
    Ok(Response::json(&json!({"routes": routes.iter().map(sheet::listed_json).collect::<Vec<_>>()})))
}

fn asked_for<T>(req: &Request, name: &'static str, say: &'static str, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>> {
    match req.query(name).filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => read(text).map(Some).ok_or_else(|| Error::invalid(name, say)),
    }
}

/// `GET /api/v1/routes/{id}` is one route with its stops.
pub fn one(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let sheet = app.db.read(|conn| {
        steps::seen(conn, id, Actor::of(req))?;
        sheet::load(conn, id, req.at)
    })?;
    Ok(Response::json(&sheet::json(&sheet)))
}

/// `GET /api/v1/routes/{id}/stops` is its stops alone, in their order.
pub fn stops(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let sheet = app.db.read(|conn| {
        steps::seen(conn, id, Actor::of(req))?;
        sheet::load(conn, id, req.at)
    })?;
    let stops: Vec<Value> = sheet.visits.iter().map(|visit| sheet::stop_json(&sheet, visit)).collect();
    Ok(Response::json(&json!({"stops": stops})))
}

/// `POST /api/v1/routes` makes a draft; 201.
pub fn create(app: &App, req: &Request) -> Result<Response> {
    let body = Value::Object(req.json_object()?);
    let actor = Actor::of(req);

    let answer = app.db.write(|tx| {
        let mut form = FormReader::json(body);
        let new = read::new_route(&mut form, req.at.day());
        form.check()?;
        let route = plan::make(tx, &new, actor).map_err(in_json_names)?;
        Ok((sheet::json(&sheet::load(tx, route.id, req.at)?), route.id))
    })?;

    let (route, id) = answer;
    Ok(Response::json(&route).status(201).with("Location", &format!("/api/v1/routes/{id}")))
}

/// `PATCH /api/v1/routes/{id}` changes the fields that are named, and with `driver_id` who drives it. `version` is the one
/// that was read; 409 with `current` and `sent` when it has moved on.
pub fn update(app: &App, req: &Request) -> Result<Response> {
    let id: RouteId = req.id(NOUN)?;
    let body = req.json_object()?;
    let version = body.get("version").and_then(Value::as_i64).ok_or_else(|| Error::invalid("version", "請附上讀到的 version。"))?;
    let actor = Actor::of(req);

    let changed = app.db.write(|tx| {
        let before = store::get(tx, id)?;
        if before.version != version {
            return Ok(Err(sheet::json(&sheet::load(tx, id, req.at)?)));
        }
        let mut form = FormReader::json(Value::Object(body.clone()));
        let details = read::details(&mut form, &Details::of(&before));
        let driver = read::driver(&mut form);
        form.check()?;
        plan::edit(tx, id, Some(version), &details, actor).map_err(in_json_names)?;
        if let Some(driver) = driver {
            plan::give(tx, id, driver, actor).map_err(in_json_names)?;
        }
        Ok(Ok(sheet::json(&sheet::load(tx, id, req.at)?)))
    })?;

    match changed {
        Ok(route) => Ok(Response::json(&route)),
        Err(current) => {
            let clash = Error::conflict("route is not at that version", "有人先改了這條路線，你的還沒存。");
            Ok(Response::json_stale(&clash, current, Value::Object(body)))
        }
    }
}

// Each step: the body says what it needs, and may name the `version` that was read.

/// `POST /api/v1/routes/{id}/publish`, with `override_note` where something stands against it.
pub fn publish(app: &App, req: &Request) -> Result<Response> {
    step(app, req, |form| Ok(Move::Publish { override_note: form.optional("override_note", read::NOTES) }))
}

/// `POST /api/v1/routes/{id}/start`; `loaded` is what was counted onto the truck, a list of `product_id` and `qty`. Who is
/// not its driver says why in `note`.
pub fn start(app: &App, req: &Request) -> Result<Response> {
    step(app, req, |form| Ok(Move::Start { loaded: loaded(form)?, note: form.optional("note", read::NOTES) }))
}

fn loaded(form: &FormReader) -> Result<Option<Vec<(ProductId, i64)>>> {
    let Some(items) = form.value("loaded").filter(|value| !value.is_null()) else { return Ok(None) };
    let item = |item: &Value| Some((ProductId(item["product_id"].as_i64()?), item["qty"].as_i64()?));
    let items: Option<Vec<_>> = items.as_array().and_then(|items| items.iter().map(item).collect());
    items.map(Some).ok_or_else(|| Error::invalid("loaded", "loaded 要是一串 product_id 和 qty。"))
}

/// `POST /api/v1/routes/{id}/complete`, with `odometer_end_km`; who is not its driver says why in `note`.
pub fn complete(app: &App, req: &Request) -> Result<Response> {
    step(app, req, |form| {
        let odometer =
            form.parsed("odometer_end_km", "里程要是整數。", |text| text.parse().ok().filter(|km| (0..10_000_000).contains(km)));
        Ok(Move::Complete { odometer_end_km: odometer, note: form.optional("note", read::NOTES) })
    })
}

/// `POST /api/v1/routes/{id}/reopen`.
pub fn reopen(app: &App, req: &Request) -> Result<Response> {
    step(app, req, |_| Ok(Move::Reopen))
}

/// `POST /api/v1/routes/{id}/cancel`.
pub fn cancel(app: &App, req: &Request) -> Result<Response> {
    step(app, req, |_| Ok(Move::Cancel))
}

/// Takes the route of the address the step that `wanted` reads from the body; what the body lacks is told only where the
/// step could be taken at all.
fn step(app: &App, req: &Request, wanted: impl FnOnce(&mut FormReader) -> Result<Move>) -> Result<Response> {
    let action = req.segments.last().and_then(|word| Action::from_word(word)).ok_or(Error::NoPage)?;
    changed(app, req, |tx, id, body, actor| {
        let version = body.get("version").and_then(Value::as_i64);
        let route = steps::seen(tx, id, actor)?;
        if steps::is_done(tx, &route, action, version, actor)? {
            return Ok(());
        }
        steps::check(&route, action, actor)?;
        let mut form = FormReader::json(Value::Object(body));
        let step = wanted(&mut form)?;
        form.check()?;
        steps::act(tx, id, version, &step, actor).map(drop)
    })
}

/// Writes with `work` what the body says of the route of the address, and answers it as it then stands.
fn changed(
    app: &App,
    req: &Request,
    work: impl FnOnce(&rusqlite::Transaction, RouteId, Map<String, Value>, Actor) -> Result<()>,
) -> Result<Response> {
    let id = req.id(NOUN)?;
    let body = if req.body.is_empty() { Map::new() } else { req.json_object()? };
    let route = app.db.write(|tx| {
        work(tx, id, body, Actor::of(req)).map_err(in_json_names)?;
        Ok(sheet::json(&sheet::load(tx, id, req.at)?))
    })?;
    Ok(Response::json(&route))
}

/// `POST /api/v1/routes/{id}/suggest` puts the stops in the order the program would make them.
pub fn suggest(app: &App, req: &Request) -> Result<Response> {
    changed(app, req, |tx, id, _, actor| {
        let stops = plan::suggest(tx, id)?;
        plan::reorder(tx, id, &stops, actor).map(drop)
    })
}

/// `POST /api/v1/routes/{id}/order` puts the stops in the order of `stops`, which names each open one once.
pub fn order(app: &App, req: &Request) -> Result<Response> {
    changed(app, req, |tx, id, body, actor| {
        let stops: Vec<StopId> = ids(&body, "stops")?.into_iter().map(StopId).collect();
        plan::reorder(tx, id, &stops, actor).map(drop)
    })
}

/// `POST /api/v1/routes/{id}/stops` puts the orders `order_ids` at the end of its way, or with `next` right after where its
/// driver is. `seen` says where the caller saw each stand, as `12-3` of its stop, and empty for none.
pub fn put(app: &App, req: &Request) -> Result<Response> {
    changed(app, req, |tx, id, body, actor| {
        let orders: Vec<OrderId> = ids(&body, "order_ids")?.into_iter().map(OrderId).collect();
        let seen = body.get("seen").and_then(Value::as_array).cloned().unwrap_or_default();
        for (order, seen) in orders.iter().zip(&seen) {
            check_seen(tx, *order, seen)?;
        }
        if body.get("next").and_then(Value::as_bool) == Some(true) {
            for order in orders.iter().rev() {
                plan::put_next(tx, *order, id, actor)?;
            }
            return Ok(());
        }
        plan::put(tx, &orders, Target::Route(id), actor).map(drop)
    })
}

fn check_seen(tx: &rusqlite::Transaction, order: OrderId, seen: &Value) -> Result<()> {
    let unreadable = || Error::invalid("seen", "seen 要寫成站的號碼和 version，例如 12-3。");
    let seen: Seen = seen.as_str().and_then(by_order::seen).ok_or_else(unreadable)?;
    plan::still(tx, &orders::store::get(tx, order)?, seen)
}

fn ids(body: &Map<String, Value>, name: &'static str) -> Result<Vec<i64>> {
    let ids = body.get(name).and_then(Value::as_array).and_then(|ids| ids.iter().map(Value::as_i64).collect::<Option<Vec<_>>>());
    let ids = ids.filter(|ids| !ids.is_empty() && ids.len() <= MOST_ORDERS);
    ids.ok_or_else(|| Error::invalid(name, format!("{name} 要是 1 到 {MOST_ORDERS} 個號碼。")))
}

/// `GET /api/v1/stops/{id}` is one stop with its order.
pub fn stop(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(STOP)?;
    let stop = app.db.read(|conn| stop_answer(conn, id, req))?;
    Ok(Response::json(&stop))
}

fn stop_answer(conn: &rusqlite::Connection, id: StopId, req: &Request) -> Result<Value> {
    let stop = store::stop(conn, id)?;
    let route: Result<Route> = steps::seen(conn, stop.route_id, Actor::of(req));
    if let Err(Error::NotFound { .. }) = route {
        return Err(Error::not_found(STOP, id));
    }
    let sheet = sheet::load(conn, route?.id, req.at)?;
    let visit = sheet.visits.iter().find(|visit| visit.stop.id == id).ok_or_else(|| Error::not_found(STOP, id))?;
    Ok(sheet::stop_json(&sheet, visit))
}

/// `POST /api/v1/stops/{id}/remove` takes it off its route; `version` is the stop's that was read.
pub fn remove(app: &App, req: &Request) -> Result<Response> {
    moved(app, req, |tx, stop, _, actor| plan::take_off(tx, &[stop], actor))
}

/// `POST /api/v1/stops/{id}/move` puts it on the route `route_id`, or on that of the driver `driver_id` of the same day.
pub fn move_stop(app: &App, req: &Request) -> Result<Response> {
    moved(app, req, |tx, id, body, actor| {
        let stop = store::stop(tx, id)?;
        let number = |name: &str| body.get(name).and_then(Value::as_i64);
        let target = match (number("route_id"), number("driver_id")) {
            (Some(route), None) => Target::Route(RouteId(route)),
            (None, Some(driver)) => Target::Driver(UserId(driver), store::get(tx, stop.route_id)?.route_on),
            _ => return Err(Error::invalid("route_id", "請寫 route_id 或 driver_id，其中一個。")),
        };
        plan::put(tx, &[stop.order_id], target, actor).map(drop)
    })
}

fn moved(
    app: &App,
    req: &Request,
    work: impl FnOnce(&rusqlite::Transaction, StopId, &Map<String, Value>, Actor) -> Result<()>,
) -> Result<Response> {
    let id: StopId = req.id(STOP)?;
    let body = if req.body.is_empty() { Map::new() } else { req.json_object()? };
    let stop = app.db.write(|tx| {
        let stop = store::stop(tx, id)?;
        if body.get("version").and_then(Value::as_i64).is_some_and(|version| version != stop.version) {
            plan::still(tx, &orders::store::get(tx, stop.order_id)?, Seen::Stop(id, body["version"].as_i64().unwrap_or_default()))?;
        }
        work(tx, id, &body, Actor::of(req)).map_err(in_json_names)?;
        stop_answer(tx, id, req)
    })?;
    Ok(Response::json(&stop))
}
