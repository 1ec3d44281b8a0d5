//! Who drives: everybody with that role, what the shop knows of them, and who may say it.

mod support;

use luckygas::drivers::{Details, store};
use luckygas::http::Method::Patch;
use luckygas::journal::By;
use luckygas::routes::{self, Kind, NewRoute, Shift};
use luckygas::values::{AreaId, UserId, VehicleId};
use serde_json::json;
use support::Site;
use support::form::{form_on, type_over};

const MING: UserId = UserId(5);

fn pairs(form: &[(String, String)]) -> Vec<(&str, &str)> {
    form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// Two areas and a truck: ids 1, 2 and 1.
fn furnish(site: &Site) {
    for (code, area) in [("1000017", "A-瑞光"), ("1000018", "B-中山")] {
        site.customer(code, code, |details| details.area = Some(area.to_owned()));
    }
    site.lin().post("/vehicles", &[("plate", "ABC-1234"), ("kind", "truck"), ("is_active", "1")]).check(303, "");
}

#[test]
fn a_driver_nobody_has_described_is_one_all_the_same() {
    let site = Site::open();
    let all = site.app.db.read(store::all).unwrap();
    assert_eq!(all.iter().map(|driver| (driver.user, driver.name.as_str())).collect::<Vec<_>>(), [(MING, "阿明")]);
    assert_eq!((all[0].details(), all[0].version), (Details::unsaid(), 0));
    for browser in [site.hui(), site.chen()] {
        browser.get("/drivers").check(200, "阿明").check(200, "可以派");
    }
    site.hui().get("/drivers/1").check(404, "找不到司機 1");
    site.hui().get("/drivers/77").check(404, "找不到司機 77");
    site.ming().get("/drivers").check(403, "沒有這項權限");
}

#[test]
fn the_office_says_what_he_drives_and_where_and_whether_he_can() {
    let site = Site::open();
    furnish(&site);
    let before = site.journal().len();
    let mut form = form_on(&site.hui().get("/drivers/5").text(), "/drivers/5");
    site.hui().post("/drivers/5", &pairs(&form)).check(303, "");
    assert_eq!(site.journal().len(), before, "nothing differs, nothing is written");
    type_over(&mut form, "phone", "０９００000213");
    type_over(&mut form, "default_vehicle_id", "1");
    form.retain(|(name, _)| name != "is_available");
    form.push(("area_ids".to_owned(), "2".to_owned()));
    form.push(("area_ids".to_owned(), "1".to_owned()));
    assert_eq!(site.hui().post("/drivers/5", &pairs(&form)).location(), "/drivers");

    let driver = site.app.db.read(|conn| store::get(conn, MING)).unwrap();
    let said = Details {
        phone: Some("0900-000-213".to_owned()),
        default_vehicle: Some(VehicleId(1)),
        areas: vec![AreaId(1), AreaId(2)],
        is_available: false,
    };
    assert_eq!((driver.details(), driver.version), (said, 1));
    let list = site.chen().get("/drivers");
    list.check(200, "ABC-1234").check(200, "A-瑞光、B-中山").check(200, "0900-000-213").check(200, "休息");
    site.chen().get("/drivers/5").check(200, "A-瑞光、B-中山");
    site.chen().post("/drivers/5", &pairs(&form)).check(403, "沒有這項權限");
    site.lin().get("/vehicles").check(200, "阿明");
    let (verb, id, change) = site.journal().pop().unwrap();
    assert_eq!((verb.as_str(), id, &change["after"]["area_ids"], &change["version"]), ("edit", Some(5), &json!([1, 2]), &json!(0)));

    // Two areas become one: he drives there once, and what went there goes there.
    let make = |tx: &rusqlite::Transaction| {
        let new = NewRoute {
            route_on: site.app.now().day(),
            area_id: Some(AreaId(1)),
            shift: Shift::AllDay,
            kind: Kind::Planned,
            driver_id: None,
            crew2_id: None,
            vehicle_id: None,
            notes: None,
        };
        routes::store::insert(tx, &new, By::program(site.app.now()))
    };
    let route = site.app.db.write(make).unwrap();
    site.lin().post("/areas/1/merge", &[("into", "2")]).check(303, "");
    assert_eq!(site.app.db.read(|conn| store::get(conn, MING)).unwrap().areas, [AreaId(2)]);
    assert_eq!(site.route(route).area_id, Some(AreaId(2)));
    // A vehicle that is out of use is nobody's.
    let mut truck = form_on(&site.lin().get("/vehicles/1").text(), "/vehicles/1");
    truck.retain(|(name, _)| name != "is_active");
    site.lin().post("/vehicles/1", &pairs(&truck)).check(303, "");
    assert_eq!(site.app.db.read(|conn| store::get(conn, MING)).unwrap().default_vehicle, None);
    let (_, id, change) = site.journal().pop().unwrap();
    assert_eq!((id, &change["before"]), (Some(5), &json!({"default_vehicle_id": 1})));
    site.check_file();
}

#[test]
fn what_cannot_be_is_said_at_its_field() {
    let site = Site::open();
    furnish(&site);
    site.lin().post("/vehicles", &[("plate", "OLD-1"), ("kind", "truck")]).check(303, "");
    let cases = [
        ("phone", "09", 422, "手機要 10 碼"),
        ("phone", "找老闆", 422, "電話只能有數字"),
        ("default_vehicle_id", "x", 422, "請選清單裡的車"),
        ("default_vehicle_id", "2", 422, "OLD-1 已經停用"),
        ("default_vehicle_id", "9", 404, "找不到車輛 9"),
        ("area_ids", "x", 422, "請選清單裡的區域"),
        ("area_ids", "9", 404, "找不到區域 9"),
    ];
    for (name, value, status, says) in cases {
        site.hui().post("/drivers/5", &[("version", "0"), ("is_available", "1"), (name, value)]).check(status, says);
    }
    site.hui().post("/drivers/5", &[("phone", "")]).check(400, "");
    assert_eq!(site.app.db.read(|conn| store::get(conn, MING)).unwrap().version, 0);
}

#[test]
fn a_stale_form_shows_both_values_and_keeps_what_was_typed() {
    let site = Site::open();
    furnish(&site);
    let drawn = form_on(&site.hui().get("/drivers/5").text(), "/drivers/5");
    let mut first = drawn.clone();
    type_over(&mut first, "default_vehicle_id", "1");
    site.lin().post("/drivers/5", &pairs(&first)).check(303, "");
    let mut second = drawn.clone();
    type_over(&mut second, "phone", "0900000213");
    let late = site.hui().post("/drivers/5", &pairs(&second));
    late.check(409, "林經理 剛剛 先改了這位司機").check(409, "ABC-1234").check(409, "沒有改");
    let merged = form_on(&late.text(), "/drivers/5");
    site.hui().post("/drivers/5", &pairs(&merged)).check(303, "");
    let driver = site.app.db.read(|conn| store::get(conn, MING)).unwrap();
    assert_eq!((driver.phone.as_deref(), driver.default_vehicle, driver.version), (Some("0900-000-213"), Some(VehicleId(1)), 2));
}

#[test]
fn a_program_changes_only_what_it_names() {
    let site = Site::open();
    furnish(&site);
    let said = json!({"version": 0, "area_ids": [2], "default_vehicle_id": 1});
    assert_eq!(site.hui().json(Patch, "/api/v1/drivers/5", said).json()["is_available"], json!(true));
    let answer = site.hui().json(Patch, "/api/v1/drivers/5", json!({"version": 1, "is_available": false}));
    assert_eq!((answer.status(), &answer.json()["area_ids"]), (200, &json!([2])));
    let late = site.hui().json(Patch, "/api/v1/drivers/5", json!({"version": 1, "is_available": true}));
    assert_eq!((late.status(), &late.json()["current"]["is_available"]), (409, &json!(false)));
    let answer = site.hui().json(Patch, "/api/v1/drivers/5", json!({"version": 2, "default_vehicle_id": null, "area_ids": []}));
    assert_eq!(answer.json()["default_vehicle_id"], json!(null));
    assert_eq!(answer.json()["area_ids"], json!([]));
}
