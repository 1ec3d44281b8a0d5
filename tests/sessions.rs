//! The browsers somebody is signed in with, and how often one may try.

mod support;

use std::net::TcpListener;
use std::time::Duration;

use luckygas::shop::Shop;
use luckygas::users::{Role, flush_seen, session};
use luckygas::values::UserId;
use support::wire::Client;
use support::{Browser, PASSWORD, Site, now};

/// A shop that answers on a port.
struct Open {
    shop: Shop,
    _folder: support::Folder,
}

impl Open {
    fn new() -> Open {
        let Site { app, folder, .. } = Site::open();
        Open { shop: Shop::open(app, TcpListener::bind("127.0.0.1:0").unwrap()).unwrap(), _folder: folder }
    }

    fn token(&self, user: i64, role: Role) -> String {
        self.shop.app.db.write(|tx| session::start(tx, UserId(user), role, "電腦", now())).unwrap()
    }
}

fn key(browser: &Browser) -> String {
    session::key_of(browser.token.as_ref().unwrap())
}

#[test]
fn each_browser_stands_in_the_list_and_this_one_is_marked() {
    let site = Site::open();
    let (desk, phone) = (site.hui(), site.hui());
    phone.get("/orders");
    let page = desk.get("/me");
    page.check(200, "登入中的裝置").check(200, "這台").check(200, "127.0.0.1");
    assert!(page.text().contains(&format!("/me/sessions/{}/revoke", key(&phone))));
    assert!(!page.text().contains(&format!("/me/sessions/{}/revoke", key(&desk))), "this one has its own way out");
    for browser in [&desk, &phone] {
        assert!(!page.text().contains(browser.token.as_ref().unwrap()), "no token in a page");
    }
    let of_user = site.lin().get("/users/4");
    assert_eq!(of_user.text().matches("/users/4/sessions/").count(), 2);
}

#[test]
fn one_browser_is_signed_out_and_the_others_go_on() {
    let site = Site::open();
    let (desk, phone, lin) = (site.hui(), site.hui(), site.lin());
    let answer = lin.post(&format!("/users/4/sessions/{}/revoke", key(&phone)), &[]);
    assert_eq!((answer.status(), answer.location()), (303, "/users/4"));
    assert_eq!(phone.get("/orders").status(), 303);
    assert_eq!(desk.get("/orders").status(), 200);
    assert_eq!(site.journal().last().map(|(verb, id, _)| (verb.clone(), *id)), Some(("revoke".to_owned(), Some(4))));
    // Twice does nothing more, and says so.
    let rows = site.journal().len();
    assert_eq!(lin.post(&format!("/users/4/sessions/{}/revoke", key(&phone)), &[]).status(), 303);
    // Nor does it reach somebody else's by their own address.
    desk.post(&format!("/me/sessions/{}/revoke", key(&lin)), &[]);
    assert_eq!(lin.get("/users").status(), 200);
    assert_eq!(site.journal().len(), rows);
    let other = site.hui();
    assert_eq!(desk.post(&format!("/me/sessions/{}/revoke", key(&other)), &[]).location(), "/me");
    assert_eq!(other.get("/orders").status(), 303);
}

#[test]
fn an_admin_s_browsers_are_the_admin_s() {
    let site = Site::open();
    let boss = site.boss();
    let target = format!("/users/1/sessions/{}/revoke", key(&boss));
    assert_eq!(site.lin().post(&target, &[]).status(), 403);
    assert_eq!(site.hui().post(&target, &[]).status(), 403);
    assert_eq!(boss.get("/users").status(), 200);
}

#[test]
fn when_each_was_used_is_kept_and_goes_with_it() {
    let site = Site::open();
    let (hui, lin) = (site.hui(), site.lin());
    hui.get("/orders");
    site.wait_minutes(7);
    hui.get("/orders");
    flush_seen(&site.app).unwrap();
    let of = |user| site.app.db.read(|conn| session::of_user(conn, UserId(user), site.app.now())).unwrap();
    assert_eq!(of(4)[0].seen_at, Some(now().plus_minutes(7)));
    assert_eq!(of(4)[0].address.as_deref(), Some("127.0.0.1"));
    lin.post(&format!("/users/4/sessions/{}/revoke", key(&hui)), &[]);
    flush_seen(&site.app).unwrap();
    assert!(of(4).is_empty());
    let left: i64 = site
        .app
        .db
        .read(|conn| {
            Ok(conn
                .query_row("SELECT count(*) FROM sessions_seen WHERE token_hash NOT IN (SELECT token_hash FROM sessions)", [], |row| {
                    row.get(0)
                })
                .unwrap())
        })
        .unwrap();
    assert_eq!(left, 0);
}

#[test]
fn a_stream_ends_with_its_browser() {
    let shop = Open::new();
    let token = shop.token(4, Role::OfficeStaff);
    let mut hui = support::listen::Listener::open(shop.shop.address(), "/events", &token, "");
    hui.next();
    let lin = shop.token(2, Role::Manager);
    let head = format!("POST /users/4/sessions/{}/revoke HTTP/1.1\r\nAuthorization: Bearer {lin}", session::key_of(&token));
    assert_eq!(Client::open(shop.shop.address()).ask(&head, b"").status, 303);
    assert!(hui.ends(Duration::from_secs(10)), "whoever is signed out hears nothing more");
}

#[test]
fn many_tries_from_one_address_wait_and_right_ones_cost_nothing() {
    let site = Site::open();
    for _ in 0..30 {
        site.sign_in("lin", PASSWORD);
    }
    let try_one = |name: &str| site.nobody().post("/sign-in", &[("username", name), ("password", "wrong")]);
    let mut refused = None;
    for number in 0..40 {
        let answer = try_one(&format!("nobody{number}"));
        if answer.status() == 429 {
            refused = Some((number, answer));
            break;
        }
        assert_eq!(answer.status(), 401);
    }
    let (number, answer) = refused.expect("somebody is stopped");
    assert!((15..=25).contains(&number), "{number}");
    answer.check(429, "這台裝置試太多次了");
    let wait: u32 = answer.response.header("Retry-After").unwrap().parse().unwrap();
    assert!((1..=3).contains(&wait), "{wait}");
    let api = site.nobody().json(
        luckygas::http::Method::Post,
        "/api/v1/auth/login",
        serde_json::json!({"username": "lin", "password": PASSWORD}),
    );
    assert_eq!((api.status(), api.json()["error"]["code"].as_str().unwrap()), (429, "too_many"));
    assert!(api.response.header("Retry-After").is_some());
    // Whoever is in stays in.
    assert_eq!(site.lin().get("/customers").status(), 200);
}

#[test]
fn files_come_one_after_the_other() {
    let shop = Open::new();
    let (lin, boss) = (shop.token(2, Role::Manager), shop.token(1, Role::Admin));
    let send = |token: &str| {
        let head =
            format!("POST /api/v1/imports HTTP/1.1\r\nAuthorization: Bearer {token}\r\nContent-Type: multipart/form-data; boundary=x");
        Client::open(shop.shop.address()).ask(&head, b"--x--\r\n")
    };
    let refused = (0..40).map(|_| send(&lin)).find(|reply| reply.status == 429).expect("too many files are refused");
    assert!(refused.text().contains("檔案傳得太快了"), "{}", refused.text());
    assert!((1..=15).contains(&refused.header("retry-after").unwrap().parse::<u32>().unwrap()));
    assert_ne!(send(&boss).status, 429, "another sends his");
}
