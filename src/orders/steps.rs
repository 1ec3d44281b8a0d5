//! The way of an order: who may take it from which state to which, and what each step needs (business §8, §20).
//!
//! Invariants
//! - What is not listed here is refused and changes nothing.
//! - A step is one row of the order's history and one row of the journal, in the transaction that changes the order.

use rusqlite::Transaction;
use serde_json::{Map, Value, json};

use crate::customers;
use crate::cylinders;
use crate::deliveries::{self, Load, SIZES_KG};
use crate::emergencies;
use crate::error::{Error, Problem, Result};
use crate::journal::{self, Entry};
use crate::orders::take::{self, refused_customer};
use crate::orders::{
    Actor, CancelReason, DeliveredLine, FailReason, Line, NOUN, Order, Origin, Payment, PaymentStatus, Status, fields, store,
};
use crate::payments;
use crate::products::{self, Product};
use crate::routes::follow;
use crate::settings;
use crate::users::{self, Role};
use crate::values::choice::choice;
use crate::values::{Day, Grams, Ntd, OrderId, Stamp, UserId};

choice! {
    /// What may be done with an order that stands in the file; each is the journal's verb and part of an address.
    Action {
        Confirm = "confirm", "確認";
        Assign = "assign", "指派";
        Unassign = "unassign", "取消指派";
        Start = "start", "出發";
        Deliver = "deliver", "送達";
        Fail = "fail", "記沒送成";
        Cancel = "cancel", "取消";
    }
}

/// One of them, with what it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Move {
    Confirm,
    /// An active driver.
    Assign(UserId),
    Unassign,
    /// The note is why somebody else does it for the driver.
    Start {
        note: Option<String>,
    },
    Deliver(Handed),
    Fail {
        reason: FailReason,
        note: Option<String>,
    },
    Cancel {
        reason: CancelReason,
        note: Option<String>,
    },
}

impl Move {
    pub fn action(&self) -> Action {
        match self {
            Move::Confirm => Action::Confirm,
            Move::Assign(_) => Action::Assign,
            Move::Unassign => Action::Unassign,
            Move::Start { .. } => Action::Start,
            Move::Deliver(_) => Action::Deliver,
            Move::Fail { .. } => Action::Fail,
            Move::Cancel { .. } => Action::Cancel,
        }
    }
}

/// What was left at the customer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handed {
    /// As many as the order has lines, in their order.
    pub lines: Vec<DeliveredLine>,
    /// Who took it; where neither a name nor a picture shows it, `no_proof` says why.
    pub recipient: Option<String>,
    /// Somebody signed, or a photo was taken.
    pub has_picture: bool,
    pub no_proof: Option<String>,
    /// What the meters came to, for the first line of gas a meter counts; `None`: nobody read one.
    pub metered: Option<Ntd>,
    /// What the customer gave, before the change.
    pub cash_handed: Option<Ntd>,
    /// What was kept; `None`: of what was handed as much as was due.
    pub cash: Option<Ntd>,
    /// The day it counts for; `None`: today.
    pub on: Option<Day>,
    /// When it happened; `None`: now.
    pub at: Option<Stamp>,
    /// Why somebody else does it for the driver.
    pub note: Option<String>,
}

impl Handed {
    /// Everything as it was ordered, and as many empties back.
    pub fn as_ordered(order: &Order) -> Handed {
        let lines = order.lines.iter();
        let lines = lines.map(|line| DeliveredLine { qty: line.qty, empties: line.empties_expected, residual: Grams(0) }).collect();
        Handed { lines, ..Handed::default() }
    }
}

/// Where `action` leads from `from`; `None` when there is no such step.
pub fn target(from: Status, action: Action) -> Option<Status> {
    use Status::{Assigned, Cancelled, Confirmed, Delivered, InDelivery, Pending};
    match (from, action) {
        (Pending, Action::Confirm) => Some(Confirmed),
        (Confirmed, Action::Assign) => Some(Assigned),
        (Assigned, Action::Unassign) => Some(Confirmed),
        (Assigned, Action::Start) => Some(InDelivery),
        (InDelivery, Action::Deliver) => Some(Delivered),
        (Assigned | InDelivery, Action::Fail) => Some(Confirmed),
        (Pending | Confirmed | Assigned | InDelivery, Action::Cancel) => Some(Cancelled),
        (Pending | Confirmed | Assigned | InDelivery | Delivered | Cancelled, _) => None,
    }
}

/// Whether `actor` is let near `action` on `order` at all; the state is asked for afterwards.
pub fn may(order: &Order, action: Action, actor: Actor) -> bool {
    match action {
        Action::Confirm | Action::Assign | Action::Unassign => actor.is_office(),
        Action::Cancel => {
            if order.status == Status::InDelivery {
                actor.is_manager()
            } else {
                actor.is_office()
            }
        }
        Action::Start | Action::Deliver | Action::Fail => is_own(order, actor) || actor.is_manager(),
    }
}

/// Whether `order` is on `actor`'s truck.
fn is_own(order: &Order, actor: Actor) -> bool {
    actor.by.user.is_some() && order.driver_id == actor.by.user
}

/// The order as `actor` may see it: a driver is told of no other's (business §20).
pub fn seen(conn: &rusqlite::Connection, id: OrderId, actor: Actor) -> Result<Order> {
    let order = store::get(conn, id)?;
    if actor.role == Some(Role::Driver) && !is_own(&order, actor) { Err(Error::not_found(NOUN, id)) } else { Ok(order) }
}

/// Takes order `id` one step on. `expected` is the version whoever acts has seen. `NotFound` when it is not there or
/// another driver's, `Forbidden` for the wrong role, `Conflict` when the order is not where the step begins or has
/// changed since, `Invalid` when something the step needs is missing.
pub fn act(tx: &Transaction, id: OrderId, expected: Option<i64>, step: &Move, actor: Actor) -> Result<Order> {
    let before = seen(tx, id, actor)?;
    let action = step.action();
    let to = check(&before, action, actor)?;
    if expected.is_some_and(|version| version != before.version) {
        return Err(moved_on());
    }
    take(tx, &before, to, step, is_own(&before, actor), actor)
}

/// The same for `order` at its stop: that `actor` may is the stop's to know, where whoever helps the driver acts as he
/// does (`is_own`). `Conflict` and `Invalid` as for [`act`].
pub(crate) fn at_stop(tx: &Transaction, order: &Order, step: &Move, is_own: bool, actor: Actor) -> Result<Order> {
    let to = target(order.status, step.action()).ok_or_else(|| not_from(order, step.action()))?;
    take(tx, order, to, step, is_own, actor)
}

fn take(tx: &Transaction, before: &Order, to: Status, step: &Move, is_own: bool, actor: Actor) -> Result<Order> {
    let mut after = before.clone();
    after.status = to;
    let reason = match step {
        Move::Confirm => confirm(tx, &mut after)?,
        Move::Assign(driver) => assign(tx, &mut after, *driver)?,
        Move::Unassign => {
            after.driver_id = None;
            None
        }
        Move::Start { note } => on_behalf(note.as_deref(), is_own)?,
        Move::Deliver(handed) => deliver(tx, &mut after, handed, is_own, actor)?,
        Move::Fail { reason, note } => fail(&mut after, *reason, note.as_deref(), is_own)?,
        Move::Cancel { reason, note } => cancel(before, &mut after, *reason, note.as_deref())?,
    };
    commit(tx, before, after, step.action().word(), reason, actor)
}

/// Somebody changed the order since it was looked at.
pub fn moved_on() -> Error {
    Error::conflict("order is not at that version", "這張單剛剛被別人改過，看一下再按一次。")
}

/// Where `action` would lead `order`; `Forbidden` or `Conflict` as for [`act`].
pub fn check(order: &Order, action: Action, actor: Actor) -> Result<Status> {
    if !may(order, action, actor) {
        return Err(Error::Forbidden);
    }
    target(order.status, action).ok_or_else(|| not_from(order, action))
}

/// Whether `actor` has just taken `order` this very step from `version`: the same form or request, sent twice.
pub fn is_done(conn: &rusqlite::Connection, order: &Order, action: Action, version: Option<i64>, actor: Actor) -> Result<bool> {
    match (actor.by.user, version) {
        (Some(user), Some(version)) if version + 1 == order.version => store::is_last_act(conn, order.id, user, action.word(), version),
        _ => Ok(false),
    }
}

/// Why an order that is settled does not move any more, or why not this way (ui.md §8).
fn not_from(order: &Order, action: Action) -> Error {
    settled(order).unwrap_or_else(|| {
        let say = format!("這張單現在是「{}」，不能{}。", order.status.label(), action.label());
        Error::conflict("order is not where the step begins", say)
    })
}

/// The sentence for an order that never changes again; `None` while it is open.
pub fn settled(order: &Order) -> Option<Error> {
    match order.status {
        Status::Delivered => Some(Error::conflict("order is delivered", "這張單已送達，不能再改。要更正請找會計。")),
        Status::Cancelled => Some(Error::conflict("order is cancelled", "這張單已取消，不能再改。要送就照樣再開一張。")),
        Status::Pending | Status::Confirmed | Status::Assigned | Status::InDelivery => None,
    }
}

/// Everything must be ready to be promised: somebody who may order, something to bring, at a price that is known.
/// The credit check (business §15.4) has its place here, and in `edit` where the amount rises.
fn confirm(tx: &Transaction, after: &mut Order) -> Result<Option<String>> {
    let mut problems: Vec<Problem> = Vec::new();
    problems.extend(refused_customer(&customers::store::get(tx, after.customer_id)?));
    if after.lines.is_empty() && after.origin != Origin::Emergency {
        problems.push(Problem { field: "lines".into(), say: "還沒選品項。".into() });
    }
    problems.extend(price(tx, after)?);
    if problems.is_empty() { Ok(None) } else { Err(Error::Invalid(problems)) }
}

/// Prices what has none yet from the list of the day it is to be brought, and says what still has none.
fn price(tx: &Transaction, order: &mut Order) -> Result<Vec<Problem>> {
    if order.lines.iter().all(|line| line.unit_price.is_some()) {
        return Ok(Vec::new());
    }
    let prices = products::store::prices(tx, Some(order.customer_id), order.scheduled_on)?;
    let catalogue = products::store::catalogue(tx)?;
    let mut problems = Vec::new();
    for (no, line) in (1..).zip(&mut order.lines).filter(|(_, line)| line.unit_price.is_none()) {
        let is_metered = product_of(&catalogue, line).is_some_and(Product::is_metered);
        match prices.of(line.product_id).map(|price| price.unit) {
            Some(unit) => {
                line.unit_price = Some(unit);
                line.list_price = Some(unit);
                line.amount = if is_metered { Ntd(0) } else { unit.times(line.qty) };
            }
            None if is_metered => {}
            None => problems
                .push(Problem {
                    field: format!("lines.{no}").into(), say: format!("{} 還沒有價格，請經理填。", line.product_name).into()
                }),
        }
    }
    problems.extend(recount(order));
    Ok(problems)
}

/// Adds up the lines anew; what is beyond the largest amount is a problem.
fn recount(order: &mut Order) -> Option<Problem> {
    order.totals = take::totals(&order.lines, order.totals.surcharge, order.totals.residual_credit);
    take::refused_total(order.totals)
}

fn product_of<'a>(catalogue: &'a [Product], line: &Line) -> Option<&'a Product> {
    catalogue.iter().find(|product| product.id == line.product_id)
}

/// The driver stands for the route the order is placed on.
fn assign(tx: &Transaction, after: &mut Order, driver: UserId) -> Result<Option<String>> {
    let driver = match users::store::get(tx, driver) {
        Ok(driver) if driver.is_active && driver.role == Role::Driver => driver,
        Ok(_) | Err(Error::NotFound { .. }) => return Err(Error::invalid("driver", "請選一位在職的司機。")),
        Err(error) => return Err(error),
    };
    after.driver_id = Some(driver.id);
    Ok(Some(driver.name))
}

/// Somebody else than the driver says why.
fn on_behalf(note: Option<&str>, is_own: bool) -> Result<Option<String>> {
    match note {
        Some(note) if is_own => Ok(Some(note.to_owned())),
        Some(note) => Ok(Some(format!("代司機：{note}"))),
        None if is_own => Ok(None),
        None => Err(Error::invalid("note", "替司機做的，要寫一句為什麼。")),
    }
}

fn deliver(tx: &Transaction, after: &mut Order, handed: &Handed, is_own: bool, actor: Actor) -> Result<Option<String>> {
    let why = on_behalf(handed.note.as_deref(), is_own)?;
    let proof = match (&handed.recipient, handed.has_picture, &handed.no_proof) {
        (Some(recipient), _, _) => format!("收的人：{recipient}"),
        (None, true, _) => "有簽名或照片".to_owned(),
        (None, false, Some(reason)) => format!("沒有簽收：{reason}"),
        (None, false, None) => return Err(Error::invalid("recipient", "請寫誰收的，或為什麼沒有簽收。")),
    };
    let catalogue = products::store::catalogue(tx)?;
    record_quantities(after, handed, &catalogue, settings::load(tx)?.residual_credit)?;
    keep_cash(after, handed)?;
    let at = handed.at.unwrap_or(actor.by.at);
    after.delivered_at = Some(at);
    let load = load_of(after, &catalogue);
    if load.0.iter().flatten().any(|qty| 0 < *qty) {
        let driver = after.driver_id.map(|id| users::store::get(tx, id)).transpose()?;
        let driver_name = driver.as_ref().map(|driver| driver.name.as_str());
        let on = handed.on.unwrap_or(at.day());
        let visit = deliveries::live::Visit { customer: after.customer_id, on, at, load, driver_name };
        after.delivery_id = Some(deliveries::live::add(tx, visit)?);
    }
    Ok(Some(match why {
        Some(why) => format!("{proof}；{why}"),
        None => proof,
    }))
}

/// `order` with what it would come to if `lines` were left of it; nothing is written. `Invalid` as for delivering.
pub fn with_left(conn: &rusqlite::Connection, order: &Order, lines: &[DeliveredLine]) -> Result<Order> {
    let mut after = order.clone();
    let handed = Handed { lines: lines.to_vec(), ..Handed::default() };
    record_quantities(&mut after, &handed, &products::store::catalogue(conn)?, settings::load(conn)?.residual_credit)?;
    Ok(after)
}

/// Notes what was left of each line. The amounts follow the pieces at the order's own prices, and the meters; gas that
/// came back is credited at the price of its cylinder (business §9.2) where the shop gives money for it.
fn record_quantities(order: &mut Order, handed: &Handed, catalogue: &[Product], credits_residual: bool) -> Result<()> {
    if handed.lines.len() != order.lines.len() {
        return Err(Error::invalid("lines", "每一行都要有送到的數量。"));
    }
    let mut problems = Vec::new();
    let mut credit = Ntd(0);
    let mut metered = handed.metered;
    for (no, (line, handed)) in (1..).zip(order.lines.iter_mut().zip(&handed.lines)) {
        let product = product_of(catalogue, line);
        let size_kg = product.and_then(Product::size_kg);
        let is_metered = product.is_some_and(Product::is_metered);
        if let Some(say) = refused_quantity(handed, size_kg) {
            problems.push(Problem { field: format!("lines.{no}").into(), say: say.into() });
            continue;
        }
        line.delivered = Some(*handed);
        if is_metered {
            line.amount = metered.take().unwrap_or_default();
        } else if let Some(unit) = line.unit_price {
            line.amount = unit.times(handed.qty);
            credit = credit + size_kg.map_or(Ntd(0), |size_kg| residual_credit(unit, size_kg, handed.residual));
        }
    }
    let nothing_left = handed.metered.is_none() && handed.lines.iter().all(|line| line.qty == 0);
    if problems.is_empty() && !order.lines.is_empty() && nothing_left {
        problems.push(Problem { field: "lines".into(), say: "什麼都沒留下的，請記沒送成。".into() });
    }
    if problems.is_empty() {
        order.totals.residual_credit = if credits_residual { credit } else { Ntd(0) };
        problems.extend(recount(order));
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::Invalid(problems)) }
}

/// What the driver kept is recorded as he typed it, more or less than was due; an order that comes to nothing is paid.
fn keep_cash(order: &mut Order, handed: &Handed) -> Result<()> {
    let due = due_in_cash(order).unwrap_or_default();
    let kept = handed.cash.unwrap_or_else(|| handed.cash_handed.unwrap_or_default().min(due));
    for (field, amount) in [("cash_ntd", Some(kept)), ("cash_handed_ntd", handed.cash_handed)] {
        if amount.is_some_and(|amount| !(0..=Ntd::LIMIT).contains(&amount.0)) {
            return Err(Error::invalid(field, "金額要在 0 到 9,999,999 之間。"));
        }
    }
    if handed.cash_handed.is_some_and(|handed| handed < kept) {
        return Err(Error::invalid("cash_handed_ntd", "客人給的比收下的少，看一下金額。"));
    }
    order.paid = order.paid + kept;
    order.payment_status = paid_status(order);
    Ok(())
}

/// What is still to be collected at the door; `None` when it is not paid in cash.
pub fn due_in_cash(order: &Order) -> Option<Ntd> {
    (order.payment == Payment::Cash).then(|| (order.totals.total - order.paid).floor_at_zero())
}

fn paid_status(order: &Order) -> PaymentStatus {
    match order.paid {
        paid if order.totals.total <= paid && (Ntd(0) < paid || order.payment == Payment::Cash) => PaymentStatus::Paid,
        Ntd(0) => PaymentStatus::Unpaid,
        _ => PaymentStatus::Partial,
    }
}

/// Pieces as on an order; an accessory leaves no empties, and no more gas comes back than its cylinders hold.
fn refused_quantity(handed: &DeliveredLine, size_kg: Option<i64>) -> Option<&'static str> {
    let most_empties = if size_kg.is_some() { take::MOST_PIECES } else { 0 };
    let most_residual = || Grams::from_kg(size_kg.unwrap_or(0) * handed.empties);
    if !(0..=take::MOST_PIECES).contains(&handed.qty) {
        Some("送到的數量要在 0 到 100 之間。")
    } else if !(0..=most_empties).contains(&handed.empties) {
        Some(if size_kg.is_some() { "空桶要在 0 到 100 之間。" } else { "這個品項沒有空桶。" })
    } else if !(Grams(0)..=most_residual()).contains(&handed.residual) {
        Some("退氣不能比收回的桶還重。")
    } else {
        None
    }
}

/// What `residual` of gas is worth when a full cylinder of `size_kg` costs `unit`; half a dollar rounds up.
fn residual_credit(unit: Ntd, size_kg: i64, residual: Grams) -> Ntd {
    let grams = size_kg * 1_000;
    Ntd((unit.0 * residual.0 + grams / 2).div_euclid(grams))
}

/// The cylinders that were left, by size; gas a meter counts comes in cylinders too.
fn load_of(order: &Order, catalogue: &[Product]) -> Load {
    let mut load = Load::default();
    for line in &order.lines {
        let size_kg = product_of(catalogue, line).and_then(Product::size_kg);
        let at = size_kg.and_then(|size_kg| SIZES_KG.iter().position(|size| *size == size_kg));
        if let (Some(at), Some(delivered)) = (at, line.delivered) {
            load.0[at] = Some(load.0[at].unwrap_or(0) + delivered.qty);
        }
    }
    load
}

/// The driver comes back with it: it waits to be planned once more.
fn fail(after: &mut Order, reason: FailReason, note: Option<&str>, is_own: bool) -> Result<Option<String>> {
    if reason == FailReason::Other && note.is_none() {
        return Err(Error::invalid("note", "選「其他」要寫一句原因。"));
    }
    let note = on_behalf(note, is_own)?;
    after.driver_id = None;
    after.attempt_count += 1;
    Ok(Some(match note {
        Some(note) => format!("沒送成，{}；{note}", reason.label()),
        None => format!("沒送成，{}", reason.label()),
    }))
}

fn cancel(before: &Order, after: &mut Order, reason: CancelReason, note: Option<&str>) -> Result<Option<String>> {
    if note.is_none() && reason == CancelReason::Other {
        return Err(Error::invalid("note", "選「其他」要寫一句原因。"));
    }
    if note.is_none() && before.status == Status::InDelivery {
        return Err(Error::invalid("note", "車已經出去了，要寫一句為什麼取消。"));
    }
    after.cancel_reason = Some(reason);
    after.cancel_note = note.map(str::to_owned);
    Ok(Some(match note {
        Some(note) => format!("{}；{note}", reason.label()),
        None => reason.label().to_owned(),
    }))
}

/// Its route hands an order that a driver has on to another driver, or back to the office with `to` nobody, when its stop
/// or the whole route goes elsewhere (business §11): any time before it is delivered. `Forbidden` for who is not of the
/// office, `Conflict` when no driver has it.
pub fn hand_on(tx: &Transaction, id: OrderId, to: Option<(UserId, Status)>, actor: Actor) -> Result<Order> {
    let before = store::get(tx, id)?;
    let action = if to.is_some() { Action::Assign } else { Action::Unassign };
    if !actor.is_office() {
        return Err(Error::Forbidden);
    }
    if !before.status.is_given() || to.is_some_and(|(_, status)| !status.is_given()) {
        return Err(not_from(&before, action));
    }
    let mut after = Order { status: to.map_or(Status::Confirmed, |(_, status)| status), driver_id: None, ..before.clone() };
    let reason = match to {
        Some((driver, _)) => assign(tx, &mut after, driver)?,
        None => None,
    };
    commit(tx, &before, after, action.word(), reason, actor)
}

/// What is undone at a stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Undone {
    /// It was delivered; so much of what was paid is given back with it.
    Delivery { refunded: Ntd },
    /// Its driver came back with it.
    Failure { driver: UserId },
}

/// Brings an order whose outcome was a slip of the finger back on its way, as it stood before: business §11's exception to
/// §8, by which nothing leads away from `delivered`, nor from `confirmed` to `in_delivery`. Only the stop's undo calls it,
/// and takes back in the same transaction all else the outcome wrote. `Conflict` when the order has moved on since.
pub(crate) fn take_back(tx: &Transaction, before: &Order, undone: Undone, why: Option<&str>, actor: Actor) -> Result<Order> {
    let mut after = Order { status: Status::InDelivery, ..before.clone() };
    match undone {
        Undone::Delivery { refunded } if before.status == Status::Delivered => take_delivery_back(tx, before, &mut after, refunded)?,
        Undone::Failure { driver } if before.status == Status::Confirmed => {
            after.driver_id = Some(driver);
            after.attempt_count = (before.attempt_count - 1).max(0);
        }
        Undone::Delivery { .. } | Undone::Failure { .. } => {
            let say = format!("這張單現在是「{}」，不能復原了。", before.status.label());
            return Err(Error::conflict("the order has moved on since", say));
        }
    }
    let reason = why.map_or_else(|| "復原".to_owned(), |why| format!("復原；{why}"));
    commit(tx, before, after, "undo", Some(reason), actor)
}

fn take_delivery_back(tx: &Transaction, before: &Order, after: &mut Order, refunded: Ntd) -> Result<()> {
    let catalogue = products::store::catalogue(tx)?;
    if let (Some(delivery), Some(at)) = (before.delivery_id, before.delivered_at) {
        let driver = before.driver_id.map(|id| users::store::get(tx, id)).transpose()?;
        let driver_name = driver.as_ref().map(|driver| driver.name.as_str());
        let stays = store::has_other_at(tx, delivery, before)?;
        deliveries::live::take_back(tx, delivery, at, load_of(before, &catalogue), driver_name.filter(|_| !stays))?;
    }
    after.delivered_at = None;
    after.delivery_id = None;
    for line in &mut after.lines {
        line.delivered = None;
        let is_metered = product_of(&catalogue, line).is_some_and(Product::is_metered);
        line.amount = if is_metered { Ntd(0) } else { line.unit_price.unwrap_or_default().times(line.qty) };
    }
    after.totals.residual_credit = Ntd(0);
    if let Some(problem) = recount(after) {
        return Err(Error::Invalid(vec![problem]));
    }
    after.paid = (after.paid - refunded).floor_at_zero();
    after.payment_status = if after.paid == Ntd(0) { PaymentStatus::Unpaid } else { paid_status(after) };
    Ok(())
}

/// The clerk hands a sale over the counter herself: assigned, on its way and delivered in one transaction, paid when
/// it is paid in cash. `Forbidden` unless she has just taken it.
pub fn hand_over(tx: &Transaction, id: OrderId, actor: Actor) -> Result<Order> {
    const WHY: &str = "門市自取";
    let before = store::get(tx, id)?;
    let is_hers = actor.by.user.is_some() && before.created_by == actor.by.user && before.created_at.day() == actor.by.at.day();
    if !actor.is_office() || !is_hers || before.origin != Origin::WalkIn {
        return Err(Error::Forbidden);
    }
    if before.status != Status::Confirmed {
        return Err(not_from(&before, Action::Assign));
    }
    let mut after = before.clone();
    after.status = Status::Assigned;
    after.driver_id = actor.by.user;
    let before = commit(tx, &before, after, Action::Assign.word(), Some(WHY.to_owned()), actor)?;
    let mut after = before.clone();
    after.status = Status::InDelivery;
    let before = commit(tx, &before, after, Action::Start.word(), Some(WHY.to_owned()), actor)?;
    let mut after = before.clone();
    after.status = Status::Delivered;
    let cash = due_in_cash(&before);
    let handed = Handed { no_proof: Some(WHY.to_owned()), cash, ..Handed::as_ordered(&before) };
    deliver(tx, &mut after, &handed, true, actor)?;
    let after = commit(tx, &before, after, Action::Deliver.word(), Some(WHY.to_owned()), actor)?;
    settle_at_counter(tx, &after, actor)?;
    Ok(after)
}

/// Cylinders change hands at the shop's shelf, and cash is a payment.
fn settle_at_counter(tx: &Transaction, order: &Order, actor: Actor) -> Result<()> {
    let lines = order.lines.iter();
    let lines: Vec<_> = lines.filter_map(|line| line.delivered.map(|left| (line.product_id, left.qty, left.empties))).collect();
    let (customer, order_id) = (order.customer_id, Some(order.id));
    let goods = cylinders::StopGoods { customer, vehicle: None, route: None, stop: None, order: order_id, on: None, lines: &lines };
    cylinders::at_stop(tx, goods, actor.by)?;
    if order.payment == Payment::Cash && 0 < order.totals.total.0 {
        let (method, amount) = (payments::Method::Cash, order.totals.total);
        let new = payments::NewPayment { customer, method, amount, order: order_id, stop: None, received_by: actor.by.user, on: None };
        payments::record(tx, &new, actor.by)?;
    }
    Ok(())
}

/// The note `was` of an open order becomes `is`; one that says something else by now stays.
pub fn note(tx: &Transaction, id: OrderId, was: &str, is: &str, actor: Actor) -> Result<()> {
    let before = store::get(tx, id)?;
    if before.status.is_open() && before.notes.as_deref() == Some(was) {
        let after = Order { notes: Some(is.to_owned()), ..before.clone() };
        commit(tx, &before, after, "edit", None, actor)?;
    }
    Ok(())
}

/// An emergency's order becomes one like any other, where it is. `Forbidden` for who is not of the office, `Conflict` when it
/// is settled, `Invalid` when there is nothing to bring.
pub fn calm(tx: &Transaction, id: OrderId, actor: Actor) -> Result<Order> {
    let before = store::get(tx, id)?;
    if !actor.is_office() {
        return Err(Error::Forbidden);
    }
    if let Some(error) = settled(&before) {
        return Err(error);
    }
    if before.lines.is_empty() {
        return Err(Error::invalid("lines", "這張單沒有品項，先在訂單上加，再改成一般訂單。"));
    }
    let after = Order { origin: Origin::Phone, is_urgent: false, ..before.clone() };
    commit(tx, &before, after, "calm", None, actor)
}

/// Writes `after` in the place of `before` with its history and its journal, and gives it as it now stands.
pub(super) fn commit(tx: &Transaction, before: &Order, after: Order, verb: &str, reason: Option<String>, actor: Actor) -> Result<Order> {
    commit_for(tx, before, after, verb, reason, Map::new(), actor)
}

/// The same, with `more` in the journal.
pub(super) fn commit_for(
    tx: &Transaction,
    before: &Order,
    after: Order,
    verb: &str,
    reason: Option<String>,
    more: Map<String, Value>,
    actor: Actor,
) -> Result<Order> {
    store::update(tx, before, &after, actor.by)?;
    if before.status != after.status {
        store::record_step(tx, before.id, Some(before.status), after.status, actor.by, reason.as_deref())?;
    }
    let after = store::get(tx, before.id)?;
    follow::follow(tx, before, &after, actor.by)?;
    emergencies::follow::follow_order(tx, before, &after, actor.by)?;
    let (was, is) = fields::changes(before, &after);
    let mut change = json!({"version": before.version, "before": was, "after": is, "reason": reason.map_or(Value::Null, Value::String)});
    for (name, value) in more {
        change[name] = value;
    }
    journal::record(tx, &Entry { by: actor.by, verb, noun: NOUN, noun_id: Some(before.id.0), change })?;
    Ok(after)
}
