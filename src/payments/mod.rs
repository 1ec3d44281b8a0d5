//! A payment is money somebody took for the shop (business §15.1).
//!
//! Invariants
//! - Numbers run without a gap through each day and are never used twice; the next is drawn inside the transaction
//!   that writes the payment.
//! - A payment is never removed; a wrong one is voided and says why.

pub mod api;
pub mod store;

use rusqlite::Transaction;
use serde_json::json;

use crate::error::{Error, Noun, Result};
use crate::journal::{self, By, Entry};
use crate::values::choice::choice;
use crate::values::{CustomerId, Day, Ntd, OrderId, PaymentId, Stamp, StopId, UserId};

pub const NOUN: Noun = Noun { word: "payment", label: "收款" };

choice! {
    /// How the money came.
    Method {
        Cash = "cash", "現金";
        Transfer = "transfer", "轉帳";
        Cheque = "cheque", "支票";
        Other = "other", "其他";
    }
}

choice! {
    /// Where a payment stands.
    Status {
        Recorded = "recorded", "已記";
        /// The accountant has seen the money.
        Verified = "verified", "已核對";
        Voided = "voided", "作廢";
    }
}

/// Money about to be written down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPayment {
    pub customer: CustomerId,
    pub method: Method,
    /// At least a dollar.
    pub amount: Ntd,
    pub order: Option<OrderId>,
    pub stop: Option<StopId>,
    /// Who took it.
    pub received_by: Option<UserId>,
    /// The day it counts for; `None`: the moment's.
    pub on: Option<Day>,
}

/// A payment as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    pub id: PaymentId,
    /// `PAY-20250528-0007`.
    pub number: String,
    pub paid_on: Day,
    pub customer: CustomerId,
    pub method: Method,
    pub amount: Ntd,
    pub order: Option<OrderId>,
    pub stop: Option<StopId>,
    pub received_by: Option<UserId>,
    pub status: Status,
    /// Of a voided one.
    pub void_reason: Option<String>,
    pub created_at: Stamp,
    pub version: i64,
}

/// Writes a payment down under its day's next number. `Invalid` in `amount` for an amount that is none.
pub fn record(tx: &Transaction, new: &NewPayment, by: By) -> Result<PaymentId> {
    if !(1..=Ntd::LIMIT).contains(&new.amount.0) {
        return Err(Error::invalid("amount", "金額是 1 到 9,999,999 的整數。"));
    }
    let id = store::insert(tx, new, by)?;
    let payment = store::get(tx, id)?;
    let after = json!({
        "payment_number": payment.number,
        "customer_id": payment.customer.0,
        "method": payment.method.word(),
        "amount_ntd": payment.amount.0,
        "order_id": payment.order.map(|id| id.0),
        "stop_id": payment.stop.map(|id| id.0),
        "received_by": payment.received_by.map(|id| id.0),
    });
    journal::record(tx, &Entry { by, verb: "record", noun: NOUN, noun_id: Some(id.0), change: json!({"after": after}) })?;
    Ok(id)
}

/// Says that the money did not come after all. `NotFound` when there is no such payment, `Conflict` when it is voided.
pub fn void(tx: &Transaction, id: PaymentId, reason: &str, by: By) -> Result<()> {
    let before = store::get(tx, id)?;
    if before.status == Status::Voided {
        return Err(Error::conflict("payment is voided", "這筆收款已經作廢了。"));
    }
    store::void(tx, id, reason, by)?;
    let change = json!({
        "version": before.version,
        "before": {"status": before.status.word()},
        "after": {"status": Status::Voided.word()},
        "amount_ntd": before.amount.0,
        "reason": reason,
    });
    journal::record(tx, &Entry { by, verb: "void", noun: NOUN, noun_id: Some(id.0), change })
}
