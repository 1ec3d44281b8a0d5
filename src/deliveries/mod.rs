//! A delivery is gas brought to one customer on one day.
//!
//! Invariants
//! - An unknown quantity is NULL and shown as —, never as 0.
//! - Rows older than six months are closed and stand in `delivery_history`; no answer changes when they move.
//! - `delivery_days` is kept in step by every transaction that writes deliveries.

pub mod api;
pub mod archive;
pub mod export;
pub mod import;
pub mod live;
pub mod pages;
pub mod store;

use std::fmt;
use std::str::FromStr;

use crate::error::Noun;
use crate::values::{CustomerId, Day, DeliveryId, Grams};

pub const NOUN: Noun = Noun { word: "delivery", label: "配送" };

/// One delivery, from whichever of the two tables it stands in.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub customer_id: CustomerId,
    pub delivered_on: Day,
    pub source: Source,
    /// `09:10`, where the source knew it.
    pub at_time: Option<String>,
    pub load: Load,
    pub driver_name: Option<String>,
    pub note: Option<String>,
    /// The short name its source row carried, where one was kept.
    pub recorded_name: Option<String>,
    /// Each visit of that day; empty when the delivery was one visit.
    pub drops: Vec<Drop>,
}

/// One visit of a truck within a delivery.
#[derive(Clone, Debug, PartialEq)]
pub struct Drop {
    pub at_time: Option<String>,
    pub load: Load,
    pub note: Option<String>,
}

/// A delivery of one day's list, with whom it went to.
#[derive(Clone, Debug, PartialEq)]
pub struct Stop {
    pub delivery: Delivery,
    pub customer_code: String,
    pub customer_name: String,
    pub address: Option<String>,
    /// `None`: 未分區.
    pub area: Option<String>,
}

/// Where the program knows a delivery from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    History,
    Legacy,
    Commercial,
    Live,
}

impl Source {
    pub const ALL: [Source; 4] = [Source::History, Source::Legacy, Source::Commercial, Source::Live];

    pub fn word(self) -> &'static str {
        match self {
            Source::History => "history",
            Source::Legacy => "legacy",
            Source::Commercial => "commercial",
            Source::Live => "live",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Source::History => "歷史檔",
            Source::Legacy => "舊程式",
            Source::Commercial => "營業檔",
            Source::Live => "配送",
        }
    }

    pub fn from_word(word: &str) -> Option<Source> {
        Source::ALL.into_iter().find(|source| source.word() == word)
    }
}

/// The cylinder sizes a delivery row counts, in kilograms and in column order: `qty_50` … `qty_4`.
pub const SIZES_KG: [i64; 5] = [50, 20, 16, 10, 4];

/// How many cylinders of each of [`SIZES_KG`] were left. All unknown is not the same as none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Load(pub [Option<i64>; 5]);

impl Load {
    pub fn is_known(self) -> bool {
        self.0.iter().any(Option::is_some)
    }

    /// What both left together; a size neither knows of stays unknown.
    pub fn and(self, other: Load) -> Load {
        Load(std::array::from_fn(|at| match (self.0[at], other.0[at]) {
            (None, None) => None,
            (one, another) => Some(one.unwrap_or(0) + another.unwrap_or(0)),
        }))
    }

    /// What the known ones weigh; `None` when nothing is known.
    pub fn weight(self) -> Option<Grams> {
        let kg = SIZES_KG.iter().zip(self.0).map(|(size, qty)| size * qty.unwrap_or(0)).sum();
        self.is_known().then(|| Grams::from_kg(kg))
    }
}

/// `50KG × 1、20KG × 2`; `0` when it is known that nothing was left, `—` when nothing is known.
impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> = SIZES_KG
            .iter()
            .zip(self.0)
            .filter_map(|(size, qty)| qty.filter(|qty| 0 < *qty).map(|qty| format!("{size}KG × {qty}")))
            .collect();
        match (parts.is_empty(), self.is_known()) {
            (true, true) => f.write_str("0"),
            (true, false) => f.write_str("—"),
            (false, _) => f.write_str(&parts.join("、")),
        }
    }
}

/// A place between two rows of a list that runs by day, then id. Callers send it back as they got it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub on: Day,
    /// 0 stands before every row of the day.
    pub id: i64,
}

impl Cursor {
    pub fn at(delivery: &Delivery) -> Cursor {
        Cursor { on: delivery.delivered_on, id: delivery.id.0 }
    }

    /// Everything up to the last day of `year` lies before it.
    pub fn after_year(year: i32) -> Option<Cursor> {
        Day::new(year + 1, 1, 1).map(|on| Cursor { on, id: 0 })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.on, self.id)
    }
}

impl FromStr for Cursor {
    type Err = ();
    fn from_str(text: &str) -> Result<Cursor, ()> {
        let (on, id) = text.split_once('.').ok_or(())?;
        let is_number = (1..=18).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number {
            return Err(());
        }
        Ok(Cursor { on: on.parse()?, id: id.parse().map_err(|_| ())? })
    }
}

/// Which page of a list, newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    Newest,
    /// The rows older than the cursor, beginning with the newest of them.
    Before(Cursor),
    /// The rows newer than the cursor, ending with the oldest of them.
    After(Cursor),
}

/// A page of one customer's deliveries, newest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    pub deliveries: Vec<Delivery>,
    /// For each of them, how many days after the one before it; `None` for the first there ever was.
    pub intervals: Vec<Option<i64>>,
    /// Where the next older page begins, and the next newer one ends.
    pub older: Option<Cursor>,
    pub newer: Option<Cursor>,
}

/// What a customer's whole history comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    pub count: i64,
    pub first_on: Day,
    pub last_on: Day,
    /// Newest year first; a year without deliveries is left out.
    pub years: Vec<(i32, i64)>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_is_not_none() {
        let cases = [
            (Load::default(), "—", None),
            (Load([None, Some(2), None, None, None]), "20KG × 2", Some(40)),
            (Load([Some(1), Some(0), None, Some(3), None]), "50KG × 1、10KG × 3", Some(80)),
            (Load([None, Some(0), None, None, None]), "0", Some(0)),
        ];
        for (load, text, kg) in cases {
            assert_eq!(load.to_string(), text);
            assert_eq!(load.weight(), kg.map(Grams::from_kg));
        }
    }

    #[test]
    fn a_cursor_is_read_back_as_printed_and_nothing_else_is_one() {
        let cursor = Cursor { on: "2024-02-29".parse().unwrap(), id: 349_920 };
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
        for text in ["", ".", "2024-02-29", "2024-02-30.1", "2024-02-29.", "2024-02-29.-1", "2024-02-29.+1", "x.1", "2024-02-29.1e3"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
