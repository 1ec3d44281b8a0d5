//! `/settings/holidays`: the red-letter days of a year, for those who are closed on them.

use maud::{Markup, html};
use serde_json::json;

use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::journal::{self, By, Entry};
use crate::settings::{HOLIDAY, store};
use crate::ui::form::wrong;
use crate::ui::{self, FormReader, Page, Room, csrf_field};
use crate::users::Role;
use crate::values::{Day, roc};

const MANAGERS: &[Role] = &[Role::Admin, Role::Manager];

/// `GET /settings/holidays?year=2026`; the year it is when none is named.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    page(app, req, &[])
}

/// `POST /settings/holidays` adds a day, or gives one another name.
pub fn add(app: &App, req: &Request) -> Result<Response> {
    let added = read(req).and_then(|(day, name)| {
        app.db.write(|tx| {
            let before = store::holidays(tx)?.into_iter().find(|(on, _)| *on == day).map(|(_, name)| name);
            if before.as_ref() == Some(&name) {
                return Ok(day);
            }
            store::set_holiday(tx, day, &name)?;
            let change = json!({"holiday_on": day.to_string(), "before": before, "after": name});
            journal::record(tx, &entry("add", req.by(), change))?;
            Ok(day)
        })
    });

    match added {
        Ok(day) => Ok(Response::see_other(url(day.year())).with_notice(&format!("已存，{}。", day.long()))),
        Err(Error::Invalid(problems)) => Ok(page(app, req, &problems)?.status(422)),
        Err(error) => Err(error),
    }
}

/// `POST /settings/holidays/remove` takes a day off the calendar.
pub fn remove(app: &App, req: &Request) -> Result<Response> {
    let day: Day = req.form("day").and_then(|day| day.parse().ok()).ok_or(Error::BadRequest("the form has no day"))?;

    app.db.write(|tx| {
        // A second press finds it done already.
        let Some((_, name)) = store::holidays(tx)?.into_iter().find(|(on, _)| *on == day) else { return Ok(()) };
        store::remove_holiday(tx, day)?;
        journal::record(tx, &entry("remove", req.by(), json!({"holiday_on": day.to_string(), "before": name})))
    })?;

    Ok(Response::see_other(url(day.year())).with_notice(&format!("{} 不是假日了。", day.long())))
}

fn entry(verb: &str, by: By, change: serde_json::Value) -> Entry<'_> {
    Entry { by, verb, noun: HOLIDAY, noun_id: None, change }
}

fn url(year: i32) -> String {
    format!("/settings/holidays?year={year}")
}

/// Any day from 2000 to the end of the year after next: the calendar is announced a year ahead.
fn read(req: &Request) -> Result<(Day, String)> {
    let mut form = FormReader::new(req);
    let name = form.need("name", 40, "請填是什麼日子。");
    let last = Day::new(req.at.day().year() + 2, 12, 31).unwrap_or(req.at.day());
    let first = Day::new(2000, 1, 1).unwrap_or(req.at.day());
    let typed = form.text("day");
    let day = match roc::parse_day_within(&typed, first..=last) {
        Ok(day) => day,
        Err(problem) => {
            let say = if problem == roc::DayProblem::TooLate { "日期太遠了，請看看年份。" } else { problem.say() };
            form.problem("day", say);
            first
        }
    };
    form.check()?;
    Ok((day, name))
}

fn page(app: &App, req: &Request, problems: &[Problem]) -> Result<Response> {
    let today = req.at.day();
    let days = app.db.read(store::holidays)?;

    let mut years: Vec<i32> = days.iter().map(|(day, _)| day.year()).chain([today.year(), today.year() + 1]).collect();
    years.sort_unstable();
    years.dedup();
    let year = req.query("year").and_then(|year| year.parse().ok()).filter(|year| years.contains(year)).unwrap_or(today.year());
    let shown: Vec<&(Day, String)> = days.iter().filter(|(day, _)| day.year() == year).collect();
    let may_edit = req.may(MANAGERS);
    Ok(Page::new(app, req, "國定假日").room(Room::Settings).show(html! {
        div.head {
            div { h1 { "國定假日 " (year) " 年 " (shown.len()) " 天" } p { "客戶資料寫「國定假日公休」的，這些天不送。店裡照常。" } }
            div.acts { a.button href="/settings" data-key="Escape" { "回設定 " kbd { "Esc" } } }
        }
        nav.filters aria-label="年" {
            @for one in &years { a href=(url(*one)) aria-current=[(*one == year).then_some("page")] { (one) } }
        }
        @if may_edit { (add_view(req, problems)) }
        @if shown.is_empty() { (ui::empty("這一年還沒有假日", "政府公布以後，在上面一天一天加。")) } @else { (days_view(req, &shown, may_edit)) }
    }))
}

fn add_view(req: &Request, problems: &[Problem]) -> Markup {
    let input = |name: &str, label: &str, hint: &str| {
        let (invalid, why) = wrong(name, problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
        let is_first_wrong = problems.first().is_some_and(|problem| problem.field == name);
        html! {
            label for=(name) { (label) }
            input id=(name) name=(name) value=(req.form(name).unwrap_or_default()) maxlength="40" autocomplete="off" placeholder=(hint)
                autofocus[is_first_wrong] aria-invalid=[invalid] aria-describedby=[why];
            @for problem in problems.iter().filter(|problem| problem.field == name) { span.problem id={ "why-" (name) } { (problem.say) } }
        }
    };
    html! {
        form.panel.narrow method="post" action="/settings/holidays" {
            (csrf_field(req))
            div.line-form {
                (input("day", "日期", "2026/02/16"))
                (input("name", "名字", "農曆除夕"))
                button.primary { "加一天 " kbd { "Enter" } }
            }
        }
    }
}

fn days_view(req: &Request, days: &[&(Day, String)], may_edit: bool) -> Markup {
    html! {
        div.scroll {
            table.list.folds.tight {
                caption.unseen { "假日" }
                thead { tr {
                    th scope="col" { "日期" }
                    th.rest scope="col" { "名字" }
                    @if may_edit { th scope="col" { span.unseen { "動作" } } }
                } }
                tbody {
                    @for (day, name) in days {
                        tr {
                            th.keep scope="row" { (day.long()) }
                            td { (name) }
                            @if may_edit {
                                td {
                                    form method="post" action="/settings/holidays/remove" {
                                        (csrf_field(req))
                                        input type="hidden" name="day" value=(day);
                                        button.button aria-label={ "拿掉 " (day.slashed()) } { "拿掉" }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
