//! Everything `/metrics` says.

use std::sync::atomic::Ordering;

use crate::app::App;
use crate::db::{self, space};
use crate::error::Result;
use crate::health::counters::{CLASSES, Counters};
use crate::health::exposition::{Kind, Text};
use crate::health::{bytes_of, store};
use crate::jobs::{JOBS, Outcome};
use crate::values::Stamp;

/// The figures as of `now`.
pub fn text(app: &App, now: Stamp) -> Result<String> {
    let mut text = Text::default();
    program(&mut text, app);
    requests(&mut text, &app.counters);
    people(&mut text, app, now)?;
    file(&mut text, app);
    copies(&mut text, app, now);
    jobs(&mut text, app)?;
    Ok(text.finish())
}

fn program(text: &mut Text, app: &App) {
    let schema = db::VERSION.to_string();
    let labels = [("version", env!("CARGO_PKG_VERSION")), ("schema", schema.as_str()), ("sqlite", rusqlite::version())];
    text.family("luckygas_build_info", Kind::Gauge, "The program, its schema and its SQLite.").figure(&labels, 1);
    text.gauge("luckygas_uptime_seconds", "How long the shop has been open.", app.counters.uptime().as_secs());
}

fn requests(text: &mut Text, counters: &Counters) {
    let of_address = |place: usize| {
        let address = counters.addresses().get(place)?;
        let (method, path) = address.named.map_or(("", "other"), |(method, pattern)| (method.word(), pattern));
        Some((address, method, path)).filter(|(address, ..)| (0..CLASSES.len()).any(|class| 0 < address.of_class(class)))
    };
    let asked: Vec<_> = (0..counters.addresses().len()).filter_map(of_address).collect();
    let mut family = text.family("luckygas_http_requests_total", Kind::Counter, "Requests answered, by address and status.");
    for (address, method, path) in &asked {
        for (class, word) in CLASSES.iter().enumerate().filter(|(class, _)| 0 < address.of_class(*class)) {
            family.figure(&[("method", method), ("path", path), ("status", word)], address.of_class(class));
        }
    }
    let help = "What answering took inside the program, by address.";
    let mut family = text.family("luckygas_http_request_duration_seconds", Kind::Histogram, help);
    for (address, method, path) in &asked {
        family.histogram(&[("method", method), ("path", path)], &address.counted());
    }
    text.gauge("luckygas_http_requests_in_flight", "Requests being answered, this one among them.", counters.in_flight());
    let connections = counters.connections.load(Ordering::Relaxed);
    text.gauge("luckygas_http_connections", "Open connections, streams among them.", connections);
}

fn people(text: &mut Text, app: &App, now: Stamp) -> Result<()> {
    let (sessions, phones) = app.db.read(|conn| store::count_sessions(conn, now))?;
    text.gauge("luckygas_streams", "Pages that listen.", app.live.count());
    let mut family = text.family("luckygas_sessions", Kind::Gauge, "Sessions that have not run out, by device.");
    family.figure(&[("device", "phone")], phones);
    family.figure(&[("device", "pc")], sessions - phones);
    Ok(())
}

fn file(text: &mut Text, app: &App) {
    let timing = app.db.timing();
    text.histogram("luckygas_db_read_duration_seconds", "From asking for a reader to giving it back.", &timing.reads.counted());
    text.histogram("luckygas_db_write_duration_seconds", "From having the writer to giving it back.", &timing.writes.counted());
    text.histogram("luckygas_db_write_wait_seconds", "The queue before the writer.", &timing.waits.counted());
    text.counter("luckygas_db_slow_queries_total", "Statements over 100 ms.", db::slow_count());
    text.counter("luckygas_cache_hits_total", "Numbers of pages told from memory.", app.cache.hits());
    text.counter("luckygas_cache_misses_total", "Numbers of pages reckoned anew.", app.cache.misses());
    text.gauge("luckygas_db_wal_bytes", "The WAL beside the file.", app.db.wal_bytes());
    let mut family = text.family("luckygas_file_bytes", Kind::Gauge, "Files of the data folder.");
    for name in ["luckygas.db", "luckygas-photos.db"] {
        family.figure(&[("file", name)], bytes_of(&app.folder.join(name)));
    }
    if let Some(room) = space::room(&app.folder) {
        text.gauge("luckygas_disk_free_bytes", "Room for this program on the disk of the data folder.", room.free);
        text.gauge("luckygas_disk_bytes", "How large that disk is.", room.total);
    }
    text.gauge("luckygas_read_only", "1 while the shop can only be looked at.", u8::from(app.db.is_held()));
}

fn copies(text: &mut Text, app: &App, now: Stamp) {
    let copies = app.backups.list(&app.folder);
    text.gauge("luckygas_backups", "Copies in the folder.", copies.len());
    let seconds = |at: Stamp| at.0 / 1000;
    if let Some(newest) = app.backups.newest_good(&app.folder) {
        let help = "How old the newest proved copy is.";
        text.gauge("luckygas_backup_age_seconds", help, (seconds(now) - seconds(newest.name.at())).max(0));
        text.gauge("luckygas_backup_bytes", "How large it is.", newest.bytes);
        if let Some(proved) = newest.manifest.as_ref().and_then(|manifest| manifest.proved_at) {
            text.gauge("luckygas_backup_proved_timestamp_seconds", "When it was proved, in seconds since 1970.", seconds(proved));
        }
    }
    if let Some(drilled) = copies.iter().filter_map(|copy| copy.manifest.as_ref()?.drilled_at).max() {
        let help = "When a copy was last really restored and asked, in seconds since 1970.";
        text.gauge("luckygas_backup_drilled_timestamp_seconds", help, seconds(drilled));
    }
}

fn jobs(text: &mut Text, app: &App) -> Result<()> {
    let mut family = text.family("luckygas_job_runs_total", Kind::Counter, "Runs of jobs, by how they ended.");
    for job in app.counters.jobs() {
        for outcome in [Outcome::Done, Outcome::Failed] {
            family.figure(&[("job", job.name), ("outcome", outcome.word())], job.runs(outcome));
        }
    }
    let done = app.db.read(|conn| JOBS.iter().map(|job| store::last_done(conn, job.name)).collect::<Result<Vec<_>>>())?;
    let help = "When the last run began that came to its end, in seconds since 1970.";
    let mut family = text.family("luckygas_job_last_success_timestamp_seconds", Kind::Gauge, help);
    for (job, done) in JOBS.iter().zip(done) {
        if let Some(done) = done {
            family.figure(&[("job", job.name)], done.0 / 1000);
        }
    }
    Ok(())
}
