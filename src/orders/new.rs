//! `/orders/new`: a call becomes an order. Who it is for, the form, what follows the typing, and saving it.

use maud::{Markup, html};
use percent_encoding::{CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use rusqlite::Connection;

use crate::app::App;
use crate::customers::search::Query;
use crate::customers::views::found_view;
use crate::customers::{self, Line};
use crate::error::{Error, Problem, Result};
use crate::http::{Method, Request, Response};
use crate::orders::desk::Desk;
use crate::orders::form::{self, Read};
use crate::orders::form_side::{head_view, side_view};
use crate::orders::form_view::{Drawing, Sheet, draft_view, form_view};
use crate::orders::take::{self, Taken};
use crate::orders::warnings::{Wanted, Warning, warnings};
use crate::orders::{Actor, Status, edit, steps, store, undo};
use crate::products;
use crate::settings::Settings;
use crate::ui::{self, Page, Room, Typed};
use crate::users::sign_in::local_path;
use crate::values::CustomerId;
use crate::values::phone::Phone;

/// As many callers with one number as there are digits to pick them with.
const FOUND: usize = 9;

/// `GET /orders/new` is the form for a customer, with the usual filled in; without one it asks who it is.
pub fn new(app: &App, req: &Request) -> Result<Response> {
    let settings = app.settings();
    if let Some(typed) = req.query("phone") {
        return by_phone(app, req, typed, &settings);
    }

    let drawn = app.db.read(|conn| {
        let Some(customer) = who(conn, req, &settings)? else { return Ok(None) };
        let desk = Desk::load(conn, customer, &settings, req.at)?;
        let typed = form::prefilled(&desk, req, &settings)?;
        let drawing = draw(conn, &desk, &typed, &settings)?;
        Ok(Some((desk, typed, drawing)))
    })?;

    match drawn {
        Some((desk, typed, drawing)) => Ok(form_page(app, req, &settings, &desk, &typed, &drawing, &[])),
        None => Ok(who_page(app, req)),
    }
}

/// `GET /orders/draft` answers what the form as it stands comes to: sums, and what is to be minded.
pub fn draft(app: &App, req: &Request) -> Result<Response> {
    let settings = app.settings();
    let typed = Typed(req.query.clone());
    if !typed.get("order").is_empty() {
        return edit::draft(app, req, &typed);
    }
    let customer = customer_of(&typed)?;

    let (desk, drawing) = app.db.read(|conn| {
        let desk = Desk::load(conn, customer, &settings, req.at)?;
        let drawing = draw(conn, &desk, &typed, &settings)?;
        Ok((desk, drawing))
    })?;

    Ok(Response::html(draft_view(&sheet(req, &settings, &desk, &typed, &drawing, &[]))))
}

/// `POST /orders` takes the order. What is refused comes back with the form as it was typed; so does, once, what is
/// to be minded and was not on the page yet.
pub fn create(app: &App, req: &Request) -> Result<Response> {
    let settings = app.settings();
    let typed = Typed::of(req);
    let customer = customer_of(&typed)?;
    let actor = Actor::of(req);

    let (desk, mut read, drawing, is_sent_again) = app.db.read(|conn| {
        let desk = Desk::load(conn, customer, &settings, req.at)?;
        let mut read = form::read(&typed, &desk, &settings);
        let is_sent_again = is_sent_again(conn, &read)?;
        let (_, refusals) = take::check(conn, &desk.customer, &read.new, Status::Confirmed, actor, &settings)?;
        read.add_refusals(refusals);
        let drawing = draw(conn, &desk, &typed, &settings)?;
        Ok((desk, read, drawing, is_sent_again))
    })?;
    let is_ready = read.problems.is_empty() && are_seen(&typed, &drawing.warnings);
    if !is_ready && !is_sent_again {
        return Ok(form_page(app, req, &settings, &desk, &typed, &drawing, &read.problems).status(422));
    }
    let taken = app.db.write(|tx| {
        let taken = take::take(tx, &read.new, Status::Confirmed, actor, &settings)?;
        if let Taken::New(order) = &taken
            && read.is_over_the_counter
        {
            steps::hand_over(tx, order.id, actor)?;
        }
        Ok(taken)
    });

    match taken {
        Ok(taken) => saved(app, req, &typed, &desk, &taken, read.is_over_the_counter),
        // Something has changed since it was read, a moment ago.
        Err(Error::Invalid(refusals)) => {
            read.add_refusals(refusals);
            Ok(form_page(app, req, &settings, &desk, &typed, &drawing, &read.problems).status(422))
        }
        Err(error) => Err(error),
    }
}

/// Whether this form has made its order already, so that nothing about it is asked again.
fn is_sent_again(conn: &Connection, read: &Read) -> Result<bool> {
    Ok(match &read.new.form_key {
        Some(key) => store::find_by_form_key(conn, key)?.is_some(),
        None => false,
    })
}

/// Whether the page the form was sent from showed every warning there is.
fn are_seen(typed: &Typed, warnings: &[Warning]) -> bool {
    warnings.iter().all(|warning| typed.get("seen").split(' ').any(|seen| seen == warning.key))
}

/// Back to the card, or to where the clerk came from.
fn saved(app: &App, req: &Request, typed: &Typed, desk: &Desk, taken: &Taken, is_over_the_counter: bool) -> Result<Response> {
    let order = taken.order();
    let say = match taken {
        Taken::Again(_) => format!("這張單已經存過了，是 {}。", order.short_number()),
        Taken::New(_) if is_over_the_counter => {
            format!("已存，{}。{}，收現金 {}。", order.short_number(), order.items(), order.totals.total)
        }
        Taken::New(_) => format!("已存，{}。", order.short_number()),
    };
    let to = utf8_percent_encode(&back(typed, desk), CONTROLS).to_string();
    match taken {
        Taken::Again(_) => Ok(Response::see_other(to).with_notice(&say)),
        Taken::New(_) => undo::done(app, req, to, &say),
    }
}

fn back(typed: &Typed, desk: &Desk) -> String {
    match local_path(typed.get("back")) {
        "/" if desk.customer.is_walk_in => "/".to_owned(),
        "/" => format!("/customers/{}", desk.customer.id),
        back => back.to_owned(),
    }
}

// Whom it is for.

fn who(conn: &Connection, req: &Request, settings: &Settings) -> Result<Option<CustomerId>> {
    if req.query("walk_in").is_some() {
        return customers::store::walk_in_account(conn, &settings.walk_in_code);
    }
    Ok(req.query("customer").and_then(|id| id.parse().ok()))
}

fn customer_of(typed: &Typed) -> Result<CustomerId> {
    typed.get("customer").parse().map_err(|()| Error::BadRequest("the order form names no customer"))
}

/// A caller's number: one customer has it, several have, or nobody.
fn by_phone(app: &App, req: &Request, typed: &str, settings: &Settings) -> Result<Response> {
    let Ok(phone) = Phone::parse(typed, &settings.area_code) else {
        return Ok(Response::see_other(format!("/customers?q={}&for=order", encoded(typed))));
    };

    let query = Query::new(&phone.national_digits());
    let lines = app.db.read(|conn| {
        let found = app.finder.find(conn, &query, 0, 50)?;
        let mut lines = customers::store::lines(conn, &found.ids)?;
        lines.retain(|line| line.phones.iter().any(|have| have.e164 == phone.e164));
        lines.truncate(FOUND);
        Ok(lines)
    })?;

    match lines.as_slice() {
        [one] => Ok(Response::see_other(form_url(one.id))),
        lines => Ok(callers_page(app, req, &phone, lines, &query)),
    }
}

fn form_url(customer: CustomerId) -> String {
    format!("/orders/new?customer={customer}")
}

fn callers_page(app: &App, req: &Request, phone: &Phone, lines: &[Line], query: &Query) -> Response {
    let page = Page::new(app, req, "新訂單").room(Room::Orders).finds_for_an_order().script("order.js");
    let page = if lines.is_empty() { page.search_first() } else { page };
    page.show(html! {
        div.head {
            div {
                h1 { (phone.to_string()) }
                @if lines.is_empty() { p { "沒有客戶用這支電話。" } } @else { p { (ui::count(lines.len() as i64)) " 位客戶用這支電話，是哪一位？" } }
            }
        }
        @if !lines.is_empty() {
            ol.results data-rows="" aria-label="用這支電話的客戶" {
                @for (at, line) in lines.iter().enumerate() {
                    li {
                        a href=(form_url(line.id)) data-row=(at + 1) class=[(at == 0).then_some("here")] aria-current=[(at == 0).then_some("true")] {
                            kbd { (at + 1) } (found_view(line, query, req.at.day()))
                        }
                    }
                }
            }
        }
        (others_view(Some(phone)))
    })
}

/// The search has the caret; who it finds gets the form.
fn who_page(app: &App, req: &Request) -> Response {
    Page::new(app, req, "新訂單").room(Room::Orders).finds_for_an_order().search_first().script("order.js").show(html! {
        div.head { div { h1 { "新訂單" } p { "是哪一位？在上面打名字、編號、電話末幾碼或地址。" } } }
        @if req.query("walk_in").is_some() {
            (ui::refuse("還沒有散客帳。請經理在客戶卡上把一位客戶設成散客帳。"))
        }
        (others_view(None))
    })
}

/// Who is in no list: somebody new, somebody passing by.
fn others_view(phone: Option<&Phone>) -> Markup {
    let new = phone.map_or_else(|| "/customers/new".to_owned(), |phone| format!("/customers/new?phone={}", encoded(&phone.to_string())));
    html! {
        div.ways-out {
            a.button href="/orders/new?walk_in=1" data-key="w" accesskey="w" data-from-search="w" { "散客，不建客戶 " kbd { "W" } }
            a.button href=(new) data-key="a" {
                @match phone { Some(phone) => { "建新客戶，電話先填 " (phone.to_string()) " " }, None => "建新客戶 " }
                kbd { "A" }
            }
        }
    }
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

// The form.

fn draw(conn: &Connection, desk: &Desk, typed: &Typed, settings: &Settings) -> Result<Drawing> {
    let read = form::read(typed, desk, settings);
    let prices = products::store::prices(conn, Some(desk.customer.id), read.new.scheduled_on)?;
    let warnings = match read.day {
        Some(day) if !read.is_over_the_counter => {
            let sizes = read.new.lines.iter().filter_map(|line| desk.product(line.product_id)?.size_kg());
            warnings(&desk.facts(settings), &Wanted { day, window: read.window, largest_kg: sizes.max() })
        }
        _ => Vec::new(),
    };
    Ok(Drawing::of(typed, &read, desk, &prices, warnings))
}

/// What the form is drawn from.
pub(super) fn sheet<'a>(
    req: &Request,
    settings: &'a Settings,
    desk: &'a Desk,
    typed: &'a Typed,
    drawing: &'a Drawing,
    problems: &'a [Problem],
) -> Sheet<'a> {
    Sheet {
        desk,
        typed,
        problems,
        warnings: &drawing.warnings,
        sums: &drawing.sums,
        settings,
        is_manager: Actor::of(req).is_manager(),
        is_held: false,
        order: None,
    }
}

fn form_page(
    app: &App,
    req: &Request,
    settings: &Settings,
    desk: &Desk,
    typed: &Typed,
    drawing: &Drawing,
    problems: &[Problem],
) -> Response {
    let name = &desk.customer.details.short_name;
    let title = format!("新訂單：{name}");
    let refusal = take::refused_customer(&desk.customer);
    let is_held = req.method == Method::Post && problems.is_empty();
    let sheet = Sheet { is_held, ..sheet(req, settings, desk, typed, drawing, problems) };
    let hidden = html! {
        (ui::csrf_field(req))
        @for field in ["customer", "form_key", "origin", "back"] {
            @if !typed.get(field).is_empty() { input type="hidden" name=(field) value=(typed.get(field)); }
        }
    };
    Page::new(app, req, &title).room(Room::Orders).finds_for_an_order().script("order.js").show(html! {
        (head_view(desk, &back(typed, desk)))
        div.columns.side {
            @match &refusal {
                Some(problem) if problems.is_empty() => section.panel { (ui::refuse(&problem.say)) },
                _ => (form_view(&sheet, hidden)),
            }
            (side_view(desk))
        }
    })
}
