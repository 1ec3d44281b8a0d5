//! 復原: taking back one's own last act on an order (ui.md §4), as a new line of the journal that names the old one.
//!
//! Invariants
//! - Nothing is erased: an undone order is cancelled, changed back or taken anew, with its history.
//! - Only one's own, only the last, only on the same day, and nothing somebody else has touched since.

use percent_encoding::{CONTROLS, utf8_percent_encode};
use rusqlite::{Connection, Transaction};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::due;
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::journal::{self, Entry};
use crate::orders::store::{self, Act};
use crate::orders::{Actor, CancelReason, NOUN, Order, Status, fields, lists, slot, steps, take};
use crate::routes::{self, Stop, StopStatus};
use crate::settings::Settings;
use crate::users::sign_in::local_path;
use crate::values::{CustomerId, Day, OrderId, RouteId, Stamp, UserId};

/// The verb of the journal.
pub const VERB: &str = "undo";

/// What undoing an act means.
#[derive(Clone, Debug, PartialEq)]
enum Way {
    /// It was taken: it is cancelled as a wrong entry.
    Cancel(Box<Order>),
    /// It was changed, given to a driver or taken from one: it is as before.
    Restore { order: Box<Order>, before: Box<Order> },
    /// It was cancelled, which stays: the same is taken anew.
    TakeAnew(Box<Order>),
    /// Its day was moved, so that it left its route: it is as before, and stands there again.
    BackOnRoute { order: Box<Order>, before: Box<Order>, stop: Box<Stop> },
    /// Somebody was passed over on the due list: back they come.
    PutBack(CustomerId, Day),
    /// Stops were put on a route, moved, taken off or put in order, or a route was given to somebody.
    Plan(routes::undo::Way),
}

/// What became of the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The order to look at now: the one undone, or the one taken anew.
    pub order: Option<OrderId>,
    /// What to tell.
    pub say: String,
}

/// The last thing `user` did with orders today, if it can be undone; what U is offered for.
pub fn offered(conn: &Connection, user: UserId, now: Stamp) -> Result<Option<Act>> {
    let Some(act) = last(conn, user, now)? else { return Ok(None) };
    match way(conn, &act) {
        Ok(_) => Ok(Some(act)),
        Err(Error::Conflict { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn last(conn: &Connection, user: UserId, now: Stamp) -> Result<Option<Act>> {
    Ok(store::acts_of(conn, user, Stamp::taipei(now.day(), 0, 0), 1)?.pop())
}

/// Undoes line `act` of the journal, which is the last thing `actor` did with orders today. `Conflict` with the reason
/// when it is not, when it was undone already, or when the rules do not allow it.
pub fn undo(tx: &Transaction, act: i64, actor: Actor, settings: &Settings) -> Result<Undone> {
    let Some(user) = actor.by.user.filter(|_| actor.is_office()) else { return Err(Error::Forbidden) };
    let last = last(tx, user, actor.by.at)?.ok_or_else(|| refused("今天還沒有可以復原的事。"))?;
    if store::is_undone(tx, user, act)? {
        return Err(refused("這一步已經復原過了。"));
    }
    if last.id != act {
        return Err(refused("只能復原自己今天的最後一步。"));
    }
    let more = Map::from_iter([("undoes".to_owned(), json!(act)), ("undone".to_owned(), json!(last.verb))]);
    match way(tx, &last)? {
        Way::Cancel(order) => {
            let after = Order { status: Status::Cancelled, cancel_reason: Some(CancelReason::WrongEntry), ..(*order).clone() };
            steps::commit_for(tx, &order, after, VERB, Some("復原：剛剛記錯".to_owned()), more, actor)?;
            Ok(Undone { order: Some(order.id), say: format!("已復原，{} 取消了。", order.short_number()) })
        }
        Way::Restore { order, before } => {
            let after = steps::commit_for(tx, &order, *before, VERB, Some("復原".to_owned()), more, actor)?;
            Ok(Undone { order: Some(order.id), say: said(&order, &after) })
        }
        Way::TakeAnew(order) => take_anew(tx, &last, &order, more, actor, settings),
        Way::BackOnRoute { order, before, stop } => {
            let waits = Order { status: Status::Confirmed, driver_id: None, ..*before };
            let after = steps::commit(tx, &order, waits, "edit", Some("復原".to_owned()), actor)?;
            let route = routes::plan::put_at(tx, order.id, stop.route_id, stop.seq, actor)?;
            note(tx, order.id.0, more, actor)?;
            let say = format!("已復原，{} 和改之前一樣，在路線 {}。", after.short_number(), route.short_number());
            Ok(Undone { order: Some(order.id), say })
        }
        Way::Plan(way) => {
            let say = routes::undo::undo(tx, &way, actor)?;
            let entry = Entry { by: actor.by, verb: VERB, noun: routes::NOUN, noun_id: Some(last.noun_id), change: Value::Object(more) };
            journal::record(tx, &entry)?;
            Ok(Undone { order: None, say })
        }
        Way::PutBack(customer, day) => {
            due::skip::undo_skip(tx, customer, day, actor.by)?;
            let change = Value::Object(more);
            journal::record(tx, &Entry { by: actor.by, verb: VERB, noun: due::NOUN, noun_id: Some(customer.0), change })?;
            Ok(Undone { order: None, say: "已復原，放回計畫名單了。".to_owned() })
        }
    }
}

/// What undoing `act` means, as things now stand; `Conflict` says why it cannot be.
fn way(conn: &Connection, act: &Act) -> Result<Way> {
    if act.verb == VERB {
        return Err(refused("這一步已經復原過了。"));
    }
    if act.noun == NOUN {
        way_of_order(conn, act, store::get(conn, OrderId(act.noun_id))?)
    } else if act.noun == routes::NOUN {
        routes::undo::way(conn, RouteId(act.noun_id), &act.verb, &act.change()).map(Way::Plan)
    } else if act.noun == due::NOUN && act.verb == "skip" {
        let day = act.change()["skipped_on"].as_str().and_then(|day| day.parse().ok()).ok_or_else(|| refused("這一步不能復原。"))?;
        Ok(Way::PutBack(CustomerId(act.noun_id), day))
    } else if act.noun == lists::NOUN {
        Err(refused("整份清單要在「從試算表匯入」那裡收回。"))
    } else {
        Err(refused("這一步不能復原。"))
    }
}

/// The last word on an undone act, after what followed from it.
fn note(tx: &Transaction, order: i64, more: Map<String, Value>, actor: Actor) -> Result<()> {
    journal::record(tx, &Entry { by: actor.by, verb: VERB, noun: NOUN, noun_id: Some(order), change: Value::Object(more) })
}

fn way_of_order(conn: &Connection, act: &Act, order: Order) -> Result<Way> {
    let is_untouched = act.change()["version"].as_i64() == Some(order.version - 1);
    match act.verb.as_str() {
        "take" => match order.status {
            Status::Pending | Status::Confirmed => Ok(Way::Cancel(Box::new(order))),
            Status::Assigned | Status::InDelivery => Err(refused("這張單已經派出去了，不能復原。要停就取消。")),
            Status::Delivered => Err(refused(DELIVERED)),
            Status::Cancelled => Err(refused("這張單已經取消了。")),
        },
        "edit" | "assign" | "unassign" => {
            if !is_untouched {
                return Err(refused("後來有人動過這張單，不能復原。請直接改。"));
            }
            let before = act.change()["before"].as_object().and_then(|before| fields::restored(&order, before));
            let before = before.ok_or_else(|| refused("這一步不能復原。請直接改。"))?;
            let left = if before.status.is_given() && order.status == Status::Confirmed { last_stop(conn, &order)? } else { None };
            if let Some(stop) = left {
                let route = routes::store::get(conn, stop.route_id)?;
                if !route.status.is_out() {
                    let say = format!("原來的路線 {} {}，不能復原。", route.short_number(), route.status.label());
                    return Err(Error::conflict("its route is closed", say));
                }
                return Ok(Way::BackOnRoute { order: Box::new(order), before: Box::new(before), stop: Box::new(stop) });
            }
            Ok(Way::Restore { order: Box::new(order), before: Box::new(before) })
        }
        "cancel" => Ok(Way::TakeAnew(Box::new(order))),
        "confirm" => Err(refused("確認過的單不退回待確認。要改就直接改，不送就取消。")),
        "start" => Err(refused("車已經出去了，不能復原。")),
        "deliver" => Err(refused(DELIVERED)),
        "fail" => Err(refused("司機已經回來了，不能復原。請改約。")),
        _ => Err(refused("這一步不能復原。")),
    }
}

/// Where it stood before it left its route; `None` when it stands on one or never did.
fn last_stop(conn: &Connection, order: &Order) -> Result<Option<Stop>> {
    if routes::store::held_by(conn, order.id)?.is_some() {
        return Ok(None);
    }
    let stops = routes::store::stops_of_order(conn, order.id)?;
    Ok(stops.into_iter().next().filter(|stop| stop.status == StopStatus::Skipped))
}

const DELIVERED: &str = "已送達的單不能復原。要更正請找會計。";

fn refused(say: &'static str) -> Error {
    Error::conflict("not to be undone", say)
}

fn said(before: &Order, after: &Order) -> String {
    let number = before.short_number();
    match (before.status, after.status) {
        (Status::Assigned, Status::Confirmed) => format!("已復原，{number} 回到未派。"),
        (Status::Confirmed, Status::Assigned) => format!("已復原，{number} 還給原來的司機。"),
        _ => format!("已復原，{number} 和改之前一樣。"),
    }
}

/// What was cancelled is ordered anew for the same day, or the next one when that is over.
fn take_anew(tx: &Transaction, act: &Act, old: &Order, more: Map<String, Value>, actor: Actor, settings: &Settings) -> Result<Undone> {
    let day: Day = if actor.by.at.day() <= old.scheduled_on { old.scheduled_on } else { slot::default_day(actor.by.at, settings) };
    let was_pending = act.change()["before"]["status"].as_str() == Some(Status::Pending.word());
    let status = if was_pending { Status::Pending } else { Status::Confirmed };
    let new = take::copy_as(tx, old.id, day, status, actor, settings).map_err(|error| match error {
        Error::Invalid(_) => Error::conflict("cannot be taken anew", format!("取消的單不能再開：{}", error.user_message())),
        error => error,
    })?;
    let mut change = Value::Object(more);
    change["taken_anew"] = json!(new.id.0);
    journal::record(tx, &Entry { by: actor.by, verb: VERB, noun: NOUN, noun_id: Some(old.id.0), change })?;
    let say = format!("{} 已經取消，不能再用；照樣另開了 {}。", old.short_number(), new.short_number());
    Ok(Undone { order: Some(new.id), say })
}

/// The answer to an act on an order: on to `to`, where `say` stands with 復原 beside it when the act can be undone.
pub fn done(app: &App, req: &Request, to: impl AsRef<str>, say: &str) -> Result<Response> {
    let user = req.session()?.user_id;
    let act = app.db.read(|conn| offered(conn, user, req.at))?;
    let answer = Response::see_other(to);
    Ok(match act {
        Some(act) => answer.with_notice_to_undo(say, act.id),
        None => answer.with_notice(say),
    })
}

/// `POST /orders/undo` takes back the act whose line in the journal the page showed.
pub fn post(app: &App, req: &Request) -> Result<Response> {
    let act: i64 = req.form("act").and_then(|text| text.parse().ok()).ok_or(Error::BadRequest("no act to undo"))?;
    let back = local_path(req.form("back").unwrap_or_default());

    let undone = app.db.write(|tx| undo(tx, act, Actor::of(req), &app.settings()))?;

    let was_of_order = back.strip_prefix("/orders/").is_some_and(|id| id.parse::<OrderId>().is_ok());
    let to = match undone.order {
        Some(order) if was_of_order => format!("/orders/{order}"),
        _ => utf8_percent_encode(back, CONTROLS).to_string(),
    };
    Ok(Response::see_other(to).with_notice(&undone.say))
}
