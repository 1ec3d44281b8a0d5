//! The shop's files at full size, 350,000 deliveries. They are generated where the tests run (`scripts/full-data`)
//! and found by LUCKYGAS_FULL_DATA; without it there is nothing to do here.

#[path = "support/imports.rs"]
mod files;
#[allow(unused)]
mod support;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use files::{ORDER, check_all, check_alone, check_clients, check_customers, import};
use support::{Folder, Site};

fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("LUCKYGAS_FULL_DATA").map(PathBuf::from);
    if folder.is_none() {
        println!("LUCKYGAS_FULL_DATA is not set: the full-size files are not tried");
    }
    folder
}

#[test]
fn the_full_files_come_to_what_the_truth_says() {
    let Some(data) = data() else { return };
    for mess in ["clean", "real"] {
        let folder = data.join(mess);
        for name in ORDER {
            check_alone(&folder, name);
        }
        let site = Site::open();
        import(&site, &folder, &ORDER);
        check_all(&site, &folder);
        check_customers(&site, &folder);
        check_clients(&site, &folder);
        let again = import(&site, &folder, &ORDER).counts;
        assert_eq!((again.customers_created, again.customers_updated, again.deliveries_created, again.deliveries_completed), (0, 0, 0, 0));
        check_all(&site, &folder);
    }
}

/// Private memory at its highest while the program imports the full history.
#[test]
fn the_full_history_fits_in_a_hundred_megabytes() {
    let Some(data) = data() else { return };
    let folder = Folder::new();
    let mut child = Command::new(env!("CARGO_BIN_EXE_luckygas"))
        .arg("import")
        .arg(data.join("real/history.xlsx"))
        .arg("--data")
        .arg(&folder.0)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut most_kb = 0;
    while child.try_wait().unwrap().is_none() {
        if let Ok(status) = std::fs::read_to_string(format!("/proc/{}/status", child.id())) {
            let line = status.lines().find(|line| line.starts_with("RssAnon:"));
            let kb = line.and_then(|line| line.split_whitespace().nth(1)).and_then(|kb| kb.parse::<u64>().ok());
            most_kb = most_kb.max(kb.unwrap_or(0));
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(child.wait().unwrap().success());
    println!("private memory at its highest: {} MB", most_kb / 1024);
    assert!(most_kb < 100 * 1024, "{most_kb} KB");
}
