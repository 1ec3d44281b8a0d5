//! What the rows of a list come to: orders as they would be made, and what is to be said of each row. Reads only.

mod row;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::Hash;
use std::rc::Rc;

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use crate::customers::Customer;
use crate::error::Result;
use crate::orders::lists::file::{ListFile, Row};
use crate::orders::lists::{Column, Matter, Told, store};
use crate::orders::warnings::{Facts, Wanted, Warning, warnings};
use crate::orders::{self, Actor, Line, NewLine, NewOrder, Order, Origin, Payment, Status, slot, take};
use crate::products::{self, Product};
use crate::settings::Settings;
use crate::settings::holidays::Calendar;
use crate::values::{CustomerId, Day, Ntd, OrderId, OrderImportId, ProductId, Stamp, Window};

use row::Head;
pub use row::product;

/// Of a cell so much is shown beside what is wrong with it.
const SHOWN: usize = 60;

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
        format!("list-{}-", self.key)
    }
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
        open: HashMap::new(),
        standing: HashMap::new(),
        told: Vec::new(),
    };
    let mut groups: Vec<Group> = Vec::new();
    // Whether the last group goes on, and who and when a row was about whose rest cannot be read.
    let (mut is_open, mut torn) = (false, None);
    for row in &file.rows {
        if row.cell(Column::Status).text == Status::Cancelled.label() {
            judge.tell(row, Column::Status, Matter::Cancelled, "這張單已經取消過，不再開。");
            continue;
        }
        let read = judge.head(row)?;
        let item = judge.item(row, read.customer.as_deref());
        let open = groups.last_mut().filter(|_| is_open);
        match (read.head, open) {
            (Some(head), Some(group)) if group.head == head => group.add(row.no, item),
            (Some(head), _) => {
                let mut group = Group::new(head, row.no, item);
                group.bad = group.bad.or(torn.and_then(|(who, row)| (who == group.visit()).then_some(row)));
                groups.push(group);
                (is_open, torn) = (true, None);
            }
            (None, open) => match read.customer.map(|customer| customer.id).zip(read.day) {
                Some(visit) if open.as_ref().is_some_and(|group| group.visit() == visit) => {
                    open.into_iter().for_each(|group| group.bad = group.bad.or(Some(row.no)));
                }
                visit => (is_open, torn) = (false, visit.map(|visit| (visit, row.no))),
            },
        }
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

/// Neighbouring rows that are one order.
struct Group {
    head: Head,
    rows: Vec<u32>,
    items: Vec<Item>,
    /// The first row that cannot be taken, or that may belong here and cannot be read.
    bad: Option<u32>,
    has_good: Vec<u32>,
}

impl Group {
    fn new(head: Head, row: u32, item: Option<Item>) -> Group {
        let mut group = Group { head, rows: Vec::new(), items: Vec::new(), bad: None, has_good: Vec::new() };
        group.add(row, item);
        group
    }

    fn visit(&self) -> (CustomerId, Day) {
        (self.head.customer.id, self.head.day)
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
    /// Each is read once, however many rows it has; so is what it has open, and what it has for a day.
    customers: HashMap<CustomerId, Rc<Customer>>,
    open: HashMap<CustomerId, Rc<Vec<Order>>>,
    standing: HashMap<(CustomerId, Day), Rc<Vec<Order>>>,
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

    /// A group as an order; `None` when it cannot be one. `used` are the standing orders that earlier groups are.
    fn draft(&mut self, group: Group, earlier: &[Draft], used: &mut HashSet<OrderId>) -> Result<Option<Draft>> {
        let Group { head, rows, items, bad, has_good } = group;
        if let Some(bad) = bad {
            self.tell_rows(&has_good, Matter::Together, &format!("第 {bad} 列有問題，同一張單一起不收。"));
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
        let standing = once(&mut self.standing, (customer.id, head.day), || store::standing_on(self.conn, customer.id, head.day))?;
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
        let open = once(&mut self.open, customer.id, || {
            // Of passers-by the orders of others say nothing.
            if customer.is_walk_in { Ok(Vec::new()) } else { orders::store::open_of(self.conn, customer.id) }
        })?;
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

/// What is known under `key`, read when it is asked for first.
fn once<K: Eq + Hash, V>(known: &mut HashMap<K, Rc<V>>, key: K, read: impl FnOnce() -> Result<V>) -> Result<Rc<V>> {
    Ok(match known.entry(key) {
        Entry::Occupied(known) => known.get().clone(),
        Entry::Vacant(free) => free.insert(Rc::new(read()?)).clone(),
    })
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
