//! Setting prices: what is wanted, what it would touch, and the transaction that does it.

use rusqlite::{Connection, Transaction};

use crate::customers;
use crate::error::{Error, Problem, Result};
use crate::http::Request;
use crate::journal::By;
use crate::products::{Dated, OpenLine, Own, PriceList, Product, store};
use crate::values::roc::{self, DayProblem};
use crate::values::{CustomerId, Day, Ntd, ProductId, text};

/// Somebody takes a product when an order of theirs in so many days had it, or when it stands with them.
pub const TAKEN_WITHIN_DAYS: i64 = 90;

/// New prices from one day on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whose own prices they are; `None`: everybody's.
    pub customer: Option<CustomerId>,
    pub from: Day,
    pub items: Vec<Item>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    pub product: ProductId,
    /// `None`: a customer's own price ends.
    pub unit: Option<Ntd>,
    /// What stood there when the change was looked at; `None` when nobody looked.
    pub seen: Option<Option<Ntd>>,
}

/// What a change would do, told before it is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// Only the products whose price really changes.
    pub rows: Vec<Row>,
    /// Of everybody, or of the customer: these keep their price. One that has none waits for somebody to confirm its
    /// order, and gets what its day costs then.
    pub open_lines: Vec<OpenLine>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub product: Product,
    /// What holds on that day without the change: everybody's price, or the customer's own.
    pub before: Option<Ntd>,
    pub after: Option<Ntd>,
    /// What everybody pays on that day.
    pub standard: Option<Ntd>,
    /// What is announced for later, and stays so.
    pub next: Option<Dated>,
    /// What was announced for the very same day, and is replaced.
    pub replaced: Option<Dated>,
    /// Who takes it and has no price of their own that day: these pay the new price. Empty when one customer's changes.
    pub payers: Vec<(CustomerId, String)>,
    /// Who has: these do not.
    pub own: Vec<Own>,
}

impl Change {
    /// What a page sends, in its address or its form: `from`, and for each product `price_ID` (empty: as it is), `end_ID`
    /// (back to everybody's) and `was_ID`. `Invalid` with all that is wrong, in these names.
    pub fn read(req: &Request, catalogue: &[Product], customer: Option<CustomerId>) -> Result<Change> {
        let today = req.at.day();
        let mut problems = Vec::new();
        let from = match typed(req, "from") {
            "" => today,
            written => read_from(written, today).unwrap_or_else(|say| {
                problems.push(Problem { field: "from".into(), say });
                today
            }),
        };
        let mut items = Vec::new();
        for product in catalogue {
            let name = format!("price_{}", product.id);
            let is_end = customer.is_some() && !typed(req, &format!("end_{}", product.id)).is_empty();
            let unit = match (typed(req, &name), is_end) {
                ("", false) => continue,
                ("", true) => None,
                (_, true) => {
                    problems.push(Problem { field: name.into(), say: "填了價又勾了改回一般價，留一個。".into() });
                    continue;
                }
                (written, false) => match Ntd::parse(written) {
                    Some(unit) => Some(unit),
                    None => {
                        problems.push(Problem { field: name.into(), say: "價格是 0 到 9,999,999 的整數。".into() });
                        continue;
                    }
                },
            };
            let seen = req.form(&format!("was_{}", product.id)).map(Ntd::parse);
            items.push(Item { product: product.id, unit, seen });
        }
        if items.is_empty() && problems.is_empty() {
            problems.push(Problem { field: "prices".into(), say: "還沒填新的價格。".into() });
        }
        if problems.is_empty() { Ok(Change { customer, from, items }) } else { Err(Error::Invalid(problems)) }
    }
}

/// The field of a page, sent in its address or in its form, trimmed.
pub fn typed<'a>(req: &'a Request, name: &str) -> &'a str {
    text::trim(req.form(name).or_else(|| req.query(name)).unwrap_or_default())
}

/// The day a price begins, as people write it: today up to a year on.
pub fn read_from(written: &str, today: Day) -> Result<Day, std::borrow::Cow<'static, str>> {
    let last = *roc::window(today).end();
    roc::parse_day_within(written, today..=last).map_err(|problem| match problem {
        DayProblem::TooEarly => format!("最早從今天 {} 起，以前的價不動。", today.short()).into(),
        other => other.say().into(),
    })
}

/// What `change` would do. `NotFound` and `Invalid` as [`apply`].
pub fn preview(conn: &Connection, change: &Change, catalogue: &[Product], today: Day) -> Result<Preview> {
    check(conn, change, today)?;
    let standard = store::prices(conn, None, change.from)?;
    let before = in_force(conn, change, &standard)?;
    let next = store::next_prices(conn, change.customer, change.from)?;
    let items: Vec<&Item> = change.items.iter().filter(|item| before(item.product) != item.unit).collect();
    let products: Vec<ProductId> = items.iter().map(|item| item.product).collect();
    let mut takers = match change.customer {
        None => store::payers(conn, &products, today.plus(-TAKEN_WITHIN_DAYS))?,
        Some(_) => Default::default(),
    };
    let mut rows = Vec::with_capacity(items.len());
    for item in items {
        let Some(product) = catalogue.iter().find(|product| product.id == item.product) else { continue };
        let own = if change.customer.is_none() { store::own_prices_of(conn, product.id, change.from)? } else { Vec::new() };
        let mut payers = takers.remove(&product.id).unwrap_or_default();
        payers.retain(|(id, _)| own.iter().all(|one| one.customer != *id));
        let replaced = match change.customer {
            None => store::dated(conn, product.id, change.from)?,
            Some(customer) => store::own_dated(conn, customer, product.id, change.from)?,
        };
        rows.push(Row {
            product: product.clone(),
            before: before(product.id),
            after: item.unit,
            standard: standard.of(product.id).map(|price| price.unit),
            next: next.get(&product.id).copied(),
            replaced,
            payers,
            own,
        });
    }
    Ok(Preview { rows, open_lines: store::open_lines(conn, &products, change.customer)? })
}

/// Sets what differs from what holds, and says how many that were; none when the same was done already. `Conflict`
/// with both values when a price is not the one that was looked at, `NotFound` for a customer or product there is none
/// of, `Invalid` for a day that is over or everybody's price ending.
pub fn apply(tx: &Transaction, change: &Change, by: By) -> Result<usize> {
    check(tx, change, by.at.day())?;
    let standard = store::prices(tx, None, change.from)?;
    let before = in_force(tx, change, &standard)?;
    let items: Vec<&Item> = change.items.iter().filter(|item| before(item.product) != item.unit).collect();
    let clashes: Vec<String> = items
        .iter()
        .filter(|item| item.seen.is_some_and(|seen| seen != before(item.product)))
        .map(|item| {
            let name = store::get(tx, item.product)?.name;
            Ok(format!("{name} 現在是 {}，你要改成 {}。", said(before(item.product)), said(item.unit)))
        })
        .collect::<Result<_>>()?;
    if !clashes.is_empty() {
        return Err(Error::conflict("prices changed meanwhile", format!("有人先改了價格，你的還沒存。{}", clashes.concat())));
    }
    for item in &items {
        store::set_price(tx, change.customer, item.product, Dated { from: change.from, unit: item.unit }, by)?;
    }
    Ok(items.len())
}

/// Takes back a price that has not been the past yet. `Conflict` when it has, or is not the one that was looked at.
pub fn withdraw(tx: &Transaction, customer: Option<CustomerId>, product: ProductId, price: Dated, by: By) -> Result<()> {
    if price.from < by.at.day() {
        return Err(Error::conflict("the price has begun", "這個價已經用過了，不能收回。要改就填新的價。"));
    }
    let now = match customer {
        None => store::dated(tx, product, price.from)?,
        Some(customer) => store::own_dated(tx, customer, product, price.from)?,
    };
    if now.is_some_and(|now| now != price) {
        return Err(Error::conflict("the price changed meanwhile", "這個價剛剛被改過，請重新看一次。"));
    }
    store::withdraw_price(tx, customer, product, price.from, by)
}

fn check(conn: &Connection, change: &Change, today: Day) -> Result<()> {
    if change.from < today {
        return Err(Error::invalid("from", format!("最早從今天 {} 起，以前的價不動。", today.short())));
    }
    if let Some(customer) = change.customer {
        customers::store::get(conn, customer)?;
    }
    for item in &change.items {
        store::get(conn, item.product)?;
        if item.unit.is_none() && change.customer.is_none() {
            return Err(Error::invalid("unit_price_ntd", "請填價格。"));
        }
        if item.unit.is_some_and(|unit| !(0..=Ntd::LIMIT).contains(&unit.0)) {
            return Err(Error::invalid("unit_price_ntd", "價格是 0 到 9,999,999 的整數。"));
        }
    }
    Ok(())
}

/// What holds on the day of `change` without it, by product: everybody's price, or the customer's own.
fn in_force(conn: &Connection, change: &Change, standard: &PriceList) -> Result<impl Fn(ProductId) -> Option<Ntd>> {
    let list = match change.customer {
        None => standard.clone(),
        Some(customer) => store::prices(conn, Some(customer), change.from)?,
    };
    let is_own = change.customer.is_some();
    Ok(move |product| list.of(product).filter(|price| price.is_own == is_own).map(|price| price.unit))
}

fn said(unit: Option<Ntd>) -> String {
    unit.map_or_else(|| "—".to_owned(), |unit| unit.to_string())
}
