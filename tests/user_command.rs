//! `luckygas user`, as typed at the shop's own PC.
#![allow(clippy::unwrap_used)]

mod support;

use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use luckygas::app::{App, Clock};
use luckygas::http::Request;
use luckygas::http::request::Method;
use luckygas::users::sign_in;
use support::Folder;
use support::program::luckygas;

/// Runs `luckygas user …` with `typed` on its standard input; exit code, then what it said either way.
fn user(folder: &Path, args: &[&str], typed: &str) -> (i32, String) {
    let mut command = luckygas(&["user"]);
    command.args(args).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that does not read may be gone before this is written.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap() + &String::from_utf8(stderr).unwrap())
}

fn signs_in(folder: &Path, username: &str, password: &str) -> Option<bool> {
    let app = App::open(folder, Clock::Fixed(support::now())).unwrap();
    let req = Request::new(Method::Post, "/sign-in", vec![], vec![], support::now()).unwrap();
    sign_in::enter(&app, &req, username, password).ok().map(|entered| entered.user.must_change_password)
}

#[test]
fn a_typed_password_stands_and_a_made_one_is_to_be_changed() {
    let folder = Folder::new();
    let add = ["add", "--username", "boss", "--name", "老闆", "--role", "admin"];
    let (code, said) = user(&folder.0, &add, "a-typed-password\r\n");
    assert_eq!((code, said.as_str()), (0, "已新增 boss（管理者）。\n"));
    assert_eq!(signs_in(&folder.0, "boss", "a-typed-password"), Some(false));

    let (code, said) = user(&folder.0, &["add", "--username", "aming", "--name", "阿明", "--role", "driver"], "");
    let made = said.lines().find_map(|line| line.strip_prefix("第一次密碼　")).unwrap();
    assert_eq!((code, signs_in(&folder.0, "aming", made)), (0, Some(true)));

    let (code, said) = user(&folder.0, &["list"], "");
    assert!(code == 0 && said.contains("boss") && said.contains("阿明"), "{said}");
    assert_eq!(user(&folder.0, &add, "a-typed-password\n"), (1, "這個帳號已經有人用了，請換一個。\n".to_owned()));
}

#[test]
fn who_cannot_get_in_is_rescued_at_the_pc() {
    let folder = Folder::new();
    user(&folder.0, &["add", "--username", "boss", "--name", "老闆", "--role", "admin"], "a-typed-password\n");
    for _ in 0..5 {
        assert_eq!(signs_in(&folder.0, "boss", "forgotten"), None);
    }
    assert_eq!(signs_in(&folder.0, "boss", "a-typed-password"), None, "locked");
    assert_eq!(user(&folder.0, &["password", "boss"], "another-password\n").0, 0);
    assert_eq!(signs_in(&folder.0, "boss", "another-password"), Some(false));
}

#[test]
fn what_is_typed_wrongly_changes_nothing() {
    let folder = Folder::new();
    let cases: [(&[&str], &str, i32, &str); 7] = [
        (&[], "", 2, "用法：luckygas user"),
        (&["sell"], "", 2, "用法：luckygas user"),
        (&["add", "--username", "boss"], "", 2, "--username、--name 和 --role"),
        (&["add", "--username", "b b", "--name", "x", "--role", "admin"], "", 2, "不能有空白"),
        (&["add", "--username", "boss", "--name", "x", "--role", "king"], "", 2, "沒有「king」這種角色"),
        (&["add", "--username", "boss", "--name", "x", "--role", "admin"], "short\n", 2, "至少要 8 個字"),
        (&["password", "nobody"], "", 1, "沒有「nobody」這個帳號"),
    ];
    for (args, typed, code, says) in cases {
        let (have, said) = user(&folder.0, args, typed);
        assert!(have == code && said.contains(says), "{args:?}: {have} {said}");
    }
    assert_eq!(user(&folder.0, &["list"], ""), (0, "還沒有人。\n".to_owned()));
}
