//! Closing the past changes where rows stand, and no answer.

mod support;

use luckygas::deliveries::live::{self, Visit};
use luckygas::deliveries::{Load, archive};
use luckygas::http::Method;
use luckygas::urls::URLS;
use support::deliveries::Table::Recent;
use support::{Browser, Site, day};

/// Five customers with 400 deliveries over two years, none of them closed yet, some with two visits.
fn two_years(site: &Site) {
    let customers: Vec<_> =
        (0..5).map(|at| site.add_customer(&format!("100001{at}"), &format!("第 {at} 家"), (at % 2 == 0).then_some("A-甲區"))).collect();
    let last = day("2025-05-28");
    let rows: Vec<_> = (0..400)
        .map(|at| (1 + (at * 7919) % 100_003, customers[at as usize % 5], last.plus(-(at * 2)), Recent, (at % 4 == 0).then_some(at % 3)))
        .collect();
    site.add_deliveries(&rows);
    for at in [0, 100, 399] {
        site.add_drop(1 + (at * 7919) % 100_003, "09:10", Some(1));
        site.add_drop(1 + (at * 7919) % 100_003, "15:30", None);
    }
}

/// Every address of a reading kind with what it answers, each page of each list followed to its end.
fn answers(browser: &Browser) -> Vec<(String, String)> {
    let mut waiting: Vec<String> = vec!["/deliveries".into(), "/reports/month".into(), "/".into(), "/data/export/deliveries.csv".into()];
    for id in 1..=5 {
        waiting.push(format!("/customers/{id}/deliveries"));
        waiting.push(format!("/api/v1/customers/{id}/deliveries?limit=30"));
        for target in ["/customers/{id}", "/api/v1/customers/{id}"] {
            if URLS.iter().any(|url| url.method == Method::Get && url.pattern == target) {
                waiting.push(target.replace("{id}", &id.to_string()));
            }
        }
    }
    for at in 0..800 {
        let on = day("2025-05-30").plus(-at);
        waiting.push(format!("/api/v1/deliveries?date={on}"));
        waiting.push(format!("/deliveries?date={on}"));
        if on.day_of_month() == 1 {
            let month = on.month();
            for target in ["/reports/month", "/reports/month.csv", "/api/v1/reports/monthly"] {
                waiting.push(format!("{target}?month={month}"));
            }
        }
    }
    let mut answers: Vec<(String, String)> = Vec::new();
    while let Some(target) = waiting.pop() {
        if answers.iter().any(|(have, _)| *have == target) {
            continue;
        }
        let answer = browser.get(&target);
        let text = answer.check(200, "").text();
        if let Some(cursor) = text.split("\"next_cursor\":\"").nth(1).and_then(|rest| rest.split('"').next()) {
            waiting.push(format!("{}&cursor={cursor}", target.split("&cursor").next().unwrap()));
        }
        waiting.extend(
            text.split("href=\"")
                .skip(1)
                .filter_map(|part| part.split('"').next())
                .filter(|link| link.contains("deliveries?before"))
                .map(str::to_owned),
        );
        answers.push((target, without_the_moment(&text)));
    }
    answers
}

/// A page says how much of the journal it has seen, which grows.
fn without_the_moment(page: &str) -> String {
    match page.split_once("<meta name=\"live\" content=\"") {
        Some((before, after)) => format!("{before}{}", after.trim_start_matches(|digit: char| digit.is_ascii_digit())),
        None => page.to_owned(),
    }
}

fn standing(site: &Site) -> (i64, i64) {
    site.app
        .db
        .read(|conn| {
            let count = |table: &str| conn.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
            Ok((count("deliveries"), count("delivery_history")))
        })
        .unwrap()
}

#[test]
fn no_screen_and_no_answer_changes_when_the_past_is_closed() {
    let site = Site::open();
    two_years(&site);
    let browser = site.boss();
    let before = answers(&browser);
    assert!(1_600 < before.len(), "only {} answers", before.len());
    assert_eq!(standing(&site), (400, 0));

    let moved = archive::run(&site.app).unwrap() as i64;
    assert_eq!(standing(&site), (400 - moved, moved));
    assert_eq!(moved, 309, "181 days lie back to 28 November, every second one has a row: 91 stay");

    for ((target, before), (again, after)) in before.iter().zip(&answers(&browser)) {
        assert_eq!((target, before), (again, after));
    }
    let findings = site.app.db.read(luckygas::db::check).unwrap();
    assert!(findings.iter().all(|finding| finding.is_good), "{findings:#?}");
}

#[test]
fn closing_twice_is_harmless_and_is_in_the_journal_once() {
    let site = Site::open();
    two_years(&site);
    assert_eq!(archive::run(&site.app).unwrap(), 309);
    assert_eq!(archive::run(&site.app).unwrap(), 0);
    let journal: Vec<String> = site
        .app
        .db
        .read(|conn| {
            let mut query = conn.prepare("SELECT change FROM journal WHERE verb = 'archive'").unwrap();
            Ok(query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect())
        })
        .unwrap();
    assert_eq!(journal, [r#"{"moved":309,"older_than":"2024-11-28"}"#]);
}

#[test]
fn a_closed_delivery_does_not_change() {
    let site = Site::open();
    two_years(&site);
    archive::run(&site.app).unwrap();
    for sql in ["UPDATE delivery_history SET qty_20 = 1", "DELETE FROM delivery_history"] {
        let refused = site.app.db.write(|tx| Ok(tx.execute(sql, []).unwrap_err().to_string())).unwrap();
        assert!(refused.contains("are closed"), "{refused}");
    }
}

#[test]
fn a_stop_between_batches_loses_nothing() {
    let site = Site::open();
    two_years(&site);
    site.app.stop();
    assert_eq!(archive::run(&site.app).unwrap(), 0);
    assert_eq!(standing(&site), (400, 0));
    let moved = site.app.db.write(|tx| luckygas::deliveries::store::close(tx, day("2024-11-28"), 100)).unwrap();
    assert_eq!((moved, standing(&site)), (100, (300, 100)));
    let findings = site.app.db.read(luckygas::db::check).unwrap();
    assert!(findings.iter().all(|finding| finding.is_good), "{findings:#?}");
}

#[test]
fn the_day_counts_agree_with_the_rows_after_every_way_of_writing() {
    use luckygas::deliveries::import::{Row, Writer};
    use luckygas::deliveries::{Load, Source};
    let site = Site::open();
    let customer = site.add_customer("1000017", "好味小吃", None);
    let today = day("2025-05-28");
    for from in [0, 5] {
        let write = |tx: &rusqlite::Transaction| {
            let mut writer = Writer::new(tx, today.plus(-from))?;
            for at in 0..300 {
                let load = Load([None, (at % 3 == 0).then_some(at % 4), None, None, (at % 7 == 0).then_some(1)]);
                let on = today.plus(-at - 300 * from);
                let (driver_name, note, recorded, import) = (None, None, None, None);
                writer.add(&Row { customer, on, source: Source::Commercial, at_time: None, load, driver_name, note, recorded, import })?;
            }
            writer.finish()
        };
        site.app.db.write(write).unwrap();
        let agree = || site.app.db.read(luckygas::db::check).unwrap().iter().all(|finding| finding.is_good);
        assert!(agree());
        archive::run(&site.app).unwrap();
        assert!(agree());
    }
}

/// With the clock ten years ahead everything is old. When it is put right, today is open again.
#[test]
fn a_clock_that_ran_ahead_keeps_nobody_from_delivering_today() {
    let site = Site::open();
    let customer = site.add_customer("1000010", "第一家", None);
    let visit = |qty| {
        let load = Load([None, Some(qty), None, None, None]);
        let visit = Visit { customer, on: day("2025-05-28"), at: site.app.now(), load, driver_name: Some("阿明") };
        site.app.db.write(|tx| live::add(tx, visit)).unwrap()
    };
    let first = visit(2);
    let ten_years = 10 * 365 * 24 * 60;
    site.wait_minutes(ten_years);
    assert_eq!(archive::run(&site.app).unwrap(), 1);
    site.wait_minutes(60 - ten_years);

    assert_eq!(visit(1), first, "a day of one customer is one row");

    let row = "SELECT count(*), sum(qty_20), (SELECT count(*) FROM delivery_drops) FROM deliveries";
    let counts = site.app.db.read(|conn| Ok(conn.query_row(row, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap())).unwrap();
    assert_eq!(counts, (1, 3, 2));
    for finding in site.app.db.read(luckygas::db::check).unwrap() {
        assert!(finding.is_good, "{}: {}", finding.what, finding.detail);
    }
    site.app.db.write(|tx| live::take_back(tx, first, site.app.now(), Load([None, Some(1), None, None, None]), None)).unwrap();
}
