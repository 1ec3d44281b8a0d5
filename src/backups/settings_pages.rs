//! `/backups/settings`: when copies are made and how many are kept.

use maud::{Markup, html};

use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::settings::{self, KEPT_AT_MOST, Settings};
use crate::ui::form::wrong;
use crate::ui::{self, FormReader, Page, Room, csrf_field, field};
use crate::values::{text, window};

/// `GET /backups/settings`.
pub fn form(app: &App, req: &Request) -> Result<Response> {
    Ok(page(app, req, &[], None))
}

/// `POST /backups/settings` sets what differs from what the form showed.
pub fn save(app: &App, req: &Request) -> Result<Response> {
    let written = read(req).and_then(|wanted| settings::pages::write(app, req, &wanted, Settings::backup_choices));

    match written {
        Ok(()) => Ok(Response::see_other("/backups").with_notice("備份的設定已存。")),
        Err(Error::Invalid(problems)) => Ok(page(app, req, &problems, None).status(422)),
        Err(error @ Error::Conflict { .. }) => Ok(page(app, req, &[], Some(&error)).status(409)),
        Err(error) => Err(error),
    }
}

/// What the form says; every field of it is needed.
fn read(req: &Request) -> Result<Settings> {
    let mut form = FormReader::new(req);
    let mut clock = |name| {
        if form.text(name).is_empty() {
            form.problem(name, "這一欄不能空白。");
        }
        form.parsed(name, "時間要寫成 07:00。", |text| window::minute(text).filter(|minute| *minute < 24 * 60)).unwrap_or_default()
    };
    let (backup_from, backup_to, backup_night) = (clock("backup_from"), clock("backup_to"), clock("backup_night"));
    let mut kept = |name| {
        if form.text(name).is_empty() {
            form.problem(name, "這一欄不能空白，不留就填 0。");
        }
        let count = |typed: &str| text::narrow(typed).parse::<u16>().ok().filter(|count| *count <= KEPT_AT_MOST);
        form.parsed(name, "填 0 到 200 之間的數字。", count).unwrap_or_default()
    };
    let (keep_hourly, keep_daily) = (kept("keep_hourly"), kept("keep_daily"));
    let (keep_weekly, keep_monthly) = (kept("keep_weekly"), kept("keep_monthly"));
    form.check()?;
    Ok(Settings { backup_from, backup_to, backup_night, keep_hourly, keep_daily, keep_weekly, keep_monthly, ..Settings::default() })
}

fn page(app: &App, req: &Request, problems: &[Problem], clash: Option<&Error>) -> Response {
    // What another has just set, not what this shop still remembers.
    let now = app.db.read(settings::load).unwrap_or_else(|_| (*app.settings()).clone());
    let clock = |name, label, minute, hint| text_field(req, label, name, &window::clock(minute), hint, problems);
    let count = |name, label, count: u16, hint| text_field(req, label, name, &count.to_string(), hint, problems);
    Page::new(app, req, "備份的設定").room(Room::Data).show(html! {
        div.head {
            div { h1 { "備份的設定" } p { "最新一份驗過的，不管怎麼設都會留著。" } }
            div.acts { a.button href="/backups" data-key="Escape" { "回備份 " kbd { "Esc" } } }
        }
        @if let Some(clash) = clash { (ui::refuse(&clash.user_message())) }
        form.panel.settings method="post" action="/backups/settings" {
            (csrf_field(req))
            @for choice in now.backup_choices() { input type="hidden" name={ "was_" (choice.name) } value=(choice.value); }
            h2 { "什麼時候" }
            (clock("backup_from", "每小時備份，從", now.backup_from, "這段時間裡每小時一次，有新的資料才做。"))
            (clock("backup_to", "到", now.backup_to, ""))
            (clock("backup_night", "夜裡備份", now.backup_night, "關機錯過的，開機後會補。"))
            h2 { "留多少" }
            (count("keep_hourly", "留幾份每小時的", now.keep_hourly, ""))
            (count("keep_daily", "留幾天", now.keep_daily, "每天留一份。"))
            (count("keep_weekly", "留幾週", now.keep_weekly, "每週留一份。"))
            (count("keep_monthly", "留幾個月", now.keep_monthly, "每月留一份。"))
            div.acts { button.primary { "存設定 " kbd { "Enter" } } }
        }
    })
}

fn text_field(req: &Request, label: &str, name: &str, current: &str, hint: &str, problems: &[Problem]) -> Markup {
    let value = req.form(name).unwrap_or(current);
    let (invalid, why) = wrong(name, problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    let input = html! {
        input id=(name) name=(name) value=(value) maxlength="10" autocomplete="off" inputmode="numeric" aria-invalid=[invalid] aria-describedby=[why];
        @if !hint.is_empty() { span.soft.small { (hint) } }
    };
    field(label, name, problems, input)
}
