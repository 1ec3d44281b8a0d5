//! `luckygas check`: is the file whole, and do its sums agree with its rows?

use rusqlite::Connection;

use crate::error::{Doing, Result};

/// One question asked of the file, and the answer.
#[derive(Debug)]
pub struct Finding {
    pub what: &'static str,
    pub is_good: bool,
    /// Counts and table names only.
    pub detail: String,
}

/// All the questions, in the order a person reads them. Reads the whole file: seconds, not milliseconds.
pub fn check(conn: &Connection) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut note = |what, is_good, detail: String| findings.push(Finding { what, is_good, detail });

    let verdict: String = conn.query_row("PRAGMA integrity_check", [], |row| row.get(0)).doing("check the file's integrity")?;
    note("檔案完整", verdict == "ok", verdict);

    let broken = count(conn, "SELECT count(*) FROM pragma_foreign_key_check")?;
    note("關聯正確", broken == 0, format!("{broken} 筆不符"));

    let version: i32 = conn.query_row("PRAGMA user_version", [], |row| row.get(0)).doing("read the schema version")?;
    note("資料版本", version == super::VERSION, format!("{version}，程式是 {}", super::VERSION));

    let lost = count(conn, LOST_ROWS)?;
    note("配送明細有主", lost == 0, format!("{lost} 筆找不到"));

    let both = count(conn, "SELECT count(*) FROM deliveries AS d JOIN delivery_history AS h ON h.id = d.id")?;
    note("配送不重複", both == 0, format!("{both} 筆在兩處"));

    let unsearchable = count(conn, "SELECT count(*) FROM customers WHERE id NOT IN (SELECT customer_id FROM customer_search)")?;
    note("客戶都找得到", unsearchable == 0, format!("{unsearchable} 位沒有搜尋鍵"));

    let unsearchable = count(conn, "SELECT count(*) FROM orders WHERE id NOT IN (SELECT order_id FROM order_search)")?;
    note("訂單都找得到", unsearchable == 0, format!("{unsearchable} 張沒有搜尋鍵"));

    let wrong = count(conn, WRONG_DAYS)?;
    note("每日統計相符", wrong == 0, format!("{wrong} 天不符"));
    Ok(findings)
}

const LOST_ROWS: &str = "
    SELECT (SELECT count(*) FROM delivery_drops WHERE delivery_id NOT IN (SELECT id FROM all_deliveries))
         + (SELECT count(*) FROM orders WHERE delivery_id IS NOT NULL AND delivery_id NOT IN (SELECT id FROM all_deliveries))
         + (SELECT count(*) FROM all_deliveries WHERE recorded_id IS NOT NULL AND recorded_id NOT IN (SELECT id FROM recorded_names))
         + (SELECT count(*) FROM all_deliveries WHERE import_id IS NOT NULL AND import_id NOT IN (SELECT id FROM imports))";

/// Days whose summary differs from a count made afresh, either way.
const WRONG_DAYS: &str = "
    WITH fresh AS (
        SELECT delivered_on,
               count(*) AS deliveries,
               count(coalesce(qty_50, qty_20, qty_16, qty_10, qty_4)) AS known,
               1000 * sum(50 * ifnull(qty_50, 0) + 20 * ifnull(qty_20, 0) + 16 * ifnull(qty_16, 0)
                          + 10 * ifnull(qty_10, 0) + 4 * ifnull(qty_4, 0)) AS gas_g
        FROM all_deliveries
        GROUP BY delivered_on
    ), kept AS (
        SELECT delivered_on, deliveries, known, gas_g FROM delivery_days WHERE 0 < deliveries
    )
    SELECT count(*) FROM (
        SELECT * FROM (SELECT * FROM fresh EXCEPT SELECT * FROM kept)
        UNION ALL
        SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM fresh)
    )";

fn count(conn: &Connection, sql: &str) -> Result<i64> {
    conn.query_row(sql, [], |row| row.get(0)).doing("count for the check")
}
