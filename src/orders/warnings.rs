//! What a clerk should mind before she saves: amber lines that Enter passes (ui.md §8). Whatever is refused is not here.

use crate::customers::{Details, Vehicle, fields};
use crate::deliveries::Load;
use crate::orders::{Order, Status, slot};
use crate::settings::Settings;
use crate::settings::holidays::Calendar;
use crate::values::{Day, Stamp, Window, window};

/// One thing to mind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// What it is about: the same key is the same warning, and who has seen it once need not see it again.
    pub key: String,
    /// One sentence.
    pub say: String,
}

/// What is known while the caller waits.
pub struct Facts<'a> {
    pub details: &'a Details,
    pub calendar: &'a Calendar,
    /// The customer's orders still to be delivered.
    pub open: &'a [Order],
    /// When gas was brought last, and what.
    pub last: Option<(Day, Load)>,
    /// How many days that usually lasts.
    pub lasts: Option<i64>,
    pub now: Stamp,
    pub settings: &'a Settings,
}

/// What the caller wants, as far as it can be read.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    pub day: Day,
    pub window: Option<Window>,
    /// The largest cylinder of the order.
    pub largest_kg: Option<i64>,
}

/// Everything to mind about `wanted`, the gravest first.
pub fn warnings(facts: &Facts, wanted: &Wanted) -> Vec<Warning> {
    [
        open_order(facts, wanted),
        had_gas_lately(facts, wanted),
        closed(facts, wanted),
        after_the_cut_off(facts, wanted),
        outside_the_hours(facts, wanted),
        out_of_reach(facts, wanted),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn open_order(facts: &Facts, wanted: &Wanted) -> Option<Warning> {
    let orders: Vec<&Order> = facts.open.iter().filter(|order| order.scheduled_on == wanted.day).collect();
    let ids: Vec<String> = orders.iter().map(|order| order.id.to_string()).collect();
    let day = day_word(wanted.day, facts.now.day());
    let say = match orders.as_slice() {
        [] => return None,
        [one] => {
            let state = match one.status {
                Status::Pending | Status::Assigned | Status::InDelivery => format!("，{}", one.status.label()),
                Status::Confirmed | Status::Delivered | Status::Cancelled => String::new(),
            };
            format!("{day}已有一張未送的訂單：{}，{}{state}。", one.items(), one.window)
        }
        several => format!("{day}已有 {} 張未送的訂單。", several.len()),
    };
    Some(Warning { key: format!("open:{}", ids.join(",")), say })
}

/// Somebody who has used less than half of what was brought is perhaps somebody else, or has a leak.
fn had_gas_lately(facts: &Facts, wanted: &Wanted) -> Option<Warning> {
    let ((last, load), lasts) = facts.last.zip(facts.lasts)?;
    let (gap, ago) = (wanted.day.days_since(last), facts.now.day().days_since(last));
    if gap < 0 || lasts <= gap * 2 {
        return None;
    }
    let ago = match ago {
        0 => "今天".to_owned(),
        1 => "昨天".to_owned(),
        2 => "前天".to_owned(),
        _ => format!("{ago} 天前"),
    };
    let items = if load.is_known() { format!(" {load}") } else { String::new() };
    Some(Warning { key: format!("lately:{last}"), say: format!("{ago}才送過{items}，平常可用 {lasts} 天。") })
}

fn closed(facts: &Facts, wanted: &Wanted) -> Option<Warning> {
    let why = facts.calendar.closed_on(&facts.details.closed, wanted.day)?;
    Some(Warning { key: format!("closed:{}", wanted.day), say: format!("{why}。") })
}

fn after_the_cut_off(facts: &Facts, wanted: &Wanted) -> Option<Warning> {
    let is_late = wanted.day == facts.now.day() && slot::is_past_cut_off(facts.now, facts.settings);
    is_late.then(|| Warning {
        key: format!("cut-off:{}", wanted.day),
        say: format!("{} 過了，今天的車可能趕不上。", window::clock(facts.settings.cut_off)),
    })
}

fn outside_the_hours(facts: &Facts, wanted: &Wanted) -> Option<Warning> {
    let window = wanted.window?;
    let mask = facts.details.available_hours;
    let key = format!("hours:{}:{window}", wanted.day);
    if wanted.day == facts.now.day() && window.end_minute() <= slot::minute_of(facts.now) {
        return Some(Warning { key, say: format!("{window} 今天已經過了。") });
    }
    (!window.is_within(mask))
        .then(|| Warning { key, say: format!("這位客戶只收 {}，{window} 可能沒人。", fields::hours(mask)) })
}

/// A motorcycle carries no 50 kg cylinder, which weighs 75 when full.
fn out_of_reach(facts: &Facts, wanted: &Wanted) -> Option<Warning> {
    let is_too_large = facts.details.vehicle_type == Vehicle::Motorcycle && wanted.largest_kg == Some(50);
    is_too_large.then(|| Warning { key: "vehicle".to_owned(), say: "這裡只有機車到得了，50KG 載不進去。".to_owned() })
}

/// 今天, 明天, `05/30 (五)`.
pub fn day_word(day: Day, today: Day) -> String {
    match day.days_since(today) {
        0 => "今天".to_owned(),
        1 => "明天".to_owned(),
        _ => format!("{} ", day.beside(today)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::{Line, Origin, Payment, PaymentStatus, Totals};
    use crate::values::weekdays::ClosedDays;
    use crate::values::{CustomerId, Ntd, OrderId, ProductId};

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    /// Wednesday.
    fn today() -> Day {
        day("2025-05-28")
    }

    fn details() -> Details {
        Details::new("1902046".parse().unwrap(), "範例小吃店".to_owned())
    }

    fn order(id: i64, scheduled_on: Day, status: Status) -> Order {
        let line = Line {
            product_id: ProductId(2),
            product_name: "20KG".to_owned(),
            qty: 2,
            unit_price: Some(Ntd(850)),
            list_price: Some(Ntd(850)),
            discount_percent: 0,
            amount: Ntd(1_700),
            is_exchange: true,
            empties_expected: 2,
            delivered: None,
        };
        let at = Stamp::taipei(today(), 8, 0);
        Order {
            id: OrderId(id),
            number: format!("ORD-20250528-{id:04}"),
            customer_id: CustomerId(1),
            origin: Origin::Phone,
            status,
            scheduled_on,
            window: Window::hours(10, 12).unwrap(),
            delivery_address: None,
            contact_name: None,
            contact_phone: None,
            is_urgent: false,
            notes: None,
            lines: vec![line],
            totals: Totals::default(),
            surcharge_label: None,
            payment: Payment::Cash,
            payment_status: PaymentStatus::Unpaid,
            paid: Ntd(0),
            driver_id: None,
            attempt_count: 0,
            cancel_reason: None,
            cancel_note: None,
            delivered_at: None,
            delivery_id: None,
            copied_from: None,
            template_id: None,
            order_import_id: None,
            created_by: None,
            created_at: at,
            updated_at: at,
            version: 1,
        }
    }

    struct Case {
        details: Details,
        open: Vec<Order>,
        last: Option<(Day, Load)>,
        lasts: Option<i64>,
        now: Stamp,
        wanted: Wanted,
    }

    impl Case {
        fn new() -> Case {
            let wanted = Wanted { day: today(), window: Window::hours(14, 17), largest_kg: Some(20) };
            Case { details: details(), open: Vec::new(), last: None, lasts: None, now: Stamp::taipei(today(), 10, 22), wanted }
        }

        fn told(&self) -> Vec<Warning> {
            let (calendar, settings) = (Calendar::default(), Settings::default());
            let facts = Facts {
                details: &self.details,
                calendar: &calendar,
                open: &self.open,
                last: self.last,
                lasts: self.lasts,
                now: self.now,
                settings: &settings,
            };
            warnings(&facts, &self.wanted)
        }

        fn says(&self) -> Vec<String> {
            self.told().into_iter().map(|warning| warning.say).collect()
        }
    }

    #[test]
    fn an_ordinary_call_has_nothing_to_mind() {
        assert_eq!(Case::new().says(), [""; 0]);
    }

    #[test]
    fn another_order_on_that_day_is_told() {
        let cases = [
            (vec![order(7, today(), Status::Confirmed)], today(), "今天已有一張未送的訂單：20KG × 2，10–12。"),
            (vec![order(7, today(), Status::InDelivery)], today(), "今天已有一張未送的訂單：20KG × 2，10–12，配送中。"),
            (vec![order(7, day("2025-05-29"), Status::Pending)], day("2025-05-29"), "明天已有一張未送的訂單：20KG × 2，10–12，待確認。"),
            (vec![order(7, day("2025-05-31"), Status::Confirmed)], day("2025-05-31"), "05/31 (六) 已有一張未送的訂單：20KG × 2，10–12。"),
            (vec![order(7, today(), Status::Confirmed), order(8, today(), Status::Assigned)], today(), "今天已有 2 張未送的訂單。"),
        ];
        for (open, on, say) in cases {
            let mut case = Case { open, ..Case::new() };
            case.wanted.day = on;
            assert_eq!(case.says(), [say]);
            case.wanted.day = day("2025-06-05");
            assert_eq!(case.says(), [""; 0], "{say} on another day");
        }
    }

    #[test]
    fn gas_had_lately_is_told_while_less_than_half_of_it_can_be_used() {
        let load = Load([None, Some(2), None, None, None]);
        let cases = [
            ("2025-05-26", Some(23), today(), Some("前天才送過 20KG × 2，平常可用 23 天。")),
            ("2025-05-27", Some(23), today(), Some("昨天才送過 20KG × 2，平常可用 23 天。")),
            ("2025-05-28", Some(23), today(), Some("今天才送過 20KG × 2，平常可用 23 天。")),
            ("2025-05-17", Some(23), today(), Some("11 天前才送過 20KG × 2，平常可用 23 天。")),
            ("2025-05-16", Some(23), today(), None),
            ("2025-05-26", Some(23), day("2025-06-10"), None),
            ("2025-05-26", Some(4), today(), None),
            ("2025-05-27", Some(3), today(), Some("昨天才送過 20KG × 2，平常可用 3 天。")),
            ("2025-05-26", None, today(), None),
            ("2025-05-30", Some(23), today(), None),
        ];
        for (last, lasts, on, say) in cases {
            let mut case = Case { last: Some((day(last), load)), lasts, ..Case::new() };
            case.wanted.day = on;
            assert_eq!(case.says(), say.into_iter().collect::<Vec<_>>(), "{last} {lasts:?} {on}");
        }
        let case = Case { last: Some((day("2025-05-26"), Load::default())), lasts: Some(23), ..Case::new() };
        assert_eq!(case.says(), ["前天才送過，平常可用 23 天。"], "what nobody knows is not told");
    }

    #[test]
    fn the_day_and_the_window_are_held_against_the_customer_and_the_clock() {
        // 9–11 and 14–17, closed on Wednesdays.
        let mut kept = details();
        kept.available_hours = 0b0000_0001_1100_0110;
        kept.closed = ClosedDays::parse("3");
        let tomorrow = day("2025-05-29");
        let cases = [
            (10, 22, today(), "14-17", vec!["星期三公休。"]),
            (10, 22, tomorrow, "14-17", vec![]),
            (10, 22, tomorrow, "12-14", vec!["這位客戶只收 9–11、14–17，12–14 可能沒人。"]),
            (11, 0, tomorrow, "9-11", vec![]),
            (11, 0, today(), "9-11", vec!["星期三公休。", "9–11 今天已經過了。"]),
            (14, 0, today(), "14-17", vec!["星期三公休。", "14:00 過了，今天的車可能趕不上。"]),
            (14, 0, tomorrow, "14-17", vec![]),
            (13, 59, today(), "14-17", vec!["星期三公休。"]),
        ];
        for (hour, minute, on, window, want) in cases {
            let mut case = Case { details: kept.clone(), now: Stamp::taipei(today(), hour, minute), ..Case::new() };
            case.wanted = Wanted { day: on, window: window.parse().ok(), ..case.wanted };
            assert_eq!(case.says(), want, "{hour}:{minute} {on} {window}");
        }
        let mut case = Case { details: kept, ..Case::new() };
        case.wanted = Wanted { day: tomorrow, window: None, ..case.wanted };
        assert_eq!(case.says(), [""; 0], "a window that cannot be read is no warning");
    }

    #[test]
    fn a_motorcycle_does_not_carry_the_largest() {
        for (vehicle, largest_kg, is_told) in [
            (Vehicle::Motorcycle, Some(50), true),
            (Vehicle::Motorcycle, Some(20), false),
            (Vehicle::Motorcycle, None, false),
            (Vehicle::Truck, Some(50), false),
            (Vehicle::Any, Some(50), false),
        ] {
            let mut case = Case::new();
            case.details.vehicle_type = vehicle;
            case.wanted.largest_kg = largest_kg;
            assert_eq!(case.says(), if is_told { vec!["這裡只有機車到得了，50KG 載不進去。"] } else { vec![] }, "{vehicle:?}");
        }
    }

    #[test]
    fn what_changes_the_warning_changes_its_key() {
        let closed_on = |weekday: &str, on: Day| {
            let mut case = Case::new();
            case.details.closed = ClosedDays::parse(weekday);
            case.wanted.day = on;
            case.told().remove(0).key
        };
        assert_ne!(closed_on("3.4", today()), closed_on("3.4", day("2025-05-29")));
        let open = |ids: &[i64]| {
            let open = ids.iter().map(|id| order(*id, today(), Status::Confirmed)).collect();
            Case { open, ..Case::new() }.told().remove(0).key
        };
        assert_ne!(open(&[7]), open(&[7, 8]));
        assert!([open(&[7, 8]), closed_on("3", today())].iter().all(|key| !key.contains(' ')), "keys are parted by spaces");
    }
}
