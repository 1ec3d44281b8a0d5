//! How one order looks: its page, and the question why it is cancelled.

use maud::{Markup, html};

use crate::customers::Customer;
use crate::error::Problem;
use crate::http::Request;
use crate::orders::change::Scope;
use crate::orders::list_view::badge_view;
use crate::orders::steps::{Action, may, target};
use crate::orders::{Actor, CancelReason, DeliveredLine, FailReason, Line, Order, Origin, Status, Step};
use crate::routes;
use crate::routes::by_order::{Place, seen_text};
use crate::ui;
use crate::ui::form::wrong;
use crate::values::{EmergencyId, Grams, Ntd, OrderId, ProductId, UserId};

/// All that the page of an order is drawn from.
pub struct Sheet {
    pub order: Order,
    pub customer: Customer,
    /// The way it went, from when it was taken.
    pub steps: Vec<Step>,
    /// Whom it could be given to.
    pub drivers: Vec<(UserId, String)>,
    /// Who has it.
    pub driver: Option<String>,
    /// Where it stands on a route, and who drives that.
    pub place: Option<(Place, Option<String>)>,
    /// The emergency it was taken for.
    pub emergency: Option<EmergencyId>,
    /// The products a meter counts.
    pub metered: Vec<ProductId>,
    /// Number of the order it was copied from, and of those copied from it.
    pub copied_from: Option<(OrderId, String)>,
    pub copies: Vec<(OrderId, String)>,
}

impl Sheet {
    fn is_metered(&self, line: &Line) -> bool {
        self.metered.contains(&line.product_id)
    }

    /// What it comes to; of gas alone that a meter counts, nobody knows yet.
    fn total(&self) -> String {
        let order = &self.order;
        let is_all_metered = !order.lines.is_empty() && order.lines.iter().all(|line| self.is_metered(line));
        if is_all_metered && order.totals.total == Ntd(0) { "照表計".to_owned() } else { order.totals.total.to_string() }
    }

    fn can(&self, action: Action, actor: Actor) -> bool {
        // It is on its way when its route is.
        let waits_for_route = action == Action::Start && self.place().is_some_and(|place| place.route.status != routes::Status::InProgress);
        target(self.order.status, action).is_some() && may(&self.order, action, actor) && !waits_for_route
    }

    fn place(&self) -> Option<&Place> {
        self.place.as_ref().map(|(place, _)| place)
    }
}

/// What was asked of the order and could not be done.
pub struct Asked {
    pub action: Option<Action>,
    pub say: String,
    pub problems: Vec<Problem>,
}

pub fn sheet_view(sheet: &Sheet, asked: Option<&Asked>, req: &Request) -> Markup {
    let customer = &sheet.customer;
    html! {
        (head_view(sheet, req))
        @if let Some(asked) = asked { (ui::refuse(&asked.say)) }
        div.columns.side {
            div.stack {
                section.panel { h2 { "品項" } (lines_view(sheet)) }
                section.panel { h2 { "經過" } (steps_view(sheet, req)) }
            }
            div.stack {
                (drivers_view(sheet, req))
                section.panel { h2 { "送貨" } (facts_view(sheet, customer, req)) }
                (on_behalf_view(sheet, asked, req))
            }
        }
    }
}

fn head_view(sheet: &Sheet, req: &Request) -> Markup {
    let Sheet { order, customer, .. } = sheet;
    let actor = Actor::of(req);
    html! {
        div.head {
            div {
                h1.who {
                    (order.short_number()) " "
                    a href={ "/customers/" (customer.id) } { (customer.details.short_name) }
                    span.soft {
                        (badge_view(order.status, order.attempt_count))
                        @if order.is_urgent { " " span.badge.urgent { "急件" } }
                    }
                }
                p { (order.number) "　" (taken_line(sheet, req)) }
            }
            div.acts {
                @if let Some(id) = sheet.emergency { a.button href={ "/emergencies/" (id) } { "緊急事件" } }
                @if sheet.can(Action::Confirm, actor) { (act_view(sheet, req, Action::Confirm, html! { button.primary data-key="Enter" { "確認 " kbd { "Enter" } } })) }
                @if actor.is_office() && Scope::of(order.status) != Scope::Nothing {
                    a.button href={ "/orders/" (order.id) "/edit" } data-key="e" { "改 " kbd { "E" } }
                }
                @if sheet.can(Action::Cancel, actor) {
                    a.button.danger href={ "/orders/" (order.id) "/cancel" } data-key="x" { "取消訂單 " kbd { "X" } }
                }
                @if order.status == Status::Cancelled && actor.is_office() { (copy_view(sheet, req)) }
                @if !matches!(order.status, Status::Pending | Status::Cancelled) {
                    a.button href={ "/orders/" (order.id) "/slip" } data-key="p" { "送貨單 " kbd { "P" } }
                }
                a.button.quiet href={ "/orders?date=" (order.scheduled_on) } data-key="Escape" data-to-list="" { "回清單 " kbd { "Esc" } }
            }
        }
    }
}

/// `來電，小惠 今天 10:22 記的`.
fn taken_line(sheet: &Sheet, req: &Request) -> String {
    let who = sheet.steps.first().and_then(|step| step.by.as_deref()).unwrap_or("程式");
    format!("{}，{who} {} 記的", sheet.order.origin.label(), sheet.order.created_at.beside(req.at))
}

/// A form of one button that takes the order a step on.
fn act_view(sheet: &Sheet, req: &Request, action: Action, button: Markup) -> Markup {
    html! {
        form method="post" action={ "/orders/" (sheet.order.id) "/" (action.word()) } {
            (ui::csrf_field(req))
            input type="hidden" name="version" value=(sheet.order.version);
            @if matches!(action, Action::Assign | Action::Unassign) { input type="hidden" name="seen" value=(seen_text(sheet.place())); }
            (button)
        }
    }
}

fn copy_view(sheet: &Sheet, req: &Request) -> Markup {
    let is_first = sheet.copies.is_empty();
    html! {
        form method="post" action={ "/orders/" (sheet.order.id) "/copy" } {
            (ui::csrf_field(req))
            // Pressed twice it is the same copy; a second one is drawn with another key.
            input type="hidden" name="form_key" value={ "copy-" (sheet.order.id) "-" (sheet.copies.len()) };
            button.primary[is_first] data-key=[is_first.then_some("Enter")] { "照樣再開 " @if is_first { kbd { "Enter" } } }
        }
    }
}

// What is brought, and what it comes to.

fn lines_view(sheet: &Sheet) -> Markup {
    let order = &sheet.order;
    let totals = order.totals;
    html! {
        @if order.lines.is_empty() { p { "沒有品項。" } } @else {
            table.list.tight {
                thead { tr {
                    th scope="col" { "品項" }
                    th.number scope="col" { "數量" }
                    th.number scope="col" { "單價" }
                    th.number scope="col" { "小計 NT$" }
                } }
                tbody { @for line in &order.lines { (line_view(line, sheet.is_metered(line))) } }
                tfoot {
                    @if totals.subtotal != totals.total { (sum_view("小計", totals.subtotal)) }
                    @if Ntd(0) < totals.discount { (sum_view("折扣", Ntd(0) - totals.discount)) }
                    @if Ntd(0) < totals.surcharge { (sum_view(order.surcharge_label.as_deref().unwrap_or("加價"), totals.surcharge)) }
                    @if Ntd(0) < totals.residual_credit { (sum_view("退氣折抵", Ntd(0) - totals.residual_credit)) }
                    tr { th scope="row" colspan="3" { "合計" } td.number { (sheet.total()) } }
                }
            }
        }
    }
}

fn line_view(line: &Line, is_metered: bool) -> Markup {
    html! {
        tr {
            th scope="row" {
                (line.product_name)
                @if let Some(delivered) = line.delivered { small { (delivered_words(delivered)) } }
            }
            td.number { b { (line.qty) } }
            td.number {
                @match line.unit_price { Some(price) => { (price.bare()) @if is_metered { span.soft { "／公斤" } } } None => span.soft { "未定價" } }
                @if let Some(list) = line.list_price.filter(|list| Some(*list) != line.unit_price) { small { "原價 " (list.bare()) } }
                @if 0 < line.discount_percent { small { "折扣 " (line.discount_percent) "%" } }
            }
            td.number { @if is_metered { span.soft { "照表計" } } @else { (line.amount.bare()) } }
        }
    }
}

/// `送到 2、空桶 2、退氣 4.7 kg`.
fn delivered_words(delivered: DeliveredLine) -> String {
    let residual = if delivered.residual == Grams(0) { String::new() } else { format!("、退氣 {} kg", delivered.residual) };
    format!("送到 {}、空桶 {}{residual}", delivered.qty, delivered.empties)
}

fn sum_view(label: &str, amount: Ntd) -> Markup {
    html! { tr.part { th scope="row" colspan="3" { (label) } td.number { (amount.bare()) } } }
}

// The way it went.

fn steps_view(sheet: &Sheet, req: &Request) -> Markup {
    html! {
        ol.way {
            @for step in sheet.steps.iter().rev() {
                li {
                    span.keep { (step.at.beside(req.at)) }
                    span.keep { (step.by.as_deref().unwrap_or("程式")) }
                    span.keep {
                        @match step.from { Some(from) => span.soft { (from.label()) " → " }, None => span.soft { "記下 → " } }
                        (step.to.label())
                    }
                    @if let Some(reason) = &step.reason { span { (reason) } }
                }
            }
        }
        @if let Some((id, number)) = &sheet.copied_from { p { "照 " a href={ "/orders/" (id) } { (number) } " 再開的。" } }
        @for (id, number) in &sheet.copies { p { "又照樣開了 " a href={ "/orders/" (id) } { (number) } "。" } }
    }
}

fn facts_view(sheet: &Sheet, customer: &Customer, req: &Request) -> Markup {
    let order = &sheet.order;
    let first_phone = customer.details.phones.first().map(|number| number.phone.to_string());
    let phone = order.contact_phone.as_deref().or(first_phone.as_deref());
    html! {
        dl.facts {
            dt { "哪一天" } dd { b { (day_words(order, req)) } "　" (window_words(order)) }
            @if let Some(driver) = &sheet.driver { dt { "司機" } dd { b { (driver) } } }
            @if 0 < order.attempt_count { dt { "沒送成" } dd { (order.attempt_count) " 次" } }
            dt { "地址" } dd { @match &order.delivery_address { Some(address) => (address), None => (ui::none()) } }
            @if let Some(note) = &customer.details.access_note { dt { "進門" } dd { (note) } }
            dt { "聯絡" } dd {
                @if let Some(name) = &order.contact_name { (name) " " }
                @match phone { Some(phone) => a.phone-no href={ "tel:" (phone.replace(['-', ' '], "")) } { (phone) }, None => (ui::none()) }
            }
            dt { "付款" } dd { (order.payment.label()) "　" (order.payment_status.label()) }
            @if let Some(notes) = &order.notes { dt { "備註" } dd { b { (notes) } } }
            @if let Some(reason) = order.cancel_reason {
                dt { "取消" } dd { (reason.label()) @if let Some(note) = &order.cancel_note { small { (note) } } }
            }
        }
    }
}

/// `今天 05/28 (三)`.
fn day_words(order: &Order, req: &Request) -> String {
    let (day, today) = (order.scheduled_on, req.at.day());
    match day.days_since(today) {
        -1 => format!("昨天 {}", day.short()),
        0 => format!("今天 {}", day.short()),
        1 => format!("明天 {}", day.short()),
        _ => day.beside(today),
    }
}

fn window_words(order: &Order) -> String {
    if order.origin == Origin::WalkIn { "自取".to_owned() } else { order.window.to_string() }
}

// Who brings it.

fn drivers_view(sheet: &Sheet, req: &Request) -> Markup {
    let actor = Actor::of(req);
    html! {
        @if let Some((place, driver)) = &sheet.place {
            section.panel {
                h2 { @if sheet.order.status == Status::Confirmed { "排給 " } @else { "派給 " } (driver.as_deref().unwrap_or("還沒選司機")) }
                p {
                    (route_link(place))
                    @if place.route.status == routes::Status::Draft { "，路線還是草稿" }
                }
                @if actor.is_office() && place.stop.status == routes::StopStatus::Pending {
                    (act_view(sheet, req, Action::Unassign, html! { button data-key="0" { kbd { "0" } " 收回，還不派" } }))
                }
            }
        } @else if sheet.can(Action::Unassign, actor) {
            section.panel {
                h2 { "派給 " (sheet.driver.as_deref().unwrap_or_default()) }
                (act_view(sheet, req, Action::Unassign, html! { button data-key="0" { kbd { "0" } " 收回，還不派" } }))
            }
        }
        @if sheet.can(Action::Assign, actor) {
            section.panel {
                h2 { @if sheet.place.is_some() { "改排給誰" } @else { "派給誰" } }
                @if sheet.drivers.is_empty() { p.soft { "還沒有司機的帳號。" } } @else {
                    (act_view(sheet, req, Action::Assign, html! {
                        div.acts {
                            @for (at, (id, name)) in sheet.drivers.iter().enumerate() {
                                button name="driver" value=(id) data-key=[(at < 9).then(|| (at + 1).to_string())] {
                                    @if at < 9 { kbd { (at + 1) } " " } (name)
                                }
                            }
                        }
                    }))
                }
            }
        }
    }
}

/// `路線 03 第 5 站`, to its page.
fn route_link(place: &Place) -> Markup {
    html! { a href={ "/routes/" (place.route.id) } { "路線 " (place.route.short_number()) } " 第 " (place.number) " 站" }
}

/// What a manager does for a driver whose phone is flat, folded away; each with a line why.
fn on_behalf_view(sheet: &Sheet, asked: Option<&Asked>, req: &Request) -> Markup {
    let actor = Actor::of(req);
    let acts: Vec<Action> = [Action::Start, Action::Deliver, Action::Fail].into_iter().filter(|action| sheet.can(*action, actor)).collect();
    let is_open = asked.and_then(|asked| asked.action).is_some_and(|action| acts.contains(&action));
    html! {
        @if !acts.is_empty() {
            details.more.manage open[is_open] {
                summary { "經理：替司機記" }
                @for action in acts {
                    section.panel { h2 { (action_title(action)) } (on_behalf_form(sheet, action, asked.filter(|asked| asked.action == Some(action)), req)) }
                }
            }
        }
    }
}

fn action_title(action: Action) -> &'static str {
    match action {
        Action::Start => "他出發了",
        Action::Deliver => "他送到了",
        Action::Fail => "他沒送成",
        Action::Confirm | Action::Assign | Action::Unassign | Action::Cancel => action.label(),
    }
}

fn on_behalf_form(sheet: &Sheet, action: Action, asked: Option<&Asked>, req: &Request) -> Markup {
    let problems: &[Problem] = asked.map_or(&[], |asked| &asked.problems);
    let typed = |name: &str| asked.and(req.form(name));
    let first_wrong = problems.first().map(|problem| problem.field.as_ref());
    let text = |label: &str, name: &str, most: usize, hint: &str| {
        let id = format!("{}-{name}", action.word());
        let wrong = wrong(name, problems);
        html! {
            div.field {
                label for=(id) { (label) }
                input id=(id) name=(name) maxlength=(most) autocomplete="off" placeholder=(hint) value=[typed(name)]
                    aria-invalid=[wrong.as_ref().map(|wrong| wrong.0)] aria-describedby=[wrong.as_ref().map(|wrong| wrong.1.clone())]
                    autofocus[first_wrong == Some(name)];
                @for problem in problems.iter().filter(|problem| problem.field == name) { span.problem id={ "why-" (name) } { (problem.say) } }
            }
        }
    };
    html! {
        form.on-behalf method="post" action={ "/orders/" (sheet.order.id) "/" (action.word()) } {
            (ui::csrf_field(req))
            input type="hidden" name="version" value=(sheet.order.version);
            @if action == Action::Deliver {
                (delivered_view(sheet, problems, &typed))
                (text("誰收的", "recipient", 100, "王小姐"))
                (text("沒簽收", "no_proof", 500, "放門口，老闆說好的"))
            }
            @if action == Action::Fail { (fail_reasons_view(problems, typed("reason"))) }
            (text("為什麼", "note", 500, "為什麼替他記"))
            p.acts { button { (action_title(action)) "，記下來" } }
        }
    }
}

fn delivered_view<'a>(sheet: &'a Sheet, problems: &[Problem], typed: &dyn Fn(&str) -> Option<&'a str>) -> Markup {
    let number = |name: String, label: String, value: String| {
        html! { input.number name=(name) inputmode="numeric" autocomplete="off" aria-label=(label) value=(typed(&name).map_or(value, str::to_owned)); }
    };
    html! {
        @for problem in problems.iter().filter(|problem| problem.field.starts_with("lines")) { p.problem { (problem.say) } }
        @if !sheet.order.lines.is_empty() {
            table.lines {
                thead { tr { th scope="col" { "品項" } th.number scope="col" { "送到" } th.number scope="col" { "空桶" } th.number scope="col" { "退氣 kg" } } }
                tbody {
                    @for (no, line) in (1..).zip(&sheet.order.lines) {
                        tr {
                            th scope="row" { (line.product_name) }
                            td.number { (number(format!("qty_{no}"), format!("第 {no} 行送到"), line.qty.to_string())) }
                            td.number { (number(format!("empties_{no}"), format!("第 {no} 行空桶"), line.empties_expected.to_string())) }
                            td.number { (number(format!("residual_{no}"), format!("第 {no} 行退氣公斤"), String::new())) }
                        }
                    }
                }
            }
        }
    }
}

fn fail_reasons_view(problems: &[Problem], typed: Option<&str>) -> Markup {
    let chosen = typed.unwrap_or(FailReason::Absent.word());
    html! {
        div.choice role="group" aria-label="原因" {
            @for reason in FailReason::ALL {
                label { input type="radio" name="reason" value=(reason.word()) checked[chosen == reason.word()]; " " (reason.label()) }
            }
        }
        @for problem in problems.iter().filter(|problem| problem.field == "reason") { p.problem { (problem.say) } }
    }
}

/// The question why; its answers are the digits of the keyboard.
pub fn cancel_view(sheet: &Sheet, problems: &[Problem], req: &Request) -> Markup {
    let order = &sheet.order;
    let chosen = req.form("reason").unwrap_or(CancelReason::CustomerRequest.word());
    let wrong = wrong("note", problems);
    let is_out = order.status == Status::InDelivery;
    html! {
        div.head { div {
            h1 { "取消 " (order.short_number()) "，" (sheet.customer.details.short_name) "？" }
            p { (order.items()) "　" (day_words(order, req)) " " (window_words(order)) "　" (sheet.total()) }
        } }
        @if is_out { (ui::warn(&format!("{} 已經在路上了，要自己打電話告訴他。", sheet.driver.as_deref().unwrap_or("司機")))) }
        @for problem in problems { (ui::refuse(&problem.say)) }
        form.panel method="post" action={ "/orders/" (order.id) "/cancel" } {
            (ui::csrf_field(req))
            input type="hidden" name="version" value=(order.version);
            div.choice role="group" aria-label="原因" {
                @for (no, reason) in (1..).zip(CancelReason::ALL) {
                    label {
                        input type="radio" name="reason" value=(reason.word()) checked[chosen == reason.word()] data-key=(no)
                            data-then=[(*reason == CancelReason::Other).then_some("note")]
                            autofocus[wrong.is_none() && chosen == reason.word()];
                        " " kbd { (no) } " " (reason.label())
                    }
                }
            }
            div.field {
                label for="note" { "說明" }
                input #note name="note" maxlength="500" autocomplete="off" placeholder="選「其他」要寫" value=[req.form("note")] required[is_out]
                    aria-invalid=[wrong.as_ref().map(|wrong| wrong.0)] aria-describedby=[wrong.as_ref().map(|wrong| wrong.1.clone())]
                    autofocus[wrong.is_some()];
            }
            p.acts {
                button.danger data-key="Enter" { "取消訂單 " kbd { "Enter" } }
                a.button href={ "/orders/" (order.id) } data-key="Escape" { "不取消 " kbd { "Esc" } }
            }
        }
    }
}
