//! Coming in, staying in, going out.

mod support;

use luckygas::Error;
use luckygas::http::door::{Head, Room};
use luckygas::http::request::{Method, Request};
use luckygas::users::{Role, session};
use serde_json::json;
use support::{Browser, CAST, PASSWORD, Site};

const WRONG: &str = "帳號或密碼不對，請再試一次。";
const LOCKED: &str = "試太多次了，15 分鐘後再試。";

#[test]
fn the_right_password_lets_in_and_goes_where_one_wanted() {
    let site = Site::open();
    let wanted = site.nobody().get("/me?size=%E5%A4%A7");
    assert_eq!((wanted.status(), wanted.location()), (303, "/sign-in?next=%2Fme%3Fsize%3D%25E5%25A4%25A7"));
    site.nobody().get(wanted.location()).check(200, "value=\"/me?size=%E5%A4%A7\"");

    let cases = [("/me?size=%E5%A4%A7", "/me?size=%E5%A4%A7"), ("", "/"), ("//evil.example", "/"), ("https://evil.example", "/")];
    for (next, to) in cases {
        let answer = site.nobody().post("/sign-in", &[("username", "xiaohui"), ("password", PASSWORD), ("next", next)]);
        assert_eq!((answer.status(), answer.location()), (303, to), "{next}");
    }
    site.sign_in(" ＸiaoHui", PASSWORD).get("/me").check(200, "小惠");
    assert_eq!(site.hui().get("/sign-in").location(), "/");
}

#[test]
fn the_cookie_is_not_for_scripts_nor_for_other_sites() {
    let site = Site::open();
    let form = [("username", "boss"), ("password", PASSWORD)];
    let answer = site.nobody().post("/sign-in", &form);
    let cookie = answer.response.header("Set-Cookie").unwrap();
    assert!(cookie.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Lax"), "{cookie}");

    let driver = site.nobody().post("/sign-in", &[("username", "aming"), ("password", PASSWORD)]);
    assert!(driver.response.header("Set-Cookie").unwrap().contains("Max-Age=2592000;"), "a driver's phone keeps 30 days");

    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish().into_bytes();
    let encrypted = site.nobody().send_with(Method::Post, "/sign-in", &[("X-Guard-Proto", "https")], body);
    assert!(encrypted.response.header("Set-Cookie").unwrap().ends_with("; Secure"));
}

#[test]
fn five_wrong_passwords_close_a_name_for_fifteen_minutes_whether_it_exists_or_not() {
    for name in ["xiaohui", "nobody-of-that-name"] {
        let site = Site::open();
        let try_with = |password: &str| site.nobody().post("/sign-in", &[("username", name), ("password", password)]);
        for _ in 0..4 {
            try_with("wrong-password").check(401, WRONG);
        }
        try_with("wrong-password").check(429, LOCKED);
        try_with(PASSWORD).check(429, LOCKED);
        site.wait_minutes(14);
        try_with(PASSWORD).check(429, LOCKED);
        site.nobody().post("/sign-in", &[("username", "lin"), ("password", PASSWORD)]).check(303, "");
        site.wait_minutes(1);
        try_with("wrong-password").check(401, WRONG);
        let right = try_with(PASSWORD);
        assert_eq!(right.status(), if name == "xiaohui" { 303 } else { 401 });
    }
}

#[test]
fn a_right_password_in_between_starts_the_count_again() {
    let site = Site::open();
    for _ in 0..3 {
        for _ in 0..4 {
            site.nobody().post("/sign-in", &[("username", "xiaohui"), ("password", "wrong-password")]).check(401, WRONG);
        }
        site.sign_in("xiaohui", PASSWORD);
    }
}

#[test]
fn the_answer_does_not_tell_an_existing_name_from_another() {
    let site = Site::open();
    site.app.db.write(|tx| Ok(tx.execute("UPDATE users SET is_active = 0 WHERE username = 'chen'", []).unwrap())).unwrap();
    let page = |name: &str, password: &str| {
        let answer = site.nobody().post("/sign-in", &[("username", name), ("password", password)]);
        (answer.status(), answer.text().replace(name, "NAME"), format!("{:?}", answer.response.headers()))
    };
    let known = page("xiaohui", "wrong-password");
    assert_eq!(known, page("unknown", "wrong-password"));
    assert_eq!(known, page("chen", PASSWORD), "somebody switched off is nobody");
    assert_eq!(known, page("xiaohui", &"x".repeat(72)));
}

#[test]
fn tries_of_names_that_do_not_exist_do_not_pile_up() {
    let site = Site::open();
    let count =
        || site.app.db.read(|conn| Ok(conn.query_row("SELECT count(*) FROM sign_in_tries", [], |row| row.get::<_, i64>(0)).unwrap()));
    // As many as one address may try at once.
    for number in 0..19 {
        let name = format!("name-{number}-{}", "x".repeat(200));
        site.nobody().post("/sign-in", &[("username", &name), ("password", "wrong-password")]).check(401, WRONG);
    }
    assert_eq!(count().unwrap(), 19);
    site.wait_minutes(15);
    site.nobody().post("/sign-in", &[("username", "one-more"), ("password", "wrong-password")]).check(401, WRONG);
    assert_eq!(count().unwrap(), 1);
}

#[test]
fn wrong_passwords_and_locks_are_journalled_without_what_was_typed() {
    let site = Site::open();
    for name in ["xiaohui", "my-secret-password"] {
        for _ in 0..5 {
            site.nobody().post("/sign-in", &[("username", name), ("password", "wrong-password")]);
        }
    }
    let lines = site.journal();
    let verbs: Vec<_> = lines.iter().map(|(verb, id, _)| (verb.as_str(), *id)).collect();
    let failure = ("sign_in_failure", Some(4));
    assert_eq!(verbs, [failure, failure, failure, failure, ("lock", Some(4)), ("lock", None)]);
    assert!(!format!("{lines:?}").contains("secret") && !format!("{lines:?}").contains("wrong-password"));
}

#[test]
fn a_session_ends_with_its_hours() {
    let cases = [("xiaohui", 12 * 60), ("boss", 12 * 60), ("aming", 30 * 24 * 60)];
    for (name, minutes) in cases {
        let site = Site::open();
        let browser = site.sign_in(name, PASSWORD);
        site.wait_minutes(minutes - 1);
        browser.get("/me").check(200, "字的大小");
        site.wait_minutes(1);
        assert_eq!(browser.get("/me").location(), "/sign-in?next=%2Fme", "{name}");
    }
}

#[test]
fn signing_out_ends_this_session_and_no_other() {
    let site = Site::open();
    let (here, there) = (site.sign_in("xiaohui", PASSWORD), site.sign_in("xiaohui", PASSWORD));
    let answer = here.post("/sign-out", &[]);
    assert_eq!((answer.status(), answer.location()), (303, "/sign-in"));
    assert!(answer.response.header("Set-Cookie").unwrap().starts_with("luckygas=; Path=/; Max-Age=0;"));
    assert_eq!(here.get("/me").status(), 303);
    there.get("/me").check(200, "小惠");
}

#[test]
fn a_first_password_is_changed_before_anything_else() {
    let site = Site::open();
    site.app.db.write(|tx| Ok(tx.execute("UPDATE users SET must_change_password = 1 WHERE username = 'xiaohui'", []).unwrap())).unwrap();
    let hui = site.sign_in("xiaohui", PASSWORD);
    assert_eq!(hui.get("/me").location(), "/me/password");
    assert_eq!(hui.post("/me", &[("text_size", "large")]).location(), "/me/password");
    let api = hui.json(Method::Post, "/api/v1/auth/logout", json!({}));
    assert_eq!(api.status(), 200, "going out is allowed");

    let hui = site.sign_in("xiaohui", PASSWORD);
    hui.get("/api/v1/auth/me").check(200, "\"must_change_password\":true");
    hui.get("/me/password").check(200, "先換密碼");
    let cases = [
        ("short", "short", "至少要 8 個字"),
        ("a-new-password", "another-password", "兩次輸入的密碼不一樣"),
        ("xiaohui", "xiaohui", "至少要 8 個字"),
        (PASSWORD, PASSWORD, "要和現在的不一樣"),
    ];
    for (new, again, says) in cases {
        hui.post("/me/password", &[("new_password", new), ("again", again)]).check(422, says);
    }
    let changed = hui.post("/me/password", &[("new_password", "a-new-password"), ("again", "a-new-password")]);
    assert_eq!(changed.location(), "/");
    hui.get("/me").check(200, "小惠");
    site.sign_in("xiaohui", "a-new-password").get("/me").check(200, "小惠");
}

#[test]
fn files_come_in_only_from_who_may_send_them_and_never_on_a_first_password() {
    let site = Site::open();
    let room = |token: Option<&String>| {
        let headers = token.map(|token| ("cookie".to_owned(), format!("{}={token}", session::COOKIE)));
        let head = Head {
            method: Method::Post,
            target: "/imports".to_owned(),
            headers: headers.into_iter().collect(),
            length: 1 << 20,
            waits: false,
            closes: false,
        };
        luckygas::urls::room(&site.app, &head).map_err(|refusal| refusal.status)
    };
    assert!(matches!(room(None), Err(401)));
    assert!(matches!(room(site.hui().token.as_ref()), Err(403)));
    let lin = site.lin();
    assert!(matches!(room(lin.token.as_ref()), Ok(Some(Room::File(_)))));
    site.app.db.write(|tx| Ok(tx.execute("UPDATE users SET must_change_password = 1 WHERE username = 'lin'", []).unwrap())).unwrap();
    assert!(matches!(room(lin.token.as_ref()), Err(403)), "a first password opens nothing else");
}

#[test]
fn a_password_a_manager_resets_meanwhile_stays_reset() {
    let site = Site::open();
    site.app.db.write(|tx| Ok(tx.execute("UPDATE users SET must_change_password = 1 WHERE username = 'xiaohui'", []).unwrap())).unwrap();
    let hui = site.sign_in("xiaohui", PASSWORD);
    let token = hui.token.as_ref().unwrap();
    // Her request is past the gate when the manager presses the button.
    let session = site.app.db.read(|conn| session::find(conn, token, site.app.now())).unwrap();
    site.lin().post("/users/4/password", &[]).check(200, "只顯示這一次");

    let headers = vec![("Cookie".to_owned(), format!("{}={token}", session::COOKIE))];
    let body = json!({"new_password": "a-new-password"}).to_string().into_bytes();
    let mut req = Request::new(Method::Post, "/api/v1/auth/password", headers, body, site.app.now()).unwrap();
    req.session = session;
    assert!(matches!(luckygas::users::api::change_password(&site.app, &req), Err(Error::SignedOut)));
    site.nobody().post("/sign-in", &[("username", "xiaohui"), ("password", "a-new-password")]).check(401, WRONG);
}

#[test]
fn a_new_password_asks_for_the_old_one_and_signs_the_others_out() {
    let site = Site::open();
    let (here, there) = (site.sign_in("chen", PASSWORD), site.sign_in("chen", PASSWORD));
    let change = |current: &str| {
        here.post("/me/password", &[("current_password", current), ("new_password", "a-new-password"), ("again", "a-new-password")])
    };
    change("not-the-password").check(422, "現在的密碼不對。");
    there.get("/me").check(200, "陳會計");
    assert_eq!(change(PASSWORD).location(), "/me");
    here.get("/me").check(200, "現在只有這裡登入中");
    assert_eq!(there.get("/me").status(), 303);
    site.nobody().post("/sign-in", &[("username", "chen"), ("password", PASSWORD)]).check(401, WRONG);
}

#[test]
fn letters_take_the_size_one_chose() {
    let site = Site::open();
    let hui = site.hui();
    for (size, class) in [("small", "text-s"), ("large", "text-l"), ("huge", "text-xl")] {
        assert_eq!(hui.post("/me", &[("text_size", size)]).location(), "/me");
        hui.get("/me").check(200, &format!("class=\"{class}\""));
    }
    hui.post("/me", &[("text_size", "enormous")]).check(422, "請選一種大小。");
}

#[test]
fn a_program_signs_in_for_a_token() {
    let site = Site::open();
    let nobody = site.nobody();
    nobody.json(Method::Post, "/api/v1/auth/login", json!({"username": "xiaohui", "password": "wrong"})).check(401, "wrong_password");
    nobody.json(Method::Post, "/api/v1/auth/login", json!({"username": 7})).check(401, "wrong_password");
    nobody.send(Method::Post, "/api/v1/auth/login", "application/json", b"{".to_vec()).check(400, "bad_request");
    nobody.get("/api/v1/auth/me").check(401, "signed_out");

    let answer = nobody.json(Method::Post, "/api/v1/auth/login", json!({"username": "xiaohui", "password": PASSWORD}));
    let token = answer.check(200, "expires_at").json()["token"].as_str().unwrap().to_owned();
    assert_eq!(answer.json()["csrf"], session::csrf(&token));
    assert_eq!(answer.json()["user"]["role"], "office_staff");
    assert_eq!(answer.token(), token, "the cookie carries the same");

    let bearer = [("Authorization", format!("Bearer {token}"))];
    let bearer: Vec<(&str, &str)> = bearer.iter().map(|(name, value)| (*name, value.as_str())).collect();
    nobody.send_with(Method::Get, "/api/v1/auth/me", &bearer, vec![]).check(200, "小惠");
    nobody.send_with(Method::Post, "/api/v1/auth/logout", &bearer, vec![]).check(200, "signed_out");
    nobody.send_with(Method::Get, "/api/v1/auth/me", &bearer, vec![]).check(401, "signed_out");
}

#[test]
fn the_token_of_one_session_is_worth_nothing_in_another() {
    let site = Site::open();
    let browsers: Vec<Browser> = CAST.iter().flat_map(|(_, _, role)| [site.role(*role), site.role(*role)]).collect();
    for mine in &browsers {
        for other in &browsers {
            let csrf = session::csrf(other.token.as_ref().unwrap());
            let is_same = mine.token == other.token;
            let answer = mine.post_with_csrf("/me", &csrf, &[("text_size", "medium")]);
            assert_eq!(answer.status(), if is_same { 303 } else { 400 });
        }
        for csrf in ["", "0", mine.token.as_ref().unwrap()] {
            mine.post_with_csrf("/me", csrf, &[("text_size", "medium")]).check(400, "重新整理");
        }
    }
}

#[test]
fn being_here_is_written_down_now_and_then_and_not_with_every_page() {
    let site = Site::open();
    let seen = || {
        let at = site.app.db.read(|conn| {
            Ok(conn.query_row("SELECT last_seen_at FROM users WHERE id = 4", [], |row| row.get::<_, Option<i64>>(0)).unwrap())
        });
        at.unwrap()
    };
    let hui = site.role(Role::OfficeStaff);
    hui.get("/me").check(200, "");
    assert_eq!(seen(), None);
    luckygas::users::flush_seen(&site.app).unwrap();
    assert_eq!(seen(), Some(support::now().0));
}
