mod support;

use luckygas::http::Method;
use serde_json::json;
use support::Site;

#[test]
fn a_customer_is_created_read_and_listed() {
    let site = Site::open();
    let hui = site.hui();
    let made = hui.json(
        Method::Post,
        "/api/v1/customers",
        json!({
            "short_name": "範例小吃店",
            "address": "範例市示範路 21 號",
            "area": "D-北線",
            "phones": [{"number": "0900 000 213", "label": "廚房"}],
            "available_hours": 454,
            "closed_weekdays": 4,
            "monthly_delivered_g": 64000,
            "cylinders": {"C20": 3},
            "usage_areas": ["20KG:3"],
            "equipment": {"smart_scale": null},
            "on_patrol": true,
        }),
    );
    assert_eq!(made.status(), 201, "{}", made.text());
    assert_eq!(made.response.header("Location"), Some("/api/v1/customers/1"));
    let one = hui.get("/api/v1/customers/1").json();
    for (field, want) in [
        ("customer_code", json!("1900001")),
        ("short_name", json!("範例小吃店")),
        ("area", json!("D-北線")),
        ("area_id", json!(1)),
        ("available_hours", json!(454)),
        ("monthly_delivered_g", json!(64000)),
        ("monthly_residual_g", json!(null)),
        ("cylinders", json!({"C20": 3})),
        ("usage_areas", json!(["20KG:3", null, null, null, null])),
        ("equipment", json!({"smart_scale": null})),
        ("on_patrol", json!(true)),
        ("is_active", json!(true)),
        ("version", json!(1)),
        ("created_at", json!("2025-05-28T10:22:00+08:00")),
    ] {
        assert_eq!(one[field], want, "{field}");
    }
    assert_eq!(one["phones"][0]["number"], "0900-000-213");
    let list = hui.get("/api/v1/customers?q=213").json();
    assert_eq!((&list["total"], &list["customers"][0]["id"], &list["next_cursor"]), (&json!(1), &json!(1), &json!(null)));
}

#[test]
fn an_update_names_what_it_changes() {
    let site = Site::open();
    let id = site.customer("1900001", "範例", |details| details.phones = vec![Site::number("0900-000-213")]);
    let url = format!("/api/v1/customers/{id}");
    let hui = site.hui();
    let done = hui.json(Method::Patch, &url, json!({"version": 1, "short_name": "新名", "contact_name": "王小姐"}));
    assert_eq!((done.status(), &done.json()["version"]), (200, &json!(2)));
    assert_eq!(done.json()["phones"][0]["e164"], "+886900000213", "what is not named stays");
    let stale = hui.json(Method::Patch, &url, json!({"version": 1, "short_name": "更新的名"}));
    let answer = stale.json();
    assert_eq!(stale.status(), 409);
    assert_eq!(
        (&answer["error"]["code"], &answer["current"]["short_name"], &answer["sent"]["short_name"]),
        (&json!("conflict"), &json!("新名"), &json!("更新的名"))
    );
    assert_eq!(hui.json(Method::Patch, &url, json!({"version": 2, "contact_name": null})).json()["contact_name"], json!(null));
}

#[test]
fn what_cannot_be_is_refused_field_by_field() {
    let site = Site::open();
    let id = site.customer("1900001", "範例", |_| {});
    let url = format!("/api/v1/customers/{id}");
    let hui = site.hui();
    let cases = [
        (json!({"version": 1, "phones": [{"number": "0900-00-213"}]}), 422, "手機要 10 碼"),
        (json!({"version": 1, "phones": "0900"}), 422, "清單"),
        (json!({"version": 1, "available_hours": 5000}), 422, "4095"),
        (json!({"version": 1, "cylinders": {"C99": 1}}), 422, "沒有「C99」這個品項"),
        (json!({"version": 1, "cylinders": {"C20": 1.5}}), 422, "0 到 999"),
        (json!({"version": 1, "short_name": ""}), 422, "請填寫簡稱"),
        (json!({"version": 1, "short_name": "長".repeat(101)}), 422, "最多 100 個字"),
        (json!({"version": 1, "time_period": 7}), 422, "沒有這個時段"),
        (json!({"short_name": "x"}), 422, "version"),
        (json!({"version": 1, "payment_terms": "monthly"}), 403, "權限"),
        (json!([1]), 400, "看不懂"),
    ];
    for (body, status, says) in cases {
        hui.json(Method::Patch, &url, body).check(status, says);
    }
    hui.json(Method::Post, "/api/v1/customers", json!({"customer_code": "1900001", "short_name": "撞"})).check(422, "已經有人用了");
    hui.json(Method::Patch, "/api/v1/customers/99", json!({"version": 1})).check(404, "找不到客戶 99");
    hui.get("/api/v1/customers/99").check(404, "not_found");
    hui.get("/api/v1/customers?limit=201").check(422, "limit");
    hui.get("/api/v1/customers?cursor=zzz").check(422, "cursor");
    site.ming().get("/api/v1/customers").check(403, "forbidden");
    site.chen().json(Method::Post, "/api/v1/customers", json!({"short_name": "x"})).check(403, "forbidden");
    site.nobody().get("/api/v1/customers").check(401, "signed_out");
}

#[test]
fn pages_join_to_the_whole_list() {
    let site = Site::open();
    for n in 1..=25 {
        site.customer(&format!("19{n:05}"), &format!("範例{n}"), |details| details.area = (n % 2 == 0).then(|| "A-甲區".to_owned()));
    }
    let hui = site.hui();
    for (conditions, count) in
        [("", 25), ("&q=範例", 25), ("&area=1", 12), ("&area=1&q=範例", 12), ("&active=true", 25), ("&active=terminated", 0)]
    {
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = hui.get(&format!("/api/v1/customers?limit=7{conditions}{cursor}")).json();
            assert_eq!(page["total"], count, "{conditions}");
            ids.extend(page["customers"].as_array().unwrap().iter().map(|one| one["id"].as_i64().unwrap()));
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        let total = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!((ids.len(), total), (count, count), "{conditions}");
    }
}
