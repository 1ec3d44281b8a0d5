use rusqlite::{Connection, Row, Transaction, named_params};

use crate::error::{Doing, Result};
use crate::notices::{Audience, MOST_CHARS, Notice, Told};
use crate::users::Role;
use crate::values::{NoticeId, Stamp, UserId};

/// Writes `notice` down.
pub fn add(tx: &Transaction, notice: &Notice, at: Stamp) -> Result<NoticeId> {
    const SQL: &str = "
        INSERT INTO notices (at, event, user_id, text, noun, noun_id)
        VALUES (:at, :event, :user, :text, :noun, :noun_id)";
    let text: String = notice.text.chars().take(MOST_CHARS).collect();
    let user: Option<UserId> = match notice.to {
        Audience::Office => None,
        Audience::User(user) => Some(user),
    };
    let (noun, noun_id) = notice.about.map(|(noun, id)| (noun.word, id)).unzip();
    tx.prepare_cached(SQL)
        .and_then(|mut insert| {
            insert.execute(named_params! {
                ":at": at,
                ":event": notice.event.word(),
                ":user": user,
                ":text": text,
                ":noun": noun,
                ":noun_id": noun_id,
            })
        })
        .doing("write a notice")?;
    Ok(NoticeId(tx.last_insert_rowid()))
}

/// What `user`, who is `role`, was told, the newest first: at most `most`, older than `before`.
pub fn told_to(conn: &Connection, user: UserId, role: Role, before: Option<NoticeId>, most: i64) -> Result<Vec<Told>> {
    // Two walks along the index, each as short as the page: an OR would sort all there ever was.
    const SQL: &str = "
        /* notices: told */
        SELECT n.id, n.at, n.event, n.text, n.noun, n.noun_id, s.route_id, h.id AS stop_id,
               ifnull((SELECT notice_id FROM notices_seen WHERE user_id = :user), 0) < n.id AS is_unread
        FROM (SELECT * FROM (SELECT * FROM notices WHERE user_id = :user AND id < :before ORDER BY id DESC LIMIT :most)
              UNION ALL
              SELECT * FROM (SELECT * FROM notices WHERE user_id IS NULL AND :is_office AND id < :before ORDER BY id DESC LIMIT :most)) AS n
        LEFT JOIN stops AS s ON n.noun = 'stop' AND s.id = n.noun_id
        LEFT JOIN stops AS h ON n.noun = 'order' AND h.order_id = n.noun_id AND h.status IN ('pending', 'arrived', 'completed')
        ORDER BY n.id DESC
        LIMIT :most";
    let named = named_params! {
        ":user": user,
        ":is_office": Audience::Office.has(user, role),
        ":before": before.map_or(i64::MAX, |id| id.0),
        ":most": most,
    };
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named, told)?.collect())
        .doing(format_args!("list what user {user} was told"))
}

fn told(row: &Row) -> rusqlite::Result<Told> {
    let noun: Option<String> = row.get("noun")?;
    Ok(Told {
        id: row.get("id")?,
        at: row.get("at")?,
        event: row.get("event")?,
        text: row.get("text")?,
        about: noun.zip(row.get("noun_id")?),
        route_id: row.get("route_id")?,
        stop_id: row.get("stop_id")?,
        is_unread: row.get("is_unread")?,
    })
}

/// So many of the latest are never forgotten: the clock may be years ahead for an hour, and no number is given twice.
const KEPT: i64 = 1_000;

/// Forgets what was told before `read` and has been read by all it was told to, and what was told before `any`. Says how
/// many those were.
pub fn forget_old(tx: &Transaction, read: Stamp, any: Stamp) -> Result<usize> {
    const SQL: &str = "
        /* notices: forget old */
        DELETE FROM notices
        WHERE at < :read
          AND id <= (SELECT max(id) FROM notices) - :kept
          AND (at < :any
               OR NOT EXISTS (SELECT 1
                              FROM users AS u
                              LEFT JOIN notices_seen AS s ON s.user_id = u.id
                              WHERE u.is_active = 1
                                AND CASE WHEN notices.user_id IS NULL THEN u.role <> 'driver' ELSE u.id = notices.user_id END
                                AND ifnull(s.notice_id, 0) < notices.id))";
    tx.execute(SQL, named_params! {":read": read, ":any": any, ":kept": KEPT}).doing("forget old notices")
}

/// Everything up to `through` is read; never less than before, and nothing that was not told yet.
pub fn mark_seen(tx: &Transaction, user: UserId, through: NoticeId) -> Result<()> {
    const SQL: &str = "
        INSERT INTO notices_seen (user_id, notice_id)
        VALUES (:user, min(:through, (SELECT ifnull(max(id), 0) FROM notices)))
        ON CONFLICT (user_id) DO UPDATE
        SET notice_id = max(notice_id, excluded.notice_id)";
    tx.execute(SQL, named_params! {":user": user, ":through": through}).doing(format_args!("mark what user {user} has read"))?;
    Ok(())
}
