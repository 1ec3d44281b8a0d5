//! Smaller answers for phones on the shop's Wi-Fi. On this PC the time is better spent elsewhere.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::http::{Request, Response};

/// Below this it is one packet either way.
const WORTH_BYTES: usize = 1024;

/// Whether the client is away and understands gzip.
pub fn is_worth_it(req: &Request) -> bool {
    !req.peer.is_loopback()
        && req
            .header("accept-encoding")
            .is_some_and(|list| list.split(',').any(|kind| kind.split(';').next().map(str::trim) == Some("gzip")))
}

/// `None` when nothing is gained.
pub fn gzip(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() < WORTH_BYTES {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 4), Compression::new(3));
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().filter(|small| small.len() < bytes.len())
}

/// The answer, its text made smaller when that is worth it.
pub fn squeeze(answer: Response, is_worth_it: bool) -> Response {
    let is_text = answer.header("Content-Type").is_some_and(|kind| kind.starts_with("text/") || kind.starts_with("application/json"));
    if !is_worth_it || !is_text || answer.header("Content-Encoding").is_some() {
        return answer;
    }
    let Some(small) = gzip(&answer.body) else { return answer };
    let mut answer = answer.with("Content-Encoding", "gzip").with("Vary", "Accept-Encoding");
    answer.body = small;
    answer
}
