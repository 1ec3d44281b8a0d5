//! Copies of the shop's file: whole, of one moment, proved, and found again.

mod support;

use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use luckygas::backups::make::{self, Progress};
use luckygas::backups::{self, Kind, list, prove, shelf};
use luckygas::jobs::{self, Outcome};
use luckygas::journal::By;
use luckygas::settings;
use serde_json::json;
use support::{Site, now};

fn make_now(site: &Site, kind: Kind) -> list::Backup {
    make::make(&site.app, kind, By::program(site.app.now()), &Progress::default()).unwrap()
}

#[test]
fn a_copy_is_proved_and_says_what_it_is() {
    let site = Site::open();
    site.customer("1900001", "範例一號", |_| {});
    let made = make_now(&site, Kind::Manual);
    assert_eq!(made.name.to_string(), "luckygas-20250528-102200-manual.db");
    let manifest = made.manifest.as_deref().cloned().unwrap();
    assert_eq!((manifest.made_at, manifest.kind, manifest.proved_at), (now(), Kind::Manual, Some(now())));
    assert_eq!(manifest.tally.customers(), 1);

    let proof = prove::prove(&made.path).unwrap();
    assert_eq!(proof.problems, Vec::<String>::new());
    assert_eq!(proof.manifest, Some(manifest));
    assert_eq!(list::list(&site.folder.0), std::slice::from_ref(&made));
    assert_eq!(list::newest_good(&site.folder.0), Some(made));
    assert_eq!(site.journal().last().unwrap().0, "backup");

    let folder = backups::folder(&site.folder.0);
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["luckygas-20250528-102200-manual.db"], "one file and nothing beside it");
}

#[test]
fn two_within_a_second_have_two_names() {
    let site = Site::open();
    let names: Vec<_> = (0..3).map(|_| make_now(&site, Kind::Manual).name.to_string()).collect();
    assert_eq!(names, ["luckygas-20250528-102200-manual.db", "luckygas-20250528-102201-manual.db", "luckygas-20250528-102202-manual.db"]);
    assert_eq!(list::list(&site.folder.0).len(), 3);
}

#[test]
fn what_was_half_made_goes_at_the_next_start_and_nothing_else() {
    let folder = {
        let site = Site::open();
        site.folder
    };
    let backups = backups::folder(&folder.0);
    fs::create_dir_all(&backups).unwrap();
    let stays = ["luckygas-20250528-102200-manual.db", "luckygas-20250528-102200-manual.db.bad", "notes.part", "holiday.db"];
    let goes = [
        "luckygas-20250528-102201-manual.db.part",
        "luckygas-20250528-102201-manual.db.part-journal",
        "luckygas-20250528-102203-hourly.db.age.part",
    ];
    for name in stays.iter().chain(&goes) {
        fs::write(backups.join(name), "half").unwrap();
    }
    let site = Site::of(folder);
    let left = |name: &&str| backups::folder(&site.folder.0).join(name).exists();
    assert!(stays.iter().all(left), "only copies half made go");
    assert!(!goes.iter().any(left), "copies half made go");
}

#[test]
fn while_people_write_a_copy_is_of_one_moment() {
    let site = Site::open();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let (site, is_over) = (&site, &is_over);
            scope.spawn(move || {
                let mut count = 0;
                while !is_over.load(Ordering::Relaxed) {
                    // Two rows and a sum that belong together: a copy from between would show it.
                    let name = format!("{writer}-{count}");
                    let both = |tx: &rusqlite::Transaction| {
                        tx.execute("INSERT INTO areas (name) VALUES (?1)", [format!("{name}a")]).unwrap();
                        tx.execute("INSERT INTO areas (name) VALUES (?1)", [format!("{name}b")]).unwrap();
                        Ok(())
                    };
                    site.app.db.write(both).unwrap();
                    count += 1;
                }
            });
        }
        let mut before = 0;
        for _ in 0..8 {
            let made = make_now(&site, Kind::Hourly);
            let proof = prove::prove(&made.path).unwrap();
            assert_eq!(proof.problems, Vec::<String>::new());
            assert_eq!(proof.tally, made.manifest.unwrap().tally);
            let areas = proof.tally.rows["areas"];
            assert_eq!(areas % 2, 0, "half of a write is in it");
            assert!(before <= areas, "an older moment: {before} {areas}");
            before = areas;
        }
        is_over.store(true, Ordering::Relaxed);
        assert!(0 < before, "nothing was written meanwhile");
    });
}

#[test]
fn a_copy_that_cannot_be_proved_is_none_and_is_kept_as_evidence() {
    let site = Site::open();
    site.customer("1900001", "範例一號", |details| details.area = Some("北線".to_owned()));
    let good = make_now(&site, Kind::Nightly);
    // What no program of ours writes: a customer of an area that is not there.
    let orphan = |conn: &rusqlite::Connection| {
        conn.execute_batch("PRAGMA foreign_keys = OFF; DELETE FROM areas; PRAGMA foreign_keys = ON;").unwrap();
        Ok(())
    };
    site.app.db.maintain(orphan).unwrap();
    for kind in [Kind::Nightly, Kind::Hourly] {
        site.wait_minutes(60);
        let error = make::make(&site.app, kind, By::program(site.app.now()), &Progress::default()).unwrap_err();
        assert!(error.user_message().contains("驗不過") && error.user_message().contains("1 筆"), "{}", error.user_message());
    }
    assert_eq!(list::list(&site.folder.0), [good], "what is not proved is no copy");
    let bad = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().to_string_lossy().ends_with(".bad");
    assert_eq!(fs::read_dir(backups::folder(&site.folder.0)).unwrap().filter_map(|entry| Some(bad(entry)).filter(|bad| *bad)).count(), 2);
}

#[test]
fn by_itself_the_program_copies_what_is_new_and_tries_the_night_s() {
    let site = Site::open();
    let run = |name| jobs::run(&site.app, jobs::find(name).unwrap(), By::program(site.app.now())).unwrap();
    let drill = run("drill");
    assert_eq!((drill.outcome, drill.counts["say"].as_str()), (Some(Outcome::Failed), Some("還沒有驗過的備份可以試。")));

    site.customer("1900001", "範例一號", |_| {});
    let night = run("backup-night");
    assert_eq!((night.outcome, night.counts["say"].as_str()), (Some(Outcome::Done), Some("0 筆配送、1 位客戶，驗過。")));
    assert_eq!(run("backup").counts["say"], "沒有新的資料，不用再備份。");
    assert_eq!(list::list(&site.folder.0).len(), 1);

    site.wait_minutes(60);
    site.customer("1900002", "範例二號", |_| {});
    assert_eq!(run("backup").counts["say"], "0 筆配送、2 位客戶，驗過。");
    assert_eq!(list::list(&site.folder.0).len(), 2);

    let drill = run("drill");
    assert_eq!(
        (drill.outcome, drill.counts["say"].as_str()),
        (Some(Outcome::Done), Some("0 筆配送、2 位客戶，還原驗過。")),
        "{}",
        drill.counts
    );
    let newest = list::newest_good(&site.folder.0).unwrap();
    assert_eq!(newest.manifest.as_ref().unwrap().drilled_at, Some(site.app.now()));
    assert!(prove::prove(&newest.path).unwrap().is_good(), "a note in it leaves it as good as it was");
    assert!(!site.folder.0.join("drill").exists(), "nothing is left of a drill");
    assert_eq!(site.app.backups.newest_good(&site.folder.0), Some(newest));
}

#[test]
fn what_was_missed_is_made_up_for_once() {
    let site = Site::open();
    let copies = || list::list(&site.folder.0).iter().map(|backup| backup.name.kind).collect::<Vec<_>>();
    jobs::run_due(&site.app);
    // The night's comes first; after it there is nothing new for the hour.
    assert_eq!(copies(), [Kind::Nightly]);
    jobs::run_due(&site.app);
    assert_eq!(copies(), [Kind::Nightly]);
    // Off for three days, and opened in the morning.
    site.wait_minutes(3 * 24 * 60);
    site.customer("1900001", "範例一號", |_| {});
    jobs::run_due(&site.app);
    assert_eq!(copies(), [Kind::Nightly, Kind::Nightly]);
    assert!(list::newest_good(&site.folder.0).unwrap().manifest.unwrap().drilled_at.is_some());
}

#[test]
fn a_practice_shop_makes_no_copies_by_itself() {
    let site = Site::open();
    site.app.db.write(|tx| settings::set(tx, "is_practice", "1")).unwrap();
    site.app.reload_settings().unwrap();
    jobs::run_due(&site.app);
    assert_eq!(list::list(&site.folder.0), []);
}

#[test]
fn who_asks_for_a_copy_gets_one_and_the_next_waits() {
    let site = Site::open();
    let by = By::program(now());
    site.app.backups.ask(by).unwrap();
    assert_eq!(site.app.backups.ask(by).unwrap_err().user_message(), "正在備份，等這一份好了再按。");
    assert!(site.app.backups.is_busy());
    shelf::make_asked(&site.app);
    assert!(!site.app.backups.is_busy());
    let name = site.app.backups.ended().unwrap().result.unwrap();
    assert_eq!(name.kind, Kind::Manual);
    assert_eq!(site.app.backups.list(&site.folder.0).first().map(|backup| backup.name.clone()), Some(name.clone()));
    assert_eq!(site.journal().last().unwrap().2["name"], json!(name.to_string()));
    site.app.backups.ask(by).unwrap();
}

#[test]
fn the_owner_makes_one_at_a_key_press_and_sees_what_is_in_it() {
    let site = Site::open();
    site.customer("1900001", "範例一號", |_| {});
    let boss = site.boss();
    boss.get("/backups").check(200, "還沒有備份").check(200, "立刻備份").check(200, "每小時 24 份、每天 14 份、每週 8 份、每月 24 份");
    assert_eq!(boss.post("/backups", &[]).location(), "/backups/progress");
    boss.get("/backups/progress").check(200, "馬上開始");
    assert_eq!(boss.post("/backups", &[]).location(), "/backups/progress", "the second waits for the first");
    shelf::make_asked(&site.app);
    let over = boss.get("/backups/progress");
    assert_eq!((over.status(), over.location()), (303, "/backups"));
    boss.get("/backups").check(200, "今天 10:22").check(200, "手動").check(200, "驗過").check(200, "1 位客戶");

    let url = "/backups/luckygas-20250528-102200-manual.db";
    boss.get(url).check(200, "1 位").check(200, "煤氣行").check(200, "從頭驗一次").check(200, "檔案、關聯、筆數、金額");
    assert_eq!(boss.post(&format!("{url}/verify"), &[]).location(), url);
    boss.get("/backups/luckygas-20250528-102201-manual.db").check(404, "找不到備份");
    boss.get("/backups/luckygas.db").check(404, "找不到備份");
    boss.get("/backups/card").check(200, "電腦壞了").check(200, "煤氣行");
    assert_eq!(site.lin().get("/backups").status(), 403);
}

#[test]
fn a_copy_found_damaged_is_set_aside_and_no_longer_counted_on() {
    let site = Site::open();
    for code in 1..400 {
        site.customer(&format!("19{code:05}"), &format!("範例 {code}"), |_| {});
    }
    let (older, newer) = (make_now(&site, Kind::Manual), make_now(&site, Kind::Manual));
    let mut bytes = fs::read(&newer.path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0xA5);
    fs::write(&newer.path, bytes).unwrap();
    let boss = site.boss();
    boss.post(&format!("/backups/{}/verify", newer.name), &[]).check(422, "驗不過").check(422, "放到一邊").check(422, "有 1 份驗不過的");
    assert_eq!(list::list(&site.folder.0), std::slice::from_ref(&older));
    assert_eq!(site.app.backups.newest_good(&site.folder.0), Some(older));
}

#[test]
fn when_and_how_many_is_the_owner_s_choice() {
    let site = Site::open();
    let boss = site.boss();
    boss.get("/backups/settings").check(200, "07:00").check(200, "03:12");
    let was = [
        ("was_backup_from", "420"),
        ("was_backup_to", "1260"),
        ("was_backup_night", "192"),
        ("was_keep_hourly", "24"),
        ("was_keep_daily", "14"),
        ("was_keep_weekly", "8"),
        ("was_keep_monthly", "24"),
    ];
    let send = |changes: &[(&'static str, &'static str)]| {
        let mut form = vec![
            ("backup_from", "07:00"),
            ("backup_to", "21:00"),
            ("backup_night", "03:12"),
            ("keep_hourly", "24"),
            ("keep_daily", "14"),
            ("keep_weekly", "8"),
            ("keep_monthly", "24"),
        ];
        for (name, value) in changes {
            form.iter_mut().find(|(field, _)| field == name).unwrap().1 = value;
        }
        form.extend(was);
        boss.post("/backups/settings", &form)
    };
    for (name, value, says) in [
        ("backup_from", "25:00", "時間要寫成 07:00"),
        ("backup_night", "", "不能空白"),
        ("keep_hourly", "201", "0 到 200"),
        ("keep_daily", "-1", "0 到 200"),
        ("keep_weekly", "", "不留就填 0"),
    ] {
        send(&[(name, value)]).check(422, says);
    }
    assert_eq!(send(&[("backup_night", "2:30"), ("keep_monthly", "１２")]).location(), "/backups");
    let settings = site.app.settings();
    assert_eq!((settings.backup_night, settings.keep_monthly, settings.keep_daily), (150, 12, 14));
    assert_eq!(site.journal().last().unwrap().2["after"], json!({"backup_night": "150", "keep_monthly": "12"}));
    send(&[("backup_night", "04:00")]).check(409, "有人先改了設定");
    assert_eq!(site.app.settings().shop_name, "煤氣行", "nothing else was touched");
}

#[test]
fn the_first_page_says_when_the_shop_was_last_copied() {
    let site = Site::open();
    site.customer("1900001", "範例一號", |_| {});
    site.boss().get("/").check(200, "還沒有備份");
    make_now(&site, Kind::Nightly);
    site.hui().get("/").check(200, "今天 10:22，驗過");
    jobs::run(&site.app, jobs::find("drill").unwrap(), By::program(site.app.now())).unwrap();
    site.boss().get("/").check(200, "今天 10:22，還原驗過：0 筆配送");
    site.wait_minutes(27 * 60);
    site.hui().get("/").check(200, "超過一天了");
}

#[test]
fn a_byte_that_turns_is_found_wherever_it_is() {
    let site = Site::open();
    for code in 1..60 {
        site.customer(&format!("19{code:05}"), &format!("範例 {code}"), |details| {
            details.address = Some("虛構鄉海堤路 88 號".to_owned())
        });
    }
    let made = make_now(&site, Kind::Manual);
    let whole = fs::read(&made.path).unwrap();
    assert!(prove::prove(&made.path).unwrap().is_good());
    let mut dice = 0x9E37_79B9_7F4A_7C15_u64;
    let mut roll = |sides: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) as usize % sides
    };
    // The header and the first pages byte by byte; then anywhere.
    let places: Vec<usize> = (0..200).chain((0..600).map(|_| roll(whole.len()))).collect();
    for at in places {
        let mut turned = whole.clone();
        turned[at] ^= 1 << roll(8);
        fs::write(&made.path, &turned).unwrap();
        let proof = prove::prove(&made.path).unwrap_or_else(|error| panic!("byte {at}: {error}"));
        assert!(!proof.is_good(), "byte {at} of {} is not missed", whole.len());
    }
    for length in [0, 50, 99, 100, 4096, whole.len() / 2, whole.len() - 4096, whole.len() - 1] {
        fs::write(&made.path, &whole[..length]).unwrap();
        assert!(!prove::prove(&made.path).unwrap().is_good(), "cut off at {length}");
    }
}

#[test]
fn the_command_line_copies_an_open_shop_and_reads_a_copy_without_touching_it() {
    let folder = support::Folder::new();
    let serving = support::program::Serving::start(&folder.0);
    let stick = folder.0.join("stick");
    fs::create_dir(&stick).unwrap();
    let said = |output: &std::process::Output| String::from_utf8(output.stdout.clone()).unwrap();
    let made = support::program::run(&folder.0, &["backup", "--to", stick.to_str().unwrap()]);
    assert_eq!(made.status.code(), Some(0), "{made:?}");
    assert!(said(&made).contains("讀回來和原來的一樣"), "{}", said(&made));
    drop(serving);

    let copy = fs::read_dir(&stick).unwrap().next().unwrap().unwrap().path();
    let before = fs::read(&copy).unwrap();
    let good = support::program::run(&folder.0, &["verify", copy.to_str().unwrap()]);
    assert_eq!(good.status.code(), Some(0), "{good:?}");
    assert_eq!(said(&good).matches('✓').count(), 5, "{}", said(&good));
    assert_eq!(fs::read(&copy).unwrap(), before);
    assert_eq!(fs::read_dir(&stick).unwrap().count(), 1, "nothing is left beside it");

    let mut turned = before;
    let last = turned.len() - 100;
    turned[last] ^= 4;
    fs::write(&copy, turned).unwrap();
    let bad = support::program::run(&folder.0, &["verify", copy.to_str().unwrap()]);
    assert_eq!(bad.status.code(), Some(1), "{bad:?}");
    assert!(said(&bad).contains('✕'), "{}", said(&bad));
    for (name, bytes) in [("notes.txt", b"hello".as_slice()), ("empty.db", b"")] {
        fs::write(stick.join(name), bytes).unwrap();
        let other = support::program::run(&folder.0, &["verify", stick.join(name).to_str().unwrap()]);
        assert!(said(&other).contains("這不是幸福氣的資料檔") && other.status.code() == Some(1), "{other:?}");
    }
    let again = support::program::run(&folder.0, &["backup", "--to", copy.to_str().unwrap()]);
    assert_eq!(again.status.code(), Some(1), "what is there is not written over");
}
