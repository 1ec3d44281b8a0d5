mod support;

use luckygas::customers::{Period, State, Vehicle, store};
use luckygas::values::{CustomerId, Grams};
use support::{Browser, Site, day};

/// A restaurant of which the office knows a good deal.
fn example(site: &Site) -> CustomerId {
    site.customer("1902046", "範例小吃店", |details| {
        details.invoice_title = Some("範例餐飲有限公司".to_owned());
        details.address = Some("範例市示範路三段 21 號".to_owned());
        details.access_note = Some("後巷進，狗會叫不咬人".to_owned());
        details.area = Some("D-北線".to_owned());
        details.phones = vec![Site::number("0900-000-213"), Site::number("0900-000-214")];
        details.available_hours = 0b0001_1100_0110;
        details.closed.weekdays = 0b100;
        details.closed.on_holidays = true;
        details.time_period = Some(Period::Morning);
        details.vehicle_type = Vehicle::Truck;
        details.monthly_delivered_g = Some(Grams::from_kg(64));
        details.monthly_residual_g = Some(Grams::from_kg(0));
        details.series_g = Some(Grams::from_kg(60));
        details.reserve_g = Some(Grams::from_kg(20));
        details.usage_areas[0] = Some("20KG:3".to_owned());
        details.usage_areas[1] = Some("煎台16*1".to_owned());
        details.cylinders = vec![("C20", 3)];
        details.has_telemetry = true;
    })
}

/// Deliveries of which nothing but the day is known, the way the history brings them.
fn deliver(site: &Site, customer: CustomerId, days: &[&str]) {
    site.app
        .db
        .write(|tx| {
            for on in days {
                tx.execute(
                    "INSERT INTO deliveries (customer_id, delivered_on, source) VALUES (?1, ?2, 'history')",
                    rusqlite::params![customer, day(on)],
                )
                .unwrap();
            }
            Ok(())
        })
        .unwrap();
}

/// The form of a customer as the browser would send it back, with some fields typed anew.
fn typed(site: &Site, id: CustomerId, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let customer = site.app.db.read(|conn| store::get(conn, id)).unwrap();
    let mut pairs = luckygas::customers::form::pairs(&customer.details);
    pairs.push(("version".to_owned(), customer.version.to_string()));
    for (name, value) in changes {
        pairs.retain(|(have, _)| have != name);
        pairs.push((name.to_string(), value.to_string()));
    }
    pairs
}

fn post(browser: &Browser, target: &str, pairs: &[(String, String)]) -> support::Answer {
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post(target, &pairs)
}

fn get(site: &Site, id: CustomerId) -> luckygas::customers::Customer {
    site.app.db.read(|conn| store::get(conn, id)).unwrap()
}

#[test]
fn the_card_says_who_where_when_and_what() {
    let site = Site::open();
    let id = example(&site);
    deliver(&site, id, &["2025-04-10", "2025-05-05"]);
    let card = site.hui().get(&format!("/customers/{id}"));
    for says in [
        "範例小吃店",
        "1902046",
        "tel:+886900000213",
        "0900-000-214",
        "後巷進，狗會叫不咬人",
        "D-北線",
        "只能汽車",
        "星期三和國定假日公休",
        "今天 05/28 (三) 該送",
        "最晚 06/03",
        "可撐 23 天",
        "2.1 kg",
        "7.9 kg",
        "20KG 三支",
        "煎台",
        "發報",
        "全部 2 次",
        "— 是舊資料沒有記，不是 0。",
        "data-key=\"e\"",
        "data-key=\"h\"",
    ] {
        card.check(200, says);
    }
    let text = card.text();
    assert!(!text.contains("統編") && !text.contains("聯絡人</dt>"), "what is empty is not shown");
    assert!(text.contains("<li class=\"open now\">10"), "the present hour is marked");
}

#[test]
fn who_may_see_and_who_may_write() {
    let site = Site::open();
    let id = example(&site);
    let url = format!("/customers/{id}");
    for (browser, sees, edits, ends) in [
        (site.boss(), 200, 200, 303),
        (site.lin(), 200, 200, 303),
        (site.chen(), 200, 403, 403),
        (site.hui(), 200, 200, 403),
        (site.ming(), 403, 403, 403),
    ] {
        assert_eq!(browser.get(&url).status(), sees);
        assert_eq!(browser.get("/customers").status(), sees);
        assert_eq!(browser.get("/customers?q=213").status(), sees);
        assert_eq!(browser.get(&format!("{url}/edit")).status(), edits);
        assert_eq!(browser.post(&format!("{url}/reactivate"), &[]).status(), ends);
    }
    for target in ["/customers/99", "/customers/99/edit", "/customers/99/summary", "/customers/99/sheet"] {
        site.hui().get(target).check(404, "找不到客戶 99");
    }
    site.lin().post("/customers/99/terminate", &[]).check(404, "找不到客戶 99");
    site.hui().get("/customers/x").check(404, "沒有這一頁");
}

#[test]
fn a_new_customer_takes_the_next_code_and_the_callers_number() {
    let site = Site::open();
    example(&site);
    let hui = site.hui();
    let form = hui.get("/customers/new?phone=0900-000-555");
    form.check(200, "value=\"1902047\"").check(200, "0900-000-555");
    let made = hui
        .post("/customers", &[("customer_code", "1902047"), ("short_name", "新開麵店"), ("phone", "0900000555"), ("phone_label", "老闆")]);
    assert_eq!((made.status(), made.location()), (303, "/customers/2?saved=1"));
    hui.get("/customers/2").check(200, "新開麵店").check(200, "0900-000-555").check(200, "老闆");
    hui.get("/customers?q=0900-000-555").check(200, "新開麵店");
    let made = get(&site, CustomerId(2));
    assert_eq!((made.first_source.as_str(), made.version, made.state), ("office", 1, State::Active));
    assert_eq!(site.app.db.read(|conn| store::next_code(conn, "77")).unwrap(), Some("7700001".to_owned()));
}

#[test]
fn all_that_is_wrong_with_a_form_is_told_at_once_and_what_was_typed_stays() {
    let site = Site::open();
    example(&site);
    let answer = site.hui().post(
        "/customers",
        &[
            ("customer_code", "a b/c"),
            ("short_name", ""),
            ("phone", "0900-00-213"),
            ("address", "留著的地址"),
            ("qty_C20", "1.5"),
            ("series_kg", "很多"),
        ],
    );
    for says in [
        "請填寫簡稱。",
        "編號是 1 到 20 個英數字",
        "手機要 10 碼，現在是 9 碼。",
        "留著的地址",
        "0900-00-213",
        "要是 0 到 999 的數字",
        "要是公斤數",
        "aria-invalid",
    ] {
        answer.check(422, says);
    }
    site.hui().post("/customers", &[("customer_code", "1902046"), ("short_name", "撞號")]).check(422, "編號 1902046 已經有人用了。");
    assert_eq!(site.app.db.read(store::counts).unwrap().0, 1);
}

#[test]
fn saving_the_form_as_it_was_drawn_changes_nothing() {
    let site = Site::open();
    let id = example(&site);
    let before = get(&site, id);
    assert_eq!(post(&site.lin(), &format!("/customers/{id}/edit"), &typed(&site, id, &[])).status(), 303);
    assert_eq!(get(&site, id), before);
    let rows: i64 = site.app.db.read(|conn| Ok(conn.query_row("SELECT count(*) FROM journal", [], |row| row.get(0)).unwrap())).unwrap();
    assert_eq!(rows, 1, "the journal holds the creation and nothing else");
}

#[test]
fn an_edit_is_found_and_journaled_field_by_field() {
    let site = Site::open();
    let id = example(&site);
    let answer =
        post(&site.hui(), &format!("/customers/{id}/edit"), &typed(&site, id, &[("short_name", "範例熱炒"), ("area_new", "E-南線")]));
    assert_eq!(answer.location(), format!("/customers/{id}?saved=1"));
    site.hui().get("/customers?q=熱炒").check(200, "找到 1 位");
    site.hui().get("/customers?q=小吃店").check(200, "沒有「小吃店」");
    let change: String = site
        .app
        .db
        .read(|conn| Ok(conn.query_row("SELECT change FROM journal WHERE verb = 'edit'", [], |row| row.get(0)).unwrap()))
        .unwrap();
    let change: serde_json::Value = serde_json::from_str(&change).unwrap();
    assert_eq!(
        change,
        serde_json::json!({
            "version": 1,
            "before": {"short_name": "範例小吃店", "area": "D-北線"},
            "after": {"short_name": "範例熱炒", "area": "E-南線"},
        })
    );
    site.hui().get(&format!("/customers/{id}")).check(200, "小惠 今天 10:22 改過");
}

#[test]
fn terms_are_the_managers_to_say() {
    let site = Site::open();
    let id = example(&site);
    let url = format!("/customers/{id}/edit");
    assert!(!site.hui().get(&url).text().contains("payment_terms"), "the office's form does not carry the terms");
    site.lin().get(&url).check(200, "payment_terms");
    post(&site.hui(), &url, &typed(&site, id, &[("payment_terms", "monthly")])).check(403, "你沒有這項權限");
    assert_eq!(post(&site.lin(), &url, &typed(&site, id, &[("payment_terms", "monthly")])).status(), 303);
    // The office then saves its own form, which does not name the terms, and they stay.
    let pairs: Vec<_> = typed(&site, id, &[("notes", "後門")])
        .into_iter()
        .filter(|(name, _)| !["payment_terms", "pricing_method", "needs_billing_file"].contains(&name.as_str()))
        .collect();
    assert_eq!(post(&site.hui(), &url, &pairs).status(), 303);
    let details = get(&site, id).details;
    assert_eq!((details.payment_terms.word(), details.notes.as_deref()), ("monthly", Some("後門")));
}

#[test]
fn two_edits_at_once_show_both_values_and_lose_neither() {
    let site = Site::open();
    let id = example(&site);
    let url = format!("/customers/{id}/edit");
    let drawn = typed(&site, id, &[("short_name", "小惠改的"), ("notes", "小惠的備註")]);
    let faster = typed(&site, id, &[("short_name", "經理改的"), ("address", "新址 1 號")]);
    assert_eq!(post(&site.lin(), &url, &faster).status(), 303);
    let answer = post(&site.hui(), &url, &drawn);
    for says in
        ["林經理 今天 10:22 先改了這位客戶，你的還沒存。", "經理改的", "小惠改的", "小惠的備註", "用現在的", "name=\"version\" value=\"2\""]
    {
        answer.check(409, says);
    }
    assert_eq!(get(&site, id).details.short_name, "經理改的", "nothing is overwritten");
    // The form below holds the office's changes over the manager's: sent again it is saved, and the address stays.
    answer.check(409, "新址 1 號");
    let again = typed(&site, id, &[("short_name", "小惠改的"), ("notes", "小惠的備註")]);
    assert_eq!(post(&site.hui(), &url, &again).status(), 303);
    let details = get(&site, id).details;
    assert_eq!(
        (details.short_name.as_str(), details.address.as_deref(), details.notes.as_deref()),
        ("小惠改的", Some("新址 1 號"), Some("小惠的備註"))
    );
}

#[test]
fn sharing_is_warned_about_and_never_refused() {
    let site = Site::open();
    example(&site);
    let other = site.customer("1900001", "別家麵店", |details| {
        details.tax_id = Some("10458575".to_owned());
        details.address = Some("範例市示範路三段 21 號".to_owned());
    });
    let hui = site.hui();
    let make = |code: &str, more: &[(&str, &str)]| {
        let made = hui.post("/customers", &[&[("customer_code", code), ("short_name", "範例小館")], more].concat());
        assert_eq!(made.status(), 303, "{more:?}");
        hui.get(made.location())
    };
    let warned = |card: &support::Answer| card.text().matches("class=\"warn\"").count();

    let phone = make("1900777", &[("phone", "0900-000-213")]);
    phone.check(200, "同電話 0900-000-213").check(200, "href=\"/customers/1\"");
    assert_eq!(warned(&phone), 1);
    let tax_id = make("1900778", &[("tax_id", "1045-8575")]);
    tax_id.check(200, "同統一編號 10458575").check(200, &format!("href=\"/customers/{other}\""));
    assert_eq!(warned(&tax_id), 1);
    let place = make("1900779", &[("address", "範例市示範路３段21號")]);
    place.check(200, "同地址，名字也像").check(200, "href=\"/customers/1\"");
    assert_eq!(warned(&place), 1, "the same address under another name is another shop");
    let wrong = make("1900780", &[("tax_id", "12345678"), ("address", "範例市示範路三段 22 號")]);
    wrong.check(200, "統一編號不對，請再核對一次。");
    assert_eq!(warned(&wrong), 1);
    assert!(!hui.get("/customers/3").text().contains("同電話"), "told once, after saving");
}

#[test]
fn a_number_is_added_from_the_card() {
    let site = Site::open();
    let id = site.customer("1900001", "範例", |_| {});
    let url = format!("/customers/{id}/phones");
    assert_eq!(site.hui().post(&url, &[("phone", "３２２１１２"), ("phone_label", "家裡")]).status(), 303);
    let number = get(&site, id).details.phones.remove(0);
    assert_eq!((number.phone.e164.as_str(), number.label.as_deref(), number.raw.as_str()), ("+88689322112", Some("家裡"), "３２２１１２"));
    site.hui().get("/customers?q=2112").check(200, "089-32<mark>2112</mark>");
    site.hui().post(&url, &[("phone", "0900-00-213")]).check(422, "手機要 10 碼，現在是 9 碼。");
    assert_eq!(site.hui().post(&url, &[("phone", "089 322112")]).status(), 303, "a second time is harmless");
    assert_eq!(get(&site, id).details.phones.len(), 1);
    site.chen().post(&url, &[("phone", "0900-000-111")]).check(403, "權限");
}

#[test]
fn business_ends_and_is_taken_up_again() {
    let site = Site::open();
    let id = example(&site);
    let (lin, hui) = (site.lin(), site.hui());
    let steps = [
        ("terminate", State::Terminated, "已解約"),
        ("terminate", State::Terminated, "已解約"),
        ("reactivate", State::Active, "已恢復往來"),
        ("deactivate", State::Inactive, "已停用"),
        ("reactivate", State::Active, "已恢復往來"),
    ];
    for (action, state, _) in steps {
        hui.post(&format!("/customers/{id}/{action}"), &[]).check(403, "權限");
        assert_eq!(lin.post(&format!("/customers/{id}/{action}"), &[("note", "搬走了")]).status(), 303);
        assert_eq!(get(&site, id).state, state);
    }
    lin.post(&format!("/customers/{id}/terminate"), &[]);
    hui.get(&format!("/customers/{id}")).check(200, "這位客戶已解約，不能下單。");
    hui.get("/customers?active=terminated").check(200, "客戶 1 位");
    hui.get("/customers?active=active").check(200, "客戶 0 位");
    let verbs: Vec<String> = site
        .app
        .db
        .read(|conn| {
            let mut query = conn.prepare("SELECT verb FROM journal WHERE noun = 'customer' ORDER BY id").unwrap();
            Ok(query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect())
        })
        .unwrap();
    assert_eq!(verbs, ["create", "terminate", "unterminate", "deactivate", "reactivate", "terminate"]);
}

#[test]
fn who_takes_no_gas_any_more_is_due_none() {
    let site = Site::open();
    let id = example(&site);
    deliver(&site, id, &["2025-05-01", "2025-05-10", "2025-05-20"]);
    let says_when = || {
        let both = [format!("/customers/{id}"), format!("/customers/{id}/summary")].map(|url| site.hui().get(&url).check(200, "").text());
        both.map(|page| page.contains("該送") || page.contains("應送"))
    };
    assert_eq!(says_when(), [true, true]);
    for (verb, is_due) in [("deactivate", false), ("reactivate", true), ("terminate", false)] {
        assert_eq!(site.lin().post(&format!("/customers/{id}/{verb}"), &[]).status(), 303);
        assert_eq!(says_when(), [is_due; 2], "{verb}");
    }
}

#[test]
fn the_walk_in_account_has_no_rhythm() {
    let site = Site::open();
    let id = example(&site);
    deliver(&site, id, &["2025-05-01", "2025-05-10", "2025-05-20"]);
    let lin = site.lin();
    assert_eq!(lin.post(&format!("/customers/{id}/walk-in"), &[("version", "1")]).status(), 303);
    let card = lin.get(&format!("/customers/{id}"));
    card.check(200, "散客帳");
    assert!(!card.text().contains("什麼時候該送"));
    lin.post(&format!("/customers/{id}/walk-in"), &[("version", "1")]).check(409, "剛剛被別人改過");
}

#[test]
fn without_figures_the_history_speaks() {
    let site = Site::open();
    let id = site.customer("1900001", "範例", |_| {});
    deliver(&site, id, &["2025-03-01", "2025-03-25"]);
    site.hui().get(&format!("/customers/{id}")).check(200, "送的次數也不夠");
    deliver(&site, id, &["2025-04-18", "2025-05-12"]);
    site.hui().get(&format!("/customers/{id}")).check(200, "平常 24 天一次").check(200, "06/05 (四) 該送");
}

#[test]
fn strange_texts_are_shown_as_text() {
    let site = Site::open();
    let id = site.customer("1900001", "<script>alert(1)</script>𠮷🔥", |details| {
        details.changeover_model = Some("長".repeat(3_200));
        details.usage_areas[0] = Some("5Q電子快速爐<b>".to_owned());
    });
    let card = site.hui().get(&format!("/customers/{id}"));
    card.check(200, "&lt;script&gt;alert(1)&lt;/script&gt;𠮷🔥").check(200, "5Q電子快速爐&lt;b&gt;").check(200, &"長".repeat(3_200));
    assert!(!card.text().contains("<script>alert"));
    site.hui().get("/customers?q=%3Cscript%3E").check(200, "<mark>&lt;script&gt;</mark>");
    // The long text of the import goes through the form unharmed.
    assert_eq!(post(&site.hui(), &format!("/customers/{id}/edit"), &typed(&site, id, &[("notes", "x")])).status(), 303);
    assert_eq!(get(&site, id).details.changeover_model.unwrap().chars().count(), 3_200);
}

#[test]
fn the_list_is_narrowed_sorted_and_paged() {
    let site = Site::open();
    for n in 1..=60 {
        site.customer(&format!("19{n:05}"), &format!("範例{:02}", 61 - n), |details| {
            details.area = Some(if n % 2 == 0 { "A-甲區" } else { "B-乙區" }.to_owned());
        });
    }
    deliver(&site, CustomerId(33), &["2025-05-20"]);
    let hui = site.hui();
    let first = |target: &str| {
        let text = hui.get(target).check(200, "客戶").text();
        let at = text.find("data-row=\"1\">").unwrap() + "data-row=\"1\">".len();
        text[at..].split('<').next().unwrap().to_owned()
    };
    assert_eq!(first("/customers"), "範例60");
    assert_eq!(first("/customers?page=2"), "範例10");
    assert_eq!(first("/customers?sort=name"), "範例01");
    assert_eq!(first("/customers?sort=last"), "範例28");
    assert_eq!(first("/customers?area=1&sort=area"), "範例60");
    hui.get("/customers?area=2").check(200, "客戶 30 位");
    hui.get("/customers?area=none").check(200, "客戶 0 位").check(200, "沒有這樣的客戶");
    hui.get("/customers?page=99").check(200, "沒有這樣的客戶");
    hui.get("/customers").check(200, "下一頁").check(200, "page=2");
}

#[test]
fn a_mistyped_area_is_merged_by_a_manager() {
    let site = Site::open();
    let right = site.customer("1900001", "甲", |details| details.area = Some("F-成功鎮".to_owned()));
    let wrong = site.customer("1900002", "乙", |details| details.area = Some("F-成功縣".to_owned()));
    site.hui().get("/areas").check(200, "F-成功縣");
    site.hui().post("/areas/2/merge", &[("into", "1")]).check(403, "權限");
    let lin = site.lin();
    lin.post("/areas/2/merge", &[]).check(422, "請選要併入哪一區。");
    lin.post("/areas/2/merge", &[("into", "9")]).check(404, "找不到區域 9");
    lin.post("/areas/2/rename", &[("name", "F-成功鎮")]).check(422, "已經有「F-成功鎮」");
    assert_eq!(lin.post("/areas/2/merge", &[("into", "1")]).location(), "/areas");
    assert_eq!(get(&site, wrong).details.area, get(&site, right).details.area);
    assert!(!lin.get("/areas").text().contains("成功縣"));
    assert_eq!(lin.post("/areas/1/rename", &[("name", "F-成功")]).status(), 303);
    lin.get("/areas").check(200, "F-成功");
}

#[test]
fn a_form_drawn_before_an_area_was_mended_does_not_bring_the_mistake_back() {
    let site = Site::open();
    site.customer("1900001", "甲", |details| details.area = Some("F-成功鎮".to_owned()));
    let id = site.customer("1900002", "乙", |details| details.area = Some("F-成功縣".to_owned()));
    let url = format!("/customers/{id}/edit");
    let drawn = typed(&site, id, &[("notes", "後門")]);

    site.lin().post("/areas/2/rename", &[("name", "F-成功省")]);
    let answer = post(&site.hui(), &url, &drawn);
    answer.check(422, "「F-成功縣」剛剛改了名字或併到別區了").check(422, "<option value=\"F-成功省\" selected>");
    assert!(!answer.text().contains("<option value=\"F-成功縣\""));

    site.lin().post("/areas/2/merge", &[("into", "1")]);
    post(&site.hui(), &url, &drawn).check(409, "<option value=\"F-成功鎮\" selected>");
    let new = [("customer_code", "1900003"), ("short_name", "丙"), ("area", "F-成功縣")];
    site.hui().post("/customers", &new).check(422, "「F-成功縣」剛剛改了名字");
    assert!(!site.lin().get("/areas").text().contains("成功縣"));
    assert_eq!(post(&site.hui(), &url, &typed(&site, id, &[("notes", "後門")])).status(), 303);
    assert_eq!(get(&site, id).details.area.as_deref(), Some("F-成功鎮"));
}

#[test]
fn the_export_has_the_headings_of_the_shops_list() {
    let site = Site::open();
    example(&site);
    site.customer("1900001", "=SUM(A1)", |_| {});
    let file = site.lin().get("/data/export/customers.csv").check(200, "\u{feff}客戶,電子發票抬頭,").text();
    let lines: Vec<&str> = file.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!((lines.len(), lines[0].split(',').count()), (3, 76));
    assert!(lines[1].starts_with("1900001,,'=SUM(A1),"), "{}", lines[1]);
    assert!(lines[2].starts_with("1902046,範例餐飲有限公司,範例小吃店,範例市示範路三段 21 號,,,,,3,"), "{}", lines[2]);
    site.hui().get("/data/export/customers.csv").check(403, "權限");
}
