//! The customer card answers the phone's questions without a key. Now is Wednesday 28 May 2025, 10:22.

mod support;

use luckygas::customers::Terms;
use luckygas::due::alarms::{self, NewAlarm};
use luckygas::orders::steps::{self, Handed, Move};
use luckygas::orders::{Actor, Order, Status};
use luckygas::users::Role;
use luckygas::values::{CustomerId, Grams, UserId};
use support::deliveries::Table::Recent;
use support::{Site, day};

/// A restaurant that takes two cylinders of 20 every twenty-three days, last on 5 May.
fn example(site: &Site) -> CustomerId {
    let id = site.customer("1902046", "範例小吃店", |details| {
        details.on_patrol = Some(true);
        details.has_telemetry = true;
        details.payment_terms = Terms::Monthly;
        details.available_hours = 0b0001_1100_0110;
        details.avg_daily_g = Some(Grams(2_133));
        details.series_g = Some(Grams::from_kg(60));
        details.reserve_g = Some(Grams::from_kg(20));
        details.cylinders = vec![("C20", 3)];
    });
    let days = ["2025-05-05", "2025-04-12", "2025-03-20"];
    let rows: Vec<_> = (1..).zip(days).map(|(at, on)| (at, id, day(on), Recent, Some(2))).collect();
    site.add_deliveries(&rows);
    site.add_prices();
    id
}

fn assigned(site: &Site, order: &Order) -> Order {
    let driver = Move::Assign(UserId(5));
    site.app.db.write(|tx| steps::act(tx, order.id, None, &driver, site.actor(Role::OfficeStaff))).unwrap()
}

#[test]
fn the_usual_stands_ready_with_its_day_its_price_and_its_key() {
    let site = Site::open();
    let id = example(&site);
    let card = site.hui().get(&format!("/customers/{id}"));
    for says in [
        "照舊</span><b>20KG × 2</b>",
        "時段</span><b>今天 9–11</b>",
        "金額</span><b class=\"money\">NT$1,700</b>",
        "付款</span><b>月結</b>",
        &format!("href=\"/orders/new?customer={id}\" data-key=\"Enter\""),
        &format!("href=\"/orders/new?customer={id}\" data-key=\"n\""),
        "沒有還沒送的訂單。",
        &format!("/due/alarms?customer={id}"),
        &format!("/customers/{id}/prices"),
    ] {
        card.check(200, says);
    }
    let look = site.chen().get(&format!("/customers/{id}")).text();
    assert!(look.contains("20KG × 2") && !look.contains("/orders/new") && !look.contains("/due/alarms"), "the accountant takes no orders");
    site.wait_minutes(4 * 60);
    site.hui().get(&format!("/customers/{id}")).check(200, "時段</span><b>明天 9–11</b>");
}

#[test]
fn what_the_usual_costs_is_never_guessed() {
    let site = Site::open();
    let unpriced = site.customer("1900001", "未定價", |details| details.cylinders = vec![("C10-SAFE", 1)]);
    let metered = site.customer("1900002", "抄表", |details| details.cylinders = vec![("F50", 2)]);
    let mixed = site.customer("1900003", "混合", |details| details.cylinders = vec![("C20", 1), ("F50", 2)]);
    let bare = site.customer("1900004", "不知道", |_| {});
    let walk_in = site.customer("6000001", "現金零售", |_| {});
    site.app.db.write(|tx| Ok(tx.execute("UPDATE customers SET is_walk_in = 1 WHERE id = ?1", [walk_in]).unwrap())).unwrap();
    site.add_prices();
    let hui = site.hui();
    for (id, says) in [
        (unpriced, "<b class=\"money\">未定價</b>"),
        (metered, "<b class=\"money\">抄表</b>"),
        (mixed, "<b class=\"money\">NT$850</b>"),
        (bare, "還不知道慣用什麼"),
        (walk_in, "賣一筆"),
    ] {
        hui.get(&format!("/customers/{id}")).check(200, says);
    }
    let text = hui.get(&format!("/customers/{walk_in}")).text();
    assert!(!text.contains("照舊") && !text.contains("未完訂單"), "passers-by have no usual");
}

#[test]
fn where_the_gas_is_stands_on_the_card_and_beside_the_search() {
    let site = Site::open();
    let id = example(&site);
    let order = site.take(id, &[("C20", 2)]);
    let url = format!("/customers/{id}");
    let card = || site.hui().get(&url);
    let summary = || site.hui().get(&format!("{url}/summary"));
    let number = order.short_number();
    card().check(200, "已確認").check(200, "今天 12–17").check(200, &format!("{number}</a>　小惠 今天 10:22 記的"));
    card().check(200, &format!("href=\"/orders/{}\" data-key=\"o\"", order.id));
    summary().check(200, "今天 12–17，20KG × 2").check(200, "已確認").check(200, "照舊").check(200, "NT$1,700").check(200, "20KG 三支");

    assigned(&site, &order);
    card().check(200, "阿明會送，還沒出門。");
    site.app.db.write(|tx| steps::act(tx, order.id, None, &Move::Start { note: None }, site.actor(Role::Driver))).unwrap();
    card().check(200, "阿明已經在路上。");
    summary().check(200, "配送中：阿明");

    let actor = Actor { by: site.actor(Role::Driver).by, role: Some(Role::Driver) };
    let handed = Handed { recipient: Some("王小姐".to_owned()), ..Handed::as_ordered(&site.order(order.id)) };
    let delivered = site.app.db.write(|tx| steps::act(tx, order.id, None, &Move::Deliver(handed), actor)).unwrap();
    assert_eq!(delivered.status, Status::Delivered);
    let text = card().text();
    assert!(text.contains("沒有還沒送的訂單。") && !text.contains("data-key=\"o\""));
    for says in ["05/28 (三)", &format!("href=\"/orders/{}\">1,700</a>", order.id), "阿明"] {
        card().check(200, says);
    }
    summary().check(200, "05/28 (三) 20KG × 2");
}

#[test]
fn several_open_orders_are_all_told_and_one_that_is_late_says_so() {
    let site = Site::open();
    let id = example(&site);
    let first = site.take(id, &[("C20", 1)]);
    site.wait_minutes(2 * 24 * 60);
    let mut second = site.new_order(id, &[("C50", 1)]);
    second.is_urgent = true;
    let second = site.take_as(Role::OfficeStaff, &second, Status::Confirmed);
    let card = site.hui().get(&format!("/customers/{id}"));
    card.check(200, "過了 2 天").check(200, "急件").check(200, "50KG × 1").check(200, "最近的一張");
    card.check(200, &format!("href=\"/orders/{}\" data-key=\"o\"", first.id)).check(200, &format!("/orders/{}", second.id));
}

#[test]
fn whose_contract_ended_has_the_sentence_and_no_button() {
    let site = Site::open();
    let id = example(&site);
    let version = site.app.db.read(|conn| luckygas::customers::store::get(conn, id)).unwrap().version.to_string();
    site.lin().post(&format!("/customers/{id}/terminate"), &[("version", &version)]).check(303, "");
    let text = site.hui().get(&format!("/customers/{id}")).text();
    assert!(text.contains("這位客戶已解約，不能下單。"), "{text}");
    for button in ["照舊", "data-key=\"Enter\"", "記發報", "/orders/new?customer="] {
        assert!(!text.contains(button), "{button}: {text}");
    }
}

#[test]
fn a_closed_day_and_an_alarm_are_told_where_the_next_visit_is() {
    let site = Site::open();
    let id = example(&site);
    // Due today, a Wednesday, on which they are closed: the visit was Tuesday's.
    site.app.db.write(|tx| Ok(tx.execute("UPDATE customers SET closed_weekdays = 4 WHERE id = ?1", [id]).unwrap())).unwrap();
    let card = site.hui().get(&format!("/customers/{id}"));
    card.check(200, "今天 05/28 (三) 該送").check(200, "今天 (三) 公休，所以排在昨天。").check(200, "▲ 星期三公休");
    let new = NewAlarm { customer: id, at: site.app.now().plus_minutes(-152), note: Some("壓力低".to_owned()) };
    site.app.db.write(|tx| alarms::record(tx, &new, site.actor(Role::OfficeStaff), &site.app.settings())).unwrap();
    site.hui().get(&format!("/customers/{id}")).check(200, "發報 今天 07:50，壓力低").check(200, "計畫");
}

#[test]
fn templates_in_use_stand_on_the_card() {
    let site = Site::open();
    let id = example(&site);
    let form = [
        ("customer", id.to_string()),
        ("name", "每週固定".to_owned()),
        ("line_product", site.product("C20").to_string()),
        ("line_qty", "2".to_owned()),
        ("payment_method", "monthly".to_owned()),
        ("recurrence", "weekly".to_owned()),
        ("every", "1".to_owned()),
        ("weekday", "4".to_owned()),
        ("next_on", "2025-06-05".to_owned()),
    ];
    let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let made = site.hui().post("/templates", &form);
    assert_eq!(made.status(), 303, "{}", made.text());
    site.hui().get(&format!("/customers/{id}")).check(200, "範本").check(200, "每週固定").check(200, "下次 06/05 (四)");
    assert!(!site.chen().get(&format!("/customers/{id}")).text().contains("每週固定"), "templates are the office's");
}
