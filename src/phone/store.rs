use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::error::{Doing, Error, Result};
use crate::orders;
use crate::phone::{Visit, Way};
use crate::routes::{self, NOUN, Route, Status, StopStatus};
use crate::stops;
use crate::values::{RouteId, StopId, VehicleId};

/// `route` with the words people know it by.
pub fn way(conn: &Connection, route: Route) -> Result<Way> {
    const SQL: &str = "
        SELECT a.name AS area,
               v.plate
        FROM routes AS r
        LEFT JOIN areas AS a ON a.id = r.area_id
        LEFT JOIN vehicles AS v ON v.id = r.vehicle_id
        WHERE r.id = :route";
    let words = |row: &Row| Ok((row.get::<_, Option<String>>("area")?, row.get("plate")?));
    let (area, plate) = conn
        .prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":route": route.id}, words).optional())
        .doing(format_args!("name route {}", route.id))?
        .ok_or_else(|| Error::not_found(NOUN, route.id))?;
    let title = match area {
        Some(area) => format!("{area}{}", route.shift.label()),
        None => format!("路線 {}", route.short_number()),
    };
    let is_open_to_undo = stops::is_open_to_driver(conn, &route)?;
    let is_wrapped_up = route.status == Status::Completed && stops::store::is_wrapped_up(conn, &route)?;
    Ok(Way { route, title, plate, is_open_to_undo, is_wrapped_up })
}

/// What a stop needs of its customer.
struct People {
    name: String,
    phone: Option<String>,
    access_note: Option<String>,
}

/// The stops of `route` in their order, those that were taken off too, each with its order and whom to ring.
pub fn visits(conn: &Connection, route: RouteId) -> Result<Vec<Visit>> {
    let mut people = people(conn, route)?;
    let mut no = 0;
    let mut visits = Vec::new();
    for stop in routes::store::stops_of(conn, route)? {
        let order = orders::store::get(conn, stop.order_id)?;
        let Some(People { name, phone, access_note }) = people.remove(&stop.id) else { continue };
        let is_counted = stop.status != StopStatus::Skipped;
        no += usize::from(is_counted);
        visits.push(Visit { no: is_counted.then_some(no), name, phone, access_note, stop, order });
    }
    Ok(visits)
}

fn people(conn: &Connection, route: RouteId) -> Result<HashMap<StopId, People>> {
    const SQL: &str = "
        /* phone: people of a route */
        SELECT s.id AS stop_id,
               CASE WHEN c.is_walk_in THEN coalesce(o.contact_name, c.short_name) ELSE c.short_name END AS name,
               c.access_note,
               coalesce(o.contact_phone, (SELECT '0' || substr(p.e164, 5) FROM customer_phones AS p
                                          WHERE p.customer_id = c.id ORDER BY p.position LIMIT 1)) AS phone
        FROM stops AS s
        JOIN orders AS o ON o.id = s.order_id
        JOIN customers AS c ON c.id = o.customer_id
        WHERE s.route_id = :route";
    let person = |row: &Row| {
        let person = People { name: row.get("name")?, phone: row.get("phone")?, access_note: row.get("access_note")? };
        Ok((row.get("stop_id")?, person))
    };
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":route": route}, person)?.collect())
        .doing(format_args!("list the people of route {route}"))
}

/// Whether `vehicle` is on its way on another route than `route`.
pub fn goes_elsewhere(conn: &Connection, vehicle: VehicleId, route: RouteId) -> Result<bool> {
    conn.prepare_cached("SELECT 1 FROM routes WHERE vehicle_id = :vehicle AND status = 'in_progress' AND id <> :route")
        .and_then(|mut query| query.exists(named_params! {":vehicle": vehicle, ":route": route}))
        .doing(format_args!("look where vehicle {vehicle} is"))
}
