mod history;

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use crate::cylinders::{Balance, Held, Kind, MOST, Movement, NOUN, NewMovement, Place, State, stock};
use crate::error::{Doing, Error, Result};
use crate::journal::By;
use crate::values::{CustomerId, MovementId, ProductId, RouteId, StopId};

pub use history::{Filter, OnVehicle, Stock, Told, history, on_vehicles, stock, turnover};

/// Writes one movement and keeps the balances of both its places in step. No journal: whoever moves them tells why.
/// `Invalid` in `qty` for a count that is none.
pub fn book(tx: &Transaction, new: &NewMovement, by: By) -> Result<MovementId> {
    const SQL: &str = "
        /* cylinders: book */
        INSERT INTO cylinder_movements (moved_on, at, kind, from_place, from_id, to_place, to_id, product_id, qty, state,
                                        route_id, stop_id, order_id, undoes_id, user_id, note)
        VALUES (:on, :at, :kind, :from_place, :from_id, :to_place, :to_id, :product, :qty, :state,
                :route, :stop, :order, :undoes, :user, :note)";
    if !(1..=MOST).contains(&new.qty) {
        return Err(Error::invalid("qty", "支數要在 1 到 99,999 之間。"));
    }
    tx.prepare_cached(SQL)
        .and_then(|mut insert| {
            insert.execute(named_params! {
                ":on": new.on.unwrap_or(by.at.day()),
                ":at": by.at,
                ":kind": new.kind.word(),
                ":from_place": new.from.word(),
                ":from_id": new.from.id(),
                ":to_place": new.to.word(),
                ":to_id": new.to.id(),
                ":product": new.product,
                ":qty": new.qty,
                ":state": new.state.word(),
                ":route": new.route,
                ":stop": new.stop,
                ":order": new.order,
                ":undoes": new.undoes,
                ":user": by.user,
                ":note": new.note,
            })
        })
        .doing(format_args!("move cylinders from {} to {}", new.from, new.to))?;
    let id = MovementId(tx.last_insert_rowid());
    add(tx, new.from, new, -new.qty)?;
    add(tx, new.to, new, new.qty)?;
    if new.from == Place::Shop && new.state == State::Full {
        stock::tell_when_low(tx, new, by)?;
    }
    Ok(id)
}

/// Adds `qty` to what is at `place`.
fn add(tx: &Transaction, place: Place, new: &NewMovement, qty: i64) -> Result<()> {
    const SQL: &str = "
        INSERT INTO cylinder_balances (place, place_id, product_id, state, qty)
        VALUES (:place, :id, :product, :state, :qty)
        ON CONFLICT (place, place_id, product_id, state) DO UPDATE SET qty = qty + excluded.qty";
    tx.prepare_cached(SQL)
        .and_then(|mut insert| {
            insert.execute(named_params! {
                ":place": place.word(),
                ":id": place.id().unwrap_or(0),
                ":product": new.product,
                ":state": new.state.word(),
                ":qty": qty,
            })
        })
        .doing(format_args!("keep the balance of {place}"))?;
    Ok(())
}

/// One movement; `NotFound` when there is none.
pub fn get(conn: &Connection, id: MovementId) -> Result<Movement> {
    const SQL: &str = "
        SELECT m.*,
               u.id AS undone_by
        FROM cylinder_movements AS m
        LEFT JOIN cylinder_movements AS u ON u.undoes_id = m.id
        WHERE m.id = :id";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":id": id}, movement).optional())
        .doing(format_args!("get movement {id}"))?
        .ok_or_else(|| Error::not_found(NOUN, id))
}

/// The movements of a stop that stand: neither undone nor undoing, the first first.
pub fn of_stop(conn: &Connection, stop: StopId) -> Result<Vec<Movement>> {
    const SQL: &str = "
        /* cylinders: of stop */
        SELECT m.*,
               NULL AS undone_by
        FROM cylinder_movements AS m
        WHERE m.stop_id = :stop
          AND m.undoes_id IS NULL
          AND NOT EXISTS (SELECT 1 FROM cylinder_movements AS u WHERE u.undoes_id = m.id)
        ORDER BY m.id";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":stop": stop}, movement)?.collect())
        .doing(format_args!("list the cylinders moved at stop {stop}"))
}

/// What is at `place`, in the order of the price list; products of which nothing is there are left out.
pub fn balances(conn: &Connection, place: Place) -> Result<Vec<Balance>> {
    const SQL: &str = "
        /* cylinders: balances */
        SELECT b.product_id,
               sum(CASE b.state WHEN 'full' THEN b.qty ELSE 0 END) AS full,
               sum(CASE b.state WHEN 'empty' THEN b.qty ELSE 0 END) AS empty
        FROM cylinder_balances AS b
        JOIN products AS p ON p.id = b.product_id
        WHERE b.place = :place AND b.place_id = :id
        GROUP BY b.product_id
        HAVING max(b.qty <> 0)
        ORDER BY p.sort_order, p.id";
    let balance = |row: &Row| Ok(Balance { product: row.get("product_id")?, full: row.get("full")?, empty: row.get("empty")? });
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":place": place.word(), ":id": place.id().unwrap_or(0)}, balance)?.collect())
        .doing(format_args!("list the cylinders at {place}"))
}

/// How many `state` ones of `product` are at `place`.
pub fn qty(conn: &Connection, place: Place, product: ProductId, state: State) -> Result<i64> {
    const SQL: &str = "
        SELECT qty
        FROM cylinder_balances
        WHERE place = :place AND place_id = :id AND product_id = :product AND state = :state";
    let params = named_params! {":place": place.word(), ":id": place.id().unwrap_or(0), ":product": product, ":state": state.word()};
    let found: Option<i64> = conn
        .prepare_cached(SQL)
        .and_then(|mut query| query.query_row(params, |row| row.get(0)).optional())
        .doing(format_args!("count the cylinders at {place}"))?;
    Ok(found.unwrap_or(0))
}

/// What a customer has, by product in the order of the price list: all that the client list opened with or that ever
/// moved, what has come to nothing too.
pub fn held_by_customer(conn: &Connection, customer: CustomerId) -> Result<Vec<Held>> {
    const SQL: &str = "
        /* cylinders: held by customer */
        WITH held AS (
            SELECT p.id AS product_id, k.qty AS opening, 0 AS moved
            FROM customer_cylinders AS k
            JOIN products AS p ON p.code = k.product
            WHERE k.customer_id = :customer
            UNION ALL
            SELECT product_id, 0, qty
            FROM cylinder_balances
            WHERE place = 'customer' AND place_id = :customer
        )
        SELECT h.product_id,
               p.name AS product_name,
               sum(h.opening) AS opening,
               sum(h.moved) AS moved
        FROM held AS h
        JOIN products AS p ON p.id = h.product_id
        GROUP BY h.product_id
        ORDER BY p.sort_order, p.id";
    let held = |row: &Row| {
        Ok(Held {
            product: row.get("product_id")?,
            product_name: row.get("product_name")?,
            opening: row.get("opening")?,
            moved: row.get("moved")?,
        })
    };
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":customer": customer}, held)?.collect())
        .doing(format_args!("list the cylinders of customer {customer}"))
}

/// What was put on the truck for `route`, less what was taken off again before it left, by product; empty when nobody
/// has loaded it.
pub fn loaded(conn: &Connection, route: RouteId) -> Result<HashMap<ProductId, i64>> {
    const SQL: &str = "
        /* cylinders: loaded */
        SELECT product_id,
               sum(CASE to_place WHEN 'vehicle' THEN qty ELSE -qty END) AS qty
        FROM cylinder_movements
        WHERE route_id = :route AND kind = 'loaded'
        GROUP BY product_id";
    conn.prepare_cached(SQL)
        .and_then(|mut query| {
            query.query_map(named_params! {":route": route}, |row| Ok((row.get("product_id")?, row.get("qty")?)))?.collect()
        })
        .doing(format_args!("list what route {route} was loaded with"))
}

/// From now on it is known how many there are, be it none.
pub(super) fn make_known(tx: &Transaction, place: Place, product: ProductId, state: State) -> Result<()> {
    const SQL: &str = "
        INSERT INTO cylinder_balances (place, place_id, product_id, state, qty)
        VALUES (:place, :id, :product, :state, 0)
        ON CONFLICT (place, place_id, product_id, state) DO NOTHING";
    let params = named_params! {":place": place.word(), ":id": place.id().unwrap_or(0), ":product": product, ":state": state.word()};
    tx.prepare_cached(SQL).and_then(|mut insert| insert.execute(params)).doing(format_args!("keep the balance of {place}"))?;
    Ok(())
}

/// How many of the cylinders at a customer are their own, by product; what is not named is lent.
pub fn owned_by_customer(conn: &Connection, customer: CustomerId) -> Result<HashMap<ProductId, i64>> {
    conn.prepare_cached("SELECT product_id, qty FROM customer_owned_cylinders WHERE customer_id = :customer")
        .and_then(|mut query| {
            query.query_map(named_params! {":customer": customer}, |row| Ok((row.get("product_id")?, row.get("qty")?)))?.collect()
        })
        .doing(format_args!("list the own cylinders of customer {customer}"))
}

pub(super) fn set_owned(tx: &Transaction, customer: CustomerId, product: ProductId, qty: i64) -> Result<()> {
    const SQL: &str = "
        INSERT INTO customer_owned_cylinders (customer_id, product_id, qty)
        VALUES (:customer, :product, :qty)
        ON CONFLICT (customer_id, product_id) DO UPDATE SET qty = excluded.qty";
    tx.prepare_cached(SQL)
        .and_then(|mut insert| insert.execute(named_params! {":customer": customer, ":product": product, ":qty": qty}))
        .doing(format_args!("write the own cylinders of customer {customer}"))?;
    Ok(())
}

pub(super) fn movement(row: &Row) -> rusqlite::Result<Movement> {
    let place = |word: &str, id: &str| -> rusqlite::Result<Place> {
        let (word, id): (String, Option<i64>) = (row.get(word)?, row.get(id)?);
        // The table's CHECKs leave no other pairs.
        Ok(Place::of(&word, id).unwrap_or(Place::Outside))
    };
    Ok(Movement {
        id: row.get("id")?,
        on: row.get("moved_on")?,
        at: row.get("at")?,
        kind: row.get::<_, Kind>("kind")?,
        from: place("from_place", "from_id")?,
        to: place("to_place", "to_id")?,
        product: row.get("product_id")?,
        qty: row.get("qty")?,
        state: row.get::<_, State>("state")?,
        route: row.get("route_id")?,
        stop: row.get("stop_id")?,
        order: row.get("order_id")?,
        undoes: row.get("undoes_id")?,
        undone_by: row.get("undone_by")?,
        user: row.get("user_id")?,
        note: row.get("note")?,
    })
}
