//! The alarm above everything on each page of the office (ui.md §3): what burns, for how long, and whom the shop waits for.
//!
//! On the page of the emergency its keys act at once. Elsewhere Enter and the digits belong to the page below: there one
//! key leads to the emergency, and it works in a field, too.

use maud::{Markup, html};

use crate::app::App;
use crate::emergencies::{Kind, Listed, store};
use crate::error::Result;
use crate::http::{Request, Response};
use crate::ui::{self, csrf_field};
use crate::users::Role;
use crate::values::{EmergencyId, Stamp};

/// Who acts on an alarm; the accountant sees it.
const OFFICE: &[Role] = &[Role::Admin, Role::Manager, Role::OfficeStaff];

/// `GET /emergencies/strip?at=7` is what stands in the strip now, for pages that are open; `at` is the emergency whose page
/// asks, `back` the page.
pub fn fragment(app: &App, req: &Request) -> Result<Response> {
    let at = req.query("at").and_then(|id| id.parse().ok());
    let back = req.query("back").unwrap_or("/");
    Ok(Response::html(alarms(app, req, at, crate::users::sign_in::local_path(back))))
}

/// What rings now, ready for the top of a page; a file that cannot be read must not keep the page from showing.
pub fn alarms(app: &App, req: &Request, at: Option<EmergencyId>, back: &str) -> Markup {
    let ringing = app.db.read(store::listed_open).map(|mut open| {
        open.retain(|one| one.emergency.is_ringing(req.at));
        open
    });
    match ringing {
        Ok(ringing) => html! {
            @for (no, one) in ringing.iter().enumerate() { (alarm_view(one, no == 0, at == Some(one.emergency.id), back, req)) }
        },
        Err(error) => {
            log::error!("{error}");
            html! {}
        }
    }
}

/// The emergency a page is about, by its address.
pub fn at(req: &Request) -> Option<EmergencyId> {
    match req.segments.as_slice() {
        [first, id] if first == "emergencies" => id.parse().ok(),
        _ => None,
    }
}

fn alarm_view(one: &Listed, is_first: bool, is_here: bool, back: &str, req: &Request) -> Markup {
    let (emergency, id) = (&one.emergency, one.emergency.id);
    let act = |action: &str, label: &str, key: Option<&str>| {
        html! {
            form method="post" action={ "/emergencies/" (id) "/" (action) } {
                (csrf_field(req))
                input type="hidden" name="back" value=(back);
                button data-key=[key] { (label) @if let Some(key) = key { " " kbd { (key) } } @if !is_here { span.unseen { "：" (one.title()) } } }
            }
        }
    };
    html! {
        div.alarm role="alert" data-alarm={ (id) "-" (emergency.alarms) } {
            strong { "緊急：" (emergency.kind.label()) @if !is_here { span.name { (one.name) } } }
            (clock_view(emergency.created_at, req.at))
            span { (waiting_view(one, req.at)) }
            span.acts {
                @if !is_here {
                    a.button href={ "/emergencies/" (id) } data-room=[is_first.then_some("0")] {
                        "處理" @if is_first { " " kbd { "Alt" } " " kbd { "0" } } span.unseen { "：" (one.title()) }
                    }
                }
                @if req.may(OFFICE) {
                    @if is_here { (act("again", "再通知", Some("R"))) }
                    (act("seen", "店裡知道了", is_here.then_some("Enter")))
                }
            }
        }
    }
}

/// How long ago `since` is: it ticks where there is script.
pub fn clock_view(since: Stamp, now: Stamp) -> Markup {
    let seconds = ((now.0 - since.0) / 1_000).max(0);
    html! {
        span.clock role="timer" {
            span.unseen { "已經過" }
            span data-since=(seconds) { (elapsed(seconds)) }
        }
    }
}

/// `02:41`, and past the hour `1:02:41`.
pub fn elapsed(seconds: i64) -> String {
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours == 0 { format!("{minutes:02}:{seconds:02}") } else { format!("{hours}:{minutes:02}:{seconds:02}") }
}

/// Whom the shop waits for, and when it rings again.
pub fn waiting_view(one: &Listed, now: Stamp) -> Markup {
    let emergency = &one.emergency;
    let left = emergency.calls_at().map(|at| (at.0 - now.0 + 999) / 1_000);
    let whom = match &one.driver {
        Some(driver) => format!("等{driver}回應"),
        None if emergency.kind == Kind::DriverEmergency => "店裡還沒有人處理".to_owned(),
        None => "還沒派人".to_owned(),
    };
    html! {
        (whom)
        @match left {
            Some(left) if 0 < left => { "，" b data-left=(left) { (in_words(left)) } "後再通知一次" },
            Some(_) => { "，已經 " b { (ui::count(now.minutes_since(emergency.assigned_at.unwrap_or(emergency.created_at)))) } " 分鐘" },
            None => {},
        }
    }
}

/// `19 秒`, `2 分 10 秒`.
fn in_words(seconds: i64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} 秒"),
        (minutes, 0) => format!("{minutes} 分"),
        (minutes, seconds) => format!("{minutes} 分 {seconds} 秒"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_read_at_a_glance() {
        for (seconds, want) in [(0, "00:00"), (161, "02:41"), (3_599, "59:59"), (3_761, "1:02:41")] {
            assert_eq!(elapsed(seconds), want);
        }
        for (seconds, want) in [(19, "19 秒"), (60, "1 分"), (130, "2 分 10 秒")] {
            assert_eq!(in_words(seconds), want);
        }
    }
}
