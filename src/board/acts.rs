//! What is done on the board, each a form that works without script: the answer is the board as it then is, and where
//! somebody was faster, who and when above it.

use rusqlite::Transaction;

use crate::app::App;
use crate::board::card_view::board_url;
use crate::board::pages::{answer, day_of};
use crate::board::views::Ask;
use crate::board::{Card, Key, Seen, store};
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::orders::{self, Actor};
use crate::routes::plan::{self, Details, Target};
use crate::routes::steps::{self, Move};
use crate::routes::{self, Route, StopStatus, load};
use crate::users;
use crate::values::{Day, OrderId, RouteId, StopId, UserId, VehicleId};
use crate::vehicles;

/// The cards of a form and the day they stand on.
struct Sent {
    day: Day,
    /// In the order they are to be made; at least one.
    cards: Vec<Seen>,
}

impl Sent {
    fn of(req: &Request) -> Result<Sent> {
        let cards: Vec<Seen> =
            req.form_pairs().iter().filter(|(name, _)| name == "card").filter_map(|(_, value)| value.parse().ok()).collect();
        if cards.is_empty() {
            return Err(Error::BadRequest("no card"));
        }
        Ok(Sent { day: day_of(req.form("date"), req), cards })
    }

    fn first(&self) -> Option<Key> {
        self.cards.first().map(|card| card.key)
    }

    fn stops(&self) -> Vec<StopId> {
        let stop = |card: &Seen| match card.key {
            Key::Stop(id) => Some(id),
            Key::Order(_) => None,
        };
        self.cards.iter().filter_map(stop).collect()
    }
}

/// What to say of what was done, and which card is picked next.
struct Done {
    say: String,
    pick: Option<Key>,
    /// Something is otherwise now, and can be taken back.
    changed: bool,
}

/// `POST /board/assign` gives cards to a driver: to the route he runs that day, or was told of, or his draft; or to the
/// `route` named, and there before the stop `before`.
pub fn assign(app: &App, req: &Request) -> Result<Response> {
    let sent = Sent::of(req)?;
    let driver: UserId = parsed(req, "driver").ok_or(Error::BadRequest("no driver"))?;
    let target = parsed(req, "route").map_or(Target::Driver(driver, sent.day), Target::Route);
    let before: Option<Key> = parsed(req, "before");

    let done = app.db.write(|tx| {
        not_past(req, sent.day)?;
        let free = store::free(tx, sent.day, req.at.day())?;
        let mut orders = as_seen(tx, &sent)?;
        if parsed::<RouteId>(req, "route").is_none() {
            orders = others_than(tx, driver, orders)?;
        }
        let name = users::store::get(tx, driver).map_or_else(|_| String::new(), |user| user.name);
        if orders.is_empty() {
            return Ok(Done { say: format!("已經在{name}那裡。"), pick: sent.first(), changed: false });
        }
        let route = plan::put(tx, &orders, target, Actor::of(req))?;
        if let Some(before) = before {
            put_before(tx, &route, &orders, before, Actor::of(req))?;
        }
        Ok(Done { say: format!("{}給了{name}。", what(tx, &orders)?), pick: next(tx, &free, &orders)?, changed: true })
    });

    answered(app, req, sent.day, sent.first(), done)
}

/// `POST /board/area` gives a driver all that nobody has in the area of a card.
pub fn area(app: &App, req: &Request) -> Result<Response> {
    let sent = Sent::of(req)?;
    let driver: UserId = parsed(req, "driver").ok_or(Error::BadRequest("no driver"))?;

    let done = app.db.write(|tx| {
        not_past(req, sent.day)?;
        let free = store::free(tx, sent.day, req.at.day())?;
        let Some(card) = free.iter().find(|card| Some(card.key()) == sent.first()) else {
            as_seen(tx, &sent)?;
            return Err(Error::conflict("area has nothing left", "這一區剛剛有人派走了，看一下再派。"));
        };
        let area = card.area.as_ref().map(|(id, _)| *id);
        let of_area = |card: &&Card| card.area.as_ref().map(|(id, _)| *id) == area;
        let orders: Vec<OrderId> = free.iter().filter(of_area).map(|card| card.order).collect();
        plan::put(tx, &orders, Target::Driver(driver, sent.day), Actor::of(req))?;
        let name = users::store::get(tx, driver)?.name;
        let area = card.area.as_ref().map_or("未分區", |(_, name)| name.as_str());
        Ok(Done { say: format!("{area} {} 張給了{name}。", orders.len()), pick: next(tx, &free, &orders)?, changed: true })
    });

    answered(app, req, sent.day, sent.first(), done)
}

/// `POST /board/unassign` takes stops off their routes: their orders wait again.
pub fn unassign(app: &App, req: &Request) -> Result<Response> {
    let sent = Sent::of(req)?;

    let done = app.db.write(|tx| {
        not_past(req, sent.day)?;
        let orders = as_seen(tx, &sent)?;
        plan::take_off(tx, &sent.stops(), Actor::of(req))?;
        Ok(Done {
            say: format!("{}退回未派。", what(tx, &orders)?), pick: orders.first().map(|order| Key::Order(*order)), changed: true
        })
    });

    answered(app, req, sent.day, sent.first(), done)
}

/// `POST /board/order` moves a stop one place `to` the front (up) or the end (down), or `before` another one of its route
/// or its `end`.
pub fn order(app: &App, req: &Request) -> Result<Response> {
    let sent = Sent::of(req)?;
    let [Seen { key: Key::Stop(id), .. }] = sent.cards[..] else { return Err(Error::BadRequest("no stop to move")) };

    let done = app.db.write(|tx| {
        not_past(req, sent.day)?;
        let orders = as_seen(tx, &sent)?;
        let stop = routes::store::stop(tx, id)?;
        let mut way: Vec<_> = routes::store::open_stops(tx, stop.route_id)?;
        let at = way.iter().position(|one| one.id == id).ok_or_else(|| Error::conflict("stop is not open", "這一站已經有結果了。"))?;
        let moved = way.remove(at);
        // Where the driver is now stays first.
        let first = way.iter().position(|one| one.status != StopStatus::Arrived).unwrap_or(way.len());
        let wanted = match (req.form("to"), req.form("before")) {
            (Some("up"), _) => at.saturating_sub(1),
            (Some("down"), _) => at + 1,
            (_, Some(before)) => way.iter().position(|one| Key::Stop(one.id).to_string() == before).unwrap_or(way.len()),
            _ => return Err(Error::BadRequest("no place to move to")),
        };
        let to = if moved.status == StopStatus::Arrived { at } else { wanted.clamp(first, way.len().max(first)) };
        way.insert(to, moved);
        let ids: Vec<StopId> = way.iter().map(|one| one.id).collect();
        plan::reorder(tx, stop.route_id, &ids, Actor::of(req))?;
        let say =
            if at == to { "已經在最前面或最後面了。".to_owned() } else { format!("{}換了順序。", what(tx, &orders)?) };
        Ok(Done { say, pick: sent.first(), changed: at != to })
    });

    answered(app, req, sent.day, sent.first(), done)
}

/// `POST /board/suggest` puts the stops of a route in the order the program would make them.
pub fn suggest(app: &App, req: &Request) -> Result<Response> {
    let (id, _) = route_of(req)?;
    let (day, pick) = (day_of(req.form("date"), req), picked(req));

    let done = app.db.write(|tx| {
        not_past(req, day)?;
        let had: Vec<StopId> = routes::store::open_stops(tx, id)?.iter().map(|stop| stop.id).collect();
        let wanted = plan::suggest(tx, id)?;
        let route = plan::reorder(tx, id, &wanted, Actor::of(req))?;
        let say = if had == wanted { "已經是建議的順序" } else { "照建議排好了" };
        Ok(Done { say: format!("路線 {} {say}。", route.short_number()), pick, changed: had != wanted })
    });

    answered(app, req, day, pick, done)
}

/// `POST /board/publish` tells a driver of his route; with a `vehicle` where it has none, and the reason to send it in
/// spite of a warning. What stands in the way is asked about on the board.
pub fn publish(app: &App, req: &Request) -> Result<Response> {
    let (id, version) = route_of(req)?;
    let (day, pick) = (day_of(req.form("date"), req), picked(req));
    let note = req.form("override_note").map(str::trim).filter(|note| !note.is_empty()).map(|note| note.chars().take(500).collect());
    let vehicle: Option<VehicleId> = parsed(req, "vehicle");

    let done = app.db.write(|tx| {
        let before = routes::store::get(tx, id)?;
        let version = match vehicle.filter(|vehicle| before.vehicle_id != Some(*vehicle)) {
            Some(vehicle) => {
                let details = Details { vehicle_id: Some(vehicle), ..Details::of(&before) };
                plan::edit(tx, id, Some(version), &details, Actor::of(req))?.version
            }
            None => version,
        };
        let route = steps::act(tx, id, Some(version), &Move::Publish { override_note: note }, Actor::of(req))?;
        let stops = routes::store::open_stops(tx, id)?.len();
        let say = format!("路線 {} 發布了，共 {stops} 站，{}收到通知。", route.short_number(), driver_of(tx, &route)?);
        Ok(Done { say, pick, changed: true })
    });

    match done {
        Err(Error::Invalid(problems)) => {
            let ask = app.db.read(|conn| ask(conn, id, version, &problems, req))?;
            Ok(answer(app, req, day, pick, None, Some(&ask))?.status(422))
        }
        done => answered(app, req, day, pick, done),
    }
}

/// What is asked before route `id` goes out: everything that stands against it, and what can be done about it here.
fn ask(conn: &rusqlite::Connection, id: RouteId, version: i64, problems: &[Problem], req: &Request) -> Result<Ask> {
    let route = routes::store::get(conn, id)?;
    let has = |field: &str| problems.iter().any(|problem| problem.field == field);
    let mut choice = Vec::new();
    if has("vehicle") {
        for vehicle in vehicles::store::list(conn)?.into_iter().filter(|vehicle| vehicle.is_active) {
            if routes::store::using_vehicle(conn, vehicle.id, route.route_on, route.shift, Some(id))?.is_none() {
                choice.push((vehicle.id, format!("{}（{}）", vehicle.plate, vehicle.kind.label())));
            }
        }
    }
    // What only a manager may pass over, nobody else is asked to.
    let (_, doubts) = load::of_route(conn, &route)?;
    let is_for_manager = |say: &str| doubts.for_manager.iter().any(|doubt| say.starts_with(doubt.as_str()));
    let passes = |problem: &Problem| problem.field == "override_note" && (Actor::of(req).is_manager() || !is_for_manager(&problem.say));
    let is_hard = |problem: &&Problem| !passes(problem) && problem.field != "vehicle";
    Ok(Ask {
        route: id,
        version,
        title: format!("路線 {}　{}", route.short_number(), driver_of(conn, &route)?),
        says: problems.iter().map(|problem| (passes(problem), problem.say.to_string())).collect(),
        vehicles: choice,
        vehicle: parsed(req, "vehicle").or(route.vehicle_id),
        needs_note: has("override_note") || req.form("override_note").is_some(),
        is_stuck: problems.iter().any(|problem| is_hard(&problem)),
        typed: req.form("override_note").unwrap_or_default().chars().take(500).collect(),
    })
}

fn driver_of(conn: &rusqlite::Connection, route: &Route) -> Result<String> {
    match route.driver_id {
        Some(driver) => Ok(users::store::get(conn, driver)?.name),
        None => Ok("還沒有司機".to_owned()),
    }
}

/// `NAME` of the form as its type; what cannot be read was not sent.
fn parsed<T: std::str::FromStr>(req: &Request, name: &str) -> Option<T> {
    req.form(name).and_then(|text| text.parse().ok())
}

/// `3.2` of the button: a route and the version that was seen.
fn route_of(req: &Request) -> Result<(RouteId, i64)> {
    let (id, version) = req.form("route").and_then(|text| text.split_once('.')).ok_or(Error::BadRequest("no route"))?;
    let id = id.parse().map_err(|()| Error::no_such(routes::NOUN, id))?;
    Ok((id, version.parse().map_err(|_| Error::BadRequest("no version"))?))
}

/// The card the page had picked.
fn picked(req: &Request) -> Option<Key> {
    let card = || parsed::<Seen>(req, "card").map(|seen| seen.key);
    parsed(req, "pick").or_else(card)
}

/// Days that are over are only looked at.
fn not_past(req: &Request, day: Day) -> Result<()> {
    if day < req.at.day() { Err(Error::conflict("day is over", "過去的日子只能看。")) } else { Ok(()) }
}

/// The orders of the cards, each once, in their order; `Conflict` with who was faster when one has gone elsewhere.
fn as_seen(tx: &Transaction, sent: &Sent) -> Result<Vec<OrderId>> {
    let mut ids = Vec::new();
    for card in &sent.cards {
        let (order, seen) = match card.key {
            Key::Order(id) => (orders::store::get(tx, id)?, Some(plan::Seen::Unplanned)),
            Key::Stop(id) => {
                let stop = routes::store::stop(tx, id)?;
                // What the driver has reached or made is told as that, and not as planned by somebody.
                let seen = stop.status == StopStatus::Pending || stop.status == StopStatus::Skipped;
                (orders::store::get(tx, stop.order_id)?, seen.then_some(plan::Seen::Stop(id, card.version)))
            }
        };
        if order.status == orders::Status::Cancelled {
            let who = store::last_act(tx, order.id)?.map_or_else(String::new, |(name, at)| format!("{name} {} ", at.clock()));
            return Err(Error::conflict("order is cancelled", format!("{} {who}已經取消，不用送了。", order.short_number())));
        }
        if let Some(seen) = seen {
            plan::still(tx, &order, seen)?;
        }
        if !ids.contains(&order.id) {
            ids.push(order.id);
        }
    }
    Ok(ids)
}

/// Those of `orders` that `driver` does not have yet.
fn others_than(tx: &Transaction, driver: UserId, orders: Vec<OrderId>) -> Result<Vec<OrderId>> {
    let mut others = Vec::new();
    for id in orders {
        let route = routes::store::held_by(tx, id)?.map(|stop| routes::store::get(tx, stop.route_id)).transpose()?;
        if route.is_none_or(|route| route.driver_id != Some(driver)) {
            others.push(id);
        }
    }
    Ok(others)
}

/// Brings the stops of `orders` on `route` before another stop of it.
fn put_before(tx: &Transaction, route: &Route, orders: &[OrderId], before: Key, actor: Actor) -> Result<()> {
    let (moved, mut way): (Vec<_>, Vec<_>) =
        routes::store::open_stops(tx, route.id)?.into_iter().partition(|stop| orders.contains(&stop.order_id));
    let at = way.iter().position(|stop| Key::Stop(stop.id) == before).unwrap_or(way.len());
    way.splice(at..at, moved);
    let ids: Vec<StopId> = way.iter().map(|stop| stop.id).collect();
    plan::reorder(tx, route.id, &ids, actor).map(drop)
}

/// Which card is picked after `sent` went to a driver: the next one nobody has, in the order of the lane; a stop that
/// only changed its driver stays picked.
fn next(tx: &Transaction, free: &[Card], sent: &[OrderId]) -> Result<Option<Key>> {
    let stays = |card: &&Card| !sent.contains(&card.order);
    if let Some(last) = free.iter().rposition(|card| sent.contains(&card.order)) {
        let found = free[last..].iter().find(stays).or_else(|| free[..last].iter().rfind(stays));
        if let Some(card) = found {
            return Ok(Some(card.key()));
        }
    }
    match sent.last() {
        Some(order) => Ok(routes::store::held_by(tx, *order)?.map(|stop| Key::Stop(stop.id))),
        None => Ok(None),
    }
}

/// `春分早餐`, `3 張`.
fn what(tx: &Transaction, orders: &[OrderId]) -> Result<String> {
    match orders {
        [one] => store::name(tx, *one),
        many => Ok(format!("{} 張", many.len())),
    }
}

/// Back to the board with the next card picked; or the board as it is, with why it was not done.
fn answered(app: &App, req: &Request, day: Day, pick: Option<Key>, done: Result<Done>) -> Result<Response> {
    match done {
        Ok(done) => {
            let to = board_url("/board", day, req.at.day(), done.pick);
            let user = req.session()?.user_id;
            let act = app.db.read(|conn| orders::undo::offered(conn, user, req.at))?;
            // What U takes back is what was just done, and not something before it.
            match act.filter(|act| done.changed && act.at == req.at) {
                Some(act) => Ok(Response::see_other(to).with_notice_to_undo(&done.say, act.id)),
                None => Ok(Response::see_other(to).with_notice(&done.say)),
            }
        }
        Err(error @ (Error::Conflict { .. } | Error::Invalid(_) | Error::NotFound { .. })) => {
            Ok(answer(app, req, day, pick, Some(&error.user_message()), None)?.status(error.status()))
        }
        Err(error) => Err(error),
    }
}
