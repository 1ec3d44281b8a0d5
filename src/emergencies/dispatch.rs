//! How an emergency gets onto a route: right behind where its driver is now, or as a route of its own (business §12).
//!
//! Whoever may act on the emergency may do what it needs on routes: a driver who cannot go frees his route, and the office
//! starts one for a driver who said on the telephone that he goes. The emergency is the reason, and the journal says who.

use rusqlite::Transaction;

use crate::drivers::Driver;
use crate::emergencies::{Emergency, store};
use crate::error::Result;
use crate::orders::Actor;
use crate::routes::plan::{self, Target};
use crate::routes::steps::{self, Move};
use crate::routes::{self, Kind, NewRoute, Route, Shift, Status, StopStatus};
use crate::users::Role;
use crate::values::choice::choice;
use crate::values::{Day, OrderId, RouteId, UserId, VehicleId};
use crate::vehicles;

/// Why a route goes in spite of a warning, or is started by somebody else.
const WHY: &str = "緊急";

choice! {
    /// How the driver gets there.
    Sent {
        Next = "next", "排成下一站";
        OwnRoute = "own_route", "另開一條緊急路線";
    }
}

/// Puts the order of `one` where `driver` finds it next. `None` when it has no order: a colleague is helped without a stop.
pub fn send(tx: &Transaction, one: &Emergency, driver: &Driver, actor: Actor) -> Result<Option<Sent>> {
    let Some(order) = one.order_id else { return Ok(None) };
    let actor = urgent(actor);
    let from = routes::store::held_by(tx, order)?.map(|stop| stop.route_id);
    let sent = match routes::store::running_of(tx, driver.user)? {
        Some(running) => {
            plan::put_next(tx, order, running.id, actor)?;
            Sent::Next
        }
        None => {
            own_route(tx, one, order, driver, actor)?;
            Sent::OwnRoute
        }
    };
    if let Some(from) = from {
        tidy(tx, from, actor)?;
    }
    Ok(Some(sent))
}

/// On the emergency route that waits for him already, else on a new one, which he is told of.
fn own_route(tx: &Transaction, one: &Emergency, order: OrderId, driver: &Driver, actor: Actor) -> Result<()> {
    let today = actor.by.at.day();
    let is_waiting =
        |route: &Route| route.kind == Kind::Emergency && route.status == Status::Published && route.driver_id == Some(driver.user);
    if let Some(waiting) = routes::store::of_driver(tx, driver.user, today)?.iter().find(|route| is_waiting(route)) {
        return plan::put_next(tx, order, waiting.id, actor).map(drop);
    }
    let area_id = one.customer_id.map(|customer| store::area_of(tx, customer)).transpose()?.flatten();
    let new = NewRoute {
        route_on: today,
        area_id,
        shift: Shift::AllDay,
        kind: Kind::Emergency,
        driver_id: Some(driver.user),
        crew2_id: None,
        vehicle_id: vehicle_for(tx, driver, today)?,
        notes: None,
    };
    let route = plan::make(tx, &new, actor)?;
    plan::put(tx, &[order], Target::Route(route.id), actor)?;
    steps::act(tx, route.id, None, &Move::Publish { override_note: Some(WHY.to_owned()) }, actor)?;
    Ok(())
}

/// His usual one, else one that nobody drives today, else any that is in use: two may share one sooner than nobody goes.
fn vehicle_for(tx: &Transaction, driver: &Driver, today: Day) -> Result<Option<VehicleId>> {
    let in_use: Vec<VehicleId> =
        vehicles::store::list(tx)?.into_iter().filter(|vehicle| vehicle.is_active).map(|vehicle| vehicle.id).collect();
    if let Some(usual) = driver.default_vehicle.filter(|usual| in_use.contains(usual)) {
        return Ok(Some(usual));
    }
    let taken: Vec<VehicleId> =
        routes::store::of_day(tx, today)?.into_iter().filter(|route| route.status.is_open()).filter_map(|route| route.vehicle_id).collect();
    Ok(in_use.iter().find(|vehicle| !taken.contains(vehicle)).or(in_use.first()).copied())
}

/// He goes: his emergency route begins, or its stop joins the route he has set out on meanwhile.
pub fn begin(tx: &Transaction, one: &Emergency, driver: UserId, actor: Actor) -> Result<()> {
    let actor = urgent(actor);
    let Some(order) = one.order_id else { return Ok(()) };
    let Some(stop) = routes::store::held_by(tx, order)?.filter(|stop| stop.status == StopStatus::Pending) else { return Ok(()) };
    let route = routes::store::get(tx, stop.route_id)?;
    if route.kind != Kind::Emergency || route.status != Status::Published || route.driver_id != Some(driver) {
        return Ok(());
    }
    match routes::store::running_of(tx, driver)? {
        None => steps::act(tx, route.id, None, &Move::Start { loaded: None, note: Some(WHY.to_owned()) }, actor).map(drop),
        Some(running) => {
            plan::put_next(tx, order, running.id, actor)?;
            tidy(tx, route.id, actor)
        }
    }
}

/// Nobody goes any more: its stop leaves the route.
pub fn take_back(tx: &Transaction, one: &Emergency, actor: Actor) -> Result<()> {
    let actor = urgent(actor);
    let Some(order) = one.order_id else { return Ok(()) };
    let Some(stop) = routes::store::held_by(tx, order)?.filter(|stop| stop.status == StopStatus::Pending) else { return Ok(()) };
    plan::take_off(tx, &[stop.id], actor)?;
    tidy(tx, stop.route_id, actor)
}

/// An emergency route from which everything was taken goes with it.
fn tidy(tx: &Transaction, route: RouteId, actor: Actor) -> Result<()> {
    let route = routes::store::get(tx, route)?;
    let is_empty = routes::store::stops_of(tx, route.id)?.iter().all(|stop| stop.status == StopStatus::Skipped);
    if route.kind != Kind::Emergency || !is_empty {
        return Ok(());
    }
    let end = match route.status {
        Status::Draft | Status::Published => Move::Cancel,
        Status::InProgress => Move::Complete { odometer_end_km: None, note: Some(WHY.to_owned()) },
        Status::Completed | Status::Cancelled => return Ok(()),
    };
    steps::act(tx, route.id, None, &end, actor).map(drop)
}

fn urgent(actor: Actor) -> Actor {
    Actor { role: Some(Role::Manager), ..actor }
}
