//! In and out: opening a shop beside the shop, walking into it, closing it.

use maud::html;
use serde_json::json;

use crate::app::App;
use crate::backups::{self, Name, list};
use crate::error::{Error, Result};
use crate::http::{Method, Request, Response};
use crate::journal::{self, Entry};
use crate::ui::{Page, Room};
use crate::users::{self, session, sign_in};
use crate::visits::{Kind, url_at};

/// `POST /backups/practice` opens the newest good copy to practise in, or the practice shop that is open.
pub fn practice(app: &App, req: &Request) -> Result<Response> {
    let none = || Error::conflict("no copy to practise on", "還沒有備份可以練習，請先立刻備份。");
    let newest = list::newest_good(&app.folder).ok_or_else(none)?;

    open(app, req, Kind::Practice, &newest.name)
}

/// `POST /backups/{name}/look` opens that copy to look at.
pub fn look(app: &App, req: &Request) -> Result<Response> {
    let typed: String = req.param("name")?;
    let name = Name::parse(&typed).filter(|name| backups::folder(&app.folder).join(name.to_string()).is_file());
    let name = name.ok_or_else(|| Error::no_such(backups::NOUN, &typed))?;
    if name.is_locked {
        return Err(Error::conflict("the copy is locked", "這份備份上了鎖，不能直接看。請換一份沒有上鎖的。"));
    }
    open(app, req, Kind::Past, &name)
}

fn open(app: &App, req: &Request, kind: Kind, name: &Name) -> Result<Response> {
    let me = req.session()?;

    app.visits.open(kind, name, me)?;
    let verb = if kind == Kind::Practice { "practice" } else { "look" };
    let change = json!({"name": name.to_string()});
    app.db.write(|tx| journal::record(tx, &Entry { by: req.by(), verb, noun: backups::NOUN, noun_id: None, change }))?;

    Ok(Response::see_other(format!("/visits/{}", kind.word())))
}

/// `GET /visits/{kind}` is the door of an open shop beside this one: the page goes on to it by itself. It is a page and no
/// redirect because a form may be answered only from where it came (CSP `form-action`).
pub fn door(app: &App, req: &Request) -> Result<Response> {
    let kind = Kind::from_word(&req.param::<String>("kind")?).ok_or(Error::NoPage)?;

    let (port, key) = app.visits.key(app, kind, req.session()?)?;

    let url = url_at(req, port, &format!("/enter?key={key}"));
    Ok(Page::new(app, req, kind.label()).room(Room::Data).onward(&url).show(html! {
        div.head { div { h1 { (kind.label()) "開好了" } p { "正在帶你過去，不用再打密碼。" } } }
        p.acts { a.button.primary href=(url) data-key="enter" { "進去 " kbd { "Enter" } } }
    }))
}

/// `GET /enter?key=` in the shop beside: whoever the key was made for is signed in.
pub fn enter(app: &App, req: &Request) -> Result<Response> {
    let visit = app.visit.as_ref().filter(|_| req.method == Method::Get).ok_or(Error::NoPage)?;
    let used = || Error::conflict("the key is used up", "這個入口用過了，請從真的店再進來一次。");
    let theirs = visit.take(req.query("key").unwrap_or_default()).ok_or_else(used)?;

    let token = app.db.write(|tx| {
        let id = users::store::take_over(tx, &theirs, None, req.at)?;
        session::start(tx, id, theirs.role, sign_in::device(req), req.at)
    })?;

    Ok(sign_in::with_cookie(Response::see_other("/"), req, &token, theirs.role))
}

/// `POST /visits/close`: in the shop beside it closes that one, in the shop the one named by `kind`.
pub fn close(app: &App, req: &Request) -> Result<Response> {
    if let Some(visit) = &app.visit {
        visit.ask_to_close();
        let url = visit.home_url(req, "/");
        return Ok(Page::new(app, req, "關掉了").onward(&url).porch(html! {
            h1 { (visit.kind.label()) "關掉了" }
            p.acts { a.button.primary href=(url) { "回真的店" } }
        }));
    }
    let kind = Kind::from_word(req.form("kind").unwrap_or_default()).ok_or_else(|| Error::invalid("kind", "請說要關掉哪一個。"))?;

    app.visits.close(kind);

    Ok(Response::see_other("/data").with_notice(&format!("{}關掉了。", kind.label())))
}
