//! The first run of a new PC: a copy is brought and becomes the shop. Behind the setup code, which stands in the address.

use maud::{Markup, html};

use super::pictures::Beside;
use super::source::{self, Source};
use super::{Asker, Found, look, views};
use crate::app::App;
use crate::backups::lock_up::{self, Passphrase};
use crate::backups::{Name, bring};
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::ui::form::wrong;
use crate::ui::{self, Page, field};
use crate::users::setup::check_open;

/// What the journal calls whoever restores before anybody has an account.
const NOBODY_YET: &str = "第一次開啟";

/// `GET /setup/restore` takes a file or a folder, lists what is in a folder, and shows what is in a file.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    check_open(app)?;
    let code = req.query("code").unwrap_or_default();
    match app.setup_code.check(code, req.at) {
        Ok(()) => {}
        Err(Error::Invalid(_)) => return Ok(Response::see_other("/setup")),
        Err(error) => return Err(error),
    }

    let asked = |name: &str| req.query(name).map(str::to_owned);
    match source_of(asked) {
        Some(source) => file_page(app, req, code, &source, &[]),
        None => Ok(choose_page(app, req, code, req.query("folder").unwrap_or_default(), &[])),
    }
}

/// `POST /setup/restore` takes a file in, unlocks one, or begins to restore what was shown.
pub fn act(app: &App, req: &Request) -> Result<Response> {
    check_open(app)?;
    // A form with a file is let in by the code in its address.
    let code = req.form("code").or_else(|| req.query("code")).unwrap_or_default();
    app.setup_code.check(code, req.at)?;

    let asked = |name: &str| req.form(name).map(str::to_owned);
    match source_of(asked) {
        Some(source) if lock_up::is_locked(&source.path(&app.folder)) => unlock(app, req, code, &source),
        Some(source) => begin(app, req, code, &source),
        None => take_in(app, req, code),
    }
}

/// The file that is meant: a copy by its name, or one of a folder.
fn source_of(asked: impl Fn(&str) -> Option<String>) -> Option<Source> {
    match asked("name") {
        Some(name) => Name::parse(&name).map(Source::Kept),
        None => Source::at(&asked("folder")?, &asked("file")?),
    }
}

fn take_in(app: &App, req: &Request, code: &str) -> Result<Response> {
    let [upload] = req.uploads.as_slice() else {
        let problem = Problem { field: "upload".into(), say: "請選一個備份檔。".into() };
        return Ok(choose_page(app, req, code, "", &[problem]));
    };
    let passphrase = req.form("passphrase").filter(|typed| !typed.trim().is_empty()).map(Passphrase::typed);
    match bring::bring(&app.folder, &upload.path, &upload.name, passphrase.as_ref(), req.at) {
        Ok(backup) => Ok(Response::see_other(url(code, &Source::Kept(backup.name)))),
        Err(Error::Invalid(problems)) => Ok(choose_page(app, req, code, "", &problems)),
        Err(Error::Refused { say, .. }) => Ok(choose_page(app, req, code, "", &[Problem { field: "upload".into(), say: say.into() }])),
        Err(error) => Err(error),
    }
}

fn unlock(app: &App, req: &Request, code: &str, source: &Source) -> Result<Response> {
    let passphrase = Passphrase::typed(req.form("passphrase").unwrap_or_default());
    let path = source.path(&app.folder);
    match bring::bring(&app.folder, &path, &source.file_name(), Some(&passphrase), req.at) {
        Ok(backup) => {
            if let Source::At { folder, .. } = source {
                app.restoring.note_beside(Beside { folder: folder.clone(), passphrase: Some(passphrase) });
            }
            Ok(Response::see_other(url(code, &Source::Kept(backup.name))))
        }
        Err(Error::Invalid(problems)) => file_page(app, req, code, source, &problems),
        Err(error) => Err(error),
    }
}

fn begin(app: &App, req: &Request, code: &str, source: &Source) -> Result<Response> {
    let path = source.path(&app.folder);
    if !path.is_file() {
        return file_page(app, req, code, source, &[]);
    }
    if let Source::At { folder, .. } = source {
        app.restoring.note_beside(Beside { folder: folder.clone(), passphrase: None });
    }
    let key = app.restoring.start(app, path, Asker::named(NOBODY_YET), req.at)?;
    Ok(Response::see_other(format!("/restoring/{key}")))
}

/// The address at which `source` is shown.
fn url(code: &str, source: &Source) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("code", code).extend_pairs(source.pairs());
    format!("/setup/restore?{}", query.finish())
}

fn choose_page(app: &App, req: &Request, code: &str, typed: &str, problems: &[Problem]) -> Response {
    let found = (!typed.is_empty()).then(|| source::candidates(&source::typed_folder(typed)));
    let (candidates, of_folder) = match found {
        Some(Ok(candidates)) => (Some(candidates), Vec::new()),
        Some(Err(Error::Invalid(problems))) => (None, problems),
        _ => (None, Vec::new()),
    };
    let status = if problems.is_empty() && of_folder.is_empty() { 200 } else { 422 };
    Page::new(app, req, "從備份還原")
        .porch(html! {
            div { h1 { "從備份還原" } p.soft { "選一份備份，先看裡面是什麼。備份檔不會被改動。" } }
            (upload_view(code, problems))
            form.panel.wide method="get" action="/setup/restore" {
                h2 { "在 USB 碟或別的資料夾" }
                input type="hidden" name="code" value=(code);
                (views::folder_field(typed, &of_folder))
                button { "看看裡面有哪些備份" }
            }
            @if let Some(candidates) = candidates {
                section.panel.wide { (views::candidates_view(&candidates, req.at, |candidate| {
                    let source = Source::At { folder: source::typed_folder(typed), file: candidate.file.clone() };
                    url(code, &source)
                })) }
            }
            p { (back_view(code)) }
        })
        .status(status)
}

fn upload_view(code: &str, problems: &[Problem]) -> Markup {
    let (invalid, why) = wrong("upload", problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    let needs_passphrase = wrong("passphrase", problems).is_some();
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("code", code).finish();
    html! {
        form.panel.wide method="post" action={ "/setup/restore?" (query) } enctype="multipart/form-data" {
            h2 { "選備份檔" }
            (field("備份檔", "upload", problems, html! {
                input #upload type="file" name="upload" required accept=".db,.age" autofocus[problems.is_empty()] aria-invalid=[invalid] aria-describedby=[why];
            }))
            @if needs_passphrase { (views::passphrase_field(problems)) }
            button.primary { "看裡面有什麼 " kbd { "Enter" } }
        }
    }
}

fn file_page(app: &App, req: &Request, code: &str, source: &Source, problems: &[Problem]) -> Result<Response> {
    let path = source.path(&app.folder);
    let page = Page::new(app, req, "從備份還原");
    if lock_up::is_locked(&path) {
        let status = if problems.is_empty() { 200 } else { 422 };
        let main = html! {
            div { h1 { "這一份上了鎖" } p.soft { (source.file_name()) } }
            form.panel.wide method="post" action="/setup/restore" {
                input type="hidden" name="code" value=(code);
                (views::source_fields(source))
                (views::passphrase_field(problems))
                button.primary { "打開看看 " kbd { "Enter" } }
            }
            p { (another_view(code)) }
        };
        return Ok(page.porch(main).status(status));
    }
    Ok(match look(&path) {
        Ok(found) => page.porch(found_page_view(req, code, source, &found)),
        Err(error @ Error::Refused { .. }) => page
            .porch(html! {
                div { h1 { "這一份不能還原" } }
                section.panel.wide { (ui::refuse(&error.user_message())) }
                p { (another_view(code)) }
            })
            .status(422),
        Err(error) => return Err(error),
    })
}

fn found_page_view(req: &Request, code: &str, source: &Source, found: &Found) -> Markup {
    html! {
        div { h1 { "這是你的店嗎？" } p.soft { "看清楚再還原。這裡還沒有資料，不會少東西。" } }
        section.panel.wide { (views::found_view(found, None, req.at)) }
        @if found.has_nobody { (ui::warn("這一份裡還沒有人的帳號，還原以後要先建立老闆的帳號。")) }
        form.panel.wide method="post" action="/setup/restore" {
            input type="hidden" name="code" value=(code);
            (views::source_fields(source))
            p { "還原以後用原來的帳號和密碼登入。" }
            button.primary autofocus { "還原這一份 " kbd { "Enter" } }
        }
        p { (another_view(code)) }
    }
}

fn another_view(code: &str) -> Markup {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("code", code).finish();
    html! { a.button href={ "/setup/restore?" (query) } { "換一份" } }
}

/// The way back to the doors of the first run.
fn back_view(code: &str) -> Markup {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("code", code).finish();
    html! { a.button href={ "/setup?" (query) } { "回上一步" } }
}
