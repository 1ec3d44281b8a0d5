//! What moves cylinders: a stop, the loading and unloading of a truck, and taking one of them back.

use std::collections::BTreeMap;

use rusqlite::Transaction;
use serde_json::json;

use crate::cylinders::{Kind, Movement, NOUN, NewMovement, Place, State, book, is_kept, store};
use crate::error::{Error, Result};
use crate::journal::{self, By, Entry};
use crate::products::{self, Product};
use crate::values::{CustomerId, Day, MovementId, OrderId, ProductId, RouteId, StopId, VehicleId};

/// What was left at a customer and what was taken along.
#[derive(Clone, Copy, Debug)]
pub struct StopGoods<'a> {
    pub customer: CustomerId,
    /// `None`: over the counter, from the shop's shelf and back to it.
    pub vehicle: Option<VehicleId>,
    pub route: Option<RouteId>,
    pub stop: Option<StopId>,
    pub order: Option<OrderId>,
    /// The day it counts for; `None`: the moment's.
    pub on: Option<Day>,
    /// Product, full ones left, empties taken; a product may come twice.
    pub lines: &'a [(ProductId, i64, i64)],
}

/// Moves what changed hands at a customer, and says in a sentence each what does not agree with the books: nothing of
/// it stops a delivery (business §14). No journal: the stop or the sale is told by whoever completes it.
pub fn at_stop(tx: &Transaction, goods: StopGoods, by: By) -> Result<Vec<String>> {
    let mut sums: BTreeMap<ProductId, (i64, i64)> = BTreeMap::new();
    for (product, delivered, empties) in goods.lines {
        let sum = sums.entry(*product).or_default();
        (sum.0, sum.1) = (sum.0 + delivered, sum.1 + empties);
    }
    let held = store::held_by_customer(tx, goods.customer)?;
    let shelf = goods.vehicle.map_or(Place::Shop, Place::Vehicle);
    let customer = Place::Customer(goods.customer);
    let mut warnings = Vec::new();
    for product in products::store::catalogue(tx)?.iter().filter(|product| is_kept(product)) {
        let Some((delivered, empties)) = sums.get(&product.id).copied() else { continue };
        let before = held.iter().find(|held| held.product == product.id).map_or(0, |held| held.now());
        let excess = (empties - delivered - before).max(0);
        let movement = |kind, from, to, qty, state| NewMovement {
            route: goods.route,
            stop: goods.stop,
            order: goods.order,
            on: goods.on,
            ..NewMovement::new(kind, from, to, product.id, qty, state)
        };
        if 0 < excess {
            let say = format!("{} 收回的空桶比紀錄多 {excess}", product.name);
            let correction = movement(Kind::Corrected, Place::Outside, customer, excess, State::Empty);
            book(tx, &NewMovement { note: Some(say.clone()), ..correction }, by)?;
            warnings.push(format!("{say}。"));
        }
        if 0 < delivered {
            book(tx, &movement(Kind::Delivered, shelf, customer, delivered, State::Full), by)?;
        }
        if 0 < empties {
            book(tx, &movement(Kind::Returned, customer, shelf, empties, State::Empty), by)?;
        }
        if empties < delivered {
            let now = before + delivered - empties;
            warnings.push(format!("{} 少收 {} 支空桶，客戶那裡現在有 {now} 支。", product.name, delivered - empties));
        }
    }
    Ok(warnings)
}

/// Takes back all that still stands of a stop.
pub fn undo_of_stop(tx: &Transaction, stop: StopId, by: By) -> Result<()> {
    let movements = store::of_stop(tx, stop)?;
    for movement in movements.iter().rev() {
        reverse(tx, movement, None, by)?;
    }
    for movement in &movements {
        floor(tx, movement, by)?;
    }
    Ok(())
}

/// Takes back one movement by its reverse, and writes it down in the journal. `NotFound` when there is none,
/// `Conflict` when it is undone already or is itself an undoing.
pub fn undo(tx: &Transaction, id: MovementId, by: By, note: Option<&str>) -> Result<MovementId> {
    let movement = store::get(tx, id)?;
    if movement.undone_by.is_some() || movement.undoes.is_some() {
        return Err(Error::conflict("movement is undone", "這一筆已經收回過了。"));
    }
    let reversed = reverse(tx, &movement, note, by)?;
    floor(tx, &movement, by)?;
    let change = json!({"undoes": id.0, "note": note});
    journal::record(tx, &Entry { by, verb: "undo", noun: NOUN, noun_id: Some(reversed.0), change })?;
    Ok(reversed)
}

fn reverse(tx: &Transaction, movement: &Movement, note: Option<&str>, by: By) -> Result<MovementId> {
    let back = NewMovement {
        route: movement.route,
        stop: movement.stop,
        order: movement.order,
        undoes: Some(movement.id),
        note: note.map(str::to_owned),
        ..NewMovement::new(movement.kind, movement.to, movement.from, movement.product, movement.qty, movement.state)
    };
    book(tx, &back, by)
}

fn floor(tx: &Transaction, undone: &Movement, by: By) -> Result<()> {
    for place in [undone.from, undone.to] {
        if let Place::Customer(customer) = place {
            raise_to_nothing(tx, customer, by)?;
        }
    }
    Ok(())
}

/// Puts a customer who is below nothing right: one who gave back later what an undone delivery had brought, or of whom
/// the client list now says that the books opened with less. What is missing came from somewhere they do not know.
pub fn raise_to_nothing(tx: &Transaction, customer: CustomerId, by: By) -> Result<()> {
    for held in store::held_by_customer(tx, customer)?.iter().filter(|held| held.now() < 0) {
        let place = Place::Customer(customer);
        let correction = NewMovement::new(Kind::Corrected, Place::Outside, place, held.product, -held.now(), State::Empty);
        book(tx, &NewMovement { note: Some("紀錄少於零，補到零。".to_owned()), ..correction }, by)?;
    }
    Ok(())
}

/// Puts `items`, full, from the shop on the truck of `route`. Whatever was loaded for that route before is put right
/// to these counts, so that the same list twice is the same load. `Invalid` for a count below nothing.
pub fn load_route(tx: &Transaction, route: RouteId, vehicle: VehicleId, items: &[(ProductId, i64)], by: By) -> Result<()> {
    let before = store::loaded(tx, route)?;
    let mut wanted: BTreeMap<ProductId, i64> = before.keys().map(|product| (*product, 0)).collect();
    for (product, qty) in items {
        if *qty < 0 {
            return Err(Error::invalid("qty", "支數不能小於 0。"));
        }
        *wanted.entry(*product).or_default() += qty;
    }
    let catalogue = products::store::catalogue(tx)?;
    let mut change = serde_json::Map::new();
    for product in catalogue.iter().filter(|product| is_kept(product)) {
        let Some(qty) = wanted.get(&product.id) else { continue };
        let more = qty - before.get(&product.id).copied().unwrap_or(0);
        let (from, to) = match more {
            0 => continue,
            1.. => (Place::Shop, Place::Vehicle(vehicle)),
            _ => (Place::Vehicle(vehicle), Place::Shop),
        };
        let movement = NewMovement::new(Kind::Loaded, from, to, product.id, more.abs(), State::Full);
        book(tx, &NewMovement { route: Some(route), ..movement }, by)?;
        change.insert(product.code.clone(), json!(qty));
    }
    if change.is_empty() {
        return Ok(());
    }
    let change = json!({"route": route.0, "vehicle": vehicle.0, "loaded": change});
    journal::record(tx, &Entry { by, verb: "load", noun: NOUN, noun_id: None, change })
}

/// The same, only when nobody has loaded the route yet: what a route starts with unless it was counted otherwise.
pub fn load_as_planned(tx: &Transaction, route: RouteId, vehicle: VehicleId, items: &[(ProductId, i64)], by: By) -> Result<()> {
    if store::loaded(tx, route)?.is_empty() { load_route(tx, route, vehicle, items, by) } else { Ok(()) }
}

/// Takes everything off the truck: `counted` is product, full and empty ones found on it; of what is not named nothing
/// was found. What differs from the books goes to or comes from outside, and needs `note`: without it `Invalid` there.
pub fn unload_route(
    tx: &Transaction,
    route: RouteId,
    vehicle: VehicleId,
    counted: &[(ProductId, i64, i64)],
    note: Option<&str>,
    by: By,
) -> Result<()> {
    let truck = Place::Vehicle(vehicle);
    let expected = store::balances(tx, truck)?;
    let mut change = serde_json::Map::new();
    let mut moves = Vec::new();
    let mut differing = Vec::new();
    for product in products::store::catalogue(tx)?.iter() {
        let had = expected.iter().find(|balance| balance.product == product.id);
        let found = counted.iter().find(|(id, ..)| *id == product.id);
        if had.is_none() && (found.is_none() || !is_kept(product)) {
            continue;
        }
        let (full, empty) = found.map_or((0, 0), |(_, full, empty)| (*full, *empty));
        for (state, had, found) in
            [(State::Full, had.map_or(0, |had| had.full), full), (State::Empty, had.map_or(0, |had| had.empty), empty)]
        {
            if found < 0 {
                return Err(Error::invalid("qty", "支數不能小於 0。"));
            }
            if found != had {
                differing.push(difference(product, state, found - had));
                let (from, to) = if had < found { (Place::Outside, truck) } else { (truck, Place::Outside) };
                let movement = NewMovement::new(Kind::Counted, from, to, product.id, (found - had).abs(), state);
                moves.push(NewMovement { note: note.map(str::to_owned), ..movement });
            }
            if 0 < found {
                moves.push(NewMovement::new(Kind::Unloaded, truck, Place::Shop, product.id, found, state));
            }
        }
        change.insert(product.code.clone(), json!({"full": full, "empty": empty}));
    }
    if !differing.is_empty() && note.is_none() {
        return Err(Error::invalid("note", format!("點到的和應有的不一樣（{}），要寫一句原因。", differing.join("、"))));
    }
    if moves.is_empty() {
        return Ok(());
    }
    for movement in moves {
        book(tx, &NewMovement { route: Some(route), ..movement }, by)?;
    }
    let change = json!({"route": route.0, "vehicle": vehicle.0, "counted": change, "differences": differing, "note": note});
    journal::record(tx, &Entry { by, verb: "unload", noun: NOUN, noun_id: None, change })
}

/// `20KG 滿桶少 1`.
pub(super) fn difference(product: &Product, state: State, more: i64) -> String {
    let way = if more < 0 { "少" } else { "多" };
    format!("{} {}{way} {}", product.name, state.label(), more.abs())
}
