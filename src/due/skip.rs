//! 今天先不送: on one day a due customer is passed over, and comes back the next.

use rusqlite::Transaction;
use serde_json::json;

use crate::customers;
use crate::due::{NOUN, store};
use crate::error::Result;
use crate::journal::{self, By, Entry};
use crate::values::{CustomerId, Day};

/// Takes `customer` off the list of `day` only; false when that had been said before. `NotFound` for nobody.
pub fn skip(tx: &Transaction, customer: CustomerId, day: Day, by: By) -> Result<bool> {
    customers::store::get(tx, customer)?;
    let is_new = store::add_skip(tx, customer, day, by)?;
    if is_new {
        note(tx, "skip", customer, day, by)?;
    }
    Ok(is_new)
}

/// Puts `customer` back on the list of `day`; false when nobody had passed it over.
pub fn undo_skip(tx: &Transaction, customer: CustomerId, day: Day, by: By) -> Result<bool> {
    let was_skipped = store::remove_skip(tx, customer, day)?;
    if was_skipped {
        note(tx, "undo_skip", customer, day, by)?;
    }
    Ok(was_skipped)
}

fn note(tx: &Transaction, verb: &str, customer: CustomerId, day: Day, by: By) -> Result<()> {
    let change = json!({"customer_id": customer.0, "skipped_on": day.to_string()});
    journal::record(tx, &Entry { by, verb, noun: NOUN, noun_id: Some(customer.0), change })
}
