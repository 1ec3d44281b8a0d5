//! Which copies are kept. A row of hours, days, weeks and months back from the newest; what somebody made by hand, brought in
//! or what was set aside before a change stays by its number and age.
//!
//! Invariants
//! - The newest good copy is never removed, and so never the only one.
//! - Only a good copy takes a place; one that is not good never keeps a good one from its own.
//! - A copy from the future is left alone: the clock may have been wrong when it was made, or be wrong now.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::app::App;
use crate::backups::list::{AHEAD_MINUTES, Backup};
use crate::backups::{self, Kind, Name};
use crate::error::{Doing, Result};
use crate::settings::Settings;
use crate::values::{Day, Stamp};

/// Of what was made by hand so many stay.
const BY_HAND: usize = 30;
/// Of what was set aside before an upgrade or a restore, or brought in: so many, and all of the last days.
const SET_ASIDE: usize = 5;
const SET_ASIDE_DAYS: i64 = 60;
/// Copies that could not be proved, kept as evidence.
const EVIDENCE: usize = 3;

/// How many copies of hours, days, weeks and months stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    pub hourly: usize,
    pub daily: usize,
    pub weekly: usize,
    pub monthly: usize,
}

impl From<&Settings> for Keep {
    fn from(settings: &Settings) -> Keep {
        Keep {
            hourly: settings.keep_hourly.into(),
            daily: settings.keep_daily.into(),
            weekly: settings.keep_weekly.into(),
            monthly: settings.keep_monthly.into(),
        }
    }
}

/// Removes what need not be kept; gives how many.
pub fn tidy(app: &App) -> Result<usize> {
    let _alone = app.backups.alone();
    app.backups.look(&app.folder);
    let backups = app.backups.list(&app.folder);
    let known: Vec<(Name, bool)> = backups.iter().map(|backup| (backup.name.clone(), backup.is_good())).collect();
    let surplus = surplus(&known, Keep::from(&*app.settings()), app.now());
    let mut removed = 0;
    for Backup { path, name, .. } in backups.iter().filter(|backup| surplus.contains(&backup.name)) {
        match fs::remove_file(path) {
            Ok(()) => removed += 1,
            Err(error) => log::warn!("a copy stays name={name}: {error}"),
        }
    }
    if 0 < removed {
        app.backups.look(&app.folder);
    }
    tidy_evidence(&backups::folder(&app.folder));
    Ok(removed)
}

/// Of copies that were not good, the latest stay.
fn tidy_evidence(folder: &Path) {
    for path in evidence(folder).iter().skip(EVIDENCE) {
        let _ = fs::remove_file(path);
    }
}

/// The copies in `folder` that were not good, the latest first.
pub fn evidence(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let is_evidence = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".bad"));
        name.is_some_and(|name| Name::parse(name).is_some())
    };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_evidence).collect();
    paths.sort_unstable_by(|a, b| b.cmp(a));
    paths
}

/// Those of `copies`, each with whether it is good, that need not be kept any more.
pub fn surplus(copies: &[(Name, bool)], keep: Keep, now: Stamp) -> BTreeSet<Name> {
    let ahead = now.plus_minutes(AHEAD_MINUTES);
    // The newest first.
    let past: BTreeMap<std::cmp::Reverse<&Name>, bool> =
        copies.iter().filter(|(name, _)| name.at() <= ahead).map(|(name, is_good)| (std::cmp::Reverse(name), *is_good)).collect();
    let past: Vec<(&Name, bool)> = past.into_iter().map(|(name, is_good)| (name.0, is_good)).collect();
    let is_young = |name: &Name| now.plus_minutes(-SET_ASIDE_DAYS * 24 * 60) < name.at();

    let mut kept: BTreeSet<&Name> = copies.iter().map(|(name, _)| name).filter(|name| ahead < name.at()).collect();
    kept.extend(past.iter().find(|(_, is_good)| *is_good).map(|(name, _)| *name));
    for kind in Kind::ALL {
        let of_kind = || past.iter().filter(|(name, _)| name.kind == *kind).map(|(name, _)| *name);
        match kind {
            Kind::Hourly | Kind::Nightly => {
                kept.extend(past.iter().filter(|(name, is_good)| name.kind == *kind && !is_good && is_young(name)).map(|(name, _)| *name))
            }
            Kind::Manual => kept.extend(of_kind().take(BY_HAND)),
            Kind::Upgrade | Kind::Replaced | Kind::Uploaded => {
                kept.extend(of_kind().take(SET_ASIDE));
                kept.extend(of_kind().filter(|name| is_young(name)));
            }
        }
    }
    let by_itself: Vec<&Name> = past
        .iter()
        .filter(|(name, is_good)| *is_good && matches!(name.kind, Kind::Hourly | Kind::Nightly))
        .map(|(name, _)| *name)
        .collect();
    kept.extend(first_of_each(by_itself.iter().copied(), keep.hourly, |name| (name.day, name.second / 3600)));
    // Of a day the night's stays, which was checked in full; of a week and a month the copy of its last day.
    let mut days: BTreeMap<std::cmp::Reverse<Day>, &Name> = BTreeMap::new();
    for name in &by_itself {
        let of_day = days.entry(std::cmp::Reverse(name.day)).or_insert(name);
        if of_day.kind == Kind::Hourly && name.kind == Kind::Nightly {
            *of_day = name;
        }
    }
    let days: Vec<&Name> = days.into_values().collect();
    kept.extend(first_of_each(days.iter().copied(), keep.daily, |name| name.day));
    kept.extend(first_of_each(days.iter().copied(), keep.weekly, |name| name.day.plus(1 - i64::from(name.day.weekday()))));
    kept.extend(first_of_each(days.iter().copied(), keep.monthly, |name| name.day.month()));
    copies.iter().map(|(name, _)| name).filter(|name| !kept.contains(name)).cloned().collect()
}

/// The first of each of the first `count` spans.
fn first_of_each<'a, S: PartialEq>(names: impl Iterator<Item = &'a Name>, count: usize, span: impl Fn(&Name) -> S) -> Vec<&'a Name> {
    let mut first: Vec<&Name> = Vec::new();
    for name in names {
        if first.last().is_none_or(|last| span(last) != span(name)) {
            if first.len() == count {
                break;
            }
            first.push(name);
        }
    }
    first
}

/// A copy that was found damaged since is set aside: kept, and no copy any more.
pub fn set_aside(app: &App, backup: &Backup) -> Result<()> {
    let _alone = app.backups.alone();
    let mut aside = backup.path.as_os_str().to_owned();
    aside.push(".bad");
    fs::rename(&backup.path, aside).doing("set a damaged copy aside")?;
    app.backups.look(&app.folder);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEEP: Keep = Keep { hourly: 24, daily: 14, weekly: 8, monthly: 24 };

    fn at(day: &str, hour: u32, minute: u32) -> Stamp {
        Stamp::taipei(day.parse().unwrap(), hour, minute)
    }

    /// A shop that is open from 07 to 21 and keeps house after each copy, for so many days.
    fn live_for(days: i64, keep: Keep) -> Vec<(Name, bool)> {
        let first: Day = "2024-01-01".parse().unwrap();
        let mut copies: Vec<(Name, bool)> = Vec::new();
        for day in 0..days {
            let hours = (7..=21).map(|hour| (hour, 0, Kind::Hourly));
            for (hour, minute, kind) in std::iter::once((3, 12, Kind::Nightly)).chain(hours) {
                let now = Stamp::taipei(first.plus(day), hour, minute);
                copies.push((Name::new(now, kind), true));
                let surplus = surplus(&copies, keep, now);
                copies.retain(|(name, _)| !surplus.contains(name));
            }
        }
        copies
    }

    #[test]
    fn two_years_keep_their_hours_days_weeks_and_months() {
        let copies = live_for(731, KEEP);
        let names: Vec<String> = copies.iter().map(|(name, _)| name.to_string()).collect();
        let nights = copies.iter().filter(|(name, _)| name.kind == Kind::Nightly).count();
        // 24 hours, 14 days of which two are among them, and the nights of weeks and months before.
        assert_eq!(copies.len() - nights, 23, "{names:#?}");
        for kept in [
            "20251231-031200",
            "20251218-031200",
            "20251214-031200",
            "20251116-031200",
            "20251031-031200",
            "20250228-031200",
            "20240229-031200",
        ] {
            assert!(names.iter().any(|name| name.contains(kept)), "{kept}: {names:#?}");
        }
        assert!(!names.iter().any(|name| name.contains("20251217")), "a day too old, in the middle of a week: {names:#?}");
        assert!((40..=24 + 14 + 8 + 24).contains(&copies.len()), "{}", copies.len());
    }

    #[test]
    fn what_was_set_aside_or_made_by_hand_stays_by_its_number_and_age() {
        let now = at("2026-11-22", 10, 0);
        let of = |kind, count: i64| -> Vec<(Name, bool)> {
            (0..count).map(|day| (Name::new(now.plus_minutes(-day * 24 * 60), kind), true)).collect()
        };
        for (kind, left) in [(Kind::Manual, 30), (Kind::Upgrade, 60), (Kind::Replaced, 60), (Kind::Uploaded, 60)] {
            let copies = of(kind, 90);
            assert_eq!(90 - surplus(&copies, KEEP, now).len(), left, "{kind:?}");
        }
        let long_ago: Vec<(Name, bool)> =
            (0..9).map(|year| (Name::new(at("2010-01-01", 1, 0).plus_minutes(year * 525_600), Kind::Upgrade), true)).collect();
        assert_eq!(9 - surplus(&long_ago, KEEP, now).len(), 5);
    }

    #[test]
    fn one_that_is_not_good_takes_nobodys_place() {
        let now = at("2026-11-22", 10, 0);
        let good = Name::new(at("2026-11-01", 3, 12), Kind::Nightly);
        let mut copies = vec![(good.clone(), true)];
        copies.extend((0..100).map(|hour| (Name::new(now.plus_minutes(-hour * 60), Kind::Hourly), false)));
        let none = Keep { hourly: 0, daily: 0, weekly: 0, monthly: 0 };
        assert_eq!(surplus(&copies, none, now).into_iter().find(|name| *name == good), None);
        assert!(surplus(&copies, KEEP, now).is_empty(), "nothing of the last weeks is thrown away unproved");
    }

    fn some_copies() -> impl Strategy<Value = Vec<(Name, bool)>> {
        // Minutes around a day in 2026: most within the last years, some from a clock that was wrong.
        let minute = prop_oneof![8 => -1_000_000i64..0, 1 => -30_000_000i64..-1_000_000, 1 => 0i64..10_000_000];
        let one = (minute, 0..Kind::ALL.len(), proptest::bool::weighted(0.8));
        proptest::collection::vec(one, 0..120).prop_map(|ones| {
            let now = at("2026-11-22", 10, 0);
            ones.into_iter().map(|(minute, kind, is_good)| (Name::new(now.plus_minutes(minute), Kind::ALL[kind]), is_good)).collect()
        })
    }

    proptest! {
        #[test]
        fn the_newest_good_one_stays_whatever_the_clock_did(copies in some_copies(), jump in -30_000_000i64..30_000_000, counts in [0usize..5, 0..5, 0..5, 0..5]) {
            let now = at("2026-11-22", 10, 0).plus_minutes(jump);
            let keep = Keep { hourly: counts[0], daily: counts[1], weekly: counts[2], monthly: counts[3] };
            let surplus = surplus(&copies, keep, now);
            let newest_good = copies.iter().filter(|(_, is_good)| *is_good).map(|(name, _)| name).max();
            if let Some(newest) = newest_good {
                prop_assert!(!surplus.contains(newest), "{newest} of {copies:?}");
            }
            let ahead = now.plus_minutes(AHEAD_MINUTES);
            prop_assert!(surplus.iter().all(|name| name.at() <= ahead));
            // The newest one the clock knows of stays too.
            if let Some(newest) = copies.iter().filter(|(name, is_good)| *is_good && name.at() <= ahead).map(|(name, _)| name).max() {
                prop_assert!(!surplus.contains(newest));
            }
            // Asked again nothing more goes.
            let left: Vec<(Name, bool)> = copies.iter().filter(|(name, _)| !surplus.contains(name)).cloned().collect();
            prop_assert_eq!(super::surplus(&left, keep, now), BTreeSet::new());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn what_the_program_makes_by_itself_never_grows_without_end(days in 1i64..60, hourly in 0usize..30, daily in 0usize..20) {
            let keep = Keep { hourly, daily, weekly: 2, monthly: 2 };
            prop_assert!(live_for(days, keep).len() <= hourly + daily + 5);
        }
    }
}
