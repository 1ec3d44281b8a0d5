use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use serde_json::json;

use crate::customers::{AREA, Area};
use crate::db;
use crate::drivers;
use crate::error::{Doing, Error, Result};
use crate::journal::{self, By, Entry};
use crate::routes;
use crate::values::AreaId;

/// Every area with its customers, by name.
pub fn areas(conn: &Connection) -> Result<Vec<Area>> {
    const SQL: &str = "
        SELECT a.id,
               a.name,
               count(c.id) AS customers,
               ifnull(sum(c.is_active AND NOT c.is_terminated), 0) AS active
        FROM areas AS a
        LEFT JOIN customers AS c ON c.area_id = a.id
        GROUP BY a.id
        ORDER BY a.name";
    conn.prepare_cached(SQL).and_then(|mut query| query.query_map([], one)?.collect()).doing("list the areas")
}

/// Every area by name, without its customers.
pub fn area_names(conn: &Connection) -> Result<Vec<(AreaId, String)>> {
    const SQL: &str = "
        SELECT id, name
        FROM areas
        ORDER BY name";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map([], |row| Ok((row.get("id")?, row.get("name")?)))?.collect())
        .doing("list the names of the areas")
}

/// One area; `NotFound` when there is none.
pub fn area(conn: &Connection, id: AreaId) -> Result<Area> {
    const SQL: &str = "
        SELECT id, name,
               (SELECT count(*) FROM customers WHERE area_id = areas.id) AS customers,
               (SELECT count(*) FROM customers WHERE area_id = areas.id AND is_active AND NOT is_terminated) AS active
        FROM areas
        WHERE id = :id";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":id": id}, one).optional())
        .doing(format_args!("get area {id}"))?
        .ok_or_else(|| Error::not_found(AREA, id))
}

fn one(row: &Row) -> rusqlite::Result<Area> {
    Ok(Area { id: row.get("id")?, name: row.get("name")?, customers: row.get("customers")?, active: row.get("active")? })
}

/// Whether there is an area called `name`.
pub fn is_area(conn: &Connection, name: &str) -> Result<bool> {
    conn.prepare_cached("SELECT EXISTS (SELECT 1 FROM areas WHERE name = :name)")
        .and_then(|mut query| query.query_row(named_params! {":name": name}, |row| row.get(0)))
        .doing("look for an area")
}

/// The area called `name`, made when there is none.
pub fn area_named(tx: &Transaction, name: &str) -> Result<AreaId> {
    const SQL: &str = "
        INSERT INTO areas (name) VALUES (:name)
        ON CONFLICT (name) DO UPDATE SET name = name
        RETURNING id";
    tx.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":name": name}, |row| row.get(0)))
        .doing("find or make an area")
}

/// Gives an area another name. `Invalid` when one is called so already: then a person may merge them.
pub fn rename_area(tx: &Transaction, area: &Area, name: &str, by: By) -> Result<()> {
    match tx.execute("UPDATE areas SET name = :name WHERE id = :id", named_params! {":name": name, ":id": area.id}) {
        Ok(_) => {}
        Err(error) if db::is_unique_violation(&error) => {
            return Err(Error::invalid("name", format!("已經有「{name}」。要合成一區，用下面的併入。")));
        }
        Err(error) => return Err(error).doing("rename an area"),
    }
    let change = json!({"before": {"name": area.name}, "after": {"name": name}});
    journal::record(tx, &Entry { by, verb: "rename", noun: AREA, noun_id: Some(area.id.0), change })
}

/// Moves everybody of `from` to `into` and takes `from` off the map; one journal row names both.
pub fn merge_area(tx: &Transaction, from: &Area, into: &Area, by: By) -> Result<()> {
    const MOVE: &str = "
        UPDATE customers
        SET area_id = :into,
            version = version + 1,
            updated_at = :at
        WHERE area_id = :from";
    tx.execute(MOVE, named_params! {":from": from.id, ":into": into.id, ":at": by.at}).doing("move the customers of an area")?;
    drivers::store::move_area(tx, from.id, into.id)?;
    routes::store::move_area(tx, from.id, into.id)?;
    tx.execute("DELETE FROM areas WHERE id = :from", named_params! {":from": from.id}).doing("take an area off the map")?;
    let change = json!({"before": {"name": from.name}, "into": {"id": into.id.0, "name": into.name}, "customers": from.customers});
    journal::record(tx, &Entry { by, verb: "merge", noun: AREA, noun_id: Some(from.id.0), change })
}
