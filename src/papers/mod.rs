//! A paper is what leaves the printer: the driver's dispatch sheet, the loading sheet of his truck, the slip a customer
//! signs (business §11). The browser prints; the page shows the sheet as it will be (ui.md §10).
//!
//! Invariants
//! - A paper changes nothing: what is on it is read when it is shown.
//! - Every printing is told in the journal, and the next one says the how manieth it is.

pub mod pages;
pub mod qr;
mod slip_views;
pub mod store;
pub mod views;

use crate::error::Noun;
use crate::orders::{Order, Payment};
use crate::products::Product;
use crate::routes::{Route, Stop, StopStatus};
use crate::values::choice::choice;
use crate::values::{Grams, Ntd, ProductId, RouteId, Stamp};
use crate::vehicles::Vehicle;

/// Printings of the papers of a route; the journal's `noun_id` is the route's.
pub const OF_ROUTE: Noun = Noun { word: "route_paper", label: "路線的單據" };
/// Printings of one order's slip; the journal's `noun_id` is the order's.
pub const OF_ORDER: Noun = Noun { word: "order_paper", label: "送貨單" };

choice! {
    /// Which paper it is.
    Paper {
        Sheet = "sheet", "派遣單";
        Loading = "loading", "載貨單";
        Slip = "slip", "送貨單";
    }
}

choice! {
    /// What a slip is printed on.
    Format {
        Half = "half", "A4 一半";
        Roll = "roll", "80 mm 紙捲";
    }
}

/// One route with all that its papers say.
#[derive(Clone, Debug)]
pub struct Trip {
    pub route: Route,
    pub area: Option<String>,
    pub driver: Option<String>,
    pub crew2: Option<String>,
    pub vehicle: Option<Vehicle>,
    /// The stops that were not taken off, in their order.
    pub calls: Vec<Call>,
}

/// One order as it stands on a paper.
#[derive(Clone, Debug)]
pub struct Call {
    pub order: Order,
    /// `None` of a slip whose order is on no route.
    pub stop: Option<Stop>,
    /// Which of the route's stops it is, from 1; 0 without a route.
    pub place: usize,
    pub customer_code: String,
    /// The customer's short name; a passer-by's own.
    pub name: String,
    /// Floor, dog, guard.
    pub access_note: Option<String>,
    /// Everything on it is charged by a meter.
    pub is_metered: bool,
}

/// What the driver is to collect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    Cash(Ntd),
    Cheque(Ntd),
    /// Nothing at the door: 月結, 轉帳.
    Later(Payment),
    /// What the meter says.
    Metered,
    /// It is paid, or costs nothing.
    Nothing,
}

impl Call {
    pub fn due(&self) -> Due {
        let order = &self.order;
        let left = (order.totals.total - order.paid).floor_at_zero();
        match order.payment {
            Payment::Monthly | Payment::Transfer => Due::Later(order.payment),
            Payment::Cash | Payment::Cheque if self.is_metered && order.totals.total == Ntd(0) => Due::Metered,
            Payment::Cash | Payment::Cheque if left == Ntd(0) => Due::Nothing,
            Payment::Cash => Due::Cash(left),
            Payment::Cheque => Due::Cheque(left),
        }
    }

    /// The driver came back with it, or never got there.
    pub fn is_failed(&self) -> bool {
        self.stop.as_ref().is_some_and(|stop| matches!(stop.status, StopStatus::Failed | StopStatus::Skipped))
    }

    /// What the driver must know at the door: what was said with the order, then what is always so there.
    pub fn notes(&self) -> String {
        let notes = [self.order.notes.as_deref(), self.access_note.as_deref()];
        notes.into_iter().flatten().filter(|note| !note.trim().is_empty()).collect::<Vec<_>>().join("。")
    }
}

impl Trip {
    /// `D-北線 早`: where and when.
    pub fn name(&self) -> String {
        let parts: Vec<&str> = self.area.as_deref().into_iter().chain([self.route.shift.label()]).collect();
        parts.join(" ")
    }

    /// 阿明、小高.
    pub fn crew(&self) -> String {
        let crew: Vec<&str> = self.driver.as_deref().into_iter().chain(self.crew2.as_deref()).collect();
        crew.join("、")
    }

    /// Those whose cylinders are to be on the truck.
    pub fn to_bring(&self) -> impl Iterator<Item = &Call> {
        self.calls.iter().filter(|call| !call.is_failed())
    }

    /// How many stops pay `is_meant`, and how much in all.
    pub fn sum(&self, is_meant: impl Fn(Due) -> Option<Ntd>) -> (usize, Ntd) {
        let amounts: Vec<Ntd> = self.to_bring().filter_map(|call| is_meant(call.due())).collect();
        (amounts.len(), amounts.into_iter().sum())
    }
}

/// One kind of thing on a loading sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    pub product: ProductId,
    pub name: String,
    /// What the orders want.
    pub wanted: i64,
    /// Full ones on the truck already; `None` when the books know nothing of the truck, or it is no cylinder.
    pub aboard: Option<i64>,
    /// Of what is wanted, cylinders and gas; `None` of what is no cylinder.
    pub gross: Option<Grams>,
}

impl Load {
    /// Still to be put on.
    pub fn missing(&self) -> i64 {
        (self.wanted - self.aboard.unwrap_or(0)).max(0)
    }
}

/// What `trip` has to bring, in the order of the price list. `aboard` says how many full ones of a product are on the
/// truck.
pub fn loads(trip: &Trip, catalogue: &[Product], aboard: impl Fn(ProductId) -> Option<i64>) -> Vec<Load> {
    let wanted = |product: &Product| -> i64 {
        let lines = trip.to_bring().flat_map(|call| &call.order.lines);
        lines.filter(|line| line.product_id == product.id).map(|line| line.qty).sum()
    };
    // As `routes::load` weighs: a cylinder nobody has weighed is half its gas.
    let weight = |product: &Product| {
        let gas = Grams::from_kg(product.size_kg()?);
        Some(gas.0 + product.tare.map_or(gas.0 / 2, |tare| tare.0))
    };
    let load = |product: &Product| {
        let wanted = wanted(product);
        (0 < wanted).then(|| Load {
            product: product.id,
            name: product.name.clone(),
            wanted,
            aboard: product.size_kg().and_then(|_| aboard(product.id)),
            gross: weight(product).map(|each| Grams(each * wanted)),
        })
    };
    catalogue.iter().filter_map(load).collect()
}

/// What stands at the foot of a paper: when and by whom it was printed, and the how manieth time.
#[derive(Clone, Debug)]
pub struct Mark {
    pub at: Stamp,
    pub by: String,
    /// From 1.
    pub number: i64,
}

impl Mark {
    /// `列印 05/28 10:22　小惠　第 1 次`, from the second on 補印.
    pub fn line(&self) -> String {
        let again = if 1 < self.number { "補印，" } else { "" };
        let (month, day) = (self.at.day().month().month(), self.at.day().day_of_month());
        format!("列印 {month:02}/{day:02} {}　{}　{again}第 {} 次", self.at.clock(), self.by, self.number)
    }
}

/// Which papers were printed together: one line of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Printed {
    /// The sheets of several routes, or a paper of one.
    OfRoutes(Paper, Vec<RouteId>),
    /// The slips of all orders on a route.
    SlipsOf(RouteId),
    /// The slip of one order.
    SlipOf(crate::values::OrderId),
}
