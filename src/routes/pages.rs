use rusqlite::{Connection, Transaction};

use crate::app::App;
use crate::customers;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::orders::{self, Actor, undo};
use crate::routes::page_view::{Asked, sheet_view};
use crate::routes::plan::{self, Seen, Target};
use crate::routes::steps::{self, Action, Move};
use crate::routes::store;
use crate::routes::{NOUN, Route, STOP, Stop, list_view, read, sheet};
use crate::ui::{FormReader, Page, Room, Typed};
use crate::users;
use crate::values::{AreaId, Day, RouteId, StopId, UserId};
use crate::vehicles::{self, Vehicle};

/// What a route may be made of.
pub struct Ground {
    pub areas: Vec<(AreaId, String)>,
    pub drivers: Vec<(UserId, String)>,
    /// Those in use.
    pub vehicles: Vec<Vehicle>,
}

impl Ground {
    pub fn load(conn: &Connection) -> Result<Ground> {
        let mut vehicles = vehicles::store::list(conn)?;
        vehicles.retain(|vehicle| vehicle.is_active);
        Ok(Ground { areas: customers::store::area_names(conn)?, drivers: users::store::drivers(conn)?, vehicles })
    }
}

/// `GET /routes` is the routes of a day, and in red those of days before that nobody has closed.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let day = req.query("date").and_then(|text| text.parse().ok()).unwrap_or(req.at.day());
    list_page(app, req, day, &Typed::default(), &[])
}

fn list_page(app: &App, req: &Request, day: Day, typed: &Typed, problems: &[Problem]) -> Result<Response> {
    let (routes, left, ground) = app.db.read(|conn| {
        let routes = store::list(conn, &store::Asked { day: Some(day), ..store::Asked::default() })?;
        Ok((routes, store::left_behind(conn, req.at.day())?, Ground::load(conn)?))
    })?;

    let shown = list_view::Shown { day, today: req.at.day(), routes: &routes, left: &left, ground: &ground, typed, problems, req };
    let page = Page::new(app, req, "路線").room(Room::Dispatch).show(list_view::list_view(&shown));
    Ok(if problems.is_empty() { page } else { page.status(422) })
}

/// `POST /routes` makes a draft.
pub fn create(app: &App, req: &Request) -> Result<Response> {
    let mut form = FormReader::new(req);
    let new = read::new_route(&mut form, req.at.day());

    let made = form.check().and_then(|()| app.db.write(|tx| plan::make(tx, &new, Actor::of(req))));

    match made {
        Ok(route) => {
            Ok(Response::see_other(format!("/routes/{}", route.id)).with_notice(&format!("開了路線 {}，還是草稿。", route.short_number())))
        }
        Err(Error::Invalid(problems)) => list_page(app, req, new.route_on, &Typed::of(req), &problems),
        Err(error) => Err(error),
    }
}

/// `GET /routes/{id}` is one route with its stops, and what can be done with it now.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    page(app, req, req.id(NOUN)?, None)
}

fn page(app: &App, req: &Request, id: RouteId, asked: Option<&Asked>) -> Result<Response> {
    let (sheet, ground) = app.db.read(|conn| Ok((sheet::load(conn, id, req.at)?, Ground::load(conn)?)))?;
    let title = format!("路線 {} {}", sheet.listed.route.short_number(), sheet.listed.title());
    Ok(Page::new(app, req, &title).room(Room::Dispatch).show(sheet_view(&sheet, &ground, asked, req)))
}

// Each step: what it needs is read from the form, what became of it is said on the page of the route.

/// `POST /routes/{id}/publish` tells its driver.
pub fn publish(app: &App, req: &Request) -> Result<Response> {
    let publish = |form: &mut FormReader| Move::Publish { override_note: form.optional("override_note", read::NOTES) };
    step(app, req, Action::Publish, publish, |route| format!("路線 {} 發布了，司機看得到。", route.short_number()))
}

/// `POST /routes/{id}/start` says for its driver that he is on his way.
pub fn start(app: &App, req: &Request) -> Result<Response> {
    let start = |form: &mut FormReader| Move::Start { loaded: None, note: form.optional("note", read::NOTES) };
    step(app, req, Action::Start, start, |route| format!("路線 {} 出發了。", route.short_number()))
}

/// `POST /routes/{id}/complete` says for its driver that he is back.
pub fn complete(app: &App, req: &Request) -> Result<Response> {
    let complete = |form: &mut FormReader| Move::Complete { odometer_end_km: None, note: form.optional("note", read::NOTES) };
    step(app, req, Action::Complete, complete, |route| format!("路線 {} 結束了。", route.short_number()))
}

/// `POST /routes/{id}/reopen`.
pub fn reopen(app: &App, req: &Request) -> Result<Response> {
    step(app, req, Action::Reopen, |_| Move::Reopen, |route| format!("路線 {} 重新打開了。", route.short_number()))
}

/// `POST /routes/{id}/cancel`: its orders wait to be planned anew.
pub fn cancel(app: &App, req: &Request) -> Result<Response> {
    step(app, req, Action::Cancel, |_| Move::Cancel, |route| format!("路線 {} 取消了，它的單回到未派。", route.short_number()))
}

fn step(
    app: &App,
    req: &Request,
    action: Action,
    wanted: impl FnOnce(&mut FormReader) -> Move,
    done: impl FnOnce(&Route) -> String,
) -> Result<Response> {
    let actor = Actor::of(req);
    let version: Option<i64> = req.form("version").and_then(|version| version.parse().ok());
    changed(app, req, Some(action), None, |tx, id| {
        let route = steps::seen(tx, id, actor)?;
        if steps::is_done(tx, &route, action, version, actor)? {
            return Ok(done(&route));
        }
        // Where it cannot lead any more, nobody is asked to mend the form.
        steps::check(&route, action, actor)?;
        let mut form = FormReader::new(req);
        let step = wanted(&mut form);
        form.check()?;
        Ok(done(&steps::act(tx, id, version, &step, actor)?))
    })
}

/// Writes with `work` to the route of the address; the answer is its page, with what `work` says or with why not. `here`
/// is the stop that stays lit.
fn changed(
    app: &App,
    req: &Request,
    action: Option<Action>,
    here: Option<StopId>,
    work: impl FnOnce(&Transaction, RouteId) -> Result<String>,
) -> Result<Response> {
    let id: RouteId = req.id(NOUN)?;
    let outcome = app.db.write(|tx| work(tx, id));
    let to = match here {
        Some(stop) => format!("/routes/{id}?here={stop}"),
        None => format!("/routes/{id}"),
    };
    answer(app, req, id, action, to, outcome)
}

fn answer(app: &App, req: &Request, id: RouteId, action: Option<Action>, to: String, outcome: Result<String>) -> Result<Response> {
    let error = match outcome {
        Ok(say) => return undo::done(app, req, to, &say),
        Err(error) => error,
    };
    let status = error.status();
    match error {
        Error::Invalid(_) | Error::Conflict { .. } => {
            let say = error.user_message().into_owned();
            let problems = if let Error::Invalid(problems) = error { problems } else { Vec::new() };
            Ok(page(app, req, id, Some(&Asked { action, say, problems }))?.status(status))
        }
        error => Err(error),
    }
}

/// `POST /routes/{id}/driver` gives the whole route to another driver.
pub fn give(app: &App, req: &Request) -> Result<Response> {
    changed(app, req, None, None, |tx, id| {
        let mut form = FormReader::new(req);
        let driver = read::driver(&mut form);
        form.check()?;
        let driver = driver.ok_or_else(|| Error::invalid("driver", "請選一位在職的司機。"))?;
        let route = plan::give(tx, id, driver, Actor::of(req))?;
        Ok(format!("路線 {} 改由{}開。", route.short_number(), users::store::get(tx, driver)?.name))
    })
}

/// `POST /routes/{id}/order` moves stop `stop` by `by` places, or puts all of them in the order of the fields `stops`.
pub fn order(app: &App, req: &Request) -> Result<Response> {
    let here: Option<StopId> = req.form("stop").and_then(|stop| stop.parse().ok());
    changed(app, req, None, here, |tx, id| {
        let form = FormReader::new(req);
        let stops = match here {
            Some(stop) => {
                let by = form.text("by").parse().map_err(|_| Error::BadRequest("no places to move by"))?;
                moved_by(&store::open_stops(tx, id)?, stop, by)?
            }
            None => {
                form.all("stops").iter().map(|stop| stop.parse()).collect::<Result<_, _>>().map_err(|()| Error::BadRequest("no stops"))?
            }
        };
        let route = plan::reorder(tx, id, &stops, Actor::of(req))?;
        Ok(format!("路線 {} 的順序改了。", route.short_number()))
    })
}

/// `stops` with `stop` so many places further on; at either end it stays there.
fn moved_by(stops: &[Stop], stop: StopId, by: i64) -> Result<Vec<StopId>> {
    let mut ids: Vec<StopId> = stops.iter().map(|stop| stop.id).collect();
    let at = ids.iter().position(|id| *id == stop).ok_or_else(|| Error::conflict("stop is not open", "這一站剛剛不在路線上了。"))?;
    let to = (at as i64).saturating_add(by).clamp(0, ids.len() as i64 - 1);
    let id = ids.remove(at);
    ids.insert(usize::try_from(to).unwrap_or(0), id);
    Ok(ids)
}

/// `POST /routes/{id}/suggest` puts the stops in the order the program would make them.
pub fn suggest(app: &App, req: &Request) -> Result<Response> {
    changed(app, req, None, None, |tx, id| {
        let stops = plan::suggest(tx, id)?;
        let route = plan::reorder(tx, id, &stops, Actor::of(req))?;
        Ok(format!("路線 {} 照建議排好了。", route.short_number()))
    })
}

/// `POST /stops/{id}/remove` takes a stop off its route.
pub fn remove(app: &App, req: &Request) -> Result<Response> {
    on_stop(app, req, |tx, stop| {
        let order = orders::store::get(tx, stop.order_id)?;
        plan::take_off(tx, &[stop.id], Actor::of(req))?;
        Ok(format!("{} 拿下來了，還沒派。", order.short_number()))
    })
}

/// `POST /stops/{id}/move` puts a stop on the route `route`, or on that of the driver `driver` of the same day.
pub fn move_stop(app: &App, req: &Request) -> Result<Response> {
    on_stop(app, req, |tx, stop| {
        let number = |name: &str| req.form(name).and_then(|text| text.parse::<i64>().ok());
        let target = match (number("route"), number("driver")) {
            (Some(route), _) => Target::Route(RouteId(route)),
            (None, Some(driver)) => Target::Driver(UserId(driver), store::get(tx, stop.route_id)?.route_on),
            (None, None) => return Err(Error::BadRequest("nowhere to move a stop to")),
        };
        let route = plan::put(tx, &[stop.order_id], target, Actor::of(req))?;
        let order = orders::store::get(tx, stop.order_id)?;
        Ok(format!("{} 移到路線 {}。", order.short_number(), route.short_number()))
    })
}

/// Writes with `work` to the stop of the address, which stands as the form's `version` says; the answer is the page of the
/// route it was on.
fn on_stop(app: &App, req: &Request, work: impl FnOnce(&Transaction, &Stop) -> Result<String>) -> Result<Response> {
    let id: StopId = req.id(STOP)?;
    let version: Option<i64> = req.form("version").and_then(|version| version.parse().ok());
    let route = app.db.read(|conn| Ok(store::stop(conn, id)?.route_id))?;
    let outcome = app.db.write(|tx| {
        let stop = store::stop(tx, id)?;
        if let Some(version) = version {
            plan::still(tx, &orders::store::get(tx, stop.order_id)?, Seen::Stop(id, version))?;
        }
        work(tx, &stop)
    });
    answer(app, req, route, None, format!("/routes/{route}"), outcome)
}
