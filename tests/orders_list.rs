//! The list of orders: every condition finds what it should, the counts are those of their lists, and what somebody keeps
//! is theirs.

mod support;

use std::cmp::Reverse;
use std::collections::HashMap;

use luckygas::customers::search::Query;
use luckygas::orders::filter::{CHIPS, Filter, Kind, Span};
use luckygas::orders::number::Number;
use luckygas::orders::store::{self, Listing};
use luckygas::orders::take::take;
use luckygas::orders::{Order, Origin, Status};
use luckygas::users::Role;
use luckygas::values::text::fold;
use luckygas::values::{CustomerId, Day, OrderId, UserId, Window};
use rusqlite::params;
use support::{Site, day, now};

const ME: UserId = UserId(4);

/// A row of random numbers that is the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % most
    }

    fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }
}

/// What the test knows of a customer, besides the file.
struct Known {
    code: &'static str,
    name: &'static str,
    address: &'static str,
    phones: &'static [&'static str],
    area: Option<&'static str>,
}

const CUSTOMERS: [Known; 7] = [
    Known {
        code: "1902046",
        name: "範例小吃店",
        address: "範例市示範路三段 21 號",
        phones: &["0900-000-213", "0900-000-777"],
        area: Some("D-北線"),
    },
    Known { code: "1900213", name: "小雪咖啡", address: "範例市樣本街 6 號", phones: &["0900-000-540"], area: Some("A-甲區") },
    Known { code: "2130004", name: "示範國小", address: "臺東市學前路 1 號", phones: &["0900-000-301"], area: Some("B-乙區") },
    Known { code: "1903377", name: "三合院民宿", address: "虛構鄉海堤路 213 號", phones: &["0900-000-882"], area: None },
    Known { code: "1901180", name: "石敢當小吃", address: "虛構鄉石頭路 8 巷 3 號", phones: &[], area: Some("D-北線") },
    Known { code: "1904412", name: "0043 麵店", address: "範例市丙丁街 4 號", phones: &["0900-000-043"], area: Some("A-甲區") },
    Known { code: "6000001", name: "現金零售", address: "", phones: &[], area: None },
];
const WALK_IN: usize = 6;

/// A shop with `count` orders of forty days, in every state, taken by several people.
fn with_orders(count: usize, seed: u64) -> (Site, HashMap<CustomerId, usize>, Vec<Order>) {
    let site = Site::open();
    site.add_prices();
    let mut customers = HashMap::new();
    for (at, known) in CUSTOMERS.iter().enumerate() {
        let id = site.customer(known.code, known.name, |details| {
            details.address = Some(known.address.to_owned()).filter(|address| !address.is_empty());
            details.phones = known.phones.iter().map(|phone| Site::number(phone)).collect();
            details.area = known.area.map(str::to_owned);
        });
        customers.insert(id, at);
    }
    let mut ids: Vec<_> = customers.keys().copied().collect();
    ids.sort();
    let mut dice = Dice(seed);
    let mut wanted = Vec::new();
    for _ in 0..count {
        let at = dice.below(ids.len());
        let mut new = site.new_order(ids[at], &[(dice.pick(&["C20", "C50", "F50"]), 1 + dice.below(3) as i64)]);
        new.scheduled_on = now().day().plus(dice.pick(&[0, 0, 0, 0, 1, 2, 25]));
        new.window = dice.pick(&[Window::MORNING, Window::AFTERNOON, Window::EVENING]);
        new.is_urgent = dice.below(8) == 0;
        new.origin = dice.pick(&[Origin::Phone, Origin::Phone, Origin::Planned, Origin::Emergency]);
        if at == WALK_IN {
            new.origin = Origin::WalkIn;
            new.contact_name = Some(dice.pick(&["王 小姐", "林先生"]).to_owned());
            new.contact_phone = Some(dice.pick(&["0900-000-213", "0900 000 999", "089-123456#13"]).to_owned());
            new.delivery_address = Some(dice.pick(&["台東市路邊 213", "臺東市學前路 9 號"]).to_owned());
        } else if dice.below(5) == 0 {
            new.delivery_address = Some("範例市工地路 1 號".to_owned());
        }
        wanted.push((dice.pick(&[Role::OfficeStaff, Role::OfficeStaff, Role::Manager]), new));
    }
    let write = |tx: &rusqlite::Transaction| {
        tx.execute(
            "INSERT INTO users (id, username, name, role, password_hash, must_change_password, created_at, updated_at)
             VALUES (6, 'ade', '阿德', 'driver', '', 0, 0, 0)",
            [],
        )
        .unwrap();
        let mut orders = Vec::new();
        for (role, new) in &wanted {
            let id = take(tx, new, Status::Pending, site.actor(*role), &site.app.settings())?.order().id;
            disturb(tx, id, &mut dice);
            orders.push(store::get(tx, id)?);
        }
        Ok(orders)
    };
    let orders = site.app.db.write(write).unwrap();
    (site, customers, orders)
}

/// Puts an order on a day and in a state of chance.
fn disturb(tx: &rusqlite::Transaction, id: OrderId, dice: &mut Dice) {
    let status = dice.pick(Status::ALL);
    let driver = matches!(status, Status::Assigned | Status::InDelivery | Status::Delivered).then(|| dice.pick(&[5, 6]));
    let moved = -(dice.pick(&[0, 0, 0, 1, 7, 40]) as i64);
    tx.execute(
        "UPDATE orders SET status = ?2, driver_id = ?3, cancel_reason = ?4, delivered_at = ?5, attempt_count = ?6,
                payment_status = ?7, scheduled_on = date(scheduled_on, ?8 || ' days')
         WHERE id = ?1",
        params![
            id,
            status.word(),
            driver,
            (status == Status::Cancelled).then_some("duplicate"),
            (status == Status::Delivered).then(now),
            dice.pick(&[0, 0, 1]),
            dice.pick(&["unpaid", "paid"]),
            moved,
        ],
    )
    .unwrap();
}

fn today() -> Day {
    now().day()
}

fn filter(query: &str) -> Filter {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    Filter::of(&pairs, today())
}

fn page(site: &Site, filter: &Filter, page: usize, size: usize) -> Listing {
    site.app.db.read(|conn| store::list(conn, &filter.look_up(&site.app.finder, conn, ME, today())?, page, size)).unwrap()
}

fn ids(listing: &Listing) -> Vec<i64> {
    listing.rows.iter().map(|row| row.id.0).collect()
}

/// The same by looking at every order.
struct Plain<'a> {
    customers: &'a HashMap<CustomerId, usize>,
    orders: &'a [Order],
}

impl Plain<'_> {
    fn known(&self, order: &Order) -> &'static Known {
        &CUSTOMERS[self.customers[&order.customer_id]]
    }

    fn list(&self, filter: &Filter) -> Vec<i64> {
        let is_forward = filter.span.from.is_some_and(|from| today() <= from);
        let mut found: Vec<&Order> = self.orders.iter().filter(|order| self.is_meant(order, filter)).collect();
        found.sort_by_key(|order| {
            let days = order.scheduled_on.days_since(today());
            let is_pressing = order.status.is_open() && (order.is_urgent || order.origin == Origin::Emergency);
            (if is_forward { days } else { -days }, Reverse(is_pressing), order.window, order.number.clone())
        });
        found.iter().map(|order| order.id.0).collect()
    }

    fn is_meant(&self, order: &Order, filter: &Filter) -> bool {
        let known = self.known(order);
        let own = |text: &Option<String>| fold(text.as_deref().unwrap_or_default());
        let digits = |text: &str| text.split('#').next().unwrap().chars().filter(char::is_ascii_digit).collect::<String>();
        let terms = |typed: &str| Query::new(typed).terms().to_vec();
        let all = |typed: &str, is: &dyn Fn(&String) -> bool| !terms(typed).is_empty() && terms(typed).iter().all(is);
        let name_of = |text: &str| fold(text);

        let few_days = filter.span.days().is_some_and(|days| days <= 31);
        let number = Number::parse(&order.number).unwrap();
        let Number::Whole(ordered_on, day_no) = number else { panic!("{}", order.number) };
        let is_number = |wanted: Option<Number>| match wanted {
            None => false,
            Some(Number::Whole(..)) => wanted == Some(number),
            Some(Number::Short(no)) => no == day_no,
        };
        let by_q = |typed: &String| {
            let customer = [fold(known.code), fold(known.name), fold(known.address)];
            let customer: Vec<String> = customer.into_iter().chain(known.phones.iter().map(|phone| digits(phone))).collect();
            let order_words =
                [own(&order.contact_name), own(&order.delivery_address), digits(order.contact_phone.as_deref().unwrap_or(""))];
            let offered = Number::offered(typed);
            let short_day = few_days || ordered_on == today();
            all(typed, &|term| customer.iter().any(|line| line.contains(term.as_str())))
                || all(typed, &|term| order_words.iter().any(|line| line.contains(term.as_str())))
                || (is_number(offered) && (short_day || !matches!(offered, Some(Number::Short(_)))))
        };
        let by_customer = |typed: &String| {
            all(typed, &|term| [known.code, known.name].iter().any(|line| name_of(line).contains(term.as_str())))
                || all(typed, &|term| own(&order.contact_name).contains(term.as_str()))
        };
        let by_phone = |typed: &String| {
            let tail = terms(typed).concat();
            known.phones.iter().any(|phone| digits(phone).ends_with(&tail))
                || digits(order.contact_phone.as_deref().unwrap_or("")).ends_with(&tail)
        };
        let by_address = |typed: &String| all(typed, &|term| own(&order.delivery_address).contains(term.as_str()));

        let kind = filter.kind;
        filter.span.from.is_none_or(|from| from <= order.scheduled_on)
            && filter.span.to.is_none_or(|to| order.scheduled_on <= to)
            && kind.status.is_none_or(|status| order.status == status)
            && (!kind.open || order.status.is_open())
            && (!kind.failed || (order.status == Status::Confirmed && 0 < order.attempt_count))
            && (!kind.urgent || order.is_urgent || order.origin == Origin::Emergency)
            && (!kind.mine || order.created_by == Some(ME))
            && filter.q.as_ref().is_none_or(by_q)
            && filter.number.as_ref().is_none_or(|typed| is_number(Number::parse(typed)))
            && filter.customer.as_ref().is_none_or(by_customer)
            && filter.phone.as_ref().is_none_or(by_phone)
            && filter.address.as_ref().is_none_or(by_address)
            && filter.area.is_none_or(|area| area.is_none() == known.area.is_none())
            && filter.driver.is_none_or(|driver| order.driver_id == Some(driver))
            && filter.payment_status.is_none_or(|status| order.payment_status == status)
            && filter.origin.is_none_or(|origin| order.origin == origin)
    }
}

/// The conditions one by one; the property below puts them together.
const CONDITIONS: [&str; 36] = [
    "date=2025-05-27",
    "date=tomorrow",
    "from=&to=",
    "from=2025-05-01&to=2025-05-20",
    "from=&to=today",
    "from=tomorrow&to=",
    "from=2025-03-01&to=2025-06-30",
    "status=pending",
    "status=confirmed",
    "status=in_delivery",
    "status=delivered",
    "status=cancelled",
    "failed=1",
    "status=open&from=&to=2025-05-27",
    "urgent=1",
    "mine=1",
    "q=213",
    "q=小吃",
    "q=小吃 範例",
    "q=台東",
    "q=０９００－０００－２１３",
    "q=王小姐",
    "q=0043",
    "q=ORD-20250528-0007",
    "q=-",
    "number=7&from=2025-03-01&to=2025-06-30",
    "number=ORD-20250528-0043",
    "number=abc",
    "customer=小吃",
    "customer=1902046",
    "phone=213",
    "phone=777",
    "address=學前路",
    "area=none",
    "driver=6&payment_status=paid",
    "origin=walk_in",
];

#[test]
fn every_condition_finds_what_a_plain_look_at_every_order_finds() {
    let (site, customers, orders) = with_orders(500, 1);
    let plain = Plain { customers: &customers, orders: &orders };
    let mut empty = Vec::new();
    for condition in CONDITIONS {
        let one = filter(condition);
        let whole = page(&site, &one, 1, 1_000);
        assert_eq!(ids(&whole), plain.list(&one), "{condition}");
        if whole.rows.is_empty() {
            empty.push(condition);
        }
        // The same a page at a time.
        let mut paged = Vec::new();
        for at in 1.. {
            let listing = page(&site, &one, at, 7);
            paged.extend(ids(&listing));
            if !listing.has_more {
                break;
            }
        }
        assert_eq!(paged, ids(&whole), "{condition}");
    }
    assert_eq!(empty, ["q=-", "number=abc"]);
}

#[test]
fn any_conditions_together_find_what_answers_all_of_them() {
    for seed in 0..3 {
        let (site, customers, orders) = with_orders(250, 100 + seed);
        let plain = Plain { customers: &customers, orders: &orders };
        let mut dice = Dice(7 + seed);
        for _ in 0..80 {
            let query = (0..1 + dice.below(3)).map(|_| dice.pick(&CONDITIONS)).collect::<Vec<_>>().join("&");
            let one = filter(&query);
            let whole = page(&site, &one, 1, 1_000);
            assert_eq!(ids(&whole), plain.list(&one), "seed {seed}: {query}");
            check_counts(&site, &plain, &one, &whole, &format!("seed {seed}: {query}"));
        }
    }
}

/// Each number beside a list is how long the list is that it leads to.
fn check_counts(site: &Site, plain: &Plain, one: &Filter, whole: &Listing, about: &str) {
    if let Some(sums) = &whole.sums {
        let of = |id: &i64| plain.orders.iter().find(|order| order.id.0 == *id).unwrap();
        let (cancelled, standing): (Vec<&Order>, Vec<&Order>) =
            ids(whole).iter().map(of).partition(|order| order.status == Status::Cancelled);
        assert_eq!(sums.orders as usize, whole.rows.len(), "{about}");
        assert_eq!(sums.cancelled as usize, cancelled.len(), "{about}");
        assert_eq!(sums.total, standing.iter().map(|order| order.totals.total).sum(), "{about}");
        assert_eq!(sums.by_payment.iter().sum::<i64>() as usize, standing.len(), "{about}");
    }
    for (at, (label, kind)) in CHIPS.into_iter().enumerate() {
        if let Some(chips) = &whole.chips {
            let shown = page(site, &Filter { kind, ..one.clone() }, 1, 1_000);
            assert_eq!(chips[at] as usize, shown.rows.len(), "{about}: {label}");
        }
    }
}

#[test]
fn a_day_is_told_with_its_numbers() {
    let (site, customers, orders) = with_orders(300, 5);
    let plain = Plain { customers: &customers, orders: &orders };
    let all = plain.list(&Filter::on(today()));
    let hui = site.hui();
    let answer = hui.get("/orders");
    answer.check(200, &format!("第 1–50 張，共 {} 張", all.len())).check(200, "下一頁");
    let text = answer.text();
    for (label, kind) in CHIPS {
        let count = plain.list(&Filter { kind, ..Filter::on(today()) }).len();
        assert!(text.contains(&format!("{label} <span class=\"count\">{count}</span>")), "{label} {count}");
    }
    let tomorrow = plain.list(&Filter::on(today().plus(1))).len();
    assert!(text.contains(&format!("明天 <span class=\"count\">{tomorrow}</span>")));
    for (at, id) in all.iter().take(50).enumerate() {
        assert!(text.contains(&format!("href=\"/orders/{id}\" data-row=\"{}\"", at + 1)), "row {at}");
    }
    hui.get("/orders?date=tomorrow").check(200, "明天的訂單").check(200, &format!("今天 <span class=\"count\">{}</span>", all.len()));
    hui.get("/orders?page=99").check(200, "這一頁沒有訂單");
    let paper = hui.get("/orders?page=all").text();
    assert_eq!(
        (paper.matches(" data-row=\"").count(), paper.contains("data-print-now")),
        (all.len(), true),
        "the printer gets the whole day"
    );
    assert!(!site.chen().get("/orders").text().contains("data-row-key=\"x\""), "who may not cancel has no key for it");
}

#[test]
fn each_search_takes_the_way_that_reads_least() {
    let (site, ..) = with_orders(60, 9);
    let cases = [
        ("", "USING INDEX orders_day (scheduled_on>? AND scheduled_on<?)"),
        ("q=小吃&from=2025-05-01&to=today", "USING INDEX orders_day (scheduled_on>? AND scheduled_on<?)"),
        ("number=ORD-20250528-0007", "(ordered_on=? AND day_no=?)"),
        ("q=小吃", "USING COVERING INDEX orders_customer (customer_id=?)"),
        ("phone=213", "SEARCH o USING INTEGER PRIMARY KEY (rowid=?)"),
        ("status=pending&from=&to=", "USING INDEX orders_open (status=?)"),
        ("status=open&from=&to=yesterday", "USING INDEX orders_open (status=?)"),
        ("failed=1&from=&to=", "USING INDEX orders_open (status=?)"),
        ("driver=5&from=&to=", "USING INDEX orders_driver (driver_id=?)"),
        ("mine=1&from=&to=", "SCAN o USING INDEX orders_day"),
        ("status=delivered&from=&to=", "SCAN o USING INDEX orders_day"),
    ];
    for (query, way) in cases {
        let plans = site
            .app
            .db
            .read(|conn| {
                let search = filter(query).look_up(&site.app.finder, conn, ME, today())?;
                store::plans(conn, &search)
            })
            .unwrap();
        assert!(plans[0].iter().any(|step| step.contains(way)), "{query}: {:#?}", plans[0]);
        let whole = plans.iter().flatten().filter(|step| step.starts_with("SCAN o") && !step.contains("orders_day"));
        assert_eq!(whole.count(), 0, "{query} reads every order: {plans:#?}");
        // Of years, a page is sorted a day at a time.
        if way.starts_with("SCAN") {
            assert!(plans[0].iter().any(|step| step.contains("USE TEMP B-TREE FOR LAST")), "{plans:#?}");
        }
    }
}

#[test]
fn what_somebody_keeps_is_theirs() {
    let (site, ..) = with_orders(30, 3);
    let (hui, chen) = (site.hui(), site.chen());
    let keep = |name: &str, query: &str| hui.post("/orders/filters", &[("name", name), ("query", query)]);
    let answer = keep("甲區未派", "date=2025-05-28&status=confirmed&area=1&junk=1&page=3");
    assert_eq!((answer.status(), answer.location()), (303, "/orders?status=confirmed&area=1"));
    hui.get("/orders").check(200, "href=\"/orders?status=confirmed&amp;area=1\"").check(200, "甲區未派");
    hui.get("/orders?status=confirmed&area=1").check(200, "area=1\" aria-current=\"page\">甲區未派");
    assert!(!chen.get("/orders").text().contains("甲區未派"));

    // The same name again means the new one.
    keep("甲區未派", "status=pending");
    let kept = |user: i64| site.app.db.read(|conn| store::saved_filters(conn, UserId(user))).unwrap();
    assert_eq!(kept(4).iter().map(|one| (one.name.as_str(), one.query.as_str())).collect::<Vec<_>>(), [("甲區未派", "status=pending")]);

    keep("", "status=pending").check(422, "給這個條件一個名字").check(422, "aria-invalid=\"true\"");
    keep(&"長".repeat(21), "").check(422, "最多 20 個字");
    for at in 0..11 {
        assert_eq!(keep(&format!("第 {at}"), "urgent=1").status(), 303);
    }
    keep("太多", "urgent=1").check(422, "最多存 12 個");
    assert_eq!(keep("甲區未派", "urgent=1").status(), 303, "what is kept may still be changed");

    let id = kept(4)[0].id;
    chen.post(&format!("/orders/filters/{id}/remove"), &[]).check(404, "找不到");
    assert_eq!(hui.post(&format!("/orders/filters/{id}/remove"), &[("query", "date=tomorrow")]).location(), "/orders?date=tomorrow");
    assert_eq!(kept(4).len(), 11);
    assert!(kept(3).is_empty());
    let verbs: Vec<String> = site.journal().into_iter().map(|(verb, ..)| verb).filter(|verb| verb == "keep" || verb == "remove").collect();
    assert_eq!(verbs.len(), 15);
}

#[test]
fn an_empty_day_says_so() {
    let site = Site::open();
    site.hui().get("/orders").check(200, "今天的訂單　05/28 (三)").check(200, "這一天還沒有訂單");
    site.hui().get("/orders?q=213").check(200, "沒有這樣的訂單");
    site.chen().get("/orders?date=tomorrow").check(200, "明天的訂單　05/29 (四)");
    site.hui().get("/orders?from=2025-05-20&to=2025-05-10").check(200, "沒有這樣的訂單");
    site.ming().get("/orders").check(403, "沒有這項權限");
    assert_eq!(filter("from=2025-05-20&to=2025-05-10").span, Span { from: Some(day("2025-05-20")), to: Some(day("2025-05-10")) });
    assert_eq!(filter("mine=1").kind, Kind { mine: true, ..Kind::ALL });
}

#[test]
fn the_search_finds_an_order_by_its_number_beside_the_customers() {
    let site = Site::open();
    site.add_prices();
    let one = site.customer("1902046", "範例小吃店", |details| details.phones = vec![Site::number("0900-000-001")]);
    let two = site.customer("1900213", "小雪咖啡", |details| details.address = Some("範例市樣本街 0002 號".to_owned()));
    let yesterdays = site.take(one, &[("C20", 1)]);
    site.wait_minutes(24 * 60);
    let first = site.take(one, &[("C20", 2)]);
    let second = site.take(two, &[("C50", 1)]);
    let hui = site.hui();

    // A whole number is one order of any day, however it is typed.
    for typed in ["ORD-20250528-0001", "ord202505280001", "ＯＲＤ－２０２５０５２８－０００１"] {
        let options = hui.get(&format!("/customers/find?q={typed}"));
        options.check(200, &format!("id=\"found-1\" role=\"option\" aria-selected=\"false\" data-href=\"/orders/{}\"", yesterdays.id));
        options.check(200, "訂單 ORD-20250528-0001");
        hui.get(&format!("/customers?q={typed}")).check(200, &format!("href=\"/orders/{}\" data-row=\"1\" class=\"here\"", yesterdays.id));
    }
    // The last four are one of today's, after the customers the same digits mean.
    let options = hui.get("/customers/find?q=0001");
    options.check(200, &format!("id=\"found-1\" role=\"option\" aria-selected=\"false\" data-href=\"/customers/{one}\""));
    options.check(200, &format!("id=\"found-2\" role=\"option\" aria-selected=\"false\" data-href=\"/orders/{}\"", first.id));
    hui.get("/customers?q=0002").check(200, &format!("href=\"/orders/{}\" data-row=\"2\"", second.id));
    hui.get("/customers/find?q=0003").check(200, "沒有「0003」");
    assert!(!hui.get("/customers/find?q=0001&for=order").text().contains("/orders/1"), "an order is not for an order");

    // What a customer still gets stands in their row.
    hui.get("/customers/find?q=小雪").check(200, "今天　50KG × 1").check(200, "<span class=\"badge confirmed\">已確認</span>");
    hui.get("/customers?q=小吃").check(200, "05/28 (三)　20KG × 1").check(200, "<span class=\"badge confirmed\">已確認</span>");
    site.app
        .db
        .write(|tx| {
            tx.execute_batch(
                "UPDATE orders SET status = 'cancelled', cancel_reason = 'duplicate' WHERE id <> 2;
                 UPDATE orders SET attempt_count = 1 WHERE id = 2;",
            )
            .unwrap();
            Ok(())
        })
        .unwrap();
    hui.get("/customers/find?q=小吃").check(200, "今天　20KG × 2").check(200, "<span class=\"badge failed\">失敗待改約</span>");
    assert!(!hui.get("/customers/find?q=小雪").text().contains("badge"));
}
