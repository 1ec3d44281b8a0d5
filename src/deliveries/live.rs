//! Gas the shop has just brought, one visit at a time, as its orders are delivered.
//!
//! Invariants
//! - A customer has one row a day, however often the truck came: a second visit is added to it, and then each visit
//!   is a drop of its own (as an import does with a customer who called twice).
//! - What was brought counts. A day that is closed when it is told, because the clock ran ahead, is opened again.

use rusqlite::Transaction;

use crate::deliveries::import::{self, Details, NewDrop, Row, Writer};
use crate::deliveries::{Load, SIZES_KG, Source};
use crate::error::{Error, Result};
use crate::values::{CustomerId, Day, DeliveryId, Stamp};

/// The most cylinders of one size a day's row holds.
const MOST: i64 = 999;

/// A visit that has just left gas at a customer.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    pub customer: CustomerId,
    /// The day it counts for.
    pub on: Day,
    /// Its hour.
    pub at: Stamp,
    pub load: Load,
    /// Who brought it.
    pub driver_name: Option<&'a str>,
}

/// Writes `visit` down and gives the row of that day, new or there before. `Invalid` in `lines` when the day would
/// come to more than a row holds.
pub fn add(tx: &Transaction, visit: Visit) -> Result<DeliveryId> {
    let day = visit.on;
    let at_time = visit.at.clock();
    let before = import::find(tx, visit.customer, day)?;
    let load = before.as_ref().map_or(visit.load, |before| before.load.and(visit.load));
    if let Some((size, _)) = SIZES_KG.iter().zip(load.0).find(|(_, qty)| qty.is_some_and(|qty| MOST < qty)) {
        return Err(Error::invalid("lines", format!("同一天送給同一位客戶的 {size}KG 最多記 {MOST} 支。")));
    }
    let Some(before) = before else {
        let mut writer = Writer::new(tx, day)?;
        let id = writer.add(&Row {
            customer: visit.customer,
            on: day,
            source: Source::Live,
            at_time: Some(&at_time),
            load,
            driver_name: visit.driver_name,
            note: None,
            recorded: None,
            import: None,
        })?;
        writer.finish()?;
        return Ok(id);
    };
    import::reopen(tx, before.id)?;
    if import::drops_of(tx, before.id)?.is_empty() {
        let first = NewDrop { at_time: before.at_time.clone(), load: before.load, note: before.note.clone() };
        import::insert_drops(tx, before.id, &[first], import::import_of(tx, before.id)?)?;
    }
    import::insert_drops(tx, before.id, &[NewDrop { at_time: Some(at_time), load: visit.load, note: None }], None)?;
    let driver_name = both(before.driver_name.as_deref(), visit.driver_name);
    import::complete(tx, day, &before, &Details { load, driver_name, ..before.clone() })?;
    Ok(before.id)
}

/// Takes a visit that was none out of the day it stands in, so that the day is as before it was added: the visit of
/// `load` at `at`, with the name of `driver` unless he was there another time that day. `Conflict` when the day is
/// closed already, six months on.
pub fn take_back(tx: &Transaction, id: DeliveryId, at: Stamp, load: Load, driver: Option<&str>) -> Result<()> {
    let Some((day, before)) = import::open_row(tx, id)? else {
        return Err(Error::conflict("the delivery is closed", "這筆配送已經歸檔，不能復原。要更正請找會計。"));
    };
    let drops = import::drops_of(tx, id)?;
    if drops.is_empty() {
        return import::remove(tx, day, &before);
    }
    import::remove_drop(tx, id, &NewDrop { at_time: Some(at.clock()), load, note: None })?;
    let left = import::drops_of(tx, id)?;
    let load = left.iter().map(|drop| drop.load).reduce(Load::and).unwrap_or_default();
    let driver_name = driver.map_or(before.driver_name.clone(), |name| without(before.driver_name.as_deref(), name, before.source));
    let mut after = Details { load, driver_name, ..before.clone() };
    if let [only] = left.as_slice() {
        (after.at_time, after.note) = (only.at_time.clone(), only.note.clone());
        import::remove_drop(tx, id, only)?;
    }
    import::complete(tx, day, &before, &after)
}

/// The names but `name`; the first of a row that came in with a file is the file's.
fn without(names: Option<&str>, name: &str, source: Source) -> Option<String> {
    let is_kept = |(at, one): &(usize, &str)| *one != name || (*at == 0 && source != Source::Live);
    let left: Vec<_> = names?.split('、').enumerate().filter(is_kept).map(|(_, one)| one).collect();
    (!left.is_empty()).then(|| left.join("、"))
}

/// `阿明、阿華`, each once.
fn both(before: Option<&str>, now: Option<&str>) -> Option<String> {
    match (before, now) {
        (Some(before), Some(now)) if before.split('、').all(|name| name != now) => Some(format!("{before}、{now}")),
        (before, now) => before.or(now).map(str::to_owned),
    }
}
