//! An emergency is taken down: its order, its row, the alarm of the shop, and whoever is sent at once, in one transaction.

use rusqlite::Transaction;

use crate::customers::{self, Customer};
use crate::drivers;
use crate::emergencies::{Emergency, Kind, NOUN, NewEmergency, acts, fields, store};
use crate::error::{Error, Problem, Result};
use crate::journal::{self, Entry};
use crate::notices::{self, Audience, Event, Notice};
use crate::orders::take::{self, Taken};
use crate::orders::{Actor, NewOrder, Origin, Status, slot};
use crate::settings::Settings;
use crate::users::Role;
use crate::values::{OrderId, Stamp, Window};

/// What came of taking it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Made {
    New(Emergency),
    /// The same filled-in form had made it already.
    Again(Emergency),
}

impl Made {
    pub fn emergency(&self) -> &Emergency {
        match self {
            Made::New(one) | Made::Again(one) => one,
        }
    }
}

/// Takes `new` down. `Forbidden` for who may not (business §20: a driver tells of himself only); `Invalid` with everything
/// that is wrong at once, in `customer`, `in_need`, `description`, `phone`, `address`, `lines`, `lines.N`, `driver`.
pub fn create(tx: &Transaction, new: &NewEmergency, actor: Actor, settings: &Settings) -> Result<Made> {
    let is_own = new.kind == Kind::DriverEmergency && actor.role == Some(Role::Driver) && new.in_need == actor.by.user;
    if !actor.is_office() && !is_own {
        return Err(Error::Forbidden);
    }
    if let Some(emergency) = made_before(tx, new, actor)? {
        return Ok(Made::Again(emergency));
    }
    let (whole, order) = if new.kind.has_order() { with_order(tx, new, actor, settings)? } else { (of_driver(tx, new)?, None) };
    let id = store::insert(tx, &whole, order, actor.by)?;
    let emergency = store::get(tx, id)?;
    let change = fields::change(None, &emergency);
    journal::record(tx, &Entry { by: actor.by, verb: "create", noun: NOUN, noun_id: Some(id.0), change })?;
    let listed = store::listed(tx, id)?;
    let text = match &emergency.address {
        Some(address) => format!("{}，{address}", listed.title()),
        None => listed.title(),
    };
    let notice = Notice { event: Event::Emergency, to: Audience::Office, text, about: Some((NOUN, id.0)) };
    notices::tell(tx, notice, actor.by.at)?;
    match new.driver {
        Some(driver) => acts::assign(tx, id, driver, actor).map(Made::New),
        None => Ok(Made::New(emergency)),
    }
}

fn made_before(tx: &Transaction, new: &NewEmergency, actor: Actor) -> Result<Option<Emergency>> {
    let Some(key) = &new.form_key else { return Ok(None) };
    let Some(emergency) = store::find_by_form_key(tx, key)? else { return Ok(None) };
    if emergency.created_by != actor.by.user {
        return Err(Error::conflict("form key of somebody else", "這張表格已經用過了，請重新打開再填。"));
    }
    Ok(Some(emergency))
}

/// `new` with what the record of its customer adds, and the order that is taken for it.
fn with_order(tx: &Transaction, new: &NewEmergency, actor: Actor, settings: &Settings) -> Result<(NewEmergency, Option<OrderId>)> {
    let mut problems = described(new);
    let Some(customer) = new.customer else {
        problems.insert(0, problem("customer", "請填是哪一家，或選散客。"));
        return Err(Error::Invalid(problems));
    };
    let customer = customers::store::get(tx, customer)?;
    let details = &customer.details;
    let known = |typed: &Option<String>, kept: Option<String>| typed.clone().or(if customer.is_walk_in { None } else { kept });
    let mut whole = NewEmergency {
        in_need: None,
        phone: known(&new.phone, details.phones.first().map(|number| number.phone.to_string())),
        address: known(&new.address, details.address.clone()),
        ..new.clone()
    };
    if whole.phone.is_none() {
        problems.push(problem("phone", "請填聯絡電話。"));
    }
    if whole.address.is_none() {
        problems.push(problem("address", "請填地址，司機要知道去哪裡。"));
    }
    if new.kind == Kind::UrgentDelivery && new.lines.is_empty() {
        problems.push(problem("lines", "緊急配送要有品項。"));
    }
    if !new.kind.takes_lines() {
        whole.lines.clear();
    }
    let order = order_of(&whole, &customer, actor.by.at, settings);
    let (_, refused) = take::check(tx, &customer, &order, Status::Confirmed, actor, settings)?;
    problems.extend(refused);
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    match take::take(tx, &order, Status::Confirmed, actor, settings)? {
        Taken::New(order) | Taken::Again(order) => Ok((whole, Some(order.id))),
    }
}

/// Today, from now until somebody is to be there; urgent, at no other price (business §12: no fee logic).
fn order_of(new: &NewEmergency, customer: &Customer, now: Stamp, settings: &Settings) -> NewOrder {
    NewOrder {
        origin: Origin::Emergency,
        scheduled_on: now.day(),
        window: window(new.kind, now),
        delivery_address: new.address.clone(),
        contact_name: new.contact_name.clone(),
        contact_phone: new.phone.clone(),
        is_urgent: true,
        notes: Some(new.description.clone()).filter(|text| !text.is_empty()),
        lines: new.lines.clone(),
        ..NewOrder::blank(customer, now, settings)
    }
}

/// From now until the target of its kind, cut off at midnight.
fn window(kind: Kind, now: Stamp) -> Window {
    let start = slot::minute_of(now);
    let minutes = kind.target_minutes().and_then(|minutes| u16::try_from(minutes).ok()).unwrap_or(60);
    Window::new(start, (start + minutes).min(24 * 60)).unwrap_or(Window::ALL_DAY)
}

/// A driver's own, reached by the phone he has.
fn of_driver(tx: &Transaction, new: &NewEmergency) -> Result<NewEmergency> {
    let mut problems = described(new);
    let in_need = new.in_need.map(|user| drivers::store::get(tx, user)).transpose();
    let in_need = match in_need {
        Ok(driver) => driver.filter(|driver| driver.is_active),
        Err(Error::NotFound { .. }) => None,
        Err(error) => return Err(error),
    };
    match in_need {
        Some(driver) if problems.is_empty() => {
            Ok(NewEmergency { customer: None, phone: new.phone.clone().or(driver.phone), lines: Vec::new(), ..new.clone() })
        }
        Some(_) => Err(Error::Invalid(problems)),
        None => {
            problems.insert(0, problem("in_need", "請選是哪一位司機。"));
            Err(Error::Invalid(problems))
        }
    }
}

fn described(new: &NewEmergency) -> Vec<Problem> {
    let is_empty = new.description.trim().is_empty();
    if is_empty { vec![problem("description", "請寫一句發生了什麼事。")] } else { Vec::new() }
}

fn problem(field: &'static str, say: &'static str) -> Problem {
    Problem { field: field.into(), say: say.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_to_be_there_within_the_target_of_its_kind() {
        let cases = [
            (Kind::GasLeak, 10, 22, "10:22–10:52"),
            (Kind::CustomerEmergency, 10, 22, "10:22–11:22"),
            (Kind::UrgentDelivery, 10, 0, "10–12"),
            (Kind::UrgentDelivery, 23, 10, "23:10–24"),
            (Kind::GasLeak, 23, 59, "23:59–24"),
        ];
        for (kind, hour, minute, want) in cases {
            let now = Stamp::taipei("2025-05-28".parse().unwrap(), hour, minute);
            assert_eq!(window(kind, now).to_string(), want, "{kind:?} {hour}:{minute}");
        }
    }
}
