//! The catalogue: what is sold, who may change it, and what comes back when it cannot be.

mod support;

use std::collections::BTreeSet;

use luckygas::products::{Kind, store};
use luckygas::values::Ntd;
use luckygas::values::product::Product as Known;
use support::Site;

#[test]
fn the_catalogue_is_the_one_the_client_list_has_columns_for() {
    let site = Site::open();
    let catalogue = site.app.db.read(store::catalogue).unwrap();
    let stands: BTreeSet<String> =
        catalogue.iter().map(|product| format!("{} {} {:?}", product.code, product.name, product.kind)).collect();
    let known = |product: &Known| {
        let kind = Kind::Gas { method: product.method, family: product.family, size_kg: product.size_kg.into() };
        format!("{} {} {kind:?}", product.code, product.name)
    };
    assert_eq!(stands, Known::ALL.iter().map(known).collect());
    let off: BTreeSet<&str> = catalogue.iter().filter(|product| !product.is_active).map(|product| product.code.as_str()).collect();
    assert_eq!(off, BTreeSet::from(["C16-YING", "C20-LUCKY", "F16", "F20-LUCKY"]), "what nobody holds is switched off");
    site.check_file();

    let again = site.app.db.write(|tx| {
        let sql = "INSERT INTO products (code, name, method, family, size_kg, track_stock, is_active, sort_order)
                   VALUES ('X20', '二十公斤', 'cylinder', 'regular', 20, 1, 1, 5)";
        Ok(tx.execute(sql, []).unwrap_err())
    });
    assert!(luckygas::db::is_unique_violation(&again.unwrap()), "method × family × size is there once");
}

#[test]
fn everybody_in_the_office_looks_and_managers_change() {
    let site = Site::open();
    site.add_prices();
    let customer = site.add_customer("1000017", "好味小吃", None);
    let own = format!("/customers/{customer}/prices");
    for browser in [site.hui(), site.chen()] {
        for target in ["/products", "/products/2", &own] {
            let answer = browser.get(target);
            answer.check(200, "850");
            assert!(!answer.text().contains("<input class=\"number\""), "{target} has nothing to fill");
        }
        for target in ["/products/new", "/products/prices", "/products/prices/preview?price_2=900"] {
            browser.get(target).check(403, "沒有這項權限");
        }
        browser.post("/products/prices", &[("price_2", "900")]).check(403, "沒有這項權限");
        browser.post("/products/2", &[("name", "別的")]).check(403, "沒有這項權限");
    }
    site.ming().get("/products").check(403, "沒有這項權限");
    assert_eq!(site.price_of(None, "C20", "2025-05-28"), Some(850));
    site.lin().get("/products").check(200, "/products/prices");
    site.hui().get("/settings").check(200, "href=\"/products\"").check(200, "href=\"/settings/holidays\"");
    site.hui().get(&format!("/customers/{customer}")).check(200, &format!("href=\"{own}\""));
}

#[test]
fn a_product_is_mended_and_a_stale_form_shows_both_values() {
    let site = Site::open();
    let drawn = [
        ("version", "1"),
        ("name", "20KG"),
        ("was_name", "20KG"),
        ("deposit_ntd", "1500"),
        ("was_deposit_ntd", "1500"),
        ("tare_kg", "10"),
        ("was_tare_kg", "10"),
        ("low_stock_threshold", "10"),
        ("was_low_stock_threshold", "10"),
        ("sort_order", "20"),
        ("was_sort_order", "20"),
        ("track_stock", "1"),
        ("was_track_stock", "1"),
        ("is_active", "1"),
        ("was_is_active", "1"),
    ];
    let form = |changed: &[(&'static str, &'static str)]| -> Vec<(&'static str, &'static str)> {
        drawn.iter().map(|(name, value)| *changed.iter().find(|(have, _)| have == name).unwrap_or(&(name, value))).collect()
    };
    let cases = [
        ("name", "", "請填名字"),
        ("name", "16KG", "已經有「16KG」了"),
        ("deposit_ntd", "-5", "押金要在 0 到 9,999,999 之間"),
        ("tare_kg", "重", "空瓶重量"),
        ("tare_kg", "201", "0 到 200 公斤"),
        ("low_stock_threshold", "-1", "0 到 9,999"),
        ("sort_order", "第一", "0 到 9,999"),
    ];
    for (name, value, says) in cases {
        site.lin().post("/products/2", &form(&[(name, value)])).check(422, says);
    }
    site.lin().post("/products/2", &form(&[])).check(303, "");
    assert!(site.journal().is_empty(), "nothing differs, nothing is written");
    site.lin().post("/products/2", &form(&[("deposit_ntd", "1,800"), ("tare_kg", "１０.５"), ("is_active", "")])).check(303, "");
    let c20 = site.product("C20");
    let product = site.app.db.read(|conn| store::get(conn, c20)).unwrap();
    assert_eq!((product.deposit, product.tare.unwrap().0, product.is_active, product.version), (Some(Ntd(1800)), 10_500, false, 2));
    let (verb, _, change) = site.journal().remove(0);
    let after = serde_json::json!({"deposit_ntd": 1800, "tare_g": 10500, "is_active": false});
    assert_eq!((verb.as_str(), &change["after"], &change["version"]), ("edit", &after, &serde_json::json!(1)));

    let late = site.boss().post("/products/2", &form(&[("deposit_ntd", "2000"), ("name", "二十公斤")]));
    late.check(409, "押金現在是「NT$1,800」，你填的是「NT$2,000」").check(409, "販售現在是「停賣」");
    late.check(409, "name=\"version\" value=\"2\"").check(409, "value=\"二十公斤\"").check(409, "value=\"10.5\"");
    assert_eq!(site.journal().len(), 1);
    site.boss().post("/products/2", &[("name", "x")]).check(400, "");
    site.boss().post("/products/99", &form(&[])).check(404, "找不到產品 99");
    site.boss().get("/products/99").check(404, "找不到產品 99");
}

#[test]
fn an_accessory_is_added_with_its_price_and_sold() {
    let site = Site::open();
    site.add_prices();
    let lin = site.lin();
    lin.get("/products/new").check(200, "代號");
    let form = |changed: &[(&'static str, &'static str)]| -> Vec<(&'static str, &'static str)> {
        let all = [("code", "reg"), ("name", "調整器"), ("unit_price_ntd", "350"), ("is_active", "1")];
        all.into_iter().map(|pair| *changed.iter().find(|(have, _)| *have == pair.0).unwrap_or(&pair)).collect()
    };
    let cases = [
        ("code", "", "請填代號"),
        ("code", "R E G", "不能有空白"),
        ("code", "ABCDEFGHIJKLMNOPQRSTU", "最多 20 個字"),
        ("code", "c20", "代號 C20 已經有產品用了"),
        ("name", "", "請填名字"),
        ("name", "20KG", "已經有「20KG」了"),
        ("unit_price_ntd", "-1", "價格是 0 到 9,999,999 的整數"),
    ];
    for (name, value, says) in cases {
        lin.post("/products", &form(&[(name, value)])).check(422, says);
    }
    lin.post("/products", &form(&[("code", ""), ("unit_price_ntd", "x")])).check(422, "請填代號").check(422, "價格是");
    assert!(site.journal().is_empty());
    assert_eq!(lin.post("/products", &form(&[])).location(), "/products");
    assert_eq!(site.price_of(None, "REG", "2025-05-28"), Some(350));
    lin.get("/products").check(200, "調整器").check(200, "元／件");
    let customer = site.add_customer("1000017", "好味小吃", None);
    let order = site.take(customer, &[("C20", 1), ("REG", 2)]);
    assert_eq!((order.totals.total, order.lines[1].empties_expected), (Ntd(1550), 0));
    let verbs: Vec<String> = site.journal().into_iter().map(|(verb, _, _)| verb).collect();
    assert_eq!(verbs[..2], ["create", "set_price"]);
}
