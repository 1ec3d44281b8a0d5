//! How each hour was, kept for a month: how fast the program answered, what went wrong, how large its files were. Written
//! when the hour is over and when the shop closes; what is left of the hour after the next start is added to it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use serde_json::{Map, Value, json};

use crate::app::App;
use crate::db::{self, space};
use crate::error::Result;
use crate::health::counters::FINE;
use crate::health::{self, store};
use crate::histogram::Counted;
use crate::values::Stamp;

const HOUR_MS: i64 = 3_600_000;

/// How long an hour is kept.
pub const KEPT_HOURS: i64 = 31 * 24;

/// One hour, or as much of it as the program ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hour {
    /// Hours since 1970 in UTC.
    pub hour: i64,
    pub figures: Figures,
}

/// What happened, and how things stood at the end; what is `None` was not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// How long requests took: how many up to each bound in microseconds; above the last of them stands under the greatest
    /// number there is.
    pub took: BTreeMap<u64, u64>,
    /// Answers that said we had failed.
    pub failures: u64,
    /// Statements over 100 ms.
    pub slow: u64,
    pub writes: u64,
    /// The most people who had a page open at once.
    pub people: u64,
    pub db_bytes: u64,
    pub wal_bytes: u64,
    pub photos_bytes: u64,
    /// Copies in the folder.
    pub copies: u64,
    pub disk_free: Option<u64>,
    /// How old the newest proved copy was.
    pub backup_age_s: Option<i64>,
}

/// Up to where everything counted stands in an hour already.
#[derive(Debug, Default)]
pub struct Mark {
    began: OnceLock<(Stamp, Instant)>,
    told: Mutex<Option<Told>>,
}

#[derive(Clone, Debug)]
struct Told {
    at: Stamp,
    took: Counted,
    failures: u64,
    slow: u64,
    writes: u64,
}

impl Mark {
    /// Counting begins `at`; what the process counted for a shop before this one is not this one's.
    pub fn begin(&self, at: Stamp) {
        let took = Counted { bounds: FINE, counts: vec![0; FINE.len() + 1], sum_us: 0 };
        let _ = self.began.set((at, Instant::now()));
        *self.told() = Some(Told { at, took, failures: 0, slow: db::slow_count(), writes: 0 });
    }

    /// By how many minutes the clock says less than has gone by since counting began; nothing when it says more, for a PC
    /// may have slept.
    pub fn set_back_minutes(&self, now: Stamp) -> i64 {
        self.began.get().map_or(0, |(at, since)| at.plus_ms(since.elapsed().as_millis() as i64).minutes_since(now).max(0))
    }

    fn told(&self) -> MutexGuard<'_, Option<Told>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The hour `at` lies in.
pub fn hour_of(at: Stamp) -> i64 {
    at.0.div_euclid(HOUR_MS)
}

/// When `hour` began.
pub fn began(hour: i64) -> Stamp {
    Stamp(hour * HOUR_MS)
}

/// Adds what was counted since the last time to the hour that was running then, and forgets hours from long ago.
pub fn keep(app: &App) -> Result<()> {
    let now = app.now();
    let mut told = app.hours.told();
    let counters = &app.counters;
    let fresh = Told {
        at: now,
        took: counters.all.counted(),
        failures: counters.failures(),
        slow: db::slow_count(),
        writes: app.db.timing().writes.counted().total(),
    };
    // Nobody said when counting began: the hour it was kept first is as good as any.
    let before = told.get_or_insert_with(|| fresh.clone());
    let took = fresh.took.since(&before.took);
    let bounds = took.bounds.iter().copied().chain([u64::MAX]);
    let figures = Figures {
        took: bounds.zip(took.counts).filter(|(_, count)| 0 < *count).collect(),
        failures: fresh.failures - before.failures,
        slow: fresh.slow - before.slow,
        writes: fresh.writes - before.writes,
        people: app.live.most_people() as u64,
        db_bytes: health::bytes_of(app.db.path()),
        wal_bytes: app.db.wal_bytes(),
        photos_bytes: health::bytes_of(&app.folder.join("luckygas-photos.db")),
        copies: app.backups.list(&app.folder).len() as u64,
        disk_free: space::free_bytes(&app.folder),
        backup_age_s: app.backups.newest_good(&app.folder).map(|backup| (now.0 - backup.name.at().0) / 1000),
    };

    app.db.write(|tx| {
        let hour = hour_of(before.at);
        let kept = store::hour(tx, hour)?;
        store::set_hour(tx, &Hour { hour, figures: kept.map_or(figures.clone(), |kept| kept.and_then(&figures)) })?;
        store::forget_hours_before(tx, hour_of(now) - KEPT_HOURS)
    })?;

    *told = Some(fresh);
    app.live.forget_most_people();
    Ok(())
}

impl Figures {
    /// This and what came after it in the same hour.
    pub fn and_then(mut self, later: &Figures) -> Figures {
        for (bound, count) in &later.took {
            *self.took.entry(*bound).or_default() += count;
        }
        Figures {
            took: self.took,
            failures: self.failures + later.failures,
            slow: self.slow + later.slow,
            writes: self.writes + later.writes,
            people: self.people.max(later.people),
            ..later.clone()
        }
    }

    pub fn requests(&self) -> u64 {
        self.took.values().sum()
    }

    /// How many microseconds the given share of the requests took at most; `None` when there were none.
    pub fn within_us(&self, share: f64) -> Option<u64> {
        let mut counts = vec![0; FINE.len() + 1];
        for (bound, count) in &self.took {
            // A bound of another version falls under the next of ours.
            counts[FINE.partition_point(|ours| ours < bound)] += count;
        }
        Counted { bounds: FINE, counts, sum_us: 0 }.within_us(share)
    }

    pub fn to_json(&self) -> Value {
        let took: Map<String, Value> = self.took.iter().map(|(bound, count)| (bound.to_string(), json!(count))).collect();
        // The shares stand there for whoever opens the file with another program.
        json!({
            "requests": self.requests(),
            "p50_us": self.within_us(0.5),
            "p95_us": self.within_us(0.95),
            "p99_us": self.within_us(0.99),
            "failures": self.failures,
            "slow": self.slow,
            "writes": self.writes,
            "people": self.people,
            "db_bytes": self.db_bytes,
            "wal_bytes": self.wal_bytes,
            "photos_bytes": self.photos_bytes,
            "copies": self.copies,
            "disk_free_bytes": self.disk_free,
            "backup_age_s": self.backup_age_s,
            "took_us": took,
        })
    }

    /// What is missing is 0, or not known.
    pub fn from_json(value: &Value) -> Figures {
        let count = |name: &str| value[name].as_u64().unwrap_or(0);
        let took = value["took_us"].as_object().into_iter().flatten();
        Figures {
            took: took.filter_map(|(bound, count)| Some((bound.parse().ok()?, count.as_u64()?))).collect(),
            failures: count("failures"),
            slow: count("slow"),
            writes: count("writes"),
            people: count("people"),
            db_bytes: count("db_bytes"),
            wal_bytes: count("wal_bytes"),
            photos_bytes: count("photos_bytes"),
            copies: count("copies"),
            disk_free: value["disk_free_bytes"].as_u64(),
            backup_age_s: value["backup_age_s"].as_i64(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(took: &[(u64, u64)], failures: u64, people: u64, db_bytes: u64) -> Figures {
        Figures { took: took.iter().copied().collect(), failures, people, db_bytes, disk_free: Some(7), ..Figures::default() }
    }

    #[test]
    fn two_parts_of_an_hour_are_one() {
        let early = figures(&[(1_000, 90), (50_000, 1)], 1, 5, 100);
        let late = figures(&[(1_000, 8), (u64::MAX, 1)], 2, 3, 200);
        let hour = early.and_then(&late);
        assert_eq!(hour, figures(&[(1_000, 98), (50_000, 1), (u64::MAX, 1)], 3, 5, 200));
        assert_eq!((hour.requests(), hour.within_us(0.5), hour.within_us(0.99)), (100, Some(878), Some(50_000)));
    }

    #[test]
    fn an_hour_is_read_back_as_written_and_knows_what_it_does_not_know() {
        let hour = figures(&[(1_000, 90), (u64::MAX, 1)], 1, 5, 100);
        assert_eq!(Figures::from_json(&hour.to_json()), hour);
        assert_eq!(Figures::from_json(&json!({})), Figures::default());
        assert_eq!(Figures::default().to_json()["p99_us"], Value::Null);
        // Written by a program with other bounds.
        let other = Figures::from_json(&json!({"took_us": {"1100": 3, "99999999": 1}}));
        assert_eq!((other.requests(), other.within_us(0.5)), (4, Some(1_333)));
    }
}
