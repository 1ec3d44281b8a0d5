use rusqlite::{Connection, OptionalExtension, Row as SqlRow, Transaction, named_params};
use serde_json::{Value, json};

use crate::customers::Customer;
use crate::error::{Doing, Error, Result};
use crate::journal::{self, By, Entry};
use crate::templates::recurrence::{Recurrence, Rhythm};
use crate::templates::{Details, Line, Made, NOUN, Row, Stopped, Template, fields};
use crate::values::{CustomerId, Day, OrderId, Stamp, TemplateId};

/// One template, whole; `NotFound` when there is none.
pub fn get(conn: &Connection, id: TemplateId) -> Result<Template> {
    let mut template = conn
        .prepare_cached("SELECT * FROM order_templates WHERE id = :id")
        .and_then(|mut query| query.query_row(named_params! {":id": id}, template).optional())
        .doing(format_args!("get template {id}"))?
        .ok_or_else(|| Error::not_found(NOUN, id))?;
    template.details.lines = lines(conn, id)?;
    Ok(template)
}

/// Those of a customer, the ones in use first, then by their next day.
pub fn of_customer(conn: &Connection, customer: CustomerId) -> Result<Vec<Template>> {
    const SQL: &str = "
        /* templates: of customer */
        SELECT *
        FROM order_templates
        WHERE customer_id = :customer
        ORDER BY is_active DESC, next_on IS NULL, next_on, id";
    let mut templates: Vec<Template> = conn
        .prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":customer": customer}, template)?.collect())
        .doing(format_args!("list the templates of customer {customer}"))?;
    for template in &mut templates {
        template.details.lines = lines(conn, template.id)?;
    }
    Ok(templates)
}

/// Which templates a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    InUse,
    Stopped,
    /// Stopped by the night, and nobody has said 知道了 yet.
    Unseen,
    All,
}

impl Shown {
    /// As SQL: `(is_active, is_stop_seen)`, `NULL` for either.
    fn flags(self) -> (Option<bool>, Option<bool>) {
        match self {
            Shown::InUse => (Some(true), None),
            Shown::Stopped => (Some(false), None),
            Shown::Unseen => (Some(false), Some(false)),
            Shown::All => (None, None),
        }
    }
}

/// A page of templates with whose they are: by their next day, those without one last; `customer` narrows it.
pub fn list(conn: &Connection, shown: Shown, customer: Option<CustomerId>, skip: usize, limit: usize) -> Result<Vec<Row>> {
    const SQL: &str = "
        /* templates: list */
        SELECT t.*,
               c.customer_code,
               c.short_name
        FROM order_templates AS t
        JOIN customers AS c ON c.id = t.customer_id
        WHERE (:active IS NULL OR t.is_active = :active)
          AND (:seen IS NULL OR t.is_stop_seen = :seen)
          AND (:customer IS NULL OR t.customer_id = :customer)
        ORDER BY t.is_active DESC, t.next_on IS NULL, t.next_on, c.customer_code, t.id
        LIMIT :limit OFFSET :skip";
    let (active, seen) = shown.flags();
    let params = named_params! {":active": active, ":seen": seen, ":customer": customer, ":skip": skip as i64, ":limit": limit as i64};
    let mut rows: Vec<Row> =
        conn.prepare_cached(SQL).and_then(|mut query| query.query_map(params, row)?.collect()).doing("list the templates")?;
    for row in &mut rows {
        row.template.details.lines = lines(conn, row.template.id)?;
    }
    Ok(rows)
}

/// One template with whose it is; `NotFound` when there is none.
pub fn row_of(conn: &Connection, id: TemplateId) -> Result<Row> {
    const SQL: &str = "
        SELECT t.*,
               c.customer_code,
               c.short_name
        FROM order_templates AS t
        JOIN customers AS c ON c.id = t.customer_id
        WHERE t.id = :id";
    let mut found = conn
        .prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":id": id}, row).optional())
        .doing(format_args!("get template {id}"))?
        .ok_or_else(|| Error::not_found(NOUN, id))?;
    found.template.details.lines = lines(conn, id)?;
    Ok(found)
}

/// How many templates such a list holds in all.
pub fn count(conn: &Connection, shown: Shown, customer: Option<CustomerId>) -> Result<usize> {
    const SQL: &str = "
        SELECT count(*)
        FROM order_templates
        WHERE (:active IS NULL OR is_active = :active)
          AND (:seen IS NULL OR is_stop_seen = :seen)
          AND (:customer IS NULL OR customer_id = :customer)";
    let (active, seen) = shown.flags();
    conn.prepare_cached(SQL)
        .and_then(|mut query| {
            query.query_row(named_params! {":active": active, ":seen": seen, ":customer": customer}, |row| row.get::<_, i64>(0))
        })
        .map(|count| count as usize)
        .doing("count the templates")
}

/// Templates in use whose next day is `day` or earlier, the longest waiting first.
pub fn due(conn: &Connection, day: Day) -> Result<Vec<TemplateId>> {
    const SQL: &str = "
        /* templates: due */
        SELECT id
        FROM order_templates
        WHERE is_active = 1 AND next_on <= :day
        ORDER BY next_on, id";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":day": day}, |row| row.get("id"))?.collect())
        .doing("list the templates that are due")
}

/// The order `id` has made for the day `due_on` of its rhythm.
pub fn made_for(conn: &Connection, id: TemplateId, due_on: Day) -> Result<Option<OrderId>> {
    conn.prepare_cached("SELECT order_id FROM order_template_days WHERE template_id = :id AND due_on = :day")
        .and_then(|mut query| query.query_row(named_params! {":id": id, ":day": due_on}, |row| row.get("order_id")).optional())
        .doing(format_args!("find what template {id} made for a day"))
}

/// The latest `most` days of its rhythm for which `id` has its order, the newest first.
pub fn made(conn: &Connection, id: TemplateId, most: usize) -> Result<Vec<Made>> {
    const SQL: &str = "
        SELECT due_on,
               order_id
        FROM order_template_days
        WHERE template_id = :id
        ORDER BY due_on DESC
        LIMIT :most";
    let made = |row: &SqlRow| Ok(Made { due_on: row.get("due_on")?, order_id: row.get("order_id")? });
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":id": id, ":most": most as i64}, made)?.collect())
        .doing(format_args!("list what template {id} made"))
}

/// The latest `most` orders made of `id`, by the night or by hand, the newest first.
pub fn orders_of(conn: &Connection, id: TemplateId, most: usize) -> Result<Vec<OrderId>> {
    const SQL: &str = "
        SELECT id
        FROM orders
        WHERE template_id = :id
        ORDER BY scheduled_on DESC, id DESC
        LIMIT :most";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":id": id, ":most": most as i64}, |row| row.get("id"))?.collect())
        .doing(format_args!("list the orders of template {id}"))
}

/// Writes a new template of `customer` under its next code.
pub fn create(tx: &Transaction, customer: &Customer, details: &Details, by: By) -> Result<TemplateId> {
    const SQL: &str = "
        INSERT INTO order_templates (code, customer_id, name, notes, payment_method, is_urgent, recurrence, every, weekdays, anchor_day,
                                     next_on, end_on, created_at, updated_at)
        VALUES (:code, :customer, :name, :notes, :payment, :is_urgent, :recurrence, :every, :weekdays, :anchor_day,
                :next_on, :end_on, :at, :at)";
    let code = next_code(tx, customer.details.customer_code.as_str())?;
    let (weekdays, anchor_day) = columns(details.rhythm);
    tx.prepare_cached(SQL)
        .and_then(|mut insert| {
            insert.execute(named_params! {
                ":code": code,
                ":customer": customer.id,
                ":name": details.name,
                ":notes": details.notes,
                ":payment": details.payment.word(),
                ":is_urgent": details.is_urgent,
                ":recurrence": details.rhythm.recurrence().word(),
                ":every": details.rhythm.every(),
                ":weekdays": weekdays,
                ":anchor_day": anchor_day,
                ":next_on": details.next_on,
                ":end_on": details.end_on,
                ":at": by.at,
            })
        })
        .doing("write a template")?;
    let id = TemplateId(tx.last_insert_rowid());
    write_lines(tx, id, &details.lines)?;
    record(tx, id, "create", json!({"after": fields::json(&get(tx, id)?)}), by)?;
    Ok(id)
}

/// Writes what the office changed; the journal keeps only the fields that differ. Nothing changed is nothing written.
pub fn update(tx: &Transaction, template: &Template, details: &Details, by: By) -> Result<()> {
    const SQL: &str = "
        UPDATE order_templates
        SET name = :name,
            notes = :notes,
            payment_method = :payment,
            is_urgent = :is_urgent,
            recurrence = :recurrence,
            every = :every,
            weekdays = :weekdays,
            anchor_day = :anchor_day,
            next_on = :next_on,
            end_on = :end_on,
            updated_at = :at,
            version = version + 1
        WHERE id = :id";
    let (before, after) = fields::changes(&template.details, details);
    if after.is_empty() {
        return Ok(());
    }
    let (weekdays, anchor_day) = columns(details.rhythm);
    tx.prepare_cached(SQL)
        .and_then(|mut update| {
            update.execute(named_params! {
                ":id": template.id,
                ":name": details.name,
                ":notes": details.notes,
                ":payment": details.payment.word(),
                ":is_urgent": details.is_urgent,
                ":recurrence": details.rhythm.recurrence().word(),
                ":every": details.rhythm.every(),
                ":weekdays": weekdays,
                ":anchor_day": anchor_day,
                ":next_on": details.next_on,
                ":end_on": details.end_on,
                ":at": by.at,
            })
        })
        .doing(format_args!("change template {}", template.id))?;
    if template.details.lines != details.lines {
        write_lines(tx, template.id, &details.lines)?;
    }
    record(tx, template.id, "edit", json!({"version": template.version, "before": before, "after": after}), by)
}

/// Moves the next day of a rhythm on and counts the order that was made, if one was. The journal tells it as a use
/// when somebody did it, and as the night's work when the program did.
pub fn advance(tx: &Transaction, template: &Template, next_on: Day, made: Option<(Day, OrderId)>, change: Value, by: By) -> Result<()> {
    const ADVANCE: &str = "
        UPDATE order_templates
        SET next_on = :next_on,
            updated_at = :at,
            version = version + 1
        WHERE id = :id";
    const MADE: &str = "
        INSERT INTO order_template_days (template_id, due_on, order_id)
        VALUES (:id, :due_on, :order)";
    let doing = format!("advance template {}", template.id);
    tx.prepare_cached(ADVANCE)
        .and_then(|mut update| update.execute(named_params! {":id": template.id, ":next_on": next_on, ":at": by.at}))
        .doing(&doing)?;
    if let Some((due_on, order)) = made {
        tx.prepare_cached(MADE)
            .and_then(|mut insert| insert.execute(named_params! {":id": template.id, ":due_on": due_on, ":order": order}))
            .doing(&doing)?;
        count_use(tx, template.id, by.at)?;
    }
    let verb = if by.user.is_some() { "use" } else { "generate" };
    record(tx, template.id, verb, change, by)
}

/// Counts an order somebody made of it.
pub fn used(tx: &Transaction, id: TemplateId, order: OrderId, by: By) -> Result<()> {
    count_use(tx, id, by.at)?;
    record(tx, id, "use", json!({"order_id": order.0}), by)
}

fn count_use(tx: &Transaction, id: TemplateId, at: Stamp) -> Result<()> {
    const SQL: &str = "
        UPDATE order_templates
        SET times_used = times_used + 1,
            last_used_at = :at
        WHERE id = :id";
    tx.prepare_cached(SQL)
        .and_then(|mut update| update.execute(named_params! {":id": id, ":at": at}))
        .doing(format_args!("count a use of template {id}"))?;
    Ok(())
}

/// Stops it; what the office did itself, it need not be told.
pub fn stop(tx: &Transaction, template: &Template, why: Stopped, by: By) -> Result<()> {
    const SQL: &str = "
        UPDATE order_templates
        SET is_active = 0,
            stopped_why = :why,
            is_stop_seen = :seen,
            updated_at = :at,
            version = version + 1
        WHERE id = :id";
    let is_seen = why != Stopped::CustomerStopped;
    tx.prepare_cached(SQL)
        .and_then(|mut update| update.execute(named_params! {":id": template.id, ":why": why.word(), ":seen": is_seen, ":at": by.at}))
        .doing(format_args!("stop template {}", template.id))?;
    let (before, after) = (json!({"stopped_why": null}), json!({"stopped_why": why.word()}));
    record(tx, template.id, "stop", json!({"version": template.version, "before": before, "after": after}), by)
}

/// Takes it up again from `next_on`, a day of its rhythm.
pub fn restart(tx: &Transaction, template: &Template, next_on: Option<Day>, by: By) -> Result<()> {
    const SQL: &str = "
        UPDATE order_templates
        SET is_active = 1,
            stopped_why = NULL,
            is_stop_seen = 1,
            next_on = :next_on,
            updated_at = :at,
            version = version + 1
        WHERE id = :id";
    tx.prepare_cached(SQL)
        .and_then(|mut update| update.execute(named_params! {":id": template.id, ":next_on": next_on, ":at": by.at}))
        .doing(format_args!("restart template {}", template.id))?;
    let day = |day: Option<Day>| day.map(|day| day.to_string());
    let before = json!({"stopped_why": template.stopped.map(Stopped::word), "next_on": day(template.details.next_on)});
    let after = json!({"stopped_why": null, "next_on": day(next_on)});
    record(tx, template.id, "restart", json!({"version": template.version, "before": before, "after": after}), by)
}

/// The office knows that it stopped.
pub fn mark_seen(tx: &Transaction, id: TemplateId, by: By) -> Result<()> {
    const SQL: &str = "
        UPDATE order_templates
        SET is_stop_seen = 1
        WHERE id = :id";
    tx.prepare_cached(SQL)
        .and_then(|mut update| update.execute(named_params! {":id": id}))
        .doing(format_args!("mark the stop of template {id} seen"))?;
    record(tx, id, "seen", json!({}), by)
}

fn record(tx: &Transaction, id: TemplateId, verb: &str, change: Value, by: By) -> Result<()> {
    journal::record(tx, &Entry { by, verb, noun: NOUN, noun_id: Some(id.0), change })
}

/// `1902046_TPL_001`, and so on: one more than the last of this code, which may have been another customer's.
fn next_code(conn: &Connection, customer_code: &str) -> Result<String> {
    const SQL: &str = "
        SELECT coalesce(max(CAST(substr(code, length(:prefix) + 1) AS INTEGER)), 0) + 1
        FROM order_templates
        WHERE :prefix < code AND code < :prefix || ':'";
    let prefix = format!("{customer_code}_TPL_");
    let next: i64 = conn
        .prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":prefix": prefix}, |row| row.get(0)))
        .doing("find the next code of a template")?;
    Ok(format!("{prefix}{next:03}"))
}

fn write_lines(tx: &Transaction, id: TemplateId, lines: &[Line]) -> Result<()> {
    const SQL: &str = "
        INSERT INTO order_template_lines (template_id, line_no, product_id, qty)
        VALUES (:id, :no, :product, :qty)";
    let write = || -> rusqlite::Result<()> {
        tx.prepare_cached("DELETE FROM order_template_lines WHERE template_id = :id")?.execute(named_params! {":id": id})?;
        let mut insert = tx.prepare_cached(SQL)?;
        for (no, line) in (1i64..).zip(lines) {
            insert.execute(named_params! {":id": id, ":no": no, ":product": line.product_id, ":qty": line.qty})?;
        }
        Ok(())
    };
    write().doing(format_args!("write the lines of template {id}"))
}

fn lines(conn: &Connection, id: TemplateId) -> Result<Vec<Line>> {
    const SQL: &str = "
        SELECT l.product_id,
               p.name,
               l.qty
        FROM order_template_lines AS l
        JOIN products AS p ON p.id = l.product_id
        WHERE l.template_id = :id
        ORDER BY l.line_no";
    let line = |row: &SqlRow| Ok(Line { product_id: row.get("product_id")?, product_name: row.get("name")?, qty: row.get("qty")? });
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":id": id}, line)?.collect())
        .doing(format_args!("list the lines of template {id}"))
}

/// `weekdays` and `anchor_day` as columns; a rhythm that has none of them has their least.
fn columns(rhythm: Rhythm) -> (u8, u32) {
    match rhythm {
        Rhythm::ByHand | Rhythm::Daily { .. } => (0, 1),
        Rhythm::Weekly { weekdays, .. } => (weekdays, 1),
        Rhythm::Monthly { anchor_day, .. } => (0, anchor_day),
    }
}

fn row(row: &SqlRow) -> rusqlite::Result<Row> {
    Ok(Row { template: template(row)?, customer_code: row.get("customer_code")?, customer_name: row.get("short_name")? })
}

/// A template without its lines.
fn template(row: &SqlRow) -> rusqlite::Result<Template> {
    let every = row.get("every")?;
    let rhythm = match row.get("recurrence")? {
        Recurrence::ByHand => Rhythm::ByHand,
        Recurrence::Daily => Rhythm::Daily { every },
        Recurrence::Weekly => Rhythm::Weekly { every, weekdays: row.get("weekdays")? },
        Recurrence::Monthly => Rhythm::Monthly { every, anchor_day: row.get("anchor_day")? },
    };
    Ok(Template {
        id: row.get("id")?,
        code: row.get("code")?,
        customer_id: row.get("customer_id")?,
        details: Details {
            name: row.get("name")?,
            lines: Vec::new(),
            notes: row.get("notes")?,
            payment: row.get("payment_method")?,
            is_urgent: row.get("is_urgent")?,
            rhythm,
            next_on: row.get("next_on")?,
            end_on: row.get("end_on")?,
        },
        times_used: row.get("times_used")?,
        last_used_at: row.get("last_used_at")?,
        stopped: row.get("stopped_why")?,
        is_stop_seen: row.get("is_stop_seen")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        version: row.get("version")?,
    })
}
