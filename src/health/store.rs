use rusqlite::{Connection, named_params};

use crate::error::{Doing, Result};
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
