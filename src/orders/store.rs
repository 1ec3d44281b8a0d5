mod acts;
pub mod bulk;
mod filters;
mod list;
mod of_customer;
mod pages;
mod takes;
mod words;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use crate::customers::Details;
use crate::error::{Doing, Error, Result};
use crate::journal::By;
use crate::orders::{CancelReason, DeliveredLine, Line, NOUN, NewOrder, Order, Status, Step, Totals};
use crate::values::{CustomerId, DeliveryId, OrderId, Window};

pub(super) use takes::{last_takes, last_takes_of};

pub use acts::{Act, acts_of, is_last_act, is_undone};
pub use filters::{Saved, keep_filter, remove_filter, saved_filters};
pub use list::{Listed, Listing, Open, Sums, chips_of_day, count_on, count_taken, list, listed_of, nearest_open, numbered, plans};
pub use of_customer::{Behind, People, behind_deliveries, people_of_open};
pub use pages::{Asked, page};
pub(super) use words::write_words;

/// One order, whole; `NotFound` when there is none.
pub fn get(conn: &Connection, id: OrderId) -> Result<Order> {
    const SQL: &str = "
        /* orders: one */
        SELECT *
        FROM orders
        WHERE id = :id";
    let mut order = conn
        .prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":id": id}, order).optional())
        .doing(format_args!("get order {id}"))?
        .ok_or_else(|| Error::not_found(NOUN, id))?;
    order.lines = lines(conn, id)?;
    Ok(order)
}

/// Those of a customer still to be delivered, the nearest first.
pub fn open_of(conn: &Connection, customer: CustomerId) -> Result<Vec<Order>> {
    const SQL: &str = "
        /* orders: open of customer */
        SELECT *
        FROM orders
        WHERE customer_id = :customer AND status IN ('pending', 'confirmed', 'assigned', 'in_delivery')
        ORDER BY scheduled_on, window_start, id";
    let mut orders: Vec<Order> = conn
        .prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":customer": customer}, order)?.collect())
        .doing(format_args!("list the open orders of customer {customer}"))?;
    for order in &mut orders {
        order.lines = lines(conn, order.id)?;
    }
    Ok(orders)
}

/// Whether the driver of `order` brought another order of `delivery`.
pub(super) fn has_other_at(conn: &Connection, delivery: DeliveryId, order: &Order) -> Result<bool> {
    conn.prepare_cached("SELECT 1 FROM orders WHERE delivery_id = :delivery AND id <> :id AND driver_id IS :driver")
        .and_then(|mut query| query.exists(named_params! {":delivery": delivery, ":id": order.id, ":driver": order.driver_id}))
        .doing("look for another order of a delivery")
}

/// The order one filled-in form has made.
pub fn find_by_form_key(conn: &Connection, key: &str) -> Result<Option<OrderId>> {
    conn.prepare_cached("SELECT id FROM orders WHERE form_key = :key")
        .and_then(|mut query| query.query_row(named_params! {":key": key}, |row| row.get("id")).optional())
        .doing("find an order by its form")
}

/// The orders that were copied from `id`, the first copy first.
pub fn copies_of(conn: &Connection, id: OrderId) -> Result<Vec<(OrderId, String)>> {
    const SQL: &str = "
        SELECT id,
               order_number
        FROM orders
        WHERE copied_from = :id
        ORDER BY id";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":id": id}, |row| Ok((row.get("id")?, row.get("order_number")?)))?.collect())
        .doing(format_args!("list the copies of order {id}"))
}

/// The way an order went, from when it was taken.
pub fn history(conn: &Connection, id: OrderId) -> Result<Vec<Step>> {
    const SQL: &str = "
        SELECT h.from_status,
               h.to_status,
               h.at,
               h.reason,
               u.name
        FROM order_history AS h
        LEFT JOIN users AS u ON u.id = h.user_id
        WHERE h.order_id = :id
        ORDER BY h.id";
    let step = |row: &Row| {
        Ok(Step {
            from: row.get("from_status")?,
            to: row.get("to_status")?,
            at: row.get("at")?,
            by: row.get("name")?,
            reason: row.get("reason")?,
        })
    };
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":id": id}, step)?.collect())
        .doing(format_args!("list the steps of order {id}"))
}

/// Writes a new order under the next number of the day; only `take` calls it, with what it has checked.
pub(super) fn insert(
    tx: &Transaction,
    new: &NewOrder,
    customer: &Details,
    status: Status,
    lines: &[Line],
    totals: Totals,
    by: By,
) -> Result<OrderId> {
    const SQL: &str = "
        INSERT INTO orders (ordered_on, day_no, customer_id, origin, status, scheduled_on, window_start, window_end, delivery_address,
                            contact_name, contact_phone, is_urgent, notes, subtotal_ntd, discount_ntd, surcharge_ntd, surcharge_label,
                            residual_credit_ntd, final_ntd, payment_method, form_key, copied_from, template_id, order_import_id,
                            created_by, created_at, updated_at)
        VALUES (:today, (SELECT coalesce(max(day_no), 0) + 1 FROM orders WHERE ordered_on = :today), :customer, :origin, :status,
                :scheduled_on, :window_start, :window_end, :address, :contact_name, :contact_phone, :is_urgent, :notes, :subtotal,
                :discount, :surcharge, :surcharge_label, :residual_credit, :final, :payment, :form_key, :copied_from, :template,
                :order_import, :by, :at, :at)";
    let first_phone = customer.phones.first().map(|number| number.phone.to_string());
    tx.prepare_cached(SQL)
        .and_then(|mut insert| {
            insert.execute(named_params! {
                ":today": by.at.day(),
                ":customer": new.customer_id,
                ":origin": new.origin.word(),
                ":status": status.word(),
                ":scheduled_on": new.scheduled_on,
                ":window_start": new.window.start(),
                ":window_end": new.window.end(),
                ":address": new.delivery_address.as_ref().or(customer.address.as_ref()),
                ":contact_name": new.contact_name.as_ref().or(customer.contact_name.as_ref()),
                ":contact_phone": new.contact_phone.as_ref().or(first_phone.as_ref()),
                ":is_urgent": new.is_urgent,
                ":notes": new.notes,
                ":subtotal": totals.subtotal,
                ":discount": totals.discount,
                ":surcharge": totals.surcharge,
                ":surcharge_label": new.surcharge_label,
                ":residual_credit": totals.residual_credit,
                ":final": totals.total,
                ":payment": new.payment.word(),
                ":form_key": new.form_key,
                ":copied_from": new.copied_from,
                ":template": new.template_id,
                ":order_import": new.order_import_id,
                ":by": by.user,
                ":at": by.at,
            })
        })
        .doing("write an order")?;
    let id = OrderId(tx.last_insert_rowid());
    write_lines(tx, id, lines)?;
    write_words(tx, id)?;
    Ok(id)
}

/// Puts `lines` in the place of those the order had.
pub(super) fn write_lines(tx: &Transaction, id: OrderId, lines: &[Line]) -> Result<()> {
    const SQL: &str = "
        INSERT INTO order_lines (order_id, line_no, product_id, product_name, qty, unit_price_ntd, list_price_ntd, discount_percent,
                                 line_ntd, is_exchange, empties_expected, qty_delivered, empties_returned, residual_g)
        VALUES (:order, :no, :product, :name, :qty, :unit_price, :list_price, :discount, :amount, :is_exchange, :empties,
                :qty_delivered, :empties_returned, :residual)";
    let write = || -> rusqlite::Result<()> {
        tx.prepare_cached("DELETE FROM order_lines WHERE order_id = :order")?.execute(named_params! {":order": id})?;
        let mut insert = tx.prepare_cached(SQL)?;
        for (no, line) in (1..).zip(lines) {
            insert.execute(named_params! {
                ":order": id,
                ":no": no as i64,
                ":product": line.product_id,
                ":name": line.product_name,
                ":qty": line.qty,
                ":unit_price": line.unit_price,
                ":list_price": line.list_price,
                ":discount": line.discount_percent,
                ":amount": line.amount,
                ":is_exchange": line.is_exchange,
                ":empties": line.empties_expected,
                ":qty_delivered": line.delivered.map(|delivered| delivered.qty),
                ":empties_returned": line.delivered.map(|delivered| delivered.empties),
                ":residual": line.delivered.map(|delivered| delivered.residual),
            })?;
        }
        Ok(())
    };
    write().doing(format_args!("write the lines of order {id}"))
}

/// Writes all of `after` that can change in the place of `before`, as its next version; `Conflict` when it has moved on
/// since `before` was read. Whoever calls it writes the history and the journal too.
pub(super) fn update(tx: &Transaction, before: &Order, after: &Order, by: By) -> Result<()> {
    const SQL: &str = "
        /* orders: update */
        UPDATE orders
        SET status = :status,
            origin = :origin,
            scheduled_on = :scheduled_on,
            window_start = :window_start,
            window_end = :window_end,
            delivery_address = :address,
            contact_name = :contact_name,
            contact_phone = :contact_phone,
            is_urgent = :is_urgent,
            notes = :notes,
            subtotal_ntd = :subtotal,
            discount_ntd = :discount,
            surcharge_ntd = :surcharge,
            surcharge_label = :surcharge_label,
            residual_credit_ntd = :residual_credit,
            final_ntd = :final,
            payment_method = :payment,
            payment_status = :payment_status,
            paid_ntd = :paid,
            driver_id = :driver,
            attempt_count = :attempts,
            cancel_reason = :cancel_reason,
            cancel_note = :cancel_note,
            delivered_at = :delivered_at,
            delivery_id = :delivery,
            updated_at = :at,
            version = version + 1
        WHERE id = :id AND version = :version";
    let changed = tx
        .prepare_cached(SQL)
        .and_then(|mut update| {
            update.execute(named_params! {
                ":id": before.id,
                ":version": before.version,
                ":at": by.at,
                ":status": after.status.word(),
                ":origin": after.origin.word(),
                ":scheduled_on": after.scheduled_on,
                ":window_start": after.window.start(),
                ":window_end": after.window.end(),
                ":address": after.delivery_address,
                ":contact_name": after.contact_name,
                ":contact_phone": after.contact_phone,
                ":is_urgent": after.is_urgent,
                ":notes": after.notes,
                ":subtotal": after.totals.subtotal,
                ":discount": after.totals.discount,
                ":surcharge": after.totals.surcharge,
                ":surcharge_label": after.surcharge_label,
                ":residual_credit": after.totals.residual_credit,
                ":final": after.totals.total,
                ":payment": after.payment.word(),
                ":payment_status": after.payment_status.word(),
                ":paid": after.paid,
                ":driver": after.driver_id,
                ":attempts": after.attempt_count,
                ":cancel_reason": after.cancel_reason.map(CancelReason::word),
                ":cancel_note": after.cancel_note,
                ":delivered_at": after.delivered_at,
                ":delivery": after.delivery_id,
            })
        })
        .doing(format_args!("update order {}", before.id))?;
    if changed != 1 {
        return Err(Error::conflict("order is not at that version", "這張單剛剛被別人改過，你的還沒存。"));
    }
    let words = |order: &Order| [order.contact_name.clone(), order.contact_phone.clone(), order.delivery_address.clone()];
    if words(before) != words(after) {
        write_words(tx, before.id)?;
    }
    if before.lines == after.lines { Ok(()) } else { write_lines(tx, before.id, &after.lines) }
}

/// Adds a step to the order's history; whoever changes its state calls this in the same transaction.
pub(super) fn record_step(tx: &Transaction, id: OrderId, from: Option<Status>, to: Status, by: By, reason: Option<&str>) -> Result<()> {
    const SQL: &str = "
        INSERT INTO order_history (order_id, from_status, to_status, at, user_id, reason)
        VALUES (:order, :from, :to, :at, :by, :reason)";
    tx.prepare_cached(SQL)
        .and_then(|mut insert| {
            insert.execute(named_params! {
                ":order": id,
                ":from": from.map(Status::word),
                ":to": to.word(),
                ":at": by.at,
                ":by": by.user,
                ":reason": reason,
            })
        })
        .doing(format_args!("write a step of order {id}"))?;
    Ok(())
}

fn lines(conn: &Connection, id: OrderId) -> Result<Vec<Line>> {
    const SQL: &str = "
        SELECT *
        FROM order_lines
        WHERE order_id = :id
        ORDER BY line_no";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":id": id}, line)?.collect())
        .doing(format_args!("list the lines of order {id}"))
}

fn line(row: &Row) -> rusqlite::Result<Line> {
    let qty_delivered: Option<i64> = row.get("qty_delivered")?;
    let delivered = match qty_delivered {
        Some(qty) => Some(DeliveredLine {
            qty,
            empties: row.get::<_, Option<i64>>("empties_returned")?.unwrap_or_default(),
            residual: row.get::<_, Option<_>>("residual_g")?.unwrap_or_default(),
        }),
        None => None,
    };
    Ok(Line {
        product_id: row.get("product_id")?,
        product_name: row.get("product_name")?,
        qty: row.get("qty")?,
        unit_price: row.get("unit_price_ntd")?,
        list_price: row.get("list_price_ntd")?,
        discount_percent: row.get("discount_percent")?,
        amount: row.get("line_ntd")?,
        is_exchange: row.get("is_exchange")?,
        empties_expected: row.get("empties_expected")?,
        delivered,
    })
}

/// An order without its lines.
fn order(row: &Row) -> rusqlite::Result<Order> {
    let (start, end): (String, String) = (row.get("window_start")?, row.get("window_end")?);
    Ok(Order {
        id: row.get("id")?,
        number: row.get("order_number")?,
        customer_id: row.get("customer_id")?,
        origin: row.get("origin")?,
        status: row.get("status")?,
        scheduled_on: row.get("scheduled_on")?,
        window: Window::between(&start, &end).unwrap_or(Window::ALL_DAY),
        delivery_address: row.get("delivery_address")?,
        contact_name: row.get("contact_name")?,
        contact_phone: row.get("contact_phone")?,
        is_urgent: row.get("is_urgent")?,
        notes: row.get("notes")?,
        lines: Vec::new(),
        totals: Totals {
            subtotal: row.get("subtotal_ntd")?,
            discount: row.get("discount_ntd")?,
            surcharge: row.get("surcharge_ntd")?,
            residual_credit: row.get("residual_credit_ntd")?,
            total: row.get("final_ntd")?,
        },
        surcharge_label: row.get("surcharge_label")?,
        payment: row.get("payment_method")?,
        payment_status: row.get("payment_status")?,
        paid: row.get("paid_ntd")?,
        driver_id: row.get("driver_id")?,
        attempt_count: row.get("attempt_count")?,
        cancel_reason: row.get("cancel_reason")?,
        cancel_note: row.get("cancel_note")?,
        delivered_at: row.get("delivered_at")?,
        delivery_id: row.get("delivery_id")?,
        copied_from: row.get("copied_from")?,
        template_id: row.get("template_id")?,
        order_import_id: row.get("order_import_id")?,
        created_by: row.get("created_by")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        version: row.get("version")?,
    })
}
