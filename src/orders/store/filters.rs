use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use serde_json::json;

use crate::error::{Doing, Error, Result};
use crate::journal::{self, By, Entry};
use crate::orders::FILTER;
use crate::values::{FilterId, UserId};

/// A list somebody kept under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    pub id: FilterId,
    pub name: String,
    /// As in the address of the list.
    pub query: String,
}

/// What `user` has kept, by name.
pub fn saved_filters(conn: &Connection, user: UserId) -> Result<Vec<Saved>> {
    const SQL: &str = "
        SELECT id, name, query
        FROM order_filters
        WHERE user_id = :user
        ORDER BY name";
    let saved = |row: &Row| Ok(Saved { id: row.get("id")?, name: row.get("name")?, query: row.get("query")? });
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":user": user}, saved)?.collect())
        .doing("list the filters somebody kept")
}

/// Keeps `query` under `name` for `user`; a name used before means the new one from now on.
pub fn keep_filter(tx: &Transaction, user: UserId, name: &str, query: &str, by: By) -> Result<()> {
    const SQL: &str = "
        INSERT INTO order_filters (user_id, name, query)
        VALUES (:user, :name, :query)
        ON CONFLICT (user_id, name) DO UPDATE SET query = :query
        RETURNING id";
    let id: FilterId = tx
        .prepare_cached(SQL)
        .and_then(|mut insert| insert.query_row(named_params! {":user": user, ":name": name, ":query": query}, |row| row.get("id")))
        .doing("keep a filter")?;
    let change = json!({"after": {"name": name, "query": query}});
    journal::record(tx, &Entry { by, verb: "keep", noun: FILTER, noun_id: Some(id.0), change })
}

/// Forgets filter `id`; `NotFound` when `user` has none of that number.
pub fn remove_filter(tx: &Transaction, user: UserId, id: FilterId, by: By) -> Result<()> {
    const SQL: &str = "
        DELETE FROM order_filters
        WHERE id = :id AND user_id = :user
        RETURNING name, query";
    let removed: Option<(String, String)> = tx
        .prepare_cached(SQL)
        .and_then(|mut delete| {
            delete.query_row(named_params! {":id": id, ":user": user}, |row| Ok((row.get("name")?, row.get("query")?))).optional()
        })
        .doing(format_args!("remove filter {id}"))?;
    let Some((name, query)) = removed else { return Err(Error::not_found(FILTER, id)) };
    let change = json!({"before": {"name": name, "query": query}});
    journal::record(tx, &Entry { by, verb: "remove", noun: FILTER, noun_id: Some(id.0), change })
}
