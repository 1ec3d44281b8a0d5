use rusqlite::types::Type;
use rusqlite::{Connection, named_params};
use serde_json::Value;

use crate::error::{Doing, Result};
use crate::live::{Event, Row};
use crate::values::UserId;

/// The last row of the journal; 0 when there is none.
pub fn last(conn: &Connection) -> Result<i64> {
    conn.prepare_cached("SELECT ifnull(max(id), 0) FROM journal")
        .and_then(|mut query| query.query_row([], |row| row.get(0)))
        .doing("read where the journal ends")
}

/// What was written after row `after`, in its order, at most `most` rows.
pub fn events(conn: &Connection, after: i64, most: i64) -> Result<Vec<Event>> {
    const SQL: &str = "
        /* live: events */
        SELECT j.id, j.at, j.verb, j.noun, j.noun_id,
               CASE WHEN j.noun IN ('order', 'route', 'stop', 'emergency', 'notice', 'cylinder', 'payment', 'meter', 'reading')
                    THEN j.change END AS change,
               coalesce(o.customer_id, e.customer_id, CASE WHEN j.noun IN ('customer', 'due') THEN j.noun_id END) AS customer_id,
               r.id AS route_id, o.driver_id AS order_driver,
               r.driver_id, r.crew2_id, ifnull(r.status = 'draft', 0) AS is_draft,
               e.driver_id AS sent, e.in_need_id AS in_need
        FROM journal AS j
        LEFT JOIN stops AS s ON j.noun = 'stop' AND s.id = j.noun_id
        LEFT JOIN stops AS h ON j.noun = 'order' AND h.order_id = j.noun_id AND h.status IN ('pending', 'arrived', 'completed')
        LEFT JOIN orders AS o ON o.id = CASE j.noun WHEN 'order' THEN j.noun_id WHEN 'stop' THEN s.order_id END
        LEFT JOIN routes AS r ON r.id = CASE j.noun WHEN 'route' THEN j.noun_id ELSE ifnull(s.route_id, h.route_id) END
        LEFT JOIN emergencies AS e ON j.noun = 'emergency' AND e.id = j.noun_id
        WHERE :after < j.id
        ORDER BY j.id
        LIMIT :most";
    let event = |row: &rusqlite::Row| -> rusqlite::Result<Event> {
        let change: Option<String> = row.get("change")?;
        let change = match change {
            Some(text) => {
                serde_json::from_str(&text).map_err(|error| rusqlite::Error::FromSqlConversionFailure(5, Type::Text, Box::new(error)))?
            }
            None => Value::Null,
        };
        let users = |columns: &[&str]| -> rusqlite::Result<Vec<UserId>> {
            let users: Vec<Option<UserId>> = columns.iter().map(|column| row.get(*column)).collect::<Result<_, _>>()?;
            Ok(users.into_iter().flatten().collect())
        };
        Ok(Event::of(Row {
            id: row.get("id")?,
            at: row.get("at")?,
            verb: row.get("verb")?,
            noun: row.get("noun")?,
            noun_id: row.get("noun_id")?,
            change,
            customer_id: row.get("customer_id")?,
            route_id: row.get("route_id")?,
            drivers: users(&["order_driver", "sent", "in_need"])?,
            crew: users(&["driver_id", "crew2_id"])?,
            is_draft: row.get("is_draft")?,
        }))
    };
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":after": after, ":most": most}, event)?.collect())
        .doing("read the journal for those who listen")
}
