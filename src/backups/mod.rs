//! Copies of the shop's file, each proved by opening it and counting it again; and the way back from one.
//!
//! Invariants
//! - A copy is one consistent file of one moment, made while people work; the live file is never copied as a file.
//! - What a copy holds was counted in the same snapshot it was made from, and counted again in the copy.
//! - A copy is sealed with a sum of all its bytes, so that what rots on a disk is seen.
//! - The newest good copy is never removed by the program.
//! - A copy has its name only once it is whole: until then it is a `.part`, which the next start removes.

pub mod api;
pub mod bring;
pub mod drill;
pub mod in_and_out;
pub mod jobs;
pub mod keep;
pub mod key_pages;
pub mod list;
pub mod lock_up;
pub mod make;
pub mod manifest;
pub mod pages;
mod part;
pub mod places;
pub mod prove;
pub mod restore;
pub mod seal;
pub mod settings_pages;
pub mod shelf;
mod since;
pub mod still;
pub mod store;
pub mod tally;
pub mod views;

use std::fmt;
use std::path::{Path, PathBuf};

use crate::error::Noun;
use crate::values::choice::choice;
use crate::values::{Day, Stamp};

pub const NOUN: Noun = Noun { word: "backup", label: "備份" };

choice! {
    /// Why there is a copy. The word stands in its name.
    Kind {
        /// The job, in the hours the shop is open.
        Hourly = "hourly", "每小時";
        /// The job at night; of these are the daily, weekly and monthly ones kept.
        Nightly = "nightly", "每晚";
        /// Somebody asked for it.
        Manual = "manual", "手動";
        /// Before a newer program changed the file.
        Upgrade = "upgrade", "更新前";
        /// The file that stood in the folder before another was restored.
        Replaced = "replaced", "還原前";
        /// Brought in from outside.
        Uploaded = "uploaded", "帶進來的";
    }
}

/// The name of a copy: `luckygas-20261122-031205-nightly.db`. It sorts by the moment, which is Taiwan's, and says what it is.
/// `.age` behind it: locked with the passphrase.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    pub day: Day,
    /// Seconds since midnight.
    pub second: u32,
    pub kind: Kind,
    pub is_locked: bool,
}

impl Name {
    pub fn new(at: Stamp, kind: Kind) -> Name {
        let second = at.0.div_euclid(1000).rem_euclid(60) as u32;
        Name { day: at.day(), second: at.hour() * 3600 + at.minute() * 60 + second, kind, is_locked: false }
    }

    /// The moment in it, to the second.
    pub fn at(&self) -> Stamp {
        Stamp::taipei(self.day, self.second / 3600, self.second / 60 % 60).plus_ms(i64::from(self.second % 60) * 1000)
    }

    /// The copy called `text`; `None` for any other file, a `.part` among them.
    pub fn parse(text: &str) -> Option<Name> {
        let (rest, is_locked) = match text.strip_suffix(".age") {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let mut parts = rest.strip_prefix("luckygas-")?.strip_suffix(".db")?.splitn(3, '-');
        let (day, time, kind) = (parts.next()?, parts.next()?, parts.next()?);
        let digits = |text: &str, count: usize| {
            (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse::<u32>().ok())?
        };
        let (day, time) = (digits(day, 8)?, digits(time, 6)?);
        let (hour, minute, second) = (time / 10_000, time / 100 % 100, time % 100);
        if 24 <= hour || 60 <= minute || 60 <= second {
            return None;
        }
        let day = Day::new((day / 10_000) as i32, day / 100 % 100, day % 100)?;
        Some(Name { day, second: hour * 3600 + minute * 60 + second, kind: Kind::from_word(kind)?, is_locked })
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "luckygas-{}-{}.db{}", moment(self.at()), self.kind.word(), if self.is_locked { ".age" } else { "" })
    }
}

/// `20261122-031205`: a moment in Taiwan as it stands in names, which sort by it.
pub fn moment(at: Stamp) -> String {
    format!("{}-{}", at.day().to_string().replace('-', ""), at.clock_seconds().replace(':', ""))
}

/// A name of `kind` nobody has among the copies of the shop in `folder`: of the moment `at`, or the next second that is free.
pub fn free_name(folder: &Path, at: Stamp, kind: Kind) -> Name {
    let mut at = at;
    loop {
        let name = Name::new(at, kind);
        if !self::folder(folder).join(name.to_string()).exists() {
            return name;
        }
        at = at.plus_ms(1_000);
    }
}

/// Where the copies of the shop in `folder` are.
pub fn folder(folder: &Path) -> PathBuf {
    folder.join("backups")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_sorts_and_says_what_it_is() {
        let at = Stamp::taipei("2026-11-22".parse().unwrap(), 3, 12).plus_ms(5_999);
        let name = Name::new(at, Kind::Nightly);
        assert_eq!(name.to_string(), "luckygas-20261122-031205-nightly.db");
        assert_eq!(Name::parse(&name.to_string()), Some(name.clone()));
        assert_eq!(name.at(), at.plus_ms(-999));
        let locked = Name { is_locked: true, ..name };
        assert_eq!(Name::parse("luckygas-20261122-031205-nightly.db.age"), Some(locked));
        for other in [
            "luckygas.db",
            "luckygas-photos.db",
            "luckygas-20261122-031205-nightly.db.part",
            "luckygas-20261122-031205-other.db",
            "luckygas-20261122-241205-nightly.db",
            "luckygas-20260231-031205-nightly.db",
            "luckygas-2026112-031205-nightly.db",
            "luckygas-20261122-031205-nightly.db/../x.db",
            "../luckygas-20261122-031205-nightly.db",
        ] {
            assert_eq!(Name::parse(other), None, "{other}");
        }
    }
}
