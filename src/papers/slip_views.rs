//! 送貨單: what a customer signs and keeps, on half an A4 or on a roll. What the shop says of him among themselves is
//! on the driver's sheet and not on this.

use maud::{Markup, html};

use crate::orders::{Line, Order, Payment};
use crate::papers::views::{Shop, practice_view, roc_day};
use crate::papers::{Call, Due, Format, Mark, Trip, qr};
use crate::values::{Grams, Ntd};

/// The rows of a half sheet, so that every slip is ruled alike.
const ROWS: usize = 3;

const SAFETY: &str = "聞到瓦斯味：關開關、開窗、不點火，到外面打 119。";

/// The slip of `call`, which may be on no route yet.
pub fn slip_view(call: &Call, trip: Option<&Trip>, format: Format, mark: &Mark, shop: &Shop) -> Markup {
    match format {
        Format::Half => half_view(call, trip, mark, shop),
        Format::Roll => roll_view(call, trip, mark, shop),
    }
}

fn half_view(call: &Call, trip: Option<&Trip>, mark: &Mark, shop: &Shop) -> Markup {
    let order = &call.order;
    html! {
        article.paper.half {
            div.top {
                div {
                    h1 { "送貨單" (practice_view(shop)) }
                    span { (roc_day(order.scheduled_on)) "　" (order.number) }
                }
                div { b { (shop.name) } }
                b.great { (order.short_number()) }
                (qr::view(&order.number))
            }
            dl.facts.wide {
                dt { "客戶" } dd.great { (call.name) }
                dt { "編號" } dd { (call.customer_code) }
                dt { "地址" } dd { (order.delivery_address.as_deref().unwrap_or("　")) }
                dt { "電話" } dd { (order.contact_phone.as_deref().unwrap_or("　")) }
            }
            table {
                thead { tr {
                    th scope="col" { "品項" }
                    th.number scope="col" { "數量" }
                    th.number scope="col" { "單價" }
                    th.number scope="col" { "金額" }
                    th.number scope="col" { "空桶收回" }
                    th.number scope="col" { "殘氣 kg" }
                } }
                tbody {
                    @for line in &order.lines {
                        tr {
                            td { b { (line.product_name) } }
                            td.number { b { (qty(line)) } }
                            td.number { (unit(line)) }
                            td.number { (amount(line, call.is_metered)) }
                            td.number { @if let Some(delivered) = line.delivered { (delivered.empties) } }
                            td.number { @if let Some(delivered) = line.delivered { (delivered.residual) } }
                        }
                    }
                    @for (label, amount) in corrections(order) {
                        tr { td { (label) } td {} td {} td.number { (amount.bare()) } td {} td {} }
                    }
                    @for _ in order.lines.len() + corrections(order).len()..ROWS { tr { td { "　" } td {} td {} td {} td {} td {} } }
                    tr.in-all {
                        th scope="row" { "合計（含稅）" }
                        td.number { (order.lines.iter().map(qty).sum::<i64>()) }
                        td {}
                        td.number.great { @if call.due() == Due::Metered { "照表計" } @else { (order.totals.total) } }
                        td.keep colspan="2" { (pay(call)) }
                    }
                }
            }
            div.end.last {
                span { "客戶簽收 " span.box {} }
                span { (carried(trip, call)) }
                span { "約 " (order.window) " 點" }
            }
            p.printed { (SAFETY) "　　" (mark.line()) }
        }
    }
}

fn roll_view(call: &Call, trip: Option<&Trip>, mark: &Mark, shop: &Shop) -> Markup {
    let order = &call.order;
    let stop = call.stop.as_ref();
    html! {
        article.paper.roll {
            h1 { "送貨單" (practice_view(shop)) }
            p.mid { (shop.name) }
            p.cut {}
            p { b.great { (call.name) } br; (order.delivery_address.as_deref().unwrap_or_default()) }
            @if let Some(phone) = &order.contact_phone { p { (phone) } }
            p.pair { span { (order.scheduled_on.roc_slashed()) " (" (order.scheduled_on.weekday_label()) ")" } span { (order.window) " 點" } }
            @if !carried(trip, call).is_empty() { p { (carried(trip, call)) } }
            p.cut {}
            table { tbody {
                @for line in &order.lines {
                    tr {
                        td { b { (line.product_name) } }
                        td.number { (qty(line)) @if line.unit_price.is_some() { " × " (unit(line)) } }
                        td.number { b { (amount(line, call.is_metered)) } }
                    }
                }
                @for (label, amount) in corrections(order) { tr { td colspan="2" { (label) } td.number { (amount.bare()) } } }
                @if order.lines.is_empty() { tr { td colspan="3" { "沒有品項" } } }
            } }
            p.pair.sum { span { "合計" } b.great { @if call.due() == Due::Metered { "照表計" } @else { (order.totals.total) } } }
            p.pair { span { "付款" } b { (pay(call)) } }
            @if order.payment == Payment::Cash && call.due() != Due::Nothing || stop.is_some_and(|stop| stop.cash_handed.is_some()) {
                p.pair { span { "收現金" } (figure(stop.and_then(|stop| stop.cash_handed))) }
                p.pair { span { "找錢" } (figure(stop.and_then(|stop| Some(stop.cash_handed? - stop.cash?)))) }
            }
            p.cut {}
            @for line in order.lines.iter().filter(|line| 0 < line.empties_expected || line.delivered.is_some()) {
                p.pair {
                    span { (line.product_name) " 空桶收回" }
                    @match line.delivered { Some(delivered) => { b { (delivered.empties) } } None => { span.box {} } }
                }
            }
            p.pair { span { "簽收" } span.box.wide {} }
            div.tag {
                (qr::view(&order.number))
                div { b.great { (order.short_number()) } small { (order.number) } }
            }
            p.mid { b { "聞到瓦斯味：關開關、開窗、" br; "不點火，到外面打 119" } }
            p.mid { small { (mark.line()) } }
        }
    }
}

/// What was brought, or is to be.
fn qty(line: &Line) -> i64 {
    line.delivered.map_or(line.qty, |delivered| delivered.qty)
}

fn unit(line: &Line) -> String {
    line.unit_price.map_or_else(String::new, Ntd::bare)
}

/// Of gas a meter counts nobody knows yet.
fn amount(line: &Line, is_metered: bool) -> String {
    if is_metered && line.amount == Ntd(0) { "照表".to_owned() } else { line.amount.bare() }
}

/// What stands between the lines and the total.
fn corrections(order: &Order) -> Vec<(String, Ntd)> {
    let totals = order.totals;
    let residual: Grams = Grams(order.lines.iter().filter_map(|line| line.delivered).map(|delivered| delivered.residual.0).sum());
    let all = [
        ("折扣".to_owned(), Ntd(0) - totals.discount),
        (order.surcharge_label.clone().unwrap_or_else(|| "加價".to_owned()), totals.surcharge),
        (format!("退氣折抵 {residual} kg"), Ntd(0) - totals.residual_credit),
    ];
    all.into_iter().filter(|(_, amount)| *amount != Ntd(0)).collect()
}

/// How it is paid, in the customer's words.
fn pay(call: &Call) -> String {
    match call.due() {
        Due::Cash(amount) => format!("收現金 {amount}"),
        Due::Cheque(amount) => format!("收支票 {amount}"),
        Due::Later(payment) => format!("{}，不用付現", payment.label()),
        Due::Metered => "照表計".to_owned(),
        Due::Nothing if call.order.paid != Ntd(0) => "已付清".to_owned(),
        Due::Nothing => "不收費".to_owned(),
    }
}

/// `配送 阿明　D-北線 早 第 8 站`.
fn carried(trip: Option<&Trip>, call: &Call) -> String {
    match trip {
        Some(trip) if trip.crew().is_empty() => format!("{} 第 {} 站", trip.name(), call.place),
        Some(trip) => format!("配送 {}　{} 第 {} 站", trip.crew(), trip.name(), call.place),
        None => String::new(),
    }
}

/// An amount the driver wrote down, or room for it.
fn figure(amount: Option<Ntd>) -> Markup {
    html! { @match amount { Some(amount) => { span { (amount.bare()) } } None => { span.box {} } } }
}
