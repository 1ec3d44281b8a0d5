//! Tokens: made here, known again here.

use rusqlite::{Connection, OptionalExtension, Row, ToSql, Transaction, named_params};
use sha2::{Digest, Sha256};

use crate::error::{Doing, Error, Result};
use crate::http::Request;
use crate::notices::MOST_COUNTED;
use crate::users::unstored::Begun;
use crate::users::{Role, Session, TextSize};
use crate::values::{Stamp, UserId};

/// The cookie a browser's token travels in.
pub const COOKIE: &str = "luckygas";

/// 12 hours for an office day, 30 days for a driver's phone (business §20).
pub fn lifetime_ms(role: Role) -> i64 {
    const HOUR: i64 = 3_600_000;
    if role == Role::Driver { 30 * 24 * HOUR } else { 12 * HOUR }
}

/// 32 random bytes from the operating system, in hex.
pub fn new_token() -> Result<String> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| error.to_string()).doing("draw a random token")?;
    Ok(hex(&bytes))
}

/// What stands in the database for `token`.
pub fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// What a form of this session carries. It cannot be turned back into the token.
pub fn csrf(token: &str) -> String {
    hex(&Sha256::digest(format!("csrf:{token}").as_bytes())[..16])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The token of `req`: `Authorization: Bearer …` of a program, else the browser's cookie.
pub fn token_of(req: &Request) -> Option<&str> {
    bearer(req).or_else(|| req.cookie(COOKIE)).filter(|token| token.len() == 64)
}

/// A token no browser sends by itself, so that no other site can make one send it.
pub fn bearer(req: &Request) -> Option<&str> {
    req.header("authorization")?.strip_prefix("Bearer ")
}

/// The session of a row of `$from`, called s.
macro_rules! session_of {
    ($from:literal) => {
        concat!(
            "
        SELECT u.id, u.username, u.name, u.role, u.text_size, u.must_change_password, s.expires_at,
               (SELECT count(*) FROM (SELECT 1 FROM notices AS n
                WHERE n.user_id = u.id AND ifnull(r.notice_id, 0) < n.id LIMIT :most)) AS own_unread,
               CASE WHEN u.role <> 'driver' THEN
                   (SELECT count(*) FROM (SELECT 1 FROM notices AS n
                    WHERE n.user_id IS NULL AND ifnull(r.notice_id, 0) < n.id LIMIT :most))
               ELSE 0 END AS office_unread,
               (SELECT ifnull(max(id), 0) FROM journal) AS journal
        FROM ",
            $from,
            " AS s
        JOIN users AS u ON u.id = s.user_id
        LEFT JOIN notices_seen AS r ON r.user_id = u.id
        WHERE :now < s.expires_at AND u.is_active = 1"
        )
    };
}

/// Who `token` belongs to, while the session lives and its user is active.
pub fn find(conn: &Connection, token: &str, now: Stamp) -> Result<Option<Session>> {
    const SQL: &str = concat!(session_of!("sessions"), " AND s.token_hash = :hash");
    find_by(conn, SQL, token, named_params! {":hash": hash(token), ":now": now, ":most": MOST_COUNTED + 1})
}

/// The same of a session that stands in no row.
pub(super) fn find_unstored(conn: &Connection, token: &str, begun: &Begun, now: Stamp) -> Result<Option<Session>> {
    const SQL: &str = session_of!("(SELECT :user AS user_id, :expires AS expires_at)");
    let params = named_params! {":user": begun.user, ":expires": begun.expires_at, ":now": now, ":most": MOST_COUNTED + 1};
    find_by(conn, SQL, token, params)
}

fn find_by(conn: &Connection, sql: &str, token: &str, params: &[(&str, &dyn ToSql)]) -> Result<Option<Session>> {
    let session = |row: &Row| -> rusqlite::Result<Option<Session>> {
        let (role, size): (String, String) = (row.get("role")?, row.get("text_size")?);
        let Some((role, text_size)) = Role::from_word(&role).zip(TextSize::from_word(&size)) else { return Ok(None) };
        Ok(Some(Session {
            user_id: row.get("id")?,
            username: row.get("username")?,
            name: row.get("name")?,
            role,
            text_size,
            must_change_password: row.get("must_change_password")?,
            csrf: csrf(token),
            expires_at: row.get("expires_at")?,
            unread: row.get::<_, i64>("own_unread")? + row.get::<_, i64>("office_unread")?,
            journal: row.get("journal")?,
        }))
    };
    conn.prepare_cached(sql).and_then(|mut query| query.query_row(params, session).optional()).doing("find a session").map(Option::flatten)
}

/// Starts a session and gives its token, which is stored nowhere.
pub fn start(tx: &Transaction, user: UserId, role: Role, device: &str, now: Stamp) -> Result<String> {
    let token = new_token()?;
    insert(tx, &hash(&token), (user, device), now, now.plus_ms(lifetime_ms(role)))?;
    Ok(token)
}

/// Adds one that began while nothing could be written.
pub(super) fn add(tx: &Transaction, hash: &[u8; 32], begun: &Begun) -> Result<()> {
    insert(tx, hash, (begun.user, begun.device), begun.created_at, begun.expires_at)
}

fn insert(tx: &Transaction, hash: &[u8; 32], (user, device): (UserId, &str), now: Stamp, expires: Stamp) -> Result<()> {
    const SQL: &str = "
        INSERT INTO sessions (token_hash, user_id, device, created_at, expires_at)
        VALUES (:hash, :user, :device, :now, :expires)";
    tx.execute(SQL, named_params! {":hash": hash, ":user": user, ":device": device, ":now": now, ":expires": expires})
        .doing("start a session")?;
    Ok(())
}

/// Ends the session of `token`.
pub fn end(tx: &Transaction, token: &str) -> Result<()> {
    remove(tx, &hash(token))
}

/// Ends the session whose row has `hash`.
pub(super) fn remove(tx: &Transaction, hash: &[u8; 32]) -> Result<()> {
    tx.execute("DELETE FROM sessions WHERE token_hash = ?1", [hash]).doing("end a session")?;
    Ok(())
}

/// Ends every session of `user`, but the one of `kept` when given.
pub fn end_all(tx: &Transaction, user: UserId, kept: Option<&str>) -> Result<usize> {
    const SQL: &str = "DELETE FROM sessions WHERE user_id = :user AND token_hash IS NOT :kept";
    tx.execute(SQL, named_params! {":user": user, ":kept": kept.map(hash)}).doing("end the sessions of a user")
}

/// One browser somebody is signed in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// What it is called in an address: no token, and not turned back into one.
    pub key: String,
    pub(super) hash: [u8; 32],
    /// 電腦 or 手機.
    pub device: String,
    pub since: Stamp,
    /// As kept; [`super::Seen`] may know better.
    pub seen_at: Option<Stamp>,
    pub address: Option<String>,
}

/// The browsers `user` is signed in with, the newest first.
pub fn of_user(conn: &Connection, user: UserId, now: Stamp) -> Result<Vec<Device>> {
    const SQL: &str = "
        SELECT s.token_hash, s.device, s.created_at, n.seen_at, n.address
        FROM sessions AS s
        LEFT JOIN sessions_seen AS n ON n.token_hash = s.token_hash
        WHERE s.user_id = :user AND :now < s.expires_at
        ORDER BY s.created_at DESC, s.token_hash";
    let device = |row: &Row| {
        let hash: [u8; 32] = row.get("token_hash")?;
        let (since, seen_at) = (row.get("created_at")?, row.get("seen_at")?);
        Ok(Device { key: hex(&hash[..8]), hash, device: row.get("device")?, since, seen_at, address: row.get("address")? })
    };
    conn.prepare_cached(SQL)
        .and_then(|mut query| query.query_map(named_params! {":user": user, ":now": now}, device)?.collect())
        .doing(format_args!("list the sessions of user {user}"))
}

/// What the session of `token` is called in an address.
pub fn key_of(token: &str) -> String {
    hex(&hash(token)[..8])
}

/// Ends the session of `user` that is called `key`, and says whether there was one.
pub fn end_one(tx: &Transaction, user: UserId, key: &str) -> Result<bool> {
    const SQL: &str = "DELETE FROM sessions WHERE user_id = :user AND lower(hex(substr(token_hash, 1, 8))) = :key";
    let ended = tx.execute(SQL, named_params! {":user": user, ":key": key}).doing("end one session of a user")?;
    Ok(0 < ended)
}

/// Notes when and from where the session whose row has `hash` was last used; nothing when it is gone.
pub(super) fn set_seen(tx: &Transaction, hash: &[u8; 32], at: Stamp, address: &str) -> Result<()> {
    const SQL: &str = "
        INSERT INTO sessions_seen (token_hash, seen_at, address)
        SELECT token_hash, :at, :address FROM sessions WHERE token_hash = :hash
        ON CONFLICT (token_hash) DO UPDATE
        SET seen_at = excluded.seen_at,
            address = excluded.address";
    tx.execute(SQL, named_params! {":hash": hash, ":at": at, ":address": address}).doing("note when a session was used")?;
    Ok(())
}

/// Ends everybody's sessions.
pub fn forget_all(tx: &Transaction) -> Result<usize> {
    tx.execute("DELETE FROM sessions", []).doing("end all sessions")
}

/// How many browsers `user` is signed in with.
pub fn count(conn: &Connection, user: UserId, now: Stamp) -> Result<i64> {
    const SQL: &str = "SELECT count(*) FROM sessions WHERE user_id = :user AND :now < expires_at";
    conn.query_row(SQL, named_params! {":user": user, ":now": now}, |row| row.get(0)).doing("count the sessions of a user")
}

/// Throws away what nobody can use any more, and says how many those were.
pub fn forget_expired(tx: &Transaction, now: Stamp) -> Result<usize> {
    tx.execute("DELETE FROM sessions WHERE expires_at <= ?1", [now]).doing("forget expired sessions")
}

/// A change is wanted from this session, not from a page somewhere else: the form's token, the
/// header scripts of ours send, or a bearer token.
pub fn check_csrf(req: &Request) -> Result<()> {
    if bearer(req).is_some() {
        return Ok(());
    }
    let session = req.session()?;
    let sent = req.form("csrf").or_else(|| req.header("x-csrf-token")).unwrap_or_default();
    let is_ours = subtle::ConstantTimeEq::ct_eq(sent.as_bytes(), session.csrf.as_bytes());
    if bool::from(is_ours) { Ok(()) } else { Err(Error::BadRequest("the form's token is missing or another session's")) }
}
