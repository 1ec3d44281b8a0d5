//! What a driver looks at. What he does there is in [`crate::phone::acts`].

use rusqlite::Connection;

use crate::app::App;
use crate::cylinders::{self, Balance, Place};
use crate::error::{Problem, Result};
use crate::http::{Request, Response};
use crate::meters;
use crate::phone::day::Trip;
use crate::phone::route_view::{self, Loading, tally};
use crate::phone::stop_view::{self, Sheet};
use crate::phone::{self, Visit, Way, acts, day, fail, frame, store};
use crate::products;
use crate::routes::{self, NOUN, Route, STOP, Status};
use crate::ui::Typed;
use crate::values::{Day, RouteId, StopId, UserId};

/// `GET /driver` is 我的路線; where there is only one to drive, that one. `?all=1` stays.
pub fn ways(app: &App, req: &Request) -> Result<Response> {
    let me = req.session()?.user_id;
    let today = req.at.day();
    let ways = app.db.read(|conn| {
        let counted = |way: Way| {
            let counts = tally(&store::visits(conn, way.route.id)?);
            Ok((way, counts))
        };
        phone::ways_of(conn, me, today)?.into_iter().map(counted).collect::<Result<Vec<_>>>()
    })?;

    let mut open = ways.iter().filter(|(way, _)| way.route.status.is_out());
    match (open.next(), open.next(), req.query("all")) {
        (Some((way, _)), None, None) => Ok(Response::see_other(format!("/driver/routes/{}", way.route.id))),
        _ => Ok(frame::show(app, req, "我的路線", route_view::ways_view(&ways, today))),
    }
}

/// `GET /driver/routes/{id}`.
pub fn route(app: &App, req: &Request) -> Result<Response> {
    route_page(app, req, req.id(NOUN)?, None)
}

/// The page of a route; `sent` is what was typed into the form of its start, and what was wrong with that.
pub fn route_page(app: &App, req: &Request, id: RouteId, sent: Option<(&Typed, &[Problem])>) -> Result<Response> {
    let me = req.session()?.user_id;
    let (way, visits, loading, others) = app.db.read(|conn| {
        let way = phone::way(conn, id, me)?;
        let visits = store::visits(conn, id)?;
        let loading = if way.route.status == Status::Published { loading(conn, &way)? } else { Vec::new() };
        let others = phone::ways_of(conn, me, req.at.day())?.iter().filter(|way| way.route.status.is_out()).count();
        Ok((way, visits, loading, others))
    })?;

    let main = match way.route.status {
        Status::Draft | Status::Published => {
            let (typed, problems) = sent.map_or((Typed::default(), [].as_slice()), |(typed, problems)| (typed.clone(), problems));
            route_view::waiting_view(req, &way, &visits, &loading, &typed, problems, 1 < others)
        }
        Status::InProgress => route_view::running_view(req, &way, &visits, 1 < others),
        Status::Completed | Status::Cancelled => route_view::over_view(req, &way, &visits, 0 < others),
    };
    Ok(frame::show(app, req, &way.title, main))
}

/// What the open stops of the route want on the truck.
pub fn loading(conn: &Connection, way: &Way) -> Result<Vec<Loading>> {
    let (load, _) = routes::load::of_route(conn, &way.route)?;
    Ok(load.goods.into_iter().map(|goods| Loading { product: goods.product, name: goods.name, qty: goods.qty }).collect())
}

/// `GET /driver/stops/{id}`.
pub fn stop(app: &App, req: &Request) -> Result<Response> {
    stop_page(app, req, req.id(STOP)?, None)
}

/// The page of a stop; `sent` is what was typed and what was wrong with it.
pub fn stop_page(app: &App, req: &Request, id: StopId, sent: Option<(&Typed, &[Problem])>) -> Result<Response> {
    let me = req.session()?.user_id;
    let (sheet, before) = app.db.read(|conn| {
        let sheet = sheet(conn, phone::visit(conn, id, me)?)?;
        let before = if sheet.visit.stop.status.is_open() && sent.is_none() { acts::taken_back(conn, &sheet)? } else { None };
        Ok((sheet, before))
    })?;

    let main = match (sheet.visit.stop.status.is_open(), sent) {
        (false, _) => stop_view::settled_view(req, &sheet),
        (true, Some((typed, problems))) => stop_view::open_view(req, &sheet, typed, problems),
        (true, None) => stop_view::open_view(req, &sheet, &before.unwrap_or_else(|| stop_view::prefilled(&sheet)), &[]),
    };
    Ok(frame::show(app, req, &sheet.visit.name, main))
}

/// What the page of a stop is drawn from.
pub fn sheet(conn: &Connection, (way, visit): (Way, Visit)) -> Result<Sheet> {
    let catalogue = products::store::catalogue(conn)?;
    let is_cylinder = |id| catalogue.iter().any(|product| product.id == id && product.size_kg().is_some());
    let is_cylinder = visit.order.lines.iter().map(|line| is_cylinder(line.product_id)).collect();
    let mut dials = Vec::new();
    for meter in meters::store::of_customer(conn, visit.order.customer_id)?.into_iter().filter(|meter| meter.is_active) {
        let last = meters::store::last_reading(conn, meter.id)?;
        dials.push((meter, last));
    }
    Ok(Sheet { way, visit, is_cylinder, dials })
}

/// `GET /driver/stops/{id}/fail`.
pub fn fail_form(app: &App, req: &Request) -> Result<Response> {
    fail_page(app, req, req.id(STOP)?, &Typed::default(), &[])
}

pub fn fail_page(app: &App, req: &Request, id: StopId, typed: &Typed, problems: &[Problem]) -> Result<Response> {
    let me = req.session()?.user_id;
    let (way, visit) = app.db.read(|conn| phone::visit(conn, id, me))?;

    if !visit.stop.status.is_open() {
        return Ok(Response::see_other(format!("/driver/stops/{id}")));
    }
    Ok(frame::show(app, req, "沒送成", fail::view(req, &way, &visit, typed, problems)))
}

/// `GET /driver/day`.
pub fn day(app: &App, req: &Request) -> Result<Response> {
    day_page(app, req, None)
}

/// The page of his day; `sent` is the route whose form of 收工 was sent, what was typed and what was wrong.
pub fn day_page(app: &App, req: &Request, sent: Option<(RouteId, &Typed, &[Problem])>) -> Result<Response> {
    let me = req.session()?.user_id;
    let today = req.at.day();
    let (trips, catalogue) = app.db.read(|conn| Ok((trips(conn, me, today)?, products::store::catalogue(conn)?)))?;

    let sent = sent.map(|(id, typed, problems)| (id.0, typed, problems));
    Ok(frame::show(app, req, "今天", day::view(req, &trips, &catalogue, today, sent)))
}

/// What the books say is on the truck of a route that is to be wrapped up; nothing when that is on another way by now.
pub fn on_truck(conn: &Connection, way: &Way) -> Result<Vec<Balance>> {
    match way.route.vehicle_id {
        Some(vehicle) if !way.is_wrapped_up && !store::goes_elsewhere(conn, vehicle, way.route.id)? => {
            cylinders::store::balances(conn, Place::Vehicle(vehicle))
        }
        _ => Ok(Vec::new()),
    }
}

fn trips(conn: &Connection, me: UserId, today: Day) -> Result<Vec<Trip>> {
    let trip = |way: Way| {
        let visits: Vec<Visit> = store::visits(conn, way.route.id)?;
        let on_truck = on_truck(conn, &way)?;
        Ok(Trip { way, visits, is_last: true, on_truck })
    };
    let ran = |way: &Way| matches!(way.route.status, Status::InProgress | Status::Completed);
    let mut trips = phone::ways_of(conn, me, today)?.into_iter().filter(ran).map(trip).collect::<Result<Vec<Trip>>>()?;
    let started: Vec<_> = trips.iter().map(|trip| (trip.way.route.vehicle_id, trip.way.route.started_at)).collect();
    for trip in &mut trips {
        let Route { vehicle_id, started_at, .. } = trip.way.route;
        trip.is_last = !started.iter().any(|(vehicle, at)| *vehicle == vehicle_id && started_at < *at);
    }
    Ok(trips)
}
