//! An order that is asked to take a step by itself, from its own page or by a program: it moves as its route does.

use rusqlite::{Connection, Transaction};

use crate::error::{Error, Result};
use crate::orders::steps::{self, Action, Move};
use crate::orders::{self, Actor, Order, Status};
use crate::routes::plan::{self, Seen, Target};
use crate::routes::{Route, Stop, store};
use crate::stops::{self, Act, Completion, Outcome};
use crate::values::{OrderId, StopId};

/// Where an order stands: the stop that holds it, and its route.
#[derive(Clone, Debug)]
pub struct Place {
    pub route: Route,
    pub stop: Stop,
    /// The how-manieth stop of its route it is, what was taken off not counted.
    pub number: i64,
}

/// The stop that holds `order`, still to be made or completed, and its route.
pub fn place(conn: &Connection, order: OrderId) -> Result<Option<Place>> {
    let Some(stop) = store::held_by(conn, order)? else { return Ok(None) };
    Ok(Some(Place { route: store::get(conn, stop.route_id)?, number: store::number_of(conn, &stop)?, stop }))
}

/// Where `action` would lead `order`, as [`steps::check`]; an order that stands on a draft can be taken off it, too.
pub fn check(conn: &Connection, order: &Order, action: Action, actor: Actor) -> Result<Status> {
    let is_planned = order.status == Status::Confirmed && action == Action::Unassign && steps::may(order, action, actor);
    if is_planned && store::held_by(conn, order.id)?.is_some() { Ok(Status::Confirmed) } else { steps::check(order, action, actor) }
}

/// Takes `order` one step on, and its stop with it: given to a driver it is put on his route, taken back it leaves it,
/// and it goes out only with its route. `seen` is where whoever acts saw it stand. Errors as of [`steps::act`].
pub fn act(tx: &Transaction, order: &Order, version: Option<i64>, seen: Option<Seen>, step: &Move, actor: Actor) -> Result<Order> {
    check(tx, order, step.action(), actor)?;
    if let Some(seen) = seen {
        plan::still(tx, order, seen)?;
    }
    if matches!(step, Move::Assign(_) | Move::Unassign) {
        at_version(order, version)?;
    }
    let place = place(tx, order.id)?;
    match (step, place) {
        (Move::Assign(driver), _) => {
            let day = order.scheduled_on.max(actor.by.at.day());
            plan::put(tx, &[order.id], Target::Driver(*driver, day), actor)?;
        }
        (Move::Unassign, Some(place)) => plan::take_off(tx, &[place.stop.id], actor)?,
        (Move::Start { .. }, Some(place)) if place.route.status != crate::routes::Status::InProgress => {
            let say = format!("先讓路線 {} 出發，它的單就在路上了。", place.route.short_number());
            return Err(Error::conflict("its route has not started", say));
        }
        (Move::Deliver(_) | Move::Fail { .. }, Some(place)) => at_stop(tx, order, &place.stop, version, step, actor)?,
        _ => return steps::act(tx, order.id, version, step, actor),
    }
    orders::store::get(tx, order.id)
}

/// What happened at the customer is an act at the stop, with all that hangs on it. An order sent twice from one version is
/// one act.
fn at_stop(tx: &Transaction, order: &Order, stop: &Stop, version: Option<i64>, step: &Move, actor: Actor) -> Result<()> {
    let act = match step {
        Move::Deliver(handed) => Act::Complete(Completion {
            lines: Some(handed.lines.clone()),
            recipient: handed.recipient.clone(),
            no_proof: handed.no_proof.clone(),
            cash_handed: handed.cash_handed,
            cash: handed.cash,
            note: handed.note.clone(),
            ..Completion::default()
        }),
        Move::Fail { reason, note } => Act::Fail { reason: *reason, photo: None, note: note.clone() },
        _ => return Err(Error::impossible("another step at a stop")),
    };
    at_version(order, version)?;
    let action_id = format!("order-{}-{}-{}", order.id, act.verb().word(), order.version);
    let answer = stops::act(tx, stops::Target::Stop(stop.id), &act, &action_id, None, actor)?;
    match answer.outcome {
        Outcome::Applied => Ok(()),
        Outcome::Conflict => Err(Error::conflict("the stop took no such act", answer.say)),
    }
}

fn at_version(order: &Order, version: Option<i64>) -> Result<()> {
    if version.is_some_and(|version| version != order.version) {
        return Err(steps::moved_on());
    }
    Ok(())
}

/// `12-3` of stop 12 at version 3, and empty for no stop: what a form or a program says it saw; `None` for anything else.
pub fn seen(text: &str) -> Option<Seen> {
    if text.is_empty() {
        return Some(Seen::Unplanned);
    }
    let (stop, version) = text.split_once('-')?;
    let stop: StopId = stop.parse().ok()?;
    Some(Seen::Stop(stop, version.parse().ok()?))
}

/// The same of where it stands now.
pub fn seen_text(place: Option<&Place>) -> String {
    place.map(|place| format!("{}-{}", place.stop.id, place.stop.version)).unwrap_or_default()
}
