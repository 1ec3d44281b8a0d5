use rusqlite::{Connection, OptionalExtension, named_params};

use super::loss::{Loss, Moment};
use crate::backups::NOUN;
use crate::error::{Doing, Result};
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
