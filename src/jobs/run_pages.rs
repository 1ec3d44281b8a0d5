use std::time::Duration;

use maud::{Markup, html};
use rusqlite::Connection;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::jobs::{self, Answer, JOBS, Job, Outcome, Run, store, words};
use crate::settings::Settings;
use crate::ui::{self, Page, Room, csrf_field};
use crate::values::Stamp;

/// Runs the page of one job shows.
const RUNS_SHOWN: i64 = 50;
/// How long somebody who presses 現在執行 waits for the result; what takes longer is read on the page.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often a page looks again while something runs.
const LOOK_AGAIN_S: u32 = 3;

/// A job as the page lists it.
struct Row {
    job: &'static Job,
    last: Option<Run>,
    next: Option<Stamp>,
    is_waiting: bool,
}

impl Row {
    fn load(app: &App, conn: &Connection, job: &'static Job, settings: &Settings, now: Stamp) -> Result<Row> {
        let last = store::runs_of(conn, job.name, 1)?.into_iter().next();
        let next = jobs::next_due(job, settings, jobs::last_that_counts(conn, job)?, now);
        Ok(Row { job, last, next, is_waiting: app.desk.is_waiting(job.name) })
    }

    fn is_at_work(&self) -> bool {
        self.is_waiting || self.last.as_ref().is_some_and(|run| run.outcome.is_none())
    }
}

/// `GET /data/jobs` is what the program does by itself: when it does it next, and what came of it.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let settings = app.settings();

    let rows: Vec<Row> = app.db.read(|conn| JOBS.iter().map(|job| Row::load(app, conn, job, &settings, req.at)).collect::<Result<_>>())?;

    let failed = rows.iter().filter(|row| row.last.as_ref().is_some_and(|run| run.outcome == Some(Outcome::Failed))).count();
    let page = Page::new(app, req, "程式自己做的事").room(Room::Data);
    let page = if rows.iter().any(Row::is_at_work) { page.refresh(LOOK_AGAIN_S) } else { page };
    Ok(page.show(html! {
        div.head {
            div {
                h1 { "程式自己做的事" }
                p { @if failed == 0 { "關機時錯過的，開機後會補。" } @else { "有 " (failed) " 件沒做成，按它的名字看原因。" } }
            }
            div.acts { a.button href="/data" data-key="Escape" { "回資料 " kbd { "Esc" } } }
        }
        (list_view(req, &rows))
    }))
}

/// `GET /data/jobs/{name}` is one job, with its runs.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let job = asked_for(req)?;
    let settings = app.settings();

    let (row, runs) =
        app.db.read(|conn| Ok((Row::load(app, conn, job, &settings, req.at)?, store::history_of(conn, job.name, RUNS_SHOWN)?)))?;

    let page = Page::new(app, req, job.label).room(Room::Data);
    let page = if row.is_at_work() { page.refresh(LOOK_AGAIN_S) } else { page };
    Ok(page.show(html! {
        div.head {
            div { h1 { (job.label) } p { (job.about) "　下次：" (next_line(&row, req.at)) } }
            div.acts {
                form method="post" action={ "/jobs/" (job.name) "/run" } {
                    (csrf_field(req))
                    button.primary data-key="r" disabled[row.is_at_work()] { "現在執行 " kbd { "R" } }
                }
                a.button href="/data/jobs" data-key="Escape" { "回列表 " kbd { "Esc" } }
            }
        }
        @if runs.is_empty() { (ui::empty("還沒做過", "到時候會自己做；按 R 現在做一次。")) } @else { (runs_view(&runs, &row, req.at)) }
    }))
}

/// `POST /jobs/{name}/run` runs a job now and says what came of it; a long one goes on while the page shows it.
pub fn run(app: &App, req: &Request) -> Result<Response> {
    let job = asked_for(req)?;

    let answer = app.desk.ask(app, job, req.by(), PATIENCE)?;

    let say = match answer {
        Answer::Done(run) if run.outcome == Some(Outcome::Done) => format!("{}：做完了。{}", job.label, words::counts_line(&run)),
        Answer::Done(run) => format!("{}：沒做成。{}", job.label, words::why(&run)),
        Answer::Later => format!("{}：還在做，做完這裡會寫。", job.label),
    };
    Ok(Response::see_other("/data/jobs").with_notice(&say))
}

fn asked_for(req: &Request) -> Result<&'static Job> {
    let name: String = req.param("name")?;
    jobs::find(&name).ok_or_else(|| Error::no_such(jobs::NOUN, &name))
}

fn list_view(req: &Request, rows: &[Row]) -> Markup {
    html! {
        div.scroll {
            table.list.folds data-rows="" {
                caption.unseen { "程式自己做的事、下次和上次的結果" }
                thead { tr {
                    th.key scope="col" { span.unseen { "鍵" } }
                    th scope="col" { "工作" }
                    th scope="col" { "下次" }
                    th scope="col" { "上次" }
                    th scope="col" { "結果" }
                    th scope="col" { span.unseen { "動作" } }
                } }
                tbody { @for (at, row) in (1..).zip(rows) { (row_view(req, at, row)) } }
            }
        }
    }
}

fn row_view(req: &Request, at: usize, row: &Row) -> Markup {
    let job = row.job;
    html! {
        tr {
            td.key { @if at <= 9 { kbd { (at) } } }
            th scope="row" {
                a href={ "/data/jobs/" (job.name) } data-row=[(at <= 9).then_some(at)] { (job.label) }
                small.soft { (job.about) }
            }
            td.keep data-label="下次" { (next_line(row, req.at)) }
            td.keep data-label="上次" {
                @match &row.last {
                    Some(run) => { (run.started_at.beside(req.at)) @if let Some(took) = words::took(run) { small.soft { (took) } } }
                    None => { (ui::none()) }
                }
            }
            td { (outcome_view(row.last.as_ref(), row.is_waiting, req.at)) }
            td.number {
                form method="post" action={ "/jobs/" (job.name) "/run" } {
                    (csrf_field(req))
                    button disabled[row.is_at_work()] { "現在執行" span.unseen { "：" (job.label) } }
                }
            }
        }
    }
}

/// When it runs next, as people say it.
fn next_line(row: &Row, now: Stamp) -> String {
    match row.next {
        _ if row.is_at_work() => "做完再算".to_owned(),
        Some(at) if at <= now => "馬上".to_owned(),
        Some(at) => at.beside(now),
        None => "有人按才做".to_owned(),
    }
}

fn outcome_view(last: Option<&Run>, is_waiting: bool, now: Stamp) -> Markup {
    html! {
        @match last.map(|run| (run, run.outcome)) {
            _ if is_waiting => { span.badge.in_delivery { "排著" } small { "等前面的做完。" } }
            Some((run, Some(outcome))) => {
                span.badge.(if outcome == Outcome::Done { "delivered" } else { "failed" }) { (outcome.label()) }
                small { (words::result(run)) }
            }
            Some((run, None)) => { span.badge.in_delivery { "執行中" } small { (run.started_at.beside(now)) " 開始" } }
            None => { span.soft { "還沒做過" } }
        }
    }
}

fn runs_view(runs: &[(Run, Option<String>)], row: &Row, now: Stamp) -> Markup {
    html! {
        div.scroll {
            table.list.folds {
                caption.unseen { @if RUNS_SHOWN == runs.len() as i64 { "最近 " (RUNS_SHOWN) " 次" } @else { "最近三個月" } "，最近的在上面" }
                thead { tr {
                    th scope="col" { "開始" }
                    th scope="col" { "花了" }
                    th scope="col" { "結果" }
                    th scope="col" { "誰按的" }
                } }
                tbody {
                    @for (run, pressed_by) in runs {
                        tr {
                            th.keep scope="row" { (run.started_at.beside(now)) }
                            td.keep data-label="花了" { @match words::took(run) { Some(took) => (took), None => (ui::none()) } }
                            td { (outcome_view(Some(run), false, now)) }
                            td data-label="誰按的" { @match pressed_by { Some(name) => (name), None => span.soft { "自己做的" } } }
                        }
                    }
                }
            }
        }
        @if row.is_waiting { p.tell { span { "排著，等前面的做完。" } } }
    }
}
