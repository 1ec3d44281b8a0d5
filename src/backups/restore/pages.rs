use maud::{Markup, html};

use super::pending::State;
use super::pictures::Beside;
use super::source::{self, Source};
use super::views::{self, Now};
use super::{Asker, End, Found, Loss, compare, store};
use crate::app::App;
use crate::backups::lock_up::{self, Passphrase};
use crate::backups::{Name, bring};
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::ui::form::wrong;
use crate::ui::{self, FormReader, Page, Room, csrf_field};
use crate::users;
use crate::values::Stamp;

/// `GET /backups/{name}/restore` is what is in a copy, what would be gone, and the last question.
pub fn of_copy(app: &App, req: &Request) -> Result<Response> {
    preview(app, req, &kept(app, req)?, &[])
}

/// `POST /backups/{name}/restore` begins to put it in the place of the present file.
pub fn restore_copy(app: &App, req: &Request) -> Result<Response> {
    begin(app, req, &kept(app, req)?)
}

/// `GET /backups/restore` takes a folder of this PC, lists what is in it, and looks into one of its files.
pub fn elsewhere(app: &App, req: &Request) -> Result<Response> {
    let folder = req.query("folder").unwrap_or_default();
    match req.query("file") {
        Some(file) => preview(app, req, &Source::at(folder, file).ok_or(Error::NoPage)?, &[]),
        None => Ok(folder_page(app, req, folder)),
    }
}

/// `POST /backups/restore` begins to restore a file from elsewhere.
pub fn restore_elsewhere(app: &App, req: &Request) -> Result<Response> {
    let (folder, file) = (req.form("folder").unwrap_or_default(), req.form("file").unwrap_or_default());
    match Source::at(folder, file) {
        Some(source) => begin(app, req, &source),
        None => Ok(folder_page(app, req, folder).status(422)),
    }
}

/// `GET /restoring/{key}` is how far a restore is. Whoever has the word has asked for it, and is signed out when it is over.
pub fn progress(app: &App, req: &Request) -> Result<Response> {
    let key: String = req.param("key")?;
    let page = Page::new(app, req, "還原");
    let waiting = |page: Page, main: Markup| {
        page.refresh(1).porch(html! {
            div { h1 { "正在還原" } p.soft { "不用按什麼，好了這一頁會自己換。" } }
            section.panel.wide { (main) }
        })
    };
    Ok(match app.restoring.look(&key) {
        None | Some(State::Nothing) => Response::see_other("/"),
        Some(State::Preparing(step)) => waiting(page, views::step_view(step)),
        Some(State::Closing) => waiting(page, html! { p role="status" { "換上去，店會關幾秒鐘…" } progress aria-label="還原" {} }),
        Some(State::Failed { say }) => failed(page, &say),
        Some(State::Over(settled)) => match settled.end {
            End::Kept { say } => failed(page, say),
            End::Restored { .. } => Response::see_other("/sign-in?next=%2Fbackups%2Frestored").with_notice(&settled.said()),
        },
    })
}

/// `GET /backups/restored` is what the last restore came to.
pub fn restored(app: &App, req: &Request) -> Result<Response> {
    let (last, counts) = app.db.read(|conn| Ok((store::last(conn)?, store::counts(conn)?)))?;

    let Some(last) = last else { return Ok(Response::see_other("/")) };
    let is_alike = last.found == last.counted;
    Ok(Page::new(app, req, "還原好了").room(Room::Data).show(html! {
        div.head { div { h1 { "還原好了" } p { (last.at.beside(req.at)) " " (last.by) } } }
        @if is_alike { p.good { span { "備份裡 " (last.found.said()) "；還原後 " (last.counted.said()) "，相符。" } } }
        @else { (ui::refuse(&format!("備份裡 {}；還原後 {}，不符。", last.found.said(), last.counted.said()))) }
        section.panel { dl.facts {
            dt { "從哪一份" } dd { (last.file) }
            @if let Some(of) = last.of { dt { "備份的時間" } dd { (of.beside(req.at)) } }
            dt { "現在" } dd { (counts.said()) small { "還原以後做的也算在裡面。" } }
        } }
        p { "還原前的資料沒有刪掉，在備份清單裡叫「還原前」。弄錯了可以再還原那一份。" }
        p.acts { a.button.primary href="/" { "開始工作 " kbd { "Enter" } } @if req.may(&[users::Role::Admin]) { a.button href="/backups" { "看備份清單" } } }
    }))
}

fn failed(page: Page, say: &str) -> Response {
    page.porch(html! {
        div { h1 { "沒有還原" } p.soft { "現在的資料照舊。" } }
        section.panel.wide { (ui::refuse(say)) p.acts { a.button href="/" { "回今日" } } }
    })
}

/// The copy in the address; `NoPage` when there is none of that name.
fn kept(app: &App, req: &Request) -> Result<Source> {
    let name = Name::parse(&req.param::<String>("name")?).ok_or(Error::NoPage)?;
    let source = Source::Kept(name);
    if source.path(&app.folder).is_file() { Ok(source) } else { Err(Error::NoPage) }
}

/// Where the pages of `source` are.
fn url(source: &Source) -> String {
    match source {
        Source::Kept(name) => format!("/backups/{name}/restore"),
        Source::At { .. } => "/backups/restore".to_owned(),
    }
}

fn preview(app: &App, req: &Request, source: &Source, problems: &[Problem]) -> Result<Response> {
    let page = Page::new(app, req, "從備份還原").room(Room::Data);
    let path = source.path(&app.folder);
    let status = if problems.is_empty() { 200 } else { 422 };
    if lock_up::is_locked(&path) {
        return Ok(page.show(locked_view(req, source, problems)).status(status));
    }
    Ok(match compare(&path, &app.db) {
        Ok((found, loss)) => {
            let settings = app.settings();
            let counts = app.db.read(store::counts)?;
            let now = Now { shop_name: settings.shop_name.clone(), is_practice: settings.is_practice, counts };
            page.show(preview_view(req, source, &found, &loss, &now, problems)).status(status)
        }
        Err(error @ Error::Refused { .. }) => page.show(html! {
            div.head { div { h1 { "這一份不能還原" } } }
            (ui::refuse(&error.user_message()))
            p.acts { a.button href="/backups" { "回備份清單" } }
        }),
        Err(error) => return Err(error),
    })
}

fn preview_view(req: &Request, source: &Source, found: &Found, loss: &Loss, now: &Now, problems: &[Problem]) -> Markup {
    let (invalid, why) = wrong("password", problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    html! {
        div.head { div { h1 { "從備份還原" } p { "先看清楚裡面是什麼。現在還沒有改變任何東西。" } } }
        (views::found_view(found, Some(now), req.at))
        (views::loss_view(loss, req.at))
        @if found.is_practice != now.is_practice {
            (ui::warn(if found.is_practice { "這一份是練習店的，裡面的人都是編的。" } else { "這一份是真的店的，現在開的是練習店。" }))
        }
        form.panel.stack.settings method="post" action=(url(source)) data-looks="" {
            (csrf_field(req))
            (views::source_fields(source))
            div.field {
                span.label { "確定" }
                label.choice { input type="checkbox" name="sure" value="1" required checked[req.form("sure").is_some()]; " " (views::sure(loss, req.at)) }
                @if let Some((_, why)) = wrong("sure", problems) { span.problem #(why) { (say_of("sure", problems)) } }
            }
            (ui::field("你的密碼", "password", problems, html! {
                input #password name="password" type="password" autocomplete="current-password" required maxlength="200"
                    autofocus[!problems.is_empty()] aria-invalid=[invalid] aria-describedby=[why];
            }))
            p.soft { "店會關幾秒鐘，每個人都要再登入一次。現在的資料會留著，在備份清單裡叫「還原前」。" }
            p.acts { button.danger { "還原這一份" } a.button href="/backups" { "不還原" } }
        }
    }
}

fn say_of<'a>(field: &str, problems: &'a [Problem]) -> &'a str {
    problems.iter().find(|problem| problem.field == field).map_or("", |problem| problem.say.as_ref())
}

fn locked_view(req: &Request, source: &Source, problems: &[Problem]) -> Markup {
    html! {
        div.head { div { h1 { "這一份上了鎖" } p { (source.file_name()) } } }
        form.panel.stack.settings method="post" action=(url(source)) data-looks="" {
            (csrf_field(req))
            (views::source_fields(source))
            (views::passphrase_field(problems))
            p.acts { button.primary { "打開看看 " kbd { "Enter" } } a.button href="/backups" { "不還原" } }
        }
    }
}

/// Unlocks what is locked and shows what is in it; begins to restore what is not, for an admin who means it.
fn begin(app: &App, req: &Request, source: &Source) -> Result<Response> {
    let path = source.path(&app.folder);
    if lock_up::is_locked(&path) {
        let passphrase = Passphrase::typed(req.form("passphrase").unwrap_or_default());
        return match bring::bring(&app.folder, &path, &source.file_name(), Some(&passphrase), req.at) {
            Ok(backup) => {
                if let Source::At { folder, .. } = source {
                    app.restoring.note_beside(Beside { folder: folder.clone(), passphrase: Some(passphrase) });
                }
                Ok(Response::see_other(format!("/backups/{}/restore", backup.name)))
            }
            Err(Error::Invalid(problems)) => preview(app, req, source, &problems),
            Err(error) => Err(error),
        };
    }
    match asker(app, req) {
        Ok(asker) => {
            if let Source::At { folder, .. } = source {
                app.restoring.note_beside(Beside { folder: folder.clone(), passphrase: None });
            }
            let key = app.restoring.start(app, path, asker, req.at)?;
            Ok(Response::see_other(format!("/restoring/{key}")))
        }
        Err(Error::Invalid(problems)) => preview(app, req, source, &problems),
        Err(error) => Err(error),
    }
}

/// Who is signed in, having ticked the box and typed their password. `Invalid` at `sure` or `password`.
fn asker(app: &App, req: &Request) -> Result<Asker> {
    let me = req.session()?;
    let mut form = FormReader::new(req);
    if !form.checked("sure") {
        form.problem("sure", "請先勾選，表示你知道會少掉什麼。");
    }
    let (_, hash) = app.db.read(|conn| users::store::find(conn, &me.username))?.ok_or(Error::SignedOut)?;
    if !app.hasher.verify(req.form("password").unwrap_or_default(), Some(&hash))? {
        form.problem("password", "密碼不對，請再打一次。");
    }
    form.check()?;
    Ok(Asker { name: me.username.clone(), account: Some((me.name.clone(), hash)) })
}

fn folder_page(app: &App, req: &Request, typed: &str) -> Response {
    let found = (!typed.is_empty()).then(|| source::candidates(&source::typed_folder(typed)));
    let (candidates, problems) = match found {
        Some(Ok(candidates)) => (Some(candidates), Vec::new()),
        Some(Err(Error::Invalid(problems))) => (None, problems),
        _ => (None, Vec::new()),
    };
    let status = if problems.is_empty() { 200 } else { 422 };
    let main = html! {
        div.head { div { h1 { "從別的地方還原" } p { "USB 碟、網路上的資料夾，或這台電腦上別的資料夾。" } } }
        form.panel.stack.settings method="get" action="/backups/restore" {
            (views::folder_field(typed, &problems))
            p.acts { button.primary { "看看裡面有哪些備份 " kbd { "Enter" } } a.button href="/backups" { "回備份清單" } }
        }
        @if let Some(candidates) = candidates {
            (views::candidates_view(&candidates, req.at, |candidate| {
                let mut query = form_urlencoded::Serializer::new(String::new());
                query.append_pair("folder", typed).append_pair("file", &candidate.file);
                format!("/backups/restore?{}", query.finish())
            }))
        }
    };
    Page::new(app, req, "從別的地方還原").room(Room::Data).show(main).status(status)
}

/// What the journal says of the last restore.
pub(super) struct Last {
    pub at: Stamp,
    pub by: String,
    pub file: String,
    pub of: Option<Stamp>,
    pub found: super::Counts,
    pub counted: super::Counts,
}
