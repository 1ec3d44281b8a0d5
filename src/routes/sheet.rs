//! All that is known of one route: what its page and the API show.

use rusqlite::Connection;
use serde_json::{Value, json};

use crate::error::{Error, Result};
use crate::orders;
use crate::phone::{Visit, store::visits};
use crate::routes::eta::{Eta, etas};
use crate::routes::load::{Doubts, Load, doubts};
use crate::routes::store::{self, Asked, Listed};
use crate::routes::{NOUN, fields};
use crate::values::{RouteId, Stamp, StopId};
use crate::vehicles::{self, Vehicle};

/// A route with its stops in their order, those that were taken off too.
pub struct Sheet {
    pub listed: Listed,
    pub vehicle: Option<Vehicle>,
    pub visits: Vec<Visit>,
    /// Of the stops still to be made.
    pub etas: Vec<Eta>,
    /// What those bring, and what stands against it.
    pub load: Load,
    pub doubts: Doubts,
}

impl Sheet {
    pub fn eta(&self, stop: StopId) -> Option<Eta> {
        self.etas.iter().find(|eta| eta.stop == stop).copied()
    }
}

/// Route `id` as it stands at `now`; `NotFound` when there is none.
pub fn load(conn: &Connection, id: RouteId, now: Stamp) -> Result<Sheet> {
    let listed = store::list(conn, &Asked { id: Some(id), ..Asked::default() })?.pop().ok_or_else(|| Error::not_found(NOUN, id))?;
    let vehicle = listed.route.vehicle_id.map(|id| vehicles::store::get(conn, id)).transpose()?;
    let load = Load::of(&store::pieces(conn, id, false)?);
    Ok(Sheet {
        visits: visits(conn, id)?,
        etas: etas(&listed.route, &store::waiting(conn, id)?, listed.last_at, now),
        doubts: doubts(&load, vehicle.as_ref()),
        load,
        vehicle,
        listed,
    })
}

/// A route of a list.
pub fn listed_json(listed: &Listed) -> Value {
    let mut object = fields::route(&listed.route);
    object["area"] = json!(listed.area);
    object["driver"] = json!(listed.driver);
    object["crew2"] = json!(listed.crew2);
    object["plate"] = json!(listed.plate);
    object["counts"] = json!({"stops": listed.stops, "completed": listed.completed, "failed": listed.failed, "open": listed.open()});
    object
}

/// One route with its stops and what it carries.
pub fn json(sheet: &Sheet) -> Value {
    let mut object = listed_json(&sheet.listed);
    object["stops"] = sheet.visits.iter().map(|visit| stop_json(sheet, visit)).collect();
    let goods = sheet.load.goods.iter().map(|goods| json!({"product_id": goods.product.0, "name": goods.name, "qty": goods.qty}));
    object["load"] = json!({
        "gas_g": sheet.load.gas.0,
        "gross_g": sheet.load.gross.0,
        "goods": goods.collect::<Vec<_>>(),
        "warnings": sheet.doubts.all().collect::<Vec<_>>(),
    });
    object
}

/// One of its stops with the order it brings.
pub fn stop_json(sheet: &Sheet, visit: &Visit) -> Value {
    let mut object = fields::stop(&visit.stop);
    let eta = sheet.eta(visit.stop.id);
    object["number"] = json!(visit.no);
    object["eta"] = json!(eta.map(|eta| eta.at.to_string()));
    object["is_late"] = eta.is_some_and(|eta| eta.is_late).into();
    object["customer"] = json!(visit.name);
    object["phone"] = json!(visit.phone);
    object["access_note"] = json!(visit.access_note);
    object["order"] = orders::fields::json(&visit.order);
    object
}
