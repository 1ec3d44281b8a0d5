//! Building routes: which orders go on which, in what order, and who drives them (business §11).
//!
//! Invariants
//! - Only the office plans. What is refused changes nothing.
//! - Orders on a draft are confirmed, those on a route that is out are its driver's.
//! - A stop the driver has reached is moved no more.

pub(super) mod rules;

use rusqlite::{Connection, Transaction};
use serde_json::{Map, Value, json};

use crate::drivers;
use crate::error::{Error, Result};
use crate::orders::{self, Actor, Order};
use crate::routes::{Kind, NewRoute, Route, Shift, Status, Stop, StopStatus, fields, follow, store, suggest as suggestion, tell, write};
use crate::values::{AreaId, Day, OrderId, RouteId, StopId, UserId, VehicleId};

pub use rules::{Seen, still};

/// Where orders are put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    Route(RouteId),
    /// The route he runs that day, else the one he was told of, else his draft, else a new one with his usual vehicle.
    Driver(UserId, Day),
}

/// What may be said of a route beside its driver and its stops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    pub area_id: Option<AreaId>,
    pub shift: Shift,
    pub crew2_id: Option<UserId>,
    pub vehicle_id: Option<VehicleId>,
    pub notes: Option<String>,
}

impl Details {
    pub fn of(route: &Route) -> Details {
        Details {
            area_id: route.area_id,
            shift: route.shift,
            crew2_id: route.crew2_id,
            vehicle_id: route.vehicle_id,
            notes: route.notes.clone(),
        }
    }
}

/// Makes a draft; where no vehicle is named, with its driver's usual one if that is free. `Invalid` at `day`, `driver`, `crew2`, `vehicle` with everything that is wrong.
pub fn make(tx: &Transaction, new: &NewRoute, actor: Actor) -> Result<Route> {
    office(actor)?;
    rules::new_route(tx, new, actor.by.at.day())?;
    let vehicle_id = match (new.vehicle_id, new.driver_id) {
        (None, Some(driver)) => rules::usual_vehicle(tx, &drivers::store::get(tx, driver)?, new.route_on, new.shift)?,
        (vehicle, _) => vehicle,
    };
    let id = store::insert(tx, &NewRoute { vehicle_id, ..new.clone() }, actor.by)?;
    let route = store::get(tx, id)?;
    let more = Map::from_iter([("after".to_owned(), fields::route(&route))]);
    write::note(tx, &route, "make", more, actor.by)?;
    Ok(route)
}

/// Changes what may be said of route `id`. `version` is the one whoever acts has seen; `Conflict` when it is another or
/// the route is closed, `Invalid` as for [`make`].
pub fn edit(tx: &Transaction, id: RouteId, version: Option<i64>, details: &Details, actor: Actor) -> Result<Route> {
    office(actor)?;
    let before = open_route(tx, id)?;
    rules::at_version(&before, version)?;
    let after = Route {
        area_id: details.area_id,
        shift: details.shift,
        crew2_id: details.crew2_id,
        vehicle_id: details.vehicle_id,
        notes: details.notes.clone(),
        ..before.clone()
    };
    if after == before {
        return Ok(before);
    }
    rules::changed_route(tx, &before, &after)?;
    let after = write::route(tx, &before, &after, "edit", Map::new(), actor.by)?;
    if after.status.is_out() && before.crew2_id != after.crew2_id {
        if let Some(user) = before.crew2_id {
            tell::left(tx, &after, user, "不用去了", actor.by.at)?;
        }
        if let Some(user) = after.crew2_id {
            tell::is_yours(tx, &after, user, actor.by.at)?;
        }
    }
    Ok(after)
}

/// Puts `orders` at the end of the way of `target`, in their order; one that stands on another route is moved with its
/// stop, one that is there already stays where it is. `Conflict` with the reason when an order cannot be planned or the
/// route takes no more, `Invalid` at `driver` when he cannot go. All of them, or none.
pub fn put(tx: &Transaction, orders: &[OrderId], target: Target, actor: Actor) -> Result<Route> {
    office(actor)?;
    let route = match target {
        Target::Route(id) => open_route(tx, id)?,
        Target::Driver(driver, day) => route_of_driver(tx, driver, day, actor)?,
    };
    let mut placed = Placed::default();
    for order in orders {
        place(tx, &route, *order, None, &mut placed, actor)?;
    }
    placed.settle(tx, &route, actor)?;
    store::get(tx, route.id)
}

/// Puts `order` on `route` right after where its driver is now: what cannot wait. Refused as [`put`] is.
pub fn put_next(tx: &Transaction, order: OrderId, route: RouteId, actor: Actor) -> Result<Route> {
    let open = store::open_stops(tx, route)?;
    let arrived = open.iter().rev().find(|stop| stop.status == StopStatus::Arrived);
    let seq = match arrived {
        Some(current) => current.seq + 1,
        None => open.iter().filter(|stop| stop.order_id != order).map(|stop| stop.seq).min().unwrap_or(1),
    };
    put_at(tx, order, route, seq, actor)
}

/// Puts `order` on `route` at place `seq` of its way; the stops from there on come after it. Refused as [`put`] is.
pub fn put_at(tx: &Transaction, order: OrderId, route: RouteId, seq: i64, actor: Actor) -> Result<Route> {
    office(actor)?;
    let route = open_route(tx, route)?;
    let open = store::open_stops(tx, route.id)?;
    let later: Vec<&Stop> = open.iter().filter(|stop| stop.order_id != order && seq <= stop.seq).collect();
    if later.iter().any(|stop| stop.seq == seq) {
        for stop in later {
            store::update_stop(tx, stop, &Stop { seq: stop.seq + 1, ..stop.clone() })?;
        }
    }
    let mut placed = Placed::default();
    place(tx, &route, order, Some(seq), &mut placed, actor)?;
    placed.settle(tx, &route, actor)?;
    store::get(tx, route.id)
}

/// Takes `stops` off their routes; their orders wait to be planned. `Conflict` for a stop that is made or reached.
pub fn take_off(tx: &Transaction, stops: &[StopId], actor: Actor) -> Result<()> {
    office(actor)?;
    let mut left: Vec<Route> = Vec::new();
    let mut moves = Vec::new();
    for id in stops {
        let stop = store::stop(tx, *id)?;
        rules::is_movable(&stop)?;
        let route = store::get(tx, stop.route_id)?;
        let order = orders::store::get(tx, stop.order_id)?;
        if order.status.is_given() && route.status.is_out() {
            // The order's own step takes the stop off.
            orders::steps::hand_on(tx, order.id, None, actor)?;
        } else {
            follow::skip(tx, &stop, &route, actor.by)?;
        }
        moves.push(json!({"order": order.id.0, "stop": stop.id.0, "from": route.id.0, "seq": stop.seq}));
        if left.iter().all(|have| have.id != route.id) {
            left.push(route);
        }
    }
    if let Some(first) = left.first() {
        write::note(tx, first, "take_off", Map::from_iter([("moves".to_owned(), moves.into())]), actor.by)?;
    }
    for route in left {
        tell::changed(tx, &store::get(tx, route.id)?, actor.by.at)?;
    }
    Ok(())
}

/// Makes the open stops of route `id` follow each other as `wanted` says. `Conflict` unless `wanted` names each of them
/// once: somebody has put one on or taken one off since.
pub fn reorder(tx: &Transaction, id: RouteId, wanted: &[StopId], actor: Actor) -> Result<Route> {
    office(actor)?;
    let route = open_route(tx, id)?;
    let open = store::open_stops(tx, id)?;
    let mut names: Vec<StopId> = wanted.to_vec();
    names.sort_unstable();
    let mut have: Vec<StopId> = open.iter().map(|stop| stop.id).collect();
    have.sort_unstable();
    if names != have {
        return Err(Error::conflict("other stops on the route", "這條路線的站剛剛有人動過，看一下再排一次。"));
    }
    let before: Vec<i64> = open.iter().map(|stop| stop.id.0).collect();
    let after: Vec<i64> = wanted.iter().map(|stop| stop.0).collect();
    if before == after {
        return Ok(route);
    }
    // They share the places they had, one after another; those that are made keep theirs.
    let mut last = 0;
    for (id, place) in wanted.iter().zip(open.iter().map(|stop| stop.seq)) {
        let seq = place.max(last + 1);
        last = seq;
        let Some(stop) = open.iter().find(|stop| stop.id == *id) else { continue };
        if stop.seq != seq {
            store::update_stop(tx, stop, &Stop { seq, ..stop.clone() })?;
        }
    }
    let more = Map::from_iter([("before".to_owned(), json!({"stops": before})), ("after".to_owned(), json!({"stops": after}))]);
    write::note(tx, &route, "order", more, actor.by)?;
    tell::changed(tx, &route, actor.by.at)?;
    Ok(route)
}

/// The open stops of route `id` in the order the program would make them; see [`suggestion`].
pub fn suggest(conn: &Connection, id: RouteId) -> Result<Vec<StopId>> {
    suggestion::order(conn, id)
}

/// Gives the whole route to `driver`, with its orders; whoever had it hears that he does not go. `Conflict` when the
/// route is closed, or when it runs and `driver` is on another.
pub fn give(tx: &Transaction, id: RouteId, driver: UserId, actor: Actor) -> Result<Route> {
    office(actor)?;
    let before = open_route(tx, id)?;
    if before.driver_id == Some(driver) {
        return Ok(before);
    }
    let new = rules::can_drive(tx, driver, "driver")?;
    if before.status == Status::InProgress {
        rules::is_free(tx, driver, &new.name)?;
    }
    let crew2_id = before.crew2_id.filter(|crew2| *crew2 != driver);
    let vehicle_id = match before.vehicle_id {
        None => rules::usual_vehicle(tx, &new, before.route_on, before.shift)?,
        some => some,
    };
    let after = write::row(tx, &before, &Route { driver_id: Some(driver), crew2_id, vehicle_id, ..before.clone() }, actor.by)?;
    for stop in store::open_stops(tx, id)? {
        let order = orders::store::get(tx, stop.order_id)?;
        if order.status.is_given() {
            orders::steps::hand_on(tx, order.id, Some((driver, order.status)), actor)?;
        }
    }
    write::tell(tx, &before, &after, "give", Map::new(), actor.by)?;
    if !after.status.is_out() {
        return Ok(after);
    }
    if let Some(old) = before.driver_id {
        tell::left(tx, &after, old, &format!("改由{}開", new.name), actor.by.at)?;
    }
    tell::is_yours(tx, &after, driver, actor.by.at)?;
    Ok(after)
}

/// The route orders for `driver` go on that day; a new draft where he has none.
fn route_of_driver(tx: &Transaction, driver: UserId, day: Day, actor: Actor) -> Result<Route> {
    let driver = rules::can_drive(tx, driver, "driver")?;
    let mut routes = store::of_driver(tx, driver.user, day)?;
    routes.retain(|route| route.driver_id == Some(driver.user) && route.kind != Kind::Emergency);
    for status in [Status::InProgress, Status::Published, Status::Draft] {
        if let Some(route) = routes.iter().find(|route| route.status == status) {
            return Ok(route.clone());
        }
    }
    let area_id = match driver.areas.as_slice() {
        [only] => Some(*only),
        _ => None,
    };
    let new = NewRoute {
        route_on: day,
        area_id,
        shift: Shift::AllDay,
        kind: Kind::Planned,
        driver_id: Some(driver.user),
        crew2_id: None,
        vehicle_id: None,
        notes: None,
    };
    make(tx, &new, actor)
}

/// What [`place`] has done.
#[derive(Default)]
struct Placed {
    /// For the journal: each order, and where it stood before.
    moves: Vec<Value>,
    /// Where stops were taken from.
    from: Vec<RouteId>,
}

impl Placed {
    /// Tells those who must hear of it once, and writes down what was done as one thing: it can be undone as one.
    fn settle(self, tx: &Transaction, to: &Route, actor: Actor) -> Result<()> {
        if self.moves.is_empty() {
            return Ok(());
        }
        tell::changed(tx, to, actor.by.at)?;
        for id in self.from {
            tell::changed(tx, &store::get(tx, id)?, actor.by.at)?;
            super::steps::finish_if_done(tx, id, actor.by)?;
        }
        write::note(tx, to, "put", Map::from_iter([("moves".to_owned(), self.moves.into())]), actor.by)
    }
}

/// Puts one order on `route`, at the end or at `seq`.
fn place(tx: &Transaction, route: &Route, id: OrderId, seq: Option<i64>, placed: &mut Placed, actor: Actor) -> Result<()> {
    let order = orders::store::get(tx, id)?;
    let held = store::held_by(tx, id)?;
    if held.as_ref().is_some_and(|stop| stop.route_id == route.id && stop.status.is_open()) && seq.is_none() {
        return Ok(());
    }
    rules::may_go(tx, &order, held.as_ref(), route)?;
    let seq = match seq {
        Some(seq) => seq,
        None => store::stops_of(tx, route.id)?.iter().map(|stop| stop.seq).max().unwrap_or(0) + 1,
    };
    match &held {
        Some(stop) => {
            let from = store::get(tx, stop.route_id)?;
            write::stop(tx, (stop, &from), (&Stop { route_id: route.id, seq, ..stop.clone() }, route), "move", actor.by)?;
            if from.id != route.id && !placed.from.contains(&from.id) {
                placed.from.push(from.id);
            }
        }
        None => {
            write::new_stop(tx, route, id, seq, actor.by)?;
        }
    }
    let (from, seq) = (held.as_ref().map(|stop| stop.route_id.0), held.as_ref().map(|stop| stop.seq));
    placed.moves.push(json!({"order": id.0, "from": from, "seq": seq}));
    hand_over(tx, &order, route, actor)
}

/// Brings `order`, whose stop stands on `route` now, to where an order on such a route stands.
fn hand_over(tx: &Transaction, order: &Order, route: &Route, actor: Actor) -> Result<()> {
    let is_given = order.status.is_given();
    match route.driver_id.filter(|_| route.status.is_out()) {
        None if is_given => orders::steps::hand_on(tx, order.id, None, actor).map(drop),
        None => Ok(()),
        Some(driver) if !is_given => orders::steps::act(tx, order.id, None, &orders::steps::Move::Assign(driver), actor).map(drop),
        Some(driver) => {
            let is_running = route.status == Status::InProgress && order.status == orders::Status::InDelivery;
            if order.driver_id == Some(driver) && (order.status == orders::Status::Assigned || is_running) {
                return Ok(());
            }
            orders::steps::hand_on(tx, order.id, Some((driver, orders::Status::Assigned)), actor).map(drop)
        }
    }
}

/// `Forbidden` for who does not plan.
fn office(actor: Actor) -> Result<()> {
    if actor.is_office() { Ok(()) } else { Err(Error::Forbidden) }
}

/// Route `id`, which stops may still be put on.
fn open_route(tx: &Transaction, id: RouteId) -> Result<Route> {
    let route = store::get(tx, id)?;
    match route.status {
        Status::Draft | Status::Published | Status::InProgress => Ok(route),
        Status::Completed | Status::Cancelled => {
            let say = format!("路線 {} {}，不能再改。", route.short_number(), route.status.label());
            Err(Error::conflict("route is closed", say))
        }
    }
}
