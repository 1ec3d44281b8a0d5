//! What the shop drives with: who may change it, and what comes back when it cannot be.

mod support;

use luckygas::values::{Grams, VehicleId};
use luckygas::vehicles::{Kind, store};
use serde_json::json;
use support::Site;
use support::form::{form_on, type_over};

fn pairs(form: &[(String, String)]) -> Vec<(&str, &str)> {
    form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

#[test]
fn a_manager_adds_a_vehicle_and_the_office_sees_it() {
    let site = Site::open();
    site.hui().get("/vehicles").check(200, "還沒有車").check(200, "請經理新增");
    site.lin().get("/vehicles").check(200, "按 A 新增第一輛");
    let page = site.lin().get("/vehicles/new").text();
    let mut form = form_on(&page, "/vehicles");
    type_over(&mut form, "plate", " ａbc-1234 ");
    assert_eq!(site.lin().post("/vehicles", &pairs(&form)).location(), "/vehicles");
    type_over(&mut form, "plate", "XYZ-888");
    type_over(&mut form, "kind", "motorcycle");
    type_over(&mut form, "note", "後座有架子");
    site.lin().post("/vehicles", &pairs(&form)).check(303, "");

    let vehicles = site.app.db.read(store::list).unwrap();
    let known: Vec<_> = vehicles.iter().map(|one| (one.plate.as_str(), one.kind, one.max_gross, one.is_active)).collect();
    let usual = [("ABC-1234", Kind::Truck, Grams::from_kg(1_000), true), ("XYZ-888", Kind::Motorcycle, Grams::from_kg(180), true)];
    assert_eq!(known, usual);
    for browser in [site.hui(), site.chen()] {
        browser.get("/vehicles").check(200, "ABC-1234").check(200, "機車").check(200, "1,000");
        browser.get("/vehicles/2").check(200, "後座有架子").check(200, "180 公斤").check(200, "要改車輛，請找經理");
        browser.get("/vehicles/new").check(403, "沒有這項權限");
        browser.post("/vehicles", &pairs(&form)).check(403, "沒有這項權限");
        browser.post("/vehicles/1", &pairs(&form)).check(403, "沒有這項權限");
        browser.get("/settings").check(200, "href=\"/vehicles\"").check(200, "href=\"/drivers\"");
    }
    site.ming().get("/vehicles").check(403, "沒有這項權限");
    let entries: Vec<_> = site.journal().into_iter().map(|(verb, id, change)| (verb, id, change["after"]["plate"].clone())).collect();
    assert_eq!(entries, [("create".to_owned(), Some(1), json!("ABC-1234")), ("create".to_owned(), Some(2), json!("XYZ-888"))]);
}

#[test]
fn what_is_wrong_with_a_vehicle_is_said_at_its_field() {
    let site = Site::open();
    let new = [("plate", "ABC-1234"), ("kind", "truck"), ("max_gross_kg", "1,200"), ("note", ""), ("is_active", "1")];
    let form = |name: &'static str, value: &str| -> Vec<(&'static str, String)> {
        new.iter().map(|(have, now)| (*have, if *have == name { value.to_owned() } else { now.to_string() })).collect()
    };
    let send = |target: &str, form: Vec<(&'static str, String)>| {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        site.lin().post(target, &form)
    };
    send("/vehicles", form("", "")).check(303, "");
    let long = "長".repeat(201);
    let cases = [
        ("plate", "", "請填車號"),
        ("plate", "AB C", "車號中間不能有空白"),
        ("plate", "ABCDEFGHIJKLM", "最多 12 個字"),
        ("plate", "abc-1234", "車號 ABC-1234 已經有了"),
        ("kind", "", "請選一種車"),
        ("kind", "boat", "請選一種車"),
        ("max_gross_kg", "0", "載重要在 1 到 20,000"),
        ("max_gross_kg", "20001", "載重要在 1 到 20,000"),
        ("max_gross_kg", "一噸", "載重要在 1 到 20,000"),
        ("note", long.as_str(), "最多 200 個字"),
    ];
    for (name, value, says) in cases {
        send("/vehicles", form(name, value)).check(422, says);
    }
    assert_eq!(site.journal().len(), 1);
    let vehicle = site.app.db.read(|conn| store::get(conn, VehicleId(1))).unwrap();
    assert_eq!(vehicle.max_gross, Grams::from_kg(1_200));
    site.lin().get("/vehicles/9").check(404, "找不到車輛 9");
    site.lin().post("/vehicles/1", &[("plate", "X")]).check(400, "");
}

#[test]
fn a_stale_form_shows_both_values_and_keeps_what_was_typed() {
    let site = Site::open();
    site.lin().post("/vehicles", &[("plate", "ABC-1234"), ("kind", "truck"), ("is_active", "1")]).check(303, "");
    site.lin().post("/vehicles", &[("plate", "DEF-5678"), ("kind", "truck"), ("is_active", "1")]).check(303, "");
    let drawn = form_on(&site.lin().get("/vehicles/1").text(), "/vehicles/1");
    site.lin().post("/vehicles/1", &pairs(&drawn)).check(303, "");
    assert_eq!(site.journal().len(), 2, "nothing differs, nothing is written");

    let mut first = drawn.clone();
    type_over(&mut first, "max_gross_kg", "900");
    site.lin().post("/vehicles/1", &pairs(&first)).check(303, "");
    let mut second = drawn.clone();
    type_over(&mut second, "note", "左後輪剛換");
    let late = site.boss().post("/vehicles/1", &pairs(&second));
    late.check(409, "林經理 剛剛 先改了這輛車").check(409, "900 公斤").check(409, "沒有改").check(409, "左後輪剛換");
    let merged = form_on(&late.text(), "/vehicles/1");
    site.boss().post("/vehicles/1", &pairs(&merged)).check(303, "");
    let vehicle = site.app.db.read(|conn| store::get(conn, VehicleId(1))).unwrap();
    assert_eq!((vehicle.max_gross, vehicle.note.as_deref(), vehicle.version), (Grams::from_kg(900), Some("左後輪剛換"), 3));

    let mut taken = form_on(&site.boss().get("/vehicles/1").text(), "/vehicles/1");
    type_over(&mut taken, "plate", "def-5678");
    site.boss().post("/vehicles/1", &pairs(&taken)).check(422, "車號 DEF-5678 已經有了").check(422, "value=\"def-5678\"");
    site.check_file();
}
