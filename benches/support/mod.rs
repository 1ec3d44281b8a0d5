//! What the benches share: where the full-size files are, and what a process has used.
#![allow(dead_code)]

pub mod desk;
pub mod driven;
#[path = "../../tests/support/form.rs"]
pub mod form;
pub mod page;
pub mod shop;

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// The folder of full-size files, made on first use by `scripts/full-data` (about two minutes).
pub fn full_data() -> PathBuf {
    let folder = std::env::var_os("LUCKYGAS_FULL_DATA").map_or_else(|| PathBuf::from("target/full-data"), PathBuf::from);
    if !folder.join("real/truth.json").exists() {
        let made = Command::new("scripts/full-data").arg(&folder).status().expect("scripts/full-data runs");
        assert!(made.success(), "scripts/full-data failed");
    }
    folder
}

/// CPU this process's finished children have used, from /proc/self/stat; ticks are 10 ms.
pub fn children_cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let after_name = stat.rsplit_once(')').expect("a name").1;
    let ticks: u64 = after_name.split_whitespace().skip(13).take(2).map(|field| field.parse::<u64>().expect("ticks")).sum();
    Duration::from_millis(ticks * 10)
}

/// Private bytes of a process: what it alone would give back. Mapped pages of the file are not counted.
pub fn private_bytes(pid: u32) -> Option<u64> {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let kilobytes: u64 = rollup
        .lines()
        .filter(|line| line.starts_with("Private_"))
        .filter_map(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok())
        .sum();
    Some(kilobytes * 1024)
}

/// Runs `command` to its end; gives its CPU and the most private memory seen in 10 ms looks.
pub fn run(command: &mut Command) -> (Duration, u64) {
    let before = children_cpu();
    let mut child = command.spawn().expect("the program starts");
    let mut peak = 0;
    let status = loop {
        peak = peak.max(private_bytes(child.id()).unwrap_or(0));
        match child.try_wait().expect("the child can be asked") {
            Some(status) => break status,
            None => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    assert!(status.success(), "{command:?} failed: {status}");
    (children_cpu() - before, peak)
}

/// The value below which `share` of the sorted `times` lie.
pub fn percentile(sorted: &[Duration], share: f64) -> Duration {
    let at = ((sorted.len() as f64 * share).ceil() as usize).clamp(1, sorted.len());
    sorted[at - 1]
}
