use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use serde_json::{Value, json};

use crate::db;
use crate::drivers;
use crate::error::{Doing, Error, Result};
use crate::journal::{self, By, Entry};
use crate::values::{Grams, VehicleId};
use crate::vehicles::{Details, NOUN, Vehicle, fields};

fn vehicle(row: &Row) -> rusqlite::Result<Vehicle> {
    Ok(Vehicle {
        id: row.get("id")?,
        plate: row.get("plate")?,
        kind: row.get("kind")?,
        max_gross: Grams::from_kg(row.get("max_gross_kg")?),
        note: row.get("note")?,
        is_active: row.get("is_active")?,
        version: row.get("version")?,
    })
}

/// One vehicle; `NotFound` when there is none.
pub fn get(conn: &Connection, id: VehicleId) -> Result<Vehicle> {
    conn.prepare_cached("SELECT * FROM vehicles WHERE id = :id")
        .and_then(|mut query| query.query_row(named_params! {":id": id}, vehicle).optional())
        .doing(format_args!("get vehicle {id}"))?
        .ok_or_else(|| Error::not_found(NOUN, id))
}

/// Every vehicle, those in use first, by plate.
pub fn list(conn: &Connection) -> Result<Vec<Vehicle>> {
    const SQL: &str = "
        SELECT *
        FROM vehicles
        ORDER BY is_active DESC, plate";
    conn.prepare_cached(SQL).and_then(|mut query| query.query_map([], vehicle)?.collect()).doing("list the vehicles")
}

/// Adds a vehicle. `Invalid` at `plate` when another has it.
pub fn insert(tx: &Transaction, details: &Details, by: By) -> Result<VehicleId> {
    const SQL: &str = "
        INSERT INTO vehicles (plate, kind, max_gross_kg, note, is_active)
        VALUES (:plate, :kind, :max_gross_kg, :note, :is_active)";
    tx.execute(
        SQL,
        named_params! {
            ":plate": details.plate,
            ":kind": details.kind.word(),
            ":max_gross_kg": fields::whole_kg(details.max_gross),
            ":note": details.note,
            ":is_active": details.is_active,
        },
    )
    .map_err(|error| taken(error, &details.plate))?;
    let id = VehicleId(tx.last_insert_rowid());
    record(tx, by, "create", id, json!({"after": fields::details(details)}))?;
    Ok(id)
}

/// Writes what differs from `before`, if anything does; one that goes out of use is nobody's usual vehicle any more.
/// `Conflict` when `before` is not how the vehicle stands, `Invalid` when the plate is another's.
pub fn update(tx: &Transaction, before: &Vehicle, details: &Details, by: By) -> Result<()> {
    const SQL: &str = "
        UPDATE vehicles
        SET plate = :plate,
            kind = :kind,
            max_gross_kg = :max_gross_kg,
            note = :note,
            is_active = :is_active,
            version = version + 1
        WHERE id = :id AND version = :version";
    let (was, is) = fields::changes(&before.details(), details);
    if is.is_empty() {
        return Ok(());
    }
    let changed = tx
        .execute(
            SQL,
            named_params! {
                ":plate": details.plate,
                ":kind": details.kind.word(),
                ":max_gross_kg": fields::whole_kg(details.max_gross),
                ":note": details.note,
                ":is_active": details.is_active,
                ":id": before.id,
                ":version": before.version,
            },
        )
        .map_err(|error| taken(error, &details.plate))?;
    if changed != 1 {
        return Err(Error::conflict("vehicle is not at that version", "這輛車剛剛被別人改過，你的還沒存。"));
    }
    record(tx, by, "edit", before.id, json!({"version": before.version, "before": was, "after": is}))?;
    if before.is_active && !details.is_active {
        drivers::store::forget_vehicle(tx, before.id, by)?;
    }
    Ok(())
}

fn taken(error: rusqlite::Error, plate: &str) -> Error {
    if db::is_unique_violation(&error) {
        return Error::invalid("plate", format!("車號 {plate} 已經有了，看一下清單，停用的也算。"));
    }
    Error::internal("save a vehicle", error)
}

fn record(tx: &Transaction, by: By, verb: &str, id: VehicleId, change: Value) -> Result<()> {
    journal::record(tx, &Entry { by, verb, noun: NOUN, noun_id: Some(id.0), change })
}
