//! A route and a stop as JSON: in the API and, before and after, in the journal. The names are the database's.

use serde_json::{Map, Value, json};

use crate::routes::{Route, Stop};

/// The whole route, without its stops.
pub fn route(route: &Route) -> Value {
    json!({
        "id": route.id.0,
        "route_number": route.number,
        "route_on": route.route_on.to_string(),
        "area_id": route.area_id.map(|id| id.0),
        "shift": route.shift.word(),
        "kind": route.kind.word(),
        "status": route.status.word(),
        "driver_id": route.driver_id.map(|id| id.0),
        "crew2_id": route.crew2_id.map(|id| id.0),
        "vehicle_id": route.vehicle_id.map(|id| id.0),
        "published_at": route.published_at.map(|at| at.to_string()),
        "started_at": route.started_at.map(|at| at.to_string()),
        "completed_at": route.completed_at.map(|at| at.to_string()),
        "odometer_start_km": route.odometer_start_km,
        "odometer_end_km": route.odometer_end_km,
        "notes": route.notes,
        "override_note": route.override_note,
        "created_by": route.created_by.map(|id| id.0),
        "created_at": route.created_at.to_string(),
        "updated_at": route.updated_at.to_string(),
        "version": route.version,
    })
}

/// The whole stop.
pub fn stop(stop: &Stop) -> Value {
    json!({
        "id": stop.id.0,
        "route_id": stop.route_id.0,
        "order_id": stop.order_id.0,
        "seq": stop.seq,
        "status": stop.status.word(),
        "added_at": stop.added_at.to_string(),
        "arrived_at": stop.arrived_at.map(|at| at.to_string()),
        "finished_at": stop.finished_at.map(|at| at.to_string()),
        "failure_reason": stop.failure_reason.map(|reason| reason.word()),
        "failure_note": stop.failure_note,
        "recipient": stop.recipient,
        "no_proof": stop.no_proof,
        "photo": stop.photo,
        "signature": stop.signature,
        "note": stop.note,
        "cash_due_ntd": stop.cash_due.map(|amount| amount.0),
        "cash_handed_ntd": stop.cash_handed.map(|amount| amount.0),
        "cash_ntd": stop.cash.map(|amount| amount.0),
        "version": stop.version,
    })
}

/// Of two such objects what differs, before and after; version and hour of a change are the journal's own.
pub fn differences(before: &Value, after: &Value) -> (Value, Value) {
    let differs = |name: &str| !matches!(name, "version" | "updated_at") && before[name] != after[name];
    let only = |object: &Value| {
        let fields = object.as_object().into_iter().flatten();
        Value::Object(fields.filter(|(name, _)| differs(name)).map(|(name, value)| (name.clone(), value.clone())).collect::<Map<_, _>>())
    };
    (only(before), only(after))
}
