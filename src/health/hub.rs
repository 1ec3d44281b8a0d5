//! Room 8, 資料: bringing in and taking out, the copies, what the program does by itself, who changed what.

use maud::{Markup, html};

use crate::app::App;
use crate::error::Result;
use crate::http::{Request, Response};
use crate::jobs::{RowCounts, store};
use crate::ui::{self, Page, Room};
use crate::users::Role;
use crate::visits;

/// `GET /data` leads to all that is about the file and not about the day.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let counts = app.db.read(store::row_counts)?;

    let is_admin = req.may(&[Role::Admin]);
    Ok(Page::new(app, req, "資料").room(Room::Data).show(html! {
        div.head { div {
            h1 { "資料" }
            p { @if is_admin { "匯入、匯出、備份，和程式自己的事。" } @else { "匯入、匯出，和程式自己做的事。" } }
        } }
        div.columns.side {
            div.stack {
                section.panel aria-labelledby="h-files" {
                    h2 #h-files { "檔案" }
                    dl.facts {
                        (door("匯入", "/imports", "i", "客戶名單、歷史紀錄、舊程式的資料檔", "先看會變什麼，確認了才寫。"))
                        (door("匯出", "/data/export/customers.csv", "c", "全部客戶（CSV）", ""))
                        (door("", "/data/export/deliveries.csv", "d", "全部配送（CSV）", "試算表可以直接打開。"))
                    }
                }
                section.panel aria-labelledby="h-program" {
                    h2 #h-program { "程式" }
                    dl.facts {
                        @if is_admin {
                            (door("備份", "/backups", "k", "備份與還原", "每小時一份，夜裡真的還原一次。"))
                            (door("健康", "/data/health", "h", "好不好、快不快、還剩多少", "打電話求救時先看這一頁。"))
                        }
                        @if is_admin {
                            (door("異動紀錄", "/audit", "a", "誰在什麼時候改了什麼", "改之前和改之後並排著看。"))
                        }
                        (door("工作", "/data/jobs", "j", "程式自己做的事", "夜裡和每小時做什麼、上次的結果。"))
                    }
                }
            }
            aside.stack aria-label="資料檔" {
                (file_view(app, &counts))
                @if app.visit.is_none() { (visits::views::panel(app, req)) }
            }
        }
    }))
}

/// One way out of the room, with its key.
fn door(label: &str, url: &str, key: &str, what: &str, about: &str) -> Markup {
    html! {
        @if !label.is_empty() { dt { (label) } }
        dd {
            a href=(url) data-key=(key) { (what) " " kbd { (key.to_uppercase()) } }
            @if !about.is_empty() { small { (about) } }
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
