//! A route is the way of one truck on one day, its stops in their order; each stop is one order brought there.
//!
//! Invariants
//! - A draft is a plan nobody has been told of: its orders stay confirmed. Publishing assigns them to the driver, starting
//!   puts them on their way (business §8, §11).
//! - An order is held by one stop at most: one that is still to be made, or was completed.
//! - A driver has one route in progress at most.
//! - A route is cancelled and a stop is skipped, never deleted; whoever moves an order moves its stop in the same
//!   transaction.

pub mod api;
pub mod by_order;
pub mod edit;
pub mod eta;
pub mod fields;
pub mod follow;
pub mod list_view;
pub mod load;
pub mod page_view;
pub mod pages;
pub mod plan;
pub mod read;
pub mod sheet;
pub mod steps;
pub mod store;
pub mod suggest;
mod tell;
pub mod undo;
pub(crate) mod write;

use serde_json::{Value, json};

use crate::error::Noun;
use crate::orders::FailReason;
use crate::values::choice::choice;
use crate::values::{AreaId, Day, Ntd, OrderId, RouteId, Stamp, StopId, UserId, VehicleId};

pub const NOUN: Noun = Noun { word: "route", label: "路線" };
pub const STOP: Noun = Noun { word: "stop", label: "站" };

choice! {
    /// Where a route stands (business §11).
    Status {
        Draft = "draft", "草稿";
        Published = "published", "已發布";
        InProgress = "in_progress", "進行中";
        Completed = "completed", "已完成";
        Cancelled = "cancelled", "已取消";
    }
}

impl Status {
    /// Stops may still be put on it and taken off.
    pub fn is_open(self) -> bool {
        match self {
            Status::Draft | Status::Published | Status::InProgress => true,
            Status::Completed | Status::Cancelled => false,
        }
    }

    /// The driver has been told of it.
    pub fn is_out(self) -> bool {
        matches!(self, Status::Published | Status::InProgress)
    }
}

choice! {
    /// When of the day it goes.
    Shift {
        Morning = "morning", "早";
        Noon = "noon", "午";
        Evening = "evening", "晚";
        AllDay = "all_day", "全天";
    }
}

choice! {
    /// What it is driven for.
    Kind {
        Planned = "planned", "計畫";
        CallIn = "call_in", "來電";
        Emergency = "emergency", "緊急";
    }
}

choice! {
    /// Where a stop stands (business §11).
    StopStatus {
        Pending = "pending", "還沒到";
        Arrived = "arrived", "到了";
        Completed = "completed", "送完";
        Failed = "failed", "沒送成";
        /// Taken off by the office.
        Skipped = "skipped", "移走";
    }
}

impl StopStatus {
    /// Still to be made.
    pub fn is_open(self) -> bool {
        matches!(self, StopStatus::Pending | StopStatus::Arrived)
    }
}

/// A route as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub id: RouteId,
    /// `R-20250528-03`.
    pub number: String,
    pub route_on: Day,
    /// Where most of it lies, for its name.
    pub area_id: Option<AreaId>,
    pub shift: Shift,
    pub kind: Kind,
    pub status: Status,
    /// `None` only of a draft or a cancelled one.
    pub driver_id: Option<UserId>,
    /// Who helps him.
    pub crew2_id: Option<UserId>,
    pub vehicle_id: Option<VehicleId>,
    pub published_at: Option<Stamp>,
    pub started_at: Option<Stamp>,
    pub completed_at: Option<Stamp>,
    pub odometer_start_km: Option<i64>,
    pub odometer_end_km: Option<i64>,
    pub notes: Option<String>,
    /// Why it may go in spite of a warning.
    pub override_note: Option<String>,
    /// `None`: the program itself.
    pub created_by: Option<UserId>,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    pub version: i64,
}

impl Route {
    /// The last digits of its number: how people call it.
    pub fn short_number(&self) -> &str {
        self.number.rsplit('-').next().unwrap_or_default()
    }

    /// Who goes with it: the driver, and whoever helps him.
    pub fn crew(&self) -> impl Iterator<Item = UserId> {
        self.driver_id.into_iter().chain(self.crew2_id)
    }

    /// What the journal says of whom an entry concerns: `{"route": 3, "drivers": [7]}`, those of `before` too.
    pub fn concerns(&self, before: Option<&Route>) -> Value {
        let mut drivers: Vec<i64> = self.crew().chain(before.into_iter().flat_map(Route::crew)).map(|user| user.0).collect();
        drivers.sort_unstable();
        drivers.dedup();
        json!({"route": self.id.0, "drivers": drivers})
    }
}

/// A stop as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    pub id: StopId,
    pub route_id: RouteId,
    pub order_id: OrderId,
    /// Its place in the way, from 1; there may be gaps.
    pub seq: i64,
    pub status: StopStatus,
    pub added_at: Stamp,
    pub arrived_at: Option<Stamp>,
    /// When it was completed, failed or taken off.
    pub finished_at: Option<Stamp>,
    pub failure_reason: Option<FailReason>,
    pub failure_note: Option<String>,
    pub recipient: Option<String>,
    /// Why nobody signed.
    pub no_proof: Option<String>,
    /// The sha256 of a picture, in hex; the picture lies beside the file.
    pub photo: Option<String>,
    pub signature: Option<String>,
    /// What the driver wants the office to know.
    pub note: Option<String>,
    /// What was to be collected when it was completed; `None` when it is not paid in cash.
    pub cash_due: Option<Ntd>,
    /// What the customer gave, before the change.
    pub cash_handed: Option<Ntd>,
    /// What the driver kept.
    pub cash: Option<Ntd>,
    pub version: i64,
}

/// A route that is to be made, as a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRoute {
    pub route_on: Day,
    pub area_id: Option<AreaId>,
    pub shift: Shift,
    pub kind: Kind,
    pub driver_id: Option<UserId>,
    pub crew2_id: Option<UserId>,
    pub vehicle_id: Option<VehicleId>,
    pub notes: Option<String>,
}
