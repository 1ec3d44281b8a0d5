//! Orders by the thousand, each with the whole way it went: how the demonstration shop writes them.
//!
//! Invariants
//! - Numbers run through each day in the order in which orders are added: add the one taken first first.
//! - A load of them is one line of the journal, its caller's; [`noted`] tells what else may be noted.

use rusqlite::{CachedStatement, Transaction, named_params};
use serde_json::{Value, json};

use crate::error::{Doing, Error, Result};
use crate::journal::{self, By, Entry};
use crate::orders::steps::{self, Action};
use crate::orders::store::{record_step, write_lines, write_words};
use crate::orders::{CancelReason, Line, NOUN, Order, Origin, Payment, PaymentStatus, Status, Totals, fields};
use crate::values::{CustomerId, Day, DeliveryId, Ntd, OrderId, OrderImportId, Stamp, TemplateId, UserId, Window};

/// An order that is not in the file yet, with everything that has happened to it.
#[derive(Clone, Debug)]
pub struct Whole {
    pub customer_id: CustomerId,
    pub origin: Origin,
    pub scheduled_on: Day,
    pub window: Window,
    pub delivery_address: Option<String>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    pub is_urgent: bool,
    pub notes: Option<String>,
    pub lines: Vec<Line>,
    pub surcharge: Ntd,
    pub surcharge_label: Option<String>,
    pub payment: Payment,
    pub paid: Ntd,
    pub driver_id: Option<UserId>,
    pub attempt_count: i64,
    /// With its note; of a cancelled order only.
    pub cancelled: Option<(CancelReason, Option<String>)>,
    /// Of a delivered order only.
    pub delivery_id: Option<DeliveryId>,
    pub template_id: Option<TemplateId>,
    pub order_import_id: Option<OrderImportId>,
    /// Its way, the taking first; never empty.
    pub steps: Vec<Stepped>,
}

/// A step of it.
#[derive(Clone, Debug)]
pub struct Stepped {
    pub to: Status,
    pub at: Stamp,
    /// `None`: the program itself.
    pub by: Option<UserId>,
    pub reason: Option<String>,
}

impl Stepped {
    /// The same, with why.
    pub fn because(self, reason: &str) -> Stepped {
        Stepped { reason: Some(reason.to_owned()), ..self }
    }
}

impl Whole {
    pub fn totals(&self) -> Totals {
        Totals::of(self.lines.iter().map(|line| (line.amount, line.discount_percent)), self.surcharge, Ntd(0))
    }
}

/// Adds orders within one transaction.
pub struct Writer<'tx> {
    tx: &'tx Transaction<'tx>,
    orders: CachedStatement<'tx>,
}

impl<'tx> Writer<'tx> {
    pub fn new(tx: &'tx Transaction) -> Result<Writer<'tx>> {
        const ORDERS: &str = "
            /* orders: add whole */
            INSERT INTO orders (ordered_on, day_no, customer_id, origin, status, scheduled_on, window_start, window_end, delivery_address,
                                contact_name, contact_phone, is_urgent, notes, subtotal_ntd, discount_ntd, surcharge_ntd, surcharge_label,
                                final_ntd, payment_method, payment_status, paid_ntd, driver_id, attempt_count, cancel_reason, cancel_note,
                                delivered_at, delivery_id, template_id, order_import_id, created_by, created_at, updated_at, version)
            VALUES (:on, (SELECT coalesce(max(day_no), 0) + 1 FROM orders WHERE ordered_on = :on), :customer, :origin, :status,
                    :scheduled_on, :window_start, :window_end, :address, :contact_name, :contact_phone, :is_urgent, :notes, :subtotal,
                    :discount, :surcharge, :surcharge_label, :final, :payment, :payment_status, :paid, :driver, :attempts, :cancel_reason,
                    :cancel_note, :delivered_at, :delivery, :template, :list, :by, :created_at, :updated_at, :version)";
        Ok(Writer { tx, orders: tx.prepare_cached(ORDERS).doing("prepare to add orders")? })
    }

    pub fn add(&mut self, order: &Whole) -> Result<OrderId> {
        let (Some(taken), Some(last)) = (order.steps.first(), order.steps.last()) else {
            return Err(Error::impossible("add an order that was never taken"));
        };
        let totals = order.totals();
        let paid = if order.paid == Ntd(0) { PaymentStatus::Unpaid } else { PaymentStatus::Paid };
        self.orders
            .execute(named_params! {
                ":on": taken.at.day(),
                ":customer": order.customer_id,
                ":origin": order.origin.word(),
                ":status": last.to.word(),
                ":scheduled_on": order.scheduled_on,
                ":window_start": order.window.start(),
                ":window_end": order.window.end(),
                ":address": order.delivery_address,
                ":contact_name": order.contact_name,
                ":contact_phone": order.contact_phone,
                ":is_urgent": order.is_urgent,
                ":notes": order.notes,
                ":subtotal": totals.subtotal,
                ":discount": totals.discount,
                ":surcharge": totals.surcharge,
                ":surcharge_label": order.surcharge_label,
                ":final": totals.total,
                ":payment": order.payment.word(),
                ":payment_status": paid.word(),
                ":paid": order.paid,
                ":driver": order.driver_id,
                ":attempts": order.attempt_count,
                ":cancel_reason": order.cancelled.as_ref().map(|(reason, _)| reason.word()),
                ":cancel_note": order.cancelled.as_ref().and_then(|(_, note)| note.as_ref()),
                ":delivered_at": (last.to == Status::Delivered).then_some(last.at),
                ":delivery": order.delivery_id,
                ":template": order.template_id,
                ":list": order.order_import_id,
                ":by": taken.by,
                ":created_at": taken.at,
                ":updated_at": last.at,
                ":version": order.steps.len() as i64,
            })
            .doing("add an order")?;
        let id = OrderId(self.tx.last_insert_rowid());
        write_lines(self.tx, id, &order.lines)?;
        write_words(self.tx, id)?;
        let mut from = None;
        for step in &order.steps {
            record_step(self.tx, id, from, step.to, By { user: step.by, at: step.at }, step.reason.as_deref())?;
            from = Some(step.to);
        }
        Ok(id)
    }
}

/// A line of the journal that is still to be written.
pub struct Noted {
    pub by: By,
    verb: &'static str,
    order: OrderId,
    change: Value,
}

impl Noted {
    /// Writes it; the caller writes the earliest first.
    pub fn record(self, tx: &Transaction) -> Result<()> {
        let Noted { by, verb, order, change } = self;
        journal::record(tx, &Entry { by, verb, noun: NOUN, noun_id: Some(order.0), change })
    }
}

/// What the journal says of an order that went this way: the taking, and each step as [`steps`] would have noted it.
pub fn noted(tx: &Transaction, id: OrderId, order: &Whole) -> Result<Vec<Noted>> {
    let now = super::get(tx, id)?;
    let mut lines = now.lines.clone();
    lines.iter_mut().for_each(|line| line.delivered = None);
    let driver = order.steps.iter().find(|step| step.to == Status::InDelivery).and_then(|step| step.by).or(now.driver_id);
    let mut before: Option<Order> = None;
    let mut notes = Vec::with_capacity(order.steps.len());
    for (version, step) in (1i64..).zip(&order.steps) {
        let by = By { user: step.by, at: step.at };
        let after = match &before {
            None => Order {
                status: step.to,
                lines: lines.clone(),
                payment_status: PaymentStatus::Unpaid,
                paid: Ntd(0),
                driver_id: None,
                attempt_count: 0,
                cancel_reason: None,
                cancel_note: None,
                delivered_at: None,
                delivery_id: None,
                updated_at: step.at,
                version,
                ..now.clone()
            },
            Some(before) => {
                let before = Order { status: step.to, updated_at: step.at, version, ..before.clone() };
                match step.to {
                    Status::Pending => before,
                    Status::Confirmed if before.driver_id.is_some() => {
                        Order { driver_id: None, attempt_count: before.attempt_count + 1, ..before }
                    }
                    Status::Confirmed => before,
                    Status::Assigned | Status::InDelivery => Order { driver_id: driver, ..before },
                    Status::Delivered | Status::Cancelled => now.clone(),
                }
            }
        };
        notes.push(match &before {
            None => Noted { by, verb: "take", order: id, change: json!({"after": fields::json(&after)}) },
            Some(before) => {
                let verb = Action::ALL.iter().find(|action| steps::target(before.status, **action) == Some(step.to));
                let (was, is) = fields::changes(before, &after);
                let change = json!({"version": before.version, "before": was, "after": is, "reason": step.reason});
                Noted { by, verb: verb.map_or("step", |action| action.word()), order: id, change }
            }
        });
        before = Some(after);
    }
    Ok(notes)
}
