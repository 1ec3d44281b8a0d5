//! Taking back what was said of a stop (business §11): everything it wrote, and nothing else.

use rusqlite::{Connection, Transaction};

use crate::cylinders;
use crate::error::{Error, Result};
use crate::meters;
use crate::orders;
use crate::orders::steps::{self, Undone};
use crate::payments;
use crate::routes::{self, Route, Status, Stop, StopStatus};
use crate::stops::act::Scene;
use crate::stops::{Answer, UNDO_MINUTES, Verb, store};
use crate::users::Role;
use crate::values::Ntd;

/// The stop is to be made again. A driver may within ten minutes, a manager at any time. `Conflict` when the order has
/// moved on since, its day is closed, or the driver is on another route already.
pub(super) fn undo(tx: &Transaction, scene: &Scene, note: Option<&str>) -> Result<Answer> {
    in_time(tx, scene)?;
    let stop = &scene.stop;
    if scene.route.status == Status::Completed {
        routes::steps::resume(tx, &scene.route, scene.actor.by)?;
    }
    let why = note.map(|note| if scene.is_own { note.to_owned() } else { format!("代司機：{note}") });
    let undone = match stop.status {
        StopStatus::Completed => Undone::Delivery { refunded: void_payments(tx, scene)? },
        StopStatus::Failed => {
            let driver = free_to_return(tx, scene)?;
            Undone::Failure { driver }
        }
        StopStatus::Pending | StopStatus::Arrived | StopStatus::Skipped => return Err(Error::impossible("undo an open stop")),
    };
    cylinders::undo_of_stop(tx, stop.id, scene.actor.by)?;
    meters::void_of_stop(tx, stop.id, scene.actor.by)?;
    steps::take_back(tx, &scene.order, undone, why.as_deref(), scene.actor)?;
    let after = Stop {
        status: if stop.arrived_at.is_some() { StopStatus::Arrived } else { StopStatus::Pending },
        finished_at: None,
        failure_reason: None,
        failure_note: None,
        recipient: None,
        no_proof: None,
        photo: None,
        signature: None,
        note: None,
        cash_due: None,
        cash_handed: None,
        cash: None,
        ..stop.clone()
    };
    scene.write_stop(tx, &after, Verb::Undo)?;
    scene.answer(tx, format!("{} 復原了，還沒送。", scene.order.short_number()))
}

/// Whether who drives `route` may still take back what he did on it: not once somebody closed it, he himself too. That it
/// closed itself with its last stop does not count, for then he could never take that one back.
pub fn is_open_to_driver(conn: &Connection, route: &Route) -> Result<bool> {
    let closed_itself = || Ok::<_, Error>(route.completed_at == store::last_closing(conn, route.id)?);
    Ok(match route.status {
        Status::InProgress => true,
        Status::Completed => closed_itself()? && !store::is_wrapped_up(conn, route)?,
        Status::Draft | Status::Published | Status::Cancelled => false,
    })
}

/// A driver is not in time any more after ten minutes, nor once his route was closed.
fn in_time(tx: &Transaction, scene: &Scene) -> Result<()> {
    if scene.actor.role != Some(Role::Driver) {
        return Ok(());
    }
    let now = scene.actor.by.at;
    if scene.stop.finished_at.is_none_or(|at| at.plus_minutes(UNDO_MINUTES) < now) {
        return Err(Error::conflict("too late to undo", "超過十分鐘了，請經理復原。"));
    }
    if !is_open_to_driver(tx, &scene.route)? {
        return Err(Error::conflict("the route was closed", "這條路線已經收工，請經理復原。"));
    }
    Ok(())
}

/// What was paid at the stop and is given back.
fn void_payments(tx: &Transaction, scene: &Scene) -> Result<Ntd> {
    let mut refunded = Ntd(0);
    for payment in payments::store::of_stop(tx, scene.stop.id)? {
        if payment.status != payments::Status::Voided {
            payments::void(tx, payment.id, "復原", scene.actor.by)?;
            refunded = refunded + payment.amount;
        }
    }
    Ok(refunded)
}

/// Who goes with it again, when the order still waits for that day and nobody else has it.
fn free_to_return(tx: &Transaction, scene: &Scene) -> Result<crate::values::UserId> {
    let order = orders::store::get(tx, scene.order.id)?;
    if routes::store::held_by(tx, order.id)?.is_some() {
        return Err(Error::conflict("the order is on a route", "這張單已經排到別的路線，不能復原。"));
    }
    if order.scheduled_on != scene.route.route_on {
        return Err(Error::conflict("the order was moved", format!("這張單已經改到 {}，不能復原。", order.scheduled_on.short())));
    }
    scene.route.driver_id.ok_or_else(|| Error::impossible("undo on a route without a driver"))
}
