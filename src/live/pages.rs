//! How one listens: a stream, or, where none stands, a question every now and then. The same for pages and programs.

use serde_json::json;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::door::STREAM_HEADER;
use crate::http::{Method, Request, Response};
use crate::live::stream::{self, Missed};
use crate::users::session;

/// `GET /events` and `GET /api/v1/events`: Server-Sent Events, from now on or from `Last-Event-ID` (else `?after=`) on.
/// The door's own thread becomes the stream; this only says which.
pub fn stream(app: &App, req: &Request) -> Result<Response> {
    let session = req.session()?;
    let token = session::token_of(req).ok_or(Error::SignedOut)?;
    let answer = Response::new(200, "text/event-stream", []);
    if req.method == Method::Head {
        return Ok(answer);
    }

    let after = req.header("last-event-id").or_else(|| req.query("after")).and_then(|text| text.parse().ok());
    let number = stream::open(app, session, token, after, req.at)?;

    Ok(answer.with(STREAM_HEADER, &number.to_string()))
}

/// `GET /events/since?after=17` and the same under `/api/v1`: what was written since, at most [`crate::live::MOST`] rows;
/// more is `resync`. Without `after` it only says where the journal ends.
pub fn since(app: &App, req: &Request) -> Result<Response> {
    let after =
        req.query("after").map(|text| text.parse::<i64>().map_err(|_| Error::invalid("after", "after 要是 id 的數字。"))).transpose()?;

    let Missed { now, events } = stream::missed(app, req.session()?, after)?;

    let list: Vec<_> = events.iter().flatten().map(|event| event.json()).collect();
    Ok(Response::json(&json!({"id": now, "resync": events.is_none(), "events": list})))
}
