//! How a customer's card tells of orders: the usual with its key, what is on its way, templates, alarms.

use maud::{Markup, html};

use crate::customers::State;
use crate::customers::card::{Amount, Card, Proposal};
use crate::due::alarm_pages;
use crate::orders::list_view::badge_view;
use crate::orders::store::People;
use crate::orders::warnings::day_word;
use crate::orders::{Order, Origin, Status};
use crate::ui;
use crate::values::Day;

/// 照舊, framed: what most people came to this page to do.
pub fn usual_view(card: &Card, may_order: bool) -> Markup {
    let id = card.customer.id;
    let url = format!("/orders/new?customer={id}");
    html! {
        @if let Some(proposal) = &card.proposal {
            @if card.customer.is_walk_in {
                @if may_order {
                    section.usual aria-label="散客" {
                        div { span { "散客" } b { "路過的現金客" } }
                        div.acts { a.button.primary href=(url) data-key="Enter" { "賣一筆 " kbd { "Enter" } } }
                    }
                }
            } @else {
                section.usual aria-label="照舊下單" {
                    @match &proposal.usual {
                        Some((_, items)) => {
                            div { span { "照舊" } b { (items) } }
                            div { span { "時段" } b { (slot_line(proposal, card.today)) } @if let Some(closed) = &proposal.closed { small.late { "▲ " (closed) } } }
                            div { span { "金額" } b.money { (amount_line(proposal.amount)) } }
                            div { span { "付款" } b { (proposal.payment.label()) } }
                        },
                        None => div { span { "照舊" } b { "還不知道慣用什麼" } },
                    }
                    @if may_order {
                        div.acts {
                            a.button.primary href=(url) data-key="Enter" { @if proposal.usual.is_some() { "照舊下單 " } @else { "下單 " } kbd { "Enter" } }
                            @if proposal.usual.is_some() { a.button href=(url) data-key="n" { "改數量 " kbd { "N" } } }
                        }
                    }
                }
            }
        }
    }
}

/// `今天 14–17`.
fn slot_line(proposal: &Proposal, today: Day) -> String {
    format!("{} {}", day_word(proposal.day, today).trim_end(), proposal.window)
}

fn amount_line(amount: Amount) -> String {
    match amount {
        Amount::Known(total) => total.to_string(),
        Amount::Metered => "抄表".to_owned(),
        Amount::Unknown => "未定價".to_owned(),
    }
}

/// Where the gas is.
pub fn open_view(card: &Card) -> Markup {
    html! {
        @if !card.customer.is_walk_in && (card.customer.state == State::Active || !card.open.is_empty()) {
            section.panel {
                h2 {
                    "未完訂單 "
                    @match card.open.as_slice() {
                        [] => {},
                        [(order, _)] => a href={ "/orders/" (order.id) } data-key="o" { "看這張 " kbd { "O" } },
                        [(order, _), ..] => a href={ "/orders/" (order.id) } data-key="o" { "最近的一張 " kbd { "O" } },
                    }
                }
                @if card.open.is_empty() { p.soft { "沒有還沒送的訂單。" } }
                @for (order, who) in &card.open { (open_order_view(order, who, card)) }
            }
        }
    }
}

fn open_order_view(order: &Order, who: &People, card: &Card) -> Markup {
    let late = card.today.days_since(order.scheduled_on);
    html! {
        div.open-order {
            p {
                (badge_view(order.status, order.attempt_count)) "　"
                @if order.is_urgent { span.badge.urgent { "急件" } "　" }
                b { (order.items()) } "　" span.keep { (day_word(order.scheduled_on, card.today).trim_end()) " " (order.window) }
                @if 0 < late { " " span.badge.late { "過了 " (late) " 天" } }
            }
            @if let Some(line) = driver_line(order, who) { p { (line) } }
            @if let Some(notes) = &order.notes { p.soft { (notes) } }
            p.soft.small {
                a href={ "/orders/" (order.id) } { (order.short_number()) } "　"
                (who.taken_by.as_deref().unwrap_or("程式")) " " (order.created_at.beside(card.now)) " 記的"
                @if order.origin != Origin::Phone { "　" (order.origin.label()) }
            }
        }
    }
}

/// Who has it, in the words one says to the caller.
fn driver_line(order: &Order, who: &People) -> Option<String> {
    let driver = who.driver.as_deref()?;
    match order.status {
        Status::Assigned => Some(format!("{driver}會送，還沒出門。{}", who.place.as_deref().unwrap_or_default())),
        Status::InDelivery => Some(format!("{driver}已經在路上。{}", who.place.as_deref().unwrap_or_default())),
        Status::Pending | Status::Confirmed | Status::Delivered | Status::Cancelled => None,
    }
}

/// What comes by itself, and the way to make something do so.
pub fn templates_view(card: &Card) -> Markup {
    let id = card.customer.id;
    let is_served = card.customer.state == State::Active && !card.customer.is_walk_in;
    html! {
        @if !card.templates.is_empty() || is_served {
            section.panel {
                h2 {
                    "範本 "
                    @match card.templates.as_slice() {
                        [] => a href={ "/templates/new?customer=" (id) } data-key="t" { "做一個 " kbd { "T" } },
                        [one] => a href={ "/templates/" (one.id) } data-key="t" { "開這個 " kbd { "T" } },
                        _ => a href={ "/templates?customer=" (id) } data-key="t" { "選一個 " kbd { "T" } },
                    }
                }
                @for template in &card.templates {
                    p {
                        a href={ "/templates/" (template.id) } { (template.details.name) } "　" (template.details.items())
                        small.soft.below {
                            (template.details.rhythm_said())
                            @if let Some(next) = template.details.next_on { "，下次 " (next.beside(card.today)) }
                        }
                    }
                }
            }
        }
    }
}

/// What devices said of late, and the way to write the next down.
pub fn alarms_view(card: &Card) -> Markup {
    html! {
        @if !card.alarms.is_empty() {
            ul.alarms-of {
                @for alarm in card.alarms.iter().take(3) {
                    li { "發報 " (alarm.alarmed_at.beside(card.now)) @if let Some(note) = &alarm.note { "，" (note) } "　" (alarm_pages::order_view(alarm)) }
                }
            }
        }
    }
}

/// 記發報 for those who may, where a device is.
pub fn alarm_link_view(card: &Card, may_order: bool) -> Markup {
    html! {
        @if may_order && card.customer.details.has_telemetry && card.customer.is_visited() {
            a href={ "/due/alarms?customer=" (card.customer.id) } data-key="r" { "記發報 " kbd { "R" } }
        }
    }
}

// Beside a search.

/// What is on its way, before all the rest.
pub fn summary_open_view(card: &Card) -> Markup {
    html! {
        @for (order, who) in card.open.iter().take(2) {
            p.tell {
                span {
                    b { (day_word(order.scheduled_on, card.today).trim_end()) " " (order.window) "，" (order.items()) } br;
                    (order.status.label())
                    @if let Some(driver) = &who.driver { "：" (driver) }
                    @if order.is_urgent { "　急件" }
                }
            }
        }
        @if 2 < card.open.len() { p.soft.small { "另外還有 " (ui::count(card.open.len() as i64 - 2)) " 張沒送。" } }
    }
}

/// 照舊 as a row of the summary.
pub fn summary_usual_view(card: &Card) -> Markup {
    html! {
        @if let Some(Proposal { usual: Some((_, items)), amount, .. }) = &card.proposal {
            dt { "照舊" }
            dd { b { (items) } "　" (amount_line(*amount)) }
        }
    }
}
