//! The shop's files in tests: what an import must come to, as `truth.json` beside them says.
#![allow(dead_code)]

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use luckygas::imports::report::Report;
use luckygas::imports::{self, Source};
use luckygas::journal::By;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::Site;

pub const ORDER: [&str; 6] =
    ["clients.xlsx", "history.xlsx", "legacy.db", "commercial_history.csv", "commercial_history_big5.csv", "residential_plan.xlsx"];

pub fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sample")
}

pub fn truth(folder: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder.join("truth.json")).unwrap()).unwrap()
}

pub fn sources(folder: &Path, names: &[&str]) -> Vec<Source> {
    names.iter().map(|name| Source { name: (*name).to_owned(), path: folder.join(name) }).collect()
}

pub fn import(site: &Site, folder: &Path, names: &[&str]) -> Report {
    imports::import(&site.app, &sources(folder, names), By::program(site.app.now()))
        .unwrap_or_else(|error| panic!("{names:?}: {error} {}", error.user_message()))
}

/// How many problems of each kind the report tells for file `name`.
pub fn problems(report: &Report, name: &str) -> BTreeMap<String, u64> {
    let file = report.files.iter().position(|file| file.name == name).unwrap();
    let mut counts = BTreeMap::new();
    for problem in report.problems.iter().filter(|problem| problem.file == file) {
        *counts.entry(problem.kind.to_owned()).or_default() += u64::from(problem.count);
    }
    counts
}

/// The rows of the problems of `kind`.
pub fn rows_of(report: &Report, name: &str, kind: &str) -> Vec<u64> {
    let file = report.files.iter().position(|file| file.name == name).unwrap();
    let mut rows: Vec<u64> = report
        .problems
        .iter()
        .filter(|problem| problem.file == file && problem.kind == kind)
        .filter_map(|problem| problem.row.map(u64::from))
        .collect();
    rows.sort_unstable();
    rows
}

pub fn one(site: &Site, sql: &str) -> i64 {
    site.app.db.read(|conn| Ok(conn.query_row(sql, [], |row| row.get(0)).unwrap())).unwrap()
}

/// SHA-256 of the lines `code,YYYY-MM-DD` by code as a number, then date.
pub fn deliveries_sha256(site: &Site) -> String {
    let mut lines: Vec<(i64, String)> = site
        .app
        .db
        .read(|conn| {
            let sql = "SELECT CAST(c.customer_code AS INTEGER), d.delivered_on FROM all_deliveries AS d JOIN customers AS c ON c.id = d.customer_id";
            let mut query = conn.prepare(sql).unwrap();
            Ok(query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect())
        })
        .unwrap();
    lines.sort();
    let mut hash = Sha256::new();
    for (code, day) in lines {
        hash.update(format!("{code},{day}\n"));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A hash of everything in the file but what tells of imports themselves.
pub fn content(site: &Site) -> String {
    site.app
        .db
        .read(|conn| {
            let tables: Vec<String> = conn
                .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
                .unwrap()
                .query_map([], |row| row.get(0))
                .unwrap()
                .map(Result::unwrap)
                .filter(|name: &String| !["imports", "import_problems", "journal", "sessions", "job_runs"].contains(&name.as_str()))
                .collect();
            let mut all = String::new();
            for table in tables {
                let mut query = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
                let width = query.column_count();
                let mut rows: Vec<String> = query
                    .query_map([], |row| Ok((0..width).map(|at| format!("{:?}", row.get_ref(at).unwrap())).collect::<Vec<_>>().join("|")))
                    .unwrap()
                    .map(Result::unwrap)
                    .collect();
                rows.sort();
                let hash = Sha256::digest(rows.join("\n"));
                all.push_str(&format!("{table} {} {hash:x?}\n", rows.len()));
            }
            let indexes: Vec<String> = conn
                .prepare("SELECT name FROM sqlite_schema WHERE type = 'index' ORDER BY name")
                .unwrap()
                .query_map([], |row| row.get(0))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            all.push_str(&indexes.join(","));
            Ok(all)
        })
        .unwrap()
}

pub fn csv_rows(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(path).unwrap();
    let head = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
    (head, rows)
}

fn same(expected: &str, stored: &str) -> bool {
    expected == stored || matches!((expected.parse::<f64>(), stored.parse::<f64>()), (Ok(a), Ok(b)) if a == b)
}

/// Every cell of the client list as `expected_clients.csv` has it.
pub fn check_clients(site: &Site, folder: &Path) {
    let (head, rows) = csv_rows(&folder.join("expected_clients.csv"));
    let stored: HashMap<String, Value> = site
        .app
        .db
        .read(|conn| {
            let sql = "SELECT c.customer_code, s.cells FROM customer_sheets AS s JOIN customers AS c ON c.id = s.customer_id";
            let mut query = conn.prepare(sql).unwrap();
            let rows = query.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?))).unwrap();
            Ok(rows.map(Result::unwrap).map(|(code, cells)| (code, serde_json::from_str(&cells).unwrap())).collect())
        })
        .unwrap();
    assert_eq!(stored.len(), rows.len());
    for row in rows {
        let cells = &stored[&row[0]];
        for (heading, expected) in head.iter().zip(&row) {
            let have = cells[heading].as_str().unwrap_or_default();
            assert!(same(expected, have), "customer {} column {heading}: expected {expected:?}, stored {have:?}", row[0]);
        }
    }
}

/// Every customer as `expected_customers.csv` has it. A name no file tells is made up of title or code.
pub fn check_customers(site: &Site, folder: &Path) {
    let (_, rows) = csv_rows(&folder.join("expected_customers.csv"));
    let stored: HashMap<String, [String; 7]> = site
        .app
        .db
        .read(|conn| {
            let sql = "
                SELECT c.customer_code, c.first_source, ifnull(c.invoice_title, ''), c.short_name, ifnull(c.address, ''),
                       count(d.id), ifnull(min(d.delivered_on), ''), ifnull(max(d.delivered_on), '')
                FROM customers AS c LEFT JOIN all_deliveries AS d ON d.customer_id = c.id GROUP BY c.id";
            let mut query = conn.prepare(sql).unwrap();
            let rows = query.query_map([], |row| {
                Ok((
                    row.get(0)?,
                    [row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get::<_, i64>(5)?.to_string(), row.get(6)?, row.get(7)?],
                ))
            });
            Ok(rows.unwrap().map(Result::unwrap).collect())
        })
        .unwrap();
    assert_eq!(stored.len(), rows.len(), "customers");
    for row in rows {
        let mut expected: Vec<String> = row[1..].to_vec();
        if expected[2].is_empty() {
            expected[2] = if expected[1].is_empty() { format!("客戶{}", row[0]) } else { expected[1].clone() };
        }
        assert_eq!(stored[&row[0]].to_vec(), expected, "customer {}", row[0]);
    }
}

/// The kinds whose every row must be told, with exactly these rows.
const TOLD: [&str; 3] = ["skip", "drop cell", "duplicate"];

/// One file alone, in a shop of its own, against its part of the truth.
pub fn check_alone(folder: &Path, name: &str) {
    let truth = truth(folder);
    let file = &truth["files"][name];
    let file = match file["same_as"].as_str() {
        Some(same) => &truth["files"][same],
        None => file,
    };
    let site = Site::open();
    let report = import(&site, folder, &[name]);
    let got = &report.files[0];
    let counts = &report.counts;
    let number = |key: &str| file[key].as_u64();
    let check = |key: &str, have: u64| {
        if let Some(expected) = number(key) {
            assert_eq!(have, expected, "{name}: {key}");
        }
    };
    check("skipped_rows", got.skipped);
    check("duplicate_rows", got.duplicates);
    check("ignored_rows", got.ignored);
    check("deliveries", counts.deliveries_total as u64);
    check("delivery_days", counts.deliveries_total as u64);
    check("completed_delivery_days", counts.deliveries_total as u64);
    check("deliveries_new", counts.deliveries_total as u64);
    check("delivery_rows", if name == "history.xlsx" { got.rows_read } else { number("delivery_rows").unwrap_or(0) });
    check("planned", one(&site, "SELECT count(*) FROM visits WHERE source = 'plan'") as u64);
    check("drops", one(&site, "SELECT count(*) FROM delivery_drops") as u64);
    if name != "legacy.db" {
        check("customers", counts.customers_total as u64);
    }
    check("distinct_customers", counts.customers_total as u64);
    check("distinct_dates", one(&site, "SELECT count(*) FROM delivery_days") as u64);
    check(
        "walk_in_days",
        one(&site, "SELECT count(*) FROM all_deliveries AS d JOIN customers AS c ON c.id = d.customer_id WHERE c.is_walk_in") as u64,
    );
    check(
        "days_with_two_drops",
        one(&site, "SELECT count(*) FROM (SELECT 1 FROM delivery_drops GROUP BY delivery_id HAVING 1 < count(*))") as u64,
    );
    check("rows_with_quantities", if name == "legacy.db" { one(&site, "SELECT sum(known) FROM delivery_days") as u64 } else { 0 });
    check("terminated", one(&site, "SELECT count(*) FROM customers WHERE is_terminated") as u64);
    if let Some(expected) = file["deliveries_sha256"].as_str() {
        assert_eq!(deliveries_sha256(&site), expected, "{name}");
    }
    for totals in ["quantity_totals", "completed_quantity_totals"] {
        for (size, expected) in file[totals].as_object().into_iter().flatten() {
            assert_eq!(
                one(&site, &format!("SELECT ifnull(sum(qty_{size}), 0) FROM all_deliveries")),
                expected.as_i64().unwrap(),
                "{name}: {size} kg"
            );
        }
    }
    for (heading, expected) in file["quantity_sums"].as_object().into_iter().flatten() {
        let sum = one(&site, &format!("SELECT ifnull(sum(json_extract(cells, '$.\"{heading}\"')), 0) FROM customer_sheets"));
        assert_eq!(sum, expected.as_i64().unwrap(), "{name}: {heading}");
    }
    for (table, key) in [("area_counts", "區域"), ("pricing_counts", "計價方式"), ("payment_counts", "結帳方式")] {
        for (value, expected) in file[table].as_object().into_iter().flatten() {
            let have = one(
                &site,
                &format!("SELECT count(*) FROM customer_sheets WHERE ifnull(json_extract(cells, '$.\"{key}\"'), '') = '{value}'"),
            );
            assert_eq!(have, expected.as_i64().unwrap(), "{name}: {key} {value}");
        }
    }
    for (year, expected) in file["per_roc_year"].as_object().into_iter().flatten() {
        let year = year.parse::<i64>().unwrap() + 1911;
        assert_eq!(
            one(&site, &format!("SELECT sum(deliveries) FROM delivery_days WHERE delivered_on LIKE '{year}-%'")),
            expected.as_i64().unwrap()
        );
    }
    for (kind, problem) in truth["files"][name]["problems"].as_object().into_iter().flatten() {
        if TOLD.contains(&problem["outcome"].as_str().unwrap()) {
            let mut rows: Vec<u64> =
                problem.get("rows").or(problem.get("ids")).unwrap().as_array().unwrap().iter().map(|row| row.as_u64().unwrap()).collect();
            rows.sort_unstable();
            assert_eq!(rows_of(&report, name, kind), rows, "{name}: {kind}");
        }
    }
    if name == "clients.xlsx" {
        check_clients(&site, folder);
    }
    sound(&site);
}

/// `luckygas check` finds nothing wrong.
pub fn sound(site: &Site) {
    for finding in site.app.db.read(luckygas::db::check).unwrap() {
        assert!(finding.is_good, "{}: {}", finding.what, finding.detail);
    }
}

/// Everything in the shop against `all` of the truth.
pub fn check_all(site: &Site, folder: &Path) {
    let truth = truth(folder);
    let all = &truth["all"];
    assert_eq!(one(site, "SELECT count(*) FROM customers"), all["customers"].as_i64().unwrap());
    assert_eq!(one(site, "SELECT count(*) FROM all_deliveries"), all["deliveries"].as_i64().unwrap());
    assert_eq!(deliveries_sha256(site), all["sha256"].as_str().unwrap());
    assert_eq!(one(site, "SELECT count(*) FROM delivery_days"), all["distinct_dates"].as_i64().unwrap());
    for (month, expected) in all["per_month"].as_object().unwrap() {
        let (year, month) = month.split_once('-').unwrap();
        let year = year.parse::<i64>().unwrap() + 1911;
        let sql = format!("SELECT ifnull(sum(deliveries), 0) FROM delivery_days WHERE delivered_on LIKE '{year}-{month}-%'");
        assert_eq!(one(site, &sql), expected.as_i64().unwrap(), "{year}-{month}");
    }
    sound(site);
}
