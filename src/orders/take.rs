//! Taking an order: what is refused, what it costs, and the one transaction that makes it.

use rusqlite::{Connection, Transaction};
use serde_json::json;

use crate::customers::{self, Customer, State, Terms};
use crate::error::{Error, Problem, Result};
use crate::journal::{self, Entry};
use crate::orders::{Actor, Line, NOUN, NewLine, NewOrder, Order, Origin, Payment, Status, Totals, fields, store};
use crate::products::{self, PriceList, Product};
use crate::settings::Settings;
use crate::values::{CustomerId, Day, Ntd, OrderId};

/// Lines on one order, pieces on one line (business §24).
pub const MOST_LINES: usize = 20;
pub const MOST_PIECES: i64 = 100;
/// The largest discount the office gives without a manager, in percent (business §9).
pub const OFFICE_DISCOUNT: i64 = 10;

/// What came of taking an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    New(Order),
    /// The same filled-in form had made it already.
    Again(Order),
}

impl Taken {
    pub fn order(&self) -> &Order {
        match self {
            Taken::New(order) | Taken::Again(order) => order,
        }
    }
}

impl Payment {
    /// How a customer of these terms usually pays.
    pub fn usual(terms: Terms) -> Payment {
        match terms {
            Terms::Cash => Payment::Cash,
            Terms::Monthly => Payment::Monthly,
            Terms::Transfer => Payment::Transfer,
        }
    }
}

/// Takes `new` as `status`, which is `Confirmed` for what a person has looked at and `Pending` for what somebody
/// still must. `Invalid` with everything that is wrong at once: field `customer`, `lines`, `lines.N`, `day`,
/// `payment`, `surcharge`.
pub fn take(tx: &Transaction, new: &NewOrder, status: Status, actor: Actor, settings: &Settings) -> Result<Taken> {
    let taken = take_in_batch(tx, new, status, actor, settings)?;
    if let Taken::New(order) = &taken {
        let change = json!({"after": fields::json(order)});
        journal::record(tx, &Entry { by: actor.by, verb: "take", noun: NOUN, noun_id: Some(order.id.0), change })?;
    }
    Ok(taken)
}

/// The same as one of many: the journal's row is the batch's, and its caller writes it.
pub(super) fn take_in_batch(tx: &Transaction, new: &NewOrder, status: Status, actor: Actor, settings: &Settings) -> Result<Taken> {
    if let Some(order) = taken_before(tx, new, actor)? {
        return Ok(Taken::Again(order));
    }
    let customer = customers::store::get(tx, new.customer_id)?;
    let (lines, problems) = check(tx, &customer, new, status, actor, settings)?;
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let totals = totals(&lines, new.surcharge, Ntd(0));
    let id = store::insert(tx, new, &customer.details, status, &lines, totals, actor.by)?;
    store::record_step(tx, id, None, status, actor.by, None)?;
    Ok(Taken::New(store::get(tx, id)?))
}

/// The lines of `new` at the prices of its day, and all that is wrong with it, in the fields of [`take`].
pub fn check(
    conn: &Connection,
    customer: &Customer,
    new: &NewOrder,
    status: Status,
    actor: Actor,
    settings: &Settings,
) -> Result<(Vec<Line>, Vec<Problem>)> {
    let mut problems = Vec::new();
    problems.extend(refused_customer(customer));
    let today = actor.by.at.day();
    let day = refused_day(new.scheduled_on, today, new.origin, settings);
    // On a day that is refused anyway nothing has to have a price.
    let priced_on = if day.is_some() { today } else { new.scheduled_on };
    problems.extend(day);
    problems.extend(refused_payment(customer, new.payment));
    problems.extend(refused_surcharge(new.surcharge));
    let lines = match priced(conn, customer.id, priced_on, &new.lines, actor, status) {
        Ok(lines) => lines,
        Err(Error::Invalid(more)) => {
            problems.extend(more);
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    if new.lines.is_empty() && new.origin != Origin::Emergency {
        problems.push(problem("lines", "還沒選品項。"));
    }
    problems.extend(refused_total(totals(&lines, new.surcharge, Ntd(0))));
    Ok((lines, problems))
}

/// The order this very form has made; `Conflict` when the key is somebody else's.
fn taken_before(tx: &Transaction, new: &NewOrder, actor: Actor) -> Result<Option<Order>> {
    let Some(key) = &new.form_key else { return Ok(None) };
    let Some(id) = store::find_by_form_key(tx, key)? else { return Ok(None) };
    let order = store::get(tx, id)?;
    if order.created_by != actor.by.user {
        return Err(Error::conflict("form key of somebody else", "這張單的表格已經用過了，請重新開一張。"));
    }
    Ok(Some(order))
}

/// Nothing can be ordered for somebody whose contract ended or who is switched off (business §6.5).
pub fn refused_customer(customer: &Customer) -> Option<Problem> {
    match customer.state {
        State::Active => None,
        State::Terminated => Some(problem("customer", "這位客戶已解約，不能下單。要恢復請找經理。")),
        State::Inactive => Some(problem("customer", "這位客戶已停用，不能下單。要恢復請找經理。")),
    }
}

/// From today to the furthest day of the settings; a list brought in may name any day of the year around.
pub fn refused_day(scheduled_on: Day, today: Day, origin: Origin, settings: &Settings) -> Option<Problem> {
    let ahead = scheduled_on.days_since(today);
    let (least, most) = if origin == Origin::Import { (-366, 366) } else { (0, settings.order_days) };
    if ahead < least {
        Some(problem("day", format!("{} 已經過了。", scheduled_on.short())))
    } else if most < ahead {
        Some(problem("day", format!("最遠只能排到 {}。", today.plus(most).short())))
    } else {
        None
    }
}

/// Passers-by pay cash (business §8).
pub fn refused_payment(customer: &Customer, payment: Payment) -> Option<Problem> {
    (customer.is_walk_in && payment != Payment::Cash).then(|| problem("payment", "散客只收現金。"))
}

pub fn refused_surcharge(surcharge: Ntd) -> Option<Problem> {
    (surcharge < Ntd(0) || Ntd(Ntd::LIMIT) < surcharge).then(|| problem("surcharge", "加價要在 0 到 9,999,999 之間。"))
}

pub fn refused_total(totals: Totals) -> Option<Problem> {
    (Ntd(Ntd::LIMIT) < totals.total).then(|| problem("lines", "金額太大，一張單最多 NT$9,999,999。"))
}

/// `lines` with their names and the prices of `day`. `Invalid` in `lines.N` (counted from 1) for a quantity outside
/// 1–100, a product that is not sold, a price nobody has said (unless the order waits for somebody anyway), and a
/// price or discount that is a manager's to give.
pub fn priced(conn: &Connection, customer: CustomerId, day: Day, lines: &[NewLine], actor: Actor, status: Status) -> Result<Vec<Line>> {
    let catalogue = products::store::catalogue(conn)?;
    let prices = products::store::prices(conn, Some(customer), day)?;
    let mut problems = Vec::new();
    problems.extend(refused_count(lines));
    let mut done = Vec::with_capacity(lines.len());
    for (no, line) in (1..).zip(lines) {
        match catalogue.iter().find(|product| product.id == line.product_id) {
            Some(product) => {
                problems.extend(refused_line(no, line, product, &prices, actor, status));
                done.push(priced_line(line, product, &prices));
            }
            None => problems.push(problem(format!("lines.{no}"), "沒有這種產品。")),
        }
    }
    if problems.is_empty() { Ok(done) } else { Err(Error::Invalid(problems)) }
}

pub(super) fn refused_count(lines: &[NewLine]) -> Option<Problem> {
    (MOST_LINES < lines.len()).then(|| problem("lines", format!("一張單最多 {MOST_LINES} 行。")))
}

fn refused_line(no: usize, line: &NewLine, product: &Product, prices: &PriceList, actor: Actor, status: Status) -> Option<Problem> {
    let list = prices.of(product.id).map(|price| price.unit);
    let is_unpriced = line.unit_price.or(list).is_none() && !product.is_metered() && status != Status::Pending;
    let say = if !product.is_active {
        Some(format!("{} 已經停賣。", product.name))
    } else if let Some(say) = refused_terms(line, list, 0, actor) {
        Some(say)
    } else {
        is_unpriced.then(|| format!("{} 還沒有價格，請經理填。", product.name))
    };
    say.map(|say| problem(format!("lines.{no}"), say))
}

/// What nobody, or not `actor`, may say of a line: `price` and `discount` are those it has without anybody's say.
pub(super) fn refused_terms(line: &NewLine, price: Option<Ntd>, discount: i64, actor: Actor) -> Option<String> {
    let by_hand = line.unit_price.filter(|by_hand| Some(*by_hand) != price);
    if !(1..=MOST_PIECES).contains(&line.qty) {
        Some(format!("數量要在 1 到 {MOST_PIECES} 之間。"))
    } else if by_hand.is_some_and(|price| price < Ntd(0) || Ntd(Ntd::LIMIT) < price) {
        Some("單價要在 0 到 9,999,999 之間。".to_owned())
    } else if by_hand.is_some() && !actor.is_manager() {
        Some("改單價要經理才能做。".to_owned())
    } else if !(0..=100).contains(&line.discount_percent) {
        Some("折扣要在 0 到 100 之間。".to_owned())
    } else if line.discount_percent != discount && OFFICE_DISCOUNT < line.discount_percent && !actor.is_manager() {
        Some(format!("折扣超過 {OFFICE_DISCOUNT}% 要經理才能給。"))
    } else {
        None
    }
}

/// `line` as it goes onto an order at `prices`.
pub fn priced_line(line: &NewLine, product: &Product, prices: &PriceList) -> Line {
    let list_price = prices.of(product.id).map(|price| price.unit);
    let unit_price = line.unit_price.or(list_price);
    let is_cylinder = product.size_kg().is_some();
    Line {
        product_id: product.id,
        product_name: product.name.clone(),
        qty: line.qty,
        unit_price,
        list_price,
        discount_percent: line.discount_percent,
        amount: if product.is_metered() { Ntd(0) } else { unit_price.unwrap_or_default().times(line.qty) },
        is_exchange: is_cylinder,
        empties_expected: if is_cylinder { line.qty } else { 0 },
        delivered: None,
    }
}

/// What `lines` come to.
pub fn totals(lines: &[Line], surcharge: Ntd, residual_credit: Ntd) -> Totals {
    Totals::of(lines.iter().map(|line| (line.amount, line.discount_percent)), surcharge, residual_credit)
}

/// Takes what a cancelled order promised once more, as a new one for `day`, at the prices of that day; pressed twice
/// with one `form_key` it is taken once. `Conflict` when `of` is not cancelled.
pub fn copy(tx: &Transaction, of: OrderId, day: Day, form_key: Option<String>, actor: Actor, settings: &Settings) -> Result<Taken> {
    let new = NewOrder { form_key, ..copied(tx, of, day, actor)? };
    take(tx, &new, Status::Confirmed, actor, settings)
}

/// The same as `status`, which is `Pending` for what somebody still has to look at.
pub fn copy_as(tx: &Transaction, of: OrderId, day: Day, status: Status, actor: Actor, settings: &Settings) -> Result<Order> {
    match take(tx, &copied(tx, of, day, actor)?, status, actor, settings)? {
        Taken::New(order) | Taken::Again(order) => Ok(order),
    }
}

fn copied(tx: &Transaction, of: OrderId, day: Day, actor: Actor) -> Result<NewOrder> {
    let old = store::get(tx, of)?;
    if old.status != Status::Cancelled {
        return Err(Error::conflict("only a cancelled order is copied", "只有取消的單可以照樣再開。"));
    }
    let lines = old.lines.iter().map(|line| NewLine {
        discount_percent: if actor.is_manager() { line.discount_percent } else { line.discount_percent.min(OFFICE_DISCOUNT) },
        ..NewLine::of(line.product_id, line.qty)
    });
    Ok(NewOrder {
        customer_id: old.customer_id,
        origin: Origin::Phone,
        scheduled_on: day,
        window: old.window,
        delivery_address: old.delivery_address.clone(),
        contact_name: old.contact_name.clone(),
        contact_phone: old.contact_phone.clone(),
        is_urgent: old.is_urgent,
        notes: old.notes.clone(),
        lines: lines.collect(),
        surcharge: old.totals.surcharge,
        surcharge_label: old.surcharge_label.clone(),
        payment: old.payment,
        form_key: None,
        copied_from: Some(of),
        template_id: None,
        order_import_id: None,
    })
}

fn problem(field: impl Into<std::borrow::Cow<'static, str>>, say: impl Into<std::borrow::Cow<'static, str>>) -> Problem {
    Problem { field: field.into(), say: say.into() }
}
