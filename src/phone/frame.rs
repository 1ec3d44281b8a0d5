//! The frame around a driver's page: a strip that says whether the shop can be reached, and nothing else.

use maud::{Markup, html};

use crate::app::App;
use crate::emergencies::driver_pages;
use crate::error::Error;
use crate::http::{Request, Response, assets};
use crate::ui::{self, Page, csrf_field};
use crate::users::session;

/// The phone's browser paints its own bar so.
const THEME: &str = "#000000";

/// A whole page of the phone around `main`.
pub fn show(app: &App, req: &Request, title: &str, main: Markup) -> Response {
    let who = req.session.as_ref().map(|session| session.name.as_str()).unwrap_or_default();
    let is_practice = app.settings().is_practice;
    let head = html! {
        meta name="theme-color" content=(THEME);
        link rel="manifest" href=(assets::url("driver.webmanifest"));
        link rel="apple-touch-icon" href=(assets::url("icon-192.png"));
    };
    Page::new(app, req, title).script("driver.js").framed("driver", head, |notice| {
        html! {
            a.skip href="#main" { "跳到內容" }
            div.shell {
                header.sync data-sync="" {
                    span data-sync-state="" role="status" { "已連線" }
                    @if is_practice { b { "練習店" } } @else { span { (who) } }
                    span { span.unseen data-sync-last="" { "最後 " } span data-sync-clock="" { (req.at.clock()) } }
                }
                (ui::page::readonly_band(app))
                (driver_pages::call_view(app, req))
                main #main {
                    @if let Some(notice) = notice { p.said role="status" { (notice) } }
                    (main)
                }
            }
        }
    })
}

/// What cannot be, on the phone: the sentence and the way back.
pub fn refusal(app: &App, req: &Request, error: &Error) -> Response {
    let say = error.user_message();
    let main = html! {
        div.top { div { h1 { "這一步不行" } } }
        div.inset { (ui::refuse(&say)) }
        div.thumb { a.button.primary href="/driver" { "回我的路線" } }
    };
    show(app, req, "不行", main).status(error.status())
}

/// What every form of an act carries: the session's proof, the number the act is known by, and room for the hour
/// by the phone's clock, which only its script knows.
pub fn act_fields(req: &Request) -> Markup {
    // Without randomness there is no number, and the act is refused rather than done twice.
    let number = session::new_token().unwrap_or_default();
    html! {
        (csrf_field(req))
        input type="hidden" name="action_id" value=(number);
        input type="hidden" name="device_at" value="";
    }
}
