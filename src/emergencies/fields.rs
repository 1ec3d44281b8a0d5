//! An emergency as JSON: in the API and, before and after, in the journal. The names are the database's.

use serde_json::{Map, Value, json};

use crate::emergencies::{Emergency, Listed};
use crate::journal;
use crate::values::Stamp;

/// The whole of it, with the names that people call those in it.
pub fn json(listed: &Listed) -> Value {
    let one = &listed.emergency;
    json!({
        "id": one.id.0,
        "kind": one.kind.word(),
        "customer_id": one.customer_id.map(|id| id.0),
        "name": listed.name,
        "area": listed.area,
        "order_id": one.order_id.map(|id| id.0),
        "order_number": listed.order_number,
        "in_need_id": one.in_need.map(|id| id.0),
        "description": one.description,
        "phone": one.phone,
        "address": one.address,
        "created_by": one.created_by.map(|id| id.0),
        "created_at": one.created_at.to_string(),
        "driver_id": one.driver_id.map(|id| id.0),
        "driver_name": listed.driver,
        "assigned_at": text(one.assigned_at),
        "answered_at": text(one.answered_at),
        "arrived_at": text(one.arrived_at),
        "closed_at": text(one.closed_at),
        "alarmed_at": one.alarmed_at.to_string(),
        "alarms": one.alarms,
        "seen_at": text(one.seen_at),
        "seen_by": one.seen_by.map(|id| id.0),
        "target_minutes": one.kind.target_minutes(),
        "minutes_to_assigned": one.minutes_to_assigned(),
        "minutes_to_arrived": one.minutes_to_arrived(),
        "version": one.version,
    })
}

/// What the journal says when `before` becomes `after`: what differs, and the drivers it concerns, those of before too.
pub fn change(before: Option<&Emergency>, after: &Emergency) -> Value {
    let (was, is) = journal::differing(before.map(state).unwrap_or_default(), state(after));
    let people = before.into_iter().chain([after]).flat_map(|one| [one.driver_id, one.in_need]).flatten();
    let mut drivers: Vec<i64> = people.map(|id| id.0).collect();
    drivers.sort_unstable();
    drivers.dedup();
    json!({"version": before.map(|before| before.version), "drivers": drivers, "before": was, "after": is})
}

fn state(one: &Emergency) -> Map<String, Value> {
    let state = json!({
        "description": one.description,
        "driver_id": one.driver_id.map(|id| id.0),
        "assigned_at": text(one.assigned_at),
        "answered_at": text(one.answered_at),
        "arrived_at": text(one.arrived_at),
        "closed_at": text(one.closed_at),
        "alarms": one.alarms,
        "seen_at": text(one.seen_at),
    });
    match state {
        Value::Object(state) => state,
        _ => Map::new(),
    }
}

fn text(at: Option<Stamp>) -> Option<String> {
    at.map(|at| at.to_string())
}
