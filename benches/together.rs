//! Budget: while 350,000 rows are written in one transaction, 15 clients reading are answered without an error,
//! p99 < 200 ms. Readers never wait for the writer; what they share with it is the processor and the disk.

mod support;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use luckygas::db::Db;
use luckygas::deliveries::import::{Row, Writer, without_indexes};
use luckygas::deliveries::{Load, Source};
use luckygas::demo::Size;
use luckygas::values::{CustomerId, Day, Stamp};
use support::percentile;
use support::shop::{Browser, Served, Shop};

const ROWS: i64 = 349_920;

fn main() {
    let shop = Shop::make(Size::Full);
    let served = Served::open(&shop.folder);
    let first = Browser::sign_in(&served.address, "boss");
    let quiet = read_while(&first, || std::thread::sleep(Duration::from_secs(3)));
    tell("nobody writes", &quiet);

    let db = Db::open(&shop.folder).expect("the file opens");
    let start = Instant::now();
    let busy = read_while(&first, || write(&db));
    tell("350,000 rows are written", &busy);
    println!("  written in {:.1?}; private memory of the program {} MB", start.elapsed(), served.private_bytes() >> 20);
}

fn tell(when: &str, waited: &[Duration]) {
    let (p50, p99, most) = (percentile(waited, 0.5), percentile(waited, 0.99), waited[waited.len() - 1]);
    println!("  {when}: {} answers, p50 {p50:.2?}, p99 {p99:.2?} (budget 200 ms), slowest {most:.2?}", waited.len());
}

/// What 15 clients, each reading a page every 50 ms, wait while `work` is done. A wrong answer ends the bench.
fn read_while(first: &Browser, work: impl FnOnce()) -> Vec<Duration> {
    let is_done = AtomicBool::new(false);
    let mut waited: Vec<Duration> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..15)
            .map(|client| {
                let (mut browser, is_done) = (first.again(), &is_done);
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
                        assert_eq!(browser.get(&target).0, 200, "{target}");
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
    waited.sort_unstable();
    waited
}

/// As many rows as the shop's whole history, in one transaction, their indexes made at its end: what an import does.
fn write(db: &Db) {
    let today = Stamp::now().day();
    let first: Day = "2010-01-01".parse().expect("a day");
    let row = |at: i64| Row {
        customer: CustomerId(1 + at % 13_295),
        on: first.plus(at / 13_295 * 30 + at % 29),
        source: Source::History,
        at_time: None,
        load: Load::default(),
        driver_name: None,
        note: None,
        recorded: None,
        import: None,
    };
    db.write(|tx| {
        without_indexes(tx, || {
            let mut writer = Writer::new(tx, today)?;
            for at in 0..ROWS {
                writer.add(&row(at))?;
            }
            writer.finish()
        })
    })
    .expect("the rows are written");
}
