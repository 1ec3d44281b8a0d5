//! Whoever changes an order settles its stop with it: a cancelled order, or one whose day moved, leaves the route, and
//! the driver hears of it.

use rusqlite::Transaction;

use crate::error::Result;
use crate::journal::By;
use crate::orders::{Order, Status};
use crate::routes::{Route, Stop, StopStatus, steps, store, tell, write};

/// Called by every write of an order, in its transaction. The open stop of `after` is skipped when its order was
/// cancelled or handed over the counter, waits again though its route is out, or is to be brought on another day than
/// the route goes.
pub fn follow(tx: &Transaction, before: &Order, after: &Order, by: By) -> Result<()> {
    let Some(stop) = store::held_by(tx, after.id)?.filter(|stop| stop.status.is_open()) else { return Ok(()) };
    let route = store::get(tx, stop.route_id)?;
    let was_given = before.status.is_given();
    let has_moved = before.scheduled_on != after.scheduled_on && after.scheduled_on != route.route_on;
    let waits = matches!(after.status, Status::Pending | Status::Confirmed);
    let is_taken_back = was_given && waits && route.status.is_out();
    let is_over = match after.status {
        Status::Cancelled => true,
        Status::Delivered => !route.status.is_out(),
        Status::Pending | Status::Confirmed | Status::Assigned | Status::InDelivery => false,
    };
    if was_given
        && route.status.is_out()
        && let Some(what) = heard(before, after)
    {
        tell::order(tx, &route, (after.id, &after.number), what, by.at)?;
    }
    if has_moved || is_taken_back || is_over { skip(tx, &stop, &route, by) } else { Ok(()) }
}

/// What the driver hears of a change of an order he has; he knows of his own acts, and of his route he hears apart.
fn heard(before: &Order, after: &Order) -> Option<&'static str> {
    if after.status == Status::Cancelled {
        return Some("已取消");
    }
    if before.scheduled_on != after.scheduled_on {
        return Some("改天送，不在這條路線上了");
    }
    let is_edit = before.status == after.status && before.driver_id == after.driver_id;
    is_edit.then_some("已變更")
}

/// Takes an open stop off its route: it stays in the file as one the office removed.
pub(super) fn skip(tx: &Transaction, stop: &Stop, route: &Route, by: By) -> Result<()> {
    let after = Stop { status: StopStatus::Skipped, finished_at: Some(by.at), ..stop.clone() };
    write::stop(tx, (stop, route), (&after, route), "skip", by)?;
    steps::finish_if_done(tx, route.id, by)?;
    Ok(())
}
