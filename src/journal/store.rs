use rusqlite::{Transaction, named_params};

use crate::error::{Doing, Result};
use crate::journal::Entry;

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
