mod support;
use support::Site;

#[test]
fn health_answers_without_a_session_and_says_nothing_private() {
    let site = Site::open();
    assert_eq!(site.nobody().get("/health").check(200, "ok").json(), serde_json::json!({"status": "ok", "streams": 0}));
    site.nobody().get("/nowhere").check(404, "沒有這一頁");
}
