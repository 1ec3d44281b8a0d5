use rusqlite::{Connection, OptionalExtension, Row, named_params};
use serde_json::Value;

use super::Counts;
use super::loss::{Loss, Moment};
use super::pages::Last;
use crate::backups::{self, NOUN};
use crate::error::{Doing, Error, Result};
use crate::values::Stamp;

/// The last row of the journal not after row `most`.
pub fn moment(conn: &Connection, most: i64) -> Result<Option<Moment>> {
    const SQL: &str = "
        SELECT id, at, verb, noun, noun_id
        FROM journal
        WHERE id <= :most
        ORDER BY id DESC
        LIMIT 1";
    conn.prepare_cached(SQL)
        .and_then(|mut query| {
            query
                .query_row(named_params! {":most": most}, |row| {
                    let what = (row.get("verb")?, row.get("noun")?, row.get("noun_id")?);
                    Ok(Moment { row: row.get("id")?, at: row.get("at")?, what })
                })
                .optional()
        })
        .doing("read a moment of the journal")
}

/// What was done in the shop of `conn` after `since`; everything when that is not given. A file of an older schema has not
/// had what it has no table for.
pub fn done_since(conn: &Connection, since: Option<&Moment>) -> Result<Loss> {
    let (at, row) = since.map_or((Stamp(i64::MIN), i64::MIN), |since| (since.at, since.row));
    let count = |table: &str, column: &str, after: i64| {
        let sql = format!("SELECT count(*) FROM {table} WHERE :after < {column}");
        match conn.query_row(&sql, named_params! {":after": after}, |row| row.get(0)) {
            Err(rusqlite::Error::SqlInputError { .. } | rusqlite::Error::SqliteFailure(..)) if !has_table(conn, table)? => Ok(0),
            counted => counted.doing("count what a restore would lose"),
        }
    };
    Ok(Loss {
        since: since.map(|since| since.at),
        customers: count("customers", "created_at", at.0)?,
        orders: count("orders", "created_at", at.0)?,
        deliveries: count("orders", "delivered_at", at.0)?,
        payments: count("payments", "created_at", at.0)?,
        imports: count("imports", "applied_at", at.0)?,
        changes: changes(conn, row)?,
    })
}

/// Rows of the journal after `row`, but for those that tell of copies.
fn changes(conn: &Connection, row: i64) -> Result<i64> {
    const SQL: &str = "SELECT count(*) FROM journal WHERE :row < id AND noun <> :noun";
    conn.query_row(SQL, named_params! {":row": row, ":noun": NOUN.word}, |row| row.get(0)).doing("count what a restore would lose")
}

fn has_table(conn: &Connection, name: &str) -> Result<bool> {
    conn.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)", [name], |row| row.get(0))
        .doing("look for a table")
}

/// What people know the open shop by.
pub fn counts(conn: &Connection) -> Result<Counts> {
    const SQL: &str = "
        /* restore: counts */
        SELECT (SELECT count(*) FROM customers) AS customers,
               (SELECT count(*) FROM deliveries) + (SELECT count(*) FROM delivery_history) AS deliveries,
               (SELECT count(*) FROM orders) AS orders";
    let days = backups::store::delivery_days(conn)?;
    conn.query_row(SQL, [], |row| {
        Ok(Counts { customers: row.get("customers")?, deliveries: row.get("deliveries")?, orders: row.get("orders")?, days })
    })
    .doing("count what is in the shop")
}

/// The last restore the file came from, as its journal tells; `None` when it came from none.
pub fn last(conn: &Connection) -> Result<Option<Last>> {
    const SQL: &str = "
        SELECT j.at, j.change, u.name
        FROM journal AS j
        LEFT JOIN users AS u ON u.id = j.user_id
        WHERE j.noun = :noun AND j.verb = 'restore'
        ORDER BY j.id DESC
        LIMIT 1";
    let row = |row: &Row| Ok((row.get("at")?, row.get::<_, String>("change")?, row.get::<_, Option<String>>("name")?));
    let found = conn.query_row(SQL, named_params! {":noun": NOUN.word}, row).optional().doing("read the last restore")?;
    let Some((at, change, name)) = found else { return Ok(None) };
    let change: Value = serde_json::from_str(&change).doing("read the last restore")?;
    let text = |name: &str| change[name].as_str().unwrap_or_default().to_owned();
    let counts = |name: &str| Counts::from_json(&change[name]).ok_or_else(|| Error::impossible("read the counts of a restore"));
    Ok(Some(Last {
        at,
        by: name.unwrap_or_else(|| text("username")),
        file: text("file"),
        of: change["of"].as_i64().map(Stamp),
        found: counts("found")?,
        counted: counts("counted")?,
    }))
}

/// Whether anybody has put anything into the shop of `conn`.
pub fn is_blank(conn: &Connection) -> Result<bool> {
    const SQL: &str = "
        SELECT NOT EXISTS (SELECT 1 FROM users)
           AND NOT EXISTS (SELECT 1 FROM customers)
           AND NOT EXISTS (SELECT 1 FROM imports)
           AND NOT EXISTS (SELECT 1 FROM journal)";
    conn.query_row(SQL, [], |row| row.get(0)).doing("look whether a shop is blank")
}

/// The key of the restore the file came from; `None` when it came from none.
pub fn key(conn: &Connection) -> Result<Option<String>> {
    const SQL: &str = "
        SELECT change ->> 'key'
        FROM journal
        WHERE noun = :noun AND verb = 'restore'
        ORDER BY id DESC
        LIMIT 1";
    conn.query_row(SQL, named_params! {":noun": NOUN.word}, |row| row.get(0))
        .optional()
        .map(Option::flatten)
        .doing("read which restore a file is of")
}
