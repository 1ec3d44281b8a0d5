//! What may be said of a driver: read from a form or from JSON, and as JSON in the API and the journal.

use serde_json::{Map, Value, json};

use crate::drivers::{Details, Driver};
use crate::error::Result;
use crate::journal;
use crate::ui::{FormReader, Typed};
use crate::values::phone::Phone;
use crate::values::{AreaId, VehicleId};

/// What the form says of a driver who was as `base`. JSON leaves alone what it does not name. A number without an area
/// code is one of `area_code`. `Invalid` with all that is wrong.
pub fn read(mut form: FormReader, base: &Details, area_code: &str) -> Result<Details> {
    // A form sends all its fields, JSON those it changes.
    let is_said = |form: &FormReader, name: &str| !form.is_json() || form.has(name);
    let mut details = base.clone();
    if is_said(&form, "phone") {
        details.phone = form.optional("phone", 40).and_then(|typed| match Phone::parse(&typed, area_code) {
            Ok(phone) => Some(phone.to_string()),
            Err(problem) => {
                form.problem("phone", problem.say());
                None
            }
        });
    }
    if is_said(&form, "default_vehicle_id") {
        details.default_vehicle = form.parsed("default_vehicle_id", "請選清單裡的車。", |typed| typed.parse::<VehicleId>().ok());
    }
    if is_said(&form, "area_ids") {
        let typed = form.all("area_ids");
        let mut areas: Vec<AreaId> = typed.iter().filter_map(|id| id.parse().ok()).collect();
        if areas.len() != typed.len() {
            form.problem("area_ids", "請選清單裡的區域。");
        }
        areas.sort_unstable();
        areas.dedup();
        details.areas = areas;
    }
    if is_said(&form, "is_available") {
        details.is_available = form.checked("is_available");
    }
    form.check()?;
    Ok(details)
}

/// The driver by his columns.
pub fn json(driver: &Driver) -> Map<String, Value> {
    let mut map = details(&driver.details());
    map.insert("id".to_owned(), json!(driver.user.0));
    map.insert("name".to_owned(), json!(driver.name));
    map.insert("is_active".to_owned(), json!(driver.is_active));
    map.insert("version".to_owned(), json!(driver.version));
    map
}

fn details(details: &Details) -> Map<String, Value> {
    let value = json!({
        "phone": details.phone,
        "default_vehicle_id": details.default_vehicle.map(|id| id.0),
        "area_ids": details.areas.iter().map(|id| id.0).collect::<Vec<_>>(),
        "is_available": details.is_available,
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// `now` with the fields of `changed`, as this program itself printed them; `None` when they are of no driver.
pub fn patched(now: &Details, changed: &Map<String, Value>) -> Option<Details> {
    let mut all = details(now);
    all.extend(changed.clone());
    let areas = all["area_ids"].as_array()?.iter().map(|id| id.as_i64().map(AreaId));
    Some(Details {
        phone: all["phone"].as_str().map(str::to_owned),
        default_vehicle: all["default_vehicle_id"].as_i64().map(VehicleId),
        areas: areas.collect::<Option<_>>()?,
        is_available: all["is_available"].as_bool()?,
    })
}

/// What differs, before and after.
pub fn changes(before: &Details, after: &Details) -> (Map<String, Value>, Map<String, Value>) {
    journal::differing(details(before), details(after))
}

/// The form as the record is.
pub fn pairs(details: &Details) -> Typed {
    let mut typed = Typed::default();
    typed.push("phone", details.phone.as_deref().unwrap_or_default());
    typed.push("default_vehicle_id", details.default_vehicle.map_or_else(String::new, |id| id.to_string()));
    for area in &details.areas {
        typed.push("area_ids", area.to_string());
    }
    if details.is_available {
        typed.push("is_available", "1");
    }
    typed
}
