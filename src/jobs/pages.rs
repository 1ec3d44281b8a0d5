use maud::{Markup, html};

use crate::app::App;
use crate::db::{SlowQuery, slow_queries};
use crate::error::Result;
use crate::http::{Request, Response};
use crate::jobs::{RowCounts, store};
use crate::ui::{self, Page, Room};
use crate::values::Stamp;

/// Slow queries the page shows.
const SLOW_SHOWN: usize = 10;

/// `GET /data` is the room of the file: bringing in, taking out, what the program does by itself, how it fares.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let counts = app.db.read(store::row_counts)?;

    let slow = slow_queries();
    Ok(Page::new(app, req, "資料").room(Room::Data).show(html! {
        div.head { div {
            h1 { "資料" }
            p { "匯入、匯出，和程式自己做的事。" }
        } }
        div.columns.side {
            div.stack {
                (doors_view())
                @if !slow.is_empty() { (slow_view(&slow, req.at)) }
            }
            aside aria-label="資料檔" { (file_view(app, &counts)) }
        }
    }))
}

fn doors_view() -> Markup {
    html! {
        section.panel aria-labelledby="h-files" {
            h2 #h-files { "檔案" }
            dl.facts {
                dt { "匯入" }
                dd { a href="/imports" { "客戶名單、歷史紀錄、舊程式的資料檔" } small { "先看會變什麼，確認了才寫。" } }
                dt { "匯出" }
                dd { a href="/data/export/customers.csv" { "全部客戶（CSV）" } }
                dd { a href="/data/export/deliveries.csv" { "全部配送（CSV）" } small { "試算表可以直接打開。" } }
                dt { "工作" }
                dd { a href="/data/jobs" data-key="j" { "程式自己做的事 " kbd { "J" } } small { "夜裡和每小時做什麼、上次的結果。" } }
            }
        }
    }
}

fn slow_view(slow: &[SlowQuery], now: Stamp) -> Markup {
    html! {
        section.stack aria-labelledby="h-slow" {
            h2 #h-slow { "慢的查詢" }
            div.scroll tabindex="0" role="group" aria-label="慢的查詢，可左右捲" {
                table.list.tight {
                    caption { "啟動以來超過 0.1 秒的 " (slow.len()) " 次，最近的在上面" }
                    thead { tr { th scope="col" { "時間" } th scope="col" { "查詢" } th.number scope="col" { "毫秒" } } }
                    tbody {
                        @for query in slow.iter().take(SLOW_SHOWN) {
                            tr {
                                td.keep { (query.at.beside(now)) }
                                td { (query.name) }
                                td.number { (ui::count(query.took_ms as i64)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn file_view(app: &App, counts: &RowCounts) -> Markup {
    html! {
        section.panel {
            h2 { "資料檔" }
            dl.facts {
                dt { "大小" } dd { (ui::megabytes(app.db.file_bytes())) }
                dt { "客戶" } dd { (ui::count(counts.customers)) " 位" }
                dt { "配送" } dd {
                    (ui::count(counts.deliveries_recent + counts.deliveries_closed)) " 筆"
                    small { "近六個月 " (ui::count(counts.deliveries_recent)) "，歷史 " (ui::count(counts.deliveries_closed)) }
                }
                dt { "匯入" } dd { (ui::count(counts.imports)) " 次" }
                dt { "異動紀錄" } dd { (ui::count(counts.journal)) " 筆" }
                dt { "版本" } dd { (env!("CARGO_PKG_VERSION")) }
                dt { "資料夾" } dd { (app.folder.display()) }
            }
        }
    }
}
