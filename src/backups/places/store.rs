use std::path::PathBuf;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use crate::backups::Name;
use crate::backups::places::Place;
use crate::error::{Doing, Result};
use crate::values::Stamp;

fn place(row: &Row) -> rusqlite::Result<Place> {
    let copy: Option<String> = row.get("copy")?;
    Ok(Place {
        id: row.get("id")?,
        label: row.get("label")?,
        folder: PathBuf::from(row.get::<_, String>("folder")?),
        is_present: row.get("is_present")?,
        since: row.get("since_at")?,
        copy: copy.as_deref().and_then(Name::parse),
        brought_at: row.get("brought_at")?,
        problem: row.get("problem")?,
        is_busy: false,
        free_bytes: None,
    })
}

/// All of them, in the order they were added.
pub fn list(conn: &Connection) -> Result<Vec<Place>> {
    const SQL: &str = "
        SELECT id, label, folder, is_present, since_at, copy, brought_at, problem
        FROM backup_places
        ORDER BY id";
    conn.prepare_cached(SQL).and_then(|mut query| query.query_map([], place)?.collect()).doing("list the second places")
}

pub fn find(conn: &Connection, id: i64) -> Result<Option<Place>> {
    const SQL: &str = "
        SELECT id, label, folder, is_present, since_at, copy, brought_at, problem
        FROM backup_places
        WHERE id = :id";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":id": id}, place).optional())
        .doing(format_args!("find second place {id}"))
}

/// Adds one that is there; the caller journals it. Its number.
pub fn add(tx: &Transaction, label: &str, folder: &str, now: Stamp) -> Result<i64> {
    const SQL: &str = "
        INSERT INTO backup_places (label, folder, added_at, is_present, since_at)
        VALUES (:label, :folder, :now, 1, :now)";
    tx.execute(SQL, named_params! {":label": label, ":folder": folder, ":now": now}).doing("add a second place")?;
    Ok(tx.last_insert_rowid())
}

/// Forgets it; the caller journals it.
pub fn remove(tx: &Transaction, id: i64) -> Result<()> {
    tx.execute("DELETE FROM backup_places WHERE id = :id", named_params! {":id": id}).doing(format_args!("remove second place {id}"))?;
    Ok(())
}

/// How it was when somebody was last there. That is no doing of anybody's, and stands in no journal.
pub fn set_seen(tx: &Transaction, place: &Place) -> Result<()> {
    const SQL: &str = "
        UPDATE backup_places
        SET is_present = :is_present,
            since_at = :since,
            copy = :copy,
            brought_at = :brought_at,
            problem = :problem
        WHERE id = :id";
    tx.execute(
        SQL,
        named_params! {
            ":id": place.id,
            ":is_present": place.is_present,
            ":since": place.since,
            ":copy": place.copy.as_ref().map(Name::to_string),
            ":brought_at": place.brought_at,
            ":problem": place.problem,
        },
    )
    .doing(format_args!("note how second place {} is", place.id))?;
    Ok(())
}
