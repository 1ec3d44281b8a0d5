use maud::html;

use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::journal;
use crate::orders::filter::Filter;
use crate::orders::lists::file::{self, ListFile};
use crate::orders::lists::judge::{Judged, judge};
use crate::orders::lists::{Told, bring_in, export, store, views};
use crate::orders::{self, Actor};
use crate::ui::{self, FormReader, Page, Room};
use crate::values::{OrderId, OrderImportId};

/// Orders one export may hold: three months of them.
const MOST_EXPORTED: usize = 20_000;

/// `GET /orders/lists` lists what was brought in, takes a new list, and writes one.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    show_list(app, req, &[])
}

fn show_list(app: &App, req: &Request, problems: &[Problem]) -> Result<Response> {
    let user = req.session()?.user_id;

    let lists = app.db.read(store::newest)?;

    let pending = app.lists.of(user);
    Ok(Page::new(app, req, "匯入訂單").room(Room::Orders).show(html! {
        div.head {
            div { h1 { "匯入訂單" } p { "把試算表裡的訂單一次帶進來。先看一遍，確認了才寫入。" } }
            div.acts { a.button href="/orders" data-key="Escape" { "回訂單 " kbd { "Esc" } } }
        }
        @if let Some(pending) = &pending {
            p.notice { span { "「" (pending.name) "」還沒確認。" } " " a href="/orders/lists/pending" data-key="g" { kbd { "G" } "繼續看" } }
        }
        (views::upload(req, problems))
        h2 { "以前匯入的" }
        (views::lists(&lists, req.at))
    }))
}

/// `POST /orders/lists` reads a file and keeps it until its sender confirms or drops it.
pub fn upload(app: &App, req: &Request) -> Result<Response> {
    let user = req.session()?.user_id;
    let said = match req.uploads.as_slice() {
        [] => Err("請選擇要匯入的檔案。".to_owned()),
        [upload] => file::read(&upload.path, &upload.name).map_err(|refusal| {
            log::info!("a list of orders is refused rule=\"{}\"", refusal.rule);
            format!("「{}」：{}", upload.name, refusal.say)
        }),
        _ => Err("一次匯入一個檔案。".to_owned()),
    };

    match said {
        Ok(file) => app.lists.put(user, file),
        Err(say) => {
            let problem = Problem { field: "files".into(), say: say.into() };
            return Ok(show_list(app, req, &[problem])?.status(422));
        }
    }

    Ok(Response::see_other("/orders/lists/pending"))
}

/// `GET /orders/lists/pending` shows what the list would come to as things stand now.
pub fn pending(app: &App, req: &Request) -> Result<Response> {
    let Some(file) = app.lists.of(req.session()?.user_id) else { return Ok(Response::see_other("/orders/lists")) };

    let judged = app.db.read(|conn| judge(conn, &file, &app.settings(), Actor::of(req)))?;

    Ok(show_pending(app, req, &file, &judged, None))
}

fn show_pending(app: &App, req: &Request, file: &ListFile, judged: &Judged, warning: Option<&str>) -> Response {
    Page::new(app, req, "匯入訂單").room(Room::Orders).show(html! {
        div.head { div { h1 { "匯入訂單：先看一遍" } p { "現在什麼都還沒寫入。看清楚再按確認。" } } }
        (views::steps(1))
        @if let Some(warning) = warning { (ui::warn(warning)) }
        (views::pending(req, file, judged))
    })
}

/// `POST /orders/lists/pending/confirm` makes the orders that were shown. Where they would be others by now, they are
/// shown again instead.
pub fn confirm(app: &App, req: &Request) -> Result<Response> {
    let file = waiting(app, req)?;
    let form = FormReader::new(req);
    let (seal, is_again) = (form.text("seal"), form.checked("again"));
    let settings = app.settings();

    let made = app.db.write(|tx| {
        let judged = judge(tx, &file, &settings, Actor::of(req))?;
        if judged.seal() != seal {
            return Ok(Err(judged));
        }
        bring_in::bring_in(tx, &file, &judged, is_again, Actor::of(req), &settings).map(Ok)
    })?;

    match made {
        Ok(id) => {
            app.lists.drop_it(req.session()?.user_id);
            Ok(Response::see_other(format!("/orders/lists/{id}")).with_notice("匯入完成，訂單等著確認。"))
        }
        Err(judged) => {
            let warning = "這段時間裡訂單、客戶或價格有變動，請再看一遍。";
            Ok(show_pending(app, req, &file, &judged, Some(warning)).status(409))
        }
    }
}

/// `POST /orders/lists/pending/drop` lets go of the list.
pub fn drop_pending(app: &App, req: &Request) -> Result<Response> {
    app.lists.drop_it(req.session()?.user_id);

    Ok(Response::see_other("/orders/lists"))
}

/// `GET /orders/lists/pending/problems.csv` is all that was said of its rows.
pub fn pending_problems(app: &App, req: &Request) -> Result<Response> {
    let file = waiting(app, req)?;

    let judged = app.db.read(|conn| judge(conn, &file, &app.settings(), Actor::of(req)))?;

    Ok(problems_file(&judged.told))
}

fn waiting(app: &App, req: &Request) -> Result<std::sync::Arc<ListFile>> {
    let gone = || Error::conflict("no list waits", "沒有等著確認的匯入，請重新選檔案。");
    app.lists.of(req.session()?.user_id).ok_or_else(gone)
}

/// `GET /orders/lists/{id}` is what a list came to.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let id: OrderImportId = req.param("id")?;

    let (list, orders) = app.db.read(|conn| Ok((store::get(conn, id)?, store::made(conn, id)?)))?;

    Ok(Page::new(app, req, "匯入訂單").room(Room::Orders).show(views::list(&list, &orders, req.at)))
}

/// `GET /orders/lists/{id}/problems.csv` is all that was said of its rows.
pub fn problems(app: &App, req: &Request) -> Result<Response> {
    let id: OrderImportId = req.param("id")?;

    let list = app.db.read(|conn| store::get(conn, id))?;

    Ok(problems_file(&bring_in::told(&list.report)))
}

/// `GET /orders/lists/{id}/take-back` asks once more.
pub fn take_back_form(app: &App, req: &Request) -> Result<Response> {
    let id: OrderImportId = req.param("id")?;

    let (list, orders) = app.db.read(|conn| Ok((store::get(conn, id)?, store::made(conn, id)?)))?;

    Ok(Page::new(app, req, "收回匯入").room(Room::Orders).show(views::take_back(req, &list, &orders)))
}

/// `POST /orders/lists/{id}/take-back` cancels what it made, as far as that is still waiting.
pub fn take_back(app: &App, req: &Request) -> Result<Response> {
    let id: OrderImportId = req.param("id")?;

    let done = app.db.write(|tx| bring_in::take_back(tx, id, Actor::of(req)))?;

    let say = match done.left.len() {
        0 => format!("已收回，取消了 {} 張。", done.cancelled),
        left => format!("已收回，取消了 {} 張；有 {left} 張已經指派或送出，留著。", done.cancelled),
    };
    Ok(Response::see_other(format!("/orders/lists/{id}")).with_notice(&say))
}

/// `GET /orders/lists/template.csv` is an empty list.
pub fn template(_app: &App, req: &Request) -> Result<Response> {
    Ok(Response::download("text/csv; charset=utf-8", export::TEMPLATE_NAME, export::template(req.at.day())?))
}

/// `GET /orders.csv` is the orders a list of them shows, all its pages, by the same conditions.
pub fn export(app: &App, req: &Request) -> Result<Response> {
    let filter = Filter::of(&req.query, req.at.day());
    let me = req.session()?.user_id;

    let mut body = Vec::new();
    let rows = app.db.read(|conn| {
        let search = filter.look_up(&app.finder, conn, me, req.at.day())?;
        let listing = orders::store::list(conn, &search, 1, MOST_EXPORTED)?;
        if listing.has_more {
            return Err(Error::invalid("date", "一次最多存 20,000 張訂單，請把日期縮短。"));
        }
        let ids: Vec<OrderId> = listing.rows.iter().map(|row| row.id).collect();
        export::write(conn, &ids, &mut body)
    })?;
    app.db.write(|tx| journal::record_export(tx, req.by(), orders::NOUN, rows))?;

    Ok(Response::download("text/csv; charset=utf-8", export::FILE_NAME, body))
}

/// What was said of the rows, as a spreadsheet.
fn problems_file(told: &[Told]) -> Response {
    let safe = |cell: &str| format!("\"{}\"", crate::values::text::inert(cell).replace('"', "\"\""));
    let mut csv = "\u{feff}列,欄,原來寫的,問題,說明,收不收\r\n".to_owned();
    for told in told {
        let (row, column) = (told.row.to_string(), told.column.map_or("", |column| column.label()));
        let is_taken = if told.matter.is_refusal() { "不收" } else { "照收" };
        let cells = [row.as_str(), column, &told.value, told.matter.label(), &told.say, is_taken];
        csv.push_str(&cells.map(safe).join(","));
        csv.push_str("\r\n");
    }
    Response::download("text/csv; charset=utf-8", "匯入問題.csv", csv)
}
