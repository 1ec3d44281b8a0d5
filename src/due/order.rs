//! One key turns a line of the list into an order.

use rusqlite::Transaction;

use crate::customers::{self, Customer, Details};
use crate::due::list;
use crate::error::{Error, Problem, Result};
use crate::orders::take::{self, Taken};
use crate::orders::usual::Usual;
use crate::orders::{self, Actor, NewLine, NewOrder, Order, Origin, Payment, Status, slot};
use crate::settings::Settings;
use crate::settings::holidays::Calendar;
use crate::values::{CustomerId, Day, Ntd, Stamp};

/// What came of the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ordered {
    New(Order),
    /// The same press had made it already.
    Again(Order),
    /// Gas is on its way: another order of the customer is still to be delivered.
    Open(Order),
    /// Somebody must say more first, and this is why; the form is the place for it. Nothing was written.
    Ask(String),
}

/// Orders the usual of `customer`, who is on the list of `on`, for the day that is due, in the customer's own part of it.
/// `Conflict` when the customer is on that list no more; `Invalid` for a day too far ahead.
pub fn order(
    tx: &Transaction,
    customer: CustomerId,
    on: Day,
    form_key: Option<String>,
    actor: Actor,
    settings: &Settings,
) -> Result<Ordered> {
    let customer = customers::store::get(tx, customer)?;
    if let Some(key) = &form_key
        && let Some(id) = orders::store::find_by_form_key(tx, key)?
    {
        return Ok(Ordered::Again(orders::store::get(tx, id)?));
    }
    if let Some(open) = orders::store::open_of(tx, customer.id)?.into_iter().next() {
        return Ok(Ordered::Open(open));
    }
    let (line, _) = list::line_of(tx, customer.id, on, settings)?;
    let line = line.ok_or_else(|| {
        Error::conflict("customer is not due", format!("{} 現在不在名單上，可能已經送過了。", customer.details.short_name))
    })?;
    let Some(usual) = line.usual else { return Ok(Ordered::Ask("不知道慣用什麼，請選品項。".to_owned())) };

    let day = day_for(tx, &customer.details, line.visit.on, slot::default_day(actor.by.at, settings))?;
    let new = planned(&customer, &usual, day, actor.by.at, form_key);
    match take::take(tx, &new, Status::Confirmed, actor, settings) {
        Ok(Taken::New(order)) => Ok(Ordered::New(order)),
        Ok(Taken::Again(order)) => Ok(Ordered::Again(order)),
        Err(Error::Invalid(problems)) if problems.iter().all(is_of_a_line) => Ok(Ordered::Ask(said(&problems))),
        Err(error) => Err(error),
    }
}

/// The day a visit meant for `wanted` is ordered for: not before `earliest`, and put off over days the customer is
/// closed, for the days before them have passed.
pub(super) fn day_for(tx: &Transaction, details: &Details, wanted: Day, earliest: Day) -> Result<Day> {
    let calendar = Calendar::load(tx)?;
    let day = wanted.max(earliest);
    let is_open = |day: &Day| calendar.closed_on(&details.closed, *day).is_none();
    Ok((0..14).map(|later| day.plus(later)).find(is_open).unwrap_or(day))
}

/// An order of the plan for the usual of `customer`.
pub(super) fn planned(customer: &Customer, usual: &Usual, day: Day, now: Stamp, form_key: Option<String>) -> NewOrder {
    NewOrder {
        customer_id: customer.id,
        origin: Origin::Planned,
        scheduled_on: day,
        window: slot::default_window(&customer.details, day, now),
        delivery_address: None,
        contact_name: None,
        contact_phone: None,
        is_urgent: false,
        notes: None,
        lines: usual.items.iter().map(|(product, qty)| NewLine::of(*product, *qty)).collect(),
        surcharge: Ntd(0),
        surcharge_label: None,
        payment: Payment::usual(customer.details.payment_terms),
        form_key,
        copied_from: None,
        template_id: None,
        order_import_id: None,
    }
}

/// What is wrong lies in what is ordered, not in who or when: a price nobody has said, a product no longer sold.
pub(super) fn is_of_a_line(problem: &Problem) -> bool {
    problem.field.starts_with("lines")
}

pub(super) fn said(problems: &[Problem]) -> String {
    problems.iter().map(|problem| problem.say.as_ref()).collect()
}
