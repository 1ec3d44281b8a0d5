//! What the program does with copies by itself: one every hour in shop hours, one at night, and then a restore that is only
//! tried. A practice shop makes none by itself.

use serde_json::{Value, json};

use crate::app::App;
use crate::backups::list::Backup;
use crate::backups::{Kind, keep, make, places, store};
use crate::error::Result;
use crate::jobs::{JOBS, is_due_daily_at};
use crate::journal::By;
use crate::settings::Settings;
use crate::ui;
use crate::values::Stamp;

/// So many minutes after the night's copy it is tried.
const DRILL_AFTER: u16 = 8;
const DAY: u16 = 24 * 60;

/// Whether `label` is that of a job about copies.
pub fn is_called(label: &str) -> bool {
    let names = ["backup-night", "backup", "drill"];
    JOBS.iter().any(|job| names.contains(&job.name) && job.label == label)
}

/// At each full hour from the first to the last; one that was missed within them is made up for.
pub fn is_hour_due(settings: &Settings, last: Option<Stamp>, now: Stamp) -> bool {
    let hour = Stamp::taipei(now.day(), now.hour(), 0);
    let minute = (now.hour() * 60) as u16;
    let (from, to) = (settings.backup_from / 60 * 60, settings.backup_to);
    let is_open = if from <= to { from <= minute && minute <= to } else { from <= minute || minute <= to };
    !settings.is_practice && is_open && last.is_none_or(|last| last < hour || now < last)
}

pub fn is_night_due(settings: &Settings, last: Option<Stamp>, now: Stamp) -> bool {
    !settings.is_practice && is_due_daily_at(settings.backup_night, last, now)
}

pub fn is_drill_due(settings: &Settings, last: Option<Stamp>, now: Stamp) -> bool {
    !settings.is_practice && is_due_daily_at((settings.backup_night + DRILL_AFTER) % DAY, last, now)
}

/// A copy, unless there is a good one that holds all there is.
pub fn hourly(app: &App) -> Result<Value> {
    if !app.has_users()? {
        return Ok(json!({"say": NOBODY_YET}));
    }
    let newest = app.backups.newest_good(&app.folder).and_then(|backup| backup.manifest);
    let (journal, schema) = app.db.read(|conn| Ok((store::journal_position(conn)?, store::schema_version(conn)?)))?;
    if newest.is_some_and(|manifest| manifest.journal == journal && manifest.schema == schema) {
        return Ok(json!({"say": "沒有新的資料，不用再備份。"}));
    }
    made(app, Kind::Hourly)
}

/// A copy that is read from its first page to its last.
pub fn nightly(app: &App) -> Result<Value> {
    if !app.has_users()? {
        return Ok(json!({"say": NOBODY_YET}));
    }
    made(app, Kind::Nightly)
}

pub const NOBODY_YET: &str = "店還沒開好，沒有東西要備份。";

fn made(app: &App, kind: Kind) -> Result<Value> {
    let backup = make::make(app, kind, By::program(app.now()), &app.backups.progress)?;
    let removed = after(app, &backup);
    Ok(json!({"say": said(&backup), "name": backup.name.to_string(), "bytes": backup.bytes, "removed": removed}))
}

/// What comes after each copy: it goes to the second places that are there, and those no longer needed go. Nothing of it
/// makes the copy less good.
pub fn after(app: &App, backup: &Backup) -> usize {
    if let Err(error) = places::bring(app, backup) {
        log::error!("{error}");
    }
    keep::tidy(app).unwrap_or_else(|error| {
        log::error!("{error}");
        0
    })
}

/// `349,920 筆配送、13,295 位客戶，驗過。`
pub fn said(backup: &Backup) -> String {
    let tally = backup.manifest.as_ref().map(|manifest| &manifest.tally);
    tally.map_or_else(String::new, |tally| {
        format!("{} 筆配送、{} 位客戶，驗過。", ui::count(tally.deliveries()), ui::count(tally.customers()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: &str, hour: u32, minute: u32) -> Stamp {
        Stamp::taipei(day.parse().unwrap(), hour, minute)
    }

    #[test]
    fn a_copy_is_due_each_hour_the_shop_is_open() {
        let settings = Settings::default();
        let today = |hour, minute| at("2026-11-22", hour, minute);
        let cases = [
            (None, today(6, 59), false),
            (None, today(7, 0), true),
            (Some(today(7, 0)), today(7, 59), false),
            (Some(today(7, 0)), today(8, 0), true),
            (Some(today(8, 40)), today(9, 0), true),
            (Some(today(20, 0)), today(21, 30), true),
            (Some(today(20, 0)), today(22, 0), false),
            // Off since yesterday; and a clock that was a year ahead.
            (Some(at("2026-11-21", 17, 0)), today(8, 20), true),
            (Some(at("2027-11-21", 17, 0)), today(8, 20), true),
        ];
        for (last, now, due) in cases {
            assert_eq!(is_hour_due(&settings, last, now), due, "{last:?} {now}");
        }
        let night_shop = Settings { backup_from: 18 * 60, backup_to: 2 * 60, ..Settings::default() };
        for (hour, due) in [(17, false), (18, true), (23, true), (0, true), (2, true), (3, false)] {
            assert_eq!(is_hour_due(&night_shop, None, today(hour, 10)), due, "{hour}");
        }
        let practice = Settings { is_practice: true, ..Settings::default() };
        assert!(
            !is_hour_due(&practice, None, today(10, 0))
                && !is_night_due(&practice, None, today(10, 0))
                && !is_drill_due(&practice, None, today(10, 0))
        );
    }

    #[test]
    fn the_drill_follows_the_night() {
        let settings = Settings { backup_night: 23 * 60 + 55, ..Settings::default() };
        let (before, after) = (at("2026-11-22", 23, 56), at("2026-11-23", 0, 3));
        let last = Some(at("2026-11-22", 0, 3));
        assert!(is_night_due(&settings, Some(at("2026-11-21", 23, 55)), before));
        assert!(!is_drill_due(&settings, last, before));
        assert!(is_drill_due(&settings, last, after));
    }
}
