//! What people and programs say of a route: the fields of its form, and the same of JSON.

use crate::error::{Error, Problem};
use crate::routes::plan::Details;
use crate::routes::{Kind, NewRoute, Shift};
use crate::ui::FormReader;
use crate::values::{Day, UserId};

/// Characters of a note, as the tables have room for.
pub const NOTES: usize = 500;

/// What `form` says of a route that stands as `base`; JSON leaves alone what it does not name.
pub fn details(form: &mut FormReader, base: &Details) -> Details {
    let mut details = base.clone();
    if says(form, "area") {
        details.area_id = number(form, "area", "請選一個區域。");
    }
    if says(form, "shift") {
        details.shift = form.parsed("shift", "請選早、午、晚或全天。", Shift::from_word).unwrap_or(base.shift);
    }
    if says(form, "crew2") {
        details.crew2_id = number(form, "crew2", "請選一位在職的司機。");
    }
    if says(form, "vehicle") {
        details.vehicle_id = number(form, "vehicle", "請選一輛用得到的車。");
    }
    if says(form, "notes") {
        details.notes = form.optional("notes", NOTES);
    }
    details
}

/// A route that is to be made, of `day` unless the form names another.
pub fn new_route(form: &mut FormReader, day: Day) -> NewRoute {
    let blank = Details { area_id: None, shift: Shift::AllDay, crew2_id: None, vehicle_id: None, notes: None };
    let Details { area_id, shift, crew2_id, vehicle_id, notes } = details(form, &blank);
    let name = if form.is_json() { "route_on" } else { "day" };
    NewRoute {
        route_on: form.parsed(name, "日期要寫成 2025-05-28。", |text| text.parse().ok()).unwrap_or(day),
        area_id,
        shift,
        kind: form.parsed("kind", "沒有這種路線。", Kind::from_word).unwrap_or(Kind::Planned),
        driver_id: driver(form),
        crew2_id,
        vehicle_id,
        notes,
    }
}

/// Who is named as the driver.
pub fn driver(form: &mut FormReader) -> Option<UserId> {
    number(form, "driver", "請選一位在職的司機。")
}

fn says(form: &FormReader, name: &'static str) -> bool {
    !form.is_json() || form.has(name) || form.has(json_name(name))
}

fn number<T: std::str::FromStr>(form: &mut FormReader, name: &'static str, say: &'static str) -> Option<T> {
    let name = if form.is_json() { json_name(name) } else { name };
    form.parsed(name, say, |text| text.parse().ok())
}

/// The name JSON knows a field of the form by.
fn json_name(name: &str) -> &'static str {
    match name {
        "area" => "area_id",
        "crew2" => "crew2_id",
        "vehicle" => "vehicle_id",
        "driver" => "driver_id",
        "day" => "route_on",
        "shift" => "shift",
        "notes" => "notes",
        _ => "",
    }
}

/// The problems of a route under the names JSON knows the fields by.
pub fn in_json_names(error: Error) -> Error {
    let named = |Problem { field, say }| {
        let field = match json_name(&field) {
            "" => field,
            name => name.into(),
        };
        Problem { field, say }
    };
    match error {
        Error::Invalid(problems) => Error::Invalid(problems.into_iter().map(named).collect()),
        error => error,
    }
}
