use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};
use serde_json::Value;

use crate::error::{Doing, Error, Result};
use crate::journal::By;
use crate::routes::Route;
use crate::stops::{Answer, Kept, NOUN, Outcome, Verb};
use crate::values::{RouteId, Stamp, StopId, UserId};

/// The act a phone sent as `action_id`.
pub fn find(conn: &Connection, action_id: &str) -> Result<Option<Kept>> {
    conn.prepare_cached("SELECT * FROM driver_acts WHERE action_id = :id")
        .and_then(|mut query| query.query_row(named_params! {":id": action_id}, kept).optional())
        .doing("find an act by its number")
}

/// The act of row `id`; `NotFound` when there is none.
pub fn get(conn: &Connection, id: i64) -> Result<Kept> {
    conn.prepare_cached("SELECT * FROM driver_acts WHERE id = :id")
        .and_then(|mut query| query.query_row(named_params! {":id": id}, kept).optional())
        .doing(format_args!("get act {id}"))?
        .ok_or_else(|| Error::not_found(NOUN, id))
}

/// So many of the latest acts are never forgotten, some weeks of them: the clock may be years ahead for an hour, and a phone
/// must not be believed twice for that. No number is given twice.
const ACTS_KEPT: i64 = 20_000;

/// Forgets what phones sent before `before` and was applied as it came: nobody sends it again. What two people said
/// differently stays. Says how many those were.
pub fn forget_old_acts(tx: &Transaction, before: Stamp) -> Result<usize> {
    const SQL: &str = "
        /* stops: forget old acts */
        DELETE FROM driver_acts
        WHERE outcome = 'applied' AND received_at < :before AND id <= (SELECT max(id) FROM driver_acts) - :kept";
    tx.execute(SQL, named_params! {":before": before, ":kept": ACTS_KEPT}).doing("forget old acts of phones")
}

/// Keeps an act with what it was told; gives its row.
pub(super) fn add(tx: &Transaction, new: &Kept) -> Result<i64> {
    const SQL: &str = "
        INSERT INTO driver_acts (action_id, user_id, act, route_id, stop_id, device_at, received_at, payload, outcome, answer, settled_at)
        VALUES (:action, :user, :act, :route, :stop, :device_at, :received_at, :payload, :outcome, :answer, :settled_at)";
    tx.prepare_cached(SQL)
        .and_then(|mut insert| {
            insert.execute(named_params! {
                ":action": new.action_id,
                ":user": new.user_id,
                ":act": new.verb.word(),
                ":route": new.route_id,
                ":stop": new.stop_id,
                ":device_at": new.device_at,
                ":received_at": new.received_at,
                ":payload": new.payload.to_string(),
                ":outcome": new.answer.outcome.word(),
                ":answer": new.answer.json().to_string(),
                ":settled_at": new.settled_at,
            })
        })
        .doing("keep an act")?;
    Ok(tx.last_insert_rowid())
}

/// The last act on `stop` that was applied and decided what became of it.
pub fn deciding(conn: &Connection, stop: StopId) -> Result<Option<Kept>> {
    const SQL: &str = "
        SELECT *
        FROM driver_acts
        WHERE stop_id = :stop AND outcome = 'applied' AND act IN ('complete', 'fail')
        ORDER BY id DESC
        LIMIT 1";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":stop": stop}, kept).optional())
        .doing(format_args!("find what decided stop {stop}"))
}

/// What `user` last said of how `stop` went.
pub(super) fn last_word(conn: &Connection, stop: StopId, user: UserId) -> Result<Option<Kept>> {
    const SQL: &str = "
        SELECT *
        FROM driver_acts
        WHERE stop_id = :stop AND user_id = :user AND act IN ('complete', 'fail', 'undo')
        ORDER BY id DESC
        LIMIT 1";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":stop": stop, ":user": user}, kept).optional())
        .doing(format_args!("find the last word on stop {stop}"))
}

/// What still waits for somebody of the office, the oldest first.
pub fn open_conflicts(conn: &Connection) -> Result<Vec<Kept>> {
    const SQL: &str = "
        /* stops: conflicts */
        SELECT *
        FROM driver_acts
        WHERE outcome = 'conflict' AND settled_at IS NULL
        ORDER BY received_at, id";
    conn.prepare_cached(SQL).and_then(|mut query| query.query_map([], kept)?.collect()).doing("list the conflicts")
}

/// How many wait.
pub fn count_conflicts(conn: &Connection) -> Result<i64> {
    conn.prepare_cached("SELECT count(*) FROM driver_acts WHERE outcome = 'conflict' AND settled_at IS NULL")
        .and_then(|mut query| query.query_row([], |row| row.get(0)))
        .doing("count the conflicts")
}

/// Somebody has dealt with it; false when that was said before.
pub(super) fn settle(tx: &Transaction, id: i64, by: By) -> Result<bool> {
    const SQL: &str = "
        UPDATE driver_acts
        SET settled_at = :at,
            settled_by = :by
        WHERE id = :id AND outcome = 'conflict' AND settled_at IS NULL";
    tx.prepare_cached(SQL)
        .and_then(|mut update| update.execute(named_params! {":id": id, ":at": by.at, ":by": by.user}))
        .doing(format_args!("settle act {id}"))
        .map(|changed| changed == 1)
}

/// When the last act that closed a stop of `route` came in.
pub(super) fn last_closing(conn: &Connection, route: RouteId) -> Result<Option<crate::values::Stamp>> {
    const SQL: &str = "
        SELECT max(received_at)
        FROM driver_acts
        WHERE route_id = :route AND outcome = 'applied' AND act IN ('complete', 'fail')";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":route": route}, |row| row.get(0)))
        .doing(format_args!("find the last closed stop of route {route}"))
}

/// Whether somebody said 收工 of `route` since it was over; it closes itself with its last stop and nobody has to.
pub fn is_wrapped_up(conn: &Connection, route: &Route) -> Result<bool> {
    const SQL: &str = "
        SELECT 1
        FROM driver_acts
        WHERE route_id = :route AND outcome = 'applied' AND act = 'finish' AND :completed <= received_at";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.exists(named_params! {":route": route.id, ":completed": route.completed_at}))
        .doing(format_args!("find who wrapped up route {}", route.id))
}

/// Whether `user` was ever told of `route`, or of `stop` on it or another: the journal names whom each change concerned.
pub(super) fn was_his(conn: &Connection, stop: Option<StopId>, route: RouteId, user: UserId) -> Result<bool> {
    const SQL: &str = "
        /* stops: was his */
        SELECT 1
        FROM journal AS j, json_each(j.change, '$.drivers') AS d
        WHERE j.noun = 'stop' AND j.noun_id = :stop AND d.value = :user
        UNION ALL
        SELECT 1
        FROM journal AS j, json_each(j.change, '$.drivers') AS d
        WHERE j.noun = 'route' AND j.noun_id = :route AND d.value = :user
        LIMIT 1";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.exists(named_params! {":stop": stop, ":route": route, ":user": user}))
        .doing(format_args!("look whose route {route} was"))
}

/// Whether a stop of a route `user` goes with names the picture `sha`.
pub(super) fn names_picture(conn: &Connection, sha: &str, user: UserId) -> Result<bool> {
    const SQL: &str = "
        /* stops: names a picture */
        SELECT 1
        FROM stops AS s
        JOIN routes AS r ON r.id = s.route_id
        WHERE :sha IN (s.photo, s.signature) AND :user IN (r.driver_id, r.crew2_id)";
    conn.prepare_cached(SQL).and_then(|mut query| query.exists(named_params! {":sha": sha, ":user": user})).doing("look whose a picture is")
}

/// What `work` does, or nothing of it when the answer is a conflict, which is given as such: the transaction goes on.
pub(super) fn attempt<T>(tx: &Transaction, work: impl FnOnce() -> Result<T>) -> Result<Result<T, String>> {
    tx.execute_batch("SAVEPOINT act").doing("begin an act")?;
    let done = work();
    match done {
        Ok(done) => {
            tx.execute_batch("RELEASE act").doing("end an act")?;
            Ok(Ok(done))
        }
        Err(Error::Conflict { say, .. }) => {
            tx.execute_batch("ROLLBACK TO act; RELEASE act").doing("take an act back")?;
            Ok(Err(say.into_owned()))
        }
        // The whole transaction goes, the savepoint with it.
        Err(error) => Err(error),
    }
}

fn kept(row: &Row) -> rusqlite::Result<Kept> {
    let json = |name: &str| -> rusqlite::Result<Value> {
        let text: String = row.get(name)?;
        serde_json::from_str(&text)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(error)))
    };
    let answer = json("answer")?;
    let outcome: Outcome = row.get("outcome")?;
    let empty = || Answer { outcome, say: String::new(), warnings: Vec::new(), facts: serde_json::Map::new() };
    Ok(Kept {
        id: row.get("id")?,
        action_id: row.get("action_id")?,
        user_id: row.get("user_id")?,
        verb: row.get::<_, Verb>("act")?,
        route_id: row.get("route_id")?,
        stop_id: row.get("stop_id")?,
        device_at: row.get("device_at")?,
        received_at: row.get("received_at")?,
        payload: json("payload")?,
        answer: Answer::from_json(&answer).unwrap_or_else(empty),
        settled_at: row.get("settled_at")?,
    })
}
