//! How one emergency looks: first the clock and who has not answered, then what to say to the caller, then who can go
//! (ui.md §6).

use maud::{Markup, html};

use crate::emergencies::pages::{DESCRIPTION, NOTE};
use crate::emergencies::rank::Candidate;
use crate::emergencies::strip::{clock_view, elapsed, waiting_view};
use crate::emergencies::{Kind, Listed};
use crate::error::Problem;
use crate::http::Request;
use crate::orders::Order;
use crate::orders::list_view::badge_view;
use crate::ui::{self, csrf_field};
use crate::users::Role;
use crate::values::{Stamp, UserId};

const OFFICE: &[Role] = &[Role::Admin, Role::Manager, Role::OfficeStaff];

/// What to say to whoever smells gas (business §12), and what makes it safe.
const SAY: [(&str, &str); 4] = [
    ("請先關掉瓦斯桶的開關。", "順時針轉到底；關不動就離開"),
    ("打開門窗，人到外面。", "不要碰電燈、抽風機、插頭"),
    ("不要點火，不要打火機。", "手機也到外面再打"),
    ("聞到很濃或有人不舒服，馬上打 119。", ""),
];

/// All that the page shows.
pub struct Sheet {
    pub listed: Listed,
    pub order: Option<Order>,
    /// Best first; empty once nobody needs to be asked.
    pub candidates: Vec<Candidate>,
    pub story: Vec<(Stamp, String)>,
}

/// What was asked in vain, and why.
pub struct Asked {
    pub say: String,
    pub problems: Vec<Problem>,
}

pub fn sheet_view(sheet: &Sheet, asked: Option<&Asked>, req: &Request) -> Markup {
    let one = &sheet.listed.emergency;
    let is_office = req.may(OFFICE);
    let problems = asked.map_or(&[][..], |asked| &asked.problems);
    html! {
        (head_view(sheet, is_office, req))
        @if let Some(asked) = asked { (ui::refuse(&asked.say)) }
        (state_view(&sheet.listed, is_office, req))
        div.columns.half {
            section.panel {
                @if one.kind == Kind::GasLeak && one.is_open() { (say_view()) }
                (words_view(sheet, is_office, problems, req))
            }
            div.stack {
                @if one.is_open() && one.arrived_at.is_none() { (who_view(sheet, is_office, req)) }
                (story_view(sheet))
            }
        }
        @if is_office && one.is_open() { (end_view(sheet, problems, req)) }
    }
}

fn head_view(sheet: &Sheet, is_office: bool, req: &Request) -> Markup {
    let (listed, one) = (&sheet.listed, &sheet.listed.emergency);
    let facts: Vec<&str> = [one.phone.as_deref(), listed.area.as_deref(), one.address.as_deref()].into_iter().flatten().collect();
    html! {
        div.head {
            div {
                h1 { (listed.title()) }
                p {
                    (facts.join("　")) @if !facts.is_empty() { "　·　" }
                    (listed.created_by.as_deref().unwrap_or("程式")) " " (one.created_at.beside(req.at)) " 記的"
                }
            }
            div.acts {
                @if let Some(phone) = &one.phone { a.button href={ "tel:" (dialled(phone)) } { "打電話" } }
                @if let Some(order) = &sheet.order { a.button href={ "/orders/" (order.id) } data-key="o" { "訂單 " (order.short_number()) " " kbd { "O" } } }
                @if let Some(customer) = one.customer_id { a.button href={ "/customers/" (customer) } { "客戶" } }
                @if is_office && one.is_open() && one.order_id.is_some() {
                    form method="post" action={ "/emergencies/" (one.id) "/ordinary" } {
                        (csrf_field(req))
                        button { "改成一般訂單" }
                    }
                }
                a.button.quiet href="/emergencies" data-key="Escape" { "全部 " kbd { "Esc" } }
            }
        }
    }
}

/// The digits of a number, as a telephone dials them.
fn dialled(phone: &str) -> String {
    phone.chars().take_while(|c| *c != '#').filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

/// The clock, whom the shop waits for, and how long it took when it is over.
fn state_view(listed: &Listed, is_office: bool, req: &Request) -> Markup {
    let one = &listed.emergency;
    let driver = listed.driver.as_deref().unwrap_or("司機");
    let act = |action: &str, field: Option<(&str, &str)>, label: &str, key: Option<&str>| {
        html! {
            form method="post" action={ "/emergencies/" (one.id) "/" (action) } {
                (csrf_field(req))
                @if let Some((name, value)) = field { input type="hidden" name=(name) value=(value); }
                button data-key=[key] { (label) @if let Some(key) = key { " " kbd { (key) } } }
            }
        }
    };
    html! {
        section.panel.emergency-state #emergency-state data-live="emergency" data-live-id=(one.id) aria-label="現在怎樣" {
            @match (one.closed_at, one.arrived_at, one.answered_at) {
                (Some(closed), ..) => {
                    p.good { span { b { "解除了" } "　" (closed.beside(req.at)) @if let Some(driver) = &listed.driver { "　" (driver) } } }
                },
                (None, Some(_), _) => { (clock_view(one.created_at, req.at)) p { b { (driver) "到現場了" } } },
                (None, None, Some(_)) => { (clock_view(one.created_at, req.at)) p { b { (driver) "說：我去" } "，還沒到。" } },
                // What rings has its clock in the strip.
                (None, None, None) if one.is_ringing(req.at) => {},
                (None, None, None) => { (clock_view(one.created_at, req.at)) p { b { (waiting_view(listed, req.at)) } } },
            }
            dl.facts.across {
                div { dt { "派人" } dd { (minutes(one.assigned_at, one.created_at)) } }
                div { dt { "到場" } dd { (minutes(one.arrived_at, one.created_at)) } }
                @if let Some(target) = one.kind.target_minutes() { div { dt { "目標" } dd { (target) " 分內" } } }
                @if 1 < one.alarms { div { dt { "響了" } dd { (one.alarms) " 次" } } }
            }
            @if is_office && one.is_unanswered() {
                div.acts {
                    @if one.driver_id.is_some() { (act("answer", Some(("goes", "1")), &format!("{driver}在電話裡說要去"), None)) (act("answer", Some(("goes", "0")), &format!("{driver}去不了"), None)) }
                    @if !one.is_ringing(req.at) { (act("again", None, "再通知", Some("R"))) }
                }
            }
        }
    }
}

/// `2 分 10 秒` would say more than anybody needs: `02:10`; — while nobody has.
fn minutes(at: Option<Stamp>, since: Stamp) -> Markup {
    match at {
        Some(at) => html! { (elapsed(((at.0 - since.0) / 1_000).max(0))) },
        None => ui::none(),
    }
}

fn say_view() -> Markup {
    html! {
        h2 { "電話裡先說這四句" }
        ol.say { @for (say, how) in SAY { li { (say) @if !how.is_empty() { small { (how) } } } } }
    }
}

/// What the caller said, and what is to be brought.
fn words_view(sheet: &Sheet, is_office: bool, problems: &[Problem], req: &Request) -> Markup {
    let one = &sheet.listed.emergency;
    let (invalid, why) = ui::form::wrong("description", problems).unzip();
    html! {
        @if let Some(order) = &sheet.order {
            @if !order.lines.is_empty() || one.kind.takes_lines() {
                dl.facts {
                    dt { "要送" } dd { b { (order.items()) } " " (badge_view(order.status, order.attempt_count)) }
                }
            }
        }
        @if is_office && one.is_open() {
            form method="post" action={ "/emergencies/" (one.id) "/edit" } {
                (csrf_field(req))
                input type="hidden" name="version" value=(one.version);
                div.field.tall {
                    label for="description" { "客人說的話" }
                    textarea #description name="description" rows="3" maxlength=(DESCRIPTION) aria-invalid=[invalid] aria-describedby=[why] { (one.description) }
                    @for problem in problems.iter().filter(|problem| problem.field == "description") { span.problem #why-description { (problem.say) } }
                }
                p.acts { button { "存這段話" } }
            }
        } @else {
            dl.facts { dt { "說的話" } dd { (one.description) } }
        }
    }
}

/// 請誰去, each with the digit that sends him.
fn who_view(sheet: &Sheet, is_office: bool, req: &Request) -> Markup {
    let one = &sheet.listed.emergency;
    html! {
        section.panel #emergency-who data-live="emergency stop route" aria-label="請誰去" {
            h2 { "請誰去 " span { "同區優先，再看剩幾站" } }
            @if sheet.candidates.is_empty() { p.soft { "現在沒有能出車的司機。" } } @else {
                table.list.folds {
                    thead.unseen { tr { th scope="col" { "鍵" } th scope="col" { "司機" } th scope="col" { "在哪裡" } th scope="col" { "動作" } } }
                    tbody {
                        @for (no, candidate) in sheet.candidates.iter().enumerate() {
                            @let is_sent = one.driver_id == Some(candidate.driver);
                            tr class=[is_sent.then_some("here")] {
                                td.key { @if no < 9 { kbd { (no + 1) } } }
                                th scope="row" { (candidate.name) small { (load_line(candidate)) } }
                                td { b { (place(candidate)) } small { (contact(candidate, req.at)) } }
                                td { (send_view(one.driver_id, candidate, no, is_office, sheet, req)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn send_view(sent: Option<UserId>, candidate: &Candidate, no: usize, is_office: bool, sheet: &Sheet, req: &Request) -> Markup {
    let one = &sheet.listed.emergency;
    html! {
        @if sent == Some(candidate.driver) {
            @if one.answered_at.is_some() { span.badge.in_delivery { "他去" } } @else { span.badge.assigned { "已通知" } }
        } @else if is_office {
            form method="post" action={ "/emergencies/" (one.id) "/assign" } {
                (csrf_field(req))
                input type="hidden" name="driver" value=(candidate.driver);
                button data-key=[(no < 9).then_some(no + 1)] { @if sent.is_some() { "改派" } @else { "派" } (candidate.name) }
            }
        }
    }
}

/// `同區　海線　剩 6 站`.
fn load_line(candidate: &Candidate) -> String {
    let area = candidate.is_same_area.then(|| "同區".to_owned());
    let left = match candidate.stops_left {
        0 => "沒有站".to_owned(),
        left => format!("剩 {left} 站"),
    };
    [area, candidate.area_name.clone(), Some(left)].into_iter().flatten().collect::<Vec<_>>().join("　")
}

fn place(candidate: &Candidate) -> String {
    match &candidate.stop_name {
        Some(stop) if candidate.is_there => format!("在{stop}"),
        Some(stop) => format!("往{stop}"),
        None if candidate.is_running => "站都送完了".to_owned(),
        None => "沒有在跑".to_owned(),
    }
}

fn contact(candidate: &Candidate, now: Stamp) -> String {
    match candidate.last_contact_at.map(|at| now.minutes_since(at).max(0)) {
        None => "還沒有消息".to_owned(),
        Some(0) => "剛剛有消息".to_owned(),
        Some(minutes) if candidate.is_fresh(now) => format!("{minutes} 分鐘前有消息"),
        Some(minutes) if minutes < 120 => format!("{minutes} 分鐘前，可能不準"),
        Some(_) => "很久沒有消息".to_owned(),
    }
}

fn story_view(sheet: &Sheet) -> Markup {
    html! {
        section.panel #emergency-story data-live="emergency" data-live-id=(sheet.listed.emergency.id) aria-label="經過" {
            h2 { "經過" }
            dl.facts { @for (at, say) in &sheet.story { dt { (at.clock_seconds()) } dd { (say) } } }
            @if sheet.listed.emergency.is_unanswered() { p.soft.small { "三分鐘沒有回應會再響一次，並提示改派。" } }
        }
    }
}

/// 解除: over, and how.
fn end_view(sheet: &Sheet, problems: &[Problem], req: &Request) -> Markup {
    let one = &sheet.listed.emergency;
    let (invalid, why) = ui::form::wrong("note", problems).unzip();
    html! {
        section.panel aria-labelledby="h-close" {
            h2 #h-close { "解除" }
            form.line-form method="post" action={ "/emergencies/" (one.id) "/close" } {
                (csrf_field(req))
                label.unseen for="note" { "怎麼解除的" }
                input #note name="note" maxlength=(NOTE) placeholder="怎麼解除的，例如：接頭換好了，沒有味道" aria-invalid=[invalid] aria-describedby=[why];
                button { "解除" }
                @for problem in problems.iter().filter(|problem| problem.field == "note") { span.problem #why-note { (problem.say) } }
            }
            @if sheet.order.as_ref().is_some_and(|order| order.status.is_open()) { p.soft.small { "訂單會留著，送完或取消時也會自己解除。" } }
        }
    }
}
