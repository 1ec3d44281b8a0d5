//! What stands around the order form: whom it is for, why the program suggests this much, when it is due, what is
//! still to come, how to reach them.

use maud::{Markup, html};

use crate::customers::views::runway_view;
use crate::orders::desk::Desk;
use crate::orders::form::place_line;
use crate::orders::usual::{TAKES, Usual, Why};
use crate::orders::warnings::day_word;
use crate::values::ProductId;

pub fn head_view(desk: &Desk, back: &str) -> Markup {
    let details = &desk.customer.details;
    html! {
        div.head {
            div {
                h1.who { "新訂單 " span { (details.short_name) } }
                @if desk.customer.is_walk_in { p { "路過的現金客，不建客戶。" } } @else { p { (place_line(details)) } }
            }
            div.acts {
                a.button href="/orders/new" { "換客戶 " kbd { "/" } }
                a.button.quiet href=(back) data-key="Escape" data-leave="" { "不存，離開 " kbd { "Esc" } }
            }
        }
    }
}

/// What the clerk may be asked while she types: why this much, when it is due, how to reach them.
pub fn side_view(desk: &Desk) -> Markup {
    let details = &desk.customer.details;
    let today = desk.now.day();
    html! {
        aside.stack aria-label="客戶摘要" {
            @if let Some(usual) = &desk.usual { (why_usual_view(desk, usual)) }
            @if let Some(due) = &desk.due { section.panel { h2 { "什麼時候該送" } (runway_view(due, today)) } }
            @if !desk.open.is_empty() {
                section.panel {
                    h2 { "還沒送的" }
                    @for order in &desk.open {
                        p { a href={ "/orders/" (order.id) } { (order.short_number()) } "　" (day_word(order.scheduled_on, today).trim_end()) " " (order.window) "　" (order.items()) }
                    }
                }
            }
            @if !details.phones.is_empty() || details.access_note.is_some() || details.notes.is_some() {
                section.panel {
                    h2 { "聯絡" }
                    @for number in &details.phones {
                        p { a.phone-no href={ "tel:" (number.phone.e164) } { (number.phone.to_string()) } @if let Some(label) = &number.label { " " span.soft { (label) } } }
                    }
                    @for note in [&details.access_note, &details.notes].into_iter().flatten() { p.soft { (note) } }
                }
            }
        }
    }
}

fn why_usual_view(desk: &Desk, usual: &Usual) -> Markup {
    let items = |items: &[(ProductId, i64)]| {
        let one = |(id, qty): &(ProductId, i64)| desk.product(*id).map(|product| format!("{} × {qty}", product.name));
        items.iter().filter_map(one).collect::<Vec<_>>().join("、")
    };
    let why = match usual.why {
        Why::Mode { times, of } if times == of => format!("最近{}次都是這樣。", numeral(of)),
        Why::Mode { times, of } => format!("最近{}次有{}次是這樣。", numeral(of), numeral(times)),
        Why::Last => "每次都不一樣，先照上次的。".to_owned(),
        Why::OnSite => "還沒有拿過的紀錄，先照現場的鋼瓶。".to_owned(),
    };
    let before = usual.takes.iter().skip(1).map(Some).chain([None]);
    html! {
        section.panel {
            h2 { "為什麼是 " (items(&usual.items)) }
            p { (why) }
            @if !usual.takes.is_empty() {
                table.list.tight {
                    thead.unseen { tr { th scope="col" { "日期" } th scope="col" { "品項" } th scope="col" { "隔幾天" } } }
                    tbody {
                        @for (take, before) in usual.takes.iter().zip(before) {
                            tr {
                                td.keep { (take.on.beside(desk.now.day())) }
                                td { @if take.items == usual.items { (items(&take.items)) } @else { b { (items(&take.items)) } } }
                                td.number.soft { @if let Some(before) = before { (take.on.days_since(before.on)) " 天" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// 一 … 五: there are no more than the last takes.
fn numeral(count: usize) -> &'static str {
    const WORDS: [&str; TAKES] = ["一", "兩", "三", "四", "五"];
    count.checked_sub(1).and_then(|at| WORDS.get(at)).copied().unwrap_or("幾")
}
