//! `/vehicles`: what there is to drive, who usually drives it, and how much it may carry.

use std::collections::HashMap;

use maud::{Markup, html};
use rusqlite::Connection;

use crate::app::App;
use crate::drivers;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::journal;
use crate::ui::form::wrong;
use crate::ui::{self, FormReader, Page, Room, Typed, csrf_field, field};
use crate::values::VehicleId;
use crate::vehicles::{Details, Kind, MANAGERS, NOUN, Vehicle, fields, store};

/// `GET /vehicles`.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let (vehicles, drivers) = app.db.read(|conn| Ok((store::list(conn)?, drivers_of(conn)?)))?;

    let active = vehicles.iter().filter(|vehicle| vehicle.is_active).count();
    Ok(Page::new(app, req, "車輛").room(Room::Settings).show(html! {
        div.head {
            div { h1 { "車輛 " (active) " 輛" } p { "派車時會看車種和載重。賣掉的車停用就好，舊的路線還看得到它。" } }
            div.acts {
                @if req.may(MANAGERS) { a.button.primary href="/vehicles/new" data-key="a" { "新增車輛 " kbd { "A" } } }
                a.button href="/drivers" data-key="d" { "司機 " kbd { "D" } }
                a.button href="/settings" data-key="Escape" { "回設定 " kbd { "Esc" } }
            }
        }
        @if vehicles.is_empty() {
            (ui::empty("還沒有車", if req.may(MANAGERS) { "按 A 新增第一輛。路線要有車才能發布。" } else { "請經理新增。路線要有車才能發布。" }))
        } @else { (list_view(&vehicles, &drivers)) }
    }))
}

/// Whose usual vehicle each one is.
fn drivers_of(conn: &Connection) -> Result<HashMap<VehicleId, Vec<String>>> {
    let mut of: HashMap<VehicleId, Vec<String>> = HashMap::new();
    for driver in drivers::store::all(conn)? {
        if let Some(vehicle) = driver.default_vehicle {
            of.entry(vehicle).or_default().push(driver.name);
        }
    }
    Ok(of)
}

fn list_view(vehicles: &[Vehicle], drivers: &HashMap<VehicleId, Vec<String>>) -> Markup {
    html! {
        div.scroll {
            table.list.folds data-rows="" {
                caption.unseen { "車輛" }
                thead { tr {
                    th.key scope="col" { span.unseen { "鍵" } }
                    th scope="col" { "車號" }
                    th scope="col" { "車種" }
                    th.number scope="col" { "載重（公斤）" }
                    th scope="col" { "平常誰開" }
                    th scope="col" { "備註" }
                    th scope="col" { "狀態" }
                } }
                tbody {
                    @for (at, vehicle) in (1..).zip(vehicles) {
                        tr {
                            td.key { @if at <= 9 { kbd { (at) } } }
                            th scope="row" { a href={ "/vehicles/" (vehicle.id) } data-row=[(at <= 9).then_some(at)] { (vehicle.plate) } }
                            td.keep { (vehicle.kind.label()) }
                            td.number data-label="載重（公斤）" { (vehicle.max_gross) }
                            td data-label="平常誰開" {
                                @match drivers.get(&vehicle.id) { Some(names) => (names.join("、")), None => (ui::none()) }
                            }
                            td.spare[vehicle.note.is_none()] {
                                @match &vehicle.note { Some(note) => (note), None => (ui::none()) }
                            }
                            td { (state_view(vehicle)) }
                        }
                    }
                }
            }
        }
    }
}

fn state_view(vehicle: &Vehicle) -> Markup {
    html! { @if vehicle.is_active { span.badge.delivered { "使用中" } } @else { span.badge.off { "停用" } } }
}

/// `GET /vehicles/new`.
pub fn new(app: &App, req: &Request) -> Result<Response> {
    let mut typed = Typed::default();
    typed.push("kind", Kind::Truck.word());
    Ok(new_page(app, req, &typed, &[]))
}

/// `POST /vehicles`.
pub fn create(app: &App, req: &Request) -> Result<Response> {
    let added = read(req).and_then(|details| app.db.write(|tx| store::insert(tx, &details, req.by()).map(|_| details.plate)));

    match added {
        Ok(plate) => Ok(Response::see_other("/vehicles").with_notice(&format!("已存，{plate}。"))),
        Err(Error::Invalid(problems)) => Ok(new_page(app, req, &Typed::of(req), &problems).status(422)),
        Err(error) => Err(error),
    }
}

fn read(req: &Request) -> Result<Details> {
    fields::read(FormReader::new(req), None)
}

/// `GET /vehicles/{id}`.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let (vehicle, drivers) = app.db.read(|conn| Ok((store::get(conn, id)?, drivers_of(conn)?)))?;

    let names = drivers.get(&id).map(Vec::as_slice).unwrap_or_default();
    Ok(vehicle_page(app, req, &vehicle, names, &fields::pairs(&vehicle.details()), &[], html! {}))
}

/// `POST /vehicles/{id}` writes what changed; 409 with both values when somebody else was faster.
pub fn edit(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let version: i64 = req.form("version").and_then(|text| text.parse().ok()).ok_or(Error::BadRequest("the form has no version"))?;

    let outcome = app.db.write(|tx| {
        let vehicle = store::get(tx, id)?;
        let saved = read(req).and_then(|typed| {
            if vehicle.version != version {
                let (before, who) = journal::changed_since(tx, NOUN, id.0, version)?;
                let base = fields::patched(&vehicle.details(), &before).ok_or_else(|| Error::impossible("read how a vehicle stood"))?;
                return Ok(Saved::Stale(typed, base, who));
            }
            store::update(tx, &vehicle, &typed, req.by())?;
            Ok(Saved::Done(typed.plate))
        });
        Ok(match saved {
            Err(Error::Invalid(problems)) => (vehicle, Saved::Wrong(problems)),
            saved => (vehicle, saved?),
        })
    })?;

    let names: &[String] = &[];
    match outcome {
        (_, Saved::Done(plate)) => Ok(Response::see_other("/vehicles").with_notice(&format!("已存，{plate}。"))),
        (vehicle, Saved::Wrong(problems)) => Ok(vehicle_page(app, req, &vehicle, names, &Typed::of(req), &problems, html! {}).status(422)),
        (vehicle, Saved::Stale(typed, base, who)) => {
            let (_, mine) = fields::changes(&base, &typed);
            let merged =
                fields::patched(&vehicle.details(), &mine).ok_or_else(|| Error::impossible("lay two changes of a vehicle together"))?;
            let told = stale_view(&vehicle, &base, &typed, who.as_deref());
            Ok(vehicle_page(app, req, &vehicle, names, &fields::pairs(&merged), &[], told).status(409))
        }
    }
}

enum Saved {
    Done(String),
    Wrong(Vec<Problem>),
    /// What was typed, what it was typed over, and who was faster.
    Stale(Details, Details, Option<String>),
}

fn stale_view(vehicle: &Vehicle, base: &Details, typed: &Details, who: Option<&str>) -> Markup {
    let clashes = ui::clashes(fields::said(&vehicle.details()), fields::said(base), fields::said(typed));
    let back = html! { a.button href={ "/vehicles/" (vehicle.id) } data-key="Escape" { "用現在的 " kbd { "Esc" } } };
    ui::stale(who.unwrap_or("程式"), "剛剛", "這輛車", &clashes, back)
}

fn new_page(app: &App, req: &Request, typed: &Typed, problems: &[Problem]) -> Response {
    Page::new(app, req, "新增車輛").room(Room::Settings).show(html! {
        div.head { div { h1 { "新增車輛" } p { "車號、車種，載多重。" } } }
        form.panel.settings method="post" action="/vehicles" {
            (csrf_field(req))
            input type="hidden" name="is_active" value="1";
            (fields_view(typed, problems, true))
            div.acts {
                button.primary { "存起來 " kbd { "Enter" } }
                a.button href="/vehicles" data-key="Escape" { "不加 " kbd { "Esc" } }
            }
        }
    })
}

fn vehicle_page(
    app: &App,
    req: &Request,
    vehicle: &Vehicle,
    drivers: &[String],
    typed: &Typed,
    problems: &[Problem],
    told: Markup,
) -> Response {
    let is_told = !told.0.is_empty();
    Page::new(app, req, &vehicle.plate).room(Room::Settings).show(html! {
        div.head {
            div {
                h1.who { (vehicle.plate) " " span.soft { (vehicle.kind.label()) } }
                @if !drivers.is_empty() { p { "平常是" (drivers.join("、")) "在開。" } }
            }
            div.acts {
                (state_view(vehicle))
                @if !is_told { a.button href="/vehicles" data-key="Escape" { "回車輛 " kbd { "Esc" } } }
            }
        }
        (told)
        @if req.may(MANAGERS) {
            form.panel.settings method="post" action={ "/vehicles/" (vehicle.id) } {
                (csrf_field(req))
                input type="hidden" name="version" value=(vehicle.version);
                (fields_view(typed, problems, false))
                div.field {
                    span.label { "使用" }
                    div { label.check { input type="checkbox" name="is_active" value="1" checked[typed.is("is_active", "1")]; "還在用，可以派" } }
                }
                div.acts { button.primary { "存起來 " kbd { "Enter" } } }
            }
        } @else {
            section.panel {
                h2 { "資料" }
                dl.facts { @for (label, value) in fields::said(&vehicle.details()) { dt { (label) } dd { (value) } } }
                p.soft { "要改車輛，請找經理。" }
            }
        }
    })
}

fn fields_view(typed: &Typed, problems: &[Problem], is_new: bool) -> Markup {
    let first = problems.first().map(|problem| problem.field.as_ref());
    let has_focus = |name: &str| first.map_or(is_new && name == "plate", |first| first == name);
    let flag = |name: &str| wrong(name, problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    let (plate, weight, note) = (flag("plate"), flag("max_gross_kg"), flag("note"));
    html! {
        (field("車號", "plate", problems, html! {
            input #plate name="plate" value=(typed.get("plate")) maxlength="12" autocomplete="off" autofocus[has_focus("plate")]
                aria-invalid=[plate.0] aria-describedby=[plate.1];
        }))
        div.field {
            span.label #l-kind { "車種" }
            div.choice role="group" aria-labelledby="l-kind" {
                @for kind in Kind::ALL {
                    label { input type="radio" name="kind" value=(kind.word()) checked[typed.is("kind", kind.word())]; " " (kind.label()) }
                }
            }
            @for problem in problems.iter().filter(|problem| problem.field == "kind") { span.problem #why-kind { (problem.say) } }
        }
        (field("載重", "max_gross_kg", problems, html! {
            span.with-unit {
                input.number #max_gross_kg name="max_gross_kg" value=(typed.get("max_gross_kg")) maxlength="7" inputmode="numeric"
                    autocomplete="off" autofocus[has_focus("max_gross_kg")] aria-invalid=[weight.0] aria-describedby=[weight.1];
                " " span.small { "公斤，鋼瓶連氣" }
            }
            span.soft.small { "空著照車種：" @for (at, kind) in Kind::ALL.iter().enumerate() { @if 0 < at { "、" } (kind.label()) " " (kind.usual_max_gross()) } "。" }
        }))
        (field("備註", "note", problems, html! {
            input #note name="note" value=(typed.get("note")) maxlength="200" autocomplete="off" autofocus[has_focus("note")]
                aria-invalid=[note.0] aria-describedby=[note.1];
        }))
    }
}
