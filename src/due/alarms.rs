//! 發報: a device said that gas is low, and somebody who read it writes it down. That is an order by itself.

use rusqlite::Transaction;
use serde_json::{Value, json};

use crate::customers::refill::Figures;
use crate::customers::{self, Customer};
use crate::due::{ALARM, Alarm, order, store};
use crate::error::{Error, Problem, Result};
use crate::journal::{self, Entry};
use crate::orders::{self, Actor, Order, Status, slot, take, usual};
use crate::products;
use crate::settings::Settings;
use crate::values::{AlarmId, CustomerId, Stamp, Window};

/// So far back an alarm may lie; older ones are slips of the pen.
const OLDEST_DAYS: i64 = 31;

/// What somebody read off a device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewAlarm {
    pub customer: CustomerId,
    pub at: Stamp,
    pub note: Option<String>,
}

/// What an alarm led to.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    pub alarm: AlarmId,
    pub customer: Customer,
    /// Below zero somebody goes today; `None` when use or reserve are unknown.
    pub margin_kg: Option<f64>,
    pub outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A new order: urgent when the margin is below zero, pending when a price is missing.
    Ordered(Order),
    /// Gas is on its way already; the order is left as it is.
    Linked(Order),
    /// Nobody knows what to bring, and this is why.
    Ask(String),
    /// It had been written down before; nothing changed.
    Again,
}

/// Writes `new` down and orders the usual of its customer. `Invalid` in `customer` and `alarmed_at`,
/// all at once.
pub fn record(tx: &Transaction, new: &NewAlarm, actor: Actor, settings: &Settings) -> Result<Recorded> {
    let customer = customers::store::get(tx, new.customer)?;
    let problems: Vec<Problem> = refused_customer(&customer).into_iter().chain(refused_moment(new.at, actor.by.at)).collect();
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let margin_kg = Figures::of(customer.details.use_of_gas(), settings).margin_kg;
    if let Some(alarm) = store::find_alarm(tx, customer.id, new.at)? {
        return Ok(Recorded { alarm, customer, margin_kg, outcome: Outcome::Again });
    }
    let outcome = match orders::store::open_of(tx, customer.id)?.into_iter().next() {
        Some(open) => Outcome::Linked(open),
        None => take_order(tx, &customer, margin_kg, actor, settings)?,
    };
    let order = match &outcome {
        Outcome::Ordered(order) | Outcome::Linked(order) => Some(order.id),
        Outcome::Ask(_) | Outcome::Again => None,
    };
    let alarm = store::add_alarm(tx, customer.id, new.at, new.note.as_deref(), order, actor.by)?;
    let change = json!({"after": to_json(&store::alarm_by_id(tx, alarm)?)});
    journal::record(tx, &Entry { by: actor.by, verb: "record", noun: ALARM, noun_id: Some(alarm.0), change })?;
    Ok(Recorded { alarm, customer, margin_kg, outcome })
}

/// With a margin below zero somebody goes today, whatever the clock says of new orders. What is urgent by the shop's own
/// reckoning costs the customer nothing on top.
fn take_order(tx: &Transaction, customer: &Customer, margin_kg: Option<f64>, actor: Actor, settings: &Settings) -> Result<Outcome> {
    let now = actor.by.at;
    let catalogue = products::store::catalogue(tx)?;
    let Some(usual) = usual::of(tx, customer, &catalogue)? else {
        return Ok(Outcome::Ask("不知道慣用什麼，請選品項。".to_owned()));
    };
    let is_urgent = margin_kg.is_some_and(|margin| margin < 0.0);
    let is_day_over = Window::ALL_DAY.end_minute() <= slot::minute_of(now);
    let earliest = if is_urgent && !is_day_over { now.day() } else { slot::default_day(now, settings) };
    let day = order::day_for(tx, &customer.details, now.day(), earliest)?;
    let mut new = order::planned(customer, &usual, day, now, None);
    new.is_urgent = is_urgent;
    // Gas that runs out does not wait for a price: without one somebody has to look at the order, but it is there.
    for status in [Status::Confirmed, Status::Pending] {
        match take::take(tx, &new, status, actor, settings) {
            Ok(taken) => return Ok(Outcome::Ordered(taken.order().clone())),
            Err(Error::Invalid(problems)) if problems.iter().all(order::is_of_a_line) => {
                if status == Status::Pending {
                    return Ok(Outcome::Ask(order::said(&problems)));
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(Error::impossible("order after an alarm"))
}

fn refused_customer(customer: &Customer) -> Option<Problem> {
    if customer.is_walk_in {
        return Some(Problem { field: "customer".into(), say: "散客沒有發報設備。".into() });
    }
    take::refused_customer(customer)
}

fn refused_moment(at: Stamp, now: Stamp) -> Option<Problem> {
    let say = if now < at {
        "這個時間還沒到。"
    } else if at < now.plus_minutes(-OLDEST_DAYS * 24 * 60) {
        "這個時間太久以前了。"
    } else {
        return None;
    };
    Some(Problem { field: "alarmed_at".into(), say: say.into() })
}

pub fn to_json(alarm: &Alarm) -> Value {
    json!({
        "id": alarm.id.0,
        "customer_id": alarm.customer.0,
        "customer_code": alarm.customer_code,
        "customer_name": alarm.customer_name,
        "alarmed_at": alarm.alarmed_at.to_string(),
        "note": alarm.note,
        "order_id": alarm.order.as_ref().map(|order| order.id.0),
        "order_number": alarm.order.as_ref().map(|order| order.number.clone()),
        "order_status": alarm.order.as_ref().map(|order| order.status.word()),
        "order_is_urgent": alarm.order.as_ref().map(|order| order.is_urgent),
        "recorded_by": alarm.by,
        "created_at": alarm.created_at.to_string(),
    })
}
