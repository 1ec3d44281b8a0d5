//! How orders look in a list: the page of a day, and the one row other pages show of an order.

use maud::{Markup, html};

use crate::customers::search::Query;
use crate::error::Problem;
use crate::http::Request;
use crate::orders::filter::{CHIPS, Filter, Kind, OPEN, Span};
use crate::orders::list::{Choices, Cut};
use crate::orders::store::{Listed, Listing, Saved, Sums};
use crate::orders::{Origin, Payment, PaymentStatus, Status};
use crate::ui::{self, form};
use crate::users::Role;
use crate::values::{Day, Ntd};

/// Who changes orders.
const OFFICE: &[Role] = &[Role::Admin, Role::Manager, Role::OfficeStaff];

/// All that the page of a list is drawn from.
pub struct Shown<'a> {
    pub filter: &'a Filter,
    pub cut: Cut,
    pub listing: &'a Listing,
    /// A day one key away, and how many orders it has.
    pub other_day: (Day, i64),
    pub saved: &'a [Saved],
    pub choices: &'a Choices,
    pub problems: &'a [Problem],
    pub today: Day,
    pub req: &'a Request,
}

/// Tomorrow beside today's list; beside any other, today.
pub fn other_day(filter: &Filter, today: Day) -> Day {
    if filter.span == Span::day(today) { today.plus(1) } else { today }
}

/// `今天的訂單　05/28 (三)`.
pub fn title(filter: &Filter, today: Day) -> String {
    let span = match (filter.span.only(), filter.span.from, filter.span.to) {
        (Some(day), ..) => match day.days_since(today) {
            -1 => format!("昨天的訂單　{}", day.short()),
            0 => format!("今天的訂單　{}", day.short()),
            1 => format!("明天的訂單　{}", day.short()),
            _ => format!("{} 的訂單", day.beside(today)),
        },
        (None, Some(from), Some(to)) => format!("{} 到 {} 的訂單", from.beside(today), to.beside(today)),
        (None, Some(from), None) => format!("{} 起的訂單", from.beside(today)),
        (None, None, Some(to)) => format!("到 {} 的訂單", to.beside(today)),
        (None, None, None) => "所有日子的訂單".to_owned(),
    };
    match &filter.q {
        Some(typed) => format!("「{typed}」　{span}"),
        None => span,
    }
}

pub fn list_view(shown: &Shown) -> Markup {
    let Shown { filter, listing, today, req, .. } = *shown;
    html! {
        div #list-head .head data-live="order stop" {
            div {
                h1 { (title(filter, today)) }
                @if let Some(sums) = &listing.sums { p { (sums_line(sums)) } }
            }
            div.acts {
                (days_view(filter, today))
                @if req.may(OFFICE) {
                    a.button href="/orders/lists" data-key="i" { "從試算表匯入 " kbd { "I" } }
                    a.button href="/templates" data-key="t" { "範本 " kbd { "T" } }
                }
            }
        }
        (chips_view(shown))
        div #list-rows .stack data-live="order stop" {
            @if listing.rows.is_empty() {
                @if 1 < shown.cut.page { (ui::empty("這一頁沒有訂單", "前面的頁才有。")) }
                @else if filter.is_narrowed() || filter.kind != Kind::ALL || filter.span.only().is_none() { (ui::empty("沒有這樣的訂單", "換一個條件，或按 F 改條件。")) }
                @else { (ui::empty("這一天還沒有訂單", "按 N 開新訂單。")) }
            } @else {
                (rows_view(listing, filter, today, req.may(OFFICE)))
            }
            @if !listing.rows.is_empty() || 1 < shown.cut.page { (foot_view(shown)) }
        }
    }
}

/// `186 張　NT$214,350　·　月結 112、現金 66　·　取消 8`.
fn sums_line(sums: &Sums) -> String {
    let mut parts = vec![format!("{} 張　{}", ui::count(sums.orders), sums.total)];
    let payments: Vec<String> = Payment::ALL
        .iter()
        .zip(sums.by_payment)
        .filter(|(_, count)| 0 < *count)
        .map(|(payment, count)| format!("{} {}", payment.label(), ui::count(count)))
        .collect();
    if !payments.is_empty() {
        parts.push(payments.join("、"));
    }
    if 0 < sums.cancelled {
        parts.push(format!("取消 {}", ui::count(sums.cancelled)));
    }
    parts.join("　·　")
}

/// The day before and after; of a list of many days there is none.
fn days_view(filter: &Filter, today: Day) -> Markup {
    let beside = |day: Day| Filter { span: Span::day(day), ..filter.clone() }.url(today, 1);
    html! {
        @if let Some(day) = filter.span.only() {
            a.button href=(beside(day.plus(-1))) data-key="ArrowLeft" { "前一天 " kbd { "←" } }
            a.button href=(beside(day.plus(1))) data-key="ArrowRight" { "後一天 " kbd { "→" } }
        }
    }
}

fn chips_view(shown: &Shown) -> Markup {
    let Shown { filter, listing, saved, today, .. } = *shown;
    let of_kind = |kind: Kind| Filter { kind, ..filter.clone() }.url(today, 1);
    let (other_day, other_count) = shown.other_day;
    let here = filter.query(today);
    html! {
        div.filters.many data-list="" {
            nav #list-kinds aria-label="篩選" data-live="order stop" {
                @for (at, (label, kind)) in CHIPS.into_iter().enumerate() {
                    a href=(of_kind(kind)) aria-current=[(filter.kind == kind).then_some("page")] {
                        (label) @if let Some(counts) = &listing.chips { " " span.count { (ui::count(counts[at])) } }
                    }
                }
                a href=(Filter::on(other_day).url(today, 1)) {
                    @if other_day == today { "今天" } @else { "明天" } " " span.count { (ui::count(other_count)) }
                }
                @for one in saved {
                    a.saved href={ "/orders" @if !one.query.is_empty() { "?" (one.query) } } aria-current=[(one.query == here).then_some("page")] { (one.name) }
                }
            }
            details.conditions data-focus="" open[!shown.problems.is_empty()] {
                summary data-key="f" { "更多條件 " kbd { "F" } }
                (conditions_view(shown))
                (saved_view(shown, &here))
            }
        }
        @if filter.is_narrowed() || filter.kind.open { (narrowed_view(shown)) }
    }
}

/// The conditions in force that no chip shows, and the way out of them.
fn narrowed_view(shown: &Shown) -> Markup {
    let Shown { filter, choices, today, .. } = *shown;
    let area = filter.area.map(|area| match area {
        None => "未分區".to_owned(),
        Some(id) => choices.areas.iter().find(|(one, _)| *one == id).map_or_else(|| "沒有這一區".to_owned(), |(_, name)| name.clone()),
    });
    let driver = filter
        .driver
        .map(|id| choices.drivers.iter().find(|(one, _)| *one == id).map_or_else(|| "離開的司機".to_owned(), |(_, name)| name.clone()));
    let conditions = [
        ("找", filter.q.clone()),
        ("單號", filter.number.clone()),
        ("客戶", filter.customer.clone()),
        ("電話末碼", filter.phone.clone()),
        ("地址", filter.address.clone()),
        ("區域", area),
        ("司機", driver),
        ("付款", filter.payment_status.map(|status| status.label().to_owned())),
        ("狀態", filter.kind.open.then(|| "還沒送".to_owned())),
        ("來源", filter.origin.map(|origin| origin.label().to_owned())),
    ];
    let kind = Kind { open: false, ..filter.kind };
    let everything = Filter { span: filter.span, kind, ..Filter::default() };
    let span = if filter.span == Span::EVER { Span::day(today) } else { filter.span };
    html! {
        p.tell {
            span {
                @for (label, value) in conditions.iter().filter_map(|(label, value)| Some((label, value.as_ref()?))) { (label) " " b { (value) } "　" }
            }
            a href=(Filter { span, ..everything }.url(today, 1)) { "不限" }
        }
    }
}

fn conditions_view(shown: &Shown) -> Markup {
    let Shown { filter, choices, .. } = *shown;
    let text = |label: &str, name: &str, value: &Option<String>, hint: &str| {
        html! {
            label { (label) input name=(name) autocomplete="off" maxlength="100" placeholder=(hint) value=[value.as_deref()]; }
        }
    };
    let span = |day: Option<Day>| day.map(|day| day.to_string());
    let tick = |label: &str, name: &str, is: bool| {
        html! { label.tick { input type="checkbox" name=(name) value="1" checked[is]; " " (label) } }
    };
    html! {
        form.conditions-form action="/orders" role="search" aria-label="訂單的條件" {
            (text("找", "q", &filter.q, "名字、編號、電話、地址、單號"))
            (text("單號", "number", &filter.number, "0043"))
            (text("客戶", "customer", &filter.customer, "編號或名字"))
            (text("電話末碼", "phone", &filter.phone, "213"))
            (text("地址", "address", &filter.address, "路名、門牌"))
            label { "從" input type="date" name="from" value=[span(filter.span.from)]; }
            label { "到" input type="date" name="to" value=[span(filter.span.to)]; }
            label { "狀態" select name="status" {
                option value="" { "全部" }
                option value=(OPEN) selected[filter.kind.open] { "還沒送" }
                @for one in Status::ALL { option value=(one.word()) selected[filter.kind.status == Some(*one)] { (one.label()) } }
            } }
            label { "區域" select name="area" {
                option value="" { "全部" }
                @for (id, name) in &choices.areas { option value=(id) selected[filter.area == Some(Some(*id))] { (name) } }
                option value="none" selected[filter.area == Some(None)] { "未分區" }
            } }
            label { "司機" select name="driver" {
                option value="" { "全部" }
                @for (id, name) in &choices.drivers { option value=(id) selected[filter.driver == Some(*id)] { (name) } }
            } }
            label { "付款" select name="payment_status" {
                option value="" { "全部" }
                @for one in PaymentStatus::ALL { option value=(one.word()) selected[filter.payment_status == Some(*one)] { (one.label()) } }
            } }
            label { "來源" select name="origin" {
                option value="" { "全部" }
                @for one in Origin::ALL { option value=(one.word()) selected[filter.origin == Some(*one)] { (one.label()) } }
            } }
            div.ticks {
                (tick("急件", "urgent", filter.kind.urgent))
                (tick("失敗待改約", "failed", filter.kind.failed))
                (tick("我記的", "mine", filter.kind.mine))
            }
            p.acts { button.primary { "找 " kbd { "Enter" } } span.soft.small { "日期空著就是不限日子" } }
        }
    }
}

/// Keeping this list under a name, and letting go of one that was kept.
fn saved_view(shown: &Shown, here: &str) -> Markup {
    let Shown { saved, problems, req, .. } = *shown;
    let wrong = form::wrong("name", problems);
    html! {
        form.line-form method="post" action="/orders/filters" {
            (ui::csrf_field(req))
            input type="hidden" name="query" value=(here);
            label for="name" { "這個清單常看" }
            input #name name="name" required maxlength="20" autocomplete="off" placeholder="給它一個名字" value=[req.form("name")]
                aria-invalid=[wrong.as_ref().map(|wrong| wrong.0)] aria-describedby=[wrong.as_ref().map(|wrong| wrong.1.clone())] autofocus[wrong.is_some()];
            button { "存起來" }
            @for problem in problems { span.problem id={ "why-" (problem.field) } { (problem.say) } }
        }
        @for one in saved {
            form.line-form method="post" action={ "/orders/filters/" (one.id) "/remove" } {
                (ui::csrf_field(req))
                input type="hidden" name="query" value=(here);
                span { (one.name) }
                button { "移除" span.unseen { "「" (one.name) "」" } }
            }
        }
    }
}

fn rows_view(listing: &Listing, filter: &Filter, today: Day, may_change: bool) -> Markup {
    let is_one_day = filter.span.only().is_some();
    html! {
        div.scroll {
            table.list.folds data-rows="" {
                caption.unseen { (title(filter, today)) }
                thead { tr {
                    th.key scope="col" { span.unseen { "鍵" } }
                    th scope="col" { "客戶" }
                    th scope="col" { "單號" }
                    th scope="col" { @if is_one_day { "時段" } @else { "日期和時段" } }
                    th scope="col" { "品項" }
                    th scope="col" { "區域" }
                    th.number scope="col" { "金額 NT$" }
                    th scope="col" { "狀態" }
                    th scope="col" { "司機" }
                } }
                tbody {
                    @for (at, row) in listing.rows.iter().enumerate() {
                        tr class=[row.is_pressing().then_some("urgent")] {
                            td.key { @if at < 9 { kbd { (at + 1) } } }
                            th scope="row" {
                                a href={ "/orders/" (row.id) } data-row=(at + 1) { (row.customer) (who(row)) }
                                @if may_change && row.status.is_open() { (row_acts_view(row)) }
                            }
                            td.soft { (row.short_number()) }
                            td.keep { @if !is_one_day { (row.scheduled_on.beside(today)) " " } (window_view(row)) }
                            td { (items(row)) }
                            td.keep.soft { (row.area.as_deref().unwrap_or_default()) }
                            td.number { (amount_view(row)) }
                            td { (badge_view(row.status, row.attempt_count)) }
                            td.keep.soft { (remark(row)) }
                        }
                    }
                }
            }
        }
    }
}

/// What the keys of the lit row press; the eye finds the same on the order's page.
fn row_acts_view(row: &Listed) -> Markup {
    html! {
        span.unseen {
            a href={ "/orders/" (row.id) "/edit" } tabindex="-1" data-row-key="e" { "改" }
            a href={ "/orders/" (row.id) "/cancel" } tabindex="-1" data-row-key="x" { "取消" }
        }
    }
}

/// Who it is for, where the customer is an account for passers-by.
fn who(row: &Listed) -> String {
    match &row.contact_name {
        Some(name) if row.is_walk_in => format!("　{name}"),
        _ => String::new(),
    }
}

fn window_view(row: &Listed) -> Markup {
    html! {
        @if row.origin == Origin::Emergency { span.badge.urgent { "緊急" } }
        @else if row.origin == Origin::WalkIn { "自取" }
        @else { (row.window) @if row.is_urgent { " " span.badge.urgent { "急件" } } }
    }
}

/// What is brought; of a call without goods, what it is about.
pub fn items(row: &Listed) -> &str {
    if row.items.is_empty() { row.notes.as_deref().unwrap_or("沒有品項") } else { &row.items }
}

/// The money, where there is any to be had.
pub fn amount_view(row: &Listed) -> Markup {
    html! {
        @if row.status == Status::Cancelled || (row.items.is_empty() && row.total == Ntd(0)) { (ui::none()) }
        @else if row.is_unpriced { span.soft { "未定價" } }
        @else if row.is_metered && row.total == Ntd(0) { span.soft { "抄表" } }
        @else { (row.total.bare()) }
    }
}

/// Who brings it, or why nobody does.
pub fn remark(row: &Listed) -> String {
    match row.status {
        Status::Cancelled => row.cancel_reason.map(|reason| reason.label().to_owned()).unwrap_or_default(),
        _ if row.is_failed() => row.why_failed.as_deref().map(|why| why.trim_start_matches("沒送成，")).unwrap_or_default().to_owned(),
        Status::Pending if row.origin != Origin::Phone => row.origin.label().to_owned(),
        Status::Pending | Status::Confirmed | Status::Assigned | Status::InDelivery | Status::Delivered => {
            [row.driver.as_deref(), row.place.as_deref()].into_iter().flatten().collect::<Vec<_>>().join("　")
        }
    }
}

/// The state of an order, by word, shape and colour; one a driver came back with says so.
pub fn badge_view(status: Status, attempt_count: i64) -> Markup {
    html! {
        @if status == Status::Confirmed && 0 < attempt_count { span.badge.failed { "失敗待改約" } }
        @else { span.badge.(status.word()) { (status.label()) } }
    }
}

/// One order among the rows of a search, with what was typed in its number marked.
pub fn found_view(row: &Listed, query: &Query, today: Day) -> Markup {
    html! {
        span { b { (row.customer) (who(row)) } "　" span.soft { (query.mark(&row.number)) } }
        small.end.keep { (row.scheduled_on.beside(today)) "　" (row.window) }
        small { (items(row)) @if let Some(area) = &row.area { "　" (area) } }
        span.end.low { (badge_view(row.status, row.attempt_count)) }
    }
}

fn foot_view(shown: &Shown) -> Markup {
    let Shown { filter, cut, listing, today, req, .. } = *shown;
    let page = cut.page;
    let first = (page - 1) * cut.size + 1;
    let last = first + listing.rows.len().saturating_sub(1);
    let count = |number: usize| ui::count(number as i64);
    html! {
        div.pages.keys {
            @if !listing.rows.is_empty() {
                span.key-hint {
                    kbd { "↑" } " " kbd { "↓" } " 移動　" kbd { "Enter" } " 開啟"
                    @if req.may(OFFICE) { "　" kbd { "E" } " 改　" kbd { "X" } " 取消" }
                    "　"
                    @if !cut.is_for_paper && (1 < page || listing.has_more) { a.bare href=(filter.paper_url(today)) data-key="p" { kbd { "P" } " 列印全部" } }
                    @else { button.bare data-print="" data-print-now[cut.is_for_paper] data-key="p" { kbd { "P" } " 列印" } }
                }
                span {
                    @if 1 < page || listing.has_more { "第 " (count(first)) "–" (count(last)) " 張，" }
                    @match &listing.sums {
                        Some(sums) => { "共 " (ui::count(sums.orders)) " 張" }
                        None if listing.has_more => { "後面還有" }
                        None if 1 < page => { "到這裡為止" }
                        None => { "共 " (count(listing.rows.len())) " 張" }
                    }
                    @if req.may(OFFICE) { "　" a href={ "/orders.csv?" (filter.query(today)) } { "存成 CSV" } }
                }
            }
            @if cut.is_for_paper {
                span.acts { a.button href=(filter.url(today, 1)) data-key="Escape" { "一頁一頁看 " kbd { "Esc" } } }
            } @else if 1 < page || listing.has_more {
                nav.acts aria-label="頁" {
                    @if 1 < page { a.button href=(filter.url(today, page - 1)) data-key="PageUp" { "上一頁 " kbd { "PgUp" } } }
                    @if listing.has_more { a.button href=(filter.url(today, page + 1)) data-key="PageDown" { "下一頁 " kbd { "PgDn" } } }
                }
            }
        }
    }
}
