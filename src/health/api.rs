//! What programs ask that watch over this one.

use serde_json::json;

use crate::app::App;
use crate::error::Result;
use crate::health::{exposition, metrics, ready};
use crate::http::{Request, Response};
use crate::users::Role;

/// `GET /health` says that the program lives and how many pages listen to it, and nothing private.
pub fn health(app: &App, _req: &Request) -> Result<Response> {
    Ok(Response::json(&json!({"status": "ok", "streams": app.live.count()})))
}

/// `GET /health/ready` says whether the shop can work now; 503 with short words when not, as [`ready::reasons`] has them.
pub fn ready(app: &App, _req: &Request) -> Result<Response> {
    let reasons = ready::reasons(app);
    Ok(match reasons.is_empty() {
        true => Response::json(&json!({"status": "ready", "reasons": reasons})),
        false => Response::json(&json!({"status": "not_ready", "reasons": reasons})).status(503),
    })
}

/// `GET /metrics` is for a Prometheus on this PC, and for the admin: figures of the program, none of people.
pub fn metrics(app: &App, req: &Request) -> Result<Response> {
    if !req.peer.is_loopback() {
        req.session()?;
        req.require(&[Role::Admin])?;
    }

    let text = metrics::text(app, req.at)?;

    Ok(Response::new(200, exposition::CONTENT_TYPE, text))
}
