use serde_json::{Value, json};

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::payments::{Payment, Status, store};
use crate::values::Day;

/// `GET /api/v1/payments?date=2025-05-28` is what came in on a day, voided ones too, and what stands of it.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let day: Day = match req.query("date").map(str::trim) {
        None | Some("") => req.at.day(),
        Some(text) => text.parse().map_err(|()| Error::invalid("date", "日期要像 2025-05-28。"))?,
    };

    let payments = app.db.read(|conn| store::of_day(conn, day))?;

    let total: i64 = payments.iter().filter(|payment| payment.status != Status::Voided).map(|payment| payment.amount.0).sum();
    let payments: Vec<Value> = payments.iter().map(to_json).collect();
    Ok(Response::json(&json!({"date": day.to_string(), "total_ntd": total, "payments": payments})))
}

fn to_json(payment: &Payment) -> Value {
    json!({
        "id": payment.id.0,
        "payment_number": payment.number,
        "paid_on": payment.paid_on.to_string(),
        "customer_id": payment.customer.0,
        "method": payment.method.word(),
        "amount_ntd": payment.amount.0,
        "order_id": payment.order.map(|id| id.0),
        "stop_id": payment.stop.map(|id| id.0),
        "received_by": payment.received_by.map(|id| id.0),
        "status": payment.status.word(),
        "void_reason": payment.void_reason,
        "created_at": payment.created_at.to_string(),
    })
}
