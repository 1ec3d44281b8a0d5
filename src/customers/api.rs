use rusqlite::Connection;
use serde_json::{Value, json};

use crate::app::App;
use crate::customers::pages::OFFICE;
use crate::customers::search::Query;
use crate::customers::store::{self, Alike, Filter, Shown, Sort};
use crate::customers::{Customer, Details, NOUN, State, edit, fields, form};
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::ui::FormReader;
use crate::values::CustomerId;

/// How many customers an answer may hold, and how many it holds unasked.
const LIMIT: (usize, usize) = (200, 50);

/// `GET /api/v1/customers?q=&area=&active=&limit=&cursor=` lists customers, a page at a time: with `q`
/// the best match first, else by code. `active` is a state's word, or true or false.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let limit = match req.query("limit") {
        None => LIMIT.1,
        Some(text) => text
            .parse()
            .ok()
            .filter(|limit| (1..=LIMIT.0).contains(limit))
            .ok_or_else(|| Error::invalid("limit", "limit 要是 1 到 200。"))?,
    };
    let skip = req.query("cursor").map_or(Ok(0), skip_of)?;
    let filter = filter_of(req)?;
    let typed = req.query("q").map(str::trim).filter(|typed| !typed.is_empty());

    let (customers, total) = app.db.read(|conn| {
        let (ids, total) = match typed {
            Some(typed) if filter == Filter::default() => {
                let found = app.finder.find(conn, &Query::new(typed), skip, limit)?;
                (found.ids, found.total)
            }
            Some(typed) => {
                let let_through: std::collections::HashSet<CustomerId> =
                    store::ids(conn, &filter, Sort::Code, 0, usize::MAX)?.into_iter().collect();
                let mut ids = app.finder.find(conn, &Query::new(typed), 0, usize::MAX)?.ids;
                ids.retain(|id| let_through.contains(id));
                let total = ids.len();
                (ids.into_iter().skip(skip).take(limit).collect(), total)
            }
            None => (store::ids(conn, &filter, Sort::Code, skip, limit)?, store::count(conn, &filter)?),
        };
        let customers = ids.into_iter().map(|id| store::get(conn, id)).collect::<Result<Vec<_>>>()?;
        Ok((customers, total))
    })?;

    let next = skip + customers.len();
    Ok(Response::json(&json!({
        "customers": customers.iter().map(to_json).collect::<Vec<_>>(),
        "total": total,
        "next_cursor": (next < total && !customers.is_empty()).then(|| cursor(next)),
    })))
}

/// A place in a list, which callers send back as they got it.
pub fn cursor(skip: usize) -> String {
    format!("c{:x}", skip ^ 0x5a5a)
}

/// The place a [`cursor`] names; `Invalid` for anything else.
pub fn skip_of(cursor: &str) -> Result<usize> {
    let skip = cursor.strip_prefix('c').filter(|hex| hex.len() <= 8).and_then(|hex| usize::from_str_radix(hex, 16).ok());
    skip.map(|skip| skip ^ 0x5a5a).ok_or_else(|| Error::invalid("cursor", "看不懂這個 cursor，請從頭再列一次。"))
}

fn filter_of(req: &Request) -> Result<Filter> {
    let area = match req.query("area").filter(|area| !area.is_empty()) {
        None => None,
        Some("none") => Some(None),
        Some(id) => Some(Some(id.parse().map_err(|()| Error::invalid("area", "area 要是區域的號碼，或 none。"))?)),
    };
    let state = match req.query("active").filter(|active| !active.is_empty()) {
        None => None,
        Some("true" | "1") => Some(Shown::State(State::Active)),
        Some("false" | "0") => Some(Shown::State(State::Inactive)),
        Some(word) => {
            Some(Shown::ALL.into_iter().find(|shown| shown.word() == word).ok_or_else(|| Error::invalid("active", "沒有這種狀態。"))?)
        }
    };
    Ok(Filter { area, state, pricing: None, terms: None })
}

/// `GET /api/v1/customers/{id}` is one customer.
pub fn one(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let customer = app.db.read(|conn| store::get(conn, id))?;
    Ok(Response::json(&to_json(&customer)))
}

/// `POST /api/v1/customers` writes a new customer; without `customer_code` it gets the next free one.
pub fn create(app: &App, req: &Request) -> Result<Response> {
    req.require(OFFICE)?;
    let mut body = req.json_object()?;
    let settings = app.settings();

    let (customer, warnings) = app.db.write(|tx| {
        if body.get("customer_code").is_none_or(Value::is_null) {
            let code = edit::free_code(tx, &settings.code_prefix)?;
            body.insert("customer_code".to_owned(), json!(code.as_str()));
        }
        let details = form::read(FormReader::json(Value::Object(body)), None, req, &settings)?;
        let id = store::create(tx, &details, req.by())?;
        with_warnings(tx, id)
    })?;

    let location = format!("/api/v1/customers/{}", customer.id);
    Ok(Response::json(&saved(&customer, &warnings)).status(201).with("Location", &location))
}

/// `PATCH /api/v1/customers/{id}` changes the fields that are named. `version` is the one that was read;
/// 409 with `current` and `sent` when it has moved on.
pub fn update(app: &App, req: &Request) -> Result<Response> {
    req.require(OFFICE)?;
    let id = req.id(NOUN)?;
    let body = req.json_object()?;
    let version = body.get("version").and_then(Value::as_i64).ok_or_else(|| Error::invalid("version", "請附上讀到的 version。"))?;

    let outcome = app.db.write(|tx| {
        let customer = store::get(tx, id)?;
        let typed: Details = form::read(FormReader::json(Value::Object(body.clone())), Some(&customer.details), req, &app.settings())?;
        if customer.version != version {
            return Ok(Err(customer));
        }
        store::update(tx, &customer, &typed, req.by())?;
        with_warnings(tx, id).map(Ok)
    })?;

    match outcome {
        Ok((customer, warnings)) => Ok(Response::json(&saved(&customer, &warnings))),
        Err(current) => {
            let error = Error::conflict("customer is not at that version", "這位客戶已被別人改過，你的還沒存。");
            let mut answer = json!({"error": {"code": error.code(), "message": error.user_message()}});
            answer["current"] = to_json(&current);
            answer["sent"] = Value::Object(body);
            Ok(Response::json(&answer).status(409))
        }
    }
}

fn with_warnings(conn: &Connection, id: CustomerId) -> Result<(Customer, Vec<String>)> {
    let customer = store::get(conn, id)?;
    let alike = store::alike(conn, &customer)?;
    let said = |one: &Alike| format!("和 {} {} 同{}。", one.short_name, one.code, one.what);
    let warnings = form::doubts(&customer).into_iter().chain(alike.iter().map(said)).collect();
    Ok((customer, warnings))
}

fn saved(customer: &Customer, warnings: &[String]) -> Value {
    let mut answer = to_json(customer);
    answer["warnings"] = json!(warnings);
    answer
}

/// A customer in the database's names; weights in grams, instants with their offset.
pub fn to_json(customer: &Customer) -> Value {
    let mut answer = json!({
        "id": customer.id.0,
        "version": customer.version,
        "area_id": customer.area_id.map(|area| area.0),
        "is_active": customer.state != State::Inactive,
        "is_terminated": customer.state == State::Terminated,
        "is_walk_in": customer.is_walk_in,
        "is_placeholder": customer.is_placeholder,
        "first_source": customer.first_source,
        "imported_cycle_days": customer.imported.cycle_days,
        "imported_slip_days": customer.imported.slip_days,
        "imported_margin_kg": customer.imported.margin_kg,
        "created_at": customer.created_at.to_string(),
        "updated_at": customer.updated_at.to_string(),
    });
    if let Value::Object(map) = &mut answer {
        map.extend(fields::json(&customer.details));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_is_read_back_as_printed(skip in 0usize..10_000_000) {
            prop_assert_eq!(skip_of(&cursor(skip)).ok(), Some(skip));
        }

        #[test]
        fn anything_else_is_refused_or_a_place(text in "\\PC{0,12}") {
            if let Ok(skip) = skip_of(&text) {
                prop_assert!(skip <= 0xffff_ffff);
            }
        }
    }
}
