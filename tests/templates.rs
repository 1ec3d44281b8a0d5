//! What a customer orders again and again, on the pages and over the API: who may, what is refused and how it is said,
//! two people on one template, and an order of it now.

mod support;

use luckygas::customers::{self, State};
use luckygas::http::Method;
use luckygas::journal::By;
use luckygas::orders::{Order, Origin, Status};
use luckygas::templates::recurrence::Rhythm;
use luckygas::templates::{Stopped, Template, store};
use luckygas::users::Role;
use luckygas::values::weekdays::ClosedDays;
use luckygas::values::{CustomerId, OrderId, TemplateId};
use serde_json::json;
use support::{Answer, Browser, Site, day};

fn shop() -> (Site, CustomerId) {
    let site = Site::open();
    site.add_prices();
    let customer = site.customer("1902046", "範例小吃店", |details| {
        details.address = Some("範例市示範路 21 號".to_owned());
        details.phones = vec![Site::number("0900-000-213")];
        details.cylinders = vec![("C20", 2)];
        details.available_hours = 0b0001_1100_0110;
    });
    (site, customer)
}

/// The form as the browser sends it for 20KG × 2 every Tuesday and Thursday, with some fields typed otherwise.
fn typed(site: &Site, customer: CustomerId, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let c20 = site.product("C20").to_string();
    let (customer, fields) = (customer.to_string(), ["recurrence", "every", "next_on", "payment_method"]);
    let values = ["weekly", "1", "2025/05/29", "monthly"];
    let mut pairs: Vec<(String, String)> =
        fields.into_iter().zip(values).map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    for (name, value) in [("customer", customer.as_str()), ("weekday", "2"), ("weekday", "4"), ("line_product", &c20), ("line_qty", "2")] {
        pairs.push((name.to_owned(), value.to_owned()));
    }
    let named: Vec<&str> = changes.iter().map(|(name, _)| *name).collect();
    pairs.retain(|(name, _)| !named.contains(&name.as_str()));
    pairs.extend(changes.iter().filter(|(_, value)| *value != "-").map(|(name, value)| (name.to_string(), value.to_string())));
    pairs
}

fn post(browser: &Browser, target: &str, pairs: &[(String, String)]) -> Answer {
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(target, &pairs)
}

fn make(site: &Site, customer: CustomerId, changes: &[(&str, &str)]) -> TemplateId {
    let made = post(&site.hui(), "/templates", &typed(site, customer, changes));
    assert_eq!(made.status(), 303, "{}", made.text());
    made.location().rsplit('/').next().unwrap().parse().unwrap()
}

fn get(site: &Site, id: TemplateId) -> Template {
    site.app.db.read(|conn| store::get(conn, id)).unwrap()
}

fn orders(site: &Site) -> Vec<Order> {
    let ids: Vec<OrderId> = site
        .app
        .db
        .read(|conn| {
            let mut query = conn.prepare("SELECT id FROM orders ORDER BY id").unwrap();
            Ok(query.query_map([], |row| row.get(0).map(OrderId)).unwrap().map(Result::unwrap).collect())
        })
        .unwrap();
    ids.into_iter().map(|id| site.order(id)).collect()
}

fn set_state(site: &Site, customer: CustomerId, state: State) {
    let write = |tx: &rusqlite::Transaction| {
        let customer = customers::store::get(tx, customer)?;
        customers::store::set_state(tx, &customer, state, None, By::program(site.app.now()))
    };
    site.app.db.write(write).unwrap();
}

#[test]
fn a_template_is_written_down_and_says_in_words_when() {
    let (site, customer) = shop();
    let form = site.hui().get(&format!("/templates/new?customer={customer}"));
    form.check(200, "新範本").check(200, "範例小吃店").check(200, "value=\"2025/05/29\"").check(200, "接下來五次");
    let id = make(&site, customer, &[("every", "２"), ("next_on", "5/28"), ("notes", "後門")]);
    let made = get(&site, id);
    assert_eq!((made.code.as_str(), made.details.name.as_str()), ("1902046_TPL_001", "20KG × 2"));
    assert_eq!(made.details.rhythm, Rhythm::Weekly { every: 2, weekdays: 0b1010 });
    assert_eq!(made.details.next_on, Some(day("2025-05-29")), "the first Tuesday or Thursday from Wednesday on");
    let list = site.hui().get("/templates");
    for says in ["範本 1 個", "範例小吃店", "20KG × 2", "每兩週的星期二、四", "05/29 (四)", "0 次"] {
        list.check(200, says);
    }
    let page = site.hui().get(&format!("/templates/{id}"));
    for says in ["範例小吃店", "現在開一張", "05/29 (四)", "06/10 (二)", "後門", "1902046_TPL_001", "還沒開過"] {
        page.check(200, says);
    }
    let monthly = make(&site, customer, &[("recurrence", "monthly"), ("next_on", "2025/05/31"), ("name", "月底補滿")]);
    assert_eq!(get(&site, monthly).details.rhythm, Rhythm::Monthly { every: 1, anchor_day: 31 });
    let page = site.hui().get(&format!("/templates/{monthly}"));
    page.check(200, "每月 31 日（沒有就月底）").check(200, "06/30 (一)").check(200, "07/31 (四)");
    let by_hand = make(&site, customer, &[("recurrence", "none"), ("next_on", "")]);
    assert_eq!((get(&site, by_hand).details.next_on, get(&site, by_hand).code.as_str()), (None, "1902046_TPL_003"));
    assert_eq!(site.journal().iter().filter(|(verb, ..)| verb == "create").count(), 4);
}

#[test]
fn who_may_and_what_is_not_there() {
    let (site, customer) = shop();
    let id = make(&site, customer, &[]);
    for (browser, status) in [(site.boss(), 200), (site.lin(), 200), (site.chen(), 403), (site.hui(), 200), (site.ming(), 403)] {
        for target in ["/templates".to_owned(), format!("/templates/{id}"), format!("/templates/new?customer={customer}")] {
            assert_eq!(browser.get(&target).status(), status, "{target}");
        }
        assert_eq!(browser.get("/api/v1/templates").status(), status);
    }
    for target in ["/templates/99", "/api/v1/templates/99"] {
        site.hui().get(target).check(404, "找不到範本 99");
    }
    for action in ["use", "stop", "restart", "seen"] {
        site.hui().post(&format!("/templates/99/{action}"), &[("version", "1")]).check(404, "找不到範本 99");
    }
    site.hui().get("/templates/new?customer=99").check(404, "找不到客戶 99");
    site.hui().get("/templates/new").check(200, "先找客戶");
}

#[test]
fn all_that_is_wrong_is_told_at_once_and_what_was_typed_stays() {
    let (site, customer) = shop();
    let c16 = site.product("C16-YING").to_string();
    let cases: &[(&[(&str, &str)], &str)] = &[
        (&[("line_product", "-"), ("line_qty", "-")], "還沒選品項。"),
        (&[("line_qty", "0")], "數量要在 1 到 100 之間。"),
        (&[("line_qty", "101")], "數量要在 1 到 100 之間。"),
        (&[("line_qty", "兩支")], "數量要在 1 到 100 之間。"),
        (&[("line_product", "")], "這一行還沒選品項。"),
        (&[("line_product", "999")], "沒有這種產品。"),
        (&[("line_product", &c16)], "營16 已經停賣。"),
        (&[("every", "0")], "要是 1 到 12 的數字。"),
        (&[("every", "13")], "要是 1 到 12 的數字。"),
        (&[("recurrence", "yearly")], "沒有這種週期。"),
        (&[("recurrence", "monthly"), ("anchor_day", "32")], "要是 1 到 31 的日子。"),
        (&[("next_on", "")], "請填從哪一天開始。"),
        (&[("next_on", "2/30")], "沒有 2/30 這一天。"),
        (&[("next_on", "下週")], "看不懂這個日期"),
        (&[("next_on", "5/27")], "05/27 (二) 已經過了。"),
        (&[("end_on", "5/28")], "比下一次 05/29 (四) 還早。"),
        (&[("end_on", "2/30")], "沒有 2/30 這一天。"),
        (&[("payment_method", "gold")], "沒有這種付款方式。"),
    ];
    for (changes, says) in cases {
        post(&site.hui(), "/templates", &typed(&site, customer, changes)).check(422, says);
    }
    let long = "很".repeat(41);
    let all = post(
        &site.hui(),
        "/templates",
        &typed(&site, customer, &[("every", "13"), ("next_on", "2/30"), ("name", &long), ("line_qty", "0"), ("notes", "留著的備註")]),
    );
    for says in ["有 4 個欄位需要修改。", "最多 40 個字。", "留著的備註", "value=\"2/30\"", "value=\"13\"", "aria-invalid"]
    {
        all.check(422, says);
    }
    assert_eq!(site.app.db.read(|conn| store::count(conn, store::Shown::All, None)).unwrap(), 0);
    // What the chosen rhythm does not ask for is not held against it.
    make(&site, customer, &[("recurrence", "daily"), ("anchor_day", "99")]);
    site.hui().post("/templates", &[]).check(400, "看不懂");
}

#[test]
fn passers_by_have_no_rhythm() {
    let (site, customer) = shop();
    site.app.db.write(|tx| Ok(tx.execute("UPDATE customers SET is_walk_in = 1 WHERE id = ?1", [customer.0]).unwrap())).unwrap();
    post(&site.hui(), "/templates", &typed(&site, customer, &[])).check(422, "散客帳沒有固定的單，不能做範本。");
}

#[test]
fn the_days_follow_the_form_and_closed_days_are_said() {
    let (site, _) = shop();
    let customer = site.customer("1902047", "公休小館", |details| details.closed = ClosedDays::parse("7"));
    let ask = |query: &str| site.hui().get(&format!("/templates/preview?customer={customer}&{query}"));
    ask("recurrence=weekly&every=1&weekday=7&next_on=6/1").check(200, "每星期日").check(200, "星期日公休，提前到 05/31 (六)");
    ask("recurrence=monthly&every=1&next_on=2025-05-31&anchor_day=31").check(200, "每月 31 日（沒有就月底）").check(200, "06/30");
    ask("recurrence=daily&every=3&next_on=5/29&end_on=6/2").check(200, "05/29 (四)").check(200, "06/01").check(200, "就到這裡。");
    ask("recurrence=none").check(200, "不會自己開單");
    ask("recurrence=daily&every=&next_on=2/30").check(200, "沒有 2/30 這一天。");
    site.hui().get("/templates/preview?recurrence=daily").check(400, "看不懂");
    site.chen().get(&format!("/templates/preview?customer={customer}")).check(403, "沒有這項權限");
    // Without script a button asks the same and saves nothing.
    let form = typed(&site, customer, &[("next_on", "2025/06/02"), ("look", "1")]);
    post(&site.hui(), "/templates", &form).check(200, "06/03 (二)").check(200, "06/17 (二)");
    assert_eq!(site.app.db.read(|conn| store::count(conn, store::Shown::All, None)).unwrap(), 0);
}

#[test]
fn saving_it_as_it_was_drawn_changes_nothing_and_an_edit_is_journaled() {
    let (site, customer) = shop();
    let id = make(&site, customer, &[("end_on", "2026/01/31"), ("notes", "後門")]);
    let before = get(&site, id);
    let mut pairs = luckygas::templates::form::pairs(&before.details);
    pairs.push(("version".to_owned(), "1".to_owned()));
    let url = format!("/templates/{id}");
    assert_eq!(post(&site.hui(), &url, &pairs).location(), url);
    assert_eq!((get(&site, id), site.journal().len()), (before, 2));

    pairs.retain(|(name, _)| name != "weekday" && name != "line_qty");
    pairs.extend([("weekday".to_owned(), "1".to_owned()), ("line_qty".to_owned(), "3".to_owned())]);
    assert_eq!(post(&site.hui(), &url, &pairs).status(), 303);
    let after = get(&site, id);
    assert_eq!((after.version, after.details.next_on, after.details.lines[0].qty), (2, Some(day("2025-06-02")), 3));
    let (verb, _, change) = site.journal().pop().unwrap();
    assert_eq!((verb.as_str(), &change["before"]["weekdays"], &change["after"]["weekdays"]), ("edit", &json!(10), &json!(1)));
    let mut changed: Vec<&String> = change["before"].as_object().unwrap().keys().collect();
    changed.sort();
    assert_eq!(changed, ["lines", "next_on", "weekdays"]);
    site.hui().post(&url, &[]).check(400, "看不懂");
}

#[test]
fn two_people_on_one_template_lose_nothing() {
    let (site, customer) = shop();
    let id = make(&site, customer, &[]);
    let url = format!("/templates/{id}");
    let form = |changes: &[(&str, &str)]| {
        let mut pairs = typed(&site, customer, changes);
        pairs.push(("version".to_owned(), "1".to_owned()));
        pairs.push(("name".to_owned(), "20KG × 2".to_owned()));
        pairs
    };
    assert_eq!(post(&site.lin(), &url, &form(&[("notes", "按門鈴"), ("line_qty", "4")])).status(), 303);
    let stale = post(&site.hui(), &url, &form(&[("every", "2"), ("line_qty", "3")]));
    for says in
        ["林經理 今天 10:22 先改了這個範本，你的還沒存。", "20KG × 4", "20KG × 3", "沒有改", "按門鈴", "name=\"version\" value=\"2\""]
    {
        stale.check(409, says);
    }
    let now = get(&site, id);
    assert_eq!((now.details.lines[0].qty, now.version), (4, 2), "nothing was overwritten");
    // The form that came back holds what both meant; saved, it is both.
    assert!(stale.text().contains("name=\"line_qty\" value=\"3\"") && stale.text().contains("name=\"every\" value=\"2\""));

    // The night is somebody too.
    luckygas::templates::generate::run(&site.app).unwrap();
    let mut late = form(&[("notes", "晚了")]);
    late.retain(|(name, _)| name != "version");
    late.push(("version".to_owned(), "2".to_owned()));
    post(&site.hui(), &url, &late).check(409, "程式 今天 10:22 先改了這個範本").check(409, "06/03");
}

#[test]
fn stopped_and_taken_up_again() {
    let (site, customer) = shop();
    let id = make(&site, customer, &[]);
    let url = format!("/templates/{id}");
    for _ in 0..2 {
        assert_eq!(site.hui().post(&format!("{url}/stop"), &[]).location(), url);
    }
    assert_eq!(get(&site, id).stopped, Some(Stopped::ByHand));
    site.hui().get("/templates").check(200, "範本 0 個");
    site.hui().get("/templates?stopped=1").check(200, "範例小吃店").check(200, "停用");
    site.hui().get(&url).check(200, "停用中：有人停用。").check(200, "恢復");
    site.hui().post(&format!("{url}/use"), &[("day", "5/29"), ("qty_1", "2")]).check(409, "這個範本停用了，先恢復再開單。");

    // Three weeks later the rhythm goes on where it was.
    site.wait_minutes(21 * 24 * 60);
    for _ in 0..2 {
        assert_eq!(site.hui().post(&format!("{url}/restart"), &[]).location(), url);
    }
    let again = get(&site, id);
    assert_eq!((again.stopped, again.details.next_on), (None, Some(day("2025-06-19"))));
    let verbs: Vec<String> = site.journal().into_iter().map(|(verb, ..)| verb).skip(2).collect();
    assert_eq!(verbs, ["stop", "restart"]);

    set_state(&site, customer, State::Terminated);
    site.hui().post(&format!("{url}/stop"), &[]);
    site.hui().post(&format!("{url}/restart"), &[]).check(409, "這位客戶已解約，不能下單。");
}

#[test]
fn one_that_is_past_its_end_says_what_to_do_first() {
    let (site, customer) = shop();
    let id = make(&site, customer, &[("end_on", "2025/06/03")]);
    site.hui().post(&format!("/templates/{id}/stop"), &[]);
    site.wait_minutes(21 * 24 * 60);
    site.hui().post(&format!("/templates/{id}/restart"), &[]).check(409, "先把「到哪天」改晚一點或清空，再恢復。");
}

#[test]
fn the_office_is_told_of_a_stop_until_somebody_has_seen_it() {
    let (site, customer) = shop();
    let id = make(&site, customer, &[]);
    set_state(&site, customer, State::Inactive);
    assert_eq!(site.hui().post("/templates/run", &[]).location(), "/templates");
    let list = site.hui().get("/templates");
    list.check(200, "要知道的").check(200, "停了：客戶解約或停用了，沒有開單。").check(200, "知道了").check(200, "客戶停了 1 個");
    assert_eq!(site.hui().post(&format!("/templates/{id}/seen"), &[]).location(), "/templates");
    assert!(!site.hui().get("/templates").text().contains("要知道的"));
    assert_eq!(get(&site, id).stopped, Some(Stopped::CustomerStopped));
    let verbs: Vec<String> = site.journal().into_iter().map(|(verb, ..)| verb).collect();
    assert_eq!(verbs[2..], ["deactivate", "run", "stop", "seen"]);
}

#[test]
fn what_could_not_be_made_is_told_with_the_reason_until_it_is() {
    let (site, customer) = shop();
    make(&site, customer, &[]);
    let sold = |is_active: i64| {
        let sql = "UPDATE products SET is_active = ?1 WHERE code = 'C20'";
        site.app.db.write(|tx| Ok(tx.execute(sql, [is_active]).unwrap())).unwrap();
    };
    sold(0);
    site.hui().post("/templates/run", &[]);
    site.hui().get("/templates").check(200, "沒開成：20KG 已經停賣。").check(200, "沒開成 1 張");
    site.hui().get("/").check(200, "範本沒開成").check(200, "20KG 已經停賣。改好再開單。");
    site.lin().get("/data/jobs").check(200, "沒開成 1 張");
    sold(1);
    site.hui().post("/templates/run", &[]);
    let list = site.hui().get("/templates");
    assert!(!list.text().contains("沒開成"), "{}", list.text());
    list.check(200, "開了 1 張");
}

#[test]
fn an_order_of_it_now_with_another_day_and_other_counts() {
    let (site, customer) = shop();
    let c50 = site.product("C50").to_string();
    let id = make(
        &site,
        customer,
        &[
            ("line_product", &c50),
            ("line_product", &site.product("C20").to_string()),
            ("line_qty", "1"),
            ("line_qty", "2"),
            ("notes", "後門"),
        ],
    );
    let url = format!("/templates/{id}/use");
    let page = site.hui().get(&format!("/templates/{id}"));
    page.check(200, "現在開一張").check(200, "NT$3,700").check(200, "value=\"5/28\"").check(200, "今天 (三)");

    let made = site.hui().post(&url, &[("day", "5/30"), ("qty_1", "0"), ("qty_2", "３"), ("form_key", "one-of-hers-1")]);
    assert_eq!(made.location(), format!("/customers/{customer}"));
    let order = orders(&site).remove(0);
    assert_eq!((order.status, order.origin, order.template_id), (Status::Confirmed, Origin::Template, Some(id)));
    assert_eq!((order.items().as_str(), order.scheduled_on, order.totals.total.0), ("20KG × 3", day("2025-05-30"), 2_550));
    assert_eq!((order.notes.as_deref(), order.window.to_string().as_str()), (Some("後門"), "9–11"));
    let after = get(&site, id);
    assert_eq!((after.times_used, after.details.next_on, after.version), (1, Some(day("2025-05-29")), 1), "the rhythm stays where it was");
    assert_eq!(site.journal().last().unwrap().0, "use");

    // The same form again is the same order.
    let again = site.hui().post(&url, &[("day", "5/30"), ("qty_1", "0"), ("qty_2", "3"), ("form_key", "one-of-hers-1")]);
    assert_eq!((again.status(), orders(&site).len(), get(&site, id).times_used), (303, 1, 1));
    // A second one on that day is to be minded first, and passes with what was on the page.
    let form = [("day", "5/30"), ("qty_1", "1"), ("qty_2", ""), ("form_key", "one-of-hers-2")];
    let minded = site.hui().post(&url, &form);
    minded.check(422, "已有一張未送的訂單：20KG × 3").check(422, "仍可存");
    let text = minded.text();
    let seen = text.split("name=\"seen\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(site.hui().post(&url, &[&form[..], &[("seen", seen)]].concat()).status(), 303);
    assert_eq!(orders(&site)[1].items(), "50KG × 1");

    // The lines are other ones since the page was drawn: a count is of what stood beside it.
    let drawn = format!("{} {}", site.product("C50"), site.product("C20"));
    let form = [("day", "5/31"), ("qty_1", "1"), ("qty_2", "2"), ("items", drawn.as_str()), ("form_key", "one-of-hers-3")];
    let line = json!([{"product_id": site.product("C16").0, "qty": 1}]);
    let changed = site.hui().json(Method::Patch, &format!("/api/v1/templates/{id}"), json!({"version": 1, "lines": line}));
    assert_eq!(changed.status(), 200);
    site.hui().post(&url, &form).check(409, "剛剛改了品項");
    // And what was made before it stopped is answered the same.
    site.hui().post(&format!("/templates/{id}/stop"), &[]);
    let again = site.hui().post(&url, &[("day", "5/30"), ("qty_1", "3"), ("form_key", "one-of-hers-1")]);
    assert_eq!((again.status(), orders(&site).len()), (303, 2));
    site.check_file();
}

#[test]
fn an_order_made_by_hand_for_the_next_day_of_the_rhythm_is_that_one() {
    let (site, customer) = shop();
    let id = make(&site, customer, &[]);
    let made = site.hui().post(&format!("/templates/{id}/use"), &[("day", "5/29"), ("qty_1", "5")]);
    assert_eq!(made.status(), 303, "{}", made.text());
    assert_eq!(get(&site, id).details.next_on, Some(day("2025-06-03")));
    luckygas::templates::generate::run(&site.app).unwrap();
    assert_eq!(orders(&site).iter().map(Order::items).collect::<Vec<_>>(), ["20KG × 5"], "the night brings it no second time");
    assert_eq!(site.app.db.read(|conn| store::made(conn, id, 9)).unwrap()[0].due_on, day("2025-05-29"));
}

#[test]
fn what_an_order_of_it_is_refused_for_is_said_at_its_place() {
    let (site, customer) = shop();
    let c10 = site.product("C10-SAFE").to_string();
    let id = make(
        &site,
        customer,
        &[("line_product", &site.product("C20").to_string()), ("line_product", &c10), ("line_qty", "2"), ("line_qty", "1")],
    );
    let url = format!("/templates/{id}/use");
    // It waited for a price as a template may; now somebody wants it.
    site.hui().get(&format!("/templates/{id}")).check(200, "瓶安桶10 還沒有價格，請經理填。").check(200, "why-qty_2");
    let cases = [
        ([("day", "5/29"), ("qty_1", "0"), ("qty_2", "1")], "瓶安桶10 還沒有價格，請經理填。"),
        ([("day", "5/29"), ("qty_1", "0"), ("qty_2", "0")], "還沒有數量。"),
        ([("day", "5/29"), ("qty_1", "101"), ("qty_2", "0")], "數量要在 1 到 100 之間；0 是這次不要。"),
        ([("day", "5/27"), ("qty_1", "1"), ("qty_2", "0")], "05/27 (二) 已經過了。"),
        ([("day", "2/30"), ("qty_1", "1"), ("qty_2", "0")], "沒有 2/30 這一天。"),
        ([("day", "7/28"), ("qty_1", "1"), ("qty_2", "0")], "最遠只能排到 06/27 (五)。"),
    ];
    for (form, says) in cases {
        site.hui().post(&url, &form).check(422, says);
    }
    assert!(orders(&site).is_empty() && get(&site, id).times_used == 0);
    assert_eq!(site.hui().post(&url, &[("day", "5/29"), ("qty_1", "1"), ("qty_2", "")]).status(), 303);
    set_state(&site, customer, State::Terminated);
    assert!(!site.hui().get(&format!("/templates/{id}")).text().contains("現在開一張"));
    site.hui().post(&url, &[("day", "5/30"), ("qty_1", "1"), ("qty_2", "")]).check(422, "");
    assert_eq!(orders(&site).len(), 1);
}

#[test]
fn the_api_reads_and_writes_the_same() {
    let (site, customer) = shop();
    let hui = site.hui();
    let line = json!([{"product_id": site.product("C20").0, "qty": 2}]);
    let made = hui.json(
        Method::Post,
        "/api/v1/templates",
        json!({"customer_id": customer.0, "lines": line, "recurrence": "monthly", "next_on": "2025-05-31"}),
    );
    assert_eq!((made.status(), made.response.header("Location")), (201, Some("/api/v1/templates/1")));
    let made = made.json();
    assert_eq!(
        (&made["anchor_day"], &made["every"], &made["name"], &made["weekdays"]),
        (&json!(31), &json!(1), &json!("20KG × 2"), &json!(null))
    );

    let patch = |body| hui.json(Method::Patch, "/api/v1/templates/1", body);
    let moved = patch(json!({"version": 1, "next_on": "2025-06-10"})).json();
    assert_eq!((&moved["next_on"], &moved["anchor_day"], &moved["version"]), (&json!("2025-06-30"), &json!(31), &json!(2)));
    let weekly = patch(json!({"version": 2, "recurrence": "weekly", "weekdays": 1})).json();
    assert_eq!((&weekly["next_on"], &weekly["anchor_day"], &weekly["lines"][0]["qty"]), (&json!("2025-06-30"), &json!(null), &json!(2)));
    let stale = patch(json!({"version": 2, "notes": "後門"}));
    stale.check(409, "已被別人改過");
    assert_eq!((&stale.json()["current"]["version"], &stale.json()["sent"]["notes"]), (&json!(3), &json!("後門")));
    for (body, field) in [
        (json!({"version": 3, "weekdays": 128}), "weekdays"),
        (json!({"version": 3, "lines": []}), "lines"),
        (json!({"version": 3, "lines": [{"qty": 1}]}), "lines.1"),
        (json!({"version": 3, "lines": "20KG"}), "lines"),
        (json!({"version": 3, "next_on": null}), "next_on"),
        (json!({"version": 3, "end_on": "2025-06-29"}), "end_on"),
        (json!({}), "version"),
    ] {
        let answer = patch(body.clone());
        assert_eq!((answer.status(), answer.json()["error"]["fields"][0]["field"].as_str()), (422, Some(field)), "{body}");
    }
    assert_eq!(patch(json!([])).status(), 400);

    let used = hui.json(
        Method::Post,
        "/api/v1/templates/1/use",
        json!({"scheduled_on": "2025-05-30", "lines": [{"product_id": site.product("C16").0, "qty": 1}]}),
    );
    assert_eq!((used.status(), &used.json()["order"]["final_ntd"], &used.json()["template"]["times_used"]), (201, &json!(700), &json!(1)));
    let list = hui.get(&format!("/api/v1/templates?customer_id={customer}&active=true")).json();
    assert_eq!((&list["total"], &list["templates"][0]["id"], &list["next_cursor"]), (&json!(1), &json!(1), &json!(null)));
    assert_eq!(hui.get("/api/v1/templates?active=false").json()["total"], json!(0));
    assert_eq!(hui.json(Method::Post, "/api/v1/templates/run", json!({})).json()["made"], json!(0));
    assert_eq!(hui.json(Method::Post, "/api/v1/templates/1/stop", json!({})).json()["stopped_why"], json!("by_hand"));
}

#[test]
fn the_card_and_the_list_find_them() {
    let (site, customer) = shop();
    let (weekly, by_hand) = (make(&site, customer, &[]), make(&site, customer, &[("recurrence", "none"), ("next_on", "-")]));
    let of = site.app.db.read(|conn| store::of_customer(conn, customer)).unwrap();
    assert_eq!(of.iter().map(|template| template.id).collect::<Vec<_>>(), [weekly, by_hand]);
    assert_eq!(of[0].details.items(), "20KG × 2");
    for at in 0..60 {
        let customer = site.customer(&format!("19030{at:02}"), "別家", |_| {});
        make(&site, customer, &[]);
    }
    let list = site.role(Role::OfficeStaff).get("/templates");
    list.check(200, "範本 62 個").check(200, "第 1 頁，共 2 頁").check(200, "PageDown");
    site.hui().get("/templates?page=2").check(200, "第 2 頁").check(200, "要用時才開");
    site.hui().get(&format!("/templates?customer={customer}")).check(200, "範本 2 個").check(200, "看全部客戶").check(200, "做新範本");
    let card = format!("/customers/{customer}");
    site.hui().get(&card).check(200, &format!("href=\"/templates?customer={customer}\" data-key=\"t\""));
    site.hui().post(&format!("/templates/{by_hand}/stop"), &[]);
    site.hui().get(&card).check(200, &format!("href=\"/templates/{weekly}\" data-key=\"t\""));
    site.hui().post(&format!("/templates/{weekly}/stop"), &[]);
    site.hui().get(&card).check(200, &format!("href=\"/templates/new?customer={customer}\" data-key=\"t\""));
    assert!(!site.chen().get(&card).text().contains("/templates"), "templates are not the accountant's");
}
