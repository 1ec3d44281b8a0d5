//! How the routes of a day look, and the form of a new one.

use maud::{Markup, html};

use crate::error::Problem;
use crate::http::Request;
use crate::routes::pages::Ground;
use crate::routes::store::Listed;
use crate::routes::{Kind, Shift, Status};
use crate::ui::{self, Typed, csrf_field, field};
use crate::users::Role;
use crate::values::{Day, VehicleId};

/// Who plans.
pub const OFFICE: &[Role] = &[Role::Admin, Role::Manager, Role::OfficeStaff];

/// All that the page is drawn from.
pub struct Shown<'a> {
    pub day: Day,
    pub today: Day,
    pub routes: &'a [Listed],
    /// Of days before today, still open.
    pub left: &'a [Listed],
    pub ground: &'a Ground,
    pub typed: &'a Typed,
    pub problems: &'a [Problem],
    pub req: &'a Request,
}

pub fn list_view(shown: &Shown) -> Markup {
    let Shown { day, today, routes, left, req, .. } = *shown;
    let title = match day.days_since(today) {
        -1 => format!("昨天的路線　{}", day.short()),
        0 => format!("今天的路線　{}", day.short()),
        1 => format!("明天的路線　{}", day.short()),
        _ => format!("{} 的路線", day.beside(today)),
    };
    let beside = |days: i64| format!("/routes?date={}", day.plus(days));
    html! {
        div.head {
            div { h1 { (title) } p { (sums_line(routes)) } }
            div.acts {
                a.button href=(beside(-1)) data-key="ArrowLeft" { "前一天 " kbd { "←" } }
                a.button href=(beside(1)) data-key="ArrowRight" { "後一天 " kbd { "→" } }
            }
        }
        @if !left.is_empty() { (left_view(left, today)) }
        @if routes.is_empty() { (ui::empty("這一天還沒有路線", if req.may(OFFICE) { "開一條，或在訂單上選司機，會自己開。" } else { "辦公室還沒有排。" })) }
        @else { (table_view(routes, today)) }
        @if req.may(OFFICE) && today <= day {
            details.more data-focus="" open[!shown.problems.is_empty()] {
                summary data-key="a" { "開新路線 " kbd { "A" } }
                form.panel method="post" action="/routes" {
                    (csrf_field(req))
                    input type="hidden" name="day" value=(day);
                    @for problem in shown.problems.iter().filter(|problem| problem.field == "day") { (ui::refuse(&problem.say)) }
                    (fields_view(shown.ground, shown.typed, shown.problems, true, None))
                    p.acts { button.primary data-key="Ctrl+Enter" { "開路線 " kbd { "Ctrl Enter" } } }
                }
            }
        }
    }
}

/// `3 條　57 站，送完 22、沒送成 1`.
fn sums_line(routes: &[Listed]) -> String {
    let meant = || routes.iter().filter(|route| route.route.status != Status::Cancelled);
    let sum = |of: fn(&Listed) -> i64| ui::count(meant().map(of).sum());
    let mut line = format!("{} 條　{} 站，送完 {}", meant().count(), sum(|route| route.stops), sum(|route| route.completed));
    if meant().any(|route| 0 < route.failed) {
        line.push_str(&format!("、沒送成 {}", sum(|route| route.failed)));
    }
    line
}

/// What nobody has closed, in red.
fn left_view(left: &[Listed], today: Day) -> Markup {
    html! {
        @for route in left {
            p.refuse {
                span {
                    a href={ "/routes/" (route.route.id) } { (route.route.number) "　" (route.driver.as_deref().unwrap_or_default()) }
                    "　" (route.route.route_on.beside(today)) " 的路線還沒結束，剩 " (route.open()) " 站。"
                }
            }
        }
    }
}

fn table_view(routes: &[Listed], today: Day) -> Markup {
    html! {
        div.scroll {
            table.list.folds data-rows="" {
                caption.unseen { "路線" }
                thead { tr {
                    th.key scope="col" { span.unseen { "鍵" } }
                    th scope="col" { "路線" }
                    th scope="col" { "司機" }
                    th scope="col" { "車" }
                    th.number scope="col" { "站" }
                    th.number scope="col" { "送完" }
                    th.number scope="col" { "沒送成" }
                    th scope="col" { "狀態" }
                } }
                tbody {
                    @for (at, listed) in routes.iter().enumerate() {
                        @let route = &listed.route;
                        tr.here[at == 0].urgent[route.kind == Kind::Emergency] {
                            td.key { @if at < 9 { kbd { (at + 1) } } }
                            th scope="row" {
                                a href={ "/routes/" (route.id) } data-row=(at + 1) aria-current=[(at == 0).then_some("true")] { (route.short_number()) "　" (listed.title()) }
                                @if let Some(notes) = &route.notes { small.soft { (notes) } }
                            }
                            td data-label="司機" { @match listed.crew() { Some(crew) => (crew), None => span.soft { "還沒選" } } }
                            td.keep data-label="車" { @match &listed.plate { Some(plate) => (plate), None => (ui::none()) } }
                            td.number data-label="站" { (listed.stops) }
                            td.number data-label="送完" { (listed.completed) }
                            td.number data-label="沒送成" { @if 0 < listed.failed { b { (listed.failed) } } @else { "0" } }
                            td { (badge_view(route.status)) @if route.status.is_out() && route.route_on < today { " " span.badge.failed { "過了" } } }
                        }
                    }
                }
            }
        }
    }
}

/// Where a route stands, in the colours of the orders that go with it.
pub fn badge_view(status: Status) -> Markup {
    let class = match status {
        Status::Draft => "pending",
        Status::Published => "assigned",
        Status::InProgress => "in_delivery",
        Status::Completed => "delivered",
        Status::Cancelled => "cancelled",
    };
    html! { span class={ "badge " (class) } { (status.label()) } }
}

/// The fields of a route. Who drives it is asked only of a new one: afterwards it is given to somebody. `now` is a vehicle
/// that is offered though it is out of use.
pub fn fields_view(ground: &Ground, typed: &Typed, problems: &[Problem], is_new: bool, now: Option<VehicleId>) -> Markup {
    let people: Vec<(String, String)> = ground.drivers.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
    let areas: Vec<(String, String)> = ground.areas.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
    let mut vehicles: Vec<(String, String)> =
        ground.vehicles.iter().map(|one| (one.id.to_string(), format!("{} {}", one.plate, one.kind.label()))).collect();
    if let Some(now) = now.filter(|now| ground.vehicles.iter().all(|one| one.id != *now)) {
        vehicles.push((now.to_string(), "停用的車".to_owned()));
    }
    let shift = if typed.get("shift").is_empty() { Shift::AllDay.word() } else { typed.get("shift") };
    let select = |label: &str, name: &'static str, none: &str, options: &[(String, String)], is_first: bool| {
        let wrong = ui::form::wrong(name, problems);
        field(
            label,
            name,
            problems,
            html! {
                select id=(name) name=(name) autofocus[is_first] aria-invalid=[wrong.as_ref().map(|wrong| wrong.0)]
                    aria-describedby=[wrong.as_ref().map(|wrong| wrong.1.clone())] {
                    option value="" { (none) }
                    @for (value, text) in options { option value=(value) selected[typed.get(name) == value] { (text) } }
                }
            },
        )
    };
    html! {
        @if is_new { (select("司機", "driver", "還沒選", &people, problems.is_empty())) }
        (select("車", "vehicle", if is_new { "他平常的車以外再選" } else { "還沒選" }, &vehicles, !is_new && problems.is_empty()))
        div.field {
            span.label #l-shift { "班" }
            div.choice role="group" aria-labelledby="l-shift" {
                @for one in Shift::ALL { label { input type="radio" name="shift" value=(one.word()) checked[shift == one.word()]; " " (one.label()) } }
            }
        }
        (select("區域", "area", "不分", &areas, false))
        (select("隨車", "crew2", "沒有", &people, false))
        (field("備註", "notes", problems, html! { input #notes name="notes" maxlength="500" autocomplete="off" value=(typed.get("notes")); }))
    }
}
