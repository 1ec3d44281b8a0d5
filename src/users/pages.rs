//! One's own pages: coming in, going out, the size of the letters, one's password.

use maud::{Markup, html};
use percent_encoding::{CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::app::App;
use crate::demo;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::journal::{self, Entry};
use crate::ui::form::wrong;
use crate::ui::{self, FormReader, Page, Room, csrf_field};
use crate::users::sign_in::{self, local_path};
use crate::users::{NOUN, Session, TextSize, device_pages, password, session, store};
use crate::visits;

/// `GET /sign-in`, with `?next=` the page one wanted.
pub fn sign_in_form(app: &App, req: &Request) -> Result<Response> {
    if req.session.is_some() {
        return Ok(to_local(req.query("next").unwrap_or_default()));
    }
    if let Some(visit) = app.visit.as_ref().filter(|visit| visit.kind == visits::Kind::Past) {
        return Ok(Page::new(app, req, "登入").porch(visits::views::outside(visit, req)));
    }
    Ok(sign_in_page(app, req, req.query("next").unwrap_or_default(), None))
}

/// `POST /sign-in`.
pub fn sign_in(app: &App, req: &Request) -> Result<Response> {
    let next = req.form("next").unwrap_or_default();

    match sign_in::enter(app, req, req.form("username").unwrap_or_default(), req.form("password").unwrap_or_default()) {
        Ok(entered) => Ok(sign_in::with_cookie(to_local(next), req, &entered.token, entered.user.role)),
        Err(error @ (Error::WrongPassword | Error::TooMany { .. })) => {
            let page = sign_in_page(app, req, next, Some(&error)).status(error.status());
            Ok(if let Error::TooMany { wait_s, .. } = error { page.with("Retry-After", &wait_s.to_string()) } else { page })
        }
        Err(error) => Err(error),
    }
}

/// `POST /sign-out`.
pub fn sign_out(app: &App, req: &Request) -> Result<Response> {
    sign_in::leave(app, req)?;

    Ok(sign_in::without_cookie(Response::see_other("/sign-in"), req).with_notice("已登出。"))
}

/// `GET /me`.
pub fn me(app: &App, req: &Request) -> Result<Response> {
    let me = req.session()?;
    let devices = device_pages::devices(app, me.user_id, req.at)?;
    Ok(Page::new(app, req, "我的設定").room(Room::Settings).show(me_view(req, me, &devices)))
}

/// `POST /me` sets the size of the letters.
pub fn set_text_size(app: &App, req: &Request) -> Result<Response> {
    let me = req.session()?;
    let size =
        TextSize::from_word(req.form("text_size").unwrap_or_default()).ok_or_else(|| Error::invalid("text_size", "請選一種大小。"))?;

    app.db.write(|tx| {
        let before = store::get(tx, me.user_id)?.text_size;
        store::set_text_size(tx, me.user_id, size, req.at)?;
        let change = json!({"before": {"text_size": before.word()}, "after": {"text_size": size.word()}});
        journal::record(tx, &Entry { by: req.by(), verb: "edit", noun: NOUN, noun_id: Some(me.user_id.0), change })
    })?;

    Ok(Response::see_other("/me").with_notice("字的大小已存。"))
}

/// `GET /me/password`.
pub fn password_form(app: &App, req: &Request) -> Result<Response> {
    Ok(password_page(app, req, req.session()?, &[]))
}

/// `POST /me/password`; the other browsers of this user are signed out.
pub fn change_password(app: &App, req: &Request) -> Result<Response> {
    let me = req.session()?;
    let mut form = FormReader::new(req);
    let (current, new) = (req.form("current_password").unwrap_or_default(), req.form("new_password").unwrap_or_default());
    if req.form("again").unwrap_or_default() != new {
        form.problem("again", "兩次輸入的密碼不一樣。");
    }

    match form.check().and_then(|()| replace_password(app, req, current, new)) {
        Ok(()) if me.must_change_password => Ok(Response::see_other("/").with_notice("密碼已換好，開始使用吧。")),
        Ok(()) => Ok(Response::see_other("/me").with_notice("密碼已換好，其他裝置都登出了。")),
        Err(Error::Invalid(problems)) => Ok(password_page(app, req, me, &problems).status(422)),
        Err(error) => Err(error),
    }
}

/// Gives whoever is signed in `new` as their password. `current` is not asked of somebody who has just
/// come in with a first one. `Invalid` at `current_password` or `new_password`.
pub(super) fn replace_password(app: &App, req: &Request, current: &str, new: &str) -> Result<()> {
    let me = req.session()?;
    let mut form = FormReader::new(req);
    if let Some(say) = password::problem(new, &me.username) {
        form.problem("new_password", say);
    }
    let (_, hash) = app.db.read(|conn| store::find(conn, &me.username))?.ok_or(Error::SignedOut)?;
    app.limits.try_password(req.peer)?;
    if !me.must_change_password && !app.hasher.verify(current, Some(&hash))? {
        form.problem("current_password", "現在的密碼不對。");
    }
    form.check()?;
    app.limits.was_right(req.peer);
    if app.hasher.verify(new, Some(&hash))? {
        return Err(Error::invalid("new_password", "新密碼要和現在的不一樣。"));
    }
    let fresh = app.hasher.hash(new)?;

    app.db.write(|tx| {
        // Hashing took a moment: what a manager has reset or switched off meanwhile stays so.
        let token = session::token_of(req).ok_or(Error::SignedOut)?;
        session::find(tx, token, req.at)?.ok_or(Error::SignedOut)?;
        store::set_password(tx, me.user_id, &fresh, false, req.at)?;
        store::forget_failures(tx, &me.username)?;
        session::end_all(tx, me.user_id, Some(token))?;
        journal::record(tx, &Entry { by: req.by(), verb: "change_password", noun: NOUN, noun_id: Some(me.user_id.0), change: json!({}) })
    })
}

/// The sign-in page, coming back to where `req` wanted to go.
pub fn sign_in_url(req: &Request) -> String {
    let mut wanted = req.path.clone();
    if !req.query.is_empty() {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&req.query);
        wanted = format!("{wanted}?{}", query.finish());
    }
    match local_path(&wanted) {
        "/" => "/sign-in".to_owned(),
        path => format!("/sign-in?next={}", utf8_percent_encode(path, NON_ALPHANUMERIC)),
    }
}

fn to_local(next: &str) -> Response {
    Response::see_other(utf8_percent_encode(local_path(next), CONTROLS).to_string())
}

fn sign_in_page(app: &App, req: &Request, next: &str, error: Option<&Error>) -> Response {
    let shop = app.settings();
    let typed = req.form("username").unwrap_or_default();
    Page::new(app, req, "登入").porch(html! {
        h1.unseen { "登入" }
        form.panel method="post" action="/sign-in" data-looks="" {
            @if local_path(next) != "/" { input type="hidden" name="next" value=(next); }
            div.field.tall {
                label for="username" { "帳號" }
                input #username name="username" autocomplete="username" autocapitalize="none" spellcheck="false" maxlength="40" required
                    value=(typed) autofocus[error.is_none()];
            }
            div.field.tall {
                label for="password" { "密碼" }
                input #password name="password" type="password" autocomplete="current-password" maxlength="200" required
                    autofocus[error.is_some()] aria-invalid=[error.map(|_| "true")] aria-describedby=[error.map(|_| "why-password")];
                @if let Some(error) = error { span.problem #why-password { (error.user_message()) } }
            }
            button.primary { "登入 " kbd { "Enter" } }
        }
        @if shop.is_practice && app.visit.is_none() { (practice_view()) }
        p.soft { "忘記密碼，請老闆重設。　" (shop.shop_name) "，版本 " (env!("CARGO_PKG_VERSION")) }
    })
}

/// Who there is to be in the practice shop; its password guards nothing.
fn practice_view() -> Markup {
    html! {
        section.panel.wide {
            h2 { "練習用的帳號" }
            p { "密碼都是 " b { (demo::PASSWORD) } }
            dl.facts { @for (username, name, role) in demo::CAST { dt { (username) } dd { (name) "　" (role.label()) } } }
        }
    }
}

fn me_view(req: &Request, me: &Session, devices: &[session::Device]) -> Markup {
    html! {
        div.head {
            div { h1 { (me.name) } p { "帳號 " (me.username) "　" (me.role.label()) } }
        }
        div.columns.half {
            form.panel method="post" action="/me" {
                h2 { "字的大小" }
                (csrf_field(req))
                (text_size_view(me.text_size))
                div.acts { button.primary { "存字的大小" } }
            }
            section.panel {
                h2 { "密碼與登入" }
                p { (if devices.len() == 1 { "現在只有這裡登入中。".to_owned() } else { format!("現在有 {} 個裝置登入中，換密碼會登出其他的。", devices.len()) }) }
                div.acts {
                    a.button href="/me/password" { "換密碼" }
                    form method="post" action="/sign-out" data-looks="" { (csrf_field(req)) button { "登出" } }
                }
            }
        }
        (device_pages::devices_view(req, "/me", devices))
    }
}

/// The four sizes as radios, each written in its own size.
pub(super) fn text_size_view(now: TextSize) -> Markup {
    html! {
        fieldset.choice {
            legend.unseen { "字的大小" }
            @for size in TextSize::ALL {
                label { input type="radio" name="text_size" value=(size.word()) checked[size == now]; " " (size.label()) }
            }
        }
    }
}

fn password_page(app: &App, req: &Request, me: &Session, problems: &[Problem]) -> Response {
    let is_first = me.must_change_password;
    let form = html! {
        form.panel.narrow method="post" action="/me/password" {
            (csrf_field(req))
            @if is_first {
                p { (me.name) "，你用的是別人給的第一組密碼，先換成只有自己知道的。" }
            } @else {
                (password_field("現在的密碼", "current_password", "current-password", problems))
            }
            (password_field("新密碼", "new_password", "new-password", problems))
            p.soft.small { "至少 8 個字，中文、英文、數字都可以。" }
            (password_field("再打一次新密碼", "again", "new-password", problems))
            div.acts { button.primary { "換密碼 " kbd { "Enter" } } @if !is_first { a.button href="/me" { "不換" } } }
        }
    };
    if is_first {
        return Page::new(app, req, "換密碼").porch(html! {
            h1 { "先換密碼" }
            (form)
            form method="post" action="/sign-out" data-looks="" { (csrf_field(req)) button.quiet { "先不換，登出" } }
        });
    }
    Page::new(app, req, "換密碼").room(Room::Settings).show(html! {
        div.head { div { h1 { "換密碼" } p { "換好以後，你在其他裝置的登入會結束。" } } }
        @if problems.len() > 1 { (ui::refuse("有幾個欄位需要修改。")) }
        (form)
    })
}

/// A password to be typed; what was typed before never comes back.
pub fn password_field(label: &str, name: &str, autocomplete: &str, problems: &[Problem]) -> Markup {
    let wrong = wrong(name, problems);
    let (invalid, why) = wrong.map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    html! {
        div.field.tall {
            label for=(name) { (label) }
            input id=(name) name=(name) type="password" autocomplete=(autocomplete) maxlength="200" required
                aria-invalid=[invalid] aria-describedby=[why];
            @for problem in problems.iter().filter(|problem| problem.field == name) {
                span.problem id={ "why-" (name) } { (problem.say) }
            }
        }
    }
}
