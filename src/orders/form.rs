//! The form of a new order: what stands in it before anything is typed, and what it says when it comes back.

use std::borrow::Cow;

use crate::customers::Details;
use crate::error::{Problem, Result};
use crate::http::Request;
use crate::orders::change::Scope;
use crate::orders::desk::Desk;
use crate::orders::read::{ADDRESS, CONTACT_NAME, NOTES, SURCHARGE_LABEL, form_key};
use crate::orders::{NewLine, NewOrder, Order, Origin, Payment, slot, take};
use crate::products::{PriceList, Product};
use crate::settings::Settings;
use crate::ui::{FormReader, Typed};
use crate::users::session;
use crate::values::phone::Phone;
use crate::values::roc::parse_near;
use crate::values::text;
use crate::values::{Day, Ntd, ProductId, Window};

/// The radio that means what is typed beside it.
pub const OTHER: &str = "other";
/// How passers-by get it: over the counter now, or brought.
pub const COUNTER: &str = "counter";
pub const BRING: &str = "bring";

/// What a surcharge is called that urgency costs.
const URGENT: &str = "急件";

/// One row of the form as it was typed; a row nobody has filled in is blank.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Row<'a> {
    pub product: &'a str,
    pub qty: &'a str,
    pub discount: &'a str,
    pub price: &'a str,
}

impl Row<'_> {
    /// Neither filled in nor to be kept: a count of 0 takes a line off.
    fn is_off(self) -> bool {
        let qty = text::narrow(self.qty);
        (self.product.is_empty() && qty.is_empty()) || (!qty.is_empty() && qty.bytes().all(|byte| byte == b'0'))
    }

    pub fn product_id(self) -> Option<ProductId> {
        self.product.parse().ok()
    }

    /// Pieces, when they can be read.
    fn pieces(self) -> Option<i64> {
        number(self.qty).filter(|qty| (1..=take::MOST_PIECES).contains(qty))
    }

    /// The line of it as far as it can be read: for the sums that follow what is typed.
    pub fn line(self) -> Option<NewLine> {
        Some(NewLine {
            product_id: self.product_id()?,
            qty: self.pieces()?,
            unit_price: Ntd::parse(self.price),
            discount_percent: number(self.discount).filter(|percent| (0..=100).contains(percent)).unwrap_or(0),
        })
    }
}

/// A whole number of up to four digits, full width or half.
fn number(typed: &str) -> Option<i64> {
    let digits = text::narrow(text::trim(typed));
    let is_number = (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

/// The rows of `typed`, blank ones too.
pub fn rows(typed: &Typed) -> Vec<Row<'_>> {
    let column = |name: &'static str| typed.all(name).map(text::trim).collect::<Vec<_>>();
    let (products, qtys, discounts, prices) = (column("product"), column("qty"), column("discount"), column("price"));
    fn at<'a>(column: &[&'a str], row: usize) -> &'a str {
        column.get(row).copied().unwrap_or_default()
    }
    let row = |row| Row { product: at(&products, row), qty: at(&qtys, row), discount: at(&discounts, row), price: at(&prices, row) };
    (0..products.len().max(qtys.len())).map(row).collect()
}

// Before anything is typed.

/// The usual, or what the link asks for: `lines` (`C20*2,C50*1`), `date`, `window`, `payment`, `notes`, `is_urgent`,
/// `origin` and `back`.
pub fn prefilled(desk: &Desk, req: &Request, settings: &Settings) -> Result<Typed> {
    let mut typed = Typed::default();
    typed.push("customer", desk.customer.id.to_string());
    typed.push("form_key", session::new_token()?);
    for name in ["origin", "back", "notes", "is_urgent"] {
        if let Some(value) = req.query(name) {
            typed.push(name, value);
        }
    }
    let asked = req.query("lines").map(|lines| asked_lines(lines, &desk.catalogue));
    let usual = || desk.usual.iter().flat_map(|usual| usual.items.clone()).collect();
    for (product, qty) in asked.unwrap_or_else(usual) {
        if desk.product(product).is_some_and(|product| product.is_active) {
            typed.push("product", product.to_string());
            typed.push("qty", qty.to_string());
            typed.push("discount", "");
            typed.push("price", "");
        }
    }

    let today = desk.now.day();
    let day = req
        .query("date")
        .and_then(|date| date.parse().ok())
        .unwrap_or_else(|| slot::default_day_of(&desk.customer.details, desk.now, settings));
    if offered_days(today).contains(&day) {
        typed.push("day", day.to_string());
    } else {
        typed.push("day", OTHER);
        typed.push("day_text", spoken(day));
    }
    let window = req.query("window").and_then(|window| window.parse().ok()).unwrap_or_else(|| desk.default_window(day));
    if desk.windows(day).contains(&window) {
        typed.push("window", window_word(window));
    } else {
        typed.push("window", OTHER);
        typed.push("window_text", window.to_string());
    }
    let usual = if desk.customer.is_walk_in { Payment::Cash } else { Payment::usual(desk.customer.details.payment_terms) };
    typed.push("payment", req.query("payment").and_then(Payment::from_word).unwrap_or(usual).word());
    if desk.customer.is_walk_in {
        typed.push("handover", COUNTER);
    }
    Ok(typed)
}

/// The days that stand there to be chosen; any other is typed.
pub fn offered_days(today: Day) -> [Day; 2] {
    [today, today.plus(1)]
}

/// `5/30`, as a day is typed.
pub fn spoken(day: Day) -> String {
    format!("{}/{}", day.month().month(), day.day_of_month())
}

/// `09:00-11:00`, as the form sends a window.
pub fn window_word(window: Window) -> String {
    format!("{}-{}", window.start(), window.end())
}

/// `C20*2,C50*1`: what a link asks for. What is not understood is left out, and the clerk sees it missing.
fn asked_lines(lines: &str, catalogue: &[Product]) -> Vec<(ProductId, i64)> {
    let one = |item: &str| {
        let (code, qty) = item.rsplit_once(['*', '×'])?;
        let product = catalogue.iter().find(|product| product.code == code.trim())?;
        Some((product.id, number(qty)?))
    };
    lines.split(',').filter_map(one).collect()
}

// When it comes back.

/// What a form says. With problems, `new` carries what could be read and the defaults for the rest, so that
/// everything else that is wrong can be told in the same answer.
pub struct Read {
    pub new: NewOrder,
    /// The row each line of `new` stands in, from 1.
    rows: Vec<usize>,
    /// `None` when it could not be read.
    pub day: Option<Day>,
    pub window: Option<Window>,
    /// In the fields of the form: `lines.N` is row N.
    pub problems: Vec<Problem>,
    pub is_over_the_counter: bool,
}

impl Read {
    /// Adds what taking the order would refuse; of each field the first problem is told.
    pub fn add_refusals(&mut self, refusals: Vec<Problem>) {
        let is_row_wrong = self.problems.iter().any(|problem| problem.field.starts_with("lines"));
        for mut refusal in refusals {
            if let Some(line) = refusal.field.strip_prefix("lines.").and_then(|no| no.parse::<usize>().ok()) {
                refusal.field = format!("lines.{}", self.rows.get(line.saturating_sub(1)).unwrap_or(&line)).into();
            }
            let is_told = self.problems.iter().any(|problem| problem.field == refusal.field);
            let is_about_lines_left_out = refusal.field == "lines" && is_row_wrong;
            if !is_told && !is_about_lines_left_out {
                self.problems.push(refusal);
            }
        }
    }
}

/// Reads `typed` for the customer of `desk`. Nothing of it is refused for what it means: that is [`take::check`].
pub fn read(typed: &Typed, desk: &Desk, settings: &Settings) -> Read {
    let mut form = FormReader::of(typed);
    let is_walk_in = desk.customer.is_walk_in;
    let is_over_the_counter = is_walk_in && form.text("handover") != BRING;

    let (lines, rows) = read_lines(typed, &mut form);
    let (day, window) = if is_over_the_counter { now_of(desk) } else { (read_day(&mut form, desk), read_window(&mut form)) };
    let mut new = NewOrder::blank(&desk.customer, desk.now, settings);
    new.lines = lines;
    new.scheduled_on = day.unwrap_or(new.scheduled_on);
    new.window = window.unwrap_or(new.window);
    new.payment = form.parsed("payment", "沒有這種付款。", Payment::from_word).unwrap_or(new.payment);
    new.is_urgent = form.checked("is_urgent");
    let asked = if new.is_urgent { settings.urgent_surcharge } else { Ntd(0) };
    new.surcharge = form.parsed("surcharge", "加價要是整數，例如 200。", Ntd::parse).unwrap_or(asked);
    let urgent_label = (new.is_urgent && new.surcharge != Ntd(0)).then(|| URGENT.to_owned());
    new.surcharge_label = form.optional("surcharge_label", SURCHARGE_LABEL).or(urgent_label);
    new.notes = form.optional("notes", NOTES);
    new.form_key = form_key(Some(&form.text("form_key"))).unwrap_or_default();
    if !is_walk_in && Origin::from_word(&form.text("origin")) == Some(Origin::Planned) {
        new.origin = Origin::Planned;
    }
    if is_walk_in && !is_over_the_counter {
        new.contact_name = form.optional("contact_name", CONTACT_NAME);
        new.delivery_address = Some(form.need("delivery_address", ADDRESS, "要送過去，請填地址。")).filter(|address| !address.is_empty());
        new.contact_phone = read_phone(&mut form, &settings.area_code);
    }
    let problems = form.into_problems();
    Read { new, rows, day, window, problems, is_over_the_counter }
}

/// The same for `order`, which is changed: only what its form asks where the order stands; the rest is as it is.
pub fn read_over(typed: &Typed, order: &Order, desk: &Desk, settings: &Settings) -> Read {
    let mut form = FormReader::of(typed);
    let scope = Scope::of(order.status);
    let mut new = NewOrder::of(order);
    let (mut rows, mut day, mut window) = (Vec::new(), Some(order.scheduled_on), Some(order.window));
    if form.text("notes") != in_one_line(&order.notes) {
        new.notes = form.optional("notes", NOTES);
    }
    if scope != Scope::Notes {
        (new.lines, rows) = read_lines(typed, &mut form);
        (day, window) = (read_day(&mut form, desk), read_window(&mut form));
        new.scheduled_on = day.unwrap_or(new.scheduled_on);
        new.window = window.unwrap_or(new.window);
    }
    if scope == Scope::Everything {
        new.payment = form.parsed("payment", "沒有這種付款。", Payment::from_word).unwrap_or(new.payment);
        new.is_urgent = form.checked("is_urgent");
        (new.surcharge, new.surcharge_label) = surcharge_over(&mut form, order, new.is_urgent, settings);
        new.contact_name = form.optional("contact_name", CONTACT_NAME);
        if form.text("delivery_address") != in_one_line(&order.delivery_address) {
            new.delivery_address = form.optional("delivery_address", ADDRESS);
        }
        if form.text("contact_phone") != order.contact_phone.as_deref().unwrap_or_default() {
            new.contact_phone = read_phone(&mut form, &settings.area_code);
        }
    }
    let problems = form.into_problems();
    Read { new, rows, day, window, problems, is_over_the_counter: false }
}

/// What a field of one line makes of `text`.
fn in_one_line(text: &Option<String>) -> String {
    text::trim(&text.as_deref().unwrap_or_default().replace(['\n', '\r'], "")).to_owned()
}

/// An order that has become urgent costs what urgency costs, and one that is so no more does not, unless somebody has
/// written another amount.
fn surcharge_over(form: &mut FormReader, order: &Order, is_urgent: bool, settings: &Settings) -> (Ntd, Option<String>) {
    let typed = form.parsed("surcharge", "加價要是整數，例如 200。", Ntd::parse);
    let label = form.optional("surcharge_label", SURCHARGE_LABEL);
    let is_as_it_was = typed.unwrap_or_default() == order.totals.surcharge && label == order.surcharge_label;
    match (order.is_urgent, is_urgent) {
        (true, false) if is_as_it_was && label.as_deref() == Some(URGENT) => (Ntd(0), None),
        (false, true) if typed.is_none() && settings.urgent_surcharge != Ntd(0) => {
            (settings.urgent_surcharge, label.or_else(|| Some(URGENT.to_owned())))
        }
        _ => (typed.unwrap_or_default(), label),
    }
}

/// The lines of `typed` with the row each stands in, from 1; what cannot be read of one is a problem at `lines.N`.
pub fn read_lines(typed: &Typed, form: &mut FormReader) -> (Vec<NewLine>, Vec<usize>) {
    let (mut lines, mut places) = (Vec::new(), Vec::new());
    for (no, row) in (1..).zip(rows(typed)).filter(|(_, row)| !row.is_off()) {
        let field = format!("lines.{no}");
        let discount = if row.discount.is_empty() { Some(0) } else { number(row.discount).filter(|percent| *percent <= 100) };
        let price = if row.price.is_empty() { Some(None) } else { Ntd::parse(row.price).map(Some) };
        match (row.product_id(), row.pieces(), discount, price) {
            (Some(product_id), Some(qty), Some(discount_percent), Some(unit_price)) => {
                lines.push(NewLine { product_id, qty, unit_price, discount_percent });
                places.push(no);
            }
            (None, ..) => form.problem(field, "這一行還沒選規格。"),
            (_, None, ..) => form.problem(field, "數量要在 1 到 100 之間。"),
            (_, _, None, _) => form.problem(field, "折扣要在 0 到 100 之間。"),
            (.., None) => form.problem(field, "單價要在 0 到 9,999,999 之間。"),
        }
    }
    (lines, places)
}

fn read_day(form: &mut FormReader, desk: &Desk) -> Option<Day> {
    let today = desk.now.day();
    let (chosen, written) = (form.text("day"), form.text("day_text"));
    let typed = (!written.is_empty()).then(|| parse_near(&written, today));
    let say: Cow<'static, str> = match (chosen.parse::<Day>().ok(), typed) {
        (Some(day), None) => return Some(day),
        (Some(day), Some(Ok(typed))) if day == typed => return Some(day),
        // Without script nothing clears the field when another day is chosen.
        (Some(day), Some(_)) => format!("選了 {}，又寫了 {written}，請留一個。", day.short()).into(),
        (None, Some(Ok(day))) => return Some(day),
        (None, Some(Err(say))) => say.into(),
        (None, None) => "請填日期，例如 5/30。".into(),
    };
    form.problem("day", say);
    None
}

fn read_window(form: &mut FormReader) -> Option<Window> {
    let (chosen, written) = (form.text("window"), form.text("window_text"));
    let typed = (!written.is_empty()).then(|| written.parse::<Window>());
    let say: Cow<'static, str> = match (chosen.parse::<Window>().ok(), typed) {
        (Some(window), None) => return Some(window),
        (Some(window), Some(Ok(typed))) if window == typed => return Some(window),
        (Some(window), Some(_)) => format!("選了 {window}，又寫了 {written}，請留一個。").into(),
        (None, Some(Ok(window))) => return Some(window),
        (None, Some(Err(()))) => "看不懂這個時段，請寫成 9-11 或 14:30-16。".into(),
        (None, None) => "請填時段，例如 9-11。".into(),
    };
    form.problem("window", say);
    None
}

/// A sale over the counter is of this hour.
fn now_of(desk: &Desk) -> (Option<Day>, Option<Window>) {
    let hour = desk.now.hour();
    (Some(desk.now.day()), Window::hours(hour, hour + 1))
}

/// The number in `contact_phone` as people write it; `None` when there is none, or none that can be dialled.
pub fn read_phone(form: &mut FormReader, area_code: &str) -> Option<String> {
    let typed = form.text("contact_phone");
    if typed.is_empty() {
        return None;
    }
    match Phone::parse(&typed, area_code) {
        Ok(phone) => Some(phone.to_string()),
        Err(problem) => {
            form.problem("contact_phone", problem.say());
            None
        }
    }
}

/// What a row comes to, as far as one can say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowSum {
    /// What the price list says.
    pub list: Option<Ntd>,
    pub amount: Option<Ntd>,
    /// Charged by its meter.
    pub is_metered: bool,
    /// The price list says nothing of it, and must.
    pub is_unpriced: bool,
    /// And nobody has given a price for this once.
    pub needs_price: bool,
    pub name: Option<String>,
    pub qty: Option<i64>,
}

/// What `row` comes to at the prices of its day.
pub fn row_sum(row: Row, catalogue: &[Product], prices: &PriceList) -> RowSum {
    let Some(product) = row.product_id().and_then(|id| catalogue.iter().find(|product| product.id == id)) else {
        return RowSum::default();
    };
    let list = prices.of(product.id).map(|price| price.unit);
    let unit = Ntd::parse(row.price).or(list);
    let is_unpriced = list.is_none() && !product.is_metered();
    let amount = row.line().filter(|_| unit.is_some()).map(|line| take::priced_line(&line, product, prices).amount);
    RowSum {
        list,
        amount,
        is_metered: product.is_metered(),
        is_unpriced,
        needs_price: is_unpriced && unit.is_none(),
        name: Some(product.name.clone()),
        qty: row.pieces(),
    }
}

/// The address an order goes to, in one line for the head of the form.
pub fn place_line(details: &Details) -> String {
    let phone = details.phones.first().map(|number| number.phone.to_string());
    let parts = [phone, details.area.clone(), details.address.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join("　")
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::values::product::{Family, Method};

    fn typed(rows: &[(&str, &str)]) -> Typed {
        let mut typed = Typed::default();
        for (product, qty) in rows {
            typed.push("product", *product);
            typed.push("qty", *qty);
        }
        typed
    }

    #[test]
    fn a_row_is_off_when_blank_or_counted_to_nothing() {
        let cases = [
            (("", ""), true, None),
            (("2", "0"), true, None),
            (("2", "００"), true, None),
            (("2", ""), false, None),
            (("", "1"), false, None),
            (("2", "1"), false, Some(1)),
            (("2", "１００"), false, Some(100)),
            (("2", "101"), false, None),
            (("2", "-1"), false, None),
            (("2", "1.5"), false, None),
            (("x", "1"), false, None),
        ];
        for (row, is_off, qty) in cases {
            let typed = typed(&[row]);
            let read = rows(&typed)[0];
            assert_eq!((read.is_off(), read.line().map(|line| line.qty)), (is_off, qty), "{row:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_in_the_row_it_stands_in() {
        let typed = typed(&[("2", "0"), ("", ""), ("2", "1"), ("", "3"), ("2", "x"), ("3", "5")]);
        let mut form = FormReader::of(&typed);
        let (lines, places) = read_lines(&typed, &mut form);
        let fields: Vec<_> = form.into_problems().into_iter().map(|problem| problem.field).collect();
        assert_eq!((lines.len(), places), (2, vec![3, 6]));
        assert_eq!(fields, ["lines.4", "lines.5"]);
    }

    #[test]
    fn a_link_names_products_by_their_code() {
        let catalogue =
            [(1, "C50"), (2, "C20"), (3, "A-1*2")].map(|(id, code)| Product::cylinder(id, code, Method::Cylinder, Family::Regular, 20));
        let cases: [(&str, &[(i64, i64)]); 6] = [
            ("C20*2", &[(2, 2)]),
            ("C50*1,C20*12", &[(1, 1), (2, 12)]),
            ("C20×3", &[(2, 3)]),
            ("A-1*2*4", &[(3, 4)]),
            ("C99*1,C20*2,C50", &[(2, 2)]),
            ("", &[]),
        ];
        for (link, want) in cases {
            let want: Vec<_> = want.iter().map(|(id, qty)| (ProductId(*id), *qty)).collect();
            assert_eq!(asked_lines(link, &catalogue), want, "{link}");
        }
    }
}
