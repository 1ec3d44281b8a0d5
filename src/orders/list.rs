use crate::app::App;
use crate::customers;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::orders::filter::Filter;
use crate::orders::list_view::{self, Shown};
use crate::orders::store;
use crate::ui::{FormReader, Page, Room};
use crate::users;
use crate::values::{AreaId, UserId};

/// Rows a page shows.
const ROWS: usize = 50;
/// Rows that go to the printer at once: more than the busiest day.
const MOST_ON_PAPER: usize = 1_000;
/// So many lists may somebody keep: more chips than that are no help.
const MOST_SAVED: usize = 12;
/// Characters of a name and of a query, as the table has room for.
const MOST_NAME: usize = 20;
const MOST_QUERY: usize = 500;

/// Which rows of a list a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// From 1.
    pub page: usize,
    pub size: usize,
    /// The whole list, which goes to the printer as soon as it stands.
    pub is_for_paper: bool,
}

impl Cut {
    fn page(page: usize) -> Cut {
        Cut { page, size: ROWS, is_for_paper: false }
    }
}

/// What the form of conditions offers to choose from.
pub struct Choices {
    pub areas: Vec<(AreaId, String)>,
    pub drivers: Vec<(UserId, String)>,
}

/// `GET /orders` is the list of a day, or of whatever its conditions say.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let filter = Filter::of(&req.query, req.at.day());
    let cut = match req.query("page") {
        Some("all") => Cut { page: 1, size: MOST_ON_PAPER, is_for_paper: true },
        page => Cut::page(page.and_then(|text| text.parse().ok()).filter(|page| (1..100_000).contains(page)).unwrap_or(1)),
    };
    answer(app, req, &filter, cut, &[])
}

fn answer(app: &App, req: &Request, filter: &Filter, cut: Cut, problems: &[Problem]) -> Result<Response> {
    let today = req.at.day();
    let me = req.session()?.user_id;

    let (listing, other_day, saved, choices) = app.db.read(|conn| {
        let search = filter.look_up(&app.finder, conn, me, today)?;
        let listing = store::list(conn, &search, cut.page, cut.size)?;
        let other = list_view::other_day(filter, today);
        let other_day = (other, store::count_on(conn, other)?);
        let choices = Choices { areas: customers::store::area_names(conn)?, drivers: users::store::drivers(conn)? };
        Ok((listing, other_day, store::saved_filters(conn, me)?, choices))
    })?;

    let shown = Shown { filter, cut, listing: &listing, other_day, saved: &saved, choices: &choices, problems, today, req };
    let title = list_view::title(filter, today);
    Ok(Page::new(app, req, &title).room(Room::Orders).show(list_view::list_view(&shown)))
}

/// `POST /orders/filters` keeps a list under a name, for whoever asks.
pub fn keep(app: &App, req: &Request) -> Result<Response> {
    let me = req.session()?.user_id;
    let filter = posted_filter(req);
    let mut form = FormReader::new(req);
    let name = form.need("name", MOST_NAME, "給這個條件一個名字。");
    let query = filter.query(req.at.day());
    if MOST_QUERY < query.chars().count() {
        form.problem("name", "條件太長，存不起來。");
    }

    let kept = form.check().and_then(|()| {
        app.db.write(|tx| {
            let saved = store::saved_filters(tx, me)?;
            if MOST_SAVED <= saved.len() && saved.iter().all(|one| one.name != name) {
                return Err(Error::invalid("name", format!("最多存 {MOST_SAVED} 個，先移除一個。")));
            }
            store::keep_filter(tx, me, &name, &query, req.by())
        })
    });

    match kept {
        Ok(()) => Ok(Response::see_other(filter.url(req.at.day(), 1)).with_notice(&format!("已存「{name}」。"))),
        Err(Error::Invalid(problems)) => Ok(answer(app, req, &filter, Cut::page(1), &problems)?.status(422)),
        Err(error) => Err(error),
    }
}

/// `POST /orders/filters/{id}/remove` forgets one of one's own.
pub fn remove(app: &App, req: &Request) -> Result<Response> {
    let user = req.session()?.user_id;
    let id = req.param("id")?;

    app.db.write(|tx| store::remove_filter(tx, user, id, req.by()))?;

    Ok(Response::see_other(posted_filter(req).url(req.at.day(), 1)).with_notice("已移除。"))
}

/// The list a form stood on, as its hidden field says.
fn posted_filter(req: &Request) -> Filter {
    let pairs: Vec<_> = form_urlencoded::parse(req.form("query").unwrap_or_default().as_bytes()).into_owned().collect();
    Filter::of(&pairs, req.at.day())
}
