//! An order as JSON: in the API and, before and after, in the journal. The names are the database's.

use serde_json::{Map, Value, json};

use crate::orders::{Line, NewLine, NewOrder, Order, Payment, Status};
use crate::values::{Ntd, ProductId, UserId, Window};

/// The whole order.
pub fn json(order: &Order) -> Value {
    json!({
        "id": order.id.0,
        "order_number": order.number,
        "customer_id": order.customer_id.0,
        "origin": order.origin.word(),
        "status": order.status.word(),
        "scheduled_on": order.scheduled_on.to_string(),
        "window_start": order.window.start(),
        "window_end": order.window.end(),
        "delivery_address": order.delivery_address,
        "contact_name": order.contact_name,
        "contact_phone": order.contact_phone,
        "is_urgent": order.is_urgent,
        "notes": order.notes,
        "lines": order.lines.iter().map(line).collect::<Vec<_>>(),
        "subtotal_ntd": order.totals.subtotal.0,
        "discount_ntd": order.totals.discount.0,
        "surcharge_ntd": order.totals.surcharge.0,
        "surcharge_label": order.surcharge_label,
        "residual_credit_ntd": order.totals.residual_credit.0,
        "final_ntd": order.totals.total.0,
        "payment_method": order.payment.word(),
        "payment_status": order.payment_status.word(),
        "paid_ntd": order.paid.0,
        "driver_id": order.driver_id.map(|id| id.0),
        "attempt_count": order.attempt_count,
        "cancel_reason": order.cancel_reason.map(|reason| reason.word()),
        "cancel_note": order.cancel_note,
        "delivered_at": order.delivered_at.map(|at| at.to_string()),
        "delivery_id": order.delivery_id.map(|id| id.0),
        "copied_from": order.copied_from.map(|id| id.0),
        "template_id": order.template_id.map(|id| id.0),
        "order_import_id": order.order_import_id.map(|id| id.0),
        "created_by": order.created_by.map(|id| id.0),
        "created_at": order.created_at.to_string(),
        "updated_at": order.updated_at.to_string(),
        "version": order.version,
    })
}

/// What differs, before and after; version and hour of the change are the journal's own.
pub fn changes(before: &Order, after: &Order) -> (Map<String, Value>, Map<String, Value>) {
    let (before, after) = (json(before), json(after));
    let differs = |name: &str| !matches!(name, "version" | "updated_at") && before[name] != after[name];
    let only = |object: &Value| {
        object
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, _)| differs(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    (only(&before), only(&after))
}

/// `order` with those of its values that may be changed as `values` says, which [`changes`] gave; `None` when a value
/// is of a name that never changes in an open order, or cannot be read.
pub fn restored(order: &Order, values: &Map<String, Value>) -> Option<Order> {
    let mut order = order.clone();
    let (mut start, mut end) = (order.window.start(), order.window.end());
    for (name, value) in values {
        let text = || value.as_str();
        let optional = || if value.is_null() { Some(None) } else { text().map(|text| Some(text.to_owned())) };
        let money = || value.as_i64().map(Ntd);
        match name.as_str() {
            "status" => order.status = Status::from_word(text()?)?,
            "scheduled_on" => order.scheduled_on = text()?.parse().ok()?,
            "window_start" => start = text()?.to_owned(),
            "window_end" => end = text()?.to_owned(),
            "delivery_address" => order.delivery_address = optional()?,
            "contact_name" => order.contact_name = optional()?,
            "contact_phone" => order.contact_phone = optional()?,
            "is_urgent" => order.is_urgent = value.as_bool()?,
            "notes" => order.notes = optional()?,
            "lines" => order.lines = value.as_array()?.iter().map(line_of).collect::<Option<_>>()?,
            "subtotal_ntd" => order.totals.subtotal = money()?,
            "discount_ntd" => order.totals.discount = money()?,
            "surcharge_ntd" => order.totals.surcharge = money()?,
            "surcharge_label" => order.surcharge_label = optional()?,
            "final_ntd" => order.totals.total = money()?,
            "payment_method" => order.payment = Payment::from_word(text()?)?,
            "driver_id" => order.driver_id = value.as_i64().map(UserId),
            _ => return None,
        }
    }
    order.window = Window::between(&start, &end)?;
    Some(order)
}

/// `order` as it stood when `before` was still true of it: what a form was drawn from. Values a form does not show are
/// left as they are now.
pub fn as_it_was(order: &Order, before: &Map<String, Value>) -> Option<Order> {
    const UNSEEN: [&str; 8] = [
        "attempt_count",
        "cancel_note",
        "cancel_reason",
        "delivered_at",
        "delivery_id",
        "paid_ntd",
        "payment_status",
        "residual_credit_ntd",
    ];
    let seen = before.iter().filter(|(name, _)| !UNSEEN.contains(&name.as_str()));
    restored(order, &seen.map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// What may be said of an order, under the names [`NewOrder::overlay`] reads.
pub fn wanted(new: &NewOrder) -> Map<String, Value> {
    let line = |line: &NewLine| {
        json!({
            "product_id": line.product_id.0,
            "qty": line.qty,
            "unit_price_ntd": line.unit_price.map(|price| price.0),
            "discount_percent": line.discount_percent,
        })
    };
    let object = json!({
        "scheduled_on": new.scheduled_on.to_string(),
        "window_start": new.window.start(),
        "window_end": new.window.end(),
        "delivery_address": new.delivery_address,
        "contact_name": new.contact_name,
        "contact_phone": new.contact_phone,
        "is_urgent": new.is_urgent,
        "notes": new.notes,
        "lines": new.lines.iter().map(line).collect::<Vec<_>>(),
        "surcharge_ntd": new.surcharge.0,
        "surcharge_label": new.surcharge_label,
        "payment_method": new.payment.word(),
    });
    object.as_object().cloned().unwrap_or_default()
}

/// A line that is not delivered yet.
fn line_of(value: &Value) -> Option<Line> {
    Some(Line {
        product_id: ProductId(value["product_id"].as_i64()?),
        product_name: value["product_name"].as_str()?.to_owned(),
        qty: value["qty"].as_i64()?,
        unit_price: value["unit_price_ntd"].as_i64().map(Ntd),
        list_price: value["list_price_ntd"].as_i64().map(Ntd),
        discount_percent: value["discount_percent"].as_i64()?,
        amount: Ntd(value["line_ntd"].as_i64()?),
        is_exchange: value["is_exchange"].as_bool()?,
        empties_expected: value["empties_expected"].as_i64()?,
        delivered: None,
    })
}

fn line(line: &Line) -> Value {
    json!({
        "product_id": line.product_id.0,
        "product_name": line.product_name,
        "qty": line.qty,
        "unit_price_ntd": line.unit_price.map(|price| price.0),
        "list_price_ntd": line.list_price.map(|price| price.0),
        "discount_percent": line.discount_percent,
        "line_ntd": line.amount.0,
        "is_exchange": line.is_exchange,
        "empties_expected": line.empties_expected,
        "qty_delivered": line.delivered.map(|delivered| delivered.qty),
        "empties_returned": line.delivered.map(|delivered| delivered.empties),
        "residual_g": line.delivered.map(|delivered| delivered.residual.0),
    })
}
