//! A customer is somebody gas is brought to: a shop, a school, a home, and one account for passers-by.
//!
//! Invariants
//! - The code makes the customer, nothing else: two may share a name, a phone or an address.
//! - A customer is never deleted; it is terminated or switched off.
//! - Every customer has its line in `customer_search`, written in the same transaction.
//! - What a person typed of cylinders is kept as text and read when shown; arithmetic never changes it.

pub mod api;
pub mod areas;
pub mod card;
pub mod edit;
pub mod equipment;
pub mod export;
pub mod fields;
pub mod form;
pub mod form_view;
pub mod import;
pub mod order_views;
pub mod pages;
pub mod refill;
pub mod search;
pub mod store;
pub mod views;

use crate::customers::equipment::Device;
use crate::customers::refill::Use;
use crate::error::Noun;
use crate::values::choice::choice;
use crate::values::phone::Phone;
use crate::values::weekdays::ClosedDays;
use crate::values::{AreaId, CustomerCode, CustomerId, Day, Grams, Stamp};

pub const NOUN: Noun = Noun { word: "customer", label: "客戶" };
pub const AREA: Noun = Noun { word: "area", label: "區域" };

/// A customer as it stands in the file.
#[derive(Clone, Debug, PartialEq)]
pub struct Customer {
    pub id: CustomerId,
    pub details: Details,
    pub state: State,
    pub is_walk_in: bool,
    /// Known only from delivery rows so far.
    pub is_placeholder: bool,
    pub area_id: Option<AreaId>,
    /// What the sheet said of cycle, slip and margin; the live figures are computed.
    pub imported: Imported,
    /// Where the program first heard of it: `office`, `clients`, `history` …
    pub first_source: String,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    pub version: i64,
}

impl Customer {
    /// Whether a next visit is reckoned (business §7): passers-by have no rhythm, and who takes no gas any more is
    /// due none.
    pub fn is_visited(&self) -> bool {
        !self.is_walk_in && self.state == State::Active
    }
}

/// Whether gas can be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Active,
    /// Switched off for a while, or a record made twice.
    Inactive,
    /// The contract ended.
    Terminated,
}

impl State {
    pub fn word(self) -> &'static str {
        match self {
            State::Active => "active",
            State::Inactive => "inactive",
            State::Terminated => "terminated",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            State::Active => "往來中",
            State::Inactive => "已停用",
            State::Terminated => "已解約",
        }
    }

    /// A terminated customer that is also switched off is terminated.
    pub fn of(is_active: bool, is_terminated: bool) -> State {
        match (is_terminated, is_active) {
            (true, _) => State::Terminated,
            (false, false) => State::Inactive,
            (false, true) => State::Active,
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Imported {
    pub cycle_days: Option<f64>,
    pub slip_days: Option<f64>,
    pub margin_kg: Option<f64>,
}

/// All that the office can say of a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    pub customer_code: CustomerCode,
    pub short_name: String,
    pub invoice_title: Option<String>,
    pub address: Option<String>,
    /// By name; a new name makes a new area.
    pub area: Option<String>,
    pub contact_name: Option<String>,
    pub tax_id: Option<String>,
    pub customer_type: Option<String>,
    pub notes: Option<String>,
    pub access_note: Option<String>,
    pub phones: Vec<Number>,

    pub pricing_method: Pricing,
    pub payment_terms: Terms,
    pub needs_billing_file: bool,
    pub is_subscription: bool,
    pub has_telemetry: bool,
    /// `None`: nobody has said.
    pub on_patrol: Option<bool>,
    pub patrol_note: Option<String>,
    pub same_day_required: bool,
    pub same_day_note: Option<String>,
    pub equipment_owner_note: Option<String>,
    pub site_declaration: Option<String>,
    pub changeover_model: Option<String>,

    /// Bit 0 is 08–09 … bit 11 is 19–20; 0 is unknown, which is any hour.
    pub available_hours: u16,
    pub time_period: Option<Period>,
    pub closed: ClosedDays,
    pub vehicle_type: Vehicle,

    pub monthly_delivered_g: Option<Grams>,
    pub monthly_residual_g: Option<Grams>,
    pub avg_daily_g: Option<Grams>,
    pub series_g: Option<Grams>,
    pub reserve_g: Option<Grams>,
    pub supply_area_count: Option<i64>,
    pub spare_text: Option<String>,
    pub legacy_cylinder_text: Option<String>,
    /// Product code and how many stand there, in the order of the price list.
    pub cylinders: Vec<(&'static str, i64)>,
    /// The five usage points as written; the first is the series bank.
    pub usage_areas: [Option<String>; 5],
    /// What is fitted, with a note where there is one.
    pub equipment: Vec<(Device, Option<String>)>,
}

/// A number that reaches a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    pub phone: Phone,
    /// 廚房, 老闆晚上 …
    pub label: Option<String>,
    /// As it was typed.
    pub raw: String,
}

impl Details {
    /// A customer of which only the code and a name are known.
    pub fn new(customer_code: CustomerCode, short_name: String) -> Details {
        Details {
            customer_code,
            short_name,
            invoice_title: None,
            address: None,
            area: None,
            contact_name: None,
            tax_id: None,
            customer_type: None,
            notes: None,
            access_note: None,
            phones: Vec::new(),
            pricing_method: Pricing::Cylinder,
            payment_terms: Terms::Cash,
            needs_billing_file: false,
            is_subscription: false,
            has_telemetry: false,
            on_patrol: None,
            patrol_note: None,
            same_day_required: false,
            same_day_note: None,
            equipment_owner_note: None,
            site_declaration: None,
            changeover_model: None,
            available_hours: 0,
            time_period: None,
            closed: ClosedDays::default(),
            vehicle_type: Vehicle::Any,
            monthly_delivered_g: None,
            monthly_residual_g: None,
            avg_daily_g: None,
            series_g: None,
            reserve_g: None,
            supply_area_count: None,
            spare_text: None,
            legacy_cylinder_text: None,
            cylinders: Vec::new(),
            usage_areas: [const { None }; 5],
            equipment: Vec::new(),
        }
    }

    /// What the refill arithmetic needs.
    pub fn use_of_gas(&self) -> Use {
        Use {
            monthly_delivered: self.monthly_delivered_g,
            monthly_residual: self.monthly_residual_g,
            avg_daily: self.avg_daily_g,
            series: self.series_g,
            reserve: self.reserve_g,
        }
    }

    /// The line this customer is found by.
    pub fn search_key(&self) -> String {
        let phones: Vec<Phone> = self.phones.iter().map(|number| number.phone.clone()).collect();
        search::key(self.customer_code.as_str(), &self.short_name, self.invoice_title.as_deref(), self.address.as_deref(), &phones)
    }
}

choice! {
    /// How gas is charged (計價方式).
    Pricing {
        Cylinder = "cylinder", "桶裝";
        Flow = "flow", "流量";
        Mixed = "mixed", "混合";
    }
}

choice! {
    /// How it is settled (結帳方式).
    Terms {
        Cash = "cash", "現金";
        Monthly = "monthly", "月結";
        Transfer = "transfer", "轉帳";
    }
}

choice! {
    /// The part of the day a customer prefers (business §6.4); the word is the column's number.
    Period {
        AllDay = "0", "全天";
        Morning = "1", "早上";
        Afternoon = "2", "下午";
        Evening = "3", "晚上";
    }
}

choice! {
    /// What can reach the place; the word is the column's number.
    Vehicle {
        Any = "0", "汽車、機車都行";
        Truck = "1", "只能汽車";
        Motorcycle = "2", "只能機車";
    }
}

impl Period {
    pub fn number(self) -> i64 {
        self as i64
    }

    pub fn from_number(number: i64) -> Option<Period> {
        Period::ALL.iter().copied().find(|one| one.number() == number)
    }
}

impl Vehicle {
    pub fn number(self) -> i64 {
        self as i64
    }

    pub fn from_number(number: i64) -> Option<Vehicle> {
        Vehicle::ALL.iter().copied().find(|one| one.number() == number)
    }
}

/// A delivery area and how many customers live in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    pub id: AreaId,
    pub name: String,
    pub customers: i64,
    /// Of these, neither terminated nor switched off.
    pub active: i64,
}

/// A customer as a list shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub id: CustomerId,
    pub code: String,
    pub short_name: String,
    pub invoice_title: Option<String>,
    pub address: Option<String>,
    pub area: Option<String>,
    pub customer_type: Option<String>,
    pub phones: Vec<Phone>,
    pub state: State,
    pub is_walk_in: bool,
    pub is_placeholder: bool,
    pub terms: Terms,
    pub last_on: Option<Day>,
    /// What the last delivery left: `20KG × 2`, or —.
    pub last_load: crate::deliveries::Load,
    /// The nearest order that is still to be brought.
    pub open: Option<crate::orders::store::Open>,
}
