//! The bell, and what it rang for.

use maud::{Markup, html};

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::notices::{NOUN, Told, mark_seen, store};
use crate::ui::{self, Page, bell_view};
use crate::users::Role;
use crate::values::{NoticeId, Stamp};

/// Notices on a page.
const MOST: usize = 40;

/// `GET /notices?before=17`: what I was told, the newest first.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let session = req.session()?;
    let before: Option<NoticeId> = req.query("before").map(|text| text.parse().map_err(|()| Error::no_such(NOUN, text))).transpose()?;

    let mut told = app.db.read(|conn| store::told_to(conn, session.user_id, session.role, before, MOST as i64 + 1))?;

    let has_more = MOST < told.len();
    told.truncate(MOST);
    Ok(Page::new(app, req, NOUN.label).show(list_view(req, session.role, &told, before.is_some(), has_more)))
}

/// `GET /notices/bell`: the bell of the bar as it is now.
pub fn bell(_app: &App, req: &Request) -> Result<Response> {
    Ok(Response::html(bell_view(req.session()?.unread)))
}

/// `POST /notices/seen` with `through`, the newest of the page: what came since stays unread.
pub fn seen(app: &App, req: &Request) -> Result<Response> {
    let user = req.session()?.user_id;
    let through: Option<NoticeId> = req.form("through").and_then(|text| text.parse().ok());
    let through = through.ok_or(Error::BadRequest("through is no notice"))?;

    app.db.write(|tx| mark_seen(tx, user, through, req.by()))?;

    Ok(Response::see_other("/notices"))
}

fn list_view(req: &Request, role: Role, told: &[Told], is_older: bool, has_more: bool) -> Markup {
    let unread = told.iter().filter(|notice| notice.is_unread).count();
    html! {
        div #notices .stack data-live="notice" {
            div.head {
                div {
                    h1 { "通知" }
                    p { @if told.is_empty() { "有人要知道的事會在這裡。" } @else if 0 < unread { (ui::count(unread as i64)) " 則還沒看。" } @else { "都看過了。" } }
                }
                @if let Some(newest) = told.first().filter(|_| 0 < unread && !is_older) {
                    div.acts {
                        form method="post" action="/notices/seen" {
                            (ui::csrf_field(req))
                            input type="hidden" name="through" value=(newest.id);
                            button.primary data-key="s" { "都看過了 " kbd { "S" } }
                        }
                    }
                }
            }
            @if told.is_empty() {
                (ui::empty("沒有通知", "路線發布、沒送成、緊急時會出現。"))
            } @else {
                div.scroll {
                    table.list.folds data-rows="" {
                        caption.unseen { "通知，新的在上面" }
                        thead { tr { th scope="col" { span.unseen { "鍵" } } th scope="col" { "時間" } th scope="col" { "種類" } th scope="col" { "事情" } } }
                        tbody { @for row in rows(role, told) { (row_view(&row, req.at)) } }
                    }
                }
            }
            @if is_older || has_more {
                nav.pages aria-label="頁" {
                    @if is_older { a.button href="/notices" data-key="PageUp" { "最新的 " kbd { "PgUp" } } }
                    @if let Some(oldest) = told.last().filter(|_| has_more) {
                        a.button href={ "/notices?before=" (oldest.id) } data-key="PageDown" { "更早的 " kbd { "PgDn" } }
                    }
                }
            }
        }
    }
}

/// A notice, where it leads, and the digit that opens it.
struct Line<'a> {
    notice: &'a Told,
    link: Option<(String, usize)>,
}

fn rows(role: Role, told: &[Told]) -> Vec<Line<'_>> {
    let mut no = 0;
    let line = |notice| {
        let link = link(role, notice).map(|url| {
            no += 1;
            (url, no)
        });
        Line { notice, link }
    };
    told.iter().map(line).collect()
}

/// Where `role` finds what the notice is about; a driver has pages of his own.
fn link(role: Role, notice: &Told) -> Option<String> {
    let (noun, id) = notice.about.as_ref()?;
    let is_driver = role == Role::Driver;
    match noun.as_str() {
        "order" if is_driver => notice.stop_id.map(|stop| format!("/driver/stops/{stop}")),
        "order" => Some(format!("/orders/{id}")),
        "route" if is_driver => Some(format!("/driver/routes/{id}")),
        "route" => Some(format!("/routes/{id}")),
        "stop" if is_driver => Some(format!("/driver/stops/{id}")),
        "stop" => notice.route_id.map(|route| format!("/routes/{route}")),
        "emergency" if is_driver => Some("/driver/emergency".to_owned()),
        "emergency" => Some(format!("/emergencies/{id}")),
        "driver_act" if matches!(role, Role::Admin | Role::Manager | Role::OfficeStaff) => Some("/conflicts".to_owned()),
        "customer" if !is_driver => Some(format!("/customers/{id}")),
        "product" | "cylinder" if !is_driver => Some("/cylinders".to_owned()),
        _ => None,
    }
}

fn row_view(Line { notice, link }: &Line, now: Stamp) -> Markup {
    let class = if notice.event == crate::notices::Event::Emergency { "badge urgent" } else { "badge" };
    html! {
        tr {
            td.key { @if let Some((_, no)) = link.as_ref().filter(|(_, no)| *no <= 9) { kbd { (no) } } }
            td.keep.soft { (notice.at.beside(now)) }
            td.keep { span class=(class) { (notice.event.label()) } @if notice.is_unread { " " span.badge.late { "新" } } }
            th scope="row" {
                @match link {
                    Some((url, no)) => a href=(url) data-row=(no) { (notice.text) },
                    None => (notice.text),
                }
            }
        }
    }
}
