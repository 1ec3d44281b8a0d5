//! The papers on screen as they will be printed, and telling that they were.

use maud::{Markup, html};
use rusqlite::Connection;

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::orders;
use crate::papers::slip_views::slip_view;
use crate::papers::views::{Shop, loading_view, sheet_view};
use crate::papers::{Call, Format, Mark, Paper, Printed, Trip, store};
use crate::routes;
use crate::settings::Settings;
use crate::ui::{self, Page, Room, csrf_field};
use crate::users::sign_in::local_path;
use crate::values::{Day, OrderId, RouteId};

/// The most papers one printing tells of: more than any shop has trucks.
const MOST: usize = 200;

/// `GET /routes/{id}/sheet`: 派遣單.
pub fn sheet(app: &App, req: &Request) -> Result<Response> {
    let id: RouteId = req.id(routes::NOUN)?;
    let (trip, mark) = app.db.read(|conn| Ok((store::trip(conn, id)?, mark_of_route(conn, req, Paper::Sheet, id)?)))?;

    let settings = app.settings();
    let about = about(&trip);
    let bar = Bar { paper: Paper::Sheet, about: &about, printed: Printed::OfRoutes(Paper::Sheet, vec![id]), ways: ways_of_route(id) };
    Ok(page(app, req, &bar, &back_to(&trip), sheet_view(&trip, &mark, &shop(app, &settings))))
}

/// `GET /routes/{id}/loading`: 載貨單.
pub fn loading(app: &App, req: &Request) -> Result<Response> {
    let id: RouteId = req.id(routes::NOUN)?;
    let (trip, loads, doubts, mark) = app.db.read(|conn| {
        let trip = store::trip(conn, id)?;
        let loads = store::loads_of(conn, &trip)?;
        let (_, doubts) = routes::load::of_route(conn, &trip.route)?;
        Ok((trip, loads, doubts, mark_of_route(conn, req, Paper::Loading, id)?))
    })?;

    let settings = app.settings();
    let about = about(&trip);
    let bar = Bar { paper: Paper::Loading, about: &about, printed: Printed::OfRoutes(Paper::Loading, vec![id]), ways: ways_of_route(id) };
    Ok(page(app, req, &bar, &back_to(&trip), loading_view(&trip, &loads, &doubts, &mark, &shop(app, &settings))))
}

/// `GET /routes/{id}/slips?paper=half|roll`: the slips of a route, in its order.
pub fn slips(app: &App, req: &Request) -> Result<Response> {
    let id: RouteId = req.id(routes::NOUN)?;
    let format = format(req)?;
    let (trip, marks) = app.db.read(|conn| {
        let trip = store::trip(conn, id)?;
        let marks = trip.to_bring().map(|call| mark_of_order(conn, req, call.order.id)).collect::<Result<Vec<_>>>()?;
        Ok((trip, marks))
    })?;

    let settings = app.settings();
    let about = format!("{}，{} 張，{}", about(&trip), marks.len(), format.label());
    let slips = html! {
        @for (call, mark) in trip.to_bring().zip(&marks) { (slip_view(call, Some(&trip), format, mark, &shop(app, &settings))) }
        @if marks.is_empty() { (ui::empty("這條路線還沒有站", "先把訂單放上路線。")) }
    };
    let bar = Bar { paper: Paper::Slip, about: &about, printed: Printed::SlipsOf(id), ways: ways_of_route(id) };
    Ok(page(app, req, &bar, &back_to(&trip), slips))
}

/// `GET /orders/{id}/slip?paper=half|roll`: the slip of one order, on a route or not.
pub fn slip(app: &App, req: &Request) -> Result<Response> {
    let id: OrderId = req.id(orders::NOUN)?;
    let format = format(req)?;
    let ((call, trip), mark) = app.db.read(|conn| Ok((store::slip(conn, id)?, mark_of_order(conn, req, id)?)))?;

    let settings = app.settings();
    let about = format!("{}　{}，{}", call.order.short_number(), call.name, format.label());
    let bar = Bar { paper: Paper::Slip, about: &about, printed: Printed::SlipOf(id), ways: ways_of_order(&call) };
    let back = (format!("/orders/{id}"), "回訂單");
    Ok(page(app, req, &bar, &back, slip_view(&call, trip.as_ref(), format, &mark, &shop(app, &settings))))
}

/// `GET /board/sheets?date=`: the sheets of all routes of a day whose drivers know of them.
pub fn sheets(app: &App, req: &Request) -> Result<Response> {
    let day = match req.query("date").filter(|date| !date.is_empty()) {
        None => req.at.day(),
        Some(date) => date.parse::<Day>().map_err(|()| Error::invalid("date", "沒有這一天。"))?,
    };
    let (trips, marks) = app.db.read(|conn| {
        let trips = store::trips_out(conn, day)?;
        let marks = trips.iter().map(|trip| mark_of_route(conn, req, Paper::Sheet, trip.route.id)).collect::<Result<Vec<_>>>()?;
        Ok((trips, marks))
    })?;

    let settings = app.settings();
    let about = format!("{}　{} 條路線", day.short(), trips.len());
    let sheets = html! {
        @for (trip, mark) in trips.iter().zip(&marks) { (sheet_view(trip, mark, &shop(app, &settings))) }
        @if trips.is_empty() { (ui::empty("這一天沒有已發布的路線", "路線發布以後，派遣單就會在這裡。")) }
    };
    let routes = trips.iter().map(|trip| trip.route.id).collect();
    let bar = Bar { paper: Paper::Sheet, about: &about, printed: Printed::OfRoutes(Paper::Sheet, routes), ways: Vec::new() };
    Ok(page(app, req, &bar, &(format!("/board?date={day}"), "回派遣"), sheets))
}

/// `POST /papers/printed` tells that a paper was printed: by the page's script once the printer has it, or by the
/// button where there is no script.
pub fn printed(app: &App, req: &Request) -> Result<Response> {
    let printed = read_printed(req)?;

    app.db.write(|tx| store::record(tx, &printed, req.by()))?;

    let back = local_path(req.form("back").unwrap_or_default());
    let mark = if back.contains('?') { '&' } else { '?' };
    Ok(Response::see_other(format!("{back}{mark}printed=1")).with_notice("記下來了。現在按 Ctrl＋P 列印。"))
}

fn read_printed(req: &Request) -> Result<Printed> {
    let bad = || Error::BadRequest("the form does not say what was printed");
    let paper = req.form("paper").and_then(Paper::from_word).ok_or_else(bad)?;
    let all = |name: &str| req.form_pairs().iter().filter(|(have, _)| have == name).map(|(_, value)| value.clone()).collect::<Vec<_>>();
    let routes: Vec<RouteId> = all("route").iter().map(|id| id.parse().map_err(|()| bad())).collect::<Result<_>>()?;
    let order: Option<OrderId> = req.form("order").map(|id| id.parse().map_err(|()| bad())).transpose()?;
    match (paper, routes.as_slice(), order) {
        (Paper::Slip, [], Some(order)) => Ok(Printed::SlipOf(order)),
        (Paper::Slip, [route], None) => Ok(Printed::SlipsOf(*route)),
        (Paper::Loading, [route], None) => Ok(Printed::OfRoutes(Paper::Loading, vec![*route])),
        (Paper::Sheet, [_, ..], None) if routes.len() <= MOST => Ok(Printed::OfRoutes(Paper::Sheet, routes)),
        _ => Err(bad()),
    }
}

/// On half an A4 unless the roll is asked for.
fn format(req: &Request) -> Result<Format> {
    match req.query("paper").filter(|word| !word.is_empty()) {
        None => Ok(Format::Half),
        Some(word) => Format::from_word(word).ok_or_else(|| Error::invalid("paper", "沒有這種紙。")),
    }
}

fn shop<'a>(app: &App, settings: &'a Settings) -> Shop<'a> {
    let void = match &app.visit {
        Some(visit) => Some(visit.void_mark().into()),
        None => settings.is_practice.then_some("練習店，不算數".into()),
    };
    Shop { name: &settings.shop_name, void }
}

fn mark_of_route(conn: &Connection, req: &Request, paper: Paper, id: RouteId) -> Result<Mark> {
    mark(req, store::printings_of_route(conn, paper, id)?)
}

fn mark_of_order(conn: &Connection, req: &Request, id: OrderId) -> Result<Mark> {
    mark(req, store::printings_of_order(conn, id)?)
}

/// `told` printings are in the journal; where there is no script this one is among them already.
fn mark(req: &Request, told: i64) -> Result<Mark> {
    let number = if req.query("printed").is_some() { told.max(1) } else { told + 1 };
    Ok(Mark { at: req.at, by: req.session()?.name.clone(), number })
}

/// The address of this page, whether or not it was printed.
fn here(req: &Request) -> String {
    let asked = req.query.iter().filter(|(name, _)| name != "printed");
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).finish();
    if query.is_empty() { req.path.clone() } else { format!("{}?{query}", req.path) }
}

/// `D-北線 早　阿明　19 站`.
fn about(trip: &Trip) -> String {
    format!("{}　{}　{} 站", trip.name(), trip.crew(), trip.calls.len())
}

fn back_to(trip: &Trip) -> (String, &'static str) {
    (format!("/routes/{}", trip.route.id), "回路線")
}

/// What stands above the papers on the screen.
struct Bar<'a> {
    paper: Paper,
    about: &'a str,
    printed: Printed,
    /// Other papers of the same: address and name, each with its digit.
    ways: Vec<(String, String)>,
}

fn ways_of_route(id: RouteId) -> Vec<(String, String)> {
    let slips = |format: Format| (format!("/routes/{id}/slips?paper={}", format.word()), format!("送貨單 {}", format.label()));
    vec![
        (format!("/routes/{id}/sheet"), Paper::Sheet.label().to_owned()),
        (format!("/routes/{id}/loading"), Paper::Loading.label().to_owned()),
        slips(Format::Half),
        slips(Format::Roll),
    ]
}

fn ways_of_order(call: &Call) -> Vec<(String, String)> {
    let way = |format: &Format| (format!("/orders/{}/slip?paper={}", call.order.id, format.word()), format.label().to_owned());
    Format::ALL.iter().map(way).collect()
}

fn page(app: &App, req: &Request, bar: &Bar, back: &(String, &str), papers: Markup) -> Response {
    let here = here(req);
    let title = format!("{} {}", bar.paper.label(), bar.about);
    let is_here = |url: &str| here == url || here == url.trim_end_matches("?paper=half");
    let head = html! {
        p { b { (bar.paper.label()) } "　" (bar.about) }
        form method="post" action="/papers/printed" data-printed="" {
            (csrf_field(req))
            input type="hidden" name="back" value=(here);
            input type="hidden" name="paper" value=(bar.paper.word());
            @match &bar.printed {
                Printed::OfRoutes(_, routes) => { @for route in routes { input type="hidden" name="route" value=(route); } }
                Printed::SlipsOf(route) => { input type="hidden" name="route" value=(route); }
                Printed::SlipOf(order) => { input type="hidden" name="order" value=(order); }
            }
            button data-key="p" disabled[bar.is_empty()] { "列印 " kbd { "P" } }
        }
        @for (digit, (url, label)) in (1..).zip(&bar.ways) {
            a href=(url) data-key=(digit) aria-current=[is_here(url).then_some("page")] { (label) " " kbd { (digit) } }
        }
        a href=(back.0) data-key="Escape" { (back.1) " " kbd { "Esc" } }
    };
    Page::new(app, req, &title).room(Room::Orders).script("papers.js").paper(head, papers)
}

impl Bar<'_> {
    /// There is nothing to print.
    fn is_empty(&self) -> bool {
        matches!(&self.printed, Printed::OfRoutes(_, routes) if routes.is_empty())
    }
}
