//! How the health page looks: six sentences, the code, then what helps whoever listens.

use maud::{Markup, html};

use crate::db::SlowQuery;
use crate::health::chart;
use crate::health::hours::{self, Hour};
use crate::health::pages::{Fares, Sizes};
use crate::health::six;
use crate::logs::Trouble;
use crate::ui;
use crate::values::Stamp;

/// Rows of a list on the page; the support file has all of them.
const SHOWN: usize = 10;
const TABLES_SHOWN: usize = 12;
const HOURS_LISTED: usize = 24;

pub fn page(fares: &Fares, slow: &[SlowQuery], troubles: &[Trouble]) -> Markup {
    html! {
        div.head {
            div { h1 { "健康" } p { "打電話求救時，把下面六句從上往下念，再念代碼。" } }
            div.acts { a.button href="/data" data-key="Escape" { "回資料 " kbd { "Esc" } } }
        }
        div.columns.side {
            div.stack {
                section { h2.unseen { "六句話" } (six::view(&fares.sentences)) }
                (hours_view(fares))
                (slow_view(slow, fares.now))
                (troubles_view(troubles, fares.now))
            }
            aside.stack aria-label="摘要" {
                section.panel {
                    h2 { "報修代碼" }
                    p.say-code { (six::code(&fares.sentences)) }
                    p.soft { "念給對方聽就好，裡面沒有客戶資料。" }
                    p { a href="/data/support" data-key="s" { "存診斷檔 " kbd { "S" } } }
                    p.soft.small { "一個文字檔，寄給幫忙的人。沒有名字、電話、地址。" }
                }
                (pc_view(fares))
                (sizes_view(&fares.sizes, fares))
                (phones_view(fares))
            }
        }
    }
}

fn pc_view(fares: &Fares) -> Markup {
    let (hits, misses) = fares.cache;
    html! {
        section.panel #h-clock {
            h2 { "這台電腦" }
            dl.facts {
                dt { "版本" } dd { (env!("CARGO_PKG_VERSION")) }
                dt { "已開著" } dd { (span(fares.uptime_s)) }
                dt { "現在" } dd { (fares.now.day().long()) " " (fares.now.clock()) }
                dt { "上線" } dd { (fares.people) " 人" small { (fares.streams) " 頁開著，連線 " (fares.connections) " 條" } }
                dt { "最近備份" } dd { @match fares.backup_at { Some(at) => a href="/backups" { (at.beside(fares.now)) }, None => (ui::none()) } }
                dt { "登入中" } dd { "電腦 " (fares.sessions.0) "、手機 " (fares.sessions.1) }
                @if 0 < hits + misses { dt { "不用重算" } dd { (hits * 100 / (hits + misses)) "%" small { (ui::count((hits + misses) as i64)) " 次裡" } } }
            }
        }
    }
}

fn sizes_view(sizes: &Sizes, fares: &Fares) -> Markup {
    html! {
        section.panel #h-sizes {
            h2 { "大小" }
            dl.facts {
                @if let Some(room) = fares.disk { dt { "硬碟" } dd { "剩 " (ui::megabytes(room.free)) small { "全部 " (ui::megabytes(room.total)) } } }
                dt { "資料檔" } dd { (ui::megabytes(sizes.db)) @if 0 < sizes.wal { small { "還沒併進去 " (ui::megabytes(sizes.wal)) } } }
                dt { "照片" } dd { (ui::megabytes(sizes.photos)) }
                dt { "備份" } dd { (ui::megabytes(sizes.backups)) }
                dt { "紀錄檔" } dd { (ui::megabytes(sizes.logs)) }
            }
            details {
                summary { "每張表的筆數" }
                dl.facts {
                    @for (table, rows) in fares.rows.iter().take(TABLES_SHOWN) { dt { (table) } dd.number { (ui::count(*rows)) } }
                }
            }
        }
    }
}

fn phones_view(fares: &Fares) -> Markup {
    html! {
        section.panel {
            h2 { "手機" }
            @if fares.phones.is_empty() { p.soft { "沒有手機登入。" } } @else {
                dl.facts {
                    @for (name, last) in &fares.phones {
                        dt { (name) }
                        dd { @match last { Some(at) if fares.now.minutes_since(*at) < 1 => "現在", Some(at) => (at.beside(fares.now)), None => (ui::none()) } }
                    }
                }
            }
        }
    }
}

fn hours_view(fares: &Fares) -> Markup {
    let hours = &fares.hours;
    html! {
        section.panel aria-labelledby="h-hours" {
            h2 #h-hours { "每小時有多快" }
            @if hours.is_empty() { p.soft { "開滿一小時才有數字。" } } @else {
                p.soft { "一百次裡最慢的五次以外，都在這麼多毫秒內。最近七天。" }
                div.chart tabindex="0" role="group" aria-label="每小時快慢圖，可左右捲" { (chart::bars(hours, fares.now)) }
                details {
                    summary { "每小時的數字" }
                    div.scroll tabindex="0" role="group" aria-label="每小時的數字，可左右捲" {
                        table.list.tight {
                            caption { "最近 " (hours.len().min(HOURS_LISTED)) " 個小時；毫秒" }
                            thead { tr {
                                th scope="col" { "時間" }
                                @for label in ["次", "一半", "95%", "99%", "慢", "錯", "存", "人"] { th.number scope="col" { (label) } }
                                th.number scope="col" { "資料檔" }
                            } }
                            tbody { @for hour in hours.iter().rev().take(HOURS_LISTED) { (hour_view(hour, fares.now)) } }
                        }
                    }
                }
            }
        }
    }
}

fn hour_view(hour: &Hour, now: Stamp) -> Markup {
    let figures = &hour.figures;
    html! {
        tr {
            th.keep scope="row" { (hours::began(hour.hour).beside(now)) }
            td.number { (ui::count(figures.requests() as i64)) }
            @for share in [0.5, 0.95, 0.99] {
                td.number { @match figures.within_us(share) { Some(us) => (milliseconds(us)), None => (ui::none()) } }
            }
            @for count in [figures.slow, figures.failures, figures.writes, figures.people] { td.number { (ui::count(count as i64)) } }
            td.number.keep { (ui::megabytes(figures.db_bytes)) }
        }
    }
}

fn slow_view(slow: &[SlowQuery], now: Stamp) -> Markup {
    html! {
        section.stack aria-labelledby="h-slow" {
            h2 #h-slow { "慢的查詢" }
            @if slow.is_empty() { p.good { span { "啟動以來沒有超過 0.1 秒的。" } } } @else {
                div.scroll tabindex="0" role="group" aria-label="慢的查詢，可左右捲" {
                    table.list.tight {
                        caption { "啟動以來超過 0.1 秒的，最近的在上面" }
                        thead { tr { th scope="col" { "時間" } th scope="col" { "查詢" } th.number scope="col" { "毫秒" } } }
                        tbody {
                            @for query in slow.iter().take(SHOWN) {
                                tr { td.keep { (query.at.beside(now)) } td { (query.name) } td.number { (ui::count(query.took_ms as i64)) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn troubles_view(troubles: &[Trouble], now: Stamp) -> Markup {
    // Slow statements have a list of their own.
    let troubles: Vec<&Trouble> = troubles.iter().filter(|trouble| !trouble.text.starts_with("slow query")).take(SHOWN).collect();
    html! {
        section.stack aria-labelledby="h-troubles" {
            h2 #h-troubles { "最近出的錯" }
            @if troubles.is_empty() { p.good { span { "啟動以來沒有。" } } } @else {
                div.scroll tabindex="0" role="group" aria-label="最近出的錯，可左右捲" {
                    table.list.tight {
                        caption { "程式自己的話，念給幫忙的人聽；最近的在上面" }
                        thead { tr { th scope="col" { "時間" } th scope="col" { "內容" } } }
                        tbody {
                            @for trouble in troubles {
                                tr { td.keep { (trouble.at.beside(now)) } td lang="en" { (trouble.text) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// `12 天`, `3 小時`, `4 分鐘`.
fn span(seconds: u64) -> String {
    match seconds / 60 {
        minutes @ 2_880.. => format!("{} 天", minutes / 1_440),
        minutes @ 120.. => format!("{} 小時", minutes / 60),
        minutes => format!("{minutes} 分鐘"),
    }
}

/// `0.9` below ten milliseconds, then `12`.
pub fn milliseconds(us: u64) -> String {
    if us < 10_000 { format!("{}.{}", us / 1_000, us % 1_000 / 100) } else { ui::count((us / 1_000) as i64) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_said_short() {
        assert_eq!(
            (ui::megabytes(48_170_000), ui::megabytes(0), ui::megabytes(195_421_000_000)),
            ("48.2 MB".into(), "0.0 MB".into(), "195.4 GB".into())
        );
        assert_eq!((milliseconds(940), milliseconds(12_400)), ("0.9".to_owned(), "12".to_owned()));
        assert_eq!((span(59), span(7_200), span(12 * 86_400)), ("0 分鐘".to_owned(), "2 小時".to_owned(), "12 天".to_owned()));
    }
}
