use maud::{Markup, html};

use crate::app::App;
use crate::deliveries::{Cursor, Delivery, NOUN, Page as Found, Place, Span, Stop, export, store};
use crate::error::Result;
use crate::http::{Request, Response};
use crate::journal;
use crate::ui::{self, Page, Room};
use crate::values::{CustomerId, Day, Grams, roc};

/// Rows of a history a page shows.
const ROWS: usize = 50;

/// `GET /customers/{id}/deliveries` shows one customer's whole history, newest first, a page at a time.
pub fn of_customer(app: &App, req: &Request) -> Result<Response> {
    let id: CustomerId = req.param("id")?;
    let cursor = |name| req.query(name).and_then(|text| text.parse::<Cursor>().ok());
    let place = match (cursor("before"), cursor("after")) {
        (Some(cursor), _) => Place::Before(cursor),
        (None, Some(cursor)) => Place::After(cursor),
        (None, None) => Place::Newest,
    };

    let (of, span, found, newer) = app.db.read(|conn| {
        let of = store::whose(conn, id)?;
        let span = store::span_of(conn, id)?;
        let found = store::of_customer(conn, id, place, ROWS)?;
        let newer = match found.newer {
            Some(cursor) => store::count_newer(conn, id, cursor)?,
            None => 0,
        };
        Ok((of, span, found, newer))
    })?;

    let title = format!("{} 的配送", of.name);
    Ok(Page::new(app, req, &title).room(Room::Customers).show(html! {
        div.head {
            div {
                h1.who { (of.name) " " span.soft { "編號 " (of.code) } }
                @if let Some(span) = &span { p { (span_line(span)) } }
            }
            p.acts { a.button href={ "/customers/" (id) } data-key="escape" { "回客戶 " kbd { "Esc" } } }
        }
        @if let Some(span) = &span {
            (years_view(id, span, &found, newer))
            (history_view(&of.name, &found))
            (pages_view(id, span.count, newer, &found))
        } @else {
            (ui::empty("還沒有配送紀錄", "匯入歷史檔，或第一次送到之後，就會列在這裡。"))
        }
    }))
}

/// `GET /deliveries?date=` shows what was delivered on a day: today, or the last day with any.
pub fn on_day(app: &App, req: &Request) -> Result<Response> {
    let typed = req.query("date").map(str::trim).unwrap_or_default();
    let asked = read_day(typed, req.at.day());

    let (day, stops, beside) = app.db.read(|conn| {
        let day = match asked {
            Ok(Some(day)) => day,
            _ => store::day_with_any(conn, req.at.day())?.unwrap_or(req.at.day()),
        };
        Ok((day, store::on_day(conn, day)?, store::days_beside(conn, day)?))
    })?;

    let problem = asked.err();
    let title = format!("{} 配送", day.slashed());
    let answer = Page::new(app, req, &title).room(Room::Reports).show(html! {
        (day_head_view(day, &stops, beside, day_form_view(typed, day, problem)))
        @if let Some(problem) = problem { p.refuse #why-date role="alert" { span { (problem) } } }
        @if stops.is_empty() {
            (ui::empty("這一天沒有配送", "按 ← 或 → 到最近有配送的日子，或在上面打日期。"))
        } @else {
            (areas_view(&stops))
            (stops_view(&stops))
        }
    });
    Ok(if problem.is_some() { answer.status(422) } else { answer })
}

/// `GET /data/export/deliveries.csv` is every delivery as a file.
pub fn export(app: &App, req: &Request) -> Result<Response> {
    let mut file = Vec::new();
    let count = app.db.read(|conn| export::write(conn, &mut file))?;
    app.db.write(|tx| journal::record_export(tx, req.by(), NOUN, count))?;
    Ok(Response::download("text/csv; charset=utf-8", export::FILE_NAME, file))
}

/// As people write a day: `114/05/28`, `2025-05-28`. Nothing typed is no day, and what is none is told why.
fn read_day(typed: &str, today: Day) -> Result<Option<Day>, &'static str> {
    if typed.is_empty() {
        return Ok(None);
    }
    roc::parse_day(typed, today).map(Some).map_err(roc::DayProblem::say)
}

/// What some row of a page knows; a column nobody could fill is left out.
#[derive(Clone, Copy)]
struct Columns {
    weight: bool,
    time: bool,
    driver: bool,
    note: bool,
}

impl Columns {
    fn of<'a>(deliveries: impl Iterator<Item = &'a Delivery> + Clone) -> Columns {
        Columns {
            weight: deliveries.clone().any(|delivery| delivery.load.is_known()),
            time: deliveries.clone().any(|delivery| delivery.at_time.is_some()),
            driver: deliveries.clone().any(|delivery| delivery.driver_name.is_some()),
            note: deliveries.clone().any(|delivery| delivery.note.is_some()),
        }
    }

    fn heads_view(self) -> Markup {
        html! {
            th scope="col" { "送了什麼" }
            @if self.weight { th.number scope="col" { "公斤" } }
            @if self.time { th scope="col" { "時間" } }
            @if self.driver { th scope="col" { "司機" } }
            @if self.note { th scope="col" { "備註" } }
        }
    }

    fn cells_view(self, delivery: &Delivery) -> Markup {
        html! {
            td.keep { (load_view(delivery)) }
            @if self.weight { td.number.spare[!delivery.load.is_known()] data-label="公斤" { (weight_view(delivery.load.weight())) } }
            @if self.time { td.keep.spare[delivery.at_time.is_none()] data-label="時間" { (known(delivery.at_time.as_deref())) } }
            @if self.driver { td.keep.spare[delivery.driver_name.is_none()] data-label="司機" { (known(delivery.driver_name.as_deref())) } }
            @if self.note { td { (delivery.note.as_deref().unwrap_or_default()) } }
        }
    }

    fn count(self) -> usize {
        1 + [self.weight, self.time, self.driver, self.note].into_iter().filter(|is_known| *is_known).count()
    }
}

// One customer's history.

fn span_line(span: &Span) -> String {
    let count = ui::count(span.count);
    format!("共 {count} 次　{} 起，最後一次 {}", span.first_on.slashed(), span.last_on.long())
}

/// Every year with its count; a year leads to its last delivery.
fn years_view(id: CustomerId, span: &Span, found: &Found, newer: i64) -> Markup {
    let shown = found.deliveries.first().filter(|_| 0 < newer).map(|delivery| delivery.delivered_on.year());
    html! {
        @if 1 < span.years.len() {
            nav.filters.slide aria-label="年" {
                a href={ "/customers/" (id) "/deliveries" } aria-current=[shown.is_none().then_some("page")] { "最近" }
                @for (year, count) in &span.years {
                    @if let Some(cursor) = Cursor::after_year(*year) {
                        a href={ "/customers/" (id) "/deliveries?before=" (cursor) } aria-current=[(shown == Some(*year)).then_some("page")] {
                            (year) " 年 " span.count { (ui::count(*count)) }
                        }
                    }
                }
            }
        }
    }
}

fn history_view(name: &str, found: &Found) -> Markup {
    let columns = Columns::of(found.deliveries.iter());
    html! {
        div.scroll {
            table.list.tight.folds {
                caption.unseen { (name) " 的配送，新的在上面" }
                thead { tr {
                    th scope="col" { "日期" }
                    th.number scope="col" { "隔" }
                    (columns.heads_view())
                    th.rest scope="col" { "來源" }
                } }
                tbody {
                    @for (delivery, interval) in found.deliveries.iter().zip(&found.intervals) {
                        tr {
                            th.keep scope="row" { a href={ "/deliveries?date=" (delivery.delivered_on) } { (delivery.delivered_on.long()) } }
                            td.number data-label="隔" { (interval_view(*interval)) }
                            (columns.cells_view(delivery))
                            td.soft.keep {
                                (delivery.source.label())
                                @if let Some(recorded) = delivery.recorded_name.as_deref().filter(|recorded| *recorded != name) {
                                    small { "記為「" (recorded) "」" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn interval_view(interval: Option<i64>) -> Markup {
    html! {
        @match interval {
            Some(0) => { "同一天" }
            Some(days) => { (ui::count(days)) " 天" }
            None => { span.soft { "第一次" } }
        }
    }
}

/// What was left, and when it came in several visits, each of them.
fn load_view(delivery: &Delivery) -> Markup {
    html! {
        @if delivery.load.is_known() { (delivery.load) } @else { (ui::none()) }
        @if 1 < delivery.drops.len() {
            @for drop in &delivery.drops {
                small {
                    @if let Some(time) = &drop.at_time { (time) " " }
                    (drop.load)
                    @if let Some(note) = &drop.note { "　" (note) }
                }
            }
        }
    }
}

fn weight_view(weight: Option<Grams>) -> Markup {
    html! { @match weight { Some(weight) => { (weight) } None => { (ui::none()) } } }
}

fn known(text: Option<&str>) -> Markup {
    html! { @match text { Some(text) => { (text) } None => { (ui::none()) } } }
}

fn pages_view(id: CustomerId, count: i64, newer: i64, found: &Found) -> Markup {
    let (first, last) = (newer + 1, newer + found.deliveries.len() as i64);
    html! {
        nav.pages.keys aria-label="換頁" {
            span { "第 " (ui::count(first)) "–" (ui::count(last)) " 筆，共 " (ui::count(count)) " 筆" }
            span.acts {
                @if let Some(cursor) = found.newer {
                    a.button href={ "/customers/" (id) "/deliveries?after=" (cursor) } data-key="pageup" rel="prev" { "較新的 " kbd { "PgUp" } }
                }
                @if let Some(cursor) = found.older {
                    a.button href={ "/customers/" (id) "/deliveries?before=" (cursor) } data-key="pagedown" rel="next" { "較早的 " kbd { "PgDn" } }
                }
            }
        }
    }
}

// A day.

fn day_head_view(day: Day, stops: &[Stop], (before, after): (Option<Day>, Option<Day>), form: Markup) -> Markup {
    let known: Vec<Grams> = stops.iter().filter_map(|stop| stop.delivery.load.weight()).collect();
    let weight = Grams(known.iter().map(|weight| weight.0).sum());
    html! {
        div.head {
            div {
                h1 { (day.long()) }
                p {
                    (day.roc_long()) "　" (ui::count(stops.len() as i64)) " 次配送"
                    @if !known.is_empty() { "，其中 " (ui::count(known.len() as i64)) " 次知道數量，共 " (weight) " 公斤" }
                }
            }
            div.acts {
                (form)
                @if let Some(day) = before { a.button href={ "/deliveries?date=" (day) } data-key="left" rel="prev" { (day.short()) " " kbd { "←" } } }
                @if let Some(day) = after { a.button href={ "/deliveries?date=" (day) } data-key="right" rel="next" { (day.short()) " " kbd { "→" } } }
                a.button href={ "/reports/month?month=" (day.month()) } data-key="m" { "整個月 " kbd { "M" } }
            }
        }
    }
}

fn day_form_view(typed: &str, day: Day, problem: Option<&str>) -> Markup {
    let shown = if problem.is_some() { typed.to_owned() } else { day.slashed() };
    html! {
        form.acts action="/deliveries" {
            label.unseen for="date" { "日期" }
            input #date name="date" inputmode="numeric" size="12" maxlength="20" autocomplete="off" value=(shown)
                aria-invalid=[problem.map(|_| "true")] aria-describedby=[problem.map(|_| "why-date")];
            button { "看這一天" }
        }
    }
}

/// The areas of the day with their counts, each a way down the page.
fn areas_view(stops: &[Stop]) -> Markup {
    let groups = groups(stops);
    html! {
        @if 1 < groups.len() {
            nav.filters.slide aria-label="區域" {
                @for (at, (label, stops)) in groups.iter().enumerate() {
                    a href={ "#area-" (at) } { (label) " " span.count { (ui::count(stops.len() as i64)) } }
                }
            }
        }
    }
}

/// The stops of one area after another, as they are sorted.
fn groups(stops: &[Stop]) -> Vec<(&str, &[Stop])> {
    stops.chunk_by(|one, next| one.area == next.area).map(|stops| (stops[0].area.as_deref().unwrap_or("未分區"), stops)).collect()
}

fn stops_view(stops: &[Stop]) -> Markup {
    let columns = Columns::of(stops.iter().map(|stop| &stop.delivery));
    html! {
        div.scroll {
            table.list.tight.folds {
                caption.unseen { "這一天的配送，按區域和客戶編號" }
                thead { tr {
                    th scope="col" { "客戶" }
                    th scope="col" { "編號" }
                    th.rest scope="col" { "地址" }
                    (columns.heads_view())
                } }
                @for (at, (label, stops)) in groups(stops).into_iter().enumerate() {
                    tbody #{ "area-" (at) } {
                        tr { th.group colspan=(3 + columns.count()) scope="rowgroup" { (label) "　" (ui::count(stops.len() as i64)) " 次" } }
                        @for stop in stops {
                            tr {
                                th scope="row" { a href={ "/customers/" (stop.delivery.customer_id) } { (stop.customer_name) } }
                                td.soft.keep { (stop.customer_code) }
                                td.soft { (stop.address.as_deref().unwrap_or_default()) }
                                (columns.cells_view(&stop.delivery))
                            }
                        }
                    }
                }
            }
        }
    }
}
