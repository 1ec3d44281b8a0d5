//! Prices: what holds on a day, what a change touches, and what it leaves alone.

mod support;

use std::collections::{BTreeMap, BTreeSet};

use luckygas::journal::By;
use luckygas::orders::Status;
use luckygas::products::prices::{self, Change, Item};
use luckygas::products::{Dated, store};
use luckygas::users::Role;
use luckygas::values::{CustomerId, Day, Ntd, ProductId};
use support::{Answer, Browser, Site, day};

/// Draws numbers that look like chance and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }
}

/// What `customer` pays for `code` from `from` on, whenever that is.
fn agree(site: &Site, customer: CustomerId, code: &str, from: &str, unit: Option<i64>) {
    let price = Dated { from: day(from), unit: unit.map(Ntd) };
    let by = By::program(site.app.now());
    site.app.db.write(|tx| store::set_price(tx, Some(customer), site_product(tx, code), price, by)).unwrap();
}

fn site_product(conn: &rusqlite::Connection, code: &str) -> ProductId {
    store::catalogue(conn).unwrap().iter().find(|product| product.code == code).unwrap().id
}

/// Confirms a price as the preview's form does.
fn confirm(browser: &Browser, form: &[(&str, &str)]) -> Answer {
    browser.post("/products/prices", form)
}

#[test]
fn no_price_is_shipped_and_the_list_asks_for_them() {
    let site = Site::open();
    let unpriced = |on: &str| site.app.db.read(|conn| store::unpriced(conn, day(on))).unwrap().len();
    assert_eq!((unpriced("2025-05-28"), site.price_of(None, "C20", "2025-05-28")), (12, None), "unknown, and not 0");
    let list = site.lin().get("/products");
    list.check(200, "12 個在賣的產品還沒有價格").check(200, "name=\"price_1\"");
    assert!(!list.text().contains("name=\"price_7\""), "營16 is not sold");
    site.hui().get("/products").check(200, "請經理填");

    confirm(&site.lin(), &[("from", "2025-06-01"), ("price_2", "850")]).check(303, "");
    assert_eq!((unpriced("2025-05-31"), unpriced("2025-06-01")), (12, 11));
    site.lin().get("/products").check(200, "06/01 (日) 起 <b>850</b>");
    site.add_price("C16", "2025-05-28", 0);
    assert_eq!(unpriced("2025-05-28"), 11, "a price of 0 was said by somebody");
}

#[test]
fn many_prices_are_filled_looked_at_and_then_saved() {
    let site = Site::open();
    let lin = site.lin();
    let form = lin.get("/products/prices");
    form.check(200, "action=\"/products/prices/preview\"").check(200, "name=\"price_16\"");
    assert!(form.text().contains("id=\"price_1\" name=\"price_1\"") && form.text().contains("autofocus"));

    let preview =
        lin.get("/products/prices/preview?from=2025%2F06%2F01&price_1=NT%242%2C000&price_2=%EF%BC%98%EF%BC%95%EF%BC%90&price_3=&first=1");
    preview.check(200, "06/01 (日) 起改 2 個價格").check(200, "還沒存");
    for carried in
        ["name=\"price_1\" value=\"2000\"", "name=\"price_2\" value=\"850\"", "name=\"from\" value=\"2025-06-01\"", "name=\"first\""]
    {
        preview.check(200, carried);
    }
    assert!(site.journal().is_empty(), "looking writes nothing");
    // One step back has what was typed.
    lin.get("/products/prices?from=2025-06-01&price_1=2000")
        .check(200, "name=\"price_1\" value=\"2000\"")
        .check(200, "value=\"2025-06-01\"");

    let said = [("from", "2025-06-01"), ("price_1", "2000"), ("was_1", ""), ("price_2", "850"), ("was_2", ""), ("first", "1")];
    let saved = confirm(&lin, &said);
    assert_eq!((saved.status(), saved.location()), (303, "/customers/new"), "a new shop goes on to its first customer");
    assert_eq!((site.price_of(None, "C50", "2025-06-01"), site.price_of(None, "C50", "2025-05-31")), (Some(2000), None));
    let journal = site.journal();
    let change = serde_json::json!({"customer_id": null, "valid_from": "2025-06-01", "before": null, "after": {"unit_price_ntd": 850}});
    assert_eq!((journal.len(), &journal[1]), (2, &("set_price".to_owned(), Some(2), change)));
    assert_eq!(confirm(&lin, &said).location(), "/customers/new");
    assert_eq!(site.journal().len(), 2, "the same again is said already");
}

#[test]
fn what_is_no_price_or_no_day_comes_back_as_it_was_typed() {
    let site = Site::open();
    site.add_prices();
    let customer = site.add_customer("1000017", "好味小吃", None);
    let cases = [
        ("price_2=-1", "0 到 9,999,999 的整數"),
        ("price_2=8.5", "0 到 9,999,999 的整數"),
        ("price_2=10000000", "0 到 9,999,999 的整數"),
        ("price_2=%E5%85%AB%E7%99%BE", "value=\"八百\""),
        ("price_2=870&from=2025-05-27", "最早從今天 05/28 (三) 起"),
        ("price_2=870&from=2026-05-29", "超過一年以後"),
        ("price_2=870&from=2025%2F02%2F30", "沒有這一天"),
        ("price_2=870&from=6%2F1", "少了年份"),
        ("price_2=870&from=6%2F1", "name=\"price_2\" value=\"870\""),
        ("price_2=850", "和原來的價一樣"),
        ("", "還沒填新的價格"),
        ("end_2=1", "還沒填新的價格"),
        ("price_99=870", "還沒填新的價格"),
    ];
    for (query, says) in cases {
        site.lin().get(&format!("/products/prices/preview?{query}")).check(422, says);
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let form: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let status = if query == "price_2=850" { 303 } else { 422 };
        assert_eq!(confirm(&site.lin(), &form).status(), status, "{query}");
    }
    let own = [
        (format!("customer={customer}&price_2=800&end_2=1"), 422, "留一個"),
        (format!("customer={customer}&end_2=1"), 422, "和原來的價一樣"),
        (format!("customer={customer}&price_2=x"), 422, "好味小吃 的價格"),
        ("customer=999&price_2=800".to_owned(), 404, "找不到客戶 999"),
        ("customer=x&price_2=800".to_owned(), 404, "找不到客戶 x"),
    ];
    for (query, status, says) in own {
        site.lin().get(&format!("/products/prices/preview?{query}")).check(status, says);
    }
    assert!(site.journal().is_empty());
    let preview = site.lin().get("/products/prices/preview?price_2=0");
    preview.check(200, "有一個價是 0").check(200, "少 100%");
}

#[test]
fn a_customers_own_price_goes_before_everybodys_until_it_ends() {
    let site = Site::open();
    site.add_prices();
    site.add_price("C20", "2025-07-01", 900);
    let (with, without) = (site.add_customer("1000017", "好味小吃", None), site.add_customer("1000018", "東門麵店", None));
    agree(&site, with, "C20", "2025-06-01", Some(800));
    agree(&site, with, "C20", "2025-06-15", Some(0));
    agree(&site, with, "C20", "2025-07-10", None);
    agree(&site, with, "C20", "2025-08-01", Some(880));
    let cases = [
        ("2024-12-31", None, None),
        ("2025-01-01", Some(850), Some(850)),
        ("2025-05-31", Some(850), Some(850)),
        ("2025-06-01", Some(850), Some(800)),
        ("2025-06-15", Some(850), Some(0)),
        ("2025-07-01", Some(900), Some(0)),
        ("2025-07-10", Some(900), Some(900)),
        ("2025-07-31", Some(900), Some(900)),
        ("2025-08-01", Some(900), Some(880)),
    ];
    for (on, standard, own) in cases {
        assert_eq!(site.price_of(None, "C20", on), standard, "{on}");
        assert_eq!(site.price_of(Some(without), "C20", on), standard, "{on}");
        assert_eq!(site.price_of(Some(with), "C20", on), own, "{on}");
    }
    assert_eq!(site.price_of(Some(with), "C16", "2025-07-01"), Some(700), "of one product only");
}

/// A price history by product and, beneath, by customer: day → price.
type Histories = BTreeMap<(Option<CustomerId>, ProductId), BTreeMap<Day, Option<Ntd>>>;

/// The rule again, as plainly as it can be said.
fn plainly(histories: &Histories, customer: Option<CustomerId>, product: ProductId, on: Day) -> Option<(Ntd, bool)> {
    let last = |who: Option<CustomerId>| histories.get(&(who, product))?.range(..=on).next_back().and_then(|(_, unit)| *unit);
    let own = customer.and_then(|customer| last(Some(customer)));
    own.map(|unit| (unit, true)).or(last(None).map(|unit| (unit, false)))
}

#[test]
fn whatever_was_said_in_whatever_order_each_day_has_its_price() {
    for seed in 0..40 {
        let site = Site::open();
        let mut dice = Dice(seed);
        let customers: Vec<CustomerId> = (0..3).map(|no| site.add_customer(&format!("100000{no}"), "某店", None)).collect();
        let products: Vec<ProductId> = ["C50", "C20", "F50"].into_iter().map(|code| site.product(code)).collect();
        let first = day("2025-05-01");
        let mut histories = Histories::new();
        site.app
            .db
            .write(|tx| {
                for _ in 0..dice.below(60) {
                    let who = if dice.one_in(2) { None } else { Some(customers[dice.below(3) as usize]) };
                    let product = products[dice.below(3) as usize];
                    let from = first.plus(dice.below(40) as i64);
                    let unit = (who.is_none() || !dice.one_in(3)).then(|| Ntd(dice.below(1_000) as i64));
                    let by = By::program(site.app.now());
                    let history = histories.entry((who, product)).or_default();
                    if dice.one_in(5) && history.contains_key(&from) {
                        store::withdraw_price(tx, who, product, from, by)?;
                        history.remove(&from);
                    } else {
                        store::set_price(tx, who, product, Dated { from, unit }, by)?;
                        history.insert(from, unit);
                    }
                }
                Ok(())
            })
            .unwrap();
        for on in (-1..42).map(|days| first.plus(days)) {
            for who in std::iter::once(None).chain(customers.iter().copied().map(Some)) {
                let list = site.app.db.read(|conn| store::prices(conn, who, on)).unwrap();
                for product in &products {
                    let have = list.of(*product).map(|price| (price.unit, price.is_own));
                    assert_eq!(have, plainly(&histories, who, *product, on), "seed {seed}, {on}, {who:?}, product {product}");
                }
            }
        }
    }
}

#[test]
fn what_was_ordered_keeps_its_price() {
    let site = Site::open();
    site.add_prices();
    let customer = site.add_customer("1000017", "好味小吃", None);
    let soon = site.take(customer, &[("C20", 2)]);
    let mut later = site.new_order(customer, &[("C20", 1), ("C16", 1)]);
    later.scheduled_on = day("2025-06-10");
    let later = site.take_as(Role::OfficeStaff, &later, Status::Confirmed);

    confirm(&site.lin(), &[("price_2", "900"), ("was_2", "850")]).check(303, "");
    confirm(&site.lin(), &[("from", "2025-06-05"), ("price_2", "950"), ("was_2", "900")]).check(303, "");
    let own = customer.to_string();
    confirm(&site.lin(), &[("customer", &own), ("price_3", "600"), ("was_3", "")]).check(303, "");
    assert_eq!((site.order(soon.id), site.order(later.id)), (soon, later), "nothing of them changed");

    let today = site.take(customer, &[("C20", 1), ("C16", 1)]);
    assert_eq!(today.lines.iter().map(|line| line.unit_price.unwrap().0).collect::<Vec<_>>(), [900, 600]);
    let mut then = site.new_order(customer, &[("C20", 1)]);
    then.scheduled_on = day("2025-06-05");
    assert_eq!(site.take_as(Role::OfficeStaff, &then, Status::Confirmed).lines[0].unit_price, Some(Ntd(950)), "the price of its day");
}

#[test]
fn a_change_names_who_pays_more_who_does_not_and_which_orders_keep_theirs() {
    let site = Site::open();
    site.add_prices();
    let holds = |details: &mut luckygas::customers::Details| details.cylinders = vec![("C20", 2), ("C16", 0)];
    let holder = site.customer("1000001", "有瓶小吃", holds);
    let own = site.customer("1000002", "談過麵店", holds);
    let gone = site.customer("1000003", "解約餐廳", holds);
    let orderer = site.customer("1000004", "常訂冰店", |_| {});
    let other = site.customer("1000005", "別種早餐", |details| details.cylinders = vec![("C50", 1)]);
    agree(&site, own, "C20", "2025-03-01", Some(800));
    agree(&site, holder, "C20", "2025-03-01", Some(800));
    agree(&site, holder, "C20", "2025-04-01", None);
    site.lin().post(&format!("/customers/{gone}/terminate"), &[]).check(303, "");
    let open = site.take(orderer, &[("C20", 3)]);
    site.take(other, &[("C50", 1)]);
    let waiting = site.new_order(holder, &[("C10", 1), ("C20", 1)]);
    let waiting = site.take_as(Role::OfficeStaff, &waiting, Status::Pending);

    let preview = site.lin().get("/products/prices/preview?price_2=870&from=2025-06-01");
    preview.check(200, "<b>2 位</b>").check(200, "有瓶小吃</a>、<a href=\"/customers/4\">常訂冰店").check(200, "自己有價、不變的 1 位");
    preview.check(200, "2 張未送的訂單照原來的價").check(200, &open.number).check(200, &waiting.number).check(200, "+20");
    for left_out in ["解約餐廳", "別種早餐"] {
        assert!(!preview.text().contains(left_out), "{left_out} has nothing to do with it");
    }
    let theirs = site.lin().get(&format!("/products/prices/preview?customer={own}&end_2=1"));
    theirs.check(200, "談過麵店：今天起改 1 個價格").check(200, "+50").check(200, "未送的訂單裡沒有這位客戶的這些產品");
    // Announced for later, and for the same day.
    site.add_price("C20", "2025-06-01", 860);
    site.add_price("C20", "2025-07-01", 900);
    let preview = site.lin().get("/products/prices/preview?price_2=870&from=2025-06-01");
    preview.check(200, "代替原來排在那天的 860").check(200, "已排好的 07/01 (二) 起 <b>900</b> 照舊").check(200, "+10");
}

#[test]
fn an_order_that_waits_for_a_price_is_told_apart() {
    let site = Site::open();
    let customer = site.add_customer("1000017", "好味小吃", None);
    site.take_as(Role::OfficeStaff, &site.new_order(customer, &[("C20", 1)]), Status::Pending);
    let preview = site.lin().get("/products/prices/preview?price_2=870");
    preview.check(200, "沒有訂單要照原來的價").check(200, "1 張在等價格");
}

#[test]
fn the_preview_tells_the_truth_about_every_customer() {
    for seed in 0..15 {
        let site = Site::open();
        site.add_prices();
        let mut dice = Dice(seed + 1_000);
        let codes = ["C20", "C16", "C50"];
        let mut takes: BTreeSet<(CustomerId, &str)> = BTreeSet::new();
        let mut orders = Vec::new();
        let mut customers = Vec::new();
        for no in 0..12 {
            let draws = codes.map(|code| (dice.one_in(3), (code, dice.below(3) as i64)));
            let stands: Vec<_> = draws.into_iter().filter(|(is, _)| *is).map(|(_, stand)| stand).collect();
            let customer = site.customer(&format!("10000{no:02}"), &format!("店{no}"), |details| details.cylinders = stands.clone());
            takes.extend(stands.iter().filter(|(_, qty)| 0 < *qty).map(|(code, _)| (customer, *code)));
            for code in codes {
                if dice.one_in(3) {
                    agree(&site, customer, code, "2025-02-01", Some(500 + dice.below(300) as i64));
                }
                if dice.one_in(4) {
                    agree(&site, customer, code, &day("2025-05-20").plus(dice.below(20) as i64).to_string(), None);
                }
                if dice.one_in(4) {
                    orders.push(site.take(customer, &[(code, 1)]));
                    takes.insert((customer, code));
                }
            }
            customers.push(customer);
        }
        let from = day("2025-05-28").plus(dice.below(10) as i64);
        let items = codes.map(|code| Item { product: site.product(code), unit: Some(Ntd(900 + dice.below(99) as i64)), seen: None });
        let change = Change { customer: None, from, items: items.to_vec() };
        let prices_of = |customer: CustomerId| site.app.db.read(|conn| store::prices(conn, Some(customer), from)).unwrap();
        let before: Vec<_> = customers.iter().map(|customer| prices_of(*customer)).collect();
        let look = |conn: &rusqlite::Connection| prices::preview(conn, &change, &store::catalogue(conn)?, site.app.now().day());
        let preview = site.app.db.read(look).unwrap();
        site.app.db.write(|tx| prices::apply(tx, &change, By::program(site.app.now()))).unwrap();

        for row in &preview.rows {
            let code = codes.iter().find(|code| **code == row.product.code).unwrap();
            let changed = |at: usize| before[at].of(row.product.id) != prices_of(customers[at]).of(row.product.id);
            let really: BTreeSet<CustomerId> = (0..customers.len())
                .filter(|at| changed(*at) && takes.contains(&(customers[*at], *code)))
                .map(|at| customers[at])
                .collect();
            let told: BTreeSet<CustomerId> = row.payers.iter().map(|(id, _)| *id).collect();
            assert_eq!(told, really, "seed {seed}: who pays another price for {code}");
            let same: BTreeSet<CustomerId> = (0..customers.len()).filter(|at| !changed(*at)).map(|at| customers[at]).collect();
            assert_eq!(row.own.iter().map(|own| own.customer).collect::<BTreeSet<_>>(), same, "seed {seed}: who does not, {code}");
        }
        let listed: BTreeSet<_> = preview.open_lines.iter().map(|line| (line.order, line.unit)).collect();
        assert_eq!(listed, orders.iter().map(|order| (order.id, order.lines[0].unit_price)).collect(), "seed {seed}");
        for order in &orders {
            assert_eq!(site.order(order.id), *order, "seed {seed}: an order keeps its price");
        }
        site.check_file();
    }
}

#[test]
fn two_managers_do_not_overwrite_each_others_prices() {
    let site = Site::open();
    site.add_prices();
    let shown = [("price_2", "900"), ("was_2", "850"), ("price_3", "720"), ("was_3", "700")];
    confirm(&site.boss(), &[("price_2", "870"), ("was_2", "850")]).check(303, "");
    let late = confirm(&site.lin(), &shown);
    late.check(409, "20KG 現在是 NT$870，你要改成 NT$900").check(409, "name=\"was_2\" value=\"870\"");
    assert_eq!((site.price_of(None, "C20", "2025-05-28"), site.price_of(None, "C16", "2025-05-28")), (Some(870), Some(700)));
    // Having looked again, it is saved.
    confirm(&site.lin(), &[("price_2", "900"), ("was_2", "870"), ("price_3", "720"), ("was_3", "700")]).check(303, "");
    assert_eq!((site.price_of(None, "C20", "2025-05-28"), site.price_of(None, "C16", "2025-05-28")), (Some(900), Some(720)));

    let customer = site.add_customer("1000017", "好味小吃", None);
    let id = customer.to_string();
    confirm(&site.boss(), &[("customer", &id), ("price_2", "800"), ("was_2", "")]).check(303, "");
    let late = confirm(&site.lin(), &[("customer", &id), ("price_2", "810"), ("was_2", "")]);
    late.check(409, "20KG 現在是 NT$800，你要改成 NT$810");
    let late = confirm(&site.lin(), &[("customer", &id), ("end_2", "1"), ("was_2", "790")]);
    late.check(409, "20KG 現在是 NT$800，你要改成 —");
}

#[test]
fn only_what_has_not_been_the_past_is_mended_or_taken_back() {
    let site = Site::open();
    site.add_prices();
    let lin = site.lin();
    confirm(&lin, &[("price_2", "8700"), ("was_2", "850")]).check(303, "");
    confirm(&lin, &[("price_2", "870"), ("was_2", "8700")]).check(303, "");
    confirm(&lin, &[("from", "2025-06-01"), ("price_2", "900"), ("was_2", "870")]).check(303, "");
    let history = |site: &Site| {
        let read = |conn: &rusqlite::Connection| store::history(conn, site_product(conn, "C20"));
        site.app.db.read(read).unwrap().iter().map(|price| (price.from.to_string(), price.unit.unwrap().0)).collect::<Vec<_>>()
    };
    let all = [("2025-06-01", 900), ("2025-05-28", 870), ("2025-01-01", 850)].map(|(from, unit)| (from.to_owned(), unit));
    assert_eq!(history(&site), all, "the same day is mended in its place");
    lin.get("/products/2").check(200, "還沒到").check(200, "收回");

    let take_back = |from: &str, was: &str| lin.post("/products/prices/withdraw", &[("product", "2"), ("from", from), ("was", was)]);
    take_back("2025-01-01", "850").check(409, "已經用過了");
    take_back("2025-06-01", "880").check(409, "剛剛被改過");
    take_back("2025-06-02", "900").check(404, "找不到價格 2025-06-02");
    take_back("june", "900").check(400, "");
    assert_eq!(take_back("2025-06-01", "900").location(), "/products/2");
    assert_eq!(take_back("2025-05-28", "870").status(), 303);
    assert_eq!(history(&site), all[2..]);

    // Tomorrow today's price is the past.
    confirm(&lin, &[("price_2", "870"), ("was_2", "850")]).check(303, "");
    site.wait_minutes(14 * 60);
    let lin = site.lin();
    let form = [("product", "2"), ("from", "2025-05-28"), ("was", "870")];
    lin.post("/products/prices/withdraw", &form).check(409, "已經用過了");
    confirm(&lin, &[("from", "2025-05-28"), ("price_2", "880"), ("was_2", "870")]).check(422, "最早從今天 05/29 (四) 起");
}

#[test]
fn a_customers_prices_are_agreed_and_ended_on_their_page() {
    let site = Site::open();
    site.add_prices();
    let customer = site.customer("1000017", "好味小吃", |details| details.cylinders = vec![("C20", 3)]);
    let (id, page) = (customer.to_string(), format!("/customers/{customer}/prices"));
    let lin = site.lin();
    lin.get(&page).check(200, "現場 3 支").check(200, "name=\"price_2\"");
    let saved = confirm(&lin, &[("customer", &id), ("price_2", "800"), ("was_2", "")]);
    assert_eq!((saved.status(), saved.location()), (303, page.as_str()));
    lin.get(&page).check(200, "<b class=\"money\">800</b>").check(200, "name=\"end_2\"");
    lin.get("/products/2").check(200, &format!("href=\"{page}\""));
    confirm(&lin, &[("customer", &id), ("end_2", "1"), ("was_2", "800"), ("from", "2025-06-10")]).check(303, "");
    lin.get(&page).check(200, "06/10 (二) 起 一般價");
    assert_eq!(
        (site.price_of(Some(customer), "C20", "2025-06-09"), site.price_of(Some(customer), "C20", "2025-06-10")),
        (Some(800), Some(850))
    );
    let withdrawn = lin.post("/products/prices/withdraw", &[("customer", &id), ("product", "2"), ("from", "2025-06-10"), ("was", "")]);
    assert_eq!((withdrawn.status(), withdrawn.location()), (303, page.as_str()));
    assert_eq!(site.price_of(Some(customer), "C20", "2025-06-10"), Some(800));
    lin.get("/customers/999/prices").check(404, "找不到客戶 999");
    let (verb, product, change) = site.journal().pop().unwrap();
    let want = serde_json::json!({"customer_id": customer.0, "valid_from": "2025-06-10", "before": {"unit_price_ntd": null}});
    assert_eq!((verb.as_str(), product, change), ("withdraw_price", Some(2), want));
}

#[test]
fn the_api_has_the_same_rules() {
    use luckygas::http::Method::{Patch, Post};
    use serde_json::json;
    let site = Site::open();
    site.add_prices();
    let customer = site.customer("1000017", "好味小吃", |details| details.cylinders = vec![("C20", 3)]);
    let order = site.take(customer, &[("C20", 2)]);
    let lin = site.lin();
    let body = json!({"product_id": 2, "unit_price_ntd": 870});
    let dry = lin.json(Post, "/api/v1/prices?dry_run=1", body.clone()).json();
    assert_eq!((&dry["is_saved"], &dry["before_ntd"], &dry["payers"]), (&json!(false), &json!(850), &json!(1)));
    assert_eq!(dry["orders_that_keep_theirs"][0]["order_number"], json!(order.number));
    assert_eq!(site.price_of(None, "C20", "2025-05-28"), Some(850));
    assert_eq!(lin.json(Post, "/api/v1/prices", body.clone()).status(), 201);
    assert_eq!(lin.json(Post, "/api/v1/prices", body).status(), 200, "the same again sets nothing");
    let cases = [
        (json!({"unit_price_ntd": 1}), 422, "product_id"),
        (json!({"product_id": 2}), 422, "0 到 9,999,999"),
        (json!({"product_id": 2, "unit_price_ntd": -1}), 422, "0 到 9,999,999"),
        (json!({"product_id": 2, "unit_price_ntd": 8.5}), 422, "0 到 9,999,999"),
        (json!({"product_id": 2, "unit_price_ntd": null}), 422, "請填價格"),
        (json!({"product_id": 2, "unit_price_ntd": 1, "valid_from": "2025-05-27"}), 422, "最早從今天"),
        (json!({"product_id": 2, "unit_price_ntd": 1, "valid_from": "6/1"}), 422, "2025-05-28"),
        (json!({"product_id": 2, "unit_price_ntd": 1, "customer_id": 999}), 404, "找不到客戶 999"),
        (json!({"product_id": 2, "unit_price_ntd": 1, "customer_id": "x"}), 404, "找不到客戶"),
        (json!({"product_id": 2, "unit_price_ntd": 1, "before_ntd": 850}), 409, "現在是 NT$870"),
        (json!([]), 400, "bad_request"),
    ];
    for (body, status, says) in cases {
        lin.json(Post, "/api/v1/prices", body).check(status, says);
    }
    let own = json!({"product_id": 2, "unit_price_ntd": 800, "customer_id": customer.0, "valid_from": "2025-06-01"});
    assert_eq!(lin.json(Post, "/api/v1/prices", own).status(), 201);
    let ended = json!({"product_id": 2, "unit_price_ntd": null, "customer_id": customer.0, "valid_from": "2025-06-05"});
    assert_eq!(lin.json(Post, "/api/v1/prices", ended).status(), 201);
    let of = |date: &str| site.hui().get(&format!("/api/v1/prices?customer_id={customer}&date={date}")).json()["prices"][1].clone();
    assert_eq!((&of("2025-06-01")["unit_price_ntd"], &of("2025-06-01")["is_own"]), (&json!(800), &json!(true)));
    assert_eq!((&of("2025-06-05")["unit_price_ntd"], &of("2025-06-05")["is_own"]), (&json!(870), &json!(false)));
    let unknown = site.hui().get("/api/v1/prices?date=2024-01-01").json();
    assert_eq!(unknown["prices"][1]["unit_price_ntd"], json!(null), "unknown is null, never 0");

    let patched = lin.json(Patch, "/api/v1/products/2", json!({"version": 1, "tare_g": 9500})).json();
    assert_eq!((&patched["tare_g"], &patched["deposit_ntd"], &patched["is_active"]), (&json!(9500), &json!(1500), &json!(true)));
    let late = lin.json(Patch, "/api/v1/products/2", json!({"version": 1, "is_active": false}));
    late.check(409, "販售現在是「販售中」，你填的是「停賣」");
    assert_eq!((&late.json()["current"]["version"], &late.json()["sent"]["is_active"]), (&json!(2), &json!(false)));
    lin.json(Patch, "/api/v1/products/2", json!({"is_active": false})).check(422, "version");
    site.hui().json(Patch, "/api/v1/products/2", json!({"version": 2})).check(403, "權限");
}
