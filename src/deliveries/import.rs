//! Deliveries by the hundred thousand: how imports and the demonstration shop write them.
//!
//! Invariants
//! - What [`Writer`] adds stands in the table its day belongs to, under ids never used before, and the counts
//!   of `delivery_days` agree once [`Writer::finish`] has run.

use std::collections::BTreeMap;

use rusqlite::{CachedStatement, Transaction, named_params, params};

use crate::deliveries::{Load, Source, store};
use crate::error::{Doing, Result};
use crate::values::{CustomerId, Day, DeliveryId, ImportId};

/// A delivery that is not in the file yet.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    pub customer: CustomerId,
    pub on: Day,
    pub source: Source,
    /// `09:10`.
    pub at_time: Option<&'a str>,
    pub load: Load,
    pub driver_name: Option<&'a str>,
    pub note: Option<&'a str>,
    /// A row of `recorded_names`.
    pub recorded: Option<i64>,
    pub import: Option<ImportId>,
}

/// Adds deliveries within one transaction.
pub struct Writer<'tx> {
    tx: &'tx Transaction<'tx>,
    open: CachedStatement<'tx>,
    closed: CachedStatement<'tx>,
    /// The first day that is not closed yet.
    open_from: Day,
    next_id: i64,
    days: BTreeMap<Day, Counts>,
}

#[derive(Clone, Copy, Default)]
struct Counts {
    deliveries: i64,
    known: i64,
    gas_g: i64,
}

impl<'tx> Writer<'tx> {
    /// Rows older than six months before `today` are written where the past is kept.
    pub fn new(tx: &'tx Transaction, today: Day) -> Result<Writer<'tx>> {
        const OPEN: &str = "
            /* deliveries: add */
            INSERT INTO deliveries (id, customer_id, delivered_on, source, at_time, qty_50, qty_20, qty_16, qty_10, qty_4,
                                    driver_name, note, recorded_id, import_id)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
        const CLOSED: &str = "
            /* deliveries: add closed */
            INSERT INTO delivery_history (id, customer_id, delivered_on, source, at_time, qty_50, qty_20, qty_16, qty_10, qty_4,
                                          driver_name, note, recorded_id, import_id)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
        Ok(Writer {
            tx,
            open: tx.prepare_cached(OPEN).doing("prepare to add deliveries")?,
            closed: tx.prepare_cached(CLOSED).doing("prepare to add closed deliveries")?,
            open_from: today.six_months_before(),
            next_id: store::next_id(tx)?,
            days: BTreeMap::new(),
        })
    }

    /// Adds one; that the customer has none on that day yet is the caller's to know.
    pub fn add(&mut self, row: &Row) -> Result<DeliveryId> {
        let id = self.next_id;
        self.next_id += 1;
        let [qty_50, qty_20, qty_16, qty_10, qty_4] = row.load.0;
        let statement = if row.on < self.open_from { &mut self.closed } else { &mut self.open };
        statement
            .execute(params![
                id,
                row.customer,
                row.on,
                row.source.word(),
                row.at_time,
                qty_50,
                qty_20,
                qty_16,
                qty_10,
                qty_4,
                row.driver_name,
                row.note,
                row.recorded,
                row.import
            ])
            .doing("add a delivery")?;
        let counts = self.days.entry(row.on).or_default();
        counts.deliveries += 1;
        if let Some(weight) = row.load.weight() {
            counts.known += 1;
            counts.gas_g += weight.0;
        }
        Ok(DeliveryId(id))
    }

    /// Brings the day counts in step and says how many deliveries each day gained.
    pub fn finish(self) -> Result<BTreeMap<Day, i64>> {
        const SQL: &str = "
            INSERT INTO delivery_days (delivered_on, deliveries, known, gas_g)
            VALUES (:day, :deliveries, :known, :gas_g)
            ON CONFLICT (delivered_on) DO UPDATE
            SET deliveries = deliveries + excluded.deliveries,
                known = known + excluded.known,
                gas_g = gas_g + excluded.gas_g";
        let mut upsert = self.tx.prepare_cached(SQL).doing("prepare the day counts")?;
        for (day, counts) in &self.days {
            upsert
                .execute(named_params! {
                    ":day": day,
                    ":deliveries": counts.deliveries,
                    ":known": counts.known,
                    ":gas_g": counts.gas_g,
                })
                .doing(format_args!("count the deliveries of {day}"))?;
        }
        Ok(self.days.into_iter().map(|(day, counts)| (day, counts.deliveries)).collect())
    }
}

/// Runs `work` with the two tables bare of indexes and makes them anew: cheaper than keeping them up while a
/// table many times larger than what stood there comes in.
pub fn without_indexes<T>(tx: &Transaction, work: impl FnOnce() -> Result<T>) -> Result<T> {
    const INDEXES: &str = "
        SELECT name, sql FROM sqlite_schema
        WHERE type = 'index' AND tbl_name IN ('deliveries', 'delivery_history') AND sql IS NOT NULL";
    let indexes: Vec<(String, String)> = tx
        .prepare(INDEXES)
        .and_then(|mut query| query.query_map([], |row| Ok((row.get("name")?, row.get("sql")?)))?.collect())
        .doing("list the indexes of deliveries")?;
    for (name, _) in &indexes {
        tx.execute_batch(&format!("DROP INDEX {name}")).doing(format_args!("drop {name}"))?;
    }
    let answer = work()?;
    for (name, sql) in &indexes {
        tx.execute_batch(sql).doing(format_args!("make {name} again"))?;
    }
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;
    use crate::db;

    #[test]
    fn rows_stand_where_their_day_belongs_and_are_counted() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(db::SCHEMA).unwrap();
        conn.execute_batch(
            "INSERT INTO customers (customer_code, short_name, first_source, created_at, updated_at) VALUES ('1', '甲', 'office', 0, 0)",
        )
        .unwrap();
        let today: Day = "2025-05-28".parse().unwrap();
        let tx = conn.transaction().unwrap();
        let before: Vec<String> = names(&tx);
        without_indexes(&tx, || {
            let mut writer = Writer::new(&tx, today)?;
            for (on, load) in [("2024-11-27", [None; 5]), ("2024-11-28", [None, Some(2), None, None, None]), ("2025-05-27", [None; 5])] {
                let row = Row {
                    customer: CustomerId(1),
                    on: on.parse().unwrap(),
                    source: Source::Live,
                    at_time: None,
                    load: Load(load),
                    driver_name: None,
                    note: None,
                    recorded: None,
                    import: None,
                };
                writer.add(&row)?;
            }
            assert_eq!(writer.finish()?.len(), 3);
            Ok(())
        })
        .unwrap();
        assert_eq!(names(&tx), before, "the indexes are back");
        let ids = |table: &str| tx.query_row(&format!("SELECT group_concat(id) FROM {table}"), [], |row| row.get::<_, String>(0)).unwrap();
        assert_eq!((ids("delivery_history"), ids("deliveries")), ("1".to_owned(), "2,3".to_owned()));
        let sums = tx.query_row("SELECT sum(deliveries), sum(known), sum(gas_g) FROM delivery_days", [], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        });
        assert_eq!(sums.unwrap(), (3, 1, 40_000));
    }

    fn names(conn: &Connection) -> Vec<String> {
        conn.prepare("SELECT name FROM sqlite_schema ORDER BY 1")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect()
    }
}
