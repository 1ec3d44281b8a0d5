use rusqlite::{Connection, OptionalExtension, named_params};

use super::Counts;
use super::loss::{Loss, Moment};
use crate::backups::NOUN;
use crate::error::{Doing, Result};
use crate::values::Stamp;

/// Counts what people know their shop by; of a file of any schema.
pub fn counts(conn: &Connection) -> Result<Counts> {
    const SQL: &str = "
        /* restore: counts */
        WITH ends AS (
            SELECT (SELECT min(delivered_on) FROM deliveries) AS first_recent,
                   (SELECT max(delivered_on) FROM deliveries) AS last_recent,
                   (SELECT min(delivered_on) FROM delivery_history) AS first_closed,
                   (SELECT max(delivered_on) FROM delivery_history) AS last_closed
        )
        SELECT (SELECT count(*) FROM customers) AS customers,
               (SELECT count(*) FROM all_deliveries) AS deliveries,
               coalesce(min(first_recent, first_closed), first_recent, first_closed) AS first_day,
               coalesce(max(last_recent, last_closed), last_recent, last_closed) AS last_day
        FROM ends";
    let orders = if has_table(conn, "orders")? {
        conn.query_row("SELECT count(*) FROM orders", [], |row| row.get(0)).doing("count the orders of a file")?
    } else {
        0
    };
    conn.query_row(SQL, [], |row| {
        Ok(Counts {
            customers: row.get("customers")?,
            deliveries: row.get("deliveries")?,
            orders,
            first_day: row.get("first_day")?,
            last_day: row.get("last_day")?,
        })
    })
    .doing("count what is in a file")
}

pub fn has_table(conn: &Connection, name: &str) -> Result<bool> {
    conn.query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)", [name], |row| row.get(0))
        .doing("look for a table")
}

/// What is broken in the file, from the first page to the last and from key to key; nothing when it is sound.
pub fn faults(conn: &Connection) -> Result<Option<String>> {
    let verdict: rusqlite::Result<String> = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0));
    match verdict {
        Ok(verdict) if verdict != "ok" => return Ok(Some(verdict)),
        // A page that cannot even be read ends the check with an error.
        Err(error) => return Ok(Some(error.to_string())),
        Ok(_) => {}
    }
    let broken: i64 =
        conn.query_row("SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0)).doing("check the keys of a file")?;
    Ok((broken != 0).then(|| format!("{broken} rows name what is not there")))
}

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

/// What was done in the shop of `conn` after `since`; everything when that is not given.
pub fn done_since(conn: &Connection, since: Option<&Moment>) -> Result<Loss> {
    const SQL: &str = "
        /* restore: loss */
        SELECT (SELECT count(*) FROM customers WHERE :at < created_at) AS customers,
               (SELECT count(*) FROM orders WHERE :at < created_at) AS orders,
               (SELECT count(*) FROM orders WHERE :at < delivered_at) AS deliveries,
               (SELECT count(*) FROM stops WHERE :at < finished_at) AS stops,
               (SELECT count(*) FROM payments WHERE :at < created_at) AS payments,
               (SELECT count(*) FROM imports WHERE :at < applied_at) AS imports,
               (SELECT count(*) FROM journal WHERE :row < id) AS changes";
    let (at, row) = since.map_or((Stamp(i64::MIN), i64::MIN), |since| (since.at, since.row));
    conn.query_row(SQL, named_params! {":at": at, ":row": row}, |row| {
        Ok(Loss {
            since: since.map(|since| since.at),
            customers: row.get("customers")?,
            orders: row.get("orders")?,
            deliveries: row.get("deliveries")?,
            stops: row.get("stops")?,
            payments: row.get("payments")?,
            imports: row.get("imports")?,
            changes: row.get("changes")?,
        })
    })
    .doing("count what a restore would lose")
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
