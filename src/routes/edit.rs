//! Changing what may be said of a route beside its driver and its stops.

use maud::html;

use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::orders::Actor;
use crate::routes::list_view::fields_view;
use crate::routes::pages::Ground;
use crate::routes::plan::{self, Details};
use crate::routes::{NOUN, Route, Shift, read, store};
use crate::ui::{self, FormReader, Page, Room, Typed};
use crate::values::RouteId;

/// `GET /routes/{id}/edit`.
pub fn edit(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let (route, ground) = app.db.read(|conn| Ok((store::get(conn, id)?, Ground::load(conn)?)))?;
    Ok(form_page(app, req, &route, &ground, &typed(&route), &[], None))
}

/// `POST /routes/{id}/edit`; 409 when somebody else was faster, with what was typed still in the form.
pub fn save(app: &App, req: &Request) -> Result<Response> {
    let id: RouteId = req.id(NOUN)?;
    let version: i64 = req.form("version").and_then(|text| text.parse().ok()).ok_or(Error::BadRequest("the form has no version"))?;

    let saved = app.db.write(|tx| {
        let before = store::get(tx, id)?;
        let mut form = FormReader::new(req);
        let details = read::details(&mut form, &Details::of(&before));
        form.check()?;
        plan::edit(tx, id, Some(version), &details, Actor::of(req))
    });

    let (status, say, problems) = match saved {
        Ok(route) => {
            return Ok(Response::see_other(format!("/routes/{id}")).with_notice(&format!("已存，路線 {}。", route.short_number())));
        }
        Err(Error::Invalid(problems)) => (422, None, problems),
        Err(error @ Error::Conflict { .. }) => (409, Some(error.user_message().into_owned()), Vec::new()),
        Err(error) => return Err(error),
    };
    let (route, ground) = app.db.read(|conn| Ok((store::get(conn, id)?, Ground::load(conn)?)))?;
    Ok(form_page(app, req, &route, &ground, &Typed::of(req), &problems, say.as_deref()).status(status))
}

/// The form as the route stands.
fn typed(route: &Route) -> Typed {
    let mut typed = Typed::default();
    let id = |id: Option<i64>| id.map(|id| id.to_string()).unwrap_or_default();
    typed.push("area", id(route.area_id.map(|id| id.0)));
    typed.push("shift", Shift::word(route.shift));
    typed.push("crew2", id(route.crew2_id.map(|id| id.0)));
    typed.push("vehicle", id(route.vehicle_id.map(|id| id.0)));
    typed.push("notes", route.notes.clone().unwrap_or_default());
    typed
}

fn form_page(app: &App, req: &Request, route: &Route, ground: &Ground, typed: &Typed, problems: &[Problem], say: Option<&str>) -> Response {
    let title = format!("改路線 {}", route.short_number());
    Page::new(app, req, &title).room(Room::Dispatch).show(html! {
        div.head { div { h1 { (title) } p { (route.number) "　" (route.route_on.short()) } } }
        @if let Some(say) = say { (ui::refuse(say)) }
        form.panel method="post" action={ "/routes/" (route.id) "/edit" } {
            (ui::csrf_field(req))
            input type="hidden" name="version" value=(route.version);
            (fields_view(ground, typed, problems, false, route.vehicle_id))
            p.acts {
                button.primary data-key="Ctrl+Enter" { "存起來 " kbd { "Ctrl Enter" } }
                a.button href={ "/routes/" (route.id) } data-key="Escape" { "不改 " kbd { "Esc" } }
            }
        }
    })
}
