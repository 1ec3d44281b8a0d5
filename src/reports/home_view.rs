//! How 今日 looks: tiles that lead to their lists, what needs somebody, what I just did.

use maud::{Markup, html};

use crate::backups::views::{HomeLine, home_view};
use crate::emergencies;
use crate::http::Request;
use crate::orders::filter::{Filter, Kind};
use crate::orders::list_view::{amount_view, items, remark};
use crate::orders::store::Listed;
use crate::orders::{CancelReason, Origin, Status};
use crate::reports::home::{MOST_OF_A_KIND, Mine, Records, Today, Waiting, all_failed, all_pending, overdue};
use crate::settings::Settings;
use crate::templates::Stopped;
use crate::ui;
use crate::users::Role;
use crate::values::{Day, Stamp};

const OFFICE: &[Role] = &[Role::Admin, Role::Manager, Role::OfficeStaff];
const MANAGERS: &[Role] = &[Role::Admin, Role::Manager];

pub fn office_view(req: &Request, today: &Today, settings: &Settings) -> Markup {
    html! {
        div.head {
            (now_view(today.now, Some(today)))
            p.soft { "接單到 " (format!("{:02}:{:02}", settings.cut_off / 60, settings.cut_off % 60)) " 排今天，之後預設明天" }
        }
        @if today.shop.is_empty() {
            (empty_view(req.may(MANAGERS)))
        } @else {
            (tiles_view(today))
            div.columns.half {
                section.stack aria-labelledby="h-todo" {
                    h2 #h-todo { "要有人處理" }
                    (todo_view(req, today))
                }
                div.stack {
                    section.stack aria-labelledby="h-mine" {
                        h2 #h-mine { "我剛才記的" }
                        (mine_view(req, today))
                    }
                    section.stack aria-labelledby="h-records" {
                        h2 #h-records { "紀錄到哪裡" }
                        (records_view(req, &today.shop.records, &today.backup, today.now))
                    }
                }
            }
        }
    }
}

fn now_view(now: Stamp, today: Option<&Today>) -> Markup {
    let half = if now.hour() < 12 { "上午" } else { "下午" };
    html! {
        div {
            h1 { (now.day().short()) "　" (half) " " (now.clock()) }
            p { @match today.and_then(taken_line) { Some(line) => (line), None => (now.day().roc_long()) } }
        }
    }
}

/// `今天接了 54 張，比上星期三同一時間多 12 張`; nothing while there is nothing to compare.
fn taken_line(today: &Today) -> Option<String> {
    let (now, before) = today.shop.taken;
    let weekday = today.now.day().weekday_label();
    let said = match now - before {
        _ if before == 0 => return (0 < now).then(|| format!("今天接了 {} 張。", ui::count(now))),
        0 => "一樣".to_owned(),
        more @ 1.. => format!("多 {} 張", ui::count(more)),
        fewer => format!("少 {} 張", ui::count(-fewer)),
    };
    Some(format!("今天接了 {} 張，和上星期{weekday}同一時間比{said}。", ui::count(now)))
}

/// A shop nobody has filled yet.
fn empty_view(is_manager: bool) -> Markup {
    html! {
        div.empty {
            strong { "店裡還沒有資料" }
            @if is_manager {
                "把客戶名單和歷史紀錄拿進來，就可以開始查。"
                p.acts { a.button.primary href="/imports" { "匯入資料" } }
            } @else {
                "請經理匯入客戶名單和歷史紀錄。"
            }
        }
    }
}

fn tiles_view(today: &Today) -> Markup {
    let day = today.now.day();
    let of_today = |kind: Kind| (Filter { kind, ..Filter::on(day) }.url(day, 1), today.shop.count(kind));
    let tile = |label: &str, (url, count): (String, i64), is_to_do: bool| {
        html! {
            a class=(if is_to_do && 0 < count { "tile look" } else { "tile" }) href=(url) { span { (label) } b { (ui::count(count)) } }
        }
    };
    html! {
        nav.tiles aria-label="今日數字" {
            (tile("今天訂單", of_today(Kind::ALL), false))
            (tile("未派", of_today(Kind::status(Status::Confirmed)), true))
            (tile("配送中", of_today(Kind::status(Status::InDelivery)), false))
            (tile("已送達", of_today(Kind::status(Status::Delivered)), false))
            (tile("失敗待改約", (all_failed().url(day, 1), today.shop.failed.count), true))
            a.tile href={ "/due?date=" (day.plus(1)) } { span { "明天該送" } b data-later={ "/due/count?date=" (day.plus(1)) } { small { "看名單" } } }
        }
    }
}

// What needs somebody.

/// One thing that does: the digit and Enter lead to `url`, or Enter presses what `act` shows.
struct Todo {
    badge: (&'static str, &'static str),
    what: String,
    why: String,
    url: String,
    act: Act,
}

/// What Enter does about it.
enum Act {
    /// Leads to its page.
    Go(&'static str),
    /// Confirms the order of that version as it stands.
    Confirm(i64),
}

fn todo_view(req: &Request, today: &Today) -> Markup {
    let todos = todos(req, today);
    html! {
        @if todos.is_empty() {
            p.good { span { "現在沒有要處理的事。" } }
        } @else {
            div.scroll {
                table.list.folds data-rows="" {
                    caption.unseen { "要有人處理的事" }
                    thead.unseen { tr { th scope="col" { "鍵" } th scope="col" { "種類" } th scope="col" { "事情" } th scope="col" { "動作" } } }
                    tbody { @for (at, todo) in todos.iter().enumerate() { (todo_row(req, at, todo)) } }
                }
            }
            p.soft.small.key-hint { kbd { "1" } "–" kbd { (todos.len().min(9)) } " 直接開那一件　" kbd { "↑" } " " kbd { "↓" } " 移動　" kbd { "Enter" } " 處理" }
        }
    }
}

fn todo_row(req: &Request, at: usize, todo: &Todo) -> Markup {
    let (class, label) = todo.badge;
    html! {
        tr {
            td.key { @if at < 9 { kbd { (at + 1) } } }
            td { span class={ "badge " (class) } { (label) } }
            th scope="row" { a href=(todo.url) data-row=(at + 1) { (todo.what) } small { (todo.why) } }
            td.number {
                @match todo.act {
                    Act::Go(label) => a.button href=(todo.url) tabindex="-1" aria-hidden="true" { (label) },
                    Act::Confirm(version) => form method="post" action={ (todo.url) "/confirm" } {
                        (ui::csrf_field(req))
                        input type="hidden" name="version" value=(version);
                        input type="hidden" name="back" value="/";
                        button data-row-key="Enter" { "確認" span.unseen { " " (todo.what) } }
                    },
                }
            }
        }
    }
}

fn todos(req: &Request, today: &Today) -> Vec<Todo> {
    let (day, is_office, is_manager) = (today.now.day(), req.may(OFFICE), req.may(MANAGERS));
    let mut todos = Vec::new();
    if let [first, others @ ..] = today.red.as_slice() {
        let what = if others.is_empty() { first.title.to_owned() } else { format!("{}，還有 {} 件", first.title, others.len()) };
        let why = first.detail.clone();
        todos.push(Todo { badge: ("failed", "健康"), what, why, url: "/data/health".to_owned(), act: Act::Go("看") });
    }
    for one in &today.shop.emergencies {
        let why = format!("{}　{}", emergencies::list::state(one), one.emergency.description);
        todos.push(Todo {
            badge: ("urgent", "緊急"),
            what: one.title(),
            why,
            url: format!("/emergencies/{}", one.emergency.id),
            act: Act::Go("處理"),
        });
    }
    if is_office && 0 < today.shop.conflicts {
        let what = format!("{} 站兩邊記的不一樣", ui::count(today.shop.conflicts));
        let why = "先到的算數，後到的留著，看哪邊對。".to_owned();
        todos.push(Todo { badge: ("late", "要核對"), what, why, url: "/conflicts".to_owned(), act: Act::Go("看") });
    }
    for order in &today.shop.failed.first {
        let (url, act) = if is_office {
            (format!("/orders/{}/edit", order.id), Act::Go("改約"))
        } else {
            (format!("/orders/{}", order.id), Act::Go("看"))
        };
        let why = format!("{} {}。", on_day(order.scheduled_on, day), join(&[remark(order), order.window.to_string()]));
        todos.push(Todo { badge: ("failed", "配送失敗"), what: what(order), why, url, act });
    }
    todos.extend(rest(&today.shop.failed, ("failed", "配送失敗"), "張要改約", all_failed().url(day, 1)));
    for route in today.shop.routes.iter().take(MOST_OF_A_KIND) {
        let what = format!("路線 {} {}", route.route.number, route.driver.as_deref().unwrap_or_default());
        let why = format!("{} 的，剩 {} 站，還沒結束。", route.route.route_on.beside(day), route.open());
        todos.push(Todo { badge: ("failed", "沒結束"), what, why, url: format!("/routes/{}", route.route.id), act: Act::Go("看") });
    }
    if 0 < today.shop.overdue {
        let what = format!("{} 張過了日子還沒送", ui::count(today.shop.overdue));
        let why = "看是要改到今天，還是取消。".to_owned();
        todos.push(Todo { badge: ("late", "過了"), what, why, url: overdue(day).url(day, 1), act: Act::Go("看") });
    }
    for order in &today.shop.pending.first {
        let from = if order.origin == Origin::Phone { "來電記的".to_owned() } else { format!("{}來的", order.origin.label()) };
        let why = format!("{from}，{} {}。", on_day(order.scheduled_on, day), order.window);
        let act = if is_office { Act::Confirm(order.version) } else { Act::Go("看") };
        todos.push(Todo { badge: ("pending", "待確認"), what: what(order), why, url: format!("/orders/{}", order.id), act });
    }
    todos.extend(rest(&today.shop.pending, ("pending", "待確認"), "張待確認", all_pending().url(day, 1)));
    if is_office {
        for (row, say) in today.shop.not_made.iter().take(MOST_OF_A_KIND) {
            let what = format!("{}　{}", row.customer_name, row.template.details.name);
            let why = format!("{say}改好再開單。");
            todos.push(Todo {
                badge: ("failed", "範本沒開成"),
                what,
                why,
                url: format!("/templates/{}", row.template.id),
                act: Act::Go("看"),
            });
        }
        for row in &today.shop.stopped {
            let what = format!("{}　{}", row.customer_name, row.template.details.name);
            let why = format!("{}，以後不再自己開單。", row.template.stopped.map(Stopped::label).unwrap_or("停用"));
            todos.push(Todo {
                badge: ("off", "範本停了"), what, why, url: format!("/templates/{}", row.template.id), act: Act::Go("看")
            });
        }
    }
    if !today.shop.unpriced.is_empty() {
        let names: Vec<&str> = today.shop.unpriced.iter().take(5).map(|product| product.name.as_str()).collect();
        let more = if names.len() < today.shop.unpriced.len() { "…" } else { "" };
        let what = format!("{} 種產品還沒有價格", today.shop.unpriced.len());
        let why = format!("{}{more}。沒有價格的不能確認。", names.join("、"));
        let (url, act) = if is_manager { ("/products/prices", Act::Go("填價格")) } else { ("/products", Act::Go("看")) };
        todos.push(Todo { badge: ("late", "沒有價格"), what, why, url: url.to_owned(), act });
    }
    if is_manager {
        for (label, at) in &today.shop.failed_jobs {
            let why = format!("{}，可以再執行一次。", at.beside(today.now));
            todos.push(Todo {
                badge: ("failed", "沒做成"),
                what: (*label).to_owned(),
                why,
                url: "/data/jobs".to_owned(),
                act: Act::Go("看"),
            });
        }
        if 0 < today.slow && req.may(&[Role::Admin]) {
            let what = format!("一天內有 {} 次查詢超過 0.1 秒", today.slow);
            let why = "偶爾一次沒關係；常常有，請找維護的人。".to_owned();
            todos.push(Todo { badge: ("late", "慢"), what, why, url: "/data/health#h-slow".to_owned(), act: Act::Go("看") });
        }
    }
    todos
}

/// A line for those that have no line of their own.
fn rest(waiting: &Waiting, badge: (&'static str, &'static str), of_what: &str, url: String) -> Option<Todo> {
    let left = waiting.count - waiting.first.len() as i64;
    let what = format!("還有 {} {of_what}", ui::count(left));
    (0 < left).then(|| Todo { badge, what, why: format!("上面只列前 {MOST_OF_A_KIND} 張。"), url, act: Act::Go("全部") })
}

/// `範例小吃店　20KG × 2`.
fn what(order: &Listed) -> String {
    format!("{}　{}", order.customer, items(order))
}

fn join(parts: &[String]) -> String {
    parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("，")
}

fn on_day(day: Day, today: Day) -> String {
    match day.days_since(today) {
        -1 => "昨天".to_owned(),
        0 => "今天".to_owned(),
        1 => "明天".to_owned(),
        _ => day.beside(today),
    }
}

// What I just did.

fn mine_view(req: &Request, today: &Today) -> Markup {
    let day = today.now.day();
    html! {
        @if let Some((act, about)) = &today.undo {
            div.notice { span { (act.at.clock()) " " (said(&act.verb)) (about) } (ui::undo_view(req, act.id)) }
        }
        @if today.mine.is_empty() {
            p.soft { "今天還沒有。按 " kbd { "N" } " 開新訂單，或按 " kbd { "/" } " 找客戶。" }
        } @else {
            div.scroll {
                table.list.tight.folds {
                    caption.unseen { "我剛才記的訂單" }
                    thead.unseen { tr {
                        th scope="col" { "時間" } th scope="col" { "客戶" } th scope="col" { "品項" } th scope="col" { "做了什麼" } th.number scope="col" { "金額" }
                    } }
                    tbody {
                        @for one in &today.mine {
                            tr {
                                td.number.soft { (one.act.at.clock()) }
                                th scope="row" { a href={ "/orders/" (one.order.id) } { (one.order.customer) } }
                                td { (items(&one.order)) }
                                td.soft.keep { (done(one, day)) }
                                td.number { (amount_view(&one.order)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What was done with whose order, as the bar of U says it.
fn said(verb: &str) -> &'static str {
    match verb {
        "take" => "記下 ",
        "edit" => "改了 ",
        "cancel" => "取消了 ",
        "assign" => "派出了 ",
        "unassign" => "收回了 ",
        "put" => "排進 ",
        "take_off" => "拿下 ",
        "order" => "換了順序 ",
        "give" => "換了司機 ",
        "skip" => "先不送 ",
        _ => "",
    }
}

/// The last of it that I did.
fn done(one: &Mine, today: Day) -> String {
    let reason = || one.act.change()["reason"].as_str().unwrap_or_default().to_owned();
    match one.act.verb.as_str() {
        "take" if one.order.origin == Origin::WalkIn => "自取".to_owned(),
        "take" => format!("{} {}", on_day(one.order.scheduled_on, today), one.order.window),
        "edit" => format!("改：{} {}", on_day(one.order.scheduled_on, today), one.order.window),
        "cancel" => {
            let reason = one.act.change()["after"]["cancel_reason"].as_str().and_then(CancelReason::from_word);
            format!("取消：{}", reason.map(CancelReason::label).unwrap_or_default())
        }
        "assign" => format!("派給{}", reason()),
        "unassign" => "收回未派".to_owned(),
        "confirm" => "確認".to_owned(),
        "start" => "出發".to_owned(),
        "deliver" if one.order.origin == Origin::WalkIn => "自取".to_owned(),
        "deliver" => "送達".to_owned(),
        "fail" => "沒送成".to_owned(),
        _ => match one.act.change()["undone"].as_str() {
            Some("take") => "復原：不要了".to_owned(),
            Some("cancel") => "復原：照樣另開了".to_owned(),
            _ => "復原".to_owned(),
        },
    }
}

// The records of part 1.

fn records_view(req: &Request, records: &Records, backup: &HomeLine, now: Stamp) -> Markup {
    let month = &records.report;
    html! {
        div.panel {
            dl.facts {
                dt { "配送" }
                dd {
                    @match records.last {
                        Some(last) => { "到 " a href={ "/deliveries?date=" (last) } { (last.long()) } }
                        None => { "還沒有紀錄" }
                    }
                }
                @if 0 < month.totals.deliveries {
                    dt { (month.month.month()) " 月配送" }
                    dd { a href={ "/reports/month?month=" (month.month) } { (ui::count(month.totals.deliveries)) " 次" } }
                }
                dt { "往來的客戶" }
                dd { a href="/customers?active=active" { (ui::count(records.customers)) " 位" } }
                dt { "上次匯入" }
                dd {
                    @match &records.last_import {
                        Some((at, name)) => { (at.beside(now)) @if let Some(name) = name { "　" (name) } }
                        None => { "還沒匯入過" }
                    }
                    @if req.may(MANAGERS) { "　" a href="/imports" { "匯入" } }
                }
                (home_view(backup, req.may(&[Role::Admin]), now))
            }
        }
    }
}
