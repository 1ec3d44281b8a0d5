use rusqlite::Connection;

use crate::drivers::{self, Driver};
use crate::error::{Error, Problem, Result};
use crate::orders::{Order, Status};
use crate::routes::{Kind, NewRoute, Route, Shift, Stop, StopStatus, load, store};
use crate::users;
use crate::values::{Day, OrderId, StopId, UserId, VehicleId};
use crate::vehicles;

/// How far ahead a route is made, in days: as far as orders are taken (business §8).
const FARTHEST_DAYS: i64 = 30;

/// What whoever plans an order saw of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It was on no route.
    Unplanned,
    /// It was this stop, at this version.
    Stop(StopId, i64),
}

/// `Conflict`, with who has it and since when, unless `order` still stands as it was `seen`.
pub fn still(conn: &Connection, order: &Order, seen: Seen) -> Result<()> {
    let held = store::held_by(conn, order.id)?;
    let is_as_seen = match (&held, seen) {
        (None, Seen::Unplanned) => true,
        (Some(stop), Seen::Stop(id, version)) => stop.id == id && stop.version == version,
        (None, Seen::Stop(..)) | (Some(_), Seen::Unplanned) => false,
    };
    if is_as_seen {
        return Ok(());
    }
    let short = order.short_number();
    let say = match held {
        None => format!("{short} 剛剛被拿下路線了，看一下再排一次。"),
        Some(stop) => {
            let who = last_planner(conn, stop.id)?;
            let route = store::get(conn, stop.route_id)?;
            let to = match route.driver_id {
                Some(driver) => users::store::get(conn, driver)?.name,
                None => format!("路線 {}", route.short_number()),
            };
            match who {
                Some((name, at)) => format!("{short} {name} {at} 已排給{to}，看一下再排一次。"),
                None => format!("{short} 已排給{to}，看一下再排一次。"),
            }
        }
    };
    Err(Error::conflict("order stands elsewhere", say))
}

/// Who last put or moved `stop`, by name, and at what hour.
fn last_planner(conn: &Connection, stop: StopId) -> Result<Option<(String, String)>> {
    let planned = store::last_planned(conn, stop)?;
    Ok(planned.map(|(name, at)| (name, at.clock())))
}

/// `Conflict` unless `route` is at the version that was seen.
pub(in crate::routes) fn at_version(route: &Route, version: Option<i64>) -> Result<()> {
    if version.is_some_and(|version| version != route.version) {
        return Err(Error::conflict("route is not at that version", "這條路線剛剛被別人改過，看一下再按一次。"));
    }
    Ok(())
}

/// The driver `user`; `Invalid` at `field` unless he drives, may sign in and can be sent out.
pub(in crate::routes) fn can_drive(conn: &Connection, user: UserId, field: &'static str) -> Result<Driver> {
    let driver = match drivers::store::get(conn, user) {
        Err(Error::NotFound { .. }) => None,
        driver => Some(driver?).filter(|driver| driver.is_active),
    };
    let driver = driver.ok_or_else(|| Error::invalid(field, "請選一位在職的司機。"))?;
    if driver.is_available { Ok(driver) } else { Err(Error::invalid(field, format!("{}現在不出車，換一位。", driver.name))) }
}

/// `Conflict` when `driver` is on the way with a route.
pub(in crate::routes) fn is_free(conn: &Connection, driver: UserId, name: &str) -> Result<()> {
    match store::running_of(conn, driver)? {
        None => Ok(()),
        Some(running) => {
            let say = format!("{name}還在跑路線 {}，先結束那一條。", running.number);
            Err(Error::conflict("driver is on another route", say))
        }
    }
}

/// The vehicle `driver` usually takes, when it is in use and nobody else has it in that shift.
pub(super) fn usual_vehicle(conn: &Connection, driver: &Driver, day: Day, shift: Shift) -> Result<Option<VehicleId>> {
    let Some(id) = driver.default_vehicle else { return Ok(None) };
    let is_free = vehicles::store::get(conn, id)?.is_active && store::using_vehicle(conn, id, day, shift, None)?.is_none();
    Ok(is_free.then_some(id))
}

/// What is wrong with a route that is to be made.
pub(super) fn new_route(conn: &Connection, new: &NewRoute, today: Day) -> Result<()> {
    let mut problems = Vec::new();
    if new.route_on < today {
        problems.push(Problem { field: "day".into(), say: "日期已經過了。".into() });
    } else if today.plus(FARTHEST_DAYS) < new.route_on {
        problems.push(Problem { field: "day".into(), say: format!("最遠排到 {FARTHEST_DAYS} 天後。").into() });
    }
    if let Some(driver) = new.driver_id {
        gather(&mut problems, can_drive(conn, driver, "driver"))?;
    }
    crew2(conn, new.crew2_id, new.driver_id, &mut problems)?;
    if let Some(id) = new.vehicle_id {
        gather(&mut problems, vehicle(conn, id, (new.route_on, new.shift, new.kind), None))?;
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// What is wrong with `after`, of which only what [`super::Details`] names differs from `before`.
pub(super) fn changed_route(conn: &Connection, before: &Route, after: &Route) -> Result<()> {
    let mut problems = Vec::new();
    if before.crew2_id != after.crew2_id {
        crew2(conn, after.crew2_id, after.driver_id, &mut problems)?;
    }
    if before.vehicle_id != after.vehicle_id {
        match (before.status, after.vehicle_id) {
            (crate::routes::Status::InProgress, _) => {
                problems.push(Problem {
                    field: "vehicle".into(), say: "車已經出去了，不能換車。把站移到別條路線。".into()
                });
            }
            (crate::routes::Status::Published, None) => {
                problems.push(Problem { field: "vehicle".into(), say: "已發布的路線要有車。".into() });
            }
            _ => {}
        }
    }
    if let Some(id) = after.vehicle_id
        && (before.vehicle_id != after.vehicle_id || before.shift != after.shift)
    {
        gather(&mut problems, vehicle(conn, id, (after.route_on, after.shift, after.kind), Some(after)))?;
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// Adds what is wrong in `outcome` to `problems`; another error stays one.
pub(in crate::routes) fn gather<T>(problems: &mut Vec<Problem>, outcome: Result<T>) -> Result<()> {
    match outcome {
        Ok(_) => {}
        Err(Error::Invalid(more)) => problems.extend(more),
        Err(error) => return Err(error),
    }
    Ok(())
}

fn crew2(conn: &Connection, crew2: Option<UserId>, driver: Option<UserId>, problems: &mut Vec<Problem>) -> Result<()> {
    let Some(user) = crew2 else { return Ok(()) };
    if driver == Some(user) {
        problems.push(Problem { field: "crew2".into(), say: "隨車的人不能和司機同一位。".into() });
        return Ok(());
    }
    gather(problems, can_drive(conn, user, "crew2"))
}

/// Whether `id` may be driven: it is in use, and on one route a shift; an emergency takes what there is.
pub(in crate::routes) fn vehicle(
    conn: &Connection,
    id: VehicleId,
    (day, shift, kind): (Day, Shift, Kind),
    route: Option<&Route>,
) -> Result<vehicles::Vehicle> {
    let missing = || Error::invalid("vehicle", "請選一輛用得到的車。");
    let vehicle = match vehicles::store::get(conn, id) {
        Err(Error::NotFound { .. }) => return Err(missing()),
        vehicle => vehicle?,
    };
    if !vehicle.is_active {
        return Err(missing());
    }
    if kind == Kind::Emergency {
        return Ok(vehicle);
    }
    match store::using_vehicle(conn, id, day, shift, route.map(|route| route.id))? {
        None => Ok(vehicle),
        Some(other) => {
            let say = format!("{} 這個班已經排給路線 {}。", vehicle.plate, other.short_number());
            Err(Error::invalid("vehicle", say))
        }
    }
}

/// `Conflict` for a stop that is made, taken off or reached.
pub(super) fn is_movable(stop: &Stop) -> Result<()> {
    let say = match stop.status {
        StopStatus::Pending => return Ok(()),
        StopStatus::Arrived => "司機已經到這一站了，不能移走。",
        StopStatus::Completed => "這一站已經送完了，不能移走。",
        StopStatus::Failed => "這一站已經記了沒送成，不能移走。",
        StopStatus::Skipped => "這一站已經移走了。",
    };
    Err(Error::conflict("stop does not move any more", say))
}

/// Whether `order`, which stands at `held`, may be put on `route`; `Conflict` says why not.
pub(super) fn may_go(conn: &Connection, order: &Order, held: Option<&Stop>, route: &Route) -> Result<()> {
    if let Some(error) = crate::orders::steps::settled(order) {
        return Err(error);
    }
    if order.status == Status::Pending {
        let say = format!("{} 還沒確認，先確認再排。", order.short_number());
        return Err(Error::conflict("order is pending", say));
    }
    if let Some(stop) = held {
        is_movable(stop)?;
    }
    if route.route_on < order.scheduled_on {
        let say = format!("{} 是 {} 要送的，先改日期再排。", order.short_number(), order.scheduled_on.short());
        return Err(Error::conflict("order is for a later day", say));
    }
    // What goes on a draft is looked at when it is published.
    if route.status.is_out() { fits(conn, order.id, route) } else { Ok(()) }
}

/// Whether the vehicle that is out may go to the customer of `order`.
fn fits(conn: &Connection, order: OrderId, route: &Route) -> Result<()> {
    let Some(vehicle) = route.vehicle_id else { return Ok(()) };
    let vehicle = vehicles::store::get(conn, vehicle)?;
    let alone = load::Load::of(&store::pieces_of_order(conn, order)?);
    let doubts = load::doubts(&alone, Some(&vehicle));
    let overridden = route.override_note.is_some();
    let against = doubts.refused.first().or(doubts.for_manager.first().filter(|_| !overridden));
    match against {
        None => Ok(()),
        Some(why) => {
            Err(Error::conflict("vehicle does not fit", format!("路線 {} 開的是{}：{why}", route.short_number(), vehicle.kind.label())))
        }
    }
}
