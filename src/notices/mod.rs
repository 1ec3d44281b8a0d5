//! A notice is a sentence somebody must hear: one person, or everybody in the office (business §18).
//!
//! Invariants
//! - It is told in the transaction it speaks of: what was undone was never told.
//! - A notice is never changed and never taken back; how far somebody has read stands beside it.
//! - Nobody hears what was told to another person.

pub mod pages;
pub mod store;

use crate::error::{Noun, Result};
use crate::journal::{self, By, Entry};
use crate::users::Role;
use crate::values::choice::choice;
use crate::values::{NoticeId, RouteId, Stamp, StopId, UserId};

use rusqlite::Transaction;
use serde_json::json;

pub const NOUN: Noun = Noun { word: "notice", label: "通知" };

/// The most characters a notice has; what is longer is cut.
pub const MOST_CHARS: usize = 300;

/// Of unread ones no more than so many are counted: `99+` says enough.
pub const MOST_COUNTED: i64 = 99;

choice! {
    /// What a notice is told for.
    Event {
        RoutePublished = "route_published", "新路線";
        RouteChanged = "route_changed", "路線變更";
        OrderChanged = "order_changed", "訂單變更";
        StopFailed = "stop_failed", "沒送成";
        /// Two phones, or a phone and the office, said different things of one stop.
        Conflict = "conflict", "要核對";
        Emergency = "emergency", "緊急";
        LowStock = "low_stock", "庫存不足";
    }
}

/// Whom a notice is told to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody but drivers.
    Office,
    User(UserId),
}

impl Audience {
    /// Whether `user`, who is `role`, hears it.
    pub fn has(self, user: UserId, role: Role) -> bool {
        match self {
            Audience::Office => role != Role::Driver,
            Audience::User(one) => one == user,
        }
    }
}

/// A notice to be told.
#[derive(Clone, Debug)]
pub struct Notice {
    pub event: Event,
    pub to: Audience,
    /// One zh-TW sentence, without a customer's phone or money.
    pub text: String,
    /// What it leads to: an order, a route, a stop, an emergency.
    pub about: Option<(Noun, i64)>,
}

/// A notice as it was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub id: NoticeId,
    pub at: Stamp,
    pub event: Event,
    pub text: String,
    /// What it is about: the noun's word and number.
    pub about: Option<(String, i64)>,
    /// The route of the stop it is about, and the stop that holds the order it is about.
    pub route_id: Option<RouteId>,
    pub stop_id: Option<StopId>,
    pub is_unread: bool,
}

/// Tells `notice` in the transaction of what it is about; gives its row.
pub fn tell(tx: &Transaction, notice: Notice, at: Stamp) -> Result<NoticeId> {
    let id = store::add(tx, &notice, at)?;
    let user = match notice.to {
        Audience::Office => None,
        Audience::User(user) => Some(user.0),
    };
    let change = json!({"event": notice.event.word(), "user_id": user});
    journal::record(tx, &Entry { by: By::program(at), verb: "tell", noun: NOUN, noun_id: Some(id.0), change })?;
    Ok(id)
}

/// `user` has read everything up to notice `through`, one that was told.
pub fn mark_seen(tx: &Transaction, user: UserId, through: NoticeId, by: By) -> Result<()> {
    store::mark_seen(tx, user, through)?;
    let change = json!({"user_id": user.0});
    journal::record(tx, &Entry { by, verb: "seen", noun: NOUN, noun_id: Some(through.0), change })
}
