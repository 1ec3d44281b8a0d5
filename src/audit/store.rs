use rusqlite::{Connection, OptionalExtension, Row, ToSql};

use crate::audit::{At, Filter, Found, Line, ROWS, Who};
use crate::error::{Doing, Result};
use crate::values::Stamp;

const COLUMNS: &str = "j.id, j.at, j.user_id, u.name AS name, j.verb, j.noun, j.noun_id, j.change";

fn line(row: &Row) -> rusqlite::Result<Line> {
    let change: String = row.get("change")?;
    Ok(Line {
        id: row.get("id")?,
        at: row.get("at")?,
        user: row.get("user_id")?,
        name: row.get("name")?,
        verb: row.get("verb")?,
        noun: row.get("noun")?,
        noun_id: row.get("noun_id")?,
        change: serde_json::from_str(&change).unwrap_or_default(),
    })
}

/// A page of the lines `filter` names, the newest first.
pub fn page(conn: &Connection, filter: &Filter, at: At) -> Result<Found> {
    let Some(span) = span(conn, filter)? else { return Ok(Found { lines: Vec::new(), has_newer: false, has_older: false }) };
    let verbs: &[&str] = filter.topic.map_or(&[], |topic| topic.verbs);
    let mut lines = match verbs {
        [] => lines(conn, filter, None, span, at)?,
        // Each verb's lines lie in order in their index, all of them together do not.
        verbs => {
            let mut all = Vec::new();
            for verb in verbs {
                all.extend(lines(conn, filter, Some(verb), span, at)?);
            }
            all
        }
    };
    let is_forward = matches!(at, At::After(_));
    lines.sort_by_key(|line| if is_forward { line.id } else { -line.id });
    let has_more = ROWS < lines.len();
    lines.truncate(ROWS);
    if is_forward {
        lines.reverse();
    }
    let (has_newer, has_older) = match at {
        At::Newest => (false, has_more),
        At::Before(_) => (true, has_more),
        At::After(_) => (has_more, true),
    };
    Ok(Found { lines, has_newer, has_older })
}

/// The lines written in the days of `filter`, by number: time and number go together but for a clock that jumped. `None`
/// when there are none.
fn span(conn: &Connection, filter: &Filter) -> Result<Option<(i64, i64)>> {
    if filter.from.is_none() && filter.to.is_none() {
        return Ok(Some((0, i64::MAX)));
    }
    const SQL: &str = "
        /* audit: span */
        SELECT min(id), max(id)
        FROM journal
        WHERE at >= :from AND at < :to";
    let (from, to) = moments(filter);
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(rusqlite::named_params! {":from": from, ":to": to}, |row| Ok((row.get(0)?, row.get(1)?))))
        .doing("find the lines of some days")
        .map(|(first, last): (Option<i64>, Option<i64>)| first.zip(last))
}

/// The first moment of the days of `filter`, and the first after them.
fn moments(filter: &Filter) -> (Stamp, Stamp) {
    let from = filter.from.map_or(Stamp(i64::MIN), |day| Stamp::taipei(day, 0, 0));
    let to = filter.to.map_or(Stamp(i64::MAX), |day| Stamp::taipei(day.plus(1), 0, 0));
    (from, to)
}

fn lines(conn: &Connection, filter: &Filter, verb: Option<&str>, (first, last): (i64, i64), at: At) -> Result<Vec<Line>> {
    let (from, to) = moments(filter);
    let (low, high, order) = match at {
        At::Newest => (first, last, "DESC"),
        At::Before(id) => (first, last.min(id.saturating_sub(1)), "DESC"),
        At::After(id) => (first.max(id.saturating_add(1)), last, "ASC"),
    };
    let most = ROWS as i64 + 1;
    let mut wheres = vec!["j.id BETWEEN :low AND :high"];
    let mut named: Vec<(&str, &dyn ToSql)> = vec![(":low", &low), (":high", &high), (":most", &most)];
    let user;
    match filter.who {
        None => {}
        Some(Who::Program) => wheres.push(if verb.is_some() { "+j.user_id IS NULL" } else { "j.user_id IS NULL" }),
        Some(Who::User(id)) => {
            user = id;
            // A verb is rarer than a person: its index leads.
            wheres.push(if verb.is_some() { "+j.user_id = :user" } else { "j.user_id = :user" });
            named.push((":user", &user));
        }
    }
    if let Some(noun) = &filter.noun {
        wheres.push("j.noun = :noun");
        named.push((":noun", noun));
    }
    if let Some(id) = &filter.noun_id {
        wheres.push("j.noun_id = :id");
        named.push((":id", id));
    }
    if let Some(verb) = &verb {
        wheres.push("j.verb = :verb");
        named.push((":verb", verb));
    }
    let field;
    if let Some(name) = filter.topic.and_then(|topic| topic.field) {
        field = format!("$.after.{name}");
        wheres.push("json_extract(j.change, :field) IS NOT NULL");
        named.push((":field", &field));
    }
    if filter.from.is_some() || filter.to.is_some() {
        wheres.push("j.at >= :from AND j.at < :to");
        named.push((":from", &from));
        named.push((":to", &to));
    }
    let sql = format!(
        "/* audit: page */
        SELECT {COLUMNS}
        FROM journal AS j
        LEFT JOIN users AS u ON u.id = j.user_id
        WHERE {}
        ORDER BY j.id {order}
        LIMIT :most",
        wheres.join(" AND ")
    );
    conn.prepare_cached(&sql)
        .and_then(|mut query| query.query_map(named.as_slice(), line)?.collect())
        .doing("read the journal for the owner")
}

/// Line `id`, whole.
pub fn find(conn: &Connection, id: i64) -> Result<Option<Line>> {
    let sql = format!("SELECT {COLUMNS} FROM journal AS j LEFT JOIN users AS u ON u.id = j.user_id WHERE j.id = ?1");
    conn.prepare_cached(&sql)
        .and_then(|mut query| query.query_row([id], line).optional())
        .doing(format_args!("read line {id} of the journal"))
}
