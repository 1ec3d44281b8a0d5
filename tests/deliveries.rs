//! What was brought, to whom and when: one customer's history, a day, the file of all of it.

mod support;

use luckygas::deliveries::{Place, store};
use luckygas::values::{CustomerId, Day};
use proptest::prelude::*;
use support::deliveries::Table::{self, Closed, Recent};
use support::{Site, day};

/// 好味小吃 with 130 deliveries, every third day back from 27 May 2025, older than six months closed.
fn with_history(site: &Site) -> CustomerId {
    let customer = site.add_customer("1000017", "好味小吃", Some("A-甲區"));
    let last = day("2025-05-27");
    let rows: Vec<_> = (0..130)
        .map(|at| {
            let on = last.plus(-3 * at);
            (1000 - at, customer, on, if on < day("2024-11-28") { Closed } else { Recent }, (at % 5 == 0).then_some(2))
        })
        .collect();
    site.add_deliveries(&rows);
    customer
}

/// Every `/customers/1/deliveries?…` in the page, unescaped.
fn links(page: &str) -> Vec<String> {
    page.split("href=\"").skip(1).filter_map(|part| part.split('"').next()).map(|link| link.replace("&amp;", "&")).collect()
}

#[test]
fn a_history_is_read_page_by_page_and_back() {
    let site = Site::open();
    let customer = with_history(&site);
    let hui = site.hui();
    let first = hui.get(&format!("/customers/{customer}/deliveries"));
    first.check(200, "共 130 次").check(200, "2025/05/27 (二)").check(200, "第 1–50 筆，共 130 筆").check(200, "3 天");
    let older = |page: &str| links(page).into_iter().rfind(|link| link.contains("before=")).unwrap();
    let newer = |page: &str| links(page).into_iter().find(|link| link.contains("after=")).unwrap();
    assert!(!first.text().contains("after="), "nothing is newer than the newest");

    let second = hui.get(&older(&first.text()));
    second.check(200, "第 51–100 筆");
    let third = hui.get(&older(&second.text()));
    third.check(200, "第 101–130 筆").check(200, "第一次");
    // Around the list each page names its own address.
    let list = |page: &str| page.split_once("<main").unwrap().1.to_owned();
    assert_eq!(list(&hui.get(&newer(&third.text())).text()), list(&second.text()));
    assert_eq!(list(&hui.get(&newer(&second.text())).text()), list(&first.text()));

    hui.get(&format!("/customers/{customer}/deliveries?before=2025-01-01.0")).check(200, "2024/12/31 (二)").check(200, "第 50–99 筆");
    hui.get(&format!("/customers/{customer}/deliveries?before=nonsense")).check(200, "第 1–50 筆");
    hui.get("/customers/999/deliveries").check(404, "找不到客戶 999");
    let nobody_yet = site.add_customer("1000018", "新客戶", None);
    hui.get(&format!("/customers/{nobody_yet}/deliveries")).check(200, "還沒有配送紀錄");
}

#[test]
fn an_unknown_quantity_is_a_dash_and_a_day_may_hold_two_visits() {
    let site = Site::open();
    let customer = site.add_customer("1000017", "好味小吃", None);
    site.add_deliveries(&[
        (1, customer, day("2025-05-20"), Recent, None),
        (2, customer, day("2025-05-21"), Recent, Some(3)),
        (3, customer, day("2025-05-22"), Recent, Some(0)),
    ]);
    site.add_drop(2, "09:10", Some(1));
    site.add_drop(2, "15:30", Some(2));
    let page = site.hui().get(&format!("/customers/{customer}/deliveries"));
    page.check(200, "20KG × 3").check(200, "09:10 20KG × 1").check(200, "15:30 20KG × 2").check(200, "—");

    let rows = site.hui().get(&format!("/api/v1/customers/{customer}/deliveries")).json();
    let rows = rows["deliveries"].as_array().unwrap();
    assert_eq!(rows[2]["qty_20"], serde_json::Value::Null);
    assert_eq!(rows[2]["gas_g"], serde_json::Value::Null);
    assert_eq!(rows[0]["gas_g"], 0);
    assert_eq!(rows[1]["gas_g"], 60_000);
    assert_eq!(rows[1]["drops"][1]["qty_20"], 2);
}

#[test]
fn a_day_is_listed_by_area_with_the_days_beside_it() {
    let site = Site::open();
    let (first, second, third) = (
        site.add_customer("1000020", "東門麵店", Some("B-乙區")),
        site.add_customer("1000017", "好味小吃", Some("A-甲區")),
        site.add_customer("999", "路邊攤", None),
    );
    site.add_deliveries(&[
        (1, first, day("2025-05-20"), Recent, Some(1)),
        (2, second, day("2025-05-20"), Recent, None),
        (3, third, day("2025-05-20"), Recent, None),
        (4, first, day("2024-01-05"), Closed, None),
        (5, first, day("2025-05-26"), Recent, None),
    ]);
    let hui = site.hui();
    let page = hui.get("/deliveries?date=2025-05-20");
    page.check(200, "3 次配送，其中 1 次知道數量，共 20 公斤").check(200, "民國114年5月20日");
    let text = page.text();
    let at = |word: &str| text.rfind(word).unwrap_or_else(|| panic!("{word} is missing"));
    assert!(at("好味小吃") < at("東門麵店") && at("東門麵店") < at("路邊攤"), "by area, 未分區 last");
    assert!(text.contains("/deliveries?date=2024-01-05") && text.contains("/deliveries?date=2025-05-26"));

    hui.get("/deliveries").check(200, "2025/05/26 (一)");
    hui.get("/deliveries?date=2025-05-21").check(200, "這一天沒有配送").check(200, "/deliveries?date=2025-05-26");
    hui.get("/deliveries?date=%E5%A4%A9").check(422, "看不懂這個日期").check(422, "天");

    let json = hui.get("/api/v1/deliveries?date=2025-05-20").json();
    assert_eq!(json["deliveries"].as_array().unwrap().len(), 3);
    assert_eq!(json["deliveries"][0]["customer_code"], "1000017");
    hui.get("/api/v1/deliveries?date=20250520").check(422, "invalid");
}

#[test]
fn a_day_without_any_history_says_so() {
    let site = Site::open();
    site.hui().get("/deliveries").check(200, "這一天沒有配送").check(200, "2025/05/28 (三)");
}

#[test]
fn programs_page_with_a_cursor() {
    let site = Site::open();
    let customer = with_history(&site);
    let hui = site.hui();
    let (mut ids, mut target) = (Vec::new(), format!("/api/v1/customers/{customer}/deliveries?limit=60"));
    loop {
        let page = hui.get(&target).json();
        ids.extend(page["deliveries"].as_array().unwrap().iter().map(|row| row["id"].as_i64().unwrap()));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        target = format!("/api/v1/customers/{customer}/deliveries?limit=60&cursor={cursor}");
    }
    assert_eq!(ids, (871..=1000).rev().collect::<Vec<_>>());
    for query in ["limit=0", "limit=501", "limit=x", "cursor=x", "cursor=2025-02-30.1"] {
        hui.get(&format!("/api/v1/customers/{customer}/deliveries?{query}")).check(422, "invalid");
    }
}

#[test]
fn the_file_of_all_deliveries_is_in_order_and_calculates_nothing() {
    let site = Site::open();
    let (second, first) = (site.add_customer("1000017", "好味小吃", None), site.add_customer("999", "路邊攤", None));
    site.add_deliveries(&[
        (7, second, day("2024-01-05"), Closed, None),
        (8, second, day("2025-05-20"), Recent, Some(2)),
        (9, first, day("2025-05-21"), Recent, None),
    ]);
    site.app
        .db
        .write(|tx| {
            tx.execute("UPDATE deliveries SET note = '=1+1', at_time = '09:10' WHERE id = 8", []).unwrap();
            Ok(())
        })
        .unwrap();
    let file = site.lin().get("/data/export/deliveries.csv");
    assert_eq!(
        file.text(),
        "\u{feff}客戶代號,交易日期,來源,交易時間,50KG,20KG,16KG,10KG,4KG,司機,備註\r\n\
         999,2025-05-21,歷史檔,,,,,,,,\r\n\
         1000017,2024-01-05,歷史檔,,,,,,,,\r\n\
         1000017,2025-05-20,歷史檔,09:10,,2,,,,,'=1+1\r\n"
    );
    site.hui().get("/data/export/deliveries.csv").check(403, "沒有這項權限");
    site.ming().get("/deliveries").check(403, "沒有這項權限");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// However the rows are split over the two tables, a walk by any page size meets each once, in order,
    /// and a walk back meets them again.
    #[test]
    fn a_walk_meets_every_delivery_once(
        rows in prop::collection::vec((0i64..40, any::<bool>(), 0i64..2), 0..120),
        most in 1usize..30,
    ) {
        let site = Site::open();
        let customers = [site.add_customer("1", "甲", None), site.add_customer("2", "乙", None)];
        let start: Day = day("2024-12-20");
        let rows: Vec<_> = rows
            .iter()
            .enumerate()
            .map(|(at, (days, recent, who))| {
                let table = if *recent { Table::Recent } else { Table::Closed };
                // Ids in no order of day, and unique over both tables.
                ((at as i64 * 7919) % 100_003 + 1, customers[*who as usize], start.plus(*days), table, None)
            })
            .collect();
        site.add_deliveries(&rows);
        for customer in customers {
            let mut expected: Vec<_> = rows.iter().filter(|row| row.1 == customer).map(|row| (row.2, row.0)).collect();
            expected.sort_unstable();
            expected.reverse();
            let (mut seen, mut place, mut pages) = (Vec::new(), Place::Newest, Vec::new());
            loop {
                let page = site.app.db.read(|conn| store::of_customer(conn, customer, place, most)).unwrap();
                seen.extend(page.deliveries.iter().map(|delivery| (delivery.delivered_on, delivery.id.0)));
                let older = page.older;
                pages.push(page);
                let Some(cursor) = older else { break };
                place = Place::Before(cursor);
            }
            prop_assert_eq!(&seen, &expected);
            for at in (1..pages.len()).rev() {
                let back = site.app.db.read(|conn| store::of_customer(conn, customer, Place::After(pages[at].newer.unwrap()), most)).unwrap();
                prop_assert_eq!(&back.deliveries, &pages[at - 1].deliveries);
                prop_assert_eq!(&back.intervals, &pages[at - 1].intervals);
            }
            let span = site.app.db.read(|conn| store::span_of(conn, customer)).unwrap();
            prop_assert_eq!(span.as_ref().map_or(0, |span| span.count), expected.len() as i64);
            prop_assert_eq!(span.as_ref().map(|span| (span.last_on, span.first_on)), expected.first().map(|row| row.0).zip(expected.last().map(|row| row.0)));
        }
    }
}

#[test]
fn the_command_line_writes_the_same_file() {
    let site = Site::open();
    with_history(&site);
    let file = site.lin().get("/data/export/deliveries.csv").text();
    let folder = site.close();
    let luckygas = |words: &[&str]| {
        let data = ["--data", folder.0.to_str().unwrap(), "--log", "error"];
        std::process::Command::new(env!("CARGO_BIN_EXE_luckygas")).args(words).args(data).output().unwrap()
    };
    assert_eq!(String::from_utf8(luckygas(&["export", "deliveries"]).stdout).unwrap(), file);
    let path = folder.0.join("out.csv");
    assert!(luckygas(&["export", "deliveries", "--out", path.to_str().unwrap()]).status.success());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), file);
    for (words, code) in [(&["export"][..], 2), (&["export", "stars"], 2), (&["export", "deliveries", "--out", "/nowhere/out.csv"], 1)] {
        let done = luckygas(words);
        assert_eq!((done.status.code(), String::from_utf8(done.stderr).unwrap().lines().count()), (Some(code), 1), "{words:?}");
    }
    let conn = rusqlite::Connection::open(folder.0.join("luckygas.db")).unwrap();
    let told = "SELECT count(*) FROM journal WHERE verb = 'export' AND noun = 'delivery' AND user_id IS NULL AND change = '{\"rows\":130}'";
    assert_eq!(conn.query_row(told, [], |row| row.get::<_, i64>(0)), Ok(2), "each file that left the shop, and no refusal");
}
