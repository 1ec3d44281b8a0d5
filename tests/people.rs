//! Looking after the others: the users page and what it changes.
#![allow(clippy::unwrap_used)]

mod support;

use support::{Answer, Browser, PASSWORD, Site};

/// The first password an answer shows.
fn first_password(answer: &Answer) -> String {
    let text = answer.check(200, "只顯示這一次").text();
    let at = text.find("say-code\">").unwrap() + "say-code\">".len();
    text[at..at + 9].to_owned()
}

/// What the form of user `id` sends, as it stands on the page now.
fn version(browser: &Browser, id: i64) -> String {
    let text = browser.get(&format!("/users/{id}")).text();
    let at = text.find("name=\"version\" value=\"").unwrap() + "name=\"version\" value=\"".len();
    text[at..].split('"').next().unwrap().to_owned()
}

#[test]
fn the_list_says_who_is_in_locked_or_off() {
    let site = Site::open();
    site.hui().get("/me").check(200, "");
    for _ in 0..5 {
        site.nobody().post("/sign-in", &[("username", "chen"), ("password", "wrong-password")]);
    }
    site.boss().post("/users/5/deactivate", &[]).check(303, "");
    site.wait_minutes(6);
    let list = site.boss().get("/users");
    list.check(200, "3 人可用，1 人鎖住，1 人停用").check(200, "鎖住，剩 9 分").check(200, "已停用").check(200, "今天 10:22");
    list.check(200, "看報表").check(200, "管理者除外");
    for browser in [site.chen(), site.hui()] {
        browser.get("/users").check(403, "沒有這項權限");
    }
}

#[test]
fn somebody_new_gets_a_first_password_and_their_own_after_it() {
    let site = Site::open();
    let form = [("name", "阿珍"), ("username", "azhen"), ("role", "office_staff"), ("text_size", "large")];
    let first = first_password(&site.boss().post("/users", &form));
    let azhen = site.sign_in("azhen", &first);
    assert_eq!(azhen.get("/me").location(), "/me/password");
    azhen.post("/me/password", &[("new_password", "my-own-password"), ("again", "my-own-password")]).check(303, "");
    azhen.get("/me").check(200, "阿珍").check(200, "text-l");
    assert!(!format!("{:?}", site.journal()).contains(&first), "no password stands in the journal");

    let cases = [
        ([("name", ""), ("username", "x2"), ("role", "driver")], "請填名字"),
        ([("name", "阿德"), ("username", "AZHEN"), ("role", "driver")], "已經有人用了"),
        ([("name", "阿德"), ("username", "a de"), ("role", "driver")], "不能有空白"),
        ([("name", "阿德"), ("username", "ade"), ("role", "king")], "請選一種角色"),
        ([("name", "阿德"), ("username", "ade"), ("role", "")], "請選一種角色"),
    ];
    for (form, says) in cases {
        let answer = site.boss().post("/users", &form);
        answer.check(422, says).check(422, form[0].1);
    }
}

#[test]
fn managers_look_after_everybody_but_admins() {
    let site = Site::open();
    let lin = site.lin();
    lin.get("/users/1").check(403, "沒有這項權限");
    for verb in ["", "/password", "/sign-out", "/deactivate", "/reactivate"] {
        let form = [("version", "1"), ("name", "x"), ("role", "driver"), ("text_size", "small")];
        lin.post(&format!("/users/1{verb}"), &form).check(403, "沒有這項權限");
    }
    lin.post("/users", &[("name", "新老闆"), ("username", "boss2"), ("role", "admin")]).check(403, "沒有這項權限");
    lin.post("/users/4", &[("version", "1"), ("name", "小惠"), ("role", "admin")]).check(403, "沒有這項權限");
    assert!(!lin.get("/users/new").text().contains("value=\"admin\""));
    lin.post("/users/4", &[("version", "1"), ("name", "惠"), ("role", "accountant"), ("text_size", "medium")]).check(303, "");
    first_password(&lin.post("/users", &[("name", "經理二"), ("username", "lin2"), ("role", "manager")]));
    lin.get("/users/99").check(404, "找不到使用者 99");
}

#[test]
fn the_last_admin_stays() {
    let site = Site::open();
    let boss = site.boss();
    boss.post("/users/1", &[("version", "1"), ("name", "老闆"), ("role", "manager")]).check(422, "最後一位管理者");
    boss.post("/users/1/deactivate", &[]).check(409, "最後一位管理者");

    boss.post("/users/2", &[("version", "1"), ("name", "林經理"), ("role", "admin")]).check(303, "");
    boss.post("/users/1/deactivate", &[]).check(409, "不能停用自己");
    let lin = site.sign_in("lin", PASSWORD);
    lin.post("/users/1/deactivate", &[]).check(303, "");
    boss.get("/me").check(303, "");
    lin.post("/users/2", &[("version", &version(&lin, 2)), ("name", "林經理"), ("role", "driver")]).check(422, "最後一位管理者");
    lin.post("/users/2/deactivate", &[]).check(409, "最後一位管理者");
}

#[test]
fn a_stale_edit_shows_both_and_overwrites_nothing() {
    let site = Site::open();
    let (boss, lin) = (site.boss(), site.lin());
    boss.post("/users/4", &[("version", "1"), ("name", "小惠惠"), ("role", "office_staff"), ("text_size", "medium")]).check(303, "");
    let late = lin.post("/users/4", &[("version", "1"), ("name", "惠姐"), ("role", "office_staff"), ("text_size", "large")]);
    late.check(409, "有人先改了").check(409, "小惠惠").check(409, "惠姐").check(409, "name=\"version\" value=\"2\"");
    boss.get("/users/4").check(200, "小惠惠");
    let form = [("version", "2"), ("name", "惠姐"), ("role", "office_staff"), ("text_size", "large")];
    lin.post("/users/4", &form).check(303, "");
    lin.post("/users/4", &form).check(409, "一樣");
    let edits = site.journal();
    assert_eq!(edits.len(), 2);
    assert_eq!(
        edits[1].2,
        serde_json::json!({"before": {"name": "小惠惠", "text_size": "medium"}, "after": {"name": "惠姐", "text_size": "large"}})
    );
}

#[test]
fn sessions_end_at_once_with_what_they_rested_on() {
    type Act = fn(&Browser) -> Answer;
    let acts: [(&str, Act); 4] = [
        ("switched off", |boss| boss.post("/users/4/deactivate", &[])),
        ("a new first password", |boss| boss.post("/users/4/password", &[])),
        ("signed out everywhere", |boss| boss.post("/users/4/sign-out", &[])),
        ("another role", |boss| boss.post("/users/4", &[("version", "1"), ("name", "小惠"), ("role", "accountant")])),
    ];
    for (what, act) in acts {
        let site = Site::open();
        let (one, two, other) = (site.hui(), site.sign_in("xiaohui", PASSWORD), site.ming());
        assert!(act(&site.boss()).status() < 400, "{what}");
        for browser in [&one, &two] {
            assert_eq!(browser.get("/me").status(), 303, "{what}");
            browser.get("/api/v1/auth/me").check(401, "signed_out");
        }
        other.get("/me").check(200, "阿明");
    }
    let site = Site::open();
    let (here, there) = (site.boss(), site.boss());
    here.post("/users/1/sign-out", &[]).check(303, "");
    here.get("/me").check(200, "老闆");
    there.get("/me").check(303, "");
}

#[test]
fn a_reset_lifts_a_lock_and_the_old_password_is_gone() {
    let site = Site::open();
    for _ in 0..5 {
        site.nobody().post("/sign-in", &[("username", "xiaohui"), ("password", "wrong-password")]);
    }
    let first = first_password(&site.lin().post("/users/4/password", &[]));
    site.nobody().post("/sign-in", &[("username", "xiaohui"), ("password", PASSWORD)]).check(401, "");
    assert_eq!(site.sign_in("xiaohui", &first).get("/me").location(), "/me/password");
}

#[test]
fn who_is_off_stays_out_and_comes_back_with_the_same_password() {
    let site = Site::open();
    site.boss().post("/users/4/deactivate", &[]).check(303, "");
    site.nobody().post("/sign-in", &[("username", "xiaohui"), ("password", PASSWORD)]).check(401, "帳號或密碼不對");
    site.boss().get("/users/4").check(200, "已停用");
    site.boss().post("/users/4/reactivate", &[]).check(303, "");
    site.sign_in("xiaohui", PASSWORD).get("/me").check(200, "小惠");
    let verbs: Vec<_> = site.journal().into_iter().map(|(verb, _, _)| verb).collect();
    assert_eq!(verbs, ["deactivate", "sign_in_failure", "reactivate"]);
}
