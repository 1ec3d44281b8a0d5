//! 緊急事件: what is open, how it went, and the figures (business §12).

use maud::{Markup, html};

use crate::app::App;
use crate::emergencies::{FIGURE_DAYS, Figures, Kind, Listed, store};
use crate::error::Result;
use crate::http::{Request, Response};
use crate::ui::{self, Page, Room};
use crate::users::Role;
use crate::values::Stamp;

/// Closed ones the page shows.
const CLOSED: usize = 50;

/// `GET /emergencies` lists what is open, then what was closed last, under the figures.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let (open, closed, figures) =
        app.db.read(|conn| Ok((store::listed_open(conn)?, store::listed_closed(conn, CLOSED)?, store::figures(conn, req.at)?)))?;

    let may_make = req.may(&[Role::Admin, Role::Manager, Role::OfficeStaff]);
    Ok(Page::new(app, req, "緊急事件").room(Room::Dispatch).show(html! {
        div.head {
            div { h1 { "緊急事件" } p { "漏氣、客戶出事、急著要、司機出事。" } }
            @if may_make { div.acts { a.button.primary href="/emergencies/new" data-key="Enter" { "記一件 " kbd { "!" } } } }
        }
        div.stack #emergency-list data-live="emergency" {
            (tiles_view(&figures))
            @if open.is_empty() && closed.is_empty() {
                (ui::empty("沒有緊急事件", "有人來電說漏氣，按 ! 就記。"))
            } @else {
                (list_view(&open, &closed, req.at))
            }
        }
    }))
}

fn tiles_view(figures: &Figures) -> Markup {
    let mean = |minutes: Option<f64>| html! { @match minutes { Some(minutes) => { (format!("{minutes:.0}")) small { " 分" } }, None => (ui::none()) } };
    html! {
        section.tiles aria-label="數字" {
            div class=(if 0 < figures.open { "tile look" } else { "tile" }) { span { "還沒解除" } b { (ui::count(figures.open)) } }
            div.tile { span { "今天解除" } b { (ui::count(figures.closed_today)) } }
            div.tile { span { "派人，平均" } b { (mean(figures.to_assigned)) } small.soft { "最近 " (FIGURE_DAYS) " 天" } }
            div.tile { span { "到場，平均" } b { (mean(figures.to_arrived)) } small.soft { "最近 " (FIGURE_DAYS) " 天" } }
        }
    }
}

fn list_view(open: &[Listed], closed: &[Listed], now: Stamp) -> Markup {
    html! {
        div.scroll {
            table.list.folds data-rows="" {
                caption.unseen { "緊急事件" }
                thead { tr {
                    th scope="col" { span.unseen { "鍵" } }
                    th scope="col" { "事情" }
                    th scope="col" { "什麼時候" }
                    th scope="col" { "誰去" }
                    th.number scope="col" { "派人（分）" }
                    th.number scope="col" { "到場（分）" }
                    th scope="col" { "狀態" }
                } }
                tbody {
                    @for (no, one) in open.iter().chain(closed).enumerate() { (row_view(no, one, now)) }
                }
            }
        }
    }
}

fn row_view(no: usize, listed: &Listed, now: Stamp) -> Markup {
    let one = &listed.emergency;
    let figure = |minutes: Option<i64>| html! { @match minutes { Some(minutes) => (ui::count(minutes)), None => (ui::none()) } };
    html! {
        tr class=[one.is_open().then_some("urgent")] {
            td.key { @if no < 9 { kbd { (no + 1) } } }
            th scope="row" { a href={ "/emergencies/" (one.id) } data-row=(no + 1) { (listed.title()) } small.soft { (one.description) } }
            td.keep { (one.created_at.beside(now)) }
            td.keep { @match &listed.driver { Some(driver) => (driver), None => (ui::none()) } }
            td.number data-label="派人（分）" { (figure(one.minutes_to_assigned())) }
            td.number data-label="到場（分）" { (figure(one.minutes_to_arrived())) }
            td { (badge(listed)) }
        }
    }
}

fn badge(listed: &Listed) -> Markup {
    let one = &listed.emergency;
    let class = match (one.closed_at, one.arrived_at.or(one.answered_at), one.driver_id) {
        (Some(_), ..) => "delivered",
        (None, Some(_), _) => "in_delivery",
        (None, None, Some(_)) => "assigned",
        (None, None, None) => "failed",
    };
    html! { span class={ "badge " (class) } { (state(listed)) } }
}

/// Where it stands, in a word.
pub fn state(listed: &Listed) -> &'static str {
    let one = &listed.emergency;
    match (one.closed_at, one.arrived_at, one.answered_at, one.driver_id) {
        (Some(_), ..) => "解除",
        (None, Some(_), ..) => "到了",
        (None, None, Some(_), _) => "他去",
        (None, None, None, Some(_)) => "等回應",
        (None, None, None, None) if one.kind == Kind::DriverEmergency => "等處理",
        (None, None, None, None) => "還沒派",
    }
}
