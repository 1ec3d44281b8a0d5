//! A full disk: nothing answered is lost, nothing half is left, people can look, and it comes back by itself.

mod support;

use luckygas::db::space::{self, Room};
use luckygas::error::{Error, Held};
use luckygas::http::request::Method;
use luckygas::jobs::{self, Job};
use luckygas::journal::By;
use luckygas::users::unstored;
use support::disk::SmallDisk;
use support::form::{form_on, type_over};
use support::routes::MING;
use support::{Browser, Folder, PASSWORD, Site};

const MB: u64 = 1 << 20;
const BIG: u64 = 500 * 1024 * MB;

const SENTENCE: &str = "現在只能看，不能存。硬碟滿了，清出 2 GB 就會自己恢復。";

fn roomy() -> Option<Room> {
    Some(Room { free: 10_000 * MB, total: BIG })
}

/// Lets the shop's file grow by so many pages and no more, as a full disk does.
fn leave_pages(site: &Site, pages: i64) {
    site.app
        .db
        .maintain(|conn| {
            let count: i64 = conn.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap();
            conn.query_row(&format!("PRAGMA max_page_count = {}", count + pages), [], |_| Ok(())).unwrap();
            Ok(())
        })
        .unwrap();
}

fn fill(site: &Site, name: &str) -> Result<(), Error> {
    let long = "瓦斯".repeat(20_000);
    site.app.db.write(|tx| luckygas::settings::set(tx, name, &long))
}

#[test]
fn a_write_that_finds_the_disk_full_holds_the_others_until_there_is_room() {
    let site = Site::open();
    let boss = site.boss();
    leave_pages(&site, 3);
    let journal = site.journal().len();

    assert!(matches!(fill(&site, "long"), Err(Error::ReadOnly(Held::Full))));
    assert_eq!(site.app.db.held(), Some(Held::Full));
    boss.post("/settings", &[("shop_name", "別的名字")]).check(503, SENTENCE);
    boss.json(Method::Post, "/api/v1/customers", serde_json::json!({})).check(503, "read_only");
    boss.get("/customers").check(200, "現在只能看，不能存");
    assert_eq!(site.journal().len(), journal, "nothing half is left");

    // Room on the disk alone is not believed.
    space::look_at(&site.app, roomy());
    assert!(site.app.db.is_held());
    leave_pages(&site, 100_000);
    space::look_at(&site.app, roomy());
    assert!(!site.app.db.is_held());
    fill(&site, "long").unwrap();
    assert!(!boss.get("/customers").text().contains("不能存"));
}

#[test]
fn writing_stops_before_the_disk_is_full_and_begins_again_with_some_room() {
    let site = Site::open();
    let steps = [(21, false), (19, true), (60, true), (99, true), (100, false), (60, false), (20, false), (0, true), (3000, false)];
    for (free, is_held) in steps {
        space::look_at(&site.app, Some(Room { free: free * MB, total: BIG }));
        assert_eq!(site.app.db.is_held(), is_held, "{free} MB");
    }
    // A system that does not say how much there is: only the write counts.
    site.app.db.hold(Held::Full);
    space::look_at(&site.app, None);
    assert!(!site.app.db.is_held());
}

/// Nothing can be stored from now on.
fn hold(site: &Site) {
    site.app.db.hold(Held::Full);
}

/// There is room, and the program has seen it.
fn release(site: &Site) {
    space::look_at(&site.app, roomy());
    assert!(!site.app.db.is_held());
    unstored::store(&site.app).unwrap();
    jobs::record_late(&site.app).unwrap();
}

fn count(site: &Site, sql: &str) -> i64 {
    site.app.db.read(|conn| Ok(conn.query_row(sql, [], |row| row.get(0)).unwrap())).unwrap()
}

#[test]
fn people_come_and_go_while_nothing_can_be_stored() {
    let site = Site::open();
    let before = site.lin();
    let leaving = site.chen();
    hold(&site);

    site.nobody().get("/sign-in").check(200, "現在只能看，不能存");
    let hui = site.sign_in("xiaohui", PASSWORD);
    hui.get("/customers").check(200, "小惠");
    before.get("/orders").check(200, "林經理");
    hui.post("/customers", &[("name", "新客戶")]).check(503, SENTENCE);
    let api = site.nobody().json(Method::Post, "/api/v1/auth/login", serde_json::json!({"username": "lin", "password": PASSWORD}));
    assert_eq!(api.status(), 200, "{}", api.text());

    // Whoever goes is gone, stored or not.
    assert_eq!(leaving.post("/sign-out", &[]).location(), "/sign-in");
    assert!(leaving.get("/customers").location().starts_with("/sign-in"));
    let gone = site.sign_in("chen", PASSWORD);
    assert_eq!(gone.post("/sign-out", &[]).location(), "/sign-in");
    assert!(gone.get("/customers").location().starts_with("/sign-in"));
    assert_eq!(count(&site, "SELECT count(*) FROM sessions"), 2, "nothing was written");

    release(&site);
    hui.get("/customers").check(200, "小惠");
    assert!(leaving.get("/customers").location().starts_with("/sign-in"));
    assert_eq!(count(&site, "SELECT count(*) FROM sessions"), 3, "who stayed, who came and the program");
    site.wait_minutes(13 * 60);
    assert!(hui.get("/customers").location().starts_with("/sign-in"));
}

#[test]
fn guessing_is_stopped_without_a_table_too() {
    let site = Site::open();
    hold(&site);
    let post = |password| site.nobody().post("/sign-in", &[("username", "boss"), ("password", password)]);
    for _ in 0..4 {
        post("wrong").check(401, "帳號或密碼不對");
    }
    post("wrong").check(429, "試太多次了");
    post(PASSWORD).check(429, "試太多次了");
    site.wait_minutes(16);
    assert_eq!(post(PASSWORD).status(), 303);
}

#[test]
fn jobs_rest_and_one_that_was_running_has_its_row_later() {
    const FILLS: Job = Job {
        name: "fills",
        label: "塞滿",
        about: "",
        is_due: |_, _, _| true,
        run: |app| {
            app.db.hold(Held::Full);
            Ok(serde_json::json!({"moved": 3}))
        },
    };
    let site = Site::open();
    let lin = site.lin();
    let run = jobs::run(&site.app, &FILLS, By::program(site.app.now())).unwrap();
    assert_eq!(run.outcome, Some(jobs::Outcome::Done));
    assert_eq!(count(&site, "SELECT count(*) FROM job_runs WHERE finished_at IS NULL"), 1);
    jobs::run_due_of(&site.app, &[FILLS]);
    assert_eq!(count(&site, "SELECT count(*) FROM job_runs"), 1, "nothing begins");
    lin.post("/jobs/archive/run", &[]).check(503, SENTENCE);
    release(&site);
    assert_eq!(count(&site, "SELECT count(*) FROM job_runs WHERE outcome = 'done'"), 1);
}

fn png() -> Vec<u8> {
    let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
    bytes.extend_from_slice(&[0, 0, 1, 44, 0, 0, 0, 150]);
    bytes
}

#[test]
fn a_disk_that_fills_up_takes_no_photos_and_keeps_no_driver_from_his_work() {
    let site = Site::open();
    site.add_prices();
    let customer = site.customer("1999001", "白露便當", |_| {});
    let order = site.take(customer, &[("C20", 2)]);
    let route = site.running(MING, &[order.id]);
    let stop = site.stops(route.id)[0].id;
    let ming = site.ming();
    let picture = site.folder.0.join("picture.png");
    std::fs::write(&picture, png()).unwrap();

    space::look_at(&site.app, Some(Room { free: 499 * MB, total: BIG }));
    ming.upload("/driver/photos", &[&picture]).check(422, "先不收照片");
    ming.upload("/driver/photos?kind=signature", &[&picture]).check(201, "sha");
    // Without script the picture comes with the form: the form comes back, and goes without it.
    let page = format!("/driver/stops/{stop}");
    let action = format!("{page}/complete");
    let mut form = form_on(&ming.get(&page).text(), &action);
    ming.upload_with(&action, &form, "photo_file", &picture).check(422, "改用簽名，或寫下誰收的");
    type_over(&mut form, "recipient", "王小姐");
    let pairs: Vec<_> = form.iter().filter(|(name, _)| name != "csrf").map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let done = ming.post(&action, &pairs);
    assert_eq!(done.status(), 303, "{}", done.text());

    space::look_at(&site.app, roomy());
    ming.upload("/driver/photos", &[&picture]).check(201, "sha");
}

/// Takes a customer down; whether that was answered as stored, and nothing but the one sentence where it was not.
fn take_down(browser: &Browser, number: usize) -> bool {
    let note = "住在巷子底，狗很大。".repeat(40);
    let name = format!("滿店{number:05}");
    let body = serde_json::json!({"name": name, "short_name": name, "address": "範例市樣本街 1 號", "notes": note});
    let answer = browser.json(Method::Post, "/api/v1/customers", body);
    match answer.status() {
        201 => true,
        503 => {
            assert_eq!(answer.json()["error"]["code"], "read_only");
            assert_eq!(answer.json()["error"]["message"], SENTENCE);
            false
        }
        status => panic!("{status}: {}", answer.text()),
    }
}

fn names(site: &Site) -> Vec<String> {
    let read = |conn: &rusqlite::Connection| {
        let mut query = conn.prepare("SELECT short_name FROM customers ORDER BY short_name").unwrap();
        let names = query.query_map([], |row| row.get(0)).unwrap();
        Ok(names.map(Result::unwrap).collect())
    };
    site.app.db.read(read).unwrap()
}

#[test]
fn on_a_disk_that_is_really_full_nothing_answered_is_lost_and_it_comes_back_by_itself() {
    let Some(disk) = SmallDisk::mount(48) else { return };
    let shop = disk.folder.0.join("shop");
    std::fs::create_dir_all(&shop).unwrap();
    let site = Site::open_in(Folder(shop.clone()));
    let boss = site.boss();
    let mut stored = Vec::new();
    let mut number = 0;
    let mut take_some = |most: usize| {
        for _ in 0..most {
            number += 1;
            if !take_down(&boss, number) {
                return false;
            }
            stored.push(format!("滿店{number:05}"));
        }
        true
    };

    // Full at different places: nothing left at all, a page, some pages, some more.
    for left in [0, 4096, 40_000, 300_000] {
        assert!(take_some(20), "there is room");
        disk.fill(left);
        assert!(!take_some(5_000), "the disk is full with {left} bytes left");
        assert!(site.app.db.is_held());
        boss.get("/customers").check(200, "現在只能看，不能存");
        space::look(&site.app);
        assert!(site.app.db.is_held(), "a full disk stays full");
        disk.clear();
        space::look(&site.app);
        assert!(!site.app.db.is_held(), "room, and it writes again");
    }
    // Before it is quite full it stops by itself.
    disk.fill(300_000);
    space::look(&site.app);
    assert!(!take_some(1));
    // The next morning, the disk still full, and the morning after it is fuller.
    let mut site = site;
    for left in [300_000, 0] {
        let folder = site.close();
        disk.fill(left);
        site = Site::of(folder);
        assert!(site.app.db.is_held());
        assert_eq!(names(&site), stored, "what was answered is there, and nothing besides");
        site.sign_in("boss", PASSWORD).get("/customers").check(200, "現在只能看，不能存");
    }
    disk.clear();
    space::look(&site.app);
    assert!(take_down(&site.boss(), 99_999));
}

#[test]
fn a_picture_for_which_there_is_no_room_is_refused_with_the_sentence_and_leaves_nothing() {
    let Some(disk) = SmallDisk::mount(16) else { return };
    let shop = disk.folder.0.join("shop");
    std::fs::create_dir_all(&shop).unwrap();
    let site = Site::open_in(Folder(shop.clone()));
    let ming = site.ming();
    site.app.space.note(roomy().unwrap());
    let picture = site.folder.0.join("picture.png");
    let mut bytes = png();
    bytes.resize(400_000, 7);
    std::fs::write(&picture, bytes).unwrap();
    ming.upload("/driver/photos", &[&picture]).check(201, "sha");

    let mut bytes = png();
    bytes.resize(400_001, 8);
    std::fs::write(&picture, bytes).unwrap();
    // The copy that comes in takes it all.
    disk.fill(410_000);
    ming.upload("/driver/photos", &[&picture]).check(503, SENTENCE);
    assert!(site.app.db.is_held(), "both files lie on one disk");
    let photos = rusqlite::Connection::open(shop.join("luckygas-photos.db")).unwrap();
    let pictures: i64 = photos.query_row("SELECT count(*) FROM photos", [], |row| row.get(0)).unwrap();
    assert_eq!(pictures, 1);
}
