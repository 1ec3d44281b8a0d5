//! What a customer's card tells of orders besides the orders themselves.

use std::collections::HashMap;

use rusqlite::{Connection, Row, named_params};

use crate::error::{Doing, Result};
use crate::orders::store::list::PLACE;
use crate::values::{CustomerId, DeliveryId, Ntd, OrderId};

/// Who has to do with an order, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// Who took it; `None`: the program itself.
    pub taken_by: Option<String>,
    pub driver: Option<String>,
    /// `路線 03 第 5 站`, of one that stands on a route.
    pub place: Option<String>,
}

/// The people of the orders of `customer` that are still to be delivered.
pub fn people_of_open(conn: &Connection, customer: CustomerId) -> Result<HashMap<OrderId, People>> {
    let sql = format!(
        "
        /* orders: people of the open */
        SELECT o.id,
               t.name AS taken_by,
               d.name AS driver,
               {PLACE} AS place
        FROM orders AS o
        LEFT JOIN users AS t ON t.id = o.created_by
        LEFT JOIN users AS d ON d.id = o.driver_id
        WHERE o.customer_id = :customer AND o.status IN ('pending', 'confirmed', 'assigned', 'in_delivery')"
    );
    let people =
        |row: &Row| Ok((row.get("id")?, People { taken_by: row.get("taken_by")?, driver: row.get("driver")?, place: row.get("place")? }));
    conn.prepare_cached(&sql)
        .and_then(|mut query| query.query_map(named_params! {":customer": customer}, people)?.collect())
        .doing(format_args!("name the people of the open orders of customer {customer}"))
}

/// The order behind a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    pub order: OrderId,
    /// `50KG × 1、20KG × 2`, as delivered.
    pub items: String,
    pub total: Ntd,
    /// Somebody else counts it: only metered gas stands on it.
    pub is_metered: bool,
}

/// The orders behind the last deliveries of `customer`, `most` of them.
pub fn behind_deliveries(conn: &Connection, customer: CustomerId, most: usize) -> Result<HashMap<DeliveryId, Behind>> {
    const SQL: &str = "
        /* orders: behind the last deliveries */
        SELECT o.id,
               o.delivery_id,
               o.final_ntd,
               (SELECT group_concat(l.product_name || ' × ' || coalesce(l.qty_delivered, l.qty), '、' ORDER BY l.line_no)
                FROM order_lines AS l WHERE l.order_id = o.id) AS items,
               NOT EXISTS (SELECT 1 FROM order_lines AS l
                           JOIN products AS p ON p.id = l.product_id
                           WHERE l.order_id = o.id AND p.method <> 'flow') AS is_metered
        FROM orders AS o
        WHERE o.customer_id = :customer AND o.delivery_id IS NOT NULL
        ORDER BY o.scheduled_on DESC, o.id DESC
        LIMIT :most";
    let behind = |row: &Row| {
        let items: Option<String> = row.get("items")?;
        let behind = Behind {
            order: row.get("id")?,
            items: items.unwrap_or_default(),
            total: row.get("final_ntd")?,
            is_metered: row.get("is_metered")?,
        };
        Ok((row.get("delivery_id")?, behind))
    };
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":customer": customer, ":most": most as i64}, behind)?.collect())
        .doing(format_args!("find the orders behind the deliveries of customer {customer}"))
}
