use serde_json::json;

use crate::app::App;
use crate::error::Result;
use crate::http::{Request, Response};

/// `GET /health` says that the program lives, and nothing private.
pub fn health(_app: &App, _req: &Request) -> Result<Response> {
    Ok(Response::json(&json!({"status": "ok"})))
}
