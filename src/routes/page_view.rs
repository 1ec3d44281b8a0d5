//! How one route looks: its stops in their order, what it carries, and what can be done with it.

use maud::{Markup, html};

use crate::error::Problem;
use crate::http::Request;
use crate::orders::Actor;
use crate::orders::list_view::badge_view as order_badge_view;
use crate::phone::Visit;
use crate::routes::list_view::{OFFICE, badge_view};
use crate::routes::pages::Ground;
use crate::routes::sheet::Sheet;
use crate::routes::steps::{Action, may, target};
use crate::routes::{Status, Stop, StopStatus};
use crate::ui;
use crate::values::StopId;

/// What was asked of the route and could not be done.
pub struct Asked {
    pub action: Option<Action>,
    pub say: String,
    pub problems: Vec<Problem>,
}

pub fn sheet_view(sheet: &Sheet, ground: &Ground, asked: Option<&Asked>, req: &Request) -> Markup {
    html! {
        (head_view(sheet, asked, req))
        @if let Some(asked) = asked {
            @if asked.problems.is_empty() { (ui::refuse(&asked.say)) }
            @for problem in &asked.problems { (ui::refuse(&problem.say)) }
        }
        @if sheet.listed.route.status.is_open() && asked.is_none_or(|asked| asked.action != Some(Action::Publish)) {
            @for say in sheet.doubts.all() { (ui::warn(say)) }
        }
        @if can(sheet, Action::Publish, req) && (!sheet.doubts.is_none() || asked.is_some_and(|asked| asked.action == Some(Action::Publish))) {
            (override_view(sheet, req))
        }
        div.columns.side {
            div.stack { (stops_view(sheet, req)) }
            div.stack {
                section.panel { h2 { "資料" } (facts_view(sheet, req)) }
                @if !sheet.load.goods.is_empty() { section.panel { h2 { "車上要載" } (load_view(sheet)) } }
                @if req.may(OFFICE) { (truck_view(sheet)) }
                @if req.may(OFFICE) && sheet.listed.route.status.is_open() { (give_view(sheet, ground, req)) }
                (on_behalf_view(sheet, asked, req))
            }
        }
    }
}

fn can(sheet: &Sheet, action: Action, req: &Request) -> bool {
    let route = &sheet.listed.route;
    target(route.status, action).is_some() && may(route, action, Actor::of(req))
}

fn head_view(sheet: &Sheet, asked: Option<&Asked>, req: &Request) -> Markup {
    let route = &sheet.listed.route;
    let at = |what: &str| format!("/routes/{}/{what}", route.id);
    let is_plain = sheet.doubts.is_none() && asked.is_none_or(|asked| asked.action != Some(Action::Publish));
    html! {
        div.head {
            div {
                h1.who { "路線 " (route.short_number()) " " (sheet.listed.title()) " " span.soft { (badge_view(route.status)) } }
                p {
                    (route.number) "　" (route.route_on.beside(req.at.day()))
                    "　" @match sheet.listed.crew() { Some(crew) => b { (crew) }, None => "還沒選司機" }
                    @if let Some(plate) = &sheet.listed.plate { "　" (plate) }
                    "　" (sheet.listed.completed) "／" (sheet.listed.stops) " 站"
                }
            }
            div.acts {
                @if can(sheet, Action::Publish, req) && is_plain && !sheet.visits.is_empty() {
                    (act_view(sheet, req, "publish", html! { button.primary data-key="Enter" { "發布 " kbd { "Enter" } } }))
                }
                @if route.status.is_open() && req.may(OFFICE) {
                    (act_view(sheet, req, "suggest", html! { button data-key="g" { "建議順序 " kbd { "G" } } }))
                    a.button href=(at("edit")) data-key="e" { "改 " kbd { "E" } }
                }
                a.button href=(at("sheet")) data-key="p" { "派遣單 " kbd { "P" } }
                a.button href=(at("loading")) data-key="l" { "載貨單 " kbd { "L" } }
                @if can(sheet, Action::Cancel, req) {
                    (act_view(sheet, req, "cancel", html! { button.danger data-key="x" data-confirm="取消這條路線？它的單回到未派。" { "取消路線 " kbd { "X" } } }))
                }
                @if can(sheet, Action::Reopen, req) { (act_view(sheet, req, "reopen", html! { button { "重新打開" } })) }
                a.button.quiet href={ "/routes?date=" (route.route_on) } data-key="Escape" { "回路線 " kbd { "Esc" } }
            }
        }
    }
}

/// A form of one button at an address of the route.
fn act_view(sheet: &Sheet, req: &Request, word: &str, button: Markup) -> Markup {
    html! {
        form method="post" action={ "/routes/" (sheet.listed.route.id) "/" (word) } {
            (ui::csrf_field(req))
            input type="hidden" name="version" value=(sheet.listed.route.version);
            (button)
        }
    }
}

/// Something stands against it: whoever sends it out says why.
fn override_view(sheet: &Sheet, req: &Request) -> Markup {
    html! {
        form.panel method="post" action={ "/routes/" (sheet.listed.route.id) "/publish" } {
            (ui::csrf_field(req))
            input type="hidden" name="version" value=(sheet.listed.route.version);
            div.field {
                label for="override_note" { "還是要發布" }
                input #override_note name="override_note" maxlength="500" autocomplete="off" placeholder="為什麼，例如「分兩趟載」" value=[req.form("override_note")];
            }
            p.acts { button.primary data-key="Ctrl+Enter" { "發布 " kbd { "Ctrl Enter" } } }
        }
    }
}

// The stops.

fn stops_view(sheet: &Sheet, req: &Request) -> Markup {
    let here: Option<StopId> = req.query("here").and_then(|stop| stop.parse().ok());
    let shown: Vec<&Visit> = sheet.visits.iter().filter(|visit| visit.stop.status != StopStatus::Skipped).collect();
    let first_open = shown.iter().find(|visit| visit.stop.status.is_open()).map(|visit| visit.stop.id);
    let lit = here.or(first_open).or(shown.first().map(|visit| visit.stop.id));
    let is_plan = req.may(OFFICE) && sheet.listed.route.status.is_open();
    html! {
        @if shown.is_empty() { (ui::empty("路線上還沒有站", "在訂單上選司機，單就會排進來。")) } @else {
            div.scroll {
                table.list.folds data-rows="" {
                    caption.unseen { "站" }
                    thead { tr {
                        th.number scope="col" { "序" }
                        th scope="col" { "客戶" }
                        th scope="col" { "品項" }
                        th scope="col" { "時段" }
                        th scope="col" { "幾點到" }
                        th scope="col" { "狀態" }
                        @if is_plan { th scope="col" { span.unseen { "移動" } } }
                    } }
                    tbody { @for visit in &shown { (stop_row(sheet, visit, lit == Some(visit.stop.id), is_plan, req)) } }
                }
            }
            @if is_plan { p.soft.small.key-hint { kbd { "↑" } " " kbd { "↓" } " 選站　" kbd { "Alt ↑" } " " kbd { "Alt ↓" } " 換順序　" kbd { "Delete" } " 拿下　" kbd { "Enter" } " 看單" } }
        }
        @let removed = sheet.visits.len() - shown.len();
        @if 0 < removed { p.soft.small { "另外有 " (removed) " 站拿下了。" } }
    }
}

fn stop_row(sheet: &Sheet, visit: &Visit, is_lit: bool, is_plan: bool, req: &Request) -> Markup {
    let Visit { stop, order, .. } = visit;
    let eta = sheet.eta(stop.id);
    html! {
        tr.here[is_lit].urgent[visit.is_pressing() && stop.status.is_open()] {
            td.number { b { (visit.no.unwrap_or_default()) } }
            th scope="row" {
                a href={ "/orders/" (order.id) } data-row=(visit.no.unwrap_or_default()) aria-current=[is_lit.then_some("true")] { (visit.name) }
                small.soft { (order.short_number()) @if let Some(address) = &order.delivery_address { "　" (address) } }
                @if let Some(notes) = &order.notes { small { (notes) } }
            }
            td data-label="品項" { (order.items()) }
            td.keep data-label="時段" { (order.window) }
            td.keep data-label="幾點到" {
                @match eta {
                    Some(eta) => { (eta.at.clock()) @if eta.is_late { " " span.badge.late { "晚" } } }
                    None => @match stop.finished_at { Some(at) => (at.clock()), None => (ui::none()) },
                }
            }
            td { (outcome_view(stop)) @if stop.status.is_open() { " " (order_badge_view(order.status, order.attempt_count)) } }
            @if is_plan { td { @if stop.status == StopStatus::Pending { div.acts { (move_view(sheet, stop, visit, req)) } } } }
        }
    }
}

/// Up, down and off, for the lit row by keys.
fn move_view(sheet: &Sheet, stop: &Stop, visit: &Visit, req: &Request) -> Markup {
    let by = |places: &str, key: &str, sign: &str, what: &str| {
        html! { button.quiet name="by" value=(places) data-row-key=(key) tabindex="-1" aria-label={ (visit.name) (what) } { (sign) } }
    };
    html! {
        form.line-form method="post" action={ "/routes/" (sheet.listed.route.id) "/order" } {
            (ui::csrf_field(req))
            input type="hidden" name="stop" value=(stop.id);
            (by("-1", "Alt+Up", "↑", "往前")) (by("1", "Alt+Down", "↓", "往後"))
        }
        form.line-form method="post" action={ "/stops/" (stop.id) "/remove" } {
            (ui::csrf_field(req))
            input type="hidden" name="version" value=(stop.version);
            button.quiet data-row-key="Delete" tabindex="-1" aria-label={ (visit.name) "拿下" } { "拿下" }
        }
    }
}

/// What became of a stop: who took it, what was paid, why not.
fn outcome_view(stop: &Stop) -> Markup {
    let (class, label) = match stop.status {
        StopStatus::Pending => return html! {},
        StopStatus::Arrived => ("in_delivery", stop.status.label()),
        StopStatus::Completed => ("delivered", stop.status.label()),
        StopStatus::Failed => ("failed", stop.status.label()),
        StopStatus::Skipped => ("off", stop.status.label()),
    };
    html! {
        span class={ "badge " (class) } { (label) }
        @if let Some(reason) = stop.failure_reason { small { (reason.label()) @if let Some(note) = &stop.failure_note { "，" (note) } } }
        @if let Some(recipient) = &stop.recipient { small { (recipient) " 收" } }
        @if let Some(why) = &stop.no_proof { small { "沒簽收：" (why) } }
        @if let Some(cash) = stop.cash {
            small { "收 " (cash) @if let Some(due) = stop.cash_due.filter(|due| *due != cash) { "，應收 " (due) } }
        }
        @if let Some(note) = &stop.note { small { (note) } }
        @if stop.photo.is_some() || stop.signature.is_some() {
            small {
                @if let Some(sha) = &stop.photo { a href={ "/photos/" (sha) } { "照片" } " " }
                @if let Some(sha) = &stop.signature { a href={ "/photos/" (sha) } { "簽名" } }
            }
        }
    }
}

// Beside them.

fn facts_view(sheet: &Sheet, req: &Request) -> Markup {
    let route = &sheet.listed.route;
    html! {
        dl.facts {
            dt { "司機" } dd { @match &sheet.listed.driver { Some(driver) => b { (driver) }, None => "還沒選" } }
            @if let Some(crew2) = &sheet.listed.crew2 { dt { "隨車" } dd { (crew2) } }
            dt { "車" } dd { @match &sheet.vehicle { Some(vehicle) => { (vehicle.plate) " " (vehicle.kind.label()) }, None => "還沒選" } }
            @if let Some(area) = &sheet.listed.area { dt { "區域" } dd { (area) } }
            dt { "班" } dd { (route.shift.label()) "　" (route.kind.label()) }
            @for (label, at) in [("發布", route.published_at), ("出發", route.started_at), ("結束", route.completed_at)] {
                @if let Some(at) = at { dt { (label) } dd { (at.beside(req.at)) } }
            }
            @if let Some(km) = route.odometer_end_km { dt { "里程" } dd { @if let Some(start) = route.odometer_start_km { (start) "–" } (km) " km" } }
            @if let Some(notes) = &route.notes { dt { "備註" } dd { b { (notes) } } }
            @if let Some(why) = &route.override_note { dt { "照樣發布" } dd { (why) } }
        }
    }
}

fn load_view(sheet: &Sheet) -> Markup {
    html! {
        table.list.tight {
            thead { tr { th scope="col" { "品項" } th.number scope="col" { "支" } } }
            tbody { @for goods in &sheet.load.goods { tr { th scope="row" { (goods.name) } td.number { b { (goods.qty) } } } } }
        }
        p {
            "總重 " (sheet.load.gross) " kg"
            @if let Some(vehicle) = &sheet.vehicle { span.soft { "，最多 " (vehicle.max_gross) " kg" } }
        }
    }
}

/// The ways to what is really put on the truck and taken off it again.
fn truck_view(sheet: &Sheet) -> Markup {
    let route = &sheet.listed.route;
    html! {
        @if route.vehicle_id.is_some() && route.status != Status::Draft {
            p.acts {
                @if route.status.is_out() { a.button href={ "/routes/" (route.id) "/load" } data-key="t" { "裝車 " kbd { "T" } } }
                a.button href={ "/routes/" (route.id) "/unload" } data-key="r" { "下車點收 " kbd { "R" } }
            }
        }
    }
}

fn give_view(sheet: &Sheet, ground: &Ground, req: &Request) -> Markup {
    let now = sheet.listed.route.driver_id;
    html! {
        details.more {
            summary data-key="d" { "換司機 " kbd { "D" } }
            form.panel.line-form method="post" action={ "/routes/" (sheet.listed.route.id) "/driver" } {
                (ui::csrf_field(req))
                label.unseen for="driver" { "給誰" }
                select #driver name="driver" {
                    @for (id, name) in ground.drivers.iter().filter(|(id, _)| Some(*id) != now) { option value=(id) { (name) } }
                }
                button { "整條給他" }
            }
        }
    }
}

/// What a manager does for a driver whose phone is flat; each with a line why.
fn on_behalf_view(sheet: &Sheet, asked: Option<&Asked>, req: &Request) -> Markup {
    let can_complete = can(sheet, Action::Complete, req) && sheet.listed.open() == 0;
    let acts = [(Action::Start, can(sheet, Action::Start, req)), (Action::Complete, can_complete)];
    let acts: Vec<Action> = acts.into_iter().filter(|(_, can)| *can).map(|(action, _)| action).collect();
    let is_open = asked.and_then(|asked| asked.action).is_some_and(|action| acts.contains(&action));
    let is_left = sheet.listed.route.status == Status::InProgress && can_complete;
    html! {
        @if !acts.is_empty() {
            details.more.manage open[is_open || is_left] {
                summary { "經理：替司機記" }
                @for action in acts {
                    form.panel method="post" action={ "/routes/" (sheet.listed.route.id) "/" (action.word()) } {
                        (ui::csrf_field(req))
                        input type="hidden" name="version" value=(sheet.listed.route.version);
                        @let id = format!("{}-note", action.word());
                        div.field {
                            label for=(id) { "為什麼" }
                            input id=(id) name="note" maxlength="500" autocomplete="off" placeholder="為什麼替他記";
                        }
                        p.acts { button { "他" (action.label()) "了，記下來" } }
                    }
                }
            }
        }
    }
}
