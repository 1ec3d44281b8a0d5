//! Whoever changes an order settles its stop with it: a cancelled order, or one whose day moved, leaves the route.

use rusqlite::Transaction;
use serde_json::Value;

use crate::error::Result;
use crate::journal::{self, By, Entry};
use crate::orders::{Order, Status};
use crate::routes::{STOP, Stop, StopStatus, store};

/// Called by every write of an order, in its transaction. The open stop of `after` is skipped when its order was cancelled,
/// is waiting again, or is to be brought on another day.
pub fn follow(tx: &Transaction, before: &Order, after: &Order, by: By) -> Result<()> {
    let Some(stop) = store::held_by(tx, after.id)?.filter(|stop| stop.status.is_open()) else { return Ok(()) };
    let was_given = matches!(before.status, Status::Assigned | Status::InDelivery);
    let is_given = matches!(after.status, Status::Assigned | Status::InDelivery);
    let leaves = after.status == Status::Cancelled || (was_given && !is_given) || before.scheduled_on != after.scheduled_on;
    if leaves { skip(tx, &stop, by) } else { Ok(()) }
}

/// Takes an open stop off its route: it stays in the file as one the office removed.
pub(crate) fn skip(tx: &Transaction, stop: &Stop, by: By) -> Result<()> {
    let after = Stop { status: StopStatus::Skipped, finished_at: Some(by.at), ..stop.clone() };
    store::update_stop(tx, stop, &after)?;
    let mut change = store::get(tx, stop.route_id)?.concerns(None);
    change["version"] = stop.version.into();
    change["order"] = Value::from(stop.order_id.0);
    change["before"] = serde_json::json!({"status": stop.status.word()});
    change["after"] = serde_json::json!({"status": after.status.word()});
    journal::record(tx, &Entry { by, verb: "skip", noun: STOP, noun_id: Some(stop.id.0), change })
}
