//! 計畫名單: who is due and why, and one key a line. Now is Wednesday 28 May 2025, 10:22.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use luckygas::demo::{self, Size};
use luckygas::due::Group;
use luckygas::due::list::{self, Part};
use luckygas::error::Doing;
use luckygas::http::request::Method;
use luckygas::orders::{Origin, Payment, Status};
use luckygas::users::Role;
use luckygas::values::{CustomerId, Day};
use serde_json::json;
use support::due::{Delivered, burning, due, line, names, notice, orders_of, rhythmic};
use support::{Answer, Browser, Site};

/// The key of a line as the page sends it.
fn press(browser: &Browser, customer: CustomerId, more: &[(&str, &str)]) -> Answer {
    let form = [more, &[("date", "2025-05-28"), ("press", "0123456789abcdef")]].concat();
    browser.post(&format!("/due/{customer}/order"), &form)
}

#[test]
fn the_list_says_who_when_and_why() {
    let site = Site::open();
    // 50 × 0.85 ÷ 3.3 = 12 days; 6 × 0.85 ÷ 3.3 − 1 = 0 days; 6 × 0.5 − 3.3 = −0.3 kg.
    burning(&site, "1900001", "霜降火鍋", (3_300, 50, 6), "2025-05-10");
    // 60 × 0.85 ÷ 2.133 = 23 days, 20 kg of reserve another 6; half of it less a day is 7.9 kg.
    burning(&site, "1900002", "範例小吃店", (2_133, 60, 20), "2025-05-05");
    burning(&site, "1900003", "明天小館", (2_133, 60, 20), "2025-05-06");
    burning(&site, "1900004", "後天小館", (2_133, 60, 20), "2025-05-07");
    rhythmic(&site, "1900005", "六和素菜", &["2025-05-08", "2025-04-18", "2025-03-29"]);
    rhythmic(&site, "1900006", "只來兩次", &["2025-05-08", "2025-04-18"]);
    site.add_prices();

    let list = due(&site, "");
    assert_eq!((&list["date"], &list["until"]), (&json!("2025-05-28"), &json!("2025-05-29")));
    assert_eq!(names(&list), ["霜降火鍋", "範例小吃店", "六和素菜", "明天小館"]);
    let hot = line(&list, "霜降火鍋");
    assert_eq!(
        (&hot["due_on"], &hot["latest_on"], &hot["cycle_days"], &hot["is_overdue"]),
        (&json!("2025-05-22"), &json!("2025-05-22"), &json!(12), &json!(true))
    );
    assert!((hot["margin_kg"].as_f64().unwrap() + 0.3).abs() < 1e-9);
    assert_eq!(hot["usual"], json!([{"product_id": 2, "product_name": "20KG", "qty": 2}]));
    assert_eq!(
        hot["why"],
        "6 天前到期，最晚日已過 6 天。備用的一半撐不到一天，報低就要當天去。每天約 3.3 kg，串接 50 kg 可撐 12 天。\
         以前送的沒有記數量，品項照現場的鋼瓶。"
    );
    let today = line(&list, "範例小吃店");
    assert_eq!((&today["due_on"], &today["latest_on"], &today["is_overdue"]), (&json!("2025-05-28"), &json!("2025-06-03"), &json!(false)));
    assert!(today["why"].as_str().unwrap().starts_with("今天剛好 23 天。"));
    let rhythm = line(&list, "六和素菜");
    assert_eq!(
        (&rhythm["basis"], &rhythm["cycle_days"], &rhythm["latest_on"], &rhythm["daily_kg"], &rhythm["margin_kg"]),
        (&json!("history"), &json!(20), &json!(null), &json!(null), &json!(null))
    );
    assert_eq!(rhythm["why"], "今天剛好 20 天。沒有用量數字；最近 3 次大約每 20 天叫一次。不知道慣用什麼，要問。");
    assert_eq!(names(&due(&site, "?date=2025-05-29")).len(), 5, "a day later 後天小館 is due too");

    let page = site.hui().get("/due");
    for says in [
        "該送誰　05/29 (四) 以前",
        "4 家：已過期 1、今天 2、明天 1。",
        "已過期，今天先送　1 家",
        "今天到期　2 家",
        "明天到期　1 家",
        "<b class=\"minus\">−0.3 kg</b>",
        "7.9 kg",
        "data-key=\"r\"",
        "data-key=\"p\"",
        "計畫名單 民國114年5月28日",
    ] {
        page.check(200, says);
    }
}

#[test]
fn who_is_in_the_plan() {
    let site = Site::open();
    let cases: [(&str, &str, bool); 10] = [
        ("on_patrol", "1", true),
        ("is_subscription", "1", true),
        ("has_telemetry", "1", true),
        ("on_patrol", "0", false),
        ("on_patrol", "NULL", false),
        ("is_active", "0", false),
        ("is_terminated", "1", false),
        ("is_walk_in", "1", false),
        ("avg_daily_g", "0", false),
        ("avg_daily_g", "NULL", false),
    ];
    for (at, (column, value, is_listed)) in cases.into_iter().enumerate() {
        let name = format!("第{at}家");
        let id = burning(&site, &format!("19000{at:02}"), &name, (2_133, 60, 20), "2025-05-01");
        let is_of_the_plan = ["is_subscription", "has_telemetry"].contains(&column);
        site.change(id, "on_patrol", if is_of_the_plan { "NULL" } else { "1" });
        site.change(id, column, value);
        assert_eq!(names(&due(&site, "")).contains(&name), is_listed, "{column} = {value}");
    }
    let two = burning(&site, "1900099", "一天兩趟", (2_133, 60, 20), "2025-05-28");
    site.change(two, "avg_daily_g", "NULL");
    site.deliver(two, &["2025-05-08", "2025-05-08", "2025-05-08"]);
    assert!(
        !names(&due(&site, "?date=2025-12-31")).contains(&"一天兩趟".to_owned()),
        "two visits are no rhythm, however often the truck came"
    );
}

#[test]
fn a_closed_day_moves_the_visit_to_the_open_day_before() {
    let site = Site::open();
    // All of them are due by the arithmetic on Friday 30 May, a holiday.
    let closing = |code: &str, name: &str, weekdays: u8, on_holidays: bool| {
        let id = burning(&site, code, name, (2_133, 60, 20), "2025-05-07");
        site.change(id, "closed_weekdays", &weekdays.to_string());
        site.change(id, "closed_on_holidays", if on_holidays { "1" } else { "0" });
        id
    };
    closing("1900001", "不休", 0, false);
    closing("1900002", "休五", 0b001_0000, false);
    closing("1900003", "休四五", 0b001_1000, false);
    closing("1900004", "休假日", 0, true);
    closing("1900005", "休三四五", 0b001_1100, false);
    closing("1900006", "天天休", 0b111_1111, false);
    let list = due(&site, "");
    assert_eq!(names(&list), ["休三四五", "休四五", "休五", "休假日"]);
    let moved = |name: &str| {
        let line = line(&list, name);
        (line["due_on"].as_str().unwrap().to_owned(), line["moved_from"].clone(), line["why"].as_str().unwrap().to_owned())
    };
    assert_eq!(moved("休五").0, "2025-05-29");
    assert_eq!(moved("休五").1, "2025-05-30");
    assert!(moved("休五").2.starts_with("明天要送。05/30 (五) 公休，所以排在明天。"), "{}", moved("休五").2);
    assert!(moved("休假日").2.contains("05/30 (五) 端午節（補假）公休，所以排在明天。"), "{}", moved("休假日").2);
    assert_eq!(moved("休四五").0, "2025-05-28");
    assert_eq!((moved("休三四五").0.as_str(), &line(&list, "休三四五")["is_overdue"]), ("2025-05-27", &json!(true)));
    assert_eq!(line(&list, "休五")["latest_on"], "2025-06-05", "how long the gas lasts does not depend on who is open");
    let later = due(&site, "?date=2025-05-29");
    assert_eq!((line(&later, "不休")["moved_from"].clone(), line(&later, "天天休")["moved_from"].clone()), (json!(null), json!(null)));
}

#[test]
fn the_overdue_come_first_then_who_can_wait_least_then_the_area() {
    let site = Site::open();
    let mut code = 1_900_000;
    let mut make = |name: &str, figures, last: &str, area: Option<&str>| {
        code += 1;
        let id = burning(&site, &code.to_string(), name, figures, last);
        match area {
            Some(area) => {
                site.app.db.write(|tx| Ok(tx.execute("INSERT OR IGNORE INTO areas (name) VALUES (?1)", [area]).unwrap())).unwrap();
                site.change(id, "area_id", &format!("(SELECT id FROM areas WHERE name = '{area}')"));
            }
            None => site.change(id, "area_id", "NULL"),
        }
    };
    let (long, short) = ((2_133, 60, 60), (2_133, 60, 20));
    make("明天", short, "2025-05-06", Some("A"));
    make("今天丙", short, "2025-05-05", None);
    make("今天乙", short, "2025-05-05", Some("B"));
    make("今天甲", short, "2025-05-05", Some("A"));
    make("今天能等", long, "2025-05-05", Some("A"));
    make("過期能等", long, "2025-05-01", Some("A"));
    make("過期不能等", short, "2025-05-03", Some("C"));
    make("過期最久", short, "2025-04-20", Some("D"));
    assert_eq!(names(&due(&site, "")), ["過期最久", "過期不能等", "過期能等", "今天甲", "今天乙", "今天丙", "今天能等", "明天"]);
    let area = |name: &str| due(&site, "").to_string().contains(name).then(|| site.hui().get("/due").text());
    assert!(area("今天丙").unwrap().contains("未分區（1）"));
    assert_eq!(names(&due(&site, "?area=none")), ["今天丙"]);
    assert_eq!(site.hui().get("/due?area=none").status(), 200);
}

#[test]
fn one_key_orders_the_usual_for_the_day_that_is_due() {
    let site = Site::open();
    site.add_prices();
    let customers = [("過期", "2025-05-01", "2025-05-28"), ("今天", "2025-05-05", "2025-05-28"), ("明天", "2025-05-06", "2025-05-29")];
    let hui = site.hui();
    for (at, (name, last, day)) in customers.into_iter().enumerate() {
        let id = burning(&site, &format!("190000{at}"), name, (2_133, 60, 20), last);
        site.change(id, "available_hours", &0b0000_0001_1100_0110.to_string());
        site.change(id, "payment_terms", "'monthly'");
        let answer = press(&hui, id, &[("next", "77"), ("area", "none")]);
        assert_eq!((answer.status(), answer.location()), (303, "/due?date=2025-05-28&area=none&at=77#c77"));
        let order = orders_of(&site, id).pop().unwrap();
        assert_eq!(
            (order.scheduled_on.to_string().as_str(), order.origin, order.status, order.items().as_str(), order.payment),
            (day, Origin::Planned, Status::Confirmed, "20KG × 2", Payment::Monthly),
            "{name}"
        );
        assert_eq!((order.window.to_string(), order.totals.total.to_string()), ("9–11".to_owned(), "NT$1,700".to_owned()));
        assert_eq!(order.created_by.map(|by| by.0), Some(4));
        assert!(notice(&answer).contains(&format!("已下單 {}：20KG × 2，", order.short_number())), "{}", notice(&answer));
    }
    let list = due(&site, "");
    assert_eq!((names(&list).len(), &list["with_open_order"]), (0, &json!(3)));
    hui.get("/due").check(200, "0 家。另外已有未送訂單 3 家，沒有列進來。");
    assert_eq!(site.journal().iter().filter(|(verb, ..)| verb == "take").count(), 3);
}

#[test]
fn after_the_cut_off_an_order_is_for_tomorrow_and_never_for_a_closed_day() {
    let site = Site::open();
    site.add_prices();
    let over = burning(&site, "1900001", "過期", (2_133, 60, 20), "2025-05-01");
    let closed = burning(&site, "1900002", "今天公休", (2_133, 60, 20), "2025-05-01");
    site.change(closed, "closed_weekdays", &0b100.to_string());
    let long = burning(&site, "1900003", "公休三天", (2_133, 60, 20), "2025-05-01");
    site.change(long, "closed_weekdays", &0b1_1100.to_string());
    let ordered = |id| orders_of(&site, id).pop().unwrap().scheduled_on.to_string();
    press(&site.hui(), closed, &[]).check(303, "");
    press(&site.hui(), long, &[]).check(303, "");
    assert_eq!((ordered(closed).as_str(), ordered(long).as_str()), ("2025-05-29", "2025-05-31"));
    site.wait_minutes(4 * 60);
    press(&site.hui(), over, &[]).check(303, "");
    assert_eq!(ordered(over), "2025-05-29");
}

#[test]
fn a_second_press_makes_nothing() {
    let site = Site::open();
    site.add_prices();
    let id = burning(&site, "1900001", "範例小吃店", (2_133, 60, 20), "2025-05-01");
    let (hui, lin) = (site.hui(), site.lin());
    press(&hui, id, &[]);
    let number = orders_of(&site, id)[0].short_number().to_owned();
    let again = press(&hui, id, &[]);
    assert_eq!(notice(&again), format!("範例小吃店 已經下過單了，是 {number}。"));
    let other = press(&lin, id, &[("press", "fedcba9876543210")]);
    assert!(notice(&other).starts_with(&format!("範例小吃店 已有未送的訂單 {number}：20KG × 2，今天")), "{}", notice(&other));
    let reloaded = hui.post(&format!("/due/{id}/order"), &[]);
    assert!(notice(&reloaded).starts_with("範例小吃店 已有未送的訂單"), "a form without its key is safe too");
    assert_eq!(orders_of(&site, id).len(), 1);
    // Ten at once are one.
    let id = burning(&site, "1900002", "十個人按", (2_133, 60, 20), "2025-05-01");
    std::thread::scope(|scope| {
        for at in 0..10 {
            let site = &site;
            scope.spawn(move || assert_eq!(press(&site.hui(), id, &[("press", &format!("{at}{at}press{at}")[..])]).status(), 303));
        }
    });
    assert_eq!(orders_of(&site, id).len(), 1);
}

#[test]
fn what_is_not_known_is_asked_in_the_form_and_nothing_is_written() {
    let site = Site::open();
    let unpriced = burning(&site, "1900001", "沒有價格", (2_133, 60, 20), "2025-05-01");
    let unusual = burning(&site, "1900002", "沒有慣用", (2_133, 60, 20), "2025-05-01");
    site.app.db.write(|tx| Ok(tx.execute("DELETE FROM customer_cylinders WHERE customer_id = ?1", [unusual]).unwrap())).unwrap();
    let hui = site.hui();
    for (id, say) in [(unpriced, "20KG 還沒有價格，請經理填。"), (unusual, "不知道慣用什麼，請選品項。")] {
        let answer = press(&hui, id, &[]);
        assert!(answer.location().starts_with(&format!("/orders/new?customer={id}&origin=planned&back=")), "{}", answer.location());
        assert_eq!(notice(&answer), say);
        let api = hui.json(Method::Post, &format!("/api/v1/due/{id}/order"), json!({}));
        api.check(422, say);
        assert!(orders_of(&site, id).is_empty());
    }
    assert_eq!(site.journal().iter().filter(|(verb, ..)| verb == "take").count(), 0);
}

#[test]
fn whoever_left_the_list_is_not_ordered_for() {
    let site = Site::open();
    site.add_prices();
    let id = burning(&site, "1900001", "剛送過", (2_133, 60, 20), "2025-05-01");
    site.deliver(id, &["2025-05-28"]);
    assert_eq!(notice(&press(&site.hui(), id, &[])), "剛送過 現在不在名單上，可能已經送過了。");
    site.hui().json(Method::Post, &format!("/api/v1/due/{id}/order"), json!({})).check(409, "現在不在名單上");
    site.change(id, "is_terminated", "1");
    assert_eq!(press(&site.hui(), id, &[]).status(), 303);
    assert!(orders_of(&site, id).is_empty());
    site.hui().post("/due/999/order", &[]).check(404, "找不到客戶 999");
    site.hui().post("/due/x/skip", &[]).check(404, "找不到客戶 x");
}

#[test]
fn passed_over_today_and_back_tomorrow() {
    let site = Site::open();
    let id = burning(&site, "1900001", "範例小吃店", (2_133, 60, 20), "2025-05-01");
    let hui = site.hui();
    let skip = |more: &[(&str, &str)]| hui.post(&format!("/due/{id}/skip"), &[&[("date", "2025-05-28")], more].concat());
    let answer = skip(&[]);
    assert_eq!(answer.location(), "/due?date=2025-05-28");
    assert!(notice(&answer).ends_with("範例小吃店 今天先不送。"), "{}", notice(&answer));
    hui.get("/due").check(200, "另外先不送 1 家，沒有列進來。").check(200, "放回名單");
    assert_eq!(names(&due(&site, "")), Vec::<String>::new());
    assert_eq!(due(&site, "")["skipped"], json!([{"customer_id": id.0, "customer_name": "範例小吃店"}]));
    assert_eq!(names(&due(&site, "?date=2025-05-29")), ["範例小吃店"]);
    skip(&[]).check(303, "");
    assert_eq!(skip(&[("undo", "1")]).location(), format!("/due?date=2025-05-28&at={id}#c{id}"));
    assert_eq!(names(&due(&site, "")), ["範例小吃店"]);
    skip(&[("undo", "1")]).check(303, "");
    let verbs: Vec<String> = site.journal().into_iter().map(|(verb, ..)| verb).filter(|verb| verb.contains("skip")).collect();
    assert_eq!(verbs, ["skip", "undo_skip"], "what changes nothing is not told");
}

#[test]
fn who_may_see_and_who_may_act() {
    let site = Site::open();
    site.add_prices();
    let id = burning(&site, "1900001", "範例小吃店", (2_133, 60, 20), "2025-05-01");
    for (role, sees, acts) in [
        (Role::Accountant, 200, 403),
        (Role::Driver, 403, 403),
        (Role::OfficeStaff, 200, 303),
        (Role::Manager, 200, 303),
        (Role::Admin, 200, 303),
    ] {
        let browser = site.role(role);
        assert_eq!(browser.get("/due").status(), sees, "{role:?}");
        assert_eq!(browser.get("/api/v1/due").status(), sees, "{role:?}");
        assert_eq!(browser.post(&format!("/due/{id}/skip"), &[]).status(), acts, "{role:?}");
        assert_eq!(browser.post(&format!("/due/{id}/skip"), &[("undo", "1")]).status(), acts, "{role:?}");
        assert_eq!(press(&browser, id, &[]).status(), acts, "{role:?}");
        assert_eq!(browser.get("/due/alarms").status(), if acts == 303 { 200 } else { 403 }, "{role:?}");
    }
    let other = burning(&site, "1900002", "別家", (2_133, 60, 20), "2025-05-01");
    let page = site.chen().get("/due").text();
    assert!(
        page.contains("別家") && !page.contains(&format!("/due/{other}/order")) && !page.contains("發報輸入"),
        "the accountant looks on"
    );
}

/// What the list should hold, worked out for one customer at a time from the bare tables.
struct Plain {
    due_on: Day,
    latest_on: Option<Day>,
    margin_kg: Option<f64>,
    area: Option<String>,
    code: String,
    has_order: bool,
    is_skipped: bool,
}

fn plainly(site: &Site, on: Day) -> BTreeMap<CustomerId, Plain> {
    let settings = site.app.settings();
    site.app
        .db
        .read(|conn| {
            let ids = |sql: &str| -> BTreeSet<i64> {
                let mut query = conn.prepare(sql).unwrap();
                query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
            };
            let open = ids("SELECT customer_id FROM orders WHERE status NOT IN ('delivered', 'cancelled')");
            let skipped = ids(&format!("SELECT customer_id FROM due_skips WHERE skipped_on = '{on}'"));
            let mut query = conn.prepare("SELECT holiday_on FROM holidays").unwrap();
            let holidays: BTreeSet<Day> = query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
            let mut visits: BTreeMap<i64, Vec<Day>> = BTreeMap::new();
            let mut query = conn.prepare("SELECT customer_id, delivered_on FROM all_deliveries ORDER BY delivered_on DESC").unwrap();
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, Day>(1)?))).unwrap();
            rows.map(Result::unwrap).for_each(|(customer, on)| visits.entry(customer).or_default().push(on));

            let mut found = BTreeMap::new();
            let mut query =
                conn.prepare("SELECT c.*, a.name AS area FROM customers AS c LEFT JOIN areas AS a ON a.id = c.area_id").unwrap();
            let mut rows = query.query([]).unwrap();
            while let Some(row) = rows.next().unwrap() {
                let yes = |column: &str| row.get::<_, Option<i64>>(column).unwrap() == Some(1);
                let kg = |column: &str| row.get::<_, Option<i64>>(column).unwrap().map(|grams| grams as f64 / 1_000.0);
                let is_planned = yes("on_patrol") || yes("is_subscription") || yes("has_telemetry");
                if !yes("is_active") || yes("is_terminated") || yes("is_walk_in") || !is_planned {
                    continue;
                }
                let id: i64 = row.get("id").unwrap();
                let Some(visits) = visits.get(&id) else { continue };

                let (delivered, residual, average) = (kg("monthly_delivered_g"), kg("monthly_residual_g"), kg("avg_daily_g"));
                let daily = match (delivered, residual, average) {
                    (Some(delivered), Some(residual), _) if residual <= delivered => Some((delivered - residual) / 30.0),
                    (Some(delivered), None, None) => Some(delivered / 30.0),
                    (.., average) => average,
                };
                let daily = daily.filter(|daily| *daily > 0.0);
                let cycle = kg("series_g").filter(|series| *series > 0.0).zip(daily).map(|(series, daily)| (series * 0.85 / daily).floor());
                let every = match cycle {
                    Some(days) => days as i64,
                    None => {
                        let days: BTreeSet<Day> = visits.iter().copied().collect();
                        let last: Vec<Day> = days.into_iter().rev().take(6).collect();
                        if last.len() < 3 {
                            continue;
                        }
                        let mut gaps: Vec<i64> = (1..last.len()).map(|at| last[at - 1].days_since(last[at])).collect();
                        gaps.sort();
                        if gaps.len() % 2 == 1 { gaps[gaps.len() / 2] } else { (gaps[gaps.len() / 2 - 1] + gaps[gaps.len() / 2]) / 2 }
                    }
                };
                let next = visits[0].plus(every);
                let slip = kg("reserve_g").zip(daily).filter(|_| cycle.is_some()).map(|(reserve, daily)| reserve * 0.85 / daily - 1.0);
                let latest_on = slip.map(|slip| next.plus((slip.floor() as i64).max(0)));

                let weekdays: i64 = row.get("closed_weekdays").unwrap();
                let is_shut = |day: Day| weekdays & 1 << (day.weekday() - 1) != 0 || (yes("closed_on_holidays") && holidays.contains(&day));
                let mut due_on = next;
                while is_shut(due_on) && visits[0].plus(1) < due_on {
                    due_on = due_on.plus(-1);
                }
                if is_shut(due_on) {
                    due_on = next;
                }
                if on.plus(settings.look_ahead_days) < due_on {
                    continue;
                }
                let margin_kg = kg("reserve_g").zip(daily).map(|(reserve, daily)| reserve * 0.5 - daily);
                let plain = Plain {
                    due_on,
                    latest_on,
                    margin_kg,
                    area: row.get("area").unwrap(),
                    code: row.get("customer_code").unwrap(),
                    has_order: open.contains(&id),
                    is_skipped: skipped.contains(&id),
                };
                found.insert(CustomerId(id), plain);
            }
            Ok(found)
        })
        .unwrap()
}

#[test]
fn a_long_list_has_pages_and_its_heads_count_all_of_them() {
    let site = Site::open();
    site.add_prices();
    for at in 0..207 {
        burning(&site, &format!("1900{at:03}"), &format!("第{at}家"), (2_133, 60, 20), "2025-05-01");
    }
    let hui = site.hui();
    let first = hui.get("/due");
    first
        .check(200, "207 家：已過期 207。")
        .check(200, "已過期，今天先送　207 家")
        .check(200, "第 1 頁，共 2 頁")
        .check(200, "data-key=\"PageDown\"");
    assert!(first.text().contains("第199家") && !first.text().contains("第200家"));
    let second = hui.get("/due?date=2025-05-28&page=2");
    second.check(200, "第200家").check(200, "已過期，今天先送　207 家").check(200, "name=\"page\" value=\"2\"");
    hui.get("/due?page=99").check(200, "第206家").check(200, "第 2 頁，共 2 頁");
    let id: String = second.text().split("/customers/").nth(2).unwrap().chars().take_while(char::is_ascii_digit).collect();
    let answer = press(&hui, CustomerId(id.parse().unwrap()), &[("page", "2"), ("next", "9")]);
    assert_eq!(answer.location(), "/due?date=2025-05-28&page=2&at=9#c9");
}

#[test]
fn the_whole_demonstration_shop_comes_out_as_plainly_reckoned() {
    let site = Site::empty();
    site.app.db.write(|tx| demo::fill(tx, site.app.now(), Size::Full)).unwrap();
    site.app.reload_settings().unwrap();
    let today = site.app.now().day();
    // What the demonstration has too little of: nobody knows the use, odd months, skips, holidays, stopped ones.
    let batch = "
        UPDATE customers SET monthly_delivered_g = NULL, avg_daily_g = NULL WHERE id % 7 = 0;
        UPDATE customers SET monthly_residual_g = monthly_delivered_g + 1000 WHERE id % 11 = 0;
        UPDATE customers SET series_g = NULL WHERE id % 13 = 0;
        UPDATE customers SET reserve_g = NULL WHERE id % 17 = 0;
        UPDATE customers SET closed_weekdays = id % 127 WHERE id % 3 = 0;
        UPDATE customers SET closed_on_holidays = 1 WHERE id % 5 = 0;
        UPDATE customers SET on_patrol = 1 WHERE id % 9 = 0;
        UPDATE customers SET is_active = 0 WHERE id % 101 = 0;
        UPDATE customers SET is_terminated = 1 WHERE id % 103 = 0;
        INSERT OR IGNORE INTO due_skips (customer_id, skipped_on, skipped_at) SELECT id, '2025-05-28', 0 FROM customers WHERE id % 6 = 1;";
    site.app.db.write(|tx| tx.execute_batch(batch).doing("age the demonstration")).unwrap();
    let settings = site.app.settings();
    let mut seen = (0, 0, 0, 0);
    for days in [0, 1, 2, 9, 40, 200, -30] {
        let on = today.plus(days);
        let list = site.app.db.read(|conn| list::of_day(conn, on, Part::default(), site.app.now(), &settings)).unwrap();
        let plain = plainly(&site, on);
        let listed: BTreeSet<CustomerId> = list.lines.iter().map(|line| line.customer).collect();
        let wanted: BTreeSet<CustomerId> = plain.iter().filter(|(_, one)| !one.has_order && !one.is_skipped).map(|(id, _)| *id).collect();
        assert_eq!(listed, wanted, "{on}");
        assert_eq!(list.with_order, plain.values().filter(|one| one.has_order).count(), "{on}");
        assert_eq!(list.skipped.len(), plain.values().filter(|one| one.is_skipped && !one.has_order).count(), "{on}");
        for line in &list.lines {
            let one = &plain[&line.customer];
            assert_eq!(
                (line.visit.on, line.due.latest, line.figures.margin_kg),
                (one.due_on, one.latest_on, one.margin_kg),
                "{}",
                line.customer
            );
        }
        let keys: Vec<_> = list
            .lines
            .iter()
            .map(|line| {
                let one = &plain[&line.customer];
                let group = if one.due_on < today { Group::Overdue } else { Group::On(one.due_on) };
                let area = (one.area.is_none(), one.area.clone());
                (group, one.latest_on.is_none(), one.latest_on, area, one.due_on, one.code.len(), one.code.clone())
            })
            .collect();
        assert!(keys.is_sorted(), "{on}");
        seen.0 += list.lines.len();
        seen.1 += list.lines.iter().filter(|line| line.visit.moved.is_some()).count();
        seen.2 += list.lines.iter().filter(|line| line.due.latest.is_none()).count();
        seen.3 += list.with_order;
        let ids = |lines: &[luckygas::due::Line]| lines.iter().map(|line| (line.customer, line.usual.clone())).collect::<Vec<_>>();
        let page = |page| {
            let part = Part { area: None, page: Some((page, 200)) };
            let list = site.app.db.read(|conn| list::of_day(conn, on, part, site.app.now(), &settings)).unwrap();
            ids(&list.lines)
        };
        let paged: Vec<_> = (1..=list::pages(list.total, 200)).flat_map(page).collect();
        assert_eq!(paged, ids(&list.lines), "the pages of {on} join to the whole");
        // One alone is reckoned as among all.
        for line in list.lines.iter().step_by(50) {
            let (alone, _) = site.app.db.read(|conn| list::line_of(conn, line.customer, on, &settings)).unwrap();
            let alone = alone.unwrap();
            assert_eq!((alone.visit, alone.due, alone.usual), (line.visit.clone(), line.due, line.usual.clone()));
        }
    }
    assert!(1_000 < seen.0 && 100 < seen.1 && 100 < seen.2 && 50 < seen.3, "{seen:?}");
}
