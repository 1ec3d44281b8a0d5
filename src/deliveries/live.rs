//! Gas the shop has just brought, one visit at a time, as its orders are delivered.
//!
//! Invariants
//! - A customer has one row a day, however often the truck came: a second visit is added to it, and then each visit
//!   is a drop of its own (as an import does with a customer who called twice).

use rusqlite::Transaction;

use crate::deliveries::import::{self, Details, NewDrop, Row, Writer};
use crate::deliveries::{Load, SIZES_KG, Source};
use crate::error::{Error, Result};
use crate::values::{CustomerId, DeliveryId, Stamp};

/// The most cylinders of one size a day's row holds.
const MOST: i64 = 999;

/// A visit that has just left gas at a customer.
#[derive(Clone, Copy, Debug)]
pub struct Visit<'a> {
    pub customer: CustomerId,
    /// The day it counts for is this moment's.
    pub at: Stamp,
    pub load: Load,
    /// Who brought it.
    pub driver_name: Option<&'a str>,
}

/// Writes `visit` down and gives the row of that day, new or there before. `Invalid` in `lines` when the day would
/// come to more than a row holds.
pub fn add(tx: &Transaction, visit: Visit) -> Result<DeliveryId> {
    let day = visit.at.day();
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
    if import::drops_of(tx, before.id)?.is_empty() {
        let first = NewDrop { at_time: before.at_time.clone(), load: before.load, note: before.note.clone() };
        import::insert_drops(tx, before.id, &[first], import::import_of(tx, before.id)?)?;
    }
    import::insert_drops(tx, before.id, &[NewDrop { at_time: Some(at_time), load: visit.load, note: None }], None)?;
    let driver_name = both(before.driver_name.as_deref(), visit.driver_name);
    import::complete(tx, day, &before, &Details { load, driver_name, ..before.clone() })?;
    Ok(before.id)
}

/// `阿明、阿華`, each once.
fn both(before: Option<&str>, now: Option<&str>) -> Option<String> {
    match (before, now) {
        (Some(before), Some(now)) if before.split('、').all(|name| name != now) => Some(format!("{before}、{now}")),
        (before, now) => before.or(now).map(str::to_owned),
    }
}
