//! Taking a reading down, and taking it back.

use rusqlite::Transaction;
use serde_json::{Value, json};

use crate::cylinders;
use crate::error::{Error, Result};
use crate::journal::{self, By, Entry};
use crate::meters::{MOST_MILLI, Meter, NOUN, NewReading, Reading, api, figure, store};
use crate::orders::{self, Actor};
use crate::products;
use crate::values::{CustomerId, Day, Grams, Ntd, OrderId, ReadingId, StopId};

/// A reading of more than this times the usual is asked about.
const JUMP: i64 = 3;

/// Writes a reading down with what it bills (business §9.1). `NotFound` when there is no such meter, or the order is
/// of another customer; `Conflict` when the meter is not in use; `Invalid` in `value`, `read_on`, `old_end` for a
/// figure, a day, an old meter's end that cannot be, and in `confirm` for a figure that is more than three times the
/// usual until it is confirmed; `Forbidden` when somebody else than a manager says that the meter was replaced.
pub fn read(tx: &Transaction, new: NewReading, actor: Actor) -> Result<Reading> {
    let meter = store::get(tx, new.meter)?;
    let whose = new.order.map(|order| orders::store::get(tx, order)).transpose()?.map(|order| order.customer_id);
    if whose.is_some_and(|customer| customer != meter.customer) {
        return Err(Error::not_found(NOUN, meter.id));
    }
    if !meter.is_active {
        return Err(Error::conflict("meter is not in use", "這個錶已經停用了。"));
    }
    if !(0..=MOST_MILLI).contains(&new.value_milli) {
        return Err(Error::invalid("value", "讀數最多八位數，小數三位。"));
    }
    let last = store::last_reading(tx, meter.id)?;
    check_day(&new, &meter, last.as_ref(), actor.by.at.day())?;
    let counted = match &last {
        None if new.replaced.is_some() => return Err(Error::invalid("old_end", "這個錶還沒有抄過，沒有舊錶的讀數。")),
        None => 0,
        Some(last) => counted_milli(last.value_milli, new.value_milli, new.replaced, actor)?,
    };
    let billed = weight(counted, meter.g_per_unit);
    if let (Some(last), false) = (&last, new.confirmed_jump) {
        check_jump(tx, &meter, last, billed, new.read_on)?;
    }
    let unit_price = match last {
        Some(_) => flow_price(tx, meter.customer, new.order, new.read_on)?,
        None => None,
    };
    let amount = unit_price.map_or(Ntd(0), |unit| unit.per_kg(billed));
    if Ntd::LIMIT < amount.0 {
        return Err(Error::invalid("value", "這個讀數算出來的金額太大，請再看一次。"));
    }
    let from_milli = last.map(|last| last.value_milli);
    let id = store::insert(tx, &new, from_milli, billed, unit_price, amount, actor.by)?;
    let reading = store::get_reading(tx, id)?;
    record(tx, &meter, "read", json!({"after": api::reading_json(&reading)}), actor.by)?;
    Ok(reading)
}

/// After the reading before it, and not of tomorrow.
fn check_day(new: &NewReading, meter: &Meter, last: Option<&Reading>, today: Day) -> Result<()> {
    if today < new.read_on {
        return Err(Error::invalid("read_on", "抄表的日期還沒到。"));
    }
    match last {
        Some(last) if new.read_on < last.read_on => {
            Err(Error::invalid("read_on", format!("上次是 {} 抄的，不能比它早。", last.read_on.beside(today))))
        }
        None if new.read_on < meter.installed_on => {
            Err(Error::invalid("read_on", format!("這個錶 {} 才裝，不能比它早。", meter.installed_on.beside(today))))
        }
        _ => Ok(()),
    }
}

/// What went through the meter since `from`: through the old one to its end and through the new one from nothing,
/// when it was replaced.
fn counted_milli(from: i64, value: i64, replaced: Option<i64>, actor: Actor) -> Result<i64> {
    match replaced {
        Some(_) if !actor.is_manager() => Err(Error::Forbidden),
        Some(end) if !(from..=MOST_MILLI).contains(&end) => {
            Err(Error::invalid("old_end", format!("舊錶最後的讀數不能比上次的 {} 小。", figure(from))))
        }
        Some(end) => Ok(end - from + value),
        None if value < from => {
            Err(Error::invalid("value", format!("比上次的 {} 小。換了錶或歸零的，請經理記舊錶最後的讀數。", figure(from))))
        }
        None => Ok(value - from),
    }
}

/// So many thousandths of a unit, weighed; half a gram rounds up.
fn weight(milli: i64, g_per_unit: i64) -> Grams {
    Grams((milli * g_per_unit + 500).div_euclid(1_000))
}

/// Whether `billed` since `last` is more than three times what usually goes through this meter in as many days. A
/// meter of which no usual is known is not asked about.
fn check_jump(tx: &Transaction, meter: &Meter, last: &Reading, billed: Grams, on: Day) -> Result<()> {
    let Some((so_far, over_days)) = store::usual(tx, meter.id)? else { return Ok(()) };
    let days = on.days_since(last.read_on).max(1);
    if billed.0 * over_days <= JUMP * so_far.0 * days {
        return Ok(());
    }
    let usual = Grams(so_far.0 * days / over_days);
    Err(Error::invalid("confirm", format!("這次用了 {billed} kg，平常 {days} 天用 {usual} kg。讀數沒看錯，就勾「沒看錯」再存。")))
}

/// What a kilogram costs this customer that day: of the gas on the order, else of the gas that stands there, else of
/// any that is sold by the meter. `None` when nobody has said a price.
fn flow_price(tx: &Transaction, customer: CustomerId, order: Option<OrderId>, day: Day) -> Result<Option<Ntd>> {
    let prices = products::store::prices(tx, Some(customer), day)?;
    let catalogue = products::store::catalogue(tx)?;
    let is_metered = |id| catalogue.iter().any(|product| product.id == id && product.is_metered());
    let lines = match order {
        Some(order) => orders::store::get(tx, order)?.lines,
        None => Vec::new(),
    };
    let agreed = lines.iter().filter(|line| is_metered(line.product_id)).find_map(|line| line.unit_price);
    let held = cylinders::store::held_by_customer(tx, customer)?;
    let standing = held.iter().filter(|held| 0 < held.now() && is_metered(held.product)).map(|held| held.product);
    let sold = catalogue.iter().filter(|product| product.is_active && product.is_metered()).map(|product| product.id);
    let price = standing.chain(sold).find_map(|id| prices.of(id)).map(|price| price.unit);
    Ok(agreed.or(price))
}

/// Takes back a reading while it is the newest of its meter. `NotFound` when there is none, `Conflict` when it is
/// voided already or another has been counted from it.
pub fn void(tx: &Transaction, id: ReadingId, by: By) -> Result<()> {
    let reading = store::get_reading(tx, id)?;
    if reading.voided_at.is_some() {
        return Err(Error::conflict("reading is voided", "這次抄表已經收回過了。"));
    }
    if store::last_reading(tx, reading.meter)?.is_none_or(|last| last.id != id) {
        return Err(Error::conflict("reading is not the newest", "後面已經有新的抄表，要先收回後面的。"));
    }
    let meter = store::get(tx, reading.meter)?;
    store::void(tx, id, by)?;
    record(tx, &meter, "void", json!({"before": api::reading_json(&reading)}), by)
}

/// Takes back what was read at a stop; as [`void`] for each.
pub fn void_of_stop(tx: &Transaction, stop: StopId, by: By) -> Result<()> {
    for reading in store::of_stop(tx, stop)?.iter().rev() {
        void(tx, reading.id, by)?;
    }
    Ok(())
}

fn record(tx: &Transaction, meter: &Meter, verb: &str, change: Value, by: By) -> Result<()> {
    journal::record(tx, &Entry { by, verb, noun: NOUN, noun_id: Some(meter.id.0), change })
}
