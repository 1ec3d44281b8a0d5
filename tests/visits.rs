//! Shops beside the shop: one to practise in, one that shows how it was.

mod support;

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;

use luckygas::app::{App, Clock};
use luckygas::backups::{self, Kind, Name, make};
use luckygas::db::Lock;
use luckygas::shop::Shop;
use luckygas::stops::photos;
use luckygas::users::{self, session};
use luckygas::values::{Stamp, UserId};
use support::wire::{Client, Reply};
use support::{CAST, Folder, PASSWORD, Site, day, now};

/// A shop that answers on a port, and the folder it lies in.
struct Street {
    shop: Option<Shop>,
    _lock: Lock,
    folder: Folder,
}

impl Street {
    /// The cast and one customer, 林太太, with an old number.
    fn open() -> Street {
        let folder = {
            let site = Site::open();
            site.customer("20-0001", "林太太", |details| details.phones = vec![Site::number("0900-000-111")]);
            let Site { app, folder, .. } = site;
            drop(app);
            folder
        };
        Street::of(folder)
    }

    fn of(folder: Folder) -> Street {
        let lock = Lock::take(&folder.0).unwrap();
        let app = App::open(&folder.0, Clock::Fixed(now())).unwrap();
        let shop = Shop::open(app, TcpListener::bind("127.0.0.1:0").unwrap()).unwrap();
        Street { shop: Some(shop), _lock: lock, folder }
    }

    fn shop(&self) -> &Shop {
        self.shop.as_ref().unwrap()
    }

    fn app(&self) -> &App {
        &self.shop().app
    }

    /// A copy of the file as it is now, made at `minute` past nine.
    fn copy(&self, minute: i64) -> Name {
        let at = Stamp::taipei(day("2025-05-27"), 9, 0).plus_minutes(minute);
        make::make_offline(&self.folder.0, Kind::Hourly, at).unwrap().name
    }

    fn path(&self, name: &Name) -> PathBuf {
        backups::folder(&self.folder.0).join(name.to_string())
    }

    fn scratch(&self) -> PathBuf {
        self.folder.0.join("visits")
    }

    /// The one of the cast called `username`, signed in.
    fn browser(&self, username: &str) -> Browser {
        let at = CAST.iter().position(|(name, _, _)| *name == username).unwrap();
        let token = self.app().db.write(|tx| session::start(tx, UserId(at as i64 + 1), CAST[at].2, "電腦", now())).unwrap();
        Browser { jar: vec![("luckygas".to_owned(), token)], at: self.shop().address() }
    }
}

impl Drop for Street {
    fn drop(&mut self) {
        if let Some(shop) = self.shop.take() {
            let _ = shop.close();
        }
    }
}

/// Its cookies go to every port, as a browser's do.
struct Browser {
    jar: Vec<(String, String)>,
    /// Where it is.
    at: SocketAddr,
}

impl Browser {
    fn send(&mut self, method: &str, target: &str, form: &[(&str, &str)]) -> Reply {
        let cookies: Vec<String> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let head = format!(
            "{method} {target} HTTP/1.1\r\nOrigin: http://127.0.0.1\r\nCookie: {}\r\nContent-Type: application/x-www-form-urlencoded",
            cookies.join("; ")
        );
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let reply = Client::open(self.at).ask(&head, body.as_bytes());
        for (_, value) in reply.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, value) = value.split(';').next().unwrap().split_once('=').unwrap();
            self.jar.retain(|(have, _)| have != name);
            if !value.is_empty() {
                self.jar.push((name.to_owned(), value.to_owned()));
            }
        }
        reply
    }

    fn get(&mut self, target: &str) -> Reply {
        self.send("GET", target, &[])
    }

    /// A form with the proof of the session called `cookie`.
    fn post_as(&mut self, cookie: &str, target: &str, form: &[(&str, &str)]) -> Reply {
        let token = self.jar.iter().find(|(name, _)| name == cookie).map_or("", |(_, token)| token.as_str());
        let proof = session::csrf(token);
        let form: Vec<_> = [("csrf", proof.as_str())].into_iter().chain(form.iter().copied()).collect();
        self.send("POST", target, &form)
    }

    fn post(&mut self, target: &str, form: &[(&str, &str)]) -> Reply {
        self.post_as("luckygas", target, form)
    }

    fn has(&self, cookie: &str) -> bool {
        self.jar.iter().any(|(name, _)| name == cookie)
    }

    /// Goes through the door of `kind` in the shop and stands in the other one; gives the address it entered by.
    fn walk_in(&mut self, kind: &str) -> String {
        let door = self.get(&format!("/visits/{kind}"));
        assert_eq!(door.status, 200, "{}", door.text());
        let text = door.text();
        let url = text.split("http://127.0.0.1:").nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert!(text.contains(&format!("content=\"0; url=http://127.0.0.1:{url}\"")), "{text}");
        let (port, target) = url.split_at(url.find('/').unwrap());
        self.at = SocketAddr::from(([127, 0, 0, 1], port.parse().unwrap()));
        let entered = self.get(target);
        assert_eq!((entered.status, entered.header("location")), (303, Some("/")), "{}", entered.text());
        target.to_owned()
    }

    /// Opens the practice shop and goes there.
    fn practise(&mut self) {
        let answer = self.post("/backups/practice", &[]);
        assert_eq!((answer.status, answer.header("location")), (303, Some("/visits/practice")), "{}", answer.text());
        self.walk_in("practice");
    }

    /// Opens copy `name` and goes there.
    fn look_at(&mut self, name: &Name) {
        let answer = self.post(&format!("/backups/{name}/look"), &[]);
        assert_eq!((answer.status, answer.header("location")), (303, Some("/visits/past")), "{}", answer.text());
        self.walk_in("past");
    }
}

fn customers_in(street: &Street) -> i64 {
    street.app().db.read(|conn| Ok(conn.query_row("SELECT count(*) FROM customers", [], |row| row.get(0)).unwrap())).unwrap()
}

#[test]
fn who_practises_is_signed_in_there_and_the_shop_stays_as_it_is() {
    let street = Street::open();
    street.copy(0);
    let mut lin = street.browser("lin");
    lin.practise();
    let page = lin.get("/").text();
    assert!(page.contains("用 05/27 的資料，隨便按沒關係，明天就消失。") && page.contains("回真的店"), "{page}");
    assert!(page.contains(&format!("http://{}/", street.shop().address())), "{page}");
    assert!(page.contains("林經理") && page.contains("class=\"practice\""), "{page}");

    let added = lin.post_as("practice-luckygas", "/customers", &[("customer_code", "20-0002"), ("short_name", "試試看")]);
    assert_eq!(added.status, 303, "{}", added.text());
    assert!(lin.get("/customers").text().contains("試試看"));
    assert!(lin.has("practice-luckygas_notice") || !lin.has("luckygas_notice"), "the sentence is for the page beside");

    lin.at = street.shop().address();
    assert_eq!(customers_in(&street), 1);
    let own = lin.get("/customers").text();
    assert!(own.contains("林太太") && !own.contains("試試看") && !own.contains("練習店"), "{own}");
}

#[test]
fn one_shop_does_not_sign_the_other_out() {
    let street = Street::open();
    street.copy(0);
    let mut lin = street.browser("lin");
    lin.practise();
    assert_eq!(lin.post_as("practice-luckygas", "/sign-out", &[]).status, 303);
    assert!(!lin.has("practice-luckygas") && lin.has("luckygas"));
    assert_eq!(lin.get("/customers").status, 303, "signed out here");
    lin.at = street.shop().address();
    assert_eq!(lin.get("/customers").status, 200, "and not there");
    // Nor does the session of one open the other.
    let mut other = street.browser("lin");
    lin.walk_in("practice");
    other.at = lin.at;
    assert_eq!(other.get("/customers").status, 303);
}

#[test]
fn a_key_opens_once_and_made_up_ones_never() {
    let street = Street::open();
    street.copy(0);
    let mut lin = street.browser("lin");
    lin.post("/backups/practice", &[]);
    let used = lin.walk_in("practice");
    let mut thief = Browser { jar: Vec::new(), at: lin.at };
    for target in [used.as_str(), "/enter", "/enter?key=", &format!("/enter?key={}", "0".repeat(64))] {
        let answer = thief.get(target);
        assert_eq!(answer.status, 409, "{target}");
        assert!(answer.text().contains("這個入口用過了"), "{target}");
    }
    assert!(thief.jar.is_empty());
    // The shop itself has no such way in.
    lin.at = street.shop().address();
    assert_eq!(lin.get(&used).status, 404);
}

#[test]
fn an_old_shop_shows_what_was_and_takes_nothing() {
    let street = Street::open();
    let old = street.copy(0);
    let before = std::fs::read(street.path(&old)).unwrap();
    street
        .app()
        .db
        .write(|tx| {
            let sql = "UPDATE customer_phones SET e164 = '+886900000222', raw = '0900-000-222'";
            Ok(tx.execute(sql, []).unwrap())
        })
        .unwrap();
    let mut lin = street.browser("lin");
    lin.look_at(&old);
    let found = lin.get("/customers?q=0900000111").text();
    assert!(found.contains("林太太"), "{found}");
    let card = lin.get("/customers/1").text();
    assert!(card.contains("0900-000-111") && !card.contains("0900-000-222"));
    assert!(found.contains("你在看 05/27 09:00 的店") && found.contains("只能看。") && found.contains("回到現在"), "{found}");
    assert!(!found.contains("練習店"));
    for (target, form) in [
        ("/customers", &[("code", "20-0002"), ("name", "試試看")][..]),
        ("/customers/1/edit", &[]),
        ("/me", &[("text_size", "large")]),
        ("/notices/seen", &[]),
        ("/sign-in", &[("username", "lin"), ("password", PASSWORD)]),
        ("/backups/practice", &[]),
    ] {
        let answer = lin.post_as("past-luckygas", target, form);
        assert_eq!(answer.status, 409, "{target}");
        assert!(answer.text().contains("這是 05/27 09:00 的店，只能看，不能改。"), "{target}: {}", answer.text());
    }
    assert_eq!(lin.get("/backups/none/look").status, 405);
    lin.at = street.shop().address();
    let card = lin.get("/customers/1").text();
    assert!(card.contains("0900-000-222") && !card.contains("0900-000-111"));
    street.app().visits.end();
    assert_eq!(std::fs::read(street.path(&old)).unwrap(), before, "the copy is as it was");
    assert!(!street.path(&old).with_extension("db-wal").exists());
}

#[test]
fn whoever_the_shop_does_not_let_in_is_out_here_too() {
    let street = Street::open();
    let old = street.copy(0);
    // hui was no manager when the copy was made, and lin is none any more.
    street
        .app()
        .db
        .write(|tx| Ok(tx.execute("UPDATE users SET role = 'manager', name = '惠姐' WHERE username = 'xiaohui'", []).unwrap()))
        .unwrap();
    let mut hui = street.browser("xiaohui");
    hui.look_at(&old);
    let page = hui.get("/users").text();
    assert!(page.contains("惠姐"), "{page}");

    street.app().db.write(|tx| users::store::set_active(tx, UserId(4), false, now())).unwrap();
    assert_eq!(hui.get("/users").status, 303, "switched off in the shop, out here at once");
}

#[test]
fn clerks_come_to_practise_with_todays_password() {
    let street = Street::open();
    street.copy(0);
    let fresh = street.app().hasher.hash("brand-new-flame").unwrap();
    street.app().db.write(|tx| users::store::set_password(tx, UserId(4), &fresh, false, now())).unwrap();
    let mut lin = street.browser("lin");
    lin.practise();
    let mut hui = Browser { jar: Vec::new(), at: lin.at };
    assert!(!hui.get("/sign-in").text().contains("練習用的帳號"), "only an invented shop shows passwords");
    let answer = hui.send("POST", "/sign-in", &[("username", "xiaohui"), ("password", PASSWORD)]);
    assert_eq!(answer.status, 401, "the password of the copy");
    let answer = hui.send("POST", "/sign-in", &[("username", "xiaohui"), ("password", "brand-new-flame")]);
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(hui.get("/orders/new").status, 200);
    // They may practise in it and not open or close one.
    assert_eq!(hui.post_as("practice-luckygas", "/visits/close", &[]).status, 403);
}

#[test]
fn two_practise_in_one_shop() {
    let street = Street::open();
    street.copy(0);
    let (mut lin, mut boss) = (street.browser("lin"), street.browser("boss"));
    lin.practise();
    street.copy(60);
    boss.practise();
    assert_eq!(lin.at, boss.at);
    assert_eq!((lin.get("/").status, boss.get("/").status), (200, 200));
}

#[test]
fn one_old_shop_at_a_time_and_nobody_is_sent_away() {
    let street = Street::open();
    let (first, second) = (street.copy(0), street.copy(60));
    let (mut lin, mut boss) = (street.browser("lin"), street.browser("boss"));
    lin.look_at(&first);
    assert_eq!(lin.get("/").status, 200);
    let answer = boss.post(&format!("/backups/{second}/look"), &[]);
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("林經理正在看 05/27 09:00 的店"), "{}", answer.text());
    // The same one is seen together; and who opened it may turn to another.
    boss.look_at(&first);
    lin.at = street.shop().address();
    lin.look_at(&second);
    assert!(lin.get("/").text().contains("05/27 10:00"));
}

#[test]
fn what_belongs_to_the_shop_alone_is_not_done_beside_it() {
    let street = Street::open();
    street.copy(0);
    let mut boss = street.browser("boss");
    boss.practise();
    for target in ["/backups/practice", "/jobs/optimize/run"] {
        let answer = boss.post_as("practice-luckygas", target, &[]);
        assert_eq!(answer.status, 409, "{target}");
        assert!(answer.text().contains("這件事只在真的店裡做"), "{target}");
    }
    assert_eq!(boss.get("/visits/practice").status, 409);
}

#[test]
fn pictures_of_the_shop_are_seen_and_new_ones_stay_here() {
    let street = Street::open();
    street.copy(0);
    let png = include_bytes!("../assets/icon-192.png");
    let sha = street.app().photos.put(photos::Kind::Photo, png, UserId(5), now()).unwrap();
    let mut boss = street.browser("boss");
    boss.practise();
    let answer = boss.get(&format!("/photos/{sha}"));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.body, png);
    assert!(!photos::path(&street.scratch().join("practice")).exists());
}

#[test]
fn a_shop_beside_is_closed_by_hand_from_either_side() {
    let street = Street::open();
    let old = street.copy(0);
    let mut boss = street.browser("boss");
    boss.practise();
    let there = boss.at;
    let answer = boss.post_as("practice-luckygas", "/visits/close", &[]);
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(answer.text().contains("練習店關掉了") && answer.text().contains(&format!("http://{}/", street.shop().address())));
    boss.at = street.shop().address();
    boss.look_at(&old);
    boss.at = street.shop().address();
    let answer = boss.post("/visits/close", &[("kind", "past")]);
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert_eq!(boss.post("/visits/close", &[("kind", "nothing")]).status, 422);
    street.app().visits.end();
    assert!(std::net::TcpStream::connect(there).is_err(), "nobody answers there");
    assert_eq!(std::fs::read_dir(street.scratch()).unwrap().count(), 0, "nothing of it is left");
    let journal: Vec<String> = street
        .app()
        .db
        .read(|conn| {
            let mut query = conn.prepare("SELECT verb FROM journal WHERE noun = 'backup' ORDER BY id").unwrap();
            Ok(query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect())
        })
        .unwrap();
    assert_eq!(journal, ["practice", "look"]);
}

#[test]
fn the_shop_closes_what_stands_beside_it_first_and_a_start_removes_what_a_crash_left() {
    let mut street = Street::open();
    let old = street.copy(0);
    let mut boss = street.browser("boss");
    boss.practise();
    let there = boss.at;
    boss.at = street.shop().address();
    boss.look_at(&old);
    street.shop.take().unwrap().close().unwrap();
    assert!(std::net::TcpStream::connect(there).is_err() && std::net::TcpStream::connect(boss.at).is_err());
    assert_eq!(std::fs::read_dir(street.scratch()).unwrap().count(), 0);

    std::fs::create_dir_all(street.scratch().join("practice")).unwrap();
    std::fs::write(street.scratch().join("practice/luckygas.db"), b"left").unwrap();
    App::open(&street.folder.0, Clock::Fixed(now())).unwrap();
    assert!(!street.scratch().exists());
}

#[test]
fn what_cannot_be_opened_is_said_in_a_sentence_and_leaves_nothing() {
    let street = Street::open();
    let mut boss = street.browser("boss");
    let answer = boss.post("/backups/practice", &[]);
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("還沒有備份可以練習"), "{}", answer.text());

    let name = street.copy(0);
    std::fs::write(street.path(&name), b"not a shop").unwrap();
    let answer = boss.post(&format!("/backups/{name}/look"), &[]);
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("這份備份打不開，請換一份。"), "{}", answer.text());
    assert_eq!(std::fs::read_dir(street.scratch()).unwrap().count(), 0);
    for wrong in ["luckygas-20250527-100000-hourly.db", "luckygas.db", "..%2Fluckygas.db"] {
        assert!([400, 404].contains(&boss.post(&format!("/backups/{wrong}/look"), &[]).status), "{wrong}");
    }
    assert_eq!(boss.get("/visits/past").status, 409);
    assert_eq!(boss.get("/visits/nothing").status, 404);
    // Only those who look after the shop.
    let mut hui = street.browser("xiaohui");
    for target in ["/backups/practice", "/visits/close"] {
        assert_eq!(hui.post(target, &[]).status, 403, "{target}");
    }
}
