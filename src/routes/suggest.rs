//! In what order a route's stops are best made, as far as anybody can say without a map (business §11): emergencies,
//! then whoever's window ends first, then from area to area and from door to door by the address.

use rusqlite::Connection;

use crate::error::Result;
use crate::orders::Origin;
use crate::routes::StopStatus;
use crate::routes::store::{self, Waiting};
use crate::values::{RouteId, StopId};

/// The open stops of route `id` in that order. Where the driver is now stays first; what is made is not named.
pub fn order(conn: &Connection, id: RouteId) -> Result<Vec<StopId>> {
    Ok(sorted(store::waiting(conn, id)?))
}

fn sorted(mut stops: Vec<Waiting>) -> Vec<StopId> {
    stops.sort_by(|a, b| key(a).cmp(&key(b)));
    stops.iter().map(|stop| stop.stop).collect()
}

/// What comes first has the smaller key; two alike stay as they were planned.
fn key(stop: &Waiting) -> (bool, bool, bool, u16, &str, &str, i64) {
    let is_here = stop.status == StopStatus::Arrived;
    let is_emergency = stop.origin == Origin::Emergency;
    let area = stop.area.as_deref().unwrap_or("\u{10FFFF}");
    let address = stop.address.as_deref().unwrap_or("\u{10FFFF}");
    (!is_here, !is_emergency, !stop.is_urgent, stop.window.end_minute(), area, address, stop.seq)
}
