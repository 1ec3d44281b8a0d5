//! Red-letter days, on which some customers are closed (business §6.1). The announced ones are shipped and the shop
//! adds the rest; they close nobody who has not said so, and never the shop itself.

use std::collections::BTreeMap;

use rusqlite::Connection;

use crate::error::Result;
use crate::settings::store;
use crate::values::Day;
use crate::values::weekdays::ClosedDays;

/// The red-letter days, to hold customers' closed days against.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar(BTreeMap<Day, String>);

impl Calendar {
    pub fn load(conn: &Connection) -> Result<Calendar> {
        Ok(Calendar(store::holidays(conn)?.into_iter().collect()))
    }

    /// The name of a red-letter day.
    pub fn holiday(&self, day: Day) -> Option<&str> {
        self.0.get(&day).map(String::as_str)
    }

    /// Why a customer with these closed days is closed on `day`: 星期三公休, 國慶日公休. `None` when open.
    pub fn closed_on(&self, closed: &ClosedDays, day: Day) -> Option<String> {
        if closed.includes_weekday(day) {
            return Some(format!("星期{}公休", day.weekday_label()));
        }
        self.holiday(day).filter(|_| closed.on_holidays).map(|name| format!("{name}公休"))
    }

    /// The last day up to `day`, and not before `earliest`, on which the customer is open; `day` itself when there is none.
    pub fn open_day_up_to(&self, closed: &ClosedDays, day: Day, earliest: Day) -> Day {
        let back = (0..).map(|days| day.plus(-days)).take_while(|open| earliest <= *open).take(60);
        back.into_iter().find(|open| self.closed_on(closed, *open).is_none()).unwrap_or(day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_days_are_held_against_the_calendar() {
        let day = |text: &str| text.parse::<Day>().unwrap();
        let calendar = Calendar([(day("2025-10-10"), "國慶日".to_owned())].into());
        // 2025-10-10 is a Friday.
        let cases = [
            ("5.6", "2025-10-10", Some("星期五公休"), "2025-10-09"),
            ("6.7", "2025-10-10", None, "2025-10-10"),
            ("7.Red", "2025-10-10", Some("國慶日公休"), "2025-10-09"),
            ("4.Red", "2025-10-10", Some("國慶日公休"), "2025-10-08"),
            ("6.7", "2025-10-12", Some("星期日公休"), "2025-10-10"),
            ("不定", "2025-10-10", None, "2025-10-10"),
        ];
        for (closed, on, why, open) in cases {
            let closed_days = ClosedDays::parse(closed);
            assert_eq!(calendar.closed_on(&closed_days, day(on)).as_deref(), why, "{closed} {on}");
            assert_eq!(calendar.open_day_up_to(&closed_days, day(on), day("2025-10-01")), day(open), "{closed} {on}");
        }
        let weekend = ClosedDays::parse("6.7");
        assert_eq!(calendar.open_day_up_to(&weekend, day("2025-10-12"), day("2025-10-11")), day("2025-10-12"), "no open day in reach");
        assert_eq!(calendar.open_day_up_to(&ClosedDays::parse("1.2.3.4.5.6.7"), day("2025-10-12"), day("2025-01-01")), day("2025-10-12"));
    }
}
