//! A template as JSON: in the API and, before and after, in the journal. The names are the database's.

use serde_json::{Map, Value, json};

use crate::orders::Payment;
use crate::templates::recurrence::{Recurrence, Rhythm};
use crate::templates::{Details, Line, Template};
use crate::values::{Day, ProductId};

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

/// `details` with the fields of `changed`, as this program itself printed them: a journal row, a merge. `None` when
/// they are of no template.
pub fn patched(details: &Details, changed: &Map<String, Value>) -> Option<Details> {
    let mut all = self::details(details);
    all.extend(changed.clone());
    let text = |name: &str| all.get(name)?.as_str();
    let day = |name: &str| match all.get(name)?.as_str() {
        Some(day) => day.parse::<Day>().ok().map(Some),
        None => Some(None),
    };
    let number = |name: &str| all.get(name)?.as_i64();
    let every = number("every")?;
    let line = |line: &Value| {
        let product_id = ProductId(line["product_id"].as_i64()?);
        Some(Line { product_id, product_name: line["product_name"].as_str()?.to_owned(), qty: line["qty"].as_i64()? })
    };
    Some(Details {
        name: text("name")?.to_owned(),
        lines: all.get("lines")?.as_array()?.iter().map(line).collect::<Option<_>>()?,
        notes: text("notes").map(str::to_owned),
        payment: Payment::from_word(text("payment_method")?)?,
        is_urgent: all.get("is_urgent")?.as_bool()?,
        // What two people changed may not fit together; what was left out is what a rhythm begins with.
        rhythm: match Recurrence::from_word(text("recurrence")?)? {
            Recurrence::ByHand => Rhythm::ByHand,
            Recurrence::Daily => Rhythm::Daily { every },
            Recurrence::Weekly => Rhythm::Weekly { every, weekdays: number("weekdays").unwrap_or_default() as u8 },
            Recurrence::Monthly => Rhythm::Monthly { every, anchor_day: number("anchor_day").unwrap_or(1) as u32 },
        },
        next_on: day("next_on")?,
        end_on: day("end_on")?,
    })
}

/// What `details` says, line by line for people: two of them side by side show what differs.
pub fn said(details: &Details) -> [(&'static str, String); 8] {
    let day = |day: Option<Day>| day.map(Day::long).unwrap_or_default();
    [
        ("名稱", details.name.clone()),
        ("品項", details.items()),
        ("多久一次", details.rhythm_said()),
        ("下一次", day(details.next_on)),
        ("到哪天", day(details.end_on)),
        ("付款", details.payment.label().to_owned()),
        ("急件", if details.is_urgent { "急件" } else { "不急" }.to_owned()),
        ("備註", details.notes.clone().unwrap_or_default()),
    ]
}
