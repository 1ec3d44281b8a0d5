//! How gas burns through the year, and on which days a cylinder is brought.

use crate::demo::dice::Dice;
use crate::values::Day;

/// Who burns it: what the seasons do to their use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Home,
    Restaurant,
    Hotpot,
    Breakfast,
    Hotel,
    School,
}

const KINDS: [Kind; 6] = [Kind::Home, Kind::Restaurant, Kind::Hotpot, Kind::Breakfast, Kind::Hotel, Kind::School];

/// What one customer does.
#[derive(Clone, Debug)]
pub struct Habit {
    pub kind: Kind,
    /// Kilograms on an ordinary day, before the whole shop is scaled to its size.
    pub daily_kg: f64,
    /// What they order: cylinders of a size.
    pub order: Vec<(u8, i64)>,
    /// Bit 0 is Monday.
    pub closed_weekdays: u8,
    /// How unevenly they use it.
    pub unrest: f64,
    /// Days of the calendar: the first use, and the day they are gone.
    pub from: usize,
    pub until: usize,
}

impl Habit {
    pub fn order_kg(&self) -> f64 {
        self.order.iter().map(|(size, qty)| f64::from(*size) * *qty as f64).sum()
    }
}

/// How many days the calendar goes on after the last of the history: what is ordered for today and the days after.
const AHEAD: usize = 9;

/// The days a shop has a history of, the last of them yesterday, and the next few.
pub struct Calendar {
    first: Day,
    /// Of the history.
    days: usize,
    /// For each kind, what an ordinary customer has burnt up to the morning of each day, in ordinary days.
    burnt: Vec<Vec<f64>>,
    weekdays: Vec<u8>,
    is_new_year: Vec<bool>,
}

/// The first day of each lunar year; other years take 5 February, which is near enough.
const NEW_YEARS: [(i32, u32, u32); 8] =
    [(2021, 2, 12), (2022, 2, 1), (2023, 1, 22), (2024, 2, 10), (2025, 1, 29), (2026, 2, 17), (2027, 2, 6), (2028, 1, 26)];

impl Calendar {
    /// A history of `days` days that ends the day before `today`.
    pub fn new(today: Day, days: usize) -> Calendar {
        let first = today.plus(-(days as i64));
        let all: Vec<Day> = (0..days + AHEAD).map(|at| first.plus(at as i64)).collect();
        let since_new_year: Vec<i64> = all
            .iter()
            .map(|day| {
                let (_, month, date) = NEW_YEARS.into_iter().find(|(year, ..)| *year == day.year()).unwrap_or((0, 2, 5));
                Day::new(day.year(), month, date).map_or(200, |new_year| day.days_since(new_year))
            })
            .collect();
        let burnt = KINDS
            .iter()
            .map(|kind| {
                let mut sum = 0.0;
                let mut sums = vec![0.0];
                sums.extend(all.iter().zip(&since_new_year).map(|(day, since)| {
                    sum += season(*kind, *day, *since);
                    sum
                }));
                sums
            })
            .collect();
        Calendar {
            first,
            days,
            burnt,
            weekdays: all.iter().map(|day| 1 << (day.weekday() - 1)).collect(),
            is_new_year: since_new_year.iter().map(|since| (0..3).contains(since)).collect(),
        }
    }

    /// How many days of history; the day of that number is today.
    pub fn days(&self) -> usize {
        self.days
    }

    pub fn day(&self, at: usize) -> Day {
        self.first.plus(at as i64)
    }

    /// The days on which `habit` is brought gas when the shop's use is `scale` times what the habit says, and
    /// how many times the usual order; past today too. In order, no day twice.
    pub fn visits(&self, habit: &Habit, scale: f64, dice: &mut Dice) -> Vec<(usize, i64)> {
        let burnt = KINDS.iter().position(|kind| *kind == habit.kind).map_or(&self.burnt[0], |at| &self.burnt[at]);
        let (daily_kg, order_kg) = (habit.daily_kg * scale, habit.order_kg());
        let end = habit.until.min(self.weekdays.len());
        let mut visits = Vec::new();
        let mut empty_at = habit.from;
        let mut next_free = 0;
        while empty_at < end {
            let is_open = |at: usize| self.weekdays[at] & habit.closed_weekdays == 0 && !self.is_new_year[at];
            // Before a day off rather than after it, when there is a day left.
            let before = (next_free..=empty_at).rev().take(5).find(|at| is_open(*at));
            let Some(at) = before.or_else(|| (empty_at.max(next_free)..end).find(|at| is_open(*at))) else { break };
            let times = if dice.chance(0.06) { 2 } else { 1 };
            visits.push((at, times));
            next_free = at + 1;
            let need = order_kg * times as f64 / daily_kg * (habit.unrest * dice.bell()).exp();
            let target = burnt[empty_at] + need;
            empty_at = (at + 1).max(burnt.partition_point(|sum| *sum < target).saturating_sub(1));
        }
        visits
    }
}

/// What is burnt on `day`, an ordinary day being 1; `since` counts from the lunar new year of that year.
fn season(kind: Kind, day: Day, since: i64) -> f64 {
    const WINTER: [f64; 12] = [1.0, 0.95, 0.6, 0.2, -0.2, -0.6, -0.9, -0.9, -0.5, -0.1, 0.4, 0.85];
    let month = day.month().month();
    let winter = WINTER[month as usize - 1];
    let weekend = |inside: f64, outside: f64, from: u32| if from <= day.weekday() { inside } else { outside };
    let shop = |level: f64| match since {
        -10..-1 => level * 1.25,
        -1..=3 => level * 0.15,
        _ => level,
    };
    match kind {
        Kind::Home => (1.0 + 0.36 * winter) * weekend(1.15, 0.95, 6) * if (-8..=4).contains(&since) { 1.5 } else { 1.0 },
        Kind::School if matches!(month, 7 | 8) || 6 <= day.weekday() || (-10..=12).contains(&since) => 0.04,
        Kind::School => 1.0 + 0.08 * winter,
        Kind::Hotel => {
            let summer = if matches!(month, 7 | 8) { 1.15 } else { 1.0 };
            let feast = if (0..=6).contains(&since) { 1.7 } else { 1.0 };
            (1.0 + 0.15 * winter) * (if matches!(day.weekday(), 5 | 6) { 1.35 } else { 0.9 }) * summer * feast
        }
        Kind::Hotpot => shop((1.0 + 0.45 * winter) * weekend(1.25, 0.9, 5)),
        Kind::Breakfast => shop((1.0 + 0.06 * winter) * weekend(1.15, 1.0, 6)),
        Kind::Restaurant => shop((1.0 + 0.14 * winter) * weekend(1.2, 0.93, 5)),
    }
}

/// By how much to scale the use of `habits`, so that about `target` visits come of them all.
pub fn scale_for(habits: &[(Habit, u64)], calendar: &Calendar, seed: u64, target: usize) -> f64 {
    let mut scale = 1.0;
    for _ in 0..3 {
        let past = |visits: Vec<(usize, i64)>| visits.partition_point(|(at, _)| *at < calendar.days());
        let visits: usize = habits.iter().map(|(habit, stream)| past(calendar.visits(habit, scale, &mut Dice::new(seed, *stream)))).sum();
        scale *= target as f64 / visits.max(1) as f64;
    }
    scale
}

#[cfg(test)]
mod tests {
    use super::*;

    fn habit(kind: Kind) -> Habit {
        Habit { kind, daily_kg: 2.0, order: vec![(20, 1)], closed_weekdays: 0b100_0001, unrest: 0.15, from: 3, until: usize::MAX }
    }

    #[test]
    fn nobody_is_visited_twice_a_day_or_when_closed() {
        let calendar = Calendar::new("2025-05-28".parse().unwrap(), 1_609);
        assert_eq!(calendar.day(0).to_string(), "2020-12-31");
        for kind in KINDS {
            for seed in 0..50 {
                let visits = calendar.visits(&habit(kind), 1.0, &mut Dice::new(seed, 1));
                assert!(visits.is_sorted_by(|before, after| before.0 < after.0), "{kind:?}, seed {seed}");
                for (at, _) in &visits {
                    let day = calendar.day(*at);
                    assert!(!matches!(day.weekday(), 1 | 7), "{kind:?}, seed {seed}: {day}");
                    assert!(day < "2025-06-06".parse().unwrap());
                }
            }
        }
    }

    #[test]
    fn what_is_brought_is_what_is_burnt() {
        let calendar = Calendar::new("2025-05-28".parse().unwrap(), 1_609);
        let mut kg = 0.0;
        for seed in 0..100 {
            kg += calendar
                .visits(&habit(Kind::Restaurant), 1.0, &mut Dice::new(seed, 1))
                .iter()
                .map(|(_, times)| *times as f64 * 20.0)
                .sum::<f64>();
        }
        let daily = kg / 100.0 / 1_609.0;
        assert!((1.8..2.3).contains(&daily), "{daily} kg a day of 2");
    }

    #[test]
    fn homes_burn_more_in_winter() {
        let calendar = Calendar::new("2025-05-28".parse().unwrap(), 1_609);
        let mut months = [0; 13];
        for seed in 0..300 {
            for (at, _) in calendar.visits(&habit(Kind::Home), 1.0, &mut Dice::new(seed, 1)) {
                months[calendar.day(at).month().month() as usize] += 1;
            }
        }
        assert!(months[8] * 13 < months[1] * 10, "{months:?}");
    }
}
