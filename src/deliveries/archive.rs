//! Closing the past: rows older than six months move to `delivery_history`, where nothing changes any more.
//! No screen and no answer differs before and after; a second run finds nothing to do.

use serde_json::json;

use crate::app::App;
use crate::deliveries::{NOUN, store};
use crate::error::Result;
use crate::journal::{self, By, Entry};

/// Rows a transaction moves, some hundredths of a second; between two of them others write.
const BATCH: i64 = 4_000;

/// Moves what has become old since the last time, and says how many rows. Each batch is whole by itself, so
/// a plug pulled in between loses nothing; the next run goes on. Leaves between batches when the program stops.
pub fn run(app: &App) -> Result<u64> {
    let now = app.now();
    let before = now.day().six_months_before();
    let mut moved = 0;
    while !app.is_stopping() {
        let count = app.db.write(|tx| {
            let count = store::close(tx, before, BATCH)?;
            if 0 < count {
                let change = json!({"moved": count, "older_than": before.to_string()});
                journal::record(tx, &Entry { by: By::program(now), verb: "archive", noun: NOUN, noun_id: None, change })?;
            }
            Ok(count)
        })?;
        moved += count as u64;
        if (count as i64) < BATCH {
            break;
        }
    }
    Ok(moved)
}
