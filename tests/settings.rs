//! The shop's choices.

mod support;

use support::Site;

const STANDARD: [(&str, &str); 13] = [
    ("shop_name", "煤氣行"),
    ("network", "this_pc"),
    ("code_prefix", "19"),
    ("walk_in_code", "6000001"),
    ("area_code", "089"),
    ("usable_fraction", "85"),
    ("safety_share", "50"),
    ("month_days", "30"),
    ("cut_off", "14:00"),
    ("order_days", "30"),
    ("urgent_surcharge", "0"),
    ("look_ahead_days", "1"),
    ("residual_credit", "1"),
];

/// The form with the values it was drawn with, and `changed` typed over them.
fn form<'a>(was: &[(&'a str, &'a str)], changed: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let typed = STANDARD.iter().map(|(name, value)| *changed.iter().find(|(have, _)| have == name).unwrap_or(&(*name, *value)));
    typed.chain(was.iter().copied()).collect()
}

#[test]
fn what_is_changed_is_set_and_journalled_and_nothing_else() {
    let site = Site::open();
    let typed = [("shop_name", "範例煤氣行"), ("usable_fraction", "８０"), ("network", "shop")];
    site.lin().post("/settings", &form(&[], &typed)).check(303, "");
    let settings = site.app.settings();
    assert_eq!((settings.shop_name.as_str(), settings.usable_fraction, settings.network.word()), ("範例煤氣行", 0.8, "shop"));
    let (verb, _, change) = site.journal().remove(0);
    let before = serde_json::json!({"shop_name": "煤氣行", "network": "this_pc", "usable_fraction": "0.85"});
    assert_eq!((verb.as_str(), &change["before"]), ("edit", &before));
    site.lin().get("/settings").check(200, "範例煤氣行").check(200, "value=\"80\"");
    site.lin().post("/settings", &form(&[], &typed)).check(303, "");
    assert_eq!(site.journal().len(), 1, "saving the same again is no change");
}

#[test]
fn what_concerns_orders_is_chosen_here() {
    let site = Site::open();
    let typed = [("cut_off", "０９３０"), ("order_days", "14"), ("urgent_surcharge", "NT$100"), ("look_ahead_days", "3")];
    site.lin().post("/settings", &form(&[], &typed)).check(303, "");
    let settings = site.app.settings();
    assert_eq!((settings.cut_off, settings.order_days, settings.urgent_surcharge.0, settings.look_ahead_days), (570, 14, 100, 3));
    site.lin().get("/settings").check(200, "value=\"09:30\"").check(200, "value=\"100\"");
    let was = [("was_cut_off", "840"), ("was_urgent_surcharge", "0")];
    let late = site.lin().post("/settings", &form(&was, &[("cut_off", "15:00"), ("urgent_surcharge", "200")]));
    late.check(409, "收單時間現在是「09:30」，你填的是「15:00」").check(409, "急件加價現在是「NT$100」，你填的是「NT$200」");
}

#[test]
fn a_bad_value_comes_back_with_what_is_wrong_with_it() {
    let site = Site::open();
    let cases = [
        ("shop_name", "", "請填店名"),
        ("network", "everybody", "請選一種"),
        ("walk_in_code", "六百萬", "1 到 20 個英文或數字"),
        ("code_prefix", "abc", "1 到 4 個數字"),
        ("area_code", "89", "0 開頭"),
        ("usable_fraction", "0.85", "50 到 100"),
        ("safety_share", "NaN", "1 到 100"),
        ("month_days", "", "不能空白"),
        ("cut_off", "25:00", "寫成 14:00"),
        ("cut_off", "24:00", "寫成 14:00"),
        ("cut_off", "下午", "寫成 14:00"),
        ("order_days", "0", "1 到 366"),
        ("order_days", "一個月", "1 到 366"),
        ("urgent_surcharge", "-50", "0 到 9,999,999"),
        ("urgent_surcharge", "", "不能空白"),
        ("look_ahead_days", "61", "0 到 60"),
    ];
    for (name, value, says) in cases {
        site.boss().post("/settings", &form(&[], &[(name, value)])).check(422, says);
    }
    assert!(site.journal().is_empty());
}

#[test]
fn two_people_changing_different_things_do_not_undo_each_other() {
    let site = Site::open();
    let was = [("was_shop_name", "煤氣行"), ("was_area_code", "089"), ("was_code_prefix", "19")];
    site.boss().post("/settings", &form(&was, &[("shop_name", "甲店")])).check(303, "");
    site.lin().post("/settings", &form(&was, &[("area_code", "038")])).check(303, "");
    assert_eq!((site.app.settings().shop_name.as_str(), site.app.settings().area_code.as_str()), ("甲店", "038"));

    let late = site.lin().post("/settings", &form(&was, &[("shop_name", "乙店"), ("code_prefix", "20")]));
    late.check(409, "店名現在是「甲店」，你填的是「乙店」")
        .check(409, "value=\"乙店\"")
        .check(409, "name=\"was_shop_name\" value=\"甲店\"");
    assert_eq!((site.app.settings().shop_name.as_str(), site.app.settings().code_prefix.as_str()), ("甲店", "19"));
}

#[test]
fn everybody_finds_what_is_theirs() {
    let site = Site::open();
    for browser in [site.chen(), site.hui(), site.ming()] {
        browser.get("/settings").check(200, "要改這間店的設定，請找經理").check(200, "/me");
        assert!(!browser.get("/settings").text().contains("/users"));
        browser.post("/settings", &form(&[], &[])).check(403, "沒有這項權限");
        browser.get("/keys").check(200, "Alt");
        browser.get("/changes").check(200, env!("CARGO_PKG_VERSION"));
    }
    site.boss().get("/settings").check(200, "使用者與權限");
}

#[test]
fn the_shop_keeps_its_own_calendar_of_red_letter_days() {
    use luckygas::settings::holidays::Calendar;
    let site = Site::open();
    let holiday = |on: &str| site.app.db.read(Calendar::load).unwrap().holiday(support::day(on)).map(str::to_owned);
    let lin = site.lin();
    lin.get("/settings/holidays").check(200, "國定假日 2025 年").check(200, "農曆除夕");
    lin.get("/settings/holidays?year=2026").check(200, "2026/02/17 (二)").check(200, "href=\"/settings/holidays?year=2027\"");
    lin.get("/settings/holidays?year=1999").check(200, "國定假日 2025 年");
    let cases = [
        ("", "颱風假", "請填寫日期"),
        ("2025/02/30", "颱風假", "沒有這一天"),
        ("2028/01/01", "元旦", "日期太遠了"),
        ("1999/01/01", "元旦", "日期太早了"),
        ("114/07/29", "", "請填是什麼日子"),
        ("看天氣", "颱風假", "value=\"看天氣\""),
    ];
    for (day, name, says) in cases {
        lin.post("/settings/holidays", &[("day", day), ("name", name)]).check(422, says);
    }
    assert!(site.journal().is_empty());
    let add = |name: &str| lin.post("/settings/holidays", &[("day", "民國114年7月29日"), ("name", name)]);
    assert_eq!(add("颱風假").location(), "/settings/holidays?year=2025");
    assert_eq!(holiday("2025-07-29").as_deref(), Some("颱風假"));
    add("颱風假").check(303, "");
    add("颱風停班").check(303, "");
    assert_eq!(holiday("2025-07-29").as_deref(), Some("颱風停班"));
    for _ in 0..2 {
        lin.post("/settings/holidays/remove", &[("day", "2025-07-29")]).check(303, "");
    }
    assert_eq!(holiday("2025-07-29"), None);
    let verbs: Vec<String> = site.journal().into_iter().map(|(verb, _, _)| verb).collect();
    assert_eq!(verbs, ["add", "add", "remove"], "what was so already is not written again");
    let browser = site.hui();
    assert!(!browser.get("/settings/holidays").check(200, "農曆除夕").text().contains("拿掉"));
    browser.post("/settings/holidays", &[("day", "2025/07/29"), ("name", "颱風假")]).check(403, "權限");
    site.ming().get("/settings/holidays").check(403, "權限");
}
