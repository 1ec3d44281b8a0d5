//! An order is one promise: these cylinders, to this customer, on this day.
//!
//! Invariants
//! - Six states; [`steps`] says who may take an order from which to which, and every step is a row of its history.
//! - A delivered or cancelled order never changes again; a cancelled one may be copied.
//! - An order keeps the prices it was taken at.
//! - Numbers run without a gap through each day and are never used twice; the next is drawn inside the transaction
//!   that writes the order.
//! - One filled-in form makes one order, however often it is sent.

pub mod api;
pub mod change;
pub mod desk;
pub mod edit;
pub mod edit_view;
pub mod fields;
pub mod filter;
pub mod form;
pub mod form_side;
pub mod form_view;
pub mod list;
pub mod list_view;
pub mod lists;
pub mod new;
pub mod number;
pub mod page_view;
pub mod pages;
pub mod read;
pub mod slot;
pub mod steps;
pub mod store;
pub mod take;
pub mod undo;
pub mod usual;
pub mod warnings;

use crate::error::Noun;
use crate::http::Request;
use crate::journal::By;
use crate::users::Role;
use crate::values::choice::choice;
use crate::values::{CustomerId, Day, DeliveryId, Grams, Ntd, OrderId, OrderImportId, ProductId, Stamp, TemplateId, UserId, Window};

pub const NOUN: Noun = Noun { word: "order", label: "訂單" };
pub const FILTER: Noun = Noun { word: "order_filter", label: "存起來的條件" };

choice! {
    /// Where a promise stands (business §8).
    Status {
        Pending = "pending", "待確認";
        Confirmed = "confirmed", "已確認";
        Assigned = "assigned", "已指派";
        InDelivery = "in_delivery", "配送中";
        Delivered = "delivered", "已送達";
        Cancelled = "cancelled", "已取消";
    }
}

impl Status {
    /// Still to be delivered.
    pub fn is_open(self) -> bool {
        match self {
            Status::Pending | Status::Confirmed | Status::Assigned | Status::InDelivery => true,
            Status::Delivered | Status::Cancelled => false,
        }
    }

    /// A driver has it, on a route that is out.
    pub fn is_given(self) -> bool {
        matches!(self, Status::Assigned | Status::InDelivery)
    }
}

choice! {
    /// How an order came in.
    Origin {
        Phone = "phone", "來電";
        Planned = "planned", "計畫";
        Template = "template", "範本";
        WalkIn = "walk_in", "門市";
        Emergency = "emergency", "緊急";
        Import = "import", "匯入";
        Web = "web", "網路";
    }
}

choice! {
    /// How it is to be paid.
    Payment {
        Cash = "cash", "現金";
        Monthly = "monthly", "月結";
        Transfer = "transfer", "轉帳";
        Cheque = "cheque", "支票";
    }
}

choice! {
    /// How much of it has been paid.
    PaymentStatus {
        Unpaid = "unpaid", "未付款";
        Partial = "partial", "部分付款";
        Paid = "paid", "已付款";
        Refunded = "refunded", "已退款";
    }
}

choice! {
    /// Why an order is taken off the day's work; each has its digit on the page, in this order.
    CancelReason {
        CustomerRequest = "customer_request", "客戶要求";
        NoStock = "no_stock", "缺貨";
        CannotDeliver = "cannot_deliver", "無法配送";
        Duplicate = "duplicate", "重複訂單";
        WrongEntry = "wrong_entry", "輸入錯誤";
        /// With a note.
        Other = "other", "其他";
    }
}

choice! {
    /// Why a driver comes back with it (business §11); each has its digit on the page, in this order.
    FailReason {
        Absent = "absent", "客戶不在";
        Refused = "refused", "拒收";
        WrongAddress = "wrong_address", "地址錯誤";
        NoAccess = "no_access", "無法進入";
        PaymentProblem = "payment_problem", "付款問題";
        Vehicle = "vehicle", "車輛問題";
        /// With a note.
        Other = "other", "其他";
    }
}

/// An order as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    pub id: OrderId,
    /// `ORD-20250528-0043`.
    pub number: String,
    pub customer_id: CustomerId,
    pub origin: Origin,
    pub status: Status,
    pub scheduled_on: Day,
    pub window: Window,
    /// Where and whom, copied from the customer when it was taken.
    pub delivery_address: Option<String>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    pub is_urgent: bool,
    pub notes: Option<String>,
    pub lines: Vec<Line>,
    pub totals: Totals,
    pub surcharge_label: Option<String>,
    pub payment: Payment,
    pub payment_status: PaymentStatus,
    pub paid: Ntd,
    /// Somebody of the shop; for a sale over the counter the clerk who made it.
    pub driver_id: Option<UserId>,
    /// How often a driver came back with it.
    pub attempt_count: i64,
    pub cancel_reason: Option<CancelReason>,
    pub cancel_note: Option<String>,
    pub delivered_at: Option<Stamp>,
    pub delivery_id: Option<DeliveryId>,
    pub copied_from: Option<OrderId>,
    pub template_id: Option<TemplateId>,
    pub order_import_id: Option<OrderImportId>,
    /// `None`: the program itself.
    pub created_by: Option<UserId>,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    pub version: i64,
}

impl Order {
    /// The last four digits (or more, on a day of ten thousand): how people call it.
    pub fn short_number(&self) -> &str {
        self.number.rsplit('-').next().unwrap_or_default()
    }

    /// `50KG × 2、20KG × 1`.
    pub fn items(&self) -> String {
        let items: Vec<_> = self.lines.iter().map(|line| format!("{} × {}", line.product_name, line.qty)).collect();
        if items.is_empty() { "沒有品項".to_owned() } else { items.join("、") }
    }
}

/// One kind of thing on an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub product_id: ProductId,
    /// As it was called then.
    pub product_name: String,
    pub qty: i64,
    /// `None` only while the order is pending, and for metered gas whose price nobody has said.
    pub unit_price: Option<Ntd>,
    /// What the price list said then; another price was given by hand, by a manager.
    pub list_price: Option<Ntd>,
    pub discount_percent: i64,
    /// Before the discount; 0 for metered gas, which is charged by its meter.
    pub amount: Ntd,
    pub is_exchange: bool,
    pub empties_expected: i64,
    /// `None` until it is delivered.
    pub delivered: Option<DeliveredLine>,
}

/// What really happened to a line at the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveredLine {
    pub qty: i64,
    pub empties: i64,
    /// Gas that came back in them.
    pub residual: Grams,
}

/// The money of an order: `subtotal − discount + surcharge − residual_credit`, never below nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub subtotal: Ntd,
    pub discount: Ntd,
    pub surcharge: Ntd,
    pub residual_credit: Ntd,
    pub total: Ntd,
}

impl Totals {
    /// `lines` are amounts before discount with their discount in percent, which rounds line by line.
    pub fn of(lines: impl IntoIterator<Item = (Ntd, i64)>, surcharge: Ntd, residual_credit: Ntd) -> Totals {
        let (mut subtotal, mut discount) = (Ntd(0), Ntd(0));
        for (amount, percent) in lines {
            subtotal = subtotal + amount;
            discount = discount + amount.percent(percent);
        }
        let total = (subtotal - discount + surcharge - residual_credit).floor_at_zero();
        Totals { subtotal, discount, surcharge, residual_credit, total }
    }
}

/// What somebody wants brought, before it is an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    pub customer_id: CustomerId,
    pub origin: Origin,
    pub scheduled_on: Day,
    pub window: Window,
    /// `None`: as the customer's record says.
    pub delivery_address: Option<String>,
    pub contact_name: Option<String>,
    pub contact_phone: Option<String>,
    pub is_urgent: bool,
    pub notes: Option<String>,
    pub lines: Vec<NewLine>,
    pub surcharge: Ntd,
    pub surcharge_label: Option<String>,
    pub payment: Payment,
    /// Drawn with the form; the same key twice is the same order.
    pub form_key: Option<String>,
    pub copied_from: Option<OrderId>,
    pub template_id: Option<TemplateId>,
    pub order_import_id: Option<OrderImportId>,
}

/// A line of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLine {
    pub product_id: ProductId,
    pub qty: i64,
    /// `None`: what the price list says. Another price is a manager's to give.
    pub unit_price: Option<Ntd>,
    pub discount_percent: i64,
}

impl NewLine {
    /// So many, at the price of the list.
    pub fn of(product_id: ProductId, qty: i64) -> NewLine {
        NewLine { product_id, qty, unit_price: None, discount_percent: 0 }
    }
}

/// One step of an order's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// `None`: it was taken.
    pub from: Option<Status>,
    pub to: Status,
    pub at: Stamp,
    /// Who, by name; `None`: the program itself.
    pub by: Option<String>,
    pub reason: Option<String>,
}

/// Who acts on an order, and what they may.
#[derive(Clone, Copy, Debug)]
pub struct Actor {
    pub by: By,
    /// `None`: the program itself.
    pub role: Option<Role>,
}

impl Actor {
    /// Whoever sent `req`.
    pub fn of(req: &Request) -> Actor {
        Actor { by: req.by(), role: req.session.as_ref().map(|session| session.role) }
    }

    /// The program itself: jobs.
    pub fn program(at: Stamp) -> Actor {
        Actor { by: By::program(at), role: None }
    }

    /// Takes calls and plans the day.
    pub fn is_office(self) -> bool {
        matches!(self.role, Some(Role::Admin | Role::Manager | Role::OfficeStaff))
    }

    /// May give prices, large discounts, and act for a driver.
    pub fn is_manager(self) -> bool {
        matches!(self.role, Some(Role::Admin | Role::Manager))
    }
}
