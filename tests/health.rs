//! Whether the program lives, and whether the shop can work.

mod support;

use luckygas::error::Held;
use luckygas::health::hours::{self, Figures, Hour};
use luckygas::health::store;
use luckygas::jobs;
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
    site.app.db.maintain(|conn| Ok(conn.busy_timeout(std::time::Duration::from_millis(1)).unwrap())).unwrap();
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
