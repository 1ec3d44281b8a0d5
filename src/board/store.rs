use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Row, named_params};

use crate::app::App;
use crate::board::{Board, Card, Lane, LeftOpen, OnRoute, SILENT_MINUTES, Way};
use crate::customers;
use crate::drivers;
use crate::error::{Doing, Result};
use crate::routes::{self, Route, Status, StopStatus};
use crate::users;
use crate::values::product::{Family, Method};
use crate::values::{AreaId, Day, OrderId, RouteId, Stamp, UserId, Window};

/// What a card needs of `orders AS o`, `customers AS c` and `areas AS a`.
const CARD: &str = "
       o.id AS order_id,
       o.version AS order_version,
       substr(o.order_number, 14) AS short_number,
       CASE WHEN c.is_walk_in THEN ifnull(o.contact_name, c.short_name) ELSE c.short_name END AS name,
       a.id AS area_id,
       a.name AS area,
       o.delivery_address,
       o.scheduled_on,
       o.window_start,
       o.window_end,
       o.origin,
       o.is_urgent,
       o.attempt_count,
       o.notes,
       (SELECT e.kind FROM emergencies AS e WHERE e.order_id = o.id) AS emergency";

/// All of `day` as it stands at `now`. Orders of earlier days that nobody has are work of today.
pub fn day(app: &App, conn: &Connection, day: Day, now: Stamp) -> Result<Board> {
    let areas: HashMap<AreaId, String> = customers::store::area_names(conn)?.into_iter().collect();
    let mut cards = stops(conn, day)?;
    let mut free = free(conn, day, now.day())?;
    fill_items(conn, cards.values_mut().flatten().chain(&mut free).collect())?;
    let mut ways = Vec::new();
    for route in routes::store::of_day(conn, day)? {
        let area = route.area_id.and_then(|area| areas.get(&area).cloned());
        let mut way = Way { area, crew2: None, cards: cards.remove(&route.id).unwrap_or_default(), route };
        way.reckon(now);
        ways.push(way);
    }
    for card in &mut free {
        card.is_late = card.ends() < now;
    }
    let lanes = lanes(app, conn, ways, now)?;
    let left_open = if day == now.day() { left_open(conn, day)? } else { Vec::new() };
    Ok(Board { day, free, lanes, pending: pending(conn, day)?, left_open })
}

/// The lanes of all who may drive, in the order they were added, then those of whoever else has a route.
fn lanes(app: &App, conn: &Connection, ways: Vec<Way>, now: Stamp) -> Result<Vec<Lane>> {
    let heard = last_seen(conn)?;
    let mut lanes: Vec<Lane> = (1..)
        .zip(drivers::store::all(conn)?)
        .map(|(digit, driver)| Lane {
            driver: Some(driver.user),
            name: driver.name,
            digit: Some(digit).filter(|digit| *digit <= 9),
            is_available: driver.is_available,
            ways: Vec::new(),
            silent_minutes: None,
        })
        .collect();
    for mut way in ways {
        way.crew2 = way.route.crew2_id.map(|user| name_of(conn, &lanes, Some(user))).transpose()?;
        let driver = way.route.driver_id;
        let at = match lanes.iter().position(|lane| lane.driver == driver) {
            Some(at) => at,
            None => {
                let name = name_of(conn, &lanes, driver)?;
                lanes.push(Lane { driver, name, digit: None, is_available: false, ways: Vec::new(), silent_minutes: None });
                lanes.len() - 1
            }
        };
        lanes[at].ways.push(way);
    }
    for lane in &mut lanes {
        lane.ways.sort_by_key(|way| way.rank());
        let hears = lane.driver.is_some_and(|driver| app.live.hears(driver));
        if lane.ways.iter().any(Way::is_running) && !hears {
            let kept = lane.driver.and_then(|driver| heard.get(&driver).copied());
            let asked = lane.driver.and_then(|driver| app.seen.last_of(driver, kept));
            let told = lane.cards().filter_map(|card| card.stop).filter_map(|stop| stop.finished_at.max(stop.arrived_at)).max();
            let minutes = asked.max(told).map(|at| (now.0 - at.0) / 60_000);
            lane.silent_minutes = minutes.filter(|minutes| SILENT_MINUTES <= *minutes);
        }
    }
    Ok(lanes)
}

fn name_of(conn: &Connection, lanes: &[Lane], user: Option<UserId>) -> Result<String> {
    match user {
        None => Ok("還沒有司機".to_owned()),
        Some(id) => match lanes.iter().find(|lane| lane.driver == user) {
            Some(lane) => Ok(lane.name.clone()),
            None => users::store::get(conn, id).map(|user| user.name),
        },
    }
}

/// When each driver was last heard of, as far as the file knows.
fn last_seen(conn: &Connection) -> Result<HashMap<UserId, Stamp>> {
    const SQL: &str = "
        SELECT id, last_seen_at
        FROM users
        WHERE role = 'driver' AND last_seen_at IS NOT NULL";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map([], |row| Ok((row.get("id")?, row.get("last_seen_at")?)))?.collect())
        .doing("read when the drivers were last heard of")
}

/// The stops of `day` by route, in their order, without those that were taken off.
fn stops(conn: &Connection, day: Day) -> Result<HashMap<RouteId, Vec<Card>>> {
    let sql = format!(
        "/* board: stops of day */
        SELECT s.route_id, s.id AS stop_id, s.status, s.arrived_at, s.finished_at, s.failure_reason, s.version AS stop_version,
        {CARD}
        FROM routes AS r
        JOIN stops AS s ON s.route_id = r.id
        JOIN orders AS o ON o.id = s.order_id
        JOIN customers AS c ON c.id = o.customer_id
        LEFT JOIN areas AS a ON a.id = c.area_id
        WHERE r.route_on = :day AND r.status <> 'cancelled' AND s.status <> 'skipped'
        ORDER BY s.route_id, s.seq, s.id"
    );
    let stop = |row: &Row| -> rusqlite::Result<(RouteId, Card)> {
        let on_route = OnRoute {
            id: row.get("stop_id")?,
            status: row.get::<_, StopStatus>("status")?,
            place: 0,
            arrived_at: row.get("arrived_at")?,
            finished_at: row.get("finished_at")?,
            failure: row.get("failure_reason")?,
            eta: None,
        };
        Ok((row.get("route_id")?, card(row, Some(on_route), row.get("stop_version")?)?))
    };
    let mut of: HashMap<RouteId, Vec<Card>> = HashMap::new();
    let rows: Vec<(RouteId, Card)> = conn
        .prepare_cached(&sql)
        .and_then(|mut query| query.query_map(named_params! {":day": day}, stop)?.collect())
        .doing(format_args!("list the stops of {day}"))?;
    for (route, card) in rows {
        of.entry(route).or_default().push(card);
    }
    Ok(of)
}

/// Says on each of `cards` what is to be brought, in one query for all.
fn fill_items(conn: &Connection, mut cards: Vec<&mut Card>) -> Result<()> {
    const SQL: &str = "
        /* board: what is brought */
        SELECT j.key, l.product_name, l.qty, p.method, p.family, p.size_kg
        FROM json_each(:orders) AS j
        CROSS JOIN order_lines AS l ON l.order_id = j.value
        CROSS JOIN products AS p ON p.id = l.product_id";
    let orders = format!("[{}]", cards.iter().map(|card| card.order.0.to_string()).collect::<Vec<_>>().join(","));
    let mut fill = |row: &Row| -> rusqlite::Result<()> {
        let at: u32 = row.get("key")?;
        let Some(card) = cards.get_mut(at as usize) else { return Ok(()) };
        let (qty, size_kg): (i64, Option<i64>) = (row.get("qty")?, row.get("size_kg")?);
        if !card.items.is_empty() {
            card.items.push(' ');
        }
        match size_kg {
            None => card.items.push_str(row.get_ref("product_name")?.as_str()?),
            Some(size_kg) => {
                let family = Family::from_word(row.get_ref("family")?.as_str()?);
                let method = if row.get_ref("method")?.as_str()? == Method::Flow.word() { "流" } else { "" };
                let family = family.filter(|family| !matches!(family, Family::Regular | Family::Happiness)).map_or("", Family::label);
                card.items.push_str(&format!("{method}{family}{size_kg}"));
                card.cylinders += qty;
            }
        }
        card.items.push_str(&format!("×{qty}"));
        Ok(())
    };
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":orders": orders}, |row| fill(row))?.collect::<rusqlite::Result<()>>())
        .doing("read what is to be brought")
}

/// The confirmed orders of `day` that no stop holds, the emergencies first; beside today those of earlier days too. What
/// they are of is not said.
pub fn free(conn: &Connection, day: Day, today: Day) -> Result<Vec<Card>> {
    let sql = format!(
        "/* board: unassigned */
        SELECT {CARD}
        FROM orders AS o INDEXED BY orders_open
        JOIN customers AS c ON c.id = o.customer_id
        LEFT JOIN areas AS a ON a.id = c.area_id
        WHERE o.status IN ('pending', 'confirmed', 'assigned', 'in_delivery') AND o.status = 'confirmed'
          AND (o.scheduled_on = :day OR :day = :today AND o.scheduled_on < :day)
          AND NOT EXISTS (SELECT 1 FROM stops AS s WHERE s.order_id = o.id AND s.status IN ('pending', 'arrived', 'completed'))
        ORDER BY o.origin <> 'emergency', a.name IS NULL, a.name, o.scheduled_on, o.window_start, o.window_end, o.id"
    );
    conn.prepare_cached(&sql)
        .and_then(|mut query| {
            let row = |row: &Row| card(row, None, row.get("order_version")?);
            query.query_map(named_params! {":day": day, ":today": today}, row)?.collect()
        })
        .doing(format_args!("list the orders of {day} nobody has"))
}

fn card(row: &Row, stop: Option<OnRoute>, version: i64) -> rusqlite::Result<Card> {
    let (start, end): (String, String) = (row.get("window_start")?, row.get("window_end")?);
    let area: Option<AreaId> = row.get("area_id")?;
    Ok(Card {
        order: row.get::<_, OrderId>("order_id")?,
        stop,
        version,
        number: row.get("short_number")?,
        name: row.get("name")?,
        area: area.map(|id| row.get("area").map(|name| (id, name))).transpose()?,
        address: row.get("delivery_address")?,
        items: String::new(),
        cylinders: 0,
        scheduled_on: row.get("scheduled_on")?,
        // The table's CHECKs let nothing else in.
        window: Window::between(&start, &end).unwrap_or(Window::ALL_DAY),
        origin: row.get("origin")?,
        emergency: row.get("emergency")?,
        is_urgent: row.get("is_urgent")?,
        attempts: row.get("attempt_count")?,
        notes: row.get("notes")?,
        is_late: false,
    })
}

/// Whose order it is, as the card says it.
pub fn name(conn: &Connection, order: OrderId) -> Result<String> {
    const SQL: &str = "
        SELECT CASE WHEN c.is_walk_in THEN ifnull(o.contact_name, c.short_name) ELSE c.short_name END
        FROM orders AS o
        JOIN customers AS c ON c.id = o.customer_id
        WHERE o.id = :order";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":order": order}, |row| row.get(0)))
        .doing(format_args!("find whose order {order} is"))
}

fn pending(conn: &Connection, day: Day) -> Result<i64> {
    conn.prepare_cached("/* board: pending */ SELECT count(*) FROM orders WHERE scheduled_on = :day AND status = 'pending'")
        .and_then(|mut query| query.query_row(named_params! {":day": day}, |row| row.get(0)))
        .doing("count the orders that wait for a person")
}

/// Published and running routes of days before `day`, with how much of them is still to do.
fn left_open(conn: &Connection, day: Day) -> Result<Vec<LeftOpen>> {
    const OPEN: &str = "
        SELECT count(*)
        FROM stops
        WHERE route_id = :route AND status IN ('pending', 'arrived')";
    let routes: Vec<Route> = routes::store::left_open(conn, day)?;
    let left = |route: Route| -> Result<LeftOpen> {
        let open = conn
            .prepare_cached(OPEN)
            .and_then(|mut query| query.query_row(named_params! {":route": route.id}, |row| row.get(0)))
            .doing("count the stops left of a route")?;
        debug_assert!(matches!(route.status, Status::Published | Status::InProgress));
        let driver = name_of(conn, &[], route.driver_id)?;
        Ok(LeftOpen { route: route.id, short_number: route.short_number().to_owned(), day: route.route_on, driver, open })
    };
    routes.into_iter().map(left).collect()
}

/// Who last wrote about `order`, and when.
pub fn last_act(conn: &Connection, order: OrderId) -> Result<Option<(String, Stamp)>> {
    const SQL: &str = "
        SELECT ifnull(u.name, '程式') AS name, j.at
        FROM journal AS j
        LEFT JOIN users AS u ON u.id = j.user_id
        WHERE j.noun = 'order' AND j.noun_id = :order
        ORDER BY j.id DESC
        LIMIT 1";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":order": order}, |row| Ok((row.get("name")?, row.get("at")?))).optional())
        .doing(format_args!("find who last touched order {order}"))
}
