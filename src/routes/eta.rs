//! When the truck will be where, as far as anybody can say without a map (business §11): a hint, never a promise.

use crate::routes::store::Waiting;
use crate::routes::{Route, Shift, Status, StopStatus};
use crate::values::{Stamp, StopId};

/// Minutes at a customer, and for each cylinder carried in.
const AT_A_STOP: i64 = 5;
const A_CYLINDER: i64 = 1;
/// Minutes from one customer to the next; how far apart they live nobody knows.
const BETWEEN: i64 = 8;

/// When a stop will be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eta {
    pub stop: StopId,
    /// Of the stop where the truck stands, when it came there.
    pub at: Stamp,
    /// Whoever waits there expects it earlier.
    pub is_late: bool,
}

/// One for each of `waiting`, which are the open stops of `route` in their order, as seen at `now`. `last` is when the
/// stop before them was done with.
pub fn etas(route: &Route, waiting: &[Waiting], last: Option<Stamp>, now: Stamp) -> Vec<Eta> {
    let mut free = match route.status {
        // The last stop is not left before it is done with.
        Status::InProgress => last.or(route.started_at).unwrap_or(now),
        Status::Draft | Status::Published | Status::Completed | Status::Cancelled => now.max(begins(route)),
    };
    let mut etas = Vec::with_capacity(waiting.len());
    for stop in waiting {
        let arrived = stop.arrived_at.filter(|_| stop.status == StopStatus::Arrived);
        let at = arrived.unwrap_or_else(|| now.max(free.plus_minutes(BETWEEN)));
        free = now.max(at.plus_minutes(AT_A_STOP + A_CYLINDER * stop.cylinders));
        let end = stop.window.end_minute();
        let expected = Stamp::taipei(route.route_on, 0, 0).plus_minutes(i64::from(end));
        etas.push(Eta { stop: stop.stop, at, is_late: expected < at || (arrived.is_none() && expected < now) });
    }
    etas
}

/// When it goes out, by its shift.
fn begins(route: &Route) -> Stamp {
    let hour = match route.shift {
        Shift::Morning | Shift::AllDay => 8,
        Shift::Noon => 12,
        Shift::Evening => 17,
    };
    Stamp::taipei(route.route_on, hour, 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::Origin;
    use crate::routes::Kind;
    use crate::values::{Day, RouteId, Window};

    fn at(hour: u32, minute: u32) -> Stamp {
        Stamp::taipei(day(), hour, minute)
    }

    fn day() -> Day {
        Day::new(2025, 5, 28).unwrap()
    }

    fn route(status: Status, shift: Shift) -> Route {
        Route {
            id: RouteId(1),
            number: "R-20250528-01".to_owned(),
            route_on: day(),
            area_id: None,
            shift,
            kind: Kind::Planned,
            status,
            driver_id: None,
            crew2_id: None,
            vehicle_id: None,
            published_at: None,
            started_at: Some(at(9, 0)),
            completed_at: None,
            odometer_start_km: None,
            odometer_end_km: None,
            notes: None,
            override_note: None,
            created_by: None,
            created_at: at(7, 0),
            updated_at: at(7, 0),
            version: 1,
        }
    }

    fn stop(id: i64, cylinders: i64, arrived: Option<Stamp>, window: Window) -> Waiting {
        Waiting {
            stop: StopId(id),
            seq: id,
            status: if arrived.is_some() { StopStatus::Arrived } else { StopStatus::Pending },
            arrived_at: arrived,
            origin: Origin::Phone,
            is_urgent: false,
            window,
            area: None,
            address: None,
            cylinders,
        }
    }

    #[test]
    fn each_stop_is_five_minutes_one_a_cylinder_and_eight_on_the_way() {
        let until = |hour| Window::hours(8, hour).unwrap();
        let three = |first: Option<Stamp>| vec![stop(1, 2, first, until(12)), stop(2, 1, None, until(11)), stop(3, 0, None, until(10))];
        type Case = (&'static str, Route, Vec<Waiting>, Option<Stamp>, Stamp, [(Stamp, bool); 3]);
        let cases: Vec<Case> = vec![
            // 10:22 + 8; 7 there, 8 on; 6 there, 8 on.
            (
                "just done with one",
                route(Status::InProgress, Shift::AllDay),
                three(None),
                Some(at(10, 22)),
                at(10, 22),
                [(at(10, 30), false), (at(10, 45), false), (at(10, 59), true)],
            ),
            (
                "overdue at the first",
                route(Status::InProgress, Shift::AllDay),
                three(None),
                Some(at(9, 30)),
                at(10, 22),
                [(at(10, 22), false), (at(10, 37), false), (at(10, 51), true)],
            ),
            (
                "standing there",
                route(Status::InProgress, Shift::AllDay),
                three(Some(at(10, 20))),
                Some(at(10, 0)),
                at(10, 22),
                [(at(10, 20), false), (at(10, 35), false), (at(10, 49), true)],
            ),
            (
                "standing there too long",
                route(Status::InProgress, Shift::AllDay),
                three(Some(at(9, 0))),
                None,
                at(10, 55),
                [(at(9, 0), false), (at(11, 3), true), (at(11, 17), true)],
            ),
            (
                "not begun, in the morning before",
                route(Status::Published, Shift::Morning),
                three(None),
                None,
                at(7, 0),
                [(at(8, 8), false), (at(8, 23), false), (at(8, 37), false)],
            ),
            (
                "a plan for the evening",
                route(Status::Draft, Shift::Evening),
                three(None),
                None,
                at(10, 22),
                [(at(17, 8), true), (at(17, 23), true), (at(17, 37), true)],
            ),
        ];
        for (what, route, waiting, last, now, want) in cases {
            let got: Vec<_> = etas(&route, &waiting, last, now).iter().map(|eta| (eta.at, eta.is_late)).collect();
            assert_eq!(got, want, "{what}");
        }
    }
}
