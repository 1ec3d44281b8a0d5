use rusqlite::{Connection, OptionalExtension, named_params};
use serde_json::Value;

use crate::due;
use crate::error::Noun;
use crate::error::{Doing, Result};
use crate::orders::{self, lists};
use crate::routes;
use crate::values::{OrderId, Stamp, UserId};

/// Something somebody did with orders, as the journal tells it.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// Its line in the journal.
    pub id: i64,
    pub at: Stamp,
    pub verb: String,
    /// An order, a line of the due list (by its customer), a list of orders brought in, or a route.
    pub noun: Noun,
    pub noun_id: i64,
    change: String,
}

impl Act {
    /// What the journal says of it; read when it is asked for, for most acts never are.
    pub fn change(&self) -> Value {
        // The column's CHECK lets in JSON alone.
        serde_json::from_str(&self.change).unwrap_or_default()
    }
}

const NOUNS: [Noun; 4] = [orders::NOUN, due::NOUN, lists::NOUN, routes::NOUN];

/// Whether the last that happened to `order` was this: `user` did `verb` while it was at `version`.
pub fn is_last_act(conn: &Connection, order: OrderId, user: UserId, verb: &str, version: i64) -> Result<bool> {
    const SQL: &str = "
        SELECT user_id = :user AND verb = :verb AND change ->> 'version' = :version
        FROM journal
        WHERE noun = 'order' AND noun_id = :order
        ORDER BY id DESC
        LIMIT 1";
    let named = named_params! {":order": order, ":user": user, ":verb": verb, ":version": version};
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named, |row| row.get::<_, Option<bool>>(0)).optional())
        .doing(format_args!("read what was done last with order {order}"))
        .map(|is| is.flatten().unwrap_or(false))
}

/// The last `most` things `user` did with orders since `since`, the newest first.
pub fn acts_of(conn: &Connection, user: UserId, since: Stamp, most: usize) -> Result<Vec<Act>> {
    // Read back from the end, and no further than the day: the journal of years is never looked through.
    const SQL: &str = "
        /* orders: last acts */
        SELECT id, at, verb, noun, noun_id, change
        FROM journal
        WHERE user_id = :user
        ORDER BY id DESC";
    let read = || -> rusqlite::Result<Vec<Act>> {
        let mut acts = Vec::new();
        let mut query = conn.prepare_cached(SQL)?;
        let mut rows = query.query(named_params! {":user": user})?;
        while let Some(row) = rows.next()? {
            let at: Stamp = row.get("at")?;
            if at < since || acts.len() == most {
                break;
            }
            let noun = row.get_ref("noun")?.as_str()?;
            let noun = NOUNS.into_iter().find(|one| one.word == noun);
            if let (Some(noun), Some(noun_id)) = (noun, row.get("noun_id")?) {
                acts.push(Act { id: row.get("id")?, at, verb: row.get("verb")?, noun, noun_id, change: row.get("change")? });
            }
        }
        Ok(acts)
    };
    read().doing("read what somebody did with orders")
}

/// Whether line `act` of the journal was undone.
pub fn is_undone(conn: &Connection, user: UserId, act: i64) -> Result<bool> {
    const SQL: &str = "
        SELECT EXISTS (SELECT 1 FROM journal
                       WHERE user_id = :user AND :act < id AND verb = 'undo' AND json_extract(change, '$.undoes') = :act)";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":user": user, ":act": act}, |row| row.get(0)))
        .doing("look whether something was undone")
}
