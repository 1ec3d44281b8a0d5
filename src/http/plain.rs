//! An answer made of one sentence, for where no page can be built: at the door and after a panic.

use maud::{DOCTYPE, html};

use crate::error::NO_ROOM;
use crate::http::Response;

/// `say` as a small page, or as the JSON every error has.
pub fn answer(status: u16, say: &str, wants_json: bool) -> Response {
    answer_as(status, None, say, wants_json)
}

/// The same with a `code` other than the status has.
pub fn answer_as(status: u16, code: Option<&str>, say: &str, wants_json: bool) -> Response {
    if wants_json {
        let code = code.unwrap_or(match status {
            401 => "signed_out",
            403 => "forbidden",
            408 => "too_slow",
            413 => "too_large",
            421 => "wrong_host",
            429 => "too_many",
            500 | 502 => "internal",
            503 => "busy",
            507 => NO_ROOM.0,
            _ => "bad_request",
        });
        return Response::json(&serde_json::json!({"error": {"code": code, "message": say}})).status(status);
    }
    let page = html! {
        (DOCTYPE)
        html lang="zh-Hant-TW" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { "不行 · 幸福氣" }
                link rel="stylesheet" href="/assets/style.css";
            }
            body { main.porch { h1 { "這一步不行" } p { (say) } p.acts { a.button href="/" { "回今日" } } } }
        }
    };
    Response::html(page).status(status).with("Cache-Control", "no-store")
}
