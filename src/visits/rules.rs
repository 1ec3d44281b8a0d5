//! What cannot be done in a shop beside the shop, decided in one place before any handler.

use crate::app::App;
use crate::error::Result;
use crate::http::Request;
use crate::visits::Kind;

/// What belongs to the shop alone: its copies, its jobs, its health, its first run; and the way into other shops.
const OF_THE_SHOP: &[&str] =
    &["/backups", "/api/v1/backups", "/setup", "/jobs/", "/data/health", "/data/support", "/data/jobs", "/visits/{kind}"];

/// What somebody who only looks may still send.
const LOOKING: &[&str] = &["/sign-out", "/visits/close", "/api/v1/auth/logout"];

/// `Conflict` in a sentence when `pattern` is not for such a shop, or would change one that is only looked at. The shop
/// itself allows everything here.
pub fn check(app: &App, req: &Request, pattern: &str) -> Result<()> {
    let Some(visit) = &app.visit else { return Ok(()) };
    if OF_THE_SHOP.iter().any(|start| pattern.starts_with(start)) {
        return Err(visit.refusal());
    }
    if visit.kind == Kind::Past && req.method.changes() && !LOOKING.contains(&pattern) {
        return Err(visit.refusal());
    }
    Ok(())
}
