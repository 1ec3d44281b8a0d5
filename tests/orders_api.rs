//! Orders over the API: taking one is safe to repeat, and what is wrong is told field by field.

mod support;

use luckygas::http::Method::Post;
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
