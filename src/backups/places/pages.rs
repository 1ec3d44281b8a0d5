use std::path::PathBuf;

use maud::{Markup, html};
use serde_json::json;

use crate::app::App;
use crate::backups::places::{self, MOST, NOUN, Place, store};
use crate::db::space;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::journal::{self, Entry};
use crate::settings;
use crate::ui::form::field;
use crate::ui::{self, FormReader, Page, Room, csrf_field};
use crate::users::session;
use crate::values::Stamp;

/// `GET /backups/places`: where the second copies go, and whether they are there.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    page(app, req, &[])
}

/// `POST /backups/places` adds a folder; it is marked and gets its first copy at once.
pub fn add(app: &App, req: &Request) -> Result<Response> {
    match read(app, req).and_then(|(label, folder)| keep(app, req, &label, &folder)) {
        Ok(say) => {
            places::send_now(app)?;
            Ok(Response::see_other("/backups/places").with_notice(&say))
        }
        Err(Error::Invalid(problems)) => Ok(page(app, req, &problems)?.status(422)),
        Err(error) => Err(error),
    }
}

/// `POST /backups/places/{id}/remove`: nothing more is brought there; what lies there stays.
pub fn remove(app: &App, req: &Request) -> Result<Response> {
    let id: i64 = req.id(NOUN)?;

    let label = app.db.write(|tx| {
        // A second press finds it done already.
        let Some(place) = store::find(tx, id)? else { return Ok(None) };
        store::remove(tx, id)?;
        let change = json!({"label": place.label, "folder": place.folder.display().to_string()});
        journal::record(tx, &Entry { by: req.by(), verb: "remove", noun: NOUN, noun_id: Some(id), change })?;
        Ok(Some(place.label))
    })?;

    let say = label.map_or("已經不在名單上了。".to_owned(), |label| format!("不再放到「{label}」，那裡的備份還留著。"));
    Ok(Response::see_other("/backups/places").with_notice(&say))
}

/// `POST /backups/places/bring` looks at each place now.
pub fn bring(app: &App, _req: &Request) -> Result<Response> {
    places::send_now(app)?;

    Ok(Response::see_other("/backups/places").with_notice("去放了，這一頁會自己更新。"))
}

fn read(app: &App, req: &Request) -> Result<(String, PathBuf)> {
    let mut form = FormReader::new(req);
    let label = form.need("label", 20, "請取個名字，例如「備份碟」。");
    let folder = form.need("folder", 300, "請填資料夾，例如 E:\\備份。");
    form.check()?;
    let known = app.db.read(store::list)?;
    if MOST <= known.len() {
        return Err(Error::invalid("folder", "最多 4 個地方，請先移除一個。"));
    }
    if known.iter().any(|place| place.folder.as_os_str() == folder.as_str()) {
        return Err(Error::invalid("folder", "這個資料夾已經在名單上了。"));
    }
    Ok((label, PathBuf::from(folder)))
}

/// Marks the folder, then notes it: what is marked and not noted is no harm.
fn keep(app: &App, req: &Request, label: &str, folder: &std::path::Path) -> Result<String> {
    let settings = app.settings();
    let shop_id = match settings.shop_id.as_str() {
        "" => session::new_token()?[..16].to_owned(),
        id => id.to_owned(),
    };
    places::mark(folder, &app.folder, &shop_id, &settings.shop_name)?;
    let folder = folder.display().to_string();
    app.db.write(|tx| {
        settings::set(tx, "shop_id", &shop_id)?;
        let id = store::add(tx, label, &folder, req.at)?;
        let change = json!({"label": label, "folder": folder});
        journal::record(tx, &Entry { by: req.by(), verb: "add", noun: NOUN, noun_id: Some(id), change })
    })?;
    app.reload_settings()?;
    Ok(format!("已加「{label}」，第一份正要放過去。"))
}

fn page(app: &App, req: &Request, problems: &[Problem]) -> Result<Response> {
    let places = places::state(app)?;
    let settings = app.settings();

    let is_busy = places.iter().any(|place| place.is_busy);
    let page = Page::new(app, req, "第二份備份").room(Room::Data);
    let page = if is_busy && problems.is_empty() { page.refresh(3) } else { page };
    Ok(page.show(html! {
        div.head {
            div {
                h1 { "第二份備份" }
                p { "電腦壞了、被偷了、燒了，店還在。插上就會自己放一份，不在也不會停下來。" }
            }
            div.acts {
                @if !places.is_empty() {
                    form method="post" action="/backups/places/bring" data-looks="" {
                        (csrf_field(req))
                        button.primary data-key="b" { "現在放一份 " kbd { "B" } }
                    }
                }
                a.button href="/backups/key" data-key="m" { "備份的密語 " kbd { "M" } }
                a.button href="/backups" data-key="Escape" { "回備份 " kbd { "Esc" } }
            }
        }
        @if settings.is_practice { (ui::warn("這是練習店，不會真的放第二份。")) }
        div.columns.side {
            div.stack {
                @if places.is_empty() {
                    (ui::empty("還沒有第二個地方", "插一支 USB 碟，或用別台電腦分享的資料夾，在右邊加進來。"))
                } @else {
                    (places_view(req, &places))
                }
                section.panel {
                    h2 { "放了什麼" }
                    ul.plain {
                        li { "最新的一份備份，讀回來比對過才算數。以前的照店裡的規則留：每小時、每天、每週、每月。" }
                        li { "司機拍的照片和簽名，只補新的。" }
                        li {
                            @if settings.copies_locked { "都用密語鎖著，撿到的人打不開。" } @else { "沒有上鎖：撿到碟的人看得到客戶資料。要鎖請設" a href="/backups/key" { "備份的密語" } "。" }
                        }
                    }
                }
            }
            aside aria-label="加一個地方" {
                @if places.len() < MOST || !problems.is_empty() { (add_view(req, problems)) } @else { section.panel { h2 { "加一個地方" } p { "已經有 4 個，要加請先移除一個。" } } }
            }
        }
    }))
}

fn places_view(req: &Request, places: &[Place]) -> Markup {
    html! {
        div.scroll {
            table.list.folds {
                caption.unseen { "放第二份的地方" }
                thead { tr {
                    th scope="col" { "地方" }
                    th scope="col" { "現在" }
                    th scope="col" { "最新的一份" }
                    th scope="col" { span.unseen { "動作" } }
                } }
                tbody { @for place in places { (place_view(req, place, req.at)) } }
            }
        }
    }
}

fn place_view(req: &Request, place: &Place, now: Stamp) -> Markup {
    html! {
        tr {
            th scope="row" { (place.label) small.soft { (place.folder.display()) } }
            td {
                @if place.is_busy { span.badge.in_delivery { "正在放" } }
                @else if let Some(problem) = &place.problem { span.badge.failed { "有問題" } small { (problem) } }
                @else if place.is_present {
                    span.badge.delivered { "在" }
                    @if let Some(free) = place.free_bytes { small.soft { "還有 " (space::said(free)) } }
                }
                @else { span.badge.late { "不在" } small { "從 " (place.since.beside(now)) " 起" } }
            }
            td.keep {
                @match &place.copy {
                    Some(copy) => { (copy.at().beside(now)) @if copy.is_locked { small.soft { "上了鎖" } } }
                    None => { (ui::none()) }
                }
            }
            td.number {
                form method="post" action={ "/backups/places/" (place.id) "/remove" } data-confirm={ "不再放到「" (place.label) "」？那裡的備份會留著。" } {
                    (csrf_field(req))
                    button { "移除" span.unseen { "：" (place.label) } }
                }
            }
        }
    }
}

fn add_view(req: &Request, problems: &[Problem]) -> Markup {
    let found = places::candidates();
    let typed = |name: &str| req.form(name).or_else(|| req.query(name)).unwrap_or_default().to_owned();
    let is_first_wrong = |name: &str| problems.first().is_some_and(|problem| problem.field == name);
    html! {
        form.panel method="post" action="/backups/places" {
            h2 { "加一個地方" }
            (csrf_field(req))
            (field("名字", "label", problems, html! {
                input #label name="label" value=(typed("label")) maxlength="20" autocomplete="off" placeholder="備份碟" autofocus[is_first_wrong("label")];
            }))
            (field("資料夾", "folder", problems, html! {
                input #folder name="folder" value=(typed("folder")) maxlength="300" autocomplete="off" spellcheck="false" autofocus[is_first_wrong("folder")];
            }))
            @if found.is_empty() {
                p.soft.small { "USB 碟像 E:\\ ，別台電腦的分享像 \\\\電腦名\\備份 。" }
            } @else {
                p.soft.small { "找到的碟：" @for folder in &found { a href={ "/backups/places?folder=" (encoded(folder)) } { (folder.display()) } "　" } }
            }
            div.acts { button { "加這個地方" } }
        }
    }
}

fn encoded(folder: &std::path::Path) -> String {
    form_urlencoded::byte_serialize(folder.display().to_string().as_bytes()).collect()
}
