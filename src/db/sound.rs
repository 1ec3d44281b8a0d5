//! Whether a file can be worked in, as far as that shows in a few milliseconds: the way into every table and every index,
//! and their ends. Every page is read where there is time for it, in the proof of each copy.

use std::path::Path;

use rusqlite::{Connection, ErrorCode};

use super::migrate;
use crate::error::{Doing, Error, Result};

/// The version of the schema in the file `path`, which is neither made nor changed; `None` when there is none. `Refused`
/// when it is not ours, newer than the program or damaged.
pub fn look(path: &Path) -> Result<Option<i32>> {
    let Some(conn) = migrate::open_to_look(path)? else { return Ok(None) };
    match ends(&conn) {
        Err(error) if is_damage(&error) => {
            log::error!("{error}");
            Err(migrate::damaged(path))
        }
        Err(error) => Err(error),
        Ok(()) => migrate::version(&conn).map(Some),
    }
}

/// Reads the file of `conn` from the first page to the last: what is wrong with it, `None` when nothing is. Seconds for a
/// large shop.
pub fn look_deeply(conn: &Connection) -> Result<Option<String>> {
    let verdict = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get::<_, String>(0)).doing("check the file's integrity");
    match verdict {
        Ok(verdict) => Ok((verdict != "ok").then_some(verdict)),
        Err(error) if is_damage(&error) => Ok(Some(error.to_string())),
        Err(error) => Err(error),
    }
}

/// Whether `error` says that a file of SQLite's is damaged; which one, it does not say.
pub fn is_damage(error: &Error) -> bool {
    let Error::Internal { source, .. } = error else { return false };
    let code = source.downcast_ref().and_then(rusqlite::Error::sqlite_error_code);
    matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Reads the first and the last row of every table, and the first entry of every index.
fn ends(conn: &Connection) -> Result<()> {
    const TREES: &str = "
        SELECT type, name, tbl_name, ifnull(sql, '') AS sql
        FROM sqlite_schema
        WHERE 0 < rootpage";
    let trees: Vec<(String, String, String, String)> = conn
        .prepare(TREES)
        .and_then(|mut query| query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?.collect())
        .doing("list the tables and indexes")?;
    for (kind, name, table, sql) in &trees {
        let rows = if kind == "index" { index_end(name, table, sql) } else { table_ends(name, sql) };
        for statement in rows {
            // A statement SQLite has no way for tells nothing of the file.
            if let Err(error) = first_row(conn, &statement).doing(format_args!("read the end of {name}"))
                && !is_no_way(&error)
            {
                return Err(error);
            }
        }
    }
    Ok(())
}

fn first_row(conn: &Connection, statement: &str) -> rusqlite::Result<()> {
    conn.prepare(statement)?.query([])?.next().map(|_| ())
}

fn is_no_way(error: &Error) -> bool {
    let Error::Internal { source, .. } = error else { return false };
    source.downcast_ref().and_then(rusqlite::Error::sqlite_error_code) == Some(ErrorCode::Unknown)
}

fn table_ends(name: &str, sql: &str) -> Vec<String> {
    let name = quoted(name);
    let first = format!("SELECT * FROM {name} NOT INDEXED LIMIT 1");
    if sql.to_ascii_uppercase().contains("WITHOUT ROWID") {
        return vec![first];
    }
    vec![first, format!("SELECT * FROM {name} NOT INDEXED ORDER BY rowid DESC LIMIT 1")]
}

/// Of an index on some rows only, what chooses them has to be said again.
fn index_end(name: &str, table: &str, sql: &str) -> Vec<String> {
    let chosen = sql.rsplit_once(") WHERE ").map(|(_, chosen)| format!(" WHERE {chosen}")).unwrap_or_default();
    vec![format!("SELECT 1 FROM {} INDEXED BY {}{chosen} LIMIT 1", quoted(table), quoted(name))]
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SQLite finds a way for each, or nothing would be looked at.
    #[test]
    fn every_table_and_every_index_is_read() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(migrate::SCHEMA).unwrap();
        let mut query = conn.prepare("SELECT type, name, tbl_name, ifnull(sql, '') FROM sqlite_schema WHERE 0 < rootpage").unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
        let trees: Vec<(String, String, String, String)> = rows.map(Result::unwrap).collect();
        assert!(100 < trees.len());
        for (kind, name, table, sql) in trees {
            let statements = if kind == "index" { index_end(&name, &table, &sql) } else { table_ends(&name, &sql) };
            for statement in statements {
                conn.prepare(&statement).unwrap_or_else(|error| panic!("{statement}: {error}"));
                if kind == "index" {
                    let plan: String = conn.query_row(&format!("EXPLAIN QUERY PLAN {statement}"), [], |row| row.get(3)).unwrap();
                    assert!(plan.contains(&name), "{statement}: {plan}");
                }
            }
        }
    }
}
