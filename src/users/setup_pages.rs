//! What an empty data folder shows: the code, four doors, the owner's form.

use maud::{Markup, html};

use crate::app::App;
use crate::demo::Size;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::settings::Network;
use crate::ui::form::wrong;
use crate::ui::{Page, field};
use crate::users::setup::{Opening, check_open, open_practice, open_shop};
use crate::users::sign_in;

/// `GET /setup`: the doors for who has the code, else where to type it.
pub fn doors(app: &App, req: &Request) -> Result<Response> {
    check_open(app)?;
    let Some(code) = req.query("code") else { return Ok(code_page(app, req, None)) };
    match app.setup_code.check(code, req.at) {
        Ok(()) => Ok(Page::new(app, req, "第一次開啟").porch(doors_view(code))),
        Err(error @ (Error::Invalid(_) | Error::TooMany { .. })) => Ok(code_page(app, req, Some(&error)).status(error.status())),
        Err(error) => Err(error),
    }
}

/// `GET /setup/owner?code=…&start=…`.
pub fn owner_form(app: &App, req: &Request) -> Result<Response> {
    behind_the_code(app, req, |code| owner_page(app, req, code, req.query("start").unwrap_or_default(), &[]))
}

/// `POST /setup/owner` makes the owner's account and goes on to what the door promised.
pub fn make_owner(app: &App, req: &Request) -> Result<Response> {
    check_open(app)?;
    let code = req.form("code").unwrap_or_default();
    app.setup_code.check(code, req.at)?;
    let start = req.form("start").unwrap_or_default();

    match Opening::from_form(req).and_then(|opening| open_shop(app, req, &opening).map(|entered| (opening, entered))) {
        Ok((opening, entered)) => {
            let to = if start == "import" { "/imports" } else { "/products/prices?first=1" };
            let say = match opening.network {
                Network::ThisPc => format!("{}開張了。", opening.shop_name),
                Network::Shop => format!("{}開張了。關掉程式再打開一次，店裡的電腦和手機就連得進來。", opening.shop_name),
            };
            Ok(sign_in::with_cookie(Response::see_other(to).with_notice(&say), req, &entered.token, entered.user.role))
        }
        Err(Error::Invalid(problems)) => Ok(owner_page(app, req, code, start, &problems).status(422)),
        Err(error) => Err(error),
    }
}

/// `GET /setup/practice`: what practising is, and the button that begins it.
pub fn practice(app: &App, req: &Request) -> Result<Response> {
    behind_the_code(app, req, |code| {
        Page::new(app, req, "先練習").porch(html! {
            div { h1 { "先練習" } p.soft { "一家虛構的煤氣行：一萬三千位客戶、四年多的配送紀錄。" } }
            form.panel.wide method="post" action="/setup/practice" {
                input type="hidden" name="code" value=(code);
                p { "名字、電話、地址都是編的，隨便按都不會壞。每一頁都有黃框，不會和真的店弄混。" }
                p { "按下去以後等大約 20 秒，做好會自己打開。" }
                button.primary { "開始練習 " kbd { "Enter" } }
            }
            p.soft { "練習完要開真的店：關掉程式，把資料夾裡的 luckygas.db 移走，再打開一次。" }
            p { (back_view(code)) }
        })
    })
}

/// `POST /setup/practice` fills the empty folder with the invented shop and lets in its owner.
pub fn fill_practice(app: &App, req: &Request) -> Result<Response> {
    check_open(app)?;
    app.setup_code.check(req.form("code").unwrap_or_default(), req.at)?;

    let entered = open_practice(app, req, Size::Full)?;

    let answer = Response::see_other("/").with_notice("練習店好了，你現在是老闆。登出以後可以換別人試試。");
    Ok(sign_in::with_cookie(answer, req, &entered.token, entered.user.role))
}

/// Draws `page` for who has the code; sends the others to where it is asked for.
fn behind_the_code(app: &App, req: &Request, page: impl FnOnce(&str) -> Response) -> Result<Response> {
    check_open(app)?;
    let code = req.query("code").unwrap_or_default();
    match app.setup_code.check(code, req.at) {
        Ok(()) => Ok(page(code)),
        Err(Error::Invalid(_)) => Ok(Response::see_other("/setup")),
        Err(error) => Err(error),
    }
}

fn code_page(app: &App, req: &Request, error: Option<&Error>) -> Response {
    let say = error.map(Error::user_message);
    Page::new(app, req, "第一次開啟").porch(html! {
        div { h1 { "第一次打開" } p.soft { "輸入啟動視窗上印的開店碼，證明你就在這台電腦前。" } }
        form.panel method="get" action="/setup" {
            div.field.tall {
                label for="code" { "開店碼" }
                input #code name="code" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="20" required autofocus
                    aria-invalid=[say.as_ref().map(|_| "true")] aria-describedby=[say.as_ref().map(|_| "why-code")];
                @if let Some(say) = &say { span.problem #why-code { (say) } }
            }
            button.primary { "下一步 " kbd { "Enter" } }
        }
        p.soft { "開店碼只能用一次，每次啟動都不一樣。" }
    })
}

fn doors_view(code: &str) -> Markup {
    let doors = [
        ("", "/setup/owner", "import", "搬資料進來", "把客戶資料、配送紀錄的試算表或舊系統的檔案放進來。", "先看一遍、再寫入。約 5 分鐘。"),
        ("", "/setup/restore", "", "從備份還原", "換電腦或重灌：選一個備份檔，看清楚內容再還原。", "約 3 分鐘。"),
        ("", "/setup/owner", "new", "全新的店", "從第一位客戶開始輸入。", "約 10 分鐘。"),
        ("practice", "/setup/practice", "", "先練習", "用虛構的店練手，隨便按都不會壞。畫面有黃框。", "20 秒就好。"),
    ];
    html! {
        div { h1 { "第一次打開，要怎麼開始？" } p.soft { "這裡還沒有任何資料。選錯了可以回來，不會動到別的檔案。" } }
        nav.doors aria-label="怎麼開始" {
            @for (number, (class, url, start, title, what, time)) in (1..).zip(doors) {
                a class=[(!class.is_empty()).then_some(class)] href={ (url) "?" (query(code, start)) } accesskey=(number) data-key=(number) {
                    h2 { (title) kbd { (number) } }
                    p { (what) }
                    p.soft.small { (time) }
                }
            }
        }
        p.soft { "「搬資料進來」和「全新的店」下一步會建立老闆的帳號。" }
    }
}

fn owner_page(app: &App, req: &Request, code: &str, start: &str, problems: &[Problem]) -> Response {
    let network = Network::from_word(req.form("network").unwrap_or_default()).unwrap_or(Network::ThisPc);
    Page::new(app, req, "建立老闆的帳號").porch(html! {
        div { h1 { "建立老闆的帳號" } p.soft { "這個帳號什麼都能做，其他人的帳號以後在「設定」加。" } }
        form.panel.wide method="post" action="/setup/owner" {
            input type="hidden" name="code" value=(code);
            input type="hidden" name="start" value=(start);
            (text_field(req, problems, "店名", "shop_name", "organization"))
            (text_field(req, problems, "你的名字", "name", "name"))
            (text_field(req, problems, "帳號", "username", "username"))
            (text_field(req, problems, "密碼", "password", "new-password"))
            (text_field(req, problems, "再打一次", "again", "new-password"))
            div.field {
                span.label #l-network { "誰可以連進來" }
                div.choice role="group" aria-labelledby="l-network" {
                    @for choice in [Network::ThisPc, Network::Shop] {
                        label { input type="radio" name="network" value=(choice.word()) checked[choice == network]; " " (choice.label()) }
                    }
                }
                span.soft.small { "以後可在「設定」改，下次啟動算數。" }
            }
            button.primary { "開店 " kbd { "Enter" } }
        }
        p { (back_view(code)) }
    })
}

/// A field of the owner's form. What was typed comes back, but for passwords.
fn text_field(req: &Request, problems: &[Problem], label: &str, name: &str, autocomplete: &str) -> Markup {
    let (invalid, why) = wrong(name, problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    let is_password = autocomplete == "new-password";
    let typed = req.form(name).filter(|_| !is_password);
    let first_wrong = problems.first().map_or("shop_name", |problem| problem.field.as_ref());
    let input = html! {
        input id=(name) name=(name) autocomplete=(autocomplete) required value=[typed] autofocus[name == first_wrong]
            type=(if is_password { "password" } else { "text" }) maxlength=(if is_password { 200 } else { 40 })
            autocapitalize=[(name == "username").then_some("none")] aria-invalid=[invalid] aria-describedby=[why];
        @if name == "password" && problems.is_empty() { span.soft.small { "至少 8 個字，中文、英文、數字都可以。" } }
    };
    field(label, name, problems, input)
}

/// The way back to the doors.
fn back_view(code: &str) -> Markup {
    html! { a.button href={ "/setup?" (query(code, "")) } { "回上一步" } }
}

fn query(code: &str, start: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("code", code);
    if !start.is_empty() {
        query.append_pair("start", start);
    }
    query.finish()
}
