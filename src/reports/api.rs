use serde_json::{Value, json};

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::reports::{Comparison, Totals, pages};
use crate::values::Month;

/// `GET /api/v1/openapi.json` describes the API to programs.
pub fn openapi(_app: &App, _req: &Request) -> Result<Response> {
    Ok(Response::new(200, "application/json", include_str!("../../assets/openapi.json")))
}

/// `GET /api/v1/reports/monthly?month=2025-05` is a month by day, beside the one before and the year before.
pub fn monthly(app: &App, req: &Request) -> Result<Response> {
    let month: Month = match req.query("month") {
        None => req.at.day().month(),
        Some(text) => text.parse().map_err(|()| Error::invalid("month", "month 要像 2025-05。"))?,
    };

    let report = app.db.read(|conn| pages::report_of(conn, month, req.at.day()))?;

    let days: Value = report
        .days
        .iter()
        .map(|day| {
            let mut row = json!({"date": day.on.to_string()});
            add_totals(&mut row, day.totals);
            row
        })
        .collect();
    let mut totals = json!({});
    add_totals(&mut totals, report.totals);
    Ok(Response::json(&json!({
        "month": report.month.to_string(),
        "through": report.through.to_string(),
        "is_whole": report.is_whole(),
        "days": days,
        "totals": totals,
        "previous_month": report.previous.map(comparison),
        "last_year": report.last_year.map(comparison),
    })))
}

/// What is not known is null, never 0.
fn add_totals(row: &mut Value, totals: Totals) {
    row["deliveries"] = json!(totals.deliveries);
    row["known"] = json!(totals.known);
    row["gas_g"] = json!(totals.weight().map(|weight| weight.0));
}

fn comparison(other: Comparison) -> Value {
    json!({"from": other.from.to_string(), "to": other.to.to_string(), "deliveries": other.deliveries})
}
