//! Deliveries by the hundred thousand: how imports and the demonstration shop write them.
//!
//! Invariants
//! - What [`Writer`] adds stands in the table its day belongs to, under ids never used before, and the counts
//!   of `delivery_days` agree once [`Writer::finish`] has run.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction, named_params, params};

use crate::db;
use crate::deliveries::{Load, Source, store};
use crate::error::{Doing, Error, Result};
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
    /// Whole rows, and rows of which only customer and day are known; the open table, then the closed one.
    whole: [CachedStatement<'tx>; 2],
    bare: [CachedStatement<'tx>; 2],
    /// The first day that is not closed yet.
    open_from: Day,
    next_id: i64,
    days: Days,
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
        let whole = |table| {
            format!(
                "/* deliveries: add to {table} */
                 INSERT INTO {table} (id, customer_id, delivered_on, source, recorded_id, import_id, at_time,
                                      qty_50, qty_20, qty_16, qty_10, qty_4, driver_name, note)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)"
            )
        };
        let bare = |table| {
            format!(
                "/* deliveries: add bare to {table} */
                 INSERT INTO {table} (id, customer_id, delivered_on, source, recorded_id, import_id)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
            )
        };
        let prepare = |sql: String| tx.prepare_cached(&sql).doing("prepare to add deliveries");
        let [open, closed] = TABLES;
        Ok(Writer {
            tx,
            whole: [prepare(whole(open))?, prepare(whole(closed))?],
            bare: [prepare(bare(open))?, prepare(bare(closed))?],
            open_from: today.six_months_before(),
            next_id: store::next_id(tx)?,
            days: Days::default(),
        })
    }

    /// Adds one; that the customer has none on that day yet is the caller's to know.
    pub fn add(&mut self, row: &Row) -> Result<DeliveryId> {
        let id = self.next_id;
        self.next_id += 1;
        let table = usize::from(row.on < self.open_from);
        let (day, counts) = self.days.of(row.on);
        let day: &String = day;
        counts.deliveries += 1;
        if let Some(weight) = row.load.weight() {
            counts.known += 1;
            counts.gas_g += weight.0;
        }
        let is_bare = !row.load.is_known() && row.at_time.is_none() && row.driver_name.is_none() && row.note.is_none();
        let source = row.source.word();
        if is_bare {
            self.bare[table].execute(params![id, row.customer, day, source, row.recorded, row.import])
        } else {
            let [qty_50, qty_20, qty_16, qty_10, qty_4] = row.load.0;
            self.whole[table].execute(params![
                id,
                row.customer,
                day,
                source,
                row.recorded,
                row.import,
                row.at_time,
                qty_50,
                qty_20,
                qty_16,
                qty_10,
                qty_4,
                row.driver_name,
                row.note
            ])
        }
        .doing("add a delivery")?;
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
        let mut gained = BTreeMap::new();
        for (on, (day, counts)) in self.days.each() {
            upsert
                .execute(named_params! {
                    ":day": day,
                    ":deliveries": counts.deliveries,
                    ":known": counts.known,
                    ":gas_g": counts.gas_g,
                })
                .doing(format_args!("count the deliveries of {day}"))?;
            gained.insert(on, counts.deliveries);
        }
        Ok(gained)
    }
}

const TABLES: [&str; 2] = ["deliveries", "delivery_history"];

/// Each day's text and counts, by the day's number: a load meets the same 1,600 days 350,000 times.
#[derive(Default)]
struct Days(Vec<Option<(String, Counts)>>);

impl Days {
    /// The number of the first day there is, 1 January 1900.
    const FIRST: i32 = -25_567;

    fn of(&mut self, day: Day) -> &mut (String, Counts) {
        let at = (day.number() - Self::FIRST).max(0) as usize;
        if self.0.len() <= at {
            self.0.resize(at + 1, None);
        }
        self.0[at].get_or_insert_with(|| (day.to_string(), Counts::default()))
    }

    fn each(&self) -> impl Iterator<Item = (Day, &(String, Counts))> {
        (Self::FIRST..).zip(&self.0).filter_map(|(number, counts)| Day::from_number(number).zip(counts.as_ref()))
    }
}

/// Runs `work` with the two tables bare of indexes and makes them anew: cheaper than keeping them up while a
/// table many times larger than what stood there comes in. Indexes of a few rows stay and are kept up, for most rows
/// that come in bulk say no quantity and are none of theirs.
pub fn without_indexes<T>(tx: &Transaction, work: impl FnOnce() -> Result<T>) -> Result<T> {
    const INDEXES: &str = "
        SELECT name, sql FROM sqlite_schema
        WHERE type = 'index' AND tbl_name IN ('deliveries', 'delivery_history') AND sql NOT LIKE '% WHERE %'";
    let indexes: Vec<(String, String)> = tx
        .prepare(INDEXES)
        .and_then(|mut query| query.query_map([], |row| Ok((row.get("name")?, row.get("sql")?)))?.collect())
        .doing("list the indexes of deliveries")?;
    for (name, _) in &indexes {
        tx.execute_batch(&format!("DROP INDEX {name}")).doing(format_args!("drop {name}"))?;
    }
    let _wide = Wide::open(tx)?;
    let answer = {
        let _unchecked = Unchecked::open(tx)?;
        db::unwatched(tx, work)?
    };
    for (name, sql) in &indexes {
        tx.execute_batch(sql).doing(format_args!("make {name} again"))?;
    }
    Ok(answer)
}

/// While it stands no CHECK is asked. Every value comes out of a type that cannot break one, and asking 350,000
/// times whether a day looks like a day costs more than storing it. STRICT types and foreign keys stay on, and
/// `luckygas check` asks afterwards.
struct Unchecked<'a>(&'a Connection);

impl Unchecked<'_> {
    fn open(conn: &Connection) -> Result<Unchecked<'_>> {
        conn.execute_batch("PRAGMA ignore_check_constraints = ON").doing("begin a bulk load")?;
        conn.flush_prepared_statement_cache();
        Ok(Unchecked(conn))
    }
}

/// However the load ends, a panic included: the connection goes on to write what people type.
impl Drop for Unchecked<'_> {
    fn drop(&mut self) {
        self.0.flush_prepared_statement_cache();
        if let Err(error) = self.0.execute_batch("PRAGMA ignore_check_constraints = OFF") {
            log::error!("could not end a bulk load: {error}");
        }
    }
}

/// While it stands the pages being filled stay in memory until they are full, and the indexes are built from there.
struct Wide<'a> {
    conn: &'a Connection,
    /// The cache size to go back to.
    before: i64,
}

impl Wide<'_> {
    fn open(conn: &Connection) -> Result<Wide<'_>> {
        let before = conn.query_row("PRAGMA cache_size", [], |row| row.get(0)).doing("read the cache size")?;
        conn.execute_batch("PRAGMA cache_size = -28000").doing("widen the cache")?;
        Ok(Wide { conn, before })
    }
}

impl Drop for Wide<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.conn.execute_batch(&format!("PRAGMA cache_size = {}", self.before)) {
            log::error!("could not narrow the cache: {error}");
        }
    }
}

/// One visit within a delivery.
#[derive(Clone, Debug, PartialEq)]
pub struct NewDrop {
    pub at_time: Option<String>,
    pub load: Load,
    pub note: Option<String>,
}

/// What a second source may complete in a delivery that is already there.
#[derive(Clone, Debug, PartialEq)]
pub struct Details {
    pub id: DeliveryId,
    pub source: Source,
    pub at_time: Option<String>,
    pub load: Load,
    pub driver_name: Option<String>,
    pub note: Option<String>,
}

/// A visit that is planned, or was made without leaving gas.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewVisit {
    pub customer: CustomerId,
    pub day: Day,
    /// `planned`, `failed`, `absent`, `refused` or `cancelled`.
    pub outcome: &'static str,
    pub items: Option<String>,
    pub note: Option<String>,
    /// `legacy` or `plan`.
    pub source: &'static str,
}

/// Adds the visits within delivery `id`.
pub fn insert_drops(tx: &Transaction, id: DeliveryId, drops: &[NewDrop], import: Option<ImportId>) -> Result<()> {
    const SQL: &str = "
        INSERT INTO delivery_drops (delivery_id, at_time, qty_50, qty_20, qty_16, qty_10, qty_4, note, import_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    let mut insert = tx.prepare_cached(SQL).doing("prepare the drops")?;
    for drop in drops {
        let [a, b, c, d, e] = drop.load.0;
        insert.execute(params![id, drop.at_time, a, b, c, d, e, drop.note, import]).doing("insert a drop")?;
    }
    Ok(())
}

/// The drops of `id` that are stored.
pub fn drops_of(tx: &Connection, id: DeliveryId) -> Result<Vec<NewDrop>> {
    const SQL: &str = "
        SELECT at_time, qty_50, qty_20, qty_16, qty_10, qty_4, note
        FROM delivery_drops
        WHERE delivery_id = ?1
        ORDER BY id";
    tx.prepare_cached(SQL)
        .and_then(|mut query| {
            query
                .query_map([id], |row| Ok(NewDrop { at_time: row.get("at_time")?, load: load_of(row)?, note: row.get("note")? }))?
                .collect()
        })
        .doing("list the drops of a delivery")
}

fn load_of(row: &rusqlite::Row) -> rusqlite::Result<Load> {
    Ok(Load([row.get("qty_50")?, row.get("qty_20")?, row.get("qty_16")?, row.get("qty_10")?, row.get("qty_4")?]))
}

/// The delivery of `customer` on `day`, if there is one.
pub fn find(conn: &Connection, customer: CustomerId, day: Day) -> Result<Option<Details>> {
    const SQL: &str = "
        SELECT id, source, at_time, qty_50, qty_20, qty_16, qty_10, qty_4, driver_name, note
        FROM all_deliveries
        WHERE customer_id = ?1 AND delivered_on = ?2
        ORDER BY id
        LIMIT 1";
    conn.prepare_cached(SQL).and_then(|mut query| query.query_row(params![customer, day], details).optional()).doing("find a delivery")
}

/// The delivery with number `id`.
pub fn get(conn: &Connection, id: DeliveryId) -> Result<Option<Details>> {
    const SQL: &str = "
        SELECT id, source, at_time, qty_50, qty_20, qty_16, qty_10, qty_4, driver_name, note
        FROM all_deliveries
        WHERE id = ?1";
    conn.prepare_cached(SQL).and_then(|mut query| query.query_row([id], details).optional()).doing("read a delivery")
}

/// The delivery `id` and its day while it is not closed yet.
pub fn open_row(conn: &Connection, id: DeliveryId) -> Result<Option<(Day, Details)>> {
    const SQL: &str = "
        SELECT id, source, at_time, qty_50, qty_20, qty_16, qty_10, qty_4, driver_name, note, delivered_on
        FROM deliveries
        WHERE id = ?1";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row([id], |row| Ok((row.get("delivered_on")?, details(row)?))).optional())
        .doing("read an open delivery")
}

/// Takes out the delivery `before` of `day`, which is not closed yet; the day's counts follow.
pub fn remove(tx: &Transaction, day: Day, before: &Details) -> Result<()> {
    const COUNT: &str = "
        UPDATE delivery_days
        SET deliveries = deliveries - 1,
            known = known - :known,
            gas_g = gas_g - :gas
        WHERE delivered_on = :day";
    let removed = tx
        .prepare_cached("DELETE FROM deliveries WHERE id = ?1")
        .and_then(|mut delete| delete.execute([before.id]))
        .doing("remove a delivery")?;
    if removed != 1 {
        return Err(Error::impossible("remove exactly one delivery"));
    }
    let known = i64::from(before.load.is_known());
    tx.prepare_cached(COUNT)
        .and_then(|mut update| update.execute(named_params! {":day": day, ":known": known, ":gas": gas_g(before.load)}))
        .doing("keep a day's counts in step")
        .map(std::mem::drop)
}

/// Takes one visit like `drop` out of delivery `id`, the latest of them; the row itself is the caller's.
pub fn remove_drop(tx: &Transaction, id: DeliveryId, drop: &NewDrop) -> Result<()> {
    const SQL: &str = "
        DELETE FROM delivery_drops
        WHERE id = (SELECT max(id)
                    FROM delivery_drops
                    WHERE delivery_id = ?1 AND at_time IS ?2 AND qty_50 IS ?3 AND qty_20 IS ?4 AND qty_16 IS ?5 AND qty_10 IS ?6
                      AND qty_4 IS ?7)";
    let [a, b, c, d, e] = drop.load.0;
    let removed =
        tx.prepare_cached(SQL).and_then(|mut delete| delete.execute(params![id, drop.at_time, a, b, c, d, e])).doing("remove a drop")?;
    if removed == 1 { Ok(()) } else { Err(Error::impossible("remove exactly one visit of a day")) }
}

/// The import a delivery came in with.
pub fn import_of(conn: &Connection, id: DeliveryId) -> Result<Option<ImportId>> {
    conn.prepare_cached("SELECT import_id FROM all_deliveries WHERE id = ?1")
        .and_then(|mut query| query.query_row([id], |row| row.get(0)).optional())
        .doing("find the import of a delivery")
        .map(Option::flatten)
}

fn details(row: &rusqlite::Row) -> rusqlite::Result<Details> {
    let source: String = row.get("source")?;
    Ok(Details {
        id: row.get("id")?,
        source: Source::from_word(&source).unwrap_or(Source::Live),
        at_time: row.get("at_time")?,
        load: load_of(row)?,
        driver_name: row.get("driver_name")?,
        note: row.get("note")?,
    })
}

/// The days on which `customer` is known to have had gas, in order: what an import compares its rows with.
pub fn days_of(conn: &Connection, customer: CustomerId) -> Result<Vec<i32>> {
    const SQL: &str = "
        SELECT delivered_on FROM deliveries WHERE customer_id = ?1
        UNION ALL
        SELECT delivered_on FROM delivery_history WHERE customer_id = ?1";
    let mut days: Vec<i32> = conn
        .prepare_cached(SQL)
        .and_then(|mut query| query.query_map([customer], |row| row.get::<_, Day>(0).map(Day::number))?.collect())
        .doing("list the days of a customer")?;
    days.sort_unstable();
    Ok(days)
}

/// Lets this transaction change closed deliveries until [`close_history`].
pub fn open_history(tx: &Transaction, import: ImportId) -> Result<()> {
    tx.execute("INSERT INTO history_open (import_id) VALUES (?1)", [import]).doing("open the history").map(std::mem::drop)
}

pub fn close_history(tx: &Transaction) -> Result<()> {
    tx.execute("DELETE FROM history_open", []).doing("close the history").map(std::mem::drop)
}

/// Moves the closed row `id` back among the open ones, as it is; `false` when it is open already.
pub fn reopen(tx: &Transaction, id: DeliveryId) -> Result<bool> {
    const COPY: &str = "
        INSERT INTO deliveries (id, customer_id, delivered_on, source, at_time, qty_50, qty_20, qty_16, qty_10, qty_4,
                                driver_name, note, recorded_id, import_id)
        SELECT id, customer_id, delivered_on, source, at_time, qty_50, qty_20, qty_16, qty_10, qty_4,
               driver_name, note, recorded_id, import_id
        FROM delivery_history
        WHERE id = :id";
    if tx.execute(COPY, named_params! {":id": id}).doing("open a delivery again")? == 0 {
        return Ok(false);
    }
    open_history(tx, ImportId(0))?;
    let removed = tx.execute("DELETE FROM delivery_history WHERE id = ?1", [id]).doing("take a delivery out of the history")?;
    close_history(tx)?;
    if removed == 1 { Ok(true) } else { Err(Error::impossible("open exactly one delivery again")) }
}

/// Sets what is known of the delivery `now.id` on `day`; the history must be open. `before` is what stood there.
pub fn complete(tx: &Transaction, day: Day, before: &Details, now: &Details) -> Result<()> {
    let [a, b, c, d, e] = now.load.0;
    let mut changed = 0;
    for table in TABLES {
        let sql = format!(
            "UPDATE {table}
             SET at_time = ?2, qty_50 = ?3, qty_20 = ?4, qty_16 = ?5, qty_10 = ?6, qty_4 = ?7, driver_name = ?8, note = ?9
             WHERE id = ?1"
        );
        changed += tx
            .prepare_cached(&sql)
            .and_then(|mut update| update.execute(params![now.id, now.at_time, a, b, c, d, e, now.driver_name, now.note]))
            .doing("complete a delivery")?;
    }
    if changed != 1 {
        return Err(Error::impossible("complete exactly one delivery"));
    }
    let known = i64::from(now.load.is_known()) - i64::from(before.load.is_known());
    let gas = gas_g(now.load) - gas_g(before.load);
    if known == 0 && gas == 0 {
        return Ok(());
    }
    const SQL: &str = "
        UPDATE delivery_days
        SET known = known + :known,
            gas_g = gas_g + :gas
        WHERE delivered_on = :day";
    tx.prepare_cached(SQL)
        .and_then(|mut update| update.execute(named_params! {":day": day, ":known": known, ":gas": gas}))
        .doing("keep a day's counts in step")
        .map(std::mem::drop)
}

fn gas_g(load: Load) -> i64 {
    load.weight().map_or(0, |grams| grams.0)
}

/// The spellings of an import, one row each; gives the first id, the others follow it one by one.
pub fn insert_recorded_names<'a>(tx: &Transaction, names: impl Iterator<Item = [Option<&'a str>; 3]>) -> Result<i64> {
    let first: i64 =
        tx.query_row("SELECT 1 + ifnull(max(id), 0) FROM recorded_names", [], |row| row.get(0)).doing("find a free name id")?;
    let mut insert = tx
        .prepare("INSERT INTO recorded_names (id, title, short_name, address) VALUES (?1, ?2, ?3, ?4)")
        .doing("prepare the recorded names")?;
    for (id, [title, short_name, address]) in (first..).zip(names) {
        insert.execute(params![id, title, short_name, address]).doing("insert a recorded name")?;
    }
    Ok(first)
}

/// Adds a visit unless the same is already there; true when it was new.
pub fn insert_visit(tx: &Transaction, visit: &NewVisit, import: ImportId) -> Result<bool> {
    const SQL: &str = "
        INSERT INTO visits (customer_id, visit_on, outcome, items, note, source, import_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT DO NOTHING";
    tx.prepare_cached(SQL)
        .and_then(|mut insert| {
            insert.execute(params![visit.customer, visit.day, visit.outcome, visit.items, visit.note, visit.source, import])
        })
        .doing("insert a visit")
        .map(|inserted| inserted == 1)
}

/// Whether that visit is stored.
pub fn has_visit(conn: &Connection, customer: CustomerId, day: Day, outcome: &str) -> Result<bool> {
    conn.prepare_cached("SELECT 1 FROM visits WHERE customer_id = ?1 AND visit_on = ?2 AND outcome = ?3")
        .and_then(|mut query| query.exists(params![customer, day, outcome]))
        .doing("look for a visit")
}

/// Takes out everything `import` put in: deliveries, drops, visits and the spellings `names` (first id, how
/// many). Where the shop has brought gas on the same day since, that visit stays. The history must be open. Gives
/// the days whose summary has to be counted again.
pub fn remove_import(tx: &Transaction, import: ImportId, names: (i64, i64)) -> Result<BTreeSet<Day>> {
    let days: BTreeSet<Day> = tx
        .prepare("SELECT DISTINCT delivered_on FROM all_deliveries WHERE import_id = ?1")
        .and_then(|mut query| query.query_map([import], |row| row.get(0))?.collect())
        .doing("list the days of an import")?;
    const KEEP_LIVE: &str = "
        UPDATE deliveries
        SET source = 'live',
            import_id = NULL,
            recorded_id = NULL,
            note = NULL,
            (at_time, qty_50, qty_20, qty_16, qty_10, qty_4) = (
                SELECT min(at_time), sum(qty_50), sum(qty_20), sum(qty_16), sum(qty_10), sum(qty_4)
                FROM delivery_drops WHERE delivery_id = deliveries.id AND import_id IS NULL)
        WHERE import_id = ?1 AND id IN (SELECT delivery_id FROM delivery_drops WHERE import_id IS NULL)";
    for sql in [
        KEEP_LIVE,
        "DELETE FROM delivery_drops WHERE import_id = ?1",
        "DELETE FROM visits WHERE import_id = ?1",
        "DELETE FROM deliveries WHERE import_id = ?1",
        "DELETE FROM delivery_history WHERE import_id = ?1",
    ] {
        tx.execute(sql, [import]).doing("take an import's deliveries back")?;
    }
    tx.execute("DELETE FROM recorded_names WHERE id BETWEEN ?1 AND ?2", params![names.0, names.0 + names.1 - 1])
        .doing("take an import's spellings back")?;
    Ok(days)
}

/// Counts the summary of `days` afresh from the rows.
pub fn recount(tx: &Transaction, days: &BTreeSet<Day>) -> Result<()> {
    const COUNT: &str = "
        INSERT INTO delivery_days (delivered_on, deliveries, known, gas_g)
        SELECT delivered_on,
               count(*),
               count(coalesce(qty_50, qty_20, qty_16, qty_10, qty_4)),
               1000 * sum(50 * ifnull(qty_50, 0) + 20 * ifnull(qty_20, 0) + 16 * ifnull(qty_16, 0)
                          + 10 * ifnull(qty_10, 0) + 4 * ifnull(qty_4, 0))
        FROM all_deliveries
        WHERE delivered_on = ?1
        GROUP BY delivered_on";
    let mut remove = tx.prepare("DELETE FROM delivery_days WHERE delivered_on = ?1").doing("prepare a recount")?;
    let mut count = tx.prepare(COUNT).doing("prepare a recount")?;
    for day in days {
        remove.execute([day]).doing("forget a day's summary")?;
        count.execute([day]).doing("count a day afresh")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

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

    #[test]
    fn a_load_that_breaks_off_leaves_the_connection_as_it_was() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(db::SCHEMA).unwrap();
        let pragma = |conn: &Connection, name: &str| conn.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0)).unwrap();
        let stand = |conn: &Connection| (pragma(conn, "ignore_check_constraints"), pragma(conn, "cache_size"));
        let (before, indexes) = (stand(&conn), names(&conn));
        let fault = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let tx = conn.transaction().unwrap();
            without_indexes(&tx, || -> Result<()> {
                assert_eq!(pragma(&tx, "ignore_check_constraints"), 1);
                std::panic::resume_unwind(Box::new("a fault of ours"))
            })
        }));
        assert!(fault.is_err());
        assert_eq!((stand(&conn), names(&conn)), (before, indexes.clone()));
        let tx = conn.transaction().unwrap();
        let refused = without_indexes(&tx, || Err::<(), _>(Error::impossible("load")));
        assert!(refused.is_err());
        drop(tx);
        assert_eq!((stand(&conn), names(&conn)), (before, indexes));
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
