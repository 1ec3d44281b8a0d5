//! An emergency: somebody is in danger, or must not wait (business §12). The shop is alarmed until somebody says that it
//! knows, and alarmed anew as long as nobody has said that he goes.
//!
//! Invariants
//! - It is an order of today that stands above all others, but for a driver's own, which has none.
//! - Danger is never held up: neither credit nor a missing line refuses it.
//! - Whoever is sent is the driver of its order, and both are told when it is somebody else.
//! - It is never deleted. It is closed when it is settled: delivered, cancelled, made an ordinary order, or said to be over.
//! - One filled-in form makes one emergency, however often it is sent.

pub mod acts;
pub mod api;
pub mod create;
pub mod dispatch;
pub mod driver_pages;
pub mod fields;
pub mod follow;
pub mod form;
pub mod form_view;
pub mod list;
pub mod page_view;
pub mod pages;
pub mod rank;
pub mod store;
pub mod story;
pub mod strip;
pub mod watch;

use crate::error::{Error, Noun};
use crate::orders::NewLine;
use crate::values::choice::choice;
use crate::values::{CustomerId, EmergencyId, OrderId, Stamp, UserId};

pub const NOUN: Noun = Noun { word: "emergency", label: "緊急事件" };

/// How long a driver may keep the shop waiting before it is alarmed again (business §12).
pub const PATIENCE_MINUTES: i64 = 3;

choice! {
    /// What has happened (business §12); each has its digit on the form, in this order.
    Kind {
        GasLeak = "gas_leak", "瓦斯洩漏";
        CustomerEmergency = "customer_emergency", "客戶緊急";
        UrgentDelivery = "urgent_delivery", "緊急配送";
        DriverEmergency = "driver_emergency", "司機緊急";
    }
}

impl Kind {
    /// Within how many minutes somebody is to be there **[L]**; nobody has said it for drivers.
    pub fn target_minutes(self) -> Option<i64> {
        match self {
            Kind::GasLeak => Some(30),
            Kind::CustomerEmergency => Some(60),
            Kind::UrgentDelivery => Some(120),
            Kind::DriverEmergency => None,
        }
    }

    /// Whether it is an order, too.
    pub fn has_order(self) -> bool {
        match self {
            Kind::GasLeak | Kind::CustomerEmergency | Kind::UrgentDelivery => true,
            Kind::DriverEmergency => false,
        }
    }

    /// Whether cylinders can be brought with it.
    pub fn takes_lines(self) -> bool {
        match self {
            Kind::CustomerEmergency | Kind::UrgentDelivery => true,
            Kind::GasLeak | Kind::DriverEmergency => false,
        }
    }

    /// What to look to first, beside the word.
    pub fn hint(self) -> &'static str {
        match self {
            Kind::GasLeak => "30 分鐘內到場",
            Kind::CustomerEmergency => "一小時內到場",
            Kind::UrgentDelivery => "兩小時內送到",
            Kind::DriverEmergency => "車禍、故障、受傷",
        }
    }
}

/// An emergency as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emergency {
    pub id: EmergencyId,
    pub kind: Kind,
    /// `None` only of a driver's.
    pub customer_id: Option<CustomerId>,
    /// `None` only of a driver's.
    pub order_id: Option<OrderId>,
    /// The driver who needs help.
    pub in_need: Option<UserId>,
    /// What the caller said.
    pub description: String,
    pub phone: Option<String>,
    pub address: Option<String>,
    pub created_by: Option<UserId>,
    pub created_at: Stamp,
    /// Who is sent.
    pub driver_id: Option<UserId>,
    pub assigned_at: Option<Stamp>,
    /// He said that he goes.
    pub answered_at: Option<Stamp>,
    pub arrived_at: Option<Stamp>,
    pub closed_at: Option<Stamp>,
    /// When the shop was last alarmed.
    pub alarmed_at: Stamp,
    pub alarms: i64,
    /// Somebody of the shop knows of the last alarm.
    pub seen_at: Option<Stamp>,
    pub seen_by: Option<UserId>,
    pub version: i64,
}

impl Emergency {
    pub fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    /// Whether nobody has said yet that he goes, or is there.
    pub fn is_unanswered(&self) -> bool {
        self.is_open() && self.answered_at.is_none() && self.arrived_at.is_none()
    }

    /// When the shop is alarmed again: three minutes after the last alarm, or after the driver was told. `None` while it
    /// need not be. A driver's own calls for somebody only once somebody was sent: seen is often all it takes.
    pub fn calls_at(&self) -> Option<Stamp> {
        let needs_somebody = self.driver_id.is_some() || self.kind.has_order();
        let since = self.assigned_at.map_or(self.alarmed_at, |at| at.max(self.alarmed_at));
        (self.is_unanswered() && needs_somebody).then(|| since.plus_minutes(PATIENCE_MINUTES))
    }

    /// Whether the shop is to be alarmed anew.
    pub fn is_due(&self, now: Stamp) -> bool {
        self.calls_at().is_some_and(|at| at <= now)
    }

    /// Whether the strip stands above every page of the office.
    pub fn is_ringing(&self, now: Stamp) -> bool {
        self.is_unanswered() && (self.seen_at.is_none() || self.is_due(now))
    }

    /// Whole minutes from the call until somebody was sent.
    pub fn minutes_to_assigned(&self) -> Option<i64> {
        self.assigned_at.map(|at| at.minutes_since(self.created_at))
    }

    /// Whole minutes from the call until somebody was there.
    pub fn minutes_to_arrived(&self) -> Option<i64> {
        self.arrived_at.map(|at| at.minutes_since(self.created_at))
    }

    /// `Conflict` when it is closed.
    pub fn check_open(&self) -> Result<(), Error> {
        if self.is_open() { Ok(()) } else { Err(Error::conflict("emergency is closed", "這件緊急已經解除了。")) }
    }
}

/// One that is to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewEmergency {
    pub kind: Kind,
    /// Needed but for a driver's.
    pub customer: Option<CustomerId>,
    /// Needed for a driver's.
    pub in_need: Option<UserId>,
    pub description: String,
    /// `None`: as the record of the customer, or of the driver, says.
    pub phone: Option<String>,
    pub address: Option<String>,
    pub contact_name: Option<String>,
    pub lines: Vec<NewLine>,
    /// Who is sent at once.
    pub driver: Option<UserId>,
    /// Drawn with the form; the same key twice is the same emergency.
    pub form_key: Option<String>,
}

/// One with the names that pages and programs show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub emergency: Emergency,
    /// The customer's short name; of a driver's, his own.
    pub name: String,
    pub area: Option<String>,
    pub driver: Option<String>,
    pub created_by: Option<String>,
    pub seen_by: Option<String>,
    pub order_number: Option<String>,
}

impl Listed {
    /// `瓦斯洩漏：虛谷民宿`.
    pub fn title(&self) -> String {
        format!("{}：{}", self.emergency.kind.label(), self.name)
    }
}

/// How it went with the emergencies of a stretch of days, and what stands today (business §12).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    pub open: i64,
    pub closed_today: i64,
    /// Mean minutes; `None` when nobody was sent, or came, in that time.
    pub to_assigned: Option<f64>,
    pub to_arrived: Option<f64>,
}

/// Days the means of [`Figures`] are taken over.
pub const FIGURE_DAYS: i64 = 30;
