//! The watch: as long as nobody has said that he goes, the shop is alarmed again every three minutes (business §12).
//!
//! It is not a job: a job is work of the night that leaves a row for each run. The watch looks every few seconds, touches
//! one index that is nearly always empty, and writes only when there is somebody to be alarmed.

use crate::app::App;
use crate::emergencies::{Emergency, acts, store};
use crate::error::Result;
use crate::journal::By;
use crate::values::Stamp;

/// Alarms the shop of every emergency whose time has come; gives how many there were.
pub fn look(app: &App) -> Result<usize> {
    let now = app.now();
    let is_due = |one: &Emergency| one.is_due(now);
    if !app.db.read(|conn| Ok(store::open(conn)?.iter().any(is_due)))? {
        return Ok(0);
    }
    app.db.write(|tx| {
        let due: Vec<Emergency> = store::open(tx)?.into_iter().filter(is_due).collect();
        due.iter().try_for_each(|one| alarm(tx, one, now))?;
        Ok(due.len())
    })
}

fn alarm(tx: &rusqlite::Transaction, one: &Emergency, now: Stamp) -> Result<()> {
    let by = By::program(now);
    let after = acts::commit(tx, one, &acts::alarmed(one, now), "alarm", serde_json::json!({}), by)?;
    let minutes = now.minutes_since(one.assigned_at.unwrap_or(one.created_at));
    let listed = store::listed(tx, after.id)?;
    let what = match &listed.driver {
        Some(driver) => format!("{driver} {minutes} 分鐘沒有回應"),
        None => format!("{minutes} 分鐘了還沒派人"),
    };
    acts::tell_office(tx, after.id, &what, now)
}
