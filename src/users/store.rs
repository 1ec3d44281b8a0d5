use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params};

use crate::db;
use crate::error::{Doing, Error, Result};
use crate::users::{Listed, NOUN, NewUser, Role, TextSize, User};
use crate::values::{Stamp, UserId};

const COLUMNS: &str = "u.id, u.username, u.name, u.role, u.text_size, u.must_change_password, u.is_active, u.last_seen_at, u.version";

fn user(row: &Row) -> rusqlite::Result<User> {
    let (role, size): (String, String) = (row.get("role")?, row.get("text_size")?);
    Ok(User {
        id: row.get("id")?,
        username: row.get("username")?,
        name: row.get("name")?,
        // The table's CHECKs let nothing else in.
        role: Role::from_word(&role).unwrap_or(Role::Driver),
        text_size: TextSize::from_word(&size).unwrap_or(TextSize::Medium),
        must_change_password: row.get("must_change_password")?,
        is_active: row.get("is_active")?,
        last_seen_at: row.get("last_seen_at")?,
        version: row.get("version")?,
    })
}

/// Whether anybody has an account: until then the first run answers every page.
pub fn is_anybody(conn: &Connection) -> Result<bool> {
    conn.query_row("SELECT EXISTS (SELECT 1 FROM users)", [], |row| row.get(0)).doing("look for a user")
}

pub fn get(conn: &Connection, id: UserId) -> Result<User> {
    let sql = format!("SELECT {COLUMNS} FROM users AS u WHERE u.id = :id");
    conn.prepare_cached(&sql)
        .and_then(|mut query| query.query_row(named_params! {":id": id}, user).optional())
        .doing(format_args!("get user {id}"))?
        .ok_or_else(|| Error::not_found(NOUN, id))
}

/// The user who signs in as `username`, capitals or not, with what the database keeps of their password.
pub fn find(conn: &Connection, username: &str) -> Result<Option<(User, String)>> {
    let sql = format!("SELECT {COLUMNS}, u.password_hash FROM users AS u WHERE u.username = :username");
    conn.prepare_cached(&sql)
        .and_then(|mut query| {
            query.query_row(named_params! {":username": username}, |row| Ok((user(row)?, row.get("password_hash")?))).optional()
        })
        .doing("find a user by name")
}

/// Everybody, those who may sign in first, in the order they were added; with lock and device.
pub fn list(conn: &Connection, now: Stamp) -> Result<Vec<Listed>> {
    let sql = format!(
        "/* users: list */
        SELECT {COLUMNS},
               (SELECT t.locked_until_at FROM sign_in_tries AS t WHERE t.username = u.username AND :now < t.locked_until_at) AS locked_until_at,
               (SELECT s.device FROM sessions AS s WHERE s.user_id = u.id ORDER BY s.created_at DESC LIMIT 1) AS device
        FROM users AS u
        ORDER BY u.is_active DESC, u.id"
    );
    let listed = |row: &Row| Ok(Listed { user: user(row)?, locked_until_at: row.get("locked_until_at")?, device: row.get("device")? });
    conn.prepare_cached(&sql).and_then(|mut query| query.query_map(named_params! {":now": now}, listed)?.collect()).doing("list the users")
}

/// Everybody with what the database keeps of their password, in the order they were added.
pub fn everybody(conn: &Connection) -> Result<Vec<(User, String)>> {
    let sql = format!("SELECT {COLUMNS}, u.password_hash FROM users AS u ORDER BY u.id");
    conn.prepare(&sql)
        .and_then(|mut query| query.query_map([], |row| Ok((user(row)?, row.get("password_hash")?)))?.collect())
        .doing("list everybody")
}

/// Puts `theirs`, somebody of another shop, among the users as they are there, by the name they sign in with; gives their
/// id here. Without `password_hash` the one that stands here stays, and somebody new has a password nobody knows.
pub fn take_over(tx: &Transaction, theirs: &User, password_hash: Option<&str>, now: Stamp) -> Result<UserId> {
    const SQL: &str = "
        INSERT INTO users (username, name, role, password_hash, must_change_password, text_size, is_active, created_at, updated_at)
        VALUES (:username, :name, :role, ifnull(:hash, '!'), :must_change, :size, :active, :now, :now)
        ON CONFLICT (username) DO UPDATE
        SET name = excluded.name,
            role = excluded.role,
            password_hash = ifnull(:hash, password_hash),
            must_change_password = excluded.must_change_password,
            text_size = excluded.text_size,
            is_active = excluded.is_active,
            updated_at = excluded.updated_at,
            version = version + 1
        RETURNING id";
    tx.query_row(
        SQL,
        named_params! {
            ":username": theirs.username,
            ":name": theirs.name,
            ":role": theirs.role.word(),
            ":hash": password_hash,
            ":must_change": theirs.must_change_password,
            ":size": theirs.text_size.word(),
            ":active": theirs.is_active,
            ":now": now,
        },
        |row| row.get(0),
    )
    .doing("take over a user of another shop")
}

/// Those who drive and may sign in, by name.
pub fn drivers(conn: &Connection) -> Result<Vec<(UserId, String)>> {
    const SQL: &str = "
        SELECT id, name
        FROM users
        WHERE role = 'driver' AND is_active = 1
        ORDER BY name, id";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map([], |row| Ok((row.get("id")?, row.get("name")?)))?.collect())
        .doing("list the drivers")
}

/// How many may run everything; one of them must stay.
pub fn count_active_admins(conn: &Connection) -> Result<i64> {
    conn.query_row("SELECT count(*) FROM users WHERE role = 'admin' AND is_active = 1", [], |row| row.get(0)).doing("count the admins")
}

/// Adds somebody; `Invalid` at `username` when the name is taken.
pub fn add(tx: &Transaction, new: &NewUser, password_hash: &str, now: Stamp) -> Result<UserId> {
    const SQL: &str = "
        INSERT INTO users (username, name, role, password_hash, must_change_password, text_size, created_at, updated_at)
        VALUES (:username, :name, :role, :hash, :must_change, :size, :now, :now)";
    let added = tx.execute(
        SQL,
        named_params! {
            ":username": new.username,
            ":name": new.name,
            ":role": new.role.word(),
            ":hash": password_hash,
            ":must_change": new.must_change_password,
            ":size": new.text_size.word(),
            ":now": now,
        },
    );
    match added {
        Err(error) if db::is_unique_violation(&error) => Err(Error::invalid("username", "這個帳號已經有人用了，請換一個。")),
        other => other.doing("add a user").map(|_| UserId(tx.last_insert_rowid())),
    }
}

/// Name, role and text size; nothing when `version` is not the newest any more.
pub fn edit(tx: &Transaction, edited: &User, now: Stamp) -> Result<bool> {
    const SQL: &str = "
        UPDATE users
        SET name = :name,
            role = :role,
            text_size = :size,
            updated_at = :now,
            version = version + 1
        WHERE id = :id AND version = :version";
    let changed = tx
        .execute(
            SQL,
            named_params! {
                ":id": edited.id,
                ":version": edited.version,
                ":name": edited.name,
                ":role": edited.role.word(),
                ":size": edited.text_size.word(),
                ":now": now,
            },
        )
        .doing(format_args!("edit user {}", edited.id))?;
    Ok(changed == 1)
}

pub fn set_text_size(tx: &Transaction, id: UserId, size: TextSize, now: Stamp) -> Result<()> {
    const SQL: &str = "
        UPDATE users
        SET text_size = :size,
            updated_at = :now,
            version = version + 1
        WHERE id = :id";
    tx.execute(SQL, named_params! {":id": id, ":size": size.word(), ":now": now}).doing(format_args!("set the text size of user {id}"))?;
    Ok(())
}

pub fn set_password(tx: &Transaction, id: UserId, password_hash: &str, must_change: bool, now: Stamp) -> Result<()> {
    const SQL: &str = "
        UPDATE users
        SET password_hash = :hash,
            must_change_password = :must_change,
            updated_at = :now,
            version = version + 1
        WHERE id = :id";
    tx.execute(SQL, named_params! {":id": id, ":hash": password_hash, ":must_change": must_change, ":now": now})
        .doing(format_args!("set the password of user {id}"))?;
    Ok(())
}

pub fn set_active(tx: &Transaction, id: UserId, is_active: bool, now: Stamp) -> Result<()> {
    const SQL: &str = "
        UPDATE users
        SET is_active = :active,
            updated_at = :now,
            version = version + 1
        WHERE id = :id";
    tx.execute(SQL, named_params! {":id": id, ":active": is_active, ":now": now}).doing(format_args!("switch user {id} on or off"))?;
    Ok(())
}

/// Never earlier than what stands there. It is no change of the user, so the version stays.
pub fn set_seen(tx: &Transaction, id: UserId, at: Stamp) -> Result<()> {
    const SQL: &str = "
        UPDATE users
        SET last_seen_at = max(ifnull(last_seen_at, 0), :at)
        WHERE id = :id";
    tx.execute(SQL, named_params! {":id": id, ":at": at}).doing(format_args!("note when user {id} was here"))?;
    Ok(())
}

/// Until when nobody signs in as `username`; `None` when it is open.
pub fn locked_until(conn: &Connection, username: &str, now: Stamp) -> Result<Option<Stamp>> {
    const SQL: &str = "SELECT locked_until_at FROM sign_in_tries WHERE username = :username AND :now < locked_until_at";
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_row(named_params! {":username": username, ":now": now}, |row| row.get(0)).optional())
        .doing("look for a lock")
}

/// Counts a wrong password for `username`, existing or not, and gives how many there were in a row since
/// `since`; older ones count no more.
pub fn count_failure(tx: &Transaction, username: &str, now: Stamp, since: Stamp) -> Result<i64> {
    const SQL: &str = "
        INSERT INTO sign_in_tries (username, failed, last_failed_at)
        VALUES (:username, 1, :now)
        ON CONFLICT (username) DO UPDATE
        SET failed = failed + 1,
            last_failed_at = :now
        RETURNING failed";
    forget_old_failures(tx, since)?;
    tx.query_row(SQL, named_params! {":username": username, ":now": now}, |row| row.get(0)).doing("count a wrong password")
}

/// Throws away the wrong passwords of up to `since`, their locks with them, and says of how many names they were.
/// What is left is what the hasher can do in the meantime.
pub fn forget_old_failures(tx: &Transaction, since: Stamp) -> Result<usize> {
    tx.execute("DELETE FROM sign_in_tries WHERE last_failed_at <= :since", named_params! {":since": since})
        .doing("forget old wrong passwords")
}

/// Lifts every lock.
pub fn forget_all_failures(tx: &Transaction) -> Result<()> {
    tx.execute("DELETE FROM sign_in_tries", []).doing("forget all wrong passwords").map(|_| ())
}

pub fn lock(tx: &Transaction, username: &str, until: Stamp) -> Result<()> {
    const SQL: &str = "
        UPDATE sign_in_tries
        SET locked_until_at = :until
        WHERE username = :username";
    tx.execute(SQL, named_params! {":username": username, ":until": until}).doing("lock a name")?;
    Ok(())
}

/// After a right password, or a new one: the count begins again and a lock is lifted.
pub fn forget_failures(tx: &Transaction, username: &str) -> Result<()> {
    tx.execute("DELETE FROM sign_in_tries WHERE username = :username", named_params! {":username": username})
        .doing("forget wrong passwords")?;
    Ok(())
}
