//! One small shop for the tests: a cast with jobs, known rows, a fixed *now*. Requests go straight to
//! `urls::answer`; only the door's tests use sockets.
#![allow(dead_code)]

pub mod counter;
pub mod deliveries;
pub mod disk;
pub mod due;
pub mod form;
pub mod listen;
pub mod orders;
pub mod program;
pub mod routes;
pub mod who;
pub mod wire;
pub mod zip;

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use luckygas::app::{App, Clock};
use luckygas::customers::{self, Details};
use luckygas::db::Lock;
use luckygas::http::request::{Method, Request};
use luckygas::http::response::Response;
use luckygas::journal::By;
use luckygas::start;
use luckygas::urls;
use luckygas::users::password::Hasher;
use luckygas::users::{Role, session};
use luckygas::values::phone::Phone;
use luckygas::values::{CustomerId, Day, Stamp, UserId};

/// Wednesday 28 May 2025, 10:22 in Taiwan, unless a test says otherwise.
pub fn now() -> Stamp {
    Stamp::taipei("2025-05-28".parse().unwrap(), 10, 22)
}

pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// A folder of its own, removed at the end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("luckygas-test-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A shop that is open. The cast: boss (admin), lin (manager), chen (accountant), hui (office), ming (driver).
pub struct Site {
    pub app: App,
    clock: Arc<AtomicI64>,
    _lock: Lock,
    pub folder: Folder,
}

/// A browser: somebody signed in, or nobody.
pub struct Browser<'a> {
    pub site: &'a Site,
    pub token: Option<String>,
}

impl Site {
    pub fn open() -> Site {
        Site::open_in(Folder::new())
    }

    /// The same in `folder`, which nobody has used yet.
    pub fn open_in(folder: Folder) -> Site {
        let site = Site::of(folder);
        site.app
            .db
            .write(|tx| {
                for (id, (username, name, role)) in CAST.iter().enumerate() {
                    tx.execute(
                        "INSERT INTO users (id, username, name, role, password_hash, must_change_password, created_at, updated_at)
                         VALUES (?1, ?2, ?3, ?4, ?5, 0, 0, 0)",
                        rusqlite::params![id as i64 + 1, username, name, role.word(), password_hash()],
                    )
                    .unwrap();
                }
                Ok(())
            })
            .unwrap();
        site
    }

    /// A folder nobody has used yet: no user, no shop.
    pub fn empty() -> Site {
        Site::of(Folder::new())
    }

    /// The shop in `folder`, as the program finds it.
    pub fn of(folder: Folder) -> Site {
        let lock = Lock::take(&folder.0).unwrap();
        let clock = Arc::new(AtomicI64::new(now().0));
        let mut app = start::open(&folder.0, Clock::Set(clock.clone()), &|_| ()).unwrap();
        app.hasher = Hasher::new(4);
        Site { app, clock, _lock: lock, folder }
    }

    /// Closes the shop and opens it again, at the same moment.
    pub fn reopen(self) -> Site {
        let Site { app, clock, _lock: lock, folder } = self;
        drop(app);
        drop(lock);
        let site = Site::of(folder);
        site.clock.store(clock.load(Ordering::Relaxed), Ordering::Relaxed);
        site
    }

    /// Moves the shop's clock on.
    pub fn wait_minutes(&self, minutes: i64) {
        self.clock.fetch_add(minutes * 60_000, Ordering::Relaxed);
    }

    /// Signs in through the page, as a person does; the answer's cookie makes the browser.
    pub fn sign_in(&self, username: &str, password: &str) -> Browser<'_> {
        let answer = self.nobody().post("/sign-in", &[("username", username), ("password", password)]);
        assert_eq!(answer.status(), 303, "{username}: {}", answer.text());
        Browser { site: self, token: Some(answer.token()) }
    }

    /// The journal so far: verb, id, change.
    pub fn journal(&self) -> Vec<(String, Option<i64>, serde_json::Value)> {
        let read = |conn: &rusqlite::Connection| {
            let mut query = conn.prepare("SELECT verb, noun_id, change FROM journal ORDER BY id").unwrap();
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?))).unwrap();
            Ok(rows.map(Result::unwrap).map(|(verb, id, change)| (verb, id, serde_json::from_str(&change).unwrap())).collect())
        };
        self.app.db.read(read).unwrap()
    }

    /// A customer as the office would have taken it down, with what `fill` says of it.
    pub fn customer(&self, code: &str, name: &str, fill: impl FnOnce(&mut Details)) -> CustomerId {
        let mut details = Details::new(code.parse().unwrap(), name.to_owned());
        fill(&mut details);
        self.app.db.write(|tx| customers::store::create(tx, &details, By::program(self.app.now()))).unwrap()
    }

    /// `0900-000-213` as a number of a customer.
    pub fn number(typed: &str) -> customers::Number {
        customers::Number { phone: Phone::parse(typed, "089").unwrap(), label: None, raw: typed.to_owned() }
    }

    pub fn nobody(&self) -> Browser<'_> {
        Browser { site: self, token: None }
    }

    /// The one of the cast who has `role`, signed in.
    pub fn role(&self, role: Role) -> Browser<'_> {
        let id = CAST.iter().position(|(_, _, have)| *have == role).unwrap() as i64 + 1;
        let token = self.app.db.write(|tx| session::start(tx, UserId(id), role, "電腦", self.app.now())).unwrap();
        Browser { site: self, token: Some(token) }
    }

    pub fn boss(&self) -> Browser<'_> {
        self.role(Role::Admin)
    }

    pub fn lin(&self) -> Browser<'_> {
        self.role(Role::Manager)
    }

    pub fn chen(&self) -> Browser<'_> {
        self.role(Role::Accountant)
    }

    pub fn hui(&self) -> Browser<'_> {
        self.role(Role::OfficeStaff)
    }

    pub fn ming(&self) -> Browser<'_> {
        self.role(Role::Driver)
    }
}

/// What everybody of the cast signs in with.
pub const PASSWORD: &str = "gas-and-flame";

fn password_hash() -> &'static str {
    static HASH: OnceLock<String> = OnceLock::new();
    HASH.get_or_init(|| Hasher::new(4).hash(PASSWORD).unwrap())
}

pub const CAST: [(&str, &str, Role); 5] = [
    ("boss", "老闆", Role::Admin),
    ("lin", "林經理", Role::Manager),
    ("chen", "陳會計", Role::Accountant),
    ("xiaohui", "小惠", Role::OfficeStaff),
    ("aming", "阿明", Role::Driver),
];

impl Browser<'_> {
    pub fn get(&self, target: &str) -> Answer {
        self.send(Method::Get, target, "", Vec::new())
    }

    /// A form of ours: carries the session's CSRF token.
    pub fn post(&self, target: &str, form: &[(&str, &str)]) -> Answer {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        if let Some(token) = &self.token {
            pairs.append_pair("csrf", &session::csrf(token));
        }
        pairs.extend_pairs(form);
        self.send(Method::Post, target, "application/x-www-form-urlencoded", pairs.finish().into_bytes())
    }

    /// The same with a CSRF token of the test's choice.
    pub fn post_with_csrf(&self, target: &str, csrf: &str, form: &[(&str, &str)]) -> Answer {
        let mut pairs = form_urlencoded::Serializer::new(String::new());
        pairs.append_pair("csrf", csrf).extend_pairs(form);
        self.send(Method::Post, target, "application/x-www-form-urlencoded", pairs.finish().into_bytes())
    }

    pub fn json(&self, method: Method, target: &str, body: serde_json::Value) -> Answer {
        self.send(method, target, "application/json", body.to_string().into_bytes())
    }

    /// A form, with headers of the test's choice.
    pub fn send_with(&self, method: Method, target: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
        self.send_headers(method, target, "application/x-www-form-urlencoded", headers, body)
    }

    /// A multipart form with copies of `files`, as the door hands one over.
    pub fn upload(&self, target: &str, files: &[&std::path::Path]) -> Answer {
        self.send_files(target, &[], "files", files)
    }

    /// A form with a file in `field`.
    pub fn upload_with(&self, target: &str, form: &[(String, String)], field: &str, file: &std::path::Path) -> Answer {
        self.send_files(target, form, field, &[file])
    }

    fn send_files(&self, target: &str, form: &[(String, String)], field: &str, files: &[&std::path::Path]) -> Answer {
        let mut headers = vec![("Host".to_owned(), "127.0.0.1:8080".to_owned()), ("Origin".to_owned(), "http://127.0.0.1:8080".to_owned())];
        if let Some(token) = &self.token {
            headers.push(("Cookie".to_owned(), format!("{}={token}", session::COOKIE)));
        }
        let mut req = Request::new(Method::Post, target, headers, Vec::new(), self.site.app.now()).unwrap();
        if let Some(token) = &self.token {
            req.add_form("csrf", session::csrf(token));
        }
        for (name, value) in form.iter().filter(|(name, _)| name != "csrf") {
            req.add_form(name, value.clone());
        }
        let spool = self.site.folder.0.join("uploads");
        std::fs::create_dir_all(&spool).unwrap();
        for (at, file) in files.iter().enumerate() {
            let path = spool.join(format!("test-{at}"));
            let bytes = std::fs::copy(file, &path).unwrap();
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            req.uploads.push(luckygas::http::request::Upload { field: field.to_owned(), name, path, bytes });
        }
        Answer { target: target.to_owned(), response: urls::answer(&self.site.app, req) }
    }

    pub fn send(&self, method: Method, target: &str, content_type: &str, body: Vec<u8>) -> Answer {
        self.send_headers(method, target, content_type, &[], body)
    }

    fn send_headers(&self, method: Method, target: &str, content_type: &str, more: &[(&str, &str)], body: Vec<u8>) -> Answer {
        let mut headers = vec![("Host".to_owned(), "127.0.0.1:8080".to_owned()), ("Content-Type".to_owned(), content_type.to_owned())];
        headers.extend(more.iter().map(|(name, value)| (name.to_string(), value.to_string())));
        if method.changes() && !more.iter().any(|(name, _)| *name == "Origin") {
            headers.push(("Origin".to_owned(), "http://127.0.0.1:8080".to_owned()));
        }
        if let Some(token) = &self.token {
            headers.push(("Cookie".to_owned(), format!("{}={token}", session::COOKIE)));
            if content_type == "application/json" {
                headers.push(("X-CSRF-Token".to_owned(), session::csrf(token)));
            }
        }
        let req = Request::new(method, target, headers, body, self.site.app.now()).unwrap();
        Answer { target: target.to_owned(), response: urls::answer(&self.site.app, req) }
    }
}

pub struct Answer {
    target: String,
    pub response: Response,
}

impl Answer {
    pub fn status(&self) -> u16 {
        self.response.status
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.response.body.clone()).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.response.body).unwrap_or_else(|error| panic!("{}: {error}: {}", self.target, self.text()))
    }

    /// The session token the answer's cookie carries.
    pub fn token(&self) -> String {
        let cookies = self.response.headers().iter().filter(|(name, _)| *name == "Set-Cookie");
        let start = format!("{}=", session::COOKIE);
        let value =
            cookies.filter_map(|(_, value)| value.strip_prefix(&start)).next().unwrap_or_else(|| panic!("{} sets no session", self.target));
        value.split(';').next().unwrap().to_owned()
    }

    /// Where a 303 goes.
    pub fn location(&self) -> &str {
        self.response.header("Location").unwrap_or_else(|| panic!("{}: {} has no Location", self.target, self.status()))
    }

    /// The status, and a sentence that must stand in the answer.
    pub fn check(&self, status: u16, says: &str) -> &Answer {
        assert_eq!(self.status(), status, "{}: {}", self.target, self.text());
        assert!(self.text().contains(says), "{} does not say {says}: {}", self.target, self.text());
        self
    }
}
