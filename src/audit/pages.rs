use maud::{Markup, html};

use crate::app::App;
use crate::audit::{At, Filter, Found, Line, NOUN, TOPICS, Who, store, words};
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::ui::{self, Page, Room};
use crate::users::{self, User};

/// Fields of a line told in the list; its own page tells all.
const FEW: usize = 2;

/// `GET /audit` is who changed what: by person, kind of thing and which one, topic and days; the newest first.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let filter = Filter::read(req);
    let number = |name: &str| req.query(name).and_then(|id| id.parse().ok());
    let at = number("before").map(At::Before).or(number("after").map(At::After)).unwrap_or(At::Newest);

    let (found, users) = app.db.read(|conn| Ok((store::page(conn, &filter, at)?, users::store::everybody(conn)?)))?;

    let users: Vec<User> = users.into_iter().map(|(user, _)| user).collect();
    Ok(Page::new(app, req, "異動紀錄").room(Room::Data).show(html! {
        div.head { div { h1 { "異動紀錄" } p { (about(&filter)) } } }
        div.columns.side {
            div.stack {
                @if found.lines.is_empty() {
                    (ui::empty("沒有這樣的紀錄。", if filter.is_everything() { "有人改了什麼，就會在這裡。" } else { "換個條件，或看全部。" }))
                } @else {
                    (list_view(req, &found.lines))
                }
                (pages_view(&filter, &found))
            }
            aside aria-label="條件" { (filter_view(&filter, &users)) }
        }
    }))
}

/// `GET /audit/{id}` is one line, whole.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let id: i64 = req.id(NOUN)?;
    let line = app.db.read(|conn| store::find(conn, id))?.ok_or_else(|| Error::not_found(NOUN, id))?;

    Ok(Page::new(app, req, "異動紀錄").room(Room::Data).show(html! {
        div.head {
            div { h1 { (words::verb(&line.verb)) " " (label(&line)) } p { (by(&line)) "　" (line.at.day().long()) " " (line.at.clock_seconds()) } }
            div.acts { a.button href="/audit" data-key="escape" { "回清單 " kbd { "Esc" } } }
        }
        (whole_view(&line))
    }))
}

fn about(filter: &Filter) -> String {
    match filter.noun.and_then(words::noun).zip(filter.noun_id) {
        Some((noun, id)) => format!("{} {id} 的全部變更，最近的在上面。", noun.label),
        None => "誰什麼時候改了什麼，最近的在上面。只增加，不刪不改。".to_owned(),
    }
}

/// Who it was.
fn by(line: &Line) -> &str {
    line.name.as_deref().unwrap_or("程式")
}

/// The thing and its number.
fn label(line: &Line) -> String {
    let noun = words::noun(&line.noun).map_or(line.noun.as_str(), |noun| noun.label);
    line.noun_id.map_or_else(|| noun.to_owned(), |id| format!("{noun} {id}"))
}

fn list_view(req: &Request, lines: &[Line]) -> Markup {
    html! {
        div.scroll {
            table.list.folds data-rows="" {
                caption.unseen { "異動紀錄" }
                thead { tr {
                    th.key scope="col" { span.unseen { "鍵" } }
                    th scope="col" { "時間" }
                    th scope="col" { "誰" }
                    th scope="col" { "做了什麼" }
                    th scope="col" { "改了什麼" }
                } }
                tbody {
                    @for (number, line) in (1..).zip(lines) {
                        tr {
                            td.key { @if number <= 9 { kbd { (number) } } }
                            th.keep scope="row" { a href={ "/audit/" (line.id) } data-row=[(number <= 9).then_some(number)] { (line.at.beside(req.at)) } }
                            td.keep { (by(line)) }
                            td {
                                (words::verb(&line.verb)) " "
                                @match line.noun_id.and_then(|id| words::url(&line.noun, id)) {
                                    Some(url) => a href=(url) { (label(line)) },
                                    None => (label(line)),
                                }
                            }
                            td { (few_view(line)) }
                        }
                    }
                }
            }
        }
    }
}

/// The first fields that changed, in a line each.
fn few_view(line: &Line) -> Markup {
    let changes = line.changes();
    let said = |name: &str, value: &Option<serde_json::Value>| {
        value.as_ref().map_or("—".to_owned(), |value| short(words::shown(&line.noun, name, value)))
    };
    html! {
        @for change in changes.iter().take(FEW) {
            small.line {
                span.soft { (words::field(&line.noun, &change.field)) } " "
                // Of what is new there is no before.
                @if change.before.is_some() { (said(&change.field, &change.before)) " → " }
                (said(&change.field, &change.after))
            }
        }
        @if FEW < changes.len() { small.line.soft { "還有 " (changes.len() - FEW) " 項" } }
        @if changes.is_empty() {
            @for (name, value) in line.rest().into_iter().take(FEW) {
                small.line { span.soft { (words::field(&line.noun, name)) } " " (short(words::shown(&line.noun, name, value))) }
            }
        }
    }
}

/// A long text is told whole on its own page.
fn short(text: String) -> String {
    const MOST: usize = 24;
    if text.chars().count() <= MOST { text } else { text.chars().take(MOST).chain(['…']).collect() }
}

fn pages_view(filter: &Filter, found: &Found) -> Markup {
    let (first, last) = (found.lines.first().map(|line| line.id), found.lines.last().map(|line| line.id));
    html! {
        nav.pages.keys aria-label="換頁" {
            span { @if !filter.is_everything() { a href="/audit" { "看全部" } } }
            span.acts {
                @if let Some(id) = first.filter(|_| found.has_newer) {
                    a.button href=(filter.url(At::After(id))) data-key="pageup" rel="prev" { "較新的 " kbd { "PgUp" } }
                }
                @if let Some(id) = last.filter(|_| found.has_older) {
                    a.button href=(filter.url(At::Before(id))) data-key="pagedown" rel="next" { "較早的 " kbd { "PgDn" } }
                }
            }
        }
    }
}

fn filter_view(filter: &Filter, users: &[User]) -> Markup {
    html! {
        form.panel action="/audit" role="search" aria-label="異動紀錄的條件" {
            h2 { "找" }
            div.field {
                label for="who" { "誰" }
                select #who name="who" {
                    option value="" { "全部" }
                    @for user in users { option value=(user.id) selected[filter.who == Some(Who::User(user.id))] { (user.name) } }
                    option value="program" selected[filter.who == Some(Who::Program)] { "程式自己" }
                }
            }
            div.field {
                label for="topic" { "哪一種事" }
                select #topic name="topic" {
                    option value="" { "全部" }
                    @for topic in TOPICS { option value=(topic.word) selected[filter.topic.is_some_and(|have| have.word == topic.word)] { (topic.label) } }
                }
            }
            div.field {
                label for="noun" { "什麼" }
                select #noun name="noun" {
                    option value="" { "全部" }
                    @for noun in words::NOUNS { option value=(noun.word) selected[filter.noun == Some(noun.word)] { (noun.label) } }
                }
            }
            div.field { label for="id" { "號碼" } input #id name="id" inputmode="numeric" autocomplete="off" maxlength="18" value=[filter.noun_id]; }
            div.field { label for="from" { "從" } input #from type="date" name="from" value=[filter.from.map(|day| day.to_string())]; }
            div.field { label for="to" { "到" } input #to type="date" name="to" value=[filter.to.map(|day| day.to_string())]; }
            div.acts { button.primary { "找 " kbd { "Enter" } } }
        }
    }
}

fn whole_view(line: &Line) -> Markup {
    let (changes, rest) = (line.changes(), line.rest());
    let said = |name: &str, value: &Option<serde_json::Value>| value.as_ref().map(|value| words::shown(&line.noun, name, value));
    html! {
        div.columns.side {
            div.stack {
                @if !changes.is_empty() {
                    div.scroll tabindex="0" role="group" aria-label="改了什麼，可左右捲" {
                        table.list {
                            caption.unseen { "改了什麼" }
                            thead { tr { th scope="col" { "欄位" } th scope="col" { "之前" } th scope="col" { "之後" } } }
                            tbody {
                                @for change in &changes {
                                    tr {
                                        th.keep scope="row" { (words::field(&line.noun, &change.field)) }
                                        td { @match said(&change.field, &change.before) { Some(text) => (text), None => (ui::none()) } }
                                        td { @match said(&change.field, &change.after) { Some(text) => b { (text) }, None => (ui::none()) } }
                                    }
                                }
                            }
                        }
                    }
                }
                @if !rest.is_empty() {
                    section.panel {
                        h2 { "其他" }
                        dl.facts { @for (name, value) in &rest { dt { (words::field(&line.noun, name)) } dd { (words::shown(&line.noun, name, value)) } } }
                    }
                }
                @if changes.is_empty() && rest.is_empty() { p.soft { "這一筆沒有別的內容。" } }
            }
            aside.stack aria-label="這一筆" {
                section.panel {
                    dl.facts {
                        dt { "第幾筆" } dd { (ui::count(line.id)) }
                        dt { "誰" } dd { (by(line)) }
                        dt { "什麼" }
                        dd {
                            @match line.noun_id.and_then(|id| words::url(&line.noun, id)) { Some(url) => a href=(url) { (label(line)) }, None => (label(line)) }
                        }
                    }
                    @if let Some(id) = line.noun_id {
                        p { a href={ "/audit?noun=" (line.noun) "&id=" (id) } data-key="a" { "它的全部變更 " kbd { "A" } } }
                    }
                }
            }
        }
    }
}
