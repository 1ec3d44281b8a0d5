//! The rhythm of a template: which days it means, in arithmetic alone (business §10). The next day is always reckoned
//! from the day that was meant, never from when somebody got round to it, so lateness does not drift.

use crate::values::choice::choice;
use crate::values::{Day, weekdays};

choice! {
    /// The kinds of rhythm, in the words of the database.
    Recurrence {
        ByHand = "none", "不自動";
        Daily = "daily", "天";
        Weekly = "weekly", "週";
        Monthly = "monthly", "月";
    }
}

/// How many days, weeks or months a rhythm may leap (business §10).
pub const MOST_EVERY: i64 = 12;

/// How often a template makes an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rhythm {
    /// Only when somebody uses it.
    ByHand,
    /// Every so many days, 1–12.
    Daily { every: i64 },
    /// On the listed weekdays of every so many weeks, 1–12; weeks begin on Monday. Bit 0 of `weekdays` is Monday;
    /// with none listed it is the weekday one starts from.
    Weekly { every: i64, weekdays: u8 },
    /// On the same day of every so many months, 1–12; where the month is too short for `anchor_day` on its last.
    Monthly { every: i64, anchor_day: u32 },
}

impl Rhythm {
    pub fn recurrence(self) -> Recurrence {
        match self {
            Rhythm::ByHand => Recurrence::ByHand,
            Rhythm::Daily { .. } => Recurrence::Daily,
            Rhythm::Weekly { .. } => Recurrence::Weekly,
            Rhythm::Monthly { .. } => Recurrence::Monthly,
        }
    }

    /// 1 for a rhythm that has none.
    pub fn every(self) -> i64 {
        match self {
            Rhythm::ByHand => 1,
            Rhythm::Daily { every } | Rhythm::Weekly { every, .. } | Rhythm::Monthly { every, .. } => every,
        }
    }

    /// The day that comes next when `base` was the last that was meant. `None` by hand, and past the year 2200.
    pub fn after(self, base: Day) -> Option<Day> {
        match self {
            Rhythm::ByHand => None,
            Rhythm::Daily { every } => later(base, every),
            Rhythm::Weekly { every, weekdays: 0 } => later(base, 7 * every),
            Rhythm::Weekly { every, weekdays } => {
                let this_week = (1..=7 - i64::from(base.weekday())).filter_map(|days| later(base, days));
                this_week.into_iter().find(|day| is_listed(weekdays, *day)).or_else(|| {
                    let monday = later(base, 7 * every - i64::from(base.weekday()) + 1)?;
                    (0..7).map(|days| monday.plus(days)).find(|day| is_listed(weekdays, *day) && base < *day)
                })
            }
            Rhythm::Monthly { every, anchor_day } => {
                let month = Some(base.month().plus(i32::try_from(every).ok()?)).filter(|month| base.month() < *month)?;
                Day::new(month.year(), month.month(), anchor_day.min(month.last().day_of_month()))
            }
        }
    }

    /// The first day it means from `start` on: where a rhythm begins that somebody says from that day. `None` by hand.
    pub fn on_or_after(self, start: Day) -> Option<Day> {
        match self {
            Rhythm::ByHand => None,
            Rhythm::Daily { .. } | Rhythm::Weekly { weekdays: 0, .. } => Some(start),
            Rhythm::Weekly { weekdays, .. } => (0..7).map(|days| start.plus(days)).find(|day| is_listed(weekdays, *day)),
            Rhythm::Monthly { anchor_day, .. } => [start.month(), start.month().next()].into_iter().find_map(|month| {
                Day::new(month.year(), month.month(), anchor_day.min(month.last().day_of_month())).filter(|day| start <= *day)
            }),
        }
    }

    /// `next` and the days after it, up to and with `end`.
    pub fn days(self, next: Option<Day>, end: Option<Day>) -> impl Iterator<Item = Day> {
        std::iter::successors(next, move |day| self.after(*day)).take_while(move |day| end.is_none_or(|end| *day <= end))
    }

    /// In words: 每天, 每 3 天, 每星期二、四, 每兩週的星期二、四, 每月 31 日（沒有就月底）. `next` gives the weekday when none is
    /// listed.
    pub fn said(self, next: Option<Day>) -> String {
        let times = |every: i64| if every == 2 { "兩".to_owned() } else { format!(" {every} ") };
        match self {
            Rhythm::ByHand => "要用時才開".to_owned(),
            Rhythm::Daily { every: 1 } => "每天".to_owned(),
            Rhythm::Daily { every } => format!("每{}天", times(every)),
            Rhythm::Weekly { every, weekdays } => {
                let weekdays = if weekdays == 0 { next.map_or(0, |day| 1 << (day.weekday() - 1)) } else { weekdays };
                let names = weekdays::names(weekdays);
                match every {
                    1 => format!("每星期{names}"),
                    _ => format!("每{}週的星期{names}", times(every)),
                }
            }
            Rhythm::Monthly { every, anchor_day } => {
                let or_last = if 28 < anchor_day { "（沒有就月底）" } else { "" };
                match every {
                    1 => format!("每月 {anchor_day} 日{or_last}"),
                    _ => format!("每{}個月的 {anchor_day} 日{or_last}", times(every)),
                }
            }
        }
    }
}

/// `None` where the calendar ends.
fn later(base: Day, days: i64) -> Option<Day> {
    Some(base.plus(days)).filter(|day| base < *day)
}

fn is_listed(weekdays: u8, day: Day) -> bool {
    weekdays & 1 << (day.weekday() - 1) != 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::Month;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    const fn on(days: &[u32]) -> u8 {
        let (mut mask, mut at) = (0, 0);
        while at < days.len() {
            mask |= 1 << (days[at] - 1);
            at += 1;
        }
        mask
    }

    #[test]
    fn the_next_day_follows_the_rule() {
        const TUE_THU: u8 = on(&[2, 4]);
        let cases = [
            (Rhythm::ByHand, "2025-05-28", None),
            (Rhythm::Daily { every: 1 }, "2025-05-28", Some("2025-05-29")),
            (Rhythm::Daily { every: 12 }, "2024-02-25", Some("2024-03-08")),
            // 2025-05-26 is a Monday.
            (Rhythm::Weekly { every: 1, weekdays: TUE_THU }, "2025-05-26", Some("2025-05-27")),
            (Rhythm::Weekly { every: 1, weekdays: TUE_THU }, "2025-05-27", Some("2025-05-29")),
            (Rhythm::Weekly { every: 1, weekdays: TUE_THU }, "2025-05-29", Some("2025-06-03")),
            (Rhythm::Weekly { every: 1, weekdays: TUE_THU }, "2025-06-01", Some("2025-06-03")),
            (Rhythm::Weekly { every: 2, weekdays: TUE_THU }, "2025-05-27", Some("2025-05-29")),
            (Rhythm::Weekly { every: 2, weekdays: TUE_THU }, "2025-05-29", Some("2025-06-10")),
            (Rhythm::Weekly { every: 3, weekdays: on(&[1]) }, "2025-05-26", Some("2025-06-16")),
            (Rhythm::Weekly { every: 1, weekdays: on(&[7]) }, "2025-05-31", Some("2025-06-01")),
            (Rhythm::Weekly { every: 2, weekdays: on(&[7]) }, "2025-06-01", Some("2025-06-15")),
            (Rhythm::Weekly { every: 12, weekdays: 127 }, "2025-06-01", Some("2025-08-18")),
            (Rhythm::Weekly { every: 1, weekdays: 0 }, "2025-05-28", Some("2025-06-04")),
            (Rhythm::Weekly { every: 2, weekdays: 0 }, "2025-05-28", Some("2025-06-11")),
            (Rhythm::Monthly { every: 1, anchor_day: 31 }, "2025-01-31", Some("2025-02-28")),
            (Rhythm::Monthly { every: 1, anchor_day: 31 }, "2024-01-31", Some("2024-02-29")),
            (Rhythm::Monthly { every: 1, anchor_day: 31 }, "2025-02-28", Some("2025-03-31")),
            (Rhythm::Monthly { every: 1, anchor_day: 31 }, "2025-03-31", Some("2025-04-30")),
            (Rhythm::Monthly { every: 1, anchor_day: 30 }, "2025-02-28", Some("2025-03-30")),
            (Rhythm::Monthly { every: 1, anchor_day: 29 }, "2100-01-29", Some("2100-02-28")),
            (Rhythm::Monthly { every: 2, anchor_day: 31 }, "2025-12-31", Some("2026-02-28")),
            (Rhythm::Monthly { every: 12, anchor_day: 29 }, "2024-02-29", Some("2025-02-28")),
            (Rhythm::Monthly { every: 12, anchor_day: 29 }, "2027-02-28", Some("2028-02-29")),
            (Rhythm::Monthly { every: 1, anchor_day: 15 }, "2025-12-15", Some("2026-01-15")),
            (Rhythm::Daily { every: 1 }, "2200-12-31", None),
            (Rhythm::Weekly { every: 1, weekdays: 0 }, "2200-12-25", None),
            (Rhythm::Weekly { every: 1, weekdays: 127 }, "2200-12-31", None),
            (Rhythm::Monthly { every: 1, anchor_day: 1 }, "2200-12-01", None),
        ];
        for (rhythm, base, next) in cases {
            assert_eq!(rhythm.after(day(base)), next.map(day), "{rhythm:?} after {base}");
        }
    }

    #[test]
    fn a_rhythm_begins_on_the_first_day_that_fits() {
        let cases = [
            (Rhythm::ByHand, "2025-05-28", None),
            (Rhythm::Daily { every: 3 }, "2025-05-28", Some("2025-05-28")),
            (Rhythm::Weekly { every: 2, weekdays: 0 }, "2025-05-28", Some("2025-05-28")),
            (Rhythm::Weekly { every: 2, weekdays: on(&[2, 4]) }, "2025-05-28", Some("2025-05-29")),
            (Rhythm::Weekly { every: 2, weekdays: on(&[3]) }, "2025-05-28", Some("2025-05-28")),
            (Rhythm::Weekly { every: 2, weekdays: on(&[2]) }, "2025-05-28", Some("2025-06-03")),
            (Rhythm::Monthly { every: 1, anchor_day: 31 }, "2025-02-10", Some("2025-02-28")),
            (Rhythm::Monthly { every: 1, anchor_day: 15 }, "2025-02-15", Some("2025-02-15")),
            (Rhythm::Monthly { every: 3, anchor_day: 15 }, "2025-12-16", Some("2026-01-15")),
        ];
        for (rhythm, start, first) in cases {
            assert_eq!(rhythm.on_or_after(day(start)), first.map(day), "{rhythm:?} from {start}");
        }
    }

    #[test]
    fn a_rhythm_is_said_as_people_say_it() {
        let wednesday = Some(day("2025-05-28"));
        let cases = [
            (Rhythm::ByHand, "要用時才開"),
            (Rhythm::Daily { every: 1 }, "每天"),
            (Rhythm::Daily { every: 2 }, "每兩天"),
            (Rhythm::Daily { every: 3 }, "每 3 天"),
            (Rhythm::Weekly { every: 1, weekdays: on(&[2, 4]) }, "每星期二、四"),
            (Rhythm::Weekly { every: 2, weekdays: on(&[2, 4]) }, "每兩週的星期二、四"),
            (Rhythm::Weekly { every: 3, weekdays: 0 }, "每 3 週的星期三"),
            (Rhythm::Monthly { every: 1, anchor_day: 15 }, "每月 15 日"),
            (Rhythm::Monthly { every: 1, anchor_day: 31 }, "每月 31 日（沒有就月底）"),
            (Rhythm::Monthly { every: 2, anchor_day: 29 }, "每兩個月的 29 日（沒有就月底）"),
        ];
        for (rhythm, said) in cases {
            assert_eq!(rhythm.said(wednesday), said);
        }
    }

    /// Every rhythm there is.
    fn rhythms() -> impl Iterator<Item = Rhythm> {
        let daily = (1..=MOST_EVERY).map(|every| Rhythm::Daily { every });
        let weekly = (1..=MOST_EVERY).flat_map(|every| (0..128).map(move |weekdays| Rhythm::Weekly { every, weekdays }));
        let monthly = (1..=MOST_EVERY).flat_map(|every| (1..=31).map(move |anchor_day| Rhythm::Monthly { every, anchor_day }));
        daily.chain(weekly).chain(monthly)
    }

    fn monday_of(day: Day) -> Day {
        day.plus(1 - i64::from(day.weekday()))
    }

    /// The same rule told day by day: is `day` meant by a rhythm that began on `first`?
    fn is_meant(rhythm: Rhythm, first: Day, day: Day) -> bool {
        match rhythm {
            Rhythm::ByHand => false,
            Rhythm::Daily { every } => day.days_since(first) % every == 0,
            Rhythm::Weekly { every, weekdays: 0 } => day.days_since(first) % (7 * every) == 0,
            Rhythm::Weekly { every, weekdays } => is_listed(weekdays, day) && monday_of(day).days_since(monday_of(first)) / 7 % every == 0,
            Rhythm::Monthly { every, anchor_day } => {
                let months = |day: Day| i64::from(day.year()) * 12 + i64::from(day.month().month());
                let is_last = day == day.month().last();
                let is_anchor = day.day_of_month() == anchor_day || (is_last && day.day_of_month() < anchor_day);
                is_anchor && (months(day) - months(first)) % every == 0
            }
        }
    }

    #[test]
    fn over_the_years_no_day_is_skipped_or_doubled() {
        for (seed, rhythm) in rhythms().enumerate() {
            // From every part of the calendar, over the century without a leap day in 2100 for some.
            let start = day("2096-01-01").plus(seed as i64 * 7919 % 1500);
            let first = rhythm.on_or_after(start).unwrap();
            let end = first.plus(5 * 366);
            let walked: Vec<Day> = (0..=5 * 366).map(|days| first.plus(days)).filter(|day| is_meant(rhythm, first, *day)).collect();
            let leapt: Vec<Day> = rhythm.days(Some(first), Some(end)).collect();
            assert_eq!(leapt, walked, "{rhythm:?} from {first}");
        }
    }

    #[test]
    fn the_calendar_is_walked_from_end_to_end() {
        let (first, last) = (day("1900-01-01"), day("2200-12-31"));
        for rhythm in [
            Rhythm::Daily { every: 1 },
            Rhythm::Daily { every: 12 },
            Rhythm::Weekly { every: 1, weekdays: 0 },
            Rhythm::Weekly { every: 3, weekdays: on(&[1, 7]) },
            Rhythm::Monthly { every: 1, anchor_day: 31 },
            Rhythm::Monthly { every: 7, anchor_day: 29 },
        ] {
            let mut base = rhythm.on_or_after(first).unwrap();
            while let Some(next) = rhythm.after(base) {
                assert!(base < next && next <= last, "{rhythm:?}: {base} then {next}");
                if let Rhythm::Weekly { weekdays: listed @ 1.., .. } = rhythm {
                    assert!(is_listed(listed, next), "{rhythm:?}: {next}");
                }
                if let Rhythm::Monthly { anchor_day, .. } = rhythm {
                    assert_eq!(next.day_of_month(), anchor_day.min(next.month().last().day_of_month()), "{rhythm:?}: {next}");
                }
                base = next;
            }
            assert!(last.plus(-7 * 31) < base, "{rhythm:?} ends on {base}");
        }
        // Every month of three hundred years has its last day, once.
        let ends: Vec<Month> = Rhythm::Monthly { every: 1, anchor_day: 31 }.days(Some(day("1900-01-31")), None).map(Day::month).collect();
        assert_eq!(ends.len(), 301 * 12);
        assert!(ends.windows(2).all(|pair| pair[0].next() == pair[1]));
    }
}
