//! The list on the screen and on paper. `Enter` acts on the lit row; every key has its button.

use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::customers::pages::pages_view;
use crate::customers::views::short;
use crate::due::pages::{Place, ROWS};
use crate::due::{Group, Line, List, why};
use crate::http::Request;
use crate::orders::Order;
use crate::settings::Settings;
use crate::ui;
use crate::values::{CustomerId, Day};

/// What a list is drawn in.
pub struct Frame<'a> {
    pub req: &'a Request,
    pub settings: &'a Settings,
    pub place: Place,
    /// Whose row is lit; `None` is the first.
    pub at: Option<CustomerId>,
    /// What this drawing is known by.
    pub press: String,
    pub may_act: bool,
}

pub fn list_view(list: &List, frame: &Frame) -> Markup {
    html! {
        (head_view(list, frame))
        (paper_head_view(list, frame))
        @if list.lines.is_empty() {
            (ui::empty("沒有該送的客戶", "有排巡、訂閱或發報的客戶，快到期就會出現在這裡。"))
            @if !list.skipped.is_empty() { form method="post" { (fields_view(frame)) (skipped_view(list)) } }
        } @else {
            form method="post" {
                (fields_view(frame))
                (table_view(list, frame))
                (skipped_view(list))
            }
            (pages_view(frame.place.page, list.total, ROWS, &|page| Place { page, ..frame.place }.url(None)))
            p.pages.keys {
                @if frame.may_act {
                    span {
                        kbd { "↑" } " " kbd { "↓" } " 移動　" kbd { "Enter" } " 照慣用下單　" kbd { "N" } " 改數量再下　"
                        kbd { "S" } " " (on_day(list.on, list.now.day())) "先不送"
                    }
                } @else { span { kbd { "↑" } " " kbd { "↓" } " 移動　" kbd { "Enter" } " 看客戶" } }
                span { "餘裕是負的：備用撐不到一天，報低就要當天去。" }
            }
        }
    }
}

fn head_view(list: &List, frame: &Frame) -> Markup {
    let today = list.now.day();
    let other = |on| Place { on, page: 1, ..frame.place }.url(None);
    html! {
        div.head {
            div {
                h1 { "該送誰　" (list.until.beside(today)) " 以前" }
                p { (counts_line(list)) }
            }
            div.acts {
                (areas_view(list, frame))
                @if list.on != today { a.button href=(other(today)) { "今天" } }
                a.button href=(other(list.on.plus(-1))) data-key="ArrowLeft" { kbd { "←" } " 前一天" }
                a.button href=(other(list.on.plus(1))) data-key="ArrowRight" { "後一天 " kbd { "→" } }
                @if frame.may_act { a.button href="/due/alarms" data-key="r" { "發報輸入 " kbd { "R" } } }
                button type="button" data-print="" data-key="p" { "列印 " kbd { "P" } }
            }
        }
    }
}

fn areas_view(list: &List, frame: &Frame) -> Markup {
    html! {
        form.narrow action="/due" {
            input type="hidden" name="date" value=(list.on);
            label { "區域 " select name="area" data-submit="" {
                option value="" { "全部" }
                @for area in &list.areas {
                    option value=(area.id.map_or_else(|| "none".to_owned(), |id| id.to_string())) selected[frame.place.area == Some(area.id)] {
                        (area.name) "（" (area.lines) "）"
                    }
                }
            } }
            noscript { button { "看" } }
        }
    }
}

/// `45 家：已過期 3、今天 11、明天 31。已有未送訂單 7 家，今天先不送 2 家，不在裡面。`
fn counts_line(list: &List) -> String {
    let today = list.now.day();
    let groups: Vec<String> = list
        .groups
        .iter()
        .map(|(group, lines)| match group {
            Group::Overdue => format!("已過期 {lines}"),
            Group::On(day) => format!("{} {lines}", why::named(*day, today)),
        })
        .collect();
    let mut line = format!("{} 家", ui::count(list.total as i64));
    if !groups.is_empty() {
        line.push_str(&format!("：{}", groups.join("、")));
    }
    line.push('。');
    let left_out: Vec<String> = [("已有未送訂單", list.with_order), ("先不送", list.skipped.len())]
        .into_iter()
        .filter(|(_, count)| 0 < *count)
        .map(|(what, count)| format!("{what} {count} 家"))
        .collect();
    if !left_out.is_empty() {
        line.push_str(&format!("另外{}，沒有列進來。", left_out.join("、")));
    }
    line
}

/// The headings of this page in their order, each with where its lines begin.
fn groups(list: &List) -> impl Iterator<Item = (Group, usize, &[Line])> {
    let today = list.now.day();
    let mut first = 0;
    list.lines.chunk_by(move |one, other| one.group(today) == other.group(today)).filter_map(move |lines| {
        first += lines.len();
        Some((lines.first()?.group(today), first - lines.len(), lines))
    })
}

/// What paper must say by itself.
fn paper_head_view(list: &List, frame: &Frame) -> Markup {
    let who = frame.req.session.as_ref().map(|session| session.name.as_str()).unwrap_or_default();
    html! {
        p.on-paper {
            (frame.settings.shop_name) "　計畫名單 " (list.on.roc_long())
            @if let Some(area) = list.areas.iter().find(|area| frame.place.area == Some(area.id)) { "　" (area.name) }
            "　" (who) " " (list.now.day().slashed()) " " (list.now.clock()) " 印"
        }
    }
}

fn fields_view(frame: &Frame) -> Markup {
    html! {
        (ui::csrf_field(frame.req))
        input type="hidden" name="date" value=(frame.place.on);
        @match frame.place.area {
            None => {},
            Some(None) => input type="hidden" name="area" value="none";,
            Some(Some(area)) => input type="hidden" name="area" value=(area);,
        }
        @if 1 < frame.place.page { input type="hidden" name="page" value=(frame.place.page); }
        input type="hidden" name="press" value=(frame.press);
    }
}

fn table_view(list: &List, frame: &Frame) -> Markup {
    let here = frame.at.and_then(|at| list.lines.iter().position(|line| line.customer == at)).unwrap_or(0);
    let today = list.now.day();
    html! {
        div.scroll { table.list.folds.due-list data-rows="" {
            caption.unseen { "該送的客戶" }
            thead { tr {
                th.key scope="col" { span.unseen { "鍵" } }
                th scope="col" { "客戶" }
                th.rest scope="col" { "慣用品項與理由" }
                th.number scope="col" { "上次" }
                th.number scope="col" { "日用 kg" }
                th.number scope="col" { "應送" }
                th.number scope="col" { "最晚" }
                th.number scope="col" { "餘裕" }
                @if frame.may_act { th scope="col" { span.unseen { "動作" } } }
            } }
            tbody {
                @for (group, first, lines) in groups(list) {
                    tr { th.group scope="colgroup" colspan=(if frame.may_act { 9 } else { 8 }) { (group_label(group, today)) "　" (count_of(list, group)) " 家" } }
                    @for (at, line) in (first..).zip(lines) { (row_view(line, at, here == at, neighbour(list, at), list, frame)) }
                }
            }
        } }
    }
}

/// How many stand under a heading, those of other pages with them.
fn count_of(list: &List, group: Group) -> String {
    let lines = list.groups.iter().find(|(one, _)| *one == group).map_or(0, |(_, lines)| *lines);
    ui::count(lines as i64)
}

fn group_label(group: Group, today: Day) -> String {
    match group {
        Group::Overdue => "已過期，今天先送".to_owned(),
        Group::On(day) => format!("{}到期", why::named(day, today)),
    }
}

/// Whose row is lit when row `at` has left the list: the next, or at the end the one before.
fn neighbour(list: &List, at: usize) -> Option<CustomerId> {
    list.lines.get(at + 1).or(at.checked_sub(1).and_then(|before| list.lines.get(before))).map(|line| line.customer)
}

fn row_view(line: &Line, at: usize, is_here: bool, next: Option<CustomerId>, list: &List, frame: &Frame) -> Markup {
    let today = list.now.day();
    let id = line.customer;
    html! {
        tr id={ "c" (id) } class=[is_here.then_some("here")] {
            td.key { @if at < 9 { kbd { (at + 1) } } }
            th scope="row" {
                a href={ "/customers/" (id) } data-row=(at + 1) aria-current=[is_here.then_some("true")] { (line.details.short_name) }
                small.keep {
                    (line.details.area.as_deref().unwrap_or("未分區"))
                    @if let Some(number) = line.details.phones.first() { "　" (number.phone.to_string()) }
                }
            }
            td {
                @match &line.usual { Some(usual) => (usual.said(&list.catalogue)), None => (ui::none()) }
                small { (why::sentences(line, &list.catalogue, list.now, frame.settings).concat()) }
            }
            td.number data-label="上次" { (short(line.due.last, today)) }
            td.number data-label="日用" { @match line.figures.daily_kg { Some(daily) => (column(daily)), None => (ui::none()) } }
            td.number data-label="應送" { b { (short(line.visit.on, today)) } }
            td.number data-label="最晚" { @match line.due.latest { Some(latest) => (short(latest, today)), None => (ui::none()) } }
            td.number data-label="餘裕" {
                @match line.figures.margin_kg {
                    Some(margin) if margin < 0.0 => b.minus { (column(margin)) " kg" },
                    Some(margin) => { (column(margin)) " kg" },
                    None => (ui::none()),
                }
            }
            @if frame.may_act {
                td.number.row-acts {
                    button.do formaction={ "/due/" (id) "/order" } name="next" value=[next] data-row-key="enter" { "下單" kbd { "Enter" } }
                    span {
                        a href=(form_url(id, Some(line.visit.on.max(today)), &frame.place.url(next))) data-row-key="n" { "改數量" kbd { "N" } }
                        button.quiet formaction={ "/due/" (id) "/skip" } name="next" value=[next] data-row-key="s" { "先不送" kbd { "S" } }
                    }
                }
            }
        }
    }
}

/// A figure in a column: always one decimal, so that the points stand under one another; a real minus.
fn column(figure: f64) -> String {
    let text = format!("{:.1}", figure.abs());
    if figure < 0.0 && text != "0.0" { format!("−{text}") } else { text }
}

fn skipped_view(list: &List) -> Markup {
    html! {
        @if !list.skipped.is_empty() {
            details.more {
                summary { (on_day(list.on, list.now.day())) "先不送 " (list.skipped.len()) " 家" }
                ul.taken-off {
                    @for (id, name) in &list.skipped {
                        li { a href={ "/customers/" (id) } { (name) } " " button.quiet formaction={ "/due/" (id) "/skip" } name="undo" value="1" { "放回名單" } }
                    }
                }
            }
        }
    }
}

/// 今天, 明天, `05/31 (六)`, as a list's day is called.
pub fn on_day(on: Day, today: Day) -> String {
    why::named(on, today)
}

/// The order form with what is known; it comes back to `back`.
pub fn form_url(customer: CustomerId, day: Option<Day>, back: &str) -> String {
    let day = day.map(|day| format!("&date={day}")).unwrap_or_default();
    format!("/orders/new?customer={customer}{day}&origin=planned&back={}", utf8_percent_encode(back, NON_ALPHANUMERIC))
}

/// `0043：20KG × 2，今天 05/28 (三) 9–11`.
pub fn order_line(order: &Order, today: Day) -> String {
    let day = match order.scheduled_on.days_since(today) {
        0 => "今天".to_owned(),
        1 => format!("明天 {}", order.scheduled_on.short()),
        _ => order.scheduled_on.beside(today),
    };
    format!("{}：{}，{day} {}", order.short_number(), order.items(), order.window)
}
