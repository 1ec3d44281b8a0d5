use rusqlite::{Transaction, named_params};
use serde_json::{Value, json};

use crate::customers::store::areas::area_named;
use crate::customers::{Customer, Details, NOUN, Number, Period, State, fields};
use crate::cylinders;
use crate::db;
use crate::error::{Doing, Error, Result};
use crate::journal::{self, By, Entry};
use crate::values::CustomerId;

/// Writes a new customer the office has taken down, and journals it. `Invalid` when the code is another's.
pub fn create(tx: &Transaction, details: &Details, by: By) -> Result<CustomerId> {
    const SQL: &str = "
        INSERT INTO customers (customer_code, short_name, first_source, created_at, updated_at)
        VALUES (:code, :name, 'office', :at, :at)";
    match tx.execute(SQL, named_params! {":code": details.customer_code, ":name": details.short_name, ":at": by.at}) {
        Ok(_) => {}
        Err(error) if db::is_unique_violation(&error) => return Err(taken(details)),
        Err(error) => return Err(error).doing("create a customer"),
    }
    let id = CustomerId(tx.last_insert_rowid());
    write(tx, id, details)?;
    write_parts(tx, id, details)?;
    let change = json!({"version": 0, "after": fields::json(details)});
    journal::record(tx, &Entry { by, verb: "create", noun: NOUN, noun_id: Some(id.0), change })?;
    Ok(id)
}

/// Writes what changed of `before` and journals each field; `Conflict` when somebody else was faster.
/// Nothing is written when nothing changed.
pub fn update(tx: &Transaction, before: &Customer, after: &Details, by: By) -> Result<()> {
    let (was, is) = fields::changes(&before.details, after);
    if was.is_empty() {
        return Ok(());
    }
    next_version(tx, before, by)?;
    write(tx, before.id, after)?;
    write_parts(tx, before.id, after)?;
    if before.details.cylinders != after.cylinders {
        cylinders::raise_to_nothing(tx, before.id, by)?;
    }
    record(tx, before, by, "edit", json!({"version": before.version, "before": was, "after": is}))
}

/// Adds a number at the end of the customer's list.
pub fn add_phone(tx: &Transaction, before: &Customer, number: Number, by: By) -> Result<()> {
    let mut after = before.details.clone();
    after.phones.push(number);
    update(tx, before, &after, by)
}

/// Ends, suspends or takes up business again. `note` is why, in the person's words.
pub fn set_state(tx: &Transaction, before: &Customer, state: State, note: Option<&str>, by: By) -> Result<()> {
    const SQL: &str = "
        UPDATE customers
        SET is_active = :is_active,
            is_terminated = :is_terminated
        WHERE id = :id";
    next_version(tx, before, by)?;
    let params = named_params! {
        ":is_active": state != State::Inactive,
        ":is_terminated": state == State::Terminated,
        ":id": before.id,
    };
    tx.execute(SQL, params).doing(format_args!("set the state of customer {}", before.id))?;
    let verb = match state {
        State::Active if before.state == State::Terminated => "unterminate",
        State::Active => "reactivate",
        State::Inactive => "deactivate",
        State::Terminated => "terminate",
    };
    let change = json!({
        "version": before.version,
        "before": {"state": before.state.word()},
        "after": {"state": state.word()},
        "note": note,
    });
    record(tx, before, by, verb, change)
}

/// Says that passers-by hang on this account, or that they do not.
pub fn set_walk_in(tx: &Transaction, before: &Customer, is_walk_in: bool, by: By) -> Result<()> {
    next_version(tx, before, by)?;
    tx.execute("UPDATE customers SET is_walk_in = :is WHERE id = :id", named_params! {":is": is_walk_in, ":id": before.id})
        .doing(format_args!("mark customer {} as walk-in", before.id))?;
    let change = json!({
        "version": before.version,
        "before": {"is_walk_in": before.is_walk_in},
        "after": {"is_walk_in": is_walk_in},
    });
    record(tx, before, by, "edit", change)
}

fn record(tx: &Transaction, customer: &Customer, by: By, verb: &str, change: Value) -> Result<()> {
    journal::record(tx, &Entry { by, verb, noun: NOUN, noun_id: Some(customer.id.0), change })
}

/// One version on, if it still is the one that was read.
fn next_version(tx: &Transaction, before: &Customer, by: By) -> Result<()> {
    const SQL: &str = "
        UPDATE customers
        SET version = version + 1,
            updated_at = :at
        WHERE id = :id AND version = :version";
    let changed = tx
        .execute(SQL, named_params! {":id": before.id, ":version": before.version, ":at": by.at})
        .doing(format_args!("save customer {}", before.id))?;
    match changed {
        1 => Ok(()),
        _ => Err(Error::conflict("customer is not at that version", "這位客戶剛剛被別人改過，你的還沒存。")),
    }
}

fn taken(details: &Details) -> Error {
    Error::invalid("customer_code", format!("編號 {} 已經有人用了。", details.customer_code))
}

/// The columns of the row itself. A stub the office has filled in is a stub no more.
fn write(tx: &Transaction, id: CustomerId, details: &Details) -> Result<()> {
    const SQL: &str = "
        UPDATE customers
        SET customer_code = :customer_code,
            short_name = :short_name,
            invoice_title = :invoice_title,
            address = :address,
            area_id = :area_id,
            contact_name = :contact_name,
            tax_id = :tax_id,
            customer_type = :customer_type,
            notes = :notes,
            access_note = :access_note,
            pricing_method = :pricing_method,
            payment_terms = :payment_terms,
            needs_billing_file = :needs_billing_file,
            is_subscription = :is_subscription,
            has_telemetry = :has_telemetry,
            on_patrol = :on_patrol,
            patrol_note = :patrol_note,
            same_day_required = :same_day_required,
            same_day_note = :same_day_note,
            equipment_owner_note = :equipment_owner_note,
            site_declaration = :site_declaration,
            changeover_model = :changeover_model,
            available_hours = :available_hours,
            time_period = :time_period,
            closed_weekdays = :closed_weekdays,
            closed_on_holidays = :closed_on_holidays,
            closed_text = :closed_text,
            vehicle_type = :vehicle_type,
            monthly_delivered_g = :monthly_delivered_g,
            monthly_residual_g = :monthly_residual_g,
            avg_daily_g = :avg_daily_g,
            series_g = :series_g,
            reserve_g = :reserve_g,
            supply_area_count = :supply_area_count,
            spare_text = :spare_text,
            legacy_cylinder_text = :legacy_cylinder_text,
            is_placeholder = 0
        WHERE id = :id";
    let area = details.area.as_deref().map(|name| area_named(tx, name)).transpose()?;
    let written = tx.prepare_cached(SQL).and_then(|mut update| {
        update.execute(named_params! {
            ":customer_code": details.customer_code,
            ":short_name": details.short_name,
            ":invoice_title": details.invoice_title,
            ":address": details.address,
            ":area_id": area,
            ":contact_name": details.contact_name,
            ":tax_id": details.tax_id,
            ":customer_type": details.customer_type,
            ":notes": details.notes,
            ":access_note": details.access_note,
            ":pricing_method": details.pricing_method.word(),
            ":payment_terms": details.payment_terms.word(),
            ":needs_billing_file": details.needs_billing_file,
            ":is_subscription": details.is_subscription,
            ":has_telemetry": details.has_telemetry,
            ":on_patrol": details.on_patrol,
            ":patrol_note": details.patrol_note,
            ":same_day_required": details.same_day_required,
            ":same_day_note": details.same_day_note,
            ":equipment_owner_note": details.equipment_owner_note,
            ":site_declaration": details.site_declaration,
            ":changeover_model": details.changeover_model,
            ":available_hours": details.available_hours,
            ":time_period": details.time_period.map(Period::number),
            ":closed_weekdays": details.closed.weekdays,
            ":closed_on_holidays": details.closed.on_holidays,
            ":closed_text": details.closed.text,
            ":vehicle_type": details.vehicle_type.number(),
            ":monthly_delivered_g": details.monthly_delivered_g,
            ":monthly_residual_g": details.monthly_residual_g,
            ":avg_daily_g": details.avg_daily_g,
            ":series_g": details.series_g,
            ":reserve_g": details.reserve_g,
            ":supply_area_count": details.supply_area_count,
            ":spare_text": details.spare_text,
            ":legacy_cylinder_text": details.legacy_cylinder_text,
            ":id": id,
        })
    });
    match written {
        Ok(_) => Ok(()),
        Err(error) if db::is_unique_violation(&error) => Err(taken(details)),
        Err(error) => Err(error).doing(format_args!("write customer {id}")),
    }
}

/// The rows that belong to it, written anew: there are a handful.
fn write_parts(tx: &Transaction, id: CustomerId, details: &Details) -> Result<()> {
    const DOING: &str = "write what belongs to a customer";
    for sql in [
        "DELETE FROM customer_phones WHERE customer_id = :id",
        "DELETE FROM customer_cylinders WHERE customer_id = :id",
        "DELETE FROM usage_areas WHERE customer_id = :id",
        "DELETE FROM customer_equipment WHERE customer_id = :id",
    ] {
        tx.prepare_cached(sql).and_then(|mut delete| delete.execute(named_params! {":id": id})).doing(DOING)?;
    }
    const PHONE: &str = "
        INSERT INTO customer_phones (customer_id, position, e164, extension, label, raw)
        VALUES (:id, :position, :e164, :extension, :label, :raw)";
    for (at, number) in details.phones.iter().enumerate() {
        let params = named_params! {
            ":id": id,
            ":position": at as i64 + 1,
            ":e164": number.phone.e164,
            ":extension": number.phone.extension,
            ":label": number.label,
            ":raw": number.raw,
        };
        tx.prepare_cached(PHONE).and_then(|mut insert| insert.execute(params)).doing(DOING)?;
    }
    const CYLINDERS: &str = "INSERT INTO customer_cylinders (customer_id, product, qty) VALUES (:id, :product, :qty)";
    for (product, qty) in &details.cylinders {
        let params = named_params! {":id": id, ":product": product, ":qty": qty};
        tx.prepare_cached(CYLINDERS).and_then(|mut insert| insert.execute(params)).doing(DOING)?;
    }
    const USAGE: &str = "INSERT INTO usage_areas (customer_id, seq, raw_text) VALUES (:id, :seq, :text)";
    for (at, text) in details.usage_areas.iter().enumerate() {
        if let Some(text) = text {
            let params = named_params! {":id": id, ":seq": at as i64 + 1, ":text": text};
            tx.prepare_cached(USAGE).and_then(|mut insert| insert.execute(params)).doing(DOING)?;
        }
    }
    const EQUIPMENT: &str = "INSERT INTO customer_equipment (customer_id, device, note) VALUES (:id, :device, :note)";
    for (device, note) in &details.equipment {
        let params = named_params! {":id": id, ":device": device.word(), ":note": note};
        tx.prepare_cached(EQUIPMENT).and_then(|mut insert| insert.execute(params)).doing(DOING)?;
    }
    const SEARCH: &str = "
        INSERT INTO customer_search (customer_id, key) VALUES (:id, :key)
        ON CONFLICT (customer_id) DO UPDATE SET key = excluded.key";
    tx.prepare_cached(SEARCH)
        .and_then(|mut insert| insert.execute(named_params! {":id": id, ":key": details.search_key()}))
        .doing(DOING)?;
    Ok(())
}
