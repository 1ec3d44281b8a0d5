//! The number of an order as people say it: `ORD-20250528-0043`, or its last four digits.

use crate::values::{Day, text};

/// What a number that somebody typed can mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// The day it was taken, and which of that day.
    Whole(Day, i64),
    /// The last digits alone; which day is meant is to be said elsewhere.
    Short(i64),
}

impl Number {
    /// `ORD-20250528-0043`, with or without its dashes, its letters or their case, full width too; `0043`. `None` for
    /// anything else.
    pub fn parse(typed: &str) -> Option<Number> {
        let tight = text::fold(typed);
        let digits = tight.strip_prefix("ord").unwrap_or(&tight);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        match digits.len() {
            12..=16 => {
                let (day, no) = digits.split_at(8);
                let day = format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]).parse().ok()?;
                Some(Number::Whole(day, no.parse().ok()?))
            }
            1..=7 if digits.len() == tight.len() => digits.parse().ok().filter(|no| 0 < *no).map(Number::Short),
            _ => None,
        }
    }

    /// The same, but only when it can hardly be anything else: whole, or the four digits people read out.
    pub fn offered(typed: &str) -> Option<Number> {
        Number::parse(typed).filter(|number| match number {
            Number::Whole(..) => true,
            Number::Short(_) => text::fold(typed).len() == 4,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_as_people_say_it() {
        let whole = Some(Number::Whole("2025-05-28".parse().unwrap(), 43));
        let cases = [
            ("ORD-20250528-0043", whole),
            (" ord20250528 0043", whole),
            ("ＯＲＤ－２０２５０５２８－００４３", whole),
            ("20250528-0043", whole),
            ("ORD-20250528-10043", Some(Number::Whole("2025-05-28".parse().unwrap(), 10_043))),
            ("0043", Some(Number::Short(43))),
            ("43", Some(Number::Short(43))),
            ("ORD-0043", None),
            ("ORD-20250230-0043", None),
            ("0900000213", None),
            ("0000", None),
            ("小吃 43", None),
            ("", None),
        ];
        for (typed, want) in cases {
            assert_eq!(Number::parse(typed), want, "{typed}");
        }
        assert_eq!((Number::offered("0043"), Number::offered("43"), Number::offered("00043")), (Some(Number::Short(43)), None, None));
    }
}
