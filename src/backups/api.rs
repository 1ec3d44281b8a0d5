//! The copies as JSON, for a program that fetches them or asks for one.

use serde_json::{Value, json};

use crate::app::App;
use crate::backups::list::Backup;
use crate::error::Result;
use crate::http::{Request, Response};

/// `GET /api/v1/backups`, the newest first.
pub fn list(app: &App, _req: &Request) -> Result<Response> {
    app.backups.look(&app.folder);
    let backups: Vec<Value> = app.backups.list(&app.folder).iter().map(to_json).collect();
    Ok(Response::json(&json!({"backups": backups, "is_making": app.backups.is_busy()})))
}

/// `POST /api/v1/backups` begins one more; 202, for it is not made yet. `Conflict` while one is being made.
pub fn make(app: &App, req: &Request) -> Result<Response> {
    app.backups.ask(req.by())?;

    Ok(Response::json(&json!({"is_making": true})).status(202))
}

fn to_json(backup: &Backup) -> Value {
    let manifest = backup.manifest.as_ref();
    json!({
        "name": backup.name.to_string(),
        "kind": backup.name.kind.word(),
        "made_at": backup.name.at().0,
        "bytes": backup.bytes,
        "is_locked": backup.name.is_locked,
        "proved_at": manifest.and_then(|manifest| manifest.proved_at).map(|at| at.0),
        "drilled_at": manifest.and_then(|manifest| manifest.drilled_at).map(|at| at.0),
        "deliveries": manifest.map(|manifest| manifest.tally.deliveries()),
        "customers": manifest.map(|manifest| manifest.tally.customers()),
        "orders": manifest.map(|manifest| manifest.tally.orders()),
        "ordered_ntd": manifest.map(|manifest| manifest.tally.ordered_ntd()),
    })
}
