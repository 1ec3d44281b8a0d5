use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use crate::error::{Doing, Result};
use crate::health::hours::{Figures, Hour};
use crate::values::Stamp;

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
