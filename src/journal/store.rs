use rusqlite::{Transaction, named_params};
use serde_json::json;

use crate::error::{Doing, Noun, Result};
use crate::journal::{By, Entry};

/// Adds `entry`; the transaction it is given is the one that makes the change.
pub fn record(tx: &Transaction, entry: &Entry) -> Result<()> {
    const SQL: &str = "
        INSERT INTO journal (at, user_id, verb, noun, noun_id, change)
        VALUES (:at, :user_id, :verb, :noun, :noun_id, :change)";
    tx.prepare_cached(SQL)
        .and_then(|mut insert| {
            insert.execute(named_params! {
                ":at": entry.by.at,
                ":user_id": entry.by.user,
                ":verb": entry.verb,
                ":noun": entry.noun.word,
                ":noun_id": entry.noun_id,
                ":change": entry.change.to_string(),
            })
        })
        .doing("write the journal")?;
    Ok(())
}

/// Notes that `rows` of `noun` left the shop as a file, by the browser or the command line (business §20).
pub fn record_export(tx: &Transaction, by: By, noun: Noun, rows: u64) -> Result<()> {
    record(tx, &Entry { by, verb: "export", noun, noun_id: None, change: json!({"rows": rows}) })
}
