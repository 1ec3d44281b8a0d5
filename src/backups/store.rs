use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::error::{Doing, Result};
use crate::values::Day;

/// In double quotes, as a name from the schema stands in a statement.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The tables of the shop in the order of their names, each with its columns of money. What a copy says of itself and
/// what SQLite keeps for itself do not count.
pub fn tables_and_money(conn: &Connection) -> Result<Vec<(String, Vec<String>)>> {
    const SQL: &str = "
        SELECT t.name,
               (SELECT json_group_array(c.name)
                FROM pragma_table_xinfo(t.name) AS c
                WHERE c.name LIKE '%\\_ntd' ESCAPE '\\') AS money
        FROM pragma_table_list AS t
        WHERE t.schema = 'main'
          AND t.type = 'table'
          AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
          AND t.name <> 'backup_manifest'
        ORDER BY t.name";
    let rows: Vec<(String, String)> = conn
        .prepare(SQL)
        .and_then(|mut query| query.query_map([], |row| Ok((row.get("name")?, row.get("money")?)))?.collect())
        .doing("list the tables")?;
    rows.into_iter().map(|(table, money)| Ok((table, serde_json::from_str(&money).doing("list the columns of money")?))).collect()
}

/// The rows of `table` and the sum of each of `columns`, in one pass.
pub fn count_and_sums(conn: &Connection, table: &str, columns: &[String]) -> Result<(i64, Vec<i64>)> {
    let sums: String = columns.iter().map(|column| format!(", ifnull(sum({}), 0)", quoted(column))).collect();
    let sql = format!("/* backups: tally */ SELECT count(*){sums} FROM {}", quoted(table));
    conn.query_row(&sql, [], |row| {
        let sums = (1..=columns.len()).map(|at| row.get(at)).collect::<rusqlite::Result<_>>()?;
        Ok((row.get(0)?, sums))
    })
    .doing(format_args!("count {table}"))
}

pub fn schema_version(conn: &Connection) -> Result<i32> {
    conn.query_row("PRAGMA user_version", [], |row| row.get(0)).doing("read the schema version")
}

pub fn application_id(conn: &Connection) -> Result<i32> {
    conn.query_row("PRAGMA application_id", [], |row| row.get(0)).doing("read the mark of the file")
}

/// The first and the last day something was delivered on.
pub fn delivery_days(conn: &Connection) -> Result<Option<(Day, Day)>> {
    // One index each way of each table: over the view the whole of it would be read.
    const SQL: &str = "
        SELECT min(first_on) AS first_on, max(last_on) AS last_on
        FROM (SELECT (SELECT min(delivered_on) FROM deliveries) AS first_on, (SELECT max(delivered_on) FROM deliveries) AS last_on
              UNION ALL
              SELECT (SELECT min(delivered_on) FROM delivery_history), (SELECT max(delivered_on) FROM delivery_history))";
    let days: (Option<Day>, Option<Day>) =
        conn.query_row(SQL, [], |row| Ok((row.get("first_on")?, row.get("last_on")?))).doing("find the first and the last delivery")?;
    Ok(days.0.zip(days.1))
}

/// The last row of the journal that does not tell of a backup; 0 before the first.
pub fn journal_position(conn: &Connection) -> Result<i64> {
    const SQL: &str = "
        SELECT id
        FROM journal
        WHERE NOT (noun = 'backup' AND verb = 'backup')
        ORDER BY id DESC
        LIMIT 1";
    conn.query_row(SQL, [], |row| row.get(0)).optional().doing("find the end of the journal").map(Option::unwrap_or_default)
}

/// What the copy says of itself, as it was written; `None` when it has no such table or row.
pub fn manifest(conn: &Connection) -> Result<Option<String>> {
    let has_one: bool = conn
        .query_row("SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'backup_manifest')", [], |row| row.get(0))
        .doing("look for a manifest")?;
    if !has_one {
        return Ok(None);
    }
    conn.query_row("SELECT manifest FROM backup_manifest", [], |row| row.get(0)).optional().doing("read the manifest")
}

/// Puts it into the copy in place of the one before.
pub fn set_manifest(conn: &Connection, json: &str) -> Result<()> {
    const MAKE: &str = "CREATE TABLE IF NOT EXISTS backup_manifest (id INTEGER PRIMARY KEY CHECK (id = 1), manifest TEXT NOT NULL) STRICT";
    const SET: &str = "
        INSERT INTO backup_manifest (id, manifest) VALUES (1, :manifest)
        ON CONFLICT (id) DO UPDATE SET manifest = excluded.manifest";
    conn.execute_batch(MAKE).and_then(|()| conn.execute(SET, named_params! {":manifest": json})).doing("write the manifest").map(|_| ())
}

/// What SQLite finds wrong with the whole file, the first hundred; empty when it is sound.
pub fn integrity(conn: &Connection) -> rusqlite::Result<Vec<String>> {
    said(conn, "/* backups: integrity */ PRAGMA integrity_check")
}

fn said(conn: &Connection, sql: &str) -> rusqlite::Result<Vec<String>> {
    let mut query = conn.prepare(sql)?;
    let rows: Vec<String> = query.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(if rows == ["ok"] { Vec::new() } else { rows })
}

/// How many rows point at one that is not there.
pub fn broken_keys(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("/* backups: foreign keys */ SELECT count(*) FROM pragma_foreign_key_check", [], |row| row.get(0))
}

/// One tree of a file: a table or an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    pub name: String,
    /// The table it is or belongs to.
    pub table: String,
    /// The page it begins on, and how it was made. Not asked of the table of the manifest, which lies elsewhere in each copy.
    pub root: Option<(i64, Option<String>)>,
}

/// All trees, the schema's own first.
pub fn trees(conn: &Connection) -> rusqlite::Result<Vec<Tree>> {
    const SQL: &str = "
        SELECT name, tbl_name, rootpage, sql
        FROM sqlite_schema
        WHERE 0 < rootpage
        ORDER BY name";
    let tree = |row: &Row| {
        let (name, table): (String, String) = (row.get("name")?, row.get("tbl_name")?);
        let root = if table == "backup_manifest" { None } else { Some((row.get("rootpage")?, row.get("sql")?)) };
        Ok(Tree { name, table, root })
    };
    let schema = Tree { name: "sqlite_schema".to_owned(), table: "sqlite_schema".to_owned(), root: Some((1, None)) };
    let mut query = conn.prepare(SQL)?;
    std::iter::once(Ok(schema)).chain(query.query_map([], tree)?).collect()
}

/// The pages of the tree called `name`, each as often as it is met.
pub fn pages_of(conn: &Connection, name: &str) -> rusqlite::Result<Vec<i64>> {
    let mut query = conn.prepare_cached("/* backups: pages */ SELECT pageno FROM dbstat WHERE name = :name")?;
    query.query_map(named_params! {":name": name}, |row| row.get(0))?.collect()
}

/// What SQLite finds wrong with one table and its indexes.
pub fn integrity_of(conn: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    said(conn, &format!("/* backups: integrity of a table */ PRAGMA integrity_check({})", quoted(table)))
}
