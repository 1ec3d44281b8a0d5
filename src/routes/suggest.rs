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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Window;

    fn dice(seed: u64) -> impl FnMut(u64) -> u64 {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        move |sides| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state % sides
        }
    }

    fn some_stops(seed: u64) -> Vec<Waiting> {
        let mut roll = dice(seed);
        let count = roll(30) as i64;
        let stop = |id: i64, roll: &mut dyn FnMut(u64) -> u64| Waiting {
            stop: StopId(id + 1),
            seq: id + 1,
            status: if id == 3 && roll(2) == 0 { StopStatus::Arrived } else { StopStatus::Pending },
            arrived_at: None,
            origin: if roll(8) == 0 { Origin::Emergency } else { Origin::Phone },
            is_urgent: roll(6) == 0,
            window: [Window::MORNING, Window::AFTERNOON, Window::EVENING, Window::ALL_DAY][roll(4) as usize],
            area: (roll(5) != 0).then(|| format!("{}-區", char::from(b'A' + roll(4) as u8))),
            address: (roll(5) != 0).then(|| format!("範例市示範路 {} 號", roll(90) + 10)),
            cylinders: 1,
        };
        (0..count).map(|id| stop(id, &mut roll)).collect()
    }

    #[test]
    fn every_stop_comes_once_the_present_one_first_then_emergencies_then_what_ends_first() {
        for seed in 0..500 {
            let stops = some_stops(seed);
            let order = sorted(stops.clone());
            let mut ids = order.clone();
            ids.sort_unstable();
            assert_eq!(ids, stops.iter().map(|stop| stop.stop).collect::<Vec<_>>(), "seed {seed}");
            let by_id = |id: &StopId| &stops[id.0 as usize - 1];
            for pair in order.windows(2) {
                let (first, then) = (by_id(&pair[0]), by_id(&pair[1]));
                assert!(then.status != StopStatus::Arrived, "seed {seed}");
                if first.status == StopStatus::Arrived {
                    continue;
                }
                let rank = |stop: &Waiting| (stop.origin != Origin::Emergency, !stop.is_urgent, stop.window.end_minute());
                assert!(rank(first) <= rank(then), "seed {seed}");
                if rank(first) == rank(then) && first.area.is_some() && then.area.is_some() {
                    assert!(first.area <= then.area, "seed {seed}");
                }
            }
            // What is sorted stays as it is.
            let again: Vec<Waiting> = order.iter().enumerate().map(|(at, id)| Waiting { seq: at as i64, ..by_id(id).clone() }).collect();
            assert_eq!(sorted(again), order, "seed {seed}");
        }
    }
}
