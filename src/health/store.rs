use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use crate::error::{Doing, Result};
use crate::health::hours::{Figures, Hour};
use crate::values::{Day, Stamp, UserId};

/// Fine when the file answers: one row of one page.
pub fn answers(conn: &Connection) -> Result<()> {
    conn.query_row("SELECT count(*) FROM (SELECT 1 FROM users LIMIT 1)", [], |_| Ok(())).doing("ask the file anything")
}

/// How many sessions have not run out, and those of phones among them.
pub fn count_sessions(conn: &Connection, now: Stamp) -> Result<(i64, i64)> {
    const SQL: &str = "
        SELECT count(*) AS sessions,
               ifnull(sum(device = '手機'), 0) AS phones
        FROM sessions
        WHERE :now < expires_at";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":now": now}, |row| Ok((row.get("sessions")?, row.get("phones")?))))
        .doing("count the sessions")
}

/// When `job` last began a run that came to its end; `None` when none of those kept did.
pub fn last_done(conn: &Connection, job: &str) -> Result<Option<Stamp>> {
    const SQL: &str = "
        SELECT max(started_at)
        FROM job_runs
        WHERE job = :job AND outcome = 'done'";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":job": job}, |row| row.get(0)))
        .doing(format_args!("find the last good run of {job}"))
}

/// What is kept of `hour`, if anything.
pub fn hour(conn: &Connection, hour: i64) -> Result<Option<Figures>> {
    const SQL: &str = "SELECT hour, figures FROM health_hours WHERE hour = :hour";
    let kept = conn.query_row(SQL, named_params! {":hour": hour}, hour_row).optional().doing("read an hour's figures")?;
    Ok(kept.map(|kept| kept.figures))
}

/// The hours from `from` up to `to`, the first first.
pub fn hours(conn: &Connection, from: i64, to: i64) -> Result<Vec<Hour>> {
    const SQL: &str = "
        SELECT hour, figures
        FROM health_hours
        WHERE hour BETWEEN :from AND :to
        ORDER BY hour";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":from": from, ":to": to}, hour_row)?.collect())
        .doing("list the hours")
}

pub fn set_hour(tx: &Transaction, hour: &Hour) -> Result<()> {
    const SQL: &str = "
        INSERT INTO health_hours (hour, figures)
        VALUES (:hour, :figures)
        ON CONFLICT (hour) DO UPDATE SET figures = excluded.figures";
    tx.execute(SQL, named_params! {":hour": hour.hour, ":figures": hour.figures.to_json().to_string()}).doing("keep an hour's figures")?;
    Ok(())
}

pub fn forget_hours_before(tx: &Transaction, hour: i64) -> Result<()> {
    tx.execute("DELETE FROM health_hours WHERE hour < :hour", named_params! {":hour": hour}).doing("forget old hours")?;
    Ok(())
}

fn hour_row(row: &Row) -> rusqlite::Result<Hour> {
    let figures: String = row.get("figures")?;
    Ok(Hour { hour: row.get("hour")?, figures: Figures::from_json(&serde_json::from_str(&figures).unwrap_or_default()) })
}

/// The first and the last hour kept between `from` and `to`.
pub fn ends(conn: &Connection, from: i64, to: i64) -> Result<Option<(Hour, Hour)>> {
    const SQL: &str = "
        SELECT hour, figures
        FROM health_hours
        WHERE hour IN (SELECT min(hour) FROM health_hours WHERE hour BETWEEN :from AND :to
                       UNION ALL
                       SELECT max(hour) FROM health_hours WHERE hour BETWEEN :from AND :to)
        ORDER BY hour";
    let ends: Vec<Hour> = conn
        .prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":from": from, ":to": to}, hour_row)?.collect())
        .doing("find the first and the last hour")?;
    Ok(ends.first().cloned().zip(ends.last().cloned()))
}

/// When the last line of the journal was written.
pub fn last_written(conn: &Connection) -> Result<Option<Stamp>> {
    const SQL: &str = "SELECT at FROM journal ORDER BY id DESC LIMIT 1";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row([], |row| row.get(0)).optional())
        .doing("find the last line of the journal")
}

/// Who is on the way with a route of `day`, and when the file has last heard of him.
pub fn on_the_road(conn: &Connection, day: Day) -> Result<Vec<(UserId, Option<Stamp>)>> {
    const SQL: &str = "
        SELECT u.id, u.last_seen_at
        FROM users AS u
        WHERE u.id IN (SELECT driver_id FROM routes WHERE route_on = :day AND status = 'in_progress')
        ORDER BY u.id";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":day": day}, |row| Ok((row.get("id")?, row.get("last_seen_at")?)))?.collect())
        .doing("find who is on the road")
}

/// Those whose phone is signed in, and when the file has last heard of them.
pub fn phones(conn: &Connection, now: Stamp) -> Result<Vec<(UserId, String, Option<Stamp>)>> {
    const SQL: &str = "
        SELECT id, name, last_seen_at
        FROM users
        WHERE id IN (SELECT user_id FROM sessions WHERE device = '手機' AND :now < expires_at)
        ORDER BY name, id";
    conn.prepare_cached(SQL)
        .and_then(|mut query| {
            query.query_map(named_params! {":now": now}, |row| Ok((row.get("id")?, row.get("name")?, row.get("last_seen_at")?)))?.collect()
        })
        .doing("list the phones")
}

/// How many rows each table has, the most first.
pub fn row_counts(conn: &Connection) -> Result<Vec<(String, i64)>> {
    const TABLES: &str = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name";
    let tables: Vec<String> =
        conn.prepare_cached(TABLES).and_then(|mut query| query.query_map([], |row| row.get(0))?.collect()).doing("list the tables")?;
    let count = |table: &String| conn.query_row(&format!("SELECT count(*) FROM \"{table}\""), [], |row| row.get::<_, i64>(0));
    let mut counts = tables
        .into_iter()
        .map(|table| count(&table).map(|rows| (table, rows)))
        .collect::<rusqlite::Result<Vec<_>>>()
        .doing("count all rows")?;
    counts.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    Ok(counts)
}

/// The text of the schema, without what stands in it.
pub fn schema(conn: &Connection) -> Result<Vec<String>> {
    const SQL: &str = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name";
    conn.prepare(SQL).and_then(|mut query| query.query_map([], |row| row.get(0))?.collect()).doing("read the schema")
}

/// How the file is made and this connection set.
pub fn pragmas(conn: &Connection) -> Result<Vec<(String, String)>> {
    const NAMES: [&str; 15] = [
        "application_id",
        "user_version",
        "page_size",
        "page_count",
        "freelist_count",
        "auto_vacuum",
        "journal_mode",
        "synchronous",
        "encoding",
        "foreign_keys",
        "cache_size",
        "mmap_size",
        "busy_timeout",
        "wal_autocheckpoint",
        "temp_store",
    ];
    let value = |name: &str| -> rusqlite::Result<String> {
        conn.query_row(&format!("PRAGMA {name}"), [], |row| {
            Ok(match row.get_ref(0)? {
                ValueRef::Integer(number) => number.to_string(),
                ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                _ => "-".to_owned(),
            })
        })
    };
    NAMES.iter().map(|name| Ok((name.to_string(), value(name).doing("read a pragma")?))).collect()
}

/// What those who work here are called and sign in with.
pub fn names(conn: &Connection) -> Result<Vec<String>> {
    const SQL: &str = "
        SELECT name FROM users
        UNION
        SELECT username FROM users";
    conn.prepare_cached(SQL).and_then(|mut query| query.query_map([], |row| row.get(0))?.collect()).doing("list the names of users")
}
