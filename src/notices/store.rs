use rusqlite::{Transaction, named_params};

use crate::error::{Doing, Result};
use crate::notices::{Audience, MOST_CHARS, Notice};
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
