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
