//! When an order is brought unless somebody says otherwise (business §6.4, §8).

use crate::customers::{Details, Period};
use crate::settings::Settings;
use crate::values::{Day, Stamp, Window};

/// Today before the cut-off of the settings, else tomorrow.
pub fn default_day(now: Stamp, settings: &Settings) -> Day {
    if is_past_cut_off(now, settings) { now.day().plus(1) } else { now.day() }
}

/// The same for one customer, whose hours of today may be over: then it is tomorrow.
pub fn default_day_of(details: &Details, now: Stamp, settings: &Settings) -> Day {
    let day = default_day(now, settings);
    if is_over(details, day, now) { day.plus(1) } else { day }
}

/// Whether nobody takes gas there any more on `day`.
pub fn is_over(details: &Details, day: Day, now: Stamp) -> bool {
    day == now.day() && default_window(details, day, now).end_minute() <= minute_of(now)
}

/// Whether an order taken now goes to tomorrow by itself.
pub fn is_past_cut_off(now: Stamp, settings: &Settings) -> bool {
    settings.cut_off <= minute_of(now)
}

/// What a form offers: the stretches in which the customer takes gas, or the parts of the day when nobody has said.
pub fn choices(details: &Details) -> Vec<Window> {
    match Window::stretches(details.available_hours) {
        stretches if stretches.is_empty() => vec![Window::MORNING, Window::AFTERNOON, Window::EVENING, Window::ALL_DAY],
        stretches => stretches,
    }
}

/// The window an order of `day` gets: the preferred part of the day within the hours, and of today's the first that is
/// not over. When all are over it is the last, for somebody will have to ring up.
pub fn default_window(details: &Details, day: Day, now: Stamp) -> Window {
    let wanted = match details.time_period {
        None | Some(Period::AllDay) => Window::ALL_DAY,
        Some(Period::Morning) => Window::MORNING,
        Some(Period::Afternoon) => Window::AFTERNOON,
        Some(Period::Evening) => Window::EVENING,
    };
    let choices = choices(details);
    let preferred = match details.available_hours {
        0 => vec![wanted],
        _ => choices.iter().filter_map(|choice| choice.and(wanted)).collect(),
    };
    let is_to_come = |window: &&Window| day != now.day() || minute_of(now) < window.end_minute();
    let first = preferred.iter().chain(&choices).find(is_to_come).or(choices.last());
    first.copied().unwrap_or(Window::ALL_DAY)
}

/// Minutes after midnight in Taiwan.
pub fn minute_of(now: Stamp) -> u16 {
    let (hour, minute) = (now.hour(), now.minute());
    u16::try_from(hour * 60 + minute).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_the_cut_off_an_order_is_for_tomorrow() {
        let settings = Settings::default();
        let today: Day = "2025-05-28".parse().unwrap();
        for (hour, minute, want) in [(0, 0, "2025-05-28"), (13, 59, "2025-05-28"), (14, 0, "2025-05-29"), (23, 59, "2025-05-29")] {
            assert_eq!(default_day(Stamp::taipei(today, hour, minute), &settings).to_string(), want, "{hour}:{minute}");
        }
    }

    #[test]
    fn when_the_hours_of_today_are_over_an_order_is_for_tomorrow() {
        let settings = Settings::default();
        let today: Day = "2025-05-28".parse().unwrap();
        // 8–10, and 9–11 with 14–17.
        for (hours, hour, minute, want) in [
            (0b11, 9, 59, "2025-05-28"),
            (0b11, 10, 0, "2025-05-29"),
            (0b1_1100_0110, 13, 59, "2025-05-28"),
            (0b1_1100_0110, 14, 0, "2025-05-29"),
            (0, 13, 59, "2025-05-28"),
        ] {
            let mut details = Details::new("1902046".parse().unwrap(), "範例小吃店".to_owned());
            details.available_hours = hours;
            let day = default_day_of(&details, Stamp::taipei(today, hour, minute), &settings);
            assert_eq!(day.to_string(), want, "{hours:b} {hour}:{minute}");
        }
    }

    #[test]
    fn the_window_is_the_preferred_one_that_is_not_over() {
        let today: Day = "2025-05-28".parse().unwrap();
        // 9–11 and 14–17.
        let hours = 0b0000_0001_1100_0110;
        let cases = [
            (0, None, 10, 0, "8–20"),
            (0, Some(Period::Morning), 10, 0, "8–12"),
            (0, Some(Period::Morning), 12, 0, "12–17"),
            (0, None, 20, 30, "8–20"),
            (hours, None, 8, 0, "9–11"),
            (hours, None, 10, 59, "9–11"),
            (hours, None, 11, 0, "14–17"),
            (hours, Some(Period::Afternoon), 8, 0, "14–17"),
            (hours, Some(Period::Evening), 8, 0, "9–11"),
            (hours, None, 19, 0, "14–17"),
            (hours, None, 10, 1, "9–11"),
        ];
        for (available_hours, time_period, hour, minute, want) in cases {
            let mut details = Details::new("1902046".parse().unwrap(), "範例小吃店".to_owned());
            details.available_hours = available_hours;
            details.time_period = time_period;
            let now = Stamp::taipei(today, hour, minute);
            assert_eq!(default_window(&details, today, now).to_string(), want, "{hour}:{minute} {time_period:?}");
        }
        let mut details = Details::new("1902046".parse().unwrap(), "範例小吃店".to_owned());
        details.time_period = Some(Period::Morning);
        assert_eq!(default_window(&details, today.plus(1), Stamp::taipei(today, 18, 0)).to_string(), "8–12", "tomorrow nothing is over");
    }
}
