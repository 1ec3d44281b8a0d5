//! A driver is a user who drives: his phone, his usual vehicle and areas, and whether he can be sent out.
//!
//! Invariants
//! - Every active user with the role driver is one; what nobody has said of him is as [`Details::unsaid`].
//! - His usual vehicle is in use.

pub mod api;
pub mod fields;
pub mod pages;
pub mod store;

use crate::error::Noun;
use crate::users::Role;
use crate::values::{AreaId, UserId, VehicleId};

pub const NOUN: Noun = Noun { word: "driver", label: "司機" };

/// Who says where a driver goes and whether he can.
pub const OFFICE: &[Role] = &[Role::Admin, Role::Manager, Role::OfficeStaff];

/// A driver with what the shop knows of him.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Driver {
    pub user: UserId,
    /// What the shop calls him; the users page changes it.
    pub name: String,
    /// As people write it: `0900-000-213`.
    pub phone: Option<String>,
    pub default_vehicle: Option<VehicleId>,
    /// Where he usually drives, by id.
    pub areas: Vec<AreaId>,
    /// Whether he can be sent out at present.
    pub is_available: bool,
    /// Whether he may sign in.
    pub is_active: bool,
    /// 0 while nobody has said anything of him.
    pub version: i64,
}

/// What may be said of a driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    pub phone: Option<String>,
    pub default_vehicle: Option<VehicleId>,
    /// By id, each once.
    pub areas: Vec<AreaId>,
    pub is_available: bool,
}

impl Details {
    /// A driver nobody has described can be sent anywhere.
    pub fn unsaid() -> Details {
        Details { phone: None, default_vehicle: None, areas: Vec::new(), is_available: true }
    }
}

impl Driver {
    pub fn details(&self) -> Details {
        Details {
            phone: self.phone.clone(),
            default_vehicle: self.default_vehicle,
            areas: self.areas.clone(),
            is_available: self.is_available,
        }
    }
}
