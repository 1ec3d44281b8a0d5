//! Whether the program lives, and whether the shop can work.

mod support;

use luckygas::backups::places;
use luckygas::backups::{Kind, Name};
use luckygas::db::space::{self, Room};
use luckygas::error::Held;
use luckygas::health::code::Told;
use luckygas::health::hours::{self, Figures, Hour};
use luckygas::health::six::{self, State};
use luckygas::health::store;
use luckygas::jobs::{self, Outcome};
use luckygas::journal::By;
use luckygas::routes::steps::Move;
use luckygas::values::{Stamp, UserId};
use serde_json::json;
use support::Site;

#[test]
fn health_answers_without_a_session_and_says_nothing_private() {
    let site = Site::open();
    assert_eq!(site.nobody().get("/health").check(200, "ok").json(), json!({"status": "ok", "streams": 0}));
    site.nobody().get("/nowhere").check(404, "沒有這一頁");
}

#[test]
fn ready_says_in_short_words_what_stands_in_the_way() {
    let site = Site::empty();
    let ready = || site.nobody().get("/health/ready");
    assert_eq!(ready().check(200, "ready").json(), json!({"status": "ready", "reasons": []}));

    // Another program has the file's lock.
    let other = rusqlite::Connection::open(site.app.db.path()).unwrap();
    let impatient = |conn: &rusqlite::Connection| {
        conn.busy_timeout(std::time::Duration::from_millis(1)).unwrap();
        Ok(())
    };
    site.app.db.maintain(impatient).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert_eq!(ready().check(503, "not_ready").json(), json!({"status": "not_ready", "reasons": ["write"]}));
    drop(other);
    ready().check(200, "ready");

    for (why, word) in [(Held::Full, "disk"), (Held::Unwritable, "readonly")] {
        site.app.db.hold(why);
        assert_eq!(ready().check(503, "not_ready").json()["reasons"], json!([word]));
    }
    assert!(site.app.db.try_again());
    ready().check(200, "ready");

    site.app.stop();
    assert_eq!(ready().check(503, "not_ready").json()["reasons"], json!(["stopping"]));
}

#[test]
fn a_shop_that_is_writing_is_ready() {
    let site = Site::open();
    site.app.db.write(|_| Ok(site.nobody().get("/health/ready").check(200, "ready").status())).unwrap();
}

fn hours_of(site: &Site) -> Vec<Hour> {
    let now = hours::hour_of(site.app.now());
    site.app.db.read(|conn| store::hours(conn, 0, now)).unwrap()
}

#[test]
fn an_hour_is_kept_and_what_comes_after_a_restart_is_added_to_it() {
    let site = Site::open();
    site.app.hours.begin(site.app.now());
    for _ in 0..20 {
        site.hui().get("/customers").check(200, "");
    }
    site.wait_minutes(10);
    hours::keep(&site.app).unwrap();
    let first = hours_of(&site);
    let hour = hours::hour_of(support::now());
    assert_eq!((first.len(), first[0].hour, first[0].figures.requests()), (1, hour, 20));
    assert!(0 < first[0].figures.writes && 0 < first[0].figures.db_bytes && first[0].figures.disk_free.is_some());
    assert!(first[0].figures.within_us(0.5) <= first[0].figures.within_us(0.99));
    assert_eq!(first[0].figures.backup_age_s, None, "there is no copy");

    let site = site.reopen();
    site.app.hours.begin(site.app.now());
    site.nobody().get("/health");
    site.wait_minutes(37);
    // The clock says 11:09: what was counted is of the hour in which counting began.
    jobs::run_due_of(&site.app, std::slice::from_ref(jobs::find("figures").unwrap()));
    let both = hours_of(&site);
    assert_eq!((both.len(), both[0].hour, both[0].figures.requests()), (1, hour, 21));
    assert!(first[0].figures.writes < both[0].figures.writes);

    site.nobody().get("/nowhere");
    site.wait_minutes(60);
    jobs::run_due_of(&site.app, std::slice::from_ref(jobs::find("figures").unwrap()));
    let next = hours_of(&site);
    assert_eq!((next.len(), next[1].hour, next[1].figures.requests()), (2, hour + 1, 1));
}

#[test]
fn hours_are_forgotten_after_a_month() {
    let site = Site::open();
    let now = hours::hour_of(site.app.now());
    let old = |hour| Hour { hour, figures: Figures::default() };
    site.app.db.write(|tx| (0..40 * 24).try_for_each(|back| store::set_hour(tx, &old(now - back)))).unwrap();
    hours::keep(&site.app).unwrap();
    let kept = hours_of(&site);
    assert_eq!((kept.len() as i64, kept[0].hour), (hours::KEPT_HOURS + 1, now - hours::KEPT_HOURS));
}

/// The state and the words of each of the six.
fn said(site: &Site) -> [(State, String); 6] {
    six::sentences(&site.app, site.app.now()).unwrap().map(|one| (one.state, format!("{}：{}", one.title, one.detail)))
}

fn one(site: &Site, number: usize) -> (State, String) {
    said(site)[number - 1].clone()
}

fn run(site: &Site, job: &str) -> Outcome {
    jobs::run(&site.app, jobs::find(job).unwrap(), By::program(site.app.now())).unwrap().outcome.unwrap()
}

#[test]
fn a_shop_of_the_first_day_is_not_red() {
    let site = Site::open();
    for (state, words) in said(&site) {
        assert_ne!(state, State::Bad, "{words}");
    }
    assert_eq!(one(&site, 1).0, State::Mind, "nothing was checked yet");
    site.price_everything();
    site.customer("1000017", "好味小吃", |_| {});
    let page = site.boss().get("/").text();
    assert!(!page.contains(">健康<"), "{page}");
}

#[test]
fn the_first_two_are_green_after_a_drill_and_red_after_one_that_fails() {
    let site = Site::open();
    site.customer("1000017", "好味小吃", |_| {});
    assert_eq!((run(&site, "backup-night"), one(&site, 2).0), (Outcome::Done, State::Mind));
    assert!(one(&site, 2).1.starts_with("備份還沒試過還原"));

    assert_eq!(run(&site, "drill"), Outcome::Done);
    assert_eq!(one(&site, 1), (State::Good, "資料沒有壞：今天 10:22 從頭檢查過。".to_owned()));
    let tried = "備份真的能還原：今天 10:22 還原驗過：0 筆配送、1 位客戶，金額相符。";
    assert_eq!(one(&site, 2), (State::Good, tried.to_owned()));

    site.wait_minutes(6 * 24 * 60);
    assert!(one(&site, 1).1.starts_with("資料很久沒檢查了"));
    assert_eq!(one(&site, 1).0, State::Mind, "the program has only just started, and will make up for it");

    // Every copy is gone.
    std::fs::remove_dir_all(site.app.folder.join("backups")).unwrap();
    site.app.backups.look(&site.app.folder);
    assert_eq!(run(&site, "drill"), Outcome::Failed);
    assert_eq!(one(&site, 2).0, State::Bad);
    assert!(one(&site, 2).1.starts_with("備份沒通過還原"));
    site.boss().get("/").check(200, "備份沒通過還原");
    assert!(!site.lin().get("/").text().contains("備份沒通過還原"), "the manager cannot do anything about it");
}

#[test]
fn data_that_is_found_wrong_is_red() {
    let site = Site::open();
    assert_eq!(run(&site, "backup-night"), Outcome::Done);
    // A summary that does not agree with its rows, in the copy as in the shop.
    site.app
        .db
        .write(|tx| {
            Ok(tx.execute("INSERT INTO delivery_days (delivered_on, deliveries, known, gas_g) VALUES ('2025-05-01', 3, 0, 0)", []).unwrap())
        })
        .unwrap();
    assert_eq!((run(&site, "backup-night"), run(&site, "drill")), (Outcome::Done, Outcome::Failed));
    assert_eq!(one(&site, 1).0, State::Bad);
    assert!(one(&site, 1).1.starts_with("檢查發現資料不對"));

    let site = Site::open();
    site.app.counters.note_damage(site.app.now());
    assert!(one(&site, 1).1.starts_with("資料檔有地方壞了：今天 10:22"));
}

#[test]
fn a_second_place_that_fails_is_red_and_none_at_all_is_told() {
    let site = Site::open();
    assert_eq!(one(&site, 3).0, State::Mind);
    assert!(one(&site, 3).1.starts_with("第二份備份還沒有地方放"));

    let now = site.app.now();
    let id = site.app.db.write(|tx| places::store::add(tx, "備份碟", "/mnt/stick", now)).unwrap();
    let seen = |fill: &dyn Fn(&mut places::Place)| {
        let mut place = site.app.db.read(|conn| places::store::find(conn, id)).unwrap().unwrap();
        fill(&mut place);
        site.app.db.write(|tx| places::store::set_seen(tx, &place)).unwrap();
        one(&site, 3)
    };
    let (state, words) = seen(&|place| place.is_present = false);
    assert!(state == State::Bad && words.starts_with("第二份備份沒放成：「備份碟」從 今天 10:22 起不在"), "{words}");
    let copy = |at: Stamp| Some(Name::new(at, Kind::Nightly));
    let (state, words) = seen(&|place| {
        place.is_present = true;
        place.copy = copy(now.plus_minutes(-60));
    });
    assert!(state == State::Good && words.contains("「備份碟」有 今天 09:22 的備份"), "{words}");
    assert_eq!(seen(&|place| place.is_present = false).0, State::Good, "it went home over the night");
    assert_eq!(seen(&|place| place.copy = copy(now.plus_minutes(-4 * 24 * 60))).0, State::Bad);
    assert!(site.boss().get("/backups").text().contains("「備份碟」"));
    assert!(!site.boss().get("/data/support").text().contains("備份碟"));
}

#[test]
fn a_full_disk_is_red_and_a_large_one_green() {
    let site = Site::open();
    let free = |free| space::look_at(&site.app, Some(Room { free, total: 500 << 30 }));
    let number = 4;
    for (bytes, state, says) in [
        (182 << 30, State::Good, "硬碟還夠用：剩 182 GB。"),
        (1 << 30, State::Bad, "硬碟快滿了：剩 1.0 GB。請清出 2 GB。"),
        (100 << 20, State::Bad, "硬碟快滿了：剩 0.0 GB，照片已經不收。"),
    ] {
        free(bytes);
        let (is, words) = one(&site, number);
        assert!(is == state && words.starts_with(says), "{is:?} {words}");
    }
    // Five days that took a gigabyte each.
    free(100 << 30);
    let now = hours::hour_of(site.app.now());
    let hour = |back: i64, db_bytes| Hour { hour: now - back * 24, figures: Figures { db_bytes, copies: 3, ..Figures::default() } };
    site.app.db.write(|tx| [hour(10, 0), hour(0, 10 << 30)].iter().try_for_each(|hour| store::set_hour(tx, hour))).unwrap();
    assert_eq!(one(&site, number).1, "硬碟快不夠了：剩 100 GB，照現在的用法 25 天後會滿。");
}

#[test]
fn a_clock_that_went_back_is_red() {
    let site = Site::open();
    let number = 5;
    let clock = || one(&site, number);
    assert_eq!(clock().0, State::Good);
    site.customer("1000017", "好味小吃", |_| {});
    assert!(clock().1.contains("不早於最後一筆紀錄（今天 10:22）"), "{}", clock().1);

    site.wait_minutes(-90);
    assert_eq!(clock().0, State::Bad);
    assert!(clock().1.contains("現在是 今天 08:52，可是最後一筆記在 今天 10:22"), "{}", clock().1);

    let site = Site::open();
    site.app.hours.begin(site.app.now());
    site.wait_minutes(-3 * 24 * 60);
    assert!(one(&site, number).1.contains("時間往回跳了 3 天"), "{}", one(&site, number).1);
}

#[test]
fn phones_on_the_road_are_counted_by_when_they_were_last_here() {
    let site = Site::open();
    let number = 6;
    assert_eq!(one(&site, number), (State::Good, "手機都連得到：現在沒有人在路上。".to_owned()));
    site.price_everything();
    let (customer, ming) = (site.add_customer("1000017", "好味小吃", None), UserId(5));
    let order = site.take(customer, &[("C20", 1)]).id;
    let route = site.published(ming, &[order]).id;
    site.route_step(route, &Move::Start { loaded: None, note: None });
    assert!(one(&site, number).1.contains("在路上的人都沒有用手機"), "somebody acts for him");
    site.ming().get("/driver");
    site.wait_minutes(12);
    assert_eq!(one(&site, number), (State::Good, "手機都連得到：1 支裡 1 支，最久的 12 分鐘前。".to_owned()));
    site.wait_minutes(150);
    let (state, words) = one(&site, number);
    assert!(state == State::Bad && words.starts_with("有手機連不到：1 支裡 0 支，最久的 2 小時前。"), "{words}");
}

#[test]
fn the_health_page_and_the_room_lead_to_each_other_and_are_the_admins() {
    let site = Site::open();
    hours::keep(&site.app).unwrap();
    let page = site.boss().get("/data/health");
    page.check(200, "六句話").check(200, "報修代碼").check(200, "每小時有多快");
    site.boss().get("/data").check(200, "href=\"/data/health\"").check(200, "href=\"/data/jobs\"");
    assert!(!site.lin().get("/data").text().contains("/data/health"));
    let code = six::code(&six::sentences(&site.app, site.app.now()).unwrap());
    page.check(200, &code);
    let said = |code: &str| support::program::run(&site.folder.0, &["code", code]);
    let told = String::from_utf8(said(&code).stdout).unwrap();
    assert!(told.contains(&format!("版本　{}", env!("CARGO_PKG_VERSION"))) && told.contains("紅的　沒有"), "{told}");
    assert_eq!(said("K7-204").status.code(), Some(2));
    assert_eq!(Told::read(&code).unwrap().red, [false; 6]);
}
