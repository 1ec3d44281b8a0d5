//! Budget: with the full shop and 15 people at work, what is committed is heard on 50 streams p99 < 100 ms, and the people
//! save as quickly as when nobody listens.
//!
//! The shop is open in this process, so that both ends are seen by one clock: from the commit's return to the line in the
//! listener's hands. The floor is a message of the same size written to 50 bare loopback connections by one thread, to as
//! many readers, in the same run while the same people work.

#[path = "../tests/support/listen.rs"]
#[allow(dead_code)]
mod listen;
mod support;

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use listen::{Heard, Listener};
use luckygas::app::{App, Clock};
use luckygas::db::Lock;
use luckygas::demo::Size;
use luckygas::http::Front;
use luckygas::http::door::Limits;
use luckygas::journal::{self, By, Entry};
use luckygas::users::{NewUser, Role, TextSize, store};
use luckygas::{customers, urls};
use serde_json::json;
use support::percentile;
use support::shop::{Browser, Shop};

const STREAMS: usize = 50;
const PEOPLE: usize = 15;
/// Commits that are timed, and what lies between two.
const ROUNDS: usize = 150;
const APART: Duration = Duration::from_millis(100);
const GLANCE: Duration = Duration::from_millis(50);
const HEARD: Duration = Duration::from_millis(100);

fn main() {
    let shop = Shop::make(Size::Full);
    let _lock = Lock::take(&shop.folder).expect("the folder is ours");
    let app = Arc::new(App::open(&shop.folder, Clock::System).expect("the shop opens"));
    let tokens = people(&app);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let front = Front::open(app.clone(), listener, Limits::default(), urls::answer, urls::room).expect("the door opens");
    let address = front.address();
    let desk = Browser::sign_in(&address.to_string(), "xiaohui");

    let (alone, saved_alone) = at_work(&desk, || bare(&app));
    tell("bare loopback, 50 readers", &alone, None);

    let is_over = AtomicBool::new(false);
    let ready = AtomicUsize::new(0);
    let (heard, saved) = std::thread::scope(|scope| {
        let ears: Vec<_> = (0..STREAMS)
            .map(|at| {
                let (token, is_over, ready) = (&tokens[at / 4], &is_over, &ready);
                scope.spawn(move || {
                    let mut ear = Listener::open(address, "/events", token, "");
                    assert_eq!((ear.status(), ear.next().event.as_str()), (200, "connected"));
                    ready.fetch_add(1, Ordering::SeqCst);
                    let mut heard: Vec<Option<Instant>> = vec![None; ROUNDS];
                    while !is_over.load(Ordering::SeqCst) {
                        match ear.hear(Duration::from_millis(200)) {
                            Heard::Said(said) if said.data["verb"] == "bench" => {
                                heard[said.data["noun_id"].as_u64().expect("a number") as usize] = Some(Instant::now());
                            }
                            Heard::End => panic!("a stream ended"),
                            _ => {}
                        }
                    }
                    heard
                })
            })
            .collect();
        while ready.load(Ordering::SeqCst) < STREAMS {
            std::thread::sleep(Duration::from_millis(5));
        }
        let (committed, saved) = at_work(&desk, || {
            let committed: Vec<Instant> = (0..ROUNDS).map(|round| commit(&app, round)).collect();
            std::thread::sleep(Duration::from_millis(500));
            committed
        });
        is_over.store(true, Ordering::SeqCst);
        let heard: Vec<Vec<Option<Instant>>> = ears.into_iter().map(|ear| ear.join().expect("an ear")).collect();
        (since(&committed, &heard), saved)
    });

    tell("commit to 50 streams", &heard, Some(HEARD));
    tell("a save, nobody listening", &saved_alone, None);
    tell("a save, 50 streams", &saved, None);
    assert_eq!(app.live.count(), STREAMS, "nobody was dropped");
    front.close(Duration::from_secs(1));
}

/// Clerks enough for four streams each, signed in.
fn people(app: &App) -> Vec<String> {
    let by = By::program(app.now());
    let hash = app.hasher.hash("nobody signs in with this").expect("a hash");
    let write = |tx: &rusqlite::Transaction| {
        (0..STREAMS.div_ceil(4))
            .map(|no| {
                let name = format!("bench{no}");
                let new = NewUser {
                    username: name.clone(),
                    name,
                    role: Role::OfficeStaff,
                    text_size: TextSize::Medium,
                    must_change_password: false,
                };
                let id = store::add(tx, &new, &hash, by.at)?;
                luckygas::users::session::start(tx, id, Role::OfficeStaff, "電腦", by.at)
            })
            .collect()
    };
    app.db.write(write).expect("clerks")
}

/// One row of the journal, durable; when that was.
fn commit(app: &App, round: usize) -> Instant {
    std::thread::sleep(APART);
    let by = By::program(app.now());
    let entry = Entry { by, verb: "bench", noun: customers::NOUN, noun_id: Some(round as i64), change: json!({}) };
    app.db.write(|tx| journal::record(tx, &entry)).expect("a commit");
    Instant::now()
}

/// How long after each commit each listener had it; the bus may be quicker than the writer's own next step.
fn since(committed: &[Instant], heard: &[Vec<Option<Instant>>]) -> Vec<Duration> {
    let each = heard.iter().flat_map(|ear| ear.iter().zip(committed));
    let mut took: Vec<Duration> = each.map(|(heard, at)| heard.expect("every ear hears all").saturating_duration_since(*at)).collect();
    took.sort_unstable();
    took
}

/// The same of bare sockets: one thread writes after each commit, fifty read.
fn bare(app: &App) -> Vec<Duration> {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let line = format!("{:>230}\n", "x");
    std::thread::scope(|scope| {
        let ears: Vec<_> = (0..STREAMS)
            .map(|_| {
                let stream = TcpStream::connect(address).expect("a connection");
                scope.spawn(move || {
                    let mut reader = BufReader::new(stream);
                    let mut text = String::new();
                    (0..ROUNDS)
                        .map(|_| {
                            text.clear();
                            reader.read_line(&mut text).expect("a line");
                            Some(Instant::now())
                        })
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        let mut sockets: Vec<TcpStream> = (0..STREAMS).map(|_| listener.accept().expect("a client").0).collect();
        let committed: Vec<Instant> = (0..ROUNDS)
            .map(|round| {
                let at = commit(app, round);
                for socket in &mut sockets {
                    socket.set_nodelay(true).and_then(|()| socket.write_all(line.as_bytes())).expect("written");
                }
                at
            })
            .collect();
        let heard: Vec<_> = ears.into_iter().map(|ear| ear.join().expect("an ear")).collect();
        since(&committed, &heard)
    })
}

/// What `work` gives, and how long each save of 15 people took who read and take orders meanwhile.
fn at_work<T>(desk: &Browser, work: impl FnOnce() -> T) -> (T, Vec<Duration>) {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let people: Vec<_> = (0..PEOPLE)
            .map(|person| {
                let (mut desk, is_over) = (desk.again(), &is_over);
                scope.spawn(move || {
                    let mut took = Vec::new();
                    for call in (0..).map(|call| call * PEOPLE + person) {
                        if is_over.load(Ordering::Relaxed) {
                            break;
                        }
                        let customer = 2 + call * 131 % 12_000;
                        for target in
                            [format!("/customers/find?q={}", 100 + call % 900), format!("/customers/{customer}"), "/orders".to_owned()]
                        {
                            assert!([200, 404].contains(&desk.get(&target).0), "{target}");
                            std::thread::sleep(GLANCE);
                        }
                        let body = format!(r#"{{"customer_id": {customer}, "lines": [{{"product_id": 2, "qty": 1}}]}}"#);
                        let start = Instant::now();
                        let (status, _) = desk.send("POST", "/api/v1/orders", "application/json", body.as_bytes());
                        // Some customers have left the shop.
                        if status == 201 {
                            took.push(start.elapsed());
                        }
                        std::thread::sleep(GLANCE);
                    }
                    took
                })
            })
            .collect();
        let done = work();
        is_over.store(true, Ordering::Relaxed);
        let mut took: Vec<Duration> = people.into_iter().flat_map(|person| person.join().expect("somebody at work")).collect();
        took.sort_unstable();
        (done, took)
    })
}

fn tell(what: &str, sorted: &[Duration], budget: Option<Duration>) {
    let (p50, p99, most) = (percentile(sorted, 0.5), percentile(sorted, 0.99), sorted[sorted.len() - 1]);
    let budget = match budget {
        Some(budget) if budget < p99 => format!(" (budget {budget:?})  OVER ITS p99 BUDGET"),
        Some(budget) => format!(" (budget {budget:?})"),
        None => String::new(),
    };
    println!("  {what:<28} p50 {p50:>8.2?}  p99 {p99:>8.2?}{budget}, slowest {most:.2?}, of {}", sorted.len());
}
