use rusqlite::{Connection, Row, ToSql, named_params};

use crate::error::{Doing, Result};
use crate::routes::{Route, Status};
use crate::values::{Day, RouteId, Stamp, UserId};

/// A route with the names people know it by, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub route: Route,
    pub area: Option<String>,
    pub driver: Option<String>,
    pub crew2: Option<String>,
    pub plate: Option<String>,
    /// Stops, without what was taken off.
    pub stops: i64,
    pub completed: i64,
    pub failed: i64,
    /// When the last of them was done with.
    pub last_at: Option<Stamp>,
}

impl Listed {
    /// Still to be made.
    pub fn open(&self) -> i64 {
        self.stops - self.completed - self.failed
    }

    /// `北線 早`, or what it is driven for where no area is named.
    pub fn title(&self) -> String {
        format!("{} {}", self.area.as_deref().unwrap_or(self.route.kind.label()), self.route.shift.label())
    }

    /// `阿明、小高`.
    pub fn crew(&self) -> Option<String> {
        let names: Vec<&str> = [&self.driver, &self.crew2].into_iter().flatten().map(String::as_str).collect();
        (!names.is_empty()).then(|| names.join("、"))
    }
}

/// Which routes are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked {
    pub day: Option<Day>,
    pub status: Option<Status>,
    /// Alone or helping.
    pub driver: Option<UserId>,
    /// Only what its driver was told of.
    pub is_told: bool,
    pub id: Option<RouteId>,
}

/// Those that answer `asked`, by day and number; no more than a day has of routes in a year.
pub fn list(conn: &Connection, asked: &Asked) -> Result<Vec<Listed>> {
    let mut conditions = vec!["1"];
    let status = asked.status.map(Status::word);
    let mut params: Vec<(&str, &dyn ToSql)> = Vec::new();
    if let Some(day) = &asked.day {
        conditions.push("r.route_on = :day");
        params.push((":day", day));
    }
    if let Some(status) = &status {
        conditions.push("r.status = :status");
        params.push((":status", status));
    }
    if let Some(driver) = &asked.driver {
        conditions.push("(r.driver_id = :driver OR r.crew2_id = :driver)");
        params.push((":driver", driver));
    }
    if asked.is_told {
        conditions.push("r.published_at IS NOT NULL");
    }
    if let Some(id) = &asked.id {
        conditions.push("r.id = :id");
        params.push((":id", id));
    }
    let sql =
        format!("/* routes: list */ {SELECT} WHERE {} GROUP BY r.id ORDER BY r.route_on, r.day_no LIMIT 500", conditions.join(" AND "));
    conn.prepare_cached(&sql).and_then(|mut query| query.query_map(&*params, listed)?.collect()).doing("list routes")
}

/// Published and running routes of days before `day`: in red until somebody closes them.
pub fn left_behind(conn: &Connection, day: Day) -> Result<Vec<Listed>> {
    let sql = format!(
        "/* routes: left behind */ {SELECT}
        WHERE r.status IN ('published', 'in_progress') AND r.route_on < :day
        GROUP BY r.id
        ORDER BY r.route_on, r.day_no"
    );
    conn.prepare_cached(&sql)
        .and_then(|mut query| query.query_map(named_params! {":day": day}, listed)?.collect())
        .doing("list the routes that were left open")
}

const SELECT: &str = "
    SELECT r.*,
           a.name AS area,
           d.name AS driver,
           c.name AS crew2,
           v.plate,
           count(s.id) AS stops,
           count(s.id) FILTER (WHERE s.status = 'completed') AS completed,
           count(s.id) FILTER (WHERE s.status = 'failed') AS failed,
           max(s.finished_at) AS last_at
    FROM routes AS r
    LEFT JOIN areas AS a ON a.id = r.area_id
    LEFT JOIN users AS d ON d.id = r.driver_id
    LEFT JOIN users AS c ON c.id = r.crew2_id
    LEFT JOIN vehicles AS v ON v.id = r.vehicle_id
    LEFT JOIN stops AS s ON s.route_id = r.id AND s.status <> 'skipped'";

fn listed(row: &Row) -> rusqlite::Result<Listed> {
    Ok(Listed {
        route: super::route(row)?,
        area: row.get("area")?,
        driver: row.get("driver")?,
        crew2: row.get("crew2")?,
        plate: row.get("plate")?,
        stops: row.get("stops")?,
        completed: row.get("completed")?,
        failed: row.get("failed")?,
        last_at: row.get("last_at")?,
    })
}
