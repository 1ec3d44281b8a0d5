//! 發報: what a device said becomes an order. Now is Wednesday 28 May 2025, 10:22.

mod support;

use luckygas::orders::{Origin, Status};
use serde_json::json;
use support::due::{Delivered, burning, due, line, notice, orders_of, rhythmic};
use support::{Answer, Browser, Site, day};

/// The form of an alarm as the page sends it.
fn alarm(browser: &Browser, more: &[(&str, &str)]) -> Answer {
    let mut form = vec![("day", "05/28"), ("time", "07:50"), ("note", "壓力低")];
    form.retain(|(name, _)| !more.iter().any(|(have, _)| have == name));
    form.extend_from_slice(more);
    browser.post("/due/alarms", &form)
}

#[test]
fn an_alarm_is_an_order_and_urgent_below_a_margin_of_nothing() {
    let site = Site::open();
    site.add_prices();
    type Figures = (i64, i64, i64);
    let cases: [(&str, Figures, bool, &str); 3] = [
        ("撐不到一天", (3_300, 50, 6), true, "餘裕 −0.3 kg。已下單 急件 "),
        ("撐得到", (2_133, 60, 20), false, "餘裕 7.9 kg。已下單 "),
        ("剛好", (3_000, 50, 6), false, "餘裕 0 kg。已下單 "),
    ];
    for (at, (name, figures, is_urgent, say)) in cases.into_iter().enumerate() {
        // Served today, so nobody would call them due.
        let id = burning(&site, &format!("190000{at}"), name, figures, "2025-05-28");
        let answer = alarm(&site.hui(), &[("customer", &id.to_string())]);
        assert_eq!(answer.status(), 303, "{}", answer.text());
        let order = orders_of(&site, id).pop().unwrap();
        assert_eq!((order.is_urgent, order.origin, order.status), (is_urgent, Origin::Planned, Status::Confirmed), "{name}");
        assert_eq!((order.scheduled_on, order.totals.total.0), (day("2025-05-28"), 1_700), "{name}");
        assert!(notice(&answer).contains(&format!("發報記下了：{name}，{say}{}", order.short_number())), "{}", notice(&answer));
        site.hui().get("/due/alarms").check(200, name).check(200, "今天 07:50").check(200, "壓力低").check(200, "小惠");
    }
    let unknown = rhythmic(&site, "1900009", "算不出來", &["2025-05-01"]);
    site.app
        .db
        .write(|tx| Ok(tx.execute("INSERT INTO customer_cylinders (customer_id, product, qty) VALUES (?1, 'C50', 1)", [unknown]).unwrap()))
        .unwrap();
    site.hui().get(&format!("/due/alarms?customer={unknown}")).check(200, "餘裕算不出來");
    let answer = alarm(&site.hui(), &[("customer", &unknown.to_string())]);
    assert!(notice(&answer).contains("算不出來，餘裕算不出來，要不要急請看情形"), "{}", notice(&answer));
    assert!(!orders_of(&site, unknown)[0].is_urgent, "what is not known is not guessed");
}

#[test]
fn urgent_is_today_after_the_cut_off_too() {
    let site = Site::open();
    site.add_prices();
    let hot = burning(&site, "1900001", "撐不到一天", (3_300, 50, 6), "2025-05-20");
    let calm = burning(&site, "1900002", "撐得到", (2_133, 60, 20), "2025-05-20");
    site.wait_minutes(5 * 60);
    for (id, want) in [(hot, "2025-05-28"), (calm, "2025-05-29")] {
        alarm(&site.hui(), &[("customer", &id.to_string())]).check(303, "");
        assert_eq!(orders_of(&site, id)[0].scheduled_on.to_string(), want);
    }
    site.wait_minutes(5 * 60);
    let late = burning(&site, "1900003", "夜裡", (3_300, 50, 6), "2025-05-20");
    alarm(&site.hui(), &[("customer", &late.to_string())]).check(303, "");
    let order = orders_of(&site, late).remove(0);
    assert_eq!((order.scheduled_on.to_string().as_str(), order.is_urgent), ("2025-05-29", true), "the shop is closed");
}

#[test]
fn an_alarm_finds_the_order_that_is_open_and_leaves_it() {
    let site = Site::open();
    site.add_prices();
    let id = burning(&site, "1900001", "撐不到一天", (3_300, 50, 6), "2025-05-01");
    let open = site.take(id, &[("C20", 1)]);
    site.hui().get(&format!("/due/alarms?customer={id}")).check(200, "發報會記在這張單上，不會再下一張。");
    let answer = alarm(&site.hui(), &[("customer", &id.to_string())]);
    let say = notice(&answer);
    assert!(say.contains(&format!("已有未送的訂單 {}", open.short_number())) && say.contains("餘裕是負的，今天要送到。"), "{say}");
    assert_eq!(orders_of(&site, id), [site.order(open.id)]);
    assert_eq!(site.order(open.id).version, open.version);
    // Pressed twice it is one alarm.
    assert_eq!(notice(&alarm(&site.hui(), &[("customer", &id.to_string())])), "撐不到一天 這次發報已經記過了。");
    let list = site.hui().get("/api/v1/alarms").json();
    assert_eq!(list["alarms"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&list["alarms"][0]["order_number"], &list["alarms"][0]["alarmed_at"]),
        (&json!(open.number), &json!("2025-05-28T07:50:00+08:00"))
    );
    assert_eq!(site.journal().iter().filter(|(verb, ..)| verb == "record").count(), 1);
    // Once the order is off again, the list tells of the alarm.
    site.app
        .db
        .write(|tx| {
            let sql = "UPDATE orders SET status = 'cancelled', cancel_reason = 'wrong_entry' WHERE id = ?1";
            Ok(tx.execute(sql, [open.id]).unwrap())
        })
        .unwrap();
    let list = due(&site, "");
    assert!(line(&list, "撐不到一天")["why"].as_str().unwrap().starts_with("發報：今天 07:50，壓力低。"));
    site.deliver(id, &["2025-05-28"]);
    assert!(!due(&site, "?date=2025-06-30").to_string().contains("發報"), "gas came after it");
}

#[test]
fn gas_that_runs_out_does_not_wait_for_a_price() {
    let site = Site::open();
    let id = burning(&site, "1900001", "沒有價格", (3_300, 50, 6), "2025-05-20");
    let answer = alarm(&site.hui(), &[("customer", &id.to_string())]);
    assert!(notice(&answer).contains("還沒有價格，先存成待確認"), "{}", notice(&answer));
    let order = orders_of(&site, id).remove(0);
    assert_eq!((order.status, order.is_urgent), (Status::Pending, true));
    let bare = rhythmic(&site, "1900002", "不知道", &["2025-05-01"]);
    let answer = alarm(&site.hui(), &[("customer", &bare.to_string())]);
    assert!(answer.location().starts_with(&format!("/orders/new?customer={bare}&date=2025-05-28&origin=planned")), "{}", answer.location());
    assert!(notice(&answer).contains("還沒有下單：不知道慣用什麼，請選品項。"), "{}", notice(&answer));
    site.hui().get("/due/alarms").check(200, "還沒下單");
}

#[test]
fn whose_device_it_is_is_found_as_in_the_search() {
    let site = Site::open();
    site.add_prices();
    let one = burning(&site, "1900001", "東籬茶館", (2_133, 60, 20), "2025-05-20");
    let two = burning(&site, "1900002", "東籬素菜", (2_133, 60, 20), "2025-05-20");
    let hui = site.hui();
    hui.get("/due/alarms").check(200, "哪一家").check(200, "還沒有記過發報。");
    hui.get("/due/alarms?who=茶館").check(200, "餘裕 <b>7.9 kg</b>").check(200, "東籬茶館").check(200, "記下發報，下單");
    let both = hui.get("/due/alarms?who=東籬");
    both.check(200, "是哪一家？").check(200, &format!("/due/alarms?customer={one}")).check(200, &format!("/due/alarms?customer={two}"));
    hui.get("/due/alarms?who=1900002").check(200, "東籬素菜").check(200, "餘裕");
    hui.get("/due/alarms?who=沒有這家").check(200, "沒有「沒有這家」");
    hui.get("/due/alarms?customer=999").check(404, "找不到客戶 999");

    let bad: [(&[(&str, &str)], &str); 7] = [
        (&[], "請填是哪一家。"),
        (&[("who", "沒有這家")], "找不到這一家。"),
        (&[("who", "東籬")], "不只一家，請選一家。"),
        (&[("who", "1900001"), ("time", "25:00")], "時間請寫成 7:50 或 0750。"),
        (&[("who", "1900001"), ("time", "早上")], "時間請寫成 7:50 或 0750。"),
        (&[("who", "1900001"), ("day", "2/30")], "沒有 2/30 這一天。"),
        (&[("who", "1900001"), ("time", "23:59")], "這個時間還沒到。"),
    ];
    for (form, say) in bad {
        alarm(&hui, form).check(422, say);
    }
    alarm(&hui, &[("who", "1900001"), ("day", "4/1")]).check(422, "這個時間太久以前了。");
    site.lin().post(&format!("/customers/{two}/terminate"), &[("version", "1")]).check(303, "");
    alarm(&hui, &[("customer", &two.to_string())]).check(422, "這位客戶已解約，不能下單。");
    assert!(orders_of(&site, one).is_empty() && orders_of(&site, two).is_empty());
    alarm(&hui, &[("who", "茶館"), ("time", "0750"), ("day", "昨天")]).check(422, "看不懂這個日期");
    alarm(&hui, &[("who", "茶館"), ("time", "２３５０"), ("day", "5/27")]).check(303, "");
    assert_eq!(hui.get("/api/v1/alarms").json()["alarms"][0]["alarmed_at"], "2025-05-27T23:50:00+08:00");
}
