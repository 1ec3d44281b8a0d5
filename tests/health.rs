//! Whether the program lives, and whether the shop can work.

mod support;

use luckygas::error::Held;
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
