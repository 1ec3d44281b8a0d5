//! A whole invented shop to practise in: `luckygas demo`, the tests and the benches use the same one.
//!
//! Invariants
//! - The same size on the same day makes the same shop, to the last row.
//! - Nobody in it exists: names are drawn from lists, numbers are none that an exchange gives out.
//! - What a business is said to burn is what its deliveries of the last three months come to.
//! - Rows of the last eighteen months tell quantities, drivers and times; older ones tell the day alone.
//! - What was brought in the last month was ordered, and today's orders are as far as the clock is.

mod book;
mod day;
mod dice;
mod due;
mod fleet;
mod habits;
mod orders;
mod people;
mod prices;
mod shops;
mod stock;
mod templates;

use rusqlite::Transaction;
use serde_json::json;

use crate::customers::import::{Origin, area, insert};
use crate::customers::refill::{Figures, Use};
use crate::deliveries::import::{Row, Writer, without_indexes};
use crate::deliveries::{Load, SIZES_KG, Source};
use crate::demo::book::{Book, Brought, Client, Person, Staff};
use crate::demo::dice::Dice;
use crate::demo::habits::{Calendar, scale_for};
use crate::demo::prices::Prices;
use crate::demo::shops::Invented;
use crate::demo::templates::Plans;
use crate::error::Result;
use crate::journal::{self, By, Entry};
use crate::orders::Payment;
use crate::reports;
use crate::settings;
use crate::users::{self, NewUser, Role, TextSize};
use crate::values::{CustomerId, Day, DeliveryId, Grams, Stamp};

pub const SHOP_NAME: &str = "範例煤氣行";

/// What everybody in the invented shop signs in with; it is printed on the console, and guards nothing.
pub const PASSWORD: &str = "lianxi-2025";

/// [`PASSWORD`] through bcrypt at cost 6: made once, so that a shop is filled in seconds and no hashing runs
/// inside its transaction.
const PASSWORD_HASH: &str = "$2b$06$WRETl2sM9nMl1mAxBTOanONmQufjhU66TbLdCAjP9i0UxBy3Eg9YS";

/// Who works there.
pub const CAST: [(&str, &str, Role); 13] = [
    ("boss", "老闆", Role::Admin),
    ("lin", "林經理", Role::Manager),
    ("chen", "陳會計", Role::Accountant),
    ("xiaohui", "小惠", Role::OfficeStaff),
    ("azhen", "阿珍", Role::OfficeStaff),
    ("aming", "阿明", Role::Driver),
    ("ade", "阿德", Role::Driver),
    ("laozhou", "老周", Role::Driver),
    ("aguo", "阿國", Role::Driver),
    ("ahui", "阿輝", Role::Driver),
    ("zhiqiang", "志強", Role::Driver),
    ("laowu", "老吳", Role::Driver),
    ("ajun", "阿俊", Role::Driver),
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

/// Businesses, homes, days and deliveries (about); templates, and how many have called for today and for tomorrow.
struct Measure {
    businesses: usize,
    homes: usize,
    days: usize,
    deliveries: usize,
    templates: usize,
    today: usize,
    tomorrow: usize,
}

impl Size {
    fn measure(self) -> Measure {
        match self {
            Size::Small => Measure { businesses: 64, homes: 600, days: 400, deliveries: 3_500, templates: 8, today: 34, tomorrow: 6 },
            Size::Full => {
                Measure { businesses: 1_267, homes: 12_027, days: 1_609, deliveries: 349_920, templates: 24, today: 176, tomorrow: 27 }
            }
            Size::Tenfold => {
                Measure { businesses: 1_267, homes: 12_027, days: 16_090, deliveries: 3_499_200, templates: 24, today: 176, tomorrow: 27 }
            }
        }
    }
}

/// What was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    pub customers: usize,
    pub deliveries: usize,
    pub orders: usize,
    pub first_on: Day,
    pub last_on: Day,
}

const SEED: u64 = 20_250_528;

/// How many days back deliveries are known in full: eighteen months.
const KNOWN_DAYS: i64 = 548;

/// Businesses take this share of all deliveries, as in the shop's own history.
const BUSINESS_SHARE: f64 = 0.42;

/// Fills an empty shop: settings, users, areas, customers, their deliveries up to `now`, prices and orders.
/// All of it is in the transaction of the caller. One journal row tells of it; beside it stand the prices, the templates
/// and what was done with orders today, as their people would have left them.
pub fn fill(tx: &Transaction, now: Stamp, size: Size) -> Result<Summary> {
    let today = now.day();
    let defaults = settings::Settings::default();
    settings::set(tx, "shop_name", SHOP_NAME)?;
    settings::set(tx, "is_practice", "1")?;
    let staff = hire(tx, now)?;
    let areas = fleet::write(tx, &staff, By { user: Some(staff.manager), at: Stamp::taipei(today.plus(-book::DAYS - 1), 9, 0) })?;

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

    let mut deliveries = 0;
    let mut book = without_indexes(tx, || {
        let mut clients = Vec::with_capacity(1 + measure.businesses + measure.homes);
        let mut brought = Vec::new();
        let mut plans = Plans::new(today, measure.businesses * 3 / 4 / measure.templates);
        let mut writer = Writer::new(tx, today)?;
        let everybody = std::iter::once((walk_in, u64::MAX / 2, 1.0))
            .chain(businesses.clone().map(|stream| (business(stream), stream, business_scale)))
            .chain(homes.clone().map(|stream| (home(stream), stream, home_scale)));
        for (mut one, stream, scale) in everybody {
            let mut dice = Dice::new(SEED, 2 * stream + 1);
            let mut visits = calendar.visits(&one.habit, scale, &mut dice);
            let past = visits.partition_point(|(at, _)| *at < days);
            let mut coming = visits.get(past).map(|(at, times)| (at - days, *times));
            visits.truncate(past);
            let plan = plans.of(clients.len(), &one);
            if let Some(plan) = plan.and_then(|plan| plans.all.get(plan)) {
                plan.take_over(&mut visits, &calendar);
                coming = coming.filter(|_| !plan.is_day(today));
            }
            add_figures(&mut one, &visits, days);
            one.facts.area = one.area.map(|name| area(tx, name)).transpose()?.map(|(id, _)| id);
            let source = if one.facts.series_g.is_some() { "clients" } else { "office" };
            let origin = Origin { code: &one.code, first_source: source, import: None, at: now };
            let id = insert(tx, origin, &one.facts)?;
            deliveries += visits.len();
            for (at, times) in visits.iter().copied() {
                let on = calendar.day(at);
                let (delivery, hour) = add_delivery(&mut writer, id, &one, on, times, today, &mut dice)?;
                if let Some((at, by)) = hour.filter(|_| today.days_since(on) <= book::DAYS) {
                    let plan = plan.filter(|plan| plans.all[*plan].is_day(on));
                    brought.push(Brought { client: clients.len(), on, at, times, delivery, plan, by });
                }
            }
            let due_in = due_in(&one, &visits, days, &defaults);
            clients.push(client(id, one, coming, due_in));
        }
        let mut book = Book::new(clients, staff, areas, plans.all, now);
        book.past(&brought);
        book.open(measure.today, measure.tomorrow);
        book.deliver(tx, &mut writer)?;
        writer.finish()?;
        Ok(book)
    })?;
    let customers = book.clients.len();
    let mut prices = Prices::write(tx, &book.clients, book.staff.manager, today)?;
    let (began, exchanged) = (Stamp::taipei(today.plus(-book::DAYS - 1), 9, 30), Stamp::taipei(today.plus(-1), 19, 20));
    stock::write(tx, prices.catalogue(), measure.today, book.staff.manager, began, book.staff.clerks[1].id, exchanged)?;
    let orders = book.write(tx, &mut prices)? + due::note(tx, &book, &defaults)?;
    let brought = reports::store::days(tx, today, today)?.iter().map(|day| day.totals.deliveries as usize).sum::<usize>();
    deliveries += brought;
    let last = calendar.day(if brought == 0 { days.saturating_sub(1) } else { days });
    let change = json!({"customers": customers, "deliveries": deliveries, "orders": orders});
    journal::record(tx, &Entry { by: By::program(now), verb: "practise", noun: settings::NOUN, noun_id: None, change })?;
    Ok(Summary { customers, deliveries, orders, first_on: calendar.day(0), last_on: last })
}

/// Makes everybody's account.
fn hire(tx: &Transaction, now: Stamp) -> Result<Staff> {
    let hire = |(username, name, role): (&str, &str, Role)| {
        let new = NewUser {
            username: username.to_owned(),
            name: name.to_owned(),
            role,
            text_size: TextSize::Medium,
            must_change_password: false,
        };
        users::store::add(tx, &new, PASSWORD_HASH, now)
    };
    let [boss, lin, chen, xiaohui, azhen, drivers @ ..] = CAST;
    hire(boss)?;
    let manager = hire(lin)?;
    hire(chen)?;
    let person = |one: (&'static str, &'static str, Role)| hire(one).map(|id| Person { id, name: one.1 });
    let clerks = [person(xiaohui)?, person(azhen)?];
    let drivers = drivers.into_iter().map(person).collect::<Result<Vec<_>>>()?;
    Ok(Staff { manager, clerks, drivers })
}

/// What an order needs of `one`, who is `id` now.
fn client(id: CustomerId, one: Invented, coming: Option<(usize, i64)>, due_in: Option<i64>) -> Client {
    let facts = one.facts;
    Client {
        id,
        area: facts.area,
        vehicle_type: facts.vehicle_type,
        payment: if facts.payment_terms == "monthly" { Payment::Monthly } else { Payment::Cash },
        address: facts.address,
        contact_name: facts.contact_name,
        contact_phone: facts.phones.first().map(|(phone, _)| phone.to_string()),
        is_business: facts.series_g.is_some(),
        is_walk_in: facts.is_walk_in,
        is_open: !facts.is_terminated,
        hours: facts.available_hours,
        closed_weekdays: facts.closed_weekdays,
        has_telemetry: facts.has_telemetry,
        is_thin: facts.reserve_g == Some(0),
        due_in,
        products: one.products,
        coming,
    }
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

/// In how many days `one` is due by the arithmetic of the plan; `None` for whoever is not in it.
fn due_in(one: &Invented, visits: &[(usize, i64)], days: usize, settings: &settings::Settings) -> Option<i64> {
    let facts = &one.facts;
    let is_planned = facts.on_patrol == Some(true) || facts.is_subscription || facts.has_telemetry;
    let (last, _) = visits.last().filter(|_| is_planned && !facts.is_terminated)?;
    let known = Use {
        monthly_delivered: facts.monthly_delivered_g.map(Grams),
        monthly_residual: facts.monthly_residual_g.map(Grams),
        avg_daily: facts.avg_daily_g.map(Grams),
        series: facts.series_g.map(Grams),
        reserve: facts.reserve_g.map(Grams),
    };
    let cycle = Figures::of(known, settings).cycle_days?;
    Some(*last as i64 + cycle as i64 - days as i64)
}

/// Gives the delivery's number, and the minute of the day and the driver where they are known.
fn add_delivery(
    writer: &mut Writer,
    customer: CustomerId,
    one: &Invented,
    on: Day,
    times: i64,
    today: Day,
    dice: &mut Dice,
) -> Result<(DeliveryId, Option<(i64, &'static str)>)> {
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
        return Ok((writer.add(&row)?, None));
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
    let minute = 60 * hour + 5 * dice.between(0, 11);
    let clock = format!("{hour:02}:{:02}", minute % 60);
    // 文哥 left when the shop began to take its orders here; since then a clerk stands for what is sold at the counter.
    let driver = match (book::DAYS < today.days_since(on), one.facts.is_walk_in) {
        (true, _) => dice.weighted(&[("阿明", 5), ("阿德", 4), ("文哥", 2)]),
        (false, false) => dice.weighted(&[("阿明", 5), ("阿德", 4)]),
        (false, true) => dice.weighted(&[("小惠", 5), ("阿珍", 4)]),
    };
    row.source = Source::Live;
    row.at_time = Some(&clock);
    row.load = Load(load);
    row.driver_name = Some(driver);
    row.note = dice.chance(0.004).then(|| dice.pick(&["客人不在，放後門", "換調整器", "收回空桶兩支", "下次早上送"]));
    Ok((writer.add(&row)?, Some((minute, driver))))
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::db;
    use crate::values::cylinders;

    fn now() -> Stamp {
        Stamp::taipei("2025-05-28".parse().unwrap(), 10, 22)
    }

    fn filled(size: Size) -> (Connection, Summary) {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(db::SCHEMA).unwrap();
        let tx = conn.transaction().unwrap();
        let summary = fill(&tx, now(), size).unwrap();
        tx.commit().unwrap();
        (conn, summary)
    }

    fn one<T: rusqlite::types::FromSql>(conn: &Connection, sql: &str) -> T {
        conn.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    #[test]
    fn the_practice_password_opens_every_account() {
        assert!(bcrypt::verify(PASSWORD, PASSWORD_HASH).unwrap());
        let (conn, _) = filled(Size::Small);
        for (username, _, role) in CAST {
            let (user, hash) = users::store::find(&conn, username).unwrap().unwrap();
            assert_eq!((user.role, hash.as_str(), user.must_change_password), (role, PASSWORD_HASH, false));
            assert_eq!(users::password::problem(PASSWORD, username), None);
        }
    }

    #[test]
    fn the_shop_is_whole() {
        let (conn, summary) = filled(Size::Small);
        assert_eq!(summary.customers, 665);
        assert!((3_100..=3_900).contains(&summary.deliveries), "{summary:?}");
        assert_eq!((summary.first_on.to_string().as_str(), summary.last_on.to_string().as_str()), ("2024-04-23", "2025-05-28"));
        assert_eq!(one::<i64>(&conn, "SELECT count(*) FROM all_deliveries"), summary.deliveries as i64);
        assert_eq!(one::<i64>(&conn, "SELECT count(*) FROM customer_search"), 665);
        assert_eq!(one::<i64>(&conn, "SELECT sum(deliveries) FROM delivery_days"), summary.deliveries as i64);
        assert_eq!(one::<i64>(&conn, "SELECT count(*) FROM deliveries WHERE delivered_on < '2024-11-28'"), 0, "closed rows stand apart");
        assert_eq!(one::<i64>(&conn, "SELECT count(*) FROM delivery_history WHERE delivered_on >= '2024-11-28'"), 0);
        assert_eq!(
            one::<i64>(&conn, "SELECT count(*) FROM (SELECT 1 FROM all_deliveries GROUP BY customer_id, delivered_on HAVING 1 < count(*))"),
            0
        );
        assert_eq!(one::<String>(&conn, "SELECT short_name FROM customers WHERE is_walk_in = 1 AND customer_code = '6000001'"), "現金零售");
        assert_eq!(one::<i64>(&conn, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
        assert_eq!(one::<String>(&conn, "PRAGMA integrity_check"), "ok");
        assert!(0 < one::<i64>(&conn, "SELECT count(*) FROM customers WHERE is_terminated = 1"));
        assert!(0 < one::<i64>(&conn, "SELECT count(*) FROM sqlite_schema WHERE name = 'deliveries_day'"));
    }

    #[test]
    fn the_same_day_makes_the_same_shop() {
        const ALL: &str = "
            SELECT group_concat(line) FROM (
                SELECT customer_code || short_name || address || ifnull(monthly_delivered_g, '') AS line FROM customers
                UNION ALL
                SELECT customer_id || delivered_on || ifnull(at_time, '') || ifnull(qty_20, '') || ifnull(driver_name, '') FROM all_deliveries
            )";
        let (first, second) = (filled(Size::Small), filled(Size::Small));
        assert_eq!(first.1, second.1);
        assert_eq!(one::<String>(&first.0, ALL), one::<String>(&second.0, ALL));
    }

    #[test]
    fn a_business_burns_what_it_is_brought() {
        let (conn, _) = filled(Size::Small);
        let mut query = conn
            .prepare(
                "SELECT c.customer_code, c.monthly_delivered_g, c.monthly_residual_g, c.series_g, u.raw_text,
                        (SELECT sum(50 * ifnull(qty_50, 0) + 20 * ifnull(qty_20, 0) + 16 * ifnull(qty_16, 0) + 10 * ifnull(qty_10, 0) + 4 * ifnull(qty_4, 0))
                         FROM all_deliveries WHERE customer_id = c.id AND delivered_on BETWEEN '2025-02-27' AND '2025-05-27') AS brought_kg
                 FROM customers AS c JOIN usage_areas AS u ON u.customer_id = c.id AND u.seq = 1",
            )
            .unwrap();
        let mut rows = query.query([]).unwrap();
        let mut seen = 0;
        while let Some(row) = rows.next().unwrap() {
            let code: String = row.get("customer_code").unwrap();
            let bank: String = row.get("raw_text").unwrap();
            let series: i64 = row.get("series_g").unwrap();
            assert_eq!(cylinders::parse(&bank).grams(), Grams(series), "{code}: {bank}");
            let Some(delivered) = row.get::<_, Option<i64>>("monthly_delivered_g").unwrap() else { continue };
            let brought: i64 = row.get("brought_kg").unwrap();
            assert!((delivered - brought * 1_000 / 3).abs() <= 1_000, "{code}: {delivered} g of {brought} kg");
            let residual: i64 = row.get("monthly_residual_g").unwrap();
            let cycle = series as f64 * 0.85 / ((delivered - residual) as f64 / 30.0);
            assert!((0.5..200.0).contains(&cycle), "{code}: every {cycle} days");
            seen += 1;
        }
        assert!(40 < seen, "{seen}");
    }
}
