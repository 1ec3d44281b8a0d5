//! What browsers see while there is no shop to answer them: a page of the program's own, the same at every address.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use maud::{DOCTYPE, Markup, html};

use super::upgrade::{Progress, expected_s};
use crate::http::{Behind, Request, Response, assets};
use crate::ui::page::brand_view;
use crate::urls;
use crate::values::Stamp;

/// A page without a shop: no session, no settings, no script.
pub(super) fn page(status: u16, title: &str, refresh_s: Option<u64>, main: Markup) -> Response {
    let markup = html! {
        (DOCTYPE)
        html lang="zh-Hant-TW" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                @if let Some(seconds) = refresh_s { meta http-equiv="refresh" content=(seconds); }
                title { (title) " · 幸福氣" }
                link rel="icon" href=(assets::url("icon.svg"));
                link rel="stylesheet" href=(assets::url("style.css"));
            }
            body { main.porch #main { (brand_view("p")) (main) } }
        }
    };
    Response::html(markup).status(status).with("Cache-Control", "no-store")
}

/// What a program asking hears instead of a page.
pub(super) fn for_programs(status: u16, code: &str, say: &str) -> Response {
    Response::json(&serde_json::json!({"error": {"code": code, "message": say}})).status(status)
}

/// Whether a program asks, and not a browser with a person before it.
pub(super) fn is_program(req: &Request) -> bool {
    req.wants_json() || matches!(req.segments.first().map(String::as_str), Some("health" | "metrics"))
}

/// The files a page needs; `None` for every other address.
pub(super) fn asset(req: &Request) -> Option<Response> {
    match req.segments.as_slice() {
        [first, name] if first == "assets" => assets::file(name, req).ok(),
        _ => None,
    }
}

/// Answers while a file is brought up to date.
pub struct Waiting {
    spool: PathBuf,
    expected_s: u64,
    at: Mutex<Progress>,
}

impl Waiting {
    /// For the file in `folder`.
    pub fn new(folder: &Path) -> Waiting {
        let bytes = std::fs::metadata(folder.join("luckygas.db")).map_or(0, |meta| meta.len());
        Waiting { spool: folder.join("uploads"), expected_s: expected_s(bytes), at: Mutex::new(Progress::Copying) }
    }

    pub fn note(&self, progress: Progress) {
        *self.at.lock().unwrap_or_else(PoisonError::into_inner) = progress;
    }

    /// 「正在把資料更新到新版，約 20 秒。」
    pub fn sentence(&self) -> String {
        format!("正在把資料更新到新版，約 {} 秒，好了會自己打開。", self.expected_s)
    }
}

impl Behind for Waiting {
    fn answer(&self, req: Request) -> Response {
        if let Some(asset) = asset(&req) {
            return urls::protect(asset);
        }
        let at = *self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = if is_program(&req) {
            for_programs(503, "upgrading", &self.sentence())
        } else {
            page(
                503,
                "正在更新",
                Some(2),
                html! {
                    div { h1 { "正在把資料更新到新版…" } p { "約 " (self.expected_s) " 秒，好了會自己打開。" } }
                    section.panel.wide { p.tell role="status" { span { (at.label()) } } p.soft { "更新前會先備份一份。請不要關掉電腦。" } }
                },
            )
        };
        urls::protect(answer.with("Retry-After", &self.expected_s.to_string()))
    }

    fn now(&self) -> Stamp {
        Stamp::now()
    }

    fn spool(&self) -> &Path {
        &self.spool
    }
}
