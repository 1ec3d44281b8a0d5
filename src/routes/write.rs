//! The one way a route or a stop is changed: the row, what the journal says of it, and whom it concerns.

use rusqlite::Transaction;
use serde_json::{Map, Value};

use crate::emergencies;
use crate::error::Result;
use crate::journal::{self, By, Entry};
use crate::routes::{NOUN, Route, STOP, Stop, fields, store};
use crate::values::{OrderId, StopId};

/// Writes `after` in the place of `before` with its line of the journal, `more` in it; gives the route as it now stands.
pub(crate) fn route(tx: &Transaction, before: &Route, after: &Route, verb: &str, more: Map<String, Value>, by: By) -> Result<Route> {
    let after = row(tx, before, after, by)?;
    tell(tx, before, &after, verb, more, by)?;
    Ok(after)
}

/// The row alone: where orders follow the route, their lines of the journal come before its own, which is the last word on
/// what was done.
pub(super) fn row(tx: &Transaction, before: &Route, after: &Route, by: By) -> Result<Route> {
    store::update(tx, before, after, by)?;
    store::get(tx, before.id)
}

/// The line of the journal for a row that is written.
pub(super) fn tell(tx: &Transaction, before: &Route, after: &Route, verb: &str, more: Map<String, Value>, by: By) -> Result<()> {
    let mut change = after.concerns(Some(before));
    change["version"] = before.version.into();
    (change["before"], change["after"]) = fields::differences(&fields::route(before), &fields::route(after));
    for (name, value) in more {
        change[name] = value;
    }
    journal::record(tx, &Entry { by, verb, noun: NOUN, noun_id: Some(before.id.0), change })
}

/// Notes what was done with the stops of `route`, which itself stays as it is.
pub(super) fn note(tx: &Transaction, route: &Route, verb: &str, more: Map<String, Value>, by: By) -> Result<()> {
    let mut change = route.concerns(None);
    for (name, value) in more {
        change[name] = value;
    }
    journal::record(tx, &Entry { by, verb, noun: NOUN, noun_id: Some(route.id.0), change })
}

/// Puts `order` on `route` at `seq` with its line of the journal.
pub(super) fn new_stop(tx: &Transaction, route: &Route, order: OrderId, seq: i64, by: By) -> Result<StopId> {
    let id = store::insert_stop(tx, route.id, order, seq, by)?;
    let mut change = route.concerns(None);
    change["order"] = order.0.into();
    change["after"] = serde_json::json!({"route_id": route.id.0, "seq": seq});
    journal::record(tx, &Entry { by, verb: "put", noun: STOP, noun_id: Some(id.0), change })?;
    Ok(id)
}

/// Writes `after` in the place of `before` with its line of the journal; `from` and `to` are the routes it is on before
/// and afterwards.
pub(crate) fn stop(tx: &Transaction, (before, from): (&Stop, &Route), (after, to): (&Stop, &Route), verb: &str, by: By) -> Result<()> {
    store::update_stop(tx, before, after)?;
    let mut change = to.concerns(Some(from));
    change["version"] = before.version.into();
    change["order"] = before.order_id.0.into();
    (change["before"], change["after"]) = fields::differences(&fields::stop(before), &fields::stop(after));
    journal::record(tx, &Entry { by, verb, noun: STOP, noun_id: Some(before.id.0), change })?;
    if before.status == after.status { Ok(()) } else { emergencies::follow::follow_stop(tx, after, by) }
}
