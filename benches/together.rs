//! Budget: while the 349,920-row history is uploaded to the running program, read and written in one transaction, 15
//! clients reading are answered without an error, p99 < 200 ms. Readers never wait for the writer; what they share
//! with it is the processor and the disk. The shop holds as many deliveries already, so the indexes stand while it
//! comes in, which is the harder case; the first import of all makes them at its end.

mod support;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use luckygas::demo::Size;
use support::shop::{Browser, Served, Shop};
use support::{full_data, percentile};

/// What the clients waited for each answer, sorted, and how many answers were no page.
struct Waited {
    times: Vec<Duration>,
    errors: usize,
}

fn main() {
    let shop = Shop::make(Size::Full);
    let served = Served::open(&shop.folder);
    let first = Browser::sign_in(&served.address, "boss");
    let quiet = read_while(&first, || std::thread::sleep(Duration::from_secs(3)));
    tell("nobody writes", &quiet);

    let workbook = std::fs::read(full_data().join("real/history.xlsx")).expect("the history is there");
    let start = Instant::now();
    let mut answer = Vec::new();
    let busy = read_while(&first, || answer = upload(&first, &workbook));
    let took = start.elapsed();
    let report: serde_json::Value = serde_json::from_slice(&answer).expect("JSON");
    let (read, created) = (&report["files"][0]["rows_read"], &report["deliveries"]["created"]);
    tell("the history comes in", &busy);
    println!(
        "  {read} rows read, {created} deliveries written in {took:.1?}; private memory afterwards {} MB",
        served.private_bytes() >> 20
    );
}

fn tell(when: &str, Waited { times, errors }: &Waited) {
    let (p50, p99, most) = (percentile(times, 0.5), percentile(times, 0.99), times[times.len() - 1]);
    println!("  {when}: {} answers, {errors} errors, p50 {p50:.2?}, p99 {p99:.2?} (budget 200 ms), slowest {most:.2?}", times.len());
}

/// What 15 clients, each reading a page every 50 ms, wait while `work` is done.
fn read_while(first: &Browser, work: impl FnOnce()) -> Waited {
    let is_done = AtomicBool::new(false);
    let errors = AtomicUsize::new(0);
    let mut times: Vec<Duration> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..15)
            .map(|client| {
                let (mut browser, is_done, errors) = (first.again(), &is_done, &errors);
                scope.spawn(move || {
                    let mut waited = Vec::new();
                    for round in client.. {
                        if is_done.load(Ordering::Relaxed) {
                            break;
                        }
                        let id = 2 + round * 131 % 13_000;
                        let target = match round % 4 {
                            0 => format!("/customers/find?q={}", 100 + round % 900),
                            1 => format!("/customers/{id}"),
                            2 => format!("/customers/{id}/deliveries"),
                            _ => "/deliveries".to_owned(),
                        };
                        let start = Instant::now();
                        let (status, _) = browser.get(&target);
                        errors.fetch_add(usize::from(status != 200), Ordering::Relaxed);
                        waited.push(start.elapsed());
                        std::thread::sleep(Duration::from_millis(50));
                    }
                    waited
                })
            })
            .collect();
        work();
        is_done.store(true, Ordering::Relaxed);
        clients.into_iter().flat_map(|client| client.join().expect("a client")).collect()
    });
    times.sort_unstable();
    Waited { times, errors: errors.into_inner() }
}

/// What a program sends as a manager: the shop's whole history as one workbook, by the address programs use.
fn upload(first: &Browser, workbook: &[u8]) -> Vec<u8> {
    const EDGE: &str = "gas-and-flame";
    let csrf = luckygas::users::session::csrf(&first.token);
    let mut body = format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{csrf}\r\n").into_bytes();
    body.extend(format!("--{EDGE}\r\nContent-Disposition: form-data; name=\"files\"; filename=\"history.xlsx\"\r\n\r\n").bytes());
    body.extend(workbook);
    body.extend(format!("\r\n--{EDGE}--\r\n").bytes());
    let (status, answer) = first.again().send("POST", "/api/v1/imports", &format!("multipart/form-data; boundary={EDGE}"), &body);
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&answer));
    answer
}
