use rusqlite::types::Type;
use rusqlite::{Connection, Row, Transaction, named_params};
use serde_json::{Map, Value, json};

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

/// What changed of one `noun` since `version`: for each field its value at that version, and who wrote last. Only
/// entries that name their `version` and what was `before` tell of it.
pub fn changed_since(conn: &Connection, noun: Noun, id: i64, version: i64) -> Result<(Map<String, Value>, Option<String>)> {
    const SQL: &str = "
        SELECT j.change, u.name
        FROM journal AS j
        LEFT JOIN users AS u ON u.id = j.user_id
        WHERE j.noun = :noun AND j.noun_id = :id AND :version <= j.change ->> 'version'
        ORDER BY j.id";
    let row = |row: &Row| {
        let change: String = row.get(0)?;
        let change: Value =
            serde_json::from_str(&change).map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))?;
        Ok((change, row.get(1)?))
    };
    let rows: Vec<(Value, Option<String>)> = conn
        .prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":noun": noun.word, ":id": id, ":version": version}, row)?.collect())
        .doing(format_args!("read what changed of {} {id}", noun.word))?;
    let mut before = Map::new();
    let mut who = None;
    for (change, name) in rows {
        who = name;
        for (field, value) in change["before"].as_object().into_iter().flatten() {
            before.entry(field.clone()).or_insert_with(|| value.clone());
        }
    }
    Ok((before, who))
}
