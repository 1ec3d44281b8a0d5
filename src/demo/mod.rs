//! A whole invented shop to practise in: `luckygas demo`, the tests and the benches use the same one.
//!
//! Invariants
//! - The same size on the same day makes the same shop, to the last row.
//! - Nobody in it exists: names are drawn from lists, numbers are none that an exchange gives out.
//! - What a business is said to burn is what its deliveries of the last three months come to.
//! - Rows of the last eighteen months tell quantities, drivers and times; older ones tell the day alone.
//! - What was brought in the last month was ordered, and today's orders are as far as the clock is.

mod book;
mod dice;
mod due;
mod habits;
mod orders;
mod people;
mod prices;
mod shops;
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
/// All of it is in the transaction of the caller; one journal row tells of it.
pub fn fill(tx: &Transaction, now: Stamp, size: Size) -> Result<Summary> {
    let today = now.day();
    let defaults = settings::Settings::default();
    settings::set(tx, "shop_name", SHOP_NAME)?;
    settings::set(tx, "is_practice", "1")?;
    let staff = hire(tx, now)?;

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
        let mut book = Book::new(clients, staff, plans.all, now);
        book.past(&brought);
        book.open(measure.today, measure.tomorrow);
        deliveries += book.deliver(tx, &mut writer)?;
        writer.finish()?;
        Ok(book)
    })?;
    let customers = book.clients.len();
    let mut prices = Prices::write(tx, &book.clients, book.staff.manager, today)?;
    let orders = book.write(tx, &mut prices)? + due::note(tx, &book, &defaults)?;
    let change = json!({"customers": customers, "deliveries": deliveries, "orders": orders});
    journal::record(tx, &Entry { by: By::program(now), verb: "practise", noun: settings::NOUN, noun_id: None, change })?;
    Ok(Summary { customers, deliveries, orders, first_on: calendar.day(0), last_on: calendar.day(days.saturating_sub(1)) })
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
    let [boss, lin, chen, xiaohui, azhen, aming, ade] = CAST;
    hire(boss)?;
    let manager = hire(lin)?;
    hire(chen)?;
    let person = |one: (&'static str, &'static str, Role)| hire(one).map(|id| Person { id, name: one.1 });
    Ok(Staff { manager, clerks: [person(xiaohui)?, person(azhen)?], drivers: [person(aming)?, person(ade)?] })
}

/// What an order needs of `one`, who is `id` now.
fn client(id: CustomerId, one: Invented, coming: Option<(usize, i64)>, due_in: Option<i64>) -> Client {
    let facts = one.facts;
    Client {
        id,
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
        assert_eq!((summary.first_on.to_string().as_str(), summary.last_on.to_string().as_str()), ("2024-04-23", "2025-05-27"));
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

    /// How many rows `sql` gives: each is one thing that should not be.
    fn none(conn: &Connection, sql: &str) {
        let wrong: i64 = one(conn, &format!("SELECT count(*) FROM ({sql})"));
        assert_eq!(wrong, 0, "{sql}");
    }

    #[test]
    fn what_was_brought_in_the_last_month_was_ordered() {
        let (conn, summary) = filled(Size::Small);
        assert_eq!(one::<i64>(&conn, "SELECT count(*) FROM orders"), summary.orders as i64);
        none(
            &conn,
            "SELECT 1 FROM deliveries WHERE '2025-04-28' <= delivered_on AND id NOT IN (SELECT delivery_id FROM orders WHERE delivery_id IS NOT NULL)",
        );
        none(&conn, "SELECT 1 FROM orders WHERE delivery_id IS NOT NULL AND status <> 'delivered'");
        none(
            &conn,
            "SELECT 1 FROM orders AS o
             LEFT JOIN deliveries AS d ON d.id = o.delivery_id AND d.customer_id = o.customer_id AND d.delivered_on = o.scheduled_on
             WHERE o.status = 'delivered' AND d.id IS NULL
               AND EXISTS (SELECT 1 FROM order_lines AS l JOIN products AS p ON p.id = l.product_id
                           WHERE l.order_id = o.id AND p.method <> 'accessory')",
        );
        none(
            &conn,
            "SELECT d.id FROM deliveries AS d
             WHERE d.id IN (SELECT delivery_id FROM orders)
               AND 50 * ifnull(qty_50, 0) + 20 * ifnull(qty_20, 0) + 16 * ifnull(qty_16, 0) + 10 * ifnull(qty_10, 0) + 4 * ifnull(qty_4, 0)
                   <> (SELECT sum(l.qty_delivered * ifnull(p.size_kg, 0)) FROM orders AS o JOIN order_lines AS l ON l.order_id = o.id
                       JOIN products AS p ON p.id = l.product_id WHERE o.delivery_id = d.id)",
        );
    }

    #[test]
    fn an_order_costs_what_its_lines_come_to() {
        let (conn, _) = filled(Size::Small);
        none(
            &conn,
            "SELECT 1 FROM orders AS o
             JOIN (SELECT order_id, sum(line_ntd) AS lines, sum((line_ntd * discount_percent + 50) / 100) AS discount
                   FROM order_lines GROUP BY order_id) AS l ON l.order_id = o.id
             WHERE o.subtotal_ntd <> l.lines OR o.discount_ntd <> l.discount
                OR o.final_ntd <> l.lines - l.discount + o.surcharge_ntd - o.residual_credit_ntd",
        );
        none(
            &conn,
            "SELECT 1 FROM order_lines AS l JOIN products AS p ON p.id = l.product_id
             WHERE l.unit_price_ntd IS NULL OR l.product_name <> p.name
                OR l.line_ntd <> CASE p.method WHEN 'flow' THEN 0 ELSE l.qty * l.unit_price_ntd END",
        );
        none(&conn, "SELECT 1 FROM orders WHERE origin <> 'emergency' AND id NOT IN (SELECT order_id FROM order_lines)");
        assert!(0 < one::<i64>(&conn, "SELECT count(*) FROM customer_prices"));
        assert!(0 < one::<i64>(&conn, "SELECT count(*) FROM order_lines WHERE unit_price_ntd <> list_price_ntd OR 0 < discount_percent"));
    }

    #[test]
    fn numbers_follow_the_clock_without_a_gap() {
        let (conn, _) = filled(Size::Small);
        none(&conn, "SELECT 1 FROM orders GROUP BY ordered_on HAVING max(day_no) <> count(*) OR min(day_no) <> 1");
        none(
            &conn,
            "SELECT 1 FROM orders AS o JOIN orders AS n ON n.ordered_on = o.ordered_on AND n.day_no = o.day_no + 1 WHERE n.created_at < o.created_at",
        );
        none(&conn, "SELECT 1 FROM orders WHERE ordered_on <> date(created_at / 1000, 'unixepoch', '+8 hours')");
    }

    #[test]
    fn every_step_follows_from_the_one_before() {
        use crate::orders::Status;
        use crate::orders::steps::{Action, target};
        use crate::values::OrderId;
        let (conn, _) = filled(Size::Small);
        let ids: Vec<i64> =
            conn.prepare("SELECT id FROM orders").unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        for id in ids.into_iter().map(OrderId) {
            let order = crate::orders::store::get(&conn, id).unwrap();
            let steps = crate::orders::store::history(&conn, id).unwrap();
            assert_eq!(steps[0].from, None, "{order:?}");
            assert_eq!((steps[0].at, steps[steps.len() - 1].to), (order.created_at, order.status), "{order:?}");
            assert_eq!(steps[steps.len() - 1].at, order.updated_at);
            for pair in steps.windows(2) {
                let (from, to) = (pair[0].to, pair[1].to);
                assert_eq!(pair[1].from, Some(from));
                assert!(Action::ALL.iter().any(|action| target(from, *action) == Some(to)), "{from:?} to {to:?}: {order:?}");
                assert!(pair[0].at <= pair[1].at && pair[1].at <= now(), "{order:?}: {steps:?}");
            }
            let has_driver = matches!(order.status, Status::Assigned | Status::InDelivery | Status::Delivered);
            assert!(!has_driver || order.driver_id.is_some(), "{order:?}");
            assert!(order.scheduled_on.days_since(order.created_at.day()) >= 0, "{order:?}");
        }
    }

    #[test]
    fn the_day_shows_every_state_origin_and_reason() {
        use crate::orders::{CancelReason, Status};
        for size in [Size::Small, Size::Full] {
            let (conn, _) = filled(size);
            let count =
                |what: &str| one::<i64>(&conn, &format!("SELECT count(*) FROM orders WHERE scheduled_on = '2025-05-28' AND {what}"));
            for status in Status::ALL {
                assert!(2 <= count(&format!("status = '{}'", status.word())), "{size:?}: {status:?}");
            }
            for reason in CancelReason::ALL {
                assert!(1 <= count(&format!("cancel_reason = '{}'", reason.word())), "{size:?}: {reason:?}");
            }
            for origin in ["phone", "planned", "template", "walk_in", "emergency"] {
                assert!(1 <= count(&format!("origin = '{origin}'")), "{size:?}: {origin}");
            }
            let lists = "SELECT count(DISTINCT order_import_id) FROM orders WHERE origin = 'import' AND status = 'pending'";
            assert_eq!(one::<i64>(&conn, lists), 1, "{size:?}");
            assert!(1 <= count("0 < attempt_count AND status = 'confirmed'"), "{size:?}: nothing waits to be tried again");
            assert!(1 <= count("is_urgent = 1 AND 0 < surcharge_ntd"), "{size:?}: nothing is urgent");
            let tomorrow: i64 = one(&conn, "SELECT count(*) FROM orders WHERE scheduled_on = '2025-05-29'");
            match size {
                Size::Full => assert!((180..195).contains(&count("1")) && (35..50).contains(&tomorrow), "{} and {tomorrow}", count("1")),
                _ => assert!((30..50).contains(&count("1")) && (6..16).contains(&tomorrow), "{} and {tomorrow}", count("1")),
            }
        }
    }

    #[test]
    fn at_any_hour_the_day_is_as_far_as_the_clock() {
        let at = |hour, minute| {
            let mut conn = Connection::open_in_memory().unwrap();
            conn.execute_batch(db::SCHEMA).unwrap();
            let tx = conn.transaction().unwrap();
            fill(&tx, Stamp::taipei("2025-06-01".parse().unwrap(), hour, minute), Size::Small).unwrap();
            tx.commit().unwrap();
            none(&conn, "SELECT 1 FROM order_history WHERE at > (SELECT max(at) FROM journal)");
            none(&conn, "SELECT 1 FROM orders GROUP BY ordered_on HAVING max(day_no) <> count(*)");
            // In memory the file has no version.
            for finding in db::check(&conn).unwrap().into_iter().filter(|finding| finding.what != "資料版本") {
                assert!(finding.is_good, "{hour}:{minute}: {finding:?}");
            }
            one::<i64>(&conn, "SELECT count(*) FROM orders WHERE scheduled_on = '2025-06-01' AND status = 'delivered'")
        };
        let delivered = [(0, 0), (7, 55), (10, 22), (14, 0), (23, 59)].map(|(hour, minute)| at(hour, minute));
        assert!(delivered[0] == 0 && delivered.is_sorted() && delivered[1] < delivered[2] && 15 < delivered[4], "{delivered:?}");
    }

    #[test]
    fn templates_are_as_far_as_the_last_night() {
        use crate::templates::{Stopped, store};
        for size in [Size::Small, Size::Full] {
            let (conn, _) = filled(size);
            let all = store::list(&conn, store::Shown::All, None, 0, 100).unwrap();
            let rhythms: std::collections::HashSet<_> = all.iter().map(|row| row.template.details.rhythm.recurrence()).collect();
            assert_eq!(rhythms.len(), 4, "{size:?}: {rhythms:?}");
            let stopped: Vec<_> = all.iter().filter_map(|row| row.template.stopped.map(|why| (why, row.template.is_stop_seen))).collect();
            assert_eq!(stopped, [(Stopped::CustomerStopped, false)], "{size:?}");
            for row in all.iter().filter(|row| row.template.stopped.is_none()) {
                let (template, details) = (&row.template, &row.template.details);
                assert!(details.next_on.is_none_or(|next| "2025-05-29" < next.to_string().as_str()), "{template:?}");
                let made = store::made(&conn, template.id, 100).unwrap();
                assert_eq!(made.len() as i64, template.times_used, "{template:?}");
                for pair in made.windows(2) {
                    assert_eq!(details.rhythm.after(pair[1].due_on), Some(pair[0].due_on), "{template:?}");
                }
                if let Some(last) = made.first() {
                    assert_eq!(details.rhythm.after(last.due_on), details.next_on, "{template:?}");
                }
            }
            none(
                &conn,
                "SELECT 1 FROM orders AS o LEFT JOIN order_template_days AS t ON t.order_id = o.id AND t.template_id = o.template_id
                 WHERE (o.origin = 'template') <> (t.due_on IS NOT NULL AND t.due_on = o.scheduled_on)",
            );
            let of = |day: &str, status: &str| {
                one::<i64>(
                    &conn,
                    &format!("SELECT count(*) FROM orders WHERE origin = 'template' AND scheduled_on = '{day}' AND status = '{status}'"),
                )
            };
            assert!(0 < of("2025-05-29", "pending") && 0 == of("2025-05-28", "pending"), "{size:?}");
        }
    }

    #[test]
    fn the_due_list_has_something_of_everything() {
        for size in [Size::Small, Size::Full] {
            let (conn, _) = filled(size);
            let settings = settings::Settings::default();
            let list = crate::due::list::of_day(&conn, now().day(), None, now(), &settings).unwrap();
            let late = list.lines.iter().filter(|line| line.visit.on < now().day()).count();
            assert!(0 < late && (late < list.lines.len() || size == Size::Small), "{size:?}: {late} of {}", list.lines.len());
            assert!(0 < list.with_order && list.skipped.len() == 1, "{size:?}: {} and {:?}", list.with_order, list.skipped);
            let thin = list.lines.iter().any(|line| line.figures.margin_kg.is_some_and(|margin| margin < 0.0));
            assert!(thin || size == Size::Small, "nobody has to be visited at once");
            let alarms = crate::due::store::last_alarms(&conn, 10).unwrap();
            assert!(alarms.iter().any(|alarm| alarm.order.as_ref().is_some_and(|order| !order.is_urgent)), "{size:?}: {alarms:?}");
            assert!(alarms.iter().any(|alarm| alarm.order.as_ref().is_some_and(|order| order.is_urgent)), "{size:?}: {alarms:?}");
        }
    }
}
