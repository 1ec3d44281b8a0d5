//! Undoing an import as a whole. Only the newest that still stands can be taken back, for a later one built on
//! it: it named its customers better and completed its deliveries. Whoever wants an older one undone takes back
//! the newer ones first and brings them in again afterwards.

use rusqlite::Transaction;
use serde_json::json;

use crate::customers::import as customers;
use crate::cylinders;
use crate::deliveries::import as deliveries;
use crate::error::{Error, Result};
use crate::imports::{NOUN, apply, store};
use crate::journal::{self, By, Entry};
use crate::values::{CustomerId, DeliveryId, ImportId};

/// Takes import `id` back; says how many of its customers stay because somebody has worked on them since.
pub fn take_back(tx: &Transaction, id: ImportId, by: By) -> Result<usize> {
    let import = store::get(tx, id)?;
    if import.taken_back_at.is_some() {
        return Err(Error::conflict("import is taken back", "這次匯入已經收回過了。"));
    }
    if store::newest(tx)? != Some(id) {
        return Err(Error::conflict("a newer import stands", "後面還有別的匯入。請先收回比較新的那一次。"));
    }
    let changes = store::changes(tx, id)?;
    let names = changes.iter().find(|change| change.noun == "recorded_names");
    let names = names.map_or((0, 0), |change| (change.noun_id, change.before.as_i64().unwrap_or(0)));
    deliveries::open_history(tx, id)?;
    for change in changes.iter().filter(|change| change.noun == "delivery") {
        let delivery = DeliveryId(change.noun_id);
        let before = apply::of_image(delivery, &change.before);
        let (day, before) = before.ok_or_else(|| Error::impossible("read how a delivery stood before an import"))?;
        if let Some(now) = deliveries::get(tx, delivery)? {
            deliveries::complete(tx, day, &now, &before)?;
        }
    }
    let days = deliveries::remove_import(tx, id, names)?;
    deliveries::recount(tx, &days)?;
    deliveries::close_history(tx)?;
    for change in changes.iter().filter(|change| change.noun == "customer") {
        let customer = CustomerId(change.noun_id);
        customers::restore(tx, customer, &change.before)?;
        if change.before["before"].get("cylinders").is_some() {
            cylinders::raise_to_nothing(tx, customer, by)?;
        }
    }
    store::forget(tx, id)?;
    let kept = customers::remove_import(tx, id)?;
    for change in changes.iter().filter(|change| change.noun == "area") {
        customers::remove_area(tx, change.noun_id)?;
    }
    store::mark_taken_back(tx, id, by.at)?;
    let change = json!({"customers_kept": kept, "before": import.report["deliveries"]});
    journal::record(tx, &Entry { by, verb: "take_back", noun: NOUN, noun_id: Some(id.0), change })?;
    Ok(kept)
}
