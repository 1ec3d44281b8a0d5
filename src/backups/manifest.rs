//! What a copy says of itself: a row of JSON in a table only copies have. A restore drops the table before the file is
//! worked in again.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::tally::Tally;
use super::{Kind, store};
use crate::error::Result;
use crate::settings;
use crate::values::{Day, Stamp};

/// What a manifest is written with; [`super::seal`] puts the sum of the file in its place.
const UNSEALED: &str = "00000000";

/// One copy, as it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// When the snapshot was taken.
    pub made_at: Stamp,
    pub kind: Kind,
    /// The program that made it, as `0.4.0`.
    pub program: String,
    /// The version of the schema in it.
    pub schema: i32,
    pub shop_name: String,
    /// A shop to practise in.
    pub is_practice: bool,
    pub tally: Tally,
    /// The first and the last day something was delivered on.
    pub days: Option<(Day, Day)>,
    /// The last row of the journal that is not about backups: how far the shop had come.
    pub journal: i64,
    /// When it was proved: opened, checked and counted again.
    pub proved_at: Option<Stamp>,
    /// When it was really restored into a scratch folder and answered like the shop.
    pub drilled_at: Option<Stamp>,
    /// The sum of all bytes, as [`super::seal`] wrote it; `None` of one not sealed yet. Written by nobody else.
    pub crc: Option<String>,
}

impl Manifest {
    /// What the snapshot `conn` stands in says of itself. `kind` and `made_at` are the caller's.
    pub fn of(conn: &Connection, kind: Kind, made_at: Stamp) -> Result<Manifest> {
        let tally = super::tally::tally(conn)?;
        let settings = settings::load(conn)?;
        Ok(Manifest {
            made_at,
            kind,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            schema: store::schema_version(conn)?,
            shop_name: settings.shop_name,
            is_practice: settings.is_practice,
            tally,
            days: store::delivery_days(conn)?,
            journal: store::journal_position(conn)?,
            proved_at: None,
            drilled_at: None,
            crc: None,
        })
    }

    /// The manifest in `conn`'s file; `None` when there is none that can be read.
    pub fn read(conn: &Connection) -> Option<Manifest> {
        Manifest::from_json(&serde_json::from_str(&store::manifest(conn).ok()??).ok()?)
    }

    /// Puts it into `conn`'s file, in place of the one there, not sealed yet.
    pub fn write(&self, conn: &Connection) -> Result<()> {
        store::set_manifest(conn, &self.to_json().to_string())
    }

    fn to_json(&self) -> Value {
        json!({
            "crc32": UNSEALED,
            "made_at": self.made_at.0,
            "kind": self.kind.word(),
            "program": self.program,
            "schema": self.schema,
            "shop_name": self.shop_name,
            "is_practice": self.is_practice,
            "tally": self.tally.to_json(),
            "first_day": self.days.map(|(first, _)| first.to_string()),
            "last_day": self.days.map(|(_, last)| last.to_string()),
            "journal": self.journal,
            "proved_at": self.proved_at.map(|at| at.0),
            "drilled_at": self.drilled_at.map(|at| at.0),
        })
    }

    fn from_json(value: &Value) -> Option<Manifest> {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        let stamp = |name: &str| value[name].as_i64().map(Stamp);
        let day = |name: &str| value[name].as_str()?.parse::<Day>().ok();
        Some(Manifest {
            made_at: stamp("made_at")?,
            kind: Kind::from_word(value["kind"].as_str()?)?,
            program: text("program")?,
            schema: i32::try_from(value["schema"].as_i64()?).ok()?,
            shop_name: text("shop_name")?,
            is_practice: value["is_practice"].as_bool()?,
            tally: Tally::from_json(&value["tally"])?,
            days: day("first_day").zip(day("last_day")),
            journal: value["journal"].as_i64()?,
            proved_at: stamp("proved_at"),
            drilled_at: stamp("drilled_at"),
            crc: text("crc32").filter(|crc| crc != UNSEALED),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_is_read_back_as_written() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(crate::db::SCHEMA).unwrap();
        assert_eq!(Manifest::read(&conn), None);
        let made = Manifest::of(&conn, Kind::Nightly, Stamp(1_763_752_325_000)).unwrap();
        made.write(&conn).unwrap();
        assert_eq!(Manifest::read(&conn), Some(made.clone()));
        let drilled = Manifest {
            drilled_at: Some(Stamp(5)),
            proved_at: Some(Stamp(4)),
            days: Some(("2022-06-27".parse().unwrap(), "2026-11-22".parse().unwrap())),
            ..made
        };
        drilled.write(&conn).unwrap();
        assert_eq!(Manifest::read(&conn), Some(drilled));
        conn.execute_batch("UPDATE backup_manifest SET manifest = '{\"made_at\":1}'").unwrap();
        assert_eq!(Manifest::read(&conn), None);
    }
}
