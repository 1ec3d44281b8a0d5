//! A template is what a customer orders again and again: the items, and the rhythm in which the night makes an order
//! of them (business §10).
//!
//! Invariants
//! - It holds no price: prices are looked up when it is used.
//! - For one day of its rhythm it makes at most one order, however often the night is run.
//! - `next_on` is always a day of its rhythm; by hand there is none.
//! - It is never deleted; it is stopped, and says why.

pub mod api;
pub mod by_hand;
pub mod edit;
pub mod fields;
pub mod form;
pub mod form_view;
pub mod generate;
pub mod pages;
pub mod recurrence;
pub mod store;

use crate::error::Noun;
use crate::orders::Payment;
use crate::templates::recurrence::Rhythm;
use crate::values::choice::choice;
use crate::values::{CustomerId, Day, OrderId, ProductId, Stamp, TemplateId};

pub const NOUN: Noun = Noun { word: "template", label: "範本" };

choice! {
    /// Why a template makes no orders any more.
    Stopped {
        ByHand = "by_hand", "停用";
        /// The last day somebody set for it is past.
        Ended = "ended", "到期";
        /// The customer's contract ended or it is switched off.
        CustomerStopped = "customer_stopped", "客戶停了";
    }
}

/// A template as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    pub id: TemplateId,
    /// `1902046_TPL_001`, by the code its customer had then.
    pub code: String,
    pub customer_id: CustomerId,
    pub details: Details,
    /// Orders made of it, by the night or by hand.
    pub times_used: i64,
    pub last_used_at: Option<Stamp>,
    /// `None` while it is in use.
    pub stopped: Option<Stopped>,
    /// The office knows that it stopped.
    pub is_stop_seen: bool,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    pub version: i64,
}

/// All that the office says of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Details {
    pub name: String,
    pub lines: Vec<Line>,
    pub notes: Option<String>,
    pub payment: Payment,
    pub is_urgent: bool,
    pub rhythm: Rhythm,
    /// The next day of the rhythm; `None` by hand.
    pub next_on: Option<Day>,
    /// The last day it may make an order for.
    pub end_on: Option<Day>,
}

/// So many of one product, as the catalogue calls it now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub product_id: ProductId,
    pub product_name: String,
    pub qty: i64,
}

impl Details {
    /// `50KG × 2、20KG × 1`.
    pub fn items(&self) -> String {
        let items: Vec<_> = self.lines.iter().map(|line| format!("{} × {}", line.product_name, line.qty)).collect();
        items.join("、")
    }

    /// 每兩週的星期二、四.
    pub fn rhythm_said(&self) -> String {
        self.rhythm.said(self.next_on)
    }
}

/// A template in a list, with whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub template: Template,
    pub customer_code: String,
    pub customer_name: String,
}

/// A day of a rhythm and the order that was made for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub due_on: Day,
    pub order_id: OrderId,
}
