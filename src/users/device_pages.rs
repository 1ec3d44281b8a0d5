//! The browsers somebody is signed in with, and ending one of them: a phone is lost, the others go on.

use maud::{Markup, html};
use serde_json::json;

use crate::app::App;
use crate::error::Result;
use crate::http::{Request, Response};
use crate::journal::{self, Entry};
use crate::ui::{self, csrf_field};
use crate::users::session::{self, Device};
use crate::users::{NOUN, people};
use crate::values::{Stamp, UserId};

/// The browsers of `user`, the newest first, with what memory knows of them.
pub(super) fn devices(app: &App, user: UserId, now: Stamp) -> Result<Vec<Device>> {
    let mut devices = app.db.read(|conn| session::of_user(conn, user, now))?;
    devices.iter_mut().for_each(|device| app.seen.freshen(device));
    Ok(devices)
}

/// `POST /users/{id}/sessions/{key}/revoke` signs one browser of that user out.
pub fn revoke(app: &App, req: &Request) -> Result<Response> {
    let id: UserId = req.param("id")?;
    app.db.read(|conn| people::changeable(conn, req, id))?;

    end(app, req, id, &format!("/users/{id}"))
}

/// `POST /me/sessions/{key}/revoke` signs another browser of one's own out.
pub fn revoke_own(app: &App, req: &Request) -> Result<Response> {
    end(app, req, req.session()?.user_id, "/me")
}

fn end(app: &App, req: &Request, user: UserId, back: &str) -> Result<Response> {
    let key: String = req.param("key")?;

    let ended = app.db.write(|tx| {
        let ended = session::end_one(tx, user, &key)?;
        if ended {
            let entry = Entry { by: req.by(), verb: "revoke", noun: NOUN, noun_id: Some(user.0), change: json!({"sessions": 1}) };
            journal::record(tx, &entry)?;
        }
        Ok(ended)
    })?;

    Ok(Response::see_other(back).with_notice(if ended { "那個裝置登出了。" } else { "那個裝置已經不在了。" }))
}

/// The list; `folder` is whose it is, and the one the page is read with is marked and stays.
pub(super) fn devices_view(req: &Request, folder: &str, devices: &[Device]) -> Markup {
    let here = session::token_of(req).map(session::key_of);
    html! {
        section.stack aria-labelledby="h-devices" {
            h2 #h-devices { "登入中的裝置" }
            @if devices.is_empty() {
                p.soft { "現在沒有登入中的裝置。" }
            } @else {
                div.scroll {
                    table.list.folds {
                        caption.unseen { "登入中的裝置" }
                        thead { tr {
                            th scope="col" { "裝置" }
                            th scope="col" { "登入" }
                            th scope="col" { "最後使用" }
                            th scope="col" { "位址" }
                            th scope="col" { span.unseen { "動作" } }
                        } }
                        tbody { @for device in devices { (device_view(req, folder, device, here.as_deref() == Some(device.key.as_str()))) } }
                    }
                }
            }
        }
    }
}

fn device_view(req: &Request, folder: &str, device: &Device, is_here: bool) -> Markup {
    html! {
        tr {
            th scope="row" { (device.device) @if is_here { " " span.badge.delivered { "這台" } } }
            td.keep { (device.since.beside(req.at)) }
            td.keep { @match device.seen_at { Some(at) => (at.beside(req.at)), None => (ui::none()) } }
            td { @match &device.address { Some(address) => (address), None => (ui::none()) } }
            td.number {
                @if !is_here {
                    form method="post" action={ (folder) "/sessions/" (device.key) "/revoke" } {
                        (csrf_field(req))
                        button { "登出" span.unseen { "這個裝置" } }
                    }
                }
            }
        }
    }
}
