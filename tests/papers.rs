//! What leaves the printer: the sheets of a route and the slips of its orders, and the count of their printings.

mod support;

use luckygas::customers::Terms;
use luckygas::orders::{DeliveredLine, FailReason, Order, Origin, Payment, Status};
use luckygas::routes::steps::Move;
use luckygas::routes::{Route, plan};
use luckygas::stops::{self, Act, Completion, Target};
use luckygas::users::Role;
use luckygas::values::{Grams, Ntd, StopId, Window};
use serde_json::json;
use support::routes::MING;
use support::{Browser, Site};

/// The text of a page, a space for each tag: what stands together is found together.
fn text(browser: &Browser, target: &str) -> String {
    let answer = browser.get(target);
    assert_eq!(answer.status(), 200, "{target}: {}", answer.text());
    let html = answer.text();
    let main = html.split("<main").nth(1).unwrap();
    let mut text = String::new();
    for part in main.split('<') {
        text.push_str(part.split_once('>').map_or("", |(_, text)| text));
        text.push(' ');
    }
    text.replace("&amp;", "&").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A cash customer with two cylinders and a monthly one with one of each.
fn two_orders(site: &Site) -> (Order, Order) {
    site.add_prices();
    let cash = site.customer("1000017", "好味小吃", |details| {
        details.address = Some("臺東市中華路一段 21 號".to_owned());
        details.phones = vec![Site::number("0900-000-213")];
        details.access_note = Some("後巷進".to_owned());
    });
    let monthly = site.customer("1000018", "示範國小", |details| {
        details.address = Some("臺東市更生路 5 號".to_owned());
        details.payment_terms = Terms::Monthly;
    });
    let mut first = site.new_order(cash, &[("C20", 2)]);
    first.notes = Some("先打電話".to_owned());
    first.window = Window::hours(10, 12).unwrap();
    let mut second = site.new_order(monthly, &[("C50", 1), ("C16", 3)]);
    second.payment = Payment::Monthly;
    let take = |new| site.take_as(Role::OfficeStaff, new, Status::Confirmed);
    (take(&first), take(&second))
}

/// What 阿明 does at a stop.
fn at_stop(site: &Site, stop: StopId, act: &Act) {
    let actor = site.actor(Role::Driver);
    site.app.db.write(|tx| stops::act(tx, Target::Stop(stop), act, "an-act-of-ming", None, actor)).unwrap();
}

fn route_of_two(site: &Site) -> (Route, Order, Order) {
    let (first, second) = two_orders(site);
    (site.published(MING, &[first.id, second.id]), first, second)
}

#[test]
fn the_dispatch_sheet_says_where_what_and_how_much() {
    let site = Site::open();
    let (route, ..) = route_of_two(&site);
    let sheet = text(&site.hui(), &format!("/routes/{}/sheet", route.id));
    let says = [
        "派遣單",
        "民國114年5月28日 (三) R-20250528-01",
        "車號 KEA-0001 卡車",
        "配送 阿明",
        "站數 2",
        "1 0001",
        "好味小吃 1000017 臺東市中華路一段 21 號",
        "20KG×2 0900-000-213",
        "10–12",
        "1,700",
        "先打電話。後巷進",
        "示範國小 1000018 臺東市更生路 5 號",
        "50KG×1 16KG×3",
        "月結",
        "合計 2 站 6 件",
        "現金 1 站 NT$1,700",
        "列印 05/28 10:22 小惠 第 1 次",
    ];
    for says in says {
        assert!(sheet.contains(says), "{says}: {sheet}");
    }
    let html = site.hui().get(&format!("/routes/{}/sheet", route.id)).text();
    for code in ["R-20250528-01", "ORD-20250528-0001", "ORD-20250528-0002"] {
        assert_eq!(html.matches(&format!("aria-label=\"{code}\"")).count(), 1, "a code to scan of {code}");
    }
    assert!(!sheet.contains("支票"), "{sheet}");
}

#[test]
fn what_is_paid_otherwise_is_not_counted_as_cash() {
    let site = Site::open();
    site.add_prices();
    let customer = |code: &str, name: &str| site.customer(code, name, |_| {});
    let take = |code: &str, name: &str, items: &[(&str, i64)], payment: Payment| {
        let mut new = site.new_order(customer(code, name), items);
        new.payment = payment;
        site.take_as(Role::Manager, &new, Status::Confirmed).id
    };
    let orders = [
        take("1000001", "現金家", &[("C20", 1)], Payment::Cash),
        take("1000002", "支票家", &[("C50", 1)], Payment::Cheque),
        take("1000003", "轉帳家", &[("C16", 1)], Payment::Transfer),
        take("1000004", "流量家", &[("F50", 2)], Payment::Cash),
    ];
    let route = site.published(MING, &orders);
    let sheet = text(&site.hui(), &format!("/routes/{}/sheet", route.id));
    for says in ["2,000 支票", "轉帳", "照表", "現金 1 站 NT$850 支票 1 站 NT$2,000"] {
        assert!(sheet.contains(says), "{says}: {sheet}");
    }
    let slip = text(&site.hui(), &format!("/orders/{}/slip", orders[3]));
    assert!(slip.contains("照表計") && !slip.contains("NT$"), "{slip}");
    let slip = text(&site.hui(), &format!("/orders/{}/slip?paper=roll", orders[2]));
    assert!(slip.contains("轉帳，不用付現") && !slip.contains("收現金"), "{slip}");
}

#[test]
fn what_presses_is_marked_and_an_emergency_needs_no_lines() {
    let site = Site::open();
    site.add_prices();
    let long = "範例海岸國際開發股份有限公司附設員工餐廳兼宿舍管理委員會第二廚房".to_owned();
    let place = site.customer("1000017", &long, |details| details.address = Some("臺東縣".repeat(40)));
    let mut urgent = site.new_order(place, &[("C20", 1)]);
    urgent.is_urgent = true;
    let mut leak = site.new_order(place, &[]);
    leak.origin = Origin::Emergency;
    leak.notes = Some("廚房聞到瓦斯味".to_owned());
    let orders: Vec<Order> = [urgent, leak].iter().map(|new| site.take_as(Role::OfficeStaff, new, Status::Confirmed)).collect();
    let route = site.published(MING, &[orders[0].id, orders[1].id]);
    let sheet = text(&site.hui(), &format!("/routes/{}/sheet", route.id));
    for says in ["急 20KG×1", "緊急 沒有品項", "不收", "廚房聞到瓦斯味", &long, &"臺東縣".repeat(40)] {
        assert!(sheet.contains(says), "{says}: {sheet}");
    }
    for paper in ["half", "roll"] {
        let slip = text(&site.hui(), &format!("/orders/{}/slip?paper={paper}", orders[1].id));
        assert!(slip.contains("不收費") && !slip.contains("廚房聞到"), "notes are the shop's own: {slip}");
    }
}

#[test]
fn a_passer_by_goes_by_his_own_name() {
    let site = Site::open();
    site.add_prices();
    let account = site.customer("9999999", "散客", |_| {});
    let version = site.app.db.read(|conn| luckygas::customers::store::get(conn, account)).unwrap().version.to_string();
    site.lin().post(&format!("/customers/{account}/walk-in"), &[("version", &version)]).check(303, "");
    let mut new = site.new_order(account, &[("C20", 1)]);
    new.contact_name = Some("王先生".to_owned());
    new.contact_phone = Some("0900-000-777".to_owned());
    new.delivery_address = Some("臺東市海濱公園".to_owned());
    let order = site.take_as(Role::OfficeStaff, &new, Status::Confirmed);
    let slip = text(&site.hui(), &format!("/orders/{}/slip", order.id));
    for says in ["客戶 王先生", "地址 臺東市海濱公園", "電話 0900-000-777", "收現金 NT$850"] {
        assert!(slip.contains(says), "{says}: {slip}");
    }
}

#[test]
fn forty_stops_stand_in_the_order_of_the_route() {
    let site = Site::open();
    site.add_prices();
    let orders: Vec<_> = (0..40)
        .map(|at| {
            let customer = site.customer(&format!("10001{at:02}"), &format!("第{at}家"), |_| {});
            site.take(customer, &[("C04", 1)]).id
        })
        .collect();
    let route = site.draft(Some(MING), Some(site.add_truck("KEA-0001")));
    site.put(route.id, &orders);
    let target = format!("/routes/{}/sheet", route.id);
    let sheet = text(&site.hui(), &target);
    assert!(sheet.contains("草稿，還沒發布"), "{sheet}");
    let stops = site.stops(route.id);
    let places: Vec<usize> = stops.iter().map(|stop| sheet.find(&format!("第{}家 ", stop.order_id.0 - 1)).unwrap()).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(sheet.contains("合計 40 站 40 件"), "{sheet}");

    // The last taken off is on no paper; the others move up.
    site.app.db.write(|tx| plan::take_off(tx, &[stops[0].id], site.actor(Role::OfficeStaff))).unwrap();
    let sheet = text(&site.hui(), &target);
    assert!(sheet.contains("合計 39 站 39 件") && !sheet.contains(&format!("第{}家 ", stops[0].order_id.0 - 1)), "{sheet}");
    assert_eq!(site.hui().get(&format!("/routes/{}/slips", route.id)).text().matches("paper half").count(), 39);
}

#[test]
fn what_was_not_delivered_is_said_and_not_counted() {
    let site = Site::open();
    let (first, second) = two_orders(&site);
    let route = site.running(MING, &[first.id, second.id]);
    let fail = Act::Fail { reason: FailReason::Absent, photo: None, note: None };
    at_stop(&site, site.stops(route.id)[0].id, &fail);
    let sheet = text(&site.hui(), &format!("/routes/{}/sheet", route.id));
    for says in ["沒送成", "合計 2 站 4 件，沒送成 1 站", "現金 0 站 NT$0"] {
        assert!(sheet.contains(says), "{says}: {sheet}");
    }
    let slips = text(&site.hui(), &format!("/routes/{}/slips?paper=roll", route.id));
    assert!(slips.contains("示範國小") && !slips.contains("好味小吃"), "{slips}");
}

#[test]
fn the_loading_sheet_adds_up_and_knows_what_is_aboard() {
    let site = Site::open();
    let (first, second) = two_orders(&site);
    let truck = site.add_vehicle("KEA-0009", luckygas::vehicles::Kind::Truck, 100);
    let route = site.draft(Some(MING), Some(truck));
    site.put(route.id, &[first.id, second.id]);
    let target = format!("/routes/{}/loading", route.id);
    let sheet = text(&site.hui(), &target);
    let weight = |kg: i64, qty: i64| {
        let product = site.app.db.read(luckygas::products::store::catalogue).unwrap();
        let one = product.iter().find(|one| one.code == format!("C{kg:02}")).unwrap();
        qty * (kg * 1_000 + one.tare.map_or(kg * 500, |tare| tare.0)) / 1_000
    };
    let all = weight(50, 1) + weight(20, 2) + weight(16, 3);
    let says = [
        "載貨單".to_owned(),
        format!("50KG 1 — 1 {}", weight(50, 1)),
        format!("20KG 2 — 2 {}", weight(20, 2)),
        format!("16KG 3 — 3 {}", weight(16, 3)),
        format!("合計 6 — 6 {all}"),
        format!("車輛載重上限 100 kg，這趟毛重 {all} kg"),
        format!("▲ 總重 {all} kg，KEA-0009 最多載 100 kg"),
    ];
    for says in says {
        assert!(sheet.contains(&says), "{says}: {sheet}");
    }
    let publish = Move::Publish { override_note: Some("分兩趟".to_owned()) };
    site.route_step(route.id, &publish);
    site.route_step(route.id, &Move::Start { loaded: None, note: None });
    let sheet = text(&site.hui(), &target);
    assert!(sheet.contains(&format!("20KG 2 2 0 {}", weight(20, 2))), "what is loaded is aboard: {sheet}");
}

#[test]
fn a_slip_is_printed_for_any_order_on_either_paper() {
    let site = Site::open();
    let (first, second) = two_orders(&site);
    let hui = site.hui();
    let loose = text(&hui, &format!("/orders/{}/slip", first.id));
    assert!(loose.contains("送貨單") && loose.contains("民國114年5月28日 (三) ORD-20250528-0001"), "{loose}");
    assert!(!loose.contains("第 1 站"), "on no route yet: {loose}");
    let route = site.published(MING, &[first.id, second.id]);
    let half = text(&hui, &format!("/orders/{}/slip?paper=half", first.id));
    for says in [
        "煤氣行",
        "客戶 好味小吃 編號 1000017",
        "20KG 2 850 1,700",
        "合計（含稅） 2 NT$1,700 收現金 NT$1,700",
        "客戶簽收",
        "配送 阿明",
        "第 1 站",
        "約 10–12 點",
        "打 119",
    ] {
        assert!(half.contains(says), "{says}: {half}");
    }
    let roll = text(&hui, &format!("/orders/{}/slip?paper=roll", first.id));
    for says in ["114/05/28 (三)", "20KG 2 × 850 1,700", "合計 NT$1,700", "20KG 空桶收回", "ORD-20250528-0001", "不點火，到外面打 119"]
    {
        assert!(roll.contains(says), "{says}: {roll}");
    }
    let monthly = text(&hui, &format!("/orders/{}/slip", second.id));
    assert!(monthly.contains("月結，不用付現"), "{monthly}");
    let all = text(&hui, &format!("/routes/{}/slips", route.id));
    assert!(all.find("好味小吃").unwrap() < all.find("示範國小").unwrap(), "{all}");
    hui.get(&format!("/orders/{}/slip?paper=a3", first.id)).check(422, "沒有這種紙");
    hui.get("/orders/99/slip").check(404, "找不到訂單 99");
    hui.get("/routes/99/sheet").check(404, "找不到路線 99");
    hui.get(&format!("/orders/{}", first.id)).check(200, &format!("href=\"/orders/{}/slip\"", first.id));
}

#[test]
fn a_slip_of_what_was_delivered_says_what_really_was() {
    let site = Site::open();
    site.add_prices();
    let customer = site.customer("1000017", "好味小吃", |_| {});
    let mut new = site.new_order(customer, &[("C20", 2)]);
    new.surcharge = Ntd(100);
    new.surcharge_label = Some("夜間".to_owned());
    let order = site.take_as(Role::OfficeStaff, &new, Status::Confirmed);
    let route = site.running(MING, &[order.id]);
    let lines = Some(vec![DeliveredLine { qty: 2, empties: 1, residual: Grams(0) }]);
    let recipient = Some("王小姐".to_owned());
    let done = Completion { lines, cash_handed: Some(Ntd(2000)), recipient, ..Completion::default() };
    at_stop(&site, site.stops(route.id)[0].id, &Act::Complete(done));
    let slip = text(&site.hui(), &format!("/orders/{}/slip", order.id));
    assert!(slip.contains("20KG 2 850 1,700 1 0") && slip.contains("夜間 100") && slip.contains("NT$1,800"), "{slip}");
    let roll = text(&site.hui(), &format!("/orders/{}/slip?paper=roll", order.id));
    assert!(roll.contains("收現金 2,000 找錢 200") && roll.contains("20KG 空桶收回 1"), "{roll}");
    assert!(text(&site.hui(), &format!("/routes/{}/sheet", route.id)).contains("送完"));
}

#[test]
fn every_printing_is_told_and_the_next_says_so() {
    let site = Site::open();
    let (route, first, second) = route_of_two(&site);
    let hui = site.hui();
    let (id, order) = (route.id.to_string(), first.id.to_string());
    let sheet = format!("/routes/{id}/sheet");
    let before = site.journal().len();
    let answer = hui.post("/papers/printed", &[("paper", "sheet"), ("route", &id), ("back", &sheet)]);
    assert_eq!((answer.status(), answer.location()), (303, format!("{sheet}?printed=1").as_str()));
    // Where there is no script this page is the one that is printed now.
    assert!(text(&hui, &format!("{sheet}?printed=1")).contains("小惠 第 1 次"));
    assert!(text(&hui, &sheet).contains("小惠 補印，第 2 次"));
    assert!(text(&hui, &format!("/routes/{id}/loading")).contains("第 1 次"), "each paper has a count of its own");
    let day = text(&site.chen(), "/board/sheets");
    assert!(day.contains("陳會計 補印，第 2 次"), "{day}");
    site.chen().post("/papers/printed", &[("paper", "sheet"), ("route", &id)]).check(303, "");
    assert!(text(&hui, &sheet).contains("補印，第 3 次"));

    hui.post("/papers/printed", &[("paper", "slip"), ("route", &id), ("back", &format!("/routes/{id}/slips?paper=roll"))]).check(303, "");
    hui.post("/papers/printed", &[("paper", "slip"), ("order", &order)]).check(303, "");
    assert!(text(&hui, &format!("/orders/{order}/slip")).contains("補印，第 3 次"));
    assert!(text(&hui, &format!("/orders/{}/slip", second.id)).contains("補印，第 2 次"));
    let told: Vec<_> = site.journal()[before..].to_vec();
    assert!(told.iter().all(|(verb, ..)| verb == "print"));
    assert_eq!(told.len(), 4, "a bulk printing is one line");
    assert_eq!(told[2].2["orders"], json!([first.id.0, second.id.0]));

    let many = [("paper", "sheet"), ("route", id.as_str()), ("route", id.as_str())];
    hui.post("/papers/printed", &many).check(303, "");
    assert!(text(&hui, &sheet).contains("補印，第 4 次"), "one line of several routes counts once for each");
    let cases: [(&[(&str, &str)], u16); 6] = [
        (&[], 400),
        (&[("paper", "sheet")], 400),
        (&[("paper", "poster"), ("route", "1")], 400),
        (&[("paper", "slip"), ("route", "1"), ("order", "1")], 400),
        (&[("paper", "loading"), ("route", "99")], 404),
        (&[("paper", "slip"), ("order", "99")], 404),
    ];
    for (form, status) in cases {
        assert_eq!(hui.post("/papers/printed", form).status(), status, "{form:?}");
    }
    assert_eq!(site.order(first.id).version, first.version + 1, "a paper changes nothing: only the route did");
}

#[test]
fn the_day_prints_what_drivers_know_of() {
    let site = Site::open();
    let (first, second) = two_orders(&site);
    assert!(text(&site.hui(), "/board/sheets").contains("這一天沒有已發布的路線"));
    site.published(MING, &[first.id]);
    let draft = site.draft(None, None);
    site.put(draft.id, &[second.id]);
    let page = site.hui().get("/board/sheets?date=2025-05-28");
    page.check(200, "好味小吃");
    assert_eq!(page.text().matches("paper a4 sheet").count(), 1, "a draft is nobody's paper yet");
    assert!(text(&site.hui(), "/board/sheets?date=2025-05-29").contains("這一天沒有"));
    site.hui().get("/board/sheets?date=5/28").check(422, "沒有這一天");
    // A driver reads his day on the phone; papers are the office's.
    for target in ["/routes/1/sheet", "/routes/1/loading", "/routes/1/slips", "/orders/1/slip", "/board/sheets"] {
        site.ming().get(target).check(403, "沒有這項權限");
        assert_eq!(site.nobody().get(target).status(), 303);
        assert_eq!(site.chen().get(target).status(), 200, "{target}");
    }
}

#[test]
fn a_practice_shop_says_so_on_every_paper() {
    let site = Site::open();
    let (route, first, _) = route_of_two(&site);
    site.app.db.write(|tx| luckygas::settings::set(tx, "is_practice", "1")).unwrap();
    site.app.reload_settings().unwrap();
    let targets = [
        format!("/routes/{}/sheet", route.id),
        format!("/routes/{}/loading", route.id),
        format!("/orders/{}/slip", first.id),
        format!("/orders/{}/slip?paper=roll", first.id),
    ];
    for target in targets {
        assert!(text(&site.hui(), &target).contains("練習店，不算數"), "{target}");
    }
}
