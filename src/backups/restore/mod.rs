//! The way back: a copy takes the place of the present file.
//!
//! 1. [`look`] says what is in a file, [`compare`] what would be gone.
//! 2. [`prepare`] lays a copy of it ready beside the present file, while the shop works: migrated, counted again, on disk.
//! 3. [`settle`] exchanges the two before the shop is opened, when nobody has either in hand.
//!
//! Invariants
//! - At every moment the data folder holds the old shop whole or the new shop whole, and what is needed to go on from there.
//!   A restore that was cut off is finished, or taken back, at the next start; an empty shop never stands in its place.
//! - What is restored was read from the first page to the last, and its counts are those of the copy.
//! - The copy it comes from stays as it is, and so does the file it takes the place of, as a copy of kind `replaced`.
//! - Nobody stays signed in.

pub mod first_run;
pub mod look;
pub mod loss;
pub mod pages;
pub mod pending;
pub mod pictures;
mod prepare;
mod settle;
pub mod source;
mod store;
mod views;

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::backups::Name;
use crate::db;
use crate::error::{Doing, Error, Result};
use crate::ui;
use crate::values::{Day, Stamp};

pub use look::{Found, look, look_as};
pub use loss::{Loss, compare, compare_closed};
pub use pending::Restoring;
pub use prepare::{Asker, Step, prepare, prepare_for};
pub use settle::{End, Settled, give_up, is_waiting, settle, settle_for};

/// The numbers people know their shop by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counts {
    pub customers: i64,
    pub deliveries: i64,
    pub orders: i64,
    /// The first and the last day something was delivered on.
    pub days: Option<(Day, Day)>,
}

impl Counts {
    /// `349,920 筆配送、13,295 位客戶`, and the orders where there are any.
    pub fn said(&self) -> String {
        let mut said = format!("{} 筆配送、{} 位客戶", ui::count(self.deliveries), ui::count(self.customers));
        if 0 < self.orders {
            said.push_str(&format!("、{} 張訂單", ui::count(self.orders)));
        }
        said
    }

    pub fn json(&self) -> Value {
        json!({
            "customers": self.customers,
            "deliveries": self.deliveries,
            "orders": self.orders,
            "first_day": self.days.map(|(first, _)| first.to_string()),
            "last_day": self.days.map(|(_, last)| last.to_string()),
        })
    }

    /// What [`Counts::json`] wrote.
    pub fn from_json(value: &Value) -> Option<Counts> {
        let day = |name: &str| value[name].as_str().and_then(|text| text.parse().ok());
        Some(Counts {
            customers: value["customers"].as_i64()?,
            deliveries: value["deliveries"].as_i64()?,
            orders: value["orders"].as_i64()?,
            days: day("first_day").zip(day("last_day")),
        })
    }
}

/// The files a restore goes through.
struct Files {
    folder: PathBuf,
    /// The shop's.
    live: PathBuf,
    /// Laid ready to take its place.
    ready: PathBuf,
    /// Says that the two are to be exchanged.
    marker: PathBuf,
}

impl Files {
    fn of(folder: &Path) -> Files {
        Files {
            folder: folder.to_owned(),
            live: folder.join("luckygas.db"),
            ready: folder.join("luckygas-restoring.db"),
            marker: folder.join("luckygas-restoring.json"),
        }
    }

    /// Removes what was laid ready and is not wanted.
    fn clear(&self) -> Result<()> {
        for ending in db::BESIDE {
            db::disk::remove(&db::beside(&self.ready, ending)).doing("clear a restore away")?;
        }
        db::disk::remove(&self.ready).doing("clear a restore away")
    }
}

/// What [`settle`] is to do, on disk until it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Marker {
    /// Known to whoever asked for it; stands in the journal of the file that was laid ready.
    key: String,
    at: Stamp,
    /// The file it comes from, as its name is.
    source: String,
    by: String,
    /// What was in it, and what is in the file laid ready.
    found: Counts,
    counted: Counts,
    /// The size of the file laid ready.
    bytes: u64,
    /// The name the present file gets.
    aside: Name,
    /// Nobody has worked in the present file yet, so that it need not be kept.
    had_nothing: bool,
}

impl Marker {
    fn json(&self) -> Value {
        json!({
            "key": self.key,
            "at": self.at.0,
            "source": self.source,
            "by": self.by,
            "found": self.found.json(),
            "counted": self.counted.json(),
            "bytes": self.bytes,
            "aside": self.aside.to_string(),
            "had_nothing": self.had_nothing,
        })
    }

    fn from_json(value: &Value) -> Option<Marker> {
        Some(Marker {
            key: value["key"].as_str()?.to_owned(),
            at: Stamp(value["at"].as_i64()?),
            source: value["source"].as_str()?.to_owned(),
            by: value["by"].as_str()?.to_owned(),
            found: Counts::from_json(&value["found"])?,
            counted: Counts::from_json(&value["counted"])?,
            bytes: value["bytes"].as_u64()?,
            aside: Name::parse(value["aside"].as_str()?)?,
            had_nothing: value["had_nothing"].as_bool()?,
        })
    }

    fn write(&self, files: &Files) -> Result<()> {
        db::disk::write(&files.marker, self.json().to_string().as_bytes()).doing("note that a file is to be restored")
    }

    /// `None` when there is none.
    fn read(files: &Files) -> Result<Option<Marker>> {
        let text = match std::fs::read_to_string(&files.marker) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            text => text.doing("read which file is to be restored")?,
        };
        let marker = serde_json::from_str(&text).ok().as_ref().and_then(Marker::from_json);
        marker.map(Some).ok_or_else(|| Error::impossible("understand which file is to be restored"))
    }
}
