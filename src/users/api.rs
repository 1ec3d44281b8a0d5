//! The same as JSON: coming in, going out, who am I.

use serde_json::{Value, json};

use crate::app::App;
use crate::error::Result;
use crate::http::{Request, Response};
use crate::users::{User, pages, session, sign_in, store};

/// `POST /api/v1/auth/login {username, password}`: the token works as `Authorization: Bearer …` and as
/// the cookie that is set beside it; with the cookie, changes carry `csrf` as `X-CSRF-Token`.
pub fn login(app: &App, req: &Request) -> Result<Response> {
    let body = req.json()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();

    let entered = sign_in::enter(app, req, text("username"), text("password"))?;

    let answer = json!({
        "token": entered.token,
        "csrf": session::csrf(&entered.token),
        "expires_at": req.at.plus_ms(session::lifetime_ms(entered.user.role)).to_string(),
        "must_change_password": entered.user.must_change_password,
        "user": to_json(&entered.user),
    });
    Ok(sign_in::with_cookie(Response::json(&answer), req, &entered.token, entered.user.role))
}

/// `POST /api/v1/auth/logout` ends this session.
pub fn logout(app: &App, req: &Request) -> Result<Response> {
    sign_in::leave(app, req)?;

    Ok(sign_in::without_cookie(Response::json(&json!({"signed_out": true})), req))
}

/// `GET /api/v1/auth/me`.
pub fn me(app: &App, req: &Request) -> Result<Response> {
    let session = req.session()?;
    let user = app.db.read(|conn| store::get(conn, session.user_id))?;
    Ok(Response::json(&json!({
        "user": to_json(&user),
        "must_change_password": session.must_change_password,
        "csrf": session.csrf,
        "expires_at": session.expires_at.to_string(),
    })))
}

/// `POST /api/v1/auth/password {current_password, new_password}`; the user's other sessions end.
pub fn change_password(app: &App, req: &Request) -> Result<Response> {
    let body = req.json()?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();

    pages::replace_password(app, req, text("current_password"), text("new_password"))?;

    Ok(Response::json(&json!({"changed": true})))
}

/// One user; never a password, never a hash.
pub fn to_json(user: &User) -> Value {
    json!({
        "id": user.id.0,
        "username": user.username,
        "name": user.name,
        "role": user.role.word(),
        "text_size": user.text_size.word(),
        "is_active": user.is_active,
    })
}
