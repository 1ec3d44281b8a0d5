//! A list 訂單匯入 is a spreadsheet of orders: looked at row by row, brought in together as orders that wait to be
//! confirmed, and taken back together (business §23).
//!
//! Invariants
//! - Nothing is written before a person has seen what would be; if that has changed since, it is shown again.
//! - A row is taken as it stands or told why not; an order with a bad row is not taken in part.
//! - All orders of a list are made or none.
//! - The same list a second time makes no order twice, unless a person says so.

pub mod bring_in;
pub mod export;
pub mod file;
pub mod judge;
pub mod pages;
pub mod pending;
pub mod store;
mod views;

use crate::error::Noun;
use crate::values::choice::choice;

pub const NOUN: Noun = Noun { word: "order_import", label: "訂單匯入" };

/// Rows of one list: more than a shop delivers in a week.
pub const MOST_ROWS: usize = 2_000;
/// Two thousand rows are some hundred kilobytes.
pub const MOST_BYTES: u64 = 10 << 20;

choice! {
    /// What a list says of an order; the label is its heading in the template and in the export.
    Column {
        Code = "code", "客戶編號";
        Phone = "phone", "電話";
        Day = "day", "配送日期";
        Window = "window", "時段";
        Product = "product", "產品";
        Qty = "qty", "數量";
        Notes = "notes", "備註";
        /// Only in our own export: rows of two numbers are two orders.
        Number = "number", "訂單編號";
        /// Only in our own export: what is cancelled stays cancelled.
        Status = "status", "狀態";
    }
}

impl Column {
    /// Those of the template, in its order.
    pub const TEMPLATE: [Column; 7] =
        [Column::Code, Column::Phone, Column::Day, Column::Window, Column::Product, Column::Qty, Column::Notes];

    /// Other words a shop's own spreadsheet has for it.
    fn aliases(self) -> &'static [&'static str] {
        match self {
            Column::Code => &["客戶代號", "客戶代碼", "客戶"],
            Column::Phone => &["客戶電話", "聯絡電話", "手機"],
            Column::Day => &["送貨日期", "日期"],
            Column::Window => &["配送時段", "時間"],
            Column::Product => &["產品名稱", "品名", "品項"],
            Column::Qty => &["支數", "桶數"],
            Column::Notes => &["附註"],
            Column::Number | Column::Status => &[],
        }
    }

    /// The column under `heading`, which is already in the form headings are compared in.
    fn of_heading(heading: &str) -> Option<Column> {
        Column::ALL.iter().copied().find(|column| column.label() == heading || column.aliases().contains(&heading))
    }
}

choice! {
    /// What is wrong with a row of a list, or to be looked at. The label is what a group of them is called.
    Matter {
        NoCustomer = "no_customer", "沒有寫客戶";
        UnknownCustomer = "unknown_customer", "找不到客戶";
        SharedPhone = "shared_phone", "電話不只一位客戶";
        StoppedCustomer = "stopped_customer", "不能下單的客戶";
        BadDay = "bad_day", "日期不對";
        BadWindow = "bad_window", "時段不對";
        UnknownProduct = "unknown_product", "找不到產品";
        StoppedProduct = "stopped_product", "停賣的產品";
        BadQty = "bad_qty", "數量不對";
        BadNotes = "bad_notes", "備註不對";
        TooMuch = "too_much", "一張單太大";
        /// Another row of the same order is bad.
        Together = "together", "同一張單有問題";
        /// Exported as cancelled.
        Cancelled = "cancelled", "取消過的單";
        Past = "past", "日期已過";
        Far = "far", "日期很遠";
        Closed = "closed", "公休日";
        Hours = "hours", "不收瓦斯的時間";
        CutOff = "cut_off", "今天的車已排";
        Vehicle = "vehicle", "車子到不了";
        OpenOrder = "open_order", "同一天有別的單";
        Twice = "twice", "寫了兩次";
        NoPrice = "no_price", "還沒有價格";
        OtherPhone = "other_phone", "電話不一樣";
        /// Any other thing a clerk minds.
        Mind = "mind", "要留意";
    }
}

impl Matter {
    /// The row is not taken; otherwise it is, and somebody may want to look.
    pub fn is_refusal(self) -> bool {
        match self {
            Matter::NoCustomer
            | Matter::UnknownCustomer
            | Matter::SharedPhone
            | Matter::StoppedCustomer
            | Matter::BadDay
            | Matter::BadWindow
            | Matter::UnknownProduct
            | Matter::StoppedProduct
            | Matter::BadQty
            | Matter::BadNotes
            | Matter::TooMuch
            | Matter::Together
            | Matter::Cancelled => true,
            Matter::Past
            | Matter::Far
            | Matter::Closed
            | Matter::Hours
            | Matter::CutOff
            | Matter::Vehicle
            | Matter::OpenOrder
            | Matter::Twice
            | Matter::NoPrice
            | Matter::OtherPhone
            | Matter::Mind => false,
        }
    }
}

/// One thing said of one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// As the spreadsheet counts.
    pub row: u32,
    pub column: Option<Column>,
    /// What stood there, shortened.
    pub value: String,
    pub matter: Matter,
    pub say: String,
}
