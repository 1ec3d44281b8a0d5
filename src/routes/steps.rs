//! The way of a route: who may take it from which state to which, and what each step needs (business §11, §20).
//!
//! Invariants
//! - What is not listed here is refused and changes nothing.
//! - The orders of a route step on with it, in the same transaction.
//! - A route without a stop still to be made is completed by whatever made or removed the last one.

use rusqlite::{Connection, Transaction};
use serde_json::{Map, Value, json};

use crate::cylinders;
use crate::error::{Error, Problem, Result};
use crate::journal::By;
use crate::orders::{self, Actor};
use crate::routes::plan::rules;
use crate::routes::{NOUN, Route, Status, StopStatus, follow, load, store, tell, write};
use crate::users::Role;
use crate::values::choice::choice;
use crate::values::{ProductId, RouteId};

choice! {
    /// What may be done with a route; each is the journal's verb and part of an address.
    Action {
        Publish = "publish", "發布";
        Start = "start", "出發";
        Complete = "complete", "結束";
        Reopen = "reopen", "重新打開";
        Cancel = "cancel", "取消";
    }
}

/// One of them, with what it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    /// The note is why it goes in spite of a warning.
    Publish {
        override_note: Option<String>,
    },
    /// What was counted onto the truck, `None` when it is what the orders say; the note is why somebody else does it for
    /// the driver.
    Start {
        loaded: Option<Vec<(ProductId, i64)>>,
        note: Option<String>,
    },
    Complete {
        odometer_end_km: Option<i64>,
        note: Option<String>,
    },
    Reopen,
    Cancel,
}

impl Move {
    pub fn action(&self) -> Action {
        match self {
            Move::Publish { .. } => Action::Publish,
            Move::Start { .. } => Action::Start,
            Move::Complete { .. } => Action::Complete,
            Move::Reopen => Action::Reopen,
            Move::Cancel => Action::Cancel,
        }
    }
}

/// Where `action` leads from `from`; `None` when there is no such step.
pub fn target(from: Status, action: Action) -> Option<Status> {
    use Status::{Cancelled, Completed, Draft, InProgress, Published};
    match (from, action) {
        (Draft, Action::Publish) => Some(Published),
        (Published, Action::Start) => Some(InProgress),
        (InProgress, Action::Complete) => Some(Completed),
        (Completed, Action::Reopen) => Some(InProgress),
        (Draft | Published, Action::Cancel) => Some(Cancelled),
        (Draft | Published | InProgress | Completed | Cancelled, _) => None,
    }
}

/// Whether `actor` is let near `action` on `route` at all; the state is asked for afterwards.
pub fn may(route: &Route, action: Action, actor: Actor) -> bool {
    match action {
        Action::Publish | Action::Cancel => actor.is_office(),
        Action::Start | Action::Complete => is_own(route, actor) || actor.is_manager(),
        Action::Reopen => actor.is_manager(),
    }
}

/// Whether `actor` goes with it, driving or helping.
fn is_own(route: &Route, actor: Actor) -> bool {
    route.crew().any(|user| Some(user) == actor.by.user)
}

/// The route as `actor` may see it: a driver is told of those he goes with, once he was told of them (business §20).
pub fn seen(conn: &Connection, id: RouteId, actor: Actor) -> Result<Route> {
    let route = store::get(conn, id)?;
    let is_told = route.published_at.is_some() && route.crew().any(|user| Some(user) == actor.by.user);
    if actor.role == Some(Role::Driver) && !is_told { Err(Error::not_found(NOUN, id)) } else { Ok(route) }
}

/// Takes route `id` one step on. `version` is the one whoever acts has seen. `NotFound` when it is not there or another
/// driver's, `Forbidden` for the wrong role, `Conflict` when the route is not where the step begins or has changed since,
/// `Invalid` with all that the step needs and is missing.
pub fn act(tx: &Transaction, id: RouteId, version: Option<i64>, step: &Move, actor: Actor) -> Result<Route> {
    let before = seen(tx, id, actor)?;
    let to = check(&before, step.action(), actor)?;
    rules::at_version(&before, version)?;
    match step {
        Move::Publish { override_note } => publish(tx, &before, override_note.as_deref(), actor),
        Move::Start { loaded, note } => start(tx, &before, loaded.as_deref(), note.as_deref(), actor),
        Move::Complete { odometer_end_km, note } => {
            let note = on_behalf(&before, note.as_deref(), actor)?;
            if let Some(count) = Some(store::open_stops(tx, id)?.len()).filter(|count| *count != 0) {
                let say = format!("還有 {count} 站沒有結果，先記完。");
                return Err(Error::conflict("stops are open", say));
            }
            complete(tx, &before, *odometer_end_km, note, actor.by)
        }
        Move::Reopen => reopen(tx, &before, actor),
        Move::Cancel => cancel(tx, &before, to, actor),
    }
}

/// Where `action` would lead `route`; `Forbidden` or `Conflict` as for [`act`].
pub fn check(route: &Route, action: Action, actor: Actor) -> Result<Status> {
    if !may(route, action, actor) {
        return Err(Error::Forbidden);
    }
    target(route.status, action).ok_or_else(|| {
        let say = format!("路線 {} 現在是「{}」，不能{}。", route.short_number(), route.status.label(), action.label());
        Error::conflict("route is not where the step begins", say)
    })
}

/// Whether `actor` has just taken `route` this very step from `version`: the same form or request, sent twice.
pub fn is_done(conn: &Connection, route: &Route, action: Action, version: Option<i64>, actor: Actor) -> Result<bool> {
    match (actor.by.user, version) {
        (Some(user), Some(version)) if version + 1 == route.version => store::is_last_act(conn, route.id, user, action.word(), version),
        _ => Ok(false),
    }
}

/// Completes a running route whose last stop was just made or removed, as business §11 wants it; one from which
/// everything was taken before anything was made stays open. Says whether it did.
pub fn finish_if_done(tx: &Transaction, id: RouteId, by: By) -> Result<bool> {
    let route = store::get(tx, id)?;
    if route.status != Status::InProgress {
        return Ok(false);
    }
    let stops = store::stops_of(tx, id)?;
    let is_made = |status: StopStatus| matches!(status, StopStatus::Completed | StopStatus::Failed);
    if stops.iter().any(|stop| stop.status.is_open()) || !stops.iter().any(|stop| is_made(stop.status)) {
        return Ok(false);
    }
    complete(tx, &route, None, None, by)?;
    Ok(true)
}

/// The driver is told, and the orders are his. Everything that stands against it is told at once.
fn publish(tx: &Transaction, before: &Route, override_note: Option<&str>, actor: Actor) -> Result<Route> {
    let mut problems: Vec<Problem> = Vec::new();
    let mut problem = |field: &'static str, say: String| problems.push(Problem { field: field.into(), say: say.into() });
    let (load, doubts) = load::of_route(tx, before)?;
    if before.driver_id.is_none() {
        problem("driver", "還沒選司機。".to_owned());
    }
    if before.vehicle_id.is_none() {
        problem("vehicle", "還沒選車。".to_owned());
    }
    if load.stops == 0 {
        problem("stops", "路線上還沒有站。".to_owned());
    }
    for say in &doubts.refused {
        problem("vehicle", say.clone());
    }
    for say in &doubts.for_manager {
        if override_note.is_none() || !actor.is_manager() {
            problem("override_note", format!("{say}要經理寫原因才能發布。"));
        }
    }
    if override_note.is_none() {
        for say in &doubts.warnings {
            problem("override_note", format!("{say}還是要發布，寫一句原因。"));
        }
    }
    if let Some(driver) = before.driver_id {
        rules::gather(&mut problems, rules::can_drive(tx, driver, "driver"))?;
    }
    if let Some(vehicle) = before.vehicle_id {
        let when = (before.route_on, before.shift, before.kind);
        rules::gather(&mut problems, rules::vehicle(tx, vehicle, when, Some(before)))?;
    }
    let Some(driver) = before.driver_id.filter(|_| problems.is_empty()) else { return Err(Error::Invalid(problems)) };
    let after = Route {
        status: Status::Published,
        published_at: Some(actor.by.at),
        override_note: override_note.filter(|_| !doubts.is_none()).map(str::to_owned),
        ..before.clone()
    };
    let after = write::row(tx, before, &after, actor.by)?;
    for stop in store::open_stops(tx, before.id)? {
        orders::steps::act(tx, stop.order_id, None, &orders::steps::Move::Assign(driver), actor)?;
    }
    write::tell(tx, before, &after, Action::Publish.word(), Map::new(), actor.by)?;
    tell::published(tx, &after, actor.by.at)?;
    Ok(after)
}

/// The truck leaves with what the orders say, or with what was counted onto it; its orders are on their way.
fn start(tx: &Transaction, before: &Route, loaded: Option<&[(ProductId, i64)]>, note: Option<&str>, actor: Actor) -> Result<Route> {
    let why = on_behalf(before, note, actor)?;
    if actor.by.at.day() < before.route_on {
        let say = format!("這是 {} 的路線，當天才出發。", before.route_on.short());
        return Err(Error::conflict("route is of a later day", say));
    }
    if let Some(driver) = before.driver_id {
        let name = crate::users::store::get(tx, driver)?.name;
        rules::is_free(tx, driver, &name)?;
    }
    let after = Route { status: Status::InProgress, started_at: Some(actor.by.at), ..before.clone() };
    let mut more = reason(why);
    if let Some(loaded) = loaded {
        let loaded: Vec<Value> = loaded.iter().map(|(product, qty)| json!({"product_id": product.0, "qty": qty})).collect();
        more.insert("loaded".to_owned(), loaded.into());
    }
    let after = write::row(tx, before, &after, actor.by)?;
    if let Some(vehicle) = after.vehicle_id {
        match loaded {
            Some(loaded) => cylinders::load_route(tx, after.id, vehicle, loaded, actor.by)?,
            None => {
                let (load, _) = load::of_route(tx, &after)?;
                cylinders::acts::load_as_planned(tx, after.id, vehicle, &load.quantities(), actor.by)?;
            }
        }
    }
    for stop in store::open_stops(tx, before.id)? {
        let order = orders::store::get(tx, stop.order_id)?;
        let step = orders::steps::Move::Start { note: note.map(str::to_owned) };
        orders::steps::at_stop(tx, &order, &step, is_own(before, actor), actor)?;
    }
    write::tell(tx, before, &after, Action::Start.word(), more, actor.by)?;
    Ok(after)
}

fn complete(tx: &Transaction, before: &Route, odometer_end_km: Option<i64>, why: Option<String>, by: By) -> Result<Route> {
    if let (Some(start), Some(end)) = (before.odometer_start_km, odometer_end_km)
        && end < start
    {
        return Err(Error::invalid("odometer_end_km", format!("回來的里程不會比出去的 {start} 少。")));
    }
    let after = Route {
        status: Status::Completed,
        completed_at: Some(by.at),
        odometer_end_km: odometer_end_km.or(before.odometer_end_km),
        ..before.clone()
    };
    write::route(tx, before, &after, Action::Complete.word(), reason(why), by)
}

/// The same day only, and only while its driver is on no other.
fn reopen(tx: &Transaction, before: &Route, actor: Actor) -> Result<Route> {
    if before.completed_at.is_none_or(|at| at.day() != actor.by.at.day()) {
        return Err(Error::conflict("route was completed on another day", "只有今天結束的路線可以重新打開。"));
    }
    let after = resume(tx, before, actor.by)?;
    for user in after.crew() {
        tell::left(tx, &after, user, "重新打開了", actor.by.at)?;
    }
    Ok(after)
}

/// A completed route runs again, because a stop of it is to be made once more. `Conflict` while its driver is on another.
pub(crate) fn resume(tx: &Transaction, before: &Route, by: By) -> Result<Route> {
    if let Some(driver) = before.driver_id {
        let name = crate::users::store::get(tx, driver)?.name;
        rules::is_free(tx, driver, &name)?;
    }
    let after = Route { status: Status::InProgress, completed_at: None, ..before.clone() };
    write::route(tx, before, &after, Action::Reopen.word(), Map::new(), by)
}

/// Its orders wait to be planned anew.
fn cancel(tx: &Transaction, before: &Route, to: Status, actor: Actor) -> Result<Route> {
    for stop in store::open_stops(tx, before.id)? {
        let order = orders::store::get(tx, stop.order_id)?;
        if order.status.is_given() {
            // The order's own step takes the stop off.
            orders::steps::hand_on(tx, order.id, None, actor)?;
        } else {
            follow::skip(tx, &stop, before, actor.by)?;
        }
    }
    let after = write::route(tx, before, &Route { status: to, ..before.clone() }, Action::Cancel.word(), Map::new(), actor.by)?;
    if before.status.is_out() {
        for user in before.crew() {
            tell::left(tx, &after, user, "取消了", actor.by.at)?;
        }
    }
    Ok(after)
}

/// Somebody else than the driver says why.
fn on_behalf(route: &Route, note: Option<&str>, actor: Actor) -> Result<Option<String>> {
    match note {
        Some(note) if is_own(route, actor) => Ok(Some(note.to_owned())),
        Some(note) => Ok(Some(format!("代司機：{note}"))),
        None if is_own(route, actor) => Ok(None),
        None => Err(Error::invalid("note", "替司機做的，要寫一句為什麼。")),
    }
}

fn reason(why: Option<String>) -> Map<String, Value> {
    why.map(|why| ("reason".to_owned(), Value::String(why))).into_iter().collect()
}
