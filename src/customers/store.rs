mod areas;
mod list;
mod write;

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::customers::equipment::Device;
use crate::customers::{Customer, Details, Imported, NOUN, Number, Period, State, Vehicle};
use crate::error::{Doing, Error, Result};
use crate::values::address::Address;
use crate::values::phone::Phone;
use crate::values::product::Product;
use crate::values::text::fold;
use crate::values::weekdays::ClosedDays;
use crate::values::{CustomerId, Stamp};

pub use areas::{area, area_names, areas, is_area, merge_area, rename_area};
pub use list::{Filter, Shown, Sort, count, counts, ids, lines};
pub use write::{add_phone, create, set_state, set_walk_in, update};

/// One customer, whole; `NotFound` when there is none.
pub fn get(conn: &Connection, id: CustomerId) -> Result<Customer> {
    conn.prepare_cached(&format!("{SELECT} WHERE c.id = :id"))
        .and_then(|mut query| query.query_row(named_params! {":id": id}, customer).optional())
        .doing(format_args!("get customer {id}"))?
        .ok_or_else(|| Error::not_found(NOUN, id))
        .and_then(|customer| with_parts(conn, customer))
}

const SELECT: &str = "
    /* customers: card */
    SELECT c.*, a.name AS area_name
    FROM customers AS c
    LEFT JOIN areas AS a ON a.id = c.area_id";

fn customer(row: &Row) -> rusqlite::Result<Customer> {
    Ok(Customer {
        id: row.get("id")?,
        state: State::of(row.get("is_active")?, row.get("is_terminated")?),
        is_walk_in: row.get("is_walk_in")?,
        is_placeholder: row.get("is_placeholder")?,
        area_id: row.get("area_id")?,
        imported: Imported {
            cycle_days: row.get("imported_cycle_days")?,
            slip_days: row.get("imported_slip_days")?,
            margin_kg: row.get("imported_margin_kg")?,
        },
        first_source: row.get("first_source")?,
        created_at: row.get("created_at")?,
        updated_at: row.get("updated_at")?,
        version: row.get("version")?,
        details: Details {
            customer_code: row.get("customer_code")?,
            short_name: row.get("short_name")?,
            invoice_title: row.get("invoice_title")?,
            address: row.get("address")?,
            area: row.get("area_name")?,
            contact_name: row.get("contact_name")?,
            tax_id: row.get("tax_id")?,
            customer_type: row.get("customer_type")?,
            notes: row.get("notes")?,
            access_note: row.get("access_note")?,
            phones: Vec::new(),
            pricing_method: row.get("pricing_method")?,
            payment_terms: row.get("payment_terms")?,
            needs_billing_file: row.get("needs_billing_file")?,
            is_subscription: row.get("is_subscription")?,
            has_telemetry: row.get("has_telemetry")?,
            on_patrol: row.get("on_patrol")?,
            patrol_note: row.get("patrol_note")?,
            same_day_required: row.get("same_day_required")?,
            same_day_note: row.get("same_day_note")?,
            equipment_owner_note: row.get("equipment_owner_note")?,
            site_declaration: row.get("site_declaration")?,
            changeover_model: row.get("changeover_model")?,
            available_hours: row.get("available_hours")?,
            time_period: row.get::<_, Option<i64>>("time_period")?.and_then(Period::from_number),
            closed: ClosedDays {
                weekdays: row.get("closed_weekdays")?,
                on_holidays: row.get("closed_on_holidays")?,
                text: row.get("closed_text")?,
            },
            vehicle_type: Vehicle::from_number(row.get("vehicle_type")?).unwrap_or(Vehicle::Any),
            monthly_delivered_g: row.get("monthly_delivered_g")?,
            monthly_residual_g: row.get("monthly_residual_g")?,
            avg_daily_g: row.get("avg_daily_g")?,
            series_g: row.get("series_g")?,
            reserve_g: row.get("reserve_g")?,
            supply_area_count: row.get("supply_area_count")?,
            spare_text: row.get("spare_text")?,
            legacy_cylinder_text: row.get("legacy_cylinder_text")?,
            cylinders: Vec::new(),
            usage_areas: [const { None }; 5],
            equipment: Vec::new(),
        },
    })
}

/// The rows that belong to a customer, a table each.
fn with_parts(conn: &Connection, mut customer: Customer) -> Result<Customer> {
    const PHONES: &str = "
        SELECT e164, extension, label, raw
        FROM customer_phones
        WHERE customer_id = :id
        ORDER BY position";
    const DOING: &str = "read what belongs to a customer";
    let id = customer.id;
    let details = &mut customer.details;

    let number = |row: &Row| {
        Ok(Number {
            phone: Phone { e164: row.get("e164")?, extension: row.get("extension")? },
            label: row.get("label")?,
            raw: row.get("raw")?,
        })
    };
    details.phones =
        conn.prepare_cached(PHONES).and_then(|mut query| query.query_map(named_params! {":id": id}, number)?.collect()).doing(DOING)?;

    let stock: Vec<(String, i64)> = pairs(conn, "SELECT product, qty FROM customer_cylinders WHERE customer_id = :id", id)?;
    details.cylinders = Product::ALL
        .iter()
        .filter_map(|product| stock.iter().find(|(code, _)| code == product.code).map(|(_, qty)| (product.code, *qty)))
        .collect();

    for (seq, text) in pairs::<i64, String>(conn, "SELECT seq, raw_text FROM usage_areas WHERE customer_id = :id", id)? {
        if let Some(place) = details.usage_areas.get_mut((seq - 1) as usize) {
            *place = Some(text);
        }
    }

    let fitted: Vec<(String, Option<String>)> = pairs(conn, "SELECT device, note FROM customer_equipment WHERE customer_id = :id", id)?;
    details.equipment = Device::ALL
        .into_iter()
        .filter_map(|device| fitted.iter().find(|(word, _)| word == device.word()).map(|(_, note)| (device, note.clone())))
        .collect();
    Ok(customer)
}

fn pairs<A: rusqlite::types::FromSql, B: rusqlite::types::FromSql>(conn: &Connection, sql: &str, id: CustomerId) -> Result<Vec<(A, B)>> {
    conn.prepare_cached(sql)
        .and_then(|mut query| query.query_map(named_params! {":id": id}, |row| Ok((row.get(0)?, row.get(1)?)))?.collect())
        .doing("read what belongs to a customer")
}

/// The account passers-by hang on: the one whose code the settings name, else any that is marked as one.
pub fn walk_in_account(conn: &Connection, code: &str) -> Result<Option<CustomerId>> {
    const SQL: &str = "
        SELECT id FROM customers WHERE customer_code = :code AND is_walk_in = 1
        UNION ALL
        SELECT id FROM customers WHERE is_walk_in = 1
        LIMIT 1";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":code": code}, |row| row.get("id")).optional())
        .doing("find the walk-in account")
}

/// The next free code: `prefix` and five digits, one past the highest there is; the lowest gap once the
/// end is reached. `None` when all hundred thousand are taken.
pub fn next_code(conn: &Connection, prefix: &str) -> Result<Option<String>> {
    const HIGHEST: &str = "
        SELECT max(CAST(substr(customer_code, length(:prefix) + 1) AS INTEGER))
        FROM customers
        WHERE customer_code GLOB :prefix || '[0-9][0-9][0-9][0-9][0-9]'";
    const GAP: &str = "
        WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < 99999)
        SELECT min(n) FROM numbers
        WHERE NOT EXISTS (SELECT 1 FROM customers WHERE customer_code = :prefix || printf('%05d', n))";
    const DOING: &str = "find a free customer code";
    let number = |sql| conn.query_row(sql, named_params! {":prefix": prefix}, |row| row.get::<_, Option<i64>>(0)).doing(DOING);
    let next = match number(HIGHEST)? {
        None => Some(1),
        Some(highest) if highest < 99_999 => Some(highest + 1),
        Some(_) => number(GAP)?,
    };
    Ok(next.map(|next| format!("{prefix}{next:05}")))
}

/// Who changed a customer last, and when.
pub fn last_change(conn: &Connection, id: CustomerId) -> Result<Option<(Stamp, Option<String>)>> {
    const SQL: &str = "
        SELECT j.at, u.name
        FROM journal AS j
        LEFT JOIN users AS u ON u.id = j.user_id
        WHERE j.noun = 'customer' AND j.noun_id = :id
        ORDER BY j.id DESC
        LIMIT 1";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":id": id}, |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .doing(format_args!("find the last change of customer {id}"))
}

/// Somebody else who might be the same customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alike {
    pub id: CustomerId,
    pub short_name: String,
    pub code: String,
    /// What is the same: the number, the tax id, 地址.
    pub what: String,
}

/// Others with a phone number, the tax id, or the address and a similar name of `customer`: branches,
/// families and stalls share them, so it is worth a look and never a refusal. Reads every name.
pub fn alike(conn: &Connection, customer: &Customer) -> Result<Vec<Alike>> {
    const PHONE: &str = "
        SELECT DISTINCT c.id, c.short_name, c.customer_code
        FROM customer_phones AS p
        JOIN customers AS c ON c.id = p.customer_id
        WHERE p.e164 = :same AND c.id <> :id
        LIMIT 3";
    const TAX_ID: &str = "SELECT id, short_name, customer_code FROM customers WHERE tax_id = :same AND id <> :id LIMIT 3";
    const NAMES: &str = "/* customers: names alike */ SELECT customer_id, key FROM customer_search WHERE customer_id <> :id";
    const ONE: &str = "SELECT id, short_name, customer_code, address FROM customers WHERE id = :id AND address IS NOT NULL";
    const DOING: &str = "look for customers alike";
    let mut alike = Vec::new();
    let mut note = |sql: &str, same: &str, what: String| -> Result<()> {
        let mut query = conn.prepare_cached(sql).doing(DOING)?;
        let found = query
            .query_map(named_params! {":same": same, ":id": customer.id}, |row| {
                Ok(Alike { id: row.get(0)?, short_name: row.get(1)?, code: row.get(2)?, what: what.clone() })
            })
            .doing(DOING)?;
        for one in found {
            alike.push(one.doing(DOING)?);
        }
        Ok(())
    };
    for number in &customer.details.phones {
        note(PHONE, &number.phone.e164, format!("電話 {}", number.phone))?;
    }
    if let Some(tax_id) = &customer.details.tax_id {
        note(TAX_ID, tax_id, format!("統一編號 {tax_id}"))?;
    }
    let own = customer.details.address.as_deref().and_then(Address::parse);
    let name = fold(&customer.details.short_name);
    if let Some(own) = own {
        let mut names = conn.prepare_cached(NAMES).doing(DOING)?;
        let mut one = conn.prepare_cached(ONE).doing(DOING)?;
        let mut rows = names.query(named_params! {":id": customer.id}).doing(DOING)?;
        while let Some(row) = rows.next().doing(DOING)? {
            let key = row.get_ref("key").and_then(|value| Ok(value.as_str()?)).doing(DOING)?;
            // The second line is the name, folded already.
            if !key.split('\n').nth(1).is_some_and(|other| is_similar(other, &name)) {
                continue;
            }
            let id: CustomerId = row.get("customer_id").doing(DOING)?;
            let other = one
                .query_row(named_params! {":id": id}, |row| {
                    let found = Alike {
                        id,
                        short_name: row.get("short_name")?,
                        code: row.get("customer_code")?,
                        what: "地址，名字也像".to_owned(),
                    };
                    Ok((found, row.get::<_, String>("address")?))
                })
                .optional()
                .doing(DOING)?;
            alike.extend(
                other.filter(|(_, address)| Address::parse(address).is_some_and(|other| own.is_same_place(&other))).map(|(one, _)| one),
            );
            if 5 <= alike.len() {
                break;
            }
        }
    }
    Ok(alike)
}

/// Folded names that are one, hold one another, or begin with the same two characters.
fn is_similar(one: &str, other: &str) -> bool {
    let begins_alike = || one.chars().take(2).eq(other.chars().take(2)) && 2 <= one.chars().count();
    !one.is_empty() && !other.is_empty() && (one.contains(other) || other.contains(one) || begins_alike())
}

/// The source rows that told of a customer, word for word, and the client list's cells after repair.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// Heading and text of the last client list, in its order; empty when no list ever told of it.
    pub cells: Vec<(String, String)>,
    /// The latest first.
    pub rows: Vec<SheetRow>,
}

/// One source row: where it stood, and heading and text as they stood there.
#[derive(Clone, Debug, PartialEq)]
pub struct SheetRow {
    pub file: String,
    pub row_no: i64,
    pub cells: Vec<(String, String)>,
}

pub fn sheet(conn: &Connection, id: CustomerId) -> Result<Sheet> {
    const CELLS: &str = "SELECT cells FROM customer_sheets WHERE customer_id = :id";
    const ROWS: &str = "SELECT file, row_no, raw FROM import_rows WHERE customer_id = :id ORDER BY id DESC LIMIT 50";
    const DOING: &str = "read the rows that told of a customer";
    let cells: Option<String> = conn
        .prepare_cached(CELLS)
        .and_then(|mut query| query.query_row(named_params! {":id": id}, |row| row.get(0)).optional())
        .doing(DOING)?;
    let rows: Vec<(String, i64, String)> = conn
        .prepare_cached(ROWS)
        .and_then(|mut query| query.query_map(named_params! {":id": id}, |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect())
        .doing(DOING)?;
    Ok(Sheet {
        cells: cells.map(|cells| texts(&cells)).unwrap_or_default(),
        rows: rows.into_iter().map(|(file, row_no, raw)| SheetRow { file, row_no, cells: texts(&raw) }).collect(),
    })
}

/// The pairs of a JSON object, its values as text.
fn texts(json: &str) -> Vec<(String, String)> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
    let text = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    };
    object.into_iter().map(|(heading, value)| (heading, text(value))).collect()
}

/// Gives `each` every customer, by code as a number, one at a time, so that memory does not grow with the list.
pub fn each(conn: &Connection, mut each: impl FnMut(Customer) -> Result<()>) -> Result<()> {
    let sql = format!("/* customers: export */ {SELECT} ORDER BY length(c.customer_code), c.customer_code");
    let mut query = conn.prepare(&sql).doing("read all customers")?;
    let mut rows = query.query([]).doing("read all customers")?;
    while let Some(row) = rows.next().doing("read all customers")? {
        let customer = customer(row).doing("read a customer")?;
        each(with_parts(conn, customer)?)?;
    }
    Ok(())
}
