//! What the crew of a route hears of it (business §18).

use rusqlite::Transaction;

use crate::error::Result;
use crate::notices::{self, Audience, Event, Notice};
use crate::orders;
use crate::routes::{NOUN, Route, store};
use crate::values::{OrderId, Stamp, UserId};

/// `新路線 R-20250528-03，共 18 站`.
pub(super) fn published(tx: &Transaction, route: &Route, at: Stamp) -> Result<()> {
    for user in route.crew() {
        is_yours(tx, route, user, at)?;
    }
    Ok(())
}

/// The same to one of the crew, who has just come to it.
pub(super) fn is_yours(tx: &Transaction, route: &Route, user: UserId, at: Stamp) -> Result<()> {
    let text = format!("新路線 {}，共 {} 站", route.number, stops(tx, route)?);
    say(tx, route, user, Event::RoutePublished, text, at)
}

/// Whoever drives a route that is out hears that it is another now; of a draft nobody does.
pub(super) fn changed(tx: &Transaction, route: &Route, at: Stamp) -> Result<()> {
    if !route.status.is_out() {
        return Ok(());
    }
    let text = format!("路線 {} 有變動，現在共 {} 站", route.number, stops(tx, route)?);
    for user in route.crew() {
        say(tx, route, user, Event::RouteChanged, text.clone(), at)?;
    }
    Ok(())
}

/// `user` does not go any more.
pub(super) fn left(tx: &Transaction, route: &Route, user: UserId, why: &str, at: Stamp) -> Result<()> {
    say(tx, route, user, Event::RouteChanged, format!("路線 {} {why}", route.number), at)
}

/// `訂單 ORD-20250528-0043 已變更`, to those who have it on their route.
pub(super) fn order(tx: &Transaction, route: &Route, (id, number): (OrderId, &str), what: &str, at: Stamp) -> Result<()> {
    for user in route.crew() {
        let about = Some((orders::NOUN, id.0));
        let notice = Notice { event: Event::OrderChanged, to: Audience::User(user), text: format!("訂單 {number} {what}"), about };
        notices::tell(tx, notice, at)?;
    }
    Ok(())
}

fn say(tx: &Transaction, route: &Route, user: UserId, event: Event, text: String, at: Stamp) -> Result<()> {
    notices::tell(tx, Notice { event, to: Audience::User(user), text, about: Some((NOUN, route.id.0)) }, at)?;
    Ok(())
}

/// How many are still to be made.
fn stops(tx: &Transaction, route: &Route) -> Result<usize> {
    Ok(store::open_stops(tx, route.id)?.len())
}
