//! What a driver sees on the phone under `/driver`: his routes, his stops, his day. One hand, in the sun, 360 × 640.
//!
//! Invariants
//! - Nothing of another driver's is shown, and nobody is told that it exists; a route that is a draft is nobody's yet.
//! - Of a customer only what this stop needs is shown: no balance, no tax id, no other stop's money.
//! - Every act is sent with a number drawn for it, so that pressing twice does it once; what it does is
//!   [`crate::stops`]' to say.

pub mod acts;
pub mod day;
pub mod fail;
pub mod frame;
pub mod pages;
pub mod route_view;
pub mod stop_view;
pub mod store;

use rusqlite::Connection;

use crate::error::{Error, Result};
use crate::orders::{Order, Origin, Payment};
use crate::routes::{self, NOUN, Route, STOP, Status, Stop, StopStatus};
use crate::stops::UNDO_MINUTES;
use crate::values::{Day, Ntd, RouteId, Stamp, StopId, UserId, Window};

/// Why nobody signed, in one tap.
pub const REGULAR: &str = "老客戶";
pub const AT_THE_DOOR: &str = "放門口";
/// The chip that opens the fields for whatever else there is to say.
pub const OTHER: &str = "other";

/// A route as the one who drives it, or helps, knows it.
#[derive(Clone, Debug)]
pub struct Way {
    pub route: Route,
    /// `北線早`, `路線 03`.
    pub title: String,
    /// Its number plate.
    pub plate: Option<String>,
    /// What was done on it may still be taken back.
    pub is_open_to_undo: bool,
    /// Somebody said 收工: nothing is left to be done with it.
    pub is_wrapped_up: bool,
}

/// One stop of it, with what is needed at the door.
#[derive(Clone, Debug)]
pub struct Visit {
    pub stop: Stop,
    /// Its place in the way as people count, from 1; what the office took off is not counted and has none.
    pub no: Option<usize>,
    pub order: Order,
    /// The customer's short name; of a passer-by the name he gave.
    pub name: String,
    /// Whom to ring: the number given with the order, else the customer's first.
    pub phone: Option<String>,
    /// Floor, dog, guard.
    pub access_note: Option<String>,
}

impl Visit {
    /// Goes before everything else.
    pub fn is_pressing(&self) -> bool {
        self.order.origin == Origin::Emergency || self.order.is_urgent
    }

    /// What is to be collected if all is left as ordered; `None` where nothing is.
    pub fn to_collect(&self) -> Option<Ntd> {
        (self.order.payment == Payment::Cash).then(|| (self.order.totals.total - self.order.paid).floor_at_zero())
    }

    /// When they expect the truck; `None` any time of the day.
    pub fn window(&self) -> Option<Window> {
        (self.order.window != Window::ALL_DAY).then_some(self.order.window)
    }

    /// What was recorded here may still be taken back by whoever drives `way`.
    pub fn may_be_undone(&self, way: &Way, now: Stamp) -> bool {
        let is_settled = matches!(self.stop.status, StopStatus::Completed | StopStatus::Failed);
        let is_fresh = self.stop.finished_at.is_some_and(|at| now <= at.plus_minutes(UNDO_MINUTES));
        way.is_open_to_undo && is_settled && is_fresh
    }

    /// `tel:` and the number, an extension left for the thumb.
    pub fn call(&self) -> Option<String> {
        let digits = |c: &char| c.is_ascii_digit() || *c == '+';
        let number = self.phone.as_deref()?.split(['#', '轉', '分']).next()?;
        let number: String = number.chars().filter(digits).collect();
        (!number.is_empty()).then(|| format!("tel:{number}"))
    }

    /// The phone's own map at the address; no server of anybody is asked.
    pub fn navigate(&self) -> Option<String> {
        let address = self.order.delivery_address.as_deref()?;
        Some(format!("geo:0,0?q={}", percent_encoding::utf8_percent_encode(address, percent_encoding::NON_ALPHANUMERIC)))
    }
}

/// Where the truck goes next: where it stands, else what is pressing, else the first still to be made.
pub fn next_of(visits: &[Visit]) -> Option<&Visit> {
    let here = visits.iter().find(|visit| visit.stop.status == StopStatus::Arrived);
    let open = |visit: &&Visit| visit.stop.status == StopStatus::Pending;
    here.or_else(|| visits.iter().filter(open).find(|visit| visit.is_pressing())).or_else(|| visits.iter().find(open))
}

/// The routes `driver` is to see on `today`, alone or helping: those left open on days before, then the day's; what is
/// still a draft is none.
pub fn ways_of(conn: &Connection, driver: UserId, today: Day) -> Result<Vec<Way>> {
    let mut found = routes::store::left_open(conn, today)?;
    found.retain(|route| route.crew().any(|user| user == driver));
    found.extend(routes::store::of_driver(conn, driver, today)?);
    found.retain(|route| route.status != Status::Draft);
    found.into_iter().map(|route| store::way(conn, route)).collect()
}

/// The route `id` of `driver`; `NotFound` when it is another's, or a draft.
pub fn way(conn: &Connection, id: RouteId, driver: UserId) -> Result<Way> {
    let route = routes::store::get(conn, id)?;
    if is_his(&route, driver) { store::way(conn, route) } else { Err(Error::not_found(NOUN, id)) }
}

/// The stop `id` of `driver` with its route; `NotFound` when it is another's.
pub fn visit(conn: &Connection, id: StopId, driver: UserId) -> Result<(Way, Visit)> {
    let (way, visit) = visit_of_anybody(conn, id)?;
    if is_his(&way.route, driver) { Ok((way, visit)) } else { Err(Error::not_found(STOP, id)) }
}

/// The stop `id` with its route, whosever it is: for acts, which [`crate::stops`] takes from somebody whose it was.
pub fn visit_of_anybody(conn: &Connection, id: StopId) -> Result<(Way, Visit)> {
    let stop = routes::store::stop(conn, id)?;
    let way = store::way(conn, routes::store::get(conn, stop.route_id)?)?;
    let visit = store::visits(conn, way.route.id)?.into_iter().find(|visit| visit.stop.id == id);
    Ok((way, visit.ok_or_else(|| Error::not_found(STOP, id))?))
}

/// Whether `driver` goes with `route` and has been told of it.
pub fn is_his(route: &Route, driver: UserId) -> bool {
    route.status != Status::Draft && route.crew().any(|user| user == driver)
}
