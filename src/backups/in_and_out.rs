//! A copy taken away through the browser, and one brought along.

use std::fs::File;

use maud::html;
use serde_json::json;

use crate::app::App;
use crate::backups::list::Backup;
use crate::backups::lock_up::{self, Passphrase, Scratch};
use crate::backups::pages::asked_for;
use crate::backups::{NOUN, Name, bring};
use crate::db::space;
use crate::error::{Doing, Error, Problem, Result};
use crate::http::request::Upload;
use crate::http::response::FileBody;
use crate::http::{Method, Request, Response};
use crate::journal::{self, Entry};
use crate::ui::form::wrong;
use crate::ui::{Page, Room, csrf_field, field};

/// The largest copy that comes in through a form: fifty years of records.
pub const MOST_BYTES: u64 = 4 << 30;

/// What a copy is sent as.
const CONTENT_TYPE: &str = "application/octet-stream";

/// `GET /backups/{name}/file`: one copy to take away, locked where the shop locks what leaves the house.
pub fn download(app: &App, req: &Request) -> Result<Response> {
    let backup = asked_for(app, req)?;
    // On its way to the browser it lies there once more, and locked twice.
    if space::room(&app.folder).is_some_and(|room| !room.takes(backup.bytes.saturating_mul(2))) {
        let say = format!("硬碟空間不夠，下載不了。請直接把資料夾裡的 backups/{} 複製到 USB 碟。", backup.name);
        return Err(Error::refused("no room to hand out a copy", say));
    }
    let (name, body) = if app.settings().copies_locked && !backup.name.is_locked {
        let passphrase = lock_up::load(&app.folder).ok_or_else(|| {
            Error::refused("the passphrase is gone", "這台電腦沒有備份的密語，所以不能下載。請到「備份的密語」再輸入一次。")
        })?;
        let (scratch, to) = Scratch::new(&app.folder.join("uploads"))?;
        let from = File::open(&backup.path).doing("open a copy to lock it")?;
        lock_up::lock(from, &to, &passphrase).doing("lock a copy")?;
        (Name { is_locked: true, ..backup.name.clone() }, FileBody::of_scratch(scratch)?)
    } else {
        (backup.name.clone(), FileBody::of(&backup.path)?)
    };

    if req.method != Method::Head {
        note_export(app, req, &backup, &name)?;
    }

    Ok(Response::download_file(CONTENT_TYPE, &name.to_string(), body))
}

/// On a full disk nothing can be written down, and whoever saves the shop from it is not kept from doing so.
fn note_export(app: &App, req: &Request, backup: &Backup, name: &Name) -> Result<()> {
    let change = json!({"name": name.to_string(), "bytes": backup.bytes});
    let by = req.by();
    match app.db.write(|tx| journal::record(tx, &Entry { by, verb: "export", noun: NOUN, noun_id: None, change })) {
        Err(Error::ReadOnly(_)) => {
            log::warn!("a copy was taken away while nothing could be written name={name} user={:?}", by.user);
            Ok(())
        }
        noted => noted,
    }
}

/// `GET /backups/upload`.
pub fn upload_form(app: &App, req: &Request) -> Result<Response> {
    Ok(upload_page(app, req, &[]))
}

/// `POST /backups/upload`: a file becomes a copy among ours, once it was read and is found to be one.
pub fn upload(app: &App, req: &Request) -> Result<Response> {
    let taken = match req.uploads.as_slice() {
        [upload] => take_in(app, req, upload).map(|backup| (upload, backup)),
        _ => Err(Error::invalid("file", "請選一個備份檔。")),
    };
    let (upload, backup) = match taken {
        Ok(taken) => taken,
        Err(Error::Invalid(problems)) => return Ok(upload_page(app, req, &problems).status(422)),
        // Not ours, damaged, newer: the sentence stands where the file was chosen.
        Err(Error::Refused { say, .. }) => {
            return Ok(upload_page(app, req, &[Problem { field: "file".into(), say: say.into() }]).status(422));
        }
        Err(error) => return Err(error),
    };

    let change = json!({"name": backup.name.to_string(), "bytes": backup.bytes, "called": upload.name});
    app.db.write(|tx| journal::record(tx, &Entry { by: req.by(), verb: "upload", noun: NOUN, noun_id: None, change }))?;
    let say = format!("帶進來了，是 {}的備份。要用它，按「還原」。", backup.name.at().beside(req.at));
    Ok(Response::see_other(format!("/backups/{}", backup.name)).with_notice(&say))
}

fn upload_page(app: &App, req: &Request, problems: &[Problem]) -> Response {
    let (invalid_file, why_file) = wrong("file", problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    let (invalid, why) = wrong("passphrase", problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    Page::new(app, req, "帶備份進來").room(Room::Data).show(html! {
        div.head {
            div { h1 { "帶備份進來" } p { "別台電腦或 USB 碟上的備份檔。先檢查是不是幸福氣的、有沒有壞，再放進名單；現在的資料不會變。" } }
            div.acts { a.button href="/backups" data-key="Escape" { "回備份 " kbd { "Esc" } } }
        }
        form.panel.narrow method="post" action="/backups/upload" enctype="multipart/form-data" {
            (csrf_field(req))
            (field("備份檔", "file", problems, html! {
                input #file name="file" type="file" required autofocus aria-invalid=[invalid_file] aria-describedby=[why_file];
            }))
            (field("密語", "passphrase", problems, html! {
                input #passphrase name="passphrase" type="password" maxlength="200" autocomplete="off" aria-invalid=[invalid] aria-describedby=[why];
            }))
            p.soft.small { "檔名最後是 .age 的才要填，照印出來的那一張。這家店自己的密語不用填。" }
            div.acts { button.primary { "帶進來 " kbd { "Enter" } } }
        }
    })
}

/// Brings `upload` among the copies. A locked one is opened with the `passphrase` of the form, or else with the shop's own.
/// Errors as [`bring::bring`] says; then nothing of it is left.
pub fn take_in(app: &App, req: &Request, upload: &Upload) -> Result<Backup> {
    let typed = req.form("passphrase").filter(|typed| !typed.trim().is_empty()).map(Passphrase::typed);
    let passphrase = typed.or_else(|| lock_up::load(&app.folder));
    let backup = bring::bring(&app.folder, &upload.path, &upload.name, passphrase.as_ref(), req.at)?;
    app.backups.look(&app.folder);
    Ok(backup)
}
