//! Questions asked of a file: is it sound, do its sums agree, is it the same as another.

use std::path::Path;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use crate::support::program;

/// What `luckygas check` finds wrong in the shop in `folder`; empty when all is good.
pub fn check(folder: &Path) -> Vec<String> {
    let output = program::run(folder, &["check", "--data", "."]);
    if output.status.success() {
        return Vec::new();
    }
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    said.lines().filter(|line| !line.starts_with('✓')).map(|line| format!("check: {line}")).collect()
}

/// The number `sql` counts.
pub fn count(conn: &Connection, sql: &str) -> i64 {
    conn.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{error}: {sql}"))
}

/// What the stops say is what money, cylinders, orders and deliveries say; the sentences that do not hold.
pub fn disagreements(conn: &Connection) -> Vec<String> {
    AGREE.iter().filter(|(_, sql)| count(conn, sql) != 0).map(|(what, sql)| format!("{what}: {}", count(conn, sql))).collect()
}

/// Each is nothing as long as all is well.
const AGREE: &[(&str, &str)] = &[
    (
        "days whose orders do not run from 1 to their count",
        "
        SELECT count(*)
        FROM (SELECT 1 FROM orders GROUP BY ordered_on HAVING min(day_no) <> 1 OR max(day_no) <> count(*))",
    ),
    ("an act in the file twice", "SELECT count(*) - count(DISTINCT action_id) FROM driver_acts"),
    (
        "cash that is no payment",
        "
        SELECT (SELECT coalesce(sum(cash_ntd), 0) FROM stops)
             - (SELECT coalesce(sum(amount_ntd), 0) FROM payments WHERE stop_id IS NOT NULL AND status <> 'voided')",
    ),
    (
        "cylinders from nowhere",
        "
        SELECT count(*) FROM (SELECT 1 FROM cylinder_balances GROUP BY product_id, state HAVING sum(qty) <> 0)",
    ),
    (
        "full cylinders a stop left and its order did not",
        "
        SELECT (SELECT coalesce(sum(CASE WHEN undoes_id IS NULL THEN qty ELSE -qty END), 0)
                FROM cylinder_movements WHERE kind = 'delivered' AND stop_id IS NOT NULL)
             - (SELECT coalesce(sum(l.qty_delivered), 0)
                FROM stops AS s
                JOIN order_lines AS l ON l.order_id = s.order_id
                JOIN products AS p ON p.id = l.product_id AND p.size_kg IS NOT NULL AND p.track_stock = 1
                WHERE s.status = 'completed')",
    ),
    (
        "stops and orders that differ",
        "
        SELECT count(*)
        FROM stops AS s
        JOIN orders AS o ON o.id = s.order_id
        WHERE (s.status = 'completed') <> (o.status = 'delivered') AND s.status IN ('completed', 'pending', 'arrived')",
    ),
    (
        "days that do not add up",
        "
        SELECT count(*) FROM delivery_days AS d
        WHERE d.deliveries <> (SELECT count(*) FROM all_deliveries AS a WHERE a.delivered_on = d.delivered_on)",
    ),
    (
        "completions without their line of the journal",
        "
        SELECT (SELECT count(*) FROM driver_acts WHERE act = 'complete' AND outcome = 'applied')
             - (SELECT count(*) FROM journal WHERE noun = 'stop' AND verb = 'complete')",
    ),
];

/// The tables in which two closed files differ, with how many rows are gone and how many new. Cells are compared as they are
/// written, so that a column's own order hides nothing.
pub fn differences(one: &Path, other: &Path) -> Vec<String> {
    let conn = Connection::open(one).unwrap();
    conn.execute("ATTACH ?1 AS other", [other.to_str().unwrap()]).unwrap();
    let tables = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name";
    let mut differing = Vec::new();
    for table in texts(&conn, tables) {
        let columns = texts(&conn, &format!("SELECT 'quote(\"' || name || '\")' FROM pragma_table_info('{table}', 'main')")).join(", ");
        let rows = |schema: &str| format!("SELECT {columns} FROM {schema}.\"{table}\"");
        let only = |here: &str, there: &str| {
            let sql = format!("SELECT count(*) FROM ({} EXCEPT {})", rows(here), rows(there));
            conn.query_row(&sql, [], |row| row.get::<_, i64>(0)).map_err(|error| error.to_string())
        };
        match (only("main", "other"), only("other", "main")) {
            (Ok(0), Ok(0)) => {}
            (Ok(gone), Ok(new)) => differing.push(format!("{table}: {gone} gone, {new} new")),
            (gone, new) => differing.push(format!("{table}: {gone:?} {new:?}")),
        }
    }
    differing
}

fn texts(conn: &Connection, sql: &str) -> Vec<String> {
    let mut query = conn.prepare(sql).unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// The rows of `sql`, in no order.
pub fn rows_hash(conn: &Connection, sql: &str) -> rusqlite::Result<String> {
    let mut query = conn.prepare(sql)?;
    let width = query.column_count();
    let mut rows = query.query([])?;
    let mut lines = Vec::new();
    while let Some(row) = rows.next()? {
        let cells: Vec<String> = (0..width).map(|at| row.get_ref(at).map(|cell| format!("{cell:?}"))).collect::<Result<_, _>>()?;
        lines.push(cells.join("|"));
    }
    lines.sort();
    Ok(format!("{} rows {:x?}", lines.len(), &Sha256::digest(lines.join("\n"))[..8]))
}
