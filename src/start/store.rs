use rusqlite::Connection;

use crate::error::{Doing, Result};
use crate::values::Stamp;

/// The latest moment anything was written down at, among what was written last; `None` in a shop where nothing was.
pub fn latest(conn: &Connection) -> Result<Option<Stamp>> {
    // What was written with a clock that was wrong by years is believed for a day or so, and not for ever.
    const SQL: &str = "
        SELECT max(at)
        FROM (SELECT at FROM (SELECT at FROM journal ORDER BY id DESC LIMIT 500)
              UNION ALL
              SELECT at FROM (SELECT started_at AS at FROM job_runs ORDER BY id DESC LIMIT 50))";
    conn.query_row(SQL, [], |row| row.get::<_, Option<i64>>(0)).map(|at| at.map(Stamp)).doing("read when something was last written")
}
