//! Loading the truck of a route, and taking everything off it again.

use std::collections::HashMap;

use maud::{Markup, html};
use rusqlite::Connection;

use crate::app::App;
use crate::cylinders::forms::read_qty;
use crate::cylinders::views::{self, note_field, qty_input};
use crate::cylinders::{Balance, Place, acts, is_kept, store};
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::products::{self, Product};
use crate::routes::load::Load;
use crate::routes::{self, NOUN, Route, Status};
use crate::ui::{FormReader, Page, Room, Typed, csrf_field};
use crate::values::{ProductId, RouteId, VehicleId};
use crate::vehicles::{self, Vehicle};

/// A truck about to be loaded or unloaded.
struct Truck {
    route: Route,
    vehicle: Vehicle,
    products: Vec<Product>,
    /// What the orders of the route want.
    planned: HashMap<ProductId, i64>,
    /// What was loaded for it; empty before anybody has.
    loaded: HashMap<ProductId, i64>,
    /// What is on the truck by the books.
    on_it: Vec<Balance>,
}

impl Truck {
    /// `Conflict` when nothing has been said of a vehicle.
    fn load(conn: &Connection, id: RouteId) -> Result<Truck> {
        let route = routes::store::get(conn, id)?;
        let vehicle = vehicle_of(&route)?;
        let planned = Load::of(&routes::store::pieces(conn, id, true)?).quantities().into_iter().collect();
        Ok(Truck {
            vehicle: vehicles::store::get(conn, vehicle)?,
            products: products::store::catalogue(conn)?.into_iter().filter(is_kept).collect(),
            planned,
            loaded: store::loaded(conn, id)?,
            on_it: store::balances(conn, Place::Vehicle(vehicle))?,
            route,
        })
    }

    fn on_it(&self, product: ProductId) -> (i64, i64) {
        self.on_it.iter().find(|one| one.product == product).map_or((0, 0), |one| (one.full, one.empty))
    }

    /// What is wanted or on the truck, then whatever else is sold.
    fn lines(&self) -> impl Iterator<Item = &Product> {
        let is_named = |product: &&Product| self.planned.contains_key(&product.id) || self.on_it(product.id) != (0, 0);
        let others = self.products.iter().filter(move |product| product.is_active && !is_named(product));
        self.products.iter().filter(is_named).chain(others)
    }

    fn url(&self, act: &str) -> String {
        format!("/routes/{}/{act}", self.route.id)
    }
}

fn vehicle_of(route: &Route) -> Result<VehicleId> {
    route.vehicle_id.ok_or_else(|| Error::conflict("route has no vehicle", "這條路線還沒選車，先選車再裝車。"))
}

/// `GET /routes/{id}/load` is filled with what the orders want, or with what was loaded already.
pub fn load_form(app: &App, req: &Request) -> Result<Response> {
    load_page(app, req, None, &[])
}

/// `POST /routes/{id}/load`: `full_ID` for each product. Sent again it puts the load right. `Conflict` before the route
/// is published and after it is over.
pub fn load(app: &App, req: &Request) -> Result<Response> {
    let id: RouteId = req.id(NOUN)?;

    let saved = app.db.write(|tx| {
        let truck = Truck::load(tx, id)?;
        if !truck.route.status.is_out() {
            let say = format!("這條路線現在是「{}」，不能裝車。", truck.route.status.label());
            return Err(Error::conflict("route is not out", say));
        }
        let mut form = FormReader::new(req);
        let mut items = Vec::new();
        for product in truck.lines() {
            if let Some(qty) = read_qty(&mut form, format!("full_{}", product.id), Some(0)) {
                items.push((product.id, qty));
            }
        }
        form.check()?;
        acts::load_route(tx, id, truck.vehicle.id, &items, req.by())?;
        Ok((truck.vehicle.plate, items.iter().map(|(_, qty)| qty).sum::<i64>()))
    });

    match saved {
        Ok((plate, pieces)) => Ok(Response::see_other(format!("/routes/{id}")).with_notice(&format!("已存：{plate} 裝了 {pieces} 支。"))),
        Err(Error::Invalid(problems)) => Ok(load_page(app, req, Some(Typed::of(req)), &problems)?.status(422)),
        Err(error) => Err(error),
    }
}

fn load_page(app: &App, req: &Request, typed: Option<Typed>, problems: &[Problem]) -> Result<Response> {
    let id: RouteId = req.id(NOUN)?;
    let truck = app.db.read(|conn| Truck::load(conn, id))?;

    let typed = typed.unwrap_or_else(|| {
        let mut typed = Typed::default();
        let wanted = if truck.loaded.is_empty() { &truck.planned } else { &truck.loaded };
        wanted.iter().filter(|(_, qty)| **qty != 0).for_each(|(product, qty)| typed.push(&format!("full_{product}"), qty.to_string()));
        typed
    });
    let is_loaded = !truck.loaded.is_empty();
    Ok(Page::new(app, req, "裝車").room(Room::Dispatch).show(html! {
        (head_view(&truck, "裝車", if is_loaded { "已經裝過，改了存就照新的。" } else { "先照訂單填好，多帶的自己加，點完存。" }))
        @if !truck.route.status.is_out() { p.tell { span { "這條路線現在是「" (truck.route.status.label()) "」，發布以後才裝車。" } } }
        form.price-form method="post" action=(truck.url("load")) {
            (csrf_field(req))
            div.scroll {
                table.list.folds.prices.tight {
                    caption.unseen { "裝上車的滿桶" }
                    thead { tr {
                        th scope="col" { "產品" }
                        th.number scope="col" { "訂單要" }
                        th.number scope="col" { "車上現有" }
                        th scope="col" { "這趟裝上" }
                    } }
                    tbody {
                        @for (at, product) in truck.lines().enumerate() {
                            @let name = format!("full_{}", product.id);
                            tr {
                                th scope="row" { (product.name) }
                                td.number data-label="訂單要" { @match truck.planned.get(&product.id) { Some(qty) => b { (qty) }, None => span.soft { "0" } } }
                                td.number data-label="車上現有" { (views::qty(truck.on_it(product.id).0)) }
                                td data-label="這趟裝上" { (qty_input(&name, &format!("{} 裝上支數", product.name), typed.get(&name), problems, at == 0)) }
                            }
                        }
                    }
                }
            }
            (foot_view(&truck, "存裝車"))
        }
    }))
}

/// `GET /routes/{id}/unload` asks what came back on the truck, filled with what should have.
pub fn unload_form(app: &App, req: &Request) -> Result<Response> {
    unload_page(app, req, None, &[])
}

/// `POST /routes/{id}/unload`: `full_ID` and `empty_ID` as counted, and a note when they are not what was expected.
/// `Conflict` while the route is still planned.
pub fn unload(app: &App, req: &Request) -> Result<Response> {
    let id: RouteId = req.id(NOUN)?;

    let saved = app.db.write(|tx| {
        let truck = Truck::load(tx, id)?;
        if truck.route.status == Status::Draft {
            return Err(Error::conflict("route is a draft", "這條路線還是草稿，沒有東西可以下車。"));
        }
        let mut form = FormReader::new(req);
        let mut counted = Vec::new();
        for product in truck.lines() {
            let full = read_qty(&mut form, format!("full_{}", product.id), Some(0));
            let empty = read_qty(&mut form, format!("empty_{}", product.id), Some(0));
            if let (Some(full), Some(empty)) = (full, empty) {
                counted.push((product.id, full, empty));
            }
        }
        let note = form.optional("note", 500);
        form.check()?;
        acts::unload_route(tx, id, truck.vehicle.id, &counted, note.as_deref(), req.by())?;
        let sum = |of: fn(&(ProductId, i64, i64)) -> i64| counted.iter().map(of).sum::<i64>();
        Ok((truck.vehicle.plate, sum(|one| one.1), sum(|one| one.2)))
    });

    match saved {
        Ok((plate, full, empty)) => {
            let say = format!("已存：{plate} 卸下滿桶 {full} 支、空桶 {empty} 支。");
            Ok(Response::see_other(format!("/routes/{id}")).with_notice(&say))
        }
        Err(Error::Invalid(problems)) => Ok(unload_page(app, req, Some(Typed::of(req)), &problems)?.status(422)),
        Err(error) => Err(error),
    }
}

fn unload_page(app: &App, req: &Request, typed: Option<Typed>, problems: &[Problem]) -> Result<Response> {
    let id: RouteId = req.id(NOUN)?;
    let truck = app.db.read(|conn| Truck::load(conn, id))?;

    let typed = typed.unwrap_or_else(|| {
        let mut typed = Typed::default();
        for one in &truck.on_it {
            for (word, qty) in [("full", one.full), ("empty", one.empty)] {
                if 0 < qty {
                    typed.push(&format!("{word}_{}", one.product), qty.to_string());
                }
            }
        }
        typed
    });
    Ok(Page::new(app, req, "下車點收").room(Room::Dispatch).show(html! {
        (head_view(&truck, "下車點收", "填車上實際點到的。和應有的不一樣，要寫一句原因。"))
        form.price-form method="post" action=(truck.url("unload")) {
            (csrf_field(req))
            div.scroll {
                table.list.folds.prices.tight {
                    caption.unseen { "車上點到的支數" }
                    thead { tr {
                        th scope="col" { "產品" }
                        th.number scope="col" { "應有滿桶" }
                        th scope="col" { "點到滿桶" }
                        th.number scope="col" { "應有空桶" }
                        th scope="col" { "點到空桶" }
                    } }
                    tbody {
                        @for (at, product) in truck.lines().enumerate() {
                            @let (full, empty) = truck.on_it(product.id);
                            (unload_row(product, full, empty, &typed, problems, at == 0))
                        }
                    }
                }
            }
            div.panel { (note_field("原因", typed.get("note"), problems)) }
            (foot_view(&truck, "存點收"))
        }
    }))
}

fn unload_row(product: &Product, full: i64, empty: i64, typed: &Typed, problems: &[Problem], is_first: bool) -> Markup {
    let cell = |word: &str, label: &str, expected: i64, is_first: bool| {
        let name = format!("{word}_{}", product.id);
        html! {
            td.number data-label={ "應有" (label) } { (views::qty(expected)) }
            td data-label={ "點到" (label) } { (qty_input(&name, &format!("{} 點到{label}", product.name), typed.get(&name), problems, is_first)) }
        }
    };
    html! {
        tr {
            th scope="row" { (product.name) }
            (cell("full", "滿桶", full, is_first))
            (cell("empty", "空桶", empty, false))
        }
    }
}

fn head_view(truck: &Truck, title: &str, hint: &str) -> Markup {
    html! {
        div.head {
            div { h1.who { (title) " " span.soft { (truck.route.number) " " (truck.vehicle.plate) } } p { (hint) } }
        }
    }
}

fn foot_view(truck: &Truck, act: &str) -> Markup {
    html! {
        div.form-foot.acts {
            button.primary { (act) " " kbd { "Enter" } }
            a.button href={ "/routes/" (truck.route.id) } data-key="Escape" { "回路線 " kbd { "Esc" } }
        }
    }
}
