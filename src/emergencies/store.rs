use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use serde_json::Value;

use crate::emergencies::{Emergency, FIGURE_DAYS, Figures, Kind, Listed, NOUN, NewEmergency};
use crate::error::{Doing, Error, Result};
use crate::journal::By;
use crate::values::{AreaId, CustomerId, EmergencyId, OrderId, Stamp, UserId};

/// One emergency; `NotFound` when there is none.
pub fn get(conn: &Connection, id: EmergencyId) -> Result<Emergency> {
    conn.prepare_cached("SELECT * FROM emergencies WHERE id = :id")
        .and_then(|mut query| query.query_row(named_params! {":id": id}, emergency).optional())
        .doing(format_args!("get emergency {id}"))?
        .ok_or_else(|| Error::not_found(NOUN, id))
}

/// The emergency an order was taken for.
pub fn of_order(conn: &Connection, order: OrderId) -> Result<Option<Emergency>> {
    conn.prepare_cached("SELECT * FROM emergencies WHERE order_id = :order")
        .and_then(|mut query| query.query_row(named_params! {":order": order}, emergency).optional())
        .doing(format_args!("find the emergency of order {order}"))
}

/// The one a form has made, and who sent it.
pub fn find_by_form_key(conn: &Connection, key: &str) -> Result<Option<Emergency>> {
    conn.prepare_cached("SELECT * FROM emergencies WHERE form_key = :key")
        .and_then(|mut query| query.query_row(named_params! {":key": key}, emergency).optional())
        .doing("find an emergency by its form key")
}

/// What is open, the oldest first, without names: for the watch, who looks every few seconds.
pub fn open(conn: &Connection) -> Result<Vec<Emergency>> {
    const SQL: &str = "
        /* emergencies: open */
        SELECT *
        FROM emergencies
        WHERE closed_at IS NULL
        ORDER BY created_at, id";
    conn.prepare_cached(SQL).and_then(|mut query| query.query_map([], emergency)?.collect()).doing("list the open emergencies")
}

const LISTED: &str = "
    SELECT e.*,
           ifnull(c.short_name, n.name) AS listed_name,
           a.name AS area_name,
           d.name AS driver_name,
           b.name AS created_by_name,
           s.name AS seen_by_name,
           o.order_number
    FROM emergencies AS e
    LEFT JOIN customers AS c ON c.id = e.customer_id
    LEFT JOIN areas AS a ON a.id = c.area_id
    LEFT JOIN users AS n ON n.id = e.in_need_id
    LEFT JOIN users AS d ON d.id = e.driver_id
    LEFT JOIN users AS b ON b.id = e.created_by
    LEFT JOIN users AS s ON s.id = e.seen_by
    LEFT JOIN orders AS o ON o.id = e.order_id";

/// One with its names; `NotFound` when there is none.
pub fn listed(conn: &Connection, id: EmergencyId) -> Result<Listed> {
    conn.prepare_cached(&format!("{LISTED} WHERE e.id = :id"))
        .and_then(|mut query| query.query_row(named_params! {":id": id}, read_listed).optional())
        .doing(format_args!("get emergency {id}"))?
        .ok_or_else(|| Error::not_found(NOUN, id))
}

/// What is open, the oldest first. Asked for by every page of the office, and nearly always empty.
pub fn listed_open(conn: &Connection) -> Result<Vec<Listed>> {
    conn.prepare_cached(&format!("/* emergencies: strip */ {LISTED} WHERE e.closed_at IS NULL ORDER BY e.created_at, e.id"))
        .and_then(|mut query| query.query_map([], read_listed)?.collect())
        .doing("list the open emergencies")
}

/// What was closed last, the newest first.
pub fn listed_closed(conn: &Connection, most: usize) -> Result<Vec<Listed>> {
    let sql = format!("/* emergencies: closed */ {LISTED} WHERE e.closed_at IS NOT NULL ORDER BY e.created_at DESC, e.id DESC LIMIT :most");
    conn.prepare_cached(&sql)
        .and_then(|mut query| query.query_map(named_params! {":most": most as i64}, read_listed)?.collect())
        .doing("list the closed emergencies")
}

/// What is open and given to `driver`, or his own, the oldest first.
pub fn of_driver(conn: &Connection, driver: UserId) -> Result<Vec<Listed>> {
    let sql = format!(
        "/* emergencies: of a driver */ {LISTED}
         WHERE e.closed_at IS NULL AND (e.driver_id = :driver OR e.in_need_id = :driver)
         ORDER BY e.created_at, e.id"
    );
    conn.prepare_cached(&sql)
        .and_then(|mut query| query.query_map(named_params! {":driver": driver}, read_listed)?.collect())
        .doing(format_args!("list the emergencies of driver {driver}"))
}

/// Open now, closed on the day of `now`, and how long it took on average over the last [`FIGURE_DAYS`] days.
pub fn figures(conn: &Connection, now: Stamp) -> Result<Figures> {
    const SQL: &str = "
        /* emergencies: figures */
        SELECT (SELECT count(*) FROM emergencies WHERE closed_at IS NULL) AS open,
               (SELECT count(*) FROM emergencies WHERE :today <= closed_at) AS closed_today,
               avg(assigned_at - created_at) / 60000.0 AS to_assigned,
               avg(arrived_at - created_at) / 60000.0 AS to_arrived
        FROM emergencies
        WHERE :since <= created_at";
    let today = Stamp::taipei(now.day(), 0, 0);
    conn.prepare_cached(SQL)
        .and_then(|mut query| {
            query.query_row(named_params! {":today": today, ":since": today.plus_minutes(-FIGURE_DAYS * 24 * 60)}, |row| {
                Ok(Figures {
                    open: row.get("open")?,
                    closed_today: row.get("closed_today")?,
                    to_assigned: row.get("to_assigned")?,
                    to_arrived: row.get("to_arrived")?,
                })
            })
        })
        .doing("reckon the figures of emergencies")
}

/// Writes a new one down, of an order that has been taken for it.
pub fn insert(tx: &Transaction, new: &NewEmergency, order: Option<OrderId>, by: By) -> Result<EmergencyId> {
    const SQL: &str = "
        INSERT INTO emergencies (kind, customer_id, order_id, in_need_id, description, phone, address, created_by, created_at, alarmed_at,
                                 form_key)
        VALUES (:kind, :customer, :order, :in_need, :description, :phone, :address, :by, :at, :at, :form_key)";
    tx.prepare_cached(SQL)
        .and_then(|mut insert| {
            insert.execute(named_params! {
                ":kind": new.kind.word(),
                ":customer": new.customer,
                ":order": order,
                ":in_need": new.in_need,
                ":description": new.description,
                ":phone": new.phone,
                ":address": new.address,
                ":by": by.user,
                ":at": by.at,
                ":form_key": new.form_key,
            })
        })
        .doing("write an emergency")?;
    Ok(EmergencyId(tx.last_insert_rowid()))
}

/// Writes all of `after` that can change in the place of `before`, as its next version; `Conflict` when it has moved on
/// since `before` was read. Whoever calls it writes the journal.
pub fn update(tx: &Transaction, before: &Emergency, after: &Emergency) -> Result<()> {
    const SQL: &str = "
        UPDATE emergencies
        SET description = :description,
            driver_id = :driver,
            assigned_at = :assigned_at,
            answered_at = :answered_at,
            arrived_at = :arrived_at,
            closed_at = :closed_at,
            alarmed_at = :alarmed_at,
            alarms = :alarms,
            seen_at = :seen_at,
            seen_by = :seen_by,
            version = version + 1
        WHERE id = :id AND version = :version";
    let changed = tx
        .prepare_cached(SQL)
        .and_then(|mut update| {
            update.execute(named_params! {
                ":id": before.id,
                ":version": before.version,
                ":description": after.description,
                ":driver": after.driver_id,
                ":assigned_at": after.assigned_at,
                ":answered_at": after.answered_at,
                ":arrived_at": after.arrived_at,
                ":closed_at": after.closed_at,
                ":alarmed_at": after.alarmed_at,
                ":alarms": after.alarms,
                ":seen_at": after.seen_at,
                ":seen_by": after.seen_by,
            })
        })
        .doing(format_args!("update emergency {}", before.id))?;
    if changed == 1 {
        Ok(())
    } else {
        Err(Error::conflict("emergency is not at that version", "這件緊急剛剛被別人改過，看一下再按一次。"))
    }
}

/// One thing that happened to an emergency, as the journal has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Happening {
    pub at: Stamp,
    /// By name; `None`: the program itself.
    pub by: Option<String>,
    pub verb: String,
    pub change: Value,
}

/// What happened to it, in its order.
pub fn happenings(conn: &Connection, id: EmergencyId) -> Result<Vec<Happening>> {
    const SQL: &str = "
        SELECT j.at, u.name, j.verb, j.change
        FROM journal AS j
        LEFT JOIN users AS u ON u.id = j.user_id
        WHERE j.noun = :noun AND j.noun_id = :id
        ORDER BY j.id";
    let row = |row: &Row| {
        let change: String = row.get("change")?;
        Ok(Happening {
            at: row.get("at")?,
            by: row.get("name")?,
            verb: row.get("verb")?,
            change: serde_json::from_str(&change).unwrap_or_default(),
        })
    };
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":noun": NOUN.word, ":id": id}, row)?.collect())
        .doing(format_args!("read what happened to emergency {id}"))
}

/// Whether its words were changed by whoever came after `version`.
pub fn was_described_since(conn: &Connection, id: EmergencyId, version: i64) -> Result<bool> {
    const SQL: &str = "
        SELECT EXISTS (
            SELECT 1
            FROM journal
            WHERE noun = :noun AND noun_id = :id AND verb = 'describe' AND :version <= change ->> 'version'
        )";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":noun": NOUN.word, ":id": id, ":version": version}, |row| row.get(0)))
        .doing(format_args!("see who described emergency {id}"))
}

/// Where a driver is, and what he still has to do today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whereabouts {
    pub driver: UserId,
    /// Where most of his running route lies.
    pub area: Option<AreaId>,
    pub area_name: Option<String>,
    /// Open stops of all he has been given.
    pub stops_left: i64,
    pub is_running: bool,
    /// The stop he stands at, or drives to.
    pub stop_name: Option<String>,
    pub is_there: bool,
    /// His last word from the way: a stop that was reached or finished.
    pub last_stop_at: Option<Stamp>,
    pub last_seen_at: Option<Stamp>,
}

/// Of every driver who has a published or a running route, and of the others what is kept of when they were here.
pub fn whereabouts(conn: &Connection) -> Result<Vec<Whereabouts>> {
    const SQL: &str = "
        /* emergencies: who can go */
        WITH out AS MATERIALIZED (
            SELECT r.id, r.driver_id, r.status, r.area_id
            FROM routes AS r
            WHERE r.status IN ('draft', 'published', 'in_progress') AND r.status <> 'draft'
        )
        SELECT u.id AS driver_id,
               u.last_seen_at,
               run.area_id,
               a.name AS area_name,
               run.id IS NOT NULL AS is_running,
               (SELECT count(*)
                FROM out
                JOIN stops AS s ON s.route_id = out.id
                WHERE out.driver_id = u.id AND s.status IN ('pending', 'arrived')) AS stops_left,
               (SELECT c.short_name
                FROM stops AS s
                JOIN orders AS o ON o.id = s.order_id
                JOIN customers AS c ON c.id = o.customer_id
                WHERE s.route_id = run.id AND s.status IN ('pending', 'arrived')
                ORDER BY s.status = 'pending', s.seq, s.id
                LIMIT 1) AS stop_name,
               EXISTS (SELECT 1 FROM stops AS s WHERE s.route_id = run.id AND s.status = 'arrived') AS is_there,
               (SELECT max(ifnull(s.finished_at, s.arrived_at))
                FROM stops AS s
                WHERE s.route_id = run.id AND s.status IN ('arrived', 'completed', 'failed')) AS last_stop_at
        FROM users AS u
        LEFT JOIN out AS run ON run.driver_id = u.id AND run.status = 'in_progress'
        LEFT JOIN areas AS a ON a.id = run.area_id
        WHERE u.role = 'driver' AND u.is_active = 1
        ORDER BY u.id";
    let row = |row: &Row| {
        Ok(Whereabouts {
            driver: row.get("driver_id")?,
            area: row.get("area_id")?,
            area_name: row.get("area_name")?,
            stops_left: row.get("stops_left")?,
            is_running: row.get("is_running")?,
            stop_name: row.get("stop_name")?,
            is_there: row.get("is_there")?,
            last_stop_at: row.get("last_stop_at")?,
            last_seen_at: row.get("last_seen_at")?,
        })
    };
    conn.prepare_cached(SQL).and_then(|mut query| query.query_map([], row)?.collect()).doing("see where the drivers are")
}

/// The area of a customer.
pub fn area_of(conn: &Connection, customer: CustomerId) -> Result<Option<AreaId>> {
    conn.prepare_cached("SELECT area_id FROM customers WHERE id = :id")
        .and_then(|mut query| query.query_row(named_params! {":id": customer}, |row| row.get(0)).optional())
        .doing("find the area of a customer")
        .map(Option::flatten)
}

fn emergency(row: &Row) -> rusqlite::Result<Emergency> {
    Ok(Emergency {
        id: row.get("id")?,
        kind: row.get::<_, Kind>("kind")?,
        customer_id: row.get("customer_id")?,
        order_id: row.get("order_id")?,
        in_need: row.get("in_need_id")?,
        description: row.get("description")?,
        phone: row.get("phone")?,
        address: row.get("address")?,
        created_by: row.get("created_by")?,
        created_at: row.get("created_at")?,
        driver_id: row.get("driver_id")?,
        assigned_at: row.get("assigned_at")?,
        answered_at: row.get("answered_at")?,
        arrived_at: row.get("arrived_at")?,
        closed_at: row.get("closed_at")?,
        alarmed_at: row.get("alarmed_at")?,
        alarms: row.get("alarms")?,
        seen_at: row.get("seen_at")?,
        seen_by: row.get("seen_by")?,
        version: row.get("version")?,
    })
}

fn read_listed(row: &Row) -> rusqlite::Result<Listed> {
    Ok(Listed {
        emergency: emergency(row)?,
        name: row.get("listed_name")?,
        area: row.get("area_name")?,
        driver: row.get("driver_name")?,
        created_by: row.get("created_by_name")?,
        seen_by: row.get("seen_by_name")?,
        order_number: row.get("order_number")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_page_asks_reads_only_what_is_open() {
        let conn = Connection::open_in_memory().unwrap();
        conn.execute_batch(crate::db::SCHEMA).unwrap();
        let sql = format!("EXPLAIN QUERY PLAN {LISTED} WHERE e.closed_at IS NULL ORDER BY e.created_at, e.id");
        let mut query = conn.prepare(&sql).unwrap();
        let steps: Vec<String> = query.raw_query().mapped(|row| row.get("detail")).collect::<rusqlite::Result<_>>().unwrap();
        assert!(steps.iter().any(|step| step.contains("emergencies_open")), "{steps:#?}");
        assert!(steps.iter().filter(|step| step.starts_with("SCAN")).count() == 1, "{steps:#?}");
        assert!(!steps.iter().any(|step| step.contains("TEMP B-TREE")), "{steps:#?}");
    }
}
