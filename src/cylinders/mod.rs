//! The cylinder ledger: every cylinder that goes from one place to another is a movement, and every count of
//! cylinders is a sum of movements (business §14).
//!
//! Invariants
//! - A movement is never rewritten and never removed; a wrong one is undone by its reverse.
//! - What leaves one place arrives at another, so over all places a product and state sum to nothing; `outside` is
//!   where cylinders come from when the books begin, and where a count finds too many or too few.
//! - A customer's balance is what the client list opened with (`customer_cylinders`) and the movements since, full and
//!   empty together, and is never below nothing.
//! - Cylinders move, of gas charged by the piece or by the meter, where the product's stock is kept; accessories do not.

pub mod acts;
pub mod api;
pub mod by_hand;
pub mod customer_pages;
pub mod forms;
pub mod pages;
pub mod route_pages;
mod stock;
pub mod store;
mod views;

use std::fmt;
use std::str::FromStr;

use crate::error::Noun;
use crate::products::{self, Product};
use crate::values::choice::choice;
use crate::values::{CustomerId, Day, MovementId, OrderId, ProductId, RouteId, Stamp, StopId, UserId, VehicleId};

pub use acts::{StopGoods, at_stop, load_as_planned, load_route, raise_to_nothing, undo, undo_of_stop, unload_route};
pub use store::book;

pub const NOUN: Noun = Noun { word: "cylinder", label: "鋼瓶" };

/// The most cylinders of one movement.
pub const MOST: i64 = 99_999;

choice! {
    /// Whether there is gas in it.
    State {
        Full = "full", "滿桶";
        Empty = "empty", "空桶";
    }
}

choice! {
    /// Why cylinders moved.
    Kind {
        /// Left at a customer.
        Delivered = "delivered", "送到";
        /// Taken back from a customer.
        Returned = "returned", "收回";
        /// From the shop onto a truck.
        Loaded = "loaded", "裝車";
        /// From a truck back to the shop.
        Unloaded = "unloaded", "下車";
        /// Empties to the plant.
        Sent = "sent", "送廠";
        /// Full ones from the plant.
        Refilled = "refilled", "進貨";
        /// What a count found too many or too few.
        Counted = "counted", "盤點";
        /// The books were wrong.
        Corrected = "corrected", "更正";
        /// Worn out or lost.
        Scrapped = "scrapped", "報廢";
    }
}

/// Where cylinders are. Written `shop`, `vehicle:3`, `customer:17`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    Shop,
    Vehicle(VehicleId),
    Customer(CustomerId),
    /// The filling plant.
    Supplier,
    Scrap,
    /// Not in the books.
    Outside,
}

impl Place {
    /// The word of its column.
    pub fn word(self) -> &'static str {
        match self {
            Place::Shop => "shop",
            Place::Vehicle(_) => "vehicle",
            Place::Customer(_) => "customer",
            Place::Supplier => "supplier",
            Place::Scrap => "scrap",
            Place::Outside => "outside",
        }
    }

    /// Which of its sort; `None` where there is only one.
    pub fn id(self) -> Option<i64> {
        match self {
            Place::Vehicle(id) => Some(id.0),
            Place::Customer(id) => Some(id.0),
            Place::Shop | Place::Supplier | Place::Scrap | Place::Outside => None,
        }
    }

    /// Of its two columns; `None` for a word or a number that is none.
    pub fn of(word: &str, id: Option<i64>) -> Option<Place> {
        match (word, id) {
            ("shop", None) => Some(Place::Shop),
            ("vehicle", Some(id)) => Some(Place::Vehicle(VehicleId(id))),
            ("customer", Some(id)) => Some(Place::Customer(CustomerId(id))),
            ("supplier", None) => Some(Place::Supplier),
            ("scrap", None) => Some(Place::Scrap),
            ("outside", None) => Some(Place::Outside),
            _ => None,
        }
    }

    /// 門市, 瓦斯行外 … ; a truck and a customer have names of their own.
    pub fn label(self) -> &'static str {
        match self {
            Place::Shop => "門市",
            Place::Vehicle(_) => "車上",
            Place::Customer(_) => "客戶",
            Place::Supplier => "灌裝廠",
            Place::Scrap => "報廢",
            Place::Outside => "帳外",
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id() {
            Some(id) => write!(f, "{}:{id}", self.word()),
            None => f.write_str(self.word()),
        }
    }
}

impl FromStr for Place {
    type Err = ();
    fn from_str(text: &str) -> Result<Place, ()> {
        let (word, id) = match text.split_once(':') {
            Some((word, id)) => (word, Some(id.parse::<CustomerId>()?.0)),
            None => (text, None),
        };
        Place::of(word, id).ok_or(())
    }
}

/// Cylinders about to move.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewMovement {
    pub kind: Kind,
    pub from: Place,
    pub to: Place,
    pub product: ProductId,
    /// 1 to [`MOST`].
    pub qty: i64,
    pub state: State,
    pub route: Option<RouteId>,
    pub stop: Option<StopId>,
    pub order: Option<OrderId>,
    /// The movement this one takes back.
    pub undoes: Option<MovementId>,
    /// The day it counts for; `None`: the moment's.
    pub on: Option<Day>,
    pub note: Option<String>,
}

impl NewMovement {
    /// By itself: of no route, stop or order.
    pub fn new(kind: Kind, from: Place, to: Place, product: ProductId, qty: i64, state: State) -> NewMovement {
        NewMovement { kind, from, to, product, qty, state, route: None, stop: None, order: None, undoes: None, on: None, note: None }
    }
}

/// Cylinders that moved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Movement {
    pub id: MovementId,
    pub on: Day,
    pub at: Stamp,
    pub kind: Kind,
    pub from: Place,
    pub to: Place,
    pub product: ProductId,
    pub qty: i64,
    pub state: State,
    pub route: Option<RouteId>,
    pub stop: Option<StopId>,
    pub order: Option<OrderId>,
    /// The movement this one takes back.
    pub undoes: Option<MovementId>,
    /// The one that takes this back.
    pub undone_by: Option<MovementId>,
    /// `None`: the program itself.
    pub user: Option<UserId>,
    pub note: Option<String>,
}

/// What is at a place of one product. Below nothing when more left than is known to have come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    pub product: ProductId,
    pub full: i64,
    pub empty: i64,
}

/// What a customer has of one product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub product: ProductId,
    pub product_name: String,
    /// As the client list said when the books began.
    pub opening: i64,
    /// What movements brought since, less what they took.
    pub moved: i64,
}

impl Held {
    pub fn now(&self) -> i64 {
        self.opening + self.moved
    }
}

/// Whether `product` is in the ledger.
pub fn is_kept(product: &Product) -> bool {
    product.track_stock && matches!(product.kind, products::Kind::Gas { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_back_as_printed() {
        let places =
            [Place::Shop, Place::Vehicle(VehicleId(3)), Place::Customer(CustomerId(17)), Place::Supplier, Place::Scrap, Place::Outside];
        for place in places {
            assert_eq!(place.to_string().parse(), Ok(place));
            assert_eq!(Place::of(place.word(), place.id()), Some(place));
        }
        for wrong in ["", "vehicle", "shop:1", "vehicle:0", "vehicle:x", "customer:-1", "moon"] {
            assert_eq!(wrong.parse::<Place>(), Err(()), "{wrong}");
        }
    }
}
