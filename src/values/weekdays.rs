//! 公休日: the days a customer is closed, as the shop's list writes them (business §6.1): `7`, `6.7`, `7.Red`, 六日.

use std::fmt;

use crate::values::{Day, text};

const NAMES: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];

/// When a customer is closed. What was written otherwise (不定, 隔週一) is kept as text and blocks nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClosedDays {
    /// Bit 0 is Monday, bit 6 Sunday.
    pub weekdays: u8,
    /// Red-letter days of the calendar.
    pub on_holidays: bool,
    pub text: Option<String>,
}

impl ClosedDays {
    /// Never fails: what is not understood, as a whole, is text.
    pub fn parse(typed: &str) -> ClosedDays {
        let narrow = text::narrow(text::trim(typed)).to_lowercase();
        // A spreadsheet's 7 may arrive as 7.0.
        let tight: String = narrow.strip_suffix(".0").unwrap_or(&narrow).chars().filter(|c| !text::is_blank(*c) || *c == ' ').collect();
        let said = tight.trim_end_matches('休').trim_end_matches('公');
        let mut days = ClosedDays::default();
        let mut is_understood = true;
        for word in said.split(['.', ',', '、', ' ', ';', '/', '+', '和', '及']).filter(|word| !word.is_empty()) {
            match word {
                "red" | "紅字" | "國定假日" | "國定假期" => days.on_holidays = true,
                "無" | "不" => {}
                _ => match weekdays(word) {
                    Some(mask) => days.weekdays |= mask,
                    None => is_understood = false,
                },
            }
        }
        if is_understood { days } else { ClosedDays { text: Some(text::trim(typed).to_owned()), ..ClosedDays::default() } }
    }

    /// Closed on the weekday of `day`; whether it is a holiday is the calendar's to say.
    pub fn includes_weekday(&self, day: Day) -> bool {
        self.weekdays & 1 << (day.weekday() - 1) != 0
    }

    pub fn is_empty(&self) -> bool {
        self.weekdays == 0 && !self.on_holidays && self.text.is_none()
    }
}

/// `3`, 三, 週三, 星期六日; `None` when anything else stands in it.
fn weekdays(word: &str) -> Option<u8> {
    if let Ok(number @ 1..=7) = word.parse::<u8>() {
        return Some(1 << (number - 1));
    }
    let names = ["星期", "禮拜", "週", "周"].iter().find_map(|prefix| word.strip_prefix(prefix)).unwrap_or(word);
    let mut mask = 0;
    for c in names.chars() {
        let at = if c == '天' { 6 } else { NAMES.iter().position(|name| name.starts_with(c))? };
        mask |= 1 << at;
    }
    (mask != 0).then_some(mask)
}

/// 六、日 of a mask whose bit 0 is Monday.
pub fn names(mask: u8) -> String {
    let names: Vec<&str> = (0..7).filter(|at| mask & 1 << at != 0).map(|at| NAMES[at]).collect();
    names.join("、")
}

/// 星期三和國定假日公休, 星期六、日公休, 無公休; free text as it was written.
impl fmt::Display for ClosedDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = &self.text {
            return f.write_str(text);
        }
        let names = names(self.weekdays);
        match (names.is_empty(), self.on_holidays) {
            (true, false) => f.write_str("無公休"),
            (true, true) => f.write_str("國定假日公休"),
            (false, false) => write!(f, "星期{names}公休"),
            (false, true) => write!(f, "星期{names}和國定假日公休"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn every_value_of_the_shops_list_is_read() {
        let truth: Value = serde_json::from_str(include_str!("../../tests/sample/truth.json")).unwrap();
        let values = truth["closed_day_values"].as_object().unwrap();
        assert!(20 <= values.len());
        for (typed, meant) in values {
            let days = ClosedDays::parse(typed);
            if meant == "text" {
                assert_eq!(days.text.as_deref(), Some(typed.as_str()), "{typed}");
                assert_eq!((days.weekdays, days.on_holidays), (0, false), "{typed}");
                continue;
            }
            let meant = meant.as_array().cloned().unwrap_or_else(|| vec![meant.clone()]);
            let mask = meant.iter().filter_map(Value::as_u64).fold(0, |mask, day| mask | 1 << (day - 1));
            assert_eq!(
                days,
                ClosedDays { weekdays: mask, on_holidays: meant.contains(&Value::from("public holidays")), text: None },
                "{typed}"
            );
        }
    }

    #[test]
    fn closed_days_are_said_in_words() {
        let cases = [
            ("7", "星期日公休"),
            ("6.7", "星期六、日公休"),
            ("7.0", "星期日公休"),
            ("3.Red", "星期三和國定假日公休"),
            ("Ｒｅｄ", "國定假日公休"),
            ("星期二、四", "星期二、四公休"),
            ("", "無公休"),
            ("無", "無公休"),
            (" 隔週一 ", "隔週一"),
            ("8", "8"),
        ];
        for (typed, said) in cases {
            assert_eq!(ClosedDays::parse(typed).to_string(), said, "{typed}");
        }
        let sunday: Day = "2025-06-01".parse().unwrap();
        assert!(ClosedDays::parse("日").includes_weekday(sunday) && !ClosedDays::parse("六").includes_weekday(sunday));
    }

    #[test]
    fn every_set_of_days_is_read_back_as_said() {
        for weekdays in 0..128 {
            for on_holidays in [false, true] {
                let days = ClosedDays { weekdays, on_holidays, text: None };
                assert_eq!(ClosedDays::parse(&days.to_string()), days, "{days}");
            }
        }
    }
}
