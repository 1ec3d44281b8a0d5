//! `/customers/{id}/meters`: a customer's meters, what was read on them, and the month-end round.

use maud::{Markup, html};

use crate::app::App;
use crate::customers::{self, Customer};
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::meters::{Meter, NOUN, NewMeter, NewReading, READING, Reading, figure, parse_figure, read, store, void};
use crate::orders::Actor;
use crate::ui::form::wrong;
use crate::ui::{self, FormReader, Page, Room, Typed, csrf_field};
use crate::users::Role;
use crate::values::{CustomerId, Day, MeterId, ReadingId, roc};

const MANAGERS: &[Role] = &[Role::Admin, Role::Manager];
const OFFICE: &[Role] = &[Role::Admin, Role::Manager, Role::OfficeStaff];

/// Readings of a meter the page shows.
const LAST: usize = 12;

/// `GET /customers/{id}/meters`.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let id: CustomerId = req.id(customers::NOUN)?;
    page(app, req, id, &Wrong::default())
}

/// `POST /customers/{id}/meters` puts a meter down: `serial`, `unit`, `kg_per_unit`, `installed_on`.
pub fn add(app: &App, req: &Request) -> Result<Response> {
    let id: CustomerId = req.id(customers::NOUN)?;
    let mut form = FormReader::new(req);
    let serial = form.need("serial", 40, "請填錶號。");
    let unit = form.optional("unit", 10).unwrap_or_else(|| "度".to_owned());
    let g_per_unit = match form.text("kg_per_unit").as_str() {
        "" => Some(1_000),
        typed => parse_figure(typed).filter(|grams| (1..=1_000_000).contains(grams)),
    };
    if g_per_unit.is_none() {
        form.problem("kg_per_unit", "一單位幾公斤，填 0.001 到 1,000。");
    }
    let installed_on = read_day(&mut form, "installed_on", req.at.day());
    let saved = form.check().and_then(|()| match (g_per_unit, installed_on) {
        (Some(g_per_unit), Some(installed_on)) => app.db.write(|tx| {
            customers::store::get(tx, id)?;
            store::add(tx, &NewMeter { customer: id, serial: serial.clone(), unit, g_per_unit, installed_on }, req.by())
        }),
        _ => Err(Error::BadRequest("the meter is not understood")),
    });

    match saved {
        Ok(_) => Ok(back(id, &format!("已存，錶號 {serial}。第一次抄表只記起點，不算錢。"))),
        Err(Error::Invalid(problems)) => Ok(page(app, req, id, &Wrong { meter: None, typed: Typed::of(req), problems })?.status(422)),
        Err(error) => Err(error),
    }
}

/// `POST /meters/{id}/readings`: `value`, `read_on`, a manager's `old_end` when the meter was replaced or began anew,
/// and `confirm` for a figure that was asked about.
pub fn record(app: &App, req: &Request) -> Result<Response> {
    let id: MeterId = req.id(NOUN)?;
    let meter = app.db.read(|conn| store::get(conn, id))?;
    let mut form = FormReader::new(req);
    let value = read_figure(&mut form, "value");
    if form.text("value").is_empty() {
        form.problem("value", "請填讀數。");
    }
    let replaced = read_figure(&mut form, "old_end");
    let read_on = read_day(&mut form, "read_on", req.at.day());
    let confirmed_jump = form.checked("confirm");
    let saved = form.check().and_then(|()| match (value, read_on) {
        (Some(value_milli), Some(read_on)) => {
            let new = NewReading { meter: id, value_milli, read_on, order: None, stop: None, replaced, confirmed_jump };
            app.db.write(|tx| read(tx, new, Actor::of(req)))
        }
        _ => Err(Error::BadRequest("the reading is not understood")),
    });

    match saved {
        Ok(reading) => Ok(back(meter.customer, &said(&reading))),
        Err(Error::Invalid(problems)) => {
            Ok(page(app, req, meter.customer, &Wrong { meter: Some(id), typed: Typed::of(req), problems })?.status(422))
        }
        Err(error) => Err(error),
    }
}

fn said(reading: &Reading) -> String {
    match (reading.from_milli, reading.unit_price) {
        (None, _) => "已存，這次只記起點。".to_owned(),
        (Some(_), Some(unit)) => format!("已存：{} kg × {}，{}。", reading.billed, unit.bare(), reading.amount),
        (Some(_), None) => format!("已存：{} kg，流量還沒有價格，請經理填。", reading.billed),
    }
}

/// `POST /readings/{id}/void` takes back the newest reading of a meter.
pub fn take_back(app: &App, req: &Request) -> Result<Response> {
    req.require(MANAGERS)?;
    let id: ReadingId = req.id(READING)?;

    let meter = app.db.write(|tx| {
        let reading = store::get_reading(tx, id)?;
        void(tx, id, req.by())?;
        store::get(tx, reading.meter)
    })?;

    Ok(back(meter.customer, "已收回這次抄表。"))
}

/// `POST /meters/{id}/active` takes a meter out of use, or with `is_active` into it again.
pub fn set_active(app: &App, req: &Request) -> Result<Response> {
    let id: MeterId = req.id(NOUN)?;
    let is_active = FormReader::new(req).checked("is_active");

    let meter = app.db.write(|tx| {
        let meter = store::get(tx, id)?;
        store::set_active(tx, &meter, is_active, req.by())?;
        Ok(meter)
    })?;

    let say = if is_active { format!("{} 恢復使用。", meter.serial) } else { format!("{} 停用了。", meter.serial) };
    Ok(back(meter.customer, &say))
}

fn back(customer: CustomerId, say: &str) -> Response {
    Response::see_other(format!("/customers/{customer}/meters")).with_notice(say)
}

fn read_figure(form: &mut FormReader, name: &'static str) -> Option<i64> {
    form.parsed(name, "讀數最多八位數，小數三位。", parse_figure)
}

/// A day of the past as people write it; nothing typed is today.
fn read_day(form: &mut FormReader, name: &'static str, today: Day) -> Option<Day> {
    let typed = form.text(name);
    if typed.is_empty() {
        return Some(today);
    }
    match roc::parse_near(&typed, today) {
        Ok(day) => Some(day),
        Err(problem) => {
            form.problem(name, problem);
            None
        }
    }
}

/// A form that came back: of which meter, `None` for a new one.
#[derive(Default)]
struct Wrong {
    meter: Option<MeterId>,
    typed: Typed,
    problems: Vec<Problem>,
}

impl Wrong {
    /// What was typed and is wrong in the form of `meter`.
    fn of(&self, meter: Option<MeterId>) -> (Typed, &[Problem]) {
        if self.meter == meter { (self.typed.clone(), &self.problems) } else { (Typed::default(), &[]) }
    }
}

fn page(app: &App, req: &Request, id: CustomerId, wrong: &Wrong) -> Result<Response> {
    let (customer, meters) = app.db.read(|conn| {
        let customer = customers::store::get(conn, id)?;
        let meters = store::of_customer(conn, id)?;
        let meters = meters.into_iter().map(|meter| Ok((store::readings(conn, meter.id, LAST)?, meter))).collect::<Result<Vec<_>>>()?;
        Ok((customer, meters))
    })?;

    let title = format!("{} 的瓦斯錶", customer.details.short_name);
    let may_write = req.may(OFFICE);
    let first = meters.iter().find(|(_, meter)| meter.is_active).map(|(_, meter)| meter.id);
    Ok(Page::new(app, req, &title).room(Room::Customers).new_order(format!("/orders/new?customer={id}")).show(html! {
        (head_view(&customer))
        @if meters.is_empty() { (ui::empty("還沒有瓦斯錶", "裝了錶，在下面記錶號；第一次抄表只記起點。")) }
        @for (readings, meter) in &meters { (meter_view(req, meter, readings, wrong, first == Some(meter.id) && wrong.problems.is_empty())) }
        @if may_write { (add_view(req, &customer, wrong, meters.is_empty())) }
    }))
}

fn head_view(customer: &Customer) -> Markup {
    html! {
        div.head {
            div {
                h1.who { (customer.details.short_name) " " span.soft { (customer.details.customer_code.to_string()) } }
                p { "瓦斯錶和抄表。用掉的從上一次抄的算起。" }
            }
            p.acts { a.button.quiet href={ "/customers/" (customer.id) } data-key="Escape" { "回客戶 " kbd { "Esc" } } }
        }
    }
}

fn meter_view(req: &Request, meter: &Meter, readings: &[Reading], wrong: &Wrong, has_focus: bool) -> Markup {
    let newest = readings.iter().find(|reading| reading.voided_at.is_none()).map(|reading| reading.id);
    let heading = format!("h-meter-{}", meter.id);
    html! {
        section.panel aria-labelledby=(heading) {
            h2 id=(heading) {
                "錶 " (meter.serial) " "
                span { "一" (meter.unit) " " (figure(meter.g_per_unit)) " 公斤，" (meter.installed_on.slashed()) " 裝" }
                @if !meter.is_active { " " span.badge.off { "停用" } }
            }
            @if meter.is_active && req.may(OFFICE) { (reading_form(req, meter, newest.is_some(), wrong, has_focus)) }
            @if readings.is_empty() { p.soft { "還沒有抄過。" } } @else {
                div.scroll {
                    table.list.folds.tight {
                        thead { tr {
                            th scope="col" { "日期" }
                            th.number scope="col" { "讀數（" (meter.unit) "）" }
                            th.number scope="col" { "上次" }
                            th.number scope="col" { "用掉（公斤）" }
                            th.number scope="col" { "一公斤" }
                            th.number scope="col" { "金額" }
                            th scope="col" { span.unseen { "收回" } }
                        } }
                        tbody { @for reading in readings { (reading_view(req, reading, newest)) } }
                    }
                }
            }
            @if req.may(OFFICE) {
                form.inline method="post" action={ "/meters/" (meter.id) "/active" } {
                    (csrf_field(req))
                    @if !meter.is_active { input type="hidden" name="is_active" value="1"; }
                    button.quiet { @if meter.is_active { "停用" } @else { "恢復使用" } span.unseen { "錶 " (meter.serial) } }
                }
            }
        }
    }
}

fn reading_view(req: &Request, reading: &Reading, newest: Option<ReadingId>) -> Markup {
    let is_first = reading.from_milli.is_none();
    html! {
        tr {
            th.keep scope="row" { (reading.read_on.slashed()) @if reading.voided_at.is_some() { " " span.badge.off { "已收回" } } }
            td.number data-label="讀數" { (figure(reading.value_milli)) }
            td.number data-label="上次" {
                @match reading.from_milli { Some(from) => (figure(from)), None => (ui::none()) }
                @if let Some(end) = reading.old_end_milli { small { "舊錶到 " (figure(end)) } }
            }
            td.number data-label="用掉（公斤）" { @if is_first { span.soft { "起點" } } @else { b { (reading.billed) } } }
            td.number data-label="一公斤" {
                @match reading.unit_price { Some(unit) => (unit.bare()), None => (ui::none()) }
                @if !is_first && reading.unit_price.is_none() { " " span.badge.late { "沒有價格" } }
            }
            td.number data-label="金額" { @if is_first { (ui::none()) } @else { b.money { (reading.amount.bare()) } } }
            td {
                @if newest == Some(reading.id) && req.may(MANAGERS) {
                    form.inline method="post" action={ "/readings/" (reading.id) "/void" } {
                        (csrf_field(req))
                        button.quiet { "收回" span.unseen { (reading.read_on.short()) "的抄表" } }
                    }
                }
            }
        }
    }
}

fn reading_form(req: &Request, meter: &Meter, was_read: bool, wrong_form: &Wrong, has_focus: bool) -> Markup {
    let (typed, problems) = wrong_form.of(Some(meter.id));
    let field = |name: &'static str, label: &str, most: u32, hint: &str, has_focus: bool| {
        let id = format!("{name}-{}", meter.id);
        let (invalid, why) = wrong(name, problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
        let is_first_wrong = problems.first().is_some_and(|problem| problem.field == name);
        html! {
            div.field {
                label for=(id) { (label) }
                div {
                    input.number id=(id) name=(name) value=(typed.get(name)) maxlength=(most) autocomplete="off" inputmode="decimal"
                        autofocus[has_focus || is_first_wrong] aria-invalid=[invalid] aria-describedby=[why];
                    @if !hint.is_empty() { " " span.soft.small { (hint) } }
                }
                @for problem in problems.iter().filter(|problem| problem.field == name) {
                    span.problem id={ "why-" (name) } { (problem.say) }
                }
            }
        }
    };
    let jump = problems.iter().find(|problem| problem.field == "confirm");
    html! {
        form.settings method="post" action={ "/meters/" (meter.id) "/readings" } {
            (csrf_field(req))
            @if let Some(jump) = jump { (ui::warn(&jump.say)) }
            (field("value", "讀數", 14, &meter.unit, has_focus))
            (field("read_on", "日期", 20, "空著就是今天", false))
            @if was_read && req.may(MANAGERS) { (field("old_end", "舊錶讀數", 14, "換錶或歸零才填，舊錶最後的", false)) }
            @if jump.is_some() {
                div.field { span.label { "看過" } div { label.check { input type="checkbox" name="confirm" value="1" autofocus; "沒看錯" } } }
            }
            div.acts { button.primary[has_focus || jump.is_some()] { "存抄表 " kbd { "Enter" } } }
        }
    }
}

fn add_view(req: &Request, customer: &Customer, wrong_form: &Wrong, is_only: bool) -> Markup {
    let (typed, problems) = if wrong_form.problems.is_empty() { (Typed::default(), &[][..]) } else { wrong_form.of(None) };
    let field = |name: &'static str, label: &str, most: u32, hint: &str| {
        let (invalid, why) = wrong(name, problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
        let has_focus = problems.first().map_or(is_only && name == "serial", |problem| problem.field == name);
        ui::field(
            label,
            name,
            problems,
            html! {
                span {
                    input id=(name) name=(name) value=(typed.get(name)) maxlength=(most) autocomplete="off" autofocus[has_focus]
                        aria-invalid=[invalid] aria-describedby=[why];
                    " " span.soft.small { (hint) }
                }
            },
        )
    };
    html! {
        details.more open[is_only || !problems.is_empty()] {
            summary { "加一個錶" }
            form.panel.settings method="post" action={ "/customers/" (customer.id) "/meters" } {
                (csrf_field(req))
                (field("serial", "錶號", 40, ""))
                (field("unit", "單位", 10, "空著是度"))
                (field("kg_per_unit", "一單位幾公斤", 10, "空著是 1"))
                (field("installed_on", "哪天裝的", 20, "空著是今天"))
                div.acts { button.primary[is_only] { "存這個錶" } }
            }
        }
    }
}
