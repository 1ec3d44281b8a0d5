//! The first run of an empty data folder.

mod support;

use luckygas::http::request::Method;
use serde_json::json;
use support::Site;

const OWNER: [(&str, &str); 6] = [
    ("shop_name", "範例煤氣行"),
    ("name", "老闆"),
    ("username", "boss"),
    ("password", "a-good-password"),
    ("again", "a-good-password"),
    ("network", "this_pc"),
];

fn with<'a>(code: &'a str, start: &'a str, changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let owner = OWNER.iter().map(|(name, value)| changed.iter().find(|(have, _)| have == name).unwrap_or(&(name, value)).to_owned());
    [("code", code), ("start", start)].into_iter().chain(owner).collect()
}

#[test]
fn while_nobody_has_an_account_every_page_leads_to_the_first_run() {
    let site = Site::empty();
    for target in ["/", "/me", "/customers", "/sign-in", "/nowhere", "/users/1"] {
        let answer = site.nobody().get(target);
        assert_eq!((answer.status(), answer.location()), (303, "/setup"), "{target}");
    }
    assert_eq!(site.nobody().post("/sign-in", &[("username", "boss")]).location(), "/setup");
    site.nobody().get("/health").check(200, "ok");
    site.nobody().get("/api/v1/auth/me").check(409, "not_set_up");
    site.nobody().json(Method::Post, "/api/v1/auth/login", json!({})).check(409, "還沒設定好");
}

#[test]
fn without_the_code_nothing_opens() {
    let site = Site::empty();
    let nobody = site.nobody();
    nobody.get("/setup").check(200, "開店碼");
    nobody.get("/setup?code=AAAA-AAAA").check(422, "開店碼不對");
    for target in ["/setup/owner", "/setup/restore?code=AAAA", "/setup/practice?code="] {
        assert_eq!(nobody.get(target).location(), "/setup", "{target}");
    }
    for _ in 0..3 {
        nobody.post("/setup/owner", &with("AAAA-AAAA", "new", &[])).check(422, "開店碼不對");
    }
    nobody.post("/setup/owner", &with("AAAA-AAAA", "new", &[])).check(429, "1 分鐘");
    nobody.get(&format!("/setup?code={}", site.app.setup_code)).check(429, "1 分鐘");
    site.wait_minutes(1);
    nobody.post("/setup/owner", &with("AAAA-AAAA", "new", &[])).check(422, "開店碼不對");
    assert!(!site.app.has_users().unwrap());
}

#[test]
fn the_code_opens_four_doors_and_makes_one_owner() {
    let site = Site::empty();
    let nobody = site.nobody();
    let code = site.app.setup_code.to_string();
    let doors = nobody.get(&format!("/setup?code={code}"));
    for door in ["搬資料進來", "從備份還原", "全新的店", "先練習"] {
        doors.check(200, door);
    }
    nobody.get(&format!("/setup/owner?code={code}&start=import")).check(200, "誰可以連進來");
    nobody.get(&format!("/setup/restore?code={code}")).check(200, "選一份備份");
    nobody.get(&format!("/setup/practice?code={code}")).check(200, "練習");

    let answer = nobody.post("/setup/owner", &with(&code, "import", &[("network", "shop")]));
    assert_eq!((answer.status(), answer.location()), (303, "/imports"));
    let boss = support::Browser { site: &site, token: Some(answer.token()) };
    boss.get("/me").check(200, "管理者");
    boss.get("/api/v1/auth/me").check(200, "\"must_change_password\":false");
    let settings = site.app.settings();
    assert_eq!((settings.shop_name.as_str(), settings.network.word()), ("範例煤氣行", "shop"));
    site.sign_in("boss", "a-good-password");
    assert_eq!(site.journal().len(), 1);

    nobody.get(&format!("/setup?code={code}")).check(409, "已經設定好了");
    nobody.get("/setup").check(409, "已經設定好了");
    nobody.post("/setup/owner", &with(&code, "new", &[("username", "second")])).check(409, "已經設定好了");
    site.nobody().post("/sign-in", &[("username", "second"), ("password", "a-good-password")]).check(401, "");
}

#[test]
fn a_bad_owner_form_comes_back_as_typed_and_the_code_still_works() {
    let site = Site::empty();
    let code = site.app.setup_code.to_string();
    let cases = [
        ("shop_name", "", "請填店名"),
        ("name", "　", "請填你的名字"),
        ("username", "", "請填帳號"),
        ("username", "a b", "不能有空白"),
        ("password", "short", "至少要 8 個字"),
        ("again", "another-one", "兩次輸入的密碼不一樣"),
    ];
    for (field, value, says) in cases {
        let answer = site.nobody().post("/setup/owner", &with(&code, "new", &[(field, value)]));
        answer.check(422, says);
        assert!(!answer.text().contains("a-good-password"), "a password never comes back");
        assert!(field == "shop_name" || answer.text().contains("範例煤氣行"));
    }
    assert_eq!(site.nobody().post("/setup/owner", &with(&code, "new", &[])).location(), "/products/prices?first=1");
}

#[test]
fn practising_needs_the_code_and_an_empty_folder() {
    let site = Site::empty();
    site.nobody().post("/setup/practice", &[("code", "AAAA-AAAA")]).check(422, "開店碼不對");
    assert!(!site.app.has_users().unwrap());

    let site = Site::open();
    let code = site.app.setup_code.to_string();
    site.nobody().post("/setup/practice", &[("code", &code)]).check(409, "已經設定好了");
    assert!(!site.app.settings().is_practice);
}

#[test]
fn the_practice_shop_says_so_and_lets_everybody_in() {
    use luckygas::demo::{self, Size};
    let site = Site::empty();
    let req = luckygas::http::Request::new(Method::Post, "/setup/practice", vec![], vec![], support::now()).unwrap();
    let entered = luckygas::users::setup::open_practice(&site.app, &req, Size::Small).unwrap();
    let boss = support::Browser { site: &site, token: Some(entered.token) };
    boss.get("/me").check(200, "練習店").check(200, "管理者");
    site.nobody().get("/sign-in").check(200, demo::PASSWORD).check(200, "xiaohui");
    for (username, name, _) in demo::CAST {
        site.sign_in(username, demo::PASSWORD).get("/me").check(200, name);
    }
}
