use rusqlite::{Connection, Row, named_params};

use crate::error::{Doing, Result};
use crate::orders::Origin;
use crate::routes::StopStatus;
use crate::values::{RouteId, Stamp, StopId, Window};

/// A stop still to be made, with what says how soon and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub stop: StopId,
    pub seq: i64,
    pub status: StopStatus,
    pub arrived_at: Option<Stamp>,
    pub origin: Origin,
    pub is_urgent: bool,
    pub window: Window,
    pub area: Option<String>,
    pub address: Option<String>,
    /// Cylinders to be carried in.
    pub cylinders: i64,
}

/// The open stops of a route in their order.
pub fn waiting(conn: &Connection, route: RouteId) -> Result<Vec<Waiting>> {
    const SQL: &str = "
        /* routes: waiting stops */
        SELECT s.id,
               s.seq,
               s.status,
               s.arrived_at,
               o.origin,
               o.is_urgent,
               o.window_start,
               o.window_end,
               a.name AS area,
               o.delivery_address,
               (SELECT coalesce(sum(l.qty), 0)
                FROM order_lines AS l
                JOIN products AS p ON p.id = l.product_id
                WHERE l.order_id = o.id AND p.size_kg IS NOT NULL) AS cylinders
        FROM stops AS s
        JOIN orders AS o ON o.id = s.order_id
        JOIN customers AS c ON c.id = o.customer_id
        LEFT JOIN areas AS a ON a.id = c.area_id
        WHERE s.route_id = :route AND s.status IN ('pending', 'arrived')
        ORDER BY s.seq, s.id";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":route": route}, one)?.collect())
        .doing(format_args!("list the waiting stops of route {route}"))
}

fn one(row: &Row) -> rusqlite::Result<Waiting> {
    let (start, end): (String, String) = (row.get("window_start")?, row.get("window_end")?);
    Ok(Waiting {
        stop: row.get("id")?,
        seq: row.get("seq")?,
        status: row.get("status")?,
        arrived_at: row.get("arrived_at")?,
        origin: row.get("origin")?,
        is_urgent: row.get("is_urgent")?,
        window: Window::between(&start, &end).unwrap_or(Window::ALL_DAY),
        area: row.get("area")?,
        address: row.get("delivery_address")?,
        cylinders: row.get("cylinders")?,
    })
}
