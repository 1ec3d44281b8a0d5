//! What is done with an emergency that stands in the file: who is sent, what he says, who knows, and how it ends.
//!
//! Invariants
//! - Each is one row of the journal, in the transaction that changes the emergency: live pages and the page of the
//!   emergency tell it from there.
//! - Whoever is sent anew has three minutes of his own to answer.

use rusqlite::Transaction;
use serde_json::{Value, json};

use crate::drivers;
use crate::emergencies::{Emergency, Listed, NOUN, dispatch, fields, store};
use crate::error::{Error, Result};
use crate::journal::{self, By, Entry};
use crate::notices::{self, Audience, Event, Notice};
use crate::orders::{Actor, steps};
use crate::users::Role;
use crate::values::choice::choice;
use crate::values::{EmergencyId, Stamp, UserId};

choice! {
    /// What may be done with an open emergency; each is the journal's verb.
    Action {
        Assign = "assign", "指派";
        Answer = "answer", "回應";
        /// 我去不了.
        Decline = "decline", "去不了";
        See = "see", "知道了";
        /// 再通知.
        Again = "again", "再通知";
        Describe = "describe", "改記錄";
        /// 改成一般訂單.
        Calm = "calm", "改成一般訂單";
        Close = "close", "解除";
    }
}

/// Whether `actor` is let near `action` on `one` at all (business §20): the office, and for his own answer the driver.
pub fn may(one: &Emergency, action: Action, actor: Actor) -> bool {
    let is_sent = actor.by.user.is_some() && one.driver_id == actor.by.user;
    match action {
        Action::Answer | Action::Decline => is_sent || actor.is_office(),
        Action::Close => actor.is_office() || (one.in_need.is_some() && one.in_need == actor.by.user),
        Action::Assign | Action::See | Action::Again | Action::Describe | Action::Calm => actor.is_office(),
    }
}

/// The emergency as `actor` may see it: a driver is told of what he is sent to and of his own, of no other's.
pub fn seen(conn: &rusqlite::Connection, id: EmergencyId, actor: Actor) -> Result<Emergency> {
    let one = store::get(conn, id)?;
    let is_his = actor.by.user.is_some() && [one.driver_id, one.in_need].contains(&actor.by.user);
    if actor.role == Some(Role::Driver) && !is_his { Err(Error::not_found(NOUN, id)) } else { Ok(one) }
}

/// The emergency to be acted on; `NotFound` when it is another driver's, `Forbidden` for the wrong role, `Conflict` when it is
/// closed.
fn to_act(tx: &Transaction, id: EmergencyId, action: Action, actor: Actor) -> Result<Emergency> {
    let one = seen(tx, id, actor)?;
    if !may(&one, action, actor) {
        return Err(Error::Forbidden);
    }
    one.check_open()?;
    Ok(one)
}

/// Sends `driver`: its order becomes the next stop of the route he is on, or the one stop of a new route. He is told, and so
/// is whoever was to go before. `Conflict` once somebody is there; the one who is sent already stays as he is.
pub fn assign(tx: &Transaction, id: EmergencyId, driver: UserId, actor: Actor) -> Result<Emergency> {
    let before = to_act(tx, id, Action::Assign, actor)?;
    if before.arrived_at.is_some() {
        return Err(Error::conflict("the driver is there", "司機已經到現場了，不能改派。"));
    }
    if before.driver_id == Some(driver) {
        return Ok(before);
    }
    let driver = match drivers::store::get(tx, driver) {
        Ok(driver) if driver.is_active && Some(driver.user) != before.in_need => driver,
        Ok(_) | Err(Error::NotFound { .. }) => return Err(Error::invalid("driver", "請選一位在職的司機。")),
        Err(error) => return Err(error),
    };
    let after = Emergency { driver_id: Some(driver.user), assigned_at: Some(actor.by.at), answered_at: None, ..before.clone() };
    let after = commit(tx, &before, &after, Action::Assign.word(), json!({"driver": driver.name}), actor.by)?;
    // After the row: what the order tells on its way there is known already.
    let how = dispatch::send(tx, &after, &driver, actor)?;
    journal_how(tx, &after, how, actor.by)?;
    let listed = store::listed(tx, id)?;
    tell(tx, driver.user, &listed, calling(&listed), actor.by.at)?;
    if let Some(gone) = before.driver_id {
        tell(tx, gone, &listed, format!("{} 改派給{}，不用去了", listed.title(), driver.name), actor.by.at)?;
    }
    store::get(tx, id)
}

/// How he gets there, for the page of the emergency.
fn journal_how(tx: &Transaction, one: &Emergency, how: Option<dispatch::Sent>, by: By) -> Result<()> {
    let Some(how) = how else { return Ok(()) };
    let mut change = fields::change(Some(one), one);
    change["how"] = how.word().into();
    journal::record(tx, &Entry { by, verb: "send", noun: NOUN, noun_id: Some(one.id.0), change })
}

/// `瓦斯洩漏：虛谷民宿，虛構鄉海堤路 88 號`: what a driver reads first.
fn calling(listed: &Listed) -> String {
    match &listed.emergency.address {
        Some(address) => format!("緊急 {}，{address}", listed.title()),
        None => format!("緊急 {}", listed.title()),
    }
}

/// 我去: whoever is sent says so, or the office for him when he said it on the telephone. A route that waited for him begins.
pub fn answer(tx: &Transaction, id: EmergencyId, actor: Actor) -> Result<Emergency> {
    let before = to_act(tx, id, Action::Answer, actor)?;
    let Some(driver) = before.driver_id else {
        return Err(Error::conflict("nobody is sent", "還沒派人，先選一位司機。"));
    };
    if before.answered_at.is_some() {
        return Ok(before);
    }
    let after = Emergency { answered_at: Some(actor.by.at), ..before.clone() };
    let (verb, more) = if actor.by.user == Some(driver) {
        (Action::Answer.word(), json!({}))
    } else {
        ("answer_for", json!({"driver": drivers::store::get(tx, driver)?.name}))
    };
    let after = commit(tx, &before, &after, verb, more, actor.by)?;
    dispatch::begin(tx, &after, driver, actor)?;
    store::get(tx, id)
}

/// 我去不了: nobody is sent any more, and the shop is alarmed at once.
pub fn decline(tx: &Transaction, id: EmergencyId, actor: Actor) -> Result<Emergency> {
    let before = to_act(tx, id, Action::Decline, actor)?;
    if before.arrived_at.is_some() {
        return Err(Error::conflict("the driver is there", "司機已經到現場了。"));
    }
    let Some(driver) = before.driver_id else {
        return Err(Error::conflict("nobody is sent", "還沒派人，先選一位司機。"));
    };
    let name = drivers::store::get(tx, driver)?.name;
    let after = unsent(&before, actor.by.at);
    let after = commit(tx, &before, &after, Action::Decline.word(), json!({"driver": name}), actor.by)?;
    dispatch::take_back(tx, &after, actor)?;
    tell_office(tx, id, &format!("{name}去不了，請再派一位"), actor.by.at)?;
    store::get(tx, id)
}

/// Nobody is sent any more, and the shop is alarmed.
pub(super) fn unsent(before: &Emergency, now: Stamp) -> Emergency {
    alarmed(&Emergency { driver_id: None, assigned_at: None, answered_at: None, arrived_at: None, ..before.clone() }, now)
}

/// The shop is alarmed once more: whoever knew of the last alarm has not heard of this one.
pub(super) fn alarmed(before: &Emergency, now: Stamp) -> Emergency {
    Emergency { alarmed_at: now, alarms: before.alarms + 1, seen_at: None, seen_by: None, ..before.clone() }
}

/// 店裡知道了: the strip falls silent until the next alarm. Pressed while an alarm was due, it is of that one.
pub fn see(tx: &Transaction, id: EmergencyId, actor: Actor) -> Result<Emergency> {
    let before = to_act(tx, id, Action::See, actor)?;
    let now = actor.by.at;
    let heard = if before.is_due(now) { alarmed(&before, now) } else { before.clone() };
    if heard.seen_at.is_some() {
        return Ok(before);
    }
    let after = Emergency { seen_at: Some(now), seen_by: actor.by.user, ..heard };
    commit(tx, &before, &after, Action::See.word(), json!({}), actor.by)
}

/// 再通知: the driver is told once more, or the office while nobody is sent.
pub fn again(tx: &Transaction, id: EmergencyId, actor: Actor) -> Result<Emergency> {
    let before = to_act(tx, id, Action::Again, actor)?;
    if !before.is_unanswered() {
        return Err(Error::conflict("somebody is on the way", "已經有人去了，不用再通知。"));
    }
    let listed = store::listed(tx, id)?;
    let after = commit(tx, &before, &before, Action::Again.word(), json!({"driver": listed.driver}), actor.by)?;
    match before.driver_id {
        Some(driver) => tell(tx, driver, &listed, calling(&listed), actor.by.at)?,
        None => tell_office(tx, id, "還沒有人去", actor.by.at)?,
    }
    Ok(after)
}

/// What the caller said, put better. The order's note follows while the driver would still read it.
pub fn describe(tx: &Transaction, id: EmergencyId, version: Option<i64>, description: &str, actor: Actor) -> Result<Emergency> {
    let before = to_act(tx, id, Action::Describe, actor)?;
    if description == before.description {
        return Ok(before);
    }
    if version.is_some_and(|version| version != before.version) && store::was_described_since(tx, id, version.unwrap_or_default())? {
        return Err(Error::conflict("emergency was described anew", "別人剛剛改過這段話，看一下再改。"));
    }
    let after = Emergency { description: description.to_owned(), ..before.clone() };
    let after = commit(tx, &before, &after, Action::Describe.word(), json!({}), actor.by)?;
    if let Some(order) = before.order_id {
        steps::note(tx, order, &before.description, description, actor)?;
    }
    Ok(after)
}

/// 改成一般訂單: it was not so bad. The order stays where it is, as any other of its day. `Invalid` while there is nothing
/// to bring, `Conflict` when it never was an order.
pub fn calm(tx: &Transaction, id: EmergencyId, actor: Actor) -> Result<Emergency> {
    let before = to_act(tx, id, Action::Calm, actor)?;
    let Some(order) = before.order_id else {
        return Err(Error::conflict("a driver's emergency is no order", "司機的緊急事件沒有訂單，請解除。"));
    };
    // First the row: what the order tells of itself is known already.
    let after = commit(tx, &before, &closed(&before, actor.by.at), Action::Calm.word(), json!({}), actor.by)?;
    steps::calm(tx, order, actor)?;
    stand_down(tx, &before, "改成一般訂單了，不用趕", actor)?;
    Ok(after)
}

/// 解除: it is over, and why. An order that is still to be brought stays.
pub fn close(tx: &Transaction, id: EmergencyId, note: &str, actor: Actor) -> Result<Emergency> {
    let before = to_act(tx, id, Action::Close, actor)?;
    let after = commit(tx, &before, &closed(&before, actor.by.at), Action::Close.word(), json!({"note": note}), actor.by)?;
    stand_down(tx, &before, "解除了", actor)?;
    if actor.role == Some(Role::Driver) {
        tell_office(tx, id, "司機說解除了", actor.by.at)?;
    }
    Ok(after)
}

pub(super) fn closed(before: &Emergency, now: Stamp) -> Emergency {
    Emergency { closed_at: Some(now), ..before.clone() }
}

/// Whoever was to go hears that it is over.
fn stand_down(tx: &Transaction, before: &Emergency, what: &str, actor: Actor) -> Result<()> {
    match before.driver_id.filter(|driver| Some(*driver) != actor.by.user) {
        Some(driver) => {
            let listed = store::listed(tx, before.id)?;
            tell(tx, driver, &listed, format!("{} {what}", listed.title()), actor.by.at)
        }
        None => Ok(()),
    }
}

fn tell(tx: &Transaction, driver: UserId, listed: &Listed, text: String, at: Stamp) -> Result<()> {
    let about = Some((NOUN, listed.emergency.id.0));
    notices::tell(tx, Notice { event: Event::Emergency, to: Audience::User(driver), text, about }, at)?;
    Ok(())
}

/// `瓦斯洩漏：虛谷民宿 阿輝去不了，請再派一位`, to everybody in the office.
pub(super) fn tell_office(tx: &Transaction, id: EmergencyId, what: &str, at: Stamp) -> Result<()> {
    let listed = store::listed(tx, id)?;
    let text = format!("{} {what}", listed.title());
    notices::tell(tx, Notice { event: Event::Emergency, to: Audience::Office, text, about: Some((NOUN, id.0)) }, at)?;
    Ok(())
}

/// Writes `after` in the place of `before` with its line of the journal, `more` in it; gives the emergency as it now stands.
pub(super) fn commit(tx: &Transaction, before: &Emergency, after: &Emergency, verb: &str, more: Value, by: By) -> Result<Emergency> {
    store::update(tx, before, after)?;
    let after = store::get(tx, before.id)?;
    let mut change = fields::change(Some(before), &after);
    for (name, value) in more.as_object().into_iter().flatten() {
        change[name.as_str()] = value.clone();
    }
    journal::record(tx, &Entry { by, verb, noun: NOUN, noun_id: Some(before.id.0), change })?;
    Ok(after)
}
