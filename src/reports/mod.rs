//! A report is figures of the shop over a span of days: today, a month, a year by its months. Counts come from
//! the day summary, so a report costs the same however many deliveries there are.
//!
//! Invariants
//! - What nobody knows is —, never 0; a month that is not over is compared with the same days of the other.

pub mod api;
mod chart;
mod csv;
pub mod home;
pub mod home_view;
pub mod pages;
pub mod store;

use crate::values::{Day, Grams, Month};

/// One day of the summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayTotal {
    pub on: Day,
    pub totals: Totals,
}

/// What some days add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub deliveries: i64,
    /// Of these, how many have quantities; `gas` is what those add up to.
    pub known: i64,
    pub gas: Grams,
}

impl Totals {
    /// `None` where nothing is known.
    pub fn weight(self) -> Option<Grams> {
        (0 < self.known).then_some(self.gas)
    }
}

impl std::iter::Sum for Totals {
    fn sum<I: Iterator<Item = Totals>>(items: I) -> Totals {
        items.fold(Totals::default(), |sum, one| Totals {
            deliveries: sum.deliveries + one.deliveries,
            known: sum.known + one.known,
            gas: Grams(sum.gas.0 + one.gas.0),
        })
    }
}

/// A month beside the one before and the same month of the year before.
#[derive(Clone, Debug, PartialEq)]
pub struct MonthReport {
    pub month: Month,
    /// The month's last day, or the last there are records of when that is earlier: of a month still to come, a day
    /// before it.
    pub through: Day,
    /// Every day up to `through`, those without a delivery too.
    pub days: Vec<DayTotal>,
    pub totals: Totals,
    /// The same days of the month before, and of the year before.
    pub previous: Option<Comparison>,
    pub last_year: Option<Comparison>,
}

/// What the same days of another month came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Comparison {
    pub from: Day,
    pub to: Day,
    pub deliveries: i64,
}

impl Comparison {
    /// By how many percent `now` is more; the other has at least one delivery.
    pub fn change_percent(self, now: i64) -> f64 {
        (now - self.deliveries) as f64 * 100.0 / self.deliveries as f64
    }
}

impl MonthReport {
    pub fn is_whole(&self) -> bool {
        self.through == self.month.last()
    }

    /// Deliveries a day, over the days there are records of.
    pub fn average(&self) -> f64 {
        self.totals.deliveries as f64 / self.days.len().max(1) as f64
    }

    /// Made from the days of the summary, oldest first; `last` is the last day there are records of.
    pub fn of(month: Month, summary: &[DayTotal], last: Day) -> MonthReport {
        let through = last.min(month.last());
        let days = filled(month.first(), through, summary);
        let totals = days.iter().map(|day| day.totals).sum();
        let beside = |other: Month| {
            let to = if through == month.last() {
                other.last()
            } else {
                other.last().min(other.first().plus(i64::from(through.day_of_month()) - 1))
            };
            let deliveries = within(other.first(), to, summary).map(|day| day.totals.deliveries).sum();
            (0 < deliveries && month.first() <= through).then_some(Comparison { from: other.first(), to, deliveries })
        };
        MonthReport { month, through, days, totals, previous: beside(month.previous()), last_year: beside(month.plus(-12)) }
    }
}

fn within(from: Day, to: Day, summary: &[DayTotal]) -> impl Iterator<Item = &DayTotal> {
    summary.iter().filter(move |day| (from..=to).contains(&day.on))
}

/// Each day from `from` to `to`, with nothing where the summary has none.
fn filled(from: Day, to: Day, summary: &[DayTotal]) -> Vec<DayTotal> {
    let mut known = within(from, to, summary).peekable();
    (0..=to.days_since(from))
        .map(|at| {
            let on = from.plus(at);
            known.next_if(|day| day.on == on).copied().unwrap_or(DayTotal { on, totals: Totals::default() })
        })
        .collect()
}

/// One year of the year × month table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Year {
    pub year: i32,
    /// `None` outside the span of the records; 0 is a month of silence within it.
    pub months: [Option<i64>; 12],
}

impl Year {
    pub fn total(&self) -> i64 {
        self.months.iter().flatten().sum()
    }
}

/// The months as years, the newest year first. `months` is what the summary has, oldest first.
pub fn years(months: &[(Month, i64)]) -> Vec<Year> {
    let (Some((first, _)), Some((last, _))) = (months.first(), months.last()) else { return Vec::new() };
    (first.year()..=last.year())
        .rev()
        .map(|year| {
            let count = |number: u32| {
                let month = Month::new(year, number).filter(|month| (first..=last).contains(&month))?;
                Some(months.iter().find(|(have, _)| *have == month).map_or(0, |(_, count)| *count))
            };
            Year { year, months: std::array::from_fn(|at| count(at as u32 + 1)) }
        })
        .collect()
}

/// How dark a month is drawn, 1 to 4, by where it lies between the quietest and the busiest.
pub fn heat(count: i64, least: i64, most: i64) -> u8 {
    if most <= least {
        return 1;
    }
    let share = (count - least) as f64 / (most - least) as f64;
    1 + (share * 4.0).clamp(0.0, 3.0) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn one(on: &str, deliveries: i64) -> DayTotal {
        DayTotal { on: day(on), totals: Totals { deliveries, known: 0, gas: Grams(0) } }
    }

    #[test]
    fn a_month_that_is_not_over_is_compared_with_the_same_days() {
        let summary = [
            one("2024-05-01", 5),
            one("2024-05-30", 50),
            one("2025-04-02", 10),
            one("2025-04-29", 90),
            one("2025-05-03", 12),
            one("2025-05-28", 3),
        ];
        let report = MonthReport::of(day("2025-05-28").month(), &summary, day("2025-05-28"));
        assert_eq!((report.days.len(), report.totals.deliveries, report.is_whole()), (28, 15, false));
        assert_eq!(report.previous.map(|other| (other.to, other.deliveries)), Some((day("2025-04-28"), 10)));
        assert_eq!(report.last_year.map(|other| other.deliveries), Some(5));

        let april = MonthReport::of(day("2025-04-01").month(), &summary, day("2025-05-28"));
        assert_eq!((april.days.len(), april.totals.deliveries, april.is_whole()), (30, 100, true));
        assert_eq!(april.previous, None, "no record is no comparison, not a fall to 0");
    }

    #[test]
    fn a_month_still_to_come_has_no_days_and_nothing_to_compare() {
        let summary = [one("2024-06-01", 5), one("2025-05-03", 12), one("2025-05-28", 3)];
        let report = MonthReport::of(day("2025-06-01").month(), &summary, day("2025-05-28"));
        assert_eq!((report.days.len(), report.is_whole(), report.through), (0, false, day("2025-05-28")));
        assert_eq!((report.previous, report.last_year), (None, None));
    }

    #[test]
    fn a_short_february_is_compared_whole() {
        let summary = [one("2025-01-30", 4), one("2025-02-10", 2), one("2025-03-30", 7)];
        let report = MonthReport::of(day("2025-03-01").month(), &summary, day("2025-03-30"));
        assert_eq!(report.previous.map(|other| other.to), Some(day("2025-02-28")));
    }

    #[test]
    fn years_hold_every_month_of_the_span_and_none_outside() {
        let months = [("2023-11", 4), ("2024-01", 6), ("2024-03", 5)].map(|(month, count)| (month.parse().unwrap(), count));
        let years = years(&months);
        assert_eq!(years.iter().map(|year| (year.year, year.total())).collect::<Vec<_>>(), [(2024, 11), (2023, 4)]);
        assert_eq!(years[0].months[..4], [Some(6), Some(0), Some(5), None]);
        assert_eq!(years[1].months[9..], [None, Some(4), Some(0)]);
    }

    #[test]
    fn heat_runs_from_one_to_four() {
        let cases = [(10, 1), (12, 1), (15, 3), (19, 4), (20, 4)];
        for (count, class) in cases {
            assert_eq!(heat(count, 10, 20), class, "{count}");
        }
        assert_eq!(heat(7, 7, 7), 1);
    }
}
