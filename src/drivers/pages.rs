//! `/drivers`: who drives, with what, where, and who can be sent out.

use maud::{Markup, html};
use rusqlite::Connection;

use crate::app::App;
use crate::customers;
use crate::drivers::{Details, Driver, NOUN, OFFICE, fields, store};
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::journal;
use crate::ui::form::wrong;
use crate::ui::{self, FormReader, Page, Room, Typed, csrf_field, field};
use crate::users::Role;
use crate::values::{AreaId, VehicleId};
use crate::vehicles::{self, Vehicle};

/// What a driver can be given, with its names.
struct Ground {
    vehicles: Vec<Vehicle>,
    areas: Vec<(AreaId, String)>,
}

impl Ground {
    fn load(conn: &Connection) -> Result<Ground> {
        Ok(Ground { vehicles: vehicles::store::list(conn)?, areas: customers::store::area_names(conn)? })
    }

    fn plate(&self, id: Option<VehicleId>) -> Option<&str> {
        self.vehicles.iter().find(|vehicle| Some(vehicle.id) == id).map(|vehicle| vehicle.plate.as_str())
    }

    /// In the order of the areas' names.
    fn areas(&self, ids: &[AreaId]) -> String {
        let names: Vec<&str> = self.areas.iter().filter(|(id, _)| ids.contains(id)).map(|(_, name)| name.as_str()).collect();
        names.join("、")
    }

    /// Each field as people call it, with its value as they read it; — for what nobody has said.
    fn said(&self, details: &Details) -> [(&'static str, String); 4] {
        let or_none = |text: String| if text.is_empty() { "—".to_owned() } else { text };
        [
            ("電話", or_none(details.phone.clone().unwrap_or_default())),
            ("平常的車", or_none(self.plate(details.default_vehicle).unwrap_or_default().to_owned())),
            ("區域", or_none(self.areas(&details.areas))),
            ("派車", if details.is_available { "可以派" } else { "休息" }.to_owned()),
        ]
    }
}

/// `GET /drivers`.
pub fn list(app: &App, req: &Request) -> Result<Response> {
    let (drivers, ground) = app.db.read(|conn| Ok((store::all(conn)?, Ground::load(conn)?)))?;

    let resting = drivers.iter().filter(|driver| !driver.is_available).count();
    Ok(Page::new(app, req, "司機").room(Room::Settings).show(html! {
        div.head {
            div {
                h1 { "司機 " (drivers.len()) " 位" }
                p { @if 0 < resting { (resting) " 位休息。" } "派車時先找跑這一區的人。" }
            }
            div.acts {
                a.button href="/vehicles" data-key="v" { "車輛 " kbd { "V" } }
                a.button href="/settings" data-key="Escape" { "回設定 " kbd { "Esc" } }
            }
        }
        @if drivers.is_empty() {
            (ui::empty("還沒有司機", if req.may(&[Role::Admin, Role::Manager]) { "到「使用者與權限」新增，角色選司機。" } else { "請經理到「使用者與權限」新增。" }))
        } @else { (list_view(&drivers, &ground)) }
    }))
}

fn list_view(drivers: &[Driver], ground: &Ground) -> Markup {
    html! {
        div.scroll {
            table.list.folds data-rows="" {
                caption.unseen { "司機" }
                thead { tr {
                    th.key scope="col" { span.unseen { "鍵" } }
                    th scope="col" { "名字" }
                    th scope="col" { "電話" }
                    th scope="col" { "平常的車" }
                    th scope="col" { "區域" }
                    th scope="col" { "派車" }
                } }
                tbody {
                    @for (at, driver) in (1..).zip(drivers) {
                        @let areas = ground.areas(&driver.areas);
                        tr {
                            td.key { @if at <= 9 { kbd { (at) } } }
                            th scope="row" { a href={ "/drivers/" (driver.user) } data-row=[(at <= 9).then_some(at)] { (driver.name) } }
                            td.keep data-label="電話" { @match &driver.phone { Some(phone) => (phone), None => (ui::none()) } }
                            td.keep data-label="平常的車" { @match ground.plate(driver.default_vehicle) { Some(plate) => (plate), None => (ui::none()) } }
                            td data-label="區域" { @if areas.is_empty() { (ui::none()) } @else { (areas) } }
                            td { (state_view(driver)) }
                        }
                    }
                }
            }
        }
    }
}

fn state_view(driver: &Driver) -> Markup {
    html! {
        @if !driver.is_active { span.badge.off { "停用" } }
        @else if driver.is_available { span.badge.delivered { "可以派" } }
        @else { span.badge.late { "休息" } }
    }
}

/// `GET /drivers/{id}`; the id is the user's.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let (driver, ground) = app.db.read(|conn| Ok((store::get(conn, id)?, Ground::load(conn)?)))?;
    Ok(driver_page(app, req, &driver, &ground, &fields::pairs(&driver.details()), &[], html! {}))
}

/// `POST /drivers/{id}` writes what changed; 409 with both values when somebody else was faster.
pub fn edit(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let version: i64 = req.form("version").and_then(|text| text.parse().ok()).ok_or(Error::BadRequest("the form has no version"))?;

    let (driver, ground, saved) = app.db.write(|tx| {
        let driver = store::get(tx, id)?;
        let saved = fields::read(FormReader::new(req), &driver.details(), &app.settings().area_code).and_then(|typed| {
            if driver.version != version {
                let (before, who) = journal::changed_since(tx, NOUN, id.0, version)?;
                let base = fields::patched(&driver.details(), &before).ok_or_else(|| Error::impossible("read how a driver stood"))?;
                return Ok(Saved::Stale(typed, base, who));
            }
            store::set(tx, &driver, &typed, req.by())?;
            Ok(Saved::Done)
        });
        let saved = match saved {
            Err(Error::Invalid(problems)) => Saved::Wrong(problems),
            saved => saved?,
        };
        Ok((driver, Ground::load(tx)?, saved))
    })?;

    match saved {
        Saved::Done => Ok(Response::see_other("/drivers").with_notice(&format!("已存，{}。", driver.name))),
        Saved::Wrong(problems) => Ok(driver_page(app, req, &driver, &ground, &Typed::of(req), &problems, html! {}).status(422)),
        Saved::Stale(typed, base, who) => {
            let (_, mine) = fields::changes(&base, &typed);
            let merged =
                fields::patched(&driver.details(), &mine).ok_or_else(|| Error::impossible("lay two changes of a driver together"))?;
            let told = stale_view(&driver, &ground, &base, &typed, who.as_deref());
            Ok(driver_page(app, req, &driver, &ground, &fields::pairs(&merged), &[], told).status(409))
        }
    }
}

enum Saved {
    Done,
    Wrong(Vec<Problem>),
    /// What was typed, what it was typed over, and who was faster.
    Stale(Details, Details, Option<String>),
}

fn stale_view(driver: &Driver, ground: &Ground, base: &Details, typed: &Details, who: Option<&str>) -> Markup {
    let clashes = ui::clashes(ground.said(&driver.details()), ground.said(base), ground.said(typed));
    let back = html! { a.button href={ "/drivers/" (driver.user) } data-key="Escape" { "用現在的 " kbd { "Esc" } } };
    ui::stale(who.unwrap_or("程式"), "剛剛", "這位司機", &clashes, back)
}

fn driver_page(app: &App, req: &Request, driver: &Driver, ground: &Ground, typed: &Typed, problems: &[Problem], told: Markup) -> Response {
    let is_told = !told.0.is_empty();
    Page::new(app, req, &driver.name).room(Room::Settings).show(html! {
        div.head {
            div { h1.who { (driver.name) " " span.soft { "司機" } } }
            div.acts {
                (state_view(driver))
                @if !is_told { a.button href="/drivers" data-key="Escape" { "回司機 " kbd { "Esc" } } }
            }
        }
        (told)
        @if req.may(OFFICE) { (form_view(req, driver, ground, typed, problems)) } @else {
            section.panel {
                h2 { "資料" }
                dl.facts { @for (label, value) in ground.said(&driver.details()) { dt { (label) } dd { (value) } } }
            }
        }
    })
}

fn form_view(req: &Request, driver: &Driver, ground: &Ground, typed: &Typed, problems: &[Problem]) -> Markup {
    let first = problems.first().map(|problem| problem.field.as_ref());
    let flag = |name: &str| wrong(name, problems).map_or((None, None), |(invalid, why)| (Some(invalid), Some(why)));
    let (phone, vehicle) = (flag("phone"), flag("default_vehicle_id"));
    let chosen: Option<VehicleId> = typed.get("default_vehicle_id").parse().ok();
    html! {
        form.panel.settings method="post" action={ "/drivers/" (driver.user) } {
            (csrf_field(req))
            input type="hidden" name="version" value=(driver.version);
            div.field {
                span.label { "派車" }
                div {
                    label.check {
                        input type="checkbox" name="is_available" value="1" checked[typed.is("is_available", "1")] autofocus[first.is_none()];
                        "可以派"
                    }
                    " " span.soft.small { "請假、生病就拿掉。" }
                }
            }
            (field("電話", "phone", problems, html! {
                input #phone name="phone" value=(typed.get("phone")) maxlength="40" inputmode="tel" autocomplete="off"
                    autofocus[first == Some("phone")] aria-invalid=[phone.0] aria-describedby=[phone.1];
            }))
            (field("平常的車", "default_vehicle_id", problems, html! {
                select #default_vehicle_id name="default_vehicle_id" autofocus[first == Some("default_vehicle_id")]
                    aria-invalid=[vehicle.0] aria-describedby=[vehicle.1] {
                    option value="" { "沒有固定的" }
                    @for one in ground.vehicles.iter().filter(|one| one.is_active || Some(one.id) == chosen) {
                        option value=(one.id) selected[Some(one.id) == chosen] { (one.plate) " " (one.kind.label()) }
                    }
                }
            }))
            div.field {
                span.label #l-areas { "區域" }
                @if ground.areas.is_empty() { p.soft { "還沒有區域。匯入客戶總表就有了。" } } @else {
                    div.choice role="group" aria-labelledby="l-areas" {
                        @for (id, name) in &ground.areas {
                            label { input type="checkbox" name="area_ids" value=(id) checked[typed.is("area_ids", &id.to_string())]; " " (name) }
                        }
                    }
                }
                @for problem in problems.iter().filter(|problem| problem.field == "area_ids") { span.problem { (problem.say) } }
            }
            div.acts { button.primary { "存起來 " kbd { "Enter" } } }
        }
    }
}
