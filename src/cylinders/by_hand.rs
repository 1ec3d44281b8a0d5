//! What people write into the ledger themselves: the plant, scrap, a count, a correction. Each is one line of the journal.

use rusqlite::Transaction;
use serde_json::{Value, json};

use crate::customers;
use crate::cylinders::acts::difference;
use crate::cylinders::{Kind, MOST, Movement, NOUN, NewMovement, Place, State, book, is_kept, store};
use crate::error::{Error, Problem, Result};
use crate::journal::{self, By, Entry};
use crate::products::{self, Product};
use crate::values::{CustomerId, MovementId, ProductId};

/// Empties that went to the plant and full ones that came back, of one product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exchange {
    pub product: ProductId,
    pub sent: i64,
    pub refilled: i64,
}

/// What was counted of one product; `None`: not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counted {
    pub product: ProductId,
    pub state: State,
    pub found: i64,
    /// What the books said when whoever counts looked at them.
    pub was: Option<i64>,
}

/// Whether somebody may take back `movement` by itself: what a stop or a truck did is taken back there.
pub fn is_by_hand(movement: &Movement) -> bool {
    movement.stop.is_none() && movement.route.is_none() && movement.order.is_none() && movement.undoes.is_none()
}

/// Whether a movement of this kind is a manager's to write and to take back (business §20).
pub fn is_managers(kind: Kind) -> bool {
    match kind {
        Kind::Counted | Kind::Corrected => true,
        Kind::Delivered | Kind::Returned | Kind::Loaded | Kind::Unloaded | Kind::Sent | Kind::Refilled | Kind::Scrapped => false,
    }
}

/// Empties to the plant, full ones from it. `Invalid` in `lines` when there is nothing of either, in `sent_ID` or
/// `refilled_ID` for a count that is none.
pub fn refill(tx: &Transaction, lines: &[Exchange], note: Option<&str>, by: By) -> Result<Vec<MovementId>> {
    let mut moves = Vec::new();
    let mut change = serde_json::Map::new();
    let mut problems = Vec::new();
    for line in lines {
        let product = kept(tx, line.product)?;
        for (name, qty) in [("sent", line.sent), ("refilled", line.refilled)] {
            if !(0..=MOST).contains(&qty) {
                problems
                    .push(Problem { field: format!("{name}_{}", line.product).into(), say: "支數要在 0 到 99,999 之間。".into() });
            }
        }
        if 0 < line.sent {
            moves.push(NewMovement::new(Kind::Sent, Place::Shop, Place::Supplier, line.product, line.sent, State::Empty));
        }
        if 0 < line.refilled {
            moves.push(NewMovement::new(Kind::Refilled, Place::Supplier, Place::Shop, line.product, line.refilled, State::Full));
        }
        if line.sent != 0 || line.refilled != 0 {
            change.insert(product.code, json!({"sent": line.sent, "refilled": line.refilled}));
        }
    }
    if moves.is_empty() && problems.is_empty() {
        problems.push(Problem { field: "lines".into(), say: "還沒填支數。".into() });
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    write(tx, moves, "refill", json!({"lines": change}), note, by)
}

/// Takes cylinders that are worn out off the shelf for good. `Invalid` in `note` without a word why.
pub fn scrap(tx: &Transaction, product: ProductId, state: State, qty: i64, note: Option<&str>, by: By) -> Result<Vec<MovementId>> {
    let product = kept(tx, product)?;
    if note.is_none() {
        return Err(Error::invalid("note", "報廢要寫一句原因。"));
    }
    let movement = NewMovement::new(Kind::Scrapped, Place::Shop, Place::Scrap, product.id, qty, state);
    write(tx, vec![movement], "scrap", json!({"product": product.code, "state": state.word(), "qty": qty}), note, by)
}

/// Puts the shelf right to what was counted on it; what differs goes to or comes from outside. Counting nothing where
/// nothing is known to be makes that known too. `Invalid` in `note` when something differs and no word says why, in
/// `full_ID` or `empty_ID` for a count that is none and where the books moved while the shelf was being counted.
pub fn count(tx: &Transaction, counted: &[Counted], note: Option<&str>, by: By) -> Result<Vec<MovementId>> {
    let mut moves = Vec::new();
    let mut differing = Vec::new();
    let mut problems = Vec::new();
    let mut change = serde_json::Map::new();
    for one in counted {
        let product = kept(tx, one.product)?;
        let mut wrong = |say: String| {
            problems.push(Problem { field: format!("{}_{}", one.state.word(), one.product).into(), say: say.into() });
        };
        if !(0..=MOST).contains(&one.found) {
            wrong("支數要在 0 到 99,999 之間。".to_owned());
            continue;
        }
        let now = store::qty(tx, Place::Shop, one.product, one.state)?;
        if let Some(was) = one.was.filter(|was| *was != now) {
            wrong(format!("剛剛有異動，帳上從 {was} 變成 {now}，請再點一次。"));
            continue;
        }
        store::make_known(tx, Place::Shop, one.product, one.state)?;
        let more = one.found - now;
        change.insert(format!("{}_{}", product.code, one.state.word()), json!({"before": now, "after": one.found}));
        if more != 0 {
            let (from, to) = if 0 < more { (Place::Outside, Place::Shop) } else { (Place::Shop, Place::Outside) };
            moves.push(NewMovement::new(Kind::Counted, from, to, one.product, more.abs(), one.state));
            differing.push(difference(&product, one.state, more));
        }
    }
    if counted.is_empty() {
        problems.push(Problem { field: "lines".into(), say: "還沒填點到的支數。".into() });
    }
    if problems.is_empty() && !differing.is_empty() && note.is_none() {
        let say = format!("點到的和帳上不一樣（{}），要寫一句原因。", differing.join("、"));
        problems.push(Problem { field: "note".into(), say: say.into() });
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    write(tx, moves, "count", json!({"counted": change}), note, by)
}

/// Puts the books right to what a customer really has of one product, with a word why. `Invalid` in `now` for a count
/// that is none or is what the books say already, in `note` without a word.
pub fn correct(
    tx: &Transaction,
    customer: CustomerId,
    product: ProductId,
    now: i64,
    note: Option<&str>,
    by: By,
) -> Result<Vec<MovementId>> {
    customers::store::get(tx, customer)?;
    let product = kept(tx, product)?;
    let held = store::held_by_customer(tx, customer)?.into_iter().find(|held| held.product == product.id);
    let before = held.map_or(0, |held| held.now());
    if !(0..=999).contains(&now) {
        return Err(Error::invalid("now", "支數要在 0 到 999 之間。"));
    }
    if now == before {
        return Err(Error::invalid("now", format!("帳上本來就是 {now} 支。")));
    }
    if note.is_none() {
        return Err(Error::invalid("note", "更正要寫一句原因。"));
    }
    let place = Place::Customer(customer);
    let (from, to) = if before < now { (Place::Outside, place) } else { (place, Place::Outside) };
    let movement = NewMovement::new(Kind::Corrected, from, to, product.id, (now - before).abs(), State::Empty);
    let change = json!({"customer_id": customer.0, "product": product.code, "before": before, "after": now});
    write(tx, vec![movement], "correct", change, note, by)
}

/// Says how many of the cylinders at a customer are their own. Nothing moves. `Invalid` in `owned` for a count that is none.
pub fn set_owned(tx: &Transaction, customer: CustomerId, product: ProductId, qty: i64, by: By) -> Result<()> {
    customers::store::get(tx, customer)?;
    let product = kept(tx, product)?;
    if !(0..=999).contains(&qty) {
        return Err(Error::invalid("owned", "支數要在 0 到 999 之間。"));
    }
    let before = store::owned_by_customer(tx, customer)?.get(&product.id).copied().unwrap_or(0);
    if before == qty {
        return Ok(());
    }
    store::set_owned(tx, customer, product.id, qty)?;
    let change = json!({"customer_id": customer.0, "product": product.code, "before": before, "after": qty});
    journal::record(tx, &Entry { by, verb: "own", noun: NOUN, noun_id: None, change })
}

/// The product, when cylinders of it are counted at all.
fn kept(tx: &Transaction, id: ProductId) -> Result<Product> {
    let product = products::store::get(tx, id)?;
    if is_kept(&product) { Ok(product) } else { Err(Error::invalid("product_id", format!("{} 不記鋼瓶數。", product.name))) }
}

fn write(tx: &Transaction, moves: Vec<NewMovement>, verb: &str, mut change: Value, note: Option<&str>, by: By) -> Result<Vec<MovementId>> {
    let mut ids = Vec::new();
    for movement in moves {
        ids.push(book(tx, &NewMovement { note: note.map(str::to_owned), ..movement }, by)?);
    }
    change["movements"] = ids.iter().map(|id| id.0).collect();
    change["note"] = json!(note);
    journal::record(tx, &Entry { by, verb, noun: NOUN, noun_id: ids.first().map(|id| id.0), change })?;
    Ok(ids)
}
