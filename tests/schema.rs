//! A shop an earlier version of the program has left is opened by this one: nothing is lost, and work goes on.

mod support;

use std::collections::BTreeMap;

use luckygas::app::{App, Clock};
use luckygas::db;
use luckygas::orders::Status;
use luckygas::start;
use luckygas::users::Role;
use luckygas::values::CustomerId;
use rusqlite::Connection;
use support::{Folder, Site};

/// The shops of earlier versions, by the schema they have.
const SHOPS: [(i32, &str); 3] =
    [(1, include_str!("data/schema/v1.sql")), (2, include_str!("data/schema/v2.sql")), (3, include_str!("data/schema/v3.sql"))];

fn lay(sql: &str) -> Folder {
    let folder = Folder::new();
    let conn = Connection::open(folder.0.join("luckygas.db")).unwrap();
    conn.execute_batch(sql).unwrap();
    folder
}

/// Opens the shop as the program does, which brings it up to date.
fn open_shop(folder: &Folder) -> luckygas::Result<App> {
    start::open(&folder.0, Clock::Fixed(support::now()), &|_| ())
}

fn open(folder: &Folder) -> Connection {
    Connection::open(folder.0.join("luckygas.db")).unwrap()
}

fn version(conn: &Connection) -> i32 {
    conn.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap()
}

/// By table: its columns, and every row as text.
type Rows = BTreeMap<String, (Vec<String>, Vec<String>)>;

fn rows(conn: &Connection, columns: &[String], table: &str) -> Vec<String> {
    let names: Vec<String> = columns.iter().map(|name| format!("\"{name}\"")).collect();
    let mut query = conn.prepare(&format!("SELECT {} FROM {table}", names.join(", "))).unwrap();
    let row =
        |row: &rusqlite::Row| Ok((0..columns.len()).map(|at| format!("{:?}", row.get_ref(at).unwrap())).collect::<Vec<_>>().join("|"));
    let mut rows: Vec<String> = query.query_map([], row).unwrap().map(Result::unwrap).collect();
    rows.sort();
    rows
}

fn everything(conn: &Connection) -> Rows {
    let mut query = conn.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'").unwrap();
    let tables: Vec<String> = query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let read = |table: String| {
        let mut query = conn.prepare("SELECT name FROM pragma_table_info(?1)").unwrap();
        let columns: Vec<String> = query.query_map([&table], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        let rows = rows(conn, &columns, &table);
        (table, (columns, rows))
    };
    tables.into_iter().map(read).collect()
}

#[test]
fn every_row_of_an_older_shop_is_kept() {
    for (before, sql) in SHOPS {
        let folder = lay(sql);
        let was = everything(&open(&folder));
        assert_eq!(version(&open(&folder)), before);
        assert!(was.values().map(|(_, rows)| rows.len()).sum::<usize>() > 100, "the shop of schema {before} is empty");
        for again in [false, true] {
            drop(open_shop(&folder).unwrap());
            let conn = open(&folder);
            assert_eq!(version(&conn), db::VERSION);
            for (table, (columns, kept)) in &was {
                let mut now = rows(&conn, columns, table);
                // Beside what it kept, it says that it was brought up to date.
                if table == "journal" {
                    let upgrade = now.iter().position(|row| !kept.contains(row)).unwrap();
                    now.remove(upgrade);
                }
                assert_eq!(&now, kept, "{table} of schema {before}, opened again: {again}");
            }
        }
        let findings = db::check(&open(&folder)).unwrap();
        let bad: Vec<_> = findings.iter().filter(|finding| !finding.is_good).collect();
        assert!(bad.is_empty(), "schema {before}: {bad:?}");
    }
}

#[test]
fn an_older_shop_is_as_a_new_one_would_be() {
    let shape = |conn: &Connection| -> Vec<String> {
        let mut query = conn.prepare("SELECT type || ' ' || name FROM sqlite_schema ORDER BY 1").unwrap();
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let new = Folder::new();
    drop(App::open(&new.0, Clock::Fixed(support::now())).unwrap());
    for (before, sql) in SHOPS {
        let folder = lay(sql);
        drop(open_shop(&folder).unwrap());
        assert_eq!(shape(&open(&folder)), shape(&open(&new)), "schema {before}");
        // What is shipped with the schema is there too.
        for table in ["products", "holidays"] {
            let all = everything(&open(&folder));
            assert_eq!(all[table], everything(&open(&new))[table], "{table} of schema {before}");
        }
    }
}

#[test]
fn orders_a_driver_had_before_there_were_routes_stand_on_one_each_day() {
    let folder = lay(SHOPS[1].1);
    drop(open_shop(&folder).unwrap());
    let conn = open(&folder);
    let mut query = conn
        .prepare(
            "SELECT r.route_number, r.status, s.seq, o.id, o.status
             FROM stops AS s
             JOIN routes AS r ON r.id = s.route_id AND r.driver_id = 5
             JOIN orders AS o ON o.id = s.order_id AND o.driver_id = 5
             WHERE s.status = 'pending'
             ORDER BY 1, 3",
        )
        .unwrap();
    let row = |row: &rusqlite::Row| {
        Ok(format!(
            "{} {} {} {} {}",
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, i64>(2)?,
            row.get::<_, i64>(3)?,
            row.get::<_, String>(4)?
        ))
    };
    let stops: Vec<String> = query.query_map([], row).unwrap().map(Result::unwrap).collect();
    assert_eq!(
        stops,
        [
            "R-20261122-01 in_progress 1 4 in_delivery",
            "R-20261122-01 in_progress 2 5 in_delivery",
            "R-20261122-01 in_progress 3 6 assigned",
            "R-20261122-01 in_progress 4 7 assigned",
            "R-20261123-01 published 1 9 assigned",
        ]
    );
    let routes: i64 = conn.query_row("SELECT count(*) FROM routes", [], |row| row.get(0)).unwrap();
    assert_eq!(routes, 2);
}

#[test]
fn a_step_that_fails_leaves_the_shop_as_it_was() {
    let (before, sql) = SHOPS[0];
    let folder = lay(sql);
    // Something stands where the new schema wants to build, after much of it has been built.
    open(&folder).execute_batch("CREATE TABLE due_skips (x INTEGER)").unwrap();
    let was = everything(&open(&folder));
    assert!(open_shop(&folder).is_err());
    assert_eq!(version(&open(&folder)), before);
    assert_eq!(everything(&open(&folder)), was);
    open(&folder).execute_batch("DROP TABLE due_skips").unwrap();
    drop(open_shop(&folder).unwrap());
    assert_eq!(version(&open(&folder)), db::VERSION);
}

#[test]
fn work_goes_on_in_an_older_shop() {
    let site = Site::of(lay(SHOPS[0].1));
    let hui = site.sign_in("xiaohui", "gas-and-flame-1");
    hui.get("/customers?q=213").check(200, "範例小吃店");
    hui.get("/customers/2").check(200, "王小姐").check(200, "089-322112");
    hui.get("/customers/2/deliveries").check(200, "2025/04/10");
    hui.get("/orders").check(200, "這一天還沒有訂單");
    assert!(site.app.settings().shop_name == "範例煤氣行" && site.app.settings().order_days == 30);
    site.lin().get("/imports/3").check(200, "收回");

    site.add_prices();
    let order = site.take(CustomerId(2), &[("C20", 2)]);
    assert_eq!((order.number.as_str(), order.totals.total.0, order.status), ("ORD-20250528-0001", 1_700, Status::Confirmed));
    assert_eq!(order.contact_phone.as_deref(), Some("0900-000-213"));
    let late = site.take_as(Role::OfficeStaff, &site.new_order(CustomerId(4), &[("C16-LUCKY", 1)]), Status::Pending);
    hui.get("/orders").check(200, late.short_number()).check(200, "木瓜冰店二店");
    site.check_file();
}
