use rusqlite::{Connection, Row, Transaction, named_params};
use serde_json::{Value, json};

use crate::error::{Doing, Result};
use crate::jobs::{self, CUT_OFF, CUT_OFF_SAID, NOUN, Outcome, RowCounts, Run};
use crate::journal::{self, By, Entry};
use crate::values::Stamp;

/// How long the row of a run is kept.
const KEPT_MS: i64 = 90 * 24 * 3_600_000;

/// Begins a run of `job` and gives its row; `Conflict` while another is not finished. A run somebody asked for
/// is in the journal with who it was.
pub fn begin(tx: &Transaction, job: &str, now: Stamp, by: By) -> Result<i64> {
    const SQL: &str = "
        INSERT INTO job_runs (job, started_at)
        SELECT :job, :now
        WHERE NOT EXISTS (SELECT 1 FROM job_runs WHERE job = :job AND finished_at IS NULL)";
    let begun = tx.execute(SQL, named_params! {":job": job, ":now": now}).doing(format_args!("begin job {job}"))?;
    if begun == 0 {
        return Err(jobs::running_already());
    }
    let id = tx.last_insert_rowid();
    if by.user.is_some() {
        journal::record(tx, &Entry { by, verb: "run", noun: NOUN, noun_id: Some(id), change: json!({"job": job}) })?;
    }
    Ok(id)
}

/// Ends run `id`, and forgets runs of the same job from long ago.
pub fn finish(tx: &Transaction, id: i64, job: &str, now: Stamp, outcome: Outcome, counts: &Value) -> Result<()> {
    const FINISH: &str = "
        UPDATE job_runs
        SET finished_at = :now,
            outcome = :outcome,
            counts = :counts
        WHERE id = :id";
    const FORGET: &str = "DELETE FROM job_runs WHERE job = :job AND started_at < :before";
    let doing = format!("finish job {job}");
    tx.execute(FINISH, named_params! {":id": id, ":now": now, ":outcome": outcome.word(), ":counts": counts.to_string()}).doing(&doing)?;
    tx.execute(FORGET, named_params! {":job": job, ":before": now.plus_ms(-KEPT_MS)}).doing(&doing)?;
    Ok(())
}

/// Runs left unfinished by a program that is gone have failed.
pub fn mark_cut_off(tx: &Transaction, now: Stamp) -> Result<()> {
    const SQL: &str = "
        UPDATE job_runs
        SET finished_at = :now,
            outcome = 'failed',
            counts = :counts
        WHERE finished_at IS NULL";
    let counts = json!({"error": CUT_OFF, "say": CUT_OFF_SAID}).to_string();
    tx.execute(SQL, named_params! {":now": now, ":counts": counts}).doing("mark jobs cut off")?;
    Ok(())
}

/// The latest `most` runs of `job`, the newest first: as they were begun, whatever the clock said then.
pub fn runs_of(conn: &Connection, job: &str, most: i64) -> Result<Vec<Run>> {
    const SQL: &str = "
        SELECT id, job, started_at, finished_at, outcome, counts
        FROM job_runs
        WHERE job = :job
        ORDER BY id DESC
        LIMIT :most";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":job": job, ":most": most}, run)?.collect())
        .doing(format_args!("list the runs of {job}"))
}

/// The latest `most` runs of `job`, the newest first, each with who pressed for it.
pub fn history_of(conn: &Connection, job: &str, most: i64) -> Result<Vec<(Run, Option<String>)>> {
    const SQL: &str = "
        /* jobs: history */
        SELECT r.id, r.job, r.started_at, r.finished_at, r.outcome, r.counts,
               (SELECT u.name
                FROM journal AS j
                JOIN users AS u ON u.id = j.user_id
                WHERE j.noun = 'job' AND j.noun_id = r.id AND j.verb = 'run') AS pressed_by
        FROM job_runs AS r
        WHERE r.job = :job
        ORDER BY r.id DESC
        LIMIT :most";
    conn.prepare_cached(SQL)
        .and_then(|mut query| {
            let rows = query.query_map(named_params! {":job": job, ":most": most}, |row| Ok((run(row)?, row.get("pressed_by")?)))?;
            rows.collect()
        })
        .doing(format_args!("tell the history of {job}"))
}

/// How many rows there are of what matters. The closed deliveries are told by the day summary, which
/// counting hundreds of thousands of rows would only repeat.
pub fn row_counts(conn: &Connection) -> Result<RowCounts> {
    const SQL: &str = "
        /* jobs: row counts */
        SELECT (SELECT count(*) FROM customers) AS customers,
               (SELECT count(*) FROM deliveries) AS recent,
               (SELECT ifnull(sum(deliveries), 0) FROM delivery_days) AS deliveries,
               (SELECT count(*) FROM imports) AS imports,
               (SELECT ifnull(max(id), 0) FROM journal) AS journal";
    conn.prepare_cached(SQL)
        .and_then(|mut query| {
            query.query_row([], |row| {
                let recent = row.get("recent")?;
                Ok(RowCounts {
                    customers: row.get("customers")?,
                    deliveries_recent: recent,
                    deliveries_closed: row.get::<_, i64>("deliveries")? - recent,
                    imports: row.get("imports")?,
                    journal: row.get("journal")?,
                })
            })
        })
        .doing("count the rows")
}

fn run(row: &Row) -> rusqlite::Result<Run> {
    let outcome: Option<String> = row.get("outcome")?;
    let counts: String = row.get("counts")?;
    Ok(Run {
        id: row.get("id")?,
        job: row.get("job")?,
        started_at: row.get("started_at")?,
        finished_at: row.get("finished_at")?,
        outcome: outcome.map(|word| if word == "done" { Outcome::Done } else { Outcome::Failed }),
        counts: serde_json::from_str(&counts).unwrap_or_default(),
    })
}
