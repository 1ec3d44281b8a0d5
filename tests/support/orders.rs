//! Prices and orders, as the shop would have made them.

use std::collections::BTreeMap;

use luckygas::db;
use luckygas::journal::By;
use luckygas::orders::steps::{Handed, Move, act};
use luckygas::orders::take::{Taken, take};
use luckygas::orders::{Actor, CancelReason, NewLine, NewOrder, Order, Origin, Payment, Status, store};
use luckygas::products;
use luckygas::routes::by_order;
use luckygas::users::Role;
use luckygas::values::{CustomerId, OrderId, ProductId, UserId, Window};
use rusqlite::params;

use super::routes::MING;
use super::{CAST, Site};

impl Site {
    /// Whoever of the cast has `role`, at the shop's *now*.
    pub fn actor(&self, role: Role) -> Actor {
        let id = CAST.iter().position(|(_, _, have)| *have == role).unwrap() as i64 + 1;
        Actor { by: By { user: Some(UserId(id)), at: self.app.now() }, role: Some(role) }
    }

    /// The prices of the demonstration (business §9), from the first of the year on.
    pub fn add_prices(&self) {
        for (code, price) in
            [("C50", 2000), ("C20", 850), ("C16", 700), ("C10", 480), ("C04", 250), ("C20-YING", 850), ("C16-LUCKY", 720), ("F50", 42)]
        {
            self.add_price(code, "2025-01-01", price);
        }
    }

    /// A price for every product there is, so that nothing waits for one.
    pub fn price_everything(&self) {
        let sql =
            "INSERT OR IGNORE INTO product_prices (product_id, valid_from, unit_price_ntd) SELECT id, '2025-01-01', 500 FROM products";
        let priced = self.app.db.write(|tx| Ok(tx.execute(sql, []).unwrap())).unwrap();
        assert!(0 < priced);
    }

    /// What `code` costs everybody from `from` on.
    pub fn add_price(&self, code: &str, from: &str, price: i64) {
        let sql = "INSERT INTO product_prices (product_id, valid_from, unit_price_ntd) SELECT id, ?2, ?3 FROM products WHERE code = ?1";
        let priced = self.app.db.write(|tx| Ok(tx.execute(sql, params![code, from, price]).unwrap())).unwrap();
        assert_eq!(priced, 1, "{code}");
    }

    /// What `customer`, or anybody, pays for `code` on a day.
    pub fn price_of(&self, customer: Option<CustomerId>, code: &str, on: &str) -> Option<i64> {
        let id = self.product(code);
        let list = self.app.db.read(|conn| products::store::prices(conn, customer, super::day(on))).unwrap();
        list.of(id).map(|price| price.unit.0)
    }

    pub fn product(&self, code: &str) -> ProductId {
        let find = |conn: &rusqlite::Connection| {
            let catalogue = products::store::catalogue(conn)?;
            Ok(catalogue.iter().find(|product| product.code == code).unwrap().id)
        };
        self.app.db.read(find).unwrap()
    }

    /// What `customer` wants today, `(code, pieces)` a line.
    pub fn new_order(&self, customer: CustomerId, items: &[(&str, i64)]) -> NewOrder {
        NewOrder {
            customer_id: customer,
            origin: Origin::Phone,
            scheduled_on: self.app.now().day(),
            window: Window::AFTERNOON,
            delivery_address: None,
            contact_name: None,
            contact_phone: None,
            is_urgent: false,
            notes: None,
            lines: items.iter().map(|(code, qty)| NewLine::of(self.product(code), *qty)).collect(),
            surcharge: luckygas::values::Ntd(0),
            surcharge_label: None,
            payment: Payment::Cash,
            form_key: None,
            copied_from: None,
            template_id: None,
            order_import_id: None,
        }
    }

    /// Takes `new` as `role` would, as `status`.
    pub fn take_as(&self, role: Role, new: &NewOrder, status: Status) -> Order {
        let taken = self.app.db.write(|tx| take(tx, new, status, self.actor(role), &self.app.settings())).unwrap();
        match taken {
            Taken::New(order) | Taken::Again(order) => order,
        }
    }

    /// A phone order the office took.
    pub fn take(&self, customer: CustomerId, items: &[(&str, i64)]) -> Order {
        self.take_as(Role::OfficeStaff, &self.new_order(customer, items), Status::Confirmed)
    }

    /// An order of two 20 kg cylinders that has come as far as `status`, by those whose work it is.
    pub fn order_at(&self, customer: CustomerId, status: Status) -> Order {
        let new = self.new_order(customer, &[("C20", 2)]);
        let taken = self.take_as(Role::OfficeStaff, &new, if status == Status::Pending { status } else { Status::Confirmed });
        let step = |order: Order, step: Move, role| self.app.db.write(|tx| act(tx, order.id, None, &step, self.actor(role))).unwrap();
        let assigned = |order: Order| self.assign(order.id);
        let started = |order: Order| {
            let order = assigned(order);
            let running = self.app.db.read(|conn| luckygas::routes::store::running_of(conn, MING)).unwrap();
            match running {
                Some(_) => step(order, Move::Start { note: None }, Role::Driver),
                None => {
                    self.start_out();
                    self.order(order.id)
                }
            }
        };
        let delivered = |order: Order| {
            let handed = Handed { recipient: Some("王小姐".to_owned()), ..Handed::as_ordered(&order) };
            let step = Move::Deliver(handed);
            self.app.db.write(|tx| by_order::act(tx, &order, None, None, &step, self.actor(Role::Driver))).unwrap()
        };
        match status {
            Status::Pending | Status::Confirmed => taken,
            Status::Assigned => assigned(taken),
            Status::InDelivery => started(taken),
            Status::Delivered => delivered(started(taken)),
            Status::Cancelled => step(taken, Move::Cancel { reason: CancelReason::Duplicate, note: None }, Role::OfficeStaff),
        }
    }

    pub fn order(&self, id: OrderId) -> Order {
        self.app.db.read(|conn| store::get(conn, id)).unwrap()
    }

    /// How many lines the journal has.
    pub fn journal_length(&self) -> usize {
        let count =
            |conn: &rusqlite::Connection| Ok(conn.query_row("SELECT count(*) FROM journal", [], |row| row.get::<_, i64>(0)).unwrap());
        self.app.db.read(count).unwrap() as usize
    }

    /// Every row of every table, as text: two shops with one of them are the same shop.
    pub fn content(&self) -> BTreeMap<String, Vec<String>> {
        let read = |conn: &rusqlite::Connection| {
            let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
            let tables: Vec<String> = conn.prepare(tables).unwrap().query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
            let rows = |table: &String| {
                let mut query = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
                let columns: Vec<String> = query.column_names().iter().map(|name| name.to_string()).collect();
                let line = |row: &rusqlite::Row| -> rusqlite::Result<String> {
                    let cells =
                        columns.iter().enumerate().map(|(at, name)| Ok(format!("{name}={:?}", row.get::<_, rusqlite::types::Value>(at)?)));
                    Ok(cells.collect::<rusqlite::Result<Vec<_>>>()?.join(" "))
                };
                query.query_map([], line).unwrap().map(Result::unwrap).collect::<Vec<_>>()
            };
            Ok(tables.iter().map(|table| (table.clone(), rows(table))).collect())
        };
        self.app.db.read(read).unwrap()
    }

    /// How many lines of the journal are about orders.
    pub fn order_entries(&self) -> usize {
        self.app.db.read(|conn| Ok(order_entries(conn))).unwrap()
    }

    /// What `luckygas check` says of the file.
    pub fn check_file(&self) {
        let findings = self.app.db.read(db::check).unwrap();
        let bad: Vec<_> = findings.iter().filter(|finding| !finding.is_good).collect();
        assert!(bad.is_empty(), "{bad:?}");
    }
}

/// The same, within a transaction.
pub fn order_entries(conn: &rusqlite::Connection) -> usize {
    let count: i64 = conn.query_row("SELECT count(*) FROM journal WHERE noun = 'order'", [], |row| row.get(0)).unwrap();
    count as usize
}
