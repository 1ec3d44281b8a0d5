//! Weight. A 20 kg cylinder is 20 000 g; kilograms are only ever a way of printing.

use std::fmt;

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

/// Whole grams. What comes from outside is at most [`Grams::LIMIT`], so sums fit `i64` unchecked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grams(pub i64);

impl Grams {
    /// Ten thousand tonnes: an outlier of the real lists (1,804,832 kg a month) is kept and warned about.
    pub const LIMIT: i64 = 10_000_000_000;

    pub fn from_kg(kg: i64) -> Grams {
        Grams(kg * 1_000)
    }

    /// Kilograms, for the arithmetic of refills, which is done in floats as the shop's sheet does it.
    pub fn kg(self) -> f64 {
        self.0 as f64 / 1_000.0
    }

    /// A kilogram figure as a person writes it; `None` when it is no number, negative or too large.
    pub fn parse_kg(text: &str) -> Option<Grams> {
        let kg: f64 = super::text::narrow(text).trim().replace(',', "").parse().ok()?;
        let grams = (kg * 1_000.0).round();
        (0.0..=Self::LIMIT as f64).contains(&grams).then_some(Grams(grams as i64))
    }
}

/// `2.1` for 2,133 g: one decimal, none when it is a whole number of kilograms.
impl fmt::Display for Grams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 + 50).div_euclid(100);
        let whole = super::text::thousands(tenths / 10);
        match tenths % 10 {
            0 => f.write_str(&whole),
            tenth => write!(f, "{whole}.{tenth}"),
        }
    }
}

impl ToSql for Grams {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for Grams {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Grams)
    }
}
