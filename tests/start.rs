//! What the program does with a folder it cannot simply open: what it says, what it leaves alone, and how people get on.

mod support;

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use luckygas::app::{App, Clock};
use luckygas::backups::{self, Kind, list, make};
use luckygas::db;
use luckygas::error::Held;
use luckygas::http::request::{Method, Request};
use luckygas::http::{Behind, Response};
use luckygas::start::{self, Waiting, clock, mark};
use luckygas::values::Stamp;
use rusqlite::Connection;
use support::program::{Serving, luckygas, run};
use support::wire::Client;
use support::{Folder, Site};

const OLDEST: &str = include_str!("data/schema/v1.sql");
const LATEST: &str = include_str!("data/schema/v3.sql");
const PAGE: usize = 4096;

fn file(folder: &Folder) -> PathBuf {
    folder.0.join("luckygas.db")
}

fn beside(folder: &Folder, ending: &str) -> PathBuf {
    folder.0.join(format!("luckygas.db{ending}"))
}

/// A folder with a file of an earlier version as `sql` writes it out.
fn laid(sql: &str) -> Folder {
    let folder = Folder::new();
    Connection::open(file(&folder)).unwrap().execute_batch(sql).unwrap();
    folder
}

/// A shop people work in, closed, with nothing beside its file.
fn shop() -> Folder {
    let folder = laid(LATEST);
    drop(start::open(&folder.0, Clock::System, &|_| ()).unwrap());
    std::fs::remove_dir_all(backups::folder(&folder.0)).unwrap();
    folder
}

fn shop_with_a_copy() -> Folder {
    let folder = shop();
    make::make_offline(&folder.0, Kind::Nightly, Stamp::now()).unwrap();
    folder
}

/// What a killed program leaves: the file, and the last ten writes in the WAL beside it.
fn killed() -> Folder {
    let (from, to) = (shop(), Folder::new());
    let conn = Connection::open(file(&from)).unwrap();
    conn.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    for number in 0..10 {
        conn.execute("INSERT INTO areas (name) VALUES (?1)", [format!("last {number}")]).unwrap();
    }
    for ending in ["", "-wal"] {
        std::fs::copy(beside(&from, ending), beside(&to, ending)).unwrap();
    }
    to
}

fn last_writes(folder: &Folder) -> i64 {
    Connection::open(file(folder)).unwrap().query_row("SELECT count(*) FROM areas WHERE name LIKE 'last %'", [], |row| row.get(0)).unwrap()
}

/// Everything below `folder` with its bytes; but for what a program writes about itself.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            if name != "logs" {
                found.extend(contents(&entry.path()));
            }
        } else if !name.ends_with("-shm") && !["luckygas.lock", "luckygas.pid"].contains(&name.as_str()) {
            found.insert(entry.path(), std::fs::read(entry.path()).unwrap());
        }
    }
    found
}

fn overwrite(path: &Path, at: usize, bytes: &[u8]) {
    let mut whole = std::fs::read(path).unwrap();
    whole[at..at + bytes.len()].copy_from_slice(bytes);
    std::fs::write(path, whole).unwrap();
}

/// The first page of `table` or of an index.
fn root_of(folder: &Folder, name: &str) -> usize {
    let conn = Connection::open(file(folder)).unwrap();
    let page: u32 = conn.query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [name], |row| row.get(0)).unwrap();
    (page as usize - 1) * PAGE
}

/// The last leaf of `table`.
fn leaf_of(folder: &Folder, table: &str) -> usize {
    let conn = Connection::open(file(folder)).unwrap();
    let sql = "SELECT max(pageno) FROM dbstat WHERE name = ?1 AND pagetype = 'leaf'";
    let page: u32 = conn.query_row(sql, [table], |row| row.get(0)).unwrap();
    (page as usize - 1) * PAGE
}

#[test]
fn bad_ground_is_said_and_nothing_on_it_is_changed() {
    type Ground = (&'static str, fn() -> Folder, &'static str);
    let cases: [Ground; 12] = [
        (
            "the file is gone and there are copies",
            || {
                let folder = shop_with_a_copy();
                std::fs::remove_file(file(&folder)).unwrap();
                folder
            },
            "不見了，這裡開過店，沒有開成空的新店",
        ),
        (
            "an empty file stands in its place",
            || {
                let folder = shop_with_a_copy();
                std::fs::write(file(&folder), "").unwrap();
                folder
            },
            "不見了，這裡開過店",
        ),
        (
            "the file is gone and only the mark is left",
            || {
                let folder = shop();
                let app = App::open(&folder.0, Clock::System).unwrap();
                mark::mark(&app).unwrap();
                drop(app);
                std::fs::remove_file(file(&folder)).unwrap();
                folder
            },
            "找最近的備份",
        ),
        (
            "the file is gone and its last work is there",
            || {
                let folder = killed();
                std::fs::remove_file(file(&folder)).unwrap();
                folder
            },
            "-wal 檔還在",
        ),
        (
            "a copy laid there by hand, beside the WAL of what was there before",
            || {
                let folder = shop();
                std::fs::copy(beside(&killed(), "-wal"), beside(&folder, "-wal")).unwrap();
                folder
            },
            "別的資料檔留下的 -wal",
        ),
        (
            "a WAL with pages of another size",
            || {
                let (folder, other) = (killed(), Folder::new());
                let conn = Connection::open(file(&other)).unwrap();
                conn.execute_batch("PRAGMA page_size = 1024; PRAGMA journal_mode = WAL; CREATE TABLE x (y); INSERT INTO x VALUES (1)")
                    .unwrap();
                std::fs::copy(beside(&other, "-wal"), beside(&folder, "-wal")).unwrap();
                folder
            },
            "別的資料檔留下的 -wal",
        ),
        (
            "the WAL of another program",
            || {
                let (folder, other) = (killed(), Folder::new());
                let conn = Connection::open(file(&other)).unwrap();
                conn.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE x (y); INSERT INTO x VALUES (1)").unwrap();
                std::fs::copy(beside(&other, "-wal"), beside(&folder, "-wal")).unwrap();
                folder
            },
            "別的資料檔留下的 -wal",
        ),
        (
            "a spoiled place in the WAL with finished writes behind it",
            || {
                let folder = killed();
                overwrite(&beside(&folder, "-wal"), 32 + 24 + 100, &[0xA5; 8]);
                folder
            },
            "筆存檔讀不出來",
        ),
        (
            "a spoiled head of the WAL",
            || {
                let folder = killed();
                overwrite(&beside(&folder, "-wal"), 18, &[0xA5; 2]);
                folder
            },
            "筆存檔讀不出來",
        ),
        (
            "the journal of another file",
            || {
                let (folder, other) = (shop(), Folder::new());
                let conn = Connection::open(file(&other)).unwrap();
                conn.execute_batch("CREATE TABLE x (y); INSERT INTO x VALUES (1); PRAGMA cache_size = 1; BEGIN; UPDATE x SET y = 2")
                    .unwrap();
                let filler = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO x SELECT randomblob(900) FROM n";
                conn.execute_batch(filler).unwrap();
                std::fs::copy(beside(&other, "-journal"), beside(&folder, "-journal")).unwrap();
                folder
            },
            "別的資料檔留下的 -journal",
        ),
        (
            "the first page of an index overwritten",
            || {
                let folder = shop();
                overwrite(&file(&folder), root_of(&folder, "order_lines_product"), &[0xA5; PAGE]);
                folder
            },
            "損壞",
        ),
        (
            "found damaged at work, where a start does not look",
            || {
                let folder = shop();
                let at = leaf_of(&folder, "journal") + 200;
                overwrite(&file(&folder), at, &[0xA5; PAGE - 300]);
                std::fs::write(folder.0.join("luckygas-damaged.txt"), "").unwrap();
                folder
            },
            "損壞",
        ),
    ];
    for (what, build, sentence) in cases {
        let folder = build();
        let before = contents(&folder.0);
        for args in [&["serve", "--listen", "127.0.0.1:0", "--no-rescue"][..], &["check"], &["jobs", "run", "archive"]] {
            let output = run(&folder.0, args);
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!(output.status.code(), Some(1), "{what}, {args:?}: {said}");
            assert!(said.lines().last().unwrap_or_default().contains(sentence), "{what}, {args:?}: {said}");
            assert!(contents(&folder.0) == before, "{what}, {args:?} changed something: {:?}", contents(&folder.0).keys());
        }
    }
}

#[test]
fn what_only_looks_bad_is_opened() {
    type Ground = (&'static str, fn() -> Folder, i64);
    let cases: [Ground; 6] = [
        ("killed at work", killed, 10),
        (
            "the last write torn by a power cut",
            || {
                let folder = killed();
                let wal = std::fs::read(beside(&folder, "-wal")).unwrap();
                std::fs::write(beside(&folder, "-wal"), &wal[..wal.len() - 1000]).unwrap();
                folder
            },
            9,
        ),
        (
            "garbage where SQLite keeps its index of the WAL",
            || {
                let folder = killed();
                std::fs::write(beside(&folder, "-shm"), [0xA5; 32_768]).unwrap();
                folder
            },
            10,
        ),
        (
            "a WAL of which nothing has reached the disk",
            || {
                let folder = shop();
                std::fs::write(beside(&folder, "-wal"), [0; 9000]).unwrap();
                folder
            },
            0,
        ),
        (
            "found damaged at work, and another file stands there now",
            || {
                let folder = killed();
                std::fs::write(folder.0.join("luckygas-damaged.txt"), "").unwrap();
                folder
            },
            10,
        ),
        (
            "a copy that was not finished",
            || {
                let folder = killed();
                std::fs::create_dir_all(backups::folder(&folder.0)).unwrap();
                std::fs::write(backups::folder(&folder.0).join("luckygas-20261122-031205-nightly.db.part"), "half").unwrap();
                folder
            },
            10,
        ),
    ];
    for (what, build, writes) in cases {
        let folder = build();
        let serving = Serving::start(&folder.0);
        assert_eq!(Client::open(serving.address).get("/health").status, 200, "{what}");
        drop(serving);
        assert_eq!(last_writes(&folder), writes, "{what}");
        assert!(!folder.0.join("luckygas-damaged.txt").exists(), "{what}");
        assert!(list::list(&folder.0).is_empty(), "{what}");
    }
}

/// Somebody practised, moved the file away as the page says, and begins in earnest.
#[test]
fn where_people_only_practised_a_first_day_is_a_first_day() {
    let folder = shop();
    Connection::open(file(&folder)).unwrap().execute_batch("INSERT OR REPLACE INTO settings VALUES ('is_practice', '1')").unwrap();
    make::make_offline(&folder.0, Kind::Hourly, Stamp::now()).unwrap();
    std::fs::remove_file(file(&folder)).unwrap();
    let serving = Serving::start(&folder.0);
    assert!(serving.said.contains("開店碼"), "{}", serving.said);
}

#[cfg(unix)]
#[test]
fn whose_a_file_is_that_may_not_be_written_is_said() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let folder = shop();
    if std::fs::metadata(&folder.0).unwrap().uid() != 0 {
        return;
    }
    std::fs::set_permissions(&folder.0, std::fs::Permissions::from_mode(0o777)).unwrap();
    let before = contents(&folder.0);
    let program = env!("CARGO_BIN_EXE_luckygas");
    let args = ["--reuid=65534", "--regid=65534", "--clear-groups", program, "check", "--data", folder.0.to_str().unwrap()];
    let Ok(output) = std::process::Command::new("setpriv").args(args).output() else { return };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    // A system that lets nobody run the program says nothing of ours.
    if output.status.code() == Some(1) && said.contains("luckygas.db") {
        assert!(said.contains("不能寫入") && said.contains("另一位使用者"), "{said}");
    }
    assert!(contents(&folder.0) == before);
}

// Upgrade.

#[test]
fn an_older_file_is_copied_before_it_is_changed() {
    for sql in [OLDEST, LATEST] {
        let folder = laid(sql);
        let was = std::fs::read(file(&folder)).unwrap();
        let output = run(&folder.0, &["jobs", "run", "archive"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{said}");
        assert!(said.contains("先備份一份") && said.contains("重數一遍"), "{said}");
        let copies = list::list(&folder.0);
        assert_eq!(copies.len(), 1);
        assert!(copies[0].name.kind == Kind::Upgrade && copies[0].is_good());
        // The copy is what an older program opens.
        let version =
            |path: &Path| -> i32 { Connection::open(path).unwrap().query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap() };
        assert_eq!(version(&copies[0].path), i32::from_be_bytes([was[60], was[61], was[62], was[63]]));
        assert_eq!(version(&file(&folder)), db::VERSION);
        let rows: i64 = Connection::open(file(&folder))
            .unwrap()
            .query_row("SELECT count(*) FROM journal WHERE verb = 'upgrade'", [], |row| row.get(0))
            .unwrap();
        assert_eq!(rows, 1);
        assert_eq!(run(&folder.0, &["check"]).status.code(), Some(0));
        assert_eq!(list::list(&folder.0).len(), 1, "once");
    }
}

#[test]
fn an_upgrade_that_fails_names_the_way_back_and_is_not_tried_again_and_again() {
    let folder = laid(OLDEST);
    Connection::open(file(&folder)).unwrap().execute_batch("CREATE TABLE due_skips (x INTEGER)").unwrap();
    let rows = |folder: &Folder| {
        let conn = Connection::open(file(folder)).unwrap();
        let sql =
            "SELECT (SELECT count(*) FROM sqlite_schema), (SELECT count(*) FROM journal), (SELECT user_version FROM pragma_user_version)";
        conn.query_row(sql, [], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))).unwrap()
    };
    let was = rows(&folder);
    for _ in 0..3 {
        let output = run(&folder.0, &["serve", "--listen", "127.0.0.1:0", "--no-rescue"]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        let copies = list::list(&folder.0);
        assert_eq!(copies.len(), 1, "one copy, however often it is tried");
        let last = said.lines().last().unwrap();
        assert!(last.contains("照舊沒有變") && last.contains("0.1 版") && last.contains(&copies[0].name.to_string()), "{said}");
        assert_eq!(rows(&folder), was);
    }
    Connection::open(file(&folder)).unwrap().execute_batch("DROP TABLE due_skips").unwrap();
    assert_eq!(run(&folder.0, &["check"]).status.code(), Some(0));
}

#[cfg(target_os = "linux")]
#[test]
fn without_room_for_a_copy_nothing_is_changed() {
    use std::process::Command;
    let disk = Folder::new();
    // Only root mounts a disk of two megabytes.
    if !Command::new("mount").args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"]).arg(&disk.0).status().is_ok_and(|status| status.success()) {
        return;
    }
    std::fs::copy(file(&laid(LATEST)), file(&disk)).unwrap();
    let before = contents(&disk.0);
    let output = run(&disk.0, &["check"]);
    let is_untouched = contents(&disk.0) == before;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let _ = Command::new("umount").arg(&disk.0).status();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("更新資料前要先備份") && said.contains("資料沒有變"), "{said}");
    assert!(is_untouched, "{said}");
}

#[test]
fn cut_off_at_any_moment_of_an_upgrade_the_old_file_is_whole_or_the_new_one() {
    let sql = format!(
        "{OLDEST}
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)
         INSERT INTO journal (at, verb, noun, change) SELECT 1795326956256, 'x', 'customer', '{{}}' FROM n;"
    );
    let template = laid(&sql);
    let count = |path: &Path| -> (i32, i64) {
        let conn = Connection::open(path).unwrap();
        let whole: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(whole, "ok");
        let sql = "SELECT (SELECT user_version FROM pragma_user_version), (SELECT count(*) FROM journal WHERE verb = 'x')";
        conn.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
    };
    let (_, rows) = count(&file(&template));
    let begin = Instant::now();
    let whole = Folder::new();
    std::fs::copy(file(&template), file(&whole)).unwrap();
    assert_eq!(run(&whole.0, &["jobs"]).status.code(), Some(0));
    let took = begin.elapsed();
    let mut seen = [0, 0];
    for moment in 1..=20 {
        let folder = Folder::new();
        std::fs::copy(file(&template), file(&folder)).unwrap();
        let mut child = luckygas(&["jobs"])
            .current_dir(&folder.0)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(took * moment / 20);
        let _ = child.kill();
        let _ = child.wait();
        let (version, kept) = count(&file(&folder));
        assert_eq!(kept, rows, "moment {moment}");
        match version {
            1 => seen[0] += 1,
            db::VERSION => {
                seen[1] += 1;
                let copies = list::list(&folder.0);
                assert!(copies.iter().any(|copy| copy.is_good() && copy.name.kind == Kind::Upgrade), "moment {moment}: {copies:?}");
            }
            version => panic!("moment {moment}: schema {version}"),
        }
        assert_eq!(run(&folder.0, &["check"]).status.code(), Some(0), "moment {moment}");
    }
    assert!(0 < seen[0], "{seen:?}");
}

fn ask(behind: &dyn Behind, path: &str) -> Response {
    behind.answer(Request::new(Method::Get, path, vec![], vec![], Stamp::now()).unwrap())
}

#[test]
fn while_a_file_is_brought_up_to_date_every_address_says_so() {
    let folder = laid(LATEST);
    let waiting = Waiting::new(&folder.0);
    for path in ["/", "/customers/17", "/sign-in"] {
        let answer = ask(&waiting, path);
        let text = String::from_utf8(answer.body.clone()).unwrap();
        assert_eq!((answer.status, answer.header("Retry-After")), (503, Some("5")), "{path}");
        assert!(text.contains("正在把資料更新到新版") && text.contains("http-equiv=\"refresh\""), "{text}");
    }
    for path in ["/health", "/api/v1/orders"] {
        let answer = ask(&waiting, path);
        assert_eq!((answer.status, answer.header("Content-Type")), (503, Some("application/json")), "{path}");
    }
    assert_eq!(ask(&waiting, "/assets/style.css").status, 200);
}

// Rescue.

fn post(serving: &Serving, path: &str, form: &[(&str, &str)]) -> (u16, String, Option<String>) {
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let mut client = Client::open(serving.address);
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    std::io::Write::write_all(&mut client.stream, request.as_bytes()).unwrap();
    let reply = client.reply(true).unwrap();
    (reply.status, reply.text(), reply.header("location").map(str::to_owned))
}

fn wait_until_open(serving: &Serving) {
    let until = Instant::now() + Duration::from_secs(30);
    while Client::open(serving.address).get("/health").status != 200 {
        assert!(Instant::now() < until, "the shop does not open");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_damaged_shop_is_restored_in_the_browser() {
    let folder = shop_with_a_copy();
    let damaged = {
        overwrite(&file(&folder), root_of(&folder, "orders"), &[0xA5; PAGE]);
        std::fs::read(file(&folder)).unwrap()
    };
    let copy = list::newest_good(&folder.0).unwrap().name.to_string();
    let serving = Serving::rescued(&folder.0);
    let code = serving.rescue_code();
    for path in ["/", "/customers", "/sign-in", "/rescue"] {
        let page = Client::open(serving.address).get(path);
        assert_eq!(page.status, 503, "{path}");
        assert!(page.text().contains("店沒有打開") && page.text().contains("損壞") && !page.text().contains(&copy), "{path}");
    }
    assert_eq!(Client::open(serving.address).get("/api/v1/orders").status, 503);
    assert_eq!(Client::open(serving.address).get("/rescue?code=AAAA-AAAA").status, 422);
    assert!(Client::open(serving.address).get(&format!("/rescue?code={code}")).text().contains(&copy));

    let (status, text, _) = post(&serving, "/rescue/restore", &[("code", "AAAA-AAAA"), ("name", &copy)]);
    assert_eq!(status, 422, "{text}");
    let (status, text, _) = post(&serving, "/rescue/restore", &[("code", &code), ("name", "../luckygas.db")]);
    assert!(status == 422 && text.contains("請選一份備份"), "{status} {text}");
    for act in ["new", "aside"] {
        let (status, ..) = post(&serving, &format!("/rescue/{act}"), &[("code", &code)]);
        assert_eq!(status, 404, "{act} is not what is wanted here");
    }
    assert!(std::fs::read(file(&folder)).unwrap() == damaged);

    let (status, text, location) = post(&serving, "/rescue/restore", &[("code", &code), ("name", &copy)]);
    assert!(status == 303 && location.is_some_and(|to| to.starts_with("/restoring/")), "{status} {text}");
    wait_until_open(&serving);
    assert!(Client::open(serving.address).get("/sign-in").text().contains("密碼"));
    drop(serving);
    let kept = list::list(&folder.0).into_iter().find(|copy| copy.name.kind == Kind::Replaced).unwrap();
    assert!(std::fs::read(kept.path).unwrap() == damaged, "what was there is kept");
    assert_eq!(run(&folder.0, &["check"]).status.code(), Some(0));
}

#[test]
fn a_lost_file_that_comes_back_opens_the_shop_by_itself() {
    let folder = shop_with_a_copy();
    let elsewhere = folder.0.join("elsewhere.db");
    std::fs::rename(file(&folder), &elsewhere).unwrap();
    let serving = Serving::rescued(&folder.0);
    assert!(serving.said.contains("不見了"), "{}", serving.said);
    std::fs::rename(&elsewhere, file(&folder)).unwrap();
    wait_until_open(&serving);
}

#[test]
fn an_empty_shop_stands_there_only_when_somebody_wants_it() {
    let folder = shop_with_a_copy();
    std::fs::remove_file(file(&folder)).unwrap();
    let before = contents(&backups::folder(&folder.0));
    let serving = Serving::rescued(&folder.0);
    let (status, ..) = post(&serving, "/rescue/new", &[("code", &serving.rescue_code())]);
    assert_eq!(status, 303);
    wait_until_open(&serving);
    assert!(contents(&backups::folder(&folder.0)) == before);
}

#[test]
fn what_lies_in_the_way_is_laid_aside_and_kept() {
    for (is_foreign, writes) in [(true, 0), (false, 1)] {
        let folder = if is_foreign { shop() } else { killed() };
        if is_foreign {
            std::fs::copy(beside(&killed(), "-wal"), beside(&folder, "-wal")).unwrap();
        } else {
            // Behind the first write.
            let wal = std::fs::read(beside(&folder, "-wal")).unwrap();
            let frame = PAGE + 24;
            let frames: Vec<usize> = (0..(wal.len() - 32) / frame).map(|at| 32 + at * frame).collect();
            let first_commit = frames.iter().position(|at| wal[at + 4..at + 8] != [0; 4]).unwrap();
            overwrite(&beside(&folder, "-wal"), frames[first_commit + 1] + 100, &[0xA5; 8]);
        }
        let wal = std::fs::read(beside(&folder, "-wal")).unwrap();
        let serving = Serving::rescued(&folder.0);
        let (status, text, _) = post(&serving, "/rescue/aside", &[("code", &serving.rescue_code())]);
        assert_eq!(status, 303, "{text}");
        wait_until_open(&serving);
        drop(serving);
        assert_eq!(last_writes(&folder), writes);
        let kept = contents(&backups::folder(&folder.0));
        assert!(kept.iter().any(|(path, bytes)| path.ends_with("luckygas.db-wal") && *bytes == wal), "{:?}", kept.keys());
        assert_eq!(run(&folder.0, &["check"]).status.code(), Some(0));
    }
}

// At work.

#[test]
fn damage_met_at_work_stops_the_writing_and_is_remembered() {
    let site = Site::open();
    let (boss, lin) = (site.boss(), site.lin());
    boss.get("/settings/holidays").check(200, "");
    site.app.db.checkpoint().unwrap();
    let at = root_of(&site.folder, "usage_areas");
    assert_eq!(site.app.db.held(), None);
    {
        use std::io::{Seek, SeekFrom, Write};
        let mut file = std::fs::OpenOptions::new().write(true).open(file(&site.folder)).unwrap();
        file.seek(SeekFrom::Start(at as u64)).unwrap();
        file.write_all(&[0xA5; PAGE]).unwrap();
    }
    let read = |conn: &Connection| {
        use luckygas::error::Doing;
        conn.query_row("SELECT count(*) FROM usage_areas", [], |row| row.get::<_, i64>(0)).doing("count them")
    };
    let error = site.app.db.read(read).unwrap_err();
    assert!(error.user_message().contains("有地方損壞"), "{error}");
    assert_eq!(site.app.db.held(), Some(Held::Damaged));
    assert!(!site.app.db.try_again(), "room on the disk does not mend it");
    boss.get("/").check(200, "資料檔有地方損壞");
    lin.post("/settings", &[("shop_name", "x")]).check(503, "資料檔有地方損壞");
    assert!(site.folder.0.join("luckygas-damaged.txt").exists());
    for _ in 0..2 {
        start::look_again(&site.app).unwrap();
    }
    let mut kept = contents(&backups::folder(&site.folder.0)).into_keys().filter(|path| path.ends_with("luckygas.db"));
    let mut bytes = Vec::new();
    std::fs::File::open(kept.next().unwrap()).unwrap().read_to_end(&mut bytes).unwrap();
    assert!(bytes[at..at + PAGE] == [0xA5; PAGE] && kept.next().is_none(), "kept once");
}

/// Somebody brings in a file that is damaged itself: the shop's own is read, and found whole.
#[test]
fn another_files_damage_is_not_taken_for_the_shops_own() {
    let site = Site::open();
    let other = shop();
    overwrite(&file(&other), root_of(&other, "orders"), &[0xA5; PAGE]);
    let read = |_: &Connection| {
        use luckygas::error::Doing;
        let conn = Connection::open(file(&other)).unwrap();
        conn.query_row("SELECT count(*) FROM orders NOT INDEXED", [], |row| row.get::<_, i64>(0)).doing("read another file")
    };
    assert!(site.app.db.read(read).is_err());
    assert_eq!((site.app.db.held(), site.app.db.fault()), (None, None));
}

#[test]
fn a_clock_that_went_back_is_said_and_work_goes_on() {
    let folder = Folder::new();
    {
        let site = Site::of(folder);
        assert_eq!(clock::state(&site.app), clock::State::Good);
        site.wait_minutes(-9);
        assert_eq!(clock::state(&site.app), clock::State::Good);
        site.wait_minutes(-60);
        assert!(matches!(clock::state(&site.app), clock::State::Back { .. }));
        site.customer("1".repeat(7).as_str(), "範例小吃店", |_| ());
        site.wait_minutes(69);
        assert_eq!(clock::state(&site.app), clock::State::Good);
    }
    // Records of 2026, and the clock of these tests stands in 2025.
    let site = Site::of(shop());
    let said = clock::state(&site.app).sentence(site.app.now()).unwrap();
    assert!(said.contains("時間往回走了") && said.contains("2025/05/28 10:22"), "{said}");
}
