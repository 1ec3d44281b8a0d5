//! Looking after the others: who is in, what they may do, first passwords, switching off.

use rusqlite::Transaction;
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::error::{Error, Result};
use crate::http::Request;
use crate::journal::{self, By, Entry};
use crate::ui::FormReader;
use crate::users::{NOUN, NewUser, Role, TextSize, User, password, session, sign_in, store};
use crate::values::UserId;

/// Which roles somebody of `role` may give: nobody makes a higher one than their own.
pub fn grantable_by(role: Role) -> &'static [Role] {
    match role {
        Role::Admin => &Role::ALL,
        Role::Manager => &[Role::Manager, Role::Accountant, Role::OfficeStaff, Role::Driver],
        Role::Accountant | Role::OfficeStaff | Role::Driver => &[],
    }
}

/// What the form says of a user, new or edited.
pub struct Wish {
    pub name: String,
    pub role: Role,
    pub text_size: TextSize,
}

impl Wish {
    /// `Forbidden` for a role that is not `req`'s to give.
    fn read(form: &mut FormReader, req: &Request) -> Result<Wish> {
        let name = form.need("name", 40, "請填名字，畫面上會這樣叫。");
        let role = form.parsed("role", "請選一種角色。", Role::from_word);
        if role.is_none() && form.text("role").is_empty() {
            form.problem("role", "請選一種角色。");
        }
        let text_size = form.parsed("text_size", "請選一種大小。", TextSize::from_word).unwrap_or(TextSize::Medium);
        let role = role.unwrap_or(Role::Driver);
        if !grantable_by(req.session()?.role).contains(&role) {
            return Err(Error::Forbidden);
        }
        Ok(Wish { name, role, text_size })
    }
}

/// A form for somebody new; their first password is made here and has to be changed.
pub fn read_new(req: &Request) -> Result<NewUser> {
    let mut form = FormReader::new(req);
    let username = sign_in::username(&form.need("username", 40, "請填帳號，登入時要用。"));
    if let Some(say) = super::username_problem(&username).filter(|_| !username.is_empty()) {
        form.problem("username", say);
    }
    let wish = Wish::read(&mut form, req)?;
    form.check()?;
    Ok(NewUser { username, name: wish.name, role: wish.role, text_size: wish.text_size, must_change_password: true })
}

/// A form for somebody who is there.
pub fn read_wish(req: &Request) -> Result<Wish> {
    let mut form = FormReader::new(req);
    let wish = Wish::read(&mut form, req)?;
    form.check()?;
    Ok(wish)
}

/// Adds `new`, who signs in with `first`.
pub fn add(app: &App, by: By, new: &NewUser, first: &str) -> Result<UserId> {
    let hash = app.hasher.hash(first)?;
    app.db.write(|tx| {
        let id = store::add(tx, new, &hash, by.at)?;
        // Somebody may have tried the name before it existed.
        store::forget_failures(tx, &new.username)?;
        let after = json!({"username": new.username, "name": new.name, "role": new.role.word()});
        record(tx, by, "create", id, json!({"after": after}))?;
        Ok(id)
    })
}

/// For whoever sits at the shop's own PC and cannot get in: user `id` signs in with `word` from now on,
/// locked or switched off before or not.
pub fn rescue(app: &App, by: By, id: UserId, word: &str, must_change: bool) -> Result<()> {
    let hash = app.hasher.hash(word)?;
    app.db.write(|tx| {
        let user = store::get(tx, id)?;
        store::set_password(tx, id, &hash, must_change, by.at)?;
        store::forget_failures(tx, &user.username)?;
        session::end_all(tx, id, None)?;
        record(tx, by, "reset_password", id, json!({}))?;
        if !user.is_active {
            store::set_active(tx, id, true, by.at)?;
            record(tx, by, "reactivate", id, json!({}))?;
        }
        Ok(())
    })
}

/// What became of an edit.
pub enum Edited {
    Done,
    /// Somebody was quicker; how the user is now.
    Stale(User),
}

/// Gives user `id` what `wish` says, if `version` is still theirs. A new role ends their sessions, so
/// that nobody goes on with rights they no longer have.
pub fn edit(app: &App, req: &Request, id: UserId, version: i64, wish: &Wish) -> Result<Edited> {
    app.db.write(|tx| {
        let before = changeable(tx, req, id)?;
        if before.version != version {
            return Ok(Edited::Stale(before));
        }
        if wish.role != Role::Admin && is_last_admin(tx, &before)? {
            return Err(Error::invalid("role", "這是最後一位管理者，角色不能改。"));
        }
        let after = User { name: wish.name.clone(), role: wish.role, text_size: wish.text_size, ..before.clone() };
        let change = difference(&before, &after);
        if change["after"].as_object().is_none_or(Map::is_empty) {
            return Ok(Edited::Done);
        }
        if !store::edit(tx, &after, req.at)? {
            return Ok(Edited::Stale(store::get(tx, id)?));
        }
        if before.role != after.role {
            session::end_all(tx, id, None)?;
        }
        record(tx, req.by(), "edit", id, change)?;
        Ok(Edited::Done)
    })
}

/// Gives user `id` a new first password and signs them out everywhere. A lock is lifted with it.
pub fn reset_password(app: &App, req: &Request, id: UserId) -> Result<(User, String)> {
    let first = password::generate()?;
    let hash = app.hasher.hash(&first)?;
    let user = app.db.write(|tx| {
        let user = changeable(tx, req, id)?;
        store::set_password(tx, id, &hash, true, req.at)?;
        store::forget_failures(tx, &user.username)?;
        session::end_all(tx, id, None)?;
        record(tx, req.by(), "reset_password", id, json!({}))?;
        Ok(user)
    })?;
    Ok((user, first))
}

/// Ends every session of user `id`; one's own goes on where one sits.
pub fn sign_out(app: &App, req: &Request, id: UserId) -> Result<User> {
    app.db.write(|tx| {
        let user = changeable(tx, req, id)?;
        let kept = session::token_of(req).filter(|_| req.session.as_ref().is_some_and(|me| me.user_id == id));
        let ended = session::end_all(tx, id, kept)?;
        record(tx, req.by(), "sign_out", id, json!({"sessions": ended}))?;
        Ok(user)
    })
}

/// Switches user `id` off, which ends their sessions at once. `Conflict` for oneself and for the last admin.
pub fn deactivate(app: &App, req: &Request, id: UserId) -> Result<User> {
    let me = req.session()?.user_id;
    app.db.write(|tx| {
        let user = changeable(tx, req, id)?;
        if is_last_admin(tx, &user)? {
            return Err(Error::conflict("the last active admin", "這是最後一位管理者，不能停用。"));
        }
        if id == me {
            return Err(Error::conflict("nobody switches themselves off", "不能停用自己，請另一位管理者來做。"));
        }
        if user.is_active {
            store::set_active(tx, id, false, req.at)?;
            session::end_all(tx, id, None)?;
            record(tx, req.by(), "deactivate", id, json!({}))?;
        }
        Ok(user)
    })
}

/// Lets user `id` in again, with the password they had.
pub fn reactivate(app: &App, req: &Request, id: UserId) -> Result<User> {
    app.db.write(|tx| {
        let user = changeable(tx, req, id)?;
        if !user.is_active {
            store::set_active(tx, id, true, req.at)?;
            record(tx, req.by(), "reactivate", id, json!({}))?;
        }
        Ok(user)
    })
}

/// User `id`, if they are `req`'s to change.
pub fn changeable(conn: &rusqlite::Connection, req: &Request, id: UserId) -> Result<User> {
    let user = store::get(conn, id)?;
    user.check_changeable_by(req.session()?.role)?;
    Ok(user)
}

fn is_last_admin(tx: &Transaction, user: &User) -> Result<bool> {
    Ok(user.role == Role::Admin && user.is_active && store::count_active_admins(tx)? <= 1)
}

fn record(tx: &Transaction, by: By, verb: &str, id: UserId, change: Value) -> Result<()> {
    journal::record(tx, &Entry { by, verb, noun: NOUN, noun_id: Some(id.0), change })
}

/// `{"before": …, "after": …}` of what differs.
fn difference(before: &User, after: &User) -> Value {
    let facts =
        |user: &User| [("name", user.name.clone()), ("role", user.role.word().to_owned()), ("text_size", user.text_size.word().to_owned())];
    let (mut was, mut is) = (Map::new(), Map::new());
    for ((name, old), (_, new)) in facts(before).into_iter().zip(facts(after)) {
        if old != new {
            was.insert(name.to_owned(), old.into());
            is.insert(name.to_owned(), new.into());
        }
    }
    json!({"before": was, "after": is})
}
