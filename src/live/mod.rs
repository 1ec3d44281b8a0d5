//! Live: whoever has a page open hears within a moment that something changed, and fetches it anew.
//!
//! Invariants
//! - An event is a row of the journal; its id is the row's, so it is told after the commit and can be told again.
//! - An event is a hint: a kind of thing and its number. No name, phone, address or money travels in it.
//! - A driver hears only of his own routes, stops, orders and emergencies, and of notices told to him (business §18).
//! - A save waits for nobody who listens: a listener who does not keep up is dropped and fetches what it missed.

mod hub;
pub mod pages;
mod store;
mod stream;

use serde_json::{Value, json};

use crate::stops::photos;
use crate::users::Role;
use crate::values::choice::choice;
use crate::values::{CustomerId, RouteId, Stamp, UserId};
use crate::{
    audit, backups, customers, cylinders, deliveries, drivers, due, emergencies, health, imports, jobs, meters, notices, orders, papers,
    payments, products, routes, settings, stops, templates, users, vehicles,
};

pub use hub::{Bus, Hub, Manner};
pub use stream::{InShop, Stream};

/// So many events are told again to somebody who was away; who missed more fetches everything anew.
pub const MOST: i64 = 1_000;

choice! {
    /// What kind of event it is, as business §18 names them.
    Type {
        OrderStatusChanged = "order_status_changed", "訂單狀態";
        RouteAssigned = "route_assigned", "路線派給司機";
        StopChanged = "stop_changed", "站";
        Notification = "notification", "通知";
        Emergency = "emergency", "緊急";
        /// Anything else that was written.
        Changed = "changed", "變更";
    }
}

/// One row of the journal, as far as others are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The row of the journal.
    pub id: i64,
    pub kind: Type,
    pub verb: String,
    pub noun: String,
    pub noun_id: Option<i64>,
    pub at: Stamp,
    /// Whose it is, where that is known.
    pub customer_id: Option<CustomerId>,
    pub route_id: Option<RouteId>,
    pub audience: Audience,
}

/// Who may hear of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Everybody of these roles.
    pub roles: &'static [Role],
    /// And these, whatever their role.
    pub users: Vec<UserId>,
}

const READERS: &[Role] = &[Role::Admin, Role::Manager, Role::Accountant, Role::OfficeStaff];
const OFFICE: &[Role] = &[Role::Admin, Role::Manager, Role::OfficeStaff];
const ADMIN: &[Role] = &[Role::Admin];
const MANAGERS: &[Role] = &[Role::Admin, Role::Manager];

/// Who may read of each kind of thing.
const NOUNS: &[(&str, &[Role])] = &[
    (orders::NOUN.word, READERS),
    (routes::NOUN.word, READERS),
    (routes::STOP.word, READERS),
    (customers::NOUN.word, READERS),
    (customers::AREA.word, READERS),
    (deliveries::NOUN.word, READERS),
    (due::NOUN.word, READERS),
    (due::ALARM.word, READERS),
    (products::NOUN.word, READERS),
    (products::PRICE.word, READERS),
    (settings::NOUN.word, READERS),
    (settings::HOLIDAY.word, READERS),
    (EMERGENCY, READERS),
    (vehicles::NOUN.word, READERS),
    (drivers::NOUN.word, READERS),
    (stops::NOUN.word, READERS),
    (photos::NOUN.word, READERS),
    (cylinders::NOUN.word, READERS),
    (payments::NOUN.word, READERS),
    (meters::NOUN.word, READERS),
    (meters::READING.word, READERS),
    (papers::OF_ROUTE.word, READERS),
    (papers::OF_ORDER.word, READERS),
    (templates::NOUN.word, OFFICE),
    (orders::lists::NOUN.word, OFFICE),
    (imports::NOUN.word, MANAGERS),
    (users::NOUN.word, MANAGERS),
    (backups::places::NOUN.word, ADMIN),
    (jobs::NOUN.word, MANAGERS),
    (backups::NOUN.word, MANAGERS),
    (health::NOUN.word, ADMIN),
    (audit::NOUN.word, ADMIN),
    // A notice goes to whom it was told, somebody's own filter to nobody.
    (notices::NOUN.word, &[]),
    (orders::FILTER.word, &[]),
];

const EMERGENCY: &str = emergencies::NOUN.word;

/// The roles that hear of every `noun`; of one nobody thought of, managers only.
pub fn readers(noun: &str) -> Option<&'static [Role]> {
    NOUNS.iter().find(|(word, _)| *word == noun).map(|(_, roles)| *roles)
}

/// A row of the journal and what stands in the file about its noun now.
pub(crate) struct Row {
    pub id: i64,
    pub at: Stamp,
    pub verb: String,
    pub noun: String,
    pub noun_id: Option<i64>,
    /// `null` for nouns of which nothing more than their number is told.
    pub change: Value,
    pub customer_id: Option<CustomerId>,
    pub route_id: Option<RouteId>,
    /// Whose order or emergency it is now.
    pub drivers: Vec<UserId>,
    /// Who goes with its route now: the driver, and who helps him.
    pub crew: Vec<UserId>,
    /// The route is a plan nobody has been told of.
    pub is_draft: bool,
}

impl Event {
    pub(crate) fn of(row: Row) -> Event {
        let audience = audience(&row);
        let named = || row.change["customer_id"].as_i64().or_else(|| row.change["after"]["customer_id"].as_i64());
        let customer_id = row.customer_id.or_else(|| named().map(CustomerId));
        let Row { id, at, verb, noun, noun_id, change, route_id, .. } = row;
        let kind = kind(&noun, &verb, &change);
        Event { id, kind, verb, noun, noun_id, at, customer_id, route_id, audience }
    }

    /// Whether `user`, who is `role`, hears of it.
    pub fn is_for(&self, user: UserId, role: Role) -> bool {
        self.audience.roles.contains(&role) || self.audience.users.contains(&user)
    }

    /// Somebody's account: his session may have ended.
    pub fn is_about_user(&self, user: UserId) -> bool {
        self.noun == users::NOUN.word && self.noun_id == Some(user.0)
    }

    pub fn json(&self) -> Value {
        json!({
            "id": self.id,
            "type": self.kind.word(),
            "noun": self.noun,
            "noun_id": self.noun_id,
            "verb": self.verb,
            "customer_id": self.customer_id.map(|id| id.0),
            "route_id": self.route_id.map(|id| id.0),
            "timestamp": self.at.to_string(),
        })
    }
}

fn kind(noun: &str, verb: &str, change: &Value) -> Type {
    let moves = |field: &str| !change["after"][field].is_null() && change["before"][field] != change["after"][field];
    match noun {
        _ if noun == orders::NOUN.word && moves("status") => Type::OrderStatusChanged,
        _ if noun == routes::NOUN.word && (verb == "publish" || moves("driver_id")) => Type::RouteAssigned,
        _ if noun == routes::STOP.word => Type::StopChanged,
        _ if noun == notices::NOUN.word => Type::Notification,
        EMERGENCY => Type::Emergency,
        _ => Type::Changed,
    }
}

/// Those whose work the row is about, before it and now.
fn audience(row: &Row) -> Audience {
    let roles = readers(&row.noun).unwrap_or(MANAGERS);
    let change = &row.change;
    if row.noun == notices::NOUN.word {
        let to = change["user_id"].as_i64().map(UserId);
        return Audience { roles: if to.is_none() { READERS } else { &[] }, users: to.into_iter().collect() };
    }
    if ![orders::NOUN.word, routes::NOUN.word, routes::STOP.word, EMERGENCY].contains(&row.noun.as_str()) {
        return Audience { roles, users: Vec::new() };
    }
    let named = change["drivers"].as_array().into_iter().flatten();
    let alone = [&change["driver_id"], &change["before"]["driver_id"], &change["after"]["driver_id"]];
    let mut users: Vec<UserId> = named.chain(alone).filter_map(Value::as_i64).map(UserId).collect();
    users.extend(&row.drivers);
    if !row.is_draft {
        users.extend(&row.crew);
    } else if row.noun == routes::NOUN.word {
        users.clear();
    } else if row.noun == routes::STOP.word {
        // Whose published route it was hears that it is gone, and nobody where it went.
        users.retain(|user| !row.crew.contains(user));
    }
    users.sort_unstable();
    users.dedup();
    Audience { roles, users }
}
