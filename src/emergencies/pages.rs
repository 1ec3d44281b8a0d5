use percent_encoding::{CONTROLS, utf8_percent_encode};
use rusqlite::{Connection, Transaction};

use crate::app::App;
use crate::emergencies::page_view::{Asked, Sheet, sheet_view};
use crate::emergencies::{Emergency, NOUN, acts, rank, store, story};
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::orders::{self, Actor};
use crate::ui::{FormReader, Page, Room};
use crate::users::Role;
use crate::users::sign_in::local_path;
use crate::values::{EmergencyId, UserId};

/// The longest note with which an emergency is closed.
pub const NOTE: usize = 500;
/// Longest words of a caller (the column).
pub const DESCRIPTION: usize = 500;

/// `GET /emergencies/{id}` is one emergency: the clock, what to say to the caller, who can go, what has happened.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    sheet(app, req, req.id(NOUN)?, None)
}

/// The page, with what was just asked of it in vain.
fn sheet(app: &App, req: &Request, id: EmergencyId, asked: Option<Asked>) -> Result<Response> {
    let sheet = app.db.read(|conn| load(app, conn, req, id))?;

    let title = sheet.listed.title();
    Ok(Page::new(app, req, &title).room(Room::Dispatch).show(sheet_view(&sheet, asked.as_ref(), req)))
}

fn load(app: &App, conn: &Connection, req: &Request, id: EmergencyId) -> Result<Sheet> {
    let listed = store::listed(conn, id)?;
    let one = &listed.emergency;
    let candidates = if one.is_open() && one.arrived_at.is_none() { rank::of(conn, one, &app.seen, req.at)? } else { Vec::new() };
    let happenings = store::happenings(conn, id)?;
    Ok(Sheet {
        candidates,
        order: one.order_id.map(|order| orders::store::get(conn, order)).transpose()?,
        story: happenings.iter().filter_map(|one| Some((one.at, story::sentence(one)?))).collect(),
        listed,
    })
}

/// `POST /emergencies/{id}/seen`: 店裡知道了.
pub fn seen(app: &App, req: &Request) -> Result<Response> {
    act(app, req, acts::see, |_| "店裡知道了，先不響。".to_owned())
}

/// `POST /emergencies/{id}/again`: 再通知.
pub fn again(app: &App, req: &Request) -> Result<Response> {
    act(app, req, acts::again, |_| "再通知了一次。".to_owned())
}

/// `POST /emergencies/{id}/assign` sends the `driver` of the form.
pub fn assign(app: &App, req: &Request) -> Result<Response> {
    // Nobody is number 0.
    let driver = req.form("driver").and_then(|id| id.parse().ok()).unwrap_or(UserId(0));
    act(app, req, |tx, id, actor| acts::assign(tx, id, driver, actor), |_| "派出去了，等他回應。".to_owned())
}

/// `POST /emergencies/{id}/answer`: 我去, or with `goes=0` 我去不了. The driver says so, or the office for him.
pub fn answer(app: &App, req: &Request) -> Result<Response> {
    if req.form("goes") == Some("0") {
        return act(app, req, acts::decline, |_| "記下了，請再派一位。".to_owned());
    }
    act(app, req, acts::answer, |_| "記下了，他去。".to_owned())
}

/// `POST /emergencies/{id}/edit` puts down what the caller said.
pub fn edit(app: &App, req: &Request) -> Result<Response> {
    let mut form = FormReader::new(req);
    let description = form.need("description", DESCRIPTION, "請寫一句發生了什麼事。");
    let version = req.form("version").and_then(|version| version.parse().ok());
    if let Err(error) = form.check() {
        return refused(app, req, req.id(NOUN)?, error);
    }
    act(app, req, |tx, id, actor| acts::describe(tx, id, version, &description, actor), |_| "已存。".to_owned())
}

/// `POST /emergencies/{id}/ordinary`: 改成一般訂單.
pub fn ordinary(app: &App, req: &Request) -> Result<Response> {
    act(app, req, acts::calm, |_| "改成一般訂單了。".to_owned())
}

/// `POST /emergencies/{id}/close`: 解除, with how it ended.
pub fn close(app: &App, req: &Request) -> Result<Response> {
    let mut form = FormReader::new(req);
    let note = form.need("note", NOTE, "請寫一句怎麼解除的。");
    if let Err(error) = form.check() {
        return refused(app, req, req.id(NOUN)?, error);
    }
    act(app, req, |tx, id, actor| acts::close(tx, id, &note, actor), |_| "解除了。".to_owned())
}

/// One act, then back to where its button stood.
fn act(
    app: &App,
    req: &Request,
    work: impl FnOnce(&Transaction, EmergencyId, Actor) -> Result<Emergency>,
    done: impl FnOnce(&Emergency) -> String,
) -> Result<Response> {
    let id = req.id(NOUN)?;
    match app.db.write(|tx| work(tx, id, Actor::of(req))) {
        Ok(one) => Ok(Response::see_other(back(req, id)).with_notice(&done(&one))),
        Err(error) => refused(app, req, id, error),
    }
}

fn back(req: &Request, id: EmergencyId) -> String {
    let here = if req.may(&[Role::Driver]) { "/driver/emergency".to_owned() } else { format!("/emergencies/{id}") };
    match req.form("back") {
        Some(back) => utf8_percent_encode(local_path(back), CONTROLS).to_string(),
        None => here,
    }
}

/// The page as it stands now, with the reason why not; a driver reads it above his own.
fn refused(app: &App, req: &Request, id: EmergencyId, error: Error) -> Result<Response> {
    let status = error.status();
    match error {
        Error::Invalid(_) | Error::Conflict { .. } if req.may(&[Role::Driver]) => {
            Ok(Response::see_other("/driver/emergency").with_notice(&error.user_message()))
        }
        Error::Invalid(_) | Error::Conflict { .. } => {
            let say = error.user_message().into_owned();
            let problems = if let Error::Invalid(problems) = error { problems } else { Vec::new() };
            Ok(sheet(app, req, id, Some(Asked { say, problems }))?.status(status))
        }
        error => Err(error),
    }
}
