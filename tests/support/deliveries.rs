//! Customers and deliveries put straight into the tables, as an import would.

use luckygas::values::{CustomerId, Day};
use rusqlite::params;

use super::{Folder, Site};

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    Recent,
    Closed,
}

impl Site {
    /// A customer nobody knows more of than code and name.
    pub fn add_customer(&self, code: &str, name: &str, area: Option<&str>) -> CustomerId {
        self.app
            .db
            .write(|tx| {
                if let Some(area) = area {
                    tx.execute("INSERT OR IGNORE INTO areas (name) VALUES (?1)", [area]).unwrap();
                }
                tx.execute(
                    "INSERT INTO customers (customer_code, short_name, area_id, first_source, created_at, updated_at)
                     VALUES (?1, ?2, (SELECT id FROM areas WHERE name = ?3), 'office', 0, 0)",
                    params![code, name, area],
                )
                .unwrap();
                let id = tx.last_insert_rowid();
                tx.execute("INSERT INTO customer_search (customer_id, key) VALUES (?1, ?2)", params![id, name]).unwrap();
                Ok(CustomerId(id))
            })
            .unwrap()
    }

    /// `rows` of id, customer, day, table and how many 20 kg cylinders, if that is known; the day summary with them.
    pub fn add_deliveries(&self, rows: &[(i64, CustomerId, Day, Table, Option<i64>)]) {
        self.app
            .db
            .write(|tx| {
                for (id, customer, day, table, qty_20) in rows {
                    let table = if *table == Table::Recent { "deliveries" } else { "delivery_history" };
                    let sql = format!(
                        "INSERT INTO {table} (id, customer_id, delivered_on, source, qty_20) VALUES (?1, ?2, ?3, 'history', ?4)"
                    );
                    tx.prepare_cached(&sql).unwrap().execute(params![id, customer, day, qty_20]).unwrap();
                }
                tx.execute_batch(
                    "DELETE FROM delivery_days;
                     INSERT INTO delivery_days (delivered_on, deliveries, known, gas_g)
                     SELECT delivered_on, count(*), count(qty_20), 20000 * ifnull(sum(qty_20), 0) FROM all_deliveries GROUP BY delivered_on;",
                )
                .unwrap();
                Ok(())
            })
            .unwrap();
    }

    /// A visit within delivery `id`.
    pub fn add_drop(&self, id: i64, at_time: &str, qty_20: Option<i64>) {
        self.app
            .db
            .write(|tx| {
                let sql = "INSERT INTO delivery_drops (delivery_id, at_time, qty_20) VALUES (?1, ?2, ?3)";
                tx.execute(sql, params![id, at_time, qty_20]).unwrap();
                Ok(())
            })
            .unwrap();
    }

    /// The shop is shut; its folder stays, for a command to work on.
    pub fn close(self) -> Folder {
        let Site { folder, _lock, .. } = self;
        drop(_lock);
        folder
    }
}
