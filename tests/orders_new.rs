//! A call becomes an order: the form with the usual in it, what is refused, what is minded, and walk-in sales.

mod support;

use luckygas::customers::Details;
use luckygas::orders::{Origin, Payment, PaymentStatus, Status};
use luckygas::users::Role;
use luckygas::values::weekdays::ClosedDays;
use luckygas::values::{CustomerId, OrderId};
use support::deliveries::Table;
use support::{Answer, Site, day};

/// A shop with prices, and a noodle house that takes two of 20 kg every three weeks.
fn shop() -> (Site, CustomerId) {
    let site = Site::open();
    site.add_prices();
    let noodles = site.customer("1902046", "範例小吃店", |details| {
        details.phones = vec![Site::number("0900-000-213")];
        details.address = Some("範例市示範路三段 21 號".to_owned());
        details.payment_terms = luckygas::customers::Terms::Monthly;
    });
    let days = ["2025-05-10", "2025-04-18", "2025-03-28", "2025-03-07", "2025-02-14"];
    let rows: Vec<_> = (1..).zip(days).map(|(id, on)| (id, noodles, day(on), Table::Recent, Some(if id == 4 { 3 } else { 2 }))).collect();
    site.add_deliveries(&rows);
    (site, noodles)
}

/// The value of the first `name` of the form that was drawn.
fn drawn(answer: &Answer, name: &str) -> String {
    let text = answer.text();
    let field = text.split('<').find(|tag| tag.starts_with("input") && tag.contains(&format!("name=\"{name}\"")) && !tag.contains("radio"));
    let field = field.unwrap_or_else(|| panic!("no {name} in {text}"));
    field.split("value=\"").nth(1).map_or(String::new(), |rest| rest.split('"').next().unwrap().to_owned())
}

/// The value of the radio of `name` that is chosen.
fn chosen(answer: &Answer, name: &str) -> String {
    let text = answer.text();
    let field = text.split('<').find(|tag| tag.contains(&format!("type=\"radio\" name=\"{name}\"")) && tag.contains(" checked"));
    field.unwrap_or_else(|| panic!("no {name} chosen in {text}")).split("value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// How many amber lines there are.
fn warnings(answer: &Answer) -> usize {
    answer.text().matches("class=\"warn\"").count()
}

/// A form as the page sends it: two of 20 kg today at 14–17, changed by `changes`.
fn form(site: &Site, customer: CustomerId, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let product = site.product("C20").to_string();
    let standard = [
        ("customer", customer.to_string()),
        ("form_key", "0123456789abcdef".to_owned()),
        ("product", product),
        ("qty", "2".to_owned()),
        ("discount", String::new()),
        ("day", "2025-05-28".to_owned()),
        ("day_text", String::new()),
        ("window", "14:00-17:00".to_owned()),
        ("window_text", String::new()),
        ("payment", "cash".to_owned()),
        ("notes", String::new()),
        ("surcharge", String::new()),
        ("surcharge_label", String::new()),
    ];
    let mut form: Vec<(String, String)> = standard.map(|(name, value)| (name.to_owned(), value)).to_vec();
    for (name, value) in changes {
        form.retain(|(have, _)| have != name);
        form.push((name.to_string(), value.to_string()));
    }
    form
}

fn send_as(site: &Site, role: Role, form: &[(String, String)]) -> Answer {
    let pairs: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    site.role(role).post("/orders", &pairs)
}

fn send(site: &Site, customer: CustomerId, changes: &[(&str, &str)]) -> Answer {
    send_as(site, Role::OfficeStaff, &form(site, customer, changes))
}

fn orders(site: &Site) -> i64 {
    site.app.db.read(|conn| Ok(conn.query_row("SELECT count(*) FROM orders", [], |row| row.get(0)).unwrap())).unwrap()
}

#[test]
fn the_form_opens_with_the_usual_and_enter_saves_it() {
    let (site, noodles) = shop();
    let page = site.hui().get(&format!("/orders/new?customer={noodles}"));
    page.check(200, "範例小吃店").check(200, "最近五次有四次是這樣。").check(200, "0900-000-213");
    assert_eq!(
        (drawn(&page, "qty"), chosen(&page, "day"), chosen(&page, "window")),
        ("2".into(), "2025-05-28".into(), "08:00-20:00".into())
    );
    assert_eq!((chosen(&page, "payment"), warnings(&page)), ("monthly".into(), 0));
    page.check(200, "NT$1,700");

    let key = drawn(&page, "form_key");
    let saved = send(&site, noodles, &[("form_key", &key), ("window", "08:00-20:00"), ("payment", "monthly"), ("notes", "後門")]);
    assert_eq!((saved.status(), saved.location()), (303, format!("/customers/{noodles}").as_str()));
    let order = site.order(OrderId(1));
    assert_eq!((order.status, order.origin, order.payment), (Status::Confirmed, Origin::Phone, Payment::Monthly));
    assert_eq!((order.items().as_str(), order.totals.total.0, order.notes.as_deref()), ("20KG × 2", 1_700, Some("後門")));
    assert_eq!(order.delivery_address.as_deref(), Some("範例市示範路三段 21 號"));
    site.check_file();
}

#[test]
fn each_page_draws_a_key_of_its_own_and_one_form_makes_one_order() {
    let (site, noodles) = shop();
    let url = format!("/orders/new?customer={noodles}");
    assert_ne!(drawn(&site.hui().get(&url), "form_key"), drawn(&site.hui().get(&url), "form_key"));

    let first = send(&site, noodles, &[]);
    // The same form again, though its own order is now one to be minded, and though somebody has changed it.
    for changes in [&[][..], &[("qty", "5")], &[("day", "2025-05-29")]] {
        let again = send(&site, noodles, changes);
        assert_eq!((again.status(), again.location()), (303, first.location()));
        assert!(again.response.header("Set-Cookie").is_some_and(|cookie| cookie.contains("0001")), "it says which order it is");
    }
    assert_eq!((orders(&site), site.order(OrderId(1)).items().as_str()), (1, "20KG × 2"));
    let other = send_as(&site, Role::Manager, &form(&site, noodles, &[]));
    other.check(409, "表格已經用過了");
    send(&site, noodles, &[("form_key", "ffffffffffffffff"), ("day", "2025-05-30")]);
    assert_eq!(orders(&site), 2);
}

#[test]
fn what_is_refused_comes_back_as_it_was_typed() {
    let (site, noodles) = shop();
    let hose = site.product("C10-SAFE").to_string();
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("product", ""), ("qty", "")], "還沒選品項。"),
        (&[("qty", "0")], "還沒選品項。"),
        (&[("product", "")], "這一行還沒選規格。"),
        (&[("product", "999")], "沒有這種產品。"),
        (&[("product", &hose)], "瓶安桶10 還沒有價格，請經理填。"),
        (&[("qty", "")], "數量要在 1 到 100 之間。"),
        (&[("qty", "101")], "數量要在 1 到 100 之間。"),
        (&[("qty", "-1")], "數量要在 1 到 100 之間。"),
        (&[("qty", "兩支")], "數量要在 1 到 100 之間。"),
        (&[("day", "other"), ("day_text", "2/30")], "沒有 2/30 這一天。"),
        (&[("day", "other"), ("day_text", "")], "請填日期，例如 5/30。"),
        (&[("day", "other"), ("day_text", "後天")], "看不懂這個日期"),
        (&[("day", "other"), ("day_text", "5/27")], "05/27 (二) 已經過了。"),
        (&[("day", "2025-05-27")], "05/27 (二) 已經過了。"),
        (&[("day", "other"), ("day_text", "6/28")], "最遠只能排到 06/27 (五)。"),
        (&[("day_text", "5/30")], "選了 05/28 (三)，又寫了 5/30，請留一個。"),
        (&[("window", "other"), ("window_text", "")], "請填時段，例如 9-11。"),
        (&[("window", "other"), ("window_text", "下班後")], "看不懂這個時段"),
        (&[("window", "other"), ("window_text", "11-9")], "看不懂這個時段"),
        (&[("window_text", "9-11")], "選了 14–17，又寫了 9-11，請留一個。"),
        (&[("payment", "gold")], "沒有這種付款。"),
        (&[("surcharge", "很多")], "加價要是整數"),
        (&[("discount", "11")], "折扣超過 10% 要經理才能給。"),
        (&[("discount", "101")], "折扣要在 0 到 100 之間。"),
        (&[("price", "800")], "改單價要經理才能做。"),
        (&[("price", "八百")], "單價要在 0 到 9,999,999 之間。"),
    ];
    for (changes, say) in cases {
        let answer = send(&site, noodles, changes);
        answer.check(422, say);
        assert_eq!(answer.text().matches(" autofocus").count(), 1, "{say}: one field has the caret");
        assert!(answer.text().contains("aria-invalid") || *say == "還沒選品項。" || say.contains("付款"), "{say}: {}", answer.text());
        for (name, value) in changes.iter().filter(|(name, _)| ["day_text", "window_text", "surcharge", "discount"].contains(name)) {
            assert_eq!(drawn(&answer, name), *value, "{name} as it was typed");
        }
        assert_eq!(drawn(&answer, "form_key"), "0123456789abcdef", "{say}: still the same form");
    }
    assert_eq!(orders(&site), 0);
    send(&site, CustomerId(999), &[]).check(404, "找不到客戶 999");
    site.hui().post("/orders", &[]).check(400, "看不懂");
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let (site, noodles) = shop();
    let product = site.product("C10-SAFE").to_string();
    let answer =
        send(&site, noodles, &[("product", &product), ("day", "other"), ("day_text", "2/30"), ("window", "other"), ("surcharge", "x")]);
    for say in ["有 4 個地方要改。", "瓶安桶10 還沒有價格", "沒有 2/30 這一天。", "請填時段", "加價要是整數"]
    {
        answer.check(422, say);
    }
}

#[test]
fn problems_stand_at_the_row_they_are_about() {
    let (site, noodles) = shop();
    let c20 = site.product("C20").to_string();
    let mut rows = form(&site, noodles, &[("product", ""), ("qty", ""), ("discount", "")]);
    for (product, qty, discount) in [(c20.as_str(), "1", ""), (&c20, "1", "50")] {
        rows.extend([("product", product), ("qty", qty), ("discount", discount)].map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    let answer = send_as(&site, Role::OfficeStaff, &rows);
    answer.check(422, "折扣超過 10%");
    assert!(answer.text().contains("id=\"why-3\" data-part=\"why\"><span class=\"problem\">折扣超過 10%"), "{}", answer.text());
}

#[test]
fn nothing_is_ordered_for_whom_the_contract_ended() {
    let (site, noodles) = shop();
    site.lin().post(&format!("/customers/{noodles}/terminate"), &[]);
    let page = site.hui().get(&format!("/orders/new?customer={noodles}"));
    page.check(200, "這位客戶已解約，不能下單。");
    assert!(!page.text().contains("data-order"), "there is nothing to fill in");
    send(&site, noodles, &[]).check(422, "這位客戶已解約，不能下單。");
    assert_eq!(orders(&site), 0);
}

#[test]
fn a_manager_gives_prices_and_larger_discounts() {
    let (site, noodles) = shop();
    let safe = site.product("C10-SAFE").to_string();
    let page = send_as(&site, Role::Manager, &form(&site, noodles, &[("product", &safe)]));
    page.check(422, "還沒有價格");
    assert!(page.text().contains("name=\"price\""), "where there is none the manager says one");
    let given = form(
        &site,
        noodles,
        &[("product", &safe), ("price", "900"), ("discount", "50"), ("surcharge", "100"), ("surcharge_label", "三樓")],
    );
    assert_eq!(send_as(&site, Role::Manager, &given).status(), 303);
    let order = site.order(OrderId(1));
    assert_eq!((order.totals.subtotal.0, order.totals.discount.0, order.totals.total.0), (1_800, 900, 1_000));
    assert_eq!(order.surcharge_label.as_deref(), Some("三樓"));
    let page = site.hui().get(&format!("/orders/new?customer={noodles}"));
    assert!(!page.text().contains("name=\"price\""), "a clerk has no such field");
}

#[test]
fn an_urgent_order_costs_what_the_settings_say_unless_the_clerk_says_otherwise() {
    let (site, noodles) = shop();
    site.app.db.write(|tx| luckygas::settings::set(tx, "urgent_surcharge", "200")).unwrap();
    site.app.reload_settings().unwrap();
    let cases = [("", 1_900, Some("急件")), ("0", 1_700, None), ("350", 2_050, Some("急件"))];
    for (at, (surcharge, total, label)) in cases.into_iter().enumerate() {
        let on = format!("5/{}", 29 + at);
        let key = format!("urgent-{at}").replace('-', "0");
        let changes =
            [("is_urgent", "1"), ("surcharge", surcharge), ("day", "other"), ("day_text", on.as_str()), ("form_key", key.as_str())];
        assert_eq!(send(&site, noodles, &changes).status(), 303);
        let order = site.order(OrderId(at as i64 + 1));
        assert_eq!((order.is_urgent, order.totals.total.0, order.surcharge_label.as_deref()), (true, total, label), "{surcharge}");
    }
}

#[test]
fn what_stood_on_the_page_passes_and_what_is_new_is_shown_once() {
    let (site, noodles) = shop();
    site.app.db.write(|tx| Ok(tx.execute("UPDATE customers SET closed_weekdays = 4 WHERE id = ?1", [noodles]).unwrap())).unwrap();
    let page = site.hui().get(&format!("/orders/new?customer={noodles}"));
    page.check(200, "星期三公休。");
    let seen = drawn(&page, "seen");

    let unseen = send(&site, noodles, &[]);
    unseen.check(422, "星期三公休。").check(422, "還沒存。");
    assert_eq!((warnings(&unseen), drawn(&unseen, "seen")), (1, seen.clone()));
    assert_eq!(orders(&site), 0);
    assert_eq!(send(&site, noodles, &[("seen", &seen)]).status(), 303, "what has been seen passes");

    // Another form for the same day: its own order is new, the closed day is not.
    let second = send(&site, noodles, &[("seen", &seen), ("form_key", "ffffffffffffffff")]);
    second.check(422, "今天已有一張未送的訂單：20KG × 2，14–17。");
    let seen = drawn(&second, "seen");
    assert_eq!(send(&site, noodles, &[("seen", &seen), ("form_key", "ffffffffffffffff")]).status(), 303);
    assert_eq!(orders(&site), 2);
}

#[test]
fn after_the_cut_off_the_day_is_tomorrow() {
    let (site, noodles) = shop();
    site.wait_minutes(4 * 60);
    let page = site.hui().get(&format!("/orders/new?customer={noodles}"));
    page.check(200, "14:00 過了，日期先放明天。");
    assert_eq!((chosen(&page, "day"), warnings(&page)), ("2025-05-29".into(), 0));
    send(&site, noodles, &[]).check(422, "14:00 過了，今天的車可能趕不上。");
}

#[test]
fn when_the_customers_hours_are_over_the_day_is_tomorrow() {
    let (site, _) = shop();
    let early = site.customer("1902049", "豆漿店", |details| details.available_hours = 0b11);
    site.wait_minutes(-30);
    assert_eq!(chosen(&site.hui().get(&format!("/orders/new?customer={early}")), "day"), "2025-05-28");
    site.wait_minutes(30);
    let page = site.hui().get(&format!("/orders/new?customer={early}"));
    page.check(200, "8–10 今天已經過了，日期先放明天。");
    assert_eq!((chosen(&page, "day"), chosen(&page, "window"), warnings(&page)), ("2025-05-29".into(), "08:00-10:00".into(), 0));
}

#[test]
fn the_draft_says_what_the_form_comes_to() {
    let (site, noodles) = shop();
    let draft = |changes: &[(&str, &str)]| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(form(&site, noodles, changes));
        site.hui().get(&format!("/orders/draft?{}", query.finish()))
    };
    draft(&[("qty", "3")]).check(200, "NT$2,550").check(200, "20KG × 3　今天 14–17　現金");
    draft(&[("qty", "３"), ("discount", "10")]).check(200, "NT$2,295").check(200, "折扣 −NT$255");
    draft(&[("day", "other"), ("day_text", "5/30")]).check(200, "20KG × 2　05/30 (五) 14–17");
    draft(&[("day", "other"), ("day_text", "2/30")]).check(200, "20KG × 2 14–17");
    draft(&[("qty", "")]).check(200, "還沒選品項");
    let safe = site.product("C10-SAFE").to_string();
    draft(&[("product", &safe)]).check(200, "這個品項還沒有價格，請經理填。");
    let metered = site.product("F50").to_string();
    draft(&[("product", &metered)]).check(200, "照表計");
    site.hui().get("/orders/draft").check(400, "看不懂");
    assert_eq!(orders(&site), 0);

    // A price that begins on a day counts from that day.
    site.add_price("C20", "2025-05-30", 900);
    draft(&[]).check(200, "NT$1,700");
    draft(&[("day", "other"), ("day_text", "30")]).check(200, "NT$1,800");
}

#[test]
fn a_link_may_say_what_is_wanted() {
    let (site, noodles) = shop();
    let page = site.hui().get(&format!(
        "/orders/new?customer={noodles}&lines=C50*1,C20*3,NONE*2&date=2025-06-03&window=9-11&notes=hello&payment=cash&is_urgent=1&back=/due?date=2025-05-28"
    ));
    page.check(200, "50KG × 1、20KG × 3").check(200, "06/03 (二) 9–11").check(200, "NT$4,550");
    assert_eq!((drawn(&page, "day_text"), drawn(&page, "notes")), ("6/3".into(), "hello".into()));
    let back = drawn(&page, "back").replace("&amp;", "&");
    assert_eq!(send(&site, noodles, &[("back", &back)]).location(), "/due?date=2025-05-28");
    for back in ["//evil.example", "https://evil.example/", "/\\evil.example", ""] {
        let answer = send(&site, noodles, &[("back", back)]);
        assert_eq!(answer.location(), format!("/customers/{noodles}"), "{back}");
    }
    site.hui().get("/orders/new?customer=999").check(404, "找不到客戶 999");
}

#[test]
fn a_callers_number_finds_the_customer() {
    let (site, noodles) = shop();
    let get = |phone: &str| site.hui().get(&format!("/orders/new?phone={phone}"));
    assert_eq!(get("0900000213").location(), format!("/orders/new?customer={noodles}"));
    assert_eq!(get("0900-000-213").location(), format!("/orders/new?customer={noodles}"));
    let branch = site.customer("1902047", "範例二店", |details: &mut Details| details.phones = vec![Site::number("0900-000-213")]);
    let several = get("0900000213");
    several.check(200, "2 位客戶用這支電話");
    for id in [noodles, branch] {
        several.check(200, &format!("href=\"/orders/new?customer={id}\""));
    }
    get("0900000999").check(200, "沒有客戶用這支電話。").check(200, "/customers/new?phone=0900%2D000%2D999").check(200, "walk_in=1");
    assert_eq!(get("213").location(), "/customers?q=213&for=order", "a piece of a number is searched for");
}

#[test]
fn whoever_is_found_for_an_order_gets_the_form() {
    let (site, noodles) = shop();
    let url = format!("/orders/new?customer={noodles}");
    site.hui().get("/orders/new").check(200, "name=\"for\" value=\"order\"").check(200, "walk_in=1");
    site.hui().get("/customers/find?q=213&for=order").check(200, &format!("data-href=\"{url}\""));
    site.hui().get("/customers?q=213&for=order").check(200, &format!("href=\"{url}\""));
    site.hui().get("/customers/find?q=213").check(200, &format!("data-href=\"/customers/{noodles}\""));
    site.chen().get("/customers/find?q=213&for=order").check(200, &format!("data-href=\"/customers/{noodles}\""));
}

#[test]
fn a_passer_by_is_sold_to_without_a_customer() {
    let (site, _) = shop();
    site.hui().get("/orders/new?walk_in=1").check(200, "還沒有散客帳");
    let walk_in = site.customer("6000001", "現金零售", |_| {});
    site.app.db.write(|tx| Ok(tx.execute("UPDATE customers SET is_walk_in = 1 WHERE id = ?1", [walk_in]).unwrap())).unwrap();
    let page = site.hui().get("/orders/new?walk_in=1");
    page.check(200, "現金零售").check(200, "自取，現在交");
    assert_eq!((chosen(&page, "handover"), chosen(&page, "payment"), warnings(&page)), ("counter".into(), "cash".into(), 0));

    let counter = [("handover", "counter"), ("seen", ""), ("day", "2025-05-28"), ("window", "")];
    let sold = send(&site, walk_in, &counter);
    assert_eq!((sold.status(), sold.location()), (303, "/"));
    let order = site.order(OrderId(1));
    assert_eq!((order.origin, order.status, order.payment_status), (Origin::WalkIn, Status::Delivered, PaymentStatus::Paid));
    assert_eq!((order.paid.0, order.scheduled_on, order.window.to_string().as_str()), (1_700, day("2025-05-28"), "10–11"));
    assert_eq!(send(&site, walk_in, &counter).status(), 303, "sent twice it is handed over once");
    assert_eq!(orders(&site), 1);

    send(&site, walk_in, &[("handover", "bring"), ("form_key", "aaaaaaaaaaaaaaaa")]).check(422, "要送過去，請填地址。");
    let phone =
        [("handover", "bring"), ("delivery_address", "示範路 1 號"), ("contact_phone", "0900-000-21"), ("form_key", "aaaaaaaaaaaaaaaa")];
    send(&site, walk_in, &phone).check(422, "手機要 10 碼，現在是 9 碼。");
    let brought = [
        ("handover", "bring"),
        ("contact_name", "王小姐"),
        ("contact_phone", "0900000214"),
        ("delivery_address", "示範路 1 號"),
        ("form_key", "aaaaaaaaaaaaaaaa"),
    ];
    assert_eq!(send(&site, walk_in, &brought).status(), 303);
    let order = site.order(OrderId(2));
    assert_eq!(
        (order.status, order.contact_phone.as_deref(), order.delivery_address.as_deref()),
        (Status::Confirmed, Some("0900-000-214"), Some("示範路 1 號"))
    );
    let monthly = [("handover", "counter"), ("payment", "monthly"), ("form_key", "bbbbbbbbbbbbbbbb")];
    send(&site, walk_in, &monthly).check(422, "散客只收現金。");
    site.check_file();
}

#[test]
fn size_keys_mean_the_customers_own_kind() {
    let (site, noodles) = shop();
    let option = |code: &str, key: &str| format!("value=\"{}\" data-size=\"{key}\"", site.product(code));
    let url = format!("/orders/new?customer={noodles}");
    for (code, key) in [("C50", "5"), ("C20", "2"), ("C16", "1"), ("C10", "t"), ("C04", "4")] {
        site.hui().get(&url).check(200, &option(code, key));
    }
    let metered = site.customer("1902048", "流量客", |details| {
        details.pricing_method = luckygas::customers::Pricing::Flow;
        details.cylinders = vec![("F16-LUCKY", 2)];
        details.closed = ClosedDays::parse("7");
    });
    let page = site.hui().get(&format!("/orders/new?customer={metered}"));
    for (code, key) in [("F50", "5"), ("F20", "2"), ("F16-LUCKY", "1")] {
        page.check(200, &option(code, key));
    }
    page.check(200, "還沒有拿過的紀錄，先照現場的鋼瓶。");
}
