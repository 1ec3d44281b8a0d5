//! A whole invented shop to practise in: `luckygas demo`, the tests and the benches use the same one.
//!
//! Invariants
//! - The same size on the same day makes the same shop, to the last row.
//! - Nobody in it exists: names are drawn from lists, numbers are none that an exchange gives out.
//! - What a business is said to burn is what its deliveries of the last three months come to.
//! - Rows of the last eighteen months tell quantities, drivers and times; older ones tell the day alone.

mod dice;
mod habits;
mod people;
mod shops;

use rusqlite::Transaction;
use serde_json::json;

use crate::customers::import::{Origin, area, insert};
use crate::deliveries::import::{Row, Writer, without_indexes};
use crate::deliveries::{Load, SIZES_KG, Source};
use crate::demo::dice::Dice;
use crate::demo::habits::{Calendar, scale_for};
use crate::demo::shops::Invented;
use crate::error::Result;
use crate::journal::{self, By, Entry};
use crate::settings;
use crate::users::{self, NewUser, Role, TextSize};
use crate::values::{CustomerId, Day, Stamp};

pub const SHOP_NAME: &str = "範例煤氣行";

/// What everybody in the invented shop signs in with; it is printed on the console, and guards nothing.
pub const PASSWORD: &str = "lianxi-2025";

/// [`PASSWORD`] through bcrypt at cost 6: made once, so that a shop is filled in seconds and no hashing runs
/// inside its transaction.
const PASSWORD_HASH: &str = "$2b$06$WRETl2sM9nMl1mAxBTOanONmQufjhU66TbLdCAjP9i0UxBy3Eg9YS";

/// Who works there.
pub const CAST: [(&str, &str, Role); 7] = [
    ("boss", "老闆", Role::Admin),
    ("lin", "林經理", Role::Manager),
    ("chen", "陳會計", Role::Accountant),
    ("xiaohui", "小惠", Role::OfficeStaff),
    ("azhen", "阿珍", Role::OfficeStaff),
    ("aming", "阿明", Role::Driver),
    ("ade", "阿德", Role::Driver),
];

/// How large the shop is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// For tests: a twentieth of the customers and a hundredth of the deliveries.
    Small,
    /// The shop's own: 13,295 customers, about 350,000 deliveries in four and a half years.
    Full,
    /// As many customers and ten times the history.
    Tenfold,
}

/// Businesses, homes, days and deliveries (about).
struct Measure {
    businesses: usize,
    homes: usize,
    days: usize,
    deliveries: usize,
}

impl Size {
    fn measure(self) -> Measure {
        match self {
            Size::Small => Measure { businesses: 64, homes: 600, days: 400, deliveries: 3_500 },
            Size::Full => Measure { businesses: 1_267, homes: 12_027, days: 1_609, deliveries: 349_920 },
            Size::Tenfold => Measure { businesses: 1_267, homes: 12_027, days: 16_090, deliveries: 3_499_200 },
        }
    }
}

/// What was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    pub customers: usize,
    pub deliveries: usize,
    pub first_on: Day,
    pub last_on: Day,
}

const SEED: u64 = 20_250_528;

/// How many days back deliveries are known in full: eighteen months.
const KNOWN_DAYS: i64 = 548;

/// Businesses take this share of all deliveries, as in the shop's own history.
const BUSINESS_SHARE: f64 = 0.42;

/// Fills an empty shop: settings, users, areas, customers and their deliveries up to the day before `now`.
/// All of it is in the transaction of the caller; one journal row tells of it.
pub fn fill(tx: &Transaction, now: Stamp, size: Size) -> Result<Summary> {
    let today = now.day();
    let defaults = settings::Settings::default();
    settings::set(tx, "shop_name", SHOP_NAME)?;
    settings::set(tx, "is_practice", "1")?;
    for (username, name, role) in CAST {
        let new = NewUser {
            username: username.to_owned(),
            name: name.to_owned(),
            role,
            text_size: TextSize::Medium,
            must_change_password: false,
        };
        users::store::add(tx, &new, PASSWORD_HASH, now)?;
    }

    let measure = size.measure();
    let calendar = Calendar::new(today, measure.days);
    let days = calendar.days();
    let businesses = 0..measure.businesses as u64;
    let homes = businesses.end..businesses.end + measure.homes as u64;
    let walk_in = shops::walk_in(&defaults.walk_in_code);
    let business = |stream: u64| shops::business(stream as usize, days, &mut Dice::new(SEED, 2 * stream));
    let home = |stream: u64| shops::home((stream - homes.start) as usize, measure.businesses, days, &mut Dice::new(SEED, 2 * stream));

    let target = |share: f64| (measure.deliveries.saturating_sub(days) as f64 * share) as usize;
    let habits = |all: Vec<Invented>, first: u64| {
        all.into_iter().map(|one| one.habit).zip((first..).map(|stream| 2 * stream + 1)).collect::<Vec<_>>()
    };
    let business_scale =
        scale_for(&habits(businesses.clone().map(business).collect(), businesses.start), &calendar, SEED, target(BUSINESS_SHARE));
    let home_scale = scale_for(&habits(homes.clone().map(home).collect(), homes.start), &calendar, SEED, target(1.0 - BUSINESS_SHARE));

    let mut customers = 0;
    let mut deliveries = 0;
    without_indexes(tx, || {
        let mut writer = Writer::new(tx, today)?;
        let everybody = std::iter::once((walk_in, u64::MAX / 2, 1.0))
            .chain(businesses.clone().map(|stream| (business(stream), stream, business_scale)))
            .chain(homes.clone().map(|stream| (home(stream), stream, home_scale)));
        for (mut one, stream, scale) in everybody {
            let mut dice = Dice::new(SEED, 2 * stream + 1);
            let visits = calendar.visits(&one.habit, scale, &mut dice);
            add_figures(&mut one, &visits, days);
            one.facts.area = one.area.map(|name| area(tx, name)).transpose()?.map(|(id, _)| id);
            let source = if one.facts.series_g.is_some() { "clients" } else { "office" };
            let origin = Origin { code: &one.code, first_source: source, import: None, at: now };
            let id = insert(tx, origin, &one.facts)?;
            customers += 1;
            deliveries += visits.len();
            for (at, times) in visits {
                add_delivery(&mut writer, id, &one, calendar.day(at), times, today, &mut dice)?;
            }
        }
        writer.finish()
    })?;

    let change = json!({"customers": customers, "deliveries": deliveries});
    journal::record(tx, &Entry { by: By::program(now), verb: "practise", noun: settings::NOUN, noun_id: None, change })?;
    Ok(Summary { customers, deliveries, first_on: calendar.day(0), last_on: calendar.day(days.saturating_sub(1)) })
}

/// What a business burns in a month, from what it was brought in the last ninety days.
fn add_figures(one: &mut Invented, visits: &[(usize, i64)], days: usize) {
    if one.facts.series_g.is_none() {
        return;
    }
    let recent: i64 = visits.iter().filter(|(at, _)| days < at + 91).map(|(_, times)| times).sum();
    if recent == 0 {
        return;
    }
    let delivered_kg = (one.habit.order_kg() * recent as f64 / 3.0).round();
    let residual_kg = (delivered_kg * one.residual_share).round();
    one.facts.monthly_delivered_g = Some(delivered_kg as i64 * 1_000);
    one.facts.monthly_residual_g = Some(residual_kg as i64 * 1_000);
    one.facts.avg_daily_g = Some(((delivered_kg - residual_kg) * 1_000.0 / 30.0).round() as i64);
}

fn add_delivery(writer: &mut Writer, customer: CustomerId, one: &Invented, on: Day, times: i64, today: Day, dice: &mut Dice) -> Result<()> {
    let mut row = Row {
        customer,
        on,
        source: Source::History,
        at_time: None,
        load: Load::default(),
        driver_name: None,
        note: None,
        recorded: None,
        import: None,
    };
    if KNOWN_DAYS < today.days_since(on) {
        return writer.add(&row).map(drop);
    }
    let mut load = [None; 5];
    for (size, qty) in &one.habit.order {
        if let Some(at) = SIZES_KG.iter().position(|known| *known == i64::from(*size)) {
            load[at] = Some(qty * times);
        }
    }
    let hours = one.facts.available_hours;
    let open: Vec<i64> = (8..20).filter(|hour| hours == 0 || hours & 1 << (hour - 8) != 0).collect();
    let hour = open.get(dice.below(open.len())).copied().unwrap_or(10);
    let clock = format!("{hour:02}:{:02}", 5 * dice.below(12));
    row.source = Source::Live;
    row.at_time = Some(&clock);
    row.load = Load(load);
    row.driver_name = Some(dice.weighted(&[("阿明", 5), ("阿德", 4), ("文哥", 2)]));
    row.note = dice.chance(0.004).then(|| dice.pick(&["客人不在，放後門", "換調整器", "收回空桶兩支", "下次早上送"]));
    writer.add(&row).map(drop)
}

#[cfg(test)]
mod tests;
