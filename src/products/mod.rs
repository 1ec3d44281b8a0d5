//! A product is what the shop sells: a kind of cylinder (method × family × size) or an accessory, and what it costs.
//!
//! Invariants
//! - No price is shipped: until somebody has said one it is unknown, never 0.
//! - A price holds from its day on; what was sold before keeps the price it was sold at.
//! - The past of the price list stands: only prices that begin today or later are set, mended or withdrawn.
//! - A customer's own price goes before the price of everybody (business §9).

pub mod api;
pub mod customer_pages;
pub mod fields;
pub mod pages;
pub mod prices;
pub mod product_pages;
pub mod store;
mod views;

use std::collections::HashMap;

use crate::error::Noun;
use crate::values::product::{Family, Method};
use crate::values::{CustomerId, Day, Grams, Ntd, OrderId, ProductId};

pub const NOUN: Noun = Noun { word: "product", label: "產品" };
pub const PRICE: Noun = Noun { word: "price", label: "價格" };

/// One line of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    pub id: ProductId,
    /// `C20`, `F16-LUCKY`; an accessory's is the shop's own.
    pub code: String,
    /// `流量50公斤`.
    pub name: String,
    pub kind: Kind,
    /// For one that is lent out (business §14); `None` where none is taken.
    pub deposit: Option<Ntd>,
    pub tare: Option<Grams>,
    pub track_stock: bool,
    pub low_stock_threshold: i64,
    pub is_active: bool,
    pub sort_order: i64,
    pub version: i64,
}

/// What sort of thing it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    Gas {
        method: Method,
        family: Family,
        size_kg: i64,
    },
    /// Regulator, hose, repair labour.
    Accessory,
}

impl Product {
    /// Gas a meter counts: its price is a kilogram's, and an order of it costs nothing by itself (business §9.1).
    pub fn is_metered(&self) -> bool {
        matches!(self.kind, Kind::Gas { method: Method::Flow, .. })
    }

    /// The cylinder's size; `None` for an accessory.
    pub fn size_kg(&self) -> Option<i64> {
        match self.kind {
            Kind::Gas { size_kg, .. } => Some(size_kg),
            Kind::Accessory => None,
        }
    }

    /// What a price is of: 支, 公斤, 件.
    pub fn unit(&self) -> &'static str {
        match self.kind {
            Kind::Gas { method: Method::Cylinder, .. } => "支",
            Kind::Gas { method: Method::Flow, .. } => "公斤",
            Kind::Accessory => "件",
        }
    }
}

#[cfg(test)]
impl Product {
    /// A cylinder on sale, for tests of rules.
    pub(crate) fn cylinder(id: i64, code: &str, method: Method, family: Family, size_kg: i64) -> Product {
        Product {
            id: ProductId(id),
            code: code.to_owned(),
            name: code.to_owned(),
            kind: Kind::Gas { method, family, size_kg },
            deposit: None,
            tare: None,
            track_stock: true,
            low_stock_threshold: 10,
            is_active: true,
            sort_order: id,
            version: 1,
        }
    }
}

/// What one customer pays on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PriceList(pub(crate) HashMap<ProductId, Price>);

/// One price of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Price {
    pub unit: Ntd,
    /// Agreed with this customer.
    pub is_own: bool,
}

impl PriceList {
    /// `None`: nobody has said a price yet.
    pub fn of(&self, product: ProductId) -> Option<Price> {
        self.0.get(&product).copied()
    }
}

/// A price and the day it begins: a line of a price history.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dated {
    pub from: Day,
    /// `None`: from that day on the price of everybody again; only a customer's own price ends so.
    pub unit: Option<Ntd>,
}

/// A customer who has a price of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Own {
    pub customer: CustomerId,
    pub short_name: String,
    pub unit: Ntd,
    pub from: Day,
}

/// A line of an order still to be delivered, with the price it keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenLine {
    pub order: OrderId,
    /// `ORD-20250528-0043`.
    pub number: String,
    pub scheduled_on: Day,
    pub customer: CustomerId,
    pub short_name: String,
    pub product: ProductId,
    pub product_name: String,
    pub qty: i64,
    /// `None`: it was taken before anybody had said a price.
    pub unit: Option<Ntd>,
}
