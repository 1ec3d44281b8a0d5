use maud::{Markup, html};

use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::imports::pending::State;
use crate::imports::report::{FileReport, Report, kind_label};
use crate::imports::store::{self, Import, Line};
use crate::imports::{Action, Kind, apply, take_back};
use crate::ui::{self, Page, Room, csrf_field};
use crate::values::{Day, ImportId, Stamp, text};

/// `GET /imports` lists what was brought in and takes new files.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    show_list(app, req, &[])
}

fn show_list(app: &App, req: &Request, problems: &[Problem]) -> Result<Response> {
    let all = app.db.read(store::list)?;

    Ok(Page::new(app, req, "匯入").room(Room::Data).show(html! {
        div.head { div { h1 { "匯入" } p { "把店裡的檔案帶進來。先看一遍，確認了才寫入。" } } }
        (steps_view(0))
        @if !matches!(app.pending.look(), State::Nothing | State::Done(_)) {
            p.notice { span { "有一次匯入還沒結束。" } " " a href="/imports/pending" { "去看看" } }
        }
        (upload_view(req, problems))
        h2 { "以前的匯入" }
        (list_view(&all, req.at))
    }))
}

/// `POST /imports` takes files and begins to read them.
pub fn upload(app: &App, req: &Request) -> Result<Response> {
    if req.uploads.is_empty() {
        let problem = Problem { field: "files".into(), say: "請選擇要匯入的檔案。".into() };
        return Ok(show_list(app, req, &[problem])?.status(422));
    }

    app.pending.start(app, &req.uploads, req.by())?;

    Ok(Response::see_other("/imports/pending"))
}

/// `GET /imports/pending` shows how far it is, then what would be written, then how far the writing is.
pub fn pending(app: &App, req: &Request) -> Result<Response> {
    let page = Page::new(app, req, "匯入").room(Room::Data);
    Ok(match app.pending.look() {
        State::Nothing => return Ok(Response::see_other("/imports")),
        State::Done(id) => return Ok(Response::see_other(format!("/imports/{id}")).with_notice("匯入完成。")),
        State::Reading { file, rows, files } => page.refresh(1).show(html! {
            div.head { div { h1 { "匯入：讀檔案" } p { "現在什麼都還沒寫入。" } } }
            (steps_view(0))
            p role="status" { "正在讀 " (files) " 個檔案" @if !file.is_empty() { "：" (file) } @if 0 < rows { "，" (ui::count(rows as i64)) " 列" } "…" }
            progress aria-label="讀檔案" {}
        }),
        State::Writing { rows, of } => page.refresh(1).show(html! {
            div.head { div { h1 { "匯入：寫入" } p { "全部成功或全部不算。別人可以照常查資料。" } } }
            (steps_view(3))
            p role="status" { "已寫 " (ui::count(rows as i64)) " 筆，共 " (ui::count(of as i64)) " 筆…" }
            progress aria-label="寫入" value=(rows) max=(of.max(1)) {}
        }),
        State::Failed { say } => page.show(html! {
            div.head { div { h1 { "匯入：沒有做成" } p { "什麼都沒有寫入。" } } }
            (ui::refuse(&say))
            form method="post" action="/imports/pending/drop" data-looks="" { (csrf_field(req)) button.primary { "換檔案" } }
        }),
        State::Ready(ready) => page.show(ready_view(req, &ready.report)),
    })
}

/// `POST /imports/pending/confirm` begins to write what was shown.
pub fn confirm(app: &App, req: &Request) -> Result<Response> {
    app.pending.confirm(app, req.by())?;

    Ok(Response::see_other("/imports/pending"))
}

/// `POST /imports/pending/drop` lets go of what was shown.
pub fn drop_pending(app: &App, _req: &Request) -> Result<Response> {
    app.pending.drop_it()?;

    Ok(Response::see_other("/imports"))
}

/// `GET /imports/pending/problems.csv` is every line of what was shown.
pub fn pending_problems(app: &App, _req: &Request) -> Result<Response> {
    let State::Ready(ready) = app.pending.look() else {
        return Err(Error::conflict("nothing to confirm", "沒有等著確認的匯入，請重新選檔案。"));
    };
    let report = &ready.report;
    let lines = report.problems.iter().map(|problem| {
        let file = report.files.get(problem.file);
        Line {
            file: file.map_or_else(String::new, |file| file.name.clone()),
            sheet: file.and_then(|file| file.sheet.clone()),
            row: problem.row.map(i64::from),
            column: problem.column.as_deref().map(str::to_owned),
            value: Some(problem.value.to_string()),
            kind: problem.kind.to_owned(),
            action: problem.action.word().to_owned(),
        }
    });
    Ok(download(lines))
}

/// `GET /imports/{id}` is what an import did.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let id: ImportId = req.param("id")?;

    let (import, lines, newest) = app.db.read(|conn| Ok((store::get(conn, id)?, store::problems(conn, id)?, store::newest(conn)?)))?;

    let can_go_back = newest == Some(id);
    Ok(Page::new(app, req, "匯入").room(Room::Data).show(html! {
        div.head { div {
            h1 { "匯入 " (id) }
            p { (import.applied_at.beside(req.at)) " " (import.user_name.as_deref().unwrap_or("命令列")) }
        } }
        @match import.taken_back_at {
            Some(at) => (ui::warn(&format!("這次匯入已在 {} 收回。", at.beside(req.at)))),
            None => (steps_view(5)),
        }
        (stored_tiles_view(&import))
        (stored_files_view(&import))
        h2 { "有問題的地方" }
        (stored_problems_view(&lines))
        @if !lines.is_empty() { p { a.button href={ "/imports/" (id) "/problems.csv" } { "下載問題清單" } } }
        @if import.taken_back_at.is_none() {
            h2 { "收回" }
            @if can_go_back {
                p { "寫錯了可以整批收回，回到匯入前的樣子。" }
                p { a.button href={ "/imports/" (id) "/take-back" } { "收回這次匯入" } }
            } @else {
                p.soft { "後面還有別的匯入，請先收回比較新的那一次。" }
            }
        }
    }))
}

/// `GET /imports/{id}/problems.csv` is every line of its report.
pub fn problems(app: &App, req: &Request) -> Result<Response> {
    let id: ImportId = req.param("id")?;

    let lines = app.db.read(|conn| {
        store::get(conn, id)?;
        store::problems(conn, id)
    })?;

    Ok(download(lines.into_iter()))
}

/// `GET /imports/{id}/take-back` asks once more.
pub fn take_back_form(app: &App, req: &Request) -> Result<Response> {
    let id: ImportId = req.param("id")?;

    let import = app.db.read(|conn| store::get(conn, id))?;

    let number = |pointer: &str| ui::count(import.report.pointer(pointer).and_then(serde_json::Value::as_i64).unwrap_or(0));
    Ok(Page::new(app, req, "收回匯入").room(Room::Data).show(html! {
        div.head { div { h1 { "收回匯入 " (id) } p { "整批一起收回，回到匯入前的樣子。" } } }
        (ui::warn(&format!("會拿掉 {} 位客戶、{} 筆配送；後來有人動過的客戶會留著。", number("/customers/created"), number("/deliveries/created"))))
        form.foot method="post" action={ "/imports/" (id) "/take-back" } {
            (csrf_field(req))
            p { b { "收回後可以再匯入一次。" } }
            a.button href={ "/imports/" (id) } { "不收回" }
            button.primary { "收回這次匯入" }
        }
    }))
}

/// `POST /imports/{id}/take-back` undoes it as a whole.
pub fn take_back(app: &App, req: &Request) -> Result<Response> {
    let id: ImportId = req.param("id")?;

    let kept = app.db.write(|tx| take_back::take_back(tx, id, req.by()))?;

    let say = match kept {
        0 => "已整批收回。".to_owned(),
        kept => format!("已整批收回；有 {kept} 位客戶後來有人動過，留著。"),
    };
    Ok(Response::see_other(format!("/imports/{id}")).with_notice(&say))
}

fn steps_view(now: usize) -> Markup {
    html! {
        ol.steps {
            @for (at, step) in ["選檔案", "先看一遍", "確認", "寫入", "完成"].into_iter().enumerate() {
                li class=[(at < now).then_some("done")] aria-current=[(at == now).then_some("step")] { (step) }
            }
        }
    }
}

fn upload_view(req: &Request, problems: &[Problem]) -> Markup {
    html! {
        form.panel.stack method="post" action="/imports" enctype="multipart/form-data" {
            (csrf_field(req))
            (ui::field("檔案", "files", problems, html! {
                input #files type="file" name="files" multiple required accept=".xlsx,.csv,.db,.sqlite,.sqlite3"
                    aria-invalid=[(!problems.is_empty()).then_some("true")] aria-describedby=[(!problems.is_empty()).then_some("why-files")];
            }))
            p.soft { "可以一次選好幾個：客戶資料、配送紀錄、營業配送明細、預計配送表、舊系統的資料檔。看內容認檔案，不看檔名。" }
            p { button.primary { "先看一遍" } }
        }
    }
}

fn list_view(all: &[Import], now: Stamp) -> Markup {
    html! {
        @if all.is_empty() { (ui::empty("還沒有匯入過", "選好檔案，按「先看一遍」。")) } @else {
            div.scroll { table.list.tight.folds {
                caption.unseen { "以前的匯入" }
                thead { tr { th scope="col" { "編號" } th scope="col" { "時間" } th scope="col" { "檔案" } th.number scope="col" { "新客戶" } th.number scope="col" { "新配送" } th scope="col" { "狀態" } } }
                tbody { @for import in all {
                    tr {
                        th scope="row" { a href={ "/imports/" (import.id) } { (import.id) } }
                        td { (import.applied_at.beside(now)) " " span.soft { (import.user_name.as_deref().unwrap_or("命令列")) } }
                        td { (names(&import.report)) }
                        td.number data-label="新客戶" { (stored(&import.report, "/customers/created")) }
                        td.number data-label="新配送" { (stored(&import.report, "/deliveries/created")) }
                        td { @if import.taken_back_at.is_some() { "已收回" } @else { "已寫入" } }
                    }
                } }
            } }
        }
    }
}

fn names(report: &serde_json::Value) -> String {
    let files = report["files"].as_array().map(Vec::as_slice).unwrap_or_default();
    files.iter().filter_map(|file| file["name"].as_str()).collect::<Vec<_>>().join("、")
}

fn stored(report: &serde_json::Value, pointer: &str) -> String {
    ui::count(report.pointer(pointer).and_then(serde_json::Value::as_i64).unwrap_or(0))
}

fn ready_view(req: &Request, report: &Report) -> Markup {
    let bad = report.files.iter().find(|file| file.is_too_bad());
    html! {
        div.head { div { h1 { "匯入：先看一遍" } p { "現在什麼都還沒寫入。看清楚再按確認。" } } }
        (steps_view(1))
        (tiles_view(report))
        (files_view(report))
        h2 { "有問題的地方" }
        (problems_view(report))
        @if !report.walk_ins.is_empty() {
            h2 { "像是散客帳號" }
            p { "下面的帳號幾乎天天有配送。如果是散客帳號，匯入後請在客戶卡上標記。" }
            ul { @for (code, days) in &report.walk_ins { li { (code) "，" (ui::count(*days)) " 天" } } }
        }
        @if let Some(file) = bad {
            (ui::refuse(&apply::too_bad(file)))
        }
        div.foot {
            p { b { "確認後寫入，全部成功或全部不算。" } br; span.soft { "寫錯了可以整批收回。" } }
            a.button href="/imports/pending/problems.csv" { "下載問題清單" }
            form method="post" action="/imports/pending/drop" data-looks="" { (csrf_field(req)) button.button data-key="Escape" { "換檔案 " kbd { "Esc" } } }
            @if bad.is_none() {
                form method="post" action="/imports/pending/confirm" { (csrf_field(req)) button.primary data-key="Ctrl+Enter" { "確認寫入 " kbd { "Ctrl Enter" } } }
            }
        }
    }
}

fn tile(label: &str, figure: &str, small: &str, class: Option<&str>) -> Markup {
    html! { div class={ "tile" @if let Some(class) = class { " " (class) } } { span { (label) } b { (figure) } small.soft { (small) } } }
}

fn tiles_view(report: &Report) -> Markup {
    let counts = &report.counts;
    let read: u64 = report.files.iter().map(|file| file.rows_read).sum();
    let skipped: u64 = report.files.iter().map(|file| file.skipped).sum();
    let day = |number: Option<i32>| number.and_then(Day::from_number).map_or_else(|| "—".to_owned(), Day::slashed);
    let first = report.files.iter().filter_map(|file| file.first_day).min();
    let last = report.files.iter().filter_map(|file| file.last_day).max();
    let share = if read == 0 { 0.0 } else { skipped as f64 * 100.0 / read as f64 };
    html! {
        div.tiles {
            (tile("客戶", &ui::count(counts.customers_total), &format!("新增 {}，更新 {}", ui::count(counts.customers_created), ui::count(counts.customers_updated)), None))
            (tile("配送紀錄", &ui::count(counts.deliveries_total), &format!("新增 {}，補上資料 {}", ui::count(counts.deliveries_created), ui::count(counts.deliveries_completed)), None))
            div.tile { span { "期間" } b.plain { (day(first)) " – " (day(last)) } small.soft { (ui::count(read as i64)) " 列讀到" } }
            (tile("不收的列", &ui::count(skipped as i64), &format!("{share:.3}%"), (0 < skipped).then_some("look")))
        }
    }
}

fn files_view(report: &Report) -> Markup {
    html! {
        div.scroll { table.list.tight.folds {
            caption.unseen { "檔案" }
            thead { tr { th scope="col" { "檔案" } th scope="col" { "看成什麼" } th.number scope="col" { "讀到" } th.number scope="col" { "會收" } th.number scope="col" { "重複" } th scope="col" { "欄位" } } }
            tbody { @for file in &report.files { (file_view(file)) } }
        } }
    }
}

fn file_view(file: &FileReport) -> Markup {
    let known = file.columns.iter().filter(|(_, meaning)| meaning.is_some()).count();
    let unknown = file.columns.len() - known;
    html! {
        tr {
            th scope="row" { (file.name) }
            td { (file.kind.map_or("", Kind::label)) }
            td.number data-label="讀到" { (ui::count(file.rows_read as i64)) }
            td.number data-label="會收" { (ui::count(file.accepted as i64)) }
            td.number data-label="重複" { (ui::count(file.duplicates as i64)) }
            td {
                details {
                    summary { (known) " 欄認得" @if 0 < unknown { "，" (unknown) " 欄不認得" } }
                    ul { @for (heading, meaning) in &file.columns {
                        li { (if heading == "_70" { "（沒有標題）" } else { heading.as_str() }) "：" (meaning.unwrap_or("不認得，留在原始資料裡")) }
                    } }
                }
            }
        }
    }
}

fn problems_view(report: &Report) -> Markup {
    let groups = report.groups();
    html! {
        @if groups.is_empty() { (ui::empty("沒有問題", "每一列都看得懂。")) } @else {
            div.scroll { table.list.tight.folds {
                caption.unseen { "問題" }
                thead { tr { th scope="col" { "問題" } th.number scope="col" { "幾列" } th scope="col" { "第一個在哪裡" } th scope="col" { "原來寫的" } th scope="col" { "會怎麼做" } } }
                tbody { @for group in &groups {
                    @let problem = group.first;
                    @let (label, why) = kind_label(problem.kind);
                    tr {
                        th scope="row" { (label) }
                        td.number { b { (ui::count(group.count)) } }
                        td.soft {
                            (report.files.get(problem.file).map_or("", |file| file.name.as_str()))
                            @if let Some(row) = problem.row { "　第 " (ui::count(i64::from(row))) " 列" }
                            @if let Some(column) = &problem.column { "　" (column) }
                        }
                        td { b { (if problem.value.is_empty() { "（空白）" } else { &problem.value }) } small { (why) } }
                        td.keep { (problem.action.label()) }
                    }
                } }
            } }
        }
    }
}

fn stored_tiles_view(import: &Import) -> Markup {
    let at = |pointer: &str| stored(&import.report, pointer);
    html! {
        div.tiles {
            (tile("新客戶", &at("/customers/created"), &format!("更新 {}", at("/customers/updated")), None))
            (tile("新配送", &at("/deliveries/created"), &format!("補上資料 {}", at("/deliveries/completed")), None))
            (tile("重複", &at("/deliveries/duplicates"), "已經有的不再收", None))
            (tile("預計和未成", &at("/visits/created"), "不算配送", None))
        }
    }
}

fn stored_files_view(import: &Import) -> Markup {
    let files = import.report["files"].as_array().map(Vec::as_slice).unwrap_or_default();
    html! {
        div.scroll { table.list.tight.folds {
            caption.unseen { "檔案" }
            thead { tr { th scope="col" { "檔案" } th scope="col" { "看成什麼" } th.number scope="col" { "讀到" } th.number scope="col" { "收下" } th.number scope="col" { "不收" } th.number scope="col" { "重複" } } }
            tbody { @for file in files {
                @let kind = Kind::ALL.into_iter().find(|kind| file["kind"].as_str() == Some(kind.word()));
                tr {
                    th scope="row" { (file["name"].as_str().unwrap_or_default()) }
                    td { (kind.map_or("", Kind::label)) }
                    td.number data-label="讀到" { (stored(file, "/rows_read")) }
                    td.number data-label="收下" { (stored(file, "/accepted")) }
                    td.number data-label="不收" { (stored(file, "/skipped")) }
                    td.number data-label="重複" { (stored(file, "/duplicates")) }
                }
            } }
        } }
    }
}

fn action_label(word: &str) -> &'static str {
    let all = [Action::Skip, Action::Duplicate, Action::Repair, Action::DropCell, Action::Keep, Action::Stub];
    all.into_iter().find(|action| action.word() == word).map_or("", Action::label)
}

fn stored_problems_view(lines: &[Line]) -> Markup {
    let mut groups: Vec<(&Line, i64)> = Vec::new();
    for line in lines {
        match groups.iter_mut().find(|(first, _)| first.kind == line.kind && first.action == line.action && first.file == line.file) {
            Some((_, count)) => *count += 1,
            None => groups.push((line, 1)),
        }
    }
    html! {
        @if groups.is_empty() { (ui::empty("沒有問題", "每一列都看得懂。")) } @else {
            div.scroll { table.list.tight.folds {
                caption.unseen { "問題" }
                thead { tr { th scope="col" { "問題" } th.number scope="col" { "幾筆" } th scope="col" { "第一個在哪裡" } th scope="col" { "原來寫的" } th scope="col" { "怎麼做了" } } }
                tbody { @for (line, count) in groups {
                    @let (label, why) = kind_label(&line.kind);
                    tr {
                        th scope="row" { (label) }
                        td.number { b { (ui::count(count)) } }
                        td.soft { (line.file) @if let Some(row) = line.row { "　第 " (ui::count(row)) " 列" } @if let Some(column) = &line.column { "　" (column) } }
                        td { b { (line.value.as_deref().filter(|value| !value.is_empty()).unwrap_or("（空白）")) } small { (why) } }
                        td.keep { (action_label(&line.action)) }
                    }
                } }
            } }
        }
    }
}

/// The lines as a spreadsheet opens them, with nothing in them that it would calculate.
fn download(lines: impl Iterator<Item = Line>) -> Response {
    let safe = |cell: &str| format!("\"{}\"", text::inert(cell).replace('"', "\"\""));
    let mut csv = "\u{feff}檔案,工作表,列,欄,原來寫的,問題,怎麼做\r\n".to_owned();
    for line in lines {
        let row = line.row.map(|row| row.to_string()).unwrap_or_default();
        let cells = [
            line.file.as_str(),
            line.sheet.as_deref().unwrap_or_default(),
            &row,
            line.column.as_deref().unwrap_or_default(),
            line.value.as_deref().unwrap_or_default(),
            kind_label(&line.kind).0,
            action_label(&line.action),
        ];
        csv.push_str(&cells.map(safe).join(","));
        csv.push_str("\r\n");
    }
    Response::download("text/csv; charset=utf-8", "匯入問題清單.csv", csv)
}
