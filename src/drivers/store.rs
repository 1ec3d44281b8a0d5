use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use serde_json::{Value, json};

use crate::customers::AREA;
use crate::drivers::{Details, Driver, NOUN, fields};
use crate::error::{Doing, Error, Result};
use crate::journal::{self, By, Entry};
use crate::values::{AreaId, UserId, VehicleId};
use crate::vehicles;

const SELECT: &str = "
    SELECT u.id,
           u.name,
           u.is_active,
           d.phone,
           d.default_vehicle_id,
           ifnull(d.is_available, 1) AS is_available,
           ifnull(d.version, 0) AS version
    FROM users AS u
    LEFT JOIN drivers AS d ON d.user_id = u.id
    WHERE u.role = 'driver'";

fn driver(row: &Row) -> rusqlite::Result<Driver> {
    Ok(Driver {
        user: row.get("id")?,
        name: row.get("name")?,
        phone: row.get("phone")?,
        default_vehicle: row.get("default_vehicle_id")?,
        areas: Vec::new(),
        is_available: row.get("is_available")?,
        is_active: row.get("is_active")?,
        version: row.get("version")?,
    })
}

/// One driver, who may be switched off; `NotFound` when nobody with that id drives.
pub fn get(conn: &Connection, user: UserId) -> Result<Driver> {
    const AREAS: &str = "
        SELECT area_id
        FROM driver_areas
        WHERE user_id = :user
        ORDER BY area_id";
    let found = conn
        .prepare_cached(&format!("{SELECT} AND u.id = :user"))
        .and_then(|mut query| query.query_row(named_params! {":user": user}, driver).optional())
        .doing(format_args!("get driver {user}"))?;
    let mut driver = found.ok_or_else(|| Error::not_found(NOUN, user))?;
    driver.areas = conn
        .prepare_cached(AREAS)
        .and_then(|mut query| query.query_map(named_params! {":user": user}, |row| row.get(0))?.collect())
        .doing(format_args!("list the areas of driver {user}"))?;
    Ok(driver)
}

/// Everybody who drives and may sign in, described or not, in the order they were added: the lanes of the board.
pub fn all(conn: &Connection) -> Result<Vec<Driver>> {
    const AREAS: &str = "
        SELECT user_id,
               area_id
        FROM driver_areas
        ORDER BY user_id, area_id";
    let mut drivers: Vec<Driver> = conn
        .prepare_cached(&format!("/* drivers: all */ {SELECT} AND u.is_active = 1 ORDER BY u.id"))
        .and_then(|mut query| query.query_map([], driver)?.collect())
        .doing("list the drivers")?;
    let areas: Vec<(UserId, AreaId)> = conn
        .prepare_cached(AREAS)
        .and_then(|mut query| query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .doing("list the areas of the drivers")?;
    let mut of: HashMap<UserId, Vec<AreaId>> = HashMap::new();
    for (user, area) in areas {
        of.entry(user).or_default().push(area);
    }
    for driver in &mut drivers {
        driver.areas = of.remove(&driver.user).unwrap_or_default();
    }
    Ok(drivers)
}

/// Writes what differs from `before`, if anything does. `Conflict` when `before` is not how the driver stands, `Invalid`
/// for a vehicle that is out of use.
pub fn set(tx: &Transaction, before: &Driver, details: &Details, by: By) -> Result<()> {
    const SQL: &str = "
        INSERT INTO drivers (user_id, phone, default_vehicle_id, is_available)
        VALUES (:user, :phone, :vehicle, :is_available)
        ON CONFLICT (user_id) DO UPDATE
        SET phone = excluded.phone,
            default_vehicle_id = excluded.default_vehicle_id,
            is_available = excluded.is_available,
            version = version + 1
        WHERE version = :version";
    let user = before.user;
    let (was, is) = fields::changes(&before.details(), details);
    if is.is_empty() {
        return Ok(());
    }
    if let Some(vehicle) = details.default_vehicle.filter(|vehicle| before.default_vehicle != Some(*vehicle)) {
        let vehicle = vehicles::store::get(tx, vehicle)?;
        if !vehicle.is_active {
            return Err(Error::invalid("default_vehicle_id", format!("{} 已經停用，請選別的車。", vehicle.plate)));
        }
    }
    let changed = tx
        .execute(
            SQL,
            named_params! {
                ":user": user,
                ":phone": details.phone,
                ":vehicle": details.default_vehicle,
                ":is_available": details.is_available,
                ":version": before.version,
            },
        )
        .doing(format_args!("describe driver {user}"))?;
    if changed != 1 {
        return Err(Error::conflict("driver is not at that version", "這位司機剛剛被別人改過，你的還沒存。"));
    }
    if before.areas != details.areas {
        set_areas(tx, user, &details.areas)?;
    }
    record(tx, by, user, json!({"version": before.version, "before": was, "after": is}))
}

fn set_areas(tx: &Transaction, user: UserId, areas: &[AreaId]) -> Result<()> {
    const CLEAR: &str = "
        DELETE FROM driver_areas
        WHERE user_id = :user";
    const ADD: &str = "
        INSERT INTO driver_areas (user_id, area_id)
        SELECT :user, id
        FROM areas
        WHERE id = :area";
    tx.execute(CLEAR, named_params! {":user": user}).doing(format_args!("clear the areas of driver {user}"))?;
    for area in areas {
        let added = tx.execute(ADD, named_params! {":user": user, ":area": area}).doing(format_args!("give driver {user} an area"))?;
        if added == 0 {
            return Err(Error::not_found(AREA, area));
        }
    }
    Ok(())
}

/// Whose usual vehicle `vehicle` was has none any more.
pub fn forget_vehicle(tx: &Transaction, vehicle: VehicleId, by: By) -> Result<()> {
    const SQL: &str = "
        UPDATE drivers
        SET default_vehicle_id = NULL,
            version = version + 1
        WHERE default_vehicle_id = :vehicle
        RETURNING user_id, version";
    let changed: Vec<(UserId, i64)> = tx
        .prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":vehicle": vehicle}, |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .doing(format_args!("take vehicle {vehicle} from its drivers"))?;
    for (user, version) in changed {
        let (was, is) = (json!({"default_vehicle_id": vehicle.0}), json!({"default_vehicle_id": null}));
        record(tx, by, user, json!({"version": version - 1, "before": was, "after": is}))?;
    }
    Ok(())
}

/// Whoever drove in `from` drives in `into`, for the two are one area now.
pub fn move_area(tx: &Transaction, from: AreaId, into: AreaId) -> Result<()> {
    const ADD: &str = "
        INSERT INTO driver_areas (user_id, area_id)
        SELECT user_id, :into
        FROM driver_areas
        WHERE area_id = :from
        ON CONFLICT DO NOTHING";
    const LEAVE: &str = "
        DELETE FROM driver_areas
        WHERE area_id = :from";
    tx.execute(ADD, named_params! {":from": from, ":into": into}).doing("give the drivers of an area another")?;
    tx.execute(LEAVE, named_params! {":from": from}).doing("take an area from its drivers")?;
    Ok(())
}

fn record(tx: &Transaction, by: By, user: UserId, change: Value) -> Result<()> {
    journal::record(tx, &Entry { by, verb: "edit", noun: NOUN, noun_id: Some(user.0), change })
}
