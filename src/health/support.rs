//! The support file: one text that says how the program fares, for whoever helps. Nothing in it is about people: it is put
//! together from what cannot be (figures, the schema, the program's own words), and what the log may have quoted all the
//! same, the names of those who work here and where the folder lies, is taken out.

use std::fmt::Write as _;
use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;

use crate::app::App;
use crate::backups::places;
use crate::db::{self, slow_queries};
use crate::error::Result;
use crate::health::pages::Sizes;
use crate::health::{hours, metrics, six, store};
use crate::jobs::{self, JOBS, Run};
use crate::logs;
use crate::settings::Settings;
use crate::values::Stamp;

/// Runs of each job.
const RUNS: i64 = 20;
/// Of the log files' end.
const LOG_BYTES: u64 = 512 << 10;
/// What stands where something was taken out.
const TAKEN_OUT: &str = "[…]";

/// The file as of `now`.
pub fn text(app: &App, now: Stamp) -> Result<String> {
    let metrics = metrics::text(app, now)?;
    let (mut text, secrets) = app.db.read(|conn| {
        let mut text = Text::default();
        head(&mut text, app, conn, now)?;
        file(&mut text, app, conn)?;
        choices(&mut text, &app.settings());
        runs(&mut text, conn)?;
        month(&mut text, conn, now)?;
        Ok((text, Secrets::of(app, conn)?))
    })?;
    troubles(&mut text);
    text.part("metrics");
    text.line(metrics.trim_end());
    text.part("log");
    text.line(logs::tail(&app.folder, LOG_BYTES).trim_end());
    text.part("schema");
    for sql in app.db.read(store::schema)? {
        text.line(&format!("{sql};"));
    }
    Ok(secrets.taken_out(&text.0))
}

#[derive(Default)]
struct Text(String);

impl Text {
    fn part(&mut self, name: &str) {
        let _ = write!(self.0, "\n== {name}\n");
    }

    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn fact(&mut self, name: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "{name}: {value}");
    }
}

fn head(text: &mut Text, app: &App, conn: &Connection, now: Stamp) -> Result<()> {
    let sentences = six::sentences_of(app, conn, now)?;
    text.line("luckygas support file: no names, phones or addresses");
    text.fact("code", six::code(&sentences));
    text.fact("version", env!("CARGO_PKG_VERSION"));
    text.fact("schema", db::VERSION);
    text.fact("sqlite", rusqlite::version());
    text.fact("system", format_args!("{} {}", std::env::consts::OS, std::env::consts::ARCH));
    text.fact("now", now);
    text.fact("uptime_s", app.counters.uptime().as_secs());
    text.part("sentences");
    for (number, sentence) in (1..).zip(&sentences) {
        text.line(&format!("{number} {} {}", sentence.state.word(), sentence.title));
        text.line(&format!("  {}", sentence.detail));
    }
    Ok(())
}

fn file(text: &mut Text, app: &App, conn: &Connection) -> Result<()> {
    text.part("sizes");
    let sizes = Sizes::of(app);
    for (name, bytes) in [("db", sizes.db), ("wal", sizes.wal), ("photos", sizes.photos), ("backups", sizes.backups), ("logs", sizes.logs)]
    {
        text.fact(name, bytes);
    }
    if let Some(room) = db::space::room(&app.folder) {
        text.fact("disk_free", room.free);
        text.fact("disk", room.total);
    }
    text.fact("held", format_args!("{:?}", app.db.held()));
    text.part("rows");
    for (table, rows) in store::row_counts(conn)? {
        text.fact(&table, rows);
    }
    text.part("pragmas");
    for (name, value) in store::pragmas(conn)? {
        text.fact(&name, value);
    }
    text.part("backups");
    for backup in app.backups.list(&app.folder) {
        let manifest = backup.manifest.as_ref();
        let at = |at: Option<Stamp>| at.map_or("-".to_owned(), |at| at.to_string());
        let (proved, drilled) = (at(manifest.and_then(|one| one.proved_at)), at(manifest.and_then(|one| one.drilled_at)));
        let schema = manifest.map_or("-".to_owned(), |one| one.schema.to_string());
        text.line(&format!("{} bytes={} schema={schema} proved={proved} drilled={drilled}", backup.name, backup.bytes));
    }
    Ok(())
}

/// Numbers and words of the program. A name, a folder or anything else a person has typed is none.
fn choices(text: &mut Text, settings: &Settings) {
    text.part("settings");
    text.fact("is_practice", settings.is_practice);
    for choice in settings.choices().iter().filter(|choice| choice.name != "shop_name") {
        let is_plain = choice.value.len() <= 20 && choice.value.bytes().all(|byte| byte.is_ascii_digit() || b"._:".contains(&byte));
        let is_word = choice.name == "network";
        text.fact(choice.name, if is_plain || is_word { choice.value.as_str() } else { TAKEN_OUT });
    }
}

fn runs(text: &mut Text, conn: &Connection) -> Result<()> {
    text.part("jobs");
    for job in JOBS {
        for run in jobs::store::runs_of(conn, job.name, RUNS)? {
            let ms = run.finished_at.map_or("-".to_owned(), |at| (at.0 - run.started_at.0).to_string());
            let outcome = run.outcome.map_or("running", |outcome| outcome.word());
            text.line(&format!("{} {} {outcome} ms={ms} {}", run.started_at, job.name, counts(&run)));
        }
    }
    Ok(())
}

/// The numbers a run counted, and its error in the log's words; what it said to people may name them.
fn counts(run: &Run) -> String {
    let counts = run.counts.as_object().into_iter().flatten();
    let told = counts.filter_map(|(name, value)| match value {
        Value::Number(number) => Some(format!("{name}={number}")),
        Value::String(error) if name == "error" => Some(format!("error=\"{error}\"")),
        _ => None,
    });
    told.collect::<Vec<_>>().join(" ")
}

fn month(text: &mut Text, conn: &Connection, now: Stamp) -> Result<()> {
    text.part("hours");
    let hour = hours::hour_of(now);
    for hour in store::hours(conn, hour - hours::KEPT_HOURS, hour)? {
        text.line(&format!("{} {}", hours::began(hour.hour), hour.figures.to_json()));
    }
    Ok(())
}

fn troubles(text: &mut Text) {
    text.part("slow queries");
    for query in slow_queries() {
        text.line(&format!("{} ms={} {}", query.at, query.took_ms, query.name));
    }
    text.part("troubles");
    for trouble in logs::troubles() {
        text.line(&format!("{} {} {}", trouble.at, trouble.level, trouble.text));
    }
}

/// What must not stand in the file, whoever wrote it into the log.
struct Secrets(Vec<String>);

impl Secrets {
    fn of(app: &App, conn: &Connection) -> Result<Secrets> {
        let mut secrets = store::names(conn)?;
        for place in places::store::list(conn)? {
            secrets.extend([place.label, place.folder.display().to_string()]);
        }
        secrets.push(app.settings().shop_name.clone());
        let home = std::env::var("HOME").or_else(|_| std::env::var("USERPROFILE")).unwrap_or_default();
        let whole = std::fs::canonicalize(&app.folder).unwrap_or_default();
        secrets.extend([app.folder.as_path(), &whole, Path::new(&home)].map(|path| path.display().to_string()));
        // A single letter or a slash would take half the file with it. The longest first: a folder before the one it lies in.
        secrets.retain(|secret| 2 <= secret.chars().count());
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        Ok(Secrets(secrets))
    }

    fn taken_out(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| without(&text, secret))
    }
}

/// `text` with `secret` taken out where it stands as a word of its own: `lin` is not in `online`.
fn without(text: &str, secret: &str) -> String {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '_');
    let mut left = String::with_capacity(text.len());
    let mut from = 0;
    for (at, found) in text.match_indices(secret) {
        let end = at + found.len();
        let begins = !is_word(text[..at].chars().next_back()) || !is_word(secret.chars().next());
        let ends = !is_word(text[end..].chars().next()) || !is_word(secret.chars().next_back());
        if begins && ends {
            left.push_str(&text[from..at]);
            left.push_str(TAKEN_OUT);
            from = end;
        }
    }
    left.push_str(&text[from..]);
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_taken_out_where_it_is_a_word() {
        let cases = [
            ("user lin is online", "lin", "user […] is online"),
            ("/home/lin/shop/luckygas.db", "/home/lin", "[…]/shop/luckygas.db"),
            ("找不到王小明的單", "王小明", "找不到[…]的單"),
            ("lin", "lin", "[…]"),
            ("linlin lin", "lin", "linlin […]"),
            ("nothing", "lin", "nothing"),
        ];
        for (text, secret, left) in cases {
            assert_eq!(without(text, secret), left);
        }
    }
}
