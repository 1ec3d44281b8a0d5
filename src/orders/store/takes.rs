//! What customers took last: the orders that were not cancelled, and the deliveries of known quantity that no order
//! here stands behind.

use std::collections::HashMap;

use rusqlite::{Connection, Row, named_params};

use crate::deliveries::Load;
use crate::error::{Doing, Error, Result};
use crate::orders::usual::Taken;
use crate::values::{CustomerId, Day, OrderId};

/// The last `most` times gas was ordered or brought to `customer`, the newest first.
pub fn last_takes(conn: &Connection, customer: CustomerId, most: usize) -> Result<Vec<(Day, Taken)>> {
    Ok(last_takes_of(conn, &[customer], most)?.remove(&customer).unwrap_or_default())
}

const ORDERS: &str = "
    /* orders: last takes */
    SELECT who.value AS customer_id,
           o.id,
           o.scheduled_on,
           l.product_id,
           l.qty
    FROM json_each(:customers) AS who
    CROSS JOIN orders AS o ON o.id IN (SELECT id FROM orders
                                       WHERE customer_id = who.value AND status <> 'cancelled'
                                       ORDER BY scheduled_on DESC, id DESC
                                       LIMIT :most)
    LEFT JOIN order_lines AS l ON l.order_id = o.id
    ORDER BY who.key, o.scheduled_on DESC, o.id DESC, l.line_no";

// The id stands among the columns so that each table's rows come from its index in order, and no more than are wanted.
const DELIVERIES: &str = "
    /* orders: last takes without an order */
    SELECT who.value AS customer_id,
           (SELECT json_group_array(json_array(delivered_on, qty_50, qty_20, qty_16, qty_10, qty_4))
            FROM (SELECT id, delivered_on, qty_50, qty_20, qty_16, qty_10, qty_4
                  FROM all_deliveries AS d
                  WHERE d.customer_id = who.value
                    AND coalesce(d.qty_50, d.qty_20, d.qty_16, d.qty_10, d.qty_4) IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM orders AS o WHERE o.delivery_id = d.id)
                  ORDER BY delivered_on DESC, id DESC
                  LIMIT :most)) AS loads
    FROM json_each(:customers) AS who";

/// The same for each of `customers` that ever took anything, in two queries however many they are.
pub fn last_takes_of(conn: &Connection, customers: &[CustomerId], most: usize) -> Result<HashMap<CustomerId, Vec<(Day, Taken)>>> {
    const DOING: &str = "list what customers took last";
    let ids = customers.iter().map(|id| id.0).collect::<serde_json::Value>().to_string();
    let params = named_params! {":customers": ids, ":most": most as i64};
    let mut takes: HashMap<CustomerId, Vec<(Day, Taken)>> = HashMap::with_capacity(customers.len());

    let mut query = conn.prepare_cached(ORDERS).doing(DOING)?;
    let mut rows = query.query(params).doing(DOING)?;
    let mut last = None;
    while let Some(row) = rows.next().doing(DOING)? {
        add_line(&mut takes, &mut last, row).doing(DOING)?;
    }

    let mut query = conn.prepare_cached(DELIVERIES).doing(DOING)?;
    let mut rows = query.query(params).doing(DOING)?;
    while let Some(row) = rows.next().doing(DOING)? {
        let loads = row.get_ref("loads").and_then(|value| Ok(value.as_str()?)).doing(DOING)?;
        if loads != "[]" {
            takes.entry(row.get("customer_id").doing(DOING)?).or_default().extend(loads_of(loads)?);
        }
    }

    for takes in takes.values_mut() {
        takes.sort_by_key(|(on, _)| std::cmp::Reverse(*on));
        takes.truncate(most);
    }
    Ok(takes)
}

/// A row is a line of an order, or an order without any; `last` is the order of the row before.
fn add_line(takes: &mut HashMap<CustomerId, Vec<(Day, Taken)>>, last: &mut Option<OrderId>, row: &Row) -> rusqlite::Result<()> {
    let order: OrderId = row.get("id")?;
    let takes = takes.entry(row.get("customer_id")?).or_default();
    if last.replace(order) != Some(order) {
        takes.push((row.get("scheduled_on")?, Taken::Lines(Vec::new())));
    }
    if let (Some((_, Taken::Lines(lines))), Some(product)) = (takes.last_mut(), row.get("product_id")?) {
        lines.push((product, row.get("qty")?));
    }
    Ok(())
}

/// `[["2025-05-27",null,2,null,null,null]]`.
fn loads_of(json: &str) -> Result<Vec<(Day, Taken)>> {
    type Cells = (String, Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>);
    let rows: Vec<Cells> = serde_json::from_str(json).doing("read what was brought last")?;
    let take = |(on, a, b, c, d, e): Cells| {
        let on = on.parse().map_err(|()| Error::impossible("read the day of a delivery"))?;
        Ok((on, Taken::Load(Load([a, b, c, d, e]))))
    };
    rows.into_iter().map(take).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::db::SCHEMA;

    /// Thirty customers with orders and deliveries of every sort, and what ANALYZE knows of them.
    fn shop() -> Connection {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(SCHEMA).unwrap();
        conn.execute_batch(
            "WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 30)
             INSERT INTO customers (id, customer_code, short_name, first_source, created_at, updated_at)
             SELECT v, 1000 + v, 'x', 'office', 0, 0 FROM n;
             WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 400)
             INSERT INTO orders (id, ordered_on, day_no, customer_id, origin, status, scheduled_on, window_start, window_end, is_urgent,
                                 subtotal_ntd, discount_ntd, surcharge_ntd, final_ntd, payment_method, created_at, updated_at,
                                 cancel_reason, delivered_at, delivery_id)
             SELECT v, '2025-05-28', v, 1 + v * 5 % 28, 'phone', CASE v % 3 WHEN 0 THEN 'cancelled' WHEN 1 THEN 'delivered' ELSE 'pending' END,
                    date('2025-01-01', (v * 11 % 200) || ' days'), '08:00', '12:00', 0, 0, 0, 0, 0, 'cash', 0, 0,
                    iif(v % 3 = 0, 'no_stock', NULL), iif(v % 3 = 1, 0, NULL), iif(v % 3 = 1, 10000 + v * 5, NULL)
             FROM n;
             INSERT INTO order_lines (order_id, line_no, product_id, product_name, qty, discount_percent, line_ntd, is_exchange, empties_expected)
             SELECT o.id, l.value, 1 + o.id % 3 + l.value, 'x', 1 + o.id % 2, 0, 0, 1, 1
             FROM orders AS o JOIN json_each('[1, 2, 3]') AS l ON l.value <= o.id % 4;",
        )
        .unwrap();
        for (table, from, days) in [("delivery_history", 0, 900), ("deliveries", 10_000, 180)] {
            conn.execute_batch(&format!(
                "WITH RECURSIVE n (v) AS (SELECT 1 UNION ALL SELECT v + 1 FROM n WHERE v < 3000)
                 INSERT INTO {table} (id, customer_id, delivered_on, source, qty_20, qty_4)
                 SELECT {from} + v, 1 + v % 28, date('2025-06-01', '-' || (v % {days}) || ' days'), 'history',
                        iif(v % 4 = 0, v % 3, NULL), iif(v % 8 = 0, 1, NULL) FROM n;"
            ))
            .unwrap();
        }
        conn
    }

    fn plan(conn: &Connection, sql: &str) -> Vec<String> {
        let mut query = conn.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        query.raw_query().mapped(|row| row.get("detail")).collect::<rusqlite::Result<_>>().unwrap()
    }

    #[test]
    fn no_table_is_read_through_for_the_last_takes() {
        let conn = shop();
        for analyzed in [false, true] {
            if analyzed {
                conn.execute_batch("ANALYZE").unwrap();
            }
            let orders = plan(&conn, ORDERS);
            assert!(orders.iter().any(|step| step.contains("orders_customer")), "{orders:#?}");
            let deliveries = plan(&conn, DELIVERIES);
            for index in ["deliveries_known", "delivery_history_known", "orders_delivery"] {
                assert!(deliveries.iter().any(|step| step.contains(index)), "{index} is not used: {deliveries:#?}");
            }
            assert!(!deliveries.iter().any(|step| step.contains("TEMP B-TREE")), "{deliveries:#?}");
            for step in orders.iter().chain(&deliveries) {
                let is_table = ["SCAN o", "SCAN l", "SCAN d", "SCAN deliver"].iter().any(|scan| step.starts_with(scan));
                assert!(!is_table && !step.contains("AUTOMATIC"), "{step}");
            }
        }
    }

    #[test]
    fn many_at_once_are_as_each_alone() {
        let conn = shop();
        let all: Vec<CustomerId> = (1..=31).map(CustomerId).collect();
        let together = last_takes_of(&conn, &all, 5).unwrap();
        for customer in all {
            let alone = last_takes(&conn, customer, 5).unwrap();
            assert_eq!(together.get(&customer).cloned().unwrap_or_default(), alone, "{customer}");
            let plainly = plainly(&conn, customer, 5);
            assert_eq!(alone, plainly, "{customer}");
        }
    }

    /// The same without any cleverness: everything there is, sorted, cut.
    fn plainly(conn: &Connection, customer: CustomerId, most: usize) -> Vec<(Day, Taken)> {
        let mut takes: Vec<(Day, bool, i64, Taken)> = Vec::new();
        let mut orders =
            conn.prepare("SELECT id, scheduled_on, delivery_id FROM orders WHERE customer_id = ?1 AND status <> 'cancelled'").unwrap();
        let orders: Vec<(i64, Day, Option<i64>)> =
            orders.query_map([customer], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap().map(Result::unwrap).collect();
        for (id, on, _) in &orders {
            let mut lines = conn.prepare("SELECT product_id, qty FROM order_lines WHERE order_id = ?1 ORDER BY line_no").unwrap();
            let lines = lines.query_map([id], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect();
            takes.push((*on, true, *id, Taken::Lines(lines)));
        }
        let mut deliveries = conn.prepare("SELECT * FROM all_deliveries WHERE customer_id = ?1").unwrap();
        let deliveries = deliveries.query_map([customer], |row| {
            let load = [row.get("qty_50")?, row.get("qty_20")?, row.get("qty_16")?, row.get("qty_10")?, row.get("qty_4")?];
            Ok((row.get("id")?, row.get("delivered_on")?, Load(load)))
        });
        for (id, on, load) in deliveries.unwrap().map(Result::unwrap) {
            if load.is_known() && !orders.iter().any(|(_, _, delivery)| *delivery == Some(id)) {
                takes.push((on, false, id, Taken::Load(load)));
            }
        }
        takes.sort_by_key(|(on, is_order, id, _)| std::cmp::Reverse((*on, *is_order, *id)));
        takes.into_iter().take(most).map(|(on, .., taken)| (on, taken)).collect()
    }
}
