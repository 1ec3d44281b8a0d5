//! An act comes in: is it known, may he, can it still be, and then it is applied or kept as a conflict.

use rusqlite::Transaction;
use serde_json::json;

use crate::customers;
use crate::cylinders;
use crate::error::{Error, Result};
use crate::journal::{self, Entry};
use crate::notices::{self, Audience, Event, Notice};
use crate::orders::steps::{self, Action};
use crate::orders::{self, Actor, Order};
use crate::routes::{self, Route, STOP, Status, Stop, StopStatus, write};
use crate::stops::complete::complete;
use crate::stops::undo::undo;
use crate::stops::{ACTION_ID, Act, Answer, CLOCK_MINUTES, Kept, NOUN, Outcome, Target, Verb, store};
use crate::users::{self, Role};
use crate::values::{RouteId, Stamp, StopId};

/// Applies `act`, which a phone knows as `action_id` and did at `device_at` by its own clock. An id that came before
/// gets its answer again. `Conflict` when the id is somebody else's, `NotFound` for another driver's stop, `Forbidden`
/// for who neither drives nor manages, `Invalid` for what is missing or wrong in itself; none of these is kept.
pub fn act(tx: &Transaction, target: Target, act: &Act, action_id: &str, device_at: Option<Stamp>, actor: Actor) -> Result<Answer> {
    let user = actor.by.user.ok_or(Error::Forbidden)?;
    if !ACTION_ID.contains(&action_id.len()) || !action_id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::invalid("action_id", "action_id 要是 8 到 64 個英文字母或數字。"));
    }
    match store::find(tx, action_id)? {
        Some(kept) if kept.user_id == user => return Ok(kept.answer),
        Some(_) => return Err(Error::conflict("somebody else's act", "這個動作的編號是別人的，請重新整理再做一次。")),
        None => {}
    }
    let new = Kept {
        id: 0,
        action_id: action_id.to_owned(),
        user_id: user,
        verb: act.verb(),
        route_id: None,
        stop_id: None,
        device_at,
        received_at: actor.by.at,
        payload: act.json(),
        answer: Answer::applied(""),
        settled_at: None,
    };
    match target {
        Target::Stop(id) => at_stop(tx, id, act, new, actor),
        Target::Route(id) => on_route(tx, id, act, new, actor),
    }
}

/// A stop with all that hangs on it, and how he who acts stands to it.
pub(super) struct Scene {
    pub stop: Stop,
    pub route: Route,
    pub order: Order,
    /// He is of the route's crew; otherwise he acts for it.
    pub is_own: bool,
    /// When it happened.
    pub at: Stamp,
    pub actor: Actor,
}

impl Scene {
    /// Writes `after` in the place of the stop, with the journal.
    pub fn write_stop(&self, tx: &Transaction, after: &Stop, verb: Verb) -> Result<()> {
        write::stop(tx, (&self.stop, &self.route), (after, &self.route), verb.word(), self.actor.by)
    }

    /// The answer about the stop as it stands now.
    pub fn answer(&self, tx: &Transaction, say: impl Into<String>) -> Result<Answer> {
        facts(tx, Answer::applied(say), &routes::store::stop(tx, self.stop.id)?)
    }
}

fn facts(tx: &Transaction, answer: Answer, stop: &Stop) -> Result<Answer> {
    let order = orders::store::get(tx, stop.order_id)?;
    let change = stop.cash_handed.zip(stop.cash).map(|(handed, kept)| (handed - kept).0);
    Ok(answer
        .with("stop_id", stop.id.0)
        .with("route_id", stop.route_id.0)
        .with("route_status", routes::store::get(tx, stop.route_id)?.status.word())
        .with("order_id", stop.order_id.0)
        .with("stop_status", stop.status.word())
        .with("order_status", order.status.word())
        .with("final_ntd", order.totals.total.0)
        .with("cash_due_ntd", stop.cash_due.map(|amount| amount.0))
        .with("cash_ntd", stop.cash.map(|amount| amount.0))
        .with("change_ntd", change))
}

/// How he who acts stands to a route.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Crew,
    /// A manager, for the driver.
    ForHim,
    /// It was his, and is not any more.
    Former,
}

/// `stop` is `None` for an act on the route itself. Of a draft nobody has been told.
fn standing(tx: &Transaction, route: &Route, stop: Option<StopId>, act: &Act, actor: Actor) -> Result<Standing> {
    let user = actor.by.user.ok_or(Error::Forbidden)?;
    let not_found = || match stop {
        Some(stop) => Error::not_found(STOP, stop),
        None => Error::not_found(routes::NOUN, route.id),
    };
    let is_crew = route.crew().any(|one| one == user);
    match actor.role {
        Some(Role::Driver) if is_crew && route.status != Status::Draft => Ok(Standing::Crew),
        Some(Role::Driver) if !is_crew && store::was_his(tx, stop, route.id, user)? => Ok(Standing::Former),
        Some(Role::Driver) => Err(not_found()),
        Some(Role::Admin | Role::Manager) if act.note().is_none() => Err(Error::invalid("note", "替司機做的，要寫一句為什麼。")),
        Some(Role::Admin | Role::Manager) => Ok(Standing::ForHim),
        Some(Role::Accountant | Role::OfficeStaff) | None => Err(Error::Forbidden),
    }
}

fn at_stop(tx: &Transaction, id: StopId, act: &Act, new: Kept, actor: Actor) -> Result<Answer> {
    if actor.role != Some(Role::Driver) && !actor.is_manager() {
        return Err(Error::Forbidden);
    }
    let stop = routes::store::stop(tx, id)?;
    let route = routes::store::get(tx, stop.route_id)?;
    let standing = standing(tx, &route, Some(id), act, actor)?;
    let new = Kept { route_id: Some(route.id), stop_id: Some(id), ..new };
    if standing == Standing::Former {
        return clash(tx, new, &stop, "這一站已經不在你的路線上。", actor);
    }
    if let Some(say) = too_late(tx, &stop, &route, act, actor)? {
        return clash(tx, new, &stop, &say, actor);
    }
    let order = orders::store::get(tx, stop.order_id)?;
    let at = moment(new.device_at, actor.by.at);
    let scene = Scene { stop, route, order, is_own: standing == Standing::Crew, at, actor };
    // A rule that only shows on the way, as a meter put out of use meanwhile, must not lose a delivery.
    let done = match act {
        Act::Arrive { note } => Ok(arrive(tx, &scene, note.as_deref())?),
        Act::Complete(completion) => store::attempt(tx, || complete(tx, &scene, completion))?,
        Act::Fail { .. } => store::attempt(tx, || fail(tx, &scene, act))?,
        Act::Undo { note } => Ok(undo(tx, &scene, note.as_deref())?),
        Act::Start { .. } | Act::Finish { .. } => return Err(Error::BadRequest("an act of a route at a stop")),
    };
    match done {
        Ok(answer) => {
            store::add(tx, &Kept { answer: answer.clone(), ..new })?;
            Ok(answer)
        }
        Err(say) => clash(tx, new, &scene.stop, &say, actor),
    }
}

/// A route that runs already is not started twice, and one that closed itself with its last stop still takes what its
/// driver has to say at the end.
fn on_route(tx: &Transaction, id: RouteId, act: &Act, new: Kept, actor: Actor) -> Result<Answer> {
    if actor.role != Some(Role::Driver) && !actor.is_manager() {
        return Err(Error::Forbidden);
    }
    let route = routes::store::get(tx, id)?;
    let standing = standing(tx, &route, None, act, actor)?;
    let new = Kept { route_id: Some(id), ..new };
    if standing == Standing::Former || route.status == Status::Cancelled {
        return route_clash(tx, new, &route, "這條路線已經不是你的了。", actor);
    }
    let say = match (act, route.status) {
        (Act::Start { .. }, Status::Completed) => return route_clash(tx, new, &route, "這條路線已經結束了。", actor),
        (Act::Start { loaded, .. }, Status::InProgress) => {
            if let Some((loaded, vehicle)) = loaded.as_deref().zip(route.vehicle_id) {
                cylinders::load_route(tx, id, vehicle, loaded, actor.by)?;
            }
            "已經出發了。"
        }
        (Act::Start { loaded, note }, _) => {
            let start = routes::steps::Move::Start { loaded: loaded.clone(), note: note.clone() };
            routes::steps::act(tx, id, None, &start, actor)?;
            "出發了。"
        }
        (Act::Finish { odometer_end_km, .. }, Status::Completed) => {
            note_odometer(tx, &route, *odometer_end_km, actor)?;
            "已經收工了。"
        }
        (Act::Finish { odometer_end_km, note }, _) => {
            let complete = routes::steps::Move::Complete { odometer_end_km: *odometer_end_km, note: note.clone() };
            routes::steps::act(tx, id, None, &complete, actor)?;
            "收工了。"
        }
        _ => return Err(Error::BadRequest("an act of a stop on a route")),
    };
    let answer = route_facts(Answer::applied(say), &routes::store::get(tx, id)?);
    store::add(tx, &Kept { answer: answer.clone(), ..new })?;
    Ok(answer)
}

fn route_facts(answer: Answer, route: &Route) -> Answer {
    answer.with("route_id", route.id.0).with("route_status", route.status.word())
}

/// What the clock of the truck said when it was back, of a route that was over by then.
fn note_odometer(tx: &Transaction, route: &Route, km: Option<i64>, actor: Actor) -> Result<()> {
    let Some(km) = km.filter(|km| Some(*km) != route.odometer_end_km) else { return Ok(()) };
    if route.odometer_start_km.is_some_and(|start| km < start) || km < 0 {
        return Err(Error::invalid("odometer_end_km", "回來的里程不會比出去的少。"));
    }
    let after = Route { odometer_end_km: Some(km), ..route.clone() };
    write::route(tx, route, &after, "edit", serde_json::Map::new(), actor.by)?;
    Ok(())
}

/// Nobody has to decide anything about a route that was begun or ended too late.
fn route_clash(tx: &Transaction, new: Kept, route: &Route, why: &str, actor: Actor) -> Result<Answer> {
    let answer = route_facts(Answer { outcome: Outcome::Conflict, ..Answer::applied(why) }, route);
    let verb = new.verb;
    let id = store::add(tx, &Kept { answer: answer.clone(), settled_at: Some(actor.by.at), ..new })?;
    let mut change = route.concerns(None);
    change["act"] = id.into();
    change["verb"] = verb.word().into();
    journal::record(tx, &Entry { by: actor.by, verb: "conflict", noun: routes::NOUN, noun_id: Some(route.id.0), change })?;
    Ok(answer)
}

/// The phone's hour, unless its clock is off (business §13).
fn moment(device_at: Option<Stamp>, received_at: Stamp) -> Stamp {
    let is_right = |device: &Stamp| (device.0 - received_at.0).abs() <= CLOCK_MINUTES * 60_000;
    device_at.filter(is_right).unwrap_or(received_at)
}

/// Why the stop does not take `act` any more; an error when nobody was faster and it simply cannot be.
fn too_late(tx: &Transaction, stop: &Stop, route: &Route, act: &Act, actor: Actor) -> Result<Option<String>> {
    if act.verb() == Verb::Undo {
        return undo_too_late(tx, stop, actor);
    }
    Ok(match stop.status {
        StopStatus::Pending if route.status.is_out() => None,
        StopStatus::Arrived if route.status.is_out() && act.verb() != Verb::Arrive => None,
        StopStatus::Pending | StopStatus::Arrived if route.status == Status::Draft => {
            return Err(Error::conflict("the route is a draft", "這條路線還沒發布。"));
        }
        StopStatus::Pending | StopStatus::Arrived => Some(format!("這一站的路線{}。", route.status.label())),
        StopStatus::Completed | StopStatus::Failed => {
            let who = store::deciding(tx, stop.id)?.map(|kept| users::store::get(tx, kept.user_id)).transpose()?;
            let who = who.map(|user| user.name).unwrap_or_default();
            let when = stop.finished_at.map(Stamp::clock).unwrap_or_default();
            Some(format!("{who} {when} 已經記「{}」。", stop.status.label()).trim_start().to_owned())
        }
        StopStatus::Skipped => Some("辦公室已經把這一站移走。".to_owned()),
    })
}

/// Who was not taken at his word has nothing to take back while somebody else's stands.
fn undo_too_late(tx: &Transaction, stop: &Stop, actor: Actor) -> Result<Option<String>> {
    let Some(user) = actor.by.user else { return Err(Error::Forbidden) };
    let stands = store::deciding(tx, stop.id)?.filter(|_| matches!(stop.status, StopStatus::Completed | StopStatus::Failed));
    let Some(stands) = stands else { return Ok(Some("這一站沒有可以復原的。".to_owned())) };
    let own = store::last_word(tx, stop.id, user)?;
    let was_refused = own.is_some_and(|kept| kept.answer.outcome == Outcome::Conflict) && stands.user_id != user;
    Ok(was_refused.then(|| "你記的那一次沒有採用，沒有可以復原的。".to_owned()))
}

/// Keeps what was too late. What the office has to decide on waits for it; the rest says nothing new.
fn clash(tx: &Transaction, new: Kept, stop: &Stop, why: &str, actor: Actor) -> Result<Answer> {
    let repeats = |kept: Kept| kept.user_id == new.user_id && kept.verb == new.verb && kept.payload == new.payload;
    let matters = matches!(new.verb, Verb::Complete | Verb::Fail) && !store::deciding(tx, stop.id)?.is_some_and(repeats);
    let say = if matters { format!("{why}你記的也留著，辦公室會核對。") } else { why.to_owned() };
    let answer = Answer { outcome: Outcome::Conflict, ..Answer::applied(say) };
    let route = routes::store::get(tx, stop.route_id)?;
    // Whose stop it is not any more learns no more of it.
    let is_his = actor.is_manager() || route.crew().any(|one| Some(one) == actor.by.user);
    let answer = if is_his { facts(tx, answer, stop)? } else { answer.with("stop_id", stop.id.0) };
    let (user, verb) = (new.user_id, new.verb);
    let settled_at = (!matters).then_some(actor.by.at);
    let id = store::add(tx, &Kept { answer: answer.clone(), settled_at, ..new })?;
    let mut change = route.concerns(None);
    change["act"] = id.into();
    change["verb"] = verb.word().into();
    journal::record(tx, &Entry { by: actor.by, verb: "conflict", noun: STOP, noun_id: Some(stop.id.0), change })?;
    if matters {
        let who = users::store::get(tx, user)?.name;
        let text = format!("{} {who} 記「{}」，要核對：{why}", called(tx, stop)?, verb.label());
        let notice = Notice { event: Event::Conflict, to: Audience::Office, text, about: Some((NOUN, id)) };
        notices::tell(tx, notice, actor.by.at)?;
    }
    Ok(answer)
}

/// `0118 白露便當`.
fn called(tx: &Transaction, stop: &Stop) -> Result<String> {
    let order = orders::store::get(tx, stop.order_id)?;
    let customer = customers::store::get(tx, order.customer_id)?;
    Ok(format!("{} {}", order.short_number(), customer.details.short_name))
}

/// He is there: what was only given to him is on its way.
fn arrive(tx: &Transaction, scene: &Scene, note: Option<&str>) -> Result<Answer> {
    set_out(tx, scene, note)?;
    let after = Stop { status: StopStatus::Arrived, arrived_at: Some(scene.at), ..scene.stop.clone() };
    scene.write_stop(tx, &after, Verb::Arrive)?;
    scene.answer(tx, "到了。")
}

/// The order of the stop, on its way (business §8: the driver starts the stop). Who stands at a stop has left with his
/// route, though nothing said so yet.
pub(super) fn set_out(tx: &Transaction, scene: &Scene, note: Option<&str>) -> Result<Order> {
    if scene.route.status == Status::Published {
        let start = routes::steps::Move::Start { loaded: None, note: note.filter(|_| !scene.is_own).map(str::to_owned) };
        routes::steps::act(tx, scene.route.id, None, &start, scene.actor)?;
    }
    let order = orders::store::get(tx, scene.order.id)?;
    if steps::target(order.status, Action::Start).is_none() {
        return Ok(order);
    }
    let note = if scene.is_own { None } else { note.map(str::to_owned) };
    steps::at_stop(tx, &order, &steps::Move::Start { note }, scene.is_own, scene.actor)
}

/// He comes back with it: the cylinders stay on the truck, the order waits to be planned again, the office hears of it.
fn fail(tx: &Transaction, scene: &Scene, act: &Act) -> Result<Answer> {
    let Act::Fail { reason, photo, note } = act else { return Err(Error::impossible("fail by another act")) };
    // First the stop: the order leaves a stop that is over, not one the office takes off.
    let after = Stop {
        status: StopStatus::Failed,
        finished_at: Some(scene.at),
        failure_reason: Some(*reason),
        failure_note: note.clone(),
        photo: photo.clone(),
        ..scene.stop.clone()
    };
    if *reason == orders::FailReason::Other && note.is_none() {
        return Err(Error::invalid("note", "選「其他」要寫一句原因。"));
    }
    set_out(tx, scene, note.as_deref())?;
    let order = orders::store::get(tx, scene.order.id)?;
    scene.write_stop(tx, &after, Verb::Fail)?;
    steps::at_stop(tx, &order, &steps::Move::Fail { reason: *reason, note: note.clone() }, scene.is_own, scene.actor)?;
    let called = called(tx, &scene.stop)?;
    let text = format!("{called}沒送成：{}", reason.label());
    let about = Some((orders::NOUN, order.id.0));
    notices::tell(tx, Notice { event: Event::StopFailed, to: Audience::Office, text, about }, scene.actor.by.at)?;
    routes::steps::finish_if_done(tx, scene.route.id, scene.actor.by)?;
    scene.answer(tx, format!("{called} 記沒送成，桶留在車上。"))
}

/// Somebody of the office has dealt with conflict `id`; said twice is said once. `NotFound` when there is none.
pub fn settle(tx: &Transaction, id: i64, actor: Actor) -> Result<()> {
    let kept = store::get(tx, id)?;
    if store::settle(tx, id, actor.by)? {
        let change = json!({"stop": kept.stop_id.map(|stop| stop.0), "user": kept.user_id.0});
        journal::record(tx, &Entry { by: actor.by, verb: "settle", noun: NOUN, noun_id: Some(id), change })?;
    }
    Ok(())
}
