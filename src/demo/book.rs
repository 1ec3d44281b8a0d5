//! The order book of the invented shop: who calls, who works, and the orders in the making until they are written.
//!
//! Invariants
//! - Every gas that was brought in the days of orders has its order, and every delivered order of gas its delivery.
//! - Orders are written in the order in which they were taken.

use std::collections::BTreeMap;

use rusqlite::Transaction;
use serde_json::json;

use crate::deliveries::import::{NewDrop, Row, Writer as Deliveries, insert_drops};
use crate::deliveries::{Load, SIZES_KG, Source};
use crate::demo::SEED;
use crate::demo::day::{self, Attempt, End};
use crate::demo::dice::Dice;
use crate::demo::prices::{Item, Prices};
use crate::demo::templates::{self, Plan};
use crate::error::Result;
use crate::journal::By;
use crate::orders::lists::{self, Column, Matter};
use crate::orders::store::bulk::{self, Stepped, Whole, Writer};
use crate::orders::{CancelReason, DeliveredLine, FailReason, Origin, Payment, Status};
use crate::values::product::Product;
use crate::values::{AreaId, CustomerId, Day, DeliveryId, Grams, Ntd, OrderId, OrderImportId, Stamp, UserId, Window};

/// How many days back there are orders; what was brought before came without.
pub const DAYS: i64 = 30;

/// Who takes the calls, who may more, and who drives.
pub struct Staff {
    pub clerks: [Person; 2],
    pub manager: UserId,
    /// As the lanes of the board; the first two drove alone until the shop grew.
    pub drivers: Vec<Person>,
}

/// One of them, by name.
#[derive(Clone, Copy)]
pub struct Person {
    pub id: UserId,
    pub name: &'static str,
}

/// A customer as an order sees one.
pub struct Client {
    pub id: CustomerId,
    pub area: Option<AreaId>,
    /// 0 any, 1 no motorcycle, 2 only a motorcycle.
    pub vehicle_type: u8,
    pub address: Option<String>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    pub payment: Payment,
    pub is_business: bool,
    pub is_walk_in: bool,
    /// Gas can be ordered.
    pub is_open: bool,
    /// As the customer's own.
    pub hours: u16,
    pub closed_weekdays: u8,
    /// A device says when gas is low.
    pub has_telemetry: bool,
    /// Next to no reserve: half of it does not last a day.
    pub is_thin: bool,
    /// In how many days the shop's own reckoning would send somebody; `None` where it does not.
    pub due_in: Option<i64>,
    /// Product codes and pieces of an ordinary order.
    pub products: Vec<(&'static str, i64)>,
    /// The next time they would call, in days from today, and how many times the ordinary order they would want.
    pub coming: Option<(usize, i64)>,
}

/// A visit of the last days: minutes after midnight, and how many times the ordinary order.
pub struct Brought {
    pub client: usize,
    pub on: Day,
    pub at: i64,
    pub times: i64,
    pub delivery: DeliveryId,
    /// Which of the book's templates it came from.
    pub plan: Option<usize>,
    /// Who drove, or stood at the counter.
    pub by: &'static str,
}

/// An order whose prices are still to be looked up.
pub struct Draft {
    pub client: usize,
    pub on: Day,
    pub origin: Origin,
    pub window: Window,
    pub items: Vec<Item>,
    pub is_urgent: bool,
    pub notes: Option<&'static str>,
    pub surcharge: Ntd,
    /// The minute of its day it is brought at.
    pub at: i64,
    /// Who drives, or stands at the counter.
    pub by: Person,
    /// What has happened to it, the taking first.
    pub steps: Vec<Stepped>,
    pub cancelled: Option<(CancelReason, Option<&'static str>)>,
    pub delivery: Option<DeliveryId>,
    /// Which of the book's templates made it.
    pub plan: Option<usize>,
}

/// All orders of the shop in the making, and everybody they are about.
pub struct Book {
    pub clients: Vec<Client>,
    pub staff: Staff,
    pub plans: Vec<Plan>,
    pub now: Stamp,
    pub today: Day,
    pub dice: Dice,
    pub drafts: Vec<Draft>,
    /// How many drivers share the day.
    pub crews: usize,
    /// Where each of them usually goes.
    pub areas: Vec<Vec<AreaId>>,
}

impl Book {
    pub fn new(clients: Vec<Client>, staff: Staff, areas: Vec<Vec<AreaId>>, plans: Vec<Plan>, now: Stamp) -> Book {
        Book { clients, staff, plans, now, today: now.day(), dice: Dice::new(SEED, 1 << 40), drafts: Vec::new(), crews: 2, areas }
    }

    /// Writes what was sold over the counter today, so that what is delivered has a delivery.
    pub fn deliver(&mut self, tx: &Transaction, deliveries: &mut Deliveries) -> Result<()> {
        let is_brought = |draft: &Draft| {
            let is_delivered = draft.steps.last().is_some_and(|last| last.to == Status::Delivered);
            draft.delivery.is_none() && is_delivered && !is_played(draft, self.today)
        };
        let mut visits: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (at, draft) in self.drafts.iter().enumerate() {
            if is_brought(draft) && load(&draft.items).is_known() {
                visits.entry(draft.client).or_default().push(at);
            }
        }
        for (client, drafts) in &visits {
            let clock = |draft: &Draft| draft.steps.last().map(|last| last.at.clock());
            let drops: Vec<NewDrop> = drafts
                .iter()
                .map(|at| NewDrop { at_time: clock(&self.drafts[*at]), load: load(&self.drafts[*at].items), note: None })
                .collect();
            let mut names: Vec<&str> = drafts.iter().map(|at| self.drafts[*at].by.name).collect();
            names.dedup();
            let row = Row {
                customer: self.clients[*client].id,
                on: self.today,
                source: Source::Live,
                at_time: drops.first().and_then(|drop| drop.at_time.as_deref()),
                load: drops.iter().fold(Load::default(), |sum, drop| sum.and(drop.load)),
                driver_name: Some(&names.join("、")),
                note: None,
                recorded: None,
                import: None,
            };
            let id = deliveries.add(&row)?;
            if 1 < drops.len() {
                insert_drops(tx, id, &drops, None)?;
            }
            drafts.iter().for_each(|at| self.drafts[*at].delivery = Some(id));
        }
        Ok(())
    }

    /// Writes templates and orders, these in the order in which they were taken. Gives how many orders.
    pub fn write(&mut self, tx: &Transaction, prices: &mut Prices) -> Result<usize> {
        let plans = templates::write(tx, &self.plans, &self.clients, prices.catalogue(), self.staff.clerks[1].id, self.today)?;
        self.drafts.sort_by_key(|draft| draft.steps.first().map(|step| step.at));
        let list = self.write_list(tx)?;
        let (mut writer, mut notes, mut attempts) = (Writer::new(tx)?, Vec::new(), Vec::new());
        let count = self.drafts.len();
        for mut draft in std::mem::take(&mut self.drafts) {
            let (plan, day) = (draft.plan.and_then(|plan| plans.get(plan).copied()), draft.on);
            let (driver, minute, played) = (draft.by, draft.at, self.split(&mut draft));
            let alarm = (draft.origin == Origin::Emergency).then_some((self.clients[draft.client].id, draft.notes));
            let order_import_id = list.filter(|_| draft.origin == Origin::Import);
            let whole = Whole { template_id: plan, order_import_id, ..self.whole(draft, tx, prices)? };
            let order = writer.add(&whole)?;
            if whole.steps.last().is_some_and(|last| last.at.day() == self.today) {
                notes.extend(bulk::noted(tx, order, &whole)?);
            }
            if let Some(plan) = plan {
                templates::advance(tx, plan, day, order)?;
            }
            let his = attempts_of(order, driver, minute, &played);
            attempts.extend(his.into_iter().map(|attempt| Attempt { alarm, ..attempt }));
        }
        // What people did today they find under their names, and may undo.
        notes.retain(|note| note.by.at.day() == self.today);
        day::play(tx, &self.staff, &attempts, notes, self.now)?;
        Ok(count)
    }

    /// Takes from today's orders what dispatchers and drivers did with them: it is played afterwards.
    fn split(&self, draft: &mut Draft) -> Vec<Stepped> {
        let given = draft.steps.iter().position(|step| step.to == Status::Assigned);
        match given.filter(|_| is_played(draft, self.today)) {
            Some(given) => draft.steps.split_off(given),
            None => Vec::new(),
        }
    }

    /// Writes down that the orders of a list came in together, if any did.
    fn write_list(&self, tx: &Transaction) -> Result<Option<OrderImportId>> {
        let of_list: Vec<&Draft> = self.drafts.iter().filter(|draft| draft.origin == Origin::Import).collect();
        let Some(first) = of_list.first().and_then(|draft| draft.steps.first()) else { return Ok(None) };
        let rows: usize = of_list.iter().map(|draft| draft.items.len()).sum();
        let columns = Column::TEMPLATE.map(|column| json!({"heading": column.label(), "meaning": column.word()}));
        let problem = json!({
            "row": rows + 2,
            "column": Column::Qty.word(),
            "value": "半桶",
            "matter": Matter::BadQty.word(),
            "message": "數量「半桶」不是 1 到 100 的整數。",
        });
        let report = json!({
            "rows": rows + 1,
            "rows_ignored": 0,
            "rows_refused": 1,
            "orders": of_list.len(),
            "orders_standing": 0,
            "columns": columns,
            "problems": [problem],
        });
        lists::store::insert(tx, By { user: first.by, at: first.at }, "明天的訂單.xlsx", &report).map(Some)
    }

    fn whole(&mut self, draft: Draft, tx: &Transaction, prices: &mut Prices) -> Result<Whole> {
        let client = &self.clients[draft.client];
        let mut lines = prices.lines(tx, client.id, draft.on, &draft.items)?;
        let state = draft.steps.last().map(|step| step.to);
        if state == Some(Status::Delivered) {
            for line in &mut lines {
                line.delivered = Some(DeliveredLine { qty: line.qty, empties: line.empties_expected, residual: Grams(0) });
            }
        }
        let last_plan = draft.steps.iter().rev().find(|step| !matches!(step.to, Status::Delivered | Status::Cancelled));
        let is_planned = last_plan.is_some_and(|step| matches!(step.to, Status::Assigned | Status::InDelivery));
        let mut order = Whole {
            customer_id: client.id,
            origin: draft.origin,
            scheduled_on: draft.on,
            window: draft.window,
            delivery_address: client.address.clone(),
            contact_name: client.contact_name.clone(),
            contact_phone: client.contact_phone.clone(),
            is_urgent: draft.is_urgent,
            notes: draft.notes.map(str::to_owned),
            lines,
            surcharge: draft.surcharge,
            surcharge_label: (draft.surcharge != Ntd(0)).then(|| "急件".to_owned()),
            payment: client.payment,
            paid: Ntd(0),
            driver_id: is_planned.then_some(draft.by.id),
            attempt_count: draft.steps.windows(2).filter(|pair| pair[0].to == Status::InDelivery && pair[1].to == Status::Confirmed).count()
                as i64,
            cancelled: draft.cancelled.map(|(reason, note)| (reason, note.map(str::to_owned))),
            delivery_id: draft.delivery,
            template_id: None,
            order_import_id: None,
            steps: draft.steps,
        };
        if draft.origin == Origin::WalkIn {
            order.paid = order.totals().total;
        }
        Ok(order)
    }
}

/// Whether trucks bring it today.
fn is_played(draft: &Draft, today: Day) -> bool {
    draft.on == today && draft.origin != Origin::WalkIn
}

/// The goes of `driver` at `order`, who meant to be there at `minute`: each from when it was put on a route.
fn attempts_of(order: OrderId, driver: Person, minute: i64, played: &[Stepped]) -> Vec<Attempt> {
    let minute_of = |at: Stamp| i64::from(60 * at.hour() + at.minute());
    let mut attempts: Vec<Attempt> = Vec::new();
    for step in played {
        match (step.to, attempts.last_mut()) {
            (Status::Assigned, _) => attempts.push(Attempt { order, driver, put_at: step.at, minute, end: None, alarm: None }),
            (Status::Delivered, Some(last)) => last.end = Some((step.at, End::Delivered)),
            (Status::Confirmed, Some(last)) => {
                let why = FailReason::ALL.iter().find(|reason| step.reason.as_ref().is_some_and(|why| why.contains(reason.label())));
                last.minute = minute_of(step.at);
                last.end = Some((step.at, End::Failed(why.copied().unwrap_or(FailReason::Absent))));
            }
            _ => {}
        }
    }
    attempts
}

/// The cylinders of `items` by size.
fn load(items: &[Item]) -> Load {
    let mut load = [None; 5];
    for item in items {
        let size = Product::find(item.code).and_then(|product| SIZES_KG.iter().position(|size| *size == i64::from(product.size_kg)));
        if let Some(at) = size {
            load[at] = Some(load[at].unwrap_or(0) + item.qty);
        }
    }
    Load(load)
}
