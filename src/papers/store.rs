use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, Transaction, named_params};
use serde_json::json;

use crate::cylinders::{self, Place};
use crate::error::{Doing, Error, Result};
use crate::journal::{self, By, Entry};
use crate::orders;
use crate::papers::{Call, Load, OF_ORDER, OF_ROUTE, Paper, Printed, Trip, loads};
use crate::products;
use crate::routes::{self, Stop, StopStatus};
use crate::users;
use crate::values::{CustomerId, Day, OrderId, ProductId, RouteId, UserId};
use crate::vehicles;

/// One route with its stops; `NotFound` when there is none.
pub fn trip(conn: &Connection, id: RouteId) -> Result<Trip> {
    const AREA: &str = "SELECT name FROM areas WHERE id = :id";
    let route = routes::store::get(conn, id)?;
    let name = |user: Option<UserId>| user.map(|user| users::store::get(conn, user).map(|user| user.name)).transpose();
    let area = conn
        .prepare_cached(AREA)
        .and_then(|mut query| query.query_row(named_params! {":id": route.area_id}, |row| row.get(0)).optional())
        .doing("read the area of a route")?;
    let metered = metered(conn)?;
    let stops = routes::store::stops_of(conn, id)?;
    let stops = stops.into_iter().filter(|stop| stop.status != StopStatus::Skipped);
    Ok(Trip {
        area,
        driver: name(route.driver_id)?,
        crew2: name(route.crew2_id)?,
        vehicle: route.vehicle_id.map(|vehicle| vehicles::store::get(conn, vehicle)).transpose()?,
        calls: (1..).zip(stops).map(|(place, stop)| call(conn, stop.order_id, Some(stop), place, &metered)).collect::<Result<_>>()?,
        route,
    })
}

/// The routes of a day whose drivers know of them, by their numbers.
pub fn trips_out(conn: &Connection, day: Day) -> Result<Vec<Trip>> {
    let routes = routes::store::of_day(conn, day)?;
    routes.into_iter().filter(|route| route.status.is_out()).map(|route| trip(conn, route.id)).collect()
}

/// One order, with the trip that holds it; `NotFound` when there is none.
pub fn slip(conn: &Connection, id: OrderId) -> Result<(Call, Option<Trip>)> {
    match routes::store::held_by(conn, id)? {
        None => Ok((call(conn, id, None, 0, &metered(conn)?)?, None)),
        Some(stop) => {
            let trip = trip(conn, stop.route_id)?;
            let held = trip.calls.iter().find(|call| call.stop.as_ref().is_some_and(|have| have.id == stop.id));
            let call = held.cloned().ok_or_else(|| Error::impossible("find an order on its own route"))?;
            Ok((call, Some(trip)))
        }
    }
}

/// What is charged by a meter.
fn metered(conn: &Connection) -> Result<HashSet<ProductId>> {
    let catalogue = products::store::catalogue(conn)?;
    Ok(catalogue.iter().filter(|product| product.is_metered()).map(|product| product.id).collect())
}

fn call(conn: &Connection, order: OrderId, stop: Option<Stop>, place: usize, metered: &HashSet<ProductId>) -> Result<Call> {
    let order = orders::store::get(conn, order)?;
    let (customer_code, short_name, is_walk_in, access_note) = customer(conn, order.customer_id)?;
    let own = order.contact_name.clone().filter(|_| is_walk_in);
    Ok(Call {
        is_metered: !order.lines.is_empty() && order.lines.iter().all(|line| metered.contains(&line.product_id)),
        name: own.unwrap_or(short_name),
        customer_code,
        access_note,
        stop,
        place,
        order,
    })
}

fn customer(conn: &Connection, id: CustomerId) -> Result<(String, String, bool, Option<String>)> {
    const SQL: &str = "
        SELECT customer_code,
               short_name,
               is_walk_in,
               access_note
        FROM customers
        WHERE id = :id";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":id": id}, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))))
        .doing(format_args!("read customer {id} for a paper"))
}

/// What `trip` has to bring, and what of it is on its truck.
pub fn loads_of(conn: &Connection, trip: &Trip) -> Result<Vec<Load>> {
    let catalogue = products::store::catalogue(conn)?;
    let aboard = match &trip.vehicle {
        Some(vehicle) => cylinders::store::balances(conn, Place::Vehicle(vehicle.id))?,
        None => Vec::new(),
    };
    let full = |product: ProductId| {
        let there = aboard.iter().find(|balance| balance.product == product).map_or(0, |balance| balance.full);
        (!aboard.is_empty()).then_some(there)
    };
    Ok(loads(trip, &catalogue, full))
}

/// How often `paper` of `route` was printed so far.
pub fn printings_of_route(conn: &Connection, paper: Paper, route: RouteId) -> Result<i64> {
    const SQL: &str = "
        /* papers: printings of a route */
        SELECT (SELECT count(*) FROM journal
                WHERE noun = :noun AND noun_id = :route AND change ->> 'paper' = :paper)
             + (SELECT count(*) FROM journal AS j
                WHERE j.noun = :noun AND j.noun_id IS NULL AND j.change ->> 'paper' = :paper
                  AND EXISTS (SELECT 1 FROM json_each(j.change, '$.routes') AS r WHERE r.value = :route))";
    conn.prepare_cached(SQL)
        .and_then(|mut query| {
            query.query_row(named_params! {":noun": OF_ROUTE.word, ":route": route, ":paper": paper.word()}, |row| row.get(0))
        })
        .doing(format_args!("count the printings of route {route}"))
}

/// How often the slip of `order` was printed so far, alone or with its route's.
pub fn printings_of_order(conn: &Connection, order: OrderId) -> Result<i64> {
    const SQL: &str = "
        /* papers: printings of an order */
        SELECT (SELECT count(*) FROM journal WHERE noun = :of_order AND noun_id = :order)
             + (SELECT count(*) FROM journal AS j
                WHERE j.noun = :of_route AND j.noun_id IN (SELECT route_id FROM stops WHERE order_id = :order)
                  AND EXISTS (SELECT 1 FROM json_each(j.change, '$.orders') AS o WHERE o.value = :order))";
    conn.prepare_cached(SQL)
        .and_then(|mut query| {
            let named = named_params! {":of_order": OF_ORDER.word, ":of_route": OF_ROUTE.word, ":order": order};
            query.query_row(named, |row| row.get(0))
        })
        .doing(format_args!("count the printings of order {order}"))
}

/// Tells the journal what was printed; `NotFound` when there is no such route or order.
pub fn record(tx: &Transaction, printed: &Printed, by: By) -> Result<()> {
    // No driver is told of it: nothing of his day has changed.
    let (noun, noun_id, change) = match printed {
        Printed::OfRoutes(paper, routes) => {
            for route in routes {
                routes::store::get(tx, *route)?;
            }
            let ids: Vec<i64> = routes.iter().map(|id| id.0).collect();
            match ids.as_slice() {
                [one] => (OF_ROUTE, Some(*one), json!({"paper": paper.word(), "route": one, "drivers": []})),
                several => (OF_ROUTE, None, json!({"paper": paper.word(), "routes": several, "drivers": []})),
            }
        }
        Printed::SlipsOf(route) => {
            let trip = trip(tx, *route)?;
            let orders: Vec<i64> = trip.to_bring().map(|call| call.order.id.0).collect();
            let change = json!({"paper": Paper::Slip.word(), "route": route.0, "drivers": [], "orders": orders});
            (OF_ROUTE, Some(route.0), change)
        }
        Printed::SlipOf(order) => {
            orders::store::get(tx, *order)?;
            (OF_ORDER, Some(order.0), json!({"paper": Paper::Slip.word(), "drivers": []}))
        }
    };
    journal::record(tx, &Entry { by, verb: "print", noun, noun_id, change })
}
