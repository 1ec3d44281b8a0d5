use serde_json::json;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::imports::store::{self, Import};
use crate::imports::{self, Source};
use crate::values::ImportId;

/// `POST /api/v1/imports` brings the uploaded files in, or only looks when `dry_run=1`; the answer is the
/// object `luckygas import --json` prints.
pub fn create(app: &App, req: &Request) -> Result<Response> {
    let sources: Vec<Source> = req.uploads.iter().map(|upload| Source { name: upload.name.clone(), path: upload.path.clone() }).collect();
    if sources.is_empty() {
        return Err(Error::invalid("files", "請選擇要匯入的檔案。"));
    }
    let is_dry = req.form("dry_run").or_else(|| req.query("dry_run")) == Some("1");

    let report = if is_dry { imports::dry_run(app, &sources)? } else { imports::import(app, &sources, req.by())? };

    Ok(Response::json(&report.to_json()))
}

/// `GET /api/v1/imports` lists the newest hundred.
pub fn list(app: &App, _req: &Request) -> Result<Response> {
    let all = app.db.read(store::list)?;

    Ok(Response::json(&json!({"imports": all.iter().map(to_json).collect::<Vec<_>>()})))
}

/// `GET /api/v1/imports/{id}` is one with every line of its report.
pub fn one(app: &App, req: &Request) -> Result<Response> {
    let id: ImportId = req.param("id")?;

    let (import, lines) = app.db.read(|conn| Ok((store::get(conn, id)?, store::problems(conn, id)?)))?;

    let mut whole = to_json(&import);
    whole["problems"] = lines
        .iter()
        .map(|line| {
            json!({
                "file": line.file,
                "sheet": line.sheet,
                "row": line.row,
                "column": line.column,
                "value": line.value,
                "kind": line.kind,
                "action": line.action,
            })
        })
        .collect();
    Ok(Response::json(&whole))
}

fn to_json(import: &Import) -> serde_json::Value {
    json!({
        "id": import.id.0,
        "applied_at": import.applied_at.to_string(),
        "user": import.user_name,
        "taken_back_at": import.taken_back_at.map(|at| at.to_string()),
        "report": import.report,
    })
}
