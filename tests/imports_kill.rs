//! kill -9 in the middle of an import: the shop is as it was, or the import is whole.

#[path = "support/imports.rs"]
mod files;
#[allow(unused)]
mod support;

use std::path::Path;
use std::process::{Child, Command, Stdio};
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

/// `luckygas import` of the files `names` in `from`.
fn import(folder: &Folder, from: &Path, names: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_luckygas"))
        .arg("import")
        .args(names.iter().map(|name| from.join(name)))
        .arg("--data")
        .arg(&folder.0)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

#[test]
fn a_killed_import_leaves_the_shop_as_it_was() {
    kill_at(&sample(), &[5, 15, 30, 50, 80, 120, 170, 230, 300, 380]);
}

/// The history alone is written for seconds, so most of these kills meet an open transaction.
#[test]
fn a_killed_import_of_the_whole_history_leaves_the_shop_as_it_was() {
    match std::env::var_os("LUCKYGAS_FULL_DATA") {
        Some(data) => kill_at(&Path::new(&data).join("real"), &[500, 1_500, 2_500, 3_500, 5_000, 7_000, 9_000, 12_000]),
        None => println!("LUCKYGAS_FULL_DATA is not set: the full-size files are not tried"),
    }
}

/// Imports everything in `from` again and again and kills it after so many milliseconds, until one is through.
fn kill_at(from: &Path, waits: &[u64]) {
    let folder = Folder::new();
    assert!(import(&folder, from, &ORDER[..1]).wait().unwrap().success());
    let before = counts(&folder);
    let mut killed = 0;
    for &wait in waits {
        let mut child = import(&folder, from, &ORDER);
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
