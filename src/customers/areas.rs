//! The areas of the wall map: who lives in them, and mending their names. `F-成功縣` is a typing error
//! a person merges into `F-成功鎮`; the program never guesses.

use maud::{Markup, html};

use crate::app::App;
use crate::customers::pages::MANAGERS;
use crate::customers::{Area, store};
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::ui::{self, FormReader, Page, Room};
use crate::values::AreaId;

/// `GET /areas` lists them with their customers.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let areas = app.db.read(store::areas)?;
    Ok(page(app, req, &areas, None, &[]))
}

/// `POST /areas/{id}/rename` gives one another name.
pub fn rename(app: &App, req: &Request) -> Result<Response> {
    req.require(MANAGERS)?;
    let id: AreaId = req.param("id")?;
    let mut form = FormReader::new(req);
    let name = form.need("name", 40, "請填寫區域的名字。");

    let renamed = form.check().and_then(|()| app.db.write(|tx| store::rename_area(tx, &store::area(tx, id)?, &name, req.by())));

    match renamed {
        Ok(()) => Ok(Response::see_other("/areas").with_notice("已存。")),
        Err(Error::Invalid(problems)) => {
            let areas = app.db.read(store::areas)?;
            Ok(page(app, req, &areas, Some(id), &problems).status(422))
        }
        Err(error) => Err(error),
    }
}

/// `POST /areas/{id}/merge` moves everybody of one area into another.
pub fn merge(app: &App, req: &Request) -> Result<Response> {
    req.require(MANAGERS)?;
    let id: AreaId = req.param("id")?;
    let into: Option<AreaId> = req.form("into").and_then(|into| into.parse().ok()).filter(|into| *into != id);

    let Some(into) = into else {
        let areas = app.db.read(store::areas)?;
        let problems = [Problem { field: "into".into(), say: "請選要併入哪一區。".into() }];
        return Ok(page(app, req, &areas, Some(id), &problems).status(422));
    };
    let said = app.db.write(|tx| {
        let (from, into) = (store::area(tx, id)?, store::area(tx, into)?);
        store::merge_area(tx, &from, &into, req.by())?;
        Ok(format!("{} 的 {} 位已併入 {}。", from.name, ui::count(from.customers), into.name))
    })?;

    Ok(Response::see_other("/areas").with_notice(&said))
}

fn page(app: &App, req: &Request, areas: &[Area], wrong: Option<AreaId>, problems: &[Problem]) -> Response {
    Page::new(app, req, "區域").room(Room::Customers).show(html! {
        div.head {
            div { h1 { "區域 " (areas.len()) " 個" } p { "名字打錯的，改名或併到對的那一區。" } }
            p.acts { a.button href="/customers" data-key="Escape" { "回客戶 " kbd { "Esc" } } }
        }
        @if areas.is_empty() { (ui::empty("還沒有區域", "匯入客戶總表，或在客戶資料裡填新區域。")) } @else {
            div.scroll {
                table.list.folds {
                    thead { tr {
                        th scope="col" { "區域" }
                        th.number scope="col" { "客戶" }
                        th.number scope="col" { "往來中" }
                        @if req.may(MANAGERS) { th scope="col" { "改" } }
                    } }
                    tbody {
                        @for area in areas {
                            tr {
                                th scope="row" { a href={ "/customers?area=" (area.id) } { (area.name) } }
                                td.number data-label="客戶" { (ui::count(area.customers)) }
                                td.number data-label="往來中" { (ui::count(area.active)) }
                                @if req.may(MANAGERS) { td { (mend_view(req, area, areas, if wrong == Some(area.id) { problems } else { &[] })) } }
                            }
                        }
                    }
                }
            }
        }
    })
}

fn mend_view(req: &Request, area: &Area, areas: &[Area], problems: &[Problem]) -> Markup {
    let question = format!("把 {} 的 {} 位併過去？併了就分不開。", area.name, area.customers);
    html! {
        details.more open[!problems.is_empty()] {
            summary { "改名、併入" span.unseen { "：" (area.name) } }
            @for problem in problems { (ui::refuse(&problem.say)) }
            form.line-form method="post" action={ "/areas/" (area.id) "/rename" } {
                (ui::csrf_field(req))
                input name="name" value=(area.name) maxlength="40" required aria-label={ (area.name) " 的新名字" } autocomplete="off";
                button { "改名" }
            }
            form.line-form method="post" action={ "/areas/" (area.id) "/merge" } data-confirm=(question) {
                (ui::csrf_field(req))
                select name="into" aria-label={ "把 " (area.name) " 併入" } {
                    option value="" { "併入…" }
                    @for other in areas.iter().filter(|other| other.id != area.id) { option value=(other.id) { (other.name) } }
                }
                button.danger { "併入" }
            }
        }
    }
}
