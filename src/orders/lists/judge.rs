//! What the rows of a list come to: orders as they would be made, and what is to be said of each row. Reads only.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use crate::customers::{self, Customer, Details};
use crate::error::Result;
use crate::imports::read;
use crate::orders::lists::file::{Cell, ListFile, Row, Was};
use crate::orders::lists::store;
use crate::orders::lists::{Column, Matter, Told};
use crate::orders::warnings::{Facts, Wanted, Warning, warnings};
use crate::orders::{self, Actor, Line, NewLine, NewOrder, Order, Origin, Payment, Status, slot, take, usual};
use crate::products::{self, Product};
use crate::settings::Settings;
use crate::settings::holidays::Calendar;
use crate::values::phone::Phone;
use crate::values::{CustomerCode, CustomerId, Day, Ntd, OrderId, OrderImportId, ProductId, Stamp, Window, roc, text};

/// Of a cell so much is shown beside what is wrong with it.
const SHOWN: usize = 60;
const LONGEST_NOTES: usize = 500;

/// A list, judged at one moment.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// In the order of the list; each could be made as it stands.
    pub orders: Vec<Draft>,
    /// By row.
    pub told: Vec<Told>,
}

/// An order as it would be made.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Which rows it is made of.
    pub rows: Vec<u32>,
    pub customer_id: CustomerId,
    pub customer_code: String,
    pub customer_name: String,
    pub scheduled_on: Day,
    pub window: Window,
    pub notes: Option<String>,
    /// As the list gives it; else the customer's own is copied.
    pub contact_phone: Option<String>,
    pub payment: Payment,
    pub items: Vec<Item>,
    /// At the prices of its day, as far as they are known.
    pub total: Ntd,
    /// Some of it a meter counts.
    pub is_metered: bool,
    /// An order that is there already and says the same.
    pub same: Option<Order>,
    /// What the order is known again by, when the list comes a second time.
    key: String,
}

/// One line of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    pub product_id: ProductId,
    pub name: String,
    pub qty: i64,
}

impl Judged {
    /// Those that are not there yet.
    pub fn fresh(&self) -> impl Iterator<Item = &Draft> {
        self.orders.iter().filter(|draft| draft.same.is_none())
    }

    /// How many rows are not taken.
    pub fn rows_refused(&self) -> usize {
        self.told.iter().filter(|told| told.matter.is_refusal()).map(|told| told.row).collect::<HashSet<_>>().len()
    }

    /// What stands in the form that confirms: the same only while the same orders would be made at the same prices.
    pub fn seal(&self) -> String {
        let orders: Vec<String> = self
            .orders
            .iter()
            .map(|draft| {
                format!("{:?} {} {:?} {} {:?}", draft.rows, draft.key, draft.window, draft.total, draft.same.as_ref().map(|same| same.id))
            })
            .collect();
        hex(&orders.join("\n"))
    }
}

impl Draft {
    /// `50KG × 2、20KG × 1`.
    pub fn items_text(&self) -> String {
        self.items.iter().map(|item| format!("{} × {}", item.name, item.qty)).collect::<Vec<_>>().join("、")
    }

    /// As an order of list `of`, the `nth` that is made of the same words.
    pub fn order(&self, of: Option<OrderImportId>, nth: i64) -> NewOrder {
        NewOrder {
            customer_id: self.customer_id,
            origin: Origin::Import,
            scheduled_on: self.scheduled_on,
            window: self.window,
            delivery_address: None,
            contact_name: None,
            contact_phone: self.contact_phone.clone(),
            is_urgent: false,
            notes: self.notes.clone(),
            lines: self.items.iter().map(|item| NewLine::of(item.product_id, item.qty)).collect(),
            surcharge: Ntd(0),
            surcharge_label: None,
            payment: self.payment,
            form_key: Some(format!("{}{nth}", self.form_keys())),
            copied_from: None,
            template_id: None,
            order_import_id: of,
        }
    }

    /// Whether `order`, which is of the same customer and day, promises the same.
    fn is_said_by(&self, order: &Order) -> bool {
        let mut here: Vec<_> = self.items.iter().map(|item| (item.product_id, item.qty)).collect();
        let mut there: Vec<_> = order.lines.iter().map(|line| (line.product_id, line.qty)).collect();
        here.sort_unstable();
        there.sort_unstable();
        (self.window, &self.notes, here) == (order.window, &order.notes, there)
    }

    /// What the form keys of all orders made of these words begin with.
    pub fn form_keys(&self) -> String {
        form_keys(&self.key)
    }
}

fn form_keys(key: &str) -> String {
    format!("list-{key}-")
}

/// Judges `file` as things stand in `conn`, for `actor` to bring in.
pub fn judge(conn: &Connection, file: &ListFile, settings: &Settings, actor: Actor) -> Result<Judged> {
    let mut judge = Judge {
        conn,
        settings,
        actor,
        now: actor.by.at,
        catalogue: products::store::catalogue(conn)?,
        calendar: Calendar::load(conn)?,
        customers: HashMap::new(),
        told: Vec::new(),
    };
    let mut groups: Vec<Group> = Vec::new();
    let mut is_open = false;
    for row in &file.rows {
        if row.cell(Column::Status).text == Status::Cancelled.label() {
            judge.tell(row, Column::Status, Matter::Cancelled, "這張單已經取消過，不再開。");
            continue;
        }
        let (customer, head) = judge.head(row)?;
        let item = judge.item(row, customer.as_deref());
        let Some(head) = head else {
            is_open = false;
            continue;
        };
        match groups.last_mut().filter(|group| is_open && group.head == head) {
            Some(group) => group.add(row.no, item),
            None => groups.push(Group::new(head, row.no, item)),
        }
        is_open = true;
    }
    let mut orders: Vec<Draft> = Vec::new();
    let mut used = HashSet::new();
    for group in groups {
        let draft = judge.draft(group, &orders, &mut used)?;
        orders.extend(draft);
    }
    let mut told = judge.told;
    told.sort_by_key(|told| told.row);
    Ok(Judged { orders, told })
}

/// What makes neighbouring rows one order.
struct Head {
    customer: Rc<Customer>,
    contact_phone: Option<String>,
    day: Day,
    /// As written; blank is the customer's own.
    window: Option<Window>,
    notes: Option<String>,
    number: String,
}

impl PartialEq for Head {
    fn eq(&self, other: &Head) -> bool {
        let words = |head: &Head| (head.customer.id, head.day, head.window);
        words(self) == words(other) && self.notes == other.notes && self.number == other.number
    }
}

struct Group {
    head: Head,
    rows: Vec<u32>,
    items: Vec<Item>,
    /// The first row whose product or quantity cannot be used.
    bad: Option<u32>,
    has_good: Vec<u32>,
}

impl Group {
    fn new(head: Head, row: u32, item: Option<Item>) -> Group {
        let mut group = Group { head, rows: Vec::new(), items: Vec::new(), bad: None, has_good: Vec::new() };
        group.add(row, item);
        group
    }

    fn add(&mut self, row: u32, item: Option<Item>) {
        self.rows.push(row);
        match item {
            Some(item) => {
                self.items.push(item);
                self.has_good.push(row);
            }
            None => self.bad = self.bad.or(Some(row)),
        }
    }
}

struct Judge<'a> {
    conn: &'a Connection,
    settings: &'a Settings,
    actor: Actor,
    now: Stamp,
    catalogue: Vec<Product>,
    calendar: Calendar,
    /// Each is read once, however many rows it has.
    customers: HashMap<CustomerId, Rc<Customer>>,
    told: Vec<Told>,
}

impl Judge<'_> {
    fn tell(&mut self, row: &Row, column: Column, matter: Matter, say: impl Into<String>) {
        let value = shown(&row.cell(column).text);
        self.told.push(Told { row: row.no, column: Some(column), value, matter, say: say.into() });
    }

    fn tell_rows(&mut self, rows: &[u32], matter: Matter, say: &str) {
        let told = rows.iter().map(|row| Told { row: *row, column: None, value: String::new(), matter, say: say.to_owned() });
        self.told.extend(told);
    }

    /// Who, when and what is said with it. Everything wrong is told; the customer is given even when the rest is not.
    fn head(&mut self, row: &Row) -> Result<(Option<Rc<Customer>>, Option<Head>)> {
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
        Ok((customer, head))
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
        let customer = match self.customers.get(&id) {
            Some(known) => known.clone(),
            None => {
                let customer = Rc::new(customers::store::get(self.conn, id)?);
                self.customers.insert(id, customer.clone());
                customer
            }
        };
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
    fn item(&mut self, row: &Row, customer: Option<&Customer>) -> Option<Item> {
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

    /// A group as an order; `None` when it cannot be one. `used` are the standing orders that earlier groups are.
    fn draft(&mut self, group: Group, earlier: &[Draft], used: &mut HashSet<OrderId>) -> Result<Option<Draft>> {
        let Group { head, rows, items, bad, has_good } = group;
        if let Some(bad) = bad {
            self.tell_rows(&has_good, Matter::Together, &format!("和第 {bad} 列是同一張單，一起不收。"));
            return Ok(None);
        }
        let customer = &head.customer;
        let window = head.window.unwrap_or_else(|| slot::default_window(&customer.details, head.day, self.now));
        let mut draft = Draft {
            key: key(&head, &items),
            rows,
            customer_id: customer.id,
            customer_code: customer.details.customer_code.to_string(),
            customer_name: customer.details.short_name.clone(),
            scheduled_on: head.day,
            window,
            notes: head.notes.clone(),
            contact_phone: head.contact_phone.clone(),
            payment: if customer.is_walk_in { Payment::Cash } else { Payment::usual(customer.details.payment_terms) },
            items,
            total: Ntd(0),
            is_metered: false,
            same: None,
        };
        let new = draft.order(None, 0);
        let (lines, problems) = take::check(self.conn, customer, &new, Status::Pending, self.actor, self.settings)?;
        if let Some(problem) = problems.first() {
            self.tell_rows(&draft.rows, Matter::TooMuch, &problem.say);
            return Ok(None);
        }
        draft.total = take::totals(&lines, Ntd(0), Ntd(0)).total;
        draft.is_metered = lines.iter().any(|line| self.is_metered(line));
        let standing = store::standing_on(self.conn, customer.id, head.day)?;
        let mut same = store::standing_of_words(self.conn, &draft.form_keys())?;
        same.extend(standing.iter().filter(|order| draft.is_said_by(order)).cloned());
        draft.same = same.into_iter().find(|same| !used.contains(&same.id));
        used.extend(draft.same.as_ref().map(|same| same.id));
        if draft.same.is_none() {
            self.look(&draft, &head, &lines, earlier)?;
        }
        Ok(Some(draft))
    }

    /// What a clerk would mind before taking it; none of it stops anything. A list is a plan for days ahead, so when gas
    /// was brought last is not asked.
    fn look(&mut self, draft: &Draft, head: &Head, lines: &[Line], earlier: &[Draft]) -> Result<()> {
        let customer = &head.customer;
        let row = &draft.rows[..1];
        let (day, today) = (draft.scheduled_on, self.now.day());
        let ahead = day.days_since(today);
        if ahead < 0 {
            self.tell_rows(row, Matter::Past, &format!("{} 已經過了。", day.beside(today)));
        } else if self.settings.order_days < ahead {
            self.tell_rows(row, Matter::Far, &format!("{} 還有 {ahead} 天。", day.beside(today)));
        }
        let open = if customer.is_walk_in { Vec::new() } else { orders::store::open_of(self.conn, customer.id)? };
        let (details, calendar) = (&customer.details, &self.calendar);
        let facts = Facts { details, calendar, open: &open, last: None, lasts: None, now: self.now, settings: self.settings };
        let largest_kg = draft.items.iter().filter_map(|item| self.product(item.product_id)?.size_kg()).max();
        for warning in warnings(&facts, &Wanted { day, window: Some(draft.window), largest_kg }) {
            self.tell_rows(row, matter_of(&warning), &warning.say);
        }
        let twin = earlier.iter().rev().find(|other| other.customer_id == draft.customer_id && other.scheduled_on == day);
        match twin.filter(|_| !customer.is_walk_in) {
            Some(twin) if twin.key == draft.key => self.tell_rows(row, Matter::Twice, &format!("和第 {} 列完全一樣。", twin.rows[0])),
            Some(twin) if open.iter().all(|order| order.scheduled_on != day) => {
                self.tell_rows(row, Matter::OpenOrder, &format!("第 {} 列也是這位客戶同一天的單。", twin.rows[0]));
            }
            _ => {}
        }
        let mut products: Vec<ProductId> = draft.items.iter().map(|item| item.product_id).collect();
        products.sort_unstable();
        products.dedup();
        if products.len() < draft.items.len() {
            self.tell_rows(row, Matter::Twice, "同一張單裡，一種產品寫了兩行。");
        }
        let unpriced = lines.iter().filter(|line| line.unit_price.is_none() && !self.is_metered(line));
        let unpriced: Vec<&str> = unpriced.map(|line| line.product_name.as_str()).collect();
        if !unpriced.is_empty() {
            self.tell_rows(row, Matter::NoPrice, &format!("{} 還沒有價格，確認訂單前請經理填。", unpriced.join("、")));
        }
        Ok(())
    }

    fn is_metered(&self, line: &Line) -> bool {
        self.product(line.product_id).is_some_and(Product::is_metered)
    }

    fn product(&self, id: ProductId) -> Option<&Product> {
        self.catalogue.iter().find(|product| product.id == id)
    }
}

/// What a warning of the order form is called here.
fn matter_of(warning: &Warning) -> Matter {
    match warning.key.split(':').next() {
        Some("open") => Matter::OpenOrder,
        Some("closed") => Matter::Closed,
        Some("hours") => Matter::Hours,
        Some("cut-off") => Matter::CutOff,
        Some("vehicle") => Matter::Vehicle,
        _ => Matter::Mind,
    }
}

const NO_VALUE: &str = "這格的公式沒有結果，請在 Excel 重算後存檔。";

/// The product `typed` names: by code, by a size alone (which is the customer's own kind of it), or by its name.
pub(super) fn product<'a>(typed: &str, details: Option<&Details>, catalogue: &'a [Product]) -> Result<&'a Product, (Matter, String)> {
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

/// The words of an order, as the list has them.
fn key(head: &Head, items: &[Item]) -> String {
    let items: Vec<String> = items.iter().map(|item| format!("{}×{}", item.product_id, item.qty)).collect();
    let window = head.window.map_or_else(String::new, |window| window.to_string());
    hex(&format!("{}|{}|{window}|{}|{}", head.customer.id, head.day, items.join(","), head.notes.as_deref().unwrap_or_default()))
}

/// 32 hex digits that stand for `text`.
fn hex(text: &str) -> String {
    Sha256::digest(text.as_bytes())[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn shown(text: &str) -> String {
    if text.chars().count() <= SHOWN { text.to_owned() } else { text.chars().take(SHOWN).chain(['…']).collect() }
}
