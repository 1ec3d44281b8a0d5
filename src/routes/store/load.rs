use rusqlite::{Connection, Row, named_params};

use crate::customers::Vehicle;
use crate::error::{Doing, Result};
use crate::values::{CustomerId, Grams, OrderId, ProductId, RouteId, StopId};

/// One line of an order on a route; an order without lines is one piece without a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub stop: StopId,
    pub order: OrderId,
    pub customer: CustomerId,
    pub short_name: String,
    /// What may come to this customer.
    pub vehicle: Vehicle,
    pub goods: Option<Goods>,
}

/// So many of one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goods {
    pub product: ProductId,
    /// As the catalogue calls it today.
    pub name: String,
    pub qty: i64,
    /// `None`: an accessory.
    pub size_kg: Option<i64>,
    /// `None`: nobody has weighed it.
    pub tare: Option<Grams>,
}

/// All that the open stops of a route bring, in their order; with `all`, what was left at the others, too, as it was
/// ordered, and nothing of what was taken off.
pub fn pieces(conn: &Connection, route: RouteId, all: bool) -> Result<Vec<Piece>> {
    const SQL: &str = "
        /* routes: pieces */
        SELECT s.id AS stop_id,
               o.id AS order_id,
               c.id AS customer_id,
               c.short_name,
               c.vehicle_type,
               p.id AS product_id,
               p.name,
               l.qty,
               p.size_kg,
               p.tare_g
        FROM stops AS s
        JOIN orders AS o ON o.id = s.order_id
        JOIN customers AS c ON c.id = o.customer_id
        LEFT JOIN order_lines AS l ON l.order_id = o.id
        LEFT JOIN products AS p ON p.id = l.product_id
        WHERE s.route_id = :route AND (s.status IN ('pending', 'arrived') OR (:all AND s.status IN ('completed', 'failed')))
        ORDER BY s.seq, s.id, l.line_no";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":route": route, ":all": all}, piece)?.collect())
        .doing(format_args!("list what route {route} carries"))
}

/// What one order brings, as if it were a stop of its own.
pub fn pieces_of_order(conn: &Connection, order: OrderId) -> Result<Vec<Piece>> {
    const SQL: &str = "
        SELECT 0 AS stop_id,
               o.id AS order_id,
               c.id AS customer_id,
               c.short_name,
               c.vehicle_type,
               p.id AS product_id,
               p.name,
               l.qty,
               p.size_kg,
               p.tare_g
        FROM orders AS o
        JOIN customers AS c ON c.id = o.customer_id
        LEFT JOIN order_lines AS l ON l.order_id = o.id
        LEFT JOIN products AS p ON p.id = l.product_id
        WHERE o.id = :order
        ORDER BY l.line_no";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":order": order}, piece)?.collect())
        .doing(format_args!("list what order {order} carries"))
}

fn piece(row: &Row) -> rusqlite::Result<Piece> {
    let product: Option<ProductId> = row.get("product_id")?;
    let goods = match product {
        Some(product) => {
            Some(Goods { product, name: row.get("name")?, qty: row.get("qty")?, size_kg: row.get("size_kg")?, tare: row.get("tare_g")? })
        }
        None => None,
    };
    Ok(Piece {
        stop: row.get("stop_id")?,
        order: row.get("order_id")?,
        customer: row.get("customer_id")?,
        short_name: row.get("short_name")?,
        vehicle: Vehicle::from_number(row.get("vehicle_type")?).unwrap_or(Vehicle::Any),
        goods,
    })
}
