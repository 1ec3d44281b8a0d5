//! A meter counts the gas a customer burns; what is read on it is what the customer pays (business §9.1).
//!
//! Invariants
//! - The first reading of a meter bills nothing; every later one bills from the reading before it.
//! - A meter never runs backwards: a manager says when it was replaced or began anew, with the old one's last figure.
//! - A reading is never rewritten; a wrong one is voided while it is the newest.

pub mod api;
pub mod pages;
mod read;
pub mod store;

use crate::error::Noun;
use crate::values::{CustomerId, Day, Grams, MeterId, Ntd, OrderId, ReadingId, Stamp, StopId, UserId};

pub use read::{read, void, void_of_stop};

pub const NOUN: Noun = Noun { word: "meter", label: "瓦斯錶" };
pub const READING: Noun = Noun { word: "reading", label: "抄表" };

/// The largest figure of a meter, in thousandths of its unit: eight digits and three decimals.
pub const MOST_MILLI: i64 = 99_999_999_999;

/// A meter as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meter {
    pub id: MeterId,
    pub customer: CustomerId,
    pub serial: String,
    /// What its figure counts: 度, m³.
    pub unit: String,
    /// What one unit of its figure weighs.
    pub g_per_unit: i64,
    pub installed_on: Day,
    pub is_active: bool,
    pub version: i64,
}

/// A meter to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMeter {
    pub customer: CustomerId,
    pub serial: String,
    pub unit: String,
    pub g_per_unit: i64,
    pub installed_on: Day,
}

/// What somebody has read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewReading {
    pub meter: MeterId,
    /// Thousandths of the meter's unit.
    pub value_milli: i64,
    pub read_on: Day,
    pub order: Option<OrderId>,
    pub stop: Option<StopId>,
    /// The last figure of the meter that stood there before, when it was replaced or rolled over; the new one counts
    /// from nothing. A manager's to say.
    pub replaced: Option<i64>,
    /// Somebody has looked again at a figure that is much more than usual.
    pub confirmed_jump: bool,
}

/// A reading as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    pub id: ReadingId,
    pub meter: MeterId,
    pub read_on: Day,
    pub value_milli: i64,
    /// What it is counted from; `None`: the first of its meter.
    pub from_milli: Option<i64>,
    /// The last figure of the one that stood there before.
    pub old_end_milli: Option<i64>,
    pub billed: Grams,
    /// A kilogram; `None` for a first reading, and when nobody had said a price.
    pub unit_price: Option<Ntd>,
    pub amount: Ntd,
    pub order: Option<OrderId>,
    pub stop: Option<StopId>,
    pub user: Option<UserId>,
    pub at: Stamp,
    pub voided_at: Option<Stamp>,
}

/// A figure as people write it, `1234.5`, as thousandths; `None` when it is none, negative or too large.
pub fn parse_figure(typed: &str) -> Option<i64> {
    let text = crate::values::text::narrow(crate::values::text::trim(typed)).replace(',', "");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || 8 < whole.len() || 3 < part.len() || !is_digits(whole) || !is_digits(part) {
        return None;
    }
    let milli: i64 = format!("{part:0<3}").parse().ok()?;
    whole.parse::<i64>().ok().map(|whole| whole * 1_000 + milli)
}

/// `1,234.5` of 1 234 500 thousandths.
pub fn figure(milli: i64) -> String {
    let whole = crate::values::text::thousands(milli / 1_000);
    match milli % 1_000 {
        0 => whole,
        part => format!("{whole}.{}", format!("{part:03}").trim_end_matches('0')),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_read_as_people_write_it() {
        let cases = [
            ("1234.5", Some(1_234_500)),
            ("1,234.567", Some(1_234_567)),
            ("１２", Some(12_000)),
            (" 0 ", Some(0)),
            ("7.", Some(7_000)),
            ("99999999.999", Some(MOST_MILLI)),
            ("100000000", None),
            ("1.2345", None),
            ("-1", None),
            (".5", None),
            ("", None),
            ("十", None),
        ];
        for (typed, want) in cases {
            assert_eq!(parse_figure(typed), want, "{typed}");
        }
        for seed in 0..1_000 {
            let milli = seed * seed * 7_919 % (MOST_MILLI + 1);
            assert_eq!(parse_figure(&figure(milli)), Some(milli), "{milli}");
        }
    }
}
