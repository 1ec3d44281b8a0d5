//! 計畫名單: whom the shop visits without being called, reckoned from use and rhythm, and the alarms that devices give
//! (business §7).
//!
//! Invariants
//! - The list is reckoned when it is looked at. Kept are only the days somebody passed a customer over, and the alarms.
//! - Who has an open order is not on it.
//! - However often the key is pressed, a line becomes one order.

pub mod alarm_pages;
pub mod alarms;
pub mod api;
pub mod list;
pub mod order;
pub mod pages;
pub mod skip;
pub mod store;
pub mod views;
pub mod why;

use crate::customers::Details;
use crate::customers::refill::{Due, Figures};
use crate::deliveries::Load;
use crate::error::Noun;
use crate::orders::Status;
use crate::orders::usual::Usual;
use crate::products::Product;
use crate::settings::holidays::Calendar;
use crate::values::weekdays::ClosedDays;
use crate::values::{AlarmId, AreaId, CustomerId, Day, OrderId, Stamp};

pub const NOUN: Noun = Noun { word: "due", label: "計畫名單" };
pub const ALARM: Noun = Noun { word: "alarm", label: "發報" };

/// Everybody due by a day.
pub struct List {
    /// Whose list: the day that is planned.
    pub on: Day,
    /// The last day looked ahead to.
    pub until: Day,
    pub now: Stamp,
    /// Overdue first, then by day; within that whoever can wait least, then by area. Of a page only those on it.
    pub lines: Vec<Line>,
    /// How many lines stand under each heading, on whatever page.
    pub groups: Vec<(Group, usize)>,
    /// How many lines there are in all.
    pub total: usize,
    /// Due too, but with an order that is still to be delivered.
    pub with_order: usize,
    /// Due too, but passed over on this day.
    pub skipped: Vec<(CustomerId, String)>,
    /// Of each area how many lines there are in the whole list, by name; 未分區 last.
    pub areas: Vec<AreaLines>,
    pub catalogue: Vec<Product>,
}

/// An area with lines on a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AreaLines {
    /// `None`: 未分區.
    pub id: Option<AreaId>,
    pub name: String,
    pub lines: usize,
}

/// One customer who is due.
pub struct Line {
    pub customer: CustomerId,
    /// Of the record only what the list needs: code, name, area, first phone, closed days, cylinders and use.
    pub details: Details,
    pub area_id: Option<AreaId>,
    pub figures: Figures,
    pub due: Due,
    pub visit: Visit,
    /// What the last delivery left.
    pub last_load: Load,
    pub usual: Option<Usual>,
    /// The latest alarm since the last delivery.
    pub alarm: Option<(Stamp, Option<String>)>,
}

/// The day somebody is to be visited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    pub on: Day,
    /// The day of the arithmetic and why the customer is closed on it, when the visit had to be moved.
    pub moved: Option<(Day, String)>,
}

impl Visit {
    /// Due on a closed day is due on the open day before it (business §6.1), but not before the last delivery.
    pub fn of(due: &Due, closed: &ClosedDays, calendar: &Calendar) -> Visit {
        let on = calendar.open_day_up_to(closed, due.next, due.last.plus(1));
        let moved = if on == due.next { None } else { calendar.closed_on(closed, due.next).map(|why| (due.next, why)) };
        Visit { on, moved }
    }
}

/// Under which heading a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    Overdue,
    On(Day),
}

impl Line {
    pub fn group(&self, today: Day) -> Group {
        if self.visit.on < today { Group::Overdue } else { Group::On(self.visit.on) }
    }
}

/// A device said that gas is low.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alarm {
    pub id: AlarmId,
    pub customer: CustomerId,
    pub customer_code: String,
    pub customer_name: String,
    pub alarmed_at: Stamp,
    pub note: Option<String>,
    /// The order it led to, or that was open already.
    pub order: Option<AlarmOrder>,
    /// Who wrote it down.
    pub by: Option<String>,
    pub created_at: Stamp,
}

/// The order of an alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlarmOrder {
    pub id: OrderId,
    pub number: String,
    pub status: Status,
    pub is_urgent: bool,
}
