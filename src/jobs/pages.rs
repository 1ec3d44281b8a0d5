use maud::{Markup, html};

use crate::app::App;
use crate::db::{SlowQuery, slow_queries};
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::jobs::{self, JOBS, Job, Outcome, RowCounts, Run, store};
use crate::ui::{self, Page, Room, csrf_field};
use crate::values::Stamp;

/// Slow queries the page shows.
const SLOW_SHOWN: usize = 10;

/// `GET /data` is the room of the file: bringing in, taking out, what the program does by itself, how it fares.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let (runs, counts) = app.db.read(|conn| {
        let runs = JOBS.iter().map(|job| store::runs_of(conn, job.name, 1)).collect::<Result<Vec<_>>>()?;
        Ok((runs, store::row_counts(conn)?))
    })?;

    let slow = slow_queries();
    Ok(Page::new(app, req, "資料").room(Room::Data).show(html! {
        div.head { div {
            h1 { "資料" }
            p { "匯入、匯出，和程式自己做的事。" }
        } }
        div.columns.side {
            div.stack {
                (doors_view())
                section.stack aria-labelledby="h-jobs" {
                    h2 #h-jobs { "程式自己做的事" }
                    (jobs_view(req, &runs))
                }
                @if !slow.is_empty() { (slow_view(&slow, req.at)) }
            }
            aside aria-label="資料檔" { (file_view(app, &counts)) }
        }
    }))
}

/// `POST /jobs/{name}/run` runs a job now and says what came of it.
pub fn run(app: &App, req: &Request) -> Result<Response> {
    let name: String = req.param("name")?;
    let job = jobs::find(&name).ok_or_else(|| Error::not_found(jobs::NOUN, &name))?;

    let run = jobs::run(app, job, req.by())?;

    let say = match run.outcome {
        Some(Outcome::Done) => format!("{}：做完了。{}", job.label, counts_line(&run)),
        _ => format!("{}：沒做成。{}", job.label, said(&run)),
    };
    Ok(Response::see_other("/data").with_notice(&say))
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
            }
        }
    }
}

fn jobs_view(req: &Request, runs: &[Vec<Run>]) -> Markup {
    html! {
        div.scroll {
            table.list.folds {
                caption.unseen { "程式自己做的事和上次的結果" }
                thead { tr {
                    th scope="col" { "工作" }
                    th scope="col" { "上次" }
                    th scope="col" { "結果" }
                    th scope="col" { span.unseen { "動作" } }
                } }
                tbody {
                    @for (job, runs) in JOBS.iter().zip(runs) { (job_view(req, job, runs.first())) }
                }
            }
        }
    }
}

fn job_view(req: &Request, job: &Job, last: Option<&Run>) -> Markup {
    html! {
        tr {
            th scope="row" { (job.label) small.soft { (job.about) } }
            td.keep {
                @match last { Some(run) => { (run.started_at.beside(req.at)) } None => { (ui::none()) } }
            }
            td {
                @match last.map(|run| (run, run.outcome)) {
                    Some((run, Some(Outcome::Done))) => { span.badge.delivered { (Outcome::Done.label()) } small.keep { (counts_line(run)) } }
                    Some((run, Some(Outcome::Failed))) => { span.badge.failed { (Outcome::Failed.label()) } small { (said(run)) } }
                    Some((_, None)) => { span.badge.in_delivery { "執行中" } }
                    None => { span.soft { "還沒做過" } }
                }
            }
            td.number {
                form method="post" action={ "/jobs/" (job.name) "/run" } {
                    (csrf_field(req))
                    button { "現在執行" span.unseen { "：" (job.label) } }
                }
            }
        }
    }
}

/// Why a run failed, for people.
fn said(run: &Run) -> &str {
    run.counts.get("say").and_then(|say| say.as_str()).unwrap_or("請再試一次。")
}

/// What a run counted, in words.
pub fn counts_line(run: &Run) -> String {
    // What a job is for is told even when there was none; the rest only when there was any.
    let parts = [
        ("moved", "收進", "筆", 0),
        ("removed", "清掉", "筆", 0),
        ("made", "開了", "張", 0),
        ("failed", "沒開成", "張", 1),
        ("passed_over", "跳過", "次", 1),
        ("ended", "到期", "個", 1),
        ("stopped", "客戶停了", "個", 1),
    ];
    let said: Vec<_> = parts
        .into_iter()
        .filter_map(|(key, verb, unit, least)| Some((verb, run.counts.get(key)?.as_i64().filter(|count| least <= *count)?, unit)))
        .map(|(verb, count, unit)| format!("{verb} {} {unit}", ui::count(count)))
        .collect();
    said.join("，")
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
                dt { "大小" } dd { (megabytes(app.db.file_bytes())) " MB" }
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

/// `48.2`.
fn megabytes(bytes: u64) -> String {
    let tenths = (bytes + 50_000) / 100_000;
    format!("{}.{}", ui::count(tenths as i64 / 10), tenths % 10)
}
