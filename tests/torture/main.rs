//! Torture: the real program is killed, its disk filled, its files bent, its clock turned, and nothing that was answered
//! as done may be missing afterwards. `scripts/torture --help` tells how it is asked; the short run is part of `cargo test`
//! and bounded by [`SHORT`].

mod clock;
mod dice;
mod disk;
mod flips;
mod kills;
mod people;
mod power;
mod restoring;
mod scene;
#[path = "../support/mod.rs"]
#[allow(unused)]
mod support;
mod together;
mod told;
mod truth;

use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use scene::{Scene, Template};
use told::{Told, table};

/// However slow the machine is, a run ends: with a failure when it takes longer.
const SHORT: Duration = Duration::from_secs(180);
const LONG: Duration = Duration::from_secs(60 * 60);

type Fault = (&'static str, fn(&mut Scene, &mut Told));

const FAULTS: &[Fault] = &[
    ("kill at work", kills::at_work),
    ("kill while migrating", kills::migrating),
    ("kill in an import", kills::importing),
    ("kill while restoring", restoring::killed),
    ("power cut", power::cut),
    ("full disk", disk::full),
    ("read-only", disk::read_only),
    ("bit in the file", flips::in_the_file),
    ("bit in the WAL", flips::in_the_wal),
    ("bit in a copy", flips::in_a_copy),
    ("clock jumps", clock::jumps),
    ("everything at once", together::everything),
];

const HELP: &str = "usage: scripts/torture [--short|--long] [--seed N] [--only NAME]

  --short      the run of every day (default), about a minute
  --long       by hand, on a machine that has nothing else to do: more than 500 kill -9, about twenty minutes
  --seed N     the choices of an earlier run, which printed it
  --only NAME  only the faults whose name contains NAME
";

/// What was asked for.
struct Asked {
    is_long: bool,
    seed: u64,
    only: Option<String>,
}

fn main() -> ExitCode {
    let asked = match asked(std::env::args().skip(1)) {
        Ok(Some(asked)) => asked,
        Ok(None) => return ExitCode::SUCCESS,
        Err(say) => {
            eprint!("{say}\n\n{HELP}");
            return ExitCode::from(2);
        }
    };
    let root = std::env::temp_dir().join(format!("luckygas-torture-{}", std::process::id()));
    println!("torture: seed {}{}", asked.seed, if asked.is_long { ", long" } else { "" });
    write_down(&root);
    end_in_time(if asked.is_long { LONG } else { SHORT }, root.clone());

    let begun = Instant::now();
    let template = Template::make();
    let mut rows = Vec::new();
    for (name, work) in FAULTS.iter().filter(|(name, _)| asked.only.as_deref().is_none_or(|only| name.contains(only))) {
        rows.push((*name, try_fault(name, *work, &template, &root, &asked)));
    }

    println!("\n{}{:.0?} in all, seed {}", table(&rows), begun.elapsed(), asked.seed);
    if rows.iter().all(|(_, told)| told.is_good()) {
        let _ = std::fs::remove_dir_all(&root);
        return ExitCode::SUCCESS;
    }
    println!("evidence is kept in {}", root.display());
    ExitCode::FAILURE
}

/// Tries one fault; what is left of a good one is removed.
fn try_fault(name: &str, work: fn(&mut Scene, &mut Told), template: &Template, root: &Path, asked: &Asked) -> Told {
    let begun = Instant::now();
    let mut scene = Scene::new(template, root, name, asked.seed, asked.is_long);
    let mut told = Told::default();
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| work(&mut scene, &mut told))) {
        let text = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
        told.wrong.push(text.unwrap_or_default());
    }
    scene.look_for_panics(&mut told);
    told.note(format!("{:.0?}", begun.elapsed()));
    println!("{name}: {} of {} survived, {} lost", told.survived, told.tried, told.lost.len());
    if told.is_good() {
        let _ = std::fs::remove_dir_all(&scene.folder);
    }
    told
}

/// What the parts of the program warn of that run in this process goes beside the evidence.
fn write_down(root: &Path) {
    struct Lines(std::fs::File);
    impl log::Log for Lines {
        fn enabled(&self, _: &log::Metadata) -> bool {
            true
        }
        fn log(&self, line: &log::Record) {
            let _ = writeln!(&self.0, "{} {}", line.level(), line.args());
        }
        fn flush(&self) {}
    }
    std::fs::create_dir_all(root).unwrap();
    let file = std::fs::File::create(root.join("harness.log")).unwrap();
    if log::set_logger(Box::leak(Box::new(Lines(file)))).is_ok() {
        log::set_max_level(log::LevelFilter::Warn);
    }
}

/// Ends the run with a failure when it hangs.
fn end_in_time(bound: Duration, root: PathBuf) {
    std::thread::spawn(move || {
        std::thread::sleep(bound);
        println!("torture: not at its end after {bound:?}; evidence is kept in {}", root.display());
        std::process::exit(1);
    });
}

/// `None` when nothing is to be tried. What `cargo test` says to every test is understood, a filter too.
fn asked(mut args: impl Iterator<Item = String>) -> Result<Option<Asked>, String> {
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_nanos() as u64);
    let mut asked = Asked { is_long: false, seed, only: None };
    while let Some(arg) = args.next() {
        let mut value = || args.next().ok_or(format!("{arg} wants a value"));
        match arg.as_str() {
            "--short" => asked.is_long = false,
            "--long" => asked.is_long = true,
            "--seed" => asked.seed = value()?.parse().map_err(|_| "--seed wants a number".to_owned())?,
            "--only" => asked.only = Some(value()?),
            "--help" | "-h" => {
                print!("{HELP}");
                return Ok(None);
            }
            "--list" | "--ignored" => return Ok(None),
            "--test-threads" | "--skip" | "--format" | "--color" => drop(value()?),
            flag if flag.starts_with('-') => {}
            filter => asked.only = Some(if "torture".contains(filter) { String::new() } else { filter.to_owned() }),
        }
    }
    Ok(Some(asked))
}
