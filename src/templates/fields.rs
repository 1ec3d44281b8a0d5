//! A template as JSON: in the API and, before and after, in the journal. The names are the database's.

use serde_json::{Map, Value, json};

use crate::templates::recurrence::Rhythm;
use crate::templates::{Details, Template};

/// The whole template.
pub fn json(template: &Template) -> Value {
    let mut answer = json!({
        "id": template.id.0,
        "code": template.code,
        "customer_id": template.customer_id.0,
        "times_used": template.times_used,
        "last_used_at": template.last_used_at.map(|at| at.to_string()),
        "is_active": template.stopped.is_none(),
        "stopped_why": template.stopped.map(|why| why.word()),
        "is_stop_seen": template.is_stop_seen,
        "created_at": template.created_at.to_string(),
        "updated_at": template.updated_at.to_string(),
        "version": template.version,
    });
    if let Value::Object(map) = &mut answer {
        map.extend(details(&template.details));
    }
    answer
}

/// What the office says of it.
pub fn details(details: &Details) -> Map<String, Value> {
    let (weekdays, anchor_day) = match details.rhythm {
        Rhythm::Weekly { weekdays, .. } => (json!(weekdays), Value::Null),
        Rhythm::Monthly { anchor_day, .. } => (Value::Null, json!(anchor_day)),
        Rhythm::ByHand | Rhythm::Daily { .. } => (Value::Null, Value::Null),
    };
    let lines = details.lines.iter().map(|line| {
        json!({
            "product_id": line.product_id.0,
            "product_name": line.product_name,
            "qty": line.qty,
        })
    });
    let object = json!({
        "name": details.name,
        "lines": lines.collect::<Vec<_>>(),
        "notes": details.notes,
        "payment_method": details.payment.word(),
        "is_urgent": details.is_urgent,
        "recurrence": details.rhythm.recurrence().word(),
        "every": details.rhythm.every(),
        "weekdays": weekdays,
        "anchor_day": anchor_day,
        "next_on": details.next_on.map(|day| day.to_string()),
        "end_on": details.end_on.map(|day| day.to_string()),
    });
    match object {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// The fields that differ: as they were, and as they are.
pub fn changes(before: &Details, after: &Details) -> (Map<String, Value>, Map<String, Value>) {
    let (mut old, mut new) = (details(before), details(after));
    old.retain(|name, value| new.get(name) != Some(value));
    new.retain(|name, _| old.contains_key(name));
    (old, new)
}
