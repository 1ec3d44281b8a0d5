//! `luckygas demo`: a shop to practise in, beside the real one and never in its place.

mod support;

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use support::{Folder, Site};

fn luckygas(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_luckygas"));
    command.args(words).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn a_real_shop_is_never_practised_in() {
    let site = Site::open();
    let folder = site.folder.0.display().to_string();
    let answer = luckygas(&["demo", "--data", &folder]).output().unwrap();
    let said = String::from_utf8_lossy(&answer.stderr);
    assert_eq!(answer.status.code(), Some(1), "{said}");
    assert!(said.contains("裡是真的店，不能拿來練習"), "{said}");
    assert_eq!(site.app.settings().shop_name, "煤氣行");
}

#[test]
fn wrong_words_are_answered_with_one_sentence() {
    let answer = luckygas(&["demo", "--seed", "7"]).output().unwrap();
    assert_eq!(answer.status.code(), Some(2));
    assert_eq!(String::from_utf8_lossy(&answer.stderr), "沒有「--seed」這個選項。用 luckygas demo --help 看用法。\n");
}

#[test]
fn the_practice_shop_opens_and_says_how_to_sign_in() {
    let folder = Folder::new();
    let start = Instant::now();
    let data = folder.0.display().to_string();
    let mut child = luckygas(&["demo", "--data", &data, "--listen", "127.0.0.1:0"]).stderr(Stdio::null()).spawn().unwrap();
    let mut said = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        said.push_str(&line);
        said.push('\n');
        if line.starts_with("停止") {
            break;
        }
    }
    let took = start.elapsed();
    child.kill().unwrap();
    child.wait().unwrap();
    for says in ["13295 位客戶", "xiaohui  小惠（辦公室）", luckygas::demo::PASSWORD, "網址"] {
        assert!(said.contains(says), "{says} is not in {said}");
    }
    // Twenty seconds in the build a shop gets; this one is not optimised.
    assert!(took < Duration::from_secs(60), "{took:?}");
}
