//! Who is asked first to go: whoever drives in the same area, then whoever has the fewest stops left (business §12).

use rusqlite::Connection;

use crate::drivers::{self, Driver};
use crate::emergencies::Emergency;
use crate::emergencies::store::{self, Whereabouts};
use crate::error::Result;
use crate::users::Seen;
use crate::values::{AreaId, CustomerId, Stamp, UserId};

/// Where somebody was longer ago than this says little of where he is (business §12).
pub const FRESH_MINUTES: i64 = 10;

/// A driver who can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub driver: UserId,
    pub name: String,
    pub phone: Option<String>,
    pub is_same_area: bool,
    pub stops_left: i64,
    pub is_running: bool,
    /// The name of the area his running route lies in.
    pub area_name: Option<String>,
    /// The customer he stands at, or drives to.
    pub stop_name: Option<String>,
    pub is_there: bool,
    /// When the shop last heard of him: a page he opened, a stop he reached or finished.
    pub last_contact_at: Option<Stamp>,
}

impl Candidate {
    /// Whether the shop has just heard of him.
    pub fn is_fresh(&self, now: Stamp) -> bool {
        self.last_contact_at.is_some_and(|at| now.minutes_since(at) < FRESH_MINUTES)
    }
}

/// Everybody who can be asked to go to `emergency`, best first.
pub fn of(conn: &Connection, emergency: &Emergency, seen: &Seen, now: Stamp) -> Result<Vec<Candidate>> {
    candidates(conn, emergency.customer_id, emergency.in_need, seen, now)
}

/// The same before it is one: everybody who can go to `customer`, or help `in_need`.
pub fn candidates(
    conn: &Connection,
    customer: Option<CustomerId>,
    in_need: Option<UserId>,
    seen: &Seen,
    now: Stamp,
) -> Result<Vec<Candidate>> {
    let whereabouts = store::whereabouts(conn)?;
    let area = match (customer, in_need) {
        (Some(customer), _) => store::area_of(conn, customer)?,
        (None, Some(driver)) => whereabouts.iter().find(|one| one.driver == driver).and_then(|one| one.area),
        (None, None) => None,
    };
    let can_go = |driver: &Driver| driver.is_active && driver.is_available && Some(driver.user) != in_need;
    let mut candidates: Vec<Candidate> = drivers::store::all(conn)?
        .into_iter()
        .filter(can_go)
        .map(|driver| {
            let here = whereabouts.iter().find(|one| one.driver == driver.user);
            candidate(driver, here, area, seen)
        })
        .collect();
    rank(&mut candidates, now);
    Ok(candidates)
}

fn candidate(driver: Driver, here: Option<&Whereabouts>, area: Option<AreaId>, seen: &Seen) -> Candidate {
    let drives_in = |area: AreaId| driver.areas.contains(&area) || here.is_some_and(|here| here.area == Some(area));
    let last_seen = seen.last_of(driver.user, here.and_then(|here| here.last_seen_at));
    Candidate {
        driver: driver.user,
        is_same_area: area.is_some_and(drives_in),
        name: driver.name,
        phone: driver.phone,
        stops_left: here.map_or(0, |here| here.stops_left),
        is_running: here.is_some_and(|here| here.is_running),
        area_name: here.and_then(|here| here.area_name.clone()),
        stop_name: here.and_then(|here| here.stop_name.clone()),
        is_there: here.is_some_and(|here| here.is_there),
        last_contact_at: last_seen.max(here.and_then(|here| here.last_stop_at)),
    }
}

/// The same area first, then the fewest stops left, then whoever the shop has just heard of, then as they were added.
fn rank(candidates: &mut [Candidate], now: Stamp) {
    candidates.sort_by_key(|one| (!one.is_same_area, one.stops_left, !one.is_fresh(now), one.driver));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_area_counts_before_the_stops_and_the_stops_before_the_last_word() {
        let now = Stamp::taipei("2025-05-28".parse().unwrap(), 10, 22);
        let one = |id: i64, is_same_area: bool, stops_left: i64, minutes: Option<i64>| Candidate {
            driver: UserId(id),
            name: id.to_string(),
            phone: None,
            is_same_area,
            stops_left,
            is_running: true,
            area_name: None,
            stop_name: None,
            is_there: false,
            last_contact_at: minutes.map(|minutes| now.plus_minutes(-minutes)),
        };
        /// In the same area, stops left, minutes since his last word.
        type Facts = (bool, i64, Option<i64>);
        let cases: [(&[Facts], &[i64]); 5] = [
            (&[(false, 2, Some(1)), (true, 9, None)], &[2, 1]),
            (&[(true, 6, Some(4)), (true, 3, Some(50)), (false, 0, Some(1))], &[2, 1, 3]),
            (&[(true, 3, Some(11)), (true, 3, Some(9)), (true, 3, None)], &[2, 1, 3]),
            (&[(false, 5, Some(10)), (false, 5, Some(11))], &[1, 2]),
            (&[(false, 0, None), (false, 0, None), (true, 0, None)], &[3, 1, 2]),
        ];
        for (drivers, want) in cases {
            let mut ranked: Vec<_> = (1..).zip(drivers).map(|(id, (area, left, word))| one(id, *area, *left, *word)).collect();
            rank(&mut ranked, now);
            let order: Vec<_> = ranked.iter().map(|one| one.driver.0).collect();
            assert_eq!(order, want, "{drivers:?}");
        }
    }
}
