//! Orders over the API: taking one is safe to repeat, and what is wrong is told field by field.

mod support;

use luckygas::http::Method::{Patch, Post};
use serde_json::{Value, json};
use support::{Answer, Browser, Site};

const ORDERS: &str = "/api/v1/orders";

fn shop() -> (Site, i64) {
    let site = Site::open();
    site.add_prices();
    let customer = site.add_customer("1000017", "好味小吃", None);
    (site, customer.0)
}

fn post(browser: &Browser, body: Value) -> Answer {
    browser.json(Post, ORDERS, body)
}

#[test]
fn the_same_key_makes_one_order_however_often_it_is_sent() {
    let (site, customer) = shop();
    let (hui, lin) = (site.hui(), site.lin());
    let body = json!({"customer_id": customer, "form_key": "call-0001", "lines": [{"product_id": 2, "qty": 2}]});
    let first = post(&hui, body.clone());
    assert_eq!(first.status(), 201, "{}", first.text());
    let order = first.json();
    assert_eq!(order["order_number"], "ORD-20250528-0001");
    assert_eq!((&order["status"], &order["final_ntd"]), (&json!("confirmed"), &json!(1700)));
    assert_eq!(first.response.header("Location"), Some(format!("{ORDERS}/{}", order["id"]).as_str()));
    let again = post(&hui, body.clone());
    assert_eq!((again.status(), again.json()), (200, order));
    post(&lin, body).check(409, "用過了");

    // The header is the same key; the clock has nothing to do with it.
    site.wait_minutes(60 * 3);
    let headers = [("Idempotency-Key", "call-0002"), ("X-CSRF-Token", &luckygas::users::session::csrf(hui.token.as_deref().unwrap()))];
    let body = json!({"customer_id": customer, "lines": [{"product_id": 2, "qty": 1}]}).to_string().into_bytes();
    let sent: Vec<_> = (0..3)
        .map(|_| hui.send_with(Post, ORDERS, &headers, body.clone()))
        .map(|answer| (answer.status(), answer.json()["id"].clone()))
        .collect();
    assert_eq!(sent, [(201, json!(2)), (200, json!(2)), (200, json!(2))]);
}

#[test]
fn what_is_wrong_is_told_by_field() {
    let (site, customer) = shop();
    let line = json!([{"product_id": 2, "qty": 1}]);
    let cases = [
        (json!({"lines": line}), 422, "customer_id", "請寫是哪一位客戶。"),
        (json!({"customer_id": 999, "lines": line}), 422, "customer_id", "沒有這位客戶。"),
        (json!({"customer_id": customer}), 422, "lines", "還沒選品項。"),
        (json!({"customer_id": customer, "lines": 3}), 422, "lines", "lines 要是一串品項。"),
        (json!({"customer_id": customer, "lines": [{"product_id": 2, "qty": 0}]}), 422, "lines.1", "數量要在 1 到 100 之間。"),
        (json!({"customer_id": customer, "lines": [{"product_id": 2, "qty": i64::MAX}]}), 422, "lines.1.qty", "要寫整數。"),
        (json!({"customer_id": customer, "lines": [{"product_id": 2, "qty": 1.5}]}), 422, "lines.1.qty", "要寫整數。"),
        (json!({"customer_id": customer, "lines": [{"product_id": 99, "qty": 1}]}), 422, "lines.1", "沒有這種產品。"),
        (
            json!({"customer_id": customer, "lines": [{"product_id": 2, "qty": 1, "unit_price_ntd": 1}]}),
            422,
            "lines.1",
            "改單價要經理才能做。",
        ),
        (json!({"customer_id": customer, "lines": line, "scheduled_on": "2025-02-30"}), 422, "scheduled_on", "日期要寫成 2025-05-28。"),
        (json!({"customer_id": customer, "lines": line, "scheduled_on": "2025-05-27"}), 422, "scheduled_on", "05/27 (二) 已經過了。"),
        (
            json!({"customer_id": customer, "lines": line, "window_start": "17:00", "window_end": "9:00"}),
            422,
            "window_start",
            "時段要從早到晚",
        ),
        (json!({"customer_id": customer, "lines": line, "payment_method": "stamps"}), 422, "payment_method", "沒有這種付款方式。"),
        (json!({"customer_id": customer, "lines": line, "surcharge_ntd": -5}), 422, "surcharge_ntd", "加價要在 0 到 9,999,999 之間。"),
        (json!({"customer_id": customer, "lines": line, "origin": "import"}), 422, "origin", "沒有這種來源。"),
        (json!({"customer_id": customer, "lines": line, "status": "delivered"}), 422, "status", "新訂單只能是"),
        (json!({"customer_id": customer, "lines": line, "form_key": "short"}), 422, "form_key", "form_key 要是 8 到 64"),
        (json!({"customer_id": customer, "lines": line, "notes": "x".repeat(501)}), 422, "notes", "最多 500 個字。"),
    ];
    let hui = site.hui();
    for (body, status, field, says) in cases {
        let answer = post(&hui, body.clone());
        answer.check(status, says);
        assert_eq!(answer.json()["error"]["fields"][0]["field"], field, "{body}");
    }
    hui.send(Post, ORDERS, "application/json", b"[".to_vec()).check(400, "看不懂");
    post(&hui, json!([])).check(400, "看不懂");
    assert!(site.journal().iter().all(|(verb, ..)| verb != "take"));
}

#[test]
fn the_list_is_walked_page_by_page_and_answers_its_conditions() {
    let (site, customer) = shop();
    site.wait_minutes(48 * 60);
    site.out_route();
    site.wait_minutes(-48 * 60);
    let other = site.add_customer("1000018", "別家", None);
    let hui = site.hui();
    for no in 0..7 {
        let who = if no % 3 == 0 { other.0 } else { customer };
        let day = format!("2025-05-{}", 28 + no % 4);
        let body = json!({"customer_id": who, "scheduled_on": day, "is_urgent": no == 2, "lines": [{"product_id": 2, "qty": 1}]});
        assert_eq!(post(&hui, body).status(), 201);
    }
    assert_eq!(hui.json(Post, &format!("{ORDERS}/3/assign"), json!({"driver_id": 5})).status(), 200);
    let ids = |query: &str| {
        let answer = hui.get(&format!("{ORDERS}?{query}"));
        assert_eq!(answer.status(), 200, "{query}: {}", answer.text());
        answer.json()["orders"].as_array().unwrap().iter().map(|order| order["id"].as_i64().unwrap()).collect::<Vec<_>>()
    };
    let cases: [(&str, &[i64]); 11] = [
        ("", &[4, 7, 3, 6, 2, 5, 1]),
        ("date=2025-05-28", &[5, 1]),
        ("from=2025-05-30&to=2025-05-30", &[7, 3]),
        ("from=2025-05-30", &[4, 7, 3]),
        ("status=assigned", &[3]),
        (&format!("customer_id={other}"), &[4, 7, 1]),
        ("driver_id=5", &[3]),
        ("urgent=true", &[3]),
        ("urgent=false&date=2025-05-30", &[7]),
        ("payment_status=paid", &[]),
        ("origin=phone&to=2025-05-28", &[5, 1]),
    ];
    for (query, want) in cases {
        assert_eq!(ids(query), want, "{query}");
    }
    // Pages of any size join to the whole.
    for size in 1..=8 {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = hui.get(&format!("{ORDERS}?limit={size}&cursor={cursor}")).json();
            all.extend(page["orders"].as_array().unwrap().iter().map(|order| order["id"].as_i64().unwrap()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => break,
            }
        }
        assert_eq!(all, ids(""), "pages of {size}");
    }
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("cursor=x", "cursor"),
        ("date=5/28", "date"),
        ("urgent=maybe", "urgent"),
        ("status=gone", "status"),
        ("customer_id=0", "customer_id"),
    ] {
        let answer = hui.get(&format!("{ORDERS}?{query}"));
        assert_eq!((answer.status(), &answer.json()["error"]["fields"][0]["field"]), (422, &json!(field)), "{query}");
    }

    // A driver sees what he has, whatever he asks for, and nothing else exists for him.
    let ming = site.ming();
    for query in ["", "driver_id=6", "date=2025-05-30"] {
        let orders = ming.get(&format!("{ORDERS}?{query}")).json()["orders"]
            .as_array()
            .unwrap()
            .iter()
            .map(|order| order["id"].clone())
            .collect::<Vec<_>>();
        assert_eq!(orders, [json!(3)], "{query}");
    }
    for path in ["1", "1/history", "99", "x"] {
        assert_eq!(ming.get(&format!("{ORDERS}/{path}")).status(), 404, "{path}");
    }
    ming.get(&format!("{ORDERS}/3/history")).check(200, "阿明");
    ming.json(Post, &format!("{ORDERS}/1/start"), json!({})).check(404, "找不到訂單 1。");
}

#[test]
fn a_change_names_the_version_it_was_read_at() {
    let (site, customer) = shop();
    site.out_route();
    let (hui, lin) = (site.hui(), site.lin());
    let order = post(&hui, json!({"customer_id": customer, "lines": [{"product_id": 2, "qty": 2}]})).json();
    let url = format!("{ORDERS}/{}", order["id"]);
    let patch = |browser: &Browser, body: Value| browser.json(Patch, &url, body);

    patch(&hui, json!({"notes": "x"})).check(422, "請附上讀到的 version。");
    patch(&hui, json!({"version": 1, "lines": [{"product_id": 2, "qty": 2, "unit_price_ntd": 800}]})).check(422, "改單價要經理才能做。");
    let changed =
        patch(&lin, json!({"version": 1, "lines": [{"product_id": 2, "qty": 3, "unit_price_ntd": 800}], "contact_name": "李先生"})).json();
    assert_eq!((&changed["final_ntd"], &changed["version"], &changed["contact_name"]), (&json!(2400), &json!(2), &json!("李先生")));
    let stale = patch(&hui, json!({"version": 1, "notes": "後門"}));
    stale.check(409, "這張單已被別人改過");
    assert_eq!((&stale.json()["current"]["version"], &stale.json()["sent"]["notes"]), (&json!(2), &json!("後門")));
    // Nothing named, nothing changed; and a quantity alone keeps the manager's price.
    assert_eq!(patch(&hui, json!({"version": 2})).json()["version"], 2);
    let more = patch(&hui, json!({"version": 2, "lines": [{"product_id": 2, "qty": 4}], "contact_name": null})).json();
    assert_eq!((&more["final_ntd"], &more["contact_name"]), (&json!(3200), &Value::Null));
    patch(&hui, json!({"version": 3, "customer_id": 99})).check(422, "客戶不能換");
    assert_eq!(hui.json(Post, &format!("{url}/assign"), json!({"driver_id": 5, "version": 3})).status(), 200);
    let refused = patch(&hui, json!({"version": 4, "payment_method": "monthly", "delivery_address": "別處", "is_urgent": true}));
    refused.check(422, "有 3 個欄位需要修改。");
    let fields: Vec<_> =
        refused.json()["error"]["fields"].as_array().unwrap().iter().map(|field| field["field"].as_str().unwrap().to_owned()).collect();
    assert_eq!(fields, ["delivery_address", "is_urgent", "payment_method"]);
    let moved = patch(&hui, json!({"version": 4, "scheduled_on": "2025-05-30"})).json();
    assert_eq!((&moved["status"], &moved["driver_id"]), (&json!("confirmed"), &Value::Null));
    let steps = hui.get(&format!("{url}/history")).json();
    assert_eq!(steps["steps"][2]["reason"], "改到 05/30 (五)");
}

#[test]
fn a_step_says_what_it_lacks() {
    let (site, customer) = shop();
    site.out_route();
    let (hui, ming, lin) = (site.hui(), site.ming(), site.lin());
    let order = site.order_at(luckygas::values::CustomerId(customer), luckygas::orders::Status::Confirmed);
    let step = |browser: &Browser, word: &str, body: Value| browser.json(Post, &format!("{ORDERS}/{}/{word}", order.id), body);
    step(&hui, "assign", json!({})).check(422, "請選一位在職的司機。");
    assert_eq!(step(&hui, "assign", json!({})).json()["error"]["fields"][0]["field"], "driver_id");
    step(&hui, "assign", json!({"driver_id": 5, "version": 7})).check(409, "剛剛被別人改過");
    step(&hui, "cancel", json!({})).check(422, "請寫原因 reason。");
    step(&hui, "cancel", json!({"reason": "rain"})).check(422, "沒有這個原因。");
    step(&hui, "cancel", json!({"reason": "other"})).check(422, "選「其他」要寫一句原因。");
    step(&hui, "deliver", json!({})).check(403, "你沒有這項權限");
    step(&hui, "assign", json!({"driver_id": 5})).check(200, "assigned");
    step(&lin, "start", json!({})).check(409, "先讓路線 01 出發");
    site.start_out();
    assert_eq!(hui.get(&format!("{ORDERS}/{}", order.id)).json()["status"], "in_delivery");
    step(&ming, "deliver", json!({"lines": [{"qty_delivered": 2}], "recipient": "王"})).check(422, "要寫整數。");
    step(&ming, "deliver", json!({"lines": [{"qty_delivered": 2, "empties_returned": 2}]})).check(422, "請寫誰收的，或為什麼沒有簽收。");
    step(&ming, "deliver", json!({"recipient": "王"})).check(422, "每一行都要有送到的數量。");
    step(&ming, "deliver", json!([])).check(400, "看不懂");
    let done =
        step(&ming, "deliver", json!({"lines": [{"qty_delivered": 1, "empties_returned": 2, "residual_g": 1000}], "no_proof": "放門口"}))
            .json();
    assert_eq!(
        (&done["status"], &done["subtotal_ntd"], &done["residual_credit_ntd"], &done["final_ntd"]),
        (&json!("delivered"), &json!(850), &json!(43), &json!(807))
    );
    step(&hui, "cancel", json!({})).check(409, "這張單已送達，不能再改。要更正請找會計。");
}
