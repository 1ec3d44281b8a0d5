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

    for question in TOTALS {
        findings.push(question.ask(conn)?);
    }
    Ok(findings)
}

/// A question of how many rows differ from what they should be; none is good.
pub struct Question {
    pub what: &'static str,
    sql: &'static str,
    unit: &'static str,
}

impl Question {
    pub fn ask(&self, conn: &Connection) -> Result<Finding> {
        let wrong = count(conn, self.sql)?;
        Ok(Finding { what: self.what, is_good: wrong == 0, detail: format!("{wrong} {}", self.unit) })
    }
}

/// Whether what is kept in step by each write (sums, counts, balances, numbers) is what its rows add up to. Each is one
/// statement, so that it is of one moment.
pub const TOTALS: &[Question] = &[
    Question { what: "配送明細有主", sql: LOST_ROWS, unit: "筆找不到" },
    Question {
        what: "配送不重複",
        sql: "SELECT count(*) FROM deliveries AS d JOIN delivery_history AS h ON h.id = d.id",
        unit: "筆在兩處",
    },
    Question {
        what: "客戶都找得到",
        sql: "SELECT count(*) FROM customers WHERE id NOT IN (SELECT customer_id FROM customer_search)",
        unit: "位沒有搜尋鍵",
    },
    Question {
        what: "訂單都找得到",
        sql: "SELECT count(*) FROM orders WHERE id NOT IN (SELECT order_id FROM order_search)",
        unit: "張沒有搜尋鍵",
    },
    Question { what: "每日統計相符", sql: WRONG_DAYS, unit: "天不符" },
    Question { what: "單號不跳號", sql: WRONG_NUMBERS, unit: "天不符" },
    Question { what: "訂單金額相符", sql: WRONG_SUMS, unit: "張不符" },
    Question { what: "確認的訂單都有價格", sql: UNPRICED, unit: "張沒有" },
    Question { what: "訂單的狀態有經過", sql: WRONG_STEPS, unit: "張不符" },
    Question { what: "訂單都在它的路線上", sql: WRONG_STOPS, unit: "筆不符" },
    Question { what: "送達的訂單有配送", sql: WRONG_DELIVERIES, unit: "張不符" },
    Question { what: "範本開的訂單相符", sql: WRONG_TEMPLATE_DAYS, unit: "天不符" },
    Question { what: "鋼瓶數和異動相符", sql: WRONG_BALANCES, unit: "處不符" },
    Question { what: "鋼瓶不多不少", sql: WRONG_WHOLES, unit: "種不符" },
    Question { what: "客戶的鋼瓶不少於零", sql: OWING_CUSTOMERS, unit: "位不符" },
    Question { what: "收款單號不跳號", sql: WRONG_PAYMENT_NUMBERS, unit: "天不符" },
    Question { what: "各站收的現金相符", sql: WRONG_CASH, unit: "站不符" },
    Question { what: "抄表金額相符", sql: WRONG_READINGS, unit: "次不符" },
    Question { what: "範本都開到了", sql: FORGOTTEN_TEMPLATES, unit: "個落後" },
];

/// Orders a driver has that stand on no route of his which is out, and stops still to be made that do not stand as their
/// route does: confirmed on a draft, given on one that is out, none on one that is over.
const WRONG_STOPS: &str = "
    SELECT (SELECT count(*)
            FROM orders AS o
            WHERE o.status IN ('assigned', 'in_delivery')
              AND (SELECT count(*)
                   FROM stops AS s
                   JOIN routes AS r ON r.id = s.route_id
                   WHERE s.order_id = o.id
                     AND s.status IN ('pending', 'arrived')
                     AND r.status IN ('published', 'in_progress')
                     AND r.driver_id = o.driver_id) <> 1)
         + (SELECT count(*)
            FROM stops AS s
            JOIN orders AS o ON o.id = s.order_id
            JOIN routes AS r ON r.id = s.route_id
            WHERE s.status IN ('pending', 'arrived')
              AND NOT CASE r.status WHEN 'draft' THEN o.status = 'confirmed'
                                    WHEN 'published' THEN o.status IN ('assigned', 'in_delivery')
                                    WHEN 'in_progress' THEN o.status IN ('assigned', 'in_delivery')
                                    ELSE 0 END)";

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
    SELECT count(DISTINCT delivered_on) FROM (
        SELECT * FROM (SELECT * FROM fresh EXCEPT SELECT * FROM kept)
        UNION ALL
        SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM fresh)
    )";

/// Days whose order numbers are not 1 to as many as there are.
const WRONG_NUMBERS: &str = "
    SELECT count(*) FROM (
        SELECT 1 FROM orders GROUP BY ordered_on HAVING min(day_no) <> 1 OR max(day_no) <> count(*)
    )";

/// Orders whose money is not that of their lines. A line is its pieces (of a delivered one those left) at its price;
/// the first of what a meter counts is what was read, and what has no price yet is nothing. The discount rounds line by
/// line, half up.
const WRONG_SUMS: &str = "
    WITH read AS (
        SELECT order_id, sum(amount_ntd) AS amount
        FROM meter_readings
        WHERE order_id IS NOT NULL AND voided_at IS NULL
        GROUP BY order_id
    ), priced AS (
        SELECT l.*,
               CASE WHEN p.method <> 'flow' THEN ifnull(l.unit_price_ntd, 0) * coalesce(l.qty_delivered, l.qty)
                    WHEN l.qty_delivered IS NULL OR 1 < row_number() OVER (PARTITION BY l.order_id, p.method = 'flow' ORDER BY l.line_no) THEN 0
                    ELSE ifnull(r.amount, 0) END AS right_ntd
        FROM order_lines AS l
        JOIN products AS p ON p.id = l.product_id
        LEFT JOIN read AS r ON r.order_id = l.order_id
    ), lines AS (
        SELECT order_id,
               sum(line_ntd) AS subtotal,
               sum((line_ntd * discount_percent + 50) / 100) AS discount,
               max(line_ntd <> right_ntd) AS is_wrong
        FROM priced
        GROUP BY order_id
    )
    SELECT count(*)
    FROM orders AS o
    LEFT JOIN lines AS l ON l.order_id = o.id
    WHERE ifnull(l.is_wrong, 0)
       OR o.subtotal_ntd <> ifnull(l.subtotal, 0)
       OR o.discount_ntd <> ifnull(l.discount, 0)
       OR o.final_ntd <> max(0, o.subtotal_ntd - o.discount_ntd + o.surcharge_ntd - o.residual_credit_ntd)";

/// Orders past waiting with a line nobody has priced; gas a meter counts needs none.
const UNPRICED: &str = "
    SELECT count(*)
    FROM orders AS o
    WHERE o.status NOT IN ('pending', 'cancelled')
      AND EXISTS (SELECT 1 FROM order_lines AS l JOIN products AS p ON p.id = l.product_id
                  WHERE l.order_id = o.id AND l.unit_price_ntd IS NULL AND p.method <> 'flow')";

/// Orders whose history does not begin with their taking, does not follow on from step to step, or ends elsewhere.
const WRONG_STEPS: &str = "
    WITH steps AS (
        SELECT order_id,
               from_status,
               to_status,
               lag(to_status) OVER (PARTITION BY order_id ORDER BY id) AS before,
               lead(id) OVER (PARTITION BY order_id ORDER BY id) IS NULL AS is_last
        FROM order_history
    ), ways AS (
        SELECT order_id,
               max(from_status IS NOT before) AS is_torn,
               max(CASE WHEN is_last THEN to_status END) AS ends
        FROM steps
        GROUP BY order_id
    )
    SELECT count(*)
    FROM orders AS o
    LEFT JOIN ways AS w ON w.order_id = o.id
    WHERE w.order_id IS NULL OR w.is_torn OR w.ends <> o.status";

/// Delivered orders that left gas and have no delivery of their customer and day, and others that have one. What a stop
/// delivered counts for the day of its route.
const WRONG_DELIVERIES: &str = "
    WITH days AS (
        SELECT o.id, o.customer_id, o.status, o.delivery_id,
               coalesce(r.route_on, date(o.delivered_at / 1000, 'unixepoch', '+8 hours')) AS day
        FROM orders AS o
        LEFT JOIN stops AS s ON s.order_id = o.id AND s.status = 'completed'
        LEFT JOIN routes AS r ON r.id = s.route_id
    )
    SELECT count(*)
    FROM days AS o
    WHERE (o.delivery_id IS NOT NULL
           AND (o.status <> 'delivered'
                OR NOT EXISTS (SELECT 1 FROM all_deliveries AS d
                               WHERE d.id = o.delivery_id AND d.customer_id = o.customer_id AND d.delivered_on = o.day)))
       OR (o.status = 'delivered' AND o.delivery_id IS NULL
           AND EXISTS (SELECT 1 FROM order_lines AS l JOIN products AS p ON p.id = l.product_id
                       WHERE l.order_id = o.id AND p.size_kg IS NOT NULL AND 0 < l.qty_delivered))";

/// Days of a template's rhythm whose order is another's.
const WRONG_TEMPLATE_DAYS: &str = "
    SELECT count(*)
    FROM order_template_days AS d
    JOIN orders AS o ON o.id = d.order_id
    WHERE o.template_id IS NOT d.template_id";

/// Templates the last night that came to its end should have used, and did not say why it could not.
const FORGOTTEN_TEMPLATES: &str = "
    WITH night AS (
        SELECT started_at, counts
        FROM job_runs
        WHERE job = 'templates' AND outcome = 'done'
        ORDER BY id DESC
        LIMIT 1
    )
    SELECT count(*)
    FROM night
    JOIN order_templates AS t ON t.is_active = 1
                             AND t.next_on <= date(night.started_at / 1000, 'unixepoch', '+8 hours')
                             AND t.updated_at < night.started_at
    WHERE night.counts ->> 'failed' < 20
      AND t.id NOT IN (SELECT f.value ->> 'template_id' FROM json_each(night.counts, '$.failures') AS f)";

/// Balances of cylinders that are not the sum of their movements, either way.
const WRONG_BALANCES: &str = "
    WITH moves AS (
        SELECT to_place AS place, ifnull(to_id, 0) AS place_id, product_id, state, qty FROM cylinder_movements
        UNION ALL
        SELECT from_place, ifnull(from_id, 0), product_id, state, -qty FROM cylinder_movements
    ), fresh AS (
        SELECT place, place_id, product_id, state, sum(qty) AS qty FROM moves GROUP BY 1, 2, 3, 4 HAVING sum(qty) <> 0
    ), kept AS (
        SELECT place, place_id, product_id, state, qty FROM cylinder_balances WHERE qty <> 0
    )
    SELECT count(DISTINCT place || ' ' || place_id || ' ' || product_id || state) FROM (
        SELECT * FROM (SELECT * FROM fresh EXCEPT SELECT * FROM kept)
        UNION ALL
        SELECT * FROM (SELECT * FROM kept EXCEPT SELECT * FROM fresh)
    )";

/// Products and states of which more or fewer are somewhere than came from anywhere.
const WRONG_WHOLES: &str = "
    SELECT count(*) FROM (
        SELECT 1 FROM cylinder_balances GROUP BY product_id, state HAVING sum(qty) <> 0
    )";

/// Customers who have given back more of a product than they ever had.
const OWING_CUSTOMERS: &str = "
    WITH held AS (
        SELECT k.customer_id, p.id AS product_id, k.qty
        FROM customer_cylinders AS k
        JOIN products AS p ON p.code = k.product
        UNION ALL
        SELECT place_id, product_id, qty FROM cylinder_balances WHERE place = 'customer'
    )
    SELECT count(DISTINCT customer_id)
    FROM (SELECT customer_id FROM held GROUP BY customer_id, product_id HAVING sum(qty) < 0)";

/// Days whose payment numbers are not 1 to as many as there are.
const WRONG_PAYMENT_NUMBERS: &str = "
    SELECT count(*) FROM (
        SELECT 1 FROM payments GROUP BY paid_on HAVING min(day_no) <> 1 OR max(day_no) <> count(*)
    )";

/// Stops whose payments that stand are not the cash the driver kept there; of one that is not completed there is none.
const WRONG_CASH: &str = "
    SELECT count(*)
    FROM stops AS s
    WHERE CASE s.status WHEN 'completed' THEN ifnull(s.cash_ntd, 0) ELSE 0 END
          <> (SELECT ifnull(sum(p.amount_ntd), 0) FROM payments AS p WHERE p.stop_id = s.id AND p.status <> 'voided')";

/// Readings that do not bill what went through their meter, at their price; half a gram and half a dollar round up.
const WRONG_READINGS: &str = "
    SELECT count(*)
    FROM meter_readings AS r
    JOIN meters AS m ON m.id = r.meter_id
    WHERE r.amount_ntd <> (ifnull(r.unit_price_ntd, 0) * r.billed_g + 500) / 1000
       OR r.billed_g <> CASE
              WHEN r.from_milli IS NULL THEN 0
              ELSE ((ifnull(r.old_end_milli + r.value_milli, r.value_milli) - r.from_milli) * m.g_per_unit + 500) / 1000
          END";

fn count(conn: &Connection, sql: &str) -> Result<i64> {
    conn.query_row(sql, [], |row| row.get(0)).doing("count for the check")
}
