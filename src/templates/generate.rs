//! What the night does: each template that is due becomes one order that waits for somebody to look at it (business §10).
//!
//! Invariants
//! - A template is one transaction, so one that cannot be used does not keep the others from it.
//! - However long the PC was off, a template makes one order, for the latest day that is due, and goes on from there.
//! - What falls on a day the customer is closed is brought on the open day before, though never before today; a whole
//!   stretch of closed days is looked over, so that nothing is left for a day on which nobody is there.

use rusqlite::Transaction;
use serde_json::{Value, json};

use crate::app::App;
use crate::customers::{self, Customer, State};
use crate::error::{Error, Result};
use crate::jobs;
use crate::journal::By;
use crate::orders::slot;
use crate::orders::take::{self, Taken};
use crate::orders::{Actor, NewLine, NewOrder, Order, Origin, Status};
use crate::settings::Settings;
use crate::settings::holidays::Calendar;
use crate::templates::{Details, Stopped, Template, store};
use crate::values::{Day, Ntd, TemplateId};

/// Orders are made for today and so many days ahead.
const AHEAD: i64 = 1;
/// The longest stretch of closed days that is looked over for the open day before it: New Year, with both weekends.
const LONGEST_CLOSED: i64 = 14;
/// How many failures a run tells one by one.
const TOLD: usize = 20;

/// What came of one template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    NotDue,
    /// An order for `on`; so many earlier days went by while the PC was off, and `is_last` when it was the last one.
    Made {
        order: Box<Order>,
        passed_over: usize,
        is_last: bool,
    },
    /// The day has its order already; only the next day was moved on.
    Again,
    /// The last day somebody set for it is past.
    Ended,
    /// Its customer takes no gas any more.
    CustomerStopped,
}

/// Makes the orders that are due, and gives what the row of the run says: `made`, `ended`, `stopped`, `passed_over`,
/// `failed`, and of those that failed the first few under `failures`. `Refused` when the program is ending: the next
/// start makes the rest.
pub fn run(app: &App) -> Result<Value> {
    let by = By::program(app.now());
    let reach = by.at.day().plus(AHEAD + LONGEST_CLOSED);
    let settings = app.settings();
    let (due, calendar) = app.db.read(|conn| Ok((store::due(conn, reach)?, Calendar::load(conn)?)))?;

    let (mut made, mut ended, mut stopped, mut passed) = (0, 0, 0, 0);
    let mut failures = Vec::new();
    for id in due {
        if app.is_stopping() {
            return Err(Error::refused(jobs::CUT_OFF, jobs::CUT_OFF_SAID));
        }
        match app.db.write(|tx| one(tx, id, &calendar, &settings, by)) {
            Ok(Outcome::NotDue | Outcome::Again) => {}
            Ok(Outcome::Made { passed_over, is_last, .. }) => {
                made += 1;
                passed += passed_over;
                ended += usize::from(is_last);
            }
            Ok(Outcome::Ended) => ended += 1,
            Ok(Outcome::CustomerStopped) => stopped += 1,
            Err(error) => {
                log::warn!("a template made no order template={id} error=\"{error}\"");
                failures.push(json!({"template_id": id.0, "say": said(&error)}));
            }
        }
    }
    let failed = failures.len();
    failures.truncate(TOLD);
    Ok(json!({
        "made": made,
        "ended": ended,
        "stopped": stopped,
        "passed_over": passed,
        "failed": failed,
        "failures": failures,
    }))
}

/// All sentences of a refusal, for the page that tells of it hours later.
fn said(error: &Error) -> String {
    match error {
        Error::Invalid(problems) => problems.iter().map(|problem| problem.say.as_ref()).collect(),
        other => other.user_message().into_owned(),
    }
}

/// What is due of template `id`, made or stopped. `Invalid` when an order of it cannot be taken; then nothing changed.
pub fn one(tx: &Transaction, id: TemplateId, calendar: &Calendar, settings: &Settings, by: By) -> Result<Outcome> {
    let template = store::get(tx, id)?;
    let details = &template.details;
    let (None, Some(next_on)) = (template.stopped, details.next_on) else { return Ok(Outcome::NotDue) };
    if details.end_on.is_some_and(|end| end < next_on) {
        store::stop(tx, &template, Stopped::Ended, by)?;
        return Ok(Outcome::Ended);
    }
    let customer = customers::store::get(tx, template.customer_id)?;
    let today = by.at.day();
    let Some(due) = due(details, today, |day| day_of(calendar, &customer, day, today)) else { return Ok(Outcome::NotDue) };
    if customer.state != State::Active {
        store::stop(tx, &template, Stopped::CustomerStopped, by)?;
        return Ok(Outcome::CustomerStopped);
    }
    if store::made_for(tx, id, due.day)?.is_some() {
        advance(tx, &template, &due, None, by)?;
        return Ok(Outcome::Again);
    }
    let new = new_order(&template, &customer, due.on, by, settings);
    let taken = take::take(tx, &new, Status::Pending, Actor::program(by.at), settings)?;
    let (Taken::New(order) | Taken::Again(order)) = taken;
    let is_last = advance(tx, &template, &due, Some(&order), by)?;
    Ok(Outcome::Made { order: Box::new(order), passed_over: due.passed_over, is_last })
}

/// The day on which an occurrence of `day` is brought: `day`, or when the customer is closed the open day before it;
/// of what is late, today.
pub fn day_of(calendar: &Calendar, customer: &Customer, day: Day, today: Day) -> Day {
    calendar.open_day_up_to(&customer.details.closed, day.max(today), today)
}

/// What a night finds due of a rhythm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Due {
    /// The day of the rhythm.
    pub day: Day,
    /// The day on which it is brought.
    pub on: Day,
    /// Earlier days of the rhythm that get no order any more.
    pub passed_over: usize,
}

/// The latest occurrence that `brought` puts on tomorrow or before; `None` when the next lies further ahead.
pub fn due(details: &Details, today: Day, brought: impl Fn(Day) -> Day) -> Option<Due> {
    let horizon = today.plus(AHEAD);
    let days = details.rhythm.days(details.next_on, details.end_on).map(|day| (day, brought(day)));
    let mut due: Vec<(Day, Day)> = days.take_while(|(_, on)| *on <= horizon).collect();
    let (day, on) = due.pop()?;
    // Two days of the rhythm that fall together, because the customer is closed on the later, are one visit.
    let passed_over = due.iter().filter(|(day, earlier)| *day < today || *earlier != on).count();
    Some(Due { day, on, passed_over })
}

/// Goes on from `due`, with the order that was made of it. True when that was the last one.
fn advance(tx: &Transaction, template: &Template, due: &Due, order: Option<&Order>, by: By) -> Result<bool> {
    let next = template.details.rhythm.after(due.day);
    let is_last = next.is_none_or(|next| template.details.end_on.is_some_and(|end| end < next));
    let next_on = next.unwrap_or(due.day);
    let change = json!({
        "version": template.version,
        "due_on": due.day.to_string(),
        "order_id": order.map(|order| order.id.0),
        "passed_over": due.passed_over,
        "before": {"next_on": template.details.next_on.map(|day| day.to_string())},
        "after": {"next_on": next_on.to_string()},
    });
    store::advance(tx, template, next_on, order.map(|order| (due.day, order.id)), change, by)?;
    if is_last {
        store::stop(tx, template, Stopped::Ended, by)?;
    }
    Ok(is_last)
}

/// Somebody has made the order of `due`, the next day of `template`, before the night did. Gives the day after it;
/// `None` when that was the last one.
pub fn made_by_hand(tx: &Transaction, template: &Template, due: Day, order: &Order, by: By) -> Result<Option<Day>> {
    let due = Due { day: due, on: order.scheduled_on, passed_over: 0 };
    let is_last = advance(tx, template, &due, Some(order), by)?;
    Ok(if is_last { None } else { template.details.rhythm.after(due.day) })
}

/// An order of `template` for `on`, at the prices of that day.
pub fn new_order(template: &Template, customer: &Customer, on: Day, by: By, settings: &Settings) -> NewOrder {
    let details = &template.details;
    NewOrder {
        origin: Origin::Template,
        scheduled_on: on,
        window: slot::default_window(&customer.details, on, by.at),
        is_urgent: details.is_urgent,
        notes: details.notes.clone(),
        lines: details.lines.iter().map(|line| NewLine::of(line.product_id, line.qty)).collect(),
        surcharge: if details.is_urgent { settings.urgent_surcharge } else { Ntd(0) },
        payment: details.payment,
        template_id: Some(template.id),
        ..NewOrder::blank(customer, by.at, settings)
    }
}
