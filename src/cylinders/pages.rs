//! `/cylinders`: where all cylinders are, and how they came there.

use std::collections::HashMap;

use maud::{Markup, html};
use rusqlite::Connection;

use crate::app::App;
use crate::customers;
use crate::cylinders::store::{self, Filter, OnVehicle, Stock, Told};
use crate::cylinders::views::{self, MANAGERS, OFFICE, qty};
use crate::cylinders::{Kind, NOUN, Place, acts, by_hand, is_kept, stock as shelf};
use crate::error::{Error, Result};
use crate::http::{Request, Response};
use crate::products::{self, Product};
use crate::ui::{self, Page, Room};
use crate::values::{Day, MovementId, ProductId, roc};
use crate::vehicles;

/// Movements the first page shows, and a page of all of them.
const LAST: usize = 10;
const ROWS: usize = 50;

/// `GET /cylinders` is the stock of the shop: a line a product, what is on the trucks, and what moved last.
pub fn show(app: &App, req: &Request) -> Result<Response> {
    let (catalogue, stock, trucks, last) = app.db.read(|conn| {
        let last = store::history(conn, &Filter::default(), None, LAST)?;
        Ok((products::store::catalogue(conn)?, store::stock(conn)?, store::on_vehicles(conn)?, last))
    })?;

    let by_product: HashMap<ProductId, Stock> = stock.iter().map(|stock| (stock.product, *stock)).collect();
    let kept: Vec<&Product> = catalogue.iter().filter(|one| is_kept(one) && (one.is_active || by_product.contains_key(&one.id))).collect();
    let low: Vec<&str> = kept.iter().filter(|one| is_low(one, by_product.get(&one.id))).map(|one| one.name.as_str()).collect();
    let is_uncounted = stock.iter().all(|stock| stock.shop.is_none());
    Ok(Page::new(app, req, "鋼瓶").room(Room::Dispatch).show(html! {
        div.head {
            div { h1 { "鋼瓶" } p { "滿桶和空桶現在在哪裡。數字都是異動加起來的，不能直接改；不對就盤點。" } }
            div.acts {
                @if req.may(OFFICE) {
                    a.button.primary href="/cylinders/refill" data-key="r" { "送廠、進貨 " kbd { "R" } }
                    a.button href="/cylinders/scrap" data-key="x" { "報廢 " kbd { "X" } }
                }
                @if req.may(MANAGERS) { a.button href="/cylinders/count" data-key="c" { "盤點 " kbd { "C" } } }
                a.button href="/cylinders/movements" data-key="h" { "全部異動 " kbd { "H" } }
                a.button.quiet href="/board" data-key="Escape" { "回派遣 " kbd { "Esc" } }
            }
        }
        @if is_uncounted {
            p.tell { span { b { "門市還沒有盤點過。" } @if req.may(MANAGERS) { "按 C 點一次，庫存才有數字。" } @else { "請經理盤點一次，庫存才有數字。" } } }
        }
        @if !low.is_empty() { (ui::warn(&format!("滿桶不多了：{}。", low.join("、")))) }
        (stock_view(&kept, &by_product))
        @if !trucks.is_empty() { (trucks_view(&trucks)) }
        section.stack aria-labelledby="h-last" {
            h2 #h-last { "最近的異動" }
            @if last.is_empty() { (ui::empty("還沒有異動", "送貨、裝車、盤點之後，就會列在這裡。")) } @else { (views::history_view(req, &last, req.at)) }
        }
    }))
}

fn is_low(product: &Product, stock: Option<&Stock>) -> bool {
    let full = stock.and_then(|stock| stock.shop).map(|(full, _)| full);
    product.is_active && full.is_some_and(|full| shelf::is_low(product, full))
}

fn stock_view(kept: &[&Product], stock: &HashMap<ProductId, Stock>) -> Markup {
    let figure = |figure: i64| html! { @if figure == 0 { span.soft { "0" } } @else { (qty(figure)) } };
    html! {
        div.scroll {
            table.list.folds {
                caption.unseen { "各產品的鋼瓶在哪裡" }
                thead { tr {
                    th scope="col" { "產品" }
                    th.number scope="col" { "門市滿桶" }
                    th.number scope="col" { "門市空桶" }
                    th.number scope="col" { "車上滿桶" }
                    th.number scope="col" { "車上空桶" }
                    th.number scope="col" { "灌裝廠" }
                    th.number scope="col" { "客戶那裡" }
                    th.number scope="col" { "報廢" }
                    th scope="col" { "庫存" }
                } }
                tbody {
                    @for product in kept {
                        @let one = stock.get(&product.id);
                        @let shop = one.and_then(|one| one.shop);
                        tr {
                            th scope="row" { a href={ "/cylinders/movements?product=" (product.id) } { (product.name) } }
                            td.number data-label="門市滿桶" { @match shop { Some((full, _)) => b { (qty(full)) }, None => (ui::none()) } }
                            td.number data-label="門市空桶" { @match shop { Some((_, empty)) => (qty(empty)), None => (ui::none()) } }
                            td.number data-label="車上滿桶" { (figure(one.map_or(0, |one| one.vehicles.0))) }
                            td.number data-label="車上空桶" { (figure(one.map_or(0, |one| one.vehicles.1))) }
                            td.number data-label="灌裝廠" { (figure(one.map_or(0, |one| one.supplier))) }
                            td.number data-label="客戶那裡" { (figure(one.map_or(0, |one| one.customers))) }
                            td.number data-label="報廢" { (figure(one.map_or(0, |one| one.scrap))) }
                            td.keep {
                                @if shop.is_some_and(|(full, empty)| full < 0 || empty < 0) { span.badge.late { "少於零，要盤點" } }
                                @else if is_low(product, one) { span.badge.late { "不到 " (product.low_stock_threshold) " 支" } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn trucks_view(trucks: &[OnVehicle]) -> Markup {
    html! {
        section.panel aria-labelledby="h-trucks" {
            h2 #h-trucks { "車上" }
            table.list.folds.tight {
                thead { tr { th scope="col" { "車號" } th scope="col" { "產品" } th.number scope="col" { "滿桶" } th.number scope="col" { "空桶" } } }
                tbody {
                    @for (at, one) in trucks.iter().enumerate() {
                        tr {
                            th.keep scope="row" {
                                @if at == 0 || trucks[at - 1].vehicle != one.vehicle {
                                    a href={ "/cylinders/movements?place=vehicle:" (one.vehicle) } { (one.plate) }
                                } @else { span.unseen { (one.plate) } }
                            }
                            td.keep { (one.product_name) }
                            td.number data-label="滿桶" { (qty(one.full)) }
                            td.number data-label="空桶" { (qty(one.empty)) }
                        }
                    }
                }
            }
        }
    }
}

/// What the list of movements was asked for, as it was typed.
struct Asked {
    filter: Filter,
    day: String,
    problem: Option<String>,
}

impl Asked {
    fn of(req: &Request) -> Asked {
        let day = req.query("day").unwrap_or_default().trim().to_owned();
        let read = if day.is_empty() { Ok(None) } else { roc::parse_near(&day, req.at.day()).map(Some) };
        let filter = Filter {
            place: req.query("place").and_then(|text| text.parse().ok()),
            product: req.query("product").and_then(|text| text.parse().ok()),
            kind: req.query("kind").and_then(Kind::from_word),
            on: read.as_ref().ok().copied().flatten(),
        };
        Asked { filter, day, problem: read.err() }
    }

    fn url(&self, before: Option<MovementId>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("place", self.filter.place.map(|place| place.to_string())),
            ("product", self.filter.product.map(|id| id.to_string())),
            ("kind", self.filter.kind.map(|kind| kind.word().to_owned())),
            ("day", (!self.day.is_empty()).then(|| self.day.clone())),
            ("before", before.map(|id| id.to_string())),
        ] {
            if let Some(value) = value {
                query.append_pair(name, &value);
            }
        }
        let query = query.finish();
        if query.is_empty() { "/cylinders/movements".to_owned() } else { format!("/cylinders/movements?{query}") }
    }
}

/// `GET /cylinders/movements?place=&product=&kind=&day=` is every movement, the newest first, a page at a time.
pub fn movements(app: &App, req: &Request) -> Result<Response> {
    let asked = Asked::of(req);
    let before: Option<MovementId> = req.query("before").and_then(|text| text.parse().ok());

    let (mut told, catalogue, vehicles, whose) = app.db.read(|conn| {
        let told = store::history(conn, &asked.filter, before, ROWS + 1)?;
        Ok((told, products::store::catalogue(conn)?, vehicles::store::list(conn)?, whose(conn, asked.filter.place)?))
    })?;

    let has_more = ROWS < told.len();
    told.truncate(ROWS);
    let places = [Place::Shop, Place::Supplier, Place::Scrap, Place::Outside].map(|place| (place, place.label().to_owned()));
    let places: Vec<(Place, String)> = places
        .into_iter()
        .chain(vehicles.iter().map(|vehicle| (Place::Vehicle(vehicle.id), vehicle.plate.clone())))
        .chain(
            asked.filter.place.filter(|place| matches!(place, Place::Customer(_))).map(|place| (place, whose.clone().unwrap_or_default())),
        )
        .collect();
    let answer = Page::new(app, req, "鋼瓶異動").room(Room::Dispatch).show(html! {
        div.head {
            div { h1.who { @if let Some(whose) = &whose { (whose) " " } span.soft[whose.is_some()] { "鋼瓶異動" } } p { "最新的在上面。送貨和裝車的，在那一站或那條路線收回。" } }
            p.acts { a.button.quiet href="/cylinders" data-key="Escape" { "回鋼瓶 " kbd { "Esc" } } }
        }
        form.line-form action="/cylinders/movements" {
            label { span.unseen { "地方" } select name="place" {
                option value="" { "所有地方" }
                @for (place, name) in &places { option value=(place) selected[asked.filter.place == Some(*place)] { (name) } }
            } }
            label { span.unseen { "產品" } select name="product" {
                option value="" { "所有產品" }
                @for product in catalogue.iter().filter(|product| is_kept(product)) {
                    option value=(product.id) selected[asked.filter.product == Some(product.id)] { (product.name) }
                }
            } }
            label { span.unseen { "異動" } select name="kind" {
                option value="" { "所有異動" }
                @for kind in Kind::ALL { option value=(kind.word()) selected[asked.filter.kind == Some(*kind)] { (kind.label()) } }
            } }
            label.from-day { "日期 " input.day name="day" value=(asked.day) maxlength="20" autocomplete="off"; }
            button { "看 " kbd { "Enter" } }
            @if asked.url(None) != "/cylinders/movements" { a href="/cylinders/movements" { "全部" } }
        }
        @if let Some(problem) = &asked.problem { (ui::refuse(problem)) }
        @if told.is_empty() { (ui::empty("沒有這樣的異動", "換個條件再看，或按 Esc 回鋼瓶。")) } @else {
            (views::history_view(req, &told, req.at))
            (pages_view(&asked, before, has_more, told.last()))
        }
    });
    Ok(if asked.problem.is_some() { answer.status(422) } else { answer })
}

/// The name of the customer or truck a list is about.
fn whose(conn: &Connection, place: Option<Place>) -> Result<Option<String>> {
    match place {
        Some(Place::Customer(id)) => Ok(Some(customers::store::get(conn, id)?.details.short_name)),
        Some(Place::Vehicle(id)) => Ok(Some(vehicles::store::get(conn, id)?.plate)),
        Some(Place::Shop | Place::Supplier | Place::Scrap | Place::Outside) | None => Ok(None),
    }
}

fn pages_view(asked: &Asked, before: Option<MovementId>, has_more: bool, last: Option<&Told>) -> Markup {
    html! {
        @if before.is_some() || has_more {
            nav.pages aria-label="頁" {
                span { "一頁 " (ROWS) " 筆" }
                span.acts {
                    @if before.is_some() { a.button href=(asked.url(None)) data-key="PageUp" { "最新的 " kbd { "PgUp" } } }
                    @if let (true, Some(last)) = (has_more, last) {
                        a.button href=(asked.url(Some(last.movement.id))) data-key="PageDown" { "更早的 " kbd { "PgDn" } }
                    }
                }
            }
        }
    }
}

/// `POST /cylinders/movements/{id}/undo` takes back one that somebody wrote by hand; a count and a correction are a
/// manager's.
pub fn undo(app: &App, req: &Request) -> Result<Response> {
    let id: MovementId = req.id(NOUN)?;

    let movement = app.db.write(|tx| {
        let movement = store::get(tx, id)?;
        if !by_hand::is_by_hand(&movement) {
            return Err(Error::conflict("movement is not by hand", "這一筆是送貨或裝車記的，要在那裡收回。"));
        }
        if by_hand::is_managers(movement.kind) {
            req.require(MANAGERS)?;
        }
        acts::undo(tx, id, req.by(), None)?;
        Ok(movement)
    })?;

    let back = req.form("back").filter(|back| back.starts_with("/cylinders") || back.starts_with("/customers/"));
    let say = format!("已收回：{} {} 支。", movement.kind.label(), movement.qty);
    Ok(Response::see_other(back.unwrap_or("/cylinders")).with_notice(&say))
}

/// The day of a list, for other pages of the slice.
pub(super) fn day_of(req: &Request) -> Result<Option<Day>> {
    match req.query("date").map(str::trim) {
        None | Some("") => Ok(None),
        Some(text) => text.parse().map(Some).map_err(|()| Error::invalid("date", "日期要像 2025-05-28。")),
    }
}
