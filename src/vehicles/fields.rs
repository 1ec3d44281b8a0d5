//! What may be said of a vehicle: read from a form or from JSON, and as JSON in the API and the journal.

use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::journal;
use crate::ui::{FormReader, Typed};
use crate::values::{Grams, text};
use crate::vehicles::{Details, Kind, Vehicle};

/// What the table lets a vehicle carry.
const HEAVIEST_KG: i64 = 20_000;

/// What the form says of a vehicle, new without a `base`. JSON leaves alone what it does not name. `Invalid` with all
/// that is wrong; a taken plate shows only when it is written.
pub fn read(mut form: FormReader, base: Option<&Details>) -> Result<Details> {
    // A form sends all its fields, JSON those it changes.
    let is_kept = |form: &FormReader, name: &str| form.is_json() && !form.has(name);
    let base = base.filter(|_| form.is_json());
    let plate = match base {
        Some(base) if is_kept(&form, "plate") => base.plate.clone(),
        _ => plate(&mut form),
    };
    let kind = match base {
        Some(base) if is_kept(&form, "kind") => base.kind,
        _ => kind(&mut form),
    };
    let max_gross = match base {
        Some(base) if is_kept(&form, "max_gross_kg") => base.max_gross,
        _ => {
            let kg = |typed: &str| text::narrow(typed).replace(',', "").parse().ok().filter(|kg| (1..=HEAVIEST_KG).contains(kg));
            let kg = form.parsed("max_gross_kg", "載重要在 1 到 20,000 公斤之間，不知道就空著。", kg);
            kg.map_or(kind.usual_max_gross(), Grams::from_kg)
        }
    };
    let note = match base {
        Some(base) if is_kept(&form, "note") => base.note.clone(),
        _ => form.optional("note", 200),
    };
    let is_active = if is_kept(&form, "is_active") { base.is_none_or(|base| base.is_active) } else { form.checked("is_active") };
    form.check()?;
    Ok(Details { plate, kind, max_gross, note, is_active })
}

/// In capitals and half width, so that one vehicle is not written in two ways.
fn plate(form: &mut FormReader) -> String {
    let plate = text::narrow(&form.need("plate", 12, "請填車號，例如 ABC-1234。")).to_uppercase();
    if plate.chars().any(text::is_blank) {
        form.problem("plate", "車號中間不能有空白。");
    }
    plate
}

fn kind(form: &mut FormReader) -> Kind {
    if form.text("kind").is_empty() {
        form.problem("kind", "請選一種車。");
    }
    form.parsed("kind", "請選一種車。", Kind::from_word).unwrap_or(Kind::Truck)
}

/// Whole kilograms, as the table keeps them.
pub fn whole_kg(weight: Grams) -> i64 {
    weight.0 / 1_000
}

/// The vehicle by its columns.
pub fn json(vehicle: &Vehicle) -> Map<String, Value> {
    let mut map = details(&vehicle.details());
    map.insert("id".to_owned(), json!(vehicle.id.0));
    map.insert("version".to_owned(), json!(vehicle.version));
    map
}

/// What may be changed, by its columns.
pub fn details(details: &Details) -> Map<String, Value> {
    let value = json!({
        "plate": details.plate,
        "kind": details.kind.word(),
        "max_gross_kg": whole_kg(details.max_gross),
        "note": details.note,
        "is_active": details.is_active,
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// `now` with the fields of `changed`, as this program itself printed them; `None` when they are of no vehicle.
pub fn patched(now: &Details, changed: &Map<String, Value>) -> Option<Details> {
    let mut all = details(now);
    all.extend(changed.clone());
    Some(Details {
        plate: all["plate"].as_str()?.to_owned(),
        kind: Kind::from_word(all["kind"].as_str()?)?,
        max_gross: Grams::from_kg(all["max_gross_kg"].as_i64()?),
        note: all["note"].as_str().map(str::to_owned),
        is_active: all["is_active"].as_bool()?,
    })
}

/// What differs, before and after.
pub fn changes(before: &Details, after: &Details) -> (Map<String, Value>, Map<String, Value>) {
    journal::differing(details(before), details(after))
}

/// The form as the record is.
pub fn pairs(details: &Details) -> Typed {
    let mut typed = Typed::default();
    typed.push("plate", details.plate.as_str());
    typed.push("kind", details.kind.word());
    typed.push("max_gross_kg", whole_kg(details.max_gross).to_string());
    typed.push("note", details.note.as_deref().unwrap_or_default());
    if details.is_active {
        typed.push("is_active", "1");
    }
    typed
}

/// Each field as people call it, with its value as they read it.
pub fn said(details: &Details) -> [(&'static str, String); 5] {
    [
        ("車號", details.plate.clone()),
        ("車種", details.kind.label().to_owned()),
        ("載重", format!("{} 公斤", details.max_gross)),
        ("備註", details.note.clone().unwrap_or_else(|| "—".to_owned())),
        ("使用", if details.is_active { "使用中" } else { "停用" }.to_owned()),
    ]
}
