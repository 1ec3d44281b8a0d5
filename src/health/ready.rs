//! Can the shop work now? More than that it lives: that its file answers and would take a write.

use std::time::Duration;

use crate::app::App;
use crate::error::Held;
use crate::health::store;

/// A write that takes longer than this hangs. The longest that is none, an import of everything, is over sooner.
const LONGEST_WRITE: Duration = Duration::from_secs(300);

/// What stands in the way, each as a short word: `read` the file does not answer, `disk` the disk is full and `readonly` it
/// takes nothing, so that the shop can only be looked at, `write` the file takes no write, `stuck` somebody has been writing
/// for minutes, `stopping` the shop is closing. Waits for nobody.
pub fn reasons(app: &App) -> Vec<&'static str> {
    let mut reasons = Vec::new();
    if app.is_stopping() {
        reasons.push("stopping");
    }
    if app.db.read(store::answers).is_err() {
        reasons.push("read");
    }
    match app.db.held() {
        Some(Held::Full) => reasons.push("disk"),
        Some(Held::Unwritable) => reasons.push("readonly"),
        Some(Held::Damaged) => reasons.push("damaged"),
        None => reasons.extend(why_not_written(app)),
    }
    reasons
}

fn why_not_written(app: &App) -> Option<&'static str> {
    match app.db.takes_writes() {
        Some(true) => None,
        Some(false) => Some("write"),
        None if app.db.timing().held_for().is_some_and(|held| LONGEST_WRITE < held) => Some("stuck"),
        None => None,
    }
}
