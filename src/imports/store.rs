use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};
use serde_json::Value;

use crate::error::{Doing, Error, Result};
use crate::imports::{NOUN, Refusal};
use crate::journal::By;
use crate::values::{CustomerId, ImportId, Stamp};

/// An import as the list shows it.
#[derive(Clone, Debug)]
pub struct Import {
    pub id: ImportId,
    pub applied_at: Stamp,
    pub user_name: Option<String>,
    /// What [`crate::imports::report::Report::head`] said.
    pub report: Value,
    pub taken_back_at: Option<Stamp>,
}

const COLUMNS: &str = "
    SELECT i.id, i.applied_at, u.name AS user_name, i.report, i.taken_back_at
    FROM imports AS i
    LEFT JOIN users AS u ON u.id = i.user_id";

fn import(row: &Row) -> rusqlite::Result<Import> {
    let report: String = row.get("report")?;
    Ok(Import {
        id: row.get("id")?,
        applied_at: row.get("applied_at")?,
        user_name: row.get("user_name")?,
        report: serde_json::from_str(&report).unwrap_or_default(),
        taken_back_at: row.get("taken_back_at")?,
    })
}

/// The newest hundred, the newest first.
pub fn list(conn: &Connection) -> Result<Vec<Import>> {
    conn.prepare_cached(&format!("{COLUMNS} ORDER BY i.id DESC LIMIT 100"))
        .and_then(|mut query| query.query_map([], import)?.collect())
        .doing("list the imports")
}

pub fn get(conn: &Connection, id: ImportId) -> Result<Import> {
    conn.prepare_cached(&format!("{COLUMNS} WHERE i.id = ?1"))
        .and_then(|mut query| query.query_row([id], import).optional())
        .doing("read an import")?
        .ok_or_else(|| Error::not_found(NOUN, id))
}

/// The newest import that still stands: the only one that can be taken back.
pub fn newest(conn: &Connection) -> Result<Option<ImportId>> {
    conn.prepare_cached("SELECT max(id) FROM imports WHERE taken_back_at IS NULL")
        .and_then(|mut query| query.query_row([], |row| row.get(0)))
        .doing("find the newest import")
}

/// Begins import; its report comes with [`finish`].
pub fn begin(tx: &Transaction, by: By) -> Result<ImportId> {
    tx.execute("INSERT INTO imports (applied_at, user_id, report) VALUES (?1, ?2, '{}')", params![by.at, by.user])
        .doing("begin an import")?;
    Ok(ImportId(tx.last_insert_rowid()))
}

pub fn finish(tx: &Transaction, id: ImportId, report: &Value) -> Result<()> {
    tx.execute("UPDATE imports SET report = ?2 WHERE id = ?1", params![id, report.to_string()]).doing("finish an import").map(drop)
}

pub fn mark_taken_back(tx: &Transaction, id: ImportId, at: Stamp) -> Result<()> {
    tx.execute("UPDATE imports SET taken_back_at = ?2 WHERE id = ?1", params![id, at]).doing("mark an import taken back").map(drop)
}

/// A line of an import's report, as stored.
#[derive(Clone, Debug)]
pub struct Line {
    pub file: String,
    pub sheet: Option<String>,
    pub row: Option<i64>,
    pub column: Option<String>,
    pub value: Option<String>,
    pub kind: String,
    pub action: String,
}

pub fn insert_problems(tx: &Transaction, id: ImportId, lines: impl Iterator<Item = Line>) -> Result<()> {
    const SQL: &str = "
        INSERT INTO import_problems (import_id, seq, file, sheet, row_no, column_name, value, kind, action)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let mut insert = tx.prepare(SQL).doing("prepare the problems")?;
    for (seq, line) in (1i64..).zip(lines) {
        insert
            .execute(params![id, seq, line.file, line.sheet, line.row, line.column, line.value, line.kind, line.action])
            .doing("insert a problem")?;
    }
    Ok(())
}

pub fn problems(conn: &Connection, id: ImportId) -> Result<Vec<Line>> {
    const SQL: &str = "
        SELECT file, sheet, row_no, column_name, value, kind, action
        FROM import_problems
        WHERE import_id = ?1
        ORDER BY seq";
    conn.prepare_cached(SQL)
        .and_then(|mut query| {
            query
                .query_map([id], |row| {
                    Ok(Line {
                        file: row.get("file")?,
                        sheet: row.get("sheet")?,
                        row: row.get("row_no")?,
                        column: row.get("column_name")?,
                        value: row.get("value")?,
                        kind: row.get("kind")?,
                        action: row.get("action")?,
                    })
                })?
                .collect()
        })
        .doing("list the problems of an import")
}

/// How a row looked before an import changed it.
pub struct Change {
    pub noun: String,
    pub noun_id: i64,
    pub before: Value,
}

pub fn insert_change(tx: &Transaction, id: ImportId, seq: i64, noun: &str, noun_id: i64, before: &Value) -> Result<()> {
    const SQL: &str = "
        INSERT INTO import_changes (import_id, seq, noun, noun_id, before)
        VALUES (:import, :seq, :noun, :noun_id, :before)";
    let row = named_params! {":import": id, ":seq": seq, ":noun": noun, ":noun_id": noun_id, ":before": before.to_string()};
    tx.prepare_cached(SQL).and_then(|mut insert| insert.execute(row)).doing("keep what an import changed").map(drop)
}

/// The changes of import `id`, the last first.
pub fn changes(conn: &Connection, id: ImportId) -> Result<Vec<Change>> {
    const SQL: &str = "SELECT noun, noun_id, before FROM import_changes WHERE import_id = ?1 ORDER BY seq DESC";
    conn.prepare_cached(SQL)
        .and_then(|mut query| {
            query
                .query_map([id], |row| {
                    let before: String = row.get("before")?;
                    Ok(Change {
                        noun: row.get("noun")?,
                        noun_id: row.get("noun_id")?,
                        before: serde_json::from_str(&before).unwrap_or_default(),
                    })
                })?
                .collect()
        })
        .doing("list what an import changed")
}

/// Keeps a source row word for word, unless the very same is kept already.
pub fn keep_row(tx: &Transaction, id: ImportId, file: &str, row_no: u32, customer: CustomerId, raw: &str) -> Result<()> {
    const HAVE: &str = "SELECT 1 FROM import_rows WHERE customer_id = ?1 AND raw = ?2";
    let have = tx.prepare_cached(HAVE).and_then(|mut query| query.exists(params![customer, raw])).doing("look for a source row")?;
    if have {
        return Ok(());
    }
    tx.prepare_cached("INSERT INTO import_rows (import_id, file, row_no, customer_id, raw) VALUES (?1, ?2, ?3, ?4, ?5)")
        .and_then(|mut insert| insert.execute(params![id, file, row_no, customer, raw]))
        .doing("keep a source row")
        .map(drop)
}

/// Forgets what was needed to take import `id` back, and its source rows.
pub fn forget(tx: &Transaction, id: ImportId) -> Result<()> {
    tx.execute("DELETE FROM import_changes WHERE import_id = ?1", [id]).doing("forget an import's changes")?;
    tx.execute("DELETE FROM import_rows WHERE import_id = ?1", [id]).doing("forget an import's source rows").map(drop)
}

/// Numbers of customers and deliveries there are.
pub fn totals(conn: &Connection) -> Result<(i64, i64)> {
    const SQL: &str = "
        SELECT (SELECT count(*) FROM customers),
               (SELECT count(*) FROM deliveries) + (SELECT count(*) FROM delivery_history)";
    conn.query_row(SQL, [], |row| Ok((row.get(0)?, row.get(1)?))).doing("count customers and deliveries")
}

// ---- the older program's file

/// Nothing in `conn`'s schema is trusted, and nothing may be written.
pub fn harden(conn: &Connection) -> rusqlite::Result<()> {
    conn.execute_batch("PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;")
}

pub fn application_id(conn: &Connection) -> rusqlite::Result<i32> {
    conn.query_row("PRAGMA application_id", [], |row| row.get(0))
}

/// The columns of `table` when it is a plain table: no view, nothing virtual, nothing that computes.
pub fn plain_columns(conn: &Connection, table: &str) -> rusqlite::Result<Option<Vec<String>>> {
    const TABLE: &str = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1";
    let sql: Option<String> = conn.query_row(TABLE, [table], |row| row.get(0)).optional()?;
    if !sql.is_some_and(|sql| sql.trim_start().to_ascii_uppercase().starts_with("CREATE TABLE")) {
        return Ok(None);
    }
    let columns: Vec<(String, i64)> = conn
        .prepare("SELECT name, hidden FROM pragma_table_xinfo(?1)")?
        .query_map([table], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let is_plain = columns.iter().all(|(_, hidden)| *hidden == 0);
    Ok(is_plain.then(|| columns.into_iter().map(|(name, _)| name).collect()))
}

/// `name` of each row of `table`, by id; nothing when there is no such plain table.
pub fn names_by_id(conn: &Connection, table: &str) -> rusqlite::Result<HashMap<i64, String>> {
    let columns = plain_columns(conn, table)?.unwrap_or_default();
    if !["id", "name"].iter().all(|name| columns.iter().any(|have| have == name)) {
        return Ok(HashMap::new());
    }
    conn.prepare(&format!("SELECT id, name FROM {table} LIMIT 10000"))?
        .query_map([], |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?.unwrap_or_default())))?
        .collect()
}

/// Gives every row of `table` to `each`, in the order of its ids.
pub fn each_row(conn: &Connection, table: &str, mut each: impl FnMut(&Row) -> Result<(), Refusal>) -> Result<(), Refusal> {
    let broken = |_| Refusal::broken();
    let mut query = conn.prepare(&format!("SELECT * FROM {table} ORDER BY id")).map_err(broken)?;
    let mut rows = query.query([]).map_err(broken)?;
    while let Some(row) = rows.next().map_err(broken)? {
        each(row)?;
    }
    Ok(())
}
