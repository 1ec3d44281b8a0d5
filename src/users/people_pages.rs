//! `/users`: who is in, locked or off; one person's settings; what each role may do.

use maud::{Markup, html};

use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::ui::form::wrong;
use crate::ui::{self, Page, Room, csrf_field, field};
use crate::users::device_pages;
use crate::users::pages::text_size_view;
use crate::users::people::{self, Edited};
use crate::users::permissions::{May, PERMISSIONS};
use crate::users::{Listed, Role, TextSize, User, password, store};
use crate::values::{Stamp, UserId};

/// Somebody whose last request is no older than this is here now.
const NOW_MS: i64 = 2 * 60_000;

/// `GET /users`.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let mut users = app.db.read(|conn| store::list(conn, req.at))?;
    for listed in &mut users {
        listed.user.last_seen_at = app.seen.last_of(listed.user.id, listed.user.last_seen_at);
    }

    Ok(Page::new(app, req, "使用者與權限").room(Room::Settings).show(html! {
        div.head {
            div { h1 { "使用者與權限" } p { (summary(&users)) } }
            div.acts { a.button.primary href="/users/new" data-key="a" { "新增使用者 " kbd { "A" } } }
        }
        div.columns.half {
            div.stack { h2.unseen { "名單" } (list_view(req, &users)) }
            section.stack { h2 { "誰可以做什麼" } (matrix_view()) p.soft.small { "每個動作都由程式檢查，不只是把按鈕藏起來。" } }
        }
    }))
}

/// `GET /users/new`.
pub fn new_form(app: &App, req: &Request) -> Result<Response> {
    Ok(new_page(app, req, &[]))
}

/// `POST /users`: the answer itself shows the first password, for it stands in no address and no cookie.
pub fn add(app: &App, req: &Request) -> Result<Response> {
    let added = people::read_new(req).and_then(|new| {
        let first = password::generate()?;
        people::add(app, req.by(), &new, &first).map(|id| (new, id, first))
    });

    match added {
        Ok((new, id, first)) => Ok(first_password_page(app, req, id, &new.name, &new.username, &first)),
        Err(Error::Invalid(problems)) => Ok(new_page(app, req, &problems).status(422)),
        Err(error) => Err(error),
    }
}

/// `GET /users/{id}`.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let id: UserId = req.param("id")?;
    let mut user = app.db.read(|conn| people::changeable(conn, req, id))?;
    user.last_seen_at = app.seen.last_of(id, user.last_seen_at);
    user_page(app, req, &user, None, &[])
}

/// `POST /users/{id}` changes name, role and text size.
pub fn edit(app: &App, req: &Request) -> Result<Response> {
    let id: UserId = req.param("id")?;
    let version = req.form("version").and_then(|text| text.parse().ok()).ok_or(Error::BadRequest("no version"))?;
    let user = app.db.read(|conn| people::changeable(conn, req, id))?;

    match people::read_wish(req).and_then(|wish| people::edit(app, req, id, version, &wish)) {
        Ok(Edited::Done) => {
            Ok(Response::see_other("/users").with_notice(&format!("已存，{}。", req.form("name").unwrap_or_default().trim())))
        }
        Ok(Edited::Stale(now)) => Ok(user_page(app, req, &now, Some(&now), &[])?.status(409)),
        Err(Error::Invalid(problems)) => Ok(user_page(app, req, &user, None, &problems)?.status(422)),
        Err(error) => Err(error),
    }
}

/// `POST /users/{id}/password` makes a new first password and shows it, once.
pub fn reset_password(app: &App, req: &Request) -> Result<Response> {
    let id: UserId = req.param("id")?;
    let (user, first) = people::reset_password(app, req, id)?;
    Ok(first_password_page(app, req, id, &user.name, &user.username, &first))
}

/// `POST /users/{id}/sign-out`.
pub fn sign_out(app: &App, req: &Request) -> Result<Response> {
    let id: UserId = req.param("id")?;
    let user = people::sign_out(app, req, id)?;
    Ok(Response::see_other(format!("/users/{id}")).with_notice(&format!("{}已從所有裝置登出。", user.name)))
}

/// `POST /users/{id}/deactivate`.
pub fn deactivate(app: &App, req: &Request) -> Result<Response> {
    let id: UserId = req.param("id")?;
    let user = people::deactivate(app, req, id)?;
    Ok(Response::see_other("/users").with_notice(&format!("{}已停用，所有裝置都登出了。", user.name)))
}

/// `POST /users/{id}/reactivate`.
pub fn reactivate(app: &App, req: &Request) -> Result<Response> {
    let id: UserId = req.param("id")?;
    let user = people::reactivate(app, req, id)?;
    Ok(Response::see_other(format!("/users/{id}")).with_notice(&format!("{}可以登入了，密碼是原來的。", user.name)))
}

fn summary(users: &[Listed]) -> String {
    let off = users.iter().filter(|listed| !listed.user.is_active).count();
    let locked = users.iter().filter(|listed| listed.user.is_active && listed.locked_until_at.is_some()).count();
    let mut parts = vec![format!("{} 人可用", users.len() - off - locked)];
    if 0 < locked {
        parts.push(format!("{locked} 人鎖住"));
    }
    if 0 < off {
        parts.push(format!("{off} 人停用"));
    }
    format!("{}。停用會馬上登出所有裝置。", parts.join("，"))
}

fn list_view(req: &Request, users: &[Listed]) -> Markup {
    let may_open = |user: &User| req.session.as_ref().is_some_and(|me| user.check_changeable_by(me.role).is_ok());
    html! {
        div.scroll {
            table.list.folds data-rows="" {
                caption.unseen { "使用者" }
                thead { tr {
                    th.key scope="col" { span.unseen { "鍵" } }
                    th scope="col" { "名字與帳號" }
                    th scope="col" { "角色" }
                    th scope="col" { "最後使用" }
                    th scope="col" { "狀態" }
                } }
                tbody {
                    @for (number, listed) in (1..).zip(users) {
                        @let user = &listed.user;
                        tr {
                            td.key { @if number <= 9 && may_open(user) { kbd { (number) } } }
                            th scope="row" {
                                @if may_open(user) {
                                    a href={ "/users/" (user.id) } data-row=[(number <= 9).then_some(number)] { (user.name) }
                                } @else { (user.name) }
                                small { (user.username) }
                            }
                            td.keep { (user.role.label()) }
                            td.keep { (seen_view(user, listed.device.as_deref(), req.at)) }
                            td { (state_view(listed, req.at)) }
                        }
                    }
                }
            }
        }
    }
}

fn seen_view(user: &User, device: Option<&str>, now: Stamp) -> Markup {
    let Some(at) = user.last_seen_at else { return ui::none() };
    html! {
        @if now.0 - at.0 <= NOW_MS { "現在" } @else { (at.beside(now)) }
        @if let Some(device) = device { small { (device) } }
    }
}

fn state_view(listed: &Listed, now: Stamp) -> Markup {
    match (listed.user.is_active, listed.locked_until_at) {
        (false, _) => html! { span.badge.off { "已停用" } },
        (true, Some(until)) => html! { span.badge.late { "鎖住，剩 " ((until.0 - now.0 + 59_999) / 60_000) " 分" } },
        (true, None) => html! { span.badge.delivered { "使用中" } },
    }
}

fn matrix_view() -> Markup {
    html! {
        div.scroll tabindex="0" role="group" aria-label="權限表，可左右捲" {
            table.list.tight.matrix {
                caption.unseen { "權限" }
                thead { tr { th scope="col" { "事情" } @for role in Role::ALL { th scope="col" { (role.label()) } } } }
                tbody {
                    @for permission in PERMISSIONS {
                        tr {
                            th scope="row" { (permission.what) }
                            @for may in permission.roles {
                                td {
                                    @match may {
                                        May::Yes => { span.yes { span aria-hidden="true" { "✓" } span.unseen { "可以" } } }
                                        May::No => { span.no { span aria-hidden="true" { "–" } span.unseen { "不可以" } } }
                                        May::Part(which) => { (which) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn new_page(app: &App, req: &Request, problems: &[Problem]) -> Response {
    let typed = |name: &str| req.form(name).unwrap_or_default();
    let role = Role::from_word(typed("role")).unwrap_or(Role::OfficeStaff);
    let size = TextSize::from_word(typed("text_size")).unwrap_or(TextSize::Medium);
    Page::new(app, req, "新增使用者").room(Room::Settings).show(html! {
        div.head { div { h1 { "新增使用者" } p { "第一組密碼由程式產生，第一次登入時換成自己的。" } } }
        form.panel.narrow method="post" action="/users" {
            (csrf_field(req))
            (text_field("名字", "name", typed("name"), "off", problems))
            (text_field("帳號", "username", typed("username"), "off", problems))
            (role_field(req, role, problems))
            (size_field(size))
            div.acts { button.primary { "新增 " kbd { "Enter" } } a.button href="/users" data-key="escape" { "不新增" } }
        }
    })
}

/// The page of one user. After a stale edit `stale` is how they are now, and the form holds what was typed.
fn user_page(app: &App, req: &Request, user: &User, stale: Option<&User>, problems: &[Problem]) -> Result<Response> {
    let devices = device_pages::devices(app, user.id, req.at)?;
    let was_sent = req.method.changes();
    let typed = |name: &str| req.form(name).filter(|_| was_sent).map(str::to_owned);
    let name = typed("name").unwrap_or_else(|| user.name.clone());
    let role = typed("role").and_then(|word| Role::from_word(&word)).unwrap_or(user.role);
    let size = typed("text_size").and_then(|word| TextSize::from_word(&word)).unwrap_or(user.text_size);
    Ok(Page::new(app, req, &user.name).room(Room::Settings).show(html! {
        div.head {
            div {
                h1 { (user.name) }
                p {
                    "帳號 " (user.username) "　最後使用 "
                    @match user.last_seen_at { Some(at) => { (at.beside(req.at)) } None => { (ui::none()) } }
                    @if user.must_change_password { "　還沒換掉第一組密碼" }
                }
            }
            @if !user.is_active { span.badge.off { "已停用" } }
        }
        @if let Some(now) = stale { (conflict_view(now, &name, role, size)) }
        div.columns.half {
            form.panel method="post" action={ "/users/" (user.id) } {
                h2 { "資料" }
                (csrf_field(req))
                input type="hidden" name="version" value=(user.version);
                (text_field("名字", "name", &name, "off", problems))
                (role_field(req, role, problems))
                (size_field(size))
                p.soft.small { "改角色會登出這個人的所有裝置。" }
                div.acts { button.primary { @if stale.is_some() { "用我填的存 " } @else { "存 " } kbd { "Enter" } } a.button href="/users" data-key="escape" { "不改" } }
            }
            section.panel {
                h2 { "登入" }
                (act_view(req, user, "password", "重設密碼", "", "產生一組新的第一次密碼，原來的馬上不能用，鎖住也解開。"))
                (act_view(req, user, "sign-out", "登出所有裝置", "", "手機掉了、電腦換了，先按這個。"))
                @if user.is_active {
                    (act_view(req, user, "deactivate", "停用", "danger", "馬上登出，不能再登入。紀錄都留著，以後可以恢復。"))
                } @else {
                    (act_view(req, user, "reactivate", "恢復", "", "可以再登入，密碼是原來的。"))
                }
            }
        }
        (device_pages::devices_view(req, &format!("/users/{}", user.id), &devices))
    }))
}

fn act_view(req: &Request, user: &User, verb: &str, label: &str, class: &str, why: &str) -> Markup {
    html! {
        form.act method="post" action={ "/users/" (user.id) "/" (verb) } {
            (csrf_field(req))
            button class=[(!class.is_empty()).then_some(class)] { (label) }
            span.soft { (why) }
        }
    }
}

/// What is now and what was typed, side by side; nothing is overwritten.
fn conflict_view(now: &User, name: &str, role: Role, size: TextSize) -> Markup {
    let rows =
        [("名字", now.name.as_str(), name), ("角色", now.role.label(), role.label()), ("字的大小", now.text_size.label(), size.label())];
    html! {
        (ui::refuse("有人先改了這位使用者，你的還沒存。"))
        div.scroll {
            table.list {
                caption.unseen { "現在的和你填的" }
                thead { tr { th scope="col" { "欄位" } th scope="col" { "現在是" } th scope="col" { "你填的" } } }
                tbody {
                    @for (label, now, typed) in rows {
                        tr { th scope="row" { (label) } td { (now) } td { @if now == typed { "一樣" } @else { b { (typed) } } } }
                    }
                }
            }
        }
    }
}

fn first_password_page(app: &App, req: &Request, id: UserId, name: &str, username: &str, first: &str) -> Response {
    Page::new(app, req, "第一次密碼").room(Room::Settings).show(html! {
        div.head { div { h1 { (name) "的第一次密碼" } p { "只顯示這一次，抄下來或念給本人聽。" } } }
        section.panel.narrow {
            dl.facts {
                dt { "帳號" } dd { b { (username) } }
                dt { "密碼" } dd.say-code { (first) }
            }
            p { "第一次登入時，程式會請" (name) "換成自己的密碼。" }
            div.acts { a.button.primary href="/users" data-key="enter" { "抄好了 " kbd { "Enter" } } a.button href={ "/users/" (id) } { "看這位使用者" } }
        }
    })
}

fn role_field(req: &Request, now: Role, problems: &[Problem]) -> Markup {
    let may_give = req.session.as_ref().map_or(&[][..], |me| people::grantable_by(me.role));
    let select = html! {
        select #role name="role" { @for role in may_give { option value=(role.word()) selected[*role == now] { (role.label()) } } }
    };
    field("角色", "role", problems, select)
}

fn size_field(now: TextSize) -> Markup {
    html! { div.field { span.label { "字的大小" } (text_size_view(now)) } }
}

fn text_field(label: &str, name: &str, value: &str, autocomplete: &str, problems: &[Problem]) -> Markup {
    let (invalid, why) = wrong(name, problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    let input = html! {
        input id=(name) name=(name) value=(value) autocomplete=(autocomplete) autocapitalize="none" maxlength="40" required
            aria-invalid=[invalid] aria-describedby=[why];
    };
    field(label, name, problems, input)
}
