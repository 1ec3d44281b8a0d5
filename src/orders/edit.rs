//! Changing an order on its page: the form of a new one over what stands there, and what happens when two people do so
//! at once.

use maud::{Markup, html};
use rusqlite::Connection;
use serde_json::{Map, Value};

use crate::app::App;
use crate::error::{Error, Problem, Result};
use crate::http::{Request, Response};
use crate::journal;
use crate::orders::change::{change, kept};
use crate::orders::desk::Desk;
use crate::orders::edit_view::{Stale, head_view, stale_view};
use crate::orders::form::{self, OTHER, Read, spoken, window_word};
use crate::orders::form_side::side_view;
use crate::orders::form_view::{Drawing, Sheet, draft_view, form_view};
use crate::orders::new;
use crate::orders::pages::again;
use crate::orders::steps::settled;
use crate::orders::warnings::{Wanted, Warning, warnings};
use crate::orders::{Actor, NOUN, NewLine, NewOrder, Order, fields, store, undo};
use crate::products::{self, Price};
use crate::settings::Settings;
use crate::ui::{self, FormReader, Page, Room, Typed};
use crate::values::{Ntd, OrderId};

/// What the page is drawn from.
struct Bench {
    order: Order,
    desk: Desk,
    typed: Typed,
    /// The one `typed` was typed over.
    version: i64,
    drawing: Drawing,
    problems: Vec<Problem>,
    /// Somebody else saved in between.
    stale: Option<Stale>,
    /// Something to be minded has come up since the form was drawn.
    is_held: bool,
}

/// `GET /orders/{id}/edit` is the form as the order stands.
pub fn edit(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let settings = app.settings();

    let drawn = app.db.read(|conn| {
        let (order, desk) = load(conn, id, &settings, req)?;
        if let Some(error) = settled(&order) {
            return Ok(Err(error));
        }
        let typed = typed_of(&order, &NewOrder::of(&order), &desk);
        let drawing = draw(conn, &order, &desk, &typed, &settings)?;
        let version = order.version;
        Ok(Ok(Bench { order, desk, typed, version, drawing, problems: Vec::new(), stale: None, is_held: false }))
    })?;

    match drawn {
        Ok(bench) => Ok(page(app, req, &settings, &bench)),
        Err(error) => again(app, req, id, None, error),
    }
}

/// The sums and warnings of the form as it stands, for `GET /orders/draft` with an `order`.
pub fn draft(app: &App, req: &Request, typed: &Typed) -> Result<Response> {
    let id: OrderId = typed.get("order").parse().map_err(|()| Error::BadRequest("the form names no order"))?;
    let settings = app.settings();

    let (order, desk, drawing) = app.db.read(|conn| {
        let (order, desk) = load(conn, id, &settings, req)?;
        let drawing = draw(conn, &order, &desk, typed, &settings)?;
        Ok((order, desk, drawing))
    })?;

    Ok(Response::html(draft_view(&sheet(req, &settings, &order, &desk, typed, &drawing, &[]))))
}

/// `POST /orders/{id}/edit` writes what changed. 422 with the form as typed when something is wrong or, once, when
/// something is to be minded; 409 with both values when somebody else was faster.
pub fn save(app: &App, req: &Request) -> Result<Response> {
    let id = req.id(NOUN)?;
    let settings = app.settings();
    let typed = Typed::of(req);
    let version = typed.get("version").parse().map_err(|_| Error::BadRequest("the form has no version"))?;

    let looked = app.db.read(|conn| {
        let (order, desk) = load(conn, id, &settings, req)?;
        let seen = as_it_was(conn, &order, version)?;
        let read = form::read_over(&typed, &seen.order, &desk, &settings);
        if order.version != version && read.problems.is_empty() {
            let wanted = kept(&seen.order, &read.new);
            if fields::wanted(&wanted) == fields::wanted(&NewOrder::of(&order)) {
                return Ok(Looked::Same(Box::new(order)));
            }
            return stale(conn, order, desk, seen, wanted, &settings).map(Looked::Again);
        }
        let drawing = draw(conn, &order, &desk, &typed, &settings)?;
        let is_seen = drawing.warnings.iter().all(|warning| typed.get("seen").split(' ').any(|seen| seen == warning.key));
        let is_held = read.problems.is_empty() && !is_seen && settled(&order).is_none();
        let is_ready = read.problems.is_empty() && !is_held;
        let problems = read.problems.clone();
        let bench = Box::new(Bench { order, desk, typed: typed.clone(), version, drawing, problems, stale: None, is_held });
        Ok(if is_ready { Looked::Ready(bench, Box::new(read)) } else { Looked::Again(bench) })
    })?;
    let (mut bench, mut read) = match looked {
        Looked::Ready(bench, read) => (bench, read),
        // Sent twice, or two people of one mind.
        Looked::Same(order) => {
            return Ok(Response::see_other(format!("/orders/{id}")).with_notice(&format!("已存，{}。", order.short_number())));
        }
        Looked::Again(bench) if settled(&bench.order).is_some() => {
            let error = settled(&bench.order).unwrap_or(Error::Forbidden);
            return again(app, req, id, None, error);
        }
        Looked::Again(bench) => {
            let status = if bench.stale.is_some() { 409 } else { 422 };
            return Ok(page(app, req, &settings, &bench).status(status));
        }
    };
    let saved = app.db.write(|tx| {
        let before = store::get(tx, id)?;
        if before.version != version {
            return Err(Error::conflict("order is not at that version", "這張單剛剛被別人改過，你的還沒存。"));
        }
        change(tx, &before, &read.new, Actor::of(req), &settings)
    });

    match saved {
        Ok(after) => {
            let say = said(&bench.order, &after);
            undo::done(app, req, format!("/orders/{id}"), &say)
        }
        Err(Error::Invalid(refusals)) => {
            read.add_refusals(refusals);
            bench.problems = read.problems;
            Ok(page(app, req, &settings, &bench).status(422))
        }
        Err(error) => again(app, req, id, None, error),
    }
}

enum Looked {
    Ready(Box<Bench>, Box<Read>),
    /// It stands there already.
    Same(Box<Order>),
    Again(Box<Bench>),
}

fn said(before: &Order, after: &Order) -> String {
    let number = before.short_number();
    if before.version == after.version {
        format!("{number} 沒有改。")
    } else if before.driver_id.is_some() && after.driver_id.is_none() {
        format!("已存，{number}。改了日期，已從司機那裡收回，要再派。")
    } else if before.driver_id.is_some() {
        format!("已存，{number}。要告訴司機。")
    } else {
        format!("已存，{number}。")
    }
}

fn load(conn: &Connection, id: OrderId, settings: &Settings, req: &Request) -> Result<(Order, Desk)> {
    let order = store::get(conn, id)?;
    let mut desk = Desk::load(conn, order.customer_id, settings, req.at)?;
    desk.open.retain(|open| open.id != id);
    // What is usual was asked when it was taken, and this order is part of it.
    desk.usual = None;
    Ok((order, desk))
}

// What stands in the form.

/// The fields of the form that say `wanted` of `order`. A price is only filled in where it is not the one taken.
fn typed_of(order: &Order, wanted: &NewOrder, desk: &Desk) -> Typed {
    let mut typed = Typed::default();
    let unpriced = wanted.lines.iter().map(|line| NewLine { unit_price: None, ..line.clone() });
    let taken = kept(order, &NewOrder { lines: unpriced.collect(), ..wanted.clone() });
    for (line, taken) in wanted.lines.iter().zip(&taken.lines) {
        let price = line.unit_price.filter(|price| Some(*price) != taken.unit_price);
        typed.push("product", line.product_id.to_string());
        typed.push("qty", line.qty.to_string());
        typed.push("discount", if line.discount_percent == 0 { String::new() } else { line.discount_percent.to_string() });
        typed.push("price", price.map_or(String::new(), |price| price.0.to_string()));
    }
    let day = wanted.scheduled_on;
    if form::offered_days(desk.now.day()).contains(&day) {
        typed.push("day", day.to_string());
    } else {
        typed.push("day", OTHER);
        typed.push("day_text", spoken(day));
    }
    if desk.windows(day).contains(&wanted.window) {
        typed.push("window", window_word(wanted.window));
    } else {
        typed.push("window", OTHER);
        typed.push("window_text", wanted.window.to_string());
    }
    typed.push("payment", wanted.payment.word());
    if wanted.is_urgent {
        typed.push("is_urgent", "1");
    }
    if wanted.surcharge != Ntd(0) {
        typed.push("surcharge", wanted.surcharge.0.to_string());
    }
    let texts = [
        ("surcharge_label", &wanted.surcharge_label),
        ("notes", &wanted.notes),
        ("delivery_address", &wanted.delivery_address),
        ("contact_name", &wanted.contact_name),
        ("contact_phone", &wanted.contact_phone),
    ];
    for (name, text) in texts {
        typed.push(name, text.clone().unwrap_or_default());
    }
    typed
}

fn draw(conn: &Connection, order: &Order, desk: &Desk, typed: &Typed, settings: &Settings) -> Result<Drawing> {
    let read = form::read_over(typed, order, desk, settings);
    let mut prices = products::store::prices(conn, Some(order.customer_id), read.new.scheduled_on)?;
    for line in &order.lines {
        if let Some(unit) = line.unit_price {
            prices.0.insert(line.product_id, Price { unit, is_own: false });
        }
    }
    let warnings = to_mind(order, &read, desk, settings);
    Ok(Drawing::of(typed, &read, desk, &prices, warnings))
}

/// What is to be minded about a change: only of a day, a window or a size that was not there before.
fn to_mind(order: &Order, read: &Read, desk: &Desk, settings: &Settings) -> Vec<Warning> {
    let largest = |order: &NewOrder| order.lines.iter().filter_map(|line| desk.product(line.product_id)?.size_kg()).max();
    let (was, largest_kg) = (largest(&NewOrder::of(order)), largest(&read.new));
    let is_moved = read.new.scheduled_on != order.scheduled_on || read.new.window != order.window;
    match read.day {
        Some(day) if (is_moved || was < largest_kg) && !desk.customer.is_walk_in => {
            warnings(&desk.facts(settings), &Wanted { day, window: read.window, largest_kg })
        }
        _ => Vec::new(),
    }
}

// Two at once.

/// The order a form was drawn from, and who has changed it since.
struct Seen {
    order: Order,
    who: Option<String>,
}

fn as_it_was(conn: &Connection, order: &Order, version: i64) -> Result<Seen> {
    if version == order.version {
        return Ok(Seen { order: order.clone(), who: None });
    }
    let (before, who) = journal::changed_since(conn, NOUN, order.id.0, version)?;
    let before = fields::as_it_was(order, &before).unwrap_or_else(|| order.clone());
    Ok(Seen { order: before, who })
}

/// The form with what was typed laid over what is now: only what was changed in it.
fn stale(conn: &Connection, order: Order, desk: Desk, seen: Seen, wanted: NewOrder, settings: &Settings) -> Result<Box<Bench>> {
    let was = fields::wanted(&NewOrder::of(&seen.order));
    let mine: Map<String, Value> = fields::wanted(&wanted).into_iter().filter(|(name, value)| was.get(name) != Some(value)).collect();
    let mut merged = NewOrder::of(&order);
    // Both halves come from a window that was one.
    let is_merged = merged.overlay(FormReader::json(Value::Object(mine))).is_ok();
    if !is_merged {
        merged = wanted.clone();
    }
    let typed = typed_of(&order, &merged, &desk);
    let drawing = draw(conn, &order, &desk, &typed, settings)?;
    let stale = Some(Stale { was: NewOrder::of(&seen.order), wanted, who: seen.who });
    let version = order.version;
    Ok(Box::new(Bench { order, desk, typed, version, drawing, problems: Vec::new(), stale, is_held: false }))
}

// The page.

fn sheet<'a>(
    req: &Request,
    settings: &'a Settings,
    order: &'a Order,
    desk: &'a Desk,
    typed: &'a Typed,
    drawing: &'a Drawing,
    problems: &'a [Problem],
) -> Sheet<'a> {
    Sheet { order: Some(order), ..new::sheet(req, settings, desk, typed, drawing, problems) }
}

fn page(app: &App, req: &Request, settings: &Settings, bench: &Bench) -> Response {
    let Bench { order, desk, typed, version, drawing, problems, stale, is_held } = bench;
    let title = format!("改 {} {}", order.short_number(), desk.customer.details.short_name);
    let sheet = Sheet { is_held: *is_held, ..sheet(req, settings, order, desk, typed, drawing, problems) };
    Page::new(app, req, &title).room(Room::Orders).script("order.js").show(html! {
        (head_view(order, desk))
        @if let Some(stale) = stale { (stale_view(stale, order, desk, req)) }
        div.columns.side {
            (form_view(&sheet, hidden_view(req, order, *version)))
            (side_view(desk))
        }
    })
}

/// The fields nobody sees.
fn hidden_view(req: &Request, order: &Order, version: i64) -> Markup {
    html! {
        (ui::csrf_field(req))
        input type="hidden" name="version" value=(version);
        input type="hidden" name="order" value=(order.id);
    }
}
