//! 今日: the figures of the day, what needs somebody, and nothing else.

use maud::{Markup, html};

use crate::app::App;
use crate::db::slow_queries;
use crate::error::Result;
use crate::http::{Request, Response};
use crate::jobs::{self, JOBS, Outcome};
use crate::reports::{MonthReport, pages, store};
use crate::ui::{self, Page, Room};
use crate::users::Role;
use crate::values::{Day, Stamp};

/// What the office's page is drawn from.
struct Today {
    /// The last month there are records of.
    report: MonthReport,
    today: Option<i64>,
    yesterday: Option<i64>,
    last: Option<Day>,
    customers: i64,
    last_import: Option<(Stamp, Option<String>)>,
    failed_jobs: Vec<(&'static str, Stamp)>,
}

/// `GET /` is where the day begins.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    if req.session()?.role == Role::Driver {
        return Ok(Page::new(app, req, "今日").room(Room::Today).show(driver_view(req.at)));
    }

    let today = app.db.read(|conn| {
        let day = req.at.day();
        let last = store::last_day(conn)?;
        let days = store::days(conn, day.plus(-1), day)?;
        // After the last day there are records of nothing is known, and that is not 0.
        let count = |on: Day| {
            let found = days.iter().find(|day| day.on == on).map(|day| day.totals.deliveries);
            found.or(last.filter(|last| on < *last).map(|_| 0))
        };
        let mut failed_jobs = Vec::new();
        for job in JOBS {
            let runs = jobs::store::runs_of(conn, job.name, 1)?;
            failed_jobs.extend(runs.first().filter(|run| run.outcome == Some(Outcome::Failed)).map(|run| (job.label, run.started_at)));
        }
        Ok(Today {
            report: pages::report_of(conn, last.unwrap_or(day).month(), day)?,
            today: count(day),
            yesterday: count(day.plus(-1)),
            last,
            customers: store::active_customers(conn)?,
            last_import: store::last_import(conn)?,
            failed_jobs,
        })
    })?;

    Ok(Page::new(app, req, "今日").room(Room::Today).show(office_view(req, &today)))
}

fn head_view(now: Stamp) -> Markup {
    let half = if now.hour() < 12 { "上午" } else { "下午" };
    html! {
        div.head { div {
            h1 { (now.day().short()) "　" (half) " " (now.clock()) }
            p { (now.day().roc_long()) }
        } }
    }
}

fn driver_view(now: Stamp) -> Markup {
    html! {
        (head_view(now))
        (ui::empty("這裡還看不到路線", "今天的路線以後會在這裡。現在請照平常的方式，向辦公室拿單。"))
    }
}

fn office_view(req: &Request, today: &Today) -> Markup {
    let is_manager = req.may(&[Role::Admin, Role::Manager]);
    html! {
        (head_view(req.at))
        @if today.customers == 0 && today.last.is_none() {
            (empty_view(is_manager))
        } @else {
            (tiles_view(req.at.day(), today))
            div.columns.half {
                section.stack aria-labelledby="h-todo" {
                    h2 #h-todo { "要有人處理" }
                    (todo_view(req.at, today, is_manager))
                }
                section.stack aria-labelledby="h-records" {
                    h2 #h-records { "紀錄到哪裡" }
                    (records_view(req.at, today, is_manager))
                }
            }
        }
    }
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

fn tiles_view(day: Day, today: &Today) -> Markup {
    let beside = |label: &str, on: Day, count: Option<i64>| {
        html! {
            a.tile href={ "/deliveries?date=" (on) } {
                span { (label) }
                @match count { Some(count) => { b { (ui::count(count)) " " small { "次" } } } None => { b.none { "—" } } }
                small.soft { @match count { Some(_) => { (on.short()) } None => { "還沒有紀錄" } } }
            }
        }
    };
    let month = &today.report;
    html! {
        nav.tiles aria-label="今日數字" {
            (beside("今天配送", day, today.today))
            (beside("昨天配送", day.plus(-1), today.yesterday))
            a.tile href={ "/reports/month?month=" (month.month) } {
                @if month.month == day.month() { span { "這個月配送" } } @else { span { (month.month.year()) " 年 " (month.month.month()) " 月配送" } }
                @if 0 < month.totals.deliveries { b { (ui::count(month.totals.deliveries)) " " small { "次" } } } @else { b.none { "—" } }
                small.soft {
                    @match month.previous {
                        Some(other) => { (if month.is_whole() { "上個月 " } else { "上個月同樣幾天 " }) (ui::count(other.deliveries)) }
                        None => { "上個月沒有紀錄" }
                    }
                }
            }
            a.tile href="/customers" {
                span { "往來的客戶" } b { (ui::count(today.customers)) " " small { "位" } }
                small.soft { "沒有停用、沒有解約" }
            }
        }
    }
}

fn todo_view(now: Stamp, today: &Today, is_manager: bool) -> Markup {
    const DAY_MS: i64 = 24 * 3_600_000;
    let slow = slow_queries().iter().filter(|query| now.plus_ms(-DAY_MS) < query.at).count();
    let failed = today.failed_jobs.iter().filter(|_| is_manager);
    let is_calm = !is_manager || (today.failed_jobs.is_empty() && slow == 0);
    html! {
        @if is_calm {
            p.good { span { "現在沒有要處理的事。" } }
        } @else {
            div.scroll {
                table.list.folds {
                    caption.unseen { "要有人處理的事" }
                    thead.unseen { tr { th scope="col" { "種類" } th scope="col" { "事情" } th scope="col" { "動作" } } }
                    tbody {
                        @for (label, at) in failed {
                            tr {
                                td { span.badge.failed { "沒做成" } }
                                th scope="row" { (label) small { (at.beside(now)) "，可以再執行一次。" } }
                                td.number { a.button href="/data" { "看" } }
                            }
                        }
                        @if 0 < slow {
                            tr {
                                td { span.badge.late { "慢" } }
                                th scope="row" { "一天內有 " (slow) " 次查詢超過 0.1 秒" small { "偶爾一次沒關係；常常有，請找維護的人。" } }
                                td.number { a.button href="/data" { "看" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn records_view(now: Stamp, today: &Today, is_manager: bool) -> Markup {
    html! {
        div.panel {
            dl.facts {
                dt { "配送" }
                dd {
                    @match today.last {
                        Some(last) => { "到 " a href={ "/deliveries?date=" (last) } { (last.long()) } }
                        None => { "還沒有紀錄" }
                    }
                }
                dt { "上次匯入" }
                dd {
                    @match &today.last_import {
                        Some((at, name)) => { (at.beside(now)) @if let Some(name) = name { "　" (name) } }
                        None => { "還沒匯入過" }
                    }
                    @if is_manager { "　" a href="/imports" { "匯入" } }
                }
            }
        }
        p.soft.small { kbd { "/" } " 找客戶　" kbd { "Alt" } " ＋ " kbd { "7" } " 月報　" kbd { "?" } " 看所有按鍵" }
    }
}
