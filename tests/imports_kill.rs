//! kill -9 in the middle of an import: the shop is as it was, or the import is whole.

#[path = "support/imports.rs"]
mod files;
#[allow(unused)]
mod support;

use std::process::{Command, Stdio};
use std::time::Duration;

use files::{ORDER, sample};
use luckygas::app::{App, Clock};
use luckygas::db::{self, Lock};
use support::Folder;

/// Customers, deliveries, drops, imports, journal lines; and whether `luckygas check` is content.
fn counts(folder: &Folder) -> [i64; 5] {
    let _lock = Lock::take(&folder.0).unwrap();
    let app = App::open(&folder.0, Clock::System).unwrap();
    for finding in app.db.read(db::check).unwrap() {
        assert!(finding.is_good, "{}: {}", finding.what, finding.detail);
    }
    let count = |table: &str| {
        app.db.read(|conn| Ok(conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap())).unwrap()
    };
    ["customers", "all_deliveries", "delivery_drops", "imports", "journal"].map(count)
}

#[test]
fn a_killed_import_leaves_the_shop_as_it_was() {
    let folder = Folder::new();
    let import = |names: &[&str]| {
        Command::new(env!("CARGO_BIN_EXE_luckygas"))
            .arg("import")
            .args(names.iter().map(|name| sample().join(name)))
            .arg("--data")
            .arg(&folder.0)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    assert!(import(&ORDER[..1]).wait().unwrap().success());
    let before = counts(&folder);
    let mut killed = 0;
    for wait in [5, 15, 30, 50, 80, 120, 170, 230, 300, 380] {
        let mut child = import(&ORDER);
        std::thread::sleep(Duration::from_millis(wait));
        let was_running = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        if counts(&folder) != before {
            assert!(!was_running || counts(&folder)[3] == before[3] + 1, "half an import after {wait} ms");
            break;
        }
        killed += 1;
    }
    assert!(0 < killed, "no import was caught in the act");
}
