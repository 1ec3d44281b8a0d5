//! Dates as people type them and as spreadsheets hold them: 民國 or western, text or integer (taiwan.md §3;
//! for imports the data's own README, "Dates"). A 民國 year is the western one less 1911.
//!
//! Invariants
//! - Nothing is guessed: a number that could be two days, or a serial number without a date format, is refused.
//! - A day printed in any accepted form is read back as that day.

use std::ops::RangeInclusive;

use crate::values::{Day, Month, text};

/// Why a text is not a day (or a month).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayProblem {
    Empty,
    NotADate,
    /// 2 月 30 日, month 13.
    NoSuchDay,
    /// `24/05/12`, `05/12/2024`: more than one day could be meant.
    Ambiguous,
    /// `5/12`, `0512`.
    NoYear,
    /// A month where a day is asked for.
    MonthOnly,
    TooEarly,
    TooLate,
}

impl DayProblem {
    /// What is wrong and what to do, for the person typing.
    pub fn say(self) -> &'static str {
        match self {
            DayProblem::Empty => "請填寫日期。",
            DayProblem::NotADate => "看不懂這個日期，請寫成 114/05/28 或 2025/05/28。",
            DayProblem::NoSuchDay => "沒有這一天，請看看月份和日期。",
            DayProblem::Ambiguous => "分不清是哪一天，請把年份寫完整，例如 114/05/28。",
            DayProblem::NoYear => "少了年份，請寫成 114/05/28。",
            DayProblem::MonthOnly => "只寫到月份，請寫到哪一日。",
            DayProblem::TooEarly => "日期太早了，請看看年份。",
            DayProblem::TooLate => "日期超過一年以後，請看看年份。",
        }
    }
}

/// 民國 60/1/1, before which nothing in the shop's lists can be.
const FIRST_ROC_YEAR: i64 = 60;

/// The days a list may hold: 民國 60/1/1 up to a year after `today`.
pub fn window(today: Day) -> RangeInclusive<Day> {
    let first = Day::new(1911 + FIRST_ROC_YEAR as i32, 1, 1).unwrap_or(today);
    first..=Day::new(today.year() + 1, today.month().month(), today.day_of_month()).unwrap_or_else(|| today.plus(365))
}

/// The day in `typed`, between 民國 60/1/1 and a year after `today`.
pub fn parse_day(typed: &str, today: Day) -> Result<Day, DayProblem> {
    parse_day_within(typed, window(today))
}

/// The day in `typed`, which must be one of `days`.
pub fn parse_day_within(typed: &str, days: RangeInclusive<Day>) -> Result<Day, DayProblem> {
    match read(typed)? {
        Read::Day(day) if day < *days.start() => Err(DayProblem::TooEarly),
        Read::Day(day) if *days.end() < day => Err(DayProblem::TooLate),
        Read::Day(day) => Ok(day),
        Read::Month(_) => Err(DayProblem::MonthOnly),
    }
}

/// The day somebody means who plans the days ahead: every form of [`parse_day`], and besides `5/30`, `0530` and
/// `5月30日` (the nearest such day) and `30` (the next of that number, today included). `Err` is what to say.
pub fn parse_near(typed: &str, today: Day) -> Result<Day, String> {
    let narrow = text::narrow(text::trim(typed));
    let tight: String = narrow.chars().filter(|c| !text::is_blank(*c)).collect();
    let near = match month_and_day(&tight) {
        Some((Some(month), day)) => nearest(month, day, today),
        Some((None, day)) => next_of_number(day, today),
        None => parse_day(&tight, today),
    };
    near.map_err(|problem| match problem {
        DayProblem::NoSuchDay => format!("沒有 {tight} 這一天。"),
        DayProblem::NotADate | DayProblem::NoYear => "看不懂這個日期，請寫成 5/30 或 114/05/30。".to_owned(),
        other => other.say().to_owned(),
    })
}

/// `5/30`, `5-30`, `5月30日`, `530`, `0530`; a lone `30` or `30日` has no month.
fn month_and_day(tight: &str) -> Option<(Option<u32>, u32)> {
    let number = |digits: &str| {
        let is_number = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok()).flatten()
    };
    let tight = tight.strip_suffix(['日', '號']).unwrap_or(tight);
    if let Some((month, day)) = tight.split_once(['/', '-', '.', '月']) {
        return Some((Some(number(month)?), number(day)?));
    }
    if !tight.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match tight.len() {
        1 | 2 => Some((None, number(tight)?)),
        3 | 4 => {
            let (month, day) = tight.split_at_checked(tight.len() - 2)?;
            Some((Some(number(month)?), number(day)?))
        }
        _ => None,
    }
}

/// The `month`/`day` that lies closest to `today`, whichever year that is.
fn nearest(month: u32, day: u32, today: Day) -> Result<Day, DayProblem> {
    let years = today.year() - 1..=today.year() + 1;
    let days = years.filter_map(|year| Day::new(year, month, day));
    days.min_by_key(|day| day.days_since(today).abs()).filter(|day| day.days_since(today).abs() <= 183).ok_or(DayProblem::NoSuchDay)
}

fn next_of_number(day: u32, today: Day) -> Result<Day, DayProblem> {
    if !(1..=31).contains(&day) {
        return Err(DayProblem::NotADate);
    }
    let month = if day < today.day_of_month() { today.month().next() } else { today.month() };
    Day::new(month.year(), month.month(), day).ok_or(DayProblem::NoSuchDay)
}

/// The month in `typed`: `114/05`, `114年5月`, `11405`, `2025-05`. A whole day is refused.
pub fn parse_month(typed: &str, today: Day) -> Result<Month, DayProblem> {
    // In a place that asks for a month, four digits are year and month: 9905.
    let short = text::narrow(text::trim(typed));
    let month = match short.parse::<u32>() {
        Ok(number) if short.len() == 4 && FIRST_ROC_YEAR as u32 <= number / 100 => {
            Month::new((number / 100) as i32 + 1911, number % 100).ok_or(DayProblem::NoSuchDay)?
        }
        _ => match read(typed)? {
            Read::Month(month) => month,
            Read::Day(_) => return Err(DayProblem::NotADate),
        },
    };
    let days = window(today);
    if month < days.start().month() {
        Err(DayProblem::TooEarly)
    } else if days.end().month() < month {
        Err(DayProblem::TooLate)
    } else {
        Ok(month)
    }
}

/// The day of a 民國 integer, `1140528` or `990315`, from 民國 60 on; how late it may be is the caller's to say.
/// This is what 350,000 cells of a history are, so it does nothing else.
#[inline]
pub fn from_roc_integer(number: i64) -> Option<Day> {
    if !(FIRST_ROC_YEAR * 10_000..10_000_000).contains(&number) {
        return None;
    }
    Day::new((number / 10_000) as i32 + 1911, (number / 100 % 100) as u32, (number % 100) as u32)
}

/// The day of a cell that carries a date format, from 1900-03-01 on: days since 1899-12-30, or 1,462 more in a
/// workbook that says date1904. The time of day is dropped. Never for a bare number.
pub fn from_excel_serial(serial: f64, is_1904: bool) -> Option<Day> {
    const DAYS_TO_1970: f64 = 25_569.0;
    let serial = serial.floor() + if is_1904 { 1_462.0 } else { 0.0 };
    // Up to 60 Excel believes in 29 February 1900.
    if !(61.0..=110_000.0).contains(&serial) {
        return None;
    }
    Day::from_number((serial - DAYS_TO_1970) as i32)
}

enum Read {
    Day(Day),
    Month(Month),
}

/// What `typed` says, wherever in time that is.
fn read(typed: &str) -> Result<Read, DayProblem> {
    let narrow = text::narrow(typed);
    let without_time = without_time(&narrow).ok_or(DayProblem::NotADate)?;
    let tight: String = without_time.chars().filter(|c| !text::is_blank(*c)).collect();
    if tight.is_empty() {
        return Err(DayProblem::Empty);
    }
    let after = |names: &[&str]| names.iter().find_map(|name| tight.strip_prefix(name));
    let (era, rest) = match (after(&["中華民國", "民國", "民"]), after(&["西元", "公元"])) {
        (Some(rest), _) => (Some(Era::Roc), rest),
        (None, Some(rest)) => (Some(Era::Western), rest),
        (None, None) => (None, tight.as_str()),
    };
    if rest.contains('年') {
        return with_words(rest, era);
    }
    match rest.find(|c: char| !c.is_ascii_digit()) {
        None => bare_digits(rest, era),
        Some(at) => match rest[at..].chars().next() {
            Some(mark @ ('/' | '.' | '-' | '–' | '—')) => parted(rest, mark, era),
            _ => Err(DayProblem::NotADate),
        },
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Era {
    Roc,
    Western,
}

/// `113年5月12日`, also in Chinese numerals and with 元年.
fn with_words(rest: &str, era: Option<Era>) -> Result<Read, DayProblem> {
    let (year, rest) = rest.split_once('年').ok_or(DayProblem::NotADate)?;
    let (month, rest) = rest.split_once('月').ok_or(DayProblem::NotADate)?;
    let year = western_year(numeral(year).ok_or(DayProblem::NotADate)?, era)?;
    let month = numeral(month).ok_or(DayProblem::NotADate)?;
    match rest.trim_end_matches(['日', '號']) {
        "" if rest.is_empty() => month_of(year, month),
        day => day_of(year, month, numeral(day).ok_or(DayProblem::NotADate)?),
    }
}

/// `113/05/12`, `2024-5-12`, `113.5`.
fn parted(rest: &str, mark: char, era: Option<Era>) -> Result<Read, DayProblem> {
    let mut parts = [0_u32; 3];
    let mut widths = [0_usize; 3];
    let mut count = 0;
    for part in rest.split(mark) {
        let is_number = (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        if count == 3 || !is_number {
            // 1130512.0 is what a spreadsheet makes of an integer; 45424.5 is a serial number, and no date.
            return match rest.strip_suffix(".0") {
                Some(whole) if whole.bytes().all(|byte| byte.is_ascii_digit()) => bare_digits(whole, era),
                _ => Err(DayProblem::NotADate),
            };
        }
        (parts[count], widths[count]) = (part.parse().map_err(|_| DayProblem::NotADate)?, part.len());
        count += 1;
    }
    match count {
        3 if era.is_none() && widths[2] == 4 && widths[0] < 3 => Err(DayProblem::Ambiguous),
        3 => day_of(western_year(parts[0], era)?, parts[1], parts[2]),
        2 if era.is_some() || FIRST_ROC_YEAR as u32 <= parts[0] => month_of(western_year(parts[0], era)?, parts[1]),
        2 => Err(DayProblem::NoYear),
        _ => Err(DayProblem::NotADate),
    }
}

/// `1130512`, `990512`, `01130512`, `20240512`, `11305`.
fn bare_digits(digits: &str, era: Option<Era>) -> Result<Read, DayProblem> {
    if !(4..=8).contains(&digits.len()) {
        return Err(DayProblem::NotADate);
    }
    let number: u32 = digits.parse().map_err(|_| DayProblem::NotADate)?;
    let (year, month, day) = (number / 10_000, number / 100 % 100, number % 100);
    match digits.len() {
        8 if digits.starts_with('0') => day_of(western_year(year, Some(Era::Roc))?, month, day),
        8 if digits.starts_with("19") || digits.starts_with("20") => day_of(year as i32, month, day),
        7 => day_of(western_year(year, Some(Era::Roc))?, month, day),
        6 => day_of(western_year(year, era)?, month, day),
        // 10001–12512 is year and month; other five digits are most often a serial number that lost its format.
        5 if (100..=125).contains(&(number / 100)) => month_of(western_year(number / 100, Some(Era::Roc))?, number % 100),
        4 => Err(DayProblem::NoYear),
        _ => Err(DayProblem::NotADate),
    }
}

/// A year as written: under 1911 it is 民國, but two digits under 60 could be either.
fn western_year(year: u32, era: Option<Era>) -> Result<i32, DayProblem> {
    match (era, year) {
        (_, 0) => Err(DayProblem::NoSuchDay),
        (Some(Era::Western), _) => Ok(year as i32),
        (Some(Era::Roc), _) => Ok(year as i32 + 1911),
        (None, 1..60) => Err(DayProblem::Ambiguous),
        (None, 60..1911) => Ok(year as i32 + 1911),
        (None, _) => Ok(year as i32),
    }
}

fn day_of(year: i32, month: u32, day: u32) -> Result<Read, DayProblem> {
    Day::new(year, month, day).map(Read::Day).ok_or(DayProblem::NoSuchDay)
}

fn month_of(year: i32, month: u32) -> Result<Read, DayProblem> {
    Month::new(year, month).map(Read::Month).ok_or(DayProblem::NoSuchDay)
}

/// `text` up to the time of day, when it has one; `None` when what stands there is no time.
fn without_time(text: &str) -> Option<&str> {
    let is_time = |time: &str| {
        let time = time.trim_end_matches("AM").trim_end_matches("PM").trim_end_matches(['Z', 'z']);
        time.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | '+' | '時' | '點' | '分' | '秒') || text::is_blank(c))
    };
    for half in ["上午", "下午"] {
        if let Some((date, time)) = text.split_once(half) {
            return is_time(time).then_some(date);
        }
    }
    let Some(colon) = text.find(':') else { return Some(text) };
    let date = text[..colon].trim_end_matches(|c: char| c.is_ascii_digit());
    let hour = &text[date.len()..colon];
    let cut = date.trim_end_matches(['T', 't']);
    let is_parted = cut.len() < date.len() || date.ends_with(text::is_blank);
    ((1..=2).contains(&hour.len()) && is_parted && is_time(&text[date.len()..])).then_some(cut)
}

/// `12`, 十二, 一百一十三, 一一三, 元.
fn numeral(typed: &str) -> Option<u32> {
    if typed.is_empty() || 24 < typed.len() {
        return None;
    }
    if typed.bytes().all(|byte| byte.is_ascii_digit()) {
        return typed.parse().ok();
    }
    if typed == "元" { Some(1) } else { text::chinese_number(typed) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn today() -> Day {
        "2026-01-02".parse().unwrap()
    }

    #[test]
    fn a_day_ahead_is_read_as_people_say_it() {
        let cases = [
            ("2025-05-28", "5/30", Ok("2025-05-30")),
            ("2025-05-28", "５／３０", Ok("2025-05-30")),
            ("2025-05-28", "05-30", Ok("2025-05-30")),
            ("2025-05-28", "530", Ok("2025-05-30")),
            ("2025-05-28", "0530", Ok("2025-05-30")),
            ("2025-05-28", "5月30日", Ok("2025-05-30")),
            ("2025-05-28", "30", Ok("2025-05-30")),
            ("2025-05-28", "30號", Ok("2025-05-30")),
            ("2025-05-28", "28", Ok("2025-05-28")),
            ("2025-05-28", "3", Ok("2025-06-03")),
            ("2025-05-28", "114/05/30", Ok("2025-05-30")),
            ("2025-05-28", "1140530", Ok("2025-05-30")),
            ("2025-05-28", "2025-06-01", Ok("2025-06-01")),
            ("2025-05-28", "民國114年6月1日", Ok("2025-06-01")),
            ("2025-05-28", "5/20", Ok("2025-05-20")),
            ("2025-12-28", "1/3", Ok("2026-01-03")),
            ("2026-01-02", "12/30", Ok("2025-12-30")),
            ("2025-12-31", "3", Ok("2026-01-03")),
            ("2024-02-20", "2/29", Ok("2024-02-29")),
            ("2025-05-28", "2/30", Err("沒有 2/30 這一天。")),
            ("2025-02-20", "2/29", Err("沒有 2/29 這一天。")),
            ("2025-05-28", "13/1", Err("沒有 13/1 這一天。")),
            ("2025-02-20", "30", Err("沒有 30 這一天。")),
            ("2025-05-28", "114/02/30", Err("沒有 114/02/30 這一天。")),
            ("2025-05-28", "32", Err("看不懂這個日期，請寫成 5/30 或 114/05/30。")),
            ("2025-05-28", "後天", Err("看不懂這個日期，請寫成 5/30 或 114/05/30。")),
            ("2025-05-28", "114/05", Err("只寫到月份，請寫到哪一日。")),
            ("2025-05-28", "", Err("請填寫日期。")),
        ];
        for (today, typed, want) in cases {
            let today = today.parse().unwrap();
            let have = parse_near(typed, today).map(|day| day.to_string());
            assert_eq!(have.as_deref().map_err(String::as_str), want, "{typed} on {today}");
        }
    }

    #[test]
    fn every_day_of_the_next_month_is_read_back_as_shown() {
        let start = today();
        for today in (0..800).map(|days| start.plus(days)) {
            for ahead in 0..=30 {
                let day = today.plus(ahead);
                for typed in [format!("{}/{}", day.month().month(), day.day_of_month()), day.roc_slashed(), day.to_string()] {
                    assert_eq!(parse_near(&typed, today), Ok(day), "{typed} on {today}");
                }
            }
        }
    }

    fn vectors() -> Value {
        serde_json::from_str(include_str!("../../tests/vectors/roc_date.json")).unwrap()
    }

    fn shown(input: &Value) -> String {
        input.as_str().map_or_else(|| input.to_string(), str::to_owned)
    }

    #[test]
    fn every_date_of_the_vectors_is_read() {
        let mut counts = [0; 4];
        for case in vectors()["valid"].as_array().unwrap() {
            let (input, output) = (shown(&case["input"]), case["output"].as_str().unwrap());
            let serial = input.parse::<f64>().ok().filter(|number| (36_526.0..54_789.0).contains(number));
            match (case["precision"].as_str().unwrap(), serial) {
                // Serial numbers are dates only in a cell that says so: the cell knows, the text does not.
                ("day", Some(serial)) => {
                    let is_1904 = case["note"].as_str().is_some_and(|note| note.contains("1904"));
                    assert_eq!(from_excel_serial(serial, is_1904), output.parse().ok(), "{input}");
                    assert!(parse_day(&input, today()).is_err(), "{input} as a bare number is never guessed at");
                    counts[0] += 1;
                }
                ("day", None) if output < "1971-01-01" => {
                    // 民國元年 is a date, and no date of this shop's.
                    let all = Day::new(1912, 1, 1).unwrap()..=today();
                    assert_eq!(parse_day_within(&input, all), Ok(output.parse().unwrap()), "{input}");
                    assert_eq!(parse_day(&input, today()), Err(DayProblem::TooEarly), "{input}");
                    counts[1] += 1;
                }
                ("day", None) => {
                    assert_eq!(parse_day(&input, today()), Ok(output.parse().unwrap()), "{input}");
                    if case["input"].is_i64() && input.len() < 8 {
                        assert_eq!(from_roc_integer(case["input"].as_i64().unwrap()), output.parse().ok(), "{input}");
                    }
                    counts[1] += 1;
                }
                ("month", _) => {
                    assert_eq!(parse_month(&input, today()), Ok(output.parse().unwrap()), "{input}");
                    assert!(parse_day(&input, today()).is_err(), "{input} is no day");
                    counts[2] += 1;
                }
                // Nobody reads invoice periods yet; they must not pass for days.
                (_, _) => {
                    assert!(parse_day(&input, today()).is_err(), "{input} is no day");
                    counts[3] += 1;
                }
            }
        }
        assert_eq!(counts, [5, 34, 4, 1], "serials, days, months, periods");
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for input in vectors()["invalid"].as_array().unwrap() {
            let input = input.as_str().unwrap();
            assert!(parse_day(input, today()).is_err(), "{input}");
        }
        for case in vectors()["ambiguous"].as_array().unwrap() {
            let input = case["input"].as_str().unwrap();
            let problem = parse_day(input, today()).unwrap_err();
            assert!(matches!(problem, DayProblem::Ambiguous | DayProblem::NoYear), "{input}: {problem:?}");
        }
        let cases = [
            ("1130230", DayProblem::NoSuchDay),
            ("2240512", DayProblem::TooLate),
            ("113/2/30", DayProblem::NoSuchDay),
            ("未送", DayProblem::NotADate),
            ("45123", DayProblem::NotADate),
            ("45424.5", DayProblem::NotADate),
            ("59/12/31", DayProblem::Ambiguous),
            ("0591231", DayProblem::TooEarly),
            ("116/01/03", DayProblem::TooLate),
            ("113/5/12:30", DayProblem::NotADate),
            ("113/5/12 送兩桶: 好", DayProblem::NotADate),
            ("6123456", DayProblem::NoSuchDay),
            ("114年5月", DayProblem::MonthOnly),
        ];
        for (typed, problem) in cases {
            assert_eq!(parse_day(typed, today()), Err(problem), "{typed}");
            assert!(!problem.say().is_empty());
        }
        assert_eq!([591_231, 1_130_230, 45_123, 0, -1_130_512, 10_000_101].map(from_roc_integer), [None; 6]);
    }

    #[test]
    fn forms_of_the_shops_own_lists_are_read() {
        let cases = [
            "1140528.0",
            "114/5/28",
            "１１４０５２８",
            "114–05–28",
            "0114/05/28",
            "2025-05-28T10:05:00+08:00",
            "114.05.28 下午3:20",
            "2025/5/28 上午 10:05:00",
            "2025/5/28 3:20 PM",
            "民國一百十四年五月二十八日",
            "114年5月28號",
            "西元2025年5月28日",
            "114 / 5 / 28",
        ];
        for typed in cases {
            assert_eq!(parse_day(typed, today()), "2025-05-28".parse().map_err(|()| DayProblem::Empty), "{typed}");
        }
        assert_eq!(*window(today()).end(), "2027-01-02".parse().unwrap());
        assert_eq!(*window("2024-02-29".parse().unwrap()).end(), "2025-02-28".parse().unwrap());
    }

    #[test]
    fn the_round_trips_of_the_vectors_close() {
        for case in vectors()["roundtrip"].as_array().unwrap() {
            let day: Day = case["iso"].as_str().unwrap().parse().unwrap();
            assert_eq!(day.roc_slashed(), case["slash"].as_str().unwrap());
            assert_eq!(day.roc_long(), case["long"].as_str().unwrap());
            // `period` names two months of invoices, which nobody reads yet.
            for form in ["iso", "roc7", "slash", "long", "ach8"] {
                assert_eq!(parse_day(case[form].as_str().unwrap(), today()), Ok(day), "{form} of {day}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_day_in_any_form_is_read_back(number in 365..20_600_i32, hour in 0..24_u32, minute in 0..60_u32) {
            let day = Day::from_number(number).unwrap();
            let (year, month, date) = (day.year(), day.month().month(), day.day_of_month());
            let roc = year - 1911;
            let forms = [
                format!("{roc}{month:02}{date:02}"), format!("{roc:03}{month:02}{date:02}"), format!("{roc:04}{month:02}{date:02}"),
                format!("{year}{month:02}{date:02}"), format!("{roc}/{month}/{date}"), format!("{roc}.{month:02}.{date:02}"),
                format!("{roc:03}-{month:02}-{date:02}"), format!("{year}/{month}/{date}"), format!("{roc}年{month}月{date}日"),
                format!("中華民國 {roc} 年 {month} 月 {date} 日"), format!("{year}年{month}月{date}日"), format!(" {roc}{month:02}{date:02}.0"),
                day.to_string(), day.slashed(), day.roc_slashed(), day.roc_long(),
            ];
            for form in forms {
                prop_assert_eq!(parse_day(&form, today()), Ok(day), "{}", &form);
                if !form.ends_with(".0") {
                    let timed = format!("{form} {hour}:{minute:02}");
                    prop_assert_eq!(parse_day(&timed, today()), Ok(day), "{}", timed);
                }
            }
            prop_assert_eq!(from_roc_integer(i64::from(roc * 10_000) + i64::from(month * 100 + date)), Some(day));
            prop_assert_eq!(from_excel_serial(f64::from(number) + 25_569.0 + f64::from(hour) / 24.0, false), Some(day));
            prop_assert_eq!(from_excel_serial(f64::from(number) + 25_569.0 - 1_462.0, true), Some(day));
            prop_assert_eq!(parse_month(&format!("{roc}/{month:02}"), today()), Ok(day.month()));
        }

        #[test]
        fn anything_typed_is_answered(typed in "[0-9/年月日民國 :.T上下午-]{0,20}|.{0,20}") {
            let _ = (parse_day(&typed, today()), parse_month(&typed, today()));
        }
    }
}
