//! Whoever listens hears what was committed, only what is theirs, and nobody waits for them: over real sockets.

mod support;

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use luckygas::app::{App, Clock};
use luckygas::error::{Doing, Noun};
use luckygas::http::door::Limits;
use luckygas::http::{Front, Request, Response};
use luckygas::journal::{self, By, Entry};
use luckygas::live::{Hub, MOST, Manner};
use luckygas::orders::Status;
use luckygas::users::{Role, session};
use luckygas::values::UserId;
use luckygas::{orders, urls, users};
use serde_json::{Value, json};
use support::listen::{Heard, Listener, Said};
use support::wire::Client;
use support::{Folder, Site};

const SOON: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_secs(10);

/// The shop of [`Site`] with its door open. 阿明 is user 5; 阿輝 (6) and 志強 (7) drive too.
struct Shop {
    app: Arc<App>,
    front: Option<Front>,
    clock: Arc<AtomicI64>,
    _folder: Folder,
}

impl Shop {
    fn open() -> Shop {
        Shop::with(Manner::default(), |_| {})
    }

    fn with(manner: Manner, prepare: impl FnOnce(&Site)) -> Shop {
        let site = Site::open();
        let add = "INSERT INTO users (id, username, name, role, password_hash, must_change_password, created_at, updated_at)
                   VALUES (?1, ?2, ?2, 'driver', 'x', 0, 0, 0)";
        let drivers = [(6, "ahui"), (7, "zhiqiang")];
        site.app.db.write(|tx| Ok(drivers.map(|driver| tx.execute(add, driver).unwrap()))).unwrap();
        prepare(&site);
        let folder = site.close();
        let clock = Arc::new(AtomicI64::new(support::now().0));
        let mut app = App::open(&folder.0, Clock::Set(clock.clone())).unwrap();
        app.live = Arc::new(Hub::new(manner));
        let app = Arc::new(app);
        let limits = Limits { transfer: Duration::from_millis(700), ..Limits::default() };
        let front = Front::open(app.clone(), TcpListener::bind("127.0.0.1:0").unwrap(), limits, answer, urls::room).unwrap();
        Shop { app, front: Some(front), clock, _folder: folder }
    }

    fn address(&self) -> SocketAddr {
        self.front.as_ref().unwrap().address()
    }

    fn token(&self, user: i64, role: Role) -> String {
        self.app.db.write(|tx| session::start(tx, UserId(user), role, "電腦", self.app.now())).unwrap()
    }

    /// 小惠 of the office.
    fn hui(&self) -> Listener {
        self.listen(4, Role::OfficeStaff)
    }

    /// A stream from now on.
    fn listen(&self, user: i64, role: Role) -> Listener {
        let mut listener = Listener::open(self.address(), "/events", &self.token(user, role), "");
        assert_eq!(listener.status(), 200, "{}", listener.head);
        assert_eq!(listener.next().event, "connected");
        listener
    }

    /// A row of the journal, and its number.
    fn write(&self, noun: Noun, verb: &str, id: i64, change: Value) -> i64 {
        self.app
            .db
            .write(|tx| {
                let by = By::program(self.app.now());
                journal::record(tx, &Entry { by, verb, noun, noun_id: Some(id), change })?;
                Ok(tx.last_insert_rowid())
            })
            .unwrap()
    }

    fn change_order(&self) -> i64 {
        self.write(orders::NOUN, "confirm", 1, json!({"before": {"status": "pending"}, "after": {"status": "confirmed"}}))
    }

    fn wait_for_streams(&self, count: usize) {
        let until = Instant::now() + PATIENCE;
        while self.app.live.count() != count {
            assert!(Instant::now() < until, "{} streams, not {count}", self.app.live.count());
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if let Some(front) = self.front.take() {
            front.close(Duration::from_secs(1));
        }
    }
}

/// The site, and an address that is slow.
fn answer(app: &App, req: Request) -> Response {
    if req.path == "/test/slow" {
        std::thread::sleep(Duration::from_millis(400));
        return Response::text("done");
    }
    urls::answer(app, req)
}

const ROUTE: Noun = Noun { word: "route", label: "" };
const STOP: Noun = Noun { word: "stop", label: "" };

#[test]
fn a_commit_is_heard_at_once_and_carries_only_numbers() {
    let shop = Shop::open();
    let mut hui = shop.hui();
    for head in ["text/event-stream", "cache-control: no-store", "x-accel-buffering: no", "connection: close"] {
        assert!(hui.head.contains(head), "{}", hui.head);
    }
    for head in ["x-guard", "content-length"] {
        assert!(!hui.head.contains(head), "{}", hui.head);
    }

    let start = Instant::now();
    let change = json!({"before": {"status": "pending"}, "after": {"status": "confirmed", "contact_phone": "0900-000-213"}});
    let id = shop.write(orders::NOUN, "confirm", 17, change);
    let said = hui.next();

    assert!(start.elapsed() < Duration::from_millis(500), "{:?}", start.elapsed());
    let told = json!({
        "id": id, "type": "order_status_changed", "noun": "order", "noun_id": 17, "verb": "confirm",
        "customer_id": null, "route_id": null, "timestamp": "2025-05-28T10:22:00+08:00"
    });
    assert_eq!(said, Said { id: Some(id), data: told, ..Said::default() });
}

#[test]
fn each_kind_of_thing_has_its_type() {
    let shop = Shop::open();
    let mut boss = shop.listen(1, Role::Admin);
    let noun = |word| Noun { word, label: "" };
    let given = json!({"before": {"driver_id": null}, "after": {"driver_id": 5}});
    let cases = [
        ("order", "take", json!({"after": {"status": "confirmed"}}), "order_status_changed"),
        ("order", "edit", json!({"before": {"notes": null}, "after": {"notes": "後門"}}), "changed"),
        ("route", "publish", json!({}), "route_assigned"),
        ("route", "edit", given, "route_assigned"),
        ("route", "start", json!({}), "changed"),
        ("stop", "complete", json!({}), "stop_changed"),
        ("notice", "tell", json!({"user_id": null}), "notification"),
        ("emergency", "create", json!({}), "emergency"),
        ("customer", "edit", json!({}), "changed"),
    ];
    for (word, verb, change, kind) in cases {
        shop.write(noun(word), verb, 1, change);
        assert_eq!(boss.next().data["type"], kind, "{word} {verb}");
    }
}

/// What a role hears, a row a case: the office by what it may read, a driver only of what is his.
#[test]
fn everybody_hears_what_is_theirs_and_nothing_else() {
    let shop = Shop::with(Manner::default(), |site| {
        let customer = site.add_customer("1000017", "好味小吃", None);
        site.add_prices();
        // Order 1 is 阿明's (5), order 2 nobody's.
        site.order_at(customer, Status::Assigned);
        site.order_at(customer, Status::Confirmed);
        let rows = "
            INSERT INTO routes (id, route_on, day_no, shift, kind, status, driver_id, crew2_id, created_at, updated_at) VALUES
                (101, '2025-05-28', 91, 'morning', 'planned', 'published', 5, 6, 0, 0),
                (102, '2025-05-28', 92, 'morning', 'planned', 'draft', 5, NULL, 0, 0),
                (103, '2025-05-28', 93, 'morning', 'planned', 'published', 6, NULL, 0, 0);
            INSERT INTO stops (id, route_id, order_id, seq, status, added_at, finished_at) VALUES
                (201, 101, 2, 1, 'skipped', 0, 0), (202, 102, 2, 1, 'skipped', 0, 0);
            INSERT INTO emergencies (id, kind, customer_id, order_id, in_need_id, description, created_by, created_at, driver_id, assigned_at, alarmed_at) VALUES
                (301, 'gas_leak', 1, 2, NULL, '瓦斯洩漏', 4, 0, 5, 0, 0),
                (302, 'driver_emergency', NULL, NULL, 6, '車子不動', 4, 0, NULL, NULL, 0);";
        site.app.db.write(|tx| tx.execute_batch(rows).doing("add rows")).unwrap();
    });
    let mut ears: Vec<(&str, Listener)> = [
        ("admin", 1, Role::Admin),
        ("manager", 2, Role::Manager),
        ("accountant", 3, Role::Accountant),
        ("office", 4, Role::OfficeStaff),
        ("ming", 5, Role::Driver),
        ("ahui", 6, Role::Driver),
        ("zhiqiang", 7, Role::Driver),
    ]
    .map(|(name, user, role)| (name, shop.listen(user, role)))
    .into();
    const ALL: &str = "admin manager accountant office";
    let noun = |word| Noun { word, label: "" };
    let moved = |from: Value, to: Value| json!({"before": {"driver_id": from}, "after": {"driver_id": to}});
    let cases: [(&str, i64, Value, String); 33] = [
        ("order", 1, json!({}), format!("{ALL} ming")),
        ("order", 2, json!({}), ALL.to_owned()),
        ("order", 2, moved(json!(6), Value::Null), format!("{ALL} ahui")),
        ("order", 1, moved(json!(6), json!(5)), format!("{ALL} ming ahui")),
        ("order", 99, json!({"after": {"driver_id": 7}}), format!("{ALL} zhiqiang")),
        ("route", 101, json!({}), format!("{ALL} ming ahui")),
        ("route", 102, json!({}), ALL.to_owned()),
        ("route", 102, json!({"route": 102, "drivers": [5, 7]}), ALL.to_owned()),
        ("stop", 202, json!({"route": 102, "drivers": [5]}), ALL.to_owned()),
        ("stop", 202, json!({"route": 102, "drivers": [5, 6], "before": {"route_id": 103}}), format!("{ALL} ahui")),
        ("route", 103, json!({}), format!("{ALL} ahui")),
        ("route", 103, json!({"route": 103, "drivers": [7]}), format!("{ALL} ahui zhiqiang")),
        ("stop", 201, json!({}), format!("{ALL} ming ahui")),
        ("stop", 201, json!({"route": 101, "drivers": [7]}), format!("{ALL} ming ahui zhiqiang")),
        ("stop", 999, json!({"route": 1, "drivers": []}), ALL.to_owned()),
        ("emergency", 301, json!({}), format!("{ALL} ming")),
        ("emergency", 302, json!({}), format!("{ALL} ahui")),
        ("notice", 1, json!({"user_id": 5}), "ming".to_owned()),
        ("notice", 2, json!({"user_id": null}), ALL.to_owned()),
        ("notice", 3, json!({"user_id": 4}), "office".to_owned()),
        ("customer", 1, json!({"drivers": [5]}), ALL.to_owned()),
        ("delivery", 1, json!({}), ALL.to_owned()),
        ("payment", 1, json!({"driver_id": 5}), ALL.to_owned()),
        ("cylinder", 1, json!({"drivers": [5]}), ALL.to_owned()),
        ("meter", 1, json!({}), ALL.to_owned()),
        ("vehicle", 1, json!({}), ALL.to_owned()),
        ("driver", 5, json!({"drivers": [5]}), ALL.to_owned()),
        ("product", 1, json!({}), ALL.to_owned()),
        ("template", 1, json!({}), "admin manager office".to_owned()),
        ("import", 1, json!({}), "admin manager".to_owned()),
        ("user", 99, json!({"drivers": [5]}), "admin manager".to_owned()),
        ("order_filter", 1, json!({}), String::new()),
        ("something_new", 1, json!({"drivers": [5]}), "admin manager".to_owned()),
    ];

    let mut want: Vec<(String, Vec<&str>)> = Vec::new();
    for (word, id, change, who) in &cases {
        let row = shop.write(noun(word), "edit", *id, change.clone());
        want.push((format!("{row}: {word} {id} {change}"), who.split_whitespace().collect()));
    }
    let heard: Vec<(&str, Vec<i64>)> = ears.iter_mut().map(|(name, ear)| (*name, ear.ids(SOON))).collect();

    for (case, who) in want {
        let row: i64 = case.split(':').next().unwrap().parse().unwrap();
        let hear: Vec<&str> = heard.iter().filter(|(_, ids)| ids.contains(&row)).map(|(name, _)| *name).collect();
        assert_eq!(hear, who, "{case}");
    }
    for (name, ids) in heard {
        assert!(ids.is_sorted_by(|one, next| one < next), "{name}: {ids:?}");
    }
}

#[test]
fn of_every_noun_somebody_has_decided_who_hears() {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut known = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = std::fs::read_to_string(&path).unwrap();
                for word in text.split("Noun { word: \"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
                    assert!(luckygas::live::readers(word).is_some(), "{}: who hears of a {word}?", path.display());
                    known += 1;
                }
            }
        }
    }
    assert!(20 < known, "the search for nouns finds nothing");
}

#[test]
fn the_slow_question_has_the_same_filter_and_ends_where_the_journal_does() {
    let shop = Shop::open();
    let from = shop.change_order();
    let his = shop.write(STOP, "arrive", 1, json!({"route": 1, "drivers": [5]}));
    let last = shop.change_order();
    let ask = |token: &str, target: &str| {
        let reply = Client::open(shop.address()).ask(&format!("GET {target} HTTP/1.1\r\nAuthorization: Bearer {token}"), b"");
        assert_eq!(reply.status, 200, "{}", reply.text());
        let body: Value = serde_json::from_slice(&reply.body).unwrap();
        let ids: Vec<i64> = body["events"].as_array().unwrap().iter().map(|event| event["id"].as_i64().unwrap()).collect();
        (body["id"].as_i64().unwrap(), body["resync"].as_bool().unwrap(), ids)
    };
    let (hui, ming) = (shop.token(4, Role::OfficeStaff), shop.token(5, Role::Driver));
    let since = format!("/events/since?after={from}");
    assert_eq!(ask(&hui, &since), (last, false, vec![his, last]));
    assert_eq!(ask(&ming, &since), (last, false, vec![his]));
    assert_eq!(ask(&hui, "/api/v1/events/since"), (last, false, vec![]));
    assert_eq!(ask(&hui, &format!("/api/v1/events/since?after={last}")), (last, false, vec![]));
    assert_eq!(ask(&hui, &format!("/events/since?after={}", last + 1)), (last, true, vec![]), "a row of another journal");
}

#[test]
fn who_was_away_hears_what_they_missed_once_and_in_order() {
    let shop = Shop::open();
    let mut hui = shop.hui();
    let first = shop.change_order();
    assert_eq!(hui.next().id, Some(first));
    drop(hui);
    shop.wait_for_streams(0);
    let missed: Vec<i64> = (0..5).map(|_| shop.change_order()).collect();
    for (target, more) in [
        ("/events".to_owned(), format!("Last-Event-ID: {first}\r\n")),
        (format!("/events?after={first}"), String::new()),
        // What a browser sends when it comes back by itself: the address as it was, and where it is now.
        ("/api/v1/events?after=0".to_owned(), format!("Last-Event-ID: {first}\r\n")),
    ] {
        let mut again = Listener::open(shop.address(), &target, &shop.token(4, Role::OfficeStaff), &more);
        let hello = again.next();
        assert_eq!((hello.event.as_str(), hello.id, hello.data["id"].as_i64()), ("connected", None, missed.last().copied()));
        assert_eq!(again.ids(SOON), missed, "{target}");
    }
}

#[test]
fn who_missed_too_much_is_told_to_fetch_everything_anew() {
    let shop = Shop::open();
    let first = shop.change_order();
    let fill = "
        WITH RECURSIVE n (no) AS (SELECT 1 UNION ALL SELECT no + 1 FROM n WHERE no < ?1)
        INSERT INTO journal (at, verb, noun, noun_id, change) SELECT 0, 'edit', 'customer', no, '{}' FROM n";
    shop.app.db.write(|tx| Ok(tx.execute(fill, [MOST]).unwrap())).unwrap();
    let last = first + MOST;
    let token = shop.token(4, Role::OfficeStaff);

    let mut near = Listener::open(shop.address(), &format!("/events?after={first}"), &token, "");
    assert_eq!(near.next().event, "connected");
    assert_eq!(near.ids(SOON).len() as i64, MOST);

    for after in [first - 1, last + 7, -1] {
        let mut far = Listener::open(shop.address(), &format!("/events?after={after}"), &token, "");
        assert_eq!(far.next().event, "connected", "{after}");
        let resync = far.next();
        assert_eq!((resync.event.as_str(), resync.id), ("resync", Some(last)), "{after}");
    }
    let mut far = Listener::open(shop.address(), "/events?after=0", &token, "");
    let said = [far.next().event, far.next().event];
    assert_eq!(said, ["connected", "resync"]);
    let next = shop.change_order();
    assert_eq!(far.next().id, Some(next), "and hears what comes");
}

#[test]
fn a_burst_of_many_rows_is_heard_whole() {
    let shop = Shop::open();
    let mut hui = shop.hui();
    let fill = "
        WITH RECURSIVE n (no) AS (SELECT 1 UNION ALL SELECT no + 1 FROM n WHERE no < 2500)
        INSERT INTO journal (at, verb, noun, noun_id, change) SELECT 0, 'edit', 'customer', no, '{}' FROM n";
    shop.app.db.write(|tx| Ok(tx.execute(fill, []).unwrap())).unwrap();
    assert_eq!(hui.ids(Duration::from_secs(1)).len(), 2500);
}

#[test]
fn a_user_has_so_many_streams_and_the_newest_live() {
    let shop = Shop::with(Manner { per_user: 2, in_all: 4, ..Manner::default() }, |_| {});
    let token = shop.token(4, Role::OfficeStaff);
    let open = || Listener::open(shop.address(), "/events", &token, "");
    let (mut first, mut second) = (open(), open());
    assert_eq!((first.next().event, second.next().event), ("connected".to_owned(), "connected".to_owned()));
    let mut third = open();
    assert_eq!(third.next().event, "connected");
    assert_eq!(first.next().event, "replaced");
    assert!(first.ends(PATIENCE));
    let id = shop.change_order();
    assert_eq!((second.next().id, third.next().id), (Some(id), Some(id)));

    let _others = [shop.listen(1, Role::Admin), shop.listen(2, Role::Manager)];
    let over = Listener::open(shop.address(), "/events", &shop.token(3, Role::Accountant), "");
    assert_eq!(over.status(), 503, "{}", over.head);
    assert!(over.head.contains("retry-after: "), "{}", over.head);
    drop(second);
    shop.wait_for_streams(3);
    shop.listen(3, Role::Accountant);
}

#[test]
fn a_quiet_stream_says_that_it_lives() {
    let shop = Shop::with(Manner { heartbeat: Duration::from_millis(60), ..Manner::default() }, |_| {});
    let mut hui = shop.hui();
    for _ in 0..3 {
        match hui.hear(PATIENCE) {
            Heard::Said(said) => {
                assert_eq!(said, Said { event: "hb".to_owned(), data: json!({}), comment: "hb".to_owned(), ..Said::default() })
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_stream_ends_with_its_session() {
    let manner = Manner { recheck: Duration::from_millis(50), ..Manner::default() };
    type End = fn(&Shop, &str);
    let ends: [(&str, End); 3] = [
        ("signed out", |shop, token| shop.app.db.write(|tx| session::end(tx, token)).unwrap()),
        ("deactivated", |shop, _| {
            let off = "UPDATE users SET is_active = 0 WHERE id = 5";
            assert_eq!(shop.app.db.write(|tx| Ok(tx.execute(off, []).unwrap())).unwrap(), 1);
        }),
        ("run out", |shop, _| {
            shop.clock.fetch_add(31 * 24 * 3_600_000, Ordering::Relaxed);
        }),
    ];
    for (what, end) in ends {
        let shop = Shop::with(manner, |_| {});
        let token = shop.token(5, Role::Driver);
        let mut ming = Listener::open(shop.address(), "/events", &token, "");
        assert_eq!(ming.next().event, "connected");
        assert_eq!(ming.hear(SOON), Heard::Nothing);
        end(&shop, &token);
        assert!(ming.ends(PATIENCE), "{what}");
        shop.wait_for_streams(0);
        let again = Listener::open(shop.address(), "/api/v1/events", &token, "");
        assert_eq!(again.status(), 401, "{what}");
    }
}

#[test]
fn who_is_switched_off_hears_nothing_more_at_once() {
    // The minute between two looks at the session is not waited for when the journal speaks of the user.
    let shop = Shop::open();
    let mut ming = shop.listen(5, Role::Driver);
    let off = "UPDATE users SET is_active = 0 WHERE id = 5";
    shop.app.db.write(|tx| Ok(tx.execute(off, []).unwrap())).unwrap();
    shop.write(users::NOUN, "deactivate", 5, json!({}));
    assert!(ming.ends(PATIENCE));
}

#[test]
fn only_who_is_signed_in_listens() {
    let shop = Shop::open();
    let nobody = Listener::open(shop.address(), "/events", "", "");
    assert_eq!(nobody.status(), 303);
    let script = Listener::open(shop.address(), "/events", "", "Accept: text/event-stream\r\n");
    assert_eq!(script.status(), 401);
    assert_eq!(Listener::open(shop.address(), "/api/v1/events", "", "").status(), 401);
    // A ticket is the door's and the program's business: what a client sends as one goes nowhere.
    let hui = shop.hui();
    let made_up = Listener::open(shop.address(), "/health", &shop.token(4, Role::OfficeStaff), "X-Guard-Stream: 0\r\n");
    assert_eq!(made_up.status(), 200);
    assert!(made_up.head.contains("application/json"), "{}", made_up.head);
    drop(hui);
    shop.wait_for_streams(0);
    let head = "HEAD /events HTTP/1.1\r\nAuthorization: Bearer ";
    let reply = Client::open(shop.address()).ask(&format!("{head}{}", shop.token(4, Role::OfficeStaff)), b"");
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("text/event-stream")));
    assert_eq!(shop.app.live.count(), 0);
}

#[test]
fn a_tab_that_is_closed_gives_its_place_back() {
    let shop = Shop::open();
    let tabs: Vec<Listener> = (0..3).map(|_| shop.hui()).collect();
    shop.wait_for_streams(3);
    let health = Client::open(shop.address()).get("/health");
    assert_eq!(serde_json::from_slice::<Value>(&health.body).unwrap()["streams"], 3);
    drop(tabs);
    shop.wait_for_streams(0);
}

#[test]
fn who_does_not_read_is_dropped_and_delays_no_save() {
    let shop = Shop::open();
    let mut hui = shop.hui();
    let mut deaf = shop.listen(1, Role::Admin);
    shop.wait_for_streams(2);
    let fill = "
        WITH RECURSIVE n (no) AS (SELECT 1 UNION ALL SELECT no + 1 FROM n WHERE no < 500)
        INSERT INTO journal (at, verb, noun, noun_id, change) SELECT 0, 'edit', 'customer', no, '{}' FROM n";
    let mut took = Vec::new();
    let until = Instant::now() + 3 * PATIENCE;
    // 80 KB a save, until the sockets between are full and the deaf one has had its time.
    while shop.app.live.count() != 1 {
        assert!(Instant::now() < until, "the deaf one stays");
        let start = Instant::now();
        shop.app.db.write(|tx| Ok(tx.execute(fill, []).unwrap())).unwrap();
        took.push(start.elapsed());
        hui.next();
        hui.ids(Duration::from_millis(20));
    }
    took.sort_unstable();
    let slowest = took[took.len() - 1];
    println!("{} saves of 500 rows, the slowest {slowest:?}", took.len());
    assert!(slowest < Duration::from_millis(500), "a save waited {slowest:?}");
    assert!(deaf.ends(PATIENCE), "cut, after what lay in the sockets");
    let id = shop.change_order();
    assert!(hui.ids(SOON).contains(&id), "whoever reads is not dropped");
}

#[test]
fn fifty_streams_take_no_worker_from_fifteen_people() {
    let shop = Shop::with(Manner { per_user: 13, ..Manner::default() }, |_| {});
    let office = [(1, Role::Admin), (2, Role::Manager), (3, Role::Accountant), (4, Role::OfficeStaff)];
    let mut ears: Vec<Listener> = (0..50).map(|at| office[at % 4]).map(|(user, role)| shop.listen(user, role)).collect();
    assert_eq!(shop.app.live.count(), 50);

    // All of it from one address.
    let address = shop.address();
    let start = Instant::now();
    let slow: Vec<_> = (0..15).map(|_| std::thread::spawn(move || Client::open(address).get("/test/slow").status)).collect();
    let id = shop.change_order();
    for ear in &mut ears {
        assert_eq!(ear.next().id, Some(id));
    }
    let heard_after = start.elapsed();
    for thread in slow {
        assert_eq!(thread.join().unwrap(), 200);
    }
    println!("heard after {heard_after:?}, fifteen slow requests answered after {:?}", start.elapsed());
    assert!(start.elapsed() < Duration::from_secs(3), "eight workers answer fifteen slow requests in two rounds");
}

#[test]
fn closing_the_shop_ends_every_stream_at_once() {
    let mut shop = Shop::open();
    let mut ears: Vec<Listener> = vec![shop.hui(), shop.listen(1, Role::Admin), shop.listen(5, Role::Driver)];
    // One that does not read, and has much to read: its line is cut in the middle of a write.
    let deaf = shop.listen(2, Role::Manager);
    let fill = "
        WITH RECURSIVE n (no) AS (SELECT 1 UNION ALL SELECT no + 1 FROM n WHERE no < 20000)
        INSERT INTO journal (at, verb, noun, noun_id, change) SELECT 0, 'edit', 'customer', no, '{}' FROM n";
    shop.app.db.write(|tx| Ok(tx.execute(fill, []).unwrap())).unwrap();
    let start = Instant::now();
    shop.front.take().unwrap().close(PATIENCE);
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert!(ears.iter_mut().all(|ear| ear.ends(PATIENCE)));
    assert_eq!(shop.app.live.count(), 0);
    drop(deaf);
}

#[test]
fn what_comes_with_the_request_is_no_trouble() {
    // A client that pipelines after asking for a stream gets the stream and nothing else.
    let shop = Shop::open();
    let mut hui = shop.hui();
    hui.stream.write_all(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").unwrap();
    let id = shop.write(ROUTE, "publish", 1, json!({"route": 1, "drivers": []}));
    let said = hui.next();
    assert_eq!((said.id, &said.data["type"]), (Some(id), &json!("route_assigned")));
}
