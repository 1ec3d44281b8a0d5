//! The door over real sockets: every accident and attack costs its client one thread for a bounded time,
//! and the others of the shop nothing.

mod support;

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use luckygas::app::{App, Clock};
use luckygas::http::door::{Head, Limits, Refusal, Room};
use luckygas::http::{Front, Request, Response};
use luckygas::urls;
use serde_json::json;
use support::Folder;
use support::wire::{Bystanders, Client, status_of};

/// A shop with its door open, and waits short enough for tests.
struct Shop {
    front: Option<Front>,
    address: SocketAddr,
    folder: Folder,
    _turn: MutexGuard<'static, ()>,
}

/// One test at a time: they measure how long others wait, and together they would wait for each other.
static TURN: Mutex<()> = Mutex::new(());

fn limits() -> Limits {
    Limits {
        connections: 200,
        per_address: 150,
        head: Duration::from_millis(700),
        idle: Duration::from_secs(3),
        transfer: Duration::from_millis(700),
        slowest: 4 * 1024 * 1024,
        thinking: Duration::from_secs(10),
        linger: Duration::from_millis(300),
        ..Limits::default()
    }
}

impl Shop {
    fn open() -> Shop {
        Shop::with(limits())
    }

    fn with(limits: Limits) -> Shop {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = Folder::new();
        let app = Arc::new(App::open(&folder.0, Clock::Fixed(support::now())).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let front = Front::open(app, listener, limits, answer, room).unwrap();
        Shop { address: front.address(), front: Some(front), folder, _turn: turn }
    }

    fn client(&self) -> Client {
        Client::open(self.address)
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        if let Some(front) = self.front.take() {
            front.close(Duration::from_millis(100));
        }
    }
}

/// The site, and a few addresses only a test has.
fn answer(app: &App, req: Request) -> Response {
    let number = |name: &str| req.query(name).and_then(|text| text.parse().ok()).unwrap_or(0);
    match req.path.as_str() {
        "/test/panic" => panic!("a handler panics"),
        "/test/bytes" => Response::text("x".repeat(number("n") as usize)),
        "/test/slow" => {
            std::thread::sleep(Duration::from_millis(number("ms")));
            Response::text("done")
        }
        "/test/echo" => Response::json(&json!({
            "body": String::from_utf8_lossy(&req.body), "peer": req.peer.to_string(),
            "headers": req.headers.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>(),
        })),
        "/test/split" => Response::see_other("/x\r\nX-Split: yes\r\n\r\n<script>"),
        "/test/files" => {
            let files: Vec<_> = req
                .uploads
                .iter()
                .map(|upload| json!([upload.field, upload.name, upload.bytes, std::fs::metadata(&upload.path).unwrap().len()]))
                .collect();
            Response::json(&json!({"note": req.form("note"), "files": files}))
        }
        _ => urls::answer(app, req),
    }
}

fn room(app: &App, head: &Head) -> Result<Option<Room>, Refusal> {
    match head.path() {
        "/test/files" => Ok(Some(Room::File(64 * 1024 * 1024))),
        "/test/closed" => Err(Refusal::new(403, "a test")),
        _ => urls::room(app, head),
    }
}

#[test]
fn what_is_not_one_plain_request_is_turned_away() {
    let shop = Shop::open();
    let host = "Host: 127.0.0.1\r\n";
    let cases: Vec<(&str, String, u16)> = vec![
        ("HTTP/1.0", format!("GET / HTTP/1.0\r\n{host}\r\n"), 505),
        ("HTTP/2.0", format!("GET / HTTP/2.0\r\n{host}\r\n"), 505),
        ("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), 505),
        ("TLS", "\x16\x03\x01\x02\x00\x01\x00\x01\x7c\x03\x03\r\n\r\n".to_owned(), 400),
        ("garbage", "hello\r\n\r\n".to_owned(), 400),
        ("an empty line first", "\r\n\r\n".to_owned(), 400),
        ("bare newlines", format!("GET / HTTP/1.1\n{}\n", host.replace("\r\n", "\n")) + "\r\n\r\n", 400),
        ("absolute target", format!("GET http://127.0.0.1/ HTTP/1.1\r\n{host}\r\n"), 400),
        ("asterisk", format!("OPTIONS * HTTP/1.1\r\n{host}\r\n"), 501),
        ("target beyond ASCII", format!("GET /客 HTTP/1.1\r\n{host}\r\n"), 400),
        ("two spaces", format!("GET  / HTTP/1.1\r\n{host}\r\n"), 400),
        ("CONNECT", format!("CONNECT 127.0.0.1:80 HTTP/1.1\r\n{host}\r\n"), 501),
        ("TRACE", format!("TRACE / HTTP/1.1\r\n{host}\r\n"), 501),
        ("a method in small letters", format!("get / HTTP/1.1\r\n{host}\r\n"), 501),
        ("folded header", format!("GET / HTTP/1.1\r\n{host}X: a\r\n b\r\n\r\n"), 400),
        ("space before the colon", format!("GET / HTTP/1.1\r\n{host}X : a\r\n\r\n"), 400),
        ("NUL in a header", format!("GET / HTTP/1.1\r\n{host}X: a\0b\r\n\r\n"), 400),
        ("no host", "GET / HTTP/1.1\r\n\r\n".to_owned(), 400),
        ("two hosts", format!("GET / HTTP/1.1\r\n{host}{host}\r\n"), 400),
        ("another's name", "GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n".to_owned(), 421),
        ("chunked", format!("POST / HTTP/1.1\r\n{host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 411),
        ("gzip and a length", format!("POST / HTTP/1.1\r\n{host}Transfer-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"), 411),
        ("two lengths", format!("POST / HTTP/1.1\r\n{host}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc"), 400),
        ("a list of lengths", format!("POST / HTTP/1.1\r\n{host}Content-Length: 3, 3\r\n\r\nabc"), 400),
        ("length -1", format!("POST / HTTP/1.1\r\n{host}Content-Length: -1\r\n\r\n"), 400),
        ("length +3", format!("POST / HTTP/1.1\r\n{host}Content-Length: +3\r\n\r\nabc"), 400),
        ("length 3x", format!("POST / HTTP/1.1\r\n{host}Content-Length: 3x\r\n\r\nabc"), 400),
        ("empty length", format!("POST / HTTP/1.1\r\n{host}Content-Length:\r\n\r\n"), 400),
        ("length beyond u64", format!("POST / HTTP/1.1\r\n{host}Content-Length: 99999999999999999999\r\n\r\n"), 400),
        ("a petabyte", format!("POST / HTTP/1.1\r\n{host}Content-Length: 1000000000000000\r\n\r\n"), 413),
        ("one byte too many", format!("POST / HTTP/1.1\r\n{host}Content-Length: 65537\r\n\r\n"), 413),
        ("upgrade", format!("GET / HTTP/1.1\r\n{host}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n"), 400),
        ("an odd expectation", format!("POST / HTTP/1.1\r\n{host}Expect: tea\r\n\r\n"), 417),
        ("65 headers", format!("GET / HTTP/1.1\r\n{host}{}\r\n", "X: 1\r\n".repeat(64)), 431),
        ("200,000 headers", format!("GET / HTTP/1.1\r\n{host}{}\r\n", "X: 1\r\n".repeat(200_000)), 431),
        ("a head of 20 KB", format!("GET / HTTP/1.1\r\n{host}X: {}\r\n\r\n", "a".repeat(20_000)), 431),
        ("a request line of 8 MB", format!("GET /{} HTTP/1.1\r\n{host}\r\n", "a".repeat(8 << 20)), 431),
    ];
    let others = Bystanders::watch(shop.address);
    for (name, bytes, status) in cases {
        assert_eq!(status_of(shop.address, bytes.as_bytes()), status, "{name}");
    }
    others.were_answered("bad requests");
}

#[test]
fn a_refused_client_reads_why_before_the_line_is_cut() {
    let shop = Shop::open();
    let mut client = shop.client();
    // A browser goes on sending its file while the door has already said no.
    client.stream.write_all(b"POST /api/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3000000\r\n\r\n").unwrap();
    let _ = client.stream.write_all(&vec![b'x'; 3_000_000]);
    let reply = client.reply(true).unwrap();
    assert_eq!(reply.status, 413);
    assert_eq!(reply.header("connection"), Some("close"));
    let error: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(error["error"]["code"], "too_large");
    assert!(client.is_closed());
}

#[test]
fn slow_heads_and_bodies_run_out_of_time() {
    let shop = Shop::open();
    let others = Bystanders::watch(shop.address);
    let started = Instant::now();
    let drips: Vec<_> = (0..40)
        .map(|number| {
            let address = shop.address;
            std::thread::spawn(move || {
                let mut client = Client::open(address);
                if number % 2 == 0 {
                    client.stream.write_all(b"POST /test/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 60000\r\n\r\n").unwrap();
                }
                // A byte now and then defeats a timeout that begins anew with each.
                for _ in 0..60 {
                    if client.stream.write_all(b"a").is_err() {
                        break;
                    }
                    std::thread::sleep(Duration::from_millis(50));
                }
                client.reply(true).map_or(408, |reply| reply.status)
            })
        })
        .collect();
    let statuses: Vec<u16> = drips.into_iter().map(|drip| drip.join().unwrap()).collect();
    assert!(statuses.iter().all(|status| *status == 408), "{statuses:?}");
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    others.were_answered("40 slow senders");
}

#[test]
fn clients_that_do_not_read_hold_no_worker() {
    let shop = Shop::open();
    let others = Bystanders::watch(shop.address);
    let deaf: Vec<_> = (0..16)
        .map(|_| {
            let mut client = shop.client();
            client.stream.write_all(b"GET /test/bytes?n=20000000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").unwrap();
            client
        })
        .collect();
    std::thread::sleep(Duration::from_millis(1500));
    assert_eq!(shop.client().get("/health").status, 200);
    others.were_answered("16 clients that do not read");
    drop(deaf);
}

#[test]
fn fifty_kept_connections_at_once_are_all_answered() {
    let shop = Shop::open();
    let others = Bystanders::watch(shop.address);
    for _ in 0..3 {
        let mut clients: Vec<Client> = (0..50).map(|_| shop.client()).collect();
        for _ in 0..3 {
            for client in &mut clients {
                client.stream.write_all(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").unwrap();
            }
            for client in &mut clients {
                assert_eq!(client.reply(true).unwrap().status, 200);
            }
        }
    }
    others.were_answered("bursts of 50");
}

#[test]
fn pipelined_requests_are_answered_one_after_the_other() {
    let shop = Shop::open();
    let others = Bystanders::watch(shop.address);
    let mut client = shop.client();
    let count = 500;
    let mut sender = client.stream.try_clone().unwrap();
    let sending = std::thread::spawn(move || {
        for number in 0..count {
            write!(sender, "POST /test/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3\r\n\r\n{number:03}").unwrap();
        }
    });
    for number in 0..count {
        let reply = client.reply(true).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(body["body"], format!("{number:03}"));
    }
    sending.join().unwrap();
    // And one who sends for ever without reading.
    let mut greedy = shop.client();
    greedy.stream.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
    let many = "GET /test/bytes?n=20000 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(1000);
    while greedy.stream.write_all(many.as_bytes()).is_ok() {}
    assert_eq!(shop.client().get("/health").status, 200);
    others.were_answered("pipelining");
}

#[test]
fn a_client_that_has_said_all_is_still_answered() {
    let shop = Shop::open();
    let mut client = shop.client();
    client.stream.write_all(b"GET /test/slow?ms=200 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").unwrap();
    client.stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(client.reply(true).unwrap().text(), "done");
    assert!(client.is_closed());
    // Half a head and then nothing: no answer is owed.
    let mut client = shop.client();
    client.stream.write_all(b"GET /hea").unwrap();
    client.stream.shutdown(Shutdown::Write).unwrap();
    assert!(client.is_closed());
}

#[test]
fn a_panic_costs_one_request() {
    let shop = Shop::open();
    let mut client = shop.client();
    for _ in 0..20 {
        let reply = client.get("/test/panic");
        assert_eq!(reply.status, 500);
        let text = reply.text();
        let code = text.split("念代碼 ").nth(1).expect("a code to read out").chars().take(9).collect::<String>();
        let shape: String = code.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).filter(|c| !c.is_ascii_uppercase()).collect();
        assert_eq!(shape, "9-999-9", "{code}");
        assert!(!text.contains("a handler panics"), "{text}");
    }
    assert_eq!(client.get("/health").status, 200);
}

#[test]
fn a_change_wanted_by_another_site_is_refused() {
    let shop = Shop::open();
    let form = b"code=x";
    let head = "POST /setup/owner HTTP/1.1\r\nContent-Type: application/x-www-form-urlencoded";
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        assert_eq!(shop.client().ask(&format!("{head}\r\nOrigin: {origin}"), form).status, 400, "{origin}");
    }
    assert_eq!(shop.client().ask(head, form).status, 400, "no origin at all");
    assert_ne!(shop.client().ask(&format!("{head}\r\nOrigin: http://127.0.0.1"), form).status, 400);
}

#[test]
fn only_the_door_may_speak_to_the_inner_port() {
    let shop = Shop::open();
    let inner = shop.front.as_ref().unwrap().inner_address();
    assert_eq!(status_of(inner, b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"), 403);
    assert_eq!(
        status_of(inner, b"GET /health HTTP/1.1\r\nHost: x\r\nX-Guard-Token: 0\r\nX-Guard-Peer: ::1\r\nConnection: close\r\n\r\n"),
        403
    );
    // The claim that made a bare tiny_http abort.
    for _ in 0..10 {
        let mut client = Client::open(inner);
        client.stream.write_all(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000000000\r\n\r\n").unwrap();
        std::thread::sleep(Duration::from_millis(20));
        assert_eq!(shop.client().get("/health").status, 200);
    }
}

#[test]
fn what_only_the_door_may_say_is_not_believed_from_outside() {
    let shop = Shop::open();
    let reply = shop.client().ask(
        "GET /test/echo HTTP/1.1\r\nX-Guard-Peer: 6.6.6.6\r\nX-Guard-Body: ../luckygas.db\r\nX-Forwarded-For: 6.6.6.6\r\nForwarded: for=6.6.6.6\r\n\
         TE: chunked\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nX-Kept: 2\r\nCookie: a=1; b=\u{5ba2}; c=3",
        b"",
    );
    let echo: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
    assert_eq!(echo["peer"], "127.0.0.1");
    let mut headers: Vec<_> = echo["headers"].as_array().unwrap().iter().map(|header| header.as_str().unwrap().to_owned()).collect();
    headers.sort();
    assert_eq!(headers, ["connection=close", "content-length=0", "cookie=a=1; c=3", "host=127.0.0.1", "x-kept=2"]);
}

#[test]
fn an_answer_cannot_be_split() {
    let shop = Shop::open();
    let mut client = shop.client();
    let reply = client.get("/test/split");
    assert_eq!((reply.status, reply.header("x-split"), reply.header("location")), (303, None, None));
    assert_eq!(client.get("/health").status, 200);
}

#[test]
fn kept_connections_do_not_stall_at_any_size() {
    let shop = Shop::open();
    let mut client = shop.client();
    for bytes in [1_000, 4_000, 16_000, 64_000, 1_000_000] {
        let mut took: Vec<Duration> = (0..40)
            .map(|_| {
                let start = Instant::now();
                assert_eq!(client.get(&format!("/test/bytes?n={bytes}")).body.len(), bytes);
                start.elapsed()
            })
            .collect();
        took.sort();
        println!("{bytes} bytes: p50 {:?}", took[20]);
        assert!(took[20] < Duration::from_millis(20), "{bytes} bytes: {took:?}");
    }
}

#[test]
fn head_expect_and_close_are_understood() {
    let shop = Shop::open();
    let mut client = shop.client();
    let head = client.ask("HEAD /test/bytes?n=1234 HTTP/1.1", b"");
    assert_eq!((head.status, head.header("content-length")), (200, Some("1234")));
    let waiting = b"POST /test/echo HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n";
    client.stream.write_all(waiting).unwrap();
    assert_eq!(client.reply(true).unwrap().status, 100);
    client.stream.write_all(b"hello").unwrap();
    assert!(client.reply(true).unwrap().text().contains("hello"));
    let last = client.ask("GET /health HTTP/1.1\r\nConnection: close", b"");
    assert_eq!((last.status, last.header("connection")), (200, Some("close")));
    assert!(client.is_closed());
}

#[test]
fn an_asset_is_fetched_once() {
    let shop = Shop::open();
    let mut client = shop.client();
    let style = client.get("/assets/style.css");
    let tag = style.header("etag").unwrap().to_owned();
    assert_eq!((style.status, style.header("cache-control")), (200, Some("no-cache")));
    let again = client.ask(&format!("GET /assets/style.css HTTP/1.1\r\nIf-None-Match: {tag}"), b"");
    assert_eq!((again.status, again.body.len()), (304, 0));
    let kept = client.get(&luckygas::http::assets::url("style.css"));
    assert_eq!(kept.header("cache-control"), Some("public, max-age=31536000, immutable"));
    assert_eq!(client.get("/assets/nothing.css").status, 404);
    assert_eq!(client.get("/assets/..%2fCargo.toml").status, 400);
}

/// A multipart body with one field and one file.
fn form(file: &[u8]) -> Vec<u8> {
    let mut body = "--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\n客戶\r\n\
                    --b\r\nContent-Disposition: form-data; name=\"files\"; filename=\"客戶.xlsx\"\r\n\r\n"
        .as_bytes()
        .to_vec();
    body.extend_from_slice(file);
    body.extend_from_slice(b"\r\n--b--\r\n");
    body
}

const FORM: &str = "POST /test/files HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b";

#[test]
fn files_pass_through_the_disk_and_leave_nothing() {
    let shop = Shop::open();
    let others = Bystanders::watch(shop.address);
    let left = || std::fs::read_dir(shop.folder.0.join("uploads")).map_or(0, Iterator::count);
    let mut client = shop.client();
    for bytes in [0, 1, 10_000, 20_000_000] {
        let reply = client.ask(FORM, &form(&vec![b'\r'; bytes]));
        let got: serde_json::Value = serde_json::from_slice(&reply.body).unwrap();
        assert_eq!(got, json!({"note": "客戶", "files": [["files", "客戶.xlsx", bytes, bytes]]}));
        assert_eq!(left(), 0);
    }
    assert_eq!(client.ask(FORM, b"not what it says").status, 400);
    assert_eq!(client.ask("POST /test/files HTTP/1.1\r\nContent-Type: text/csv", b"a,b").status, 400);
    let too_large = format!("{FORM}\r\nHost: 127.0.0.1\r\nContent-Length: 70000000\r\n\r\n");
    assert_eq!(status_of(shop.address, too_large.as_bytes()), 413);
    assert_eq!(status_of(shop.address, too_large.replace("/test/files", "/test/closed").as_bytes()), 403);
    // One who hangs up in the middle, and one who falls asleep there.
    let mut gone = shop.client();
    gone.stream.write_all(format!("{FORM}\r\nHost: 127.0.0.1\r\nContent-Length: 9000\r\n\r\nhalf").as_bytes()).unwrap();
    drop(gone);
    let asleep = format!("{FORM}\r\nHost: 127.0.0.1\r\nContent-Length: 9000\r\n\r\nhalf");
    assert_eq!(status_of(shop.address, asleep.as_bytes()), 408);
    assert_eq!(left(), 0);
    others.were_answered("uploads");
}

#[test]
fn a_large_file_is_let_in_only_from_somebody_who_may_send_one() {
    let shop = Shop::open();
    for path in ["/imports", "/api/v1/imports", "/orders/lists"] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 10000000\r\n"
        );
        assert_eq!(status_of(shop.address, format!("{head}\r\n").as_bytes()), 401);
        let stranger = format!("{head}Cookie: luckygas={}\r\n\r\n", "0".repeat(64));
        assert_eq!(status_of(shop.address, stranger.as_bytes()), 401);
    }
    assert!(!shop.folder.0.join("uploads").exists());
}

#[test]
fn leftovers_of_a_killed_program_are_removed_at_the_next_start() {
    let folder = Folder::new();
    let uploads = folder.0.join("uploads");
    std::fs::create_dir(&uploads).unwrap();
    for name in ["body-1-0", "part-1-7", "import-3"] {
        std::fs::write(uploads.join(name), "x").unwrap();
    }
    let app = Arc::new(App::open(&folder.0, Clock::Fixed(support::now())).unwrap());
    let front = Front::open(app, TcpListener::bind("127.0.0.1:0").unwrap(), limits(), answer, room).unwrap();
    let left: Vec<_> = std::fs::read_dir(&uploads).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["import-3"]);
    front.close(Duration::ZERO);
}

#[test]
fn too_many_connections_are_told_so_and_the_door_recovers() {
    let shop = Shop::with(Limits { per_address: 10, ..limits() });
    let mut held: Vec<Client> = (0..10).map(|_| shop.client()).collect();
    assert_eq!(held[9].get("/health").status, 200);
    let mut refused = shop.client();
    assert_eq!(refused.reply(true).map(|reply| reply.status), Some(503));
    drop(held);
    let until = Instant::now() + Duration::from_secs(5);
    while Client::open(shop.address).stream.write_all(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").is_err() || {
        status_of(shop.address, b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") != 200
    } {
        assert!(Instant::now() < until, "the places are not free again");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn an_idle_connection_is_closed_after_a_while() {
    let shop = Shop::with(Limits { idle: Duration::from_millis(300), ..limits() });
    let mut client = shop.client();
    assert_eq!(client.get("/health").status, 200);
    let start = Instant::now();
    assert!(client.is_closed());
    assert!(start.elapsed() < Duration::from_secs(3));
}

#[test]
fn a_closing_door_lets_running_requests_finish() {
    let mut shop = Shop::open();
    let mut idle = shop.client();
    assert_eq!(idle.get("/health").status, 200);
    let mut running = shop.client();
    running.stream.write_all(b"GET /test/slow?ms=500 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(150));
    let start = Instant::now();
    let front = shop.front.take().unwrap();
    let closing = std::thread::spawn(move || front.close(Duration::from_secs(10)));
    assert!(idle.is_closed());
    assert!(start.elapsed() < Duration::from_millis(300), "an idle line is cut at once: {:?}", start.elapsed());
    let reply = running.reply(true).unwrap();
    assert_eq!((reply.text().as_str(), reply.header("connection")), ("done", Some("close")));
    drop(running);
    closing.join().unwrap();
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    let mut byte = [0];
    assert!(std::net::TcpStream::connect(shop.address).map_or(true, |mut stream| stream.read(&mut byte).unwrap_or(0) == 0));
}
