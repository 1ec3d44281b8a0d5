//! The way back: what is in a file, what would be lost, and the exchange that survives a pulled plug at every step.

mod support;

use std::path::{Path, PathBuf};

use luckygas::app::{App, Clock};
use luckygas::backups::restore::{self, Counts, End, Settled};
use luckygas::error::Held;
use luckygas::{backups, db};
use rusqlite::Connection;
use support::{Folder, Site, now};

/// The file of `folder`.
fn file(folder: &Path) -> PathBuf {
    folder.join("luckygas.db")
}

/// A copy of the shop of `site` at this moment, as one file called `name` in a folder of its own.
fn copy_of(site: &Site, name: &str) -> (Folder, PathBuf) {
    let folder = Folder::new();
    let path = folder.0.join(name);
    let text = path.to_str().unwrap().to_owned();
    site.app.db.maintain(|conn| Ok(conn.execute("VACUUM INTO ?1", [text]).unwrap())).unwrap();
    (folder, path)
}

/// Closes the shop of `site` and gives its folder.
fn close(site: Site) -> Folder {
    let Site { app, folder, .. } = site;
    drop(app);
    folder
}

fn codes(path: &Path) -> Vec<String> {
    let conn = Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let mut query = conn.prepare("SELECT customer_code FROM customers ORDER BY 1").unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Lays every row of `sql` into a file of a folder of its own.
fn lay(sql: &str) -> (Folder, PathBuf) {
    let folder = Folder::new();
    Connection::open(file(&folder.0)).unwrap().execute_batch(sql).unwrap();
    let path = file(&folder.0);
    (folder, path)
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// The copies of kind `replaced` in `folder`.
fn asides(folder: &Path) -> Vec<PathBuf> {
    let copies = backups::folder(folder);
    names(&copies).iter().filter(|name| name.ends_with("-replaced.db")).map(|name| copies.join(name)).collect()
}

fn restored(settled: Option<Settled>) -> (Counts, Counts) {
    match settled.unwrap() {
        Settled { found, end: End::Restored { now, .. }, .. } => (found, now),
        other => panic!("{other:?}"),
    }
}

/// A shop of one customer, its copy, and then another customer: the folder, and the copy with its own.
fn two_states() -> (Folder, (Folder, PathBuf)) {
    let site = Site::open();
    site.customer("1000001", "範例小吃店", |_| {});
    let copy = copy_of(&site, "luckygas-20250528-101500-replaced.db");
    site.customer("1000002", "木瓜冰店", |_| {});
    (close(site), copy)
}

const THEN: [&str; 1] = ["1000001"];
const NOW: [&str; 2] = ["1000001", "1000002"];

#[test]
fn a_copy_says_what_is_in_it_and_what_would_be_lost() {
    let site = Site::open();
    site.customer("1000001", "範例小吃店", |_| {});
    let (_kept, copy) = copy_of(&site, "luckygas-20250528-101500-replaced.db");
    let (found, loss) = restore::compare(&copy, &site.app.db).unwrap();
    assert_eq!((found.counts.customers, found.shop_name.as_str(), found.has_nobody), (1, "煤氣行", false));
    assert!(loss.is_nothing(), "{loss:?}");

    site.wait_minutes(30);
    site.customer("1000002", "木瓜冰店", |_| {});
    let (_, loss) = restore::compare(&copy, &site.app.db).unwrap();
    assert_eq!((loss.customers, loss.changes), (1, 1));
    assert_eq!(loss.sentence(site.app.now()), "這之後的 1 位新客戶會不見（今天 10:22 到現在）。");

    let other = Site::open();
    other.wait_minutes(5);
    other.customer("2000001", "別家", |_| {});
    let (_kept, copy) = copy_of(&other, "luckygas.db");
    let (_, loss) = restore::compare(&copy, &site.app.db).unwrap();
    assert_eq!((loss.since, loss.customers), (None, 2));
}

#[test]
fn looking_changes_nothing_and_leaves_nothing_beside() {
    let (folder, (kept, copy)) = two_states();
    let before = std::fs::read(&copy).unwrap();
    restore::look(&copy).unwrap();
    assert_eq!(std::fs::read(&copy).unwrap(), before);
    assert_eq!(names(&kept.0), ["luckygas-20250528-101500-replaced.db"]);
    // A stopped shop's own file, and one that a crash left with its last work beside it.
    let before = names(&folder.0);
    assert_eq!(restore::look(&file(&folder.0)).unwrap().counts.customers, 2);
    assert_eq!(names(&folder.0), before);
}

#[test]
fn what_a_crash_left_beside_a_file_belongs_to_it() {
    let (folder, _copy) = two_states();
    let crashed = Folder::new();
    let conn = Connection::open(file(&folder.0)).unwrap();
    conn.execute_batch("PRAGMA journal_mode = WAL; DELETE FROM customer_search WHERE customer_id = 2; DELETE FROM customers WHERE customer_code = '1000002'")
        .unwrap();
    for ending in ["", "-wal"] {
        std::fs::copy(db::beside(&file(&folder.0), ending), db::beside(&file(&crashed.0), ending)).unwrap();
    }
    assert_eq!(restore::look(&file(&crashed.0)).unwrap().counts.customers, 1);
    assert_eq!(names(&crashed.0), ["luckygas.db", "luckygas.db-wal"]);
    let fresh = Folder::new();
    restore::prepare(&fresh.0, &file(&crashed.0), "boss", now()).unwrap();
    restored(restore::settle(&fresh.0).unwrap());
    assert_eq!(codes(&file(&fresh.0)), THEN);
}

#[test]
fn what_cannot_be_restored_is_refused_in_one_sentence_and_nothing_is_left() {
    let (_folder, (_kept, copy)) = two_states();
    let fresh = Folder::new();
    let other = Folder::new();
    let path = |name: &str| other.0.join(name);
    let bytes = std::fs::read(&copy).unwrap();

    std::fs::write(path("text.db"), "not a file of ours").unwrap();
    Connection::open(path("foreign.db")).unwrap().execute_batch("CREATE TABLE x (y)").unwrap();
    std::fs::write(path("short.db"), &bytes[..bytes.len() / 2]).unwrap();
    let mut flipped = bytes.clone();
    flipped[60_000..60_400].fill(0xA5);
    std::fs::write(path("flipped.db"), flipped).unwrap();
    std::fs::write(path("newer.db"), &bytes).unwrap();
    Connection::open(path("newer.db")).unwrap().execute_batch("PRAGMA user_version = 99").unwrap();
    let cases = [
        ("nowhere.db", "找不到"),
        ("text.db", "不是幸福氣的資料檔"),
        ("foreign.db", "不是幸福氣的資料檔"),
        ("short.db", "少了後面一段"),
        ("flipped.db", "損壞"),
        ("newer.db", "請先更新程式"),
    ];
    for (name, says) in cases {
        for error in [restore::look(&path(name)).unwrap_err(), restore::prepare(&fresh.0, &path(name), "boss", now()).unwrap_err()] {
            assert!(error.user_message().contains(says), "{name}: {}", error.user_message());
        }
        assert_eq!(names(&fresh.0), Vec::<String>::new(), "{name}");
    }
    let own = restore::prepare(&other.0, &file(&other.0), "boss", now()).unwrap_err();
    assert!(own.user_message().contains("找不到"));
}

#[test]
fn the_copy_takes_the_place_and_the_present_file_is_kept() {
    let (folder, (_kept, copy)) = two_states();
    let before = std::fs::read(&copy).unwrap();
    restore::prepare(&folder.0, &copy, "boss", now()).unwrap();
    assert_eq!(codes(&file(&folder.0)), NOW, "the present file is not touched before the exchange");
    let (found, counted) = restored(restore::settle(&folder.0).unwrap());
    assert_eq!(found, counted);
    assert_eq!(codes(&file(&folder.0)), THEN);
    assert_eq!(std::fs::read(&copy).unwrap(), before);
    let [aside] = &asides(&folder.0)[..] else { panic!("{:?}", names(&backups::folder(&folder.0))) };
    assert_eq!(codes(aside), NOW);
    assert!(restore::settle(&folder.0).unwrap().is_none());

    let site = Site::of(folder);
    let (verb, _, change) = site.journal().pop().unwrap();
    assert_eq!((verb.as_str(), &change["username"], &change["counted"]), ("restore", &"boss".into(), &change["found"]));
    let sessions: i64 =
        site.app.db.read(|conn| Ok(conn.query_row("SELECT count(*) FROM sessions", [], |row| row.get(0)).unwrap())).unwrap();
    assert_eq!(sessions, 0);
    site.sign_in("boss", support::PASSWORD);

    // And the way back from that.
    let aside = aside.clone();
    let folder = close(site);
    restore::prepare(&folder.0, &aside, "boss", now()).unwrap();
    restored(restore::settle(&folder.0).unwrap());
    assert_eq!(codes(&file(&folder.0)), NOW);
    assert_eq!(asides(&folder.0).len(), 2);
}

#[test]
fn cut_off_after_any_step_one_whole_shop_is_there() {
    for is_crashed in [false, true] {
        let mut steps = 0;
        loop {
            let (folder, (_kept, copy)) = two_states();
            if is_crashed {
                leave_a_wal(&folder.0);
            }
            restore::prepare(&folder.0, &copy, "boss", now()).unwrap();
            let is_over = restore::settle_for(&folder.0, steps).is_ok();
            let settled = restore::settle(&folder.0).unwrap();
            assert_eq!(settled.is_none(), is_over, "{steps}");
            assert_eq!(codes(&file(&folder.0)), THEN, "{steps}");
            let [aside] = &asides(&folder.0)[..] else { panic!("{steps}: {:?}", names(&backups::folder(&folder.0))) };
            assert_eq!(codes(aside), NOW, "{steps}");
            let left: Vec<_> = names(&folder.0).into_iter().filter(|name| name.starts_with("luckygas-") || name.contains("-wal")).collect();
            assert_eq!(left, Vec::<String>::new(), "{steps}");
            drop(App::open(&folder.0, Clock::Fixed(now())).unwrap());
            if is_over {
                break;
            }
            steps += 1;
        }
        assert!(3 <= steps, "{steps}");
    }
}

/// As a crash leaves the shop: its last customer stands in the WAL alone.
fn leave_a_wal(folder: &Path) {
    let path = file(folder);
    let aside = Folder::new();
    let conn = Connection::open(&path).unwrap();
    conn.execute_batch("PRAGMA journal_mode = WAL; UPDATE customers SET customer_code = '1000009' WHERE customer_code = '1000002'")
        .unwrap();
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).unwrap();
    conn.execute_batch("UPDATE customers SET customer_code = '1000002' WHERE customer_code = '1000009'").unwrap();
    for ending in ["", "-wal", "-shm"] {
        std::fs::copy(db::beside(&path, ending), db::beside(&file(&aside.0), ending)).unwrap();
    }
    drop(conn);
    for ending in ["", "-wal", "-shm"] {
        std::fs::copy(db::beside(&file(&aside.0), ending), db::beside(&path, ending)).unwrap();
    }
}

#[test]
fn a_file_laid_ready_that_spoils_never_replaces_the_shop() {
    type Spoil = (&'static str, fn(&Path));
    let spoils: [Spoil; 3] = [
        ("is gone", |ready| std::fs::remove_file(ready).unwrap()),
        ("is cut short", |ready| std::fs::OpenOptions::new().write(true).open(ready).unwrap().set_len(20_000).unwrap()),
        ("is another's", |ready| std::fs::write(ready, vec![7; 50_000]).unwrap()),
    ];
    for (what, spoil) in spoils {
        let mut steps = 0;
        loop {
            let (folder, (_kept, copy)) = two_states();
            leave_a_wal(&folder.0);
            restore::prepare(&folder.0, &copy, "boss", now()).unwrap();
            let ready = folder.0.join("luckygas-restoring.db");
            let is_over = restore::settle_for(&folder.0, steps).is_ok();
            if is_over || !ready.exists() {
                break;
            }
            spoil(&ready);
            for again in 0..6 {
                let _ = restore::settle_for(&folder.0, again);
            }
            restore::settle(&folder.0).unwrap();
            assert_eq!(codes(&file(&folder.0)), NOW, "{what} after {steps}");
            assert_eq!(asides(&folder.0), Vec::<PathBuf>::new(), "{what} after {steps}");
            assert!(!restore::is_waiting(&folder.0) && !ready.exists(), "{what} after {steps}");
            steps += 1;
        }
        assert!(0 < steps);
    }
}

#[test]
fn with_no_file_left_an_empty_shop_is_not_opened() {
    let (folder, (_kept, copy)) = two_states();
    restore::prepare(&folder.0, &copy, "boss", now()).unwrap();
    std::fs::remove_file(file(&folder.0)).unwrap();
    std::fs::remove_file(folder.0.join("luckygas-restoring.db")).unwrap();
    for _ in 0..2 {
        let error = restore::settle(&folder.0).unwrap_err();
        assert!(error.user_message().contains("不見了"), "{}", error.user_message());
        assert!(!file(&folder.0).exists());
    }
}

#[test]
fn what_was_laid_ready_and_never_confirmed_is_removed() {
    let (folder, (_kept, copy)) = two_states();
    restore::prepare(&folder.0, &copy, "boss", now()).unwrap();
    std::fs::remove_file(folder.0.join("luckygas-restoring.json")).unwrap();
    assert!(restore::settle(&folder.0).unwrap().is_none());
    assert!(!folder.0.join("luckygas-restoring.db").exists());
    assert_eq!(codes(&file(&folder.0)), NOW);
}

#[test]
fn a_note_nobody_understands_changes_nothing() {
    let (folder, (_kept, copy)) = two_states();
    restore::prepare(&folder.0, &copy, "boss", now()).unwrap();
    std::fs::write(folder.0.join("luckygas-restoring.json"), "{\"key\": 7").unwrap();
    assert!(restore::settle(&folder.0).unwrap().is_none());
    assert_eq!(codes(&file(&folder.0)), NOW);
}

#[test]
fn one_restore_at_a_time_and_taken_back_when_the_shop_cannot_close() {
    let (folder, (_kept, copy)) = two_states();
    restore::prepare(&folder.0, &copy, "boss", now()).unwrap();
    let error = restore::prepare(&folder.0, &copy, "boss", now()).unwrap_err();
    assert_eq!(error.status(), 409);
    assert!(matches!(restore::give_up(&folder.0).unwrap().unwrap().end, End::Kept { .. }));
    assert!(restore::settle(&folder.0).unwrap().is_none());
    assert_eq!(codes(&file(&folder.0)), NOW);
}

#[test]
fn an_empty_shop_is_not_kept_aside() {
    let (_folder, (_kept, copy)) = two_states();
    let fresh = close(Site::empty());
    restore::prepare(&fresh.0, &copy, "第一次開啟", now()).unwrap();
    restored(restore::settle(&fresh.0).unwrap());
    assert_eq!(codes(&file(&fresh.0)), THEN);
    assert_eq!(asides(&fresh.0), Vec::<PathBuf>::new());
}

#[test]
fn older_shops_are_restored_and_brought_up_to_date() {
    let shops = [(1, include_str!("data/schema/v1.sql")), (2, include_str!("data/schema/v2.sql")), (3, include_str!("data/schema/v3.sql"))];
    for (schema, sql) in shops {
        let (_kept, path) = lay(sql);
        let found = restore::look(&path).unwrap();
        assert_eq!(found.schema, schema);
        let (folder, _copy) = two_states();
        let site = Site::of(folder);
        restore::compare(&path, &site.app.db).unwrap();
        let folder = close(site);
        restore::prepare(&folder.0, &path, "boss", now()).unwrap();
        let (was, counted) = restored(restore::settle(&folder.0).unwrap());
        assert_eq!((&was, &counted), (&found.counts, &found.counts), "schema {schema}");
        assert_eq!(restore::look(&path).unwrap().schema, schema, "the copy stays as it was");
        let site = Site::of(folder);
        assert_eq!(site.app.settings().shop_name, "範例煤氣行");
        site.check_file();
    }
}

/// What the form of the first run says of a file, sent as a browser does.
fn first_run(site: &Site, form: &[(&str, &str)]) -> support::Answer {
    let code = site.app.setup_code.to_string();
    let mut pairs = vec![("code", code.as_str())];
    pairs.extend(form);
    site.nobody().post("/setup/restore", &pairs)
}

/// Waits until what `path` shows is over, and gives the address the browser ends at. The thread prepares; the test closes
/// and opens the shop as the program does.
fn wait_until_laid_ready(site: &Site, path: &str) {
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while site.app.ending.asked().is_none() {
        let answer = site.nobody().get(path);
        assert!(answer.text().contains("正在還原"), "{}", answer.text());
        assert!(std::time::Instant::now() < until, "the restore is never ready");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// Opens the shop in `folder` again, as the program does after a restore.
fn reopen(folder: Folder) -> Site {
    let settled = restore::settle(&folder.0).unwrap();
    let mut site = Site::of(folder);
    site.app.restoring = restore::Restoring::after(settled);
    site
}

#[test]
fn a_fresh_install_takes_a_file_in_and_becomes_the_shop() {
    let (_folder, (_kept, copy)) = two_states();
    let site = Site::empty();
    let code = site.app.setup_code.to_string();
    let at = format!("/setup/restore?code={code}");
    site.nobody().get(&at).check(200, "選一份備份");
    assert_eq!(site.nobody().upload_with("/setup/restore?code=AAAA-AAAA", &[], "upload", &copy).status(), 422);
    assert_eq!(site.nobody().get("/setup/restore?code=AAAA-AAAA").location(), "/setup");

    let text = site.folder.0.join("text.db");
    std::fs::write(&text, "not a copy of ours").unwrap();
    site.nobody().upload_with(&at, &[], "upload", &text).check(422, "不是幸福氣的資料檔");
    let taken = site.nobody().upload_with(&at, &[], "upload", &copy);
    assert_eq!(taken.status(), 303, "{}", taken.text());
    site.nobody().get(taken.location()).check(200, "煤氣行").check(200, "1 位").check(200, "還原這一份");

    let begun = first_run(&site, &[("name", "luckygas-20250528-101500-uploaded.db")]);
    let progress = begun.location().to_owned();
    wait_until_laid_ready(&site, &progress);
    let site = reopen(close(site));
    let over = site.nobody().get(&progress);
    assert_eq!(over.location(), "/sign-in?next=%2Fbackups%2Frestored");
    assert_eq!(asides(&site.folder.0), Vec::<PathBuf>::new());
    site.sign_in("boss", support::PASSWORD).get("/backups/restored").check(200, "相符").check(200, "1 位客戶");
    site.nobody().get(&at).check(409, "已經設定好了");
}

#[test]
fn a_fresh_install_finds_the_copies_of_a_folder_and_their_pictures() {
    use luckygas::stops::photos::{self, Kind, Photos};
    let (_folder, (kept, _copy)) = two_states();
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    png.extend([0, 0, 2, 88, 0, 0, 0, 200, 7]);
    let sha = Photos::open(&kept.0).unwrap().put(Kind::Signature, &png, luckygas::values::UserId(5), now()).unwrap();
    let site = Site::empty();
    let code = site.app.setup_code.to_string();
    let query =
        form_urlencoded::Serializer::new(String::new()).append_pair("code", &code).append_pair("folder", kept.0.to_str().unwrap()).finish();
    site.nobody().get(&format!("/setup/restore?{query}")).check(200, "luckygas-20250528-101500-replaced.db");
    site.nobody().get(&format!("/setup/restore?code={code}&folder=/no/such/place")).check(422, "找不到這個資料夾");
    site.nobody().get(&format!("/setup/restore?{query}&file=luckygas-20250528-101500-replaced.db")).check(200, "還原這一份");
    for trap in ["..%2Fx.db", "%2Fetc%2Fpasswd", "."] {
        let answer = site.nobody().get(&format!("/setup/restore?{query}&file={trap}"));
        assert!(!answer.text().contains("還原這一份"), "{trap}");
    }
    let begun = first_run(&site, &[("folder", kept.0.to_str().unwrap()), ("file", "luckygas-20250528-101500-replaced.db")]);
    wait_until_laid_ready(&site, begun.location());
    let site = reopen(close(site));
    assert_eq!(codes(&file(&site.folder.0)), THEN);
    assert!(photos::path(&site.folder.0).exists());
    assert!(site.app.photos.has(&sha).unwrap());
}

#[test]
fn an_admin_restores_from_the_page_and_stays_who_he_is() {
    let (folder, (_kept, copy)) = two_states();
    let name = "luckygas-20250528-101500-replaced.db";
    std::fs::create_dir_all(backups::folder(&folder.0)).unwrap();
    std::fs::copy(&copy, backups::folder(&folder.0).join(name)).unwrap();
    let site = Site::of(folder);
    let at = format!("/backups/{name}/restore");
    // His password has changed since.
    let boss = site.boss();
    let new = [("current_password", support::PASSWORD), ("new_password", "another-good-one"), ("again", "another-good-one")];
    assert_eq!(boss.post("/me/password", &new).status(), 303);

    boss.get(&at).check(200, "會不見").check(200, "我知道");
    boss.post(&at, &[("password", "another-good-one")]).check(422, "請先勾選");
    boss.post(&at, &[("sure", "1"), ("password", support::PASSWORD)]).check(422, "密碼不對");
    boss.get("/backups/luckygas-20250528-101501-manual.db/restore").check(404, "");
    assert!(!restore::is_waiting(&site.folder.0));
    // A file that is damaged takes no orders any more, and is the best reason to restore another.
    site.app.db.hold(Held::Damaged);
    boss.post("/orders", &[]).check(503, "用最近的備份還原");
    let begun = boss.post(&at, &[("sure", "1"), ("password", "another-good-one")]);
    let progress = begun.location().to_owned();
    boss.post(&at, &[("sure", "1"), ("password", "another-good-one")]).check(409, "另一次還原正在進行");
    wait_until_laid_ready(&site, &progress);
    let token = boss.token.clone();
    let site = reopen(close(site));
    assert_eq!(support::Browser { site: &site, token }.get("/orders").status(), 303, "nobody stays signed in");
    let boss = site.sign_in("boss", "another-good-one");
    boss.get("/backups/restored").check(200, "相符").check(200, name);
    boss.get("/me").check(200, "管理者");
    assert_eq!(codes(&file(&site.folder.0)), THEN);
}

#[test]
fn a_copy_that_is_not_what_it_says_is_refused_and_stays() {
    let (folder, _copy) = two_states();
    let made = backups::make::make_offline(&folder.0, backups::Kind::Manual, now()).unwrap();
    restore::look(&made.path).unwrap();
    let conn = Connection::open(&made.path).unwrap();
    conn.execute_batch("DELETE FROM sign_in_tries; UPDATE customers SET updated_at = updated_at; INSERT INTO areas (name) VALUES ('多的')")
        .unwrap();
    drop(conn);
    let error = restore::prepare(&folder.0, &made.path, "boss", now()).unwrap_err();
    assert!(error.user_message().contains("不同"), "{}", error.user_message());
    assert!(made.path.exists() && !restore::is_waiting(&folder.0));
    assert_eq!(codes(&file(&folder.0)), NOW);
}

#[cfg(unix)]
#[test]
fn killed_at_any_moment_of_a_restore_the_next_start_finds_one_whole_shop() {
    use support::program;
    for wait_ms in [0, 10, 25, 40, 55, 70, 90, 110, 140, 180, 230, 300] {
        let (folder, (_kept, copy)) = two_states();
        let args = ["restore", copy.to_str().unwrap(), "--yes", "--data", folder.0.to_str().unwrap()];
        let mut child = program::luckygas(&args).stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait_ms));
        child.kill().unwrap();
        child.wait().unwrap();
        let checked = program::run(&folder.0, &["check"]);
        assert!(
            checked.status.success(),
            "{wait_ms}: {}{}",
            String::from_utf8_lossy(&checked.stdout),
            String::from_utf8_lossy(&checked.stderr)
        );
        let have = codes(&file(&folder.0));
        let kept = asides(&folder.0);
        match kept.as_slice() {
            [] => assert_eq!(have, NOW, "{wait_ms}"),
            [aside] => assert_eq!((have, codes(aside)), (THEN.map(str::to_owned).to_vec(), NOW.map(str::to_owned).to_vec()), "{wait_ms}"),
            more => panic!("{wait_ms}: {more:?}"),
        }
        assert!(!restore::is_waiting(&folder.0) && !folder.0.join("luckygas-restoring.db").exists(), "{wait_ms}");
    }
}

#[test]
fn the_command_says_what_is_in_the_file_and_asks_first() {
    use support::program;
    let (folder, (_kept, copy)) = two_states();
    let asked = program::run(&folder.0, &["restore", copy.to_str().unwrap()]);
    assert_eq!(asked.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&asked.stdout).contains("會不見"), "{}", String::from_utf8_lossy(&asked.stdout));
    assert_eq!(codes(&file(&folder.0)), NOW);
    let done = program::run(&folder.0, &["restore", copy.to_str().unwrap(), "--yes"]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(String::from_utf8_lossy(&done.stdout).contains("相符"));
    assert_eq!(codes(&file(&folder.0)), THEN);
}
