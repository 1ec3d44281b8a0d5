//! The part of a day in which a customer expects the truck: `14:00` to `17:00`.

use std::fmt;
use std::str::FromStr;

use crate::values::text;

/// From when to when, in minutes after midnight; the end lies after the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    start: u16,
    end: u16,
}

impl Window {
    /// 08–20, the hours of the shop's customers (business §6.4).
    pub const ALL_DAY: Window = Window { start: 8 * 60, end: 20 * 60 };
    pub const MORNING: Window = Window { start: 8 * 60, end: 12 * 60 };
    pub const AFTERNOON: Window = Window { start: 12 * 60, end: 17 * 60 };
    pub const EVENING: Window = Window { start: 17 * 60, end: 20 * 60 };

    /// `None` unless the end lies after the start and within the day.
    pub fn new(start_minute: u16, end_minute: u16) -> Option<Window> {
        (start_minute < end_minute && end_minute <= 24 * 60).then_some(Window { start: start_minute, end: end_minute })
    }

    /// Between two full hours; `None` as above.
    pub fn hours(start: u32, end: u32) -> Option<Window> {
        Window::new(u16::try_from(start * 60).ok()?, u16::try_from(end * 60).ok()?)
    }

    /// From two clock times, as columns and JSON have them: `14:00` and `17:00`.
    pub fn between(start: &str, end: &str) -> Option<Window> {
        Window::new(minute(start)?, minute(end)?)
    }

    /// `14:00`.
    pub fn start(self) -> String {
        clock(self.start)
    }

    /// `17:00`; midnight is `24:00`.
    pub fn end(self) -> String {
        clock(self.end)
    }

    pub fn start_minute(self) -> u16 {
        self.start
    }

    pub fn end_minute(self) -> u16 {
        self.end
    }

    /// Whether it lies wholly within the hours of `mask`, whose bit 0 is 08–09 and bit 11 is 19–20; 0 is any hour.
    pub fn is_within(self, mask: u16) -> bool {
        let is_open = |hour: u16| (8..20).contains(&hour) && mask & 1 << (hour - 8) != 0;
        mask == 0 || (self.start / 60..self.end.div_ceil(60)).all(is_open)
    }

    /// The unbroken stretches of the hours of `mask`, in their order; empty for 0.
    pub fn stretches(mask: u16) -> Vec<Window> {
        let mut stretches: Vec<Window> = Vec::new();
        for hour in (8..20u16).filter(|hour| mask & 1 << (hour - 8) != 0) {
            match stretches.last_mut() {
                Some(last) if last.end == hour * 60 => last.end += 60,
                _ => stretches.push(Window { start: hour * 60, end: hour * 60 + 60 }),
            }
        }
        stretches
    }

    /// What it has in common with `other`.
    pub fn and(self, other: Window) -> Option<Window> {
        Window::new(self.start.max(other.start), self.end.min(other.end))
    }
}

/// `14:30` of a minute after midnight.
pub fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The minute after midnight of `9`, `09`, `9:30`, `0930`, `14點`; `None` when it is no time of day. 24:00 is one.
pub fn minute(typed: &str) -> Option<u16> {
    let tight: String = text::narrow(typed).chars().filter(|c| !text::is_blank(*c)).collect();
    let tight = tight.replace("點半", ":30");
    let tight = tight.trim_end_matches(['點', '時']);
    let (hour, minute) = match tight.split_once([':', '：', '點']) {
        Some((hour, minute)) => (hour, minute.trim_end_matches('分')),
        None if tight.len() == 4 => tight.split_at_checked(2)?,
        None => (tight, "0"),
    };
    let number = |digits: &str| {
        let is_number = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse::<u16>().ok()).flatten()
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    (minute < 60 && hour * 60 + minute <= 24 * 60).then_some(hour * 60 + minute)
}

/// `9–11`, `14:30–16`, as people write it; also 早 (8–12), 午 (12–17), 晚 (17–20), 全天 (business §6.4).
impl FromStr for Window {
    type Err = ();
    fn from_str(typed: &str) -> Result<Window, ()> {
        let tight = text::narrow(text::trim(typed));
        match tight.as_str() {
            "全天" | "整天" | "不限" | "0" => return Ok(Window::ALL_DAY),
            "早" | "早上" | "上午" | "1" => return Ok(Window::MORNING),
            "午" | "下午" | "中午" | "2" => return Ok(Window::AFTERNOON),
            "晚" | "晚上" | "傍晚" | "3" => return Ok(Window::EVENING),
            _ => {}
        }
        let (start, end) = tight.split_once(['-', '–', '—', '~', '〜', '到', '至']).ok_or(())?;
        Window::between(start, end).ok_or(())
    }
}

/// `9–11`, `14:30–16`.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short =
            |minute: u16| if minute.is_multiple_of(60) { (minute / 60).to_string() } else { format!("{}:{:02}", minute / 60, minute % 60) };
        write!(f, "{}–{}", short(self.start), short(self.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_read_as_people_write_it() {
        let cases = [
            ("9-11", Some("9–11")),
            ("０９：００～１１：３０", Some("9–11:30")),
            ("14:30–16", Some("14:30–16")),
            ("1430-1600", Some("14:30–16")),
            ("9點到11點半", Some("9–11:30")),
            ("早", Some("8–12")),
            ("下午", Some("12–17")),
            ("晚上", Some("17–20")),
            ("全天", Some("8–20")),
            ("20-24", Some("20–24")),
            ("11-9", None),
            ("9-9", None),
            ("9-25", None),
            ("9:75-10", None),
            ("九點", None),
            ("", None),
            ("-", None),
        ];
        for (typed, want) in cases {
            assert_eq!(typed.parse::<Window>().ok().map(|window| window.to_string()).as_deref(), want, "{typed}");
        }
    }

    #[test]
    fn every_window_is_read_back_as_printed() {
        for start in (0..24 * 60).step_by(5) {
            for end in (start + 5..=24 * 60).step_by(35) {
                let window = Window::new(start, end).unwrap();
                assert_eq!(window.to_string().parse(), Ok(window));
                assert_eq!(Window::between(&window.start(), &window.end()), Some(window));
            }
        }
    }

    #[test]
    fn a_window_is_held_against_the_hours_a_customer_takes_gas() {
        // 9–11 and 14–17.
        let mask = 0b0000_0001_1100_0110;
        assert_eq!(Window::stretches(mask), [Window::hours(9, 11).unwrap(), Window::hours(14, 17).unwrap()]);
        for (window, is_within) in
            [("9-11", true), ("9:30-10:30", true), ("10-12", false), ("14-17", true), ("8-20", false), ("20-21", false)]
        {
            assert_eq!(window.parse::<Window>().unwrap().is_within(mask), is_within, "{window}");
        }
        assert!(Window::ALL_DAY.is_within(0) && Window::stretches(0).is_empty());
        assert_eq!(Window::AFTERNOON.and(Window::hours(9, 14).unwrap()), Window::hours(12, 14));
        assert_eq!(Window::MORNING.and(Window::EVENING), None);
    }
}
