//! What the program does by itself, and that nothing it does by itself can hurt it.

mod support;

use luckygas::app::{App, Clock};
use luckygas::db::Lock;
use luckygas::jobs::{self, Answer, Job, Outcome, store};
use luckygas::journal::By;
use luckygas::settings::Settings;
use luckygas::values::Stamp;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use support::deliveries::Table::Recent;
use support::{Folder, Site, day};

fn last(app: &App, job: &str) -> Vec<(Option<Outcome>, serde_json::Value)> {
    let runs = app.db.read(|conn| store::runs_of(conn, job, 10)).unwrap();
    runs.into_iter().map(|run| (run.outcome, run.counts)).collect()
}

#[test]
fn a_job_that_was_missed_runs_once_after_the_next_start() {
    let mut site = Site::open();
    jobs::run_due(&site.app);
    jobs::run_due(&site.app);
    assert_eq!(last(&site.app, "archive"), [(Some(Outcome::Done), json!({"moved": 0}))]);

    // Switched off over two nights.
    site.app.clock = Clock::Fixed(Stamp::taipei(day("2025-05-30"), 8, 0));
    jobs::run_due(&site.app);
    jobs::run_due(&site.app);
    assert_eq!(last(&site.app, "archive").len(), 2);
}

#[test]
fn a_clock_that_jumps_makes_each_job_run_once_more_and_no_oftener() {
    let site = Site::open();
    let names = ["archive", "templates", "sessions", "totals", "purge", "optimize", "compact"];
    let runs_after =
        |id: i64| names.map(|job| site.app.db.read(|conn| store::runs_of(conn, job, 10)).unwrap().iter().filter(|run| id < run.id).count());
    let newest = || names.map(|job| site.app.db.read(|conn| store::runs_of(conn, job, 1)).unwrap()[0].id).into_iter().max().unwrap();
    jobs::run_due(&site.app);
    let years = |count: i64| count * 365 * 24 * 60;
    for jump in [years(10), -years(10), -years(30), years(30)] {
        let before = newest();
        site.wait_minutes(jump);
        for _ in 0..3 {
            jobs::run_due(&site.app);
            site.wait_minutes(1);
        }
        assert_eq!(runs_after(before), [1; 7], "after {jump} minutes");
        assert!(!site.lin().get("/data/jobs/totals").text().contains("馬上"));
    }
}

#[test]
fn a_failing_and_a_panicking_job_are_recorded_and_hurt_nobody() {
    let always = |_: &Settings, _: Option<Stamp>, _: Stamp| true;
    let job = |name, run| Job { name, label: "", about: "", is_due: always, run };
    let jobs = [
        job("fails", |_| Err(luckygas::Error::impossible("count the stars"))),
        job("panics", |app| app.db.write(|_| panic!("in the middle of a write"))),
        job("works", |_| Ok(json!({"seen": 3}))),
    ];
    let site = Site::open();
    for _ in 0..2 {
        jobs::run_due_of(&site.app, &jobs);
    }
    for (job, error) in [("fails", "could not count the stars: an impossible case"), ("panics", "could not run job panics: it panicked")] {
        let runs = last(&site.app, job);
        assert_eq!(runs.len(), 2);
        for (outcome, counts) in runs {
            assert_eq!(outcome, Some(Outcome::Failed));
            assert!(counts["error"].as_str().unwrap().starts_with(error), "{counts}");
            assert!(counts["say"].as_str().unwrap().contains("沒有做成"), "{counts}");
        }
    }
    assert_eq!(last(&site.app, "works"), vec![(Some(Outcome::Done), json!({"seen": 3})); 2]);
}

#[test]
fn the_hourly_job_forgets_who_mistyped_a_name_and_keeps_the_locks_that_hold() {
    let site = Site::open();
    let wrong = |name: &str| site.nobody().post("/sign-in", &[("username", name), ("password", "wrong-password")]).status();
    let names = || {
        let read = |conn: &rusqlite::Connection| {
            let mut query = conn.prepare("SELECT username FROM sign_in_tries ORDER BY username").unwrap();
            Ok(query.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap).collect::<Vec<_>>())
        };
        site.app.db.read(read).unwrap()
    };
    assert_eq!(wrong("xiaohiu"), 401);
    site.wait_minutes(14);
    for _ in 0..5 {
        wrong("aming");
    }
    assert_eq!(names(), ["aming", "xiaohiu"]);

    site.wait_minutes(1);
    jobs::run(&site.app, jobs::find("sessions").unwrap(), By::program(site.app.now())).unwrap();
    assert_eq!(names(), ["aming"]);
    assert_eq!(wrong("aming"), 429, "the lock holds its fifteen minutes");
}

#[test]
fn one_job_does_not_run_twice_at_once_and_a_run_cut_off_has_failed() {
    let site = Site::open();
    let now = site.app.now();
    site.app.db.write(|tx| store::begin(tx, "archive", now, By::program(now))).unwrap();
    site.boss().post("/jobs/archive/run", &[]).check(409, "正在執行");
    site.boss().get("/data/jobs").check(200, "執行中").check(200, "今天 10:22 開始");
    site.boss().get("/data/jobs/archive").check(200, "執行中").check(200, "disabled");
    jobs::mark_cut_off(&site.app).unwrap();
    assert_eq!(last(&site.app, "archive")[0].0, Some(Outcome::Failed));
    assert_eq!(site.boss().post("/jobs/archive/run", &[]).location(), "/data/jobs");
}

#[test]
fn a_run_that_was_cut_off_is_made_up_for_once() {
    let site = Site::open();
    let job = jobs::find("templates").unwrap();
    let run_due = || jobs::run_due_of(&site.app, std::slice::from_ref(job));
    let cut_off = || {
        site.app.db.write(|tx| store::begin(tx, "templates", site.app.now(), By::program(site.app.now()))).unwrap();
        jobs::mark_cut_off(&site.app).unwrap();
        site.wait_minutes(1);
    };
    cut_off();
    run_due();
    assert_eq!(last(&site.app, "templates").len(), 2, "the first run ever was cut off");
    run_due();
    cut_off();
    run_due();
    assert_eq!(last(&site.app, "templates").len(), 3, "what was cut off by hand had been done that night");
    site.wait_minutes(24 * 60);
    cut_off();
    run_due();
    run_due();
    assert_eq!(last(&site.app, "templates").len(), 5);
    // Twice in a row is perhaps its own doing.
    site.wait_minutes(24 * 60);
    cut_off();
    cut_off();
    run_due();
    assert_eq!(last(&site.app, "templates").len(), 7);
    site.wait_minutes(24 * 60);
    run_due();
    assert_eq!(last(&site.app, "templates").len(), 8);
}

#[test]
fn a_manager_runs_a_job_by_hand_and_the_journal_says_who() {
    let site = Site::open();
    let customer = site.add_customer("1000017", "好味小吃", None);
    site.add_deliveries(&[(1, customer, day("2024-01-05"), Recent, None), (2, customer, day("2025-05-05"), Recent, None)]);
    site.hui().post("/jobs/archive/run", &[]).check(403, "沒有這項權限");
    site.lin().post("/jobs/nonsense/run", &[]).check(404, "找不到工作");
    assert_eq!(site.lin().post("/jobs/archive/run", &[]).location(), "/data/jobs");
    site.lin().get("/data").check(200, "近六個月 1，歷史 1").check(200, "程式自己做的事");
    site.lin().get("/data/jobs").check(200, "收進 1 筆").check(200, "現在執行");
    let journal: Vec<(Option<i64>, String, String)> = site
        .app
        .db
        .read(|conn| {
            let mut query = conn.prepare("SELECT user_id, verb, noun FROM journal ORDER BY id").unwrap();
            Ok(query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap().map(Result::unwrap).collect())
        })
        .unwrap();
    assert_eq!(journal, [(Some(2), "run".into(), "job".into()), (None, "archive".into(), "delivery".into())]);
}

#[test]
fn the_page_says_when_each_job_is_next_and_one_job_tells_of_its_runs() {
    let site = Site::open();
    site.hui().get("/data/jobs").check(403, "沒有這項權限");
    site.lin().get("/data/jobs/nonsense").check(404, "找不到工作");
    let empty = site.lin().get("/data/jobs");
    empty.check(200, "馬上").check(200, "還沒做過");
    jobs::run_due(&site.app);
    let done = site.lin().get("/data/jobs");
    done.check(200, "05/29 (四) 02:00").check(200, "今天 11:22").check(200, "0.0 秒");
    assert!(!done.text().contains("馬上") && !done.text().contains("http-equiv"), "nothing runs, nothing to look at again");

    site.wait_minutes(30);
    site.lin().post("/jobs/archive/run", &[]);
    site.lin().get("/data/jobs/archive").check(200, "林經理").check(200, "自己做的").check(200, "今天 10:52").check(200, "最近三個月");
    site.lin().get("/data/jobs/templates").check(200, "開了 0 張");
}

#[test]
fn whoever_asks_for_a_long_job_is_answered_at_once_and_the_job_waits_its_turn() {
    let folder = Folder::new();
    let _lock = Lock::take(&folder.0).unwrap();
    let app = Arc::new(App::open(&folder.0, Clock::System).unwrap());
    const SLOW: Job = Job {
        name: "slow",
        label: "慢",
        about: "",
        is_due: |_, _, _| false,
        run: |_| {
            std::thread::sleep(Duration::from_millis(300));
            Ok(json!({}))
        },
    };
    static JOB: Job = SLOW;
    let by = By::program(app.now());
    let ask = |patience| app.desk.ask(&app, &JOB, by, Duration::from_millis(patience));
    assert!(matches!(ask(0).unwrap(), Answer::Done(_)), "nobody is there to do it, so it is done at once");

    let scheduler = jobs::start(Arc::clone(&app)).unwrap();
    assert!(matches!(ask(0).unwrap(), Answer::Later));
    assert!(matches!(ask(0), Err(luckygas::Error::Conflict { .. })), "once is enough");
    while last(&app, "slow").len() < 2 || last(&app, "slow")[0].0.is_none() {
        std::thread::sleep(Duration::from_millis(10));
    }
    // Its row is finished a moment before the thread is back.
    let again = loop {
        match ask(60_000) {
            Err(luckygas::Error::Conflict { .. }) => std::thread::sleep(Duration::from_millis(10)),
            answer => break answer.unwrap(),
        }
    };
    assert!(matches!(again, Answer::Done(run) if run.outcome == Some(Outcome::Done)));
    app.stop();
    scheduler.stop();
    assert!(matches!(ask(0).unwrap(), Answer::Done(_)), "the thread is gone");
    assert_eq!(last(&app, "slow").len(), 4);
}

#[test]
fn the_scheduler_sleeps_and_leaves_at_once_when_asked() {
    let folder = Folder::new();
    let _lock = Lock::take(&folder.0).unwrap();
    let app = Arc::new(App::open(&folder.0, Clock::System).unwrap());
    let scheduler = jobs::start(Arc::clone(&app)).unwrap();
    let asked = std::time::Instant::now();
    app.stop();
    scheduler.stop();
    assert!(asked.elapsed().as_millis() < 1000);
}

/// `luckygas` with these words, on the data in `folder`.
fn luckygas(folder: &Folder, words: &[&str]) -> (Option<i32>, String, String) {
    let done = std::process::Command::new(env!("CARGO_BIN_EXE_luckygas"))
        .args(words)
        .args(["--data", folder.0.to_str().unwrap(), "--log", "error"])
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (done.status.code(), text(done.stdout), text(done.stderr))
}

#[test]
fn jobs_are_listed_and_run_from_the_command_line() {
    let folder = Folder::new();
    let (code, listed, _) = luckygas(&folder, &["jobs"]);
    assert_eq!(code, Some(0));
    assert!(listed.contains("archive") && listed.contains("還沒做過"), "{listed}");
    let (code, ran, _) = luckygas(&folder, &["jobs", "run", "archive"]);
    assert_eq!((code, ran.as_str()), (Some(0), "舊配送歸檔　完成 {\"moved\":0}\n"));
    for words in [&["jobs", "run"][..], &["jobs", "run", "nonsense"], &["jobs", "walk"], &["jobs", "run", "archive", "twice"]] {
        let (code, _, said) = luckygas(&folder, words);
        assert_eq!((code, said.lines().count()), (Some(2), 1), "{words:?}: {said}");
    }
}
