//! `Day` is a date on the wall calendar in Taiwan, `Stamp` an instant in UTC, `Month` a calendar
//! month. Taiwan is at UTC+8 all year (no daylight saving since 1980), so one function turns an
//! instant into a day.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, FixedOffset, NaiveDate, NaiveDateTime, Timelike, Utc};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

const TAIPEI_SECONDS: i32 = 8 * 3600;
const WEEKDAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];

/// A calendar day in Taiwan. Prints and is stored as `2025-05-28`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(NaiveDate);

impl Day {
    /// `None` when there is no such day, or the year is outside 1900–2200.
    pub fn new(year: i32, month: u32, day: u32) -> Option<Day> {
        (1900..=2200).contains(&year).then(|| NaiveDate::from_ymd_opt(year, month, day)).flatten().map(Day)
    }

    /// Days since 1970-01-01: the form in which an import holds hundreds of thousands of them.
    pub fn number(self) -> i32 {
        self.0.num_days_from_ce() - 719_163
    }

    pub fn from_number(number: i32) -> Option<Day> {
        NaiveDate::from_num_days_from_ce_opt(number.checked_add(719_163)?).and_then(|d| Day::new(d.year(), d.month(), d.day()))
    }

    pub fn year(self) -> i32 {
        self.0.year()
    }

    pub fn day_of_month(self) -> u32 {
        self.0.day()
    }

    pub fn month(self) -> Month {
        Month { year: self.0.year(), month: self.0.month() }
    }

    /// 1 is Monday, 7 is Sunday, as the shop writes 公休日.
    pub fn weekday(self) -> u32 {
        self.0.weekday().number_from_monday()
    }

    /// 一 … 日.
    pub fn weekday_label(self) -> &'static str {
        WEEKDAYS[self.0.weekday().num_days_from_monday() as usize]
    }

    /// `days` later; negative is earlier. Stays put at the ends of the calendar.
    pub fn plus(self, days: i64) -> Day {
        let moved = match days {
            0.. => self.0.checked_add_days(Days::new(days as u64)),
            _ => self.0.checked_sub_days(Days::new(days.unsigned_abs())),
        };
        moved.and_then(|d| Day::new(d.year(), d.month(), d.day())).unwrap_or(self)
    }

    /// How many days from `earlier` to here.
    pub fn days_since(self, earlier: Day) -> i64 {
        (self.0 - earlier.0).num_days()
    }

    /// `2025/05/28`, as lists show it.
    pub fn slashed(self) -> String {
        self.0.format("%Y/%m/%d").to_string()
    }

    /// `05/28 (三)`, where the year is plain from the place.
    pub fn short(self) -> String {
        format!("{} ({})", self.0.format("%m/%d"), self.weekday_label())
    }

    /// `2025/05/28 (三)`.
    pub fn long(self) -> String {
        format!("{} ({})", self.slashed(), self.weekday_label())
    }

    /// `05/28 (三)` this year, `2021/05/28` otherwise.
    pub fn beside(self, today: Day) -> String {
        if self.year() == today.year() { self.short() } else { self.slashed() }
    }

    /// `114/05/28`: print only.
    pub fn roc_slashed(self) -> String {
        format!("{}/{}", self.year() - 1911, self.0.format("%m/%d"))
    }

    /// `民國114年5月28日`: print only.
    pub fn roc_long(self) -> String {
        format!("民國{}年{}月{}日", self.year() - 1911, self.0.month(), self.0.day())
    }

    /// The same day of the month six months before, or that month's last: where 31 August lands on 28 February.
    pub fn six_months_before(self) -> Day {
        self.0.checked_sub_months(chrono::Months::new(6)).map_or(self, Day)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

/// ISO only, `2025-05-28`: what our own pages and JSON send. People's dates go through `roc::parse_day`.
impl FromStr for Day {
    type Err = ();
    fn from_str(text: &str) -> Result<Day, ()> {
        let shape = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() });
        if !shape {
            return Err(());
        }
        let part = |from: usize, to: usize| text[from..to].parse::<u32>().unwrap_or(0);
        Day::new(part(0, 4) as i32, part(5, 7), part(8, 10)).ok_or(())
    }
}

impl ToSql for Day {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_string().into())
    }
}

impl FromSql for Day {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Day> {
        value.as_str()?.parse().map_err(|()| FromSqlError::InvalidType)
    }
}

/// A calendar month. Prints as `2025-05`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    year: i32,
    month: u32,
}

impl Month {
    pub fn new(year: i32, month: u32) -> Option<Month> {
        Day::new(year, month, 1).map(Day::month)
    }

    pub fn year(self) -> i32 {
        self.year
    }

    pub fn month(self) -> u32 {
        self.month
    }

    pub fn first(self) -> Day {
        Day(NaiveDate::from_ymd_opt(self.year, self.month, 1).unwrap_or_default())
    }

    pub fn last(self) -> Day {
        self.next().first().plus(-1)
    }

    pub fn next(self) -> Month {
        self.plus(1)
    }

    pub fn previous(self) -> Month {
        self.plus(-1)
    }

    /// `months` later; stays put at the ends of the calendar.
    pub fn plus(self, months: i32) -> Month {
        let index = self.year * 12 + self.month as i32 - 1 + months;
        Month::new(index.div_euclid(12), index.rem_euclid(12) as u32 + 1).unwrap_or(self)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl FromStr for Month {
    type Err = ();
    fn from_str(text: &str) -> Result<Month, ()> {
        format!("{text}-01").parse::<Day>().map(Day::month)
    }
}

/// An instant, in milliseconds since 1970 in UTC; the column form is that number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub i64);

impl Stamp {
    pub fn now() -> Stamp {
        Stamp(Utc::now().timestamp_millis())
    }

    /// A wall-clock moment in Taiwan, for tests and demonstration data.
    pub fn taipei(day: Day, hour: u32, minute: u32) -> Stamp {
        let wall = day.0.and_hms_opt(hour.min(23), minute.min(59), 0).unwrap_or_default();
        Stamp(wall.and_utc().timestamp_millis() - i64::from(TAIPEI_SECONDS) * 1000)
    }

    fn wall(self) -> NaiveDateTime {
        let taipei = FixedOffset::east_opt(TAIPEI_SECONDS).unwrap_or_else(|| chrono::Offset::fix(&Utc));
        DateTime::from_timestamp_millis(self.0).unwrap_or_default().with_timezone(&taipei).naive_local()
    }

    /// The one place where an instant becomes a day.
    pub fn day(self) -> Day {
        Day(self.wall().date())
    }

    /// Hour of the day in Taiwan, 0–23.
    pub fn hour(self) -> u32 {
        self.wall().hour()
    }

    /// Minute of the hour, 0–59.
    pub fn minute(self) -> u32 {
        self.wall().minute()
    }

    /// `10:22` in Taiwan.
    pub fn clock(self) -> String {
        self.wall().format("%H:%M").to_string()
    }

    pub fn plus_ms(self, ms: i64) -> Stamp {
        Stamp(self.0.saturating_add(ms))
    }

    pub fn plus_minutes(self, minutes: i64) -> Stamp {
        self.plus_ms(minutes * 60_000)
    }

    /// Whole minutes from `earlier` to here.
    pub fn minutes_since(self, earlier: Stamp) -> i64 {
        (self.0 - earlier.0).div_euclid(60_000)
    }

    /// `10:22:07` in Taiwan.
    pub fn clock_seconds(self) -> String {
        self.wall().format("%H:%M:%S").to_string()
    }

    /// `今天 10:22`, `05/28 (三) 10:22` or `2021/05/28 10:22`.
    pub fn beside(self, now: Stamp) -> String {
        let (day, today) = (self.day(), now.day());
        let date = if day == today { "今天".to_owned() } else { day.beside(today) };
        format!("{date} {}", self.clock())
    }
}

/// RFC 3339 with any offset, as programs send it.
impl FromStr for Stamp {
    type Err = ();
    fn from_str(text: &str) -> Result<Stamp, ()> {
        let moment = DateTime::parse_from_rfc3339(text).map_err(|_| ())?;
        Day::new(moment.year(), 1, 1).map(|_| Stamp(moment.timestamp_millis())).ok_or(())
    }
}

/// RFC 3339 in Taiwan time, the form JSON carries.
impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+08:00", self.wall().format("%Y-%m-%dT%H:%M:%S"))
    }
}

impl ToSql for Stamp {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        self.0.to_sql()
    }
}

impl FromSql for Stamp {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Stamp> {
        value.as_i64().map(Stamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_at_midnight_in_taiwan() {
        let cases = [("2025-05-27", 23, 59), ("2025-05-28", 0, 0), ("2024-02-29", 12, 30)];
        for (day, hour, minute) in cases {
            let day: Day = day.parse().unwrap();
            assert_eq!(Stamp::taipei(day, hour, minute).day(), day, "{day} {hour}:{minute}");
        }
        assert_eq!(Stamp::taipei("2025-05-28".parse().unwrap(), 0, 0).0, 1_748_361_600_000);
    }

    #[test]
    fn days_are_numbered_and_come_back() {
        for number in -20_000..60_000 {
            let day = Day::from_number(number).unwrap();
            assert_eq!(day.number(), number);
            assert_eq!(day.to_string().parse(), Ok(day));
        }
        assert_eq!(Day::from_number(0).unwrap().to_string(), "1970-01-01");
    }

    #[test]
    fn six_months_before_stays_in_the_month() {
        let cases = [("2025-08-31", "2025-02-28"), ("2024-08-30", "2024-02-29"), ("2025-05-28", "2024-11-28")];
        for (day, before) in cases {
            assert_eq!(day.parse::<Day>().unwrap().six_months_before().to_string(), before);
        }
    }

    #[test]
    fn only_iso_days_are_ours() {
        for text in ["", "2025-2-03", "2025-02-30", "20250228", "2025-02-28 ", "2025/02/28", "民國114年", "１０２５-02-28"] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }
}
