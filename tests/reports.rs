//! Today, a month, the years: counts of what was brought, and — for what nobody knows.

mod support;

use support::deliveries::Table::{Closed, Recent};
use support::{Site, day};

/// Two customers; 2024 in May, and 2025 in April and May up to the 27th, one of them with a quantity.
fn with_records(site: &Site) {
    let (one, two) = (site.add_customer("1000017", "好味小吃", Some("A-甲區")), site.add_customer("1000018", "東門麵店", None));
    site.add_deliveries(&[
        (1, one, day("2024-05-10"), Closed, None),
        (2, two, day("2024-05-31"), Closed, None),
        (3, one, day("2025-04-01"), Recent, None),
        (4, one, day("2025-04-02"), Recent, None),
        (5, two, day("2025-05-01"), Recent, None),
        (6, one, day("2025-05-01"), Recent, Some(2)),
        (7, one, day("2025-05-27"), Recent, None),
    ]);
}

#[test]
fn a_month_stands_beside_the_one_before_and_the_year_before() {
    let site = Site::open();
    with_records(&site);
    let page = site.chen().get("/reports/month?month=2025-05");
    page.check(200, "2025 年 5 月").check(200, "民國 114 年").check(200, "資料到 2025/05/27 (二)");
    page.check(200, "上個月到 27 日 2 (+50.0%)").check(200, "去年到 27 日 1 次").check(200, "40").check(200, "知道數量的 1 次");
    page.check(200, "/reports/month?month=2025-04").check(200, "平均 0 次，最多 1 日 2 次");
    assert!(!page.text().contains("month=2025-06\" data-key"), "there is no record after the last month");

    let year_before = site.hui().get("/reports/month?month=2024-05");
    year_before.check(200, "上個月沒有紀錄").check(200, "去年沒有紀錄").check(200, "紀錄裡沒有數量");
    site.hui().get("/reports/month").check(200, "2025 年 5 月");
    site.hui().get("/reports/month?month=2024-08").check(200, "這個月沒有配送紀錄");
    site.hui().get("/reports/month?month=nonsense").check(200, "2025 年 5 月");
    site.ming().get("/reports/month").check(403, "沒有這項權限");
}

#[test]
fn a_month_is_kept_as_a_file() {
    let site = Site::open();
    with_records(&site);
    let file = site.hui().get("/reports/month.csv?month=2025-05");
    let text = file.text();
    assert!(text.starts_with("\u{feff}日期,星期,配送次數,知道數量的次數,公斤\r\n2025-05-01,四,2,1,40\r\n2025-05-02,五,0,0,\r\n"), "{text}");
    assert!(text.ends_with("合計,,3,1,40\r\n"), "{text}");
    assert!(file.response.header("Content-Disposition").unwrap().starts_with("attachment"));
}

#[test]
fn a_month_for_programs() {
    let site = Site::open();
    with_records(&site);
    let month = site.hui().get("/api/v1/reports/monthly?month=2025-05").json();
    assert_eq!(month["totals"], serde_json::json!({"deliveries": 3, "known": 1, "gas_g": 40_000}));
    assert_eq!(month["days"].as_array().unwrap().len(), 27);
    assert_eq!(month["days"][26]["gas_g"], serde_json::Value::Null);
    assert_eq!(month["previous_month"], serde_json::json!({"from": "2025-04-01", "to": "2025-04-27", "deliveries": 2}));
    site.hui().get("/api/v1/reports/monthly?month=2025-13").check(422, "invalid");
}

#[test]
fn without_records_every_page_says_so() {
    let site = Site::open();
    site.hui().get("/reports/month").check(200, "還沒有配送紀錄");
    site.boss().get("/").check(200, "店裡還沒有資料").check(200, "匯入資料");
    site.hui().get("/").check(200, "請經理匯入");
}

#[test]
fn today_shows_what_is_known_and_what_needs_somebody() {
    let site = Site::open();
    with_records(&site);
    site.price_everything();
    let page = site.hui().get("/");
    page.check(200, "05/28 (三)　上午 10:22").check(200, "現在沒有要處理的事").check(200, "2025/05/27 (二)");
    page.check(200, "<dt>5 月配送</dt><dd><a href=\"/reports/month?month=2025-05\">3 次</a>");
    assert_eq!(site.ming().get("/").check(303, "").location(), "/driver", "a driver's day is on his routes");

    let now = site.app.now();
    site.app
        .db
        .write(|tx| luckygas::jobs::store::begin(tx, "archive", now, luckygas::journal::By::program(now)))
        .and_then(|_| luckygas::jobs::mark_cut_off(&site.app))
        .unwrap();
    site.lin().get("/").check(200, "舊配送歸檔").check(200, "沒做成");
    site.hui().get("/").check(200, "現在沒有要處理的事");
}
