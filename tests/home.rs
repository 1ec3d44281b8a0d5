//! 今日: each number leads to a list of so many, what needs somebody stands there with where to settle it, and what I just
//! did with U beside it.

mod support;

use luckygas::orders::steps::{Move, act};
use luckygas::orders::{CancelReason, FailReason, Order, Status};
use luckygas::users::Role;
use luckygas::values::{CustomerId, OrderId, UserId};
use support::{Browser, Site};

const DRIVER: UserId = UserId(5);

fn shop() -> (Site, CustomerId) {
    let site = Site::open();
    site.price_everything();
    let customer = site.customer("1902046", "範例小吃店", |details| details.area = Some("D-北線".to_owned()));
    (site, customer)
}

fn step(site: &Site, id: OrderId, step: &Move, role: Role) -> Order {
    site.app.db.write(|tx| act(tx, id, None, step, site.actor(role))).unwrap()
}

fn fail(site: &Site, id: OrderId) {
    step(site, id, &Move::Assign(DRIVER), Role::OfficeStaff);
    step(site, id, &Move::Fail { reason: FailReason::ALL[0], note: None }, Role::Driver);
}

/// The text between `before` and the next `after`, each time.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Vec<&'a str> {
    text.split(before).skip(1).map(|rest| rest.split(after).next().unwrap()).collect()
}

/// The tiles that name a number: where they lead, and the number.
fn tiles(browser: &Browser) -> Vec<(String, i64)> {
    let text = browser.get("/").text();
    let nav = between(&text, "<nav class=\"tiles\"", "</nav>")[0].to_owned();
    between(&nav, "href=\"", "</a>")
        .into_iter()
        .filter_map(|tile| {
            let url = tile.split('"').next().unwrap().replace("&amp;", "&");
            let number = between(tile, "<b>", "</b>").first()?.replace(',', "").parse().ok()?;
            Some((url, number))
        })
        .collect()
}

#[test]
fn every_number_is_as_long_as_its_list() {
    let (site, customer) = shop();
    let hui = site.hui();
    assert_eq!(tiles(&hui).iter().map(|(_, number)| *number).collect::<Vec<_>>(), [0; 5]);
    for at in 0..11 {
        let mut new = site.new_order(customer, &[("C20", 1)]);
        new.scheduled_on = new.scheduled_on.plus(at % 3);
        let order = site.take_as(Role::OfficeStaff, &new, if at % 4 == 0 { Status::Pending } else { Status::Confirmed });
        match at {
            1 | 5 => fail(&site, order.id),
            3 | 6 | 9 => {
                step(&site, order.id, &Move::Assign(DRIVER), Role::OfficeStaff);
                step(&site, order.id, &Move::Start { note: None }, Role::Driver);
            }
            7 => drop(step(&site, order.id, &Move::Cancel { reason: CancelReason::Duplicate, note: None }, Role::OfficeStaff)),
            _ => {}
        }
    }
    for _ in 0..2 {
        let hui = site.hui();
        let tiles = tiles(&hui);
        assert_eq!(tiles.len(), 5, "{tiles:?}");
        for (url, number) in tiles {
            let list = hui.get(&url).text();
            let rows = list.matches(" data-row=\"").count() as i64;
            assert_eq!(rows, number, "{url}");
            assert!(number == 0 || list.contains(&format!("共 {number} 張")), "{url}");
        }
        let count: usize = hui.get("/due/count?date=2025-05-29").text().parse().unwrap();
        assert_eq!(hui.get("/due?date=2025-05-29").text().matches("data-row=").count(), count);
        site.wait_minutes(24 * 60);
    }
    site.hui().get("/").check(200, "張過了日子還沒送").check(200, "/orders?from=&amp;to=yesterday&amp;status=open");
}

#[test]
fn what_needs_somebody_leads_to_where_it_is_settled() {
    let (site, customer) = shop();
    let (hui, lin, chen) = (site.hui(), site.lin(), site.chen());
    hui.get("/").check(200, "現在沒有要處理的事");

    let failed = site.take(customer, &[("C20", 2)]);
    fail(&site, failed.id);
    let pending = site.take_as(Role::Manager, &site.new_order(customer, &[("C50", 1)]), Status::Pending);
    let page = hui.get("/");
    page.check(200, &format!("<a href=\"/orders/{}/edit\" data-row=\"1\">範例小吃店　20KG × 2</a>", failed.id));
    page.check(200, FailReason::ALL[0].label());
    page.check(200, &format!("<a href=\"/orders/{}\" data-row=\"2\">範例小吃店　50KG × 1</a>", pending.id));
    chen.get("/").check(200, &format!("<a href=\"/orders/{}\" data-row=\"1\">", failed.id));

    // Enter on the row confirms it, and the next one is at hand.
    let text = page.text();
    let form = between(&text, &format!("<form method=\"post\" action=\"/orders/{}/confirm\">", pending.id), "</form>")[0];
    assert!(form.contains("name=\"version\" value=\"1\"") && form.contains("data-row-key=\"Enter\""), "{form}");
    let answer = hui.post(&format!("/orders/{}/confirm", pending.id), &[("version", "1"), ("back", "/")]);
    assert_eq!((answer.status(), answer.location(), site.order(pending.id).status), (303, "/", Status::Confirmed));
    assert!(!chen.get("/").text().contains("/confirm"), "who may not confirm has no button");

    // More than a handful is a line that leads to all of them.
    for _ in 0..6 {
        site.take_as(Role::Manager, &site.new_order(customer, &[("C16", 1)]), Status::Pending);
    }
    hui.get("/").check(200, "還有 2 張待確認").check(200, "href=\"/orders?from=&amp;to=&amp;status=pending\"");

    site.app.db.write(|tx| Ok(tx.execute("DELETE FROM product_prices WHERE product_id <= 6", []).unwrap())).unwrap();
    hui.get("/").check(200, "6 種產品還沒有價格").check(200, "50KG、20KG、16KG、10KG、4KG…").check(200, "href=\"/products\"");
    lin.get("/").check(200, "href=\"/products/prices\"");
}

#[test]
fn what_i_did_stands_there_with_what_takes_it_back() {
    let (site, customer) = shop();
    let hui = site.hui();
    hui.get("/").check(200, "今天還沒有。按");
    let first = site.take(customer, &[("C20", 2)]);
    site.wait_minutes(5);
    let second = site.take(customer, &[("C50", 1)]);
    site.wait_minutes(1);
    step(&site, first.id, &Move::Cancel { reason: CancelReason::CustomerRequest, note: None }, Role::OfficeStaff);
    let page = hui.get("/");
    page.check(200, "10:28 取消了 範例小吃店").check(200, "取消：客戶要求").check(200, "今天 12–17").check(200, "今天接了 2 張");
    let text = page.text();
    let order = |id: OrderId| text.find(&format!("<a href=\"/orders/{id}\">範例小吃店</a>")).unwrap();
    assert!(order(first.id) < order(second.id), "the latest first");
    assert!(!site.lin().get("/").text().contains("data-key=\"u\""), "nobody undoes what others did");

    let act = between(&text, "name=\"act\" value=\"", "\"")[0].to_owned();
    let answer = hui.post("/orders/undo", &[("act", &act), ("back", "/")]);
    assert_eq!((answer.status(), answer.location()), (303, "/"));
    let text = hui.get("/").text();
    assert!(!text.contains("data-key=\"u\""), "what was undone is not offered again");
    assert!(text.contains("復原"));
}

#[test]
fn the_day_is_held_against_the_same_day_a_week_ago() {
    let (site, customer) = shop();
    for _ in 0..3 {
        site.take(customer, &[("C20", 1)]);
    }
    site.wait_minutes(120);
    site.take(customer, &[("C20", 1)]);
    site.wait_minutes(7 * 24 * 60 - 120);
    site.take(customer, &[("C20", 1)]);
    site.hui().get("/").check(200, "今天接了 1 張，和上星期三同一時間比少 2 張。");
    site.wait_minutes(120);
    site.hui().get("/").check(200, "比少 3 張");
}
