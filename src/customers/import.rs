//! Customers by the thousand: how an import, or demonstration data, brings them in, changes them and takes them back.

use rusqlite::types::{Value as Sql, ValueRef};
use rusqlite::{Connection, OptionalExtension, ToSql, Transaction, params, params_from_iter};
use serde_json::{Map, Value, json};

use crate::customers::search;
use crate::cylinders;
use crate::error::{Doing, Error, Result};
use crate::journal::By;
use crate::values::phone::Phone;
use crate::values::{AreaId, CustomerId, Day, ImportId, Stamp};

/// All that a file can tell of a customer; the rest is as the office leaves it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub short_name: String,
    pub invoice_title: Option<String>,
    pub address: Option<String>,
    pub area: Option<AreaId>,
    pub contact_name: Option<String>,
    pub tax_id: Option<String>,
    pub customer_type: Option<String>,
    pub notes: Option<String>,
    /// `cylinder`, `flow` or `mixed`; empty is `cylinder`.
    pub pricing_method: &'static str,
    /// `cash`, `monthly` or `transfer`; empty is `cash`.
    pub payment_terms: &'static str,
    pub needs_billing_file: bool,
    pub is_subscription: bool,
    pub has_telemetry: bool,
    pub on_patrol: Option<bool>,
    pub patrol_note: Option<String>,
    pub same_day_required: bool,
    pub same_day_note: Option<String>,
    pub equipment_owner_note: Option<String>,
    pub site_declaration: Option<String>,
    pub changeover_model: Option<String>,
    /// Bit 0 is 08–09 o'clock; 0 is unknown.
    pub available_hours: u16,
    pub time_period: Option<u8>,
    /// Bit 0 is Monday.
    pub closed_weekdays: u8,
    pub closed_on_holidays: bool,
    pub closed_text: Option<String>,
    pub vehicle_type: u8,
    pub monthly_delivered_g: Option<i64>,
    pub monthly_residual_g: Option<i64>,
    pub avg_daily_g: Option<i64>,
    pub series_g: Option<i64>,
    pub reserve_g: Option<i64>,
    pub imported_cycle_days: Option<f64>,
    pub imported_slip_days: Option<f64>,
    pub imported_margin_kg: Option<f64>,
    pub supply_area_count: Option<i64>,
    pub spare_text: Option<String>,
    pub legacy_cylinder_text: Option<String>,
    pub is_walk_in: bool,
    pub is_terminated: bool,
    /// Known only from delivery rows so far.
    pub is_placeholder: bool,
    /// The newest history row a placeholder took its name from.
    pub named_on: Option<Day>,
    /// Product code and how many stand there.
    pub cylinders: Vec<(&'static str, i64)>,
    /// Place in the list (1–5) and its text.
    pub usage: Vec<(i64, String)>,
    /// Word of the device and its note.
    pub equipment: Vec<(&'static str, Option<String>)>,
    pub phones: Vec<(Phone, String)>,
}

/// Who a new customer is and where it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    pub code: &'a str,
    /// A word of `customers.first_source`.
    pub first_source: &'static str,
    pub import: Option<ImportId>,
    pub at: Stamp,
}

/// The columns a file fills, in the order of [`Facts::columns`].
const COLUMNS: [&str; 41] = [
    "short_name",
    "invoice_title",
    "address",
    "area_id",
    "contact_name",
    "tax_id",
    "customer_type",
    "notes",
    "pricing_method",
    "payment_terms",
    "needs_billing_file",
    "is_subscription",
    "has_telemetry",
    "on_patrol",
    "patrol_note",
    "same_day_required",
    "same_day_note",
    "equipment_owner_note",
    "site_declaration",
    "changeover_model",
    "available_hours",
    "time_period",
    "closed_weekdays",
    "closed_on_holidays",
    "closed_text",
    "vehicle_type",
    "monthly_delivered_g",
    "monthly_residual_g",
    "avg_daily_g",
    "series_g",
    "reserve_g",
    "imported_cycle_days",
    "imported_slip_days",
    "imported_margin_kg",
    "supply_area_count",
    "spare_text",
    "legacy_cylinder_text",
    "is_walk_in",
    "is_terminated",
    "is_placeholder",
    "named_on",
];

impl Facts {
    fn columns(&self) -> [Sql; 41] {
        fn text(value: &Option<String>) -> Sql {
            value.clone().into()
        }
        let word = |word: &str, default: &str| Sql::Text(if word.is_empty() { default } else { word }.to_owned());
        [
            self.short_name.clone().into(),
            text(&self.invoice_title),
            text(&self.address),
            self.area.map(|id| id.0).into(),
            text(&self.contact_name),
            text(&self.tax_id),
            text(&self.customer_type),
            text(&self.notes),
            word(self.pricing_method, "cylinder"),
            word(self.payment_terms, "cash"),
            i64::from(self.needs_billing_file).into(),
            i64::from(self.is_subscription).into(),
            i64::from(self.has_telemetry).into(),
            self.on_patrol.map(i64::from).into(),
            text(&self.patrol_note),
            i64::from(self.same_day_required).into(),
            text(&self.same_day_note),
            text(&self.equipment_owner_note),
            text(&self.site_declaration),
            text(&self.changeover_model),
            i64::from(self.available_hours).into(),
            self.time_period.map(i64::from).into(),
            i64::from(self.closed_weekdays).into(),
            i64::from(self.closed_on_holidays).into(),
            text(&self.closed_text),
            i64::from(self.vehicle_type).into(),
            self.monthly_delivered_g.into(),
            self.monthly_residual_g.into(),
            self.avg_daily_g.into(),
            self.series_g.into(),
            self.reserve_g.into(),
            self.imported_cycle_days.into(),
            self.imported_slip_days.into(),
            self.imported_margin_kg.into(),
            self.supply_area_count.into(),
            text(&self.spare_text),
            text(&self.legacy_cylinder_text),
            i64::from(self.is_walk_in).into(),
            i64::from(self.is_terminated).into(),
            i64::from(self.is_placeholder).into(),
            self.named_on.map(|day| day.to_string()).into(),
        ]
    }
}

/// Inserts one customer with everything beside it, and its line in the search.
pub fn insert(tx: &Transaction, origin: Origin, facts: &Facts) -> Result<CustomerId> {
    let id = match facts.is_placeholder {
        true => insert_placeholder(tx, origin, facts)?,
        false => insert_whole(tx, origin, facts)?,
    };
    write_beside(tx, id, &Facts::default(), facts)?;
    for (position, (phone, raw)) in (1i64..).zip(&facts.phones) {
        insert_phone(tx, id, position, phone, raw)?;
    }
    let phones: Vec<Phone> = facts.phones.iter().map(|(phone, _)| phone.clone()).collect();
    let key = search::key(origin.code, &facts.short_name, facts.invoice_title.as_deref(), facts.address.as_deref(), &phones);
    tx.prepare_cached("INSERT INTO customer_search (customer_id, key) VALUES (?1, ?2)")
        .and_then(|mut insert| insert.execute(params![id, key]))
        .doing("insert a search line")?;
    Ok(id)
}

/// The few columns that are known of somebody who only stands in delivery rows; twelve thousand at once.
fn insert_placeholder(tx: &Transaction, origin: Origin, facts: &Facts) -> Result<CustomerId> {
    const SQL: &str = "
        INSERT INTO customers (customer_code, short_name, invoice_title, address, is_walk_in, is_placeholder, named_on,
                               first_source, import_id, created_at, updated_at)
        VALUES (?1, ?2, ?3, ?4, ?5, 1, ?6, ?7, ?8, ?9, ?9)";
    let values = params![
        origin.code,
        facts.short_name,
        facts.invoice_title,
        facts.address,
        facts.is_walk_in,
        facts.named_on,
        origin.first_source,
        origin.import,
        origin.at
    ];
    tx.prepare_cached(SQL).and_then(|mut insert| insert.insert(values)).doing("insert a placeholder customer").map(CustomerId)
}

fn insert_whole(tx: &Transaction, origin: Origin, facts: &Facts) -> Result<CustomerId> {
    let marks: Vec<String> = (1..=COLUMNS.len() + 5).map(|at| format!("?{at}")).collect();
    let sql = format!(
        "INSERT INTO customers ({}, customer_code, first_source, import_id, created_at, updated_at) VALUES ({})",
        COLUMNS.join(", "),
        marks.join(", ")
    );
    let mut values = facts.columns().to_vec();
    values.extend([
        origin.code.to_owned().into(),
        origin.first_source.to_owned().into(),
        origin.import.map(|id| id.0).into(),
        origin.at.0.into(),
        origin.at.0.into(),
    ]);
    tx.prepare_cached(&sql).and_then(|mut insert| insert.insert(params_from_iter(values))).doing("insert a customer").map(CustomerId)
}

/// What `now` tells otherwise than `last`, each product, device and place for itself.
fn write_beside(tx: &Transaction, id: CustomerId, last: &Facts, now: &Facts) -> Result<()> {
    renew(tx, id, ["customer_cylinders", "product", "qty"], &last.cylinders, &now.cylinders)?;
    renew(tx, id, ["usage_areas", "seq", "raw_text"], &last.usage, &now.usage)?;
    renew(tx, id, ["customer_equipment", "device", "note"], &last.equipment, &now.equipment)
}

/// Puts the rows of `now` that are not in `last`, and takes out those of `last` that `now` does not know.
fn renew<K: ToSql + PartialEq, V: ToSql + PartialEq>(
    tx: &Transaction,
    id: CustomerId,
    [table, key, value]: [&str; 3],
    last: &[(K, V)],
    now: &[(K, V)],
) -> Result<()> {
    for (gone, _) in last.iter().filter(|(key, _)| now.iter().all(|(have, _)| have != key)) {
        tx.prepare_cached(&format!("DELETE FROM {table} WHERE customer_id = ?1 AND {key} = ?2"))
            .and_then(|mut delete| delete.execute(params![id, gone]))
            .doing("take away what a list does not tell any more")?;
    }
    let sql = format!(
        "INSERT INTO {table} (customer_id, {key}, {value}) VALUES (?1, ?2, ?3)
         ON CONFLICT (customer_id, {key}) DO UPDATE
         SET {value} = excluded.{value}"
    );
    for (new, told) in now.iter().filter(|row| !last.contains(row)) {
        tx.prepare_cached(&sql).and_then(|mut put| put.execute(params![id, new, told])).doing("put what stands beside a customer")?;
    }
    Ok(())
}

fn clear(tx: &Transaction, id: CustomerId, table: &str) -> Result<()> {
    tx.prepare_cached(&format!("DELETE FROM {table} WHERE customer_id = ?1"))
        .and_then(|mut delete| delete.execute([id]))
        .doing("clear what stands beside a customer")
        .map(drop)
}

fn insert_phone(tx: &Transaction, id: CustomerId, position: i64, phone: &Phone, raw: &str) -> Result<()> {
    tx.prepare_cached("INSERT INTO customer_phones (customer_id, position, e164, extension, raw) VALUES (?1, ?2, ?3, ?4, ?5)")
        .and_then(|mut insert| insert.execute(params![id, position, phone.e164, phone.extension, raw]))
        .doing("insert a phone")
        .map(drop)
}

/// What stands in the customer's row and beside it, as JSON an import can put back.
fn image(conn: &Connection, id: CustomerId) -> Result<Map<String, Value>> {
    let mut image = conn
        .prepare_cached("SELECT * FROM customers WHERE id = ?1")
        .and_then(|mut query| {
            let names: Vec<String> = query.column_names().into_iter().map(str::to_owned).collect();
            query.query_row([id], |row| {
                let mut map = Map::new();
                for (at, name) in names.iter().enumerate() {
                    map.insert(name.clone(), json_of(row.get_ref(at)?));
                }
                Ok(map)
            })
        })
        .doing("read a customer's row")?;
    for (name, sql) in BESIDE {
        let rows: Vec<Value> = conn
            .prepare_cached(sql)
            .and_then(|mut query| {
                let width = query.column_count();
                query
                    .query_map([id], |row| (0..width).map(|at| row.get_ref(at).map(json_of)).collect::<rusqlite::Result<Vec<_>>>())?
                    .map(|row| row.map(Value::Array))
                    .collect()
            })
            .doing("read what stands beside a customer")?;
        image.insert(name.to_owned(), Value::Array(rows));
    }
    Ok(image)
}

const BESIDE: [(&str, &str); 5] = [
    ("cylinders", "SELECT product, qty FROM customer_cylinders WHERE customer_id = ?1 ORDER BY product"),
    ("usage", "SELECT seq, raw_text FROM usage_areas WHERE customer_id = ?1 ORDER BY seq"),
    ("equipment", "SELECT device, note FROM customer_equipment WHERE customer_id = ?1 ORDER BY device"),
    ("phones", "SELECT id, position, e164, extension, label, raw FROM customer_phones WHERE customer_id = ?1 ORDER BY position"),
    ("sheet", "SELECT import_id, cells FROM customer_sheets WHERE customer_id = ?1"),
];

fn json_of(value: ValueRef) -> Value {
    match value {
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => json!(number),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into(),
        ValueRef::Null | ValueRef::Blob(_) => Value::Null,
    }
}

fn sql_of(value: &Value) -> Sql {
    match value {
        Value::Number(number) => number.as_i64().map_or_else(|| Sql::Real(number.as_f64().unwrap_or_default()), Sql::Integer),
        Value::String(text) => Sql::Text(text.clone()),
        _ => Sql::Null,
    }
}

/// What a change found and what it left, of the columns that differ: `{"before": …, "after": …}`.
fn difference(before: &Map<String, Value>, after: &Map<String, Value>) -> Value {
    let mut old = Map::new();
    let mut new = Map::new();
    for (name, value) in after {
        if before.get(name) != Some(value) {
            old.insert(name.clone(), before.get(name).cloned().unwrap_or(Value::Null));
            new.insert(name.clone(), value.clone());
        }
    }
    json!({"before": old, "after": new})
}

/// What a client list tells of a customer who is there.
pub struct Listed<'a> {
    pub facts: &'a Facts,
    /// What the list told the last time; `None` when nobody but files has ever spoken of the customer.
    pub last: Option<&'a Facts>,
    /// Whether the area is another than the last time.
    pub is_area_told: bool,
    /// As [`put_sheet`] keeps them.
    pub cells: &'a str,
}

/// Brings `id` up to what the client list tells. What the list tells as it did the last time stays as people have
/// made it since; phones and what the list has no column for are the office's anyway. Gives what changed.
pub fn update_from_list(tx: &Transaction, id: CustomerId, code: &str, list: &Listed, import: ImportId, at: Stamp) -> Result<Value> {
    const OFFICE: [&str; 4] = ["contact_name", "tax_id", "notes", "is_walk_in"];
    let before = image(tx, id)?;
    let last = list.last.map(Facts::columns);
    let is_told = |at: usize, name: &str, value: &Sql| match (&last, name) {
        (_, name) if OFFICE.contains(&name) => false,
        (_, "area_id") => list.is_area_told,
        (Some(last), _) => last.get(at) != Some(value),
        (None, _) => true,
    };
    let columns = COLUMNS.into_iter().zip(list.facts.columns()).enumerate();
    let told = columns.filter(|(at, (name, value))| is_told(*at, name, value)).map(|(_, column)| column);
    let (names, values): (Vec<_>, Vec<_>) = told.unzip();
    set_columns(tx, id, &names, values, at)?;
    match list.last {
        Some(last) => write_beside(tx, id, last, list.facts)?,
        None => {
            for table in ["customer_cylinders", "usage_areas", "customer_equipment"] {
                clear(tx, id, table)?;
            }
            write_beside(tx, id, &Facts::default(), list.facts)?;
        }
    }
    put_sheet(tx, id, import, list.cells)?;
    refresh_search(tx, id, code)?;
    let change = difference(&before, &image(tx, id)?);
    if change["after"].get("cylinders").is_some() {
        cylinders::raise_to_nothing(tx, id, By::program(at))?;
    }
    Ok(change)
}

/// Names a placeholder better than it was. Gives what changed.
pub fn rename(tx: &Transaction, id: CustomerId, code: &str, name: &Naming, at: Stamp) -> Result<Value> {
    let before = image(tx, id)?;
    let names = ["short_name", "invoice_title", "address", "named_on"];
    let values = vec![
        name.short_name.clone().into(),
        name.invoice_title.clone().into(),
        name.address.clone().into(),
        name.named_on.map(|day| day.to_string()).into(),
    ];
    set_columns(tx, id, &names, values, at)?;
    refresh_search(tx, id, code)?;
    Ok(difference(&before, &image(tx, id)?))
}

/// Gives `id` a phone it did not have. Gives what changed.
pub fn add_phone(tx: &Transaction, id: CustomerId, code: &str, phone: &Phone, raw: &str, at: Stamp) -> Result<Value> {
    let before = image(tx, id)?;
    let position = before.get("phones").and_then(Value::as_array).map_or(0, Vec::len) as i64 + 1;
    insert_phone(tx, id, position, phone, raw)?;
    set_columns(tx, id, &[], vec![], at)?;
    refresh_search(tx, id, code)?;
    Ok(difference(&before, &image(tx, id)?))
}

fn set_columns(tx: &Transaction, id: CustomerId, names: &[&str], mut values: Vec<Sql>, at: Stamp) -> Result<()> {
    let mut sets: Vec<String> = names.iter().enumerate().map(|(at, name)| format!("{name} = ?{}", at + 1)).collect();
    sets.push(format!("updated_at = ?{}", names.len() + 1));
    sets.push("version = version + 1".to_owned());
    let sql = format!("UPDATE customers SET {} WHERE id = ?{}", sets.join(", "), names.len() + 2);
    values.push(at.0.into());
    values.push(id.0.into());
    tx.prepare_cached(&sql).and_then(|mut update| update.execute(params_from_iter(values))).doing("update a customer").map(drop)
}

/// Keeps the cells the list had of `id`.
pub fn put_sheet(tx: &Transaction, id: CustomerId, import: ImportId, cells: &str) -> Result<()> {
    const SQL: &str = "
        INSERT INTO customer_sheets (customer_id, import_id, cells) VALUES (?1, ?2, ?3)
        ON CONFLICT (customer_id) DO UPDATE
        SET import_id = excluded.import_id,
            cells = excluded.cells";
    tx.prepare_cached(SQL).and_then(|mut put| put.execute(params![id, import, cells])).doing("keep a customer's cells").map(drop)
}

fn refresh_search(tx: &Transaction, id: CustomerId, code: &str) -> Result<()> {
    let (short_name, title, address): (String, Option<String>, Option<String>) = tx
        .prepare_cached("SELECT short_name, invoice_title, address FROM customers WHERE id = ?1")
        .and_then(|mut query| query.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))))
        .doing("read a customer's names")?;
    let phones: Vec<Phone> = tx
        .prepare_cached("SELECT e164, extension FROM customer_phones WHERE customer_id = ?1 ORDER BY position")
        .and_then(|mut query| query.query_map([id], |row| Ok(Phone { e164: row.get(0)?, extension: row.get(1)? }))?.collect())
        .doing("read a customer's phones")?;
    let key = search::key(code, &short_name, title.as_deref(), address.as_deref(), &phones);
    tx.prepare_cached("UPDATE customer_search SET key = ?2 WHERE customer_id = ?1")
        .and_then(|mut update| update.execute(params![id, key]))
        .doing("renew a search line")
        .map(drop)
}

/// What a customer is called, and from which row.
#[derive(Clone, Debug, PartialEq)]
pub struct Naming {
    pub short_name: String,
    pub invoice_title: Option<String>,
    pub address: Option<String>,
    pub named_on: Option<Day>,
}

/// A customer as an import meets it.
#[derive(Clone, Debug)]
pub struct Known {
    pub id: CustomerId,
    pub code: String,
    pub naming: Naming,
    pub is_placeholder: bool,
}

/// Every customer by its code: what an import compares with, read once.
pub fn all_known(conn: &Connection) -> Result<Vec<Known>> {
    const SQL: &str = "
        /* customers: all codes and names */
        SELECT id, customer_code, short_name, invoice_title, address, named_on, is_placeholder
        FROM customers
        ORDER BY id";
    conn.prepare(SQL)
        .and_then(|mut query| {
            query
                .query_map([], |row| {
                    Ok(Known {
                        id: row.get(0)?,
                        code: row.get(1)?,
                        naming: Naming { short_name: row.get(2)?, invoice_title: row.get(3)?, address: row.get(4)?, named_on: row.get(5)? },
                        is_placeholder: row.get(6)?,
                    })
                })?
                .collect()
        })
        .doing("list all customers")
}

/// The cells the last list had of `id`.
pub fn sheet_of(conn: &Connection, id: CustomerId) -> Result<Option<String>> {
    conn.prepare_cached("SELECT cells FROM customer_sheets WHERE customer_id = ?1")
        .and_then(|mut query| query.query_row([id], |row| row.get(0)).optional())
        .doing("read a customer's cells")
}

/// The same for comparing with: a customer the office took down has been told by no list yet, so its cells are
/// empty ones. `None` for those whom only files know.
pub fn last_cells(conn: &Connection, id: CustomerId) -> Result<Option<String>> {
    const SQL: &str = "
        SELECT ifnull(s.cells, CASE WHEN c.first_source = 'office' THEN '{}' END)
        FROM customers AS c
        LEFT JOIN customer_sheets AS s ON s.customer_id = c.id
        WHERE c.id = ?1";
    conn.prepare_cached(SQL).and_then(|mut query| query.query_row([id], |row| row.get(0))).doing("read a customer's last cells")
}

/// Whether `id` has any phone.
pub fn has_phone(conn: &Connection, id: CustomerId) -> Result<bool> {
    conn.prepare_cached("SELECT 1 FROM customer_phones WHERE customer_id = ?1")
        .and_then(|mut query| query.exists([id]))
        .doing("look for a phone")
}

/// The area called `name`, made when it is new; the flag says so.
pub fn area(tx: &Transaction, name: &str) -> Result<(AreaId, bool)> {
    let found: Option<AreaId> =
        tx.query_row("SELECT id FROM areas WHERE name = ?1", [name], |row| row.get(0)).optional().doing("find an area")?;
    match found {
        Some(id) => Ok((id, false)),
        None => {
            tx.execute("INSERT INTO areas (name) VALUES (?1)", [name]).doing("make an area")?;
            Ok((AreaId(tx.last_insert_rowid()), true))
        }
    }
}

/// Takes an area away again unless somebody stands in it.
pub fn remove_area(tx: &Transaction, id: i64) -> Result<()> {
    tx.execute("DELETE FROM areas WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM customers WHERE area_id = ?1)", [id])
        .doing("take an area back")
        .map(drop)
}

/// Puts back what `change` (of [`update_from_list`] and its like) says stood before, as far as it still stands
/// as the import left it: what a person changed since is theirs.
pub fn restore(tx: &Transaction, id: CustomerId, change: &Value) -> Result<()> {
    let (Some(before), Some(after)) = (change["before"].as_object(), change["after"].as_object()) else {
        return Err(Error::impossible("read what an import changed"));
    };
    let now = image(tx, id)?;
    for (name, old) in before {
        if now.get(name) != after.get(name) {
            continue;
        }
        let rows = old.as_array().map(Vec::as_slice).unwrap_or_default();
        match name.as_str() {
            "cylinders" => {
                put_rows(tx, id, "customer_cylinders", "product, qty", rows)?;
            }
            "usage" => put_rows(tx, id, "usage_areas", "seq, raw_text", rows)?,
            "equipment" => put_rows(tx, id, "customer_equipment", "device, note", rows)?,
            "phones" => put_rows(tx, id, "customer_phones", "id, position, e164, extension, label, raw", rows)?,
            "sheet" => put_rows(tx, id, "customer_sheets", "import_id, cells", rows)?,
            _ => {
                let is_column = now.contains_key(name) && name != "id";
                if is_column {
                    tx.prepare_cached(&format!("UPDATE customers SET {name} = ?2 WHERE id = ?1"))
                        .and_then(|mut update| update.execute(params![id, sql_of(old)]))
                        .doing("put a customer's column back")?;
                }
            }
        }
    }
    let code = now.get("customer_code").and_then(Value::as_str).unwrap_or_default().to_owned();
    refresh_search(tx, id, &code)
}

fn put_rows(tx: &Transaction, id: CustomerId, table: &str, columns: &str, rows: &[Value]) -> Result<()> {
    clear(tx, id, table)?;
    for row in rows {
        let cells = row.as_array().map(Vec::as_slice).unwrap_or_default();
        let marks: Vec<String> = (2..cells.len() + 2).map(|at| format!("?{at}")).collect();
        let values = std::iter::once(Sql::Integer(id.0)).chain(cells.iter().map(sql_of));
        tx.execute(&format!("INSERT INTO {table} (customer_id, {columns}) VALUES (?1, {})", marks.join(", ")), params_from_iter(values))
            .doing("put back what stood beside a customer")?;
    }
    Ok(())
}

/// Removes the customers `import` made to whom nothing else was ever done, and says how many stay. The
/// import's deliveries and rows must be gone already.
pub fn remove_import(tx: &Transaction, import: ImportId) -> Result<usize> {
    const KEPT: &str = "
        SELECT id
        FROM customers AS c
        WHERE import_id = ?1
          AND (version <> 1
               OR EXISTS (SELECT 1 FROM deliveries AS d WHERE d.customer_id = c.id)
               OR EXISTS (SELECT 1 FROM delivery_history AS h WHERE h.customer_id = c.id)
               OR EXISTS (SELECT 1 FROM visits AS v WHERE v.customer_id = c.id)
               OR EXISTS (SELECT 1 FROM import_rows AS r WHERE r.customer_id = c.id)
               OR EXISTS (SELECT 1 FROM orders AS o WHERE o.customer_id = c.id)
               OR EXISTS (SELECT 1 FROM order_templates AS t WHERE t.customer_id = c.id)
               OR EXISTS (SELECT 1 FROM customer_prices AS p WHERE p.customer_id = c.id)
               OR EXISTS (SELECT 1 FROM telemetry_alarms AS a WHERE a.customer_id = c.id)
               OR EXISTS (SELECT 1 FROM due_skips AS s WHERE s.customer_id = c.id)
               OR EXISTS (SELECT 1 FROM meters AS m WHERE m.customer_id = c.id)
               OR EXISTS (SELECT 1 FROM payments AS y WHERE y.customer_id = c.id)
               OR EXISTS (SELECT 1 FROM emergencies AS e WHERE e.customer_id = c.id)
               OR EXISTS (SELECT 1 FROM customer_owned_cylinders AS k WHERE k.customer_id = c.id)
               OR EXISTS (SELECT 1 FROM cylinder_balances AS b WHERE b.place = 'customer' AND b.place_id = c.id))";
    let kept: std::collections::HashSet<i64> = tx
        .prepare(KEPT)
        .and_then(|mut query| query.query_map([import], |row| row.get(0))?.collect())
        .doing("list the customers that stay")?;
    let made: Vec<i64> = tx
        .prepare("SELECT id FROM customers WHERE import_id = ?1")
        .and_then(|mut query| query.query_map([import], |row| row.get(0))?.collect())
        .doing("list the customers of an import")?;
    for id in made.iter().filter(|id| !kept.contains(id)) {
        for sql in [
            "DELETE FROM customer_search WHERE customer_id = ?1",
            "DELETE FROM customer_phones WHERE customer_id = ?1",
            "DELETE FROM customer_cylinders WHERE customer_id = ?1",
            "DELETE FROM usage_areas WHERE customer_id = ?1",
            "DELETE FROM customer_equipment WHERE customer_id = ?1",
            "DELETE FROM customer_sheets WHERE customer_id = ?1",
            "DELETE FROM customers WHERE id = ?1",
        ] {
            tx.prepare_cached(sql).and_then(|mut delete| delete.execute([id])).doing("take a customer back")?;
        }
    }
    Ok(kept.len())
}
