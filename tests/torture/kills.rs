//! kill -9: at work, early in a start, while the shop closes, while an older file is brought up to date, in an import.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use luckygas::values::Stamp;
use rusqlite::Connection;

use crate::scene::{Scene, kill, signal};
use crate::support::program::luckygas;
use crate::told::Told;
use crate::truth;

/// However slow the machine is, a run of every day ends.
const PATIENCE: Duration = Duration::from_secs(14);

/// Everybody at work, and the program is killed: mostly in the middle, sometimes before it is open, sometimes while it
/// closes. What was answered must be there at the next start, what was not there once or not at all.
pub fn at_work(scene: &mut Scene, told: &mut Told) {
    let folder = scene.shop("shop");
    let mut crowd = scene.whole_crowd();
    let (begun, wanted) = (Instant::now(), scene.times(24, 520));
    let (mut early, mut closing) = (0, 0);
    while told.tried < wanted && told.is_good() && (scene.is_long || begun.elapsed() < PATIENCE) {
        let dice = &mut scene.dice;
        let (moment, kind) = (Duration::from_millis(5 + dice.below(400)), dice.below(8));
        let pause = Duration::from_millis(dice.below(if kind == 0 { 250 } else { 60 }));
        if kind == 0 {
            early += 1;
            told.try_once(|_| {
                let mut child = scene.spawn(&folder, Stdio::null());
                std::thread::sleep(pause);
                kill(&mut child);
            });
        }
        told.try_once(|told| {
            let mut serving = match scene.open(&folder) {
                Ok(serving) => serving,
                Err(why) => return told.wrong.push(why),
            };
            crowd.ask_new(&folder, told);
            crowd.send_again(serving.address, told);
            let address = serving.address;
            crowd.work(address, told, || {
                std::thread::sleep(moment);
                if kind == 1 {
                    closing += 1;
                    signal(&serving.child, "TERM");
                    std::thread::sleep(pause);
                }
                kill(&mut serving.child);
            });
            // Every other time the command is the first to meet what the kill left.
            if kind % 2 == 0 {
                told.wrong.extend(truth::check(&folder));
            }
        });
    }
    let tried = told.tried;
    told.hold(scene.is_long || 5 < tried, || format!("only {tried} kills in {PATIENCE:?}"));
    match scene.open(&folder) {
        Ok(mut serving) => {
            crowd.ask_new(&folder, told);
            crowd.send_again(serving.address, told);
            signal(&serving.child, "TERM");
            let _ = serving.child.wait();
        }
        Err(why) => told.wrong.push(why),
    }
    told.wrong.extend(truth::check(&folder));
    crowd.ask_all(&folder, told);
    told.wrong.extend(truth::disagreements(&Connection::open(folder.join("luckygas.db")).unwrap()));
    told.acknowledged = crowd.acknowledged();
    told.note(format!("{early} early in a start, {closing} while closing"));
}

/// A shop of every earlier schema is opened by this program, which is killed while it brings the file up to date.
pub fn migrating(scene: &mut Scene, told: &mut Told) {
    for (name, file) in older_shops(scene) {
        let whole = upgraded(scene, &name, &file);
        let folder = scene.folder.join(&name);
        let copy = || {
            let _ = std::fs::remove_dir_all(&folder);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::copy(&file, folder.join("luckygas.db")).unwrap();
        };
        copy();
        let took = Instant::now();
        match scene.open(&folder) {
            Ok(mut serving) => kill(&mut serving.child),
            Err(why) => return told.wrong.push(why),
        }
        let took = took.elapsed();
        let mut half_way = 0;
        for at in 0..scene.times(2, 25) {
            copy();
            let moment = Duration::from_millis(scene.dice.below(took.as_millis() as u64 + 10));
            told.try_once(|told| {
                let mut child = scene.spawn(&folder, Stdio::null());
                std::thread::sleep(moment);
                kill(&mut child);
                half_way += usize::from(folder.join("luckygas.db-wal").exists());
                match scene.open(&folder) {
                    Ok(mut serving) => kill(&mut serving.child),
                    Err(why) => told.wrong.push(format!("{name} after kill {at}: {why}")),
                }
                told.wrong.extend(truth::check(&folder));
                let there = records(&folder.join("luckygas.db"));
                if there != whole {
                    told.lost.push(format!("{name} after kill {at}: {there:?} was {whole:?}"));
                }
            });
        }
        told.note(format!("{name}: {half_way} with a WAL, a start takes {} ms", took.as_millis()));
    }
}

/// What the older shop `file` holds when it was brought up to date in peace.
pub fn upgraded(scene: &Scene, name: &str, file: &Path) -> Vec<String> {
    let folder = scene.folder.join(format!("{name}-whole"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(file, folder.join("luckygas.db")).unwrap();
    luckygas::start::upgrade(&folder, Stamp::now(), &|_| {}).unwrap();
    records(&folder.join("luckygas.db"))
}

/// What a shop's people wrote themselves, as hashes: nothing the program's own jobs add to.
pub fn records(path: &Path) -> Vec<String> {
    let conn = Connection::open(path).unwrap();
    let queries = [
        "SELECT * FROM customers",
        "SELECT * FROM all_deliveries",
        "SELECT * FROM delivery_drops",
        "SELECT id, customer_id, ordered_on, day_no, final_ntd FROM orders WHERE template_id IS NULL",
        "SELECT * FROM payments",
        "SELECT * FROM cylinder_movements",
        "SELECT * FROM product_prices",
        "SELECT id, username, role FROM users",
    ];
    queries.iter().map(|sql| format!("{sql}: {}", truth::rows_hash(&conn, sql).unwrap())).collect()
}

/// The shops earlier programs left, and the practice shop as the last but one schema would have it.
pub fn older_shops(scene: &Scene) -> Vec<(String, PathBuf)> {
    let mut shops = Vec::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/schema");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files.iter().filter(|file| file.extension().is_some_and(|kind| kind == "sql")) {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let path = scene.folder.join(format!("{name}.db"));
        Connection::open(&path).unwrap().execute_batch(&std::fs::read_to_string(file).unwrap()).unwrap();
        shops.push((name, path));
    }
    shops
}

/// `luckygas import` of the sample files is killed at later and later moments until one is through: the shop is as it was,
/// or the import is whole.
pub fn importing(scene: &mut Scene, told: &mut Told) {
    const FILES: [&str; 6] =
        ["clients.xlsx", "history.xlsx", "legacy.db", "commercial_history.csv", "commercial_history_big5.csv", "residential_plan.xlsx"];
    // The shop's whole history is written for seconds, so that most of the kills meet an open transaction.
    let full = std::env::var_os("LUCKYGAS_FULL_DATA").map(|data| Path::new(&data).join("real"));
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sample");
    for (from, step) in [(Some(sample), scene.times(20, 12) as u64), (full.filter(|_| scene.is_long), 700)] {
        let Some(from) = from else { continue };
        let folder = scene.folder.join(format!("every-{step}-ms"));
        std::fs::create_dir_all(&folder).unwrap();
        drop(luckygas::db::Db::open(&folder).unwrap());
        let before = brought(&folder);
        let mut wait = 0;
        loop {
            wait += scene.dice.between(step / 2, step * 2);
            let mut is_through = false;
            told.try_once(|told| {
                let mut command = luckygas(&["import", "--data", folder.to_str().unwrap()]);
                command.args(FILES.map(|name| from.join(name))).stdout(Stdio::null()).stderr(Stdio::null());
                let mut child = command.spawn().unwrap();
                std::thread::sleep(Duration::from_millis(wait));
                kill(&mut child);
                told.wrong.extend(truth::check(&folder));
                let after = brought(&folder);
                is_through = after != before;
                let is_whole = after[3] == before[3] + 1 && before[0] < after[0] && before[1] < after[1];
                told.hold(!is_through || is_whole, || format!("half an import after {wait} ms: {after:?} was {before:?}"));
            });
            if is_through || !told.is_good() {
                break;
            }
        }
    }
}

/// Customers, deliveries, drops, imports, journal lines.
fn brought(folder: &Path) -> [i64; 5] {
    let conn = Connection::open(folder.join("luckygas.db")).unwrap();
    ["customers", "all_deliveries", "delivery_drops", "imports", "journal"]
        .map(|table| truth::count(&conn, &format!("SELECT count(*) FROM {table}")))
}
