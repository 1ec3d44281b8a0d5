//! The files a page needs, inside the executable.

use std::fmt::Write as _;
use std::sync::LazyLock;

use sha2::{Digest, Sha256};

use super::compress;
use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Request, Response};

struct Asset {
    name: &'static str,
    content_type: &'static str,
    bytes: &'static [u8],
    /// Changes with the bytes.
    tag: String,
    /// Smaller, for clients that are not this PC.
    gzip: Option<Vec<u8>>,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let files: &[(&'static str, &'static str, &'static [u8])] = &[
        ("style.css", "text/css; charset=utf-8", include_bytes!("../../assets/style.css")),
        ("app.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/app.js")),
        ("live.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/live.js")),
        ("alarm.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/alarm.js")),
        ("order.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/order.js")),
        ("board.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/board.js")),
        ("driver.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/driver.js")),
        ("driver.webmanifest", "application/manifest+json", include_bytes!("../../assets/driver.webmanifest")),
        ("icon-192.png", "image/png", include_bytes!("../../assets/icon-192.png")),
        ("icon-512.png", "image/png", include_bytes!("../../assets/icon-512.png")),
        ("papers.js", "text/javascript; charset=utf-8", include_bytes!("../../assets/papers.js")),
        ("icon.svg", "image/svg+xml", include_bytes!("../../assets/icon.svg")),
    ];
    files
        .iter()
        .map(|&(name, content_type, bytes)| Asset { name, content_type, bytes, tag: tag_of(bytes), gzip: compress::gzip(bytes) })
        .collect()
});

/// The address of `name`; it changes with the file, so that browsers may keep what they have for good.
pub fn url(name: &str) -> String {
    match find(name) {
        Some(asset) => format!("/assets/{name}?v={}", asset.tag),
        None => format!("/assets/{name}"),
    }
}

/// `GET /assets/{name}`.
pub fn serve(_app: &App, req: &Request) -> Result<Response> {
    file(&req.param::<String>("name")?, req)
}

/// The file `name` as `req` wants it; `NoPage` when there is none.
pub fn file(name: &str, req: &Request) -> Result<Response> {
    let asset = find(name).ok_or(Error::NoPage)?;
    let tag = format!("\"{}\"", asset.tag);
    let keep = if req.query("v") == Some(&asset.tag) { "public, max-age=31536000, immutable" } else { "no-cache" };
    let answer = match (&asset.gzip, req.header("if-none-match")) {
        (_, Some(have)) if have.split(',').any(|have| have.trim().trim_start_matches("W/") == tag) => {
            Response::new(304, asset.content_type, [])
        }
        (Some(gzip), _) if compress::is_worth_it(req) => {
            Response::new(200, asset.content_type, gzip.clone()).with("Content-Encoding", "gzip").with("Vary", "Accept-Encoding")
        }
        _ => Response::new(200, asset.content_type, asset.bytes),
    };
    Ok(answer.with("ETag", &tag).with("Cache-Control", keep))
}

fn find(name: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.name == name)
}

fn tag_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes)[..8].iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
