//! What some businesses of the invented shop order again and again, since three weeks ago; before they called.

use rusqlite::Transaction;
use serde_json::json;

use crate::customers;
use crate::demo::book::Client;
use crate::demo::habits::Calendar;
use crate::demo::shops::Invented;
use crate::error::Result;
use crate::journal::By;
use crate::products::Product;
use crate::templates::recurrence::Rhythm;
use crate::templates::{Details, Line, Stopped, store};
use crate::values::{Day, OrderId, Stamp, TemplateId, UserId};

/// How many days ago the office wrote its templates.
const SINCE: i64 = 21;

/// A template that is not in the file yet.
pub struct Plan {
    /// Whose, by place in the book.
    pub client: usize,
    name: &'static str,
    rhythm: Rhythm,
    /// The first day of its rhythm; `None` by hand.
    first_on: Option<Day>,
    /// Its customer has ended the contract since.
    is_stopped: bool,
}

impl Plan {
    /// The days for which the nights have made an order by `now`.
    pub fn days(&self, now: Stamp) -> Vec<Day> {
        if self.is_stopped {
            return Vec::new();
        }
        self.rhythm.days(self.first_on, None).take_while(|day| made_at(*day) <= now).collect()
    }

    /// Whether what is brought on `day` comes from it.
    pub fn is_day(&self, day: Day) -> bool {
        !self.is_stopped && self.first_on.is_some_and(|first| first <= day)
    }

    /// Puts the days of the rhythm in the place of those on which the customer would have called.
    pub fn take_over(&self, visits: &mut Vec<(usize, i64)>, calendar: &Calendar) {
        let today = calendar.day(calendar.days());
        let place = |day: Day| calendar.days() - today.days_since(day).max(0) as usize;
        if let Some(first) = self.first_on.filter(|_| !self.is_stopped) {
            visits.truncate(visits.partition_point(|(at, _)| *at < place(first.min(today))));
            visits.extend(self.rhythm.days(Some(first), Some(today.plus(-1))).map(|day| (place(day), 1)));
        }
    }
}

/// When the night makes the order for `day`: the day before, at one.
pub fn made_at(day: Day) -> Stamp {
    Stamp::taipei(day.plus(-1), 1, 0)
}

/// All templates of the shop, as its customers come by.
pub struct Plans {
    pub all: Vec<Plan>,
    today: Day,
    /// Of so many who could, one has a template.
    one_of: usize,
    met: usize,
}

impl Plans {
    pub fn new(today: Day, one_of: usize) -> Plans {
        Plans { all: Vec::new(), today, one_of, met: 0 }
    }

    /// The place of the template `one` has, who is `client` in the book.
    pub fn of(&mut self, client: usize, one: &Invented) -> Option<usize> {
        let facts = &one.facts;
        let is_business = facts.series_g.is_some();
        let is_always_open = facts.closed_weekdays == 0 && !facts.closed_on_holidays && facts.closed_text.is_none();
        let has_one = match (is_business, facts.is_terminated) {
            (true, true) => self.all.iter().all(|plan| !plan.is_stopped),
            (true, false) => {
                self.met += usize::from(is_always_open);
                is_always_open && self.met.is_multiple_of(self.one_of)
            }
            (false, _) => false,
        };
        if !has_one {
            return None;
        }
        let (name, rhythm) = rhythm(self.all.len(), self.today);
        let first_on = rhythm.on_or_after(self.today.plus(2 - SINCE));
        self.all.push(Plan { client, name, rhythm, first_on, is_stopped: facts.is_terminated });
        Some(self.all.len() - 1)
    }
}

/// The `no`th rhythm of the shop, so that each kind is there and there is something to do on `today` and the day after.
fn rhythm(no: usize, today: Day) -> (&'static str, Rhythm) {
    let on = |day: Day| 1_u8 << (day.weekday() - 1);
    match no % 8 {
        0 => ("每週固定", Rhythm::Weekly { every: 1, weekdays: on(today) }),
        1 => ("每天一次", Rhythm::Daily { every: 1 }),
        2 => ("月底補滿", Rhythm::Monthly { every: 1, anchor_day: 31 }),
        3 => ("一週兩次", Rhythm::Weekly { every: 1, weekdays: on(today.plus(1)) | on(today.plus(4)) }),
        4 => ("隔天一次", Rhythm::Daily { every: 2 }),
        5 => ("隔週固定", Rhythm::Weekly { every: 2, weekdays: on(today.plus(2)) }),
        6 => ("辦桌加訂", Rhythm::ByHand),
        _ => ("月中固定", Rhythm::Monthly { every: 1, anchor_day: 15 }),
    }
}

/// Writes the templates as `clerk` did three weeks ago. Gives their numbers, in the order of `plans`.
pub fn write(
    tx: &Transaction,
    plans: &[Plan],
    clients: &[Client],
    catalogue: &[Product],
    clerk: UserId,
    today: Day,
) -> Result<Vec<TemplateId>> {
    let since = Stamp::taipei(today.plus(-SINCE), 15, 20);
    let write = |(at, plan): (usize, &Plan)| {
        let client = &clients[plan.client];
        let lines = client.products.iter().filter_map(|(code, qty)| {
            let product = catalogue.iter().find(|product| product.code == *code)?;
            Some(Line { product_id: product.id, product_name: product.name.clone(), qty: *qty })
        });
        let details = Details {
            name: plan.name.to_owned(),
            lines: lines.collect(),
            notes: None,
            payment: client.payment,
            is_urgent: false,
            rhythm: plan.rhythm,
            next_on: plan.first_on,
            end_on: None,
        };
        let customer = customers::store::get(tx, client.id)?;
        let by = By { user: Some(clerk), at: since.plus_minutes(3 * at as i64) };
        let id = store::create(tx, &customer, &details, by)?;
        if plan.is_stopped {
            store::stop(tx, &store::get(tx, id)?, Stopped::CustomerStopped, By::program(made_at(today)))?;
        }
        Ok(id)
    };
    plans.iter().enumerate().map(write).collect()
}

/// Notes that `id` has made `order` for `day`, the night before.
pub fn advance(tx: &Transaction, id: TemplateId, day: Day, order: OrderId) -> Result<()> {
    let template = store::get(tx, id)?;
    let Some(next_on) = template.details.rhythm.after(day) else { return Ok(()) };
    let change = json!({
        "due_on": day.to_string(),
        "order_id": order.0,
        "passed_over": 0,
        "before": {"next_on": day.to_string()},
        "after": {"next_on": next_on.to_string()},
    });
    store::advance(tx, &template, next_on, Some((day, order)), change, By::program(made_at(day)))
}
