//! The two A4 sheets of a route: what the driver goes by, and what goes onto his truck.

use std::borrow::Cow;

use maud::{Markup, html};

use crate::orders::{Order, Origin};
use crate::papers::{Call, Due, Load, Mark, Trip, qr};
use crate::routes::load::Doubts;
use crate::routes::{Status, StopStatus};
use crate::values::{Day, Grams, Ntd};

/// What every paper of one shop has in common.
pub struct Shop<'a> {
    pub name: &'a str,
    /// Why the paper counts for nothing.
    pub void: Option<Cow<'static, str>>,
}

/// `民國114年5月28日 (三)`.
pub fn roc_day(day: Day) -> String {
    format!("{} ({})", day.roc_long(), day.weekday_label())
}

/// A paper of a shop that is not one says so.
pub fn practice_view(shop: &Shop) -> Markup {
    html! { @if let Some(void) = &shop.void { " " span.void { (void) } } }
}

/// 派遣單: every stop of a route, with room for a signature.
pub fn sheet_view(trip: &Trip, mark: &Mark, shop: &Shop) -> Markup {
    let route = &trip.route;
    html! {
        article.paper.a4.sheet {
            (top_view("派遣單", trip, shop))
            dl.facts {
                dt { "路線" } dd { (trip.name()) }
                dt { "車號" } dd { (plate(trip)) }
                dt { "配送" } dd { (or_blank(trip.driver.as_deref())) }
                dt { "隨車" } dd { (or_blank(trip.crew2.as_deref())) }
                dt { "站數" } dd { (trip.calls.len()) }
                dt { "出車" } dd { "　　：" }
                dt { "回車" } dd { "　　：" }
                dt { "里程" } dd { "" }
            }
            @if let Some(notes) = &route.notes { p.by-the-way { (notes) } }
            table {
                thead {
                    // Only on the pages after the first does it say which route they are of; there is no head.
                    tr {
                        th.number.stop-no scope="col" { "序" }
                        th.code scope="col" { span.unseen { "單號" } }
                        th scope="col" { "客戶 " span.of { (route.number) "　" (trip.crew()) } }
                        th.goods scope="col" { "品項" }
                        th.when scope="col" { "時段" }
                        th.number.money scope="col" { "應收" }
                        th.remark scope="col" { "備註" }
                        th.sign scope="col" { "簽收" }
                    }
                }
                tbody {
                    @for call in &trip.calls { (call_view(call)) }
                    @if trip.calls.is_empty() { tr { td colspan="8" { "還沒有站。" } } }
                    (totals_view(trip))
                }
            }
            (signed_view(&["實收現金", "配送人員", "辦公室"]))
            p.printed { (mark.line()) }
        }
    }
}

fn top_view(title: &str, trip: &Trip, shop: &Shop) -> Markup {
    let route = &trip.route;
    let state = match route.status {
        Status::Draft => Some("草稿，還沒發布"),
        Status::Cancelled => Some("已取消"),
        Status::Published | Status::InProgress | Status::Completed => None,
    };
    html! {
        div.top {
            div {
                h1 { (title) @if let Some(state) = state { " " span.void { (state) } } (practice_view(shop)) }
                span { (roc_day(route.route_on)) "　" (route.number) }
            }
            div { b { (shop.name) } }
            (qr::view(&route.number))
        }
    }
}

fn plate(trip: &Trip) -> Markup {
    html! {
        @match &trip.vehicle { Some(vehicle) => { (vehicle.plate) " " (vehicle.kind.label()) } None => "　" }
    }
}

fn or_blank(text: Option<&str>) -> &str {
    text.unwrap_or("　")
}

fn call_view(call: &Call) -> Markup {
    let order = &call.order;
    html! {
        tr {
            td.number { b { (call.place) } small { (order.short_number()) } }
            td.code { (qr::view(&order.number)) }
            td {
                b { (call.name) } " " span.of { (call.customer_code) }
                small { (order.delivery_address.as_deref().unwrap_or("沒有地址")) }
            }
            td.goods {
                @if is_pressing(order) { b.mark { (pressing(order)) } " " }
                b { (items_view(order)) }
                @if let Some(phone) = &order.contact_phone { small { (phone) } }
            }
            td.keep { (order.window) }
            td.number { (due_view(call.due())) }
            td.remark { small { (call.notes()) } }
            td.sign { @if let Some(state) = state(call) { (state) } }
        }
    }
}

/// What became of it, when the sheet is printed once more during the day.
fn state(call: &Call) -> Option<&'static str> {
    match call.stop.as_ref()?.status {
        StopStatus::Pending | StopStatus::Arrived => None,
        done @ (StopStatus::Completed | StopStatus::Failed | StopStatus::Skipped) => Some(done.label()),
    }
}

fn is_pressing(order: &Order) -> bool {
    order.is_urgent || order.origin == Origin::Emergency
}

fn pressing(order: &Order) -> &'static str {
    if order.origin == Origin::Emergency { "緊急" } else { "急" }
}

/// 20KG×2、16KG×1, each unbroken.
fn items_view(order: &Order) -> Markup {
    html! {
        @for (at, line) in order.lines.iter().enumerate() {
            @if 0 < at { " " }
            span.whole { (line.product_name) "×" (line.qty) }
        }
        @if order.lines.is_empty() { "沒有品項" }
    }
}

pub fn due_view(due: Due) -> Markup {
    html! {
        @match due {
            Due::Cash(amount) => (amount.bare()),
            Due::Cheque(amount) => { (amount.bare()) small { "支票" } }
            Due::Later(payment) => (payment.label()),
            Due::Metered => "照表",
            Due::Nothing => "不收",
        }
    }
}

/// The last row of the stops: how many, what is to come home in cash and in cheques.
fn totals_view(trip: &Trip) -> Markup {
    let (cash_stops, cash) = trip.sum(|due| if let Due::Cash(amount) = due { Some(amount) } else { None });
    let (cheques, cheque) = trip.sum(|due| if let Due::Cheque(amount) = due { Some(amount) } else { None });
    let failed = trip.calls.iter().filter(|call| call.is_failed()).count();
    html! {
        tr.in-all {
            th scope="row" colspan="3" { "合計 " (trip.calls.len()) " 站　" (pieces(trip)) " 件" @if 0 < failed { "，沒送成 " (failed) " 站" } }
            td.sum colspan="5" {
                "現金 " (cash_stops) " 站　" (cash)
                @if cheque != Ntd(0) { "　支票 " (cheques) " 站　" (cheque) }
            }
        }
    }
}

fn pieces(trip: &Trip) -> i64 {
    trip.to_bring().flat_map(|call| &call.order.lines).map(|line| line.qty).sum()
}

/// Lines to sign on, above the last line of a paper.
fn signed_view(names: &[&str]) -> Markup {
    html! { div.end.last { @for name in names { span { (name) " " span.box {} } } } }
}

/// 載貨單: what goes onto the truck, by product.
pub fn loading_view(trip: &Trip, loads: &[Load], doubts: &Doubts, mark: &Mark, shop: &Shop) -> Markup {
    let sum = |of: &dyn Fn(&Load) -> i64| -> i64 { loads.iter().map(of).sum() };
    let is_known = loads.iter().any(|load| load.aboard.is_some());
    let gross = Grams(loads.iter().filter_map(|load| load.gross).map(|gross| gross.0).sum());
    html! {
        article.paper.a4.loads {
            (top_view("載貨單", trip, shop))
            dl.facts {
                dt { "路線" } dd { (trip.name()) }
                dt { "車號" } dd { (plate(trip)) }
                dt { "配送" } dd { (trip.crew()) }
                dt { "站數" } dd { (trip.to_bring().count()) }
            }
            table {
                thead { tr {
                    th scope="col" { "規格" }
                    th.number scope="col" { "訂單要" }
                    th.number scope="col" { "車上已有" }
                    th.number scope="col" { "要裝" }
                    th.number scope="col" { "毛重 kg" }
                    th scope="col" { "裝車點收" }
                    th scope="col" { "滿桶退回" }
                    th scope="col" { "空桶收回" }
                } }
                tbody {
                    @for load in loads {
                        tr {
                            td.great { (load.name) }
                            td.number { (load.wanted) }
                            td.number { @match load.aboard { Some(aboard) => (aboard), None => "—" } }
                            td.number.great { (load.missing()) }
                            td.number { @match load.gross { Some(gross) => (gross), None => "—" } }
                            td.sign {} td.sign {} td.sign {}
                        }
                    }
                    @if loads.is_empty() { tr { td colspan="8" { "沒有要載的東西。" } } }
                    tr.in-all {
                        th scope="row" { "合計" }
                        td.number { (sum(&|load| load.wanted)) }
                        td.number { @if is_known { (sum(&|load| load.aboard.unwrap_or(0))) } @else { "—" } }
                        td.number { (sum(&Load::missing)) }
                        td.number { (gross) }
                        td {} td {} td {}
                    }
                }
            }
            (limit_view(trip, doubts, gross))
            dl.facts {
                dt { "出車" } dd { "　　：" }
                dt { "里程出" } dd { "　" }
                dt { "回車" } dd { "　　：" }
                dt { "里程回" } dd { "　" }
            }
            (signed_view(&["裝車", "配送人員", "辦公室"]))
            p.printed { (mark.line()) }
        }
    }
}

/// Whether the truck may go with it: its weight, and all else that stands against it.
fn limit_view(trip: &Trip, doubts: &Doubts, gross: Grams) -> Markup {
    html! {
        p.limit {
            @match &trip.vehicle {
                None => { "還沒派車。這趟毛重 " b { (gross) " kg" } "。" }
                Some(vehicle) => { "車輛載重上限 " (vehicle.max_gross) " kg，這趟毛重 " b { (gross) " kg" } "。" }
            }
            @for doubt in doubts.all() { br; b { "▲ " (doubt) } }
        }
    }
}
