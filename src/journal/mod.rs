//! The journal: what changed, who did it and when, written in the same transaction as the change.
//! It is the only event mechanism of the program; audit, undo and live pages are its readers.
//!
//! Invariants
//! - A row is never changed and never removed (triggers hold it).
//! - A bulk action is one row that names its batch, not one per record.

mod store;

use serde_json::{Map, Value};

use crate::error::Noun;
use crate::values::{Stamp, UserId};

pub use store::{changed_since, record, record_export};

/// Who acts, and when: taken once from the request, so that a test can stand at 23:59.
#[derive(Clone, Copy, Debug)]
pub struct By {
    /// `None` is the program itself or its command line.
    pub user: Option<UserId>,
    pub at: Stamp,
}

impl By {
    pub fn program(at: Stamp) -> By {
        By { user: None, at }
    }
}

/// One line of the journal.
pub struct Entry<'a> {
    pub by: By,
    /// The business verb: `create`, `edit`, `terminate`, `import` …
    pub verb: &'a str,
    pub noun: Noun,
    pub noun_id: Option<i64>,
    /// `{"before": …, "after": …}` of what changed, or what the verb needs to be told.
    pub change: Value,
}

/// The fields in which two states of one thing differ, before and after.
pub fn differing(mut before: Map<String, Value>, mut after: Map<String, Value>) -> (Map<String, Value>, Map<String, Value>) {
    let same: Vec<String> = before.keys().filter(|name| before.get(*name) == after.get(*name)).cloned().collect();
    for name in same {
        before.remove(&name);
        after.remove(&name);
    }
    (before, after)
}
