//! An emergency follows its order and its stop: whoever drives it is who is sent, arriving is being there, and what is
//! delivered or cancelled is over.

use rusqlite::Transaction;
use serde_json::json;

use crate::emergencies::{Emergency, acts, store};
use crate::error::Result;
use crate::journal::By;
use crate::orders::{Order, Origin, Status};
use crate::routes::{Stop, StopStatus};
use crate::users;

/// Called by every write of an order, in its transaction. What the emergency itself has brought about finds nothing to do.
pub fn follow_order(tx: &Transaction, before: &Order, after: &Order, by: By) -> Result<()> {
    if after.origin != Origin::Emergency && before.origin != Origin::Emergency {
        return Ok(());
    }
    let Some(one) = store::of_order(tx, after.id)? else { return Ok(()) };
    match (before.status, after.status) {
        (from, Status::Delivered) if from != Status::Delivered && one.is_open() => {
            let arrived_at = one.arrived_at.or(Some(by.at));
            let done = Emergency { arrived_at, answered_at: one.answered_at.or(arrived_at), ..acts::closed(&one, by.at) };
            acts::commit(tx, &one, &done, "deliver", json!({}), by)?;
        }
        (from, Status::Cancelled) if from != Status::Cancelled && one.is_open() => {
            acts::commit(tx, &one, &acts::closed(&one, by.at), "cancel", json!({}), by)?;
        }
        // The driver takes back that it was delivered: he is still there.
        (Status::Delivered, Status::InDelivery | Status::Assigned) if before.delivered_at <= one.closed_at && !one.is_open() => {
            let again = Emergency { closed_at: None, ..one.clone() };
            acts::commit(tx, &one, &again, "reopen", json!({}), by)?;
        }
        // He has set out without a word.
        (Status::Assigned, Status::InDelivery) if one.is_unanswered() && one.driver_id.is_some() && one.driver_id == after.driver_id => {
            let goes = Emergency { answered_at: Some(by.at), ..one.clone() };
            acts::commit(tx, &one, &goes, "answer", json!({}), by)?;
        }
        _ if one.is_open() && before.driver_id != after.driver_id => follow_driver(tx, &one, before, after, by)?,
        _ => {}
    }
    Ok(())
}

/// Somebody has moved the order on the board, or the driver came back with it.
fn follow_driver(tx: &Transaction, one: &Emergency, before: &Order, after: &Order, by: By) -> Result<()> {
    match after.driver_id {
        Some(driver) if one.driver_id != Some(driver) => {
            let name = users::store::get(tx, driver)?.name;
            let answered_at = (after.status == Status::InDelivery).then_some(by.at);
            let sent = Emergency { driver_id: Some(driver), assigned_at: Some(by.at), answered_at, ..one.clone() };
            acts::commit(tx, one, &sent, "assign", json!({"driver": name}), by)?;
        }
        None if one.driver_id.is_some() && one.driver_id == before.driver_id => {
            let is_failed = before.attempt_count < after.attempt_count;
            let (verb, what) =
                if is_failed { ("fail", "沒處理成，請再派一位") } else { ("take_off", "沒有人去了，請再派一位") };
            acts::commit(tx, one, &acts::unsent(one, by.at), verb, json!({}), by)?;
            acts::tell_office(tx, one.id, what, by.at)?;
        }
        _ => {}
    }
    Ok(())
}

/// Called where a stop's state changes, in its transaction: who has reached it has answered, too.
pub fn follow_stop(tx: &Transaction, stop: &Stop, by: By) -> Result<()> {
    if stop.status != StopStatus::Arrived {
        return Ok(());
    }
    let Some(one) = store::of_order(tx, stop.order_id)?.filter(|one| one.is_open() && one.arrived_at.is_none()) else { return Ok(()) };
    let arrived_at = stop.arrived_at.or(Some(by.at));
    let there = Emergency { arrived_at, answered_at: one.answered_at.or(arrived_at), ..one.clone() };
    acts::commit(tx, &one, &there, "arrive", json!({}), by)?;
    Ok(())
}
