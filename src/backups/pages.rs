//! `/backups`: what copies there are, one more at a key press, and what is in each.

use crate::app::App;
use crate::backups::list::Backup;
use crate::backups::manifest::Manifest;
use crate::backups::prove::{self, Map};
use crate::backups::{self, NOUN, Name, jobs, keep, make, views};
use crate::error::{Error, Result};
use crate::health::six;
use crate::http::{Request, Response};
use crate::ui::{Page, Room};

/// How often the page of a copy that is being made looks again.
const LOOK_AGAIN_S: u32 = 1;

/// `GET /backups`: all copies there are; the latest of them without `all=1`.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    // Somebody may have put a file there by hand.
    app.backups.look(&app.folder);

    list_page(app, req, None)
}

/// `POST /backups` makes one more, in a thread of its own.
pub fn make_now(app: &App, req: &Request) -> Result<Response> {
    let asked = app.backups.ask(req.by());

    match asked {
        Ok(()) => Ok(Response::see_other("/backups/progress")),
        Err(error @ Error::Conflict { .. }) => Ok(Response::see_other("/backups/progress").with_notice(&error.user_message())),
        Err(error) => Err(error),
    }
}

/// `GET /backups/progress` is how far it is, and then what came of it.
pub fn progress(app: &App, req: &Request) -> Result<Response> {
    let step = app.backups.progress.now();
    if step.is_some() || app.backups.is_busy() {
        let page = Page::new(app, req, "正在備份").room(Room::Data).refresh(LOOK_AGAIN_S);
        return Ok(page.show(views::progress_view(step)));
    }

    let ended = app.backups.ended();
    let made = ended.as_ref().and_then(|ended| ended.result.as_ref().ok());
    let backup = made.and_then(|name| app.backups.list(&app.folder).into_iter().find(|backup| backup.name == *name));

    match (ended.map(|ended| ended.result), backup) {
        (Some(Err(say)), _) => list_page(app, req, Some(&say)),
        (_, Some(backup)) => Ok(Response::see_other("/backups").with_notice(&format!("備份好了：{}", jobs::said(&backup)))),
        _ => Ok(Response::see_other("/backups")),
    }
}

/// `GET /backups/{name}` is what is in one.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let backup = asked_for(app, req)?;

    let title = format!("{}的備份", backup.name.at().beside(req.at));
    Ok(Page::new(app, req, &title).room(Room::Data).show(views::detail_view(req, &backup)))
}

/// `POST /backups/{name}/verify` reads one from its first page to its last. A good one is noted to be so; another is set aside.
pub fn verify(app: &App, req: &Request) -> Result<Response> {
    let backup = asked_for(app, req)?;
    if backup.name.is_locked {
        return Err(Error::conflict("the copy is locked", "這份備份上了鎖，不能直接驗。"));
    }

    let proof = prove::prove(&backup.path)?;

    if proof.is_good() {
        let manifest = match proof.manifest {
            Some(manifest) => manifest,
            None => Manifest::of(&prove::open(&backup.path, Map::Nothing)?, backup.name.kind, backup.name.at())?,
        };
        make::note(app, &backup, Manifest { proved_at: Some(req.at), ..manifest })?;
        return Ok(Response::see_other(format!("/backups/{}", backup.name)).with_notice("從頭到尾驗過，是好的。"));
    }
    keep::set_aside(app, &backup)?;
    let say = format!("{}的備份驗不過，已經放到一邊，不會拿來還原：{}", backup.name.at().beside(req.at), proof.problems.concat());
    Ok(list_page(app, req, Some(&say))?.status(422))
}

/// `GET /backups/card`: the six steps on paper, for beside the PC.
pub fn card(app: &App, req: &Request) -> Result<Response> {
    Ok(Page::new(app, req, "備份和還原").room(Room::Data).paper(views::card_bar(), views::card_view(&app.settings().shop_name, req.at)))
}

fn list_page(app: &App, req: &Request, problem: Option<&str>) -> Result<Response> {
    let sentences = six::sentences(app, req.at)?;
    let backups = app.backups.list(&app.folder);
    let evidence = keep::evidence(&backups::folder(&app.folder)).len();
    let is_all = req.query("all") == Some("1");
    let shown = views::Shown { backups: &backups, is_all, evidence, settings: &app.settings(), problem, sentences: &sentences };
    Ok(Page::new(app, req, "備份與健康").room(Room::Data).show(views::list_view(req, &shown)))
}

/// The copy the address names; one that is not there is told so, whatever the name.
pub(super) fn asked_for(app: &App, req: &Request) -> Result<Backup> {
    let typed: String = req.param("name")?;
    Name::parse(&typed)
        .and_then(|name| {
            let path = backups::folder(&app.folder).join(name.to_string());
            Backup::at(name, path)
        })
        .ok_or_else(|| Error::no_such(NOUN, &typed))
}
