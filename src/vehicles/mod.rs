//! A vehicle is what the shop drives gas out with: a truck or a motorcycle, and how much it may carry.
//!
//! Invariants
//! - A plate is there once; a vehicle is never removed, it goes out of use.
//! - One that is out of use is nobody's usual vehicle.

pub mod api;
pub mod fields;
pub mod pages;
pub mod store;

use crate::error::Noun;
use crate::users::Role;
use crate::values::choice::choice;
use crate::values::{Grams, VehicleId};

pub const NOUN: Noun = Noun { word: "vehicle", label: "車輛" };

/// Who buys, sells and describes the vehicles.
pub const MANAGERS: &[Role] = &[Role::Admin, Role::Manager];

choice! {
    /// What it is: some customers can be reached by one and not by the other (business §11).
    Kind {
        Truck = "truck", "卡車";
        Motorcycle = "motorcycle", "機車";
    }
}

impl Kind {
    /// Cylinders and gas together, where nobody has said it (business §11): a truck a tonne; a motorcycle six cylinders
    /// of 20 kg, 120 kg of gas and about 60 kg of steel.
    pub fn usual_max_gross(self) -> Grams {
        match self {
            Kind::Truck => Grams::from_kg(1_000),
            Kind::Motorcycle => Grams::from_kg(180),
        }
    }
}

/// A vehicle as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vehicle {
    pub id: VehicleId,
    /// `ABC-1234`, in capitals.
    pub plate: String,
    pub kind: Kind,
    /// Cylinders and gas together; whole kilograms.
    pub max_gross: Grams,
    pub note: Option<String>,
    pub is_active: bool,
    pub version: i64,
}

/// What may be said of a vehicle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    pub plate: String,
    pub kind: Kind,
    pub max_gross: Grams,
    pub note: Option<String>,
    pub is_active: bool,
}

impl Vehicle {
    pub fn details(&self) -> Details {
        Details {
            plate: self.plate.clone(),
            kind: self.kind,
            max_gross: self.max_gross,
            note: self.note.clone(),
            is_active: self.is_active,
        }
    }
}
