use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use crate::error::{Doing, Error, Result};
use crate::journal::By;
use crate::orders::FailReason;
use crate::routes::{NOUN, NewRoute, Route, STOP, Shift, Status, Stop, StopStatus};
use crate::values::{AreaId, Day, OrderId, RouteId, Stamp, StopId, UserId, VehicleId};

mod list;
mod load;
mod waiting;

pub use list::{Asked, Listed, left_behind, list};
pub use load::{Goods, Piece, pieces, pieces_of_order};
pub use waiting::{Waiting, waiting};

/// One route; `NotFound` when there is none.
pub fn get(conn: &Connection, id: RouteId) -> Result<Route> {
    conn.prepare_cached("SELECT * FROM routes WHERE id = :id")
        .and_then(|mut query| query.query_row(named_params! {":id": id}, route).optional())
        .doing(format_args!("get route {id}"))?
        .ok_or_else(|| Error::not_found(NOUN, id))
}

/// Those of a day that were not cancelled, by their numbers.
pub fn of_day(conn: &Connection, day: Day) -> Result<Vec<Route>> {
    const SQL: &str = "
        /* routes: day */
        SELECT *
        FROM routes
        WHERE route_on = :day AND status <> 'cancelled'
        ORDER BY day_no";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":day": day}, route)?.collect())
        .doing(format_args!("list the routes of {day}"))
}

/// Those of a driver on a day, alone or helping, that were not cancelled; what runs first, then by their numbers.
pub fn of_driver(conn: &Connection, driver: UserId, day: Day) -> Result<Vec<Route>> {
    const SQL: &str = "
        /* routes: day of a driver */
        SELECT *
        FROM routes
        WHERE route_on = :day AND (driver_id = :driver OR crew2_id = :driver) AND status <> 'cancelled'
        ORDER BY status <> 'in_progress', day_no";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":driver": driver, ":day": day}, route)?.collect())
        .doing(format_args!("list the routes of driver {driver}"))
}

/// The route a driver is on now, of whatever day.
pub fn running_of(conn: &Connection, driver: UserId) -> Result<Option<Route>> {
    conn.prepare_cached("SELECT * FROM routes WHERE driver_id = :driver AND status = 'in_progress'")
        .and_then(|mut query| query.query_row(named_params! {":driver": driver}, route).optional())
        .doing(format_args!("find the running route of driver {driver}"))
}

/// Published and running routes of days before `day`: they stay in red until somebody closes them.
pub fn left_open(conn: &Connection, day: Day) -> Result<Vec<Route>> {
    const SQL: &str = "
        /* routes: left open */
        SELECT *
        FROM routes
        WHERE status IN ('published', 'in_progress') AND route_on < :day
        ORDER BY route_on, day_no";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":day": day}, route)?.collect())
        .doing("list the routes that were left open")
}

/// One stop; `NotFound` when there is none.
pub fn stop(conn: &Connection, id: StopId) -> Result<Stop> {
    conn.prepare_cached("SELECT * FROM stops WHERE id = :id")
        .and_then(|mut query| query.query_row(named_params! {":id": id}, read_stop).optional())
        .doing(format_args!("get stop {id}"))?
        .ok_or_else(|| Error::not_found(STOP, id))
}

/// The stops of a route in their order, those that were taken off too.
pub fn stops_of(conn: &Connection, route: RouteId) -> Result<Vec<Stop>> {
    conn.prepare_cached("SELECT * FROM stops WHERE route_id = :route ORDER BY seq, id")
        .and_then(|mut query| query.query_map(named_params! {":route": route}, read_stop)?.collect())
        .doing(format_args!("list the stops of route {route}"))
}

/// Those of a route still to be made, in their order.
pub fn open_stops(conn: &Connection, route: RouteId) -> Result<Vec<Stop>> {
    let mut stops = stops_of(conn, route)?;
    stops.retain(|stop| stop.status.is_open());
    Ok(stops)
}

/// The open route of a day that `vehicle` drives in `shift` already, other than `but`; an emergency goes when it must.
pub fn using_vehicle(conn: &Connection, vehicle: VehicleId, day: Day, shift: Shift, but: Option<RouteId>) -> Result<Option<Route>> {
    const SQL: &str = "
        /* routes: using a vehicle */
        SELECT *
        FROM routes
        WHERE vehicle_id = :vehicle
          AND route_on = :day
          AND status IN ('draft', 'published', 'in_progress')
          AND kind <> 'emergency'
          AND (shift = :shift OR 'all_day' IN (shift, :shift))
          AND id IS NOT :but
        ORDER BY day_no
        LIMIT 1";
    let named = named_params! {":vehicle": vehicle, ":day": day, ":shift": shift.word(), ":but": but};
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named, route).optional())
        .doing(format_args!("find the route of vehicle {vehicle}"))
}

/// The stop that holds `order`: still to be made, or completed.
pub fn held_by(conn: &Connection, order: OrderId) -> Result<Option<Stop>> {
    conn.prepare_cached("SELECT * FROM stops WHERE order_id = :order AND status IN ('pending', 'arrived', 'completed')")
        .and_then(|mut query| query.query_row(named_params! {":order": order}, read_stop).optional())
        .doing(format_args!("find the stop of order {order}"))
}

/// The how-manieth stop of its route `stop` is, what was taken off not counted.
pub fn number_of(conn: &Connection, stop: &Stop) -> Result<i64> {
    const SQL: &str = "
        SELECT count(*)
        FROM stops
        WHERE route_id = :route AND status <> 'skipped' AND (seq, id) <= (:seq, :id)";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":route": stop.route_id, ":seq": stop.seq, ":id": stop.id}, |row| row.get(0)))
        .doing(format_args!("count the stops before stop {}", stop.id))
}

/// Every stop an order ever had, the newest first.
pub fn stops_of_order(conn: &Connection, order: OrderId) -> Result<Vec<Stop>> {
    conn.prepare_cached("SELECT * FROM stops WHERE order_id = :order ORDER BY id DESC")
        .and_then(|mut query| query.query_map(named_params! {":order": order}, read_stop)?.collect())
        .doing(format_args!("list the stops of order {order}"))
}

/// Writes a new draft under the next number of its day.
pub fn insert(tx: &Transaction, new: &NewRoute, by: By) -> Result<RouteId> {
    const SQL: &str = "
        INSERT INTO routes (route_on, day_no, area_id, shift, kind, status, driver_id, crew2_id, vehicle_id, notes, created_by, created_at,
                            updated_at)
        VALUES (:day, (SELECT coalesce(max(day_no), 0) + 1 FROM routes WHERE route_on = :day), :area, :shift, :kind, 'draft', :driver,
                :crew2, :vehicle, :notes, :by, :at, :at)";
    tx.prepare_cached(SQL)
        .and_then(|mut insert| {
            insert.execute(named_params! {
                ":day": new.route_on,
                ":area": new.area_id,
                ":shift": new.shift.word(),
                ":kind": new.kind.word(),
                ":driver": new.driver_id,
                ":crew2": new.crew2_id,
                ":vehicle": new.vehicle_id,
                ":notes": new.notes,
                ":by": by.user,
                ":at": by.at,
            })
        })
        .doing("write a route")?;
    Ok(RouteId(tx.last_insert_rowid()))
}

/// Writes all of `after` that can change in the place of `before`, as its next version; `Conflict` when it has moved on
/// since `before` was read. Whoever calls it writes the journal.
pub fn update(tx: &Transaction, before: &Route, after: &Route, by: By) -> Result<()> {
    const SQL: &str = "
        /* routes: update */
        UPDATE routes
        SET area_id = :area,
            shift = :shift,
            kind = :kind,
            status = :status,
            driver_id = :driver,
            crew2_id = :crew2,
            vehicle_id = :vehicle,
            published_at = :published_at,
            started_at = :started_at,
            completed_at = :completed_at,
            odometer_start_km = :odometer_start,
            odometer_end_km = :odometer_end,
            notes = :notes,
            override_note = :override_note,
            updated_at = :at,
            version = version + 1
        WHERE id = :id AND version = :version";
    let changed = tx
        .prepare_cached(SQL)
        .and_then(|mut update| {
            update.execute(named_params! {
                ":id": before.id,
                ":version": before.version,
                ":area": after.area_id,
                ":shift": after.shift.word(),
                ":kind": after.kind.word(),
                ":status": after.status.word(),
                ":driver": after.driver_id,
                ":crew2": after.crew2_id,
                ":vehicle": after.vehicle_id,
                ":published_at": after.published_at,
                ":started_at": after.started_at,
                ":completed_at": after.completed_at,
                ":odometer_start": after.odometer_start_km,
                ":odometer_end": after.odometer_end_km,
                ":notes": after.notes,
                ":override_note": after.override_note,
                ":at": by.at,
            })
        })
        .doing(format_args!("update route {}", before.id))?;
    if changed == 1 {
        Ok(())
    } else {
        Err(Error::conflict("route is not at that version", "這條路線剛剛被別人改過，看一下再按一次。"))
    }
}

/// The routes of `from` are of `into`, for the two are one area now. It is only their name: nobody need look again.
pub fn move_area(tx: &Transaction, from: AreaId, into: AreaId) -> Result<()> {
    const SQL: &str = "
        UPDATE routes
        SET area_id = :into
        WHERE area_id = :from";
    tx.execute(SQL, named_params! {":from": from, ":into": into}).doing("move the routes of an area")?;
    Ok(())
}

/// Puts `order` on `route` at `seq`.
pub fn insert_stop(tx: &Transaction, route: RouteId, order: OrderId, seq: i64, by: By) -> Result<StopId> {
    const SQL: &str = "
        INSERT INTO stops (route_id, order_id, seq, status, added_at)
        VALUES (:route, :order, :seq, 'pending', :at)";
    tx.prepare_cached(SQL)
        .and_then(|mut insert| insert.execute(named_params! {":route": route, ":order": order, ":seq": seq, ":at": by.at}))
        .doing("write a stop")?;
    Ok(StopId(tx.last_insert_rowid()))
}

/// Writes all of `after` that can change in the place of `before`, as its next version; `Conflict` when it has moved on
/// since `before` was read. Whoever calls it writes the journal.
pub fn update_stop(tx: &Transaction, before: &Stop, after: &Stop) -> Result<()> {
    const SQL: &str = "
        /* stops: update */
        UPDATE stops
        SET route_id = :route,
            seq = :seq,
            status = :status,
            arrived_at = :arrived_at,
            finished_at = :finished_at,
            failure_reason = :failure_reason,
            failure_note = :failure_note,
            recipient = :recipient,
            no_proof = :no_proof,
            photo = :photo,
            signature = :signature,
            note = :note,
            cash_due_ntd = :cash_due,
            cash_handed_ntd = :cash_handed,
            cash_ntd = :cash,
            version = version + 1
        WHERE id = :id AND version = :version";
    let changed = tx
        .prepare_cached(SQL)
        .and_then(|mut update| {
            update.execute(named_params! {
                ":id": before.id,
                ":version": before.version,
                ":route": after.route_id,
                ":seq": after.seq,
                ":status": after.status.word(),
                ":arrived_at": after.arrived_at,
                ":finished_at": after.finished_at,
                ":failure_reason": after.failure_reason.map(FailReason::word),
                ":failure_note": after.failure_note,
                ":recipient": after.recipient,
                ":no_proof": after.no_proof,
                ":photo": after.photo,
                ":signature": after.signature,
                ":note": after.note,
                ":cash_due": after.cash_due,
                ":cash_handed": after.cash_handed,
                ":cash": after.cash,
            })
        })
        .doing(format_args!("update stop {}", before.id))?;
    if changed == 1 {
        Ok(())
    } else {
        Err(Error::conflict("stop is not at that version", "這一站剛剛被別人改過，看一下再按一次。"))
    }
}

fn route(row: &Row) -> rusqlite::Result<Route> {
    Ok(Route {
        id: row.get("id")?,
        number: row.get("route_number")?,
        route_on: row.get("route_on")?,
        area_id: row.get("area_id")?,
        shift: row.get("shift")?,
        kind: row.get("kind")?,
        status: row.get::<_, Status>("status")?,
        driver_id: row.get("driver_id")?,
        crew2_id: row.get("crew2_id")?,
        vehicle_id: row.get("vehicle_id")?,
        published_at: row.get("published_at")?,
        started_at: row.get("started_at")?,
        completed_at: row.get("completed_at")?,
        odometer_start_km: row.get("odometer_start_km")?,
        odometer_end_km: row.get("odometer_end_km")?,
        notes: row.get("notes")?,
        override_note: row.get("override_note")?,
        created_by: row.get("created_by")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        version: row.get("version")?,
    })
}

fn read_stop(row: &Row) -> rusqlite::Result<Stop> {
    Ok(Stop {
        id: row.get("id")?,
        route_id: row.get("route_id")?,
        order_id: row.get("order_id")?,
        seq: row.get("seq")?,
        status: row.get::<_, StopStatus>("status")?,
        added_at: row.get("added_at")?,
        arrived_at: row.get("arrived_at")?,
        finished_at: row.get("finished_at")?,
        failure_reason: row.get("failure_reason")?,
        failure_note: row.get("failure_note")?,
        recipient: row.get("recipient")?,
        no_proof: row.get("no_proof")?,
        photo: row.get("photo")?,
        signature: row.get("signature")?,
        note: row.get("note")?,
        cash_due: row.get("cash_due_ntd")?,
        cash_handed: row.get("cash_handed_ntd")?,
        cash: row.get("cash_ntd")?,
        version: row.get("version")?,
    })
}

/// Who last put `stop` on a route or moved it to another, by name, and when; `None` when the program did.
pub fn last_planned(conn: &Connection, stop: StopId) -> Result<Option<(String, Stamp)>> {
    const SQL: &str = "
        /* routes: who planned a stop */
        SELECT u.name, j.at
        FROM journal AS j
        JOIN users AS u ON u.id = j.user_id
        WHERE j.noun = 'stop' AND j.noun_id = :stop AND j.verb IN ('put', 'move')
        ORDER BY j.id DESC
        LIMIT 1";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":stop": stop}, |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .doing(format_args!("find who planned stop {stop}"))
}

/// Whether the last that happened to the row of `route` was this: `user` did `verb` while it was at `version`.
pub fn is_last_act(conn: &Connection, route: RouteId, user: UserId, verb: &str, version: i64) -> Result<bool> {
    const SQL: &str = "
        SELECT user_id IS :user AND verb = :verb AND change ->> 'version' = :version
        FROM journal
        WHERE noun = 'route' AND noun_id = :route AND change ->> 'version' IS NOT NULL
        ORDER BY id DESC
        LIMIT 1";
    let named = named_params! {":route": route, ":user": user, ":verb": verb, ":version": version};
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named, |row| row.get::<_, Option<bool>>(0)).optional())
        .doing(format_args!("read what was done last with route {route}"))
        .map(|is| is.flatten().unwrap_or(false))
}
