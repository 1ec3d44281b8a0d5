//! Money: whole New Taiwan dollars, tax included (business §9). Half a dollar rounds up.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::values::Grams;

/// Whole New Taiwan dollars. What comes from outside is at most [`Ntd::LIMIT`], so that a year of orders
/// adds up far inside `i64` and sums need no checks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ntd(pub i64);

impl Ntd {
    /// The most one amount may be (business §24).
    pub const LIMIT: i64 = 9_999_999;

    /// An amount as a person writes it: `1,700`, `NT$1700`, `１７００`. `None` when it is no whole number, negative
    /// or beyond the limit.
    pub fn parse(text: &str) -> Option<Ntd> {
        let text = super::text::narrow(super::text::trim(text)).to_uppercase();
        let digits = text.trim_start_matches("NT").trim_start_matches('$').trim_end_matches('元').trim().replace(',', "");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        digits.parse().ok().filter(|amount| *amount <= Self::LIMIT).map(Ntd)
    }

    pub fn times(self, qty: i64) -> Ntd {
        Ntd(self.0 * qty)
    }

    /// So many hundredths of it.
    pub fn percent(self, percent: i64) -> Ntd {
        Ntd((self.0 * percent + 50).div_euclid(100))
    }

    /// What `weight` costs when a kilogram costs `self`.
    pub fn per_kg(self, weight: Grams) -> Ntd {
        Ntd((self.0 * weight.0 + 500).div_euclid(1_000))
    }

    /// Never below nothing.
    pub fn floor_at_zero(self) -> Ntd {
        Ntd(self.0.max(0))
    }

    /// `1,700`, for a column whose heading says the unit.
    pub fn bare(self) -> String {
        if self.0 < 0 { format!("−{}", super::text::thousands(-self.0)) } else { super::text::thousands(self.0) }
    }
}

/// `NT$1,700`.
impl fmt::Display for Ntd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "−" } else { "" };
        write!(f, "{sign}NT${}", super::text::thousands(self.0.abs()))
    }
}

impl Add for Ntd {
    type Output = Ntd;
    fn add(self, other: Ntd) -> Ntd {
        Ntd(self.0 + other.0)
    }
}

impl Sub for Ntd {
    type Output = Ntd;
    fn sub(self, other: Ntd) -> Ntd {
        Ntd(self.0 - other.0)
    }
}

impl Sum for Ntd {
    fn sum<I: Iterator<Item = Ntd>>(amounts: I) -> Ntd {
        Ntd(amounts.map(|amount| amount.0).sum())
    }
}

impl ToSql for Ntd {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for Ntd {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        value.as_i64().map(Ntd)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_as_people_write_it() {
        let cases = [
            ("1700", Some(1_700)),
            (" NT$1,700 ", Some(1_700)),
            ("１７００元", Some(1_700)),
            ("0", Some(0)),
            ("9999999", Some(9_999_999)),
            ("10000000", None),
            ("-1", None),
            ("8.5", None),
            ("", None),
            ("八百", None),
            ("99999999999999999999", None),
        ];
        for (text, amount) in cases {
            assert_eq!(Ntd::parse(text), amount.map(Ntd), "{text}");
        }
    }

    #[test]
    fn any_amount_is_read_back_as_printed() {
        for seed in 0..1_000 {
            let amount = Ntd(seed * seed * 7 % (Ntd::LIMIT + 1));
            assert_eq!(Ntd::parse(&amount.to_string()), Some(amount), "{amount}");
            assert_eq!(Ntd::parse(&amount.bare()), Some(amount), "{amount}");
        }
        assert_eq!((Ntd(-1_234).to_string().as_str(), Ntd(-1_234).bare().as_str()), ("−NT$1,234", "−1,234"));
    }

    #[test]
    fn half_a_dollar_rounds_up() {
        let cases = [(850, 10, 85), (850, 5, 43), (851, 5, 43), (849, 5, 42), (1, 50, 1), (1, 49, 0), (0, 100, 0), (700, 100, 700)];
        for (amount, percent, want) in cases {
            assert_eq!(Ntd(amount).percent(percent), Ntd(want), "{percent} % of {amount}");
        }
        assert_eq!(Ntd(42).per_kg(Grams(12_500)), Ntd(525));
        assert_eq!(Ntd(1).per_kg(Grams(500)), Ntd(1));
    }
}
