//! A copy with its proof, of a shop with 13,295 customers and 349,988 deliveries, against `cp` of the same file in the same
//! run. Budget: less than three times a `cp` that is on the disk as ours is; fifteen people who save meanwhile wait less than
//! 50 ms. `cp` alone leaves its copy in memory: how that compares is told too.
//!
//!     cargo bench --bench backup

mod support;

use std::fs::{self, File};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use luckygas::app::{App, Clock};
use luckygas::backups::make::{self, Progress};
use luckygas::backups::{Kind, drill, prove};
use luckygas::db::Lock;
use luckygas::demo::Size;
use luckygas::journal::By;
use support::percentile;
use support::shop::Shop;

const ROUNDS: usize = 9;
const WRITERS: usize = 15;

fn main() {
    let shop = Shop::make(Size::Full);
    let _lock = Lock::take(&shop.folder).expect("the folder is ours");
    let app = App::open(&shop.folder, Clock::System).expect("the shop opens");
    let file = shop.folder.join("luckygas.db");

    // Of the night and of the hours between, in turn with cp, so that all of them meet the same machine.
    let first = time(|| copy(&app, Kind::Nightly));
    let (mut plain, mut synced, mut nightly, mut hourly) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        let target = shop.folder.join("cp.db");
        plain.push(time(|| cp(&file, &target)));
        fs::remove_file(&target).expect("a copy");
        synced.push(time(|| {
            cp(&file, &target);
            File::open(&target).and_then(|copy| copy.sync_all()).expect("on the disk");
        }));
        fs::remove_file(&target).expect("a copy");
        work(&app, round);
        hourly.push(time(|| copy(&app, Kind::Hourly)));
        work(&app, round);
        nightly.push(time(|| copy(&app, Kind::Nightly)));
        luckygas::backups::keep::tidy(&app).expect("a tidy shelf");
    }
    let (plain, synced, nightly, hourly) = (fastest(plain), fastest(synced), fastest(nightly), fastest(hourly));
    println!("cp                      {plain:>9.1?}");
    println!("cp, on the disk         {synced:>9.1?}");
    println!("the first copy          {first:>9.1?}");
    let ratio = |took: Duration, of: Duration| took.as_secs_f64() / of.as_secs_f64();
    for (what, took) in [("by day, proved          ", hourly), ("at night, read to its end", nightly)] {
        println!("{what} {took:>8.1?}  {:.1} x cp on the disk, {:.1} x cp", ratio(took, synced), ratio(took, plain));
    }

    let newest = app.backups.newest_good(&app.folder).expect("a good copy");
    let verify = time(|| assert!(prove::prove(&newest.path).expect("a proof").is_good()));
    let drilled = time(|| drop(drill::run(&app).expect("a drill")));
    println!("verify                  {verify:>9.1?}");
    println!("drill                   {drilled:>9.1?}");

    let calm = waits(&app, false);
    let busy = waits(&app, true);
    for (what, waits) in [("without copies", &calm), ("during copies ", &busy)] {
        let [p50, p99, most] = [0.5, 0.99, 1.0].map(|share| percentile(waits, share));
        println!("{WRITERS} writers {what} p50 {p50:.1?} p99 {p99:.1?} most {most:.1?} of {}", waits.len());
    }

    let is_kept = if ratio(hourly, synced) < 3.0 { "kept" } else { "over" };
    println!("the budget of 3 x cp on the disk is {is_kept}");
    assert!(drilled < Duration::from_secs(60), "a drill takes {drilled:?}");
    let (before, during) = (percentile(&calm, 0.99), percentile(&busy, 0.99));
    assert!(during < before + Duration::from_millis(50), "writers wait {during:?}, without copies {before:?}");
}

fn copy(app: &App, kind: Kind) {
    make::make(app, kind, By::program(app.now()), &Progress::default()).expect("a copy");
}

fn cp(from: &Path, to: &Path) {
    let done = std::process::Command::new("cp").arg(from).arg(to).status().expect("cp runs");
    assert!(done.success());
}

/// An hour of the shop: orders and customers are written in, deliveries come.
fn work(app: &App, round: usize) {
    app.db
        .write(|tx| {
            let round = round as i64;
            let touch = "UPDATE orders SET version = version + 1 WHERE id % 97 = ?1";
            tx.execute(touch, [round]).expect("orders");
            tx.execute("UPDATE customers SET version = version + 1 WHERE id % 997 = ?1", [round]).expect("customers");
            tx.execute("UPDATE deliveries SET at_time = '10:22' WHERE id % 997 = ?1", [round]).expect("deliveries");
            tx.execute("INSERT INTO journal (at, verb, noun, change) VALUES (?1, 'bench', 'order', '{}')", [round]).expect("journal");
            Ok(())
        })
        .expect("an hour's work");
}

/// How long each of many saves of fifteen people took, for five seconds, sorted.
fn waits(app: &App, with_copies: bool) -> Vec<Duration> {
    let (is_over, took) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (is_over, took) = (&is_over, &took);
            scope.spawn(move || {
                let mut mine = Vec::new();
                while !is_over.load(Ordering::Relaxed) {
                    mine.push(time(|| {
                        app.db
                            .write(|tx| {
                                tx.execute("UPDATE orders SET version = version + 1 WHERE id = ?1", [writer as i64 + 1]).expect("an order");
                                Ok(())
                            })
                            .expect("a save");
                    }));
                    // Fifteen people together save some thirty times a second, which is more than they ever did.
                    std::thread::sleep(Duration::from_millis(400 + 13 * writer as u64));
                }
                took.lock().expect("nobody panicked").append(&mut mine);
            });
        }
        let until = Instant::now() + Duration::from_secs(12);
        while Instant::now() < until {
            if with_copies {
                copy(app, Kind::Hourly);
                luckygas::backups::keep::tidy(app).expect("a tidy shelf");
            } else {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        is_over.store(true, Ordering::Relaxed);
    });
    let mut took = took.into_inner().expect("nobody panicked");
    took.sort_unstable();
    took
}

fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// The round least disturbed by whatever else the machine had to do.
fn fastest(times: Vec<Duration>) -> Duration {
    times.into_iter().min().unwrap_or_default()
}
