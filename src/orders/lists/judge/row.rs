//! What one row says: who, when, what and how many. Everything wrong with it is told at once.

use std::rc::Rc;

use super::{Item, Judge, once};
use crate::customers::{self, Customer, Details};
use crate::error::Result;
use crate::imports::read;
use crate::orders::lists::file::{Cell, Row, Was};
use crate::orders::lists::{Column, Matter, store};
use crate::orders::{Origin, take, usual};
use crate::products::Product;
use crate::values::phone::Phone;
use crate::values::{CustomerCode, CustomerId, Day, Window, roc, text};

const LONGEST_NOTES: usize = 500;
/// What makes neighbouring rows one order.
pub(super) struct Head {
    pub(super) customer: Rc<Customer>,
    pub(super) contact_phone: Option<String>,
    pub(super) day: Day,
    /// As written; blank is the customer's own.
    pub(super) window: Option<Window>,
    pub(super) notes: Option<String>,
    pub(super) number: String,
}

impl PartialEq for Head {
    fn eq(&self, other: &Head) -> bool {
        let words = |head: &Head| (head.customer.id, head.day, head.window);
        words(self) == words(other) && self.notes == other.notes && self.number == other.number
    }
}

/// A row as far as it can be read.
pub(super) struct Read {
    pub(super) customer: Option<Rc<Customer>>,
    pub(super) day: Option<Day>,
    /// `None` when any of it is wrong.
    pub(super) head: Option<Head>,
}

impl Judge<'_> {
    /// Who, when and what is said with it. Everything wrong is told.
    pub(super) fn head(&mut self, row: &Row) -> Result<Read> {
        let customer = self.customer(row)?;
        let contact_phone = self.contact_phone(row, customer.as_deref());
        let day = self.day(row);
        let window = self.window(row);
        let notes = self.notes(row);
        let number = row.cell(Column::Number).text.clone();
        let head = match (&customer, day, window, notes) {
            (Some(customer), Some(day), Some(window), Some(notes)) => {
                Some(Head { customer: customer.clone(), contact_phone, day, window, notes, number })
            }
            _ => None,
        };
        Ok(Read { customer, day, head })
    }

    fn customer(&mut self, row: &Row) -> Result<Option<Rc<Customer>>> {
        let (code, phone) = (row.cell(Column::Code), row.cell(Column::Phone));
        let (column, found) = if !code.text.is_empty() || code.was == Was::NoValue {
            (Column::Code, self.by_code(row, code)?)
        } else if !phone.text.is_empty() {
            (Column::Phone, self.by_phone(row, phone)?)
        } else {
            self.tell(row, Column::Code, Matter::NoCustomer, "客戶編號和電話都空著。");
            return Ok(None);
        };
        let Some(id) = found else { return Ok(None) };
        let customer = once(&mut self.customers, id, || customers::store::get(self.conn, id))?;
        match take::refused_customer(&customer) {
            Some(problem) => {
                self.tell(row, column, Matter::StoppedCustomer, format!("{}：{}", customer.details.short_name, problem.say));
                Ok(None)
            }
            None => Ok(Some(customer)),
        }
    }

    fn by_code(&mut self, row: &Row, cell: &Cell) -> Result<Option<CustomerId>> {
        let Ok(code) = whole(&cell.text).parse::<CustomerCode>() else {
            let say = if cell.was == Was::NoValue { NO_VALUE } else { "編號只有數字、英文、- 和 _。" };
            self.tell(row, Column::Code, Matter::UnknownCustomer, say);
            return Ok(None);
        };
        let found = store::customer_of_code(self.conn, &code)?;
        if found.is_none() {
            self.tell(row, Column::Code, Matter::UnknownCustomer, "沒有這個編號的客戶。");
        }
        Ok(found)
    }

    fn by_phone(&mut self, row: &Row, cell: &Cell) -> Result<Option<CustomerId>> {
        let phone = match Phone::parse(&cell.text, &self.settings.area_code) {
            Ok(phone) => phone,
            Err(problem) => {
                self.tell(row, Column::Phone, Matter::UnknownCustomer, problem.say());
                return Ok(None);
            }
        };
        let found = store::customers_of_phone(self.conn, &phone)?;
        match found.as_slice() {
            [(id, _)] => return Ok(Some(*id)),
            [] => self.tell(row, Column::Phone, Matter::UnknownCustomer, "沒有這支電話的客戶。"),
            many => {
                let codes: Vec<&str> = many.iter().take(3).map(|(_, code)| code.as_str()).collect();
                let say = format!("有 {} 位客戶用這支電話（{}），請寫客戶編號。", many.len(), codes.join("、"));
                self.tell(row, Column::Phone, Matter::SharedPhone, say);
            }
        }
        Ok(None)
    }

    /// The number the list gives with the customer; what is none is told and passed over, for the customer is known.
    fn contact_phone(&mut self, row: &Row, customer: Option<&Customer>) -> Option<String> {
        let cell = row.cell(Column::Phone);
        let customer = customer.filter(|_| !cell.text.is_empty())?;
        let phone = match Phone::parse(&cell.text, &self.settings.area_code) {
            Ok(phone) => phone,
            Err(problem) => {
                self.tell(row, Column::Phone, Matter::OtherPhone, problem.say());
                return None;
            }
        };
        let is_own = customer.details.phones.iter().any(|number| number.phone.e164 == phone.e164);
        if !is_own && !customer.is_walk_in && !customer.details.phones.is_empty() {
            let say = format!("不是 {} 登記的電話，這張單照試算表寫的。", customer.details.short_name);
            self.tell(row, Column::Phone, Matter::OtherPhone, say);
        }
        Some(phone.to_string())
    }

    fn day(&mut self, row: &Row) -> Option<Day> {
        let cell = row.cell(Column::Day);
        let today = self.now.day();
        let day = match cell.was {
            Was::Date(Some(day)) => Ok(day),
            Was::Date(None) => Err("沒有這一天，請看看月份和日期。".to_owned()),
            Was::NoValue => Err(NO_VALUE.to_owned()),
            // A bare 30 or 530 may be anything in a spreadsheet; 5/30 is a day.
            Was::Text | Was::Error if cell.text.chars().all(char::is_numeric) => {
                roc::parse_day(whole(&cell.text), today).map_err(|problem| problem.say().to_owned())
            }
            Was::Text | Was::Error => roc::parse_near(whole(&cell.text), today),
        };
        let day = day.and_then(|day| match take::refused_day(day, today, Origin::Import, self.settings) {
            Some(_) => Err(format!("{} 離今天超過一年。", day.slashed())),
            None => Ok(day),
        });
        day.map_err(|say| self.tell(row, Column::Day, Matter::BadDay, say)).ok()
    }

    /// `Some(None)` where nothing is written.
    fn window(&mut self, row: &Row) -> Option<Option<Window>> {
        let cell = row.cell(Column::Window);
        let say = match cell.was {
            Was::Date(_) => "這格變成日期了，請把儲存格改成文字，寫成 9:00-11:00。",
            Was::NoValue => NO_VALUE,
            Was::Text | Was::Error if cell.text.is_empty() => return Some(None),
            Was::Text | Was::Error => match whole(&cell.text).parse() {
                Ok(window) => return Some(Some(window)),
                Err(()) => "看不懂這個時段，請寫成 9-11，或早、午、晚、全天。",
            },
        };
        self.tell(row, Column::Window, Matter::BadWindow, say);
        None
    }

    /// `Some(None)` where nothing is written.
    fn notes(&mut self, row: &Row) -> Option<Option<String>> {
        let cell = row.cell(Column::Notes);
        // Alt+Enter in a spreadsheet; a tab is a blank to a person.
        let notes = cell.text.replace("\r\n", "\n").replace('\t', " ");
        let say = if cell.was == Was::NoValue {
            NO_VALUE.to_owned()
        } else if LONGEST_NOTES < notes.chars().count() {
            format!("備註最多 {LONGEST_NOTES} 個字。")
        } else if notes.chars().any(|c| c.is_control() && c != '\n') {
            "裡面有看不見的字元，請重新輸入。".to_owned()
        } else {
            return Some((!notes.is_empty()).then_some(notes));
        };
        self.tell(row, Column::Notes, Matter::BadNotes, say);
        None
    }

    /// What and how many; both are told when both are wrong.
    pub(super) fn item(&mut self, row: &Row, customer: Option<&Customer>) -> Option<Item> {
        let qty = self.qty(row);
        let cell = row.cell(Column::Product);
        let found = match cell.was {
            Was::NoValue => Err((Matter::UnknownProduct, NO_VALUE.to_owned())),
            _ => product(&cell.text, customer.map(|customer| &customer.details), &self.catalogue)
                .map(|product| (product.id, product.name.clone())),
        };
        match found {
            Ok((product_id, name)) => qty.map(|qty| Item { product_id, name, qty }),
            Err((matter, say)) => {
                self.tell(row, Column::Product, matter, say);
                None
            }
        }
    }

    fn qty(&mut self, row: &Row) -> Option<i64> {
        let cell = row.cell(Column::Qty);
        let narrow = text::narrow(&cell.text);
        let digits = text::trim(narrow.trim_end_matches(['支', '桶', '瓶', '個', '件']));
        let say = match digits.parse::<f64>() {
            _ if cell.was == Was::NoValue => NO_VALUE,
            _ if cell.text.is_empty() => "沒有寫數量。",
            Err(_) => "數量要寫成數字。",
            Ok(number) if !number.is_finite() => "數量要寫成數字。",
            Ok(number) if number.fract() != 0.0 => "數量要是整數。",
            Ok(number) if !(1.0..=take::MOST_PIECES as f64).contains(&number) => "數量要在 1 到 100 之間。",
            Ok(number) => return Some(number as i64),
        };
        self.tell(row, Column::Qty, Matter::BadQty, say);
        None
    }
}

const NO_VALUE: &str = "這格的公式沒有結果，請在 Excel 重算後存檔。";

/// The product `typed` names: by code, by a size alone (which is the customer's own kind of it), or by its name.
pub fn product<'a>(typed: &str, details: Option<&Details>, catalogue: &'a [Product]) -> Result<&'a Product, (Matter, String)> {
    let tight = read::heading(whole(typed));
    if tight.is_empty() {
        return Err((Matter::UnknownProduct, "沒有寫產品。".to_owned()));
    }
    let is_named = |product: &&Product| read::heading(&product.name) == tight;
    let by_code = catalogue.iter().find(|product| read::heading(&product.code) == tight);
    let by_size = || {
        size_of(&tight).and_then(|size| match details {
            Some(details) => usual::product_of_size(details, catalogue, size),
            None => catalogue.iter().find(|product| product.is_active && product.size_kg() == Some(size)),
        })
    };
    let by_name = || catalogue.iter().filter(is_named).max_by_key(|product| product.is_active);
    match by_code.or_else(by_size).or_else(by_name) {
        Some(product) if product.is_active => Ok(product),
        Some(product) => Err((Matter::StoppedProduct, format!("{} 已經停賣。", product.name))),
        None => Err((Matter::UnknownProduct, "沒有這種產品，請照價目表上的名稱寫。".to_owned())),
    }
}

/// `20`, `20KG`, `20公斤` and nothing else.
fn size_of(tight: &str) -> Option<i64> {
    let digits = tight.strip_suffix("KG").or_else(|| tight.strip_suffix("公斤")).unwrap_or(tight);
    let is_number = (1..=2).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

/// A whole number a spreadsheet wrote as 20.0.
fn whole(typed: &str) -> &str {
    match typed.strip_suffix(".0") {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => digits,
        _ => typed,
    }
}
