//! An order as a program tells it: JSON in the database's names, read over what stands already.

use serde_json::Value;

use crate::customers::{Customer, Details};
use crate::error::{Error, Problem, Result};
use crate::orders::{DeliveredLine, NewLine, NewOrder, Order, Origin, Payment, slot};
use crate::settings::Settings;
use crate::ui::FormReader;
use crate::values::{Day, Grams, Ntd, ProductId, Stamp, Window};

/// Longest texts (business §24, and the columns).
pub const NOTES: usize = 500;
pub const ADDRESS: usize = 500;
pub const CONTACT_NAME: usize = 100;
pub const CONTACT_PHONE: usize = 40;
pub const SURCHARGE_LABEL: usize = 40;
/// How a form is known when it is sent twice.
const FORM_KEY: std::ops::RangeInclusive<usize> = 8..=64;

impl NewOrder {
    /// What `customer` gets who says nothing more: no line yet, on the default day, paid as usual.
    pub fn blank(customer: &Customer, now: Stamp, settings: &Settings) -> NewOrder {
        let Details { payment_terms, .. } = &customer.details;
        let scheduled_on = slot::default_day_of(&customer.details, now, settings);
        NewOrder {
            customer_id: customer.id,
            origin: if customer.is_walk_in { Origin::WalkIn } else { Origin::Phone },
            scheduled_on,
            window: slot::default_window(&customer.details, scheduled_on, now),
            delivery_address: None,
            contact_name: None,
            contact_phone: None,
            is_urgent: false,
            notes: None,
            lines: Vec::new(),
            surcharge: Ntd(0),
            surcharge_label: None,
            payment: if customer.is_walk_in { Payment::Cash } else { Payment::usual(*payment_terms) },
            form_key: None,
            copied_from: None,
            template_id: None,
            order_import_id: None,
        }
    }

    /// What `order` says now, to be changed.
    pub fn of(order: &Order) -> NewOrder {
        let line = |line: &super::Line| NewLine {
            product_id: line.product_id,
            qty: line.qty,
            unit_price: line.unit_price,
            discount_percent: line.discount_percent,
        };
        NewOrder {
            customer_id: order.customer_id,
            origin: order.origin,
            scheduled_on: order.scheduled_on,
            window: order.window,
            delivery_address: order.delivery_address.clone(),
            contact_name: order.contact_name.clone(),
            contact_phone: order.contact_phone.clone(),
            is_urgent: order.is_urgent,
            notes: order.notes.clone(),
            lines: order.lines.iter().map(line).collect(),
            surcharge: order.totals.surcharge,
            surcharge_label: order.surcharge_label.clone(),
            payment: order.payment,
            form_key: None,
            copied_from: order.copied_from,
            template_id: order.template_id,
            order_import_id: order.order_import_id,
        }
    }

    /// Lays over it what `form` names, under the database's names. All problems are told at once.
    pub fn overlay(&mut self, mut form: FormReader) -> Result<()> {
        if form.has("scheduled_on") {
            let day = form.parsed("scheduled_on", "日期要寫成 2025-05-28。", |text| text.parse::<Day>().ok());
            set(&mut form, "scheduled_on", "請寫配送日期。", day, &mut self.scheduled_on);
        }
        if form.has("window_start") || form.has("window_end") {
            let end = |name: &str, now: String| if form.has(name) { form.text(name) } else { now };
            match Window::between(&end("window_start", self.window.start()), &end("window_end", self.window.end())) {
                Some(window) => self.window = window,
                None => form.problem("window_start", "時段要從早到晚，例如 09:00 到 11:00。"),
            }
        }
        let mut text = |name: &'static str, most: usize, into: &mut Option<String>| {
            if form.has(name) {
                *into = form.optional(name, most);
            }
        };
        text("delivery_address", ADDRESS, &mut self.delivery_address);
        text("contact_name", CONTACT_NAME, &mut self.contact_name);
        text("contact_phone", CONTACT_PHONE, &mut self.contact_phone);
        text("notes", NOTES, &mut self.notes);
        text("surcharge_label", SURCHARGE_LABEL, &mut self.surcharge_label);
        if form.has("is_urgent") {
            self.is_urgent = form.checked("is_urgent");
        }
        if form.has("surcharge_ntd") {
            let surcharge = form.parsed("surcharge_ntd", "加價要在 0 到 9,999,999 之間。", Ntd::parse);
            set(&mut form, "surcharge_ntd", "加價要寫金額。", surcharge, &mut self.surcharge);
        }
        if form.has("payment_method") {
            let payment = form.parsed("payment_method", "沒有這種付款方式。", Payment::from_word);
            set(&mut form, "payment_method", "請寫付款方式。", payment, &mut self.payment);
        }
        if let Some(lines) = form.value("lines").cloned() {
            match lines.as_array() {
                Some(lines) => self.lines = lines.iter().zip(1..).filter_map(|(line, no)| line_of(&mut form, line, no)).collect(),
                None => form.problem("lines", "lines 要是一串品項。"),
            }
        }
        form.check()
    }
}

/// A field that may not be emptied; what is wrong with its text is told already.
fn set<T>(form: &mut FormReader, name: &'static str, missing: &'static str, value: Option<T>, into: &mut T) {
    match value {
        Some(value) => *into = value,
        None if form.text(name).is_empty() => form.problem(name, missing),
        None => {}
    }
}

/// `{"product_id": 2, "qty": 1}`, with `unit_price_ntd` and `discount_percent` where they are given.
fn line_of(form: &mut FormReader, line: &Value, no: usize) -> Option<NewLine> {
    let field = |name: &str| format!("lines.{no}.{name}");
    let mut whole = |name: &str, default: Option<i64>| match &line[name] {
        Value::Null => default,
        value => value.as_i64().filter(|number| (-1_000_000_000..=1_000_000_000).contains(number)).or_else(|| {
            form.problem(field(name), "要寫整數。");
            None
        }),
    };
    let unit_price = whole("unit_price_ntd", None).map(Ntd);
    let (product_id, qty, discount_percent) = (whole("product_id", Some(0))?, whole("qty", Some(0))?, whole("discount_percent", Some(0))?);
    Some(NewLine { product_id: ProductId(product_id), qty, unit_price, discount_percent })
}

/// What was left of each line: `{"qty_delivered": 2, "empties_returned": 2, "residual_g": 0}`.
pub fn delivered_lines(body: &mut FormReader) -> Vec<DeliveredLine> {
    let lines = body.value("lines").and_then(Value::as_array).cloned().unwrap_or_default();
    (1..).zip(&lines).map(|(no, line)| delivered_line(body, no, line)).collect()
}

fn delivered_line(body: &mut FormReader, no: usize, line: &Value) -> DeliveredLine {
    let mut whole = |name: &str, default: Option<i64>| {
        let number = if line[name].is_null() { default } else { line[name].as_i64() };
        number.unwrap_or_else(|| {
            body.problem(format!("lines.{no}.{name}"), "要寫整數。");
            0
        })
    };
    DeliveredLine {
        qty: whole("qty_delivered", None),
        empties: whole("empties_returned", None),
        residual: Grams(whole("residual_g", Some(0))),
    }
}

/// The key of a form sent by a program, from the body or the `Idempotency-Key` header.
pub fn form_key(key: Option<&str>) -> Result<Option<String>> {
    match key.map(str::trim).filter(|key| !key.is_empty()) {
        None => Ok(None),
        Some(key) if FORM_KEY.contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Some(key.to_owned())),
        Some(_) => Err(Error::invalid("form_key", "form_key 要是 8 到 64 個英文字母或數字。")),
    }
}

/// The problems of taking an order under the names JSON knows the fields by.
pub fn in_json_names(error: Error) -> Error {
    let named = |Problem { field, say }| {
        let field = match field.as_ref() {
            "customer" => "customer_id".into(),
            "day" => "scheduled_on".into(),
            "payment" => "payment_method".into(),
            "surcharge" => "surcharge_ntd".into(),
            "driver" => "driver_id".into(),
            "address" => "delivery_address".into(),
            "window" => "window_start".into(),
            "urgent" => "is_urgent".into(),
            _ => field,
        };
        Problem { field, say }
    };
    match error {
        Error::Invalid(problems) => Error::Invalid(problems.into_iter().map(named).collect()),
        error => error,
    }
}
