//! Orders by the thousand, each with the whole way it went: how the demonstration shop writes them.
//!
//! Invariants
//! - Numbers run through each day in the order in which orders are added: add the one taken first first.

use rusqlite::{CachedStatement, Transaction, named_params};

use crate::error::{Doing, Error, Result};
use crate::journal::By;
use crate::orders::store::{record_step, write_lines, write_words};
use crate::orders::{CancelReason, Line, Origin, Payment, PaymentStatus, Status, Totals};
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
