//! Taking back the last thing somebody planned: what was put comes off, what was moved or taken off goes back to its place,
//! and the order of a route and its driver are as before.

use rusqlite::{Connection, Transaction};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::orders::{self, Actor, Origin, Status};
use crate::routes::{Stop, StopStatus, plan, store};
use crate::values::{OrderId, RouteId, StopId, UserId};

/// What undoing a line of a route's journal means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Each order, the last that was moved first: off its route, or back to a place on one.
    Move(Vec<(OrderId, Option<Place>)>),
    Order(RouteId, Vec<StopId>),
    Give(RouteId, UserId),
}

/// Where an order stood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub route: RouteId,
    pub seq: i64,
}

/// What the journal tells of an order that was put or taken off.
struct Moved {
    order: OrderId,
    from: Option<Place>,
}

/// What undoing `verb` of route `id` means, whose journal says `change`; `Conflict` says why it cannot be.
pub fn way(conn: &Connection, id: RouteId, verb: &str, change: &Value) -> Result<Way> {
    match verb {
        "put" => {
            let moves = moves(change)?;
            for moved in &moves {
                let held = store::held_by(conn, moved.order)?;
                held.filter(|stop| stop.route_id == id && stop.status == StopStatus::Pending).ok_or_else(touched)?;
                may_go_back(conn, moved)?;
            }
            Ok(Way::Move(moves.into_iter().rev().map(|moved| (moved.order, moved.from)).collect()))
        }
        "take_off" => {
            let moves = moves(change)?;
            for moved in &moves {
                let is_free = store::held_by(conn, moved.order)?.is_none();
                if !is_free || orders::store::get(conn, moved.order)?.status != Status::Confirmed {
                    return Err(touched());
                }
                may_go_back(conn, moved)?;
            }
            Ok(Way::Move(moves.into_iter().rev().map(|moved| (moved.order, moved.from)).collect()))
        }
        "order" => {
            let ids = |when: &str| -> Option<Vec<StopId>> {
                change[when]["stops"].as_array()?.iter().map(|stop| stop.as_i64().map(StopId)).collect()
            };
            let (before, after) = (ids("before").ok_or_else(never)?, ids("after").ok_or_else(never)?);
            let now: Vec<StopId> = store::open_stops(conn, id)?.iter().map(|stop| stop.id).collect();
            if now == after { Ok(Way::Order(id, before)) } else { Err(touched()) }
        }
        "give" => {
            let (before, after) = (change["before"]["driver_id"].as_i64(), change["after"]["driver_id"].as_i64());
            let route = store::get(conn, id)?;
            if !route.status.is_open() || route.driver_id != after.map(UserId) {
                return Err(touched());
            }
            before.map(|driver| Way::Give(id, UserId(driver))).ok_or_else(never)
        }
        _ => Err(never()),
    }
}

/// Undoes it; says what to tell.
pub fn undo(tx: &Transaction, way: &Way, actor: Actor) -> Result<String> {
    match way {
        Way::Move(orders) => {
            for (order, place) in orders {
                match place {
                    Some(place) => plan::put_at(tx, *order, place.route, place.seq, actor).map(drop)?,
                    None => {
                        let held: Option<Stop> = store::held_by(tx, *order)?;
                        plan::take_off(tx, &[held.ok_or_else(touched)?.id], actor)?;
                    }
                }
            }
            match orders.as_slice() {
                [(order, place)] => {
                    let short = orders::store::get(tx, *order)?.short_number().to_owned();
                    Ok(match place {
                        Some(place) => format!("已復原，{short} 回到路線 {}。", store::get(tx, place.route)?.short_number()),
                        None => format!("已復原，{short} 回到未派。"),
                    })
                }
                orders => Ok(format!("已復原，{} 張單回到原來的地方。", orders.len())),
            }
        }
        Way::Order(route, stops) => {
            let route = plan::reorder(tx, *route, stops, actor)?;
            Ok(format!("已復原，路線 {} 的順序和之前一樣。", route.short_number()))
        }
        Way::Give(route, driver) => {
            let route = plan::give(tx, *route, *driver, actor)?;
            Ok(format!("已復原，路線 {} 還給原來的司機。", route.short_number()))
        }
    }
}

/// Where an order was taken from must still take stops. What is in danger is not planned back and forth.
fn may_go_back(conn: &Connection, moved: &Moved) -> Result<()> {
    if orders::store::get(conn, moved.order)?.origin == Origin::Emergency {
        return Err(Error::conflict("an emergency", "緊急的單不能復原，請直接派。"));
    }
    let Some(place) = moved.from else { return Ok(()) };
    let route = store::get(conn, place.route)?;
    if route.status.is_open() {
        return Ok(());
    }
    let say = format!("原來的路線 {} {}，不能復原。", route.short_number(), route.status.label());
    Err(Error::conflict("its route is closed", say))
}

fn moves(change: &Value) -> Result<Vec<Moved>> {
    let one = |moved: &Value| {
        let from = match (moved["from"].as_i64(), moved["seq"].as_i64()) {
            (Some(route), Some(seq)) => Some(Place { route: RouteId(route), seq }),
            _ => None,
        };
        Some(Moved { order: OrderId(moved["order"].as_i64()?), from })
    };
    let moves: Option<Vec<Moved>> = change["moves"].as_array().and_then(|moves| moves.iter().map(one).collect());
    moves.filter(|moves| !moves.is_empty()).ok_or_else(never)
}

fn touched() -> Error {
    Error::conflict("touched since", "後來有人動過，不能復原。請直接改。")
}

fn never() -> Error {
    Error::conflict("not to be undone", "這一步不能復原。")
}
