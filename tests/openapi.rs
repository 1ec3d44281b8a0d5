//! The API says what it is: the document against the addresses, both ways, and against real answers.

mod support;

use std::collections::BTreeSet;

use luckygas::backups::Kind;
use luckygas::http::Method;
use luckygas::journal::By;
use luckygas::urls::{URLS, Who};
use serde_json::{Value, json};
use support::deliveries::Table::Recent;
use support::{Answer, Browser, Site, day};

fn document() -> Value {
    Site::open().nobody().get("/api/v1/openapi.json").json()
}

/// What `schema` names, when it is a `$ref`.
fn meant<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(name) => document.pointer(name.strip_prefix('#').unwrap()).unwrap_or_else(|| panic!("{name} is missing")),
        None => schema,
    }
}

/// Every property `schema` speaks of, its parts included; `None` when it takes any.
fn names<'a>(document: &'a Value, schema: &'a Value) -> Option<BTreeSet<&'a str>> {
    let schema = meant(document, schema);
    if schema.get("additionalProperties").is_some() || schema == &json!({}) {
        return None;
    }
    let mut found: BTreeSet<_> = schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        found.extend(names(document, part)?);
    }
    Some(found)
}

/// Adds to `wrong` wherever `value` is not what `schema` says. A property nobody described is wrong too.
fn hold(document: &Value, schema: &Value, value: &Value, place: &str, wrong: &mut Vec<String>) {
    if let (Some(object), Some(names)) = (value.as_object(), names(document, schema)) {
        wrong.extend(object.keys().filter(|key| !names.contains(key.as_str())).map(|key| format!("{place}.{key} is not described")));
    }
    hold_part(document, schema, value, place, wrong);
}

fn hold_part(document: &Value, schema: &Value, value: &Value, place: &str, wrong: &mut Vec<String>) {
    let schema = meant(document, schema);
    for part in schema["allOf"].as_array().into_iter().flatten() {
        hold_part(document, part, value, place, wrong);
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    let is_of = |kind: &&str| match *kind {
        "null" => value.is_null(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64(),
        "number" => value.is_number(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type"),
    };
    if !types.is_empty() && !types.iter().any(is_of) {
        return wrong.push(format!("{place} is {value}, not {types:?}"));
    }
    if schema.get("const").is_some_and(|only| only != value) || schema["enum"].as_array().is_some_and(|words| !words.contains(value)) {
        wrong.push(format!("{place} is {value}, not one of {schema}"));
    }
    let is_format = match (schema["format"].as_str(), value.as_str()) {
        (Some("date"), Some(text)) => text.parse::<luckygas::values::Day>().is_ok(),
        (Some("date-time"), Some(text)) => text.len() == 25 && text.ends_with("+08:00"),
        (_, Some(text)) => schema["maxLength"].as_u64().is_none_or(|most| text.chars().count() as u64 <= most),
        _ => true,
    };
    let is_within = value.as_i64().is_none_or(|number| {
        schema["minimum"].as_i64().is_none_or(|least| least <= number) && schema["maximum"].as_i64().is_none_or(|most| number <= most)
    });
    if !is_format || !is_within {
        wrong.push(format!("{place} is {value}, outside {schema}"));
    }
    if let Some(object) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !object.contains_key(name) {
                wrong.push(format!("{place}.{name} is missing"));
            }
        }
        for (name, value) in object {
            if let Some(schema) = schema["properties"].get(name).or(schema.get("additionalProperties")) {
                hold(document, schema, value, &format!("{place}.{name}"), wrong);
            }
        }
    }
    if let (Some(items), Some(values)) = (schema.get("items"), value.as_array()) {
        for (at, value) in values.iter().enumerate() {
            hold(document, items, value, &format!("{place}[{at}]"), wrong);
        }
    }
}

/// The operations of the document: method and path.
fn operations(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().unwrap();
    paths.iter().flat_map(|(path, item)| item.as_object().unwrap().keys().map(|method| (method.to_uppercase(), path.clone()))).collect()
}

#[test]
fn the_document_and_the_addresses_are_the_same() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let api: Vec<_> = URLS
        .iter()
        .filter(|url| url.pattern.starts_with("/api/") || url.pattern.starts_with("/health") || url.pattern == "/metrics")
        .collect();
    let addresses: BTreeSet<_> = api.iter().map(|url| (url.method.word().to_owned(), url.pattern.to_owned())).collect();
    let described = operations(&document);
    assert_eq!(addresses.difference(&described).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "not described");
    assert_eq!(described.difference(&addresses).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "described and not there");
    for url in api {
        let operation = &document["paths"][url.pattern][url.method.word().to_lowercase()];
        let name = format!("{} {}", url.method.word(), url.pattern);
        match url.who {
            Who::Anybody => assert_eq!(operation["security"], json!([]), "{name}"),
            Who::Roles(roles) => {
                let words: Vec<_> = roles.iter().map(|role| role.word()).collect();
                assert_eq!(operation["x-roles"], json!(words), "{name}");
                for status in ["401", "403"] {
                    assert!(operation["responses"][status].is_object(), "{name} does not tell of {status}");
                }
            }
        }
        let in_path: Vec<_> = url.pattern.split(['{', '}']).skip(1).step_by(2).collect();
        let described: Vec<_> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|one| one["in"] == "path")
            .map(|one| one["name"].as_str().unwrap())
            .collect();
        assert_eq!(in_path, described, "{name}");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(document: &Value, value: &Value) {
        match value {
            Value::Object(object) => {
                meant(document, value);
                object.values().for_each(|value| walk(document, value));
            }
            Value::Array(values) => values.iter().for_each(|value| walk(document, value)),
            _ => {}
        }
    }
    let document = document();
    walk(&document, &document);
}

/// Sends requests and holds each answer against what the document says of its status.
struct Reader<'a> {
    document: &'a Value,
    seen: BTreeSet<(String, String)>,
}

impl Reader<'_> {
    fn ask(&mut self, browser: &Browser, method: Method, pattern: &str, target: &str, body: Option<Value>, status: u16) -> Value {
        let answer: Answer = match body {
            Some(body) => browser.json(method, target, body),
            None => browser.get(target),
        };
        self.read(answer, method, pattern, target, status)
    }

    fn read(&mut self, answer: Answer, method: Method, pattern: &str, target: &str, status: u16) -> Value {
        let name = format!("{} {target}", method.word());
        assert_eq!(answer.status(), status, "{name}: {}", answer.text());
        let operation = &self.document["paths"][pattern][method.word().to_lowercase()];
        let described = &operation["responses"][status.to_string()];
        assert!(described.is_object(), "{name} answers {status}, which is not described");
        let (value, mut wrong) = (answer.json(), Vec::new());
        hold(self.document, &described["content"]["application/json"]["schema"], &value, "", &mut wrong);
        assert_eq!(wrong, Vec::<String>::new(), "{name} {status}");
        if status < 300 {
            self.seen.insert((method.word().to_owned(), pattern.to_owned()));
        }
        value
    }
}

#[test]
fn every_operation_answers_as_it_says() {
    let site = Site::open();
    let customer = site.add_customer("1000017", "好味小吃", Some("A-甲區"));
    site.add_deliveries(&[
        (1, customer, day("2024-05-10"), Recent, None),
        (2, customer, day("2025-04-10"), Recent, None),
        (3, customer, day("2025-05-27"), Recent, Some(2)),
    ]);
    site.add_drop(3, "09:10", Some(2));
    let document = document();
    let mut reader = Reader { document: &document, seen: BTreeSet::new() };
    let (nobody, hui, lin, ming) = (site.nobody(), site.hui(), site.lin(), site.ming());
    use Method::{Get, Patch, Post};

    reader.ask(&nobody, Get, "/health", "/health", None, 200);
    reader.ask(&nobody, Get, "/health/ready", "/health/ready", None, 200);
    // No JSON: what it is stands in tests/metrics.rs.
    reader.seen.insert(("GET".to_owned(), "/metrics".to_owned()));
    reader.ask(&nobody, Get, "/api/v1/openapi.json", "/api/v1/openapi.json", None, 200);

    let login = "/api/v1/auth/login";
    reader.ask(&nobody, Post, login, login, Some(json!({"username": "xiaohui", "password": "wrong wrong"})), 401);
    reader.ask(&nobody, Post, login, login, Some(json!({"username": "xiaohui", "password": support::PASSWORD})), 200);
    reader.ask(&hui, Get, "/api/v1/auth/me", "/api/v1/auth/me", None, 200);
    reader.ask(&nobody, Get, "/api/v1/auth/me", "/api/v1/auth/me", None, 401);

    let customers = "/api/v1/customers";
    let made = reader.ask(&lin, Post, customers, customers, Some(json!({"short_name": "東門麵店", "phones": ["0900-000-213"]})), 201);
    reader.ask(&lin, Post, customers, customers, Some(json!({})), 422);
    reader.ask(&ming, Post, customers, customers, Some(json!({})), 403);
    reader.ask(&hui, Get, customers, "/api/v1/customers?q=%E9%BA%B5", None, 200);
    reader.ask(&hui, Get, customers, "/api/v1/customers?limit=1", None, 200);
    reader.ask(&hui, Get, customers, "/api/v1/customers?limit=0", None, 422);
    let one = "/api/v1/customers/{id}";
    let target = format!("/api/v1/customers/{}", made["id"]);
    reader.ask(&hui, Get, one, &target, None, 200);
    reader.ask(&hui, Get, one, "/api/v1/customers/999", None, 404);
    reader.ask(&hui, Patch, one, &target, Some(json!({"version": made["version"], "cylinders": {"C20": 2}, "notes": "後門"})), 200);
    reader.ask(&hui, Patch, one, &target, Some(json!({"version": made["version"], "notes": "前門"})), 409);
    reader.ask(&hui, Patch, one, &target, Some(json!({"notes": "前門"})), 422);

    let theirs = "/api/v1/customers/{id}/deliveries";
    reader.ask(&hui, Get, theirs, &format!("/api/v1/customers/{customer}/deliveries?limit=2"), None, 200);
    reader.ask(&hui, Get, theirs, &format!("/api/v1/customers/{customer}/deliveries?cursor=x"), None, 422);
    reader.ask(&hui, Get, theirs, "/api/v1/customers/999/deliveries", None, 404);
    reader.ask(&hui, Get, "/api/v1/deliveries", "/api/v1/deliveries?date=2025-05-27", None, 200);
    reader.ask(&hui, Get, "/api/v1/deliveries", "/api/v1/deliveries?date=5/27", None, 422);
    reader.ask(&ming, Get, "/api/v1/deliveries", "/api/v1/deliveries", None, 403);
    let products = "/api/v1/products";
    reader.ask(&hui, Get, products, products, None, 200);
    let hose = reader.ask(&lin, Post, products, products, Some(json!({"code": "HOSE", "name": "軟管"})), 201);
    reader.ask(&lin, Post, products, products, Some(json!({"code": "HOSE", "name": "軟管二"})), 422);
    reader.ask(&hui, Post, products, products, Some(json!({"code": "REG", "name": "調整器"})), 403);
    let (one, target) = ("/api/v1/products/{id}", format!("/api/v1/products/{}", hose["id"]));
    reader.ask(&hui, Get, one, &target, None, 200);
    reader.ask(&hui, Get, one, "/api/v1/products/999", None, 404);
    reader.ask(&lin, Patch, one, &target, Some(json!({"version": 1, "deposit_ntd": 100})), 200);
    reader.ask(&lin, Patch, one, &target, Some(json!({"version": 1, "deposit_ntd": 200})), 409);
    reader.ask(&lin, Patch, one, &target, Some(json!({"version": 2, "deposit_ntd": -1})), 422);
    let prices = "/api/v1/prices";
    let price = |unit: Value| json!({"product_id": 4, "unit_price_ntd": unit, "valid_from": "2025-06-01"});
    reader.ask(&lin, Post, prices, "/api/v1/prices?dry_run=1", Some(price(json!(850))), 200);
    reader.ask(&lin, Post, prices, prices, Some(price(json!(850))), 201);
    reader.ask(&lin, Post, prices, prices, Some(price(json!(850))), 200);
    reader.ask(&lin, Post, prices, prices, Some(price(json!(null))), 422);
    reader.ask(&lin, Post, prices, prices, Some(json!({"product_id": 99, "unit_price_ntd": 1})), 404);
    let stale = json!({"product_id": 4, "unit_price_ntd": 900, "valid_from": "2025-06-01", "before_ntd": 800});
    reader.ask(&lin, Post, prices, prices, Some(stale), 409);
    reader.ask(&hui, Get, products, products, None, 200);
    reader.ask(&hui, Get, prices, &format!("/api/v1/prices?customer_id={customer}&date=2025-06-01"), None, 200);
    reader.ask(&hui, Get, prices, "/api/v1/prices?customer_id=999", None, 404);
    reader.ask(&hui, Get, prices, "/api/v1/prices?date=6/1", None, 422);
    let vehicles = "/api/v1/vehicles";
    let truck = reader.ask(&lin, Post, vehicles, vehicles, Some(json!({"plate": "abc-1234", "kind": "truck"})), 201);
    reader.ask(&lin, Post, vehicles, vehicles, Some(json!({"plate": "ABC-1234", "kind": "motorcycle"})), 422);
    reader.ask(&hui, Post, vehicles, vehicles, Some(json!({"plate": "EDF-1234", "kind": "truck"})), 403);
    reader.ask(&hui, Get, vehicles, vehicles, None, 200);
    let (one, target) = ("/api/v1/vehicles/{id}", format!("/api/v1/vehicles/{}", truck["id"]));
    reader.ask(&hui, Get, one, &target, None, 200);
    reader.ask(&hui, Get, one, "/api/v1/vehicles/999", None, 404);
    reader.ask(&lin, Patch, one, &target, Some(json!({"version": 1, "note": "左後輪剛換"})), 200);
    reader.ask(&lin, Patch, one, &target, Some(json!({"version": 1, "max_gross_kg": 900})), 409);
    reader.ask(&lin, Patch, one, &target, Some(json!({"version": 2, "max_gross_kg": 0})), 422);
    let (drivers, one, target) = ("/api/v1/drivers", "/api/v1/drivers/{id}", "/api/v1/drivers/5");
    reader.ask(&hui, Get, drivers, drivers, None, 200);
    reader.ask(&ming, Get, drivers, drivers, None, 403);
    reader.ask(&hui, Get, one, target, None, 200);
    reader.ask(&hui, Get, one, "/api/v1/drivers/1", None, 404);
    let said = json!({"version": 0, "phone": "0900000213", "default_vehicle_id": truck["id"], "is_available": false});
    reader.ask(&hui, Patch, one, target, Some(said.clone()), 200);
    reader.ask(&hui, Patch, one, target, Some(said), 409);
    reader.ask(&hui, Patch, one, target, Some(json!({"version": 1, "phone": "09"})), 422);
    reader.ask(&hui, Patch, one, target, Some(json!({"version": 1, "is_available": true})), 200);
    site.out_route();
    site.start_out();
    let monthly = "/api/v1/reports/monthly";
    reader.ask(&hui, Get, monthly, "/api/v1/reports/monthly?month=2025-05", None, 200);
    reader.ask(&hui, Get, monthly, "/api/v1/reports/monthly?month=2031-01", None, 200);
    reader.ask(&hui, Get, monthly, "/api/v1/reports/monthly?month=5", None, 422);

    let orders = "/api/v1/orders";
    site.add_prices();
    let order = json!({"customer_id": customer.0, "form_key": "one-of-mine", "lines": [{"product_id": 2, "qty": 2}]});
    reader.ask(&hui, Post, orders, orders, Some(order.clone()), 201);
    reader.ask(&hui, Post, orders, orders, Some(order.clone()), 200);
    reader.ask(&lin, Post, orders, orders, Some(order), 409);
    reader.ask(&hui, Post, orders, orders, Some(json!({"customer_id": customer.0, "scheduled_on": "2025-05-27", "lines": []})), 422);
    reader.ask(&hui, Get, orders, "/api/v1/orders?date=2025-05-28&urgent=false&status=confirmed&limit=1", None, 200);
    reader.ask(&hui, Get, orders, "/api/v1/orders?status=lost", None, 422);
    let one = "/api/v1/orders/{id}";
    let at = "/api/v1/orders/1";
    reader.ask(&hui, Get, one, at, None, 200);
    reader.ask(&ming, Get, one, at, None, 404);
    reader.ask(&hui, Patch, one, at, Some(json!({"version": 1, "notes": "後門", "lines": [{"product_id": 2, "qty": 3}]})), 200);
    reader.ask(&hui, Patch, one, at, Some(json!({"version": 1, "notes": "前門"})), 409);
    reader.ask(&hui, Patch, one, at, Some(json!({"version": 2, "scheduled_on": "5/30"})), 422);
    let steps: [(&Browser, &str, Value, u16); 11] = [
        (&hui, "confirm", json!({}), 409),
        (&hui, "assign", json!({"driver_id": 4}), 422),
        (&hui, "assign", json!({"driver_id": 5, "version": 2}), 200),
        (&ming, "fail", json!({"reason": "absent"}), 200),
        (&hui, "assign", json!({"driver_id": 5}), 200),
        (&hui, "unassign", json!({}), 200),
        (&hui, "assign", json!({"driver_id": 5}), 200),
        (&ming, "start", json!({}), 200),
        (&ming, "deliver", json!({"lines": []}), 422),
        (&ming, "deliver", json!({"lines": [{"qty_delivered": 3, "empties_returned": 3, "residual_g": 500}], "recipient": "王小姐"}), 200),
        (&hui, "cancel", json!({"reason": "no_stock"}), 409),
    ];
    for (browser, word, body, status) in steps {
        reader.ask(browser, Post, &format!("{one}/{word}"), &format!("{at}/{word}"), Some(body), status);
        if word == "fail" {
            // With its last stop the route was over.
            site.out_route();
            site.start_out();
        }
    }
    reader.ask(&hui, Get, "/api/v1/orders/{id}/history", "/api/v1/orders/1/history", None, 200);
    let pending = json!({"customer_id": customer.0, "status": "pending", "lines": [{"product_id": 2, "qty": 1}]});
    reader.ask(&hui, Post, orders, orders, Some(pending), 201);
    reader.ask(&hui, Post, "/api/v1/orders/{id}/confirm", "/api/v1/orders/2/confirm", Some(json!({})), 200);
    reader.ask(&hui, Post, "/api/v1/orders/{id}/cancel", "/api/v1/orders/2/cancel", Some(json!({"reason": "other", "note": "打錯"})), 200);
    let again = json!({"form_key": "two-again"});
    reader.ask(&hui, Post, "/api/v1/orders/{id}/copy", "/api/v1/orders/2/copy", Some(again.clone()), 201);
    reader.ask(&hui, Post, "/api/v1/orders/{id}/copy", "/api/v1/orders/2/copy", Some(again), 200);
    reader.ask(&hui, Post, "/api/v1/orders/{id}/copy", "/api/v1/orders/1/copy", Some(json!({})), 409);

    let held = |order: luckygas::orders::Order| {
        site.assign(order.id);
        site.app.db.read(|conn| luckygas::routes::store::held_by(conn, order.id)).unwrap().unwrap().id
    };
    let [first, second, third] = [1, 2, 3].map(|qty| held(site.take(customer, &[("C20", qty)])));
    reader.ask(&ming, Get, "/api/v1/driver/routes", "/api/v1/driver/routes", None, 200);
    reader.ask(&hui, Get, "/api/v1/driver/routes", "/api/v1/driver/routes", None, 403);
    let acts = "/api/v1/driver/acts";
    let several = json!({"acts": [
        {"action_id": "phone-0001", "act": "arrive", "stop_id": first.0, "device_at": "2025-05-28T10:20:00+08:00"},
        {"action_id": "phone-0002", "act": "complete", "stop_id": first.0},
        {"action_id": "phone-0003", "act": "complete", "stop_id": first.0, "recipient": "王小姐", "cash_ntd": 800, "cash_handed_ntd": 1000},
        {"action_id": "phone-0004", "act": "fail", "stop_id": first.0, "reason": "absent"},
    ]});
    let answers = reader.ask(&ming, Post, acts, acts, Some(several), 200);
    let outcomes: Vec<_> = answers["answers"].as_array().unwrap().iter().map(|answer| answer["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["applied", "refused", "applied", "conflict"]);
    reader.ask(&ming, Post, acts, acts, Some(json!({"acts": []})), 422);
    let act = |word: &str| (format!("/api/v1/stops/{{id}}/{word}"), format!("/api/v1/stops/{second}/{word}"));
    let asked = [
        ("arrive", json!({"action_id": "phone-0011"}), 200),
        ("complete", json!({"action_id": "phone-0012", "no_proof": "放門口"}), 200),
        ("complete", json!({"action_id": "phone-0012", "no_proof": "放門口"}), 200),
        ("complete", json!({"action_id": "phone-0013", "no_proof": "老客戶"}), 409),
        ("complete", json!({}), 422),
        ("undo", json!({"action_id": "phone-0014"}), 200),
        ("undo", json!({"action_id": "phone-0015"}), 409),
    ];
    for (word, body, status) in asked {
        let (pattern, target) = act(word);
        reader.ask(&ming, Post, &pattern, &target, Some(body), status);
    }
    let fail = "/api/v1/stops/{id}/fail";
    reader.ask(&ming, Post, fail, &format!("/api/v1/stops/{third}/fail"), Some(json!({"action_id": "phone-0021"})), 422);
    let absent = json!({"action_id": "phone-0022", "reason": "absent"});
    reader.ask(&ming, Post, fail, &format!("/api/v1/stops/{third}/fail"), Some(absent), 200);
    let undo = "/api/v1/stops/{id}/undo";
    reader.ask(&ming, Post, undo, &format!("/api/v1/stops/{third}/undo"), Some(json!({"action_id": "phone-0023"})), 200);
    reader.ask(&ming, Post, undo, "/api/v1/stops/999/undo", Some(json!({"action_id": "phone-0024"})), 404);
    reader.ask(&ming, Get, "/api/v1/driver/routes", "/api/v1/driver/routes", None, 200);
    let picture = site.folder.0.join("signature.png");
    std::fs::write(&picture, b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x2c\0\0\0\x96").unwrap();
    let photos = "/api/v1/photos";
    reader.read(ming.upload("/api/v1/photos?kind=signature", &[&picture]), Post, photos, photos, 201);
    reader.read(ming.upload("/api/v1/photos?kind=portrait", &[&picture]), Post, photos, photos, 422);
    reader.read(hui.upload(photos, &[&picture]), Post, photos, photos, 403);

    let due = site.customer("1000018", "霜降火鍋", |details| {
        details.on_patrol = Some(true);
        details.avg_daily_g = Some(luckygas::values::Grams(3_300));
        details.series_g = Some(luckygas::values::Grams(50_000));
        details.reserve_g = Some(luckygas::values::Grams(6_000));
        details.phones = vec![Site::number("0900-000-418")];
        details.cylinders = vec![("C20", 2)];
    });
    let unknown = site.customer("1000019", "六和素菜", |details| details.on_patrol = Some(true));
    site.add_deliveries(&[(11, due, day("2025-05-01"), Recent, None)]);
    site.add_deliveries(&[12, 13, 14].map(|id| (id, unknown, day("2025-05-01").plus(5 * (id - 12)), Recent, None)));
    let list = reader.ask(&hui, Get, "/api/v1/due", "/api/v1/due?date=2025-05-28", None, 200);
    assert_eq!(list["lines"].as_array().unwrap().len(), 2);
    reader.ask(&hui, Get, "/api/v1/due", "/api/v1/due?date=28", None, 422);
    let (one, target) = ("/api/v1/due/{customer_id}/skip", format!("/api/v1/due/{due}/skip"));
    reader.ask(&hui, Post, one, &target, Some(json!({})), 200);
    reader.ask(&hui, Post, one, &target, Some(json!({"undo": true})), 200);
    reader.ask(&hui, Post, one, "/api/v1/due/999/skip", Some(json!({})), 404);
    let alarms = "/api/v1/alarms";
    let alarm = json!({"customer_id": due.0, "alarmed_at": "2025-05-28T07:50:00+08:00", "note": "壓力低"});
    reader.ask(&hui, Post, alarms, alarms, Some(alarm.clone()), 201);
    reader.ask(&hui, Post, alarms, alarms, Some(alarm), 200);
    reader.ask(&hui, Post, alarms, alarms, Some(json!({"alarmed_at": "早上"})), 422);
    reader.ask(&hui, Get, alarms, alarms, None, 200);
    let one = "/api/v1/due/{customer_id}/order";
    reader.ask(&hui, Post, one, &format!("/api/v1/due/{due}/order"), Some(json!({})), 200);
    reader.ask(&hui, Post, one, &format!("/api/v1/due/{unknown}/order"), Some(json!({})), 422);
    reader.ask(&hui, Post, one, "/api/v1/due/999/order", Some(json!({})), 404);
    site.add_deliveries(&[(15, unknown, day("2025-05-27"), Recent, Some(2))]);
    reader.ask(&hui, Post, one, &format!("/api/v1/due/{unknown}/order"), Some(json!({})), 409);
    reader.ask(&hui, Post, one, &format!("/api/v1/due/{unknown}/order"), Some(json!({"date": "2025-06-20", "form_key": "due-2025"})), 201);
    let emergencies = "/api/v1/emergencies";
    let boss = site.boss();
    luckygas::backups::make::make(&site.app, Kind::Manual, By::program(site.app.now()), &Default::default()).unwrap();
    reader.ask(&boss, Get, "/api/v1/backups", "/api/v1/backups", None, 200);
    reader.ask(&boss, Post, "/api/v1/backups", "/api/v1/backups", Some(json!({})), 202);
    reader.ask(&boss, Post, "/api/v1/backups", "/api/v1/backups", Some(json!({})), 409);

    let new = json!({"kind": "gas_leak", "customer_id": customer.0, "description": "有味道", "phone": "0900-000-119", "address": "虛構鄉海堤路 88 號", "form_key": "leak-2025"});
    let leak = reader.ask(&hui, Post, emergencies, emergencies, Some(new.clone()), 201);
    reader.ask(&hui, Post, emergencies, emergencies, Some(new), 200);
    reader.ask(&hui, Post, emergencies, emergencies, Some(json!({"kind": "flood"})), 422);
    reader.ask(&ming, Post, emergencies, emergencies, Some(json!({"kind": "gas_leak", "description": "有味道"})), 403);
    let own = reader.ask(&ming, Post, emergencies, emergencies, Some(json!({"kind": "driver_emergency", "description": "爆胎"})), 201);
    reader.ask(&hui, Get, emergencies, "/api/v1/emergencies?limit=1", None, 200);
    reader.ask(&hui, Get, emergencies, "/api/v1/emergencies?limit=0", None, 422);
    reader.ask(&ming, Get, emergencies, emergencies, None, 200);
    let (one, target) = ("/api/v1/emergencies/{id}", format!("/api/v1/emergencies/{}", leak["id"]));
    reader.ask(&hui, Get, one, &target, None, 200);
    reader.ask(&ming, Get, one, &target, None, 404);
    let act = |name: &str| (format!("{one}/{name}"), format!("{target}/{name}"));
    let (seen, at) = act("seen");
    reader.ask(&hui, Post, &seen, &at, Some(json!({})), 200);
    let (assign, at) = act("assign");
    reader.ask(&hui, Post, &assign, &at, Some(json!({})), 422);
    site.add_truck("KEA-9119");
    reader.ask(&hui, Post, &assign, &at, Some(json!({"driver_id": 5})), 200);
    let (answer, at) = act("answer");
    reader.ask(&ming, Post, &answer, &at, Some(json!({})), 200);
    reader.ask(&ming, Post, &answer, &at, Some(json!({"goes": false})), 200);
    reader.ask(&hui, Post, &answer, &at, Some(json!({})), 409);
    let (close, at) = act("close");
    reader.ask(&hui, Post, &close, &at, Some(json!({})), 422);
    reader.ask(&hui, Post, &close, &at, Some(json!({"note": "接頭換好了"})), 200);
    reader.ask(&ming, Post, &close, &format!("/api/v1/emergencies/{}/close", own["id"]), Some(json!({"note": "換好胎了"})), 200);

    let templates = "/api/v1/templates";
    let weekly = json!({"customer_id": customer.0, "lines": [{"product_id": 2, "qty": 2}], "recurrence": "weekly", "weekdays": 2, "next_on": "2025-05-29"});
    let made = reader.ask(&hui, Post, templates, templates, Some(weekly), 201);
    assert_eq!((&made["next_on"], &made["payment_method"]), (&json!("2025-06-03"), &json!("cash")));
    reader.ask(&hui, Post, templates, templates, Some(json!({"customer_id": 999})), 422);
    reader.ask(&hui, Get, templates, "/api/v1/templates?active=true&limit=1", None, 200);
    reader.ask(&hui, Get, templates, "/api/v1/templates?limit=0", None, 422);
    let (one, target) = ("/api/v1/templates/{id}", format!("/api/v1/templates/{}", made["id"]));
    reader.ask(&hui, Get, one, &target, None, 200);
    reader.ask(&hui, Get, one, "/api/v1/templates/999", None, 404);
    reader.ask(&hui, Patch, one, &target, Some(json!({"version": 1, "recurrence": "monthly", "anchor_day": 31})), 200);
    reader.ask(&hui, Patch, one, &target, Some(json!({"version": 1, "every": 2})), 409);
    reader.ask(&hui, Patch, one, &target, Some(json!({"version": 2, "every": 13})), 422);
    let used = "/api/v1/templates/{id}/use";
    let wish = json!({"scheduled_on": "2025-05-30", "lines": [{"product_id": 2, "qty": 3}], "form_key": "another-of-mine"});
    reader.ask(&hui, Post, used, &format!("{target}/use"), Some(wish.clone()), 201);
    reader.ask(&hui, Post, used, &format!("{target}/use"), Some(wish), 200);
    reader.ask(&hui, Post, used, &format!("{target}/use"), Some(json!({"scheduled_on": "2025-05-01"})), 422);
    reader.ask(&hui, Post, "/api/v1/templates/run", "/api/v1/templates/run", Some(json!({})), 200);
    reader.ask(&hui, Post, "/api/v1/templates/{id}/stop", &format!("{target}/stop"), Some(json!({})), 200);
    reader.ask(&hui, Post, used, &format!("{target}/use"), Some(json!({})), 409);

    let balances = "/api/v1/cylinders/balances";
    let place = format!("{balances}?place=customer:{due}");
    let held = reader.ask(&hui, Get, balances, &place, None, 200);
    assert_eq!((&held["balances"][0]["opening"], &held["balances"][0]["now"]), (&json!(2), &json!(2)));
    reader.ask(&hui, Get, balances, "/api/v1/cylinders/balances?place=moon", None, 422);
    reader.ask(&hui, Get, balances, "/api/v1/cylinders/balances?place=customer:999", None, 404);
    let movements = "/api/v1/cylinders/movements";
    reader.ask(&hui, Post, movements, movements, Some(json!({"kind": "refilled", "product_id": 2, "qty": 50})), 201);
    reader.ask(&hui, Post, movements, movements, Some(json!({"kind": "delivered", "product_id": 2, "qty": 30})), 422);
    reader.ask(&hui, Post, movements, movements, Some(json!({"kind": "counted", "product_id": 2, "now": 30})), 403);
    let at_shop = reader.ask(&hui, Get, balances, "/api/v1/cylinders/balances?place=shop", None, 200);
    let full = at_shop["balances"].as_array().unwrap().iter().find(|one| one["product_id"] == 2).unwrap()["full"].as_i64().unwrap();
    let count = json!({"kind": "counted", "product_id": 2, "state": "full", "now": full - 1, "note": "少一支"});
    let moved = reader.ask(&lin, Post, movements, movements, Some(count), 201);
    assert_eq!((&moved["movements"][0]["from"], &moved["movements"][0]["qty"]), (&json!("shop"), &json!(1)));
    let correction = json!({"kind": "corrected", "product_id": 2, "customer_id": due.0, "now": 3, "note": "多放一支"});
    reader.ask(&lin, Post, movements, movements, Some(correction), 201);
    reader.ask(&hui, Get, balances, balances, None, 200);
    let listed = reader.ask(&hui, Get, movements, "/api/v1/cylinders/movements?place=shop&product_id=2&limit=2", None, 200);
    assert_eq!(listed["movements"].as_array().unwrap().len(), 2);
    reader.ask(&hui, Get, movements, "/api/v1/cylinders/movements?kind=lost", None, 422);
    hui.post(&format!("/customers/{due}/meters"), &[("serial", "M-1"), ("installed_on", "2025/05/01")]).check(303, "");
    let meters = reader.ask(&hui, Get, "/api/v1/customers/{id}/meters", &format!("/api/v1/customers/{due}/meters"), None, 200);
    let (one, target) = ("/api/v1/meters/{id}/readings", format!("/api/v1/meters/{}/readings", meters["meters"][0]["id"]));
    reader.ask(&hui, Post, one, &target, Some(json!({"value_milli": 5_000, "read_on": "2025-05-02"})), 201);
    reader.ask(&hui, Post, one, &target, Some(json!({"value_milli": 4_000})), 422);
    reader.ask(&hui, Post, one, &target, Some(json!({"value_milli": 4_000, "old_end_milli": 6_000})), 403);
    reader.ask(&hui, Post, one, "/api/v1/meters/999/readings", Some(json!({"value_milli": 1})), 404);
    reader.ask(&hui, Get, one, &target, None, 200);
    let payments = "/api/v1/payments";
    reader.ask(&hui, Get, payments, payments, None, 200);
    reader.ask(&hui, Get, payments, "/api/v1/payments?date=28", None, 422);

    let imports = "/api/v1/imports";
    let list = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sample/clients.xlsx");
    reader.read(lin.upload("/api/v1/imports?dry_run=1", &[]), Post, imports, imports, 422);
    let dry = reader.read(lin.upload("/api/v1/imports?dry_run=1", &[&list]), Post, imports, imports, 200);
    assert_eq!((&dry["applied"], &dry["import_id"]), (&json!(false), &Value::Null));
    let done = reader.read(lin.upload("/api/v1/imports", &[&list]), Post, imports, imports, 200);
    assert_eq!((&done["applied"], &done["customers"]), (&json!(true), &dry["customers"]));
    reader.ask(&lin, Get, imports, imports, None, 200);
    reader.ask(&hui, Get, imports, imports, None, 403);
    let import = format!("/api/v1/imports/{}", done["import_id"]);
    reader.ask(&lin, Get, "/api/v1/imports/{id}", &import, None, 200);
    reader.ask(&lin, Get, "/api/v1/imports/{id}", "/api/v1/imports/99", None, 404);

    let since = "/api/v1/events/since";
    reader.ask(&hui, Get, since, since, None, 200);
    let heard = reader.ask(&hui, Get, since, "/api/v1/events/since?after=0", None, 200);
    assert!(!heard["events"].as_array().unwrap().is_empty(), "{heard}");
    reader.ask(&hui, Get, since, "/api/v1/events/since?after=x", None, 422);
    // What the stream says is held against the same schema in tests/live.rs.
    let stream = "/api/v1/events";
    let head = hui.get(stream);
    assert_eq!((head.status(), head.response.header("Content-Type")), (200, Some("text/event-stream")));
    assert!(document["paths"][stream]["get"]["responses"]["200"]["content"]["text/event-stream"].is_object());
    reader.seen.insert(("GET".to_owned(), stream.to_owned()));

    let password = "/api/v1/auth/password";
    reader.ask(&hui, Post, password, password, Some(json!({"current_password": support::PASSWORD, "new_password": "short"})), 422);
    let change = json!({"current_password": support::PASSWORD, "new_password": "another good one"});
    reader.ask(&hui, Post, password, password, Some(change), 200);
    reader.ask(&hui, Post, "/api/v1/auth/logout", "/api/v1/auth/logout", Some(json!({})), 200);

    let hui = site.hui();
    let routes = "/api/v1/routes";
    let waiting: Vec<_> = (0..3).map(|_| site.take(customer, &[("C20", 1)]).id.0).collect();
    let ade = site.add_driver("ade", "阿德").0;
    let noon = json!({"driver_id": ade, "vehicle_id": site.another_truck().0, "shift": "noon"});
    let made = reader.ask(&hui, Post, routes, routes, Some(noon), 201);
    reader.ask(&hui, Post, routes, routes, Some(json!({"driver_id": 4})), 422);
    reader.ask(&ming, Post, routes, routes, Some(json!({})), 403);
    reader.ask(&hui, Get, routes, "/api/v1/routes?status=draft&driver_id=6", None, 200);
    reader.ask(&ming, Get, routes, routes, None, 200);
    reader.ask(&hui, Get, routes, "/api/v1/routes?date=5/28", None, 422);
    let (one, at) = ("/api/v1/routes/{id}", format!("/api/v1/routes/{}", made["id"]));
    let to = |word: &str| (format!("{one}/{word}"), format!("{at}/{word}"));
    reader.ask(&hui, Get, one, &at, None, 200);
    reader.ask(&ming, Get, one, &at, None, 404);
    reader.ask(&hui, Patch, one, &at, Some(json!({"version": 1, "notes": "先去北邊"})), 200);
    reader.ask(&hui, Patch, one, &at, Some(json!({"version": 1, "notes": "先去南邊"})), 409);
    reader.ask(&hui, Patch, one, &at, Some(json!({"version": 2, "crew2_id": ade})), 422);
    let (pattern, target) = to("stops");
    reader.ask(&hui, Post, &pattern, &target, Some(json!({"order_ids": []})), 422);
    let put = reader.ask(&hui, Post, &pattern, &target, Some(json!({"order_ids": waiting, "seen": ["", "", ""]})), 200);
    reader.ask(&hui, Post, &pattern, &target, Some(json!({"order_ids": waiting, "seen": ["", "", ""]})), 409);
    reader.ask(&hui, Get, &pattern, &target, None, 200);
    let stops: Vec<_> = put["stops"].as_array().unwrap().iter().map(|stop| stop["id"].clone()).collect();
    let (pattern, target) = to("order");
    reader.ask(&hui, Post, &pattern, &target, Some(json!({"stops": [stops[2], stops[0], stops[1]]})), 200);
    reader.ask(&hui, Post, &pattern, &target, Some(json!({"stops": [stops[2]]})), 409);
    let (pattern, target) = to("suggest");
    reader.ask(&hui, Post, &pattern, &target, Some(json!({})), 200);
    let (pattern, target) = ("/api/v1/stops/{id}", format!("/api/v1/stops/{}", stops[2]));
    reader.ask(&hui, Get, pattern, &target, None, 200);
    reader.ask(&ming, Get, pattern, &target, None, 404);
    let (remove, other) = ("/api/v1/stops/{id}/remove", "/api/v1/stops/{id}/move");
    reader.ask(&hui, Post, other, &format!("{target}/move"), Some(json!({"driver_id": ade})), 200);
    reader.ask(&hui, Post, other, &format!("{target}/move"), Some(json!({})), 422);
    reader.ask(&hui, Post, remove, &format!("{target}/remove"), Some(json!({})), 200);
    reader.ask(&hui, Post, remove, &format!("{target}/remove"), Some(json!({})), 409);
    let (publish, start) = (to("publish"), to("start"));
    reader.ask(&hui, Post, &publish.0, &publish.1, Some(json!({})), 200);
    reader.ask(&lin, Post, &start.0, &start.1, Some(json!({"note": "手機沒電"})), 200);
    let (complete, reopen, cancel) = (to("complete"), to("reopen"), to("cancel"));
    reader.ask(&lin, Post, &complete.0, &complete.1, Some(json!({"note": "手機沒電"})), 409);
    reader.ask(&hui, Post, &cancel.0, &cancel.1, Some(json!({})), 409);
    for stop in &stops[..2] {
        reader.ask(&hui, Post, remove, &format!("/api/v1/stops/{stop}/remove"), Some(json!({})), 200);
    }
    reader.ask(&lin, Post, &complete.0, &complete.1, Some(json!({"odometer_end_km": 120, "note": "手機沒電"})), 200);
    reader.ask(&lin, Post, &reopen.0, &reopen.1, Some(json!({})), 200);
    let empty = reader.ask(&hui, Post, routes, routes, Some(json!({})), 201);
    reader.ask(&hui, Post, &cancel.0, &format!("/api/v1/routes/{}/cancel", empty["id"]), Some(json!({})), 200);
    for id in &waiting {
        reader.ask(
            &hui,
            Post,
            "/api/v1/orders/{id}/cancel",
            &format!("/api/v1/orders/{id}/cancel"),
            Some(json!({"reason": "no_stock"})),
            200,
        );
    }

    let asked = std::mem::take(&mut reader.seen);
    let described = operations(&document);
    assert_eq!(described.difference(&asked).collect::<Vec<_>>(), Vec::<&(String, String)>::new(), "never asked");
}

#[test]
fn the_reader_of_this_test_finds_what_is_wrong() {
    let document =
        json!({"components": {"schemas": {"A": {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}}}});
    let both = json!({"allOf": [{"$ref": "#/components/schemas/A"}, {"type": "object", "properties": {"on": {"type": ["string", "null"], "format": "date"}}}]});
    let cases = [
        (json!({"a": 1, "on": null}), 0),
        (json!({"a": 1, "on": "2025-05-28"}), 0),
        (json!({"a": "1"}), 1),
        (json!({"on": null}), 1),
        (json!({"a": 1, "b": 1}), 1),
        (json!({"a": 1, "on": "2025-02-30"}), 1),
        (json!([]), 2),
    ];
    for (value, count) in cases {
        let mut wrong = Vec::new();
        hold(&document, &both, &value, "", &mut wrong);
        assert_eq!(wrong.len(), count, "{value}: {wrong:?}");
    }
}
