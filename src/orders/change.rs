//! Changing an order in place: what may be changed while it is where it is (business §8), and what that costs.
//!
//! Invariants
//! - A line keeps the price and the discount it was taken at, whatever becomes of its quantity and its day; only what is
//!   added is priced by the list of the day.
//! - An order whose day moves leaves its driver.

use rusqlite::Transaction;

use crate::customers;
use crate::error::{Error, Problem, Result};
use crate::orders::steps::{self, settled};
use crate::orders::take;
use crate::orders::{Actor, Line, NewLine, NewOrder, Order, Origin, Status};
use crate::products::{self, Product};
use crate::settings::Settings;
use crate::values::Ntd;

/// How much of an order may still be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// All but whose it is.
    Everything,
    /// Day, window, notes and how many: what the driver can still be told.
    Agreed,
    Notes,
    Nothing,
}

impl Scope {
    pub fn of(status: Status) -> Scope {
        match status {
            Status::Pending | Status::Confirmed => Scope::Everything,
            Status::Assigned => Scope::Agreed,
            Status::InDelivery => Scope::Notes,
            Status::Delivered | Status::Cancelled => Scope::Nothing,
        }
    }
}

/// Makes `before` what `wanted` says and gives it as it then stands; nothing is written when nothing differs.
/// `Forbidden` for who is not of the office, `Conflict` when the order is settled, `Invalid` with everything that is
/// wrong at once, in the fields of taking an order and besides them `address`, `contact_name`, `contact_phone`,
/// `urgent`.
pub fn change(tx: &Transaction, before: &Order, wanted: &NewOrder, actor: Actor, settings: &Settings) -> Result<Order> {
    if !actor.is_office() {
        return Err(Error::Forbidden);
    }
    if let Some(error) = settled(before) {
        return Err(error);
    }
    let mut after = Order {
        scheduled_on: wanted.scheduled_on,
        window: wanted.window,
        delivery_address: wanted.delivery_address.clone(),
        contact_name: wanted.contact_name.clone(),
        contact_phone: wanted.contact_phone.clone(),
        is_urgent: wanted.is_urgent,
        notes: wanted.notes.clone(),
        surcharge_label: wanted.surcharge_label.clone(),
        payment: wanted.payment,
        ..before.clone()
    };
    let mut problems = out_of_scope(before, wanted);
    problems.extend(refused(tx, before, wanted, actor, settings)?);
    match relined(tx, before, wanted, actor) {
        Ok(lines) => after.lines = lines,
        Err(Error::Invalid(more)) => problems.extend(more),
        Err(error) => return Err(error),
    }
    if problems.is_empty() {
        after.totals = take::totals(&after.lines, wanted.surcharge, before.totals.residual_credit);
        problems.extend(take::refused_total(after.totals));
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    if after == *before {
        return Ok(after);
    }
    let mut reason = None;
    if before.status == Status::Assigned && before.scheduled_on != after.scheduled_on {
        after.status = Status::Confirmed;
        after.driver_id = None;
        reason = Some(format!("改到 {}", after.scheduled_on.short()));
    }
    steps::commit(tx, before, after, "edit", reason, actor)
}

/// What differs and may not any more.
fn out_of_scope(before: &Order, wanted: &NewOrder) -> Vec<Problem> {
    let scope = Scope::of(before.status);
    let say = match scope {
        Scope::Everything | Scope::Nothing => "客戶不能換。取消這張，再開一張。",
        Scope::Agreed => "已經派給司機了，只能改日期、時段、數量和備註。",
        Scope::Notes => "車已經出去了，只能改備註。",
    };
    let now = NewOrder::of(before);
    let pieces = |order: &NewOrder| order.lines.iter().map(|line| NewLine { qty: 0, ..line.clone() }).collect::<Vec<_>>();
    let (is_open, is_agreed) = (scope == Scope::Everything, matches!(scope, Scope::Everything | Scope::Agreed));
    let fields = [
        ("customer", now.customer_id == wanted.customer_id, false),
        ("day", now.scheduled_on == wanted.scheduled_on, is_agreed),
        ("window", now.window == wanted.window, is_agreed),
        ("lines", is_same_lines(before, wanted), is_agreed && (is_open || pieces(&now) == pieces(&kept(before, wanted)))),
        ("address", now.delivery_address == wanted.delivery_address, is_open),
        ("contact_name", now.contact_name == wanted.contact_name, is_open),
        ("contact_phone", now.contact_phone == wanted.contact_phone, is_open),
        ("urgent", now.is_urgent == wanted.is_urgent, is_open),
        ("surcharge", now.surcharge == wanted.surcharge && now.surcharge_label == wanted.surcharge_label, is_open),
        ("payment", now.payment == wanted.payment, is_open),
    ];
    let refused = fields.into_iter().filter(|(_, is_same, may)| !is_same && !may);
    refused.map(|(field, ..)| Problem { field: field.into(), say: say.into() }).collect()
}

/// `wanted` with the prices its lines were taken at where it names none.
pub fn kept(before: &Order, wanted: &NewOrder) -> NewOrder {
    let pairs = pair(&before.lines, &wanted.lines);
    let lines = wanted.lines.iter().zip(pairs);
    let lines =
        lines.map(|(line, taken)| NewLine { unit_price: line.unit_price.or(taken.and_then(|taken| taken.unit_price)), ..line.clone() });
    NewOrder { lines: lines.collect(), ..wanted.clone() }
}

fn is_same_lines(before: &Order, wanted: &NewOrder) -> bool {
    NewOrder::of(before).lines == kept(before, wanted).lines
}

/// What taking it now would refuse; a day is only asked about when it moves, and a manager may move it anywhere near.
fn refused(tx: &Transaction, before: &Order, wanted: &NewOrder, actor: Actor, settings: &Settings) -> Result<Vec<Problem>> {
    let mut problems = Vec::new();
    if before.scheduled_on != wanted.scheduled_on {
        let rule = if actor.is_manager() { Origin::Import } else { before.origin };
        problems.extend(take::refused_day(wanted.scheduled_on, actor.by.at.day(), rule, settings));
    }
    if before.payment != wanted.payment {
        problems.extend(take::refused_payment(&customers::store::get(tx, before.customer_id)?, wanted.payment));
    }
    problems.extend(take::refused_surcharge(wanted.surcharge));
    if wanted.lines.is_empty() && before.origin != Origin::Emergency {
        problems.push(Problem { field: "lines".into(), say: "還沒選品項。".into() });
    }
    Ok(problems)
}

/// For each of `wanted` the line of `taken` it means: the same product, and rather at the price that is named. Each is
/// meant once.
fn pair<'a>(taken: &'a [Line], wanted: &[NewLine]) -> Vec<Option<&'a Line>> {
    let mut left: Vec<&Line> = taken.iter().collect();
    let mut meant = |line: &NewLine| {
        let is_product = |one: &Line| one.product_id == line.product_id;
        let is_at_its_price = |one: &Line| line.unit_price.is_none_or(|price| one.unit_price == Some(price));
        let is_exact = |one: &Line| is_product(one) && one.discount_percent == line.discount_percent && is_at_its_price(one);
        let at = left.iter().position(|one| is_exact(one)).or_else(|| left.iter().position(|one| is_product(one)))?;
        Some(left.remove(at))
    };
    wanted.iter().map(&mut meant).collect()
}

/// The lines `wanted` comes to: those that were there at their own prices, the others at those of the day.
fn relined(tx: &Transaction, before: &Order, wanted: &NewOrder, actor: Actor) -> Result<Vec<Line>> {
    let catalogue = products::store::catalogue(tx)?;
    let mut problems = Vec::new();
    problems.extend(take::refused_count(&wanted.lines));
    // While it is pending, a line nobody has priced yet is priced like a new one.
    let pairs = pair(&before.lines, &wanted.lines);
    let taken = |at: usize| pairs[at].filter(|taken| taken.unit_price.is_some() || before.status != Status::Pending);
    let fresh: Vec<usize> = (0..wanted.lines.len()).filter(|at| taken(*at).is_none()).collect();
    let fresh_lines: Vec<NewLine> = fresh.iter().map(|at| wanted.lines[*at].clone()).collect();
    let priced = match take::priced(tx, before.customer_id, wanted.scheduled_on, &fresh_lines, actor, before.status) {
        Ok(priced) => priced,
        Err(Error::Invalid(more)) => {
            problems.extend(more.into_iter().map(|problem| renumbered(problem, &fresh)));
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    let mut priced = priced.into_iter();
    let mut lines = Vec::with_capacity(wanted.lines.len());
    for (at, line) in wanted.lines.iter().enumerate() {
        match taken(at) {
            Some(taken) => {
                let product = catalogue.iter().find(|product| product.id == taken.product_id);
                match take::refused_terms(line, taken.unit_price, taken.discount_percent, actor) {
                    Some(say) => problems.push(Problem { field: format!("lines.{}", at + 1).into(), say: say.into() }),
                    None => lines.push(changed_line(line, taken, product)),
                }
            }
            None => lines.extend(priced.next()),
        }
    }
    if problems.is_empty() { Ok(lines) } else { Err(Error::Invalid(problems)) }
}

/// `lines.N` of the lines that are new, as `lines.N` of all.
fn renumbered(problem: Problem, fresh: &[usize]) -> Problem {
    let no = problem.field.strip_prefix("lines.").and_then(|no| no.parse::<usize>().ok());
    match no.and_then(|no| fresh.get(no.checked_sub(1)?)) {
        Some(at) => Problem { field: format!("lines.{}", at + 1).into(), ..problem },
        None => problem,
    }
}

fn changed_line(line: &NewLine, taken: &Line, product: Option<&Product>) -> Line {
    let unit_price = line.unit_price.or(taken.unit_price);
    let is_metered = product.is_some_and(Product::is_metered);
    Line {
        qty: line.qty,
        unit_price,
        discount_percent: line.discount_percent,
        amount: if is_metered { Ntd(0) } else { unit_price.unwrap_or_default().times(line.qty) },
        empties_expected: if taken.is_exchange { line.qty } else { 0 },
        ..taken.clone()
    }
}
