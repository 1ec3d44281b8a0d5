//! Statements that took over 100 ms: logged once each time, the last hundred kept for the health page.
//! A statement is named by the comment it begins with, or by its first words; values travel as
//! parameters, so no name, phone or address can stand in one.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use crate::values::Stamp;

const SLOW: Duration = Duration::from_millis(100);
const KEPT: usize = 100;

#[derive(Clone, Debug)]
pub struct SlowQuery {
    pub at: Stamp,
    pub name: String,
    pub took_ms: u64,
}

// SQLite calls back a plain function, so the list cannot hang on a connection.
static LIST: Mutex<VecDeque<SlowQuery>> = Mutex::new(VecDeque::new());
static COUNT: AtomicU64 = AtomicU64::new(0);

/// How many there were since the start.
pub fn slow_count() -> u64 {
    COUNT.load(Ordering::Relaxed)
}

/// The latest first.
pub fn slow_queries() -> Vec<SlowQuery> {
    LIST.lock().unwrap_or_else(PoisonError::into_inner).iter().rev().cloned().collect()
}

pub(super) fn watch(conn: &Connection) {
    conn.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(seen));
}

/// Runs `work`, hundreds of thousands of small statements, without timing each.
pub fn unwatched<T>(conn: &Connection, work: impl FnOnce() -> T) -> T {
    struct WatchAgain<'a>(&'a Connection);
    impl Drop for WatchAgain<'_> {
        fn drop(&mut self) {
            watch(self.0);
        }
    }
    conn.trace_v2(TraceEventCodes::empty(), None);
    let _again = WatchAgain(conn);
    work()
}

fn seen(event: TraceEvent<'_>) {
    if let TraceEvent::Profile(statement, took) = event
        && SLOW <= took
    {
        let sql = statement.sql();
        // An import builds its indexes last, and knows that it takes a while: nobody waits for that.
        if sql.starts_with("CREATE INDEX") {
            return;
        }
        let name = name_of(&sql);
        COUNT.fetch_add(1, Ordering::Relaxed);
        log::warn!("slow query name=\"{name}\" ms={}", took.as_millis());
        let mut list = LIST.lock().unwrap_or_else(PoisonError::into_inner);
        if list.len() == KEPT {
            list.pop_front();
        }
        list.push_back(SlowQuery { at: Stamp::now(), name, took_ms: took.as_millis() as u64 });
    }
}

/// `customers: search` of `/* customers: search */ SELECT …`, else the first words.
fn name_of(sql: &str) -> String {
    let sql = sql.trim_start();
    if let Some((name, _)) = sql.strip_prefix("/*").and_then(|rest| rest.split_once("*/")) {
        return name.trim().to_owned();
    }
    let words: Vec<_> = sql.split_whitespace().collect();
    words.join(" ").chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_statement_is_named_by_its_comment_or_its_first_words() {
        assert_eq!(super::name_of("  /* customers: search */\n SELECT 1"), "customers: search");
        assert_eq!(super::name_of("SELECT  a,\n  b FROM c"), "SELECT a, b FROM c");
    }
}
